"""Network time: how far this machine's clock is off, asked of an NTP server now and each hour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ntplib
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

INTERVAL = 3600.0
"""Seconds between two measurements."""

TIMEOUT = 5
"""Seconds that an NTP server has to answer."""

WARN_MS = 1000
"""A clock that is off by more than this is worth a warning."""

_log = Logger()


class NetworkTime(Service):
    """Knows the offset of this machine's clock, as `measure` finds it: seconds, fired later."""

    def __init__(self, clock: Any, server: str, measure: Callable[[], Deferred[float]]) -> None:
        self.offset: int | None = None
        """Milliseconds to add to this machine's time; None as long as nobody could tell."""
        self._server = server
        self._measure = measure
        self._loop = LoopingCall(self._ask)
        self._loop.clock = clock

    def startService(self) -> None:
        """Measure now, and each hour from now on."""
        super().startService()
        self._loop.start(INTERVAL)

    def stopService(self) -> None:
        """Measure no more."""
        super().stopService()
        self._loop.stop()

    def _ask(self) -> None:
        # The loop does not wait for the answer, and nothing that goes wrong ends it.
        self._measure().addCallbacks(self._measured, self._failed)

    def _measured(self, seconds: float) -> None:
        self.offset = round(seconds * 1000)
        if abs(self.offset) > WARN_MS:
            _log.warn(
                "This machine's clock is off by {ms} ms, says {server}; times are corrected",
                event="clock",
                ms=self.offset,
                server=self._server,
            )

    def _failed(self, failure: Failure) -> None:
        _log.warn(
            "The time server {server} gives no answer: {why}",
            event="clock-unknown",
            server=self._server,
            why=failure.getErrorMessage(),
        )


def measuring(reactor: Any, server: str) -> Callable[[], Deferred[float]]:
    """How to ask an NTP server (`host` or `host:port`), in a thread, for the offset in seconds."""
    host, _, port = server.partition(":")

    def ask() -> float:
        answer = ntplib.NTPClient().request(host, version=4, port=port or "ntp", timeout=TIMEOUT)
        return float(answer.offset)

    return lambda: deferToThreadPool(reactor, reactor.getThreadPool(), ask)
