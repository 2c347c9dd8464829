"""Network time with a clock that stands still and answers that are given."""

from __future__ import annotations

import struct
from typing import cast

import ntplib
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatservice.net.ntp import INTERVAL, NetworkTime, offset_of


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
        self.assertEqual(self.logged[0]["reason"], "unreachable")
        self.clock.advance(INTERVAL)
        self.assertEqual(self.time.offset, 500)


class OffsetTests(SynchronousTestCase):
    """What a time server answers to a question of the second 1,000."""

    def offset(
        self, *, leap: int = 0, stratum: int = 2, asked: int = 1000, now: int = 1060
    ) -> float:
        """By an answer that came half a second later."""
        answer = ntplib.NTPStats()
        head = struct.pack("!BBBbIII", leap << 6 | 0o44, stratum, 0, -20, 0, 0, 0)
        answer.from_data(head + struct.pack("!8I", 0, 0, asked, 0, now, 0, now, 1 << 31))
        answer.dest_timestamp = 1000.5
        return offset_of(answer)

    def test_a_server_that_knows_the_time(self) -> None:
        for stratum in (1, 15):
            self.assertEqual(self.offset(stratum=stratum), 60)

    def test_a_server_that_does_not_is_not_believed(self) -> None:
        """A router that reaches nobody, a refusal, an empty answer."""
        for leap, stratum, now in ((3, 2, 1060), (3, 16, 0), (0, 16, 1060), (3, 0, 0), (0, 2, 0)):
            self.assertRaises(ntplib.NTPException, self.offset, leap=leap, stratum=stratum, now=now)

    def test_an_answer_to_something_else_does_not_count(self) -> None:
        for asked in (0, 990, 1001):
            self.assertRaises(ntplib.NTPException, self.offset, asked=asked)
