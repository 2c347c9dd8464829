"""What operators of the server do to people, and say to each other."""

from __future__ import annotations

from chatservice.domain import commands, events
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import NoSuchPerson, TooLong
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Disconnect, Step
from chatservice.domain.text import clean_text, one_line


class Policing:
    """The commands for operators of the server alone."""

    def __init__(self, state: ChatState) -> None:
        self._state = state
        self._people = state.people
        self._limits = state.limits
        self.methods: Methods = {
            commands.Kill: self._kill,
            commands.Announce: self._announce,
            commands.Broadcast: self._broadcast,
        }

    def _kill(self, session: Session, command: commands.Kill, now: int) -> list[Step]:
        session.check_operator()
        found = self._people.find(command.nick)
        if not found.connections:
            raise NoSuchPerson(f"{found.nick} is not connected.")
        reason = self._sentence(command.reason) if command.reason.strip() else ""
        why = f"{session.nick}: {reason}" if reason else f"{session.nick}"
        notice = events.Notice(text=f"{found.nick} is put out of the chat.", re=command.id)
        closing = events.Closing(code="killed", text=f"You were put out by {why}.")
        connections = found.connections
        return [
            Deliver.to(session, notice),
            *self._state.remove(found, now, f"Killed ({why})"),
            *(Deliver.to(each, closing) for each in connections),
            *(Disconnect(each) for each in connections),
        ]

    def _announce(self, session: Session, command: commands.Announce, now: int) -> list[Step]:
        session.check_operator()
        text = one_line(clean_text(command.text, self._limits))
        told = events.Announcement(
            nick=session.nick or "", user=session.user, at=now, text=text, re=command.id
        )
        return [Deliver(tuple(self._people.operators), told, origin=session)]

    def _broadcast(self, session: Session, command: commands.Broadcast, _now: int) -> list[Step]:
        session.check_operator()
        text = one_line(clean_text(command.text, self._limits))
        told = events.Notice(text=f"From the operators of this server: {text}", re=command.id)
        inside = (State.NAMELESS, State.PRESENT)
        audience = tuple(each for each in self._people.sessions if each.state in inside)
        return [Deliver(audience, told, origin=session)]

    def _sentence(self, reason: str) -> str:
        """A reason in one line. Raises `TooLong`."""
        line = one_line(clean_text(reason, self._limits))
        most = self._limits.reason_characters
        if len(line) > most:
            raise TooLong(f"A reason has at most {most} characters; this one has {len(line)}.")
        return line
