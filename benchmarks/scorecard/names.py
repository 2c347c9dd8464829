"""Row 15: nobody gets a name that looks like one of somebody who is here, or has registered it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from random import Random
from unicodedata import category, normalize

from benchmarks.scorecard.frame import Effort, Figure
from chatservice.domain.commands import Hello, SetNick
from chatservice.domain.confusables import TABLE
from chatservice.domain.errors import ChatError
from chatservice.domain.events import LoginWanted
from chatservice.domain.hub import Hub
from chatservice.domain.limits import Limits
from chatservice.domain.owners import account_key
from chatservice.domain.records import AccountKept
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver
from chatservice.domain.text import clean_nick

AT = 1_767_357_240_000
_NAMES = """
    admin Administrator root moderator support helpdesk Nullmodem Alice Bob Carol Dave Eve
    Mallory Oscar Peggy Trent Victor Walter bill BILL0 Iliil paypal google rnicrosoft clown
    vvalter x1l Борис Ольга Сергей Νίκος Ελένη Παύλος 李雷 韩梅梅 田中さん 김철수 שלמה رامي
    José Zoë Søren
    Łukasz Ángel Jürgen f_oo-bar a.b.c O'Neil me-2 z9z
"""
NAMES = _NAMES.split()
"""Fifty: the first half of them is here, the other is registered and away."""

_HIDDEN = [
    point
    for first, last in ((0, 0xFFFF), (0x10000, 0x1FFFF), (0xE0000, 0xE0FFF))
    for point in range(first, last + 1)
    if (
        category(chr(point)) in ("Cf", "Cc")
        or point in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC)
        or 0x180B <= point <= 0x180F
        or 0xFE00 <= point <= 0xFE0F
        or point >= 0xE0000
    )
    and not chr(point).isspace()
]
"""What shows nothing. White space becomes a visible `_`, so it is none of it."""


def row(effort: Effort) -> Iterator[Figure]:
    """Everything that UTS 39 calls confusable, what is invisible, and what differs in case."""
    number = effort.pick(tiny=2000, quick=None, long=None)
    for what, tries in (
        ("names with confusable characters in them", _alike()),
        ("names with something invisible in them", _veiled()),
        ("names in other cases and shapes of letters", _recased()),
    ):
        guard = Guard(NAMES)
        taken = [guard.takes(name) for name in islice(tries, number)]
        yield _figure(what, sum(taken), len(taken))
    pairs = [Guard([one]).takes(other) for one, other in islice(_pairs(), number)]
    yield _figure("pairs of the table by themselves", sum(pairs), len(pairs))


def _figure(what: str, taken: int, tried: int) -> Figure:
    return Figure(f"{what}: accepted", f"{taken} of {tried:,}", "0", not taken and tried > 0)


class Guard:
    """A chat in which names are reserved: half by who is here, half by accounts."""

    def __init__(self, names: list[str]) -> None:
        half = (len(names) + 1) // 2
        accounts = (
            AccountKept(key=account_key(name), nick=name, password="", made_at=AT, seen_at=AT)
            for name in names[half:]
        )
        self._limits = Limits()
        self._hub = Hub(
            name="",
            server_id="",
            limits=self._limits,
            draw=Random(15).randrange,
            accounts=tuple(accounts),
        )
        for name in names[:half]:
            session = self._connect()
            self._hub.execute(session, SetNick(nick=name), AT)
            if session.nick != normalize("NFC", name):
                raise ValueError(f"{name!r} can't be reserved")
        self._guest = self._connect()

    def takes(self, name: str) -> bool:
        """Whether a guest may have this name, without being asked for its owner's password."""
        try:
            steps = self._hub.execute(self._guest, SetNick(nick=name), AT)
        except ChatError:
            return False
        self._guest = self._connect()
        return not any(
            isinstance(it, Deliver) and isinstance(it.event, LoginWanted) for it in steps
        )

    def _connect(self) -> Session:
        session = self._hub.connect("10.0.0.1:5001", AT)
        self._hub.execute(session, Hello(), AT)
        return session


def _alike() -> Iterator[str]:
    """Each of the names with anything of it replaced by what looks like it, once or everywhere."""
    classes: defaultdict[str, list[str]] = defaultdict(list)
    for point, target in TABLE.items():
        classes[target].append(chr(point))
    for target, sources in classes.items():
        alike = [target, *sources]
        for name in NAMES:
            for part in alike:
                if part in name:
                    for other in alike:
                        if other != part:
                            yield name.replace(part, other)
                            yield name.replace(part, other, 1)


def _pairs() -> Iterator[tuple[str, str]]:
    """Each pair of the table within a name."""
    for point, target in TABLE.items():
        for one, other in ((chr(point), target), (target, chr(point))):
            if _is_nick(f"nick{one}"):
                yield f"nick{one}", f"nick{other}"


def _is_nick(name: str) -> bool:
    try:
        return clean_nick(name, Limits()) == normalize("NFC", name)
    except ChatError:
        return False


def _veiled() -> Iterator[str]:
    """Each of the names with each invisible character in it, before it or after it."""
    for index, point in enumerate(_HIDDEN):
        for name in NAMES:
            at = (0, len(name) // 2, len(name))[index % 3]
            yield f"{name[:at]}{chr(point)}{name[at:]}"


def _recased() -> Iterator[str]:
    """Each of the names in capitals, small letters, and all that NFKC takes for the same."""
    shapes: defaultdict[str, list[str]] = defaultdict(list)
    for point in range(0x80, 0x20000):
        plain = normalize("NFKC", chr(point))
        if plain != chr(point):
            shapes[plain.casefold()].append(chr(point))
    for name in NAMES:
        forms = {name.upper(), name.lower(), name.title(), name.swapcase(), name.casefold()}
        forms |= {normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")}
        yield from sorted(forms)
        for letter in sorted(set(name)):
            for shape in shapes[letter.casefold()]:
                yield name.replace(letter, shape)
                yield name.replace(letter, shape, 1)
