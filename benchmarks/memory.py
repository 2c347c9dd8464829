"""Memory: what a connection that says nothing costs the server, against the plain broadcaster.

Run as `python -m benchmarks.memory`; `--help` shows the options.
"""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager

from benchmarks import servers
from benchmarks.crowd import PIPE, RAW, Crowd, Tongue
from benchmarks.servers import Server


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--clients", type=int, nargs="+", default=[1000, 5000])
    options = parser.parse_args()
    servers.raise_file_limit(max(options.clients) + 64)
    print(f"resident memory for each connected, named, idle client; {servers.machine()}")
    print("clients  server  KiB/connection")
    for clients in options.clients:
        kinds = (
            ("chat", servers.running_chat(), PIPE),
            ("plain", servers.running_plain(), RAW),
        )
        for name, running, tongue in kinds:
            kibibytes = _growth(running, tongue, clients) / clients / 1024
            print(f"{clients:7}  {name:6}  {kibibytes:14.2f}", flush=True)


def _growth(running: AbstractContextManager[Server], tongue: Tongue, clients: int) -> int:
    """How many bytes the server grows by, from its first few clients to the last one."""
    with running as server:
        few = Crowd(server.port, tongue, receivers=1)
        few.gather(1)
        few.settle()
        few.close()
        before = server.resident_bytes
        crowd = Crowd(server.port, tongue, receivers=clients)
        crowd.gather(50)
        crowd.settle()
        grown = server.resident_bytes - before
        crowd.close()
        return grown


if __name__ == "__main__":
    main()
