"""A listening port where nobody is turned away for want of time."""

from __future__ import annotations

import resource
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from socket import MSG_DONTWAIT, socket
from typing import Any

from twisted.internet import tcp
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from chatservice.net.turns import forget, prefer

ACCEPTS = 8
"""New connections served before anybody looks at the clock."""

ACCEPT_SECONDS = 0.002
"""After so long, serving new connections goes on in the next turn."""

TAKEN = 500
"""New connections taken in one turn, which takes some milliseconds."""

SPARE_FILES = 64
"""Open files that are not for connections, but for the store, logs and listening ports."""


class EagerPort(tcp.Port):
    """Takes all who wait, before anybody else is served; it serves them when there is time.

    Twisted's takes about as many as it did the last time, each to be served at once.
    """

    _later: Any = None
    _queue: Queue

    def startListening(self) -> None:
        """See `tcp.Port.startListening`."""
        super().startListening()
        self.socket = self._queue = Queue(self.socket)
        prefer(self.reactor, self._queue.fileno())

    def doRead(self) -> None:
        """Take everybody; serve as many as there is time for, the others in the next turns."""
        self._queue.take()
        if self._later is None:
            self._serve()

    def connectionLost(self, reason: Failure) -> None:
        """See `tcp.Port.connectionLost`."""
        number = self._queue.fileno()
        super().connectionLost(reason)
        forget(self.reactor, number)

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


class TurnedAway(Protocol):
    """A connection that is not let in: one line that says why."""

    transport: ITransport

    def __init__(self, line: bytes) -> None:
        self._line = line

    def connectionMade(self) -> None:
        """Say it and close."""
        self.transport.write(self._line)
        self.transport.loseConnection()


@dataclass(slots=True)
class Traffic:
    """Bytes that came in, and that arrived at peers."""

    received: int = 0
    sent: int = 0


class LastWords:
    """What carries the line to who is turned away, and not for longer than that takes.

    Neither does its file wait for the event loop, nor does a flood of such connections cost the
    time that it takes to watch them.
    """

    def __init__(self, connection: socket, traffic: Traffic) -> None:
        self._connection = connection
        self._traffic = traffic

    def write(self, data: bytes) -> None:
        """Send; nothing is in the way, unless the peer is gone."""
        with suppress(OSError):
            self._traffic.sent += self._connection.send(data, MSG_DONTWAIT)

    def loseConnection(self) -> None:
        """Close, orderly."""
        self._connection.close()
