"""Row 9: some of those in a large room stop reading, and nobody else may notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure, needs
from benchmarks.scorecard.load import Client, Load, p99

PADDING = " " + "x" * 3000
"""Makes messages long, so that what nobody reads fills its buffers soon."""

SLOWER = 1.2
"""By so many times the p99 of the others may be longer than before."""

SECONDS = 35.0
"""Within which all who read nothing are dropped."""

HELD = 512 * 1024
"""Bytes of memory that one of them may cost: what may wait for it, and as much again."""

VARIES = 8 << 20
"""Bytes by which the server's memory varies anyway."""


def row(effort: Effort) -> Iterator[Figure]:
    """Measure while all read, then while some don't, until the last of these is dropped."""
    number = effort.pick(tiny=20, quick=1000, long=1000)
    needs(files=number + 128)
    stalling = effort.pick(tiny=2, quick=50, long=50)
    rate = effort.pick(tiny=100, quick=10, long=10)
    messages = rate * effort.pick(tiny=1, quick=10, long=30)
    rounds = effort.pick(tiny=20, quick=0, long=0)
    with servers.running_chat() as server:
        load = Load(server.port)
        speakers = [Client(f"speaker{each}") for each in range(min(10, number // 4))]
        stalled = [Client(f"stalled{each}", speaks=False) for each in range(stalling)]
        others = number - stalling - len(speakers)
        listeners = [Client(f"listener{each}", speaks=False) for each in range(others)]
        load.enter([*stalled, *speakers, *listeners])
        load.settle()
        load.padding = PADDING
        texts = ((speakers[each % len(speakers)], f"m{each:06d}") for each in count())
        # Where little may be held, what the server keeps of any room has to be there before.
        for _ in range(rounds):
            load.speak((next(texts) for _ in range(50)), 0)
            load.settle(0.05)
        load.latencies.clear()
        load.speak((next(texts) for _ in range(messages)), 1 / rate)
        load.settle(0.2)
        baseline = p99(load.latencies)
        load.latencies.clear()
        before = most = server.resident_bytes
        for client in stalled:
            load.stall(client)
        start, seconds = time.monotonic(), SECONDS
        told = speakers[0].left
        while len(told) < stalling and (seconds := time.monotonic() - start) < SECONDS + 5:
            load.speak((next(texts) for _ in range(5)), 1 / rate)
            most = max(most, server.resident_bytes)
        load.until(lambda: not any(client.waiting for client in speakers), "have all acknowledged")
        load.settle(0.2)
        after = p99(load.latencies)
        for client in stalled:
            load.clients.remove(client)
            load.drop(client)
        found = load.faults()
        gone = [why for client in load.clients for why in client.refusals]
        load.close()
    for_a_reason = sum(bool(why) for why in told.values())
    yield Figure(
        "those who read nothing, dropped with the reason told",
        f"{for_a_reason} of {stalling}, the last after {seconds:.1f} s",
        f"all within {SECONDS:g} s",
        for_a_reason == stalling and set(told) == {client.name for client in stalled},
    )
    held = most - before
    bar = max(stalling * HELD, VARIES)
    yield Figure(
        "memory held for them", f"{held / 2**20:.1f} MiB", f"at most {bar >> 20} MiB", held <= bar
    )
    wrong = found.lost + found.twice + found.disordered + len(gone)
    yield Figure("others' deliveries wrong, or others cut", str(wrong), "0", not wrong)
    slower = after / baseline if baseline else 0.0
    measured = f"{after * 1e3:.1f} ms, {slower:.2f} times the {baseline * 1e3:.1f} ms before"
    bar_ = f"at most {SLOWER} times"
    yield Figure("p99 of the others", measured, bar_, slower <= SLOWER, timed=True)
