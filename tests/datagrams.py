"""UDP in memory: a clock that also listens, and ports that keep what is sent."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock
from twisted.internet.testing import FakeDatagramTransport


class DatagramPort(FakeDatagramTransport):
    """A bound socket; `refused` holds what the network says to an address."""

    def __init__(self, number: int, protocol: Any, options: dict[str, Any]) -> None:
        super().__init__()
        self.number = number
        self.protocol = protocol
        self.options = options
        self.broadcast = False
        self.refused: dict[str, Exception] = {}
        self.reading = True

    def setBroadcastAllowed(self, enabled: bool) -> None:
        """What the socket option would be."""
        self.broadcast = enabled

    def write(self, datagram: bytes, addr: Any = None) -> None:
        """Keep what is sent; raise for an address that is refused."""
        if addr[0] in self.refused:
            raise self.refused[addr[0]]
        super().write(datagram, addr)

    def take(self) -> list[tuple[bytes, tuple[str, int]]]:
        """What was sent since the last time."""
        sent, self.written = self.written, []
        return sent

    def stopReading(self) -> None:
        """Leave what comes to the kernel."""
        self.reading = False

    def startReading(self) -> None:
        """Take it again."""
        self.reading = True

    def stopListening(self) -> Deferred[None]:
        """Close."""
        self.protocol.doStop()
        return succeed(None)


class DatagramClock(Clock):
    """A reactor for UDP; ports in `taken` cannot be bound."""

    def __init__(self) -> None:
        super().__init__()
        self.ports: list[DatagramPort] = []
        self.taken: set[int] = set()

    def listenUDP(self, port: int, protocol: Any, **options: Any) -> DatagramPort:
        """Bind a socket."""
        if port in self.taken:
            raise CannotListenError("", port, OSError(98, "Address already in use"))
        bound = DatagramPort(port, protocol, options)
        self.ports.append(bound)
        protocol.makeConnection(bound)
        return bound

    listenMulticast = listenUDP
