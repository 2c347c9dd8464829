"""Row 15 of the scorecard: names that look like another."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import names
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    def test_row(self) -> None:
        check(self, names.row)
