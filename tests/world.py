"""A whole chat in memory, as its parts are before any connection: for tests to play with time."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from twisted.internet.task import Clock

from chatservice.app import Chat
from chatservice.domain.commands import Command, Hello, Join
from chatservice.domain.errors import ChatError
from chatservice.domain.events import Event, Message
from chatservice.domain.hub import Hub
from chatservice.domain.limits import Limits
from chatservice.domain.records import Found, Kept, Page, Record, Retried, Search, Window
from chatservice.domain.rooms import LOBBY
from chatservice.domain.rules import Rules
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from chatservice.storage.interface import StoreError
from chatservice.storage.memory import MemoryStore
from tests.storage.inline import InlineWorker

START = 1_767_357_240_000
"""The time at which every test begins: 12:34 on 2 January 2026, UTC in milliseconds."""

SECRET = "a client's own secret, long enough: "


class Draw:
    """A `draw` that nobody can call random: 0, 1, 2 ... for each range by itself."""

    def __init__(self) -> None:
        self._drawn: Counter[int] = Counter()

    def __call__(self, n: int) -> int:
        self._drawn[n] += 1
        return (self._drawn[n] - 1) % n


class FragileStore(MemoryStore):
    """Refuses whatever it is asked while `broken` says why."""

    broken: str | None = None

    def append(self, records: Sequence[Record]) -> list[Kept | Retried]:
        """Keep all records, or none."""
        self._check()
        return super().append(records)

    def page(self, window: Window) -> Page:
        """Read messages of a room."""
        self._check()
        return super().page(window)

    def search(self, search: Search) -> Found:
        """Find messages."""
        self._check()
        return super().search(search)

    def forget(self, room_id: int, *, keep_messages: int | None, before_at: int | None) -> int:
        """Forget some old messages of a room."""
        self._check()
        return super().forget(room_id, keep_messages=keep_messages, before_at=before_at)

    def kept(self, room_id: int = 1) -> list[Message]:
        """Every message of a room, whether broken or not."""
        return list(super().page(Window(room_id=room_id, limit=100_000, characters=10**9)).messages)

    def _check(self) -> None:
        if self.broken is not None:
            raise StoreError(self.broken)


class InstantHashes:
    """A hasher whose hashes are the passwords, backwards; answers at once, or in `release`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.refusal: ChatError | None = None
        self.hold = False
        self._held: deque[Callable[[], None]] = deque()

    def hash(self, password: str, done: Callable[[str | ChatError], None]) -> None:
        """The password backwards."""
        self.asked.append((password, None))
        self._do(lambda: done(self.refusal or password[::-1]))

    def compute(self, work: Callable[[], str], done: Callable[[str | ChatError], None]) -> None:
        """The work's result, at once."""
        done(self.refusal or work())

    def verify(
        self, password: str, hashed: str | None, done: Callable[[bool | ChatError], None]
    ) -> None:
        """Whether the hash is the password backwards."""
        self.asked.append((password, hashed))
        self._do(lambda: done(self.refusal or password[::-1] == hashed))

    def release(self) -> int:
        """Answer what was asked by now, the last question first; give the count."""
        held, self._held = self._held, deque()
        for answer in reversed(held):
            answer()
        return len(held)

    def _do(self, answer: Callable[[], None]) -> None:
        if self.hold:
            self._held.append(answer)
        else:
            answer()


class Ears:
    """The application's outlets: writes down what each session is told, and lets tests dawdle."""

    def __init__(self) -> None:
        self.told: dict[Session, list[Event]] = {}
        self.own: dict[Session, list[Event]] = {}
        self.steps: tuple[Deliver, ...] = ()
        self.closed: list[Session] = []
        self.held: set[Session] = set()
        self.slow: list[Callable[[], None]] | None = None
        self.calls = 0

    def deliver(self, steps: Sequence[Deliver | Disconnect]) -> None:
        """Tell and disconnect, in order."""
        self.calls += 1
        for step in steps:
            if isinstance(step, Disconnect):
                self.closed.append(step.session)
                continue
            self.steps += (step,)
            for session in step.audience:
                self.told.setdefault(session, []).append(step.event)
                if session is step.origin:
                    self.own.setdefault(session, []).append(step.event)

    def hold(self, session: Session) -> None:
        """Take no more input."""
        self.held.add(session)

    def release(self, session: Session) -> None:
        """Take input again."""
        self.held.discard(session)

    def when_drained(self, session: Session, call: Callable[[], None]) -> None:
        """Call now, or with `slow` set when a test does."""
        del session
        if self.slow is None:
            call()
        else:
            self.slow.append(call)

    def take(self, session: Session) -> list[Event]:
        """What a session was told since the last time."""
        return self.told.pop(session, [])


class World:
    """A chat with a store in memory, a clock that stands still, and ears for connections."""

    def __init__(self, **limits: Any) -> None:
        self.clock = Clock()
        self.limits = Limits(**{"scram_iterations": 2} | limits)
        self.rules = Rules(operators=("root",))
        self.store = FragileStore(lambda: "server-id", self.wall, self.limits.retry_seconds)
        self.ears = Ears()
        self.restart()

    def restart(self) -> None:
        """Begin anew with what the store holds; what the server had still meant to do is lost."""
        now, self.clock = self.clock.seconds(), Clock()
        self.clock.advance(now)
        self.worker = InlineWorker(self.store)
        self.hasher = InstantHashes()
        opened = self.worker.start()
        self.hub = Hub(
            name="Test",
            server_id=opened.server_id,
            limits=self.limits,
            draw=Draw(),
            rooms=opened.rooms,
            accounts=opened.accounts,
            marks=opened.marks,
            stays=opened.stays,
            facts=opened.facts,
            rules=replace(self.rules, secret=opened.secret),
        )
        self.chat = Chat(
            hub=self.hub,
            worker=self.worker,
            hasher=self.hasher,
            outlets=self.ears,
            clock=self.clock,
            wall=self.wall,
        )

    def wall(self) -> int:
        """The time of day of this world."""
        return START + round(self.clock.seconds() * 1000)

    def settle(self, turns: int = 20) -> None:
        """Let everything happen that needs no time."""
        for _ in range(turns):
            self.clock.advance(0)

    def connect(self, address: str = "10.0.0.1:5001") -> Session:
        """A new connection that has said nothing."""
        return self.chat.connect(address)

    def person(self, nick: str, *rooms: str) -> Session:
        """Somebody who has said hello and come into rooms (the lobby), and has been told so."""
        session = self.connect(f"10.0.0.1:{5001 + len(self.hub.sessions)}")
        self.chat.execute(session, Hello(nick=nick, client=SECRET + nick))
        for room in rooms or (LOBBY,):
            self.chat.execute(session, Join(room=room))
        self.settle()
        self.ears.told.clear()
        return session

    def successor(self, user: str, nick: str) -> Session:
        """The same, who happens to be given an id that somebody had before."""
        people = self.hub._people
        draw, people._draw = people._draw, lambda n: (int(user) - 100_000) % n
        session = self.person(nick)
        people._draw = draw
        assert session.user == user
        return session

    def do(self, session: Session, *commands: Command) -> list[Event]:
        """What a session is told from its commands on, until nothing more comes."""
        for command in commands:
            self.chat.execute(session, command)
        self.settle()
        return self.ears.take(session)
