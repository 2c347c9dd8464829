"""What a session can ask for: one frozen dataclass for each command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MessageKind = Literal["text", "action"]
HistoryRule = Literal["all", "joining"]
RegistrationRule = Literal["before-connect", "open", "closed"]
"""Who may make an account: even who has not come in yet, who has, or nobody."""
RoleName = Literal["operator", "voice", "member", "muted"]


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
class Enter(Command):
    """Come into the lobby at once, under `nick`; without one under `default_nick`, or under the id.

    A default that is taken has the id added to it. With `aside` one comes into no room yet.
    """

    nick: str | None = None
    default_nick: str | None = None
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Appear(Command):
    """Take the default nick if there is no nick yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNick(Command):
    """Take a nick, or another one."""

    nick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Command):
    """Make an account of one's nick: from now on it is only for who knows the password."""

    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Command):
    """Be the owner of an account, by default the one of the nick that one has."""

    password: str = field(repr=False)
    nick: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout(Command):
    """Be nobody's owner any more; the nick stays the account's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword(Command):
    """Give the account that one is logged in to another password."""

    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacate(Command):
    """Give up the nick of an account that one has not logged in to in time."""

    account: str


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
    """

    room: str | None = None
    invite_only: bool | None = None
    history: HistoryRule | None = None
    keep_messages: int | None = None
    keep_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRole(Command):
    """Make somebody operator, voice, plain member or muted in a room."""

    nick: str
    role: RoleName
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite(Command):
    """Let somebody into a room, and tell them."""

    nick: str
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kick(Command):
    """Put somebody out of a room; they may come back."""

    nick: str
    room: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban(Command):
    """Keep a nick or an IP address out of a room, for ever or for `seconds`."""

    who: str
    room: str | None = None
    seconds: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unban(Command):
    """Let somebody in again."""

    who: str
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBans(Command):
    """Ask who is kept out of a room."""

    room: str | None = None


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
    """Ask for stored messages of a room one is in; without a bound the latest ones.

    `before`, `after` and `around` are seqs, `before_at` and `after_at` times.
    """

    room: str | None = None
    before: int | None = None
    after: int | None = None
    around: int | None = None
    before_at: int | None = None
    after_at: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Command):
    """Find messages in the rooms one may read, newest first; `before` is the last answer's `next`.

    `words` can hold "phrases", from:nick, in:room, before:2026-12-31 and after:2026-12-31 (UTC).
    """

    words: str
    room: str | None = None
    before: int | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Command):
    """Give an own message, by default one's last one in the room, another text."""

    text: str
    room: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Command):
    """Take a message back, by default one's own last one in the room; operators take back any."""

    room: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAway(Command):
    """Be away, for the reason given; without one, be back."""

    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore(Command):
    """Hear nothing more of what somebody says, or hear it again."""

    nick: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Command):
    """Tell the room that one is typing, or has stopped."""

    room: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTime(Command):
    """Ask what time it is, and how far the server's clock is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Command):
    """Ask for a sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quit(Command):
    """Leave for good; what was sent before is still kept and acknowledged."""
