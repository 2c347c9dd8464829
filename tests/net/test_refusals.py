"""The log of refusals."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.logger import LogEvent, Logger, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from chatservice.net.refusals import RefusalLog


class RefusalTests(SynchronousTestCase):
    """What is logged, and what is only counted."""

    def setUp(self) -> None:
        """Nothing is refused yet."""
        self.clock = Clock()
        self.lines: list[str | None] = []
        self.log = RefusalLog(self.clock, Logger(observer=self.observe))  # type: ignore[arg-type]

    def observe(self, event: LogEvent) -> None:
        """Keep a line."""
        self.lines.append(formatEvent(event))

    def test_first_is_logged_and_the_rest_counted(self) -> None:
        for n in range(1000):
            self.log.note("too-long", f"192.0.2.1:{n}")
        self.assertEqual(self.lines, ["Refused 192.0.2.1:0: too-long"])
        self.clock.advance(60)
        self.assertEqual(self.lines[1:], ["Refused 999 more: too-long"])

    def test_each_reason_for_itself(self) -> None:
        self.log.note("too-long", "192.0.2.1:1")
        self.log.note("bad-input", "192.0.2.1:1")
        self.assertEqual(len(self.lines), 2)

    def test_logged_again_after_a_minute(self) -> None:
        self.log.note("too-long", "192.0.2.1:1")
        self.clock.advance(60)
        self.log.note("too-long", "192.0.2.2:2")
        self.assertEqual(
            self.lines, ["Refused 192.0.2.1:1: too-long", "Refused 192.0.2.2:2: too-long"]
        )

    def test_an_address_is_no_format(self) -> None:
        self.log.note("bad-input", "{nonsense}")
        self.assertEqual(self.lines, ["Refused {nonsense}: bad-input"])
