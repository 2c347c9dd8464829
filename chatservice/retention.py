"""Forgetting what a room is not to keep: a little at a time, each hour and after a change."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from chatservice.app import Clock, Timer
from chatservice.domain.hub import Hub
from chatservice.domain.looking import DAY
from chatservice.domain.rooms import Room
from chatservice.storage.interface import StoreError, Worker

LOOK_SECONDS = 60.0
"""How soon a change is carried out, and what failed is tried again."""

HOUR = 3600.0
"""Seconds until a room is looked after again."""

PAUSE = 0.1
"""Seconds for others between two calls of the store."""

STEP = 3_600_000
"""Milliseconds by which a clock may be ahead of what it should show, and still be believed."""

DOUBT = DAY
"""Milliseconds for which one that is further ahead is not: somebody may set it right again."""

ABSENCE = 30 * DAY
"""Milliseconds since the last message that are no surprise when a server starts."""


class Believed:
    """The time, UTC in milliseconds, by which it can be told what is old.

    A clock that jumps ahead, by `wall`, is not believed at once, since nothing that is forgotten
    comes back: until then time goes on as `steady` has it, in seconds. `log` is told once. `last`
    is when the last message came before the start, 0 if there was none.
    """

    def __init__(
        self,
        wall: Callable[[], int],
        steady: Callable[[], float],
        last: int,
        log: Callable[[str], object],
    ) -> None:
        self._wall = wall
        self._seconds = steady
        self._log = log
        now = wall()
        self._began_at = (last if last and now - last > ABSENCE else now) - self._steady()
        self._doubted: int | None = None

    def now(self) -> int:
        """The time."""
        wall, steady = self._wall(), self._steady()
        believed = self._began_at + steady
        if wall - believed <= STEP:
            self._doubted = None
        elif self._doubted is None:
            self._doubted = steady
            self._log(
                f"This machine's clock is {(wall - believed) / 3_600_000:,.0f} hours ahead of what"
                " was expected; if it is right, what is too old by it is forgotten tomorrow."
            )
            return believed
        elif steady - self._doubted < DOUBT:
            return believed
        self._began_at = wall - steady
        return wall

    def _steady(self) -> int:
        return round(self._seconds() * 1000)


class Retention:
    """Has the store, and then the memory, forget what rooms are not to keep.

    `wall` is the time, UTC in milliseconds, `steady` a clock that nobody sets, in seconds. `log` is
    told why something is not forgotten yet.
    """

    def __init__(
        self,
        hub: Hub,
        worker: Worker,
        clock: Clock,
        wall: Callable[[], int],
        steady: Callable[[], float],
        log: Callable[[str], object],
    ) -> None:
        self._hub = hub
        self._worker = worker
        self._clock = clock
        last = max((room.at for room in hub.rooms), default=0)
        self._believed = Believed(wall, steady, last, log)
        self._log = log
        self._queue: deque[Room] = deque()
        self._done: dict[int, tuple[tuple[int, int], float]] = {}
        self._running = False
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begin, and go on until `stop`."""
        self._running = True
        self._look()

    def stop(self) -> None:
        """Ask the store for nothing more."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """See which rooms are due, and begin with the first."""
        self._queue.extend(filter(self._is_due, self._hub.rooms))
        self._after(0)

    def _is_due(self, room: Room) -> bool:
        if not any(_bounds(room)):
            return False
        bounds, at = self._done.get(room.id, (None, 0.0))
        return bounds != _bounds(room) or self._clock.seconds() - at >= HOUR

    def _after(self, seconds: float) -> None:
        if self._running:
            call = self._forget if self._queue else self._look
            self._timer = self._clock.callLater(seconds if self._queue else LOOK_SECONDS, call)

    def _forget(self) -> None:
        """Have some messages of the first room forgotten, until there are no more of them."""
        self._timer = None
        room = self._queue[0]
        bounds = messages, days = _bounds(room)
        keep_messages = messages or None
        before_at = self._believed.now() - days * DAY if days else None

        def forgotten(result: int | StoreError) -> None:
            if isinstance(result, StoreError):
                self._log(f"Old messages of #{room.name} can't be forgotten yet: {result}")
                self._queue.clear()
            else:
                # Each time: in between, what the store still had may have been read again.
                room.forget(keep_messages=keep_messages, before_at=before_at)
                if not result:
                    self._queue.popleft()
                    self._done[room.id] = bounds, self._clock.seconds()
            self._after(PAUSE)

        self._worker.forget(room.id, forgotten, keep_messages=keep_messages, before_at=before_at)


def _bounds(room: Room) -> tuple[int, int]:
    """How many messages a room keeps, and of how many days; 0 is no bound."""
    return room.policy.keep_messages, room.policy.keep_days
