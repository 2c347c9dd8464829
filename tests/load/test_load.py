"""The clients of the scorecard find what is lost, comes twice or out of order."""

from __future__ import annotations

from array import array

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard.load import Client, Faults, faults, p99


class FaultsTests(SynchronousTestCase):
    """What one client was told, of a room in which 3, 4, 5 and 7 were said since it came in."""

    def told(self, *seqs: int) -> Faults:
        client = Client("ann", start=2, seqs=array("L", seqs))
        return faults(client, [1, 2, 3, 4, 5, 7])

    def test_all_once_and_in_order(self) -> None:
        self.assertEqual(self.told(3, 4, 5, 7), Faults())

    def test_lost(self) -> None:
        self.assertEqual(self.told(3, 5), Faults(lost=2))

    def test_twice(self) -> None:
        self.assertEqual(self.told(3, 4, 4, 5, 7), Faults(twice=1))

    def test_out_of_order(self) -> None:
        self.assertEqual(self.told(3, 5, 4, 7), Faults(disordered=1))

    def test_together(self) -> None:
        self.assertEqual(Faults(1, 2, 3) + Faults(1, 1, 1), Faults(2, 3, 4))


class PercentileTests(SynchronousTestCase):
    """The 99th of 100."""

    def test_one_of_a_hundred_is_left_out(self) -> None:
        self.assertEqual(p99([1.0] * 198 + [9.0]), 1.0)
        self.assertEqual(p99([1.0] * 97 + [9.0] * 3), 9.0)
        self.assertEqual(p99([]), 0.0)
