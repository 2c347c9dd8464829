"""The figures and the health of a server by HTTP: `/metrics` for Prometheus, and `/healthz`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from twisted.web.pages import notFound
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from chatservice.app import Clock
from chatservice.histogram import Histogram
from chatservice.operating.readings import METRICS, Metric, Reading, Sources
from chatservice.storage.commits import Commits
from chatservice.storage.interface import StoreError, Worker

PATIENCE = 5.0
"""Seconds that the store gets to say that it is well."""

MEMORY = 60.0
"""Seconds for which the last commit counts that failed, if none has been tried since."""

_LATE = f"The store has not answered for {PATIENCE:g} seconds."
_FAMILIES = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}


class Collected(Collector):
    """All figures, each read when they are asked for."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Any]:
        """The figures as the library has them."""
        reading = Reading(self._sources)
        for metric in METRICS:
            yield _family(metric, metric.read(reading))


def _family(metric: Metric, value: float | Mapping[str, float] | Histogram) -> Any:
    if isinstance(value, Histogram):
        buckets = [(floatToGoString(bound), count) for bound, count in value]
        return HistogramMetricFamily(metric.name, metric.what, buckets, value.total)
    family = _FAMILIES[metric.kind]
    if not isinstance(value, Mapping):
        return family(metric.name, metric.what, value)
    labelled = family(metric.name, metric.what, labels=[metric.label])
    for label, number in value.items():
        labelled.add_metric([label], number)
    return labelled


class MetricsPage(Resource):
    """The figures, in whichever form of Prometheus's is asked for."""

    isLeaf = True

    def __init__(self, sources: Sources) -> None:
        super().__init__()
        self._registry = CollectorRegistry()
        self._registry.register(Collected(sources))

    def render_GET(self, request: Request) -> bytes:
        """All of them."""
        encode, kind = choose_encoder(request.getHeader("accept") or "")
        request.setHeader("content-type", kind)
        page: bytes = encode(self._registry)
        return page


class HealthPage(Resource):
    """Whether the server does its work: that it answers at all says that the event loop turns."""

    isLeaf = True

    def __init__(
        self, commits: Commits, worker: Worker, clock: Clock, stopping: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._commits = commits
        self._worker = worker
        self._clock = clock
        self._stopping = stopping

    def render_GET(self, request: Request) -> int:
        """200 if the store can commit now, else 503 with a sentence.

        Where the last thing that was to be kept was not, a small one that can be is no comfort.
        """
        late = self._clock.callLater(PATIENCE, lambda: answer(503, _LATE))
        waiting = True

        def stop_waiting() -> bool:
            nonlocal waiting
            was, waiting = waiting, False
            return was

        def answer(code: int, sentence: str) -> None:
            if stop_waiting():
                request.setResponseCode(code)
                request.setHeader("content-type", "text/plain; charset=utf-8")
                request.write(f"{sentence}\n".encode())
                request.finish()

        def checked(error: StoreError | None) -> None:
            if waiting:
                late.cancel()
            error = error or self._recent_error()
            if error is not None:
                answer(503, f"{error}.")
            elif self._stopping():
                answer(503, "The server is shutting down.")
            else:
                answer(200, "All is well.")

        def gone(_: object) -> None:
            if stop_waiting():
                late.cancel()

        request.notifyFinish().addErrback(gone)
        self._worker.check(checked)
        return NOT_DONE_YET

    def _recent_error(self) -> StoreError | None:
        long_ago = self._clock.seconds() - self._commits.ended_at > MEMORY
        return None if long_ago else self._commits.error


class Pages(Resource):
    """The pages that there are, and for all else one that says so."""

    def getChild(self, path: bytes, request: Request) -> IResource:
        """What is found at a path that is none of theirs."""
        del path, request
        return notFound()


class Bodiless(Request):
    """A request that brings nothing with it: what would is cut, and kept nowhere."""

    def gotLength(self, length: int | None) -> None:
        """The headers are there."""
        super().gotLength(0)
        if length != 0:
            self.channel.forceAbortClient()


class Quiet(Site):
    """A site that writes no line for each request."""

    noisy = False
    displayTracebacks = False

    def log(self, request: object) -> None:
        """Nothing."""


def site(sources: Sources, worker: Worker, reactor: Any, stopping: Callable[[], bool]) -> Site:
    """Both pages."""
    root = Pages()
    root.putChild(b"metrics", MetricsPage(sources))
    root.putChild(b"healthz", HealthPage(sources.commits, worker, reactor, stopping))
    return Quiet(root, requestFactory=Bodiless, reactor=reactor)
