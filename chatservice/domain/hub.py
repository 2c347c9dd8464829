"""The only owner of chat state: a plain function of (state, command, now) to steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chatservice.domain import events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState
from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from chatservice.domain.limits import Limits
from chatservice.domain.membership import Membership
from chatservice.domain.people import People
from chatservice.domain.records import KeptRoom, Said
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.talk import Talk
from chatservice.domain.visits import Visits


class Hub:
    """All rooms and sessions.

    `draw(n)` gives a number from 0 to n - 1 that nobody can guess. Times are UTC milliseconds.
    """

    def __init__(
        self,
        *,
        name: str,
        server_id: str,
        limits: Limits,
        draw: Callable[[int], int],
        rooms: Iterable[KeptRoom] = (),
    ) -> None:
        self.limits = limits
        self._people = People(draw)
        self._rooms = Membership(limits, rooms)
        self._state = ChatState(
            name=name, server_id=server_id, limits=limits, people=self._people, rooms=self._rooms
        )
        self._roster = self._rooms.lobby.people
        arrivals = Arrivals(self._state)
        talk, visits = Talk(self._state, arrivals), Visits(self._state, arrivals)
        self._methods = arrivals.methods | talk.methods | visits.methods

    @property
    def present(self) -> int:
        """How many people are online, in whatever rooms."""
        return self._people.present

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All connected sessions, in order of connecting."""
        return self._people.sessions

    def connect(self, address: str, now: int) -> Session:
        """A new session for a connection from `address` (`ip:port`)."""
        return self._people.add(address, now)

    def execute(self, session: Session, command: Command, now: int) -> list[Step]:
        """Do what a session asks for. Raises `ChatError`, and has then changed nothing."""
        session.check(command)
        return self._methods[type(command)](session, command, now)

    def disconnect(self, session: Session, now: int) -> list[Step]:
        """The connection is gone: take the session out of everything."""
        if session.state is State.GONE:
            return []
        return self._state.disconnect(session, now)

    def void(self, record: Said) -> None:
        """A message came to nothing: the store refused it, or it is a retry."""
        self._rooms.void(record.message)

    def settle(self, event: Event) -> Event:
        """An event as it may be told now: without messages that came to nothing meanwhile."""
        return self._rooms.settle(event)

    def take_roster(self) -> Deliver | None:
        """The lobby's people for all who hear it, after a change and after each greeting.

        Where nothing changed, those just greeted have the list already.
        """
        lobby, greeted = self._rooms.lobby, self._state.greeted
        audience = lobby.audience
        if lobby.people is self._roster:
            if not greeted or len(greeted) == len(audience):
                greeted.clear()
                return None
            audience = tuple(session for session in audience if session not in greeted)
        self._state.greeted = set()
        self._roster = lobby.people
        return Deliver(audience, events.Roster(people=lobby.people))
