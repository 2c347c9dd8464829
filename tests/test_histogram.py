"""How often values of which size were seen."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.histogram import Histogram


class HistogramTests(SynchronousTestCase):
    def test_counts_up_to_each_bound(self) -> None:
        seen = Histogram((1, 10))
        for value in (0.5, 1, 2, 10, 11, 1000):
            seen.note(value)
        self.assertEqual(list(seen), [(1, 2), (10, 4), (float("inf"), 6)])
        self.assertEqual((seen.count, seen.total), (6, 1024.5))

    def test_what_most_do_not_exceed(self) -> None:
        seen = Histogram((1, 2, 5))
        self.assertEqual(seen.most(0.99), 0)
        for value in [1] * 98 + [2] * 2:
            seen.note(value)
        self.assertEqual([seen.most(share) for share in (0.5, 0.98, 0.99, 1)], [1, 1, 2, 2])
