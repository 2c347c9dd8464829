"""The figures of a running server: one table, read when somebody asks and not before."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatservice.app import Clock, Timer
from chatservice.domain.hub import Hub
from chatservice.histogram import Histogram
from chatservice.net.fanout import FanOut
from chatservice.net.refusals import RefusalLog
from chatservice.net.transport import Traffic
from chatservice.storage.commits import Commits

BEAT = 1.0
"""Seconds between two looks at how late the event loop is."""

PAGE = resource.getpagesize()
"""Bytes of a page of memory."""


class Lateness:
    """How much later than it should be the event loop calls, looked at each second."""

    def __init__(self, clock: Clock) -> None:
        self.seconds = Histogram((0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5))
        self._clock = clock
        self._timer: Timer | None = None

    def start(self) -> None:
        """Look from now on, until `stop`."""
        due = self._clock.seconds() + BEAT

        def look() -> None:
            self.seconds.note(max(0.0, self._clock.seconds() - due))
            self.start()

        self._timer = self._clock.callLater(BEAT, look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the figures come from; `ended` is the traffic of connections that are over."""

    hub: Hub
    fanout: FanOut
    refusals: RefusalLog
    commits: Commits
    lateness: Lateness
    ended: Traffic
    started_at: float

    @property
    def wires(self) -> Counter[str]:
        """How many connections speak which wire."""
        return Counter(outlet.wire for outlet in self.fanout.outlets)

    @property
    def traffic(self) -> dict[str, int]:
        """How many bytes went through all connections so far."""
        received, sent = self.ended.received, self.ended.sent
        for outlet in self.fanout.outlets:
            more_received, more_sent = outlet.traffic
            received += more_received
            sent += more_sent
        return {"received": received, "sent": sent}


Value = float | Mapping[str, float] | Histogram
"""A figure; with a label, one for each of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A row of the table: `name` as Prometheus has it, `label` what a figure is divided by."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    what: str
    read: Callable[[Sources], Value]
    label: str | None = None


def _gauge(name: str, what: str, read: Callable[[Sources], Value]) -> Metric:
    return Metric(name=f"chatservice_{name}", kind="gauge", what=what, read=read)


def _counter(name: str, what: str, read: Callable[[Sources], Value]) -> Metric:
    return Metric(name=f"chatservice_{name}_total", kind="counter", what=what, read=read)


def _histogram(name: str, what: str, read: Callable[[Sources], Value]) -> Metric:
    return Metric(name=f"chatservice_{name}", kind="histogram", what=what, read=read)


METRICS: tuple[Metric, ...] = (
    Metric(
        name="chatservice_connections",
        kind="gauge",
        what="Open connections that speak a wire.",
        read=lambda it: it.wires,
        label="wire",
    ),
    _gauge(
        "people",
        "People online, however many connections each has.",
        lambda it: it.hub.present - it.wires["control"],
    ),
    _gauge("rooms", "Rooms that are known.", lambda it: len(it.hub.rooms)),
    _gauge("accounts", "Registered accounts.", lambda it: it.hub.accounts),
    _gauge(
        "stalled_readers",
        "Connections for which too much waits to be read.",
        lambda it: sum(outlet.stalled for outlet in it.fanout.outlets),
    ),
    _counter(
        "dropped_readers",
        "Connections cut because they did not read.",
        lambda it: it.refusals.totals["slow-reader"],
    ),
    _counter("messages", "Messages that were kept.", lambda it: it.commits.messages),
    _counter(
        "deliveries", "Events told to sessions, messages mostly.", lambda it: it.fanout.deliveries
    ),
    Metric(
        name="chatservice_traffic_bytes_total",
        kind="counter",
        what="Bytes that came in by TCP, and bytes that arrived at clients.",
        read=lambda it: it.traffic,
        label="direction",
    ),
    Metric(
        name="chatservice_refusals_total",
        kind="counter",
        what="Refused connections and input, by the reason that the log has.",
        read=lambda it: it.refusals.totals,
        label="reason",
    ),
    _histogram(
        "commit_seconds", "How long commits to the disk took.", lambda it: it.commits.seconds
    ),
    _histogram(
        "commit_records", "How many records shared a commit.", lambda it: it.commits.records
    ),
    _counter(
        "failed_commits",
        "Commits that the disk refused; nobody was told what was in them.",
        lambda it: it.commits.failed,
    ),
    _histogram(
        "reactor_lateness_seconds",
        "How late the event loop was, looked at each second.",
        lambda it: it.lateness.seconds,
    ),
    Metric(
        name="process_cpu_seconds_total",
        kind="counter",
        what="Processor time used.",
        read=lambda _: time.process_time(),
    ),
    Metric(
        name="process_resident_memory_bytes",
        kind="gauge",
        what="Resident memory.",
        read=lambda _: PAGE * int(Path("/proc/self/statm").read_text("ascii").split()[1]),
    ),
    Metric(
        name="process_open_fds",
        kind="gauge",
        what="Open file descriptors.",
        read=lambda _: len(list(Path("/proc/self/fd").iterdir())),
    ),
    Metric(
        name="process_max_fds",
        kind="gauge",
        what="File descriptors that may be open.",
        read=lambda _: resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    ),
    Metric(
        name="process_start_time_seconds",
        kind="gauge",
        what="When the server started, in seconds since 1970.",
        read=lambda it: it.started_at,
    ),
)
"""Every figure."""


def summary(sources: Sources) -> dict[str, object]:
    """All figures for people: of a histogram how many values there were, and what is usual."""
    found: dict[str, object] = {}
    for metric in METRICS:
        value = metric.read(sources)
        if isinstance(value, Histogram):
            found[metric.name] = {
                "count": value.count,
                "mean": value.total / (value.count or 1),
                "p50": value.most(0.5),
                "p99": value.most(0.99),
            }
        else:
            found[metric.name] = dict(value) if isinstance(value, Mapping) else value
    return found
