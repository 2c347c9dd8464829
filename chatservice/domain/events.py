"""What a session can be told: one frozen dataclass for each event.

Times are UTC in milliseconds. `re` is the `id` of the command that an event answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody present; `user` is the 6-digit id, `address` is `ip:port`."""

    nick: str
    user: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInfo:
    """A room as the list of rooms shows it; `seq` is that of its last message, 0 for none."""

    room: str
    people: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything a session is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Event):
    """Something said; `seq` grows within its room (not always by one), `id` names it for ever.

    `re` is the author's own id of it and goes to nobody else.
    """

    room: str
    seq: int
    id: str
    nick: str
    user: str
    at: int
    text: str
    kind: MessageKind = "text"
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Private(Event):
    """Something told to one person; its author is told it too, as a sign that it went out."""

    nick: str
    user: str
    to: str
    to_user: str
    at: int
    text: str
    kind: MessageKind = "text"
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Event):
    """To the author: the message is stored, under this seq and id."""

    room: str
    seq: int
    id: str
    at: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(Event):
    """The answer to hello; `nick` is null until one is set."""

    version: int
    features: tuple[str, ...]
    server: str
    server_id: str
    nick: str | None = None
    user: str
    text_characters: int
    re: str | None = None


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
    """Somebody left a room, or the chat."""

    room: str
    nick: str
    user: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed(Event):
    """Somebody has another nick now."""

    old: str
    new: str
    user: str
    at: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster(Event):
    """The people of the lobby in order of joining, for wires that show full lists."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms(Event):
    """The answer to a question for all rooms."""

    rooms: tuple[RoomInfo, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People(Event):
    """The answer to a question who is in a room."""

    room: str
    people: tuple[Person, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoisReply(Event):
    """The answer to a question about one person; `since` and `spoke` are times, 0 for never."""

    person: Person
    rooms: tuple[str, ...]
    since: int
    spoke: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Event):
    """Stored messages, oldest first; `more` says that others lie beyond, in the asked direction."""

    room: str
    messages: tuple[Message, ...]
    more: bool
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingNow(Event):
    """Somebody is typing in a room, or has stopped."""

    room: str
    nick: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """A sentence of the server for people; lines are separated by LF."""

    text: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """A command was refused; `code` is stable, `text` is a sentence."""

    code: str
    text: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Event):
    """A sign of life."""

    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(Event):
    """The server will close this connection; `code` is stable, `text` is a sentence."""

    code: str
    text: str
