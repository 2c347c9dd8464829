"""Row 12 of the scorecard: whatever comes in."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import fuzz
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    def test_row(self) -> None:
        check(self, fuzz.row)
