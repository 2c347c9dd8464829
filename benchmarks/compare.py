"""The chat beside other servers: `python -m benchmarks.compare [--help] [WHAT ...]`.

They run at the same time with their clients connected, and are measured by turns, A B C, A B C.
Prints a table of ratios, and then which bars are held.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import machine, servers
from benchmarks.bars import bars
from benchmarks.measures import (
    SENDERS,
    Stand,
    commits,
    joins,
    memory,
    percentiles,
    stand,
)
from benchmarks.peers import PEERS, Peer
from benchmarks.results import (
    CPU,
    IDLE,
    IDLE_INSIDE,
    JOIN_CPU,
    JOINS,
    P50,
    P99,
    RATE,
    Figure,
    Results,
)
from benchmarks.tongues import TONGUES

WHAT = ("fanout", "latency", "joins", "memory")
LATENCY_CLIENTS = 1000
LATENCY_SECONDS = 5.0
"""Of each round."""

COMMITS = 50
"""Of each round."""

_MARKED = re.compile(r"(<!-- measured: compare -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Measure, print, and put the tables into a page if that is asked for."""
    options = _options()
    names = options.peers or [peer.name for peer in PEERS]
    peers = [peer for peer in PEERS if peer.name in names and not peer.missing]
    reference = "ngIRCd" if "ngIRCd" in [peer.name for peer in peers] else peers[0].name
    for peer in PEERS:
        if peer.name in names and peer.missing:
            print(peer.missing)
    widest = max([*options.receivers, *options.joining, *options.idle])
    servers.end_in_order()
    servers.raise_file_limit(widest + SENDERS + 200)
    print(f"medians of {options.rounds} rounds; {machine.described()}", flush=True)
    results = Results()
    start, watch = time.monotonic(), machine.Watch()
    _measure(options, peers, results)
    page = "\n".join(
        [*_summary(options, results, [peer.name for peer in peers], reference, watch), ""]
    )
    print(f"\n{page}\n({time.monotonic() - start:.0f} s)")
    if options.write is not None:
        text = options.write.read_text("utf-8")
        marked = _MARKED.sub(lambda found: f"{found[1]}{page}{found[2]}", text)
        options.write.write_text(marked, "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"of {', '.join(WHAT)}; else all")
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("-n", "--receivers", type=int, nargs="+", default=[100, 1000, 5000])
    parser.add_argument("-w", "--windows", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--joining", type=int, nargs="+", default=[250, 1000], metavar="N")
    parser.add_argument("--idle", type=int, nargs="+", default=[1000, 10_000], metavar="N")
    parser.add_argument("--peers", nargs="+", metavar="NAME", choices=[peer.name for peer in PEERS])
    parser.add_argument("--write", type=Path, metavar="PAGE", help="a page to put the tables into")
    options = parser.parse_args()
    if unknown := set(options.what) - set(WHAT):
        parser.error(f"{', '.join(unknown)}: none of {', '.join(WHAT)}")
    options.what = options.what or WHAT
    return options


def _measure(options: argparse.Namespace, peers: Sequence[Peer], results: Results) -> None:
    sizes = set(options.receivers) if "fanout" in options.what else set()
    if "latency" in options.what:
        sizes.add(LATENCY_CLIENTS)
    for receivers in sorted(sizes):
        with ExitStack() as stack:
            stands = _stands(peers, receivers, stack)
            if "fanout" in options.what and receivers in options.receivers:
                for window in options.windows:
                    _fanout(stands, window, options.rounds, results)
            if "latency" in options.what and receivers == LATENCY_CLIENTS:
                _latency(stands, options.rounds, results)
    thorough = [peer for peer in peers if not peer.variant]
    if "joins" in options.what:
        _joins(thorough, options.joining, options.rounds, results)
    if "memory" in options.what:
        _memory(thorough, options.idle, results)


def _stands(peers: Sequence[Peer], receivers: int, stack: ExitStack) -> list[Stand]:
    """Servers with their crowds, all those that take so many."""
    stands = []
    for peer in peers:
        if receivers <= peer.most:
            print(f"{receivers} clients come to {peer.name}", flush=True)
            stands.append(stack.enter_context(stand(peer, receivers)))
    return stands


def _fanout(stands: Sequence[Stand], window: int, rounds: int, results: Results) -> None:
    stands = [each for each in stands if window == 1 or not each.peer.variant]
    rate, cpu = (Figure(name, stands[0].receivers, window) for name in (RATE, CPU))
    for _ in range(rounds):
        for each in stands:
            measured = each.fanout(window)
            results.add(rate, each.peer.name, measured.rate)
            results.add(cpu, each.peer.name, measured.cpu)
            results.load = max(results.load, measured.load)
    _show(rate, results)
    _show(cpu, results)


def _latency(stands: Sequence[Stand], rounds: int, results: Results) -> None:
    """All rounds are taken together: one alone has too few messages for a p99."""
    taken: dict[str, list[float]] = {}
    with TemporaryDirectory(prefix="chat-benchmark-") as folder:
        for _ in range(rounds):
            results.commits += commits(Path(folder), COMMITS)
            for each in stands:
                if not each.peer.variant:
                    taken.setdefault(each.peer.name, []).extend(each.latencies(LATENCY_SECONDS))
    figures = Figure(P50, LATENCY_CLIENTS, 0), Figure(P99, LATENCY_CLIENTS, 0)
    for name, latencies in taken.items():
        for figure, value in zip(figures, percentiles(latencies), strict=True):
            results.add(figure, name, value)
    for figure in figures:
        _show(figure, results)


def _joins(peers: Sequence[Peer], joining: Sequence[int], rounds: int, results: Results) -> None:
    for clients in joining:
        for _ in range(rounds):
            for peer in peers:
                if clients <= peer.most:
                    rate, cpu = joins(peer, clients)
                    results.add(Figure(JOINS, clients), peer.name, rate)
                    results.add(Figure(JOIN_CPU, clients), peer.name, cpu)
        _show(Figure(JOINS, clients), results)


def _memory(peers: Sequence[Peer], idle: Sequence[int], results: Results) -> None:
    """Once: it is the same each time.

    Who is known on `pipe` is in the lobby already; more than 1,000 in a room are no idle
    connections, but lists and notices of each other.
    """
    for clients in idle:
        for name, entering in ((IDLE, False), (IDLE_INSIDE, True)):
            figure = Figure(name, clients)
            for peer in peers:
                tongue = TONGUES[peer.wire]
                inside = entering or tongue.listed
                if clients > peer.most or (inside and clients > 1000):
                    continue
                if entering and not tongue.entrance:
                    continue
                results.add(figure, peer.name, memory(peer, clients, entering=entering))
            _show(figure, results)


def _show(figure: Figure, results: Results) -> None:
    """Print the medians, as soon as they are known."""
    window = "" if figure.window is None else f", {figure.window} in flight"
    print(f"{figure.name}, {figure.clients} clients{window}")
    for peer in results.rounds.get(figure, {}):
        print(f"    {results.of(figure, peer):14,.3f}  {peer}", flush=True)


def _summary(
    options: argparse.Namespace,
    results: Results,
    names: list[str],
    reference: str,
    watch: machine.Watch,
) -> Iterator[str]:
    yield f"Medians of {options.rounds} rounds; {machine.described(watch)}."
    if results.load:
        yield f"The client's load was {results.load:.0%} of a core at most."
    if results.commits:
        p50, p99 = percentiles(results.commits)
        yield f"A commit to this disk takes {p50:.2f} ms (p50), {p99:.2f} ms (p99)."
    yield ""
    yield from results.table(names, reference)
    verdicts = list(bars(results))
    if verdicts:
        yield from ["", "| figure | measured | bar | |", "|---|---|---|---|"]
        yield from (f"| {' | '.join(each[:3])} | {each.verdict} |" for each in verdicts)
        yield ""
        yield f"{sum(each.held for each in verdicts)} of {len(verdicts)} are held."


if __name__ == "__main__":
    main()
