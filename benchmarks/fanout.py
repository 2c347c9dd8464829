"""Fan-out: what a message to everybody costs, side by side with a plain Twisted broadcaster.

Run as `python -m benchmarks.fanout`; `--help` shows the options.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks import servers
from benchmarks.crowd import PLAIN, TONGUES, Crowd
from benchmarks.servers import Server

MESSAGES = {1: 200, 10: 1000, 100: 4000}
"""Messages of a round, by how many are on their way at once."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One round: deliveries a second, CPU seconds for a million of them, latencies in ms."""

    rate: float
    cpu: float
    p50: float
    p99: float
    client_load: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--receivers", type=int, default=1000)
    parser.add_argument("-s", "--senders", type=int, default=10)
    parser.add_argument("-w", "--windows", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("--wire", choices=TONGUES, default="pipe")
    parser.add_argument("--ephemeral", action="store_true", help="keep nothing on disk")
    options = parser.parse_args()
    servers.raise_file_limit(2 * (options.receivers + options.senders) + 64)
    tongue = TONGUES[options.wire]
    flags = ["--ephemeral"] if options.ephemeral else []
    with ExitStack() as stack:
        ours = stack.enter_context(servers.running_chat(*flags))
        plain = stack.enter_context(servers.running_plain())
        crowds: list[tuple[Server, Crowd]] = []
        for server, speaks in ((ours, tongue), (plain, PLAIN)):
            crowd = Crowd(server.port, speaks, receivers=options.receivers, senders=options.senders)
            stack.callback(crowd.close)
            crowd.gather(50)
            crowd.settle()
            crowd.run(50, 10)
            crowds.append((server, crowd))
        print(
            f"{options.receivers} receivers, {options.senders} senders, {options.wire}, "
            f"{'memory' if options.ephemeral else 'disk'}, medians of {options.rounds} rounds; "
            f"{servers.machine()}"
        )
        print(
            "in flight  server  deliveries/s  CPU s/million   p50 ms   p99 ms  client CPU"
            "   rate ratio  CPU ratio"
        )
        for window in options.windows:
            rounds = [
                [_round(server, crowd, options.receivers, window) for server, crowd in crowds]
                for _ in range(options.rounds)
            ]
            for line in _table(window, rounds):
                print(line, flush=True)


def _round(server: Server, crowd: Crowd, receivers: int, window: int) -> Figures:
    messages = MESSAGES.get(window, 1000)
    before = server.cpu_seconds
    outcome = crowd.run(messages, window)
    cpu = server.cpu_seconds - before
    percentiles = quantiles(outcome.latencies, n=100)
    return Figures(
        rate=messages * receivers / outcome.seconds,
        cpu=cpu / (messages * receivers) * 1e6,
        p50=percentiles[49] * 1e3,
        p99=percentiles[98] * 1e3,
        client_load=outcome.client_seconds / outcome.seconds,
    )


def _table(window: int, rounds: list[list[Figures]]) -> Iterator[str]:
    """A line for each server; ratios are the medians of those within a round."""
    rate_ratio = median(ours.rate / plain.rate for ours, plain in rounds)
    cpu_ratio = median(ours.cpu / plain.cpu for ours, plain in rounds)
    for place, name in enumerate(("chat", "plain")):
        each = [pair[place] for pair in rounds]
        line = (
            f"{window:9}  {name:6}  {median(f.rate for f in each):12,.0f}"
            f"  {median(f.cpu for f in each):13.3f}  {median(f.p50 for f in each):7.2f}"
            f"  {median(f.p99 for f in each):7.2f}"
            f"  {median(f.client_load for f in each):9.0%}"
        )
        yield line if place else f"{line}  {rate_ratio:11.2f}  {cpu_ratio:9.2f}"


if __name__ == "__main__":
    main()
