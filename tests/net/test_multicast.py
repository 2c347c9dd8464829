"""The same bytes to many sockets: by a loop, and by a ring of the system's."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Sequence

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatservice.net import uring
from chatservice.net.multicast import Loop, Multicast

EVERYTHING = 1 << 24
"""Bytes, more than a socket takes at once."""


class LoopTests(SynchronousTestCase):
    """Some pairs of sockets, of which one side sends."""

    NUMBER = 40

    def setUp(self) -> None:
        """All are open and empty."""
        pairs = [socket.socketpair() for _ in range(self.NUMBER)]
        for each in (each for pair in pairs for each in pair):
            each.setblocking(False)
            self.addCleanup(each.close)
        self.ours = [ours for ours, _ in pairs]
        self.theirs = [theirs for _, theirs in pairs]
        self.multicast = self.make([each.fileno() for each in self.ours])

    def make(self, descriptors: Sequence[int]) -> Multicast:
        """What is tested."""
        return Loop(descriptors)

    def heard(self) -> list[bytes]:
        """What each has received since the last time."""
        return [_read(each) for each in self.theirs]

    def test_all_are_sent_the_same(self) -> None:
        for number in range(100):
            text = b"message %d" % number
            self.assertEqual(self.multicast.send(text), [])
            self.assertEqual(self.heard(), [text] * self.NUMBER)

    def test_but_some(self) -> None:
        for but in ({0}, {self.NUMBER - 1}, {3, 4, 9}, set(range(self.NUMBER))):
            self.assertEqual(self.multicast.send(b"hello", but), [])
            heard = [b"" if place in but else b"hello" for place in range(self.NUMBER)]
            self.assertEqual(self.heard(), heard)

    def test_who_is_left_out_may_be_closed(self) -> None:
        self.ours[5].close()
        self.assertEqual(self.multicast.send(b"hello", {5}), [])
        self.assertEqual(self.heard(), [b"hello"] * 5 + [b""] + [b"hello"] * (self.NUMBER - 6))

    def test_who_takes_a_part_or_nothing(self) -> None:
        """It is told how much that was, in the order of the bytes."""
        full, part = 7, 20
        taken = _fill(self.ours[full])
        for place, each in enumerate(self.ours):
            if place not in (full, part):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        data = bytes(range(256)) * 600
        self.ours[part].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        short = dict(self.multicast.send(data))
        self.assertEqual(short.keys(), {full, part})
        self.assertEqual(short[full], 0)
        self.assertTrue(0 < short[part] < len(data))
        heard = self.heard()
        self.assertEqual(len(heard[full]), taken)
        self.assertEqual(heard[part], data[: short[part]])
        self.assertTrue(all(heard[n] == data for n in range(self.NUMBER) if n not in short))

    def test_who_is_gone(self) -> None:
        """No signal, no error; the others hear it."""
        self.theirs[11].close()
        self.assertEqual(self.multicast.send(b"hello"), [(11, 0)])
        del self.theirs[11]
        self.assertEqual(self.heard(), [b"hello"] * (self.NUMBER - 1))


class RingTests(LoopTests):
    """A ring that each time begins at another place, and ends where it has begun before."""

    NUMBER = 200
    ring = uring.URing

    def make(self, descriptors: Sequence[int]) -> Multicast:
        """A ring's."""
        self.patch(uring.URing, "ENTRIES", 256)
        try:
            ring = self.ring()
        except OSError as reason:
            raise SkipTest(f"no io_uring here: {reason}") from None
        self.addCleanup(ring.close)
        return uring.Requests(ring, descriptors)

    def test_two_rooms_on_one_ring(self) -> None:
        """What one asks for is not taken for another's, as long or longer than any before."""
        assert isinstance(self.multicast, uring.Requests)
        other = uring.Requests(self.multicast._ring, [each.fileno() for each in self.ours[30:60]])
        for many in (1, 1, 5000):
            self.assertEqual(self.multicast.send(b"all." * many), [])
            self.assertEqual(other.send(b"some" * many), [])
            heard = [b"all." * many] * self.NUMBER
            heard[30:60] = [b"all." * many + b"some" * many] * 30
            self.assertEqual(self.heard(), heard)


class _Stingy(uring.URing):
    """A system that does only so many of what it is asked for, then has no memory."""

    left = 100

    def _system(self, *arguments: int) -> int:
        number, descriptor, count, *others = arguments
        if number != uring._ENTER:
            return super()._system(*arguments)
        count = min(count, self.left)
        self.left -= count
        if not count:
            raise OSError(errno.EAGAIN, "no memory")
        return super()._system(number, descriptor, count, count, *others[1:])


class StingyTests(SynchronousTestCase):
    """A ring that can't do all."""

    def test_what_is_not_done_is_told(self) -> None:
        """Those places took nothing, and the next time all is as it should be."""
        case = RingTests("test_all_are_sent_the_same")
        self.addCleanup(case.doCleanups)
        case.ring = _Stingy
        case.setUp()
        assert isinstance(case.multicast, uring.Requests)
        self.assertEqual(case.multicast.send(b"a"), [(place, 0) for place in range(100, 200)])
        self.assertEqual(case.multicast.send(b"b"), [(place, 0) for place in range(200)])
        case.multicast._ring.left = 10_000  # type: ignore[attr-defined]
        self.assertEqual(case.multicast.send(b"c"), [])
        self.assertEqual(case.heard(), [b"ac"] * 100 + [b"c"] * 100)


class BestTests(SynchronousTestCase):
    """Which of them is taken."""

    def test_few(self) -> None:
        self.assertIsInstance(uring.best()([1] * 3), Loop)

    def test_more_than_there_are_places(self) -> None:
        self.assertIsInstance(uring.best()([1] * 1025), Loop)

    def test_no_ring(self) -> None:
        """An old kernel, or one that forbids it."""

        def refuse() -> None:
            raise OSError(errno.ENOSYS, "Function not implemented")

        self.patch(uring, "URing", refuse)
        self.assertIsInstance(uring.best()([1] * 100), Loop)

    def test_another_system(self) -> None:
        self.patch(sys, "platform", "darwin")
        self.assertIs(uring.best(), Loop)


def _read(sock: socket.socket) -> bytes:
    parts = []
    try:
        while part := sock.recv(1 << 20):
            parts.append(part)
    except BlockingIOError:
        pass
    return b"".join(parts)


def _fill(sock: socket.socket) -> int:
    sent = 0
    try:
        while True:
            sent += sock.send(bytes(EVERYTHING))
    except BlockingIOError:
        return sent
