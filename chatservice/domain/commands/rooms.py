"""Rooms: going there, and what they are like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chatservice.domain.commands.base import Command

HistoryRule = Literal["all", "joining"]
RoleName = Literal["operator", "voice", "member", "muted"]
TopicRule = Literal["all", "voices", "operators"]
RuleKind = Literal["ban", "mute", "exception", "invitation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Command):
    """Enter a room, made if need be; `since` asks for every message with a greater seq.

    With `existing` only a room that is there already.
    """

    room: str
    since: int | None = None
    password: str | None = field(default=None, repr=False)
    existing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Command):
    """Make a room, with a password if one is given, and enter it as its operator.

    With `later` one is told that it is made, and enters by a join, or by itself soon after.
    """

    room: str
    password: str | None = field(default=None, repr=False)
    invite_only: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTopic(Command):
    """Set a room's topic (an empty one removes it), or ask for it."""

    room: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRoomPassword(Command):
    """Set, change or remove (without one) the password of a room."""

    room: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure(Command):
    """Close a room or not; history `joining` shows nobody what was said before they came.

    Of what is said, the last `keep_messages` are kept, of the last `keep_days`; 0 is no bound.
    Where it is `moderated`, voices and operators talk; `topic_rule` says who sets the topic; where
    it is `external`, those outside may talk; what is `secret` is not shown to them; `people_most`
    come in (0 is no bound); `no_ctcp` lets no client ask another one things.
    """

    room: str | None = None
    invite_only: bool | None = None
    history: HistoryRule | None = None
    keep_messages: int | None = None
    keep_days: int | None = None
    moderated: bool | None = None
    topic_rule: TopicRule | None = None
    secret: bool | None = None
    external: bool | None = None
    no_ctcp: bool | None = None
    people_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSettings(Command):
    """Ask how a room (the current one by default) is configured."""

    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameRoom(Command):
    """Give a room another name; everybody and everything in it stays."""

    new: str
    room: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRole(Command):
    """Make somebody operator, voice, plain member or muted in a room; with `was`, if it is that."""

    nick: str
    role: RoleName
    was: RoleName | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite(Command):
    """Let somebody into a room, and tell them."""

    nick: str
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInvitations(Command):
    """Ask which rooms one is invited to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kick(Command):
    """Put somebody out of a room; they may come back."""

    nick: str
    room: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban(Command):
    """Keep somebody out of a room, for ever or for `seconds`; or another rule of that `kind`.

    `who` is a nick (put out at once), an IP address, `account:NAME`, or a mask `nick!u@ID.chat`
    with `*` and `?`. `mute` lets them listen only; an `exception` is neither kept out nor mute by
    a mask, an `invitation` lets them in.
    """

    who: str
    room: str | None = None
    seconds: int | None = None
    reason: str = ""
    kind: RuleKind = "ban"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unban(Command):
    """Let somebody in again, or take back another rule of that `kind`."""

    who: str
    room: str | None = None
    kind: RuleKind = "ban"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBans(Command):
    """Ask who is kept out of a room, or for its other rules of that `kind`."""

    room: str | None = None
    kind: RuleKind = "ban"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Command):
    """Leave a room (the current one by default), or `every` one that one is in."""

    room: str | None = None
    reason: str = ""
    every: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRooms(Command):
    """Ask for all rooms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPeople(Command):
    """Ask who is in a room (the current one by default)."""

    room: str | None = None
