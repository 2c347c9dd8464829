"""Staying in one's rooms without a connection: a stand-in keeps the place of an account's owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import NOT_CONNECTED, ChatState, Methods
from chatservice.domain.errors import WrongState, no_longer_in
from chatservice.domain.events import Message
from chatservice.domain.records import AccountKept, StayKept
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Keep, Step

NOWHERE = "0.0.0.0:0"
"""The address of who has no connection."""


class Staying:
    """Persons that go on without a connection.

    A stand-in is a session that never ends, is told nothing, and is in whatever rooms its person
    is in; it makes no other difference than that the person is still there.
    """

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._state = state
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._arrivals = arrivals
        self.methods: Methods = {commands.SetAlwaysOn: self._set}

    def restore(self, stays: Iterable[StayKept]) -> None:
        """Let those be there, and in their rooms, who were when the server stopped."""
        rooms = {room.id: room for room in self._rooms.rooms}
        operators = self._state.operators
        for account in self._people.owners.all:
            if account.always_on:
                stand_in = self._new(account.seen_at)
                stand_in.away = NOT_CONNECTED
                self._people.log_in(stand_in, account, operator=account.key in operators)
                self._people.name(stand_in, account.nick)
        for stay in stays:
            person, room = self._people.logged_in(stay.account), rooms.get(stay.room_id)
            if person is not None and room is not None:
                person.rooms[room.name] = None
                room.show(person)

    def begin(self, session: Session, account: AccountKept, now: int) -> list[Step]:
        """Give a person a stand-in, if its account wants that and has none."""
        if not account.always_on or session.stand_in is not None:
            return []
        self._people.join(self._new(now), session)
        names = dict.fromkeys(name for each in session.everywhere for name in each.rooms)
        rooms = [self._rooms.existing(name) for name in names]
        return [step for room in rooms for step in self._rooms.stay(session, room)]

    def end(self, session: Session, now: int) -> list[Step]:
        """Let a person have no stand-in any more."""
        stand_in = session.stand_in
        return self._state.disconnect(stand_in, now) if stand_in is not None else []

    def put_back(self, session: Session, now: int, *, unattended: bool = False) -> list[Step]:
        """Put a new connection of a person into all of its rooms, with what it has missed there.

        The person is back by that, unless the connection is `unattended`.
        """
        steps = [] if unattended else self.is_back(session)
        stand_in = session.stand_in
        if stand_in is None:
            return steps
        self._arrivals.show_anew(session)
        account = self._people.owners.of(session.account or "")
        alone = len(session.connections) == 1
        seen = account.seen_at if account is not None and alone else None
        for name in tuple(stand_in.rooms):
            room = self._rooms.existing(name)
            if not room.hears(session):
                steps += self._enter(session, room, seen, now)
        return steps

    def is_back(self, session: Session) -> list[Step]:
        """Let a person be away no more who was only because it had no connection."""
        if session.away != NOT_CONNECTED:
            return []
        for each in session.everywhere:
            each.away = None
        self._arrivals.show_anew(session)
        return self._state.tell_away(session)

    def _new(self, now: int) -> Session:
        stand_in = self._people.add(NOWHERE, now)
        self._people.stand_in(stand_in)
        stand_in.state = State.PRESENT
        return stand_in

    def _enter(self, session: Session, room: Room, seen: int | None, now: int) -> list[Step]:
        hidden = self._rooms.shown_after(session, room)
        least = self._limits.replay_messages

        def enter(messages: tuple[Message, ...], now: int) -> list[Step]:
            shown = [message for message in messages if message.seq > hidden]
            missed = 0 if seen is None else sum(message.at > seen for message in shown)
            last = tuple(shown[max(0, len(shown) - max(missed, least)) :])
            return self._rooms.enter(session, room, last, None, now, aside=True)

        def check(_now: int) -> None:
            if not any(map(room.shows, session.others)):
                raise no_longer_in(room.name)

        count = least if seen is None else self._limits.history_messages
        return self._rooms.latest(session, room, enter, None, now, check, count=count)

    def _set(self, session: Session, command: commands.SetAlwaysOn, _now: int) -> list[Step]:
        owners = self._people.owners
        account = owners.of(session.account or "")
        if account is None:
            raise WrongState("Log in first: /login <password>.")
        active = command.active if command.active is not None else account.always_on
        told = Deliver.to(session, events.AlwaysOn(active=active, re=command.id))
        if active == account.always_on:
            return [told]
        key = account.key

        def begin(_now: int) -> AccountKept:
            return replace(owners.of(key) or account, always_on=active)

        def done(record: AccountKept, kept: bool, now: int) -> list[Step]:
            if not kept:
                return []
            new = replace(owners.of(key) or record, always_on=active)
            owners.put(new)
            person = self._people.logged_in(key)
            if person is None:
                return []
            return [told, *(self.begin(person, new, now) if active else self.end(person, now))]

        return [Keep(session, begin, done, command.id)]
