"""Row 2: the server is killed again and again under load, and clients repeat what they don't know.

Each of them says message after message; whenever the server is gone it reconnects, resumes after
the last seq it was told, and says again with the same id what nobody acknowledged.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure
from benchmarks.scorecard.load import Client, Faults, Load, faults
from benchmarks.servers import Server

IN_FLIGHT = 8
"""Messages that each client has said and not yet seen acknowledged."""

SERVING_SECONDS = 2.0
"""From a start to the first client that is in again."""

SEED = 1


class Talkers:
    """Clients that talk all the time, through every crash."""

    def __init__(self, port: int, number: int) -> None:
        self.load = Load(port)
        self.clients = [Client(f"client{index}") for index in range(number)]
        self._said = 0

    def talk(self, seconds: float) -> None:
        """Go on for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.load.turn(min(left, 0.02))
            for client in self.clients:
                if client.socket is None:
                    self.load.connect(client)
                while client.inside and len(client.waiting) < IN_FLIGHT:
                    self._said += 1
                    self.load.say(client, f"{client.name}-{self._said}")

    def come_back(self) -> float:
        """Connect again; returns the seconds until the first one is in."""
        start = time.monotonic()
        for client in self.clients:
            self.load.drop(client)
            self.load.connect(client)
        self.load.until(lambda: any(client.inside for client in self.clients), "come back")
        return time.monotonic() - start

    def get_on(self) -> None:
        """Talk until each has some more messages acknowledged."""
        goals = [len(client.acked) + IN_FLIGHT for client in self.clients]
        end = time.monotonic() + 20
        while any(len(it.acked) < goal for it, goal in zip(self.clients, goals, strict=True)):
            self.talk(0.005)
            if time.monotonic() > end:
                raise TimeoutError("some client's messages are not acknowledged after a restart")

    def rest(self) -> None:
        """Say no more, and wait until everything is acknowledged and told to all."""
        clients = self.clients
        self.load.until(lambda: not any(it.waiting for it in clients), "have all acknowledged")
        last = max(max(client.acked.values()) for client in clients)
        self.load.until(lambda: all(it.seen >= last for it in clients), "be told everything")


def row(effort: Effort) -> Iterator[Figure]:
    """Kill, restart, check."""
    cycles = effort.pick(tiny=2, quick=12, long=200)
    draw = random.Random(SEED)
    starts: list[float] = []
    with TemporaryDirectory(prefix="chat-kill-") as state:
        server = servers.chat(state)
        talkers = Talkers(server.port, effort.pick(tiny=2, quick=6, long=6))
        try:
            for _ in range(cycles):
                talkers.get_on()
                talkers.talk(draw.uniform(0, 0.2))
                server, seconds = _restarted(server, state)
                starts.append(seconds + talkers.come_back())
            talkers.get_on()
            talkers.rest()
        finally:
            server.kill()
            talkers.load.close()
        kept = _kept(state)
        findings = _integrity(state)
    yield from _figures(talkers, kept, cycles)
    yield Figure("findings of the integrity check", str(findings), "0", not findings)
    worst = f"{max(starts):.2f} s at worst"
    in_time = max(starts) <= SERVING_SECONDS
    yield Figure("serving again", worst, f"within {SERVING_SECONDS:g} s", in_time, timed=True)


def _restarted(server: Server, state: str) -> tuple[Server, float]:
    """Kill, and start again; with the seconds that starting took."""
    server.kill()
    start = time.monotonic()
    return servers.chat(state, port=server.port), time.monotonic() - start


def _figures(talkers: Talkers, kept: list[tuple[int, str]], cycles: int) -> Iterator[Figure]:
    """What was promised to clients, against what they were told and what is stored."""
    seqs = {text: seq for seq, text in kept}
    clients = talkers.clients
    acked = [(text, seq) for client in clients for text, seq in client.acked.items()]
    lost = sum(seqs.get(text) != seq for text, seq in acked)
    times = Counter(text for _, text in kept)
    doubled = sum(number > 1 for number in times.values())
    told = sum((faults(client, seqs.values()) for client in clients), Faults())
    of = f" of {len(acked):,} in {cycles} kills"
    yield Figure("acknowledged messages lost", f"{lost}{of}", "0", not lost)
    yield Figure("messages stored twice", str(doubled), "0", not doubled)
    yield Figure("messages not told to a client", str(told.lost), "0", not told.lost)
    yield Figure("messages told twice", str(told.twice), "0", not told.twice)
    yield Figure("messages told out of order", str(told.disordered), "0", not told.disordered)


def _kept(state: str) -> list[tuple[int, str]]:
    """The seq and text of all messages in the store, oldest first."""
    with sqlite3.connect(Path(state, "chat.sqlite3")) as db:
        return db.execute("SELECT seq, text FROM message ORDER BY seq").fetchall()


def _integrity(state: str) -> int:
    """How much SQLite finds wrong with the store."""
    with sqlite3.connect(Path(state, "chat.sqlite3")) as db:
        return sum(finding != "ok" for [finding] in db.execute("PRAGMA integrity_check"))
