"""Runs a row of the scorecard with tiny numbers."""

from __future__ import annotations

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, NotPossible, Row


def check(case: SynchronousTestCase, row: Row) -> None:
    """Every figure that is not one of time has to be held; skip what can't be tried here."""
    servers.raise_file_limit(1024)
    try:
        figures = list(row(Effort.TINY))
    except NotPossible as reason:
        raise SkipTest(str(reason)) from None
    case.assertTrue(figures)
    case.assertEqual([it for it in figures if not (it.held or it.timed)], [])
