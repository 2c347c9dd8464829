"""How fast a peer may talk: past a paste its input waits, a flood that goes on and on is cut."""

from __future__ import annotations

from typing import Protocol

from chatservice.app import Clock
from chatservice.domain.errors import BadInput, ChatError
from chatservice.domain.limits import Limits
from chatservice.domain.rate import TokenBucket
from chatservice.net.moments import Moments

RATE = "rate"


class Talker(Protocol):
    """Whose input can be left waiting."""

    def hold(self, reason: str) -> None:
        """Take no more of it until `release` for the same reason."""

    def release(self, reason: str) -> None:
        """Take it again."""

    def dismiss(self, error: ChatError) -> None:
        """Put it out."""


class Throttle:
    """Counts what one peer says."""

    __slots__ = ("_bucket", "_clock", "_flooding_since", "_limits", "_moments", "_talker")

    def __init__(self, clock: Clock, moments: Moments, limits: Limits, talker: Talker) -> None:
        self._clock = clock
        self._moments = moments
        self._limits = limits
        self._talker = talker
        self._bucket = TokenBucket(
            burst=limits.message_burst, rate=limits.message_rate, now=clock.seconds()
        )
        self._flooding_since: float | None = None

    def count(self) -> None:
        """One unit more."""
        now = self._clock.seconds()
        left = self._bucket.take(now)
        if left >= 1:
            self._flooding_since = None
        elif (
            self._flooding_since is not None
            or left <= self._limits.message_burst - self._limits.paste_lines
        ):
            if self._flooding_since is None:
                self._flooding_since = now
            if now - self._flooding_since > self._limits.flood_seconds:
                rate = self._limits.message_rate
                self._talker.dismiss(
                    BadInput(f"More than {rate:g} messages a second for too long. Goodbye.")
                )
            else:
                self._wait(self._bucket.wait(now))

    def pause(self) -> None:
        """What came at once is over: leave further input waiting, if that was too much."""
        wait = self._bucket.wait(self._clock.seconds())
        if wait > 0:
            self._wait(wait)

    def stop(self) -> None:
        """Nothing waits any more."""
        self._moments.leave(self)

    def _wait(self, seconds: float) -> None:
        self._talker.hold(RATE)
        self._moments.wait(self, seconds, self._go_on)

    def _go_on(self) -> None:
        self._talker.release(RATE)
