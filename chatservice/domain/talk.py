"""What people say: to a room, to one person."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.authority import Standing
from chatservice.domain.chatstate import ChatState, Method, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput, Forbidden
from chatservice.domain.events import Ack, Event, Message
from chatservice.domain.letters import Letters, Party
from chatservice.domain.records import Said
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_text

TOLD = 10_000
"""So many of the latest that were told to one person, or confided, and not kept are known again."""

_Unkept = commands.Tell | commands.Confide

_MESSAGE_ID = re.compile(r"[!-~]{1,64}")


class Talk:
    """The commands that others hear."""

    def __init__(self, state: ChatState, arrivals: Arrivals, letters: Letters) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._offset = state.offset
        self._arrivals = arrivals
        self._letters = letters
        self._told: OrderedDict[int, Ack] = OrderedDict()
        self.methods: Methods = {
            commands.Say: self._say,
            commands.Tell: self._once(self._tell),
            commands.Confide: self._once(self._confide),
            commands.Signal: self._signal,
            commands.Typing: self._typing,
            commands.Ping: self._ping,
            commands.AskTime: self._time,
        }

    def _say(self, session: Session, command: commands.Say, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        _check_reply(command.reply_to)
        self._arrivals.check_nameable(session)
        room = self._rooms.heard(session, command.room, outside=True)
        room.check_talk(session, now)
        steps = self._arrivals.appear(session, now)
        if not room.policy.lobby:  # of which a message says all there is to keep
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
            account=session.account_name,
            reply_to=command.reply_to,
            bot=session.bot,
        )
        author = session.identity
        room.remember(message, author)
        session.spoke_at = now
        record = Said(
            room_id=room.id,
            message=message,
            client=session.client if session.has_secret and command.id is not None else None,
            author=author if session.lasting else None,
        )
        audience = self._people.ignoring.hearing(room.audience, session)
        if not room.hears(session):
            audience = (*audience, session)
        return [*steps, Deliver(audience, message, origin=session, record=record)]

    def _tell(self, session: Session, command: commands.Tell, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        _check_reply(command.reply_to)
        self._arrivals.check_nameable(session)
        letters, to = self._letters, command.to
        party = letters.correspondent(session) if to is None else letters.party(to)
        found = party.session
        if found is None:
            private = _private(session, command, text, party, now)
            steps = self._letters.send(session, party, private)
            session.spoke_at = now
            return steps
        steps = self._arrivals.appear(session, now)
        private = _private(session, command, text, party, now)
        session.spoke_at = now
        hearing = self._people.ignoring.hearing(found.everywhere, session)
        recipients = hearing if found.user != session.user else ()
        for each in hearing:
            each.correspondent = session.user, session.account
        record: Said | None = None
        account = party.account
        if account is None or session.account in (None, account.key):
            private = replace(private, id=self._letters.new_id(now))
        else:
            record, kept = self._letters.kept(session, account, private)
            private = replace(private, id=record.message.id)
            steps += kept
        copy = replace(private, re=None)
        besides = [Deliver.to(other, copy) for other in session.others]
        besides += self._says_that_away(session, found, command)
        told = Deliver((*recipients, session), private, origin=session)
        if record is None:
            self._remember(session, command, private, f"@{private.to}")
            return [*steps, told, *besides]
        return [*steps, replace(told, record=record, besides=tuple(besides))]

    def _once(self, method: Method) -> Method:
        """A method that is not done again for a retry of what was told, and not kept, before."""

        def once(session: Session, command: _Unkept, now: int) -> list[Step]:
            told = self._told.get(_retry_key(session, command))
            return method(session, command, now) if told is None else [Deliver.to(session, told)]

        return once

    def _remember(
        self,
        session: Session,
        command: _Unkept,
        told: events.Private | events.Confided,
        room: str,
    ) -> None:
        """Let a retry of what is told, and not kept, be acknowledged like one of what is kept."""
        if command.id is None or not session.has_secret:
            return
        ack = Ack(room=room, seq=0, id=told.id, at=told.at, re=command.id)
        self._told[_retry_key(session, command)] = ack
        if len(self._told) > TOLD:
            self._told.popitem(last=False)

    def _says_that_away(
        self, session: Session, found: Session, command: commands.Tell
    ) -> list[Deliver]:
        if found.away is None or command.kind == "notice":
            return []
        told = events.IsAway(nick=found.nick or "", user=found.user, text=found.away, re=command.id)
        return [Deliver.to(session, told)]

    def _confide(self, session: Session, command: commands.Confide, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        self._arrivals.check_nameable(session)
        room = self._rooms.heard(session, command.room, outside=True)
        room.check_talk(session, now)
        steps = self._arrivals.appear(session, now)
        session.spoke_at = now
        confided = events.Confided(
            room=room.name,
            role=command.role,
            id=self._letters.new_id(now),
            nick=session.nick or "",
            user=session.user,
            at=now,
            text=text,
            kind=command.kind,
            account=session.account_name,
            re=command.id,
        )
        roles = {Standing.OPERATOR, Standing(command.role)}
        trusted = tuple(
            each for each in room.audience if room.policy.roles.get(each.identity) in roles
        )
        hearing = self._people.ignoring.hearing(trusted, session)
        audience = tuple(dict.fromkeys((*hearing, session)))
        self._remember(session, command, confided, room.name)
        return [*steps, Deliver(audience, confided, origin=session)]

    def _signal(self, session: Session, command: commands.Signal, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        self._arrivals.check_nameable(session)
        name, audience, room = self._audience(session, command.room)
        if room is not None:
            room.check_talk(session, now)
            if room.policy.no_ctcp:
                raise Forbidden(f"In #{room.name} clients ask each other nothing.")
        steps = self._arrivals.appear(session, now)
        signalled = events.Signalled(
            room=name,
            id=self._letters.new_id(now),
            nick=session.nick or "",
            user=session.user,
            at=now,
            text=text,
            answer=command.answer,
            account=session.account_name,
            bot=session.bot,
            re=command.id,
        )
        return [*steps, self._deliver(session, audience, signalled)]

    def _typing(self, session: Session, command: commands.Typing, now: int) -> list[Step]:
        name, audience, room = self._audience(session, command.room)
        if session.nick is None:
            return []
        if room is not None:
            room.check_talk(session, now)
        typing = events.TypingNow(
            room=name,
            nick=session.nick,
            active=command.active,
            user=session.user,
            paused=command.paused,
            account=session.account_name,
            re=command.id,
        )
        return [self._deliver(session, audience, typing)]

    def _audience(
        self, session: Session, name: str | None
    ) -> tuple[str, tuple[Session, ...], Room | None]:
        """What events call a room, or a person (`@nick`), who hears them, and the room."""
        if name is not None and name.startswith("@"):
            found = self._people.find(name.removeprefix("@"))
            audience = tuple(dict.fromkeys((*found.everywhere, session)))
            return f"@{found.nick}", audience, None
        room = self._rooms.heard(session, name, outside=True)
        return room.name, room.audience_with(session), room

    def _deliver(self, session: Session, audience: tuple[Session, ...], event: Event) -> Deliver:
        """What goes to others, and to oneself for the connection that it came from."""
        audience = self._people.ignoring.hearing(audience, session)
        if session.others:
            audience = tuple(
                each for each in audience if each is session or each.user != session.user
            )
        return Deliver(audience, event, origin=session)

    def _time(self, session: Session, command: commands.AskTime, now: int) -> list[Step]:
        reply = events.Time(at=now, offset=self._offset(), re=command.id)
        return [Deliver.to(session, reply)]

    def _ping(self, session: Session, command: Command, _now: int) -> list[Step]:
        return [Deliver.to(session, events.Pong(re=command.id))]


def _check_reply(message_id: str | None) -> None:
    if message_id is not None and not _MESSAGE_ID.fullmatch(message_id):
        raise BadInput("A reply is to the id of a message.")


def _retry_key(session: Session, command: _Unkept) -> int:
    """What a retry has in common with the first one; short, however long a nick is given."""
    to = command.to if isinstance(command, commands.Tell) else (command.room, command.role)
    return hash((session.client, to, command.id))


def _private(
    session: Session, command: commands.Tell, text: str, to: Party, now: int
) -> events.Private:
    """What a session tells one person."""
    return events.Private(
        nick=session.nick or "",
        user=session.user,
        to=to.nick,
        to_user=to.session.user if to.session is not None else "",
        at=now,
        text=text,
        kind=command.kind,
        re=command.id,
        account=session.account_name,
        reply_to=command.reply_to,
        bot=session.bot,
    )
