"""A TCP transport that tries the socket at once, which saves most of the cost of a fan-out.

Twisted's own queues what is written and waits to hear that the socket is writable: two changes of
the poller and a trip round the event loop for each write. Nearly always the socket takes all of it.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any

from twisted.internet import tcp
from twisted.internet.abstract import FileDescriptor
from twisted.internet.interfaces import ISystemHandle
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from chatservice.net import turns
from chatservice.net.paced import PacedTransport
from chatservice.net.port import EagerPort, LastWords, Traffic, TurnedAway


class DirectServer(tcp.Server):
    """A server-side connection that queues only what the socket does not take."""

    TLS = False

    def write(self, data: bytes) -> None:
        """Send, or queue what can't be sent now. Errors are found when the socket is polled."""
        if (
            self.connected
            and not self.disconnecting
            and not self._tempDataLen
            and not self.dataBuffer
            and not self.TLS
        ):
            try:
                sent = self.socket.send(data)
            except OSError:
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        super().write(data)

    def connectionLost(self, reason: Failure) -> None:
        """Count what went through the connection, as long as that can be told."""
        received, sent = traffic(self)
        number = descriptor(self)
        port: Any = self.server
        ended: Traffic = port.ended
        ended.received += received
        ended.sent += sent
        super().connectionLost(reason)
        turns.forget(self.reactor, number)


def carrier(
    connection: socket.socket, protocol: Any, client: Any, server: Any, *others: Any
) -> Any:
    """What carries a new connection; `others` is what else `tcp.Server` is made of."""
    if isinstance(protocol, TurnedAway):
        return LastWords(connection, server.ended)
    return DirectServer(connection, protocol, client, server, *others)


class DirectPort(EagerPort):
    """A listening port whose connections try the socket at once."""

    transport: Any = staticmethod(carrier)
    ended: Traffic
    pause_bytes: int

    def createInternetSocket(self) -> socket.socket:
        """See `tcp.Port`; what connections inherit is set before there can be any."""
        listener: socket.socket = super().createInternetSocket()
        if INHERITED:
            _set(listener, self.pause_bytes)
        return listener


class DirectReactor:
    """A reactor whose `listenTCP` makes direct ports; everything else is the reactor's own.

    `ended` is what went through connections that are over; `pause_bytes` see `prepare`.
    """

    def __init__(self, reactor: Any, backlog: int, pause_bytes: int) -> None:
        self.ended = Traffic()
        self._reactor = reactor
        self._backlog = backlog
        self._pause_bytes = pause_bytes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    def listenTCP(
        self, port: int, factory: Factory, backlog: int = 50, interface: str = ""
    ) -> tcp.Port:
        """Listen, with a backlog that a storm of reconnecting clients fits into."""
        del backlog
        listening = DirectPort(port, factory, self._backlog, interface, self._reactor)
        listening.ended = self.ended
        listening.pause_bytes = self._pause_bytes
        listening.startListening()
        return listening


def direct(transport: object) -> bool:
    """Whether the socket of a connection may be written to: it is open, and nothing waits for it.

    Whoever does so gives the transport what the socket did not take.
    """
    return (
        type(transport) is DirectServer
        and not (transport.dataBuffer or transport._tempDataLen)  # noqa: SLF001
        and bool(transport.connected)
        and not (transport.disconnecting or transport.TLS)
    )


def descriptor(transport: object) -> int:
    """The socket of a connection that may be written to at times (`direct`), or -1."""
    return int(transport.fileno()) if isinstance(transport, DirectServer) else -1


def prefer(transport: Any) -> None:
    """Let what comes from somebody who is known not wait for what comes from strangers."""
    if isinstance(transport, PacedTransport):
        transport = transport.transport
    number = descriptor(transport)
    if number >= 0:
        turns.prefer(transport.reactor, number)


def pending(transport: object) -> int:
    """Bytes that wait in this process for the peer to read, 0 where that can't be told."""
    if isinstance(transport, PacedTransport):
        return transport.waiting + pending(transport.transport)
    if not isinstance(transport, FileDescriptor):
        return 0
    queued: int = transport._tempDataLen  # noqa: SLF001
    return len(transport.dataBuffer) - transport.offset + queued


def unread(transport: Any) -> bool:
    """Whether something of the peer's has come that the event loop has not got round to."""
    handle: Any = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    if not hasattr(handle, "recv"):
        return False
    try:
        handle.recv(1, socket.MSG_PEEK)
    except OSError:
        return False
    return True


_INFO = struct.Struct("=120xQQ")
"""Where `struct tcp_info` has the bytes acknowledged and received, since Linux 4.1."""


def traffic(transport: Any) -> tuple[int, int]:
    """Bytes that came in by TCP, and that arrived at the peer: as the system counts them.

    To ask it costs a microsecond; to count each write would cost more. 0 where it can't tell.
    """
    if isinstance(transport, PacedTransport):
        transport = transport.transport
    try:
        found = transport.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
        sent, received = _INFO.unpack(found)
    except (AttributeError, OSError, struct.error):
        return 0, 0
    return received, sent


KEEPALIVE_SECONDS = (30, 6, 4)
"""Silence before the first probe, between two probes, and probes: together 54 s.

A peer that answers nothing is let go after so long, and so is one that does not acknowledge what it
was sent. If something is sent just before the first of these, the second begins anew: a dead peer
is gone within two minutes, whatever it was told meanwhile.
"""

KEEPALIVE_SPREAD = 20
"""Seconds by which the first probe may come earlier, for one in so many connections each.

Else all who heard the same are probed in the same moment, and the system drops packets of which it
is given more than a thousand at once (`net.core.netdev_max_backlog`): then others seem dead, too.
"""


INHERITED = sys.platform == "linux"
"""Whether a connection has the options of the socket that took it, and is spared six calls."""


def prepare(transport: Any, pause_bytes: int) -> None:
    """Set a new connection up: small writes at once, dead peers and slow readers noticed."""
    transport.bufferSize = pause_bytes
    handle: Any = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    if getattr(handle, "family", None) not in (socket.AF_INET, socket.AF_INET6):
        return
    if not (INHERITED and isinstance(transport, DirectServer)):
        _set(handle, pause_bytes)
    if hasattr(socket, "TCP_KEEPIDLE"):
        idle = KEEPALIVE_SECONDS[0] - handle.fileno() % KEEPALIVE_SPREAD
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, idle))


def _set(handle: Any, pause_bytes: int) -> None:
    """Set what is the same for all connections."""
    idle, interval, count = KEEPALIVE_SECONDS
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {
        "TCP_NODELAY": 1,
        "TCP_KEEPINTVL": interval,
        "TCP_KEEPCNT": count,
        "TCP_USER_TIMEOUT": 1000 * (idle + interval * count),
        # Else the system takes megabytes for who reads nothing, before anybody notices.
        "TCP_NOTSENT_LOWAT": pause_bytes,
    }
    for name, value in options.items():
        if hasattr(socket, name):
            handle.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
