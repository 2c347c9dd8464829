"""Row 2 of the scorecard: what was acknowledged survives kills, and nothing comes twice."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import kill
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    """A real server, killed while clients talk."""

    def test_row(self) -> None:
        check(self, kill.row)
