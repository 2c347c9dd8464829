"""Turns deliveries into writes: encoded once for each form, written once for each connection."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any, Protocol

from chatservice.app import Clock
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from chatservice.net.multicast import Multicasting
from chatservice.wire.codec import Encoder

ROOMS = 64
"""Audiences whose connections are known: a busy server's active rooms."""

MOMENT = 0.01
"""Seconds after which telling goes on in the next turn of the event loop."""

AT_ONCE, PART = 1000, 100
"""Connections that are told the same at once, or one by one, before anybody looks at the clock.

Fewer than those that are told one by one are not told at once, unless there is nobody else.
"""


class Outlet(Protocol):
    """One connection, as the fan-out sees it."""

    @property
    def encoder(self) -> Encoder:
        """The form in which it is told events; the same object for all of the same form."""

    @property
    def personal(self) -> Encoder:
        """How it is told what it alone is told, or what comes of its own commands."""

    @property
    def wire(self) -> str:
        """The name of the wire that it speaks."""

    @property
    def stalled(self) -> bool:
        """Whether too much waits for it to be read."""

    @property
    def traffic(self) -> tuple[int, int]:
        """How many bytes came in, and how many went out and arrived."""

    @property
    def ready(self) -> bool:
        """Whether its socket may be written to: nothing waits for it (`transport.direct`).

        Each change is counted in `FanOut.changes`.
        """

    @property
    def descriptor(self) -> int:
        """Its socket, -1 if that may never be written to."""

    def send(self, data: bytes, *, asked_for: bool) -> None:
        """Write; `asked_for` says that it is an answer, whose size is not held against a reader."""

    def finish(self) -> None:
        """Close once everything written is sent."""

    def hold(self) -> None:
        """Take no more input until `release`."""

    def release(self) -> None:
        """Take input again."""

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call once nothing written is waiting for the peer to read it."""


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
        self._rooms: OrderedDict[int, _Room] = OrderedDict()
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
        told = [step for step in steps if isinstance(step, Deliver)]
        self.deliveries += sum([len(step.audience) for step in told])
        encoded = _Encoded()
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
            if isinstance(step, Disconnect) and step.session in self._outlets:
                self._outlets[step.session].finish()

    def _room(self, audience: tuple[Session, ...], *, keep: bool = True) -> _Room:
        """The connections of an audience; those of the last few that are worth it are known."""
        room = self._rooms.get(id(audience))
        if room is None:
            room = _Room(audience, self._outlets, self._multicasting, lambda: self.changes)
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
        encoded: _Encoded,
        others: Iterable[Session] | None = None,
        *,
        alike: AbstractSet[Session] = frozenset(),
    ) -> Iterator[None]:
        """Put together what each of the others is to be sent, of those who are not alike."""
        apart = _Apart(self._outlets, encoded)
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


class _Apart:
    """What each of some is to be sent: `pieces` of what all who listen are told, and of its own.

    What all are told is one row. Each gets a stretch of it at once, when something of its own
    comes in between, or at the end.
    """

    def __init__(self, outlets: Mapping[Session, Outlet], encoded: _Encoded) -> None:
        self._outlets = outlets
        self._encoded = encoded
        self._row: list[Sequence[Deliver]] = []
        self._rows: defaultdict[Encoder, list[bytes]] = defaultdict(list)
        self._missing: dict[Session, int] = {}  # from which place of the row on
        self.pieces: defaultdict[Outlet, list[bytes]] = defaultdict(list)
        self.asked_for: set[Outlet] = set()

    def listen(self, sessions: Iterable[Session]) -> None:
        """These are told what all are told, from now on."""
        self._missing |= dict.fromkeys(sessions, len(self._row))

    def listen_no_more(self) -> None:
        """Nobody is."""
        for session in self._missing:
            self._catch_up(session)
        self._missing.clear()

    def tell(self, run: Sequence[Deliver]) -> None:
        """Tell all who listen, those from whom it comes in their own form."""
        for session in self._missing.keys() & {step.origin for step in run}:
            outlet = self._catch_up(session)
            if outlet is not None:
                own = self._encoded.own(outlet.encoder, run, session, outlet.personal)
                self.pieces[outlet].append(own)
            self._missing[session] = len(self._row) + 1
        self._row.append(run)

    def tell_one(self, run: Sequence[Deliver], session: Session) -> None:
        """Tell one session alone."""
        outlet = self._catch_up(session)
        if outlet is not None:
            personal = outlet.personal
            pieces = [
                personal.encode_own(step.event)
                if step.origin is session
                else personal.encode(step.event)
                for step in run
            ]
            self.pieces[outlet] += pieces
            if any(pieces):
                self.asked_for.add(outlet)

    def _catch_up(self, session: Session) -> Outlet | None:
        """The connection of a session, with all that it was told before."""
        outlet, place = self._outlets.get(session), len(self._row)
        if outlet is not None and self._missing.get(session, place) < place:
            row = self._rows[outlet.encoder]
            row += [self._encoded.shared(outlet.encoder, run) for run in self._row[len(row) :]]
            self.pieces[outlet] += row[self._missing[session] :]
            self._missing[session] = place
        return outlet


class _Room:
    """The connections of an audience, by their forms."""

    def __init__(
        self,
        audience: tuple[Session, ...],
        outlets: Mapping[Session, Outlet],
        multicasting: Multicasting,
        changes: Callable[[], int],
    ) -> None:
        self.audience = audience  # kept, so that nothing else can have its id
        self.sessions = frozenset(audience)
        forms: dict[Encoder, list[Outlet]] = {}
        for outlet in filter(None, map(outlets.get, audience)):
            forms.setdefault(outlet.encoder, []).append(outlet)
        self._parts = {
            encoder: [_Part(part, multicasting, changes) for part in _parts(alike)]
            for encoder, alike in forms.items()
        }

    def tell(
        self, told: Sequence[Deliver], encoded: _Encoded, apart: AbstractSet[Any]
    ) -> Iterator[None]:
        """Send the same bytes to all of the same form, but to those who are told apart."""
        for encoder, parts in self._parts.items():
            data = encoded.shared(encoder, told)
            for part in parts if data else ():
                part.send(data, apart)
                yield


class _Part:
    """Connections that are told the same bytes, at once."""

    def __init__(
        self,
        outlets: Sequence[Outlet],
        multicasting: Multicasting,
        changes: Callable[[], int],
    ) -> None:
        self._outlets = outlets
        self._changes = changes
        self._known = -1
        self._late: list[int] = []
        self._places = {outlet: place for place, outlet in enumerate(outlets)}
        self._multicast = multicasting([outlet.descriptor for outlet in outlets])

    def send(self, data: bytes, apart: AbstractSet[Any]) -> None:
        """Send to all but those who are told apart.

        This is where the time of a fan-out goes: nothing is done for each that could be done once.
        """
        outlets = self._outlets
        others = {self._places[outlet] for outlet in apart if outlet in self._places}
        if self._known != self._changes():  # else all are as they were
            self._known = self._changes()
            self._late = [place for place, outlet in enumerate(outlets) if not outlet.ready]
        late = self._late
        short = self._multicast.send(data, others.union(late))
        for place, sent in [*short, *((place, 0) for place in late)]:
            if place not in others:
                outlets[place].send(data[sent:], asked_for=False)


class _Encoded:
    """The events of one delivery, each encoded at most once for each form."""

    def __init__(self) -> None:
        self._known: dict[tuple[Encoder, int], bytes] = {}
        self._pieces: dict[tuple[Encoder, int], tuple[Sequence[Deliver], list[bytes]]] = {}
        self._authors: dict[int, dict[Session | None, list[int]]] = {}

    def shared(self, encoder: Encoder, told: Sequence[Deliver]) -> bytes:
        """The bytes of all that is told."""
        return b"".join(self._each(encoder, told))

    def own(
        self, encoder: Encoder, told: Sequence[Deliver], author: Session, personal: Encoder
    ) -> bytes:
        """The same for an author, what comes from there in its own form."""
        if len(told) == 1:
            return personal.encode_own(told[0].event)
        pieces = self._each(encoder, told).copy()
        for place in self._places(told)[author]:
            pieces[place] = personal.encode_own(told[place].event)
        return b"".join(pieces)

    def _each(self, encoder: Encoder, told: Sequence[Deliver]) -> list[bytes]:
        """The bytes of each event; those of one run are asked for by each of its authors."""
        key = encoder, id(told)
        if key not in self._pieces:
            # With what they are of, so that nothing else can have its id as long as they are known.
            self._pieces[key] = told, [self._one(encoder, step) for step in told]
        return self._pieces[key][1]

    def _places(self, told: Sequence[Deliver]) -> Mapping[Session | None, list[int]]:
        """Where the events of each author are, of those that `_each` knows."""
        places = self._authors.get(id(told))
        if places is None:
            places = self._authors[id(told)] = defaultdict(list)
            for place, step in enumerate(told):
                places[step.origin].append(place)
        return places

    def _one(self, encoder: Encoder, step: Deliver) -> bytes:
        key = encoder, id(step.event)
        if key not in self._known:
            self._known[key] = encoder.encode(step.event)
        return self._known[key]


def _parts(outlets: Sequence[Outlet]) -> Iterator[Sequence[Outlet]]:
    """Connections in parts that take some milliseconds each."""
    for first in range(0, len(outlets), AT_ONCE):
        yield outlets[first : first + AT_ONCE]


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
