"""A token bucket: how fast one session may go on for ever, and how much at once."""

from __future__ import annotations


class TokenBucket:
    """Holds up to `burst` tokens and refills at `rate` a second; may be overdrawn.

    Times are seconds of any steady clock, given by the caller.
    """

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, *, burst: float, rate: float, now: float) -> None:
        self._burst = burst
        self._rate = rate
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> float:
        """Take one token, on credit if need be; returns how many are left (negative: owed)."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - 1
        self._at = now
        return self._tokens

    def wait(self, now: float) -> float:
        """Seconds until a token is there."""
        return max(0.0, (1 - self._tokens) / self._rate - (now - self._at))
