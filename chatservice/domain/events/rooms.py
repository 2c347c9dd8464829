"""Coming into rooms and leaving them, and what rooms are like."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import HistoryRule, RoleName
from chatservice.domain.events.base import Event
from chatservice.domain.events.people import Person
from chatservice.domain.events.talk import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInfo:
    """A room as the list of rooms shows it; `seq` is that of its last message, 0 for none.

    `locked` has a password. What is closed shows its topic to those inside alone.
    """

    room: str
    people: int
    seq: int
    topic: str | None = None
    locked: bool = False
    invite_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting(Event):
    """What a connection that has no name yet sees first: the lobby's last messages and people."""

    messages: tuple[Message, ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Event):
    """To who joined: the room as it is now; live events follow `messages` without a gap."""

    room: str
    seq: int
    people: tuple[Person, ...]
    messages: tuple[Message, ...]
    topic: str | None = None
    locked: bool = False
    invite_only: bool = False
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Created(Event):
    """To who made a room without entering it yet: it is there."""

    room: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited(Event):
    """To who left: the room is left."""

    room: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Event):
    """Somebody came into a room."""

    room: str
    person: Person
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """Somebody left a room, or (`gone`) the chat."""

    room: str
    nick: str
    user: str
    at: int
    reason: str | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms(Event):
    """The answer to a question for all rooms."""

    rooms: tuple[RoomInfo, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Event):
    """A room has this topic now (`nick` set it), or has it (to who asked)."""

    room: str
    topic: str
    nick: str = ""
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured(Event):
    """Somebody changed how a room is closed, what it shows to newcomers, or how much it keeps."""

    room: str
    nick: str
    locked: bool
    invite_only: bool
    history: HistoryRule
    keep_messages: int | None = None
    keep_days: int | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven(Event):
    """Somebody is something else in a room now; `by` is the nick of who made it so."""

    room: str
    nick: str
    user: str
    role: RoleName
    by: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kicked(Event):
    """Somebody was put out of a room, by `by`: it is not there any more."""

    room: str
    nick: str
    user: str
    by: str
    reason: str
    at: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Banned(Event):
    """Somebody is kept out of a room, until a time (null: for ever)."""

    room: str
    who: str
    by: str
    reason: str = ""
    until: int | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbanned(Event):
    """Somebody may come into a room again."""

    room: str
    who: str
    by: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Who is kept out of a room, by whom, why, and until when (null: for ever)."""

    who: str
    by: str
    reason: str = ""
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bans(Event):
    """The answer to a question who is kept out of a room."""

    room: str
    bans: tuple[Ban, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(Event):
    """One is let into a room, by `by`."""

    room: str
    by: str
