"""How events look to all who see them: one form for each set of capabilities, shared by many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

from chatservice.domain.events import Event, Person
from chatservice.domain.masks import DOMAIN
from chatservice.wire.codec import ServerInfo
from chatservice.wire.irc.capabilities import TAG_NEEDS
from chatservice.wire.irc.line import BODY_BYTES, Line, pieces
from chatservice.wire.irc.rows import Rows
from chatservice.wire.sentences import sentence

Teller = Callable[["Form", Any], Iterable[Line]]
"""The lines of one kind of event: (form, event) -> lines."""

Composition = tuple[tuple[str, bool], ...]
"""The pieces of a text, each with whether it goes on in the line of the one before."""

COMPOSITIONS = 100
"""Texts of which it is known how they were put together: they are told within moments."""

ROOM = "#"
"""What a room's name begins with."""


def source_of(nick: str, user: str) -> str:
    """Who says a line; the host is the person's id, so that nobody's address is shown."""
    return f"{nick}!u@{user}{DOMAIN}"


def stamp(at: int) -> str:
    """A time, UTC in ms, as tags have it (server-time, "Description")."""
    return f"{_second(at // 1000)}{at % 1000:03}Z"


@lru_cache(maxsize=64)
def _second(at: int) -> str:
    """All but the milliseconds, which is the same for many."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.")


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms that are in use; `now` gives the time, UTC in ms, `person_of` who has an id."""

    server: ServerInfo
    now: Callable[[], int]
    told: Mapping[type[Event], Teller]
    person_of: Callable[[str], Person | None] = lambda _user: None
    compositions: dict[str, Composition] = field(default_factory=dict)
    _known: WeakValueDictionary[frozenset[str], Form] = field(default_factory=WeakValueDictionary)

    def compose(self, text: str, composition: Composition) -> None:
        """Tell this text, as long as it is news, in the pieces in which a client has sent it."""
        self.compositions[text.lstrip("\n").rstrip()] = composition
        if len(self.compositions) > COMPOSITIONS:
            del self.compositions[next(iter(self.compositions))]

    def of(self, capabilities: frozenset[str]) -> Form:
        """The form for these capabilities."""
        form = self._known.get(capabilities)
        if form is None:
            form = self._known[capabilities] = Form(self, capabilities)
        return form


class Form:
    """Encodes for everyone with the same capabilities."""

    __slots__ = (
        "__weakref__",
        "_forms",
        "_signs",
        "_tags",
        "capabilities",
        "probe",
        "rows",
        "server",
    )

    def __init__(self, forms: Forms, capabilities: frozenset[str]) -> None:
        self._forms = forms
        self.capabilities = capabilities
        self.server = forms.server
        self.probe = Line(verb="PING", params=(forms.server.name,)).plain()
        """A PING, which every client answers by a PONG."""
        self.rows: dict[int, Rows] = {}
        """Lists of names, by the bytes that there are for them in a line."""
        self._signs = not capabilities.isdisjoint({"account-tag", "message-tags"})
        self._tags = {tag for tag, needed in TAG_NEEDS.items() if needed in capabilities}

    def composition(self, text: str) -> Composition | None:
        """How a client put this text together lately, if one did."""
        return self._forms.compositions.get(text)

    def has(self, capability: str) -> bool:
        """Whether those for whom this is have asked for a capability."""
        return capability in self.capabilities

    def tells(self, event: Event) -> bool:
        """Whether an event has lines of its own."""
        return type(event) in self._forms.told

    def encode(self, event: Event) -> bytes:
        """The lines of an event for those who see it happen."""
        return self.render(self.lines(event))

    encode_own = encode

    def lines(self, event: Event) -> list[Line]:
        """The same, before they are bytes; what has no line of its own is a notice."""
        teller = self._forms.told.get(type(event), notice)
        lines, at = self.signed(teller(self, event)), getattr(event, "at", None)
        if _of_bot(event):
            server = self.server.name
            lines = (
                line if line.source == server else line.tagged({"bot": "", **line.tags})
                for line in lines
            )
        return self.timed(lines, at)

    def signed(self, lines: Iterable[Line]) -> Iterable[Line]:
        """Lines with the account of who says each, and whether that is a bot.

        Those that have tags have these as well (account-tag; bot-mode, "The `bot` tag").
        """
        return map(self._sign, lines) if self._signs else lines

    def _sign(self, line: Line) -> Line:
        _, sign, host = (line.source or "").partition("!u@")
        person = (
            self._forms.person_of(host.removesuffix(DOMAIN)) if sign and not line.tags else None
        )
        if person is None:
            return line
        tags = {"account": person.account} if person.account is not None else {}
        return line.tagged(tags | {"bot": ""} if person.bot else tags)

    def timed(self, lines: Iterable[Line], at: int | None = None) -> list[Line]:
        """Lines with the time of what they tell, by default now."""
        if not self.has("server-time"):
            return list(lines)
        time = stamp(at or self._forms.now())
        return [
            line.tagged({"time": time, **line.tags})
            if line.timed and "time" not in line.tags
            else line
            for line in lines
        ]

    def render(self, lines: Iterable[Line]) -> bytes:
        """The bytes of lines, with those tags that were asked for."""
        if not self.capabilities:
            return b"".join([line.plain() for line in lines])
        return b"".join([line.render(self._shown(line.tags)) for line in lines])

    def _shown(self, tags: Mapping[str, str]) -> Mapping[str, str]:
        every = "message-tags" in self.capabilities
        return {
            tag: value
            for tag, value in tags.items()
            if tag in self._tags or (every and tag not in TAG_NEEDS)
        }


def _of_bot(event: Event) -> bool:
    """Whether a program did it (bot-mode, "The `bot` tag")."""
    by: Any = getattr(event, "person", event)
    return getattr(by, "bot", False)


def notice(form: Form, event: Event) -> Iterable[Line]:
    """An event in the server's words, to the room that it is about or to whom it may concern."""
    room = getattr(event, "room", None)
    return notices(form, sentence(event), f"{ROOM}{room}" if room else "*")


def notices(form: Form, text: str | None, target: str) -> Iterable[Line]:
    """A sentence of the server, of any number of lines."""
    return noticed(form.server.name, text, target) if text is not None else ()


def noticed(source: str, text: str, target: str) -> Iterable[Line]:
    """A text as notices, in as many lines as it takes."""
    most = BODY_BYTES - len(Line(verb="NOTICE", params=(target, ""), source=source).body())
    for piece in pieces(text, most):
        yield Line(verb="NOTICE", params=(target, piece), source=source)
