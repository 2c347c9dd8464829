"""The state of a chat that all subjects of commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from chatservice.domain.attendance import Attendance
from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from chatservice.domain.limits import Limits
from chatservice.domain.membership import Membership
from chatservice.domain.people import People
from chatservice.domain.records import SeenKept
from chatservice.domain.rules import Rules
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step

Method = Callable[[Session, Any, int], list[Step]]
"""Does what one kind of command asks for: (session, command, now) -> steps."""

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

    def disconnect(self, session: Session, now: int, reason: str | None = None) -> list[Step]:
        """Take a session out of everything; the others are told why."""
        steps = [*self.rooms.part_all(session, now, reason), *self.last_seen(session, now)]
        if not session.others:
            steps += self.attendance.changed(session, session.nick, None, now)
        self.attendance.forget(session)
        self.greeted.discard(session)
        self.people.remove(session)
        return steps

    def remove(self, person: Session, now: int, reason: str) -> list[Step]:
        """Take all connections of a person out of everything, as one."""
        *others, last = person.everywhere
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
        """Keep when an account's owner was here, if this is the last connection to end."""
        account = self.people.owners.of(session.account or "")
        if account is None or session.others:
            return []
        self.people.owners.put(replace(account, seen_at=now))
        return [Deliver.keep(session, SeenKept(key=account.key, at=now))]
