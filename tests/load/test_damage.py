"""Row 4 of the scorecard: a damaged store."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import damage
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    def test_row(self) -> None:
        check(self, damage.row)
