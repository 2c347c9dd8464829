"""Changing and taking back what was said."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import BadInput, Forbidden, NoSuchMessage
from chatservice.domain.events import Event, Message
from chatservice.domain.places import Place, Places
from chatservice.domain.records import Deleted, Edited, Record
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_line, clean_text, name_keys, neutral


class Amending:
    """The commands about messages that were said.

    A message is of the account that said it, or of the client that did.
    """

    def __init__(self, state: ChatState, places: Places) -> None:
        self._people = state.people
        self._limits = state.limits
        self._places = places
        self.methods: Methods = {
            commands.Edit: self._edit,
            commands.Delete: self._delete,
        }

    def _edit(self, session: Session, command: commands.Edit, now: int) -> list[Step]:
        text = clean_text(command.text, self._limits)
        place = self._places.find(session, command.room)

        def edit(message: Message, author: str | None, now: int) -> list[Step]:
            place.check_talk(now)
            self._check_own(session, place, message, author)
            told = events.Edited(
                room=place.shown,
                seq=message.seq,
                id=message.id,
                nick=message.nick,
                at=now,
                text=text,
                user=session.user,
                re=command.id,
            )
            record = Edited(room_id=place.room.id, seq=message.seq, text=text, at=now)
            edited = replace(message, text=text, edited_at=now)
            return [self._amend(session, place, message, edited, told, record)]

        seq = self._seq(session, place, command)
        return self._places.message(session, place, seq, edit, command.id, now)

    def _delete(self, session: Session, command: commands.Delete, now: int) -> list[Step]:
        place = self._places.find(session, command.room, outside=session.operator)
        most = self._limits.reason_characters
        reason = clean_line(command.reason, self._limits, most, "A reason")

        def delete(message: Message, author: str | None, now: int) -> list[Step]:
            if place.private or not place.room.allows(session, Act.DELETE, now):
                self._check_own(session, place, message, author)
            told = events.Deleted(
                room=place.shown,
                seq=message.seq,
                id=message.id,
                nick=message.nick,
                by=session.nick or "",
                at=now,
                user=session.user,
                reason=reason,
                re=command.id,
            )
            record = Deleted(room_id=place.room.id, seq=message.seq, at=now)
            deleted = replace(message, text="", deleted=True, reactions=())
            return [self._amend(session, place, message, deleted, told, record)]

        if command.nick is None:
            seq = self._seq(session, place, command)
        elif command.seq is None and command.message_id is None:
            place.room.check(session, Act.DELETE, now)
            seq = self._last_of(place, command.nick)
        else:
            raise BadInput('Either "seq" or "nick" can be given.')
        return self._places.message(session, place, seq, delete, command.id, now)

    def _last_of(self, place: Place, nick: str) -> int:
        """What somebody, who may be gone, said last. Raises `NoSuchMessage`."""
        keys = name_keys(nick)
        for message in reversed(place.room.recent):
            if not message.deleted and keys & name_keys(message.nick):
                return message.seq
        raise NoSuchMessage(f"{neutral(nick[:64])} has said nothing in {place.title} lately.")

    def _seq(self, session: Session, place: Place, command: commands.Edit | commands.Delete) -> int:
        """Which message is meant, by default the last one of a session. Raises `Forbidden`."""
        seq = place.seq(command.seq, command.message_id)
        if seq is not None:
            return seq
        room, identities = place.room, session.identities
        for message in reversed(room.recent):
            if not message.deleted and room.authors.get(message.seq) in identities:
                return message.seq
        raise Forbidden(f"You have said nothing in {place.title} lately.")

    def _check_own(
        self, session: Session, place: Place, message: Message, author: str | None
    ) -> None:
        if author not in session.identities:
            raise Forbidden(f"Message {message.seq} in {place.title} is not yours.")

    def _amend(
        self,
        session: Session,
        place: Place,
        was: Message,
        now: Message,
        told: Event,
        record: Record,
    ) -> Deliver:
        """Change a message, keep that, and tell all who hear the place."""
        place.room.amend(now)

        def undo() -> None:
            place.room.amend(was)

        audience = place.audience  # what is gone is gone from wherever it was ever shown
        if isinstance(told, events.Edited):
            shown = self._places.audience(place, was.seq)
            audience = self._people.ignoring.hearing(shown, session)
        return Deliver(audience, told, origin=session, record=record, undo=undo)
