"""The rules of names and text: what is cleaned, what is refused, and which names look alike."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, normalize

from chatservice.domain.confusables import TABLE
from chatservice.domain.errors import BadName, EmptyText, TooLong
from chatservice.domain.limits import Limits

# Parts of character classes. Those from `_BIDI` to `_HIDDEN` are all of Unicode's
# Default_Ignorable_Code_Point, and the interlinear annotation marks.
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_JOINERS = r"\u200c\u200d"
_SELECTORS = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_HIDDEN = (
    r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    r"\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_BLANK = r"\u2800"
_LINE_BREAKS = r"\u2028\u2029"
_SURROGATES = r"\ud800-\udfff"

_ODD = re.compile(f"[{_CONTROLS}{_BIDI}{_HIDDEN}{_JOINERS}{_SELECTORS}{_LINE_BREAKS}{_SURROGATES}]")
_GONE = re.compile(f"[{_CONTROLS}{_BIDI}{_HIDDEN}]+")
_UNSEEN_FIRST = re.compile(
    rf"\A[\n{_CONTROLS}{_BIDI}{_HIDDEN}{_JOINERS}{_SELECTORS}{_LINE_BREAKS}]+"
)
_BREAK = re.compile(f"[{_LINE_BREAKS}]")
_SURROGATE = re.compile(f"[{_SURROGATES}]")
# A joiner or a selector does its job after something visible, once.
_LOOSE = re.compile(
    rf"(?<![^\s{_BLANK}])[{_JOINERS}{_SELECTORS}]+"
    rf"|(?<=[{_JOINERS}])[{_JOINERS}{_SELECTORS}]+"
    rf"|(?<=[{_SELECTORS}])[{_SELECTORS}]+"
)
_TAIL = "".join(char for char in map(chr, range(0x3001)) if char.isspace()) + "\u2800"

_WHITE = re.compile(r"\s+")
_NEVER_IN_NAMES = re.compile(r"[|,()<>#:@!*?]")
_NEVER_FIRST_IN_NICKS = "+$~&%"
"""IRC's marks of roles and of masks (Modern, "Clients"), besides those that are in no name."""
# Printable as Python has it, yet nothing is seen: fillers, a null note head, an object's place.
_UNSEEN = re.compile(rf"[ {_SELECTORS}{_HIDDEN}{_BLANK}\U00016fe4\U0001d159\ufffc]")
_MARKS_IN_A_ROW = 3
_ID_LOOK = re.compile(r"[0-9Ol]{6}")

_UNSAFE_ON_SCREEN = re.compile(
    rf"[{_CONTROLS}\t\n{_BIDI}{_LINE_BREAKS}{_SURROGATES}\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def clean_text(raw: str, limits: Limits) -> str:
    """The text as it is kept and passed on: NFC, no controls but tab and LF, nothing hidden.

    Raises `EmptyText` if nothing is left and `TooLong` past `limits.text_characters`.
    """
    text = raw.rstrip() if raw.isascii() and raw.isprintable() else _cleaned(raw)
    if not text:
        raise EmptyText("A message needs some text.")
    if len(text) > limits.text_characters:
        raise TooLong(f"A message holds at most {limits.text_characters} characters.")
    return text


def visible(line: str) -> str:
    """The line from where it can be seen: what `clean_text` takes away may not hide a command."""
    return line if " " <= line[:1] <= "~" else _UNSEEN_FIRST.sub("", line)


def one_line(text: str) -> str:
    """The text for places that have one line only: a space for each LF and each tab."""
    return text.replace("\n", " ").replace("\t", " ")


def clean_line(raw: str, limits: Limits, most: int, what: str) -> str:
    """A topic, a reason or the like: one clean line, or nothing. Raises `TooLong`."""
    if not raw.strip():
        return ""
    line = one_line(clean_text(raw, limits)).strip()
    if len(line) > most:
        raise TooLong(f"{what} has at most {most} characters; this one has {len(line)}.")
    return line


def clean_nick(raw: str, limits: Limits) -> str:
    """The nick as it is shown: NFC, with `_` for white space.

    Raises `BadName` for what nicks never hold or look like, `TooLong` past the limit.
    """
    return _clean_nick(raw, limits.nick_characters)


def new_nick(raw: str, limits: Limits) -> str:
    """The same for a nick that is to be taken; accounts from before may begin with more.

    Raises `BadName` for those beginnings too.
    """
    nick = clean_nick(raw, limits)
    if normalize("NFKC", nick)[0] in _NEVER_FIRST_IN_NICKS:
        raise BadName("A nick cannot begin with + $ ~ & % or their look-alikes.")
    return nick


@lru_cache(maxsize=256)
def _clean_nick(raw: str, most: int) -> str:
    """The same; a wire asks for it, and then the chat."""
    nick = _WHITE.sub("_", normalize("NFC", raw).strip())
    _check_name(nick, "nick", most)
    compatible = normalize("NFKC", nick)
    if compatible[0].isdigit():
        raise BadName("A nick cannot begin with a digit; begin it with a letter.")
    if _ID_LOOK.fullmatch(skeleton(compatible)):
        raise BadName("This nick looks like somebody's id; please take another one.")
    if _letters(nick) & _RESERVED:
        raise BadName("This nick looks like the server's own; please take another one.")
    return nick


def clean_realname(raw: str | None, limits: Limits) -> str | None:
    """What somebody tells about itself, in one line; None for nothing. Raises `TooLong`."""
    line = one_line(_cleaned(raw or "")).strip()
    if len(line) > limits.realname_characters:
        raise TooLong(f"A real name has at most {limits.realname_characters} characters.")
    return line or None


def folded(name: str) -> str:
    """A name in its one case; there, as IRC has it, `[`, `]` and `~` are `{`, `}` and `^`."""
    return normalize("NFKC", normalize("NFKC", name).casefold()).translate(_LOWER)


_LOWER = str.maketrans("[]~", "{}^")
"""What CASEMAPPING=rfc1459 counts as lower case, but for a character that names never hold."""


def clean_room(raw: str, limits: Limits) -> str:
    """The room's one name, without `#`: NFKC, case-folded, with `-` for white space.

    Raises `BadName` for what room names never hold, `TooLong` past the limit.
    """
    room = _WHITE.sub("-", folded(raw).strip().removeprefix("#").strip())
    _check_name(room, "room name", limits.room_characters)
    return room


@lru_cache(maxsize=256)
def name_keys(name: str) -> frozenset[str]:
    """What a nick counts as taken under: two nicks are alike if they share a key.

    One key is of its folded form's look, one is of its own look, folded.
    """
    look = skeleton(normalize("NFKC", name)).casefold()
    return frozenset((skeleton(folded(name)), skeleton(look.translate(_LOWER))))


def skeleton(text: str) -> str:
    """What the text looks like (UTS 39): equal for texts that are confusable."""
    return normalize("NFD", normalize("NFD", text).translate(TABLE))


def neutral(text: str) -> str:
    """The text for terminals and logs: U+FFFD for all that could steer them, LF and tab too."""
    return text if text.isprintable() else _UNSAFE_ON_SCREEN.sub("\ufffd", text)


def _cleaned(raw: str) -> str:
    text = raw
    if _ODD.search(raw):
        text = _SURROGATE.sub("\ufffd", _BREAK.sub("\n", _GONE.sub("", raw)))
        text = _LOOSE.sub("", text)
    return normalize("NFC", text).lstrip("\n").rstrip(_TAIL)


def _check_name(name: str, what: str, limit: int) -> None:
    if not name:
        raise BadName(f"A {what} cannot be empty.")
    if len(name) > limit:
        raise TooLong(f"A {what} has at most {limit} characters; this one has {len(name)}.")
    if name.isascii() and name.isalnum():
        return
    for form in (name, normalize("NFKC", name)):
        if form.startswith("/"):
            raise BadName(f"A {what} cannot begin with / because commands do.")
        if _NEVER_IN_NAMES.search(form):
            raise BadName(
                f"A {what} cannot hold any of | , ( ) < > # : @ ! * ? or their look-alikes."
            )
        if not form.isprintable() or _UNSEEN.search(form):
            raise BadName(f"A {what} cannot hold control, invisible or unassigned characters.")
        kinds = "".join(category(char)[0] for char in form)
        if kinds.startswith("M") or "M" * (_MARKS_IN_A_ROW + 1) in kinds:
            raise BadName(
                f"A {what} can have up to {_MARKS_IN_A_ROW} accents on a letter, none before it."
            )
        if not set("LNS") & set(kinds):
            raise BadName(f"A {what} needs a letter, a digit or a symbol.")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 person`, `2 people`; `many` is `one` with an s unless it is given."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


@lru_cache(maxsize=256)
def _letters(name: str) -> frozenset[str]:
    """The name's keys less everything that only decorates them."""
    return frozenset("".join(filter(str.isalnum, key)) for key in name_keys(name))


_SERVICES = ("nickserv", "chanserv", "memoserv", "operserv", "authserv", "services")
"""To whom clients of other networks are set to say passwords by themselves."""

_RESERVED = frozenset[str]().union(*map(_letters, ("server", "system", *_SERVICES)))
