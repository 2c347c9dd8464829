"""One connection as the chat sees it: who it is, what it may do, which rooms it is in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from chatservice.domain import commands
from chatservice.domain.commands import Command, RoleName
from chatservice.domain.errors import ServerOperatorNeeded, WrongState
from chatservice.domain.events import Person
from chatservice.domain.quick import QuickEnum
from chatservice.domain.scram import Exchange


class State(QuickEnum):
    """How far a session has come."""

    OUTSIDE = "outside"
    """Connected to a server whose password it has not said."""
    VISITOR = "visitor"
    """Connected; has said nothing about itself."""
    NAMELESS = "nameless"
    """Introduced, or hearing the lobby; has no name yet."""
    PRESENT = "present"
    """A person whom others see."""
    GONE = "gone"
    """Disconnected; nothing is delivered any more."""


_NONE: Mapping[str, Any] = MappingProxyType({})
"""What all sessions share that have nothing of the kind."""

_ACCOUNT = {
    commands.Register,
    commands.Login,
    commands.Scram,
    commands.Logout,
    commands.ChangePassword,
    commands.Vacate,
    commands.SetAlwaysOn,
    commands.Oper,
    commands.Unoper,
    commands.MakeAccount,
    commands.ResetPassword,
}
_BEFORE = {
    commands.Hello,
    commands.Listen,
    commands.Enter,
    commands.Register,
    commands.Login,
    commands.Scram,
    commands.Subscribe,
}
_OUTSIDE = {commands.Admit, commands.Ping, commands.Quit}
_ANYTIME = _OUTSIDE | {commands.AskTime, commands.SetNick}
_ASKING = {
    commands.AskSettings,
    commands.ListInvitations,
    commands.ListRooms,
    commands.ListPeople,
    commands.Whois,
    commands.History,
    commands.Search,
    commands.FindPeople,
    commands.Whowas,
    commands.AskCounts,
    commands.Watch,
    commands.Unwatch,
    commands.ListWatched,
    commands.Conversations,
    commands.MarkRead,
    commands.AskRead,
}
_FACTS = {
    commands.SetFact,
    commands.ClearFacts,
    commands.AskFacts,
    commands.Subscribe,
    commands.SyncFacts,
}
_ROOM = {
    commands.Create,
    commands.SetTopic,
    commands.SetRoomPassword,
    commands.Configure,
    commands.RenameRoom,
    commands.SetRole,
    commands.Invite,
    commands.Kick,
    commands.Ban,
    commands.Unban,
    commands.ListBans,
}
_ACTING = (
    _ROOM
    | _FACTS
    | {
        commands.Say,
        commands.Tell,
        commands.Join,
        commands.Leave,
        commands.Confide,
        commands.Signal,
        commands.React,
        commands.Typing,
        commands.Edit,
        commands.Delete,
        commands.SetAway,
        commands.BeUnattended,
        commands.Ignore,
        commands.SetRealname,
        commands.SetBot,
        commands.SetInvisible,
        commands.Kill,
        commands.Announce,
        commands.Broadcast,
    }
)

_SIGNED = {
    commands.SetRoomPassword,
    commands.Configure,
    commands.RenameRoom,
    commands.SetRole,
    commands.Kick,
    commands.Ban,
    commands.Unban,
    commands.Kill,
    commands.Announce,
    commands.Broadcast,
}
"""What others are told with the nick of who has done it, and does not give anybody one."""

ALLOWED: dict[State, frozenset[type[Command]]] = {
    State.OUTSIDE: frozenset(_OUTSIDE),
    State.VISITOR: frozenset(_ANYTIME | _BEFORE),
    State.NAMELESS: frozenset(_ANYTIME | _ASKING | _ACTING | _ACCOUNT | {commands.Appear}),
    State.PRESENT: frozenset(_ANYTIME | _ASKING | _ACTING | _ACCOUNT | {commands.Appear}),
    State.GONE: frozenset(),
}
"""Which commands a session may give in which state."""


class Session:
    """A connection's identity; changed by the hub alone.

    `has_secret` says that its client told a secret, by which it is known again.
    `others` are the further connections of the same person, `claims` the accounts whose nick was
    taken without a login, and up to when: 0 where that is over. `away` is why it is, None if here.
    `account` is the key of an account, `account_name` what that is called.
    `invisible` says that strangers do not find it by a mask.
    `ignored` are the identities that it does not hear, with the nicks they had.
    `intended` is what it does once it has said the server's password. `proven` is the account that
    it has logged in to before it came in, `exchange` a proof on its way. `read` is up to when a
    guest has read what, by place, `correspondent` the id and the account of who told it something
    last. `strict` says that a refusal while it is in no room ends
    it, `stands_in` that it is no connection at all.
    """

    __slots__ = (
        "account",
        "account_name",
        "address",
        "away",
        "bot",
        "claims",
        "client",
        "connected_at",
        "correspondent",
        "current",
        "default_nick",
        "exchange",
        "has_secret",
        "ignored",
        "intended",
        "invisible",
        "nick",
        "operator",
        "others",
        "proven",
        "read",
        "realname",
        "rooms",
        "rooms_made",
        "spoke_at",
        "stands_in",
        "state",
        "strict",
        "subscribed",
        "user",
    )

    def __init__(self, *, user: str, address: str, client: bytes, now: int) -> None:
        self.user = user
        self.address = address
        self.client = client
        self.account: str | None = None
        self.account_name: str | None = None
        self.proven: str | None = None
        self.exchange: Exchange | None = None
        self.intended: Command | None = None
        self.operator = False
        self.realname: str | None = None
        self.bot = False
        self.invisible = False
        self.has_secret = False
        self.strict = False
        self.stands_in = False
        self.subscribed: tuple[str, ...] = ()
        self.others: tuple[Session, ...] = ()
        self.claims: Mapping[str, int] = _NONE
        self.connected_at = now
        self.spoke_at = 0
        self.state = State.VISITOR
        self.nick: str | None = None
        self.default_nick: str | None = None
        self.rooms: dict[str, None] = {}
        self.current: str | None = None
        self.rooms_made = 0
        self.correspondent: tuple[str, str | None] | None = None
        self.away: str | None = None
        self.ignored: Mapping[str, str] = _NONE
        self.read: dict[str, int] = {}

    def get_nick(self) -> str | None:
        """The nick, for who keeps this and not the session."""
        return self.nick

    @property
    def person(self) -> Person:
        """How others see this session, which has a nick: by a connection, if there is one."""
        seen = next(iter(self.connections), self) if self.stands_in else self
        return seen.person_as(None)

    def person_as(self, role: RoleName | None) -> Person:
        """How others see it where it has this role; made for each join, so made in one go."""
        return Person(
            nick=self.nick or "",
            user=self.user,
            address=self.address,
            role=role,
            away=self.away,
            account=self.account_name,
            realname=self.realname,
            bot=self.bot,
            operator=self.operator,
        )

    @property
    def everywhere(self) -> tuple[Session, ...]:
        """All connections of the person that this is one of."""
        return (self, *self.others)

    @property
    def times(self) -> tuple[int, int]:
        """When the person came, and when it spoke last (0 for never)."""
        person = self.everywhere
        return min(each.connected_at for each in person), max(each.spoke_at for each in person)

    @property
    def connections(self) -> tuple[Session, ...]:
        """The same, without one that stands in for them."""
        return tuple(each for each in self.everywhere if not each.stands_in)

    @property
    def stand_in(self) -> Session | None:
        """The one of them that is no connection, but keeps the person's place."""
        return next((each for each in self.everywhere if each.stands_in), None)

    @property
    def identity(self) -> str:
        """Who this is beyond one connection: an account, or a client with a secret of its own."""
        if self.account is not None:
            return f"account:{self.account}"
        return _identity_of(self.client)

    @property
    def identities(self) -> frozenset[str]:
        """All that it is: its client, and its account if it has one."""
        return frozenset((_identity_of(self.client), self.identity))

    @property
    def lasting(self) -> bool:
        """Whether its identity outlives the connection."""
        return self.has_secret or self.account is not None

    def claimed(self, now: int) -> list[tuple[str, float]]:
        """The accounts whose nick it took and may still have, and for how many seconds."""
        return [(key, max(0, until - now) / 1000) for key, until in self.claims.items() if until]

    def check(self, command: Command) -> None:
        """Raise `WrongState` if this session may not give this command now."""
        if type(command) in ALLOWED[self.state]:
            if self.nick is None and type(command) in _SIGNED:
                raise WrongState("Set a nick first.")
            return
        if self.state is State.VISITOR:
            raise WrongState("Say hello with a nick first.")
        raise WrongState("This can be said only at the beginning of a connection.")

    def check_operator(self) -> None:
        """Raise `ServerOperatorNeeded` if this is no operator of the server."""
        if not self.operator:
            raise ServerOperatorNeeded("This is for operators of the server.")


@lru_cache(maxsize=4096)
def _identity_of(client: bytes) -> str:
    """What a client is known as; asked for with everything it says."""
    return f"client:{client.hex()}"
