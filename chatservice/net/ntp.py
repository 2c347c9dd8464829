"""Network time: how far this machine's clock is off, asked of an NTP server now and each hour."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ntplib
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatservice.domain.addresses import host_and_port

INTERVAL = 3600.0
"""Seconds between two measurements."""

PORT = 123
"""Where an NTP server is asked unless another port is named."""

TIMEOUT = 5
"""Seconds that an NTP server has to answer."""

UNSYNCHRONIZED = 3
"""As the leap indicator: the server's clock is set by nobody."""

LAST_STRATUM = 15
"""Steps away from a clock that is right: 16 are no number of steps, 0 is a refusal."""

WARN_MS = 1000
"""A clock that is off by more than this is worth a warning."""

_log = Logger()


def since_boot() -> float:
    """Seconds by a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class NetworkTime(Service):
    """Knows the offset of this machine's clock, as `measure` finds it: seconds, fired later.

    `wall` is this machine's time, UTC in milliseconds; `steady` see `since_boot`.
    """

    def __init__(
        self,
        clock: Any,
        server: str,
        measure: Callable[[], Deferred[float]],
        wall: Callable[[], int],
        steady: Callable[[], float] = since_boot,
    ) -> None:
        self._began_at: int | None = None  # when `steady` was 0, by the time server's clock
        self._wall = wall
        self._steady = steady
        self._server = server
        self._measure = measure
        self._loop = LoopingCall(self._ask)
        self._loop.clock = clock

    @property
    def offset(self) -> int | None:
        """Milliseconds to add to this machine's time; None as long as nobody could tell.

        If that is set right meanwhile, they are so many fewer at once.
        """
        if self._began_at is None:
            return None
        return self._began_at + round(self._steady() * 1000) - self._wall()

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
        off = round(seconds * 1000)
        self._began_at = self._wall() + off - round(self._steady() * 1000)
        if abs(off) > WARN_MS:
            _log.warn(
                "This machine's clock is off by {ms} ms, says {server}; times are corrected",
                event="clock",
                ms=off,
                server=self._server,
            )

    def _failed(self, failure: Failure) -> None:
        _log.warn(
            "The time server {server} does not tell the time: {reason}",
            event="clock-unknown",
            server=self._server,
            reason=failure.getErrorMessage(),
        )


def measuring(reactor: Any, server: str) -> Callable[[], Deferred[float]]:
    """How to ask an NTP server (see `host_and_port`), in a thread, for the offset in seconds."""
    host, port = host_and_port(server)

    def ask() -> float:
        answer = ntplib.NTPClient().request(host, version=4, port=port or PORT, timeout=TIMEOUT)
        return offset_of(answer)

    return lambda: deferToThreadPool(reactor, reactor.getThreadPool(), ask)


def offset_of(answer: ntplib.NTPStats) -> float:
    """The offset in seconds, by an answer that counts (RFC 5905); raises `NTPException` if not.

    A server that does not know the time itself answers with any, or with none.
    """
    knows = answer.leap != UNSYNCHRONIZED and 1 <= answer.stratum <= LAST_STRATUM
    if not knows or not answer.recv_timestamp or not answer.tx_timestamp:
        how = f"leap {answer.leap}, stratum {answer.stratum}"
        raise ntplib.NTPException(f"it does not know it itself ({how})")
    if not 0 <= answer.dest_timestamp - answer.orig_timestamp <= TIMEOUT:
        raise ntplib.NTPException("it answers what it was not asked")
    return float(answer.offset)
