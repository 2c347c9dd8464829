"""Row 9 of the scorecard: who stops reading is dropped, and costs nobody else anything."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import stalled
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    """A real server, and a small room."""

    def test_row(self) -> None:
        check(self, stalled.row)
