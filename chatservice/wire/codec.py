"""What every wire is: a decoder for each connection, and an encoder that many connections share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from chatservice.domain.commands import Command, RegistrationRule
from chatservice.domain.events import Event
from chatservice.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class Reply:
    """What a codec can answer itself: events for this connection alone, asking nobody."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """What a server says about itself; `created_at` is when it started, UTC in milliseconds.

    `name` is that of the server, as in a host's, `network` one word for all of it.
    """

    name: str = "chat.local"
    network: str = "chatservice"
    motd: tuple[str, ...] = ()
    version: str = "0"
    created_at: int = 0
    password_needed: bool = False
    registration: RegistrationRule = "before-connect"


class Encoder(Protocol):
    """Turns events into bytes; stateless, one instance for all connections of the same form."""

    def encode(self, event: Event) -> bytes:
        """The units of an event for those who see it happen; empty if this wire can't say it."""

    def encode_own(self, event: Event) -> bytes:
        """The units of an event for the one whose command it was."""


class Codec(Protocol):
    """One connection's side of a wire: knows what was said before, does no I/O."""

    @property
    def encoder(self) -> Encoder:
        """How it is told what others are told too; one instance for all of the same form."""

    @property
    def personal(self) -> Encoder:
        """How it is told what it alone is told, or what comes of its own commands."""

    fragments: bool
    """Whether an unfinished line followed by silence counts as a unit."""

    @property
    def probe(self) -> bytes:
        """What asks a silent client for a sign of life; empty where that is never asked for."""

    def greet(self) -> Command | Reply | None:
        """What this wire asks for, or says, by itself as soon as the connection is made."""

    def decode(self, unit: bytes) -> Command | Reply | tuple[Command | Reply, ...] | None:
        """What a unit asks for, None if nothing. Raises `ChatError` and nothing else."""

    def blame(self, unit: bytes) -> str | None:
        """The client's own id of a refused unit, if it has one."""


class Alike:
    """A codec whose connections of one form are told everything alike."""

    __slots__ = ()
    encoder: Encoder
    probe: bytes = b""

    @property
    def personal(self) -> Encoder:
        """The one for all."""
        return self.encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a codec may know of its connection: the peer's `ip:port`, the limits, the session."""

    address: str
    limits: Limits
    nick: Callable[[], str | None] = lambda: None
    """The session's nick, if it has one by now."""

    def named(self) -> bool:
        """Whether the session has a nick by now."""
        return self.nick() is not None

    @property
    def host(self) -> str:
        """The peer's address without the port; IPv6 without brackets."""
        return (self.address.rpartition(":")[0] or self.address).strip("[]")


Make = Callable[[Circumstances], Codec]
"""Makes a connection's side of a wire."""

Framing = Literal["lines", "frames", "objects", "messages"]
"""How bytes are cut into units: at each LF, by a 4-byte length before each, as JSON objects, or as
WebSocket messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One row of the registry."""

    name: str
    make: Make
    starts: Callable[[bytes], bool | None] = lambda _first: False
    """Whether the first bytes are this wire's; None while that can't be told yet.

    By default they never are: such a wire is spoken on ports of its own only.
    """
    framing: Framing = "lines"
    segments: Callable[[bytes], list[bytes]] | None = None
    """Cuts what is sent where a TCP segment has to begin; None where that makes no difference."""
    strict: bool = False
    """Whether what can't be done ends the connection, once that is told."""
    port: int | None = None
    """The TCP port of its own that this wire has by custom."""
    subprotocols: Mapping[str, Make] = field(default_factory=dict)
    """What makes the codec, instead of `make`, of who agrees on a WebSocket sub-protocol."""
