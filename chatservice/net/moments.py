"""Moments at which those who have waited go on together."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from chatservice.app import Clock, Timer
from chatservice.net.timers import cancel

PAUSE = 0.1
"""Seconds from one moment to the next."""

AT_ONCE = 0.005
"""Seconds after which the rest of them go on in the next turn of the event loop."""


class Moments:
    """Calls all whose time has come, a few times a second.

    It is for those who may be kept waiting a little longer: if each of many who talk too much went
    on at a time of its own, each of their messages would cost a commit and a write to everybody.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[Hashable, tuple[float, Callable[[], None]]] = {}
        self._timer: Timer | None = None

    def wait(self, who: Hashable, seconds: float, call: Callable[[], None]) -> None:
        """Call at the moment that is nearest to so many seconds from now, unless it leaves."""
        self._waiting[who] = self._clock.seconds() + seconds, call
        if self._timer is None:
            self._next(PAUSE)

    def leave(self, who: Hashable) -> None:
        """It waits no more."""
        self._waiting.pop(who, None)
        if not self._waiting:
            self._next(None)

    def _go_on(self) -> None:
        self._timer = self._clock.callLater(PAUSE, self._go_on)
        now = self._clock.seconds()
        due = [who for who, (at, _) in self._waiting.items() if at <= now + PAUSE / 2]
        for who in due:
            if self._clock.seconds() > now + AT_ONCE:
                self._next(0)
                return
            if who in self._waiting:
                self._waiting.pop(who)[1]()
        if not self._waiting:
            self._next(None)

    def _next(self, pause: float | None) -> None:
        """Go on after so many seconds, or not at all."""
        cancel(self._timer)
        self._timer = None if pause is None else self._clock.callLater(pause, self._go_on)
