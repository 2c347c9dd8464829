"""The only owner of chat state: a plain function of (state, command, now) to steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chatservice.domain import commands, events
from chatservice.domain.accounts import Accounts
from chatservice.domain.amending import Amending
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.attendance import Attendance
from chatservice.domain.chatstate import ChatState
from chatservice.domain.commands import Command
from chatservice.domain.configuring import Configuring
from chatservice.domain.describing import Describing
from chatservice.domain.errors import ChatError
from chatservice.domain.events import Event, Person
from chatservice.domain.facts import Facts
from chatservice.domain.finding import Finding
from chatservice.domain.gate import Gate
from chatservice.domain.inviting import Inviting
from chatservice.domain.letters import Letters
from chatservice.domain.limits import Limits
from chatservice.domain.logins import Logins
from chatservice.domain.looking import Looking
from chatservice.domain.marks import Marks
from chatservice.domain.membership import Membership
from chatservice.domain.moderation import Moderation
from chatservice.domain.people import People
from chatservice.domain.places import Places
from chatservice.domain.policing import Policing
from chatservice.domain.presence import Presence
from chatservice.domain.provisioning import Provisioning
from chatservice.domain.reacting import Reacting
from chatservice.domain.reading import Reading
from chatservice.domain.records import (
    AccountKept,
    Doubted,
    FactKept,
    KeptRoom,
    MarkKept,
    Said,
    StayKept,
)
from chatservice.domain.rooms import Room
from chatservice.domain.rules import Rules
from chatservice.domain.session import Session, State
from chatservice.domain.staying import Staying
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.talk import Talk
from chatservice.domain.visits import Visits

_NO_RULES = Rules()


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
        accounts: Iterable[AccountKept] = (),
        marks: Iterable[MarkKept] = (),
        stays: Iterable[StayKept] = (),
        facts: Iterable[FactKept] = (),
        rules: Rules = _NO_RULES,
        offset: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.limits = limits
        self._rooms = Membership(limits, rooms, Marks(marks), Facts(facts))
        self._people = People(draw, accounts, self._rooms.forget)
        self._state = ChatState(
            name=name,
            server_id=server_id,
            limits=limits,
            people=self._people,
            rooms=self._rooms,
            attendance=Attendance(limits),
            draw=draw,
            rules=rules,
            offset=offset,
        )
        arrivals = Arrivals(self._state)
        letters = Letters(self._state)
        talk = Talk(self._state, arrivals, letters)
        visits = Visits(self._state, arrivals)
        places = Places(self._state, letters)
        self._gate = Gate(self._state, arrivals)
        staying = Staying(self._state, arrivals)
        staying.restore(stays)
        self._roster = self._rooms.lobby.people
        self._heard = self._rooms.lobby.audience
        self._logins = Logins(self._state, arrivals, letters, staying)
        owning = Accounts(self._state, arrivals, self._logins)
        methods = (
            arrivals.methods
            | talk.methods
            | visits.methods
            | Configuring(self._state, arrivals).methods
            | Inviting(self._state, arrivals).methods
            | Moderation(self._state).methods
            | Presence(self._state, arrivals, letters).methods
            | Finding(self._state).methods
            | Policing(self._state).methods
            | Reading(self._state, letters).methods
            | Amending(self._state, places).methods
            | Reacting(self._state, arrivals, letters, places).methods
            | Looking(self._state, letters).methods
            | self._logins.methods
            | owning.methods
            | Provisioning(self._state, owning).methods
            | staying.methods
            | self._gate.methods
            | Describing(self._state).methods
        )
        entering = (commands.Hello, commands.Enter)
        self._methods = methods | {kind: self._logins.entering(methods[kind]) for kind in entering}

    @property
    def present(self) -> int:
        """How many people are online, in whatever rooms."""
        return self._people.present

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All connected sessions, in order of connecting."""
        return self._people.sessions

    @property
    def rooms(self) -> tuple[Room, ...]:
        """All rooms, oldest first."""
        return self._rooms.rooms

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self._people.owners.all)

    def person_of(self, user: str) -> Person | None:
        """Whoever has an id and a name now."""
        return self._people.person_of(user)

    def connect(self, address: str, now: int, *, strict: bool = False) -> Session:
        """A new session for a connection from `address` (`ip:port`)."""
        session = self._people.add(address, now)
        session.strict = strict
        session.state = self._gate.beginning
        return session

    def empower(self, session: Session) -> None:
        """Let a new session be one of the server's operator, of whom no password is asked."""
        session.state = State.VISITOR
        self._people.make_operator(session, True)

    def execute(self, session: Session, command: Command, now: int) -> list[Step]:
        """Do what a session asks for. Raises `ChatError`, and has then changed nothing."""
        if session.state is State.OUTSIDE:
            admitted = self._gate.admit(session, command, now)
            if admitted is None:
                return []
            command = admitted
        session.check(command)
        nick = session.nick
        try:
            steps = self._methods[type(command)](session, command, now)
        except ChatError as error:
            if not (isinstance(command, commands.Say) and command.id and session.has_secret):
                raise
            return [_refusal_unless_kept(session, command.id, error)]
        if session.nick == nick:
            return steps
        return [*steps, *self._logins.ask_for_login(session, now)]

    def disconnect(self, session: Session, now: int, reason: str | None = None) -> list[Step]:
        """The connection is gone: take the session out of everything."""
        if session.state is State.GONE:
            return []
        return self._state.disconnect(session, now, reason)

    def void(self, record: Said) -> None:
        """A message came to nothing: the store refused it, or it is a retry."""
        self._rooms.void(record.room_id, record.message)

    def is_void(self, room_id: int, seq: int) -> bool:
        """Whether a message came to nothing."""
        return self._rooms.is_void(room_id, seq)

    def settle(self, event: Event) -> Event:
        """An event as it may be told now: without messages that came to nothing meanwhile."""
        return self._rooms.settle(event)

    def show_roles(self) -> None:
        """Let everybody be seen as what they are in rooms, after that was taken back."""
        for session in self.sessions:
            for name in session.rooms:
                self._rooms.existing(name).show_role(session)

    def vanished(self, now: int) -> list[Step]:
        """What tells that people are not in rooms any more, where that was taken back."""
        return self._rooms.vanished(now)

    def put_right(self, event: Event) -> Event:
        """An event that is still to be told, after what it may show was taken back."""
        return self._rooms.put_right(event)

    def take_roster(self) -> Deliver | None:
        """The lobby's people for all who hear it, after a change and after each greeting.

        Where nothing changed, those just greeted have the list already, and without a greeting all
        who heard the last one: not a connection that comes back to where its person still was.
        """
        lobby, greeted = self._rooms.lobby, self._state.greeted
        audience = lobby.audience
        last, self._roster = self._roster, lobby.people
        heard, self._heard = self._heard, audience
        if lobby.people is last or _listed(lobby.people) == _listed(last):
            if not greeted and audience is heard:
                return None
            known = greeted or frozenset(heard)
            audience = tuple(session for session in audience if session not in known)
            if not audience:
                greeted.clear()
                return None
        self._state.greeted = set()
        return Deliver(audience, events.Roster(people=lobby.people))


def _refusal_unless_kept(session: Session, said: str, error: ChatError) -> Deliver:
    """Refuse what may be a retry, but acknowledge it if it is, whatever is allowed now."""
    doubted = Doubted(client=session.client, re=said)
    failed = events.Failed.of(error, said)
    return Deliver((session,), failed, origin=session, record=doubted)


def _listed(people: tuple[events.Person, ...]) -> list[tuple[str, str]]:
    """What full lists show of people."""
    return [(person.nick, person.address) for person in people]
