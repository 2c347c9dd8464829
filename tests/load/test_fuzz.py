"""Row 12 of the scorecard: whatever comes in."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import fuzz
from benchmarks.scorecard.frame import Effort
from benchmarks.servers import Terminated
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    def test_row(self) -> None:
        check(self, fuzz.row)

    def test_told_to_end(self) -> None:
        """That is no refusal, though a command line's is an exit, too."""

        def decode(_: bytes) -> None:
            raise Terminated(143)

        self.patch(fuzz, "DECODERS", [("decoder", [b"input"], lambda: decode)])
        self.assertRaises(Terminated, list, fuzz.row(Effort.TINY))
