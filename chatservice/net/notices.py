"""Comings and goings in large rooms: told in rounds, so that N joins do not cost N times N writes.

Who causes a notice is told at once, and so is everybody in a small or quiet room. In a large room
the others' notices wait for the next round, or for the next message to the same people, whichever
comes first: each still gets every notice, once and in order, before what is said later. But who
leaves a room, or comes into it, is told nothing that was held of it until then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chatservice.app import Clock, Outlets, Timer
from chatservice.domain.events import (
    Entered,
    Exited,
    Gone,
    Joined,
    Left,
    Renamed,
    RoomRenamed,
    Roster,
    TypingNow,
)
from chatservice.domain.limits import Limits
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect

NOTICES = (Joined, Left, Gone, Renamed, Roster, TypingNow)
"""Events that can wait a moment, because nothing is said in them."""

SMALL = 100
"""Listeners up to whom telling each notice at once costs nothing that anyone would notice."""


class Notices:
    """Stands before the real outlets."""

    def __init__(self, outlets: Outlets, clock: Clock, limits: Limits) -> None:
        self._outlets = outlets
        self._clock = clock
        self._pause = limits.notice_pause
        self._held: list[Deliver] = []
        self._moved: dict[tuple[Session, str], int] = {}  # when so many were held
        self._next_round = clock.seconds()
        self._timer: Timer | None = None

    def hold(self, session: Session) -> None:
        """Take no more input from a session until `release`."""
        self._outlets.hold(session)

    def release(self, session: Session) -> None:
        """Take input again."""
        self._outlets.release(session)

    def when_drained(self, session: Session, call: Callable[[], None]) -> None:
        """Call once what was told to a session is no longer waiting for it to read."""
        self._outlets.when_drained(session, call)

    def deliver(self, steps: Sequence[Deliver | Disconnect]) -> None:
        """Tell and disconnect, in order; notices perhaps later."""
        listeners = max(
            (len(step.audience) for step in steps if isinstance(step, Deliver)), default=0
        )
        if self._clock.seconds() >= self._next_round or not all(map(_can_wait, steps)):
            self._tell([*self._take(), *steps], listeners)
            return
        at_once: list[Deliver | Disconnect] = []
        for step in steps:
            if isinstance(step, Disconnect) or len(step.audience) < 2:
                at_once.append(step)
                if isinstance(step, Deliver):
                    self._note(step)
                continue
            others = step.audience
            if step.origin is not None:
                at_once.append(Deliver.to(step.origin, step.event))
                others = _without(step.origin, others)
            self._held.append(Deliver(others, step.event))
        if at_once:
            self._outlets.deliver(at_once)
        if self._held and self._timer is None:
            delay = self._next_round - self._clock.seconds()
            self._timer = self._clock.callLater(max(0.0, delay), self._round)

    def _note(self, step: Deliver) -> None:
        """Note who moves that may have been there before; most who come in were not."""
        event = step.event
        if isinstance(event, Exited | Entered):
            moved = step.audience[0], event.room
            if isinstance(event, Exited) or event.again or moved in self._moved:
                self._moved[moved] = len(self._held)

    def _round(self) -> None:
        self._timer = None
        listeners = max(len(step.audience) for step in self._held)
        self._tell(self._take(), listeners)

    def _take(self) -> list[Deliver]:
        """What is held, for all who have been where it happened ever since."""
        held, moved = self._held, self._moved
        self._held, self._moved = [], {}
        if not moved:
            return held
        return [_for_who_stayed(step, place, moved) for place, step in enumerate(held)]

    def _tell(self, steps: Sequence[Deliver | Disconnect], listeners: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._outlets.deliver(steps)
        if listeners > SMALL:
            self._next_round = self._clock.seconds() + listeners * self._pause


def _can_wait(step: Deliver | Disconnect) -> bool:
    """Whether nothing is said in a step to more than one, nor of a room by another name."""
    if isinstance(step, Disconnect) or isinstance(step.event, NOTICES):
        return True
    return len(step.audience) < 2 and not isinstance(step.event, RoomRenamed)


def _without(origin: Session, audience: tuple[Session, ...]) -> tuple[Session, ...]:
    """An audience less one, who mostly came last."""
    if audience[-1] is origin:
        return audience[:-1]
    return tuple(session for session in audience if session is not origin)


def _for_who_stayed(step: Deliver, place: int, moved: Mapping[tuple[Session, str], int]) -> Deliver:
    """A step for all but those who moved when it was held already."""
    room = getattr(step.event, "room", None)
    out = {session for (session, left), when in moved.items() if left == room and place < when}
    if out.isdisjoint(step.audience):
        return step
    return Deliver(tuple(session for session in step.audience if session not in out), step.event)
