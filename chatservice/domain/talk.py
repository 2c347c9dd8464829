"""What people say: to a room, to one person."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import NoSuchPerson
from chatservice.domain.events import Message
from chatservice.domain.letters import Letters
from chatservice.domain.records import Said
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_text


class Talk:
    """The commands that others hear."""

    def __init__(self, state: ChatState, arrivals: Arrivals, letters: Letters) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._offset = state.offset
        self._arrivals = arrivals
        self._letters = letters
        self.methods: Methods = {
            commands.Say: self._say,
            commands.Tell: self._tell,
            commands.Typing: self._typing,
            commands.Ping: self._ping,
            commands.AskTime: self._time,
        }

    def _say(self, session: Session, command: commands.Say, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        self._arrivals.check_nameable(session)
        room = self._rooms.heard(session, command.room, outside=True)
        room.check_talk(session, now)
        steps = self._arrivals.appear(session, now)
        steps += self._rooms.keep(session, room)
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
        room.remember(message, session.identity)
        session.spoke_at = now
        client = session.client if command.id is not None else None
        record = Said(room_id=room.id, message=message, client=client)
        audience = self._people.ignoring.hearing(room.audience, session)
        if not room.hears(session):
            audience = (*audience, session)
        return [*steps, Deliver(audience, message, origin=session, record=record)]

    def _tell(self, session: Session, command: commands.Tell, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        self._arrivals.check_nameable(session)
        to = command.to if command.to is not None else session.correspondent
        if to is None:
            raise NoSuchPerson("Nobody has told you anything yet; /msg <nick> <text> begins.")
        try:
            found = self._people.find(to)
        except NoSuchPerson:
            return self._write(session, to, text, command, now)
        steps = self._arrivals.appear(session, now)
        private = _private(session, command, text, found.nick or "", found.user, now)
        session.spoke_at = now
        hearing = self._people.ignoring.hearing(found.everywhere, session)
        recipients = hearing if found.user != session.user else ()
        for each in hearing:
            each.correspondent = session.user
        copy = replace(private, re=None)
        record: Said | None = None
        if None not in (session.account, found.account) and session.account != found.account:
            record, kept = self._letters.kept(session, found.account or "", private)
            steps += kept
        return [
            *steps,
            Deliver((*recipients, session), private, origin=session, record=record),
            *(Deliver.to(other, copy) for other in session.others),
            *self._says_that_away(session, found),
        ]

    def _says_that_away(self, session: Session, found: Session) -> list[Step]:
        if found.away is None:
            return []
        notice = events.Notice(text=f"{found.nick} is away: {found.away}")
        return [Deliver.to(session, notice)]

    def _write(
        self, session: Session, to: str, text: str, command: commands.Tell, now: int
    ) -> list[Step]:
        """Say something to somebody who is not here, but has an account, as one has oneself."""
        account = self._letters.addressee(session, to)
        private = _private(session, command, text, account.nick, "", now)
        session.spoke_at = now
        return self._letters.send(session, account, private)

    def _typing(self, session: Session, command: commands.Typing, _now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        if session.nick is None:
            return []
        typing = events.TypingNow(room=room.name, nick=session.nick, active=command.active)
        audience = self._people.ignoring.hearing(room.audience, session)
        if session.others:
            audience = tuple(each for each in audience if each.user != session.user)
        return [Deliver(audience, typing, origin=session)]

    def _time(self, session: Session, command: commands.AskTime, now: int) -> list[Step]:
        reply = events.Time(at=now, offset=self._offset(), re=command.id)
        return [Deliver.to(session, reply)]

    def _ping(self, session: Session, command: Command, _now: int) -> list[Step]:
        return [Deliver.to(session, events.Pong(re=command.id))]


def _private(
    session: Session, command: commands.Tell, text: str, to: str, to_user: str, now: int
) -> events.Private:
    """What a session tells one person."""
    return events.Private(
        nick=session.nick or "",
        user=session.user,
        to=to,
        to_user=to_user,
        at=now,
        text=text,
        kind=command.kind,
        re=command.id,
    )
