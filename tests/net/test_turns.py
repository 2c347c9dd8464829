"""Turns of the event loop stay short."""

from __future__ import annotations

from select import EPOLLIN
from socket import socketpair

from twisted.trial.unittest import SynchronousTestCase

from chatservice.net.turns import FEWEST, MOMENT, MOST, BoundedPoller


class CrowdedPoller:
    """An epoll with something to tell of everybody, always."""

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        """As many events as are asked for."""
        del timeout
        return [(number, 1) for number in range(most)]

    def register(self, fd: int) -> int:
        """Any other method."""
        return fd


class BoundedPollerTests(SynchronousTestCase):
    """How many events a turn gets."""

    def setUp(self) -> None:
        """The first turn has not begun."""
        self.now = 0.0
        self.poller = BoundedPoller(CrowdedPoller(), lambda: self.now)

    def events_after(self, seconds: float) -> int:
        """How many a turn gets after one that took so long."""
        self.now += seconds
        return len(self.poller.poll(0, 10_000))

    def test_never_more_than_the_most(self) -> None:
        self.assertEqual(self.events_after(0), MOST)
        self.assertEqual(self.events_after(MOMENT), MOST)

    def test_fewer_after_long_turns_and_more_again_after_short_ones(self) -> None:
        self.assertEqual(self.events_after(2 * MOMENT), MOST // 2)
        self.assertEqual(self.events_after(2 * MOMENT), MOST // 4)
        self.assertEqual(self.events_after(0), MOST // 2)
        self.assertEqual([self.events_after(2 * MOMENT) for _ in range(9)][-1], FEWEST)

    def test_no_more_than_asked_for(self) -> None:
        self.assertEqual(len(self.poller.poll(0, 3)), 3)

    def test_the_preferred_one_is_told_of_first_and_once(self) -> None:
        ours, theirs = socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        self.poller.prefer(ours.fileno())
        self.assertEqual(self.events_after(0), MOST)
        theirs.send(b"x")
        crowd = [(number, 1) for number in range(MOST)]
        others = [event for event in crowd if event[0] != ours.fileno()]
        self.assertEqual(self.poller.poll(0, 10_000), [(ours.fileno(), EPOLLIN), *others])

    def test_all_else_is_the_poller_s(self) -> None:
        self.assertEqual(self.poller.register(7), 7)
