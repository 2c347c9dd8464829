"""Fan-out: what a message to everybody costs, side by side with other servers.

Run as `python -m benchmarks.fanout`; `--help` shows the options.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks import servers
from benchmarks.crowd import Crowd
from benchmarks.peers import PEERS
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
    parser.add_argument("--peers", nargs="+", default=[peer.name for peer in PEERS], metavar="NAME")
    options = parser.parse_args()
    peers = [peer for peer in PEERS if peer.name in options.peers and not peer.missing]
    servers.raise_file_limit(len(peers) * (options.receivers + options.senders) + 1000)
    with ExitStack() as stack:
        crowds: list[tuple[Server, Crowd]] = []
        for peer in peers:
            server = stack.enter_context(peer.running())
            crowd = Crowd(
                server.port, peer.tongue, receivers=options.receivers, senders=options.senders
            )
            stack.callback(crowd.close)
            crowd.gather(50)
            crowd.settle()
            crowd.run(50, 10)
            crowds.append((server, crowd))
        print(f"{options.receivers} receivers, {options.senders} senders; {servers.machine()}")
        print(
            "in flight  server               deliveries/s  CPU s/million   p50 ms   p99 ms"
            "  client CPU  rate ratio  CPU ratio"
        )
        for window in options.windows:
            rounds = [
                [_round(server, crowd, options.receivers, window) for server, crowd in crowds]
                for _ in range(options.rounds)
            ]
            for line in _table(window, [peer.name for peer in peers], rounds):
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


def _table(window: int, names: list[str], rounds: list[list[Figures]]) -> Iterator[str]:
    """A line for each server; ratios are of the first one to it, medians of those in a round."""
    for place, name in enumerate(names):
        each = [row[place] for row in rounds]
        rate_ratio = median(row[0].rate / row[place].rate for row in rounds)
        cpu_ratio = median(row[0].cpu / row[place].cpu for row in rounds)
        yield (
            f"{window:9}  {name:19}  {median(f.rate for f in each):12,.0f}"
            f"  {median(f.cpu for f in each):13.3f}  {median(f.p50 for f in each):7.2f}"
            f"  {median(f.p99 for f in each):7.2f}"
            f"  {median(f.client_load for f in each):10.0%}  {rate_ratio:10.2f}  {cpu_ratio:9.2f}"
        )


if __name__ == "__main__":
    main()
