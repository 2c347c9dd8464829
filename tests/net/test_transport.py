"""The transport that tries the socket at once."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from chatservice.net import transport
from chatservice.net.transport import (
    KEEPALIVE_SECONDS,
    KEEPALIVE_SPREAD,
    DirectReactor,
    pending,
    prepare,
)
from tests.net.network import Loop, MemorySocket, accept


class DirectServerTests(SynchronousTestCase):
    """One connection."""

    def setUp(self) -> None:
        """Nothing is written yet."""
        self.loop = Loop()
        self.socket = MemorySocket(1)
        factory: Any = Factory.forProtocol(Protocol)
        self.transport = accept(self.loop, self.socket, factory, "192.0.2.1", 5)

    def sent(self) -> bytes:
        """All that the socket took."""
        return b"".join(self.socket.sends)

    def test_at_once(self) -> None:
        """No poll, no turn of the event loop."""
        self.transport.write(b"hello")
        self.assertEqual(self.socket.sends, [b"hello"])
        self.assertEqual(self.loop.writers, {})
        self.assertEqual(pending(self.transport), 0)

    def test_partial_sends_keep_the_order(self) -> None:
        data = [bytes([65 + n % 26]) * (n * 37 % 101) for n in range(100)]
        for number, each in enumerate(data):
            self.socket.space = number * 53 % 97
            self.transport.write(each)
            if number % 3 == 0:
                self.loop.settle()
        total = b"".join(data)
        self.assertEqual(len(self.sent()) + pending(self.transport), len(total))
        self.assertGreater(pending(self.transport), 0)
        self.socket.space = 10_000
        self.loop.settle()
        self.assertEqual(self.sent(), total)
        self.assertEqual((pending(self.transport), self.loop.writers), (0, {}))

    def test_nothing_overtakes_what_waits(self) -> None:
        self.socket.space = 3
        self.transport.write(b"first")
        self.socket.space = 100
        self.transport.write(b" second")
        self.assertEqual(self.sent(), b"fir")
        self.loop.settle()
        self.assertEqual(self.sent(), b"first second")

    def test_pending(self) -> None:
        self.socket.space = 4
        self.transport.write(b"x" * 10)
        self.assertEqual(pending(self.transport), 6)
        self.transport.write(b"y" * 10)
        self.assertEqual(pending(self.transport), 16)
        self.socket.space = 7
        self.loop.settle()
        self.assertEqual(pending(self.transport), 9)

    def test_what_was_written_is_sent_before_the_close(self) -> None:
        self.socket.space = 2
        self.transport.write(b"last words")
        self.transport.loseConnection()
        self.transport.write(b" and more")
        self.loop.settle()
        self.assertFalse(self.socket.closed)
        self.socket.space = 100
        self.loop.settle()
        self.assertTrue(self.sent().startswith(b"last words"))
        self.assertTrue(self.socket.closed)

    def test_a_broken_socket_is_found_when_polled(self) -> None:
        """A write never raises into the midst of a fan-out."""

        def broken(_data: bytes) -> int:
            raise BrokenPipeError(32, "broken")

        self.socket.send = broken  # type: ignore[method-assign,assignment]
        self.transport.write(b"hello")
        self.assertFalse(self.socket.closed)
        self.loop.settle()
        self.assertTrue(self.socket.closed)
        self.transport.write(b"more")

    def test_prepared(self) -> None:
        """Small writes go out at once, and a dead peer is noticed."""
        self.patch(transport, "INHERITED", False)
        prepare(self.transport, 1234)
        self.assertEqual(self.transport.bufferSize, 1234)
        options = self.socket.options
        self.assertEqual(options[socket.IPPROTO_TCP, socket.TCP_NODELAY], True)
        self.assertEqual(options[socket.SOL_SOCKET, socket.SO_KEEPALIVE], True)
        self.assertEqual(options[socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT], 1234)

    def test_not_all_are_probed_at_once(self) -> None:
        """The system drops probes of which there are too many in one moment."""
        idle = set()
        for self.socket.number in range(5, 5 + 2 * KEEPALIVE_SPREAD):
            prepare(self.transport, 1234)
            idle.add(self.socket.options[socket.IPPROTO_TCP, socket.TCP_KEEPIDLE])
        latest = KEEPALIVE_SECONDS[0]
        self.assertEqual(idle, set(range(latest - KEEPALIVE_SPREAD + 1, latest + 1)))

    def test_other_transports(self) -> None:
        """One that is no TCP connection is left as it is."""
        transport = StringTransport()
        prepare(transport, 1234)
        self.assertEqual(pending(transport), 0)

    def test_local_sockets(self) -> None:
        """They have no options of TCP."""
        self.socket.family = socket.AF_UNIX

        def refuse(*_: object) -> None:
            raise OSError(95, "Operation not supported")

        self.socket.setsockopt = refuse  # type: ignore[method-assign,assignment]
        prepare(self.transport, 1234)
        self.assertEqual(self.flushLoggedErrors(), [])


class Prepared(Protocol):
    """Set up as a connection to the chat is."""

    transport: Any

    def connectionMade(self) -> None:
        """It is there."""
        prepare(self.transport, 1234)


class ListeningTests(SynchronousTestCase):
    """A connection of a real port."""

    def options(self) -> dict[str, int]:
        """What is set on the socket of a new connection."""
        loop = Loop()
        factory: Any = Factory.forProtocol(Prepared)
        port = DirectReactor(loop, 10, 1234).listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.connectionLost, connectionDone)
        with socket.create_connection(("127.0.0.1", port.getHost().port)):
            port.doRead()
            [handle] = [reader for reader in loop.readers if reader is not port]
            self.addCleanup(handle.connectionLost, connectionDone)
            names = ("TCP_NODELAY", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_NOTSENT_LOWAT")
            found = {
                name: handle.socket.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                for name in (*names, "TCP_USER_TIMEOUT", "TCP_KEEPIDLE")
            }
            alive = handle.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        return found | {"SO_KEEPALIVE": alive}

    def test_options(self) -> None:
        """Whether a connection has them of the listening socket or is given each itself."""
        inherited = self.options()
        self.patch(transport, "INHERITED", False)
        given = self.options()
        given["TCP_KEEPIDLE"] = inherited["TCP_KEEPIDLE"]  # another one for each
        self.assertEqual(given, inherited)
        idle, interval, count = KEEPALIVE_SECONDS
        first = inherited.pop("TCP_KEEPIDLE")
        self.assertTrue(idle - KEEPALIVE_SPREAD < first <= idle)
        self.assertEqual(
            inherited,
            {
                "SO_KEEPALIVE": 1,
                "TCP_KEEPCNT": count,
                "TCP_KEEPINTVL": interval,
                "TCP_NODELAY": 1,
                "TCP_NOTSENT_LOWAT": 1234,
                "TCP_USER_TIMEOUT": 1000 * (idle + interval * count),
            },
        )
