"""Changing and taking back what was said."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import BadInput, Forbidden, NoSuchMessage
from chatservice.domain.events import Event, Message
from chatservice.domain.records import Deleted, Edited, Page, Record
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Read, Step
from chatservice.domain.text import clean_text, name_keys, neutral


class Amending:
    """The commands about messages that were said.

    Whose a message is, is known as long as it is in memory: it is of the account that said it, or
    of the client that did.
    """

    def __init__(self, state: ChatState) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self.methods: Methods = {
            commands.Edit: self._edit,
            commands.Delete: self._delete,
        }

    def _edit(self, session: Session, command: commands.Edit, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        room = self._rooms.heard(session, command.room)
        room.check_talk(session, now)
        message = self._own(session, room, command.seq)
        told = events.Edited(
            room=room.name,
            seq=message.seq,
            id=message.id,
            nick=message.nick,
            at=now,
            text=text,
            re=command.id,
        )
        record = Edited(room_id=room.id, seq=message.seq, text=text, at=now)
        edited = replace(message, text=text, edited_at=now)
        return [self._amend(session, room, message, edited, told, record)]

    def _delete(self, session: Session, command: commands.Delete, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        if command.nick is not None:
            if command.seq is not None:
                raise BadInput('Either "seq" or "nick" can be given.')
            room.check(session, Act.DELETE, now)
            message = self._last_of(room, command.nick)
            return [self._take_back(session, room, message, command.id, now)]
        seq = command.seq
        if seq is None or not room.allows(session, Act.DELETE, now):
            message = self._own(session, room, seq)
            return [self._take_back(session, room, message, command.id, now)]
        known = room.find(seq)
        if known is not None or not 0 < seq <= room.floor:
            message = self._there(room, seq, known)
            return [self._take_back(session, room, message, command.id, now)]

        def resume(page: Page, now: int) -> list[Step]:
            room.check(session, Act.DELETE, now)
            stored = next((each for each in page.messages if each.seq == seq), None)
            message = self._there(room, seq, room.find(seq) or stored)
            return [self._take_back(session, room, message, command.id, now)]

        return [Read(session, self._rooms.window(room, 1, around=seq), resume, command.id)]

    def _own(self, session: Session, room: Room, seq: int | None) -> Message:
        """The message of a session, its last one by default. Raises `Forbidden`."""
        identities = session.identities
        for message in reversed(room.recent):
            if seq not in (None, message.seq) or message.deleted:
                continue
            if room.authors.get(message.seq) in identities:
                return message
        if seq is None:
            raise Forbidden(f"You have said nothing in #{room.name} lately.")
        raise Forbidden(f"Message {seq} of #{room.name} is not yours, or too old to be changed.")

    def _last_of(self, room: Room, nick: str) -> Message:
        """What somebody, who may be gone, said last. Raises `NoSuchMessage`."""
        keys = name_keys(nick)
        for message in reversed(room.recent):
            if not message.deleted and keys & name_keys(message.nick):
                return message
        raise NoSuchMessage(f"{neutral(nick[:64])} has said nothing in #{room.name} lately.")

    def _there(self, room: Room, seq: int, message: Message | None) -> Message:
        if message is None or message.deleted:
            raise NoSuchMessage(f"There is no message {seq} in #{room.name}.")
        return message

    def _take_back(
        self, session: Session, room: Room, message: Message, re: str | None, now: int
    ) -> Deliver:
        told = events.Deleted(
            room=room.name,
            seq=message.seq,
            id=message.id,
            nick=message.nick,
            by=session.nick or "",
            at=now,
            re=re,
        )
        record = Deleted(room_id=room.id, seq=message.seq, at=now)
        deleted = replace(message, text="", deleted=True)
        return self._amend(session, room, message, deleted, told, record)

    def _amend(
        self,
        session: Session,
        room: Room,
        was: Message,
        now: Message,
        told: Event,
        record: Record,
    ) -> Deliver:
        """Change a message, keep that, and tell all who hear the room."""
        room.amend(now)

        def undo() -> None:
            room.amend(was)

        audience = room.audience
        if isinstance(told, events.Edited):
            audience = self._people.ignoring.hearing(audience, session)
        return Deliver(audience, told, origin=session, record=record, undo=undo)
