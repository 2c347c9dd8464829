"""Joining: how long N clients take to come into the lobby, and how that grows with N.

Run as `python -m benchmarks.joins`; `--help` shows the options.
"""

from __future__ import annotations

import argparse
import time
from math import log2
from statistics import median

from benchmarks import servers
from benchmarks.crowd import PIPE, Crowd


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--clients", type=int, nargs="+", default=[250, 500, 1000, 2000])
    parser.add_argument("-r", "--rounds", type=int, default=3)
    parser.add_argument(
        "--at-once", type=int, nargs="+", default=[50, 1], help="clients that join at a time"
    )
    options = parser.parse_args()
    servers.raise_file_limit(max(options.clients) + 64)
    print(f"medians of {options.rounds} rounds; {servers.machine()}")
    print(
        "at once  clients  seconds  joins/s  CPU ms/join  client CPU  lists MB"
        "  growth (2: with the square)"
    )
    for at_once in options.at_once:
        before: tuple[int, float] | None = None
        for clients in options.clients:
            rounds = [_round(clients, at_once) for _ in range(options.rounds)]
            seconds, cpu, load, megabytes = (median(each) for each in zip(*rounds, strict=True))
            growth = "-"
            if before is not None:
                growth = f"{log2(seconds / before[1]) / log2(clients / before[0]):.2f}"
            before = clients, seconds
            print(
                f"{at_once:7}  {clients:7}  {seconds:7.2f}  {clients / seconds:7.0f}"
                f"  {cpu / clients * 1e3:11.2f}  {load:10.0%}  {megabytes:8.1f}  {growth:>6}",
                flush=True,
            )


def _round(clients: int, at_once: int) -> tuple[float, float, float, float]:
    """Seconds until the last one is in, the server's CPU, the client's load, MB of user lists."""
    with servers.running_chat() as server:
        crowd = Crowd(server.port, PIPE, receivers=clients)
        cpu, own = server.cpu_seconds, time.process_time()
        seconds = crowd.gather(at_once)
        cpu, own = server.cpu_seconds - cpu, time.process_time() - own
        crowd.settle()
        crowd.close()
        return seconds, cpu, own / seconds, crowd.list_bytes / 1e6


if __name__ == "__main__":
    main()
