"""Keeps each turn of the event loop short, however much comes at once."""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Any

MOMENT = 0.02
"""Seconds of work in a turn: after a longer one, the next one is given half as much to do."""

FEWEST, MOST = 4, 24
"""Connections that have something to read, or may be written to, in one turn."""


class BoundedPoller:
    """An epoll in two parts: for descriptors that are preferred, and for all others.

    It tells of a few of each at a time, and of those left next, each in turn. However many of the
    others there are, who is preferred does not wait for them.
    """

    def __init__(self, poller: Any, seconds: Callable[[], float]) -> None:
        self._poller = poller
        self._seconds = seconds
        self._most = MOST
        self._begun = seconds()
        self._flags: dict[int, int] = {}
        self._preferred: set[int] = set()
        self._first = select.epoll()
        poller.register(self._first.fileno(), select.EPOLLIN)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)

    def prefer(self, fd: int) -> None:
        """Do not let a descriptor wait for others, until `forget`."""
        if fd not in self._preferred:
            flags = self._flags.get(fd)
            if flags is not None:
                self._poller.unregister(fd)
                self._first.register(fd, flags)
            self._preferred.add(fd)

    def forget(self, fd: int) -> None:
        """A descriptor is closed; the next one with this number is another one."""
        self._preferred.discard(fd)

    def register(self, fd: int, flags: int) -> None:
        """See `select.epoll`."""
        self._part(fd).register(fd, flags)
        self._flags[fd] = flags

    def modify(self, fd: int, flags: int) -> None:
        """See `select.epoll`."""
        self._part(fd).modify(fd, flags)
        self._flags[fd] = flags

    def unregister(self, fd: int) -> None:
        """See `select.epoll`."""
        self._part(fd).unregister(fd)
        self._flags.pop(fd, None)

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        """The next events, if there are any within `timeout` seconds; the last turn is over."""
        if self._seconds() - self._begun > MOMENT:
            self._most = max(FEWEST, self._most // 2)
        else:
            self._most = min(MOST, self._most * 2)
        most = min(most, self._most)
        others = self._poller.poll(timeout, most)
        events = self._first.poll(0, most)
        events += [event for event in others if event[0] != self._first.fileno()]
        self._begun = self._seconds()
        return events

    def _part(self, fd: int) -> Any:
        return self._first if fd in self._preferred else self._poller


def bound(reactor: object, seconds: Callable[[], float]) -> None:
    """Keep the turns of a reactor short by a clock of its work, if it waits by epoll."""
    poller = vars(reactor).get("_poller")
    if isinstance(poller, getattr(select, "epoll", ())):
        vars(reactor)["_poller"] = BoundedPoller(poller, seconds)


def prefer(reactor: object, fd: int) -> None:
    """Let a descriptor not wait for others, if the reactor's poller can do that."""
    if poller := _poller(reactor):
        poller.prefer(fd)


def forget(reactor: object, fd: int) -> None:
    """A descriptor is closed."""
    if poller := _poller(reactor):
        poller.forget(fd)


def _poller(reactor: object) -> BoundedPoller | None:
    poller = vars(reactor).get("_poller")
    return poller if isinstance(poller, BoundedPoller) else None
