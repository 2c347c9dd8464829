"""Reacting to what was said."""

from __future__ import annotations

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import LimitReached, NoSuchMessage, NoSuchReaction, TooLong
from chatservice.domain.events import Message, Reaction
from chatservice.domain.letters import Letters
from chatservice.domain.places import Place, Places
from chatservice.domain.reactions import reacted
from chatservice.domain.records import ReactionKept
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_text, one_line


class Reacting:
    """The command that reacts to a message."""

    def __init__(
        self, state: ChatState, arrivals: Arrivals, letters: Letters, places: Places
    ) -> None:
        self._people = state.people
        self._limits = state.limits
        self._arrivals = arrivals
        self._letters = letters
        self._places = places
        self.methods: Methods = {commands.React: self._react}

    def _react(self, session: Session, command: commands.React, now: int) -> list[Step]:
        text = self._clean(command.reaction)
        self._arrivals.check_nameable(session)
        if command.room is not None and command.room.startswith("@"):
            party = self._letters.party(command.room.removeprefix("@"))
            if party.session is not None and self._letters.between(session, party) is None:
                return self._pass_on(session, party.session, command, text, now)
        place = self._places.find(session, command.room)

        def react(message: Message, _author: str | None, now: int) -> list[Step]:
            place.check_talk(now)
            self._check(session, message, text, active=command.active)
            steps = self._arrivals.appear(session, now)
            return [*steps, self._change(session, place, message, command, text, now)]

        seq = place.seq(command.seq, command.message_id)
        if seq is None and command.active:
            seq = self._last_of_others(session, place)
        elif seq is None:
            seq = self._last_with(session, place, text)
        return self._places.message(session, place, seq, react, command.id, now)

    def _clean(self, raw: str) -> str:
        text = one_line(clean_text(raw, self._limits))
        if len(text) > self._limits.reaction_characters:
            most = self._limits.reaction_characters
            raise TooLong(f"A reaction has at most {most} characters; this one has {len(text)}.")
        return text

    def _last_of_others(self, session: Session, place: Place) -> int:
        room, identities = place.room, session.identities
        for message in reversed(room.recent):
            if not message.deleted and room.authors.get(message.seq) not in identities:
                return message.seq
        raise NoSuchMessage(f"Nobody else has said anything in {place.title} lately.")

    def _last_with(self, session: Session, place: Place, text: str) -> int:
        own = _by(session, text)
        for message in reversed(place.room.recent):
            if reacted(message, own, active=False) is not message:
                return message.seq
        raise NoSuchReaction(
            f"You have not reacted with {text} to anything said in {place.title} lately."
        )

    def _check(self, session: Session, message: Message, text: str, *, active: bool) -> None:
        """Raise `NoSuchReaction` or `LimitReached` if nobody may react so."""
        changed = reacted(message, _by(session, text), active=active)
        if changed is message and not active:
            raise NoSuchReaction(f"You have not reacted with {text} to this message.")
        most = self._limits.message_reactions
        if changed is not message and len(changed.reactions) > most:
            raise LimitReached(f"There are {most} reactions to this message already.")

    def _change(
        self,
        session: Session,
        place: Place,
        message: Message,
        command: commands.React,
        text: str,
        now: int,
    ) -> Deliver:
        """React to a message, keep that, and tell all who hear the place."""
        room, active = place.room, command.active
        reaction = _by(session, text)
        changed = reacted(message, reaction, active=active)
        told = self._told(session, command, text, place.shown, message, now)
        if changed is message:
            return Deliver.to(session, told)
        room.amend(changed)

        def undo() -> None:
            room.amend(reacted(room.find(message.seq) or changed, reaction, active=not active))

        record = ReactionKept(
            room_id=room.id,
            seq=message.seq,
            reaction=text,
            nick=reaction.nick,
            user=reaction.user,
            account=reaction.account,
            active=active,
        )
        shown = self._places.audience(place, message.seq)
        audience = self._people.ignoring.hearing(shown, session)
        return Deliver(audience, told, origin=session, record=record, undo=undo)

    def _pass_on(
        self, session: Session, to: Session, command: commands.React, text: str, now: int
    ) -> list[Step]:
        """Tell somebody a reaction to what is not kept."""
        if command.message_id is None:
            raise NoSuchMessage("What you tell each other is not kept; name a message by its id.")
        steps = self._arrivals.appear(session, now)
        told = self._told(session, command, text, f"@{to.nick}", None, now)
        hearing = self._people.ignoring.hearing(to.everywhere, session)
        audience = tuple(dict.fromkeys((*hearing, *session.everywhere)))
        return [*steps, Deliver(audience, told, origin=session)]

    def _told(
        self,
        session: Session,
        command: commands.React,
        text: str,
        shown: str,
        message: Message | None,
        now: int,
    ) -> events.Reacted:
        return events.Reacted(
            room=shown,
            seq=message.seq if message is not None else 0,
            id=message.id if message is not None else command.message_id or "",
            author=message.nick if message is not None else "",
            nick=session.nick or "",
            user=session.user,
            at=now,
            reaction=text,
            active=command.active,
            account=session.account_name,
            re=command.id,
        )


def _by(session: Session, text: str) -> Reaction:
    return Reaction(
        reaction=text, nick=session.nick or "", user=session.user, account=session.account_name
    )
