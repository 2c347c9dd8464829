"""What a session can ask for: one frozen dataclass for each command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MessageKind = Literal["text", "action"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`id` is chosen by the client; the replies to this command carry it as `re`."""

    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Command):
    """Introduce a client; `client` is a secret of its own that survives its reconnects."""

    version: int = 1
    nick: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(Command):
    """Hear the lobby before having a name; `default_nick` is taken when none is set in time."""

    default_nick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appear(Command):
    """Take the default nick if there is no nick yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNick(Command):
    """Take a nick, or another one."""

    nick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Command):
    """Say `text` in `room` (the current one by default); the same `id` again is a retry."""

    text: str
    room: str | None = None
    kind: MessageKind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Command):
    """Say something to one person, by nick or 6-digit id; by default to who told one last."""

    text: str
    to: str | None = None
    kind: MessageKind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Command):
    """Enter a room, made if need be; `since` asks for every message with a greater seq."""

    room: str
    since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Command):
    """Leave a room (the current one by default)."""

    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRooms(Command):
    """Ask for all rooms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPeople(Command):
    """Ask who is in a room (the current one by default)."""

    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whois(Command):
    """Ask about one person, by nick or by 6-digit id."""

    nick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Command):
    """Ask for stored messages of a room one is in; without a bound the latest ones."""

    room: str | None = None
    before: int | None = None
    after: int | None = None
    around: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Command):
    """Tell the room that one is typing, or has stopped."""

    room: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Command):
    """Ask for a sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quit(Command):
    """Leave for good; what was sent before is still kept and acknowledged."""
