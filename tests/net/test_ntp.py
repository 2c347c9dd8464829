"""Network time with a clock that stands still and answers that are given."""

from __future__ import annotations

from typing import cast

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatservice.net.ntp import INTERVAL, NetworkTime


class NetworkTimeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.answers: list[Deferred[float]] = []
        self.asked = 0
        self.set_by = 0
        self.time = NetworkTime(
            self.clock, "time.example", self.measure, self.wall, lambda: self.clock.seconds() + 77
        )
        self.logged: list[LogEvent] = []
        observer = cast(ILogObserver, self.logged.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def wall(self) -> int:
        return 1_800_000_000_000 + round(self.clock.seconds() * 1000) + self.set_by

    def measure(self) -> Deferred[float]:
        self.asked += 1
        return self.answers.pop(0)

    def start(self, *answers: Deferred[float]) -> None:
        self.answers = list(answers)
        self.time.startService()
        self.addCleanup(self.time.stopService)

    def test_measures_at_the_start_and_each_hour(self) -> None:
        self.start(succeed(0.25), succeed(-0.5))
        self.assertEqual(self.time.offset, 250)
        self.clock.advance(INTERVAL)
        self.assertEqual((self.asked, self.time.offset), (2, -500))
        self.assertEqual(self.logged, [])

    def test_nothing_is_known_until_there_is_an_answer(self) -> None:
        answer: Deferred[float] = Deferred()
        self.start(answer)
        self.assertIsNone(self.time.offset)
        answer.callback(1.0)
        self.assertEqual(self.time.offset, 1000)

    def test_a_clock_that_is_far_off_is_warned_of(self) -> None:
        self.start(succeed(-1.5))
        [event] = self.logged
        self.assertEqual((event["log_level"].name, event["ms"]), ("warn", -1500))

    def test_a_clock_that_is_set_right_is_not_corrected_once_more(self) -> None:
        """Till the next measurement it would be as far ahead as it was behind."""
        year = 365 * 86_400
        self.start(succeed(float(year)))
        self.clock.advance(5)
        self.set_by = 1000 * year - 20
        self.assertEqual(self.time.offset, 20)
        self.set_by += 50
        self.assertEqual(self.time.offset, -30)

    def test_no_answer_changes_nothing_and_ends_nothing(self) -> None:
        self.start(succeed(0.25), fail(OSError("unreachable")), succeed(0.5))
        self.clock.advance(INTERVAL)
        self.assertEqual(self.time.offset, 250)
        self.assertEqual(self.logged[0]["why"], "unreachable")
        self.clock.advance(INTERVAL)
        self.assertEqual(self.time.offset, 500)
