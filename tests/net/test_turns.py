"""Turns of the event loop stay short, and who is preferred does not wait for the others."""

from __future__ import annotations

from select import EPOLLIN, EPOLLOUT, epoll, poll
from socket import socket, socketpair

from twisted.trial.unittest import SynchronousTestCase

from chatservice.net.turns import FEWEST, MOMENT, MOST, BoundedPoller, bound, forget, prefer

CROWD = 4 * MOST


class Reactor:
    """Has a poller, where Twisted's has it."""

    def __init__(self, poller: object) -> None:
        self._poller = poller


class BoundedPollerTests(SynchronousTestCase):
    """What a turn gets."""

    def setUp(self) -> None:
        """The first turn has not begun."""
        self.now = 0.0
        under = epoll()
        self.addCleanup(under.close)
        self.poller = BoundedPoller(under, lambda: self.now)

    def peer(self, flags: int = EPOLLIN) -> tuple[socket, socket]:
        """A registered socket, and its other end."""
        ours, theirs = socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        self.poller.register(ours.fileno(), flags)
        return ours, theirs

    def crowd(self, *, preferred: bool = False) -> list[int]:
        """The descriptors of many who have something to say, always."""
        crowd = []
        for _ in range(CROWD):
            ours, theirs = self.peer()
            theirs.send(b"x")
            crowd.append(ours.fileno())
            if preferred:
                self.poller.prefer(ours.fileno())
        return crowd

    def told(self, seconds: float = 0) -> list[int]:
        """Whom a turn tells of, after one that took so long."""
        self.now += seconds
        return [fd for fd, _ in self.poller.poll(0, 10_000)]

    def test_never_more_than_the_most(self) -> None:
        self.crowd()
        self.assertEqual([len(self.told(each)) for each in (0, MOMENT)], [MOST, MOST])

    def test_fewer_after_long_turns_and_more_again_after_short_ones(self) -> None:
        self.crowd()
        self.assertEqual(len(self.told(2 * MOMENT)), MOST // 2)
        self.assertEqual(len(self.told(2 * MOMENT)), MOST // 4)
        self.assertEqual(len(self.told()), MOST // 2)
        self.assertEqual([len(self.told(2 * MOMENT)) for _ in range(9)][-1], FEWEST)

    def test_no_more_than_asked_for(self) -> None:
        self.crowd()
        self.assertEqual(len(self.poller.poll(0, 3)), 3)

    def test_each_in_turn(self) -> None:
        crowd = self.crowd()
        turns = [self.told() for _ in range(CROWD // MOST + 1)]
        self.assertEqual({fd for turn in turns for fd in turn}, set(crowd))

    def test_the_preferred_one_waits_for_nobody(self) -> None:
        ours, theirs = self.peer()
        self.poller.prefer(ours.fileno())
        crowd = self.crowd()
        for _ in range(3):
            self.assertEqual(set(self.told()) - set(crowd), set())
            theirs.send(b"x")
            self.assertEqual(self.told()[0], ours.fileno())
            ours.recv(1)

    def test_others_wait_for_no_preferred_one(self) -> None:
        self.crowd(preferred=True)
        ours, theirs = self.peer()
        theirs.send(b"x")
        self.assertIn(ours.fileno(), self.told())

    def test_what_is_asked_about_the_preferred_one_may_change(self) -> None:
        ours, theirs = self.peer()
        theirs.send(b"x")
        for preferred in (False, True):
            if preferred:
                self.poller.prefer(ours.fileno())
                self.poller.prefer(ours.fileno())
            self.poller.modify(ours.fileno(), EPOLLIN | EPOLLOUT)
            self.assertEqual(self.poller.poll(0, 9), [(ours.fileno(), EPOLLIN | EPOLLOUT)])
            self.poller.unregister(ours.fileno())
            self.assertEqual(self.told(), [])
            self.poller.register(ours.fileno(), EPOLLOUT)
            self.assertEqual(self.poller.poll(0, 9), [(ours.fileno(), EPOLLOUT)])

    def test_one_may_be_preferred_while_nothing_is_asked_about_it(self) -> None:
        ours, theirs = self.peer()
        theirs.send(b"x")
        self.poller.unregister(ours.fileno())
        self.poller.prefer(ours.fileno())
        self.assertEqual(self.told(), [])
        self.poller.register(ours.fileno(), EPOLLIN)
        self.crowd()
        self.assertEqual([self.told()[0] for _ in range(9)], [ours.fileno()] * 9)

    def test_the_next_one_of_the_same_number_is_another_one(self) -> None:
        ours, theirs = self.peer()
        number = ours.fileno()
        reactor = Reactor(self.poller)
        prefer(reactor, number)
        self.poller.unregister(number)
        forget(reactor, number)
        self.crowd()
        theirs.send(b"x")
        self.poller.register(number, EPOLLIN)
        self.assertNotIn(number, self.told())

    def test_it_wakes_for_the_preferred_one_too(self) -> None:
        ours, theirs = self.peer()
        self.poller.prefer(ours.fileno())
        theirs.send(b"x")
        self.assertEqual(self.poller.poll(-1, 9), [(ours.fileno(), EPOLLIN)])

    def test_a_reactor_that_waits_by_epoll_is_bound(self) -> None:
        under = epoll()
        self.addCleanup(under.close)
        reactor = Reactor(under)
        bound(reactor, lambda: 0.0)
        self.assertIsInstance(reactor._poller, BoundedPoller)

    def test_any_other_reactor_stays_as_it_is(self) -> None:
        reactor = Reactor(other := poll())
        bound(reactor, lambda: 0.0)
        self.assertIs(reactor._poller, other)
        bound(self, lambda: 0.0)

    def test_any_other_poller_prefers_nobody(self) -> None:
        prefer(Reactor(epoll()), 0)
        forget(Reactor(epoll()), 0)

    def test_all_else_is_the_poller_s(self) -> None:
        self.assertFalse(self.poller.closed)
