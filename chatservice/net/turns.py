"""Keeps each turn of the event loop short, however much comes at once."""

from __future__ import annotations

import resource
import select
from collections import deque
from collections.abc import Callable
from socket import socket
from typing import Any

from twisted.internet import tcp

MOMENT = 0.02
"""Seconds of work in a turn: after a longer one, the next one is given half as much to do."""

FEWEST, MOST = 4, 24
"""Connections that have something to read, or may be written to, in one turn."""

ACCEPTS = 32
"""New connections served before anybody looks at the clock."""

ACCEPT_SECONDS = 0.01
"""After so long, serving new connections goes on in the next turn."""

TAKEN = 500
"""New connections taken in one turn, which takes some milliseconds."""

SPARE_FILES = 64
"""Open files that are not for connections, but for the store, logs and listening ports."""


class BoundedPoller:
    """An epoll that tells of a few events at a time; the others are told of next, each in turn.

    What is preferred does not wait for its turn.
    """

    def __init__(self, poller: Any, seconds: Callable[[], float]) -> None:
        self._poller = poller
        self._preferred = select.epoll()
        self._seconds = seconds
        self._most = MOST
        self._begun = seconds()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)

    def prefer(self, fd: int) -> None:
        """Tell of what there is to read at a descriptor before all others, until it is closed."""
        self._preferred.register(fd, select.EPOLLIN)

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        """The next events, if there are any within `timeout` seconds; the last turn is over."""
        if self._seconds() - self._begun > MOMENT:
            self._most = max(FEWEST, self._most // 2)
        else:
            self._most = min(MOST, self._most * 2)
        most = min(most, self._most)
        events: list[tuple[int, int]] = self._poller.poll(timeout, most)
        if len(events) == most:  # there may be more
            events = list(dict(self._preferred.poll(0) + events).items())
        self._begun = self._seconds()
        return events


class EagerPort(tcp.Port):
    """A listening port that takes all who wait: who is not taken in time finds no place to wait.

    Twisted's takes about as many as it did the last time, between turns of those taken before.
    """

    _later: Any = None
    _queue: Queue

    def startListening(self) -> None:
        """See `tcp.Port.startListening`."""
        super().startListening()
        self.socket = self._queue = Queue(self.socket)
        poller = vars(self.reactor).get("_poller")
        if isinstance(poller, BoundedPoller):
            poller.prefer(self._queue.fileno())

    def doRead(self) -> None:
        """Take everybody; serve as many as there is time for, the others in the next turns."""
        self._queue.take()
        if self._later is None:
            self._serve()

    def _serve(self) -> None:
        reactor: Any = self.reactor
        end = reactor.seconds() + ACCEPT_SECONDS
        while self.connected:
            self.numberAccepts = ACCEPTS
            super().doRead()
            if self.numberAccepts <= ACCEPTS:  # fewer than that were waiting
                return
            if reactor.seconds() >= end:
                self._later = reactor.callLater(0, self._go_on)
                return

    def _go_on(self) -> None:
        self._later = None
        if self.connected:
            self.doRead()


class Queue:
    """A listening socket of which all connections that wait are taken at once, for later.

    That takes microseconds for each, while a place in the system's own queue is kept for
    milliseconds, until all who came before are served; and there are only so many.
    """

    def __init__(self, listener: socket) -> None:
        self._listener = listener
        self._taken: deque[tuple[socket, Any]] = deque()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def take(self) -> None:
        """Take those who wait, as long as there are files to spare."""
        last_file = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES
        try:
            for _ in range(TAKEN):
                self._taken.append(self._listener.accept())
                if self._taken[-1][0].fileno() >= last_file:  # the lowest free one is given first
                    return
        except OSError:  # nobody waits; whatever else it is, `accept` finds it too
            return

    def accept(self) -> tuple[socket, Any]:
        """The next connection, and where it is from; raises what a socket's `accept` does."""
        return self._taken.popleft() if self._taken else self._listener.accept()

    def close(self) -> None:
        """Close the listening socket, and what nobody has been given."""
        self._listener.close()
        for connection, _ in self._taken:
            connection.close()
        self._taken.clear()
