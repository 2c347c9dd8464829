"""The wire on which people are their 6-digit ids; docs/protocol-pychat.md tells it whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatservice.domain import events
from chatservice.domain.commands import Command, Enter
from chatservice.domain.events import Event
from chatservice.domain.rooms import LOBBY
from chatservice.wire.codec import Alike, Encoder, Reply, Wire
from chatservice.wire.sentences import sentence
from chatservice.wire.words import ENTERING, each_line, line_of, lines, said, typed, where


class PychatEncoder:
    """Events as lines that name people by their ids."""

    def encode(self, event: Event) -> bytes:
        """The lines of an event."""
        return self._text(event).encode("utf-8", "replace")

    def encode_own(self, event: Event) -> bytes:
        """The same, what one has said oneself too, but nothing for one's own coming."""
        if isinstance(event, events.Joined):
            return b""
        if isinstance(event, events.Private):
            whom = event.to_user or event.to  # who is not here has no id
            return lines(f"[Private] To {whom}: ", said(event)).encode("utf-8", "replace")
        return self.encode(event)

    def _text(self, event: Event) -> str:
        if isinstance(event, events.Message):
            return lines(f"{where(event.room)}{event.user}: ", said(event))
        if isinstance(event, events.Private):
            return lines(f"[Private] {event.user}: ", said(event))
        if isinstance(event, events.Welcome):
            return f"Welcome to PyChat Server!\nID:{event.user}\n"
        if isinstance(event, events.Roster):
            return f"USERS:{','.join(person.user for person in event.people)}\n"
        if isinstance(event, (events.Joined, events.Left)) and event.room == LOBBY:
            return ""
        if isinstance(event, events.Entered) and event.re == ENTERING:
            return ""
        return self._sentence(event)

    def _sentence(self, event: Event) -> str:
        if isinstance(event, events.Renamed):
            text: str | None = f"{event.user} is now known as {event.new}."
        elif isinstance(event, events.People):
            people = ", ".join(_both_names(each.nick, each.user) for each in event.people)
            text = f"In #{event.room}: {people or 'nobody'}"
        else:
            text = sentence(_named(event))
        told = "" if text is None else lines("[System] ", text)
        if isinstance(event, (events.LoggedIn, events.LoggedOut)):
            told = f"ID:{event.user}\n{told}"
        if isinstance(event, (events.Entered, events.HistoryPage)):
            told += "".join(self._text(message) for message in event.messages)
        return told


def _both_names(nick: str, user: str) -> str:
    return user if nick == user else f"{user} ({nick})"


def _named(event: Event) -> Event:
    """An event in which people have both names wherever it tells of which id they are."""
    if isinstance(event, events.Joined):
        person = event.person
        return replace(event, person=replace(person, nick=_both_names(person.nick, person.user)))
    if isinstance(event, events.Found):
        named = (replace(each, nick=_both_names(each.nick, each.user)) for each in event.messages)
        return replace(event, messages=tuple(named))
    # Whoever deletes something may not be who has said it.
    user_of = {"by": "user"} if isinstance(event, events.Deleted) else _USER_OF
    told = {
        nick: _both_names(nick, user)
        for name, id_ in user_of.items()
        if (nick := getattr(event, name, "")) and (user := getattr(event, id_, ""))
    }
    fields: Any = {
        name: told[nick] for name in _NAMES if (nick := getattr(event, name, None)) in told
    }
    return replace(event, **fields) if fields else event


_NAMES = ("nick", "by", "author")
_USER_OF = {"nick": "user", "by": "by_user"}


ENCODER: Encoder = PychatEncoder()


class PychatCodec(Alike):
    """A connection that is a person at once, and types."""

    encoder: Encoder = ENCODER
    fragments: bool = True

    def greet(self) -> Command:
        """To be in the lobby, under the id."""
        return Enter(id=ENTERING)

    def decode(self, unit: bytes) -> Command | Reply | None:
        """One command; None for a blank line. Raises `UnknownCommand` or `BadInput`."""
        return typed(line_of(unit))

    def blame(self, _unit: bytes) -> None:
        """Lines have no id."""


WIRE = Wire(
    name="pychat", make=lambda _circumstances: PychatCodec(), segments=each_line, port=65432
)
