"""Row 8 of the scorecard: all clients come back at once after a restart."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import stampede
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    """A real server, restarted."""

    def test_row(self) -> None:
        check(self, stampede.row)
