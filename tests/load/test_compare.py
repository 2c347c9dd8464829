"""The comparison with other servers: its sums, and that it counts what a real server tells."""

from __future__ import annotations

import shutil

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.bars import bars
from benchmarks.measures import stand
from benchmarks.peers import PEERS
from benchmarks.results import CPU, RATE, Figure, Results


class ResultsTests(SynchronousTestCase):
    """Ratios and bars of made-up rounds."""

    def setUp(self) -> None:
        self.results = Results()
        self.figure = Figure(RATE, 1000, 10)
        rounds = {"chat": [18, 40, 19], "ngIRCd": [10, 10, 10], "InspIRCd": [5, 20, 5]}
        for peer, values in rounds.items():
            for value in values:
                self.results.add(self.figure, peer, value)

    def test_ratio_within_a_round(self) -> None:
        """Each round is compared with the better of the others in the same round."""
        self.assertEqual(self.results.ratio(self.figure, "chat", "ngIRCd", "InspIRCd"), 1.9)
        self.assertIsNone(self.results.ratio(self.figure, "chat", "C broadcaster"))

    def test_bar(self) -> None:
        """What was measured is judged, and nothing else is."""
        [bar] = bars(self.results)
        self.assertEqual((bar.measured, bar.held), ("1.90 times", True))

    def test_bar_not_held(self) -> None:
        """Twice the CPU of the broadcaster in C is too much."""
        costs = Results()
        costs.add(Figure(CPU, 1000, 10), "chat", 2)
        costs.add(Figure(CPU, 1000, 10), "C broadcaster", 1)
        [bar] = bars(costs)
        self.assertEqual(bar.verdict, "NOT HELD")

    def test_table(self) -> None:
        """The reference stands last, with its own figure."""
        *_, line = self.results.table(["chat", "ngIRCd", "InspIRCd", "nobody"], "ngIRCd")
        self.assertEqual(line, f"| {RATE} | 1,000 | 10 | 1.90 | 0.50 | 10 |")


class StandTests(SynchronousTestCase):
    """Real servers, with three listeners each."""

    if shutil.which("cc") is None:
        skip = "There is no C compiler."

    def test_counts(self) -> None:
        """Each message comes once to each listener, or the crowd raises."""
        for peer in PEERS:
            if peer.name in ("chat", "chat, WebSocket", "C broadcaster"):
                with self.subTest(peer.name), stand(peer, 3) as each:
                    each.crowd.run(20, window=5)
                    self.assertEqual(len(each.crowd.run(5, rate=100).latencies), 5)
