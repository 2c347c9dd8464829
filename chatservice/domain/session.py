"""One connection as the chat sees it: who it is, what it may do, which rooms it is in."""

from __future__ import annotations

import enum

from chatservice.domain import commands
from chatservice.domain.commands import Command
from chatservice.domain.errors import WrongState
from chatservice.domain.events import Person


class State(enum.Enum):
    """How far a session has come."""

    VISITOR = "visitor"
    """Connected; has said nothing about itself."""
    NAMELESS = "nameless"
    """Introduced, or hearing the lobby; has no name yet."""
    PRESENT = "present"
    """A person whom others see."""
    GONE = "gone"
    """Disconnected; nothing is delivered any more."""


_ANYTIME = {commands.Ping, commands.Quit, commands.SetNick}
_ASKING = {
    commands.ListRooms,
    commands.ListPeople,
    commands.Whois,
    commands.History,
}
_ACTING = {
    commands.Say,
    commands.Tell,
    commands.Join,
    commands.Leave,
    commands.Typing,
}

ALLOWED: dict[State, frozenset[type[Command]]] = {
    State.VISITOR: frozenset(_ANYTIME | {commands.Hello, commands.Listen}),
    State.NAMELESS: frozenset(_ANYTIME | _ASKING | _ACTING | {commands.Appear}),
    State.PRESENT: frozenset(_ANYTIME | _ASKING | _ACTING | {commands.Appear}),
    State.GONE: frozenset(),
}
"""Which commands a session may give in which state."""


class Session:
    """A connection's identity; changed by the hub alone."""

    __slots__ = (
        "address",
        "client",
        "connected_at",
        "correspondent",
        "current",
        "default_nick",
        "nick",
        "rooms",
        "rooms_made",
        "spoke_at",
        "state",
        "user",
    )

    def __init__(self, *, user: str, address: str, client: bytes, now: int) -> None:
        self.user = user
        self.address = address
        self.client = client
        self.connected_at = now
        self.spoke_at = 0
        self.state = State.VISITOR
        self.nick: str | None = None
        self.default_nick: str | None = None
        self.rooms: dict[str, None] = {}
        self.current: str | None = None
        self.rooms_made = 0
        self.correspondent: str | None = None

    @property
    def person(self) -> Person:
        """How others see this session, which has a nick."""
        return Person(nick=self.nick or "", user=self.user, address=self.address)

    def check(self, command: Command) -> None:
        """Raise `WrongState` if this session may not give this command now."""
        if type(command) in ALLOWED[self.state]:
            return
        if self.state is State.VISITOR:
            raise WrongState("Say hello with a nick first.")
        raise WrongState("This can be said only at the beginning of a connection.")
