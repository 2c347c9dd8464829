"""Coming, going, and people."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatservice.domain.commands.base import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Command):
    """Introduce a client; `client` is a secret of its own that survives its reconnects.

    `realname` is whatever a person wants to be told about itself, `password` the server's.
    """

    version: int = 1
    nick: str | None = None
    client: str | None = None
    realname: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(Command):
    """Hear the lobby before having a name; `default_nick` is taken when none is set in time."""

    default_nick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter(Command):
    """Come into the lobby at once, under `nick`; without one under `default_nick`, or under the id.

    A default that is taken has the id added to it. With `aside` one comes into no room yet, with
    `owner` only if one has logged in before. Who is `unattended` is not back by that.
    """

    nick: str | None = None
    default_nick: str | None = None
    aside: bool = False
    owner: bool = False
    unattended: bool = False
    realname: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appear(Command):
    """Take the default nick if there is no nick yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNick(Command):
    """Take a nick, or another one."""

    nick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whois(Command):
    """Ask about one person, by nick or by 6-digit id."""

    nick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAway(Command):
    """Be away, for the reason given; without one, be back."""

    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeUnattended(Command):
    """Be away unless that is said already, or another connection of one's own is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRealname(Command):
    """Tell something else about oneself, or (without a text) nothing."""

    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBot(Command):
    """Be marked as a program, or not any more."""

    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetInvisible(Command):
    """Be found by a mask only by who shares a room with one, or by everybody again."""

    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPeople(Command):
    """Ask who is here: in a room, of these nicks or ids, or whom a mask with * and ? fits.

    A mask is one of nicks, of sources (`nick!u@id.chat`) or of real names.
    """

    mask: str | None = None
    room: str | None = None
    nicks: tuple[str, ...] = ()
    operators: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Whowas(Command):
    """Ask who went by a nick before, latest first; a `count` of 0 asks for all."""

    nick: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCounts(Command):
    """Ask how many people there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Command):
    """Be told whenever somebody takes one of these nicks, or gives it up.

    `closely`: from now on be told, too, who of those watched is away, say, or logs in.
    """

    nicks: tuple[str, ...] = ()
    closely: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwatch(Command):
    """Watch these nicks no more, or (without any) nobody."""

    nicks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWatched(Command):
    """Ask whom one watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill(Command):
    """Put somebody out of the chat; for operators of the server."""

    nick: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Command):
    """Tell all operators of the server something; for one of them."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(Command):
    """Tell everybody something; for operators of the server."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore(Command):
    """Hear nothing more of what somebody says, or hear it again."""

    nick: str
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

    reason: str = ""
