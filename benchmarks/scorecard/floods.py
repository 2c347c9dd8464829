"""Row 10: slow, many and loud attackers at once, and honest people in the same room."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

from benchmarks import servers
from benchmarks.scorecard.attack import ADDRESSES, FLOODS, attacking
from benchmarks.scorecard.frame import Effort, Figure, needs
from benchmarks.scorecard.load import Client, Load, p99
from benchmarks.servers import Server
from chatservice.domain.limits import Limits
from chatservice.net.admission import WINDOW

RATE = 20
"""Messages a second of all honest people together."""

SLOWER = 1.5
"""By so many times the p99 of honest people may be longer than before."""

REST = 0.05
"""The share of a core that a server at rest takes at most."""

REST_SECONDS = 5.0
"""Within which it rests after the attack."""

PATIENCE = 3.0
"""Seconds more than it says after which the server may have cut who says nothing usable."""


def row(effort: Effort) -> Iterator[Figure]:
    """Honest people talk alone, then under attack."""
    honest = effort.pick(tiny=4, quick=50, long=50)
    slow = effort.pick(tiny=20, quick=2000, long=2000)
    needs(files=slow + 512)
    flooders = effort.pick(tiny=2, quick=20, long=20)
    seconds = effort.pick(tiny=2, quick=8, long=60)
    introduction = effort.pick(tiny=2, quick=5, long=20)
    limits = ("--limit", "throttle_loopback=1", "--limit", f"introduction_seconds={introduction}")
    with servers.running_chat(*limits) as server:
        load = Load(server.port)
        # No address may make more than 30 connections in 10 s.
        people = [
            Client(f"user{each}", source=f"127.1.0.{1 + each // 25}") for each in range(honest)
        ]
        load.enter(people)
        load.settle(0.2)
        texts = ((people[each % honest], f"m{each:06d}") for each in count())
        load.speak((next(texts) for _ in range(RATE * min(seconds, 30) // 2)), 1 / RATE)
        load.settle(0.2)
        baseline = p99(load.latencies)
        load.latencies.clear()
        with attacking(server.port, slow, flooders, seconds) as attack:
            end = time.monotonic() + seconds + WINDOW + introduction + 2 * PATIENCE
            while not attack.poll() and time.monotonic() < end:
                load.speak((next(texts) for _ in range(5)), 1 / RATE)
            outcome = attack.recv() if attack.poll() else None
        load.until(lambda: not any(client.waiting for client in people), "have all acknowledged")
        attacked = p99(load.latencies)
        load.settle(0.2)
        rested = _seconds_to_rest(server)
        found = load.faults()
        gone = [why for client in people for why in client.refusals]
        floods = len(set().union(*(client.seqs for client in people))) - len(load.said_at)
        load.close()
    if outcome is None:
        raise TimeoutError("the server keeps connections that say nothing usable")
    in_time = outcome.longest <= introduction + PATIENCE
    yield Figure(
        f"slow connections of {ADDRESSES} addresses, cut",
        f"{outcome.cut:,} of {outcome.slow:,}, the last after {outcome.longest:.1f} s",
        f"all, within {introduction} s and a moment",
        outcome.cut == outcome.slow and in_time,
    )
    rules = Limits()
    windows = int(outcome.knocked // WINDOW) + 1
    most = FLOODS * rules.address_new_connections * windows
    yield Figure(
        f"connections of a connect flood of {FLOODS} addresses that got in",
        f"{outcome.greeted:,}, {outcome.turned_away:,} turned away with the reason",
        f"at most {most:,}",
        outcome.greeted <= most and bool(outcome.turned_away),
    )
    lines = flooders * (2 * rules.paste_lines + rules.message_rate * (seconds + introduction + 5))
    yield Figure(
        f"messages of {flooders} flooders that got through",
        f"{floods:,} of {outcome.sent:,}",
        f"at most {lines:,.0f}",
        floods <= lines,
    )
    wrong = found.lost + found.twice + found.disordered + len(gone)
    yield Figure("honest deliveries wrong, or honest people cut", str(wrong), "0", not wrong)
    slower = attacked / baseline if baseline else 0.0
    measured = f"{attacked * 1e3:.1f} ms, {slower:.2f} times the {baseline * 1e3:.1f} ms before"
    yield Figure(
        "p99 of honest people", measured, f"at most {SLOWER} times", slower <= SLOWER, timed=True
    )
    yield Figure(
        "server at rest after the attack",
        f"after {rested:.1f} s",
        f"within {REST_SECONDS:g} s",
        rested <= REST_SECONDS,
        timed=True,
    )


def _seconds_to_rest(server: Server) -> float:
    """How long the server goes on working though nobody asks it for anything."""
    start = time.monotonic()
    while (begun := time.monotonic()) < start + 2 * REST_SECONDS:
        before = server.cpu_seconds
        time.sleep(0.5)
        if server.cpu_seconds - before < REST * (time.monotonic() - begun):
            break
    return begun - start
