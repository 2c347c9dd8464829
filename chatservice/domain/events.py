"""What a session can be told: one frozen dataclass for each event.

Times are UTC in milliseconds. `re` is the `id` of the command that an event answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import HistoryRule, MessageKind, RoleName


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody present; `user` is the 6-digit id, `address` is `ip:port`, `role` the one here.

    `away` says why, of who is away.
    """

    nick: str
    user: str
    address: str
    role: RoleName | None = None
    away: str | None = None


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
class Event:
    """Anything a session is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Event):
    """Something said; `seq` grows within its room (not always by one), `id` names it for ever.

    `re` is the author's own id of it and goes to nobody else. `text` is that of the last edit, at
    `edited_at`; a deleted message has none.
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
    edited_at: int | None = None
    deleted: bool = False


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
class LoggedIn(Event):
    """To who registered or logged in: it is this person now, with all connections of the account.

    `account` is the account's name; the person may go by another nick.
    """

    account: str
    nick: str
    user: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(Event):
    """To who logged out: it is this guest now."""

    nick: str
    user: str
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
    """The answer to a question about one person; `since` and `spoke` are times, 0 for never.

    `account` is the name of the one it is logged in to, `idle` the seconds since it came or spoke.
    """

    person: Person
    rooms: tuple[str, ...]
    since: int
    spoke: int
    idle: int = 0
    account: str | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent(Event):
    """The answer to a question about somebody registered who is not here: `seen` is when last."""

    nick: str
    seen: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Event):
    """Stored messages, oldest first; `more` says that others lie beyond, in the asked direction."""

    room: str
    messages: tuple[Message, ...]
    more: bool
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Event):
    """Messages that were searched for, newest first; `next` leads on, if there may be more."""

    messages: tuple[Message, ...]
    next: int | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Event):
    """A message of `nick` has another text now."""

    room: str
    seq: int
    id: str
    nick: str
    at: int
    text: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Event):
    """A message of `nick` was taken back, by `by`: it has no text any more."""

    room: str
    seq: int
    id: str
    nick: str
    by: str
    at: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayChanged(Event):
    """Somebody is away, for the reason in `text`, or (without one) is back."""

    nick: str
    user: str
    text: str | None = None
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
class Time(Event):
    """The time; `offset` is what the server's own clock is corrected by, null if nobody knows."""

    at: int
    offset: int | None = None
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
