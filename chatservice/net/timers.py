"""Timers that may be there or not."""

from __future__ import annotations

from chatservice.app import Timer


def cancel(timer: Timer | None) -> None:
    """Let it not happen, if it is to."""
    if timer is not None:
        timer.cancel()
