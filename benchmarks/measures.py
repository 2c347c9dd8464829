"""What is measured of a server: one function for each figure."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from benchmarks.crowd import Crowd, Failed, Outcome, crowd
from benchmarks.peers import Peer
from benchmarks.servers import Server

SENDERS = 10
PACE = 20
"""Messages a second when the latency is measured."""

WAL_BYTES = 4096 + 24
"""What SQLite appends to its log for one small message."""


class Fanout(NamedTuple):
    """Deliveries a second, CPU seconds for a million of them, and the client's load."""

    rate: float
    cpu: float
    load: float


@dataclass(frozen=True, slots=True)
class Stand:
    """A running server with a crowd in it."""

    peer: Peer
    server: Server
    crowd: Crowd
    receivers: int

    def fanout(self, window: int) -> Fanout:
        """Say many messages, `window` of them on their way at once."""
        messages = _messages(int(self.receivers / self.peer.share), window)
        before = self.server.cpu_seconds
        outcome = self._run(messages, window=window)
        cpu = self.server.cpu_seconds - before
        deliveries = messages * self.receivers
        load = outcome.client_seconds / outcome.seconds
        return Fanout(deliveries / outcome.seconds, cpu / deliveries * 1e6, load)

    def latencies(self, seconds: float) -> list[float]:
        """The milliseconds that messages at an even pace take to their last receivers."""
        outcome = self._run(int(PACE * seconds), rate=PACE)
        return [latency * 1e3 for latency in outcome.latencies]

    def _run(self, messages: int, *, window: int = 0, rate: float = 0) -> Outcome:
        try:
            return self.crowd.run(messages, window=window, rate=rate)
        except Failed as error:
            raise Failed(f"{self.peer.name}: {error}\n{self.server.log[-2000:]}") from None


def _messages(receivers: int, window: int) -> int:
    """So many that a round takes a second or two of a fast server."""
    deliveries = {1: 200_000, 10: 1_000_000}.get(window, 3_000_000)
    return min(max(deliveries // receivers, 10 * window), 10_000)


@contextmanager
def stand(peer: Peer, receivers: int) -> Iterator[Stand]:
    """A server with everybody in the room and the first messages said, while the context lasts."""
    with (
        peer.running() as server,
        crowd(server.port, peer.wire, receivers=receivers, senders=SENDERS) as members,
    ):
        members.gather(peer.at_once)
        members.settle()
        members.run(50, window=10)
        yield Stand(peer, server, members, receivers)


def percentiles(latencies: list[float]) -> tuple[float, float]:
    """The median, and what 99 of 100 do not exceed."""
    hundredths = quantiles(latencies, n=100, method="inclusive")
    return hundredths[49], hundredths[98]


def joins(peer: Peer, clients: int) -> tuple[float, float]:
    """Clients a second that connect and come into the room; CPU milliseconds for each."""
    with (
        peer.running() as server,
        crowd(server.port, peer.wire, receivers=clients) as members,
    ):
        before = server.cpu_seconds
        seconds = members.gather(peer.at_once)
        cpu = server.cpu_seconds - before
    return clients / seconds, cpu / clients * 1e3


def memory(peer: Peer, clients: int, *, entering: bool) -> float:
    """KiB that the server grows by for each client that is known and says nothing."""
    with peer.running() as server:
        with crowd(server.port, peer.wire, receivers=1) as few:
            few.gather(1, entering=entering)
            few.settle()
        before = server.resident_bytes
        with crowd(server.port, peer.wire, receivers=clients) as members:
            members.gather(peer.at_once, entering=entering)
            members.settle()
            grown = server.resident_bytes - before
    return grown / clients / 1024


def commits(folder: Path, times: int) -> list[float]:
    """The milliseconds that small appends to a file take until the disk has them."""
    taken: list[float] = []
    with (folder / "commits").open("wb", buffering=0) as log:
        for _ in range(times):
            start = time.perf_counter()
            log.write(bytes(WAL_BYTES))
            os.fdatasync(log.fileno())
            taken.append((time.perf_counter() - start) * 1e3)
    return taken
