"""Who somebody is, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import RoleName
from chatservice.domain.events.base import Event
from chatservice.domain.events.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody present; `user` is the 6-digit id, `address` is `ip:port`, `role` the one here.

    `away` says why, of who is away. `account` is the name of the one it is logged in to,
    `operator` says that it is one of the server, `bot` that it is none of flesh and blood.
    """

    nick: str
    user: str
    address: str
    role: RoleName | None = None
    away: str | None = None
    account: str | None = None
    realname: str | None = None
    bot: bool = False
    operator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed(Event):
    """Somebody has another nick now."""

    old: str
    new: str
    user: str
    at: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone(Event):
    """Somebody left the chat: once, for wires that do not say it of each room."""

    nick: str
    user: str
    at: int
    reason: str | None = None
    account: str | None = None
    bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster(Event):
    """The people of the lobby in order of joining, for wires that show full lists."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class People(Event):
    """The answer to a question who is in a room."""

    room: str
    people: tuple[Person, ...]
    secret: bool = False
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoisReply(Event):
    """The answer to a question about one person; `since` and `spoke` are times, 0 for never.

    `account` is the name of the one it is logged in to, `idle` the seconds since it came or spoke.
    It is operator or voice in those rooms. `host` is where it really is, and `invisible` what it is
    to strangers: told to itself and to operators of the server.
    """

    person: Person
    rooms: tuple[str, ...]
    since: int
    spoke: int
    idle: int = 0
    account: str | None = None
    operator_in: tuple[str, ...] = ()
    voice_in: tuple[str, ...] = ()
    host: str | None = None
    invisible: bool = False
    facts: tuple[Fact, ...] = ()
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent(Event):
    """The answer to a question about somebody registered who is not here: `seen` is when last."""

    nick: str
    seen: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayChanged(Event):
    """Somebody is away, for the reason in `text`, or (without one) is back."""

    nick: str
    user: str
    text: str | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RealnameChanged(Event):
    """Somebody tells something else about itself, or nothing any more."""

    nick: str
    user: str
    text: str | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotChanged(Event):
    """Somebody is marked as a program, or not any more."""

    nick: str
    user: str
    active: bool
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvisibleChanged(Event):
    """To oneself: strangers do not find one by a mask, or they do."""

    active: bool
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """Somebody found; `since` is when it came, `idle` the seconds since it came or spoke."""

    person: Person
    since: int
    idle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFound(Event):
    """The answer to a question who is here; `more` says that there are others, too many to show."""

    people: tuple[FoundPerson, ...]
    room: str | None = None
    more: bool = False
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPerson:
    """Who gave a nick up, and when."""

    nick: str
    user: str
    at: int
    realname: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past(Event):
    """The answer to a question who went by a nick before, latest first."""

    nick: str
    people: tuple[PastPerson, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Event):
    """How many people there are, and were at most since the server started.

    `strangers` are connections that have no name yet.
    """

    people: int
    most_people: int
    invisible: int
    operators: int
    connections: int
    strangers: int
    rooms: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Online(Event):
    """To who watches them: these people are here now."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline(Event):
    """To who watches them: nobody goes by these nicks any more."""

    nicks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Event):
    """The nicks just asked for, or all that one watches: who of them is here, and who is not."""

    online: tuple[Person, ...]
    offline: tuple[str, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Event):
    """To operators of the server: what one of them says to all."""

    nick: str
    user: str
    at: int
    text: str
    re: str | None = None
