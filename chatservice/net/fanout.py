"""Turns deliveries into writes: encoded once for each form, written once for each connection."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from chatservice.app import Clock
from chatservice.domain.events import Event
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from chatservice.net.apart import Apart
from chatservice.net.audience import Audience
from chatservice.net.encoded import Encoded
from chatservice.net.multicast import Multicasting
from chatservice.net.outlet import Outlet

ROOMS = 64
"""Audiences whose connections are known: a busy server's active rooms."""

MOMENT = 0.01
"""Seconds after which telling goes on in the next turn of the event loop."""

PART = 100
"""Connections that are told one by one before anybody looks at the clock.

Fewer than that are not told at once, unless there is nobody else.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Event):
    """Nothing to be told: `call` once what a session was told before is not waiting for it."""

    call: Callable[[], None]


class FanOut:
    """The open connections by session; `deliveries` counts what they were told.

    `changes` counts how often any of them became `ready`, or was so no more.

    To tell thousands takes a while: it is done in parts, and the event loop turns in between. What
    is to be told meanwhile comes next, all of it together.
    """

    def __init__(self, multicasting: Multicasting, clock: Clock) -> None:
        self._multicasting = multicasting
        self._clock = clock
        self._outlets: dict[Session, Outlet] = {}
        self._rooms: OrderedDict[int, Audience] = OrderedDict()
        self._next: list[Deliver | Disconnect] = []
        self._afterwards: list[tuple[Session, Callable[[], None]]] = []
        self._parts: Iterator[None] | None = None
        self.changes = 0
        self.deliveries = 0

    def __len__(self) -> int:
        return len(self._outlets)

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """All open connections."""
        return tuple(self._outlets.values())

    def add(self, session: Session, outlet: Outlet) -> None:
        """A session's connection, to which its events go from now on."""
        self._outlets[session] = outlet
        self.forget(session)

    def remove(self, session: Session) -> None:
        """A session's connection is gone."""
        self._outlets.pop(session, None)
        self.forget(session)

    def forget(self, session: Session) -> None:
        """A session's connection, or the form in which it is told, is another than before."""
        for key in [key for key, room in self._rooms.items() if session in room.sessions]:
            del self._rooms[key]

    def hold(self, session: Session) -> None:
        """Take no more input from a session until `release`."""
        if session in self._outlets:
            self._outlets[session].hold()

    def release(self, session: Session) -> None:
        """Take input again."""
        if session in self._outlets:
            self._outlets[session].release()

    def when_drained(self, session: Session, call: Callable[[], None]) -> None:
        """Call once what was told to a session is no longer waiting for it to read."""
        if self._parts is not None:
            self._afterwards.append((session, call))
        elif session in self._outlets:
            self._outlets[session].when_drained(call)

    def deliver(self, steps: Sequence[Deliver | Disconnect]) -> None:
        """Tell and disconnect, in order."""
        self._next += steps
        if self._parts is None:
            self._go_on()

    def _go_on(self) -> None:
        """Tell what is to be told; go on in the next turn if that takes too long."""
        end = self._clock.seconds() + MOMENT
        while self._next or self._parts is not None:
            if self._parts is None:
                steps, self._next = self._next, []
                self._parts = self._tell(steps)
            try:
                for _ in self._parts:
                    if self._clock.seconds() >= end:
                        self._clock.callLater(0, self._go_on)
                        return
            except BaseException:
                self._parts = None
                raise
            self._parts = None
        calls, self._afterwards = self._afterwards, []
        for session, call in calls:
            self.when_drained(session, call)

    def _tell(self, steps: Sequence[Deliver | Disconnect]) -> Iterator[None]:
        """Tell and disconnect, a part after the other."""
        told = [
            step for step in steps if isinstance(step, Deliver) and type(step.event) is not Told
        ]
        self.deliveries += sum([len(step.audience) for step in told])
        encoded = Encoded()
        shared = [step for step in told if len(step.audience) > 1]
        apart = dict.fromkeys(
            step.audience[0] if len(step.audience) == 1 else step.origin for step in told
        )
        if shared and all(step.audience is shared[0].audience for step in shared):
            room = self._room(shared[0].audience)
            others = {self._outlets.get(each) for each in apart if each}
            yield from room.tell(shared, encoded, others)
            among = [each for each in apart if each in room.sessions]
            yield from self._tell_others(told, encoded, among)
        else:
            alike = _alike(shared) - apart.keys()
            if len(alike) < PART:
                alike = set()
            else:
                room = self._room(shared[0].audience, keep=False)
                others = {self._outlets.get(each) for each in room.sessions - alike}
                yield from room.tell(shared, encoded, others)
            yield from self._tell_others(told, encoded, alike=alike)
        yield
        for step in steps:
            if isinstance(step, Deliver):
                if type(step.event) is Told:
                    self._afterwards.append((step.audience[0], step.event.call))
            elif step.session in self._outlets:
                self._outlets[step.session].finish()

    def _room(self, audience: tuple[Session, ...], *, keep: bool = True) -> Audience:
        """The connections of an audience; those of the last few that are worth it are known."""
        room = self._rooms.get(id(audience))
        if room is None:
            room = Audience(audience, self._outlets, self._multicasting, lambda: self.changes)
            if not keep:  # in a burst of joins each has an audience of its own
                return room
            self._rooms[id(audience)] = room
            if len(self._rooms) > ROOMS:
                self._rooms.popitem(last=False)
        self._rooms.move_to_end(id(audience))
        return room

    def _tell_others(
        self,
        told: Sequence[Deliver],
        encoded: Encoded,
        others: Iterable[Session] | None = None,
        *,
        alike: AbstractSet[Session] = frozenset(),
    ) -> Iterator[None]:
        """Put together what each of the others is to be sent, of those who are not alike."""
        apart = Apart(self._outlets, encoded)
        fixed = others is not None
        apart.listen(others or ())
        before: tuple[Session, ...] = ()
        for run in _runs(told):
            audience = run[0].audience
            if len(audience) == 1:
                apart.tell_one(run, audience[0])
            elif audience:
                if not fixed:
                    newcomers = _newcomers(before, audience)
                    if newcomers is None:
                        apart.listen_no_more()
                        newcomers = audience
                    apart.listen([session for session in newcomers if session not in alike])
                    before = audience
                apart.tell(run)
            yield
        apart.listen_no_more()
        for number, (outlet, pieces) in enumerate(apart.pieces.items()):
            data = b"".join(pieces)
            if data:
                outlet.send(data, asked_for=outlet in apart.asked_for)
            if number % PART == 0:
                yield


def _alike(told: Sequence[Deliver]) -> set[Session]:
    """Those who hear whatever more than one hear, said by others, and nothing else.

    In a burst of joins each has an audience of its own; all who were there before are told the
    same.
    """
    alike = set(told[0].audience) if told else set()
    for before, audience in pairwise(step.audience for step in told):
        if _newcomers(before, audience) is None:
            alike.intersection_update(audience)
    return alike


def _newcomers(
    before: tuple[Session, ...], audience: tuple[Session, ...]
) -> tuple[Session, ...] | None:
    """Those by whom an audience has grown since another one, None if anybody has left."""
    if audience is before:
        return ()
    size = len(before)
    return audience[size:] if audience[:size] == before else None


def _runs(steps: Sequence[Deliver]) -> Iterator[list[Deliver]]:
    """The longest stretches of steps that have the same audience, in order."""
    run: list[Deliver] = []
    for step in steps:
        if run and step.audience is not run[0].audience:
            yield run
            run = []
        run.append(step)
    if run:
        yield run
