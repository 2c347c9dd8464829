"""Row 8: the server is killed and started again, and all of its clients come back at once.

Every third one loses patience: it hangs up before it is served and comes again. Some go on talking.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure, needs
from benchmarks.scorecard.load import Client, Load, texts

SECONDS = 30.0
"""From the server's end to the last client that is served again."""


def row(effort: Effort) -> Iterator[Figure]:
    """Fill rooms, restart, see how all come back and what they are told."""
    number = effort.pick(tiny=30, quick=5000, long=5000)
    needs(files=number + 512)
    rooms = effort.pick(tiny=3, quick=50, long=50)
    with TemporaryDirectory(prefix="chat-stampede-") as state:
        server = servers.chat(state)
        try:
            load = Load(server.port)
            clients = [Client(f"user{each}", room=f"room{each % rooms}") for each in range(number)]
            load.enter(clients, at_once=200)
            speakers = clients[: 2 * rooms]
            load.say_each(texts(speakers, 4 * rooms, "before"), window=rooms)
            for client, text in texts(speakers, len(speakers), "during"):
                load.say(client, text)
            server.kill()
            overflows = listen_overflows()
            start = time.monotonic()
            server = servers.chat(state, port=server.port)
            _come_back(load, clients)
            seconds = time.monotonic() - start
            overflows = listen_overflows() - overflows
            load.say_each(texts(speakers, 2 * rooms, "after"), window=rooms)
            load.settle()
            # Who comes last sees who is there.
            last = [Client(f"last{each}", room=f"room{each}") for each in range(rooms)]
            load.enter(last)
            ghosts = sum(client.people for client in last) - number - rooms
            found = load.faults()
            unanswered = sum(len(client.waiting) for client in clients)
            load.close()
        finally:
            server.kill()
    in_time = seconds <= SECONDS
    yield Figure(
        f"{number:,} clients served again",
        f"after {seconds:.1f} s",
        f"within {SECONDS:g} s",
        in_time,
        timed=True,
    )
    yield Figure("ghosts, or people missing", str(ghosts), "0", not ghosts)
    yield Figure("connections that found no place to wait", str(overflows), "0", not overflows)
    yield Figure("messages lost to a client", str(found.lost), "0", not found.lost)
    wrong = found.twice + found.disordered
    yield Figure("messages twice or out of order", str(wrong), "0", not wrong)
    yield Figure("messages never acknowledged", str(unanswered), "0", not unanswered)


def _come_back(load: Load, clients: list[Client]) -> None:
    for client in clients:
        load.drop(client)
    for client in clients:
        load.connect(client)
    for client in clients[::3]:
        load.drop(client)
        load.connect(client)
    load.until(lambda: all(client.inside for client in clients), "all come back")


def listen_overflows() -> int:
    """How many connections this machine has turned away because too many waited, ever."""
    names, values = (
        line.split()
        for line in Path("/proc/net/netstat").read_text().splitlines()
        if line.startswith("TcpExt:")
    )
    return int(values[names.index("ListenOverflows")])
