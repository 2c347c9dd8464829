"""The state of a chat that all subjects of commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from chatservice.domain import events
from chatservice.domain.attendance import Attendance
from chatservice.domain.commands import Command, Vacate
from chatservice.domain.events import Event
from chatservice.domain.limits import Limits
from chatservice.domain.membership import Membership
from chatservice.domain.owners import account_key
from chatservice.domain.people import People
from chatservice.domain.records import SeenKept
from chatservice.domain.rules import Rules
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Later, Step

Method = Callable[[Session, Any, int], list[Step]]
"""Does what one kind of command asks for: (session, command, now) -> steps."""

NOT_CONNECTED = "not connected"
"""Why somebody is away who stays without a connection, and has given no other reason."""

Methods = dict[type[Command], Method]


@dataclass(slots=True, kw_only=True)
class ChatState:
    """Who is there, in which rooms; `greeted` are those shown the lobby since its last roster.

    `draw(n)` gives a number from 0 to n - 1 that nobody can guess. `offset` tells by how many
    milliseconds this machine's clock is corrected, None if nobody knows.
    """

    name: str
    server_id: str
    limits: Limits
    people: People
    rooms: Membership
    attendance: Attendance
    draw: Callable[[int], int]
    rules: Rules
    offset: Callable[[], int | None] = lambda: None
    greeted: set[Session] = field(default_factory=set)

    @property
    def operators(self) -> frozenset[str]:
        """The accounts whose owners are operators of the server."""
        return frozenset(map(account_key, self.rules.operators))

    def disconnect(self, session: Session, now: int, reason: str | None = None) -> list[Step]:
        """Take a session out of everything; the others are told why."""
        steps = [*self.last_seen(session, now), *self.rooms.part_all(session, now, reason)]
        if session.others:
            steps += self.hand_on(session, now)
        else:
            steps += self.attendance.changed(session, session.nick, None, now)
        self.attendance.forget(session)
        self.greeted.discard(session)
        self.people.remove(session)
        return steps

    def hand_on(self, session: Session, now: int) -> list[Later]:
        """Let another connection of a person give up in time a nick that this one has taken."""
        heir, *_ = session.others
        claimed = session.claimed(now)
        heir.claims = {**heir.claims, **{key: session.claims[key] for key, _ in claimed}}
        return [Later(heir, seconds, Vacate(account=key)) for key, seconds in claimed]

    def remove(self, person: Session, now: int, reason: str) -> list[Step]:
        """Take all connections of a person out of everything, as one."""
        if not person.connections:
            return []
        *others, last = person.connections
        for each in others:
            last.rooms |= each.rooms
        return [step for each in (*others, last) for step in self.disconnect(each, now, reason)]

    def tell_about(self, session: Session, event: Event) -> list[Deliver]:
        """Tell what is new about somebody to who shares a room with it, or watches it closely."""
        audience = self.rooms.audience_of(session)
        told = Deliver(audience, event, origin=session)
        watchers = self.attendance.watchers(session.nick or "", closely=True)
        others = tuple(each for each in watchers if each not in audience)
        return [told, Deliver(others, event)] if others else [told]

    def last_seen(self, session: Session, now: int) -> list[Step]:
        """Keep when an account's owner was here, if this is the last connection to end.

        If it stays without one, it is away, and an operator of the server by its account alone.
        """
        account = self.people.owners.of(session.account or "")
        if account is None or session.connections != (session,):
            return []
        self.people.owners.put(replace(account, seen_at=now))
        kept = Deliver.keep(session, SeenKept(key=account.key, at=now))
        if not session.others:
            return [kept]
        [stand_in] = session.others
        self.people.make_operator(stand_in, account.key in self.operators)
        here = stand_in.away is None
        if here:
            stand_in.away = NOT_CONNECTED
        for name in stand_in.rooms:
            self.rooms.existing(name).show(stand_in)
        return [kept, *self.tell_away(stand_in)] if here else [kept]

    def tell_away(self, session: Session) -> list[Step]:
        """Tell others that somebody is away, or back, who did not say so."""
        told = events.AwayChanged(nick=session.nick or "", user=session.user, text=session.away)
        steps = []
        for step in self.tell_about(session, told):
            audience = tuple(each for each in step.audience if each.user != session.user)
            steps.append(replace(step, audience=audience, origin=None))
        return [step for step in steps if step.audience]
