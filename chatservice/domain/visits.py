"""Going into rooms and out of them, and asking what is there."""

from __future__ import annotations

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput
from chatservice.domain.events import Message
from chatservice.domain.membership import page_of
from chatservice.domain.records import Page
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Read, Step


class Visits:
    """The commands about rooms."""

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._arrivals = arrivals
        self.methods: Methods = {
            commands.Join: self._join,
            commands.Leave: self._leave,
            commands.ListRooms: self._list_rooms,
            commands.ListPeople: self._list_people,
            commands.Whois: self._whois,
            commands.History: self._history,
        }

    def _join(self, session: Session, command: commands.Join, now: int) -> list[Step]:
        self._arrivals.check_nameable(session)
        room = self._rooms.existing_or_new(session, command.room)
        steps = self._arrivals.appear(session, now)
        since = command.since
        if since is not None and 0 <= since <= room.seq:
            return [*steps, *self._rooms.catch_up(session, room, since, command.id, now)]

        def enter(messages: tuple[Message, ...], now: int) -> list[Step]:
            return self._rooms.enter(session, room, messages, command.id, now)

        return [*steps, *self._rooms.latest(session, room, enter, command.id, now)]

    def _leave(self, session: Session, command: commands.Leave, now: int) -> list[Step]:
        self._arrivals.check_nameable(session)
        room = self._rooms.heard(session, command.room, seen=True)
        steps = self._arrivals.appear(session, now)
        exited = events.Exited(room=room.name, re=command.id)
        return [*steps, Deliver.to(session, exited), *self._rooms.part(session, room, now)]

    def _list_rooms(self, session: Session, command: Command, _now: int) -> list[Step]:
        rooms = tuple(room.info for room in self._rooms.rooms)
        return [Deliver.to(session, events.Rooms(rooms=rooms, re=command.id))]

    def _list_people(self, session: Session, command: commands.ListPeople, _: int) -> list[Step]:
        if command.room is None:
            room = self._rooms.heard(session, None)
        else:
            room = self._rooms.existing(command.room)
        reply = events.People(room=room.name, people=room.people, re=command.id)
        return [Deliver.to(session, reply)]

    def _whois(self, session: Session, command: commands.Whois, _now: int) -> list[Step]:
        found = self._people.find(command.nick)
        reply = events.WhoisReply(
            person=found.person,
            rooms=tuple(found.rooms),
            since=found.connected_at,
            spoke=found.spoke_at,
            re=command.id,
        )
        return [Deliver.to(session, reply)]

    def _history(self, session: Session, command: commands.History, _now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        bounds = (command.before, command.after, command.around)
        if sum(bound is not None for bound in bounds) > 1:
            raise BadInput('At most one of "before", "after" and "around" can be given.')
        if command.limit < 1:
            raise BadInput("A history request is for 1 message at least.")
        window = self._rooms.window(
            room, command.limit, before=command.before, after=command.after, around=command.around
        )

        def reply(page: Page, _now: int) -> list[Step]:
            return [Deliver.to(session, page_of(room, page, command.id))]

        read = Read(session, window, reply, command.id)
        if window.limit == command.limit:
            return [read]
        capped = events.Notice(text=f"At most {window.limit} messages are shown at once.")
        return [Deliver.to(session, capped), read]
