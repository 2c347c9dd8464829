"""Keeps each turn of the event loop short, however much comes at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import tcp

MOMENT = 0.02
"""Seconds of work in a turn: after a longer one, the next one is given half as much to do."""

FEWEST, MOST = 4, 24
"""Connections that have something to read, or may be written to, in one turn."""

ACCEPTS = 32
"""New connections taken at a time."""

ACCEPT_SECONDS = 0.025
"""After so long, accepting goes on in the next turn."""


class BoundedPoller:
    """An epoll that tells of a few events at a time; the others are told of next, each in turn."""

    def __init__(self, poller: Any, seconds: Callable[[], float]) -> None:
        self._poller = poller
        self._seconds = seconds
        self._most = MOST
        self._begun = seconds()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        """The next events, if there are any within `timeout` seconds; the last turn is over."""
        if self._seconds() - self._begun > MOMENT:
            self._most = max(FEWEST, self._most // 2)
        else:
            self._most = min(MOST, self._most * 2)
        events: list[tuple[int, int]] = self._poller.poll(timeout, min(most, self._most))
        self._begun = self._seconds()
        return events


class EagerPort(tcp.Port):
    """A listening port that takes all who wait: who is not taken in time finds no place to wait.

    Twisted's takes about as many as it did the last time, between turns of those taken before.
    """

    def doRead(self) -> None:
        """Take everybody, or go on in the next turn."""
        reactor: Any = self.reactor
        end = reactor.seconds() + ACCEPT_SECONDS
        while self.connected:
            self.numberAccepts = ACCEPTS
            super().doRead()
            if self.numberAccepts <= ACCEPTS:  # fewer than that were waiting
                return
            if reactor.seconds() >= end:
                reactor.callLater(0, self.doRead)
                return
