"""The whole server in memory but for the sockets: connections that tests talk through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatservice.net.admission import Admission
from chatservice.net.fanout import FanOut
from chatservice.net.house import House
from chatservice.net.moments import Moments
from chatservice.net.multicast import Loop
from chatservice.net.objects import ObjectProtocol
from chatservice.net.ports import ChatFactory
from chatservice.net.pulse import Rounds
from chatservice.net.refusals import RefusalLog
from chatservice.wire.codec import ServerInfo
from chatservice.wire.framed import frame
from chatservice.wire.objects import each_object
from chatservice.wire.registry import Registry
from tests.world import World


def local_time(at: int) -> str:
    """The `HH:MM` of a time, in a place that keeps UTC."""
    minutes = at // 60_000
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


SERVER = ServerInfo(name="chat.test", network="TestNet", motd=("Be kind.",), version="1.2.3")
"""What the server says about itself."""


WIRES = {
    name
    for name, wire in Registry(local_time, SERVER, lambda: 0).wires.items()
    if wire.framing != "messages"
}
"""The wires that have a form of their own: in messages there are the lines of another one."""


class Wireless(StringTransport):
    """A connection's transport: everything written counts as sent at once."""

    def __init__(self, server: Server, address: IPv4Address, wire: str | None = None) -> None:
        super().__init__(peerAddress=address)
        self._clock = server.world.clock
        self.protocol: Protocol = server.port(wire).buildProtocol(address)
        self.writes: list[bytes] = []
        self.protocol.makeConnection(self)

    def write(self, data: bytes) -> None:
        """Send, in a segment of its own."""
        self.writes.append(data)
        super().write(data)

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
        self.writes.clear()
        return written


class Client:
    """Somebody's end of a connection."""

    def __init__(self, server: Server, number: int, wire: str | None, host: int) -> None:
        self._server = server
        self.framed = wire is not None and server.registry.wires[wire].framing == "frames"
        address = IPv4Address("TCP", f"10.0.0.{host}", 5000 + number)
        self.transport = Wireless(server, address, wire)

    @property
    def closed(self) -> bool:
        """Whether the server has closed the connection."""
        return self.transport.disconnecting

    @property
    def speaks_objects(self) -> bool:
        """Whether the server has found out, or knew, that units are JSON objects."""
        return isinstance(self.transport.protocol, ObjectProtocol)

    def send(self, data: bytes) -> None:
        """Send bytes; then whatever needs no time happens."""
        if self.transport.connected:
            self.transport.protocol.dataReceived(data)
        self._server.world.settle()

    def say(self, *lines: str) -> bytes:
        """Send lines, or as many frames, all at once; what the server says thereupon."""
        self.send(b"".join(map(frame, lines)) if self.framed else _joined(lines))
        return self.transport.take()

    def segments(self) -> list[str]:
        """What was written since the last time, by writes."""
        writes = [each.decode() for each in self.transport.writes]
        self.transport.take()
        return writes

    def frames(self) -> list[str]:
        """What was written since the last time, by frames."""
        data, found = self.transport.take(), []
        while data:
            end = 4 + int.from_bytes(data[:4], "big")
            assert len(data) >= end, "a frame has no end"
            found.append(data[4:end].decode())
            data = data[end:]
        return found

    def objects(self) -> list[str]:
        """What was written since the last time, by JSON objects."""
        return [each.decode() for each in each_object(self.transport.take())]

    def hang_up(self) -> None:
        """Close the connection from this end."""
        self.transport.lose()
        self._server.world.settle()


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


class Server:
    """A chat with everything that net puts around it.

    Unless a test sets these limits, nobody is made to wait for having said much at once or asked
    whether it is there, a list of users comes with each change, and segments follow each other
    without a pause.
    """

    def __init__(self, connections: int = 1000, **limits: Any) -> None:
        self._connections = connections
        unhurried = {
            "message_burst": 1000,
            "paste_lines": 10**6,
            "roster_bytes_per_second": 10**30,
            "segment_seconds": 0,
            "silence_seconds": 10**6,
        }
        self.info = SERVER
        self.world = World(**unhurried | limits)
        self.world.clock.advance(1)
        self.open()

    def open(self) -> None:
        """Put connections in the place of the world's ears."""
        world = self.world
        fanout = FanOut(Loop, world.clock)
        world.chat._outlets = fanout
        self._house = House(
            chat=world.chat,
            fanout=fanout,
            clock=world.clock,
            limits=world.limits,
            refusals=RefusalLog(world.clock),
            rounds=Rounds(world.clock, world.limits),
            moments=Moments(world.clock),
        )
        self._admission = Admission(world.limits, world.clock, self._connections)
        self.registry = Registry(local_time, self.info, lambda: 0, world.hub.person_of)
        self.factory = ChatFactory(self._house, self.registry, self._admission)

    def port(self, wire: str | None) -> ChatFactory:
        """The shared port, or one of a wire's own."""
        if wire is None:
            return self.factory
        own = self.registry.wires[wire]
        return ChatFactory(self._house, self.registry, self._admission, own)

    def restart(self) -> None:
        """Begin anew with what the store holds; nobody is connected."""
        self.world.restart()
        self.open()

    def connect(self, number: int, wire: str | None = None, host: int | None = None) -> Client:
        """A new connection to the shared port, or to one of a wire's own.

        It is from 10.0.0.<number>, or from 10.0.0.<host>.
        """
        return Client(self, number, wire, number if host is None else host)

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
