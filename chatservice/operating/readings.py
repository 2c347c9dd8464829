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
from chatservice.net.port import Traffic
from chatservice.net.refusals import RefusalLog
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


class Reading:
    """All figures at one moment; the connections are looked at once.

    `wires` tells how many speak which, `stalled` for how many too much waits, `traffic` how many
    bytes went through all of them so far.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.wires: Counter[str] = Counter()
        self.stalled = 0
        received, sent = sources.ended.received, sources.ended.sent
        for outlet in sources.fanout.outlets:
            self.wires[outlet.wire] += 1
            self.stalled += outlet.stalled
            more_received, more_sent = outlet.traffic
            received += more_received
            sent += more_sent
        self.traffic = {"received": received, "sent": sent}


Value = float | Mapping[str, float] | Histogram
"""A figure; with a label, one for each of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A row of the table: `name` as Prometheus has it, `label` what a figure is divided by."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    what: str
    read: Callable[[Reading], Value]
    label: str | None = None


def _open_files() -> int:
    """How many files are open; since Linux 6.2 nobody has to list them all."""
    folder = Path("/proc/self/fd")
    return folder.stat().st_size or len(list(folder.iterdir()))


def _gauge(name: str, what: str, read: Callable[[Reading], Value]) -> Metric:
    return Metric(name=f"chatservice_{name}", kind="gauge", what=what, read=read)


def _counter(name: str, what: str, read: Callable[[Reading], Value]) -> Metric:
    return Metric(name=f"chatservice_{name}_total", kind="counter", what=what, read=read)


def _histogram(name: str, what: str, read: Callable[[Reading], Value]) -> Metric:
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
        lambda it: it.sources.hub.present - it.wires["control"],
    ),
    _gauge("rooms", "Rooms that are known.", lambda it: len(it.sources.hub.rooms)),
    _gauge("accounts", "Registered accounts.", lambda it: it.sources.hub.accounts),
    _gauge(
        "stalled_readers",
        "Connections for which too much waits to be read.",
        lambda it: it.stalled,
    ),
    _counter(
        "dropped_readers",
        "Connections cut because they did not read.",
        lambda it: it.sources.refusals.totals["slow-reader"],
    ),
    _counter("messages", "Messages that were kept.", lambda it: it.sources.commits.messages),
    _counter(
        "deliveries",
        "Events told to sessions, messages mostly.",
        lambda it: it.sources.fanout.deliveries,
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
        read=lambda it: it.sources.refusals.totals,
        label="reason",
    ),
    _histogram(
        "commit_seconds",
        "How long commits to the disk took.",
        lambda it: it.sources.commits.seconds,
    ),
    _histogram(
        "commit_records", "How many records shared a commit.", lambda it: it.sources.commits.records
    ),
    _counter(
        "failed_commits",
        "Commits that the disk refused; nobody was told what was in them.",
        lambda it: it.sources.commits.failed,
    ),
    _histogram(
        "reactor_lateness_seconds",
        "How late the event loop was, looked at each second.",
        lambda it: it.sources.lateness.seconds,
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
        read=lambda _: _open_files(),
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
        read=lambda it: it.sources.started_at,
    ),
)
"""Every figure."""


def summary(sources: Sources) -> dict[str, object]:
    """All figures for people: of a histogram how many values there were, and what is usual."""
    found: dict[str, object] = {}
    reading = Reading(sources)
    for metric in METRICS:
        value = metric.read(reading)
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
