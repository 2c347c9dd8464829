"""The pages by HTTP."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from twisted.internet.testing import StringTransport
from twisted.web.http import HTTPChannel

from chatservice.storage.interface import StoreError
from tests.operating.test_readings import ReadingsCase


class PageCase(ReadingsCase):
    """Both pages, asked for in memory."""

    if find_spec("prometheus_client") is None:
        skip = "it needs what the extra `metrics` brings"

    def setUp(self) -> None:
        super().setUp()
        from chatservice.operating.metrics import site

        self.worker = Asked()
        self.stopping = False
        worker: Any = self.worker
        self.site = site(self.sources, worker, self.clock, lambda: self.stopping)

    def get(self, path: str, *headers: str) -> StringTransport:
        channel = self.site.buildProtocol(None)
        assert isinstance(channel, HTTPChannel) or hasattr(channel, "dataReceived")
        transport = StringTransport()
        channel.makeConnection(transport)
        lines = [f"GET {path} HTTP/1.0", "Host: x", *headers, "", ""]
        channel.dataReceived("\r\n".join(lines).encode())
        self.channel = channel
        return transport

    def answer(self, path: str, *headers: str) -> tuple[int, str]:
        head, _, body = self.get(path, *headers).value().partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()


class Asked:
    """A store's worker that is asked whether it is well."""

    def __init__(self) -> None:
        self.asked: list[Callable[[StoreError | None], None]] = []

    def check(self, done: Callable[[StoreError | None], None]) -> None:
        """Answer later."""
        self.asked.append(done)


class MetricsTests(PageCase):
    def test_all_figures(self) -> None:
        self.net.json("ann")
        self.net.house.refusals.note('odd"\nreason', "192.0.2.1:1")
        self.sources.commits.note([], [], 0, 0.002)
        status, page = self.answer("/metrics")
        self.assertEqual(status, 200)
        for line in (
            "# TYPE chatservice_connections gauge",
            'chatservice_connections{wire="json"} 1.0',
            "chatservice_people 1.0",
            "# TYPE chatservice_deliveries_total counter",
            'chatservice_refusals_total{reason="odd\\"\\nreason"} 1.0',
            'chatservice_commit_seconds_bucket{le="0.001"} 0.0',
            'chatservice_commit_seconds_bucket{le="0.0025"} 1.0',
            'chatservice_commit_seconds_bucket{le="+Inf"} 1.0',
            "chatservice_commit_seconds_count 1.0",
            "chatservice_commit_seconds_sum 0.002",
            "process_start_time_seconds 12.5",
        ):
            self.assertIn(line + "\n", page)

    def test_the_newer_form_for_who_asks_for_it(self) -> None:
        accept = "Accept: application/openmetrics-text; version=1.0.0"
        self.assertTrue(self.answer("/metrics", accept)[1].endswith("# EOF\n"))

    def test_nothing_else_is_there(self) -> None:
        for path in ("/", "/favicon.ico", "/healthy"):
            self.assertEqual(self.answer(path)[0], 404)


class HealthTests(PageCase):
    def health(self, error: StoreError | None = None) -> tuple[int, str]:
        transport = self.get("/healthz")
        self.worker.asked.pop()(error)
        head, _, body = transport.value().partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def test_well(self) -> None:
        self.assertEqual(self.health(), (200, "All is well.\n"))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_the_store_refuses(self) -> None:
        self.assertEqual(self.health(StoreError("The disk is full")), (503, "The disk is full.\n"))

    def test_the_last_commit_failed(self) -> None:
        """Even if a small one goes, until one succeeds, or a minute has gone by."""
        self.sources.commits.note([], StoreError("The disk is full"), 0, 1)
        self.clock.advance(61)
        self.assertEqual(self.health()[0], 503)
        self.clock.advance(0.1)
        self.assertEqual(self.health()[0], 200)
        self.sources.commits.note([], StoreError("The disk is full"), 61, 61)
        self.assertEqual(self.health()[0], 503)
        self.sources.commits.note([], [], 61, 61)
        self.assertEqual(self.health()[0], 200)

    def test_the_store_is_silent(self) -> None:
        transport = self.get("/healthz")
        self.clock.advance(5)
        self.assertIn(b" 503 ", transport.value())
        self.assertIn(b"has not answered for 5 seconds", transport.value())
        self.worker.asked.pop()(None)

    def test_the_end(self) -> None:
        self.stopping = True
        self.assertEqual(self.health(), (503, "The server is shutting down.\n"))

    def test_who_asks_does_not_wait(self) -> None:
        from twisted.internet.error import ConnectionDone
        from twisted.python.failure import Failure

        self.get("/healthz")
        self.channel.connectionLost(Failure(ConnectionDone()))
        self.worker.asked.pop()(None)
        self.assertEqual(self.clock.getDelayedCalls(), [])
