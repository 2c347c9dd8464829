"""Row 10 of the scorecard: attackers are cut, held back or turned away."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import floods
from tests.load.rows import check


class RowTests(SynchronousTestCase):
    """A real server, and a few attackers."""

    def test_row(self) -> None:
        check(self, floods.row)
