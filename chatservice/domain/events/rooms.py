"""Coming into rooms and leaving them, and what rooms are like."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import HistoryRule, RoleName, RuleKind, TopicRule
from chatservice.domain.events.base import Event
from chatservice.domain.events.people import Person
from chatservice.domain.events.talk import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInfo:
    """A room as the list of rooms shows it; `seq` is that of its last message, 0 for none.

    `locked` has a password. What is closed shows its topic to those inside alone, and what is
    `secret` is not shown to others at all. `topic_at` and `made_at` are when the topic was set and
    the room was made, 0 if that is not known.
    """

    room: str
    people: int
    seq: int
    topic: str | None = None
    locked: bool = False
    invite_only: bool = False
    secret: bool = False
    topic_at: int = 0
    made_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting(Event):
    """What a connection that has no name yet sees first: the lobby's last messages and people."""

    messages: tuple[Message, ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Event):
    """To who joined: the room as it is now; live events follow `messages` without a gap.

    `topic_by` set the topic, at `topic_at`. Up to `read_at` one has read it. Who was in it, and
    asked once more or has become another person, is in it `again`.
    """

    room: str
    seq: int
    people: tuple[Person, ...]
    messages: tuple[Message, ...]
    topic: str | None = None
    topic_by: str = ""
    topic_at: int = 0
    locked: bool = False
    invite_only: bool = False
    secret: bool = False
    read_at: int | None = None
    again: bool = False
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
    reason: str | None = None
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
    at: int = 0
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Event):
    """A room has this topic now (`nick` set it), or has it (to who asked).

    `set_by` is who set the topic that it has, at `set_at` (0: not known).
    """

    room: str
    topic: str
    nick: str = ""
    user: str = ""
    set_by: str = ""
    set_at: int = 0
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured(Event):
    """Somebody changed how a room is closed, who may talk, what it shows or how much it keeps.

    `changed` names the fields that are not as they were; there are none, and no `nick`, where it
    answers a question. `made_at` is when the room was made (0: not known).
    """

    room: str
    nick: str
    locked: bool
    invite_only: bool
    history: HistoryRule
    keep_messages: int | None = None
    keep_days: int | None = None
    moderated: bool = False
    topic_rule: TopicRule = "voices"
    secret: bool = False
    external: bool = False
    no_ctcp: bool = False
    people_most: int | None = None
    changed: tuple[str, ...] = ()
    made_at: int = 0
    user: str = ""
    at: int = 0
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRenamed(Event):
    """A room has another name now; all who are in it (`people`) stay in it, as does the topic.

    Up to `read_at` one has read it. Who comes back by the old name, with `since`, is told `by`
    nobody and without `people`: what the room is like comes with `entered`.
    """

    old: str
    new: str
    by: str
    by_user: str
    reason: str = ""
    at: int = 0
    people: tuple[Person, ...] = ()
    topic: str | None = None
    topic_by: str = ""
    topic_at: int = 0
    secret: bool = False
    read_at: int | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven(Event):
    """Somebody is something else in a room now; `by` is the nick of who made it so.

    Where nobody did, it has logged in or out, and is in the room what its account is, or a guest.
    Where it `was` that already, nothing has changed, and only who asked is told.
    """

    room: str
    nick: str
    user: str
    role: RoleName
    by: str = ""
    by_user: str = ""
    was: RoleName | None = None
    at: int = 0
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
    by_user: str = ""
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Banned(Event):
    """Somebody is kept out of a room, until a time (null: for ever), or has another `kind` of rule.

    `who` is a nick, an address, `account:NAME` or a mask `nick!user@host`.
    """

    room: str
    who: str
    by: str
    reason: str = ""
    until: int | None = None
    kind: RuleKind = "ban"
    by_user: str = ""
    at: int = 0
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbanned(Event):
    """Somebody may come into a room again, or another `kind` of rule is taken back."""

    room: str
    who: str
    by: str
    kind: RuleKind = "ban"
    by_user: str = ""
    at: int = 0
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Who is kept out of a room, by whom, why, since when, and until when (null: for ever)."""

    who: str
    by: str
    reason: str = ""
    until: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bans(Event):
    """The answer to a question who is kept out of a room, or for another `kind` of its rules."""

    room: str
    bans: tuple[Ban, ...]
    kind: RuleKind = "ban"
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(Event):
    """One (`nick`) is let into a room, by `by`."""

    room: str
    by: str
    by_user: str = ""
    nick: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitedOther(Event):
    """Somebody is let into a room, by `by`: to who did it, and to others who may."""

    room: str
    nick: str
    user: str
    by: str
    by_user: str = ""
    at: int = 0
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitations(Event):
    """The answer to a question which rooms one is invited to."""

    rooms: tuple[str, ...]
    re: str | None = None
