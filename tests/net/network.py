"""A network in memory under the real transport: sockets, an event loop, and a chat behind them."""

from __future__ import annotations

import socket
import struct
from dataclasses import replace
from errno import EWOULDBLOCK
from functools import partial
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.posixbase import _DisconnectSelectableMixin
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock

from chatservice.app import Chat
from chatservice.domain.hub import Hub
from chatservice.domain.limits import Limits
from chatservice.net import multicast
from chatservice.net.admission import Admission
from chatservice.net.fanout import FanOut
from chatservice.net.house import House
from chatservice.net.moments import Moments
from chatservice.net.port import Traffic
from chatservice.net.ports import ChatFactory
from chatservice.net.pulse import Rounds
from chatservice.net.refusals import RefusalLog
from chatservice.net.transport import DirectServer, carrier, pending
from chatservice.storage.memory import MemoryStore
from chatservice.wire.codec import ServerInfo
from chatservice.wire.registry import Registry
from tests.storage.inline import InlineWorker
from tests.world import InstantHashes

NOW = 1_700_000_000_000
STRANGER = "192.0.2.1"
"""An address that is not this machine's, so that all limits are for it."""


class MemorySocket:
    """The server's end of a connection; `space` is how much its peer takes before it reads."""

    family = socket.AF_INET

    def __init__(self, number: int) -> None:
        self.number = number
        self.space = 10_000_000
        self.incoming = bytearray()
        self.ended = False
        self.reset = False
        self.shut = False
        self.closed = False
        self.sends: list[bytes] = []
        self.options: dict[tuple[int, int], Any] = {}
        self.received = self.sent = 0
        self.user = 0

    def setblocking(self, _flag: bool) -> None:
        """Never blocks anyway."""

    def fileno(self) -> int:
        """A number that no other has."""
        return self.number

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        """Note an option; lingering for no time is how a connection is reset."""
        self.options[level, option] = value
        if option == socket.SO_LINGER:
            self.reset = True

    def getsockopt(self, _level: int, option: int, size: int) -> bytes:
        """What the system knows: what went through, or the process at the other end."""
        if option == socket.TCP_INFO:
            return struct.pack("=120xQQ", self.sent, self.received)[:size]
        assert option == socket.SO_PEERCRED
        return struct.pack("3i", 4711, self.user, 4711)

    def send(self, data: bytes | memoryview, _flags: int = 0) -> int:
        """Take what there is space for."""
        if not self.space:
            raise BlockingIOError(EWOULDBLOCK, "full")
        taken = bytes(data[: self.space])
        self.space -= len(taken)
        self.sent += len(taken)
        self.sends.append(taken)
        return len(taken)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Give what came."""
        if not self.incoming and not self.ended:
            raise BlockingIOError(EWOULDBLOCK, "empty")
        taken = bytes(self.incoming[:size])
        if not flags & socket.MSG_PEEK:
            del self.incoming[:size]
            self.received += len(taken)
        return taken

    def shutdown(self, _how: int) -> None:
        """The server sends no more."""
        self.shut = True

    def close(self) -> None:
        """The end."""
        self.closed = True


class Loop(_DisconnectSelectableMixin, Clock):
    """A clock that also polls memory sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: dict[Any, None] = {}
        self.writers: dict[Any, None] = {}

    def addReader(self, reader: Any) -> None:
        """Poll for something to read."""
        self.readers[reader] = None

    def removeReader(self, reader: Any) -> None:
        """Poll no more."""
        self.readers.pop(reader, None)

    def addWriter(self, writer: Any) -> None:
        """Poll for space to write."""
        self.writers[writer] = None

    def removeWriter(self, writer: Any) -> None:
        """Poll no more."""
        self.writers.pop(writer, None)

    def settle(self) -> None:
        """Turn until nothing happens any more without time going by."""
        for _ in range(1000):
            ready = [each for each in self.readers if each.socket.incoming or each.socket.ended]
            writable = [each for each in self.writers if each.socket.space]
            due = [call for call in self.getDelayedCalls() if call.getTime() <= self.seconds()]
            if not (ready or writable or due):
                return
            for each in ready:
                if each in self.readers:
                    self._poll(each, each.doRead(), True)
            for each in writable:
                if each in self.writers:
                    self._poll(each, each.doWrite(), False)
            self.advance(0)
        raise AssertionError("it goes on for ever")

    def wait(self, seconds: float) -> None:
        """Let time go by in small steps."""
        self.settle()
        end = self.seconds() + seconds
        while end - self.seconds() > 1e-9:
            self.advance(min(0.01, end - self.seconds()))
            self.settle()

    def _poll(self, descriptor: Any, why: Any, reading: bool) -> None:
        if why:
            self._disconnectSelectable(descriptor, why, reading)


class Remote:
    """The other end of a connection."""

    def __init__(self, loop: Loop, sock: MemorySocket, transport: DirectServer) -> None:
        self._loop = loop
        self.socket = sock
        self.transport = transport

    def send(self, data: bytes) -> None:
        """Send, and let the server do what it does at once."""
        self.socket.incoming += data
        self._loop.settle()

    def heard(self) -> bytes:
        """What was received since the last time."""
        self._loop.settle()
        taken = b"".join(self.socket.sends)
        self.socket.sends.clear()
        return taken

    def writes(self) -> list[bytes]:
        """The same, as it was sent."""
        self._loop.settle()
        taken = list(self.socket.sends)
        self.socket.sends.clear()
        return taken

    def read(self, size: int) -> None:
        """Take so much from a full connection."""
        self.socket.space += size
        self._loop.settle()

    def end(self) -> None:
        """Send no more, which the server comes to know."""
        self.socket.ended = True
        self._loop.settle()

    @property
    def pending(self) -> int:
        """Bytes that the server has still to send."""
        return pending(self.transport)

    @property
    def held(self) -> bool:
        """Whether the server reads nothing from here."""
        return self.transport not in self._loop.readers


class Net:
    """A chat in memory and its network; `hold` lets its store answer only when released."""

    def __init__(
        self, limits: Limits | None = None, *, hold: bool = False, most: int = 1000
    ) -> None:
        self.limits = limits or Limits()
        self.loop = Loop()
        self.log = Clock()
        self.wall = NOW
        self.store = MemoryStore(lambda: "server", lambda: self.wall, self.limits.retry_seconds)
        self.worker = InlineWorker(self.store, hold=hold)
        self.sockets: dict[int, MemorySocket] = {}
        self.fanout = FanOut(partial(multicast.Loop, write=self._write), self.loop)
        self._drawn = 0
        opened = self.worker.start()
        hub = Hub(
            name="here",
            server_id=opened.server_id,
            limits=self.limits,
            draw=self._draw,
            rooms=opened.rooms,
        )
        self.chat = Chat(
            hub=hub,
            hasher=InstantHashes(),
            worker=self.worker,
            outlets=self.fanout,
            clock=self.loop,
            wall=lambda: self.wall,
        )
        self.house = House(
            chat=self.chat,
            fanout=self.fanout,
            clock=self.loop,
            limits=self.limits,
            refusals=RefusalLog(self.log),
            rounds=Rounds(self.loop, self.limits),
            moments=Moments(self.loop),
        )
        self.registry = Registry(lambda _: "12:34", ServerInfo(), lambda: 0)
        self.admission = Admission(self.limits, self.loop, most)
        self.listening = Listening()
        self._connections = 0

    def connect(self, host: str = STRANGER, *, wire: str | None = None) -> Remote:
        """A connection to the shared port, or to one of a wire's own."""
        return self.connect_to(
            ChatFactory(
                self.house,
                self.registry,
                self.admission,
                self.registry.wires[wire] if wire else None,
            ),
            host,
        )

    def connect_to(self, factory: Any, host: str = STRANGER, *, user: int = 0) -> Remote:
        """A connection to a port with this factory; `user` is whose process it is."""
        self._connections += 1
        port = 40_000 + self._connections
        sock = MemorySocket(self._connections)
        sock.user = user
        self.sockets[sock.number] = sock
        transport = accept(self.loop, sock, factory, host, port, self.listening)
        self.loop.settle()
        return Remote(self.loop, sock, transport)

    def pipe(self, nick: str, host: str = STRANGER) -> Remote:
        """Somebody on the pipe wire, whose greeting is read."""
        remote = self.connect(host, wire="pipe")
        remote.send(f"CMD_USER|{nick}\n".encode())
        remote.heard()
        return remote

    def json(self, nick: str, host: str = STRANGER) -> Remote:
        """Somebody on the native wire in the lobby, whose greeting is read."""
        remote = self.connect(host, wire="json")
        hello = f'{{"type":"hello","nick":"{nick}"}}\n{{"type":"join","room":"lobby"}}\n'
        remote.send(hello.encode())
        remote.heard()
        return remote

    def _write(self, number: int, data: bytes) -> int:
        """Write to an open socket: the number of one that is closed may be another's by now."""
        sock = self.sockets[number]
        assert not sock.closed
        return sock.send(data)

    def _draw(self, below: int) -> int:
        self._drawn += 1
        return self._drawn % below


class Listening:
    """A listening port: what its connections know of it."""

    _realPortNumber = 8080

    def __init__(self) -> None:
        self.ended = Traffic()


def accept(
    loop: Any,
    sock: Any,
    factory: Factory,
    host: str,
    port: int,
    listening: Any = None,
) -> Any:
    """What a listening port does with a new connection."""
    client = (host, port, 0, 0) if ":" in host else (host, port)
    family = IPv6Address if ":" in host else IPv4Address
    protocol = factory.buildProtocol(family("TCP", host, port))
    assert protocol is not None
    listening = listening or Listening()
    transport = carrier(sock, protocol, client, listening, sock.number, loop)
    protocol.makeConnection(transport)
    return transport


def limits(**changed: float) -> Limits:
    """The default limits but for some."""
    return replace(Limits(), **changed)  # type: ignore[arg-type]
