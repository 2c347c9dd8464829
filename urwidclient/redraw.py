"""Coalesces change notices into a bounded number of draws a second."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

KEY_INTERVAL = 1 / 30
"""Seconds between two draws that keys asked for."""

INTERVAL = 2 * KEY_INTERVAL
"""Seconds from any draw to one that nobody waits for: so there are never more than 30 a second."""


class Redraw:
    """Calls `draw` soon after a request: at once when idle, and at once after a key."""

    def __init__(self, clock: IReactorTime, draw: Callable[[], None]) -> None:
        self._clock = clock
        self._draw = draw
        self._due: IDelayedCall | None = None
        self._due_at = 0.0
        self._drawn = self._drawn_for_key = float("-inf")
        self._for_key = False

    def request(self, *, key: bool = False) -> None:
        """Something changed that should be seen; `key` says that somebody waits to see it."""
        now = self._clock.seconds()
        wait = self._drawn_for_key + KEY_INTERVAL - now if key else self._drawn + INTERVAL - now
        wait = min(max(wait, 0), INTERVAL)
        self._for_key = self._for_key or key
        if self._due is not None:
            if self._due_at <= now + wait:
                return
            self._due.cancel()
        self._due_at = now + wait
        self._due = self._clock.callLater(wait, self._run)

    def cancel(self) -> None:
        """Draw no more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _run(self) -> None:
        self._due = None
        for_key, self._for_key = self._for_key, False
        try:
            self._draw()
        finally:
            # After the draw: a slow terminal is drawn to less often.
            self._drawn = self._clock.seconds()
            if for_key:
                self._drawn_for_key = self._drawn
