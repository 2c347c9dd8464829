"""Row 14 of the scorecard: forged beacons."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import beacons
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    def test_row(self) -> None:
        check(self, beacons.row)
