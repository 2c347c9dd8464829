"""One line of IRC: taken apart, and made of its parts so that no part can be another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from chatservice.domain.errors import BadInput, TooLong

BODY_BYTES = 510
"""Of a line without its tags and its end (RFC 1459, section 2.3)."""

TAG_BYTES = 4094
"""Of the tags that a client sends, without `@` and the space (message-tags, "Size limit")."""

_TEXT_VERBS = {
    *("AWAY", "CAP", "ERROR", "KICK", "NOTICE", "PART", "PRIVMSG", "QUIT", "SETNAME", "TOPIC"),
    *("WALLOPS", "301", "311", "314", "319", "332", "352", "353", "372"),
}
"""Lines that end with a text: there are clients that look for its colon."""

_ALL_TEXT = {"ERROR", "QUIT"}
"""Those of them that have no other parameter."""

_ESCAPED = {";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n"}
_UNESCAPED = {escaped[1]: plain for plain, escaped in _ESCAPED.items()}
_ESCAPE = str.maketrans(_ESCAPED)
_ENDS = str.maketrans({"\r": " ", "\n": " ", "\0": None})
_TO_ESCAPE = re.compile(r"[; \\\r\n]")
_ODD = re.compile(r"[\r\n\0]")
_NUMERIC = re.compile(r"[0-9]{3}")


@dataclass(slots=True)
class Line:
    """A line; tags without a value have an empty one. One that is not `timed` gets no time.

    Nobody changes one; it is not frozen because that takes twice as long, and there are many.
    """

    verb: str
    params: tuple[str, ...] = ()
    source: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    timed: bool = True

    def body(self) -> bytes:
        """The line without tags and line end, whatever its length."""
        verb, params = self.verb, self.params
        head = verb if self.source is None else f":{word(self.source)} {verb}"
        is_text = verb in _TEXT_VERBS
        if len(params) > 1 and verb.isdigit():  # to whom a numeric is, then what many are told
            head = f"{head} {word(params[0])} "
            return head.encode("utf-8", "replace") + _ending(params[1:], is_text)
        if params:
            is_text = is_text and (len(params) > 1 or verb in _ALL_TEXT)
            head = " ".join([head, *_words(params, is_text)])
        return head.encode("utf-8", "replace")

    def tagged(self, tags: Mapping[str, str]) -> Line:
        """The line with these tags instead of its own."""
        return Line(
            verb=self.verb, params=self.params, source=self.source, tags=tags, timed=self.timed
        )

    def plain(self) -> bytes:
        """The line without tags, and with its end; if it is too long, it is cut.

        It is never cut inside a character.
        """
        body = self.body()
        return (body if len(body) <= BODY_BYTES else cut(body, BODY_BYTES)) + b"\r\n"

    def render(self, tags: Mapping[str, str] | None = None) -> bytes:
        """The same with its tags, or with these instead if any are given."""
        tags = self.tags if tags is None else tags
        return _tag_data(tags) + self.plain() if tags else self.plain()


def _tag_data(tags: Mapping[str, str]) -> bytes:
    words = [f"{key}={_escaped(value)}" if value else key for key, value in tags.items()]
    text = f"@{';'.join(words)} ".replace("\0", "")
    return text.encode("utf-8", "replace")


def _escaped(value: str) -> str:
    return value.translate(_ESCAPE) if _TO_ESCAPE.search(value) else value


@lru_cache(maxsize=1024)
def word(text: str) -> str:
    """A text as one word in the middle of a line; the same few stand in most lines."""
    if text and not (" " in text or text[0] == ":" or _ODD.search(text)):
        return text
    return text.translate(_ENDS).replace(" ", "_").lstrip(":") or "*"


def _words(params: tuple[str, ...], is_text: bool) -> list[str]:
    """Parameters as they stand in a line, which they end: the last of them may be a text."""
    *words, last = params
    last = last if last.isprintable() else last.translate(_ENDS)
    bare = last and not (is_text or last[0] == ":" or " " in last)
    return [*map(word, words), last if bare else f":{last}"]


@lru_cache(maxsize=256)
def _ending(params: tuple[str, ...], is_text: bool) -> bytes:
    """The same as bytes; whoever comes is told much that was told to the one before."""
    return " ".join(_words(params, is_text)).encode("utf-8", "replace")


def split(unit: bytes) -> tuple[dict[str, str], bytes]:
    """The tags of a line that a client sent, and the rest. Raises `TooLong` past the limit."""
    rest = unit.rstrip(b"\r\n").replace(b"\0", b"").lstrip(b" ")
    if b"\n" in rest:
        raise BadInput("A message can have one line of IRC only.")
    if not rest.startswith(b"@"):
        return {}, rest
    data, _, rest = rest[1:].partition(b" ")
    if len(data) > TAG_BYTES:
        raise TooLong("Input line was too long")
    return dict(_tags(data.decode("utf-8", "replace"))), rest.lstrip(b" ")


def parse(tags: Mapping[str, str], rest: bytes) -> Line:
    """The line of these tags and this rest, as `split` gives them; bad UTF-8 becomes U+FFFD.

    Raises `TooLong` past the limit, `BadInput` for what is no line at all.
    """
    if len(rest) > BODY_BYTES:
        raise TooLong("Input line was too long")
    text = rest.decode("utf-8", "replace").replace("\r", "")
    source = None
    if text[:1] == ":":
        source, _, text = text[1:].partition(" ")
    middle, colon, last = text.partition(" :")
    words = middle.split(" ")
    if "" in words:
        words = [*filter(None, words)]
    verb = _verb(words[0]) if words else ""
    if not verb:
        raise BadInput("This is not a line of IRC.")
    params = (*words[1:], last) if colon else tuple(words[1:])
    return Line(verb, params, source, tags)


@lru_cache(maxsize=256)
def _verb(text: str) -> str:
    """A word as the verb or number that it is, or nothing."""
    is_verb = text.isascii() and (text.isalpha() or _NUMERIC.fullmatch(text))
    return text.upper() if is_verb else ""


def cut(data: bytes, most: int) -> bytes:
    """The first bytes, at most that many, never a part of a character."""
    if len(data) <= most:
        return data
    while most and data[most] & 0xC0 == 0x80:
        most -= 1
    return data[:most]


def pieces(text: str, most: int) -> Iterator[str]:
    """The lines of a text, each cut into pieces of at most that many bytes, best at a blank."""
    for line in text.split("\n"):
        data = line.encode("utf-8", "replace")
        while len(data) > most:
            first = cut(data, most)
            blank = first.rfind(b" ")
            if blank > most // 2:
                first = first[: blank + 1]
            yield first.decode("utf-8")
            data = data[len(first) :]
        yield data.decode("utf-8")


def _tags(data: str) -> Iterator[tuple[str, str]]:
    for tag in filter(None, data.split(";")):
        key, _, value = tag.partition("=")
        yield key, _unescaped(value)


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    out, characters = [], iter(value)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            character = _UNESCAPED.get(escaped, escaped)
        out.append(character)
    return "".join(out)
