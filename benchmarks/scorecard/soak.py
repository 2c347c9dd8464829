"""Row 1: many people in many rooms, most of them silent, for a long time."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure, needs
from benchmarks.scorecard.load import Client, Load, p99

LATE = 0.020
"""Seconds that the 99th of 100 deliveries may take."""

RATE = 200
"""Messages a second."""

GROWTH = 0.05
"""By so much the server's memory may grow once its rooms remember as many messages as they may."""


def row(effort: Effort) -> Iterator[Figure]:
    """Everybody comes in; some talk; every message is looked for at everybody."""
    rooms = effort.pick(tiny=4, quick=50, long=50)
    idle = effort.pick(tiny=20, quick=5000, long=5000)
    active = effort.pick(tiny=8, quick=500, long=500)
    seconds = effort.pick(tiny=1, quick=60, long=600)
    # In a minute a room gets 240 messages: without a lower limit its memory would just fill up.
    recent = effort.pick(tiny=500, quick=50, long=500)
    needs(files=idle + active + 128)
    draw = random.Random(1)
    with servers.running_chat("--limit", f"recent_messages={recent}") as server:
        load = Load(server.port)
        speakers = [Client(f"speaker{each}", room=f"room{each % rooms}") for each in range(active)]
        listeners = [
            Client(f"listener{each}", room=f"room{each % rooms}", speaks=False)
            for each in range(idle)
        ]
        load.enter([*speakers, *listeners])
        load.settle()
        number = seconds * RATE
        said = [(draw.choice(speakers), f"m{index:06d}") for index in range(number)]
        warm = number * 2 // 5
        load.speak(said[:warm], 1 / RATE)
        before = server.resident_bytes
        load.speak(said[warm:], 1 / RATE)
        load.until(lambda: not any(client.waiting for client in speakers), "have all acknowledged")
        load.settle()
        grown = server.resident_bytes / before - 1
        late = p99(load.latencies)
        found = load.faults()
        told = sum(len(client.seqs) for client in load.clients)
        gone = [why for client in load.clients for why in client.refusals]
        load.close()
    of = f"of {found.lost + told:,}; {number:,} messages said, {idle + active:,} clients"
    yield Figure("deliveries lost", f"{found.lost} {of}", "0", not found.lost)
    yield Figure("deliveries twice", str(found.twice), "0", not found.twice)
    yield Figure("deliveries out of order", str(found.disordered), "0", not found.disordered)
    yield Figure(
        "clients refused or cut", f"{len(gone)} {'; '.join(gone[:1])}".strip(), "0", not gone
    )
    bar = f"below {LATE * 1e3:g} ms"
    yield Figure("p99 of a delivery", f"{late * 1e3:.1f} ms", bar, late < LATE, timed=True)
    flat = grown <= GROWTH
    yield Figure("memory grown", f"{grown:.1%}", f"at most {GROWTH:.0%}", flat)
