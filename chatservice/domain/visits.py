"""Going into rooms and out of them, and asking what is there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chatservice.domain import commands, events
from chatservice.domain.addresses import block_of, host_of
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.authority import Act, Standing
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.configuring import check_room_password
from chatservice.domain.errors import (
    ChatError,
    InvitationNeeded,
    PasswordNeeded,
    RoomFull,
    no_longer_in,
)
from chatservice.domain.events import Message
from chatservice.domain.membership import Check, unchecked
from chatservice.domain.rooms import LOBBY, Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Hash, Later, Step, Verify
from chatservice.domain.text import clean_line, clean_room, counted
from chatservice.domain.tries import Guesses

_ALWAYS_IN = (Standing.SERVER, Standing.OPERATOR, Standing.BANNED)
"""Whom a full room lets in; somebody banned is told that instead."""


class Visits:
    """The commands about rooms."""

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._arrivals = arrivals
        self._guesses = Guesses(state.limits.password_tries, state.limits.password_seconds)
        self.methods: Methods = {
            commands.Enter: self._enter,
            commands.Join: self._join,
            commands.Create: self._create,
            commands.Leave: self._leave,
            commands.ListRooms: self._list_rooms,
            commands.ListPeople: self._list_people,
        }

    def _enter(self, session: Session, command: commands.Enter, now: int) -> list[Step]:
        nameless = session.nick is None
        welcome = self._arrivals.introduce(session, command, now)
        if command.aside:
            return welcome
        join = commands.Join(room=LOBBY, id=command.id)
        try:
            return [*welcome, *self._join(session, join, now)]
        except ChatError:
            self._arrivals.withdraw(session, nameless=nameless)
            raise

    def _join(self, session: Session, command: commands.Join, now: int) -> list[Step]:
        self._arrivals.check_nameable(session)
        former = self._rooms.formerly(command.room) if command.since is not None else None
        if former is not None and former.known_to(session, now):
            old = clean_room(command.room, self._limits)
            renamed = events.RoomRenamed(old=old, new=former.name, by="", by_user="", at=now)
            joined = self._join(session, replace(command, room=former.name), now)
            return [Deliver.to(session, renamed), *joined]
        if command.existing:
            room = self._rooms.existing(command.room)
        else:
            room = self._rooms.existing_or_new(session, command.room, now)
        self._check_space(session, room, now)
        inside = room.shows(session)
        if inside or room.allows(session, Act.JOIN, now):
            still = partial(self._check_inside if inside else self._check_open, session, room)
            return self._go_in(session, room, command.since, command.id, now, still)
        self._check_closed(session, room, now)
        if command.password is None:
            raise _password_needed(room)
        tried = block_of(host_of(session.address)), room.name
        self._guesses.begin(tried, now)

        def verified(right: bool, now: int) -> list[Step]:
            self._guesses.end(tried, now, right=right)
            if not right:
                raise PasswordNeeded(f"This is not the password of #{room.name}.", room.name)
            check(now)
            return self._go_in(session, room, command.since, command.id, now, check)

        def check(now: int) -> None:
            self._check_closed(session, room, now)
            self._check_space(session, room, now)
            if room.policy.password not in (None, hashed):
                raise PasswordNeeded(f"#{room.name} has another password now.", room.name)

        hashed = room.policy.password
        return [Verify(session, command.password, hashed, verified, command.id)]

    def _check_inside(self, session: Session, room: Room, _now: int) -> None:
        """Raise `NotInRoom` if somebody who comes back to a room was put out meanwhile."""
        if not room.shows(session):
            raise no_longer_in(room.name)

    def _check_open(self, session: Session, room: Room, now: int) -> None:
        """Raise `Forbidden` if a session may not come into a room any more."""
        self._check_space(session, room, now)
        if room.allows(session, Act.JOIN, now):
            return
        self._check_closed(session, room, now)
        raise _password_needed(room)

    def _check_closed(self, session: Session, room: Room, now: int) -> None:
        """Raise `Forbidden` if no password lets a session into a room."""
        if room.allows(session, Act.JOIN_WITH_PASSWORD, now):
            return
        if room.standing(session, now) is Standing.BANNED:
            raise room.banned(session, now)
        raise InvitationNeeded(f"#{room.name} is by invitation only.")

    def _check_space(self, session: Session, room: Room, now: int) -> None:
        """Raise `RoomFull` where somebody has to wait until another one leaves."""
        most = room.policy.people_most
        if not most or len(room.people) < most or room.shows_person(session):
            return
        if session.user in room.policy.pardoned:
            return
        if room.standing(session, now) not in _ALWAYS_IN:
            raise RoomFull(f"#{room.name} is full: it lets {counted(most, 'person', 'people')} in.")

    def _go_in(
        self,
        session: Session,
        room: Room,
        since: int | None,
        re: str | None,
        now: int,
        check: Check,
    ) -> list[Step]:
        steps = self._arrivals.appear(session, now)
        hidden = self._rooms.shown_after(session, room)
        if since is not None and 0 <= since <= room.seq:
            since = max(since, hidden)
            return [*steps, *self._rooms.catch_up(session, room, since, re, now, check)]

        def enter(messages: tuple[Message, ...], now: int) -> list[Step]:
            shown = tuple(message for message in messages if message.seq > hidden)
            return self._rooms.enter(session, room, shown, re, now)

        return [*steps, *self._rooms.latest(session, room, enter, re, now, check)]

    def _create(self, session: Session, command: commands.Create, now: int) -> list[Step]:
        self._arrivals.check_nameable(session)
        self._rooms.check_new(command.room)

        def make(password: str | None, now: int) -> list[Step]:
            self._rooms.check_new(command.room)
            room = self._rooms.existing_or_new(session, command.room, now)
            room.policy.password = password
            room.policy.invite_only = command.invite_only
            entered = (
                self._announce(session, room, command.id)
                if command.later
                else self._go_in(session, room, None, command.id, now, unchecked)
            )
            self._rooms.pass_with(session, room)
            if password is None and not command.invite_only and not session.lasting:
                return entered  # nothing is set, and whose it is ends with the connection
            return [*entered, *self._rooms.keep(session, room)]

        if command.password is None:
            return make(None, now)
        check_room_password(command.password, self._limits.password_characters)
        return [Hash(session, command.password, make, command.id)]

    def _announce(self, session: Session, room: Room, re: str | None) -> list[Step]:
        """Tell who made a room that it is there, and let it come in by itself in a moment."""
        join = commands.Join(room=room.name, existing=True, id=re)
        return [
            Deliver.to(session, events.Created(room=room.name, re=re)),
            Later(session, self._limits.create_seconds, join),
        ]

    def _leave(self, session: Session, command: commands.Leave, now: int) -> list[Step]:
        self._arrivals.check_nameable(session)
        if command.every:
            names = tuple(session.rooms)
            each = (replace(command, room=name, every=False) for name in names)
            return [step for one in each for step in self._leave(session, one, now)]
        room = self._rooms.heard(session, command.room, seen=True)
        most = self._limits.reason_characters
        reason = clean_line(command.reason, self._limits, most, "A reason") or None
        steps = self._arrivals.appear(session, now)
        exited = Deliver.to(session, events.Exited(room=room.name, reason=reason, re=command.id))
        if not room.shows(session):  # it listened, and as who it is now it is banned there
            return [*steps, exited]
        dropped = self._rooms.drop(session, room)
        left = self._rooms.leave(session, room, now, reason)
        return [*steps, exited, *left, *dropped]

    def _list_rooms(self, session: Session, command: Command, now: int) -> list[Step]:
        rooms = tuple(room.info for room in self._rooms.rooms if room.known_to(session, now))
        return [Deliver.to(session, events.Rooms(rooms=rooms, at=now, re=command.id))]

    def _list_people(self, session: Session, command: commands.ListPeople, now: int) -> list[Step]:
        if command.room is None:
            room = self._rooms.heard(session, None)
        else:
            room = self._rooms.existing(command.room)
            room.check(session, Act.SEE, now)
        reply = events.People(
            room=room.name, people=room.people, secret=room.policy.secret, re=command.id
        )
        return [Deliver.to(session, reply)]


def _password_needed(room: Room) -> PasswordNeeded:
    return PasswordNeeded(f"#{room.name} has a password: /join {room.name} <password>.", room.name)
