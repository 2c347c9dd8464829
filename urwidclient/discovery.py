"""Finds servers on the network: hears their beacons, and asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatservice.wire.beacon import (
    LARGEST,
    PORT,
    Allowance,
    Beacon,
    Legacy,
    decode,
    encode_query,
)

LEGACY_PORT = 8080
"""Where servers listen that announce themselves without a port."""

SERVERS = 64
"""Servers remembered; when there are more, new ones are not taken in."""

SERVERS_OF_ONE = 16
"""The same for one address, so that it cannot take all places."""

FORGET_AFTER = 20.0
"""Seconds without a sign of a server: four of its beacons."""

QUERIES = 4
"""Times that servers are asked for, one second apart."""

CHANGES = 0.2
"""Seconds from a change until it is told, together with all others of that time."""

HEARD_FROM_ONE = 20.0
"""Datagrams a second from one address that are looked at; the rest is dropped unread."""

HEARD_IN_ALL = 500.0
"""Datagrams a second that are looked at: a flood costs no more than these."""

BYTES_A_TURN = 4096
"""Read from a socket before the keyboard gets its turn."""

IN_A_ROW, PAUSE = 500, 0.1
"""After so many datagrams nothing is read for so many seconds: a flood ends in the kernel."""

_log = Logger()


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server as the list shows it; `people` and `server_id` are None for older servers."""

    name: str
    host: str
    port: int
    people: int | None
    server_id: str | None


def everywhere() -> tuple[str, ...]:
    """The broadcast addresses that need no look at the interfaces: this network, this machine."""
    return ("255.255.255.255", "127.255.255.255")


class ServerTable:
    """What was heard of servers lately, by server id and source address; bounded."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str | None, str], tuple[FoundServer, float]] = {}

    def hear(self, said: Beacon | Legacy, host: str, now: float) -> bool:
        """Take in what came from `host`; whether that is news."""
        if isinstance(said, Beacon):
            server = FoundServer(said.name or host, host, said.port, said.people, said.server_id)
        else:
            server = FoundServer(host, host, LEGACY_PORT, None, None)
        key = (server.server_id, host)
        known = self._heard.get(key)
        if known is None and not self._has_room(host):
            return False
        self._heard[key] = (server, now)
        return known is None or known[0] != server

    def expire(self, now: float) -> bool:
        """Forget what was not heard for `FORGET_AFTER`; whether anything was."""
        gone = [key for key, (_, at) in self._heard.items() if now - at > FORGET_AFTER]
        for key in gone:
            del self._heard[key]
        return bool(gone)

    def shown(self) -> tuple[FoundServer, ...]:
        """Each server once, by name: at its loopback address, else where it was heard first."""
        described = {host for server_id, host in self._heard if server_id is not None}
        chosen: dict[tuple[str | None, str], FoundServer] = {}
        for (server_id, host), (server, _) in self._heard.items():
            if server_id is None and host in described:
                continue
            key = (None, host) if server_id is None else (server_id, "")
            if key not in chosen or (_is_loopback(host) and not _is_loopback(chosen[key].host)):
                chosen[key] = server
        return tuple(sorted(chosen.values(), key=_place))

    def _has_room(self, host: str) -> bool:
        of_this = sum(known == host for _, known in self._heard)
        return len(self._heard) < SERVERS and of_this < SERVERS_OF_ONE


def _is_loopback(host: str) -> bool:
    return host.startswith("127.")


def _place(server: FoundServer) -> tuple[str, str, int]:
    return server.name.casefold(), server.host, server.port


class Ears(DatagramProtocol):
    """Hands on each datagram with the address that it came from; takes a breath now and then."""

    noisy = False
    transport: Any

    def __init__(self, hear: Callable[[bytes, str], None], clock: Any) -> None:
        self._hear = hear
        self._clock = clock
        self._left = IN_A_ROW
        self._pause: Any = None

    def startProtocol(self) -> None:
        """Let the socket send to broadcast addresses."""
        self.transport.setBroadcastAllowed(True)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Hand it on."""
        self._left -= 1
        if self._left <= 0 and self._pause is None:
            self.transport.stopReading()
            self._pause = self._clock.callLater(PAUSE, self._listen_again)
        self._hear(datagram, addr[0])

    def stopProtocol(self) -> None:
        """The socket is closed."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    def _listen_again(self) -> None:
        self._left, self._pause = IN_A_ROW, None
        self.transport.startReading()


class Discovery:
    """The servers that can be found now, in `servers`; `on_change` is called when they change.

    A beacon is a hint: anybody can send one. `host` is always the address that it came from.
    `query_targets` is asked for the addresses to send queries to.
    """

    def __init__(
        self,
        reactor: Any,
        *,
        query_targets: Callable[[], Iterable[str]] | None = None,
        port: int = PORT,
    ) -> None:
        self.servers: tuple[FoundServer, ...] = ()
        self.on_change: Callable[[], None] = lambda: None
        self._reactor = reactor
        self._query_targets = query_targets or everywhere
        self._port = port
        self._table = ServerTable()
        self._heard = Allowance(rate=HEARD_FROM_ONE, total=HEARD_IN_ALL)
        self._listening: list[Any] = []
        self._asking: Any = None
        self._queries_left = 0
        self._telling: Any = None
        self._loop = LoopingCall(self._each_second)
        self._loop.clock = reactor

    def start(self) -> None:
        """Listen for beacons and ask for servers; when it runs already, ask again."""
        self._queries_left = QUERIES
        if self._loop.running:
            return
        self._listen(
            lambda ears: self._reactor.listenMulticast(
                self._port, ears, maxPacketSize=LARGEST + 1, listenMultiple=True
            )
        )
        self._asking = self._listen(
            lambda ears: self._reactor.listenUDP(0, ears, maxPacketSize=LARGEST + 1)
        )
        self._loop.start(1.0)

    def stop(self) -> Deferred[Any]:
        """Stop listening; `servers` stays as it is. Fires when the sockets are closed."""
        if self._loop.running:
            self._loop.stop()
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        closing = [maybeDeferred(port.stopListening) for port in self._listening]
        self._listening, self._asking = [], None
        return gatherResults(closing)

    def _listen(self, bind: Callable[[Ears], Any]) -> Any:
        try:
            port = bind(Ears(self._hear, self._reactor))
        except CannotListenError as error:
            _log.warn("Looking for servers is limited: {error}", error=error)
            return None
        port.maxThroughput = BYTES_A_TURN
        self._listening.append(port)
        return port

    def _hear(self, datagram: bytes, host: str) -> None:
        now = self._reactor.seconds()
        if not self._heard.take(host, now):
            return
        said = decode(datagram)
        if isinstance(said, (Beacon, Legacy)) and self._table.hear(said, host, now):
            self._changed()

    def _each_second(self) -> None:
        if self._table.expire(self._reactor.seconds()):
            self._changed()
        if self._queries_left > 0 and self._asking is not None:
            self._queries_left -= 1
            self._ask()

    def _ask(self) -> None:
        try:
            for target in self._query_targets():
                self._send(target)
        except Exception as error:
            _log.warn("The networks to look for servers in cannot be told: {error}", error=error)

    def _send(self, target: str) -> None:
        try:
            self._asking.write(encode_query(), (target, self._port))
        except (OSError, ValueError) as error:
            _log.warn("Cannot ask {target} for servers: {error}", target=target, error=error)

    def _changed(self) -> None:
        if self._telling is None:
            self._telling = self._reactor.callLater(CHANGES, self._tell)

    def _tell(self) -> None:
        self._telling = None
        servers = self._table.shown()
        if servers != self.servers:
            self.servers = servers
            self.on_change()
