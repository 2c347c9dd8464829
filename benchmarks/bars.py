"""What the figures have to reach, and whether they do."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from benchmarks.results import CPU, IDLE, JOINS, P50, P99, RATE, Figure, Results

OURS = ("chat", "chat, pipe")
"""Both wires are held to the bars of speed."""

C_SERVERS = ("ngIRCd", "InspIRCd")


class Bar(NamedTuple):
    """One figure, what it was, and what it has to be."""

    name: str
    measured: str
    bar: str
    held: bool

    @property
    def verdict(self) -> str:
        """Whether it is held, in capitals if not."""
        return "held" if self.held else "NOT HELD"


def bars(results: Results) -> Iterator[Bar]:
    """The bars for which everything was measured."""
    for ours in OURS:
        yield from _rates(results, ours)
        yield from _costs(results, ours)
        yield from _latency(results, ours)
        yield from _growth(results, ours)
    joins = Figure(JOINS, 1000)
    yield from _at_least(results, joins, "chat", ("ngIRCd",), 5)
    idle = results.of(Figure(IDLE, 10_000), "chat")
    if idle is not None:
        name = "chat: resident memory of an idle connection, 10,000 of them"
        yield Bar(name, f"{idle:.2f} KiB", "at most 5 KiB", idle <= 5)


def _rates(results: Results, ours: str) -> Iterator[Bar]:
    rate = Figure(RATE, 1000, 1)
    yield from _at_least(results, rate, ours, ("ngIRCd",), 1)
    if ours == "chat":
        yield from _at_least(results, rate, "chat, ephemeral", ("ngIRCd",), 1.4)
    for clients, window, least in (
        (1000, 10, 1.8),
        (1000, 100, 4),
        (5000, 10, 2.5),
        (5000, 100, 8),
    ):
        yield from _at_least(results, Figure(RATE, clients, window), ours, C_SERVERS, least)


def _at_least(
    results: Results, figure: Figure, ours: str, theirs: tuple[str, ...], least: float
) -> Iterator[Bar]:
    ratio = results.ratio(figure, ours, *theirs)
    if ratio is not None:
        there = [peer for peer in theirs if peer in results.rounds[figure]]
        best = there[0] if len(there) == 1 else f"the better of {' and '.join(there)}"
        bar = f"at least {least:g} times {best}"
        yield Bar(_name(figure, ours), f"{ratio:.2f} times", bar, ratio >= least)


def _costs(results: Results, ours: str) -> Iterator[Bar]:
    for window, most in ((1, 1.3), (10, 1.3), (100, 1.5)):
        figure = Figure(CPU, 1000, window)
        ratio = results.ratio(figure, ours, "C broadcaster")
        if ratio is not None:
            bar = f"at most {most:g} times the C broadcaster"
            yield Bar(_name(figure, ours), f"{ratio:.2f} times", bar, ratio <= most)


def _latency(results: Results, ours: str) -> Iterator[Bar]:
    commit = median(results.commits) if results.commits else 0.0
    for figure, extra in ((Figure(P50, 1000, 0), commit), (Figure(P99, 1000, 0), 0.0)):
        mine, theirs = results.of(figure, ours), results.of(figure, "ngIRCd")
        if mine is not None and theirs is not None:
            plus = f" and {extra:.2f} ms, a commit" if extra else ""
            bar = f"at most ngIRCd's {theirs:.2f} ms{plus}"
            yield Bar(_name(figure, ours), f"{mine:.2f} ms", bar, mine <= theirs + extra)


def _growth(results: Results, ours: str) -> Iterator[Bar]:
    for window in (1, 10, 100):
        few = results.of(Figure(CPU, 100, window), ours)
        many = results.of(Figure(CPU, 5000, window), ours)
        if few and many:
            ratio = many / few
            name = f"{ours}: cost for one delivery at 5,000 to that at 100, {window} in flight"
            yield Bar(name, f"{ratio:.2f} times", "at most 1.25 times", ratio <= 1.25)


def _name(figure: Figure, ours: str) -> str:
    flying = {None: "", 0: ", 20 messages a second"}.get(
        figure.window, f", {figure.window} in flight"
    )
    return f"{ours}: {figure.name}, {figure.clients:,} clients{flying}"
