"""The `VERB|payload` wire of netcat and of older clients; docs/protocol-pipe.md tells it whole."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatservice.domain import events
from chatservice.domain.commands import Command, Listen, Say, SetNick
from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.events import Event, Person
from chatservice.domain.text import visible
from chatservice.wire.codec import Alike, Circumstances, Encoder, Reply, Wire
from chatservice.wire.sentences import as_it_is, said, sentence
from chatservice.wire.slash import SLASH, SetView, ShowHelp, text_of
from chatservice.wire.words import line_of, lines, where

_VERB = re.compile(r"([A-Z]+(?:_[A-Z]+)*)\|")
"""What counts as a verb at the start of a line; anything else is chat."""

_TOO_LATE = {
    "a JSON object": re.compile(r'\s*\{.*"(?:type|action)"\s*:', re.DOTALL),
    "IRC": re.compile(
        r"CAP (?:LS|LIST|REQ|END)\b|PASS :|(?:PASS|NICK) \S+$|USER(?: \S+){4}|JOIN #|PRIVMSG \S+ :",
        re.IGNORECASE,
    ),
}
"""What is said in another wire, by who spoke too late to be told by it."""

GREETING = "Welcome! Here are the recent messages:"
HINT = "Type /help for all commands, /plain for lines that are easier on the eyes."


class _Listing:
    """The people of the last user list as text: the next list mostly is that one and a newcomer."""

    def __init__(self) -> None:
        self._people: tuple[Person, ...] = ()
        self._text = ""

    def of(self, people: tuple[Person, ...]) -> str:
        """The text of these people."""
        if people is not self._people:
            known = len(self._people)
            if not known or people[:known] != self._people:
                known, self._text = 0, ""
            new = ",".join(f"{person.nick}({person.address})" for person in people[known:])
            self._text += f",{new}" if self._text and new else new
            self._people = people
        return self._text


_LISTING = _Listing()


def _said(message: events.Message) -> str:
    return lines(f"MSG|{where(message.room)}{message.nick}: ", said(message))


def _told(private: events.Private, *, own: bool) -> str:
    whom = f"to {private.to}" if own else private.nick
    return lines(f"MSG|[private] {whom}: ", said(private))


class PipeEncoder:
    """Events as lines for programs."""

    def encode(self, event: Event) -> bytes:
        """The lines of an event."""
        return self._text(event).encode("utf-8", "replace")

    def encode_own(self, event: Event) -> bytes:
        """The same, but nothing for what one has said oneself to a room."""
        if isinstance(event, events.Message):
            return b""
        if isinstance(event, events.Private):
            return _told(event, own=True).encode("utf-8", "replace")
        return self.encode(event)

    def _text(self, event: Event) -> str:
        if isinstance(event, events.Message):
            return _said(event)
        if isinstance(event, events.Private):
            return _told(event, own=False)
        if isinstance(event, events.Roster):
            return f"ULIST|{_LISTING.of(event.people)}\n"
        if isinstance(event, events.Greeting):
            messages = "".join(_said(message) for message in event.messages)
            return f"SRV|{GREETING}\n{messages}SRV|{HINT}\nULIST|{_LISTING.of(event.people)}\n"
        text = sentence(event)
        told = "" if text is None else lines("SRV|", text)
        if isinstance(event, (events.Entered, events.HistoryPage)):
            told += "".join(_said(message) for message in event.messages)
        return told


class PlainEncoder:
    """Events as lines for eyes, as `/plain` asks for."""

    def __init__(self, local_time: Callable[[int], str]) -> None:
        self._local_time = local_time

    def encode(self, event: Event) -> bytes:
        """The lines of an event."""
        return self._text(event).encode("utf-8", "replace")

    def encode_own(self, event: Event) -> bytes:
        """The same, but nothing for what one has said oneself to a room."""
        if isinstance(event, events.Message):
            return b""
        if isinstance(event, events.Private):
            return self._told(event, f"to {event.to}").encode("utf-8", "replace")
        return self.encode(event)

    def _text(self, event: Event) -> str:
        if isinstance(event, events.Message):
            return self._said(event)
        if isinstance(event, events.Private):
            return self._told(event, event.nick)
        text = GREETING if isinstance(event, events.Greeting) else sentence(event)
        told = "" if text is None else lines("* ", text)
        if isinstance(event, (events.Greeting, events.Entered, events.HistoryPage)):
            told += "".join(self._said(message) for message in event.messages)
        return told

    def _said(self, message: events.Message) -> str:
        start = f"{self._local_time(message.at)} {where(message.room)}"
        name = f"* {message.nick} " if message.kind == "action" else f"<{message.nick}> "
        return lines(f"{start}{name}", as_it_is(message, message.text))

    def _told(self, private: events.Private, name: str) -> str:
        return lines(f"{self._local_time(private.at)} [private {name}] ", said(private))


ENCODER: Encoder = PipeEncoder()


class PipeCodec(Alike):
    """A connection that speaks `VERB|payload` lines, or just types."""

    __slots__ = ("_address", "_new", "_plain", "encoder")
    fragments: bool = True

    def __init__(self, circumstances: Circumstances, plain: Encoder) -> None:
        self._address = circumstances.address
        self._plain = plain
        self._new = True
        self.encoder: Encoder = ENCODER

    def greet(self) -> Command:
        """The lobby's greeting, before the connection has a name."""
        return Listen(default_nick=f"User_{self._address}")

    def decode(self, unit: bytes) -> Command | Reply | None:
        """One command; None for a blank line. Raises `UnknownCommand` or `BadInput`."""
        line = visible(line_of(unit))
        if self._new:
            _check_wire(line)
            self._new = not line.strip()
        verb = _VERB.match(line)
        if verb is None:
            return self._typed(line)
        payload = line[verb.end() :]
        if verb[1] == "CMD_USER":
            return SetNick(nick=payload)
        if verb[1] == "MSG":
            # What stands before the first ": " is the nick that the client claims to be.
            _, claimed, text = payload.partition(": ")
            return self._typed(text if claimed else payload)
        raise UnknownCommand(f"There is no verb {verb[1][:32]}; use MSG|, CMD_USER| or plain text.")

    def blame(self, _unit: bytes) -> None:
        """Lines have no id."""

    def _typed(self, line: str) -> Command | Reply | None:
        if not line.strip():
            return None
        parsed = SLASH.parse(line)
        if parsed is None:
            return Say(text=text_of(line))
        if isinstance(parsed, ShowHelp):
            return Reply((events.Notice(text="\n".join(SLASH.help(parsed.topic))),))
        if isinstance(parsed, SetView):
            self.encoder = self._plain if parsed.plain else ENCODER
            way = "for eyes; /raw changes back" if parsed.plain else "for programs"
            return Reply((events.Notice(text=f"Lines are {way}."),))
        return parsed


def _check_wire(line: str) -> None:
    """Raise `BadInput` for what nobody wants to tell everybody: it may hold a password."""
    for other, looks in _TOO_LATE.items():
        if looks.match(line):
            raise BadInput(
                f"This looks like {other}. Say it at once on connecting, before the greeting."
            )


def wire(local_time: Callable[[int], str]) -> Wire:
    """The registry's row; `local_time` gives the `HH:MM` of a time in UTC milliseconds."""
    plain = PlainEncoder(local_time)
    return Wire(
        name="pipe",
        make=lambda circumstances: PipeCodec(circumstances, plain),
        starts=lambda _first: True,
    )
