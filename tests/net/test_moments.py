"""Those who wait go on together, in bounded time."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.net.moments import AT_ONCE, PAUSE, Moments


class Turning(Clock):
    """Notes by how much each call is delayed."""

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []

    def callLater(
        self,
        delay: float,
        callable: Callable[..., object],  # noqa: A002
        *args: object,
        **kw: object,
    ) -> IDelayedCall:
        """Note it."""
        self.delays.append(delay)
        return super().callLater(delay, callable, *args, **kw)


class MomentsTests(SynchronousTestCase):
    """Who waits is a number."""

    def setUp(self) -> None:
        """Nobody waits."""
        self.clock = Turning()
        self.moments = Moments(self.clock)
        self.called: list[tuple[float, int]] = []

    def wait(self, who: int, seconds: float, takes: float = 0) -> None:
        """Wait, and then take some time."""

        def call() -> None:
            self.called.append((round(self.clock.seconds(), 3), who))
            self.clock.rightNow += takes

        self.moments.wait(who, seconds, call)

    def test_at_the_nearest_moment(self) -> None:
        for who in range(10):
            self.wait(who, 2 * PAUSE + (who - 4.5) * PAUSE / 10)
        self.wait(10, 3 * PAUSE)
        for moment in range(1, 5):
            self.clock.advance(moment * PAUSE - self.clock.seconds())
        together, alone = round(2 * PAUSE, 3), round(3 * PAUSE, 3)
        self.assertEqual(self.called, [*((together, who) for who in range(10)), (alone, 10)])

    def test_nobody_is_forgotten_for_having_no_time(self) -> None:
        """The others go on in the next turns: there are two of them here."""
        for who in range(5):
            self.wait(who, PAUSE, takes=AT_ONCE * 0.6)
        self.clock.advance(PAUSE)
        self.assertEqual([who for _, who in self.called], [0, 1, 2, 3, 4])
        self.assertEqual(self.clock.delays.count(0), 2)

    def test_who_leaves_is_not_called(self) -> None:
        self.wait(1, PAUSE)
        self.wait(2, PAUSE)
        self.moments.leave(1)
        self.clock.advance(PAUSE)
        self.assertEqual([who for _, who in self.called], [2])

    def test_one_may_send_another_away(self) -> None:
        self.moments.wait(1, PAUSE, lambda: self.moments.leave(2))
        self.wait(2, PAUSE)
        self.clock.advance(PAUSE)
        self.assertEqual(self.called, [])

    def test_who_waits_again_is_called_again(self) -> None:
        self.moments.wait(1, PAUSE, lambda: self.wait(1, PAUSE))
        self.clock.pump([PAUSE] * 2)
        self.assertEqual(len(self.called), 1)

    def test_no_timer_while_nobody_waits(self) -> None:
        self.wait(1, PAUSE)
        self.moments.leave(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.wait(1, PAUSE)
        self.clock.advance(PAUSE)
        self.assertEqual(self.clock.getDelayedCalls(), [])
