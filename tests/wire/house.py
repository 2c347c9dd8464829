"""The whole server in memory but for the sockets: connections that tests talk through."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatservice.net.admission import Admission
from chatservice.net.fanout import FanOut
from chatservice.net.peer import House
from chatservice.net.ports import ChatFactory
from chatservice.net.refusals import RefusalLog
from chatservice.wire.registry import Registry
from tests.world import World


def local_time(at: int) -> str:
    """The `HH:MM` of a time, in a place that keeps UTC."""
    minutes = at // 60_000
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


class Wireless(StringTransport):
    """A connection's transport: everything written counts as sent at once."""

    def __init__(self, server: Server, address: IPv4Address) -> None:
        super().__init__(peerAddress=address)
        self._clock = server.world.clock
        self.protocol: Protocol = server.factory.buildProtocol(address)
        self.protocol.makeConnection(self)

    def loseConnection(self) -> None:
        """Close; the protocol hears of it in another turn, as it does from a real one."""
        if not self.disconnecting:
            self.disconnecting = True
            self._clock.callLater(0, self.lose)

    def lose(self) -> None:
        """The connection is gone."""
        if self.connected:
            self.connected = False
            self.protocol.connectionLost(Failure(ConnectionDone()))

    def take(self) -> bytes:
        """What was written since the last time."""
        written: bytes = self.value()
        self.clear()
        return written


class Client:
    """Somebody's end of a connection."""

    def __init__(self, server: Server, number: int) -> None:
        self._server = server
        self.transport = Wireless(server, IPv4Address("TCP", f"10.0.0.{number}", 5000 + number))

    @property
    def closed(self) -> bool:
        """Whether the server has closed the connection."""
        return self.transport.disconnecting

    def send(self, data: bytes) -> None:
        """Send bytes; then whatever needs no time happens."""
        if self.transport.connected:
            self.transport.protocol.dataReceived(data)
        self._server.world.settle()

    def say(self, *lines: str) -> bytes:
        """Send lines, all at once; what the server says thereupon."""
        self.send("".join(f"{line}\n" for line in lines).encode())
        return self.transport.take()

    def hang_up(self) -> None:
        """Close the connection from this end."""
        self.transport.lose()
        self._server.world.settle()


class Server:
    """A chat with everything that net puts around it.

    Unless a test sets these limits, nobody is made to wait for having said much at once, and a
    list of users comes with each change.
    """

    def __init__(self, **limits: Any) -> None:
        unhurried = {"message_burst": 1000, "paste_lines": 10**6, "roster_bytes_per_second": 10**30}
        self.world = World(**unhurried | limits)
        self.world.clock.advance(1)
        self.open()

    def open(self) -> None:
        """Put connections in the place of the world's ears."""
        world = self.world
        fanout = FanOut()
        world.chat._outlets = fanout
        house = House(
            chat=world.chat,
            fanout=fanout,
            clock=world.clock,
            limits=world.limits,
            refusals=RefusalLog(world.clock),
        )
        admission = Admission(world.limits, world.clock, 1000)
        self.factory = ChatFactory(house, Registry(local_time), admission)

    def restart(self) -> None:
        """Begin anew with what the store holds; nobody is connected."""
        self.world.restart()
        self.open()

    def connect(self, number: int) -> Client:
        """A new connection, from 10.0.0.<number>."""
        return Client(self, number)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, in steps of a tenth of a second, and what is due then happen."""
        for _ in range(round(seconds * 10)):
            self.world.clock.advance(0.1)
            self.world.settle()
        self.world.clock.advance(1e-6)
        self.world.settle()

    def stop(self) -> None:
        """Stop as a signal does."""
        self.world.chat.stop(lambda: None)
        self.world.settle()
