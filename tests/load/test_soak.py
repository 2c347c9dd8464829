"""Row 1 of the scorecard: many people, nothing lost, twice or out of order."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import soak
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    """A real server for a second."""

    def test_row(self) -> None:
        check(self, soak.row)
