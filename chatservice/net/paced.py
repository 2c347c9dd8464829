"""Writes with time between them, for clients that look only at the start of each chunk they get."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from chatservice.app import Clock, Timer

MOST = 250
"""Segments that may wait: past it all go at once, for being late is worse than being glued."""


class PacedTransport:
    """A transport on which each segment is a write of its own, `gap` seconds after the one before.

    `cut` gives the segments of what is written. Past `most_bytes`, or `MOST` segments, that wait,
    all are handed on.
    """

    def __init__(
        self,
        transport: Any,
        cut: Callable[[bytes], list[bytes]],
        clock: Clock,
        gap: float,
        most_bytes: int,
    ) -> None:
        self.transport = transport
        self._cut = cut
        self._clock = clock
        self._gap = gap
        self._most_bytes = most_bytes
        self._segments: deque[bytes] = deque()
        self._timer: Timer | None = None
        self._closing = False

    @property
    def waiting(self) -> int:
        """Bytes that are not handed on yet."""
        return sum(map(len, self._segments))

    def write(self, data: bytes) -> None:
        """Send in segments, the first one at once if it is time for it."""
        self._segments += self._cut(data)
        if len(self._segments) > MOST or self.waiting > self._most_bytes:
            self._segments = deque([b"".join(self._segments)])
            self._stop_waiting()
        if self._timer is None:
            self._send_next()

    def loseConnection(self) -> None:
        """Close after the last segment."""
        self._closing = True
        if not self._segments:
            self._close()

    def abortConnection(self) -> None:
        """Close at once; what waits is lost."""
        self.stop()
        self.transport.abortConnection()

    def unregisterProducer(self) -> None:
        """Nobody is to be told any more how much waits."""
        self.transport.unregisterProducer()

    def stop(self) -> None:
        """Send no more."""
        self._segments.clear()
        self._stop_waiting()

    def _send_next(self) -> None:
        self._timer = None
        if not self._segments:
            return
        self.transport.write(self._segments.popleft())
        if self._closing and not self._segments:
            self._close()
        else:
            self._timer = self._clock.callLater(self._gap, self._send_next)

    def _close(self) -> None:
        self._stop_waiting()
        self.transport.loseConnection()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
