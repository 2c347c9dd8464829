"""What only the server itself can do for its operator: be emptied, and back its store up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chatservice.app import Clock, Timer
from chatservice.domain.commands import Broadcast
from chatservice.net.fanout import FanOut
from chatservice.operating.control import WIRE, Do, Visit
from chatservice.operating.readings import Sources, summary
from chatservice.storage.interface import StoreError, Worker

DRAIN_SECONDS = 60.0
"""That people get to leave by themselves, unless a drain says otherwise."""

LONGEST_DRAIN = 24 * 3600.0
"""Seconds of one at most."""

LOOK_SECONDS = 0.25
"""Between two looks at who is still there."""


class Drain:
    """Ends the server once everybody has gone, or after a time.

    `close` lets nobody else in, `end` is the end.
    """

    def __init__(
        self, clock: Clock, fanout: FanOut, close: Callable[[], None], end: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._fanout = fanout
        self._close = close
        self._end = end
        self._end_at = 0.0
        self._timer: Timer | None = None

    def begin(self, visit: Visit, asked: Mapping[str, Any]) -> None:
        """Let nobody in from now on, and tell everybody; a second time, set another time."""
        seconds = asked.get("seconds", DRAIN_SECONDS)
        if not isinstance(seconds, (int, float)) or not 0 <= seconds <= LONGEST_DRAIN:
            visit.refuse(asked, f"A drain takes 0 to {LONGEST_DRAIN:g} seconds.")
            return
        self._end_at = self._clock.seconds() + seconds
        self._close()
        people = self._people()
        if people and seconds:
            visit.do(Broadcast(text=f"The server will be closed in {seconds:g} seconds."))
        visit.answer("draining", asked, connections=people, seconds=seconds)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.callLater(0, self._look)

    def _people(self) -> int:
        """How many connections there are but the operator's."""
        return sum(outlet.wire != WIRE.name for outlet in self._fanout.outlets)

    def _look(self) -> None:
        self._timer = None
        left = self._end_at - self._clock.seconds()
        if left > 0 and self._people():
            self._timer = self._clock.callLater(min(LOOK_SECONDS, left), self._look)
        else:
            self._end()


class Backups:
    """Makes a backup at `path`, one at a time; it is gone with the connection that asked for it."""

    def __init__(self, worker: Worker, path: Path) -> None:
        self._worker = worker
        self._path = path
        self._visit: Visit | None = None
        self._running = False

    def make(self, visit: Visit, asked: Mapping[str, Any]) -> None:
        """Make one, and tell where it is."""
        if self._running or self._visit is not None:
            visit.refuse(asked, "Another backup is being made; try again when that is done.")
            return
        self._visit, self._running = visit, True
        visit.gone = self._gone

        def made(error: StoreError | None) -> None:
            self._running = False
            if self._visit is None:
                self._path.unlink(missing_ok=True)
            elif error is not None:
                self._visit, visit.gone = None, lambda: None
                visit.refuse(asked, f"{error}.")
            else:
                visit.answer("backup", asked, path=str(self._path))

        self._worker.backup(self._path, made)

    def _gone(self) -> None:
        """Whoever asked is gone: so is the backup, once it is made."""
        self._visit = None
        if not self._running:
            self._path.unlink(missing_ok=True)


def stats(sources: Sources) -> Do:
    """Tells all figures."""
    return lambda visit, asked: visit.answer("stats", asked, stats=summary(sources))
