"""The log of refusals: one line with address and reason; repeated reasons are counted."""

from __future__ import annotations

from collections import Counter

from twisted.logger import Logger

from chatservice.app import Clock

INTERVAL = 60.0
"""Seconds in which further refusals for the same reason are counted instead of logged."""


class RefusalLog:
    """Logs that something was refused, never what it was; `totals` counts each reason."""

    def __init__(self, clock: Clock, log: Logger | None = None) -> None:
        self._clock = clock
        self._log = log or Logger()
        self._counted: dict[str, int] = {}
        self.totals: Counter[str] = Counter()

    def note(self, reason: str, address: str, wire: str = "unknown") -> None:
        """Something from `address` was refused for `reason`, a stable code."""
        self.totals[reason] += 1
        if reason in self._counted:
            self._counted[reason] += 1
            return
        self._counted[reason] = 0
        self._log.info(
            "Refused {address}: {reason}",
            event="refused",
            address=address,
            wire=wire,
            reason=reason,
        )
        self._clock.callLater(INTERVAL, lambda: self._sum_up(reason))

    def _sum_up(self, reason: str) -> None:
        count = self._counted.pop(reason)
        if count:
            self._log.info(
                "Refused {count} more: {reason}", event="refused-more", count=count, reason=reason
            )
