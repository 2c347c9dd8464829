"""What people say: to a room, to one person."""

from __future__ import annotations

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import NoSuchPerson
from chatservice.domain.events import Message
from chatservice.domain.records import Said
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_text


class Talk:
    """The commands that others hear."""

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._arrivals = arrivals
        self.methods: Methods = {
            commands.Say: self._say,
            commands.Tell: self._tell,
            commands.Typing: self._typing,
            commands.Ping: self._ping,
        }

    def _say(self, session: Session, command: commands.Say, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        self._arrivals.check_nameable(session)
        room = self._rooms.heard(session, command.room)
        steps = self._arrivals.appear(session, now)
        seq = room.seq + 1
        message = Message(
            room=room.name,
            seq=seq,
            id=f"{room.id}-{seq}",
            nick=session.nick or "",
            user=session.user,
            at=max(now, room.at),
            text=text,
            kind=command.kind,
            re=command.id,
        )
        room.remember(message)
        session.spoke_at = now
        client = session.client if command.id is not None else None
        record = Said(room_id=room.id, message=message, client=client)
        return [*steps, Deliver(room.audience, message, origin=session, record=record)]

    def _tell(self, session: Session, command: commands.Tell, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        self._arrivals.check_nameable(session)
        to = command.to if command.to is not None else session.correspondent
        if to is None:
            raise NoSuchPerson("Nobody has told you anything yet; /msg <nick> <text> begins.")
        found = self._people.find(to)
        steps = self._arrivals.appear(session, now)
        private = events.Private(
            nick=session.nick or "",
            user=session.user,
            to=found.nick or "",
            to_user=found.user,
            at=now,
            text=text,
            kind=command.kind,
            re=command.id,
        )
        found.correspondent = session.user
        session.spoke_at = now
        audience = (found, session) if found is not session else (session,)
        return [*steps, Deliver(audience, private, origin=session)]

    def _typing(self, session: Session, command: commands.Typing, _now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        if session.nick is None:
            return []
        typing = events.TypingNow(room=room.name, nick=session.nick, active=command.active)
        return [Deliver(room.audience, typing, origin=session)]

    def _ping(self, session: Session, command: Command, _now: int) -> list[Step]:
        return [Deliver.to(session, events.Pong(re=command.id))]
