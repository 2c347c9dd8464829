"""What was measured: rounds of figures, their ratios, and the table of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

RATE = "deliveries a second"
CPU = "CPU s for a million deliveries"
P50 = "p50 ms, last receiver"
P99 = "p99 ms, last receiver"
JOINS = "joins a second"
JOIN_CPU = "CPU ms for a join"
IDLE = "KiB of a connection, known"
IDLE_INSIDE = "KiB of a connection, in a room"


class Figure(NamedTuple):
    """What is measured: `clients` listen or come, `window` messages are in flight (0: paced)."""

    name: str
    clients: int
    window: int | None = None


@dataclass(slots=True)
class Results:
    """The figures of each server, a list with one of each round."""

    rounds: dict[Figure, dict[str, list[float]]] = field(default_factory=dict)
    commits: list[float] = field(default_factory=list)
    """Milliseconds of single commits to this disk."""
    load: float = 0
    """The client's highest load: 1 is a whole core."""

    def add(self, figure: Figure, peer: str, value: float) -> None:
        """Take the figure of one round."""
        self.rounds.setdefault(figure, {}).setdefault(peer, []).append(value)

    def of(self, figure: Figure, peer: str) -> float | None:
        """The median of the rounds, None if it was not measured."""
        rounds = self.rounds.get(figure, {}).get(peer)
        return median(rounds) if rounds else None

    def ratio(self, figure: Figure, ours: str, *theirs: str) -> float | None:
        """The median of the ratios within a round, to the highest of theirs there."""
        measured = self.rounds.get(figure, {})
        others = [measured[peer] for peer in theirs if peer in measured]
        if ours not in measured or not others:
            return None
        best = [max(values) for values in zip(*others, strict=True)]
        ratios = [value / most for value, most in zip(measured[ours], best, strict=True)]
        return float(median(ratios))

    def table(self, peers: Iterable[str], reference: str) -> Iterator[str]:
        """A line for each figure: how many times the reference each is, and what that is."""
        columns = [peer for peer in peers if any(peer in row for row in self.rounds.values())]
        others = [peer for peer in columns if peer != reference]
        yield _line("figure", "clients", "in flight", *others, f"{reference} (1)")
        yield _line(*["---"] * (len(others) + 4))
        for figure in self.rounds:
            ratios = [self.ratio(figure, peer, reference) for peer in others]
            base = self.of(figure, reference)
            cells = ["" if ratio is None else f"{ratio:.2f}" for ratio in ratios]
            flying = "" if figure.window is None else str(figure.window)
            clients = f"{figure.clients:,}"
            yield _line(figure.name, clients, flying, *cells, "" if base is None else short(base))


def short(value: float) -> str:
    """A figure with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
