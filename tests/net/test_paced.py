"""Segments: one write each, with time between them, in order, and never many waiting."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from chatservice.net.paced import MOST, PacedTransport
from chatservice.net.transport import pending
from chatservice.wire.words import each_line
from tests.net.network import Net, Remote, limits

LOCAL = "127.0.0.1"

GAP = 0.005


class Wire(StringTransport):
    """A transport that writes down each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.aborted = False

    def write(self, data: bytes) -> None:
        """Send."""
        self.writes.append(data)

    def abortConnection(self) -> None:
        """Cut off."""
        self.aborted = True


class PacedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.wire = Wire()
        self.paced = PacedTransport(self.wire, each_line, self.clock, GAP, 1000)

    def test_one_write_each(self) -> None:
        self.paced.write(b"one\ntwo\nthree")
        self.assertEqual(self.wire.writes, [b"one\n"])
        self.clock.advance(GAP - 0.001)
        self.assertEqual(self.wire.writes, [b"one\n"])
        self.clock.advance(0.001)
        self.assertEqual(self.wire.writes, [b"one\n", b"two\n"])
        self.clock.advance(GAP)
        self.assertEqual(self.wire.writes, [b"one\n", b"two\n", b"three"])

    def test_what_is_written_later_comes_later(self) -> None:
        self.paced.write(b"one\ntwo\n")
        self.paced.write(b"three\n")
        self.clock.pump([GAP] * 2)
        self.assertEqual(self.wire.writes, [b"one\n", b"two\n", b"three\n"])

    def test_there_is_a_gap_between_two_writes(self) -> None:
        self.paced.write(b"one\n")
        self.paced.write(b"two\n")
        self.assertEqual(self.wire.writes, [b"one\n"])
        self.clock.pump([GAP, GAP])
        self.paced.write(b"three\n")
        self.assertEqual(self.wire.writes, [b"one\n", b"two\n", b"three\n"])

    def test_rest_leaves_no_timer(self) -> None:
        self.paced.write(b"one\n")
        self.paced.write(b"")
        self.clock.pump([GAP, GAP])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_closes_after_the_last_segment(self) -> None:
        self.paced.write(b"one\ntwo\n")
        self.paced.loseConnection()
        self.assertFalse(self.wire.disconnecting)
        self.clock.advance(GAP)
        self.assertEqual(self.wire.writes, [b"one\n", b"two\n"])
        self.assertTrue(self.wire.disconnecting)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_closes_at_once_if_nothing_waits(self) -> None:
        self.paced.write(b"one\n")
        self.paced.loseConnection()
        self.assertTrue(self.wire.disconnecting)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cut_off(self) -> None:
        self.paced.write(b"one\ntwo\n")
        self.paced.abortConnection()
        self.clock.advance(1)
        self.assertEqual((self.wire.writes, self.wire.aborted), ([b"one\n"], True))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_what_waits_is_pending(self) -> None:
        self.paced.write(b"one\ntwo\nthree\n")
        self.assertEqual((self.paced.waiting, pending(self.paced)), (10, 10))
        self.clock.pump([GAP] * 2)
        self.assertEqual(pending(self.paced), 0)

    def test_too_many_segments_go_at_once(self) -> None:
        data = b"x\n" * (MOST + 1)
        self.paced.write(b"first\n")
        self.paced.write(data)
        self.assertEqual(self.wire.writes, [b"first\n", data])
        self.assertEqual(self.paced.waiting, 0)
        self.paced.write(b"last\n")
        self.clock.advance(GAP)
        self.assertEqual(self.wire.writes[2:], [b"last\n"])

    def test_so_do_too_many_bytes(self) -> None:
        lines = [b"x" * 400 + b"\n"] * 3
        self.paced.write(b"first\n")
        for line in lines:
            self.paced.write(line)
        self.assertEqual(self.wire.writes, [b"first\n", b"".join(lines)])


class PacedPeerTests(SynchronousTestCase):
    """Peers on wires with segments keep every limit, and the others know nothing of them."""

    def connect(self, net: Net) -> Remote:
        remote = net.connect(LOCAL, wire="pychat")
        net.loop.wait(0.1)
        remote.heard()
        return remote

    def test_segments(self) -> None:
        net = Net()
        remote = net.connect(LOCAL, wire="pychat")
        self.assertEqual(remote.writes(), [b"Welcome to PyChat Server!\n"])
        net.loop.wait(0.004)
        self.assertEqual(remote.writes(), [])
        net.loop.wait(0.02)
        identity, users = remote.writes()
        self.assertTrue(identity.startswith(b"ID:"))
        self.assertTrue(users.startswith(b"USERS:"))

    def test_other_wires_have_their_own_transport(self) -> None:
        net = Net()
        for wire in ("pipe", "json", "framed"):
            protocol: Any = net.connect(LOCAL, wire=wire).transport.protocol
            self.assertIs(protocol.peer._transport, protocol.transport)

    def test_a_slow_reader_is_dropped(self) -> None:
        """What it does not take is counted, wherever it waits."""
        net = Net(limits(slow_pause_bytes=2000, slow_drop_bytes=8000))
        slow, author = self.connect(net), net.pipe("author", LOCAL)
        slow.socket.space = 0
        for _ in range(7):
            author.send(b"x" * 1000 + b"\n")
        net.loop.wait(0.1)
        self.assertFalse(slow.socket.reset)
        self.assertTrue(slow.held)
        for _ in range(2):
            author.send(b"x" * 1000 + b"\n")
        self.assertTrue(slow.socket.reset)
        net.loop.wait(0.1)
        self.assertEqual(len(net.fanout), 1)

    def test_one_that_makes_no_progress_is_dropped(self) -> None:
        net = Net(limits(slow_pause_bytes=100, slow_seconds=5))
        slow, author = self.connect(net), net.pipe("author", LOCAL)
        slow.socket.space = 0
        author.send(b"x" * 200 + b"\n")
        net.loop.wait(4.9)
        self.assertFalse(slow.socket.reset)
        net.loop.wait(0.2)
        self.assertTrue(slow.socket.reset)

    def test_the_last_words_are_sent(self) -> None:
        net = Net()
        remote = self.connect(net)
        remote.send(b"/help\n/quit\n")
        net.loop.wait(1)
        lines = [line for line in remote.writes() if line]
        self.assertGreater(len(lines), 5)
        self.assertEqual(lines[-1], b"[System] Goodbye.\n")
        self.assertTrue(remote.socket.closed)
        self.assertEqual(net.loop.getDelayedCalls(), [])

    def test_gone_in_the_midst(self) -> None:
        net = Net()
        remote = self.connect(net)
        remote.send(b"/help\n")
        remote.transport.abortConnection()
        net.loop.settle()
        self.assertEqual(net.loop.getDelayedCalls(), [])
