"""The only orchestrator: session + command -> hub -> store -> deliveries; ordered, batched.

Everything that happens in one turn of the event loop is committed together and then told together,
in the order in which it happened. Nothing is told before what came earlier is committed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from chatservice.domain import events
from chatservice.domain.commands import Command, Say
from chatservice.domain.errors import ChatError, LimitReached, NotStored
from chatservice.domain.events import Event
from chatservice.domain.hub import Hub
from chatservice.domain.records import Found, Page
from chatservice.domain.session import Session, State
from chatservice.domain.steps import (
    Ask,
    Compute,
    Deliver,
    Disconnect,
    Find,
    Hash,
    Keep,
    Later,
    Read,
    Step,
    unread,
)
from chatservice.storage.interface import StoreError, Worker
from chatservice.turn import UNDONE, Results, Turn, take_back

ROSTER_ENTRY_BYTES = 32
"""About what one person takes in a full user list."""

Answer = Page | Found | StoreError | str | bool | ChatError


class Timer(Protocol):
    """Something that was scheduled."""

    def cancel(self) -> None:
        """Let it not happen."""


class Clock(Protocol):
    """A steady clock that calls back; the reactor is one."""

    def seconds(self) -> float:
        """Seconds since some moment; never goes back."""

    def callLater(self, delay: float, call: Callable[[], None], /) -> Timer:
        """Call after `delay` seconds."""


class Outlets(Protocol):
    """The connections, as the application sees them."""

    def deliver(self, steps: Sequence[Deliver | Disconnect]) -> None:
        """Tell and disconnect, in order."""

    def hold(self, session: Session) -> None:
        """Take no more input from a session until `release`."""

    def release(self, session: Session) -> None:
        """Take input again."""

    def when_drained(self, session: Session, call: Callable[[], None]) -> None:
        """Call once what was told to a session is no longer waiting for it to read."""


class Hasher(Protocol):
    """Hashes passwords. Answers later, in any order; a `ChatError` where it can't."""

    def hash(self, password: str, done: Callable[[str | ChatError], None]) -> None:
        """A hash that tells whether a password is this one, and nothing else."""

    def compute(self, work: Callable[[], str], done: Callable[[str | ChatError], None]) -> None:
        """The result of some work."""

    def verify(
        self, password: str, hashed: str | None, done: Callable[[bool | ChatError], None]
    ) -> None:
        """Whether the password is the hashed one; without a hash it takes as long, and is not."""


@dataclass(slots=True)
class _Wait:
    """What a session waits for: one answer after the other, then its commands are done."""

    asks: deque[Ask] = field(default_factory=deque)
    commands: deque[Command] = field(default_factory=deque)


class Chat:
    """One chat: connections give commands, and are told events."""

    def __init__(
        self,
        *,
        hub: Hub,
        worker: Worker,
        hasher: Hasher,
        outlets: Outlets,
        clock: Clock,
        wall: Callable[[], int],
    ) -> None:
        self.hub = hub
        self._worker = worker
        self._hasher = hasher
        self._outlets = outlets
        self._clock = clock
        self._wall = wall
        self._turn = Turn()
        self._flush_timer: Timer | None = None
        self._waiting: deque[Turn] = deque()
        self._pending = 0
        self._era = 1
        self._waits: dict[Session, _Wait] = {}
        self._roster_at = clock.seconds()
        self._roster_timer: Timer | None = None
        self._deliver_timer: Timer | None = None
        self._deliver_by = 0.0
        self._telling = 0.0
        self._stopped: Callable[[], None] | None = None
        self.stopping = False
        """Whether it is over, or will be in a moment."""

    def connect(self, address: str, *, strict: bool = False) -> Session:
        """A session for a new connection from `address` (`ip:port`).

        A refusal ends a `strict` one while it is in no room.
        """
        return self.hub.connect(address, self._wall(), strict=strict)

    def execute(self, session: Session, command: Command) -> None:
        """Do what a session asks for, after what it asked for before; refusals are told to it."""
        wait = self._waits.get(session)
        if wait is not None:
            wait.commands.append(command)
        else:
            self._do(session, command)

    def _do(self, session: Session, command: Command) -> None:
        if session.state is State.GONE:
            return
        try:
            if isinstance(command, Say) and self._pending >= self.hub.limits.pending_messages:
                raise LimitReached("The server is too busy to take messages; try again soon.")
            steps = self.hub.execute(session, command, self._wall())
        except ChatError as error:
            self.refuse(session, error, command.id)
        else:
            self._take(steps)

    def refuse(self, session: Session, error: ChatError, re: str | None = None) -> None:
        """Tell a session why something it asked for is not done."""
        self.tell(session, events.Failed.of(error, re))
        if error.final or (session.strict and not session.rooms):
            self._end(session)

    def tell(self, session: Session, event: Event) -> None:
        """Tell one session something, after what it was told before."""
        self._take([Deliver.to(session, event)])

    def disconnect(self, session: Session) -> None:
        """The connection of a session is gone."""
        self._waits.pop(session, None)
        self._take(self.hub.disconnect(session, self._wall()))

    def dismiss(self, session: Session, code: str, sentence: str) -> None:
        """Put a session out of the chat: it is told why, the others that it left."""
        self.tell(session, events.Closing(code=code, text=sentence))
        self._end(session, sentence)

    def expel(self, session: Session, error: ChatError, re: str | None = None) -> None:
        """Refuse what a session asks for, and put it out of the chat for it."""
        self.refuse(session, error, re)
        self._end(session)

    def stop(self, done: Callable[[], None]) -> None:
        """Tell everybody that it is over, commit what was accepted, then call `done`."""
        closing = events.Closing(code="shutdown", text="The server is shutting down.")
        sessions = self.hub.sessions
        self._take([Deliver(sessions, closing), *(Disconnect(session) for session in sessions)])
        self.stopping, self._stopped = True, done
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        self._flush()

    def _end(self, session: Session, reason: str | None = None) -> None:
        if session.state is not State.GONE:
            steps = self.hub.disconnect(session, self._wall(), reason)
            self._take([*steps, Disconnect(session)])

    def _take(self, steps: list[Step]) -> None:
        """Put steps into this turn."""
        turn = self._turn
        for step in steps:
            if isinstance(step, (Deliver, Disconnect)):
                turn.steps.append(step)
                if isinstance(step, Deliver) and step.record is not None:
                    turn.records.append(step.record)
                    self._pending += 1
            elif isinstance(step, Later):
                self._clock.callLater(step.seconds, partial(self._is_due, step))
            else:
                self._wait_for(step)
        if steps:
            self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flush_timer is None:
            self._flush_timer = self._clock.callLater(0, self._flush)

    def _is_due(self, later: Later) -> None:
        if later.session.state is not State.GONE:
            self.execute(later.session, later.command)

    def _wait_for(self, ask: Ask) -> None:
        """Let a session wait for an answer, asked for after those it waits for already."""
        session = ask.session
        if session not in self._waits:
            self._waits[session] = _Wait()
            self._outlets.hold(session)
            self._turn.asking.append(session)
        self._waits[session].asks.append(ask)

    def _flush(self) -> None:
        """End a turn: commit it, then tell it."""
        turn, at_once = self._end_turn(), True
        if turn.records:

            def committed(results: Results) -> None:
                self._pending -= len(turn.records)
                if not turn.refused:
                    turn.results = results
                    if not at_once:
                        self._deliver_soon()

            self._worker.append(turn.records, committed, self._era)
            at_once = False
        else:
            turn.results = ()
        if turn.results is not None:
            self._deliver()
        self._ask_soon(turn)

    def _end_turn(self) -> Turn:
        self._flush_timer = None
        self._add_roster()
        turn, self._turn = self._turn, Turn()
        self._waiting.append(turn)
        return turn

    def _ask_soon(self, turn: Turn) -> None:
        for session in turn.asking:
            # Not before it has taken what it was told.
            self._outlets.when_drained(session, partial(self._ask, session))

    def _deliver_soon(self) -> None:
        """Deliver once all turns of the same commit have heard of it, and this turn is over."""
        if self._deliver_timer is None:
            self._deliver_by = self._clock.seconds() + self._telling
        else:
            self._deliver_timer.cancel()
        self._deliver_timer = self._clock.callLater(0, self._deliver_due)

    def _deliver_due(self, *, late: bool = False) -> None:
        """While a later turn is being committed, wait for it as long as telling took the last time.

        Told together, they cost little more than one.
        """
        self._deliver_timer = None
        left = self._deliver_by - self._clock.seconds()
        if not late and left > 0 and self._waiting and self._waiting[-1].results is None:
            self._deliver_timer = self._clock.callLater(left, partial(self._deliver_due, late=True))
        else:
            self._deliver()

    def _deliver(self) -> None:
        """Tell all turns that nothing earlier is waiting for."""
        steps: list[Deliver | Disconnect] = []
        while self._waiting and (results := self._waiting[0].results) is not None:
            if isinstance(results, StoreError) and not self._waiting[0].refused:
                self._take_back(results)
            steps += self._waiting.popleft().settled(self.hub)
        if steps:
            start = self._clock.seconds()
            self._outlets.deliver(steps)
            self._telling = self._clock.seconds() - start
        if self._stopped is not None and not self._waiting:
            done, self._stopped = self._stopped, None
            done()

    def _take_back(self, error: StoreError) -> None:
        """A commit has failed: take back what is not committed by now, the latest first.

        All of that was done on top of what is refused, and so it is refused too; thus everything
        is as it was before, for what is asked next too.
        """
        last = Turn()
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            last = self._end_turn()
            self._pending -= len(last.records)
            last.results = ()
        self._era += 1
        self._take(take_back(self._waiting, self.hub, error, self._wall()))
        self._ask_soon(last)

    def _ask(self, session: Session) -> None:
        """Ask for what a session waits for first."""
        wait = self._waits.get(session)
        if wait is None:
            return
        ask = wait.asks[0]
        answered = partial(self._answered, ask)
        if isinstance(ask, Read):
            self._worker.page(ask.window, answered)
        elif isinstance(ask, Find):
            self._worker.search(ask.search, answered)
        elif isinstance(ask, Hash):
            self._hasher.hash(ask.password, answered)
        elif isinstance(ask, Compute):
            self._hasher.compute(ask.work, answered)
        elif isinstance(ask, Keep):
            self._keep(ask)
        else:
            self._hasher.verify(ask.password, ask.hashed, answered)

    def _keep(self, ask: Keep) -> None:
        try:
            record = ask.begin(self._wall())
        except ChatError as error:
            self._answered(ask, error)
            return
        era = self._era

        def kept(results: Results) -> None:
            error = results if isinstance(results, StoreError) else None
            if error is not None and era == self._era:
                self._take_back(error)
                self._deliver_soon()
            self._take(ask.done(record, error is None, self._wall()))
            self._answered(ask, NotStored(f"{UNDONE}: {error}") if error is not None else "")

        self._worker.append([record], kept, era)

    def _answered(self, ask: Any, answer: Answer) -> None:
        """Go on with what was asked for, then with what else the session waits for."""
        session = ask.session
        wait = self._waits.get(session)
        if wait is None or session.state is State.GONE:
            self._waits.pop(session, None)
            return
        wait.asks.popleft()
        if isinstance(answer, ChatError):
            self.refuse(session, answer, ask.re)
        elif isinstance(answer, StoreError):
            self._take(unread(ask, f"The messages can't be read: {answer}", self._wall()))
        elif not isinstance(ask, Keep):
            self._resume(ask, answer)
        while wait.commands and not wait.asks:
            self._do(session, wait.commands.popleft())
        if wait.asks:
            self._turn.asking.append(session)
            self._flush_soon()
        else:
            del self._waits[session]
            self._outlets.release(session)

    def _resume(self, ask: Any, answer: Page | Found | str | bool) -> None:
        try:
            steps = ask.resume(answer, self._wall())
        except ChatError as error:
            self.refuse(ask.session, error, ask.re)
        else:
            self._take(steps)

    def _add_roster(self) -> None:
        """Add the user list to this turn if it has changed, and if the last one is long enough ago.

        A full list for everybody costs people times listeners, so the time between two lists grows
        with that: in a small room each change shows at once, in a huge one a share of the time.
        """
        now = self._clock.seconds()
        if now < self._roster_at:
            if self._roster_timer is None:
                self._roster_timer = self._clock.callLater(
                    self._roster_at - now, self._roster_is_due
                )
            return
        roster = self.hub.take_roster()
        if roster is None:
            return
        self._turn.steps.append(roster)
        people = len(roster.event.people) if isinstance(roster.event, events.Roster) else 0
        cost = ROSTER_ENTRY_BYTES * people * len(roster.audience)
        self._roster_at = now + cost / self.hub.limits.roster_bytes_per_second

    def _roster_is_due(self) -> None:
        self._roster_timer = None
        if self._flush_timer is None:
            self._flush()
