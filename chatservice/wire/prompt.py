"""The wire that asks for a user name first; docs/protocol-prompt.md tells it whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chatservice.domain import events
from chatservice.domain.commands import Command
from chatservice.domain.errors import LimitReached
from chatservice.domain.events import Event
from chatservice.domain.rooms import LOBBY
from chatservice.wire.codec import Alike, Circumstances, Encoder, Reply, Wire
from chatservice.wire.sentences import sentence
from chatservice.wire.words import ENTERING, introduced, line_of, lines, said, typed, where

PROMPT = "Please enter your username: "

_SEGMENT = re.compile(rb"%s|[^\n]*\n|[^\n]+" % PROMPT.encode())
# Older clients look for names in all of a chunk: where a text reads like an announcement, its
# blank becomes one that they do not know.
_ANNOUNCES = re.compile(r"(?<=SERVER:) |(?<=\[..:..\]) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWanted(Event):
    """The connection is asked for a name."""


class PromptEncoder:
    """Events as lines with the time, or with `SERVER:`."""

    def __init__(self, local_time: Callable[[int], str]) -> None:
        self._local_time = local_time

    def encode(self, event: Event) -> bytes:
        """The lines of an event."""
        return self._text(event).encode("utf-8", "replace")

    def encode_own(self, event: Event) -> bytes:
        """The same, but nothing for what one has said to a room, or for one's own coming."""
        if isinstance(event, (events.Message, events.Joined)):
            return b""
        if isinstance(event, events.Private):
            return self._said(event, f"[private] to {event.to}: ").encode("utf-8", "replace")
        return self.encode(event)

    def _text(self, event: Event) -> str:
        if isinstance(event, NameWanted):
            return PROMPT
        if isinstance(event, events.Message):
            return self._said(event, f"{where(event.room)}{event.nick}: ")
        if isinstance(event, events.Private):
            return self._said(event, f"[private] {event.nick}: ")
        if isinstance(event, events.Welcome):
            return f"Welcome {event.nick}! You are now connected to the chat server.\n"
        if isinstance(event, events.Closing) and event.code == LimitReached.code:
            return f"{event.text}\n"
        if isinstance(event, events.Closing) and event.code == "shutdown":
            return "SERVER: Server is shutting down. Goodbye!\n"
        if isinstance(event, events.Failed) and event.re == ENTERING:
            return lines("SERVER: ", event.text) + PROMPT
        return self._sentence(event)

    def _sentence(self, event: Event) -> str:
        text = sentence(event)
        told = "" if text is None else lines("SERVER: ", _harmless(text))
        if isinstance(event, (events.Entered, events.HistoryPage)):
            told = "" if event.re == ENTERING else told
            told += "".join(self._text(message) for message in event.messages)
        if isinstance(event, events.Kicked) and event.room == LOBBY:
            told += f"SERVER: {event.nick} has left the chat.\n"  # what older clients look for
        return told

    def _said(self, event: events.Message | events.Private, start: str) -> str:
        time = self._local_time(event.at)
        return lines(f"[{time}] {_harmless(start)}", _harmless(said(event)))


def _harmless(text: str) -> str:
    """The text as it is seen, without anything that a client takes for an announcement."""
    return _ANNOUNCES.sub("\N{NO-BREAK SPACE}", text)


class PromptCodec(Alike):
    """A connection that is asked for a name, and then types."""

    __slots__ = ("_circumstances", "encoder")
    fragments: bool = True

    def __init__(self, circumstances: Circumstances, encoder: Encoder) -> None:
        self._circumstances = circumstances
        self.encoder: Encoder = encoder

    def greet(self) -> Reply:
        """The prompt."""
        return Reply((NameWanted(),))

    def decode(self, unit: bytes) -> Command | tuple[Command, ...] | Reply | None:
        """A name, then one command for each line. Raises `UnknownCommand` or `BadInput`."""
        line = line_of(unit)
        if self._circumstances.named():
            return typed(line)
        if not line and b"\xff" in unit:
            return None  # telnet has said something by itself, and the person not yet
        host = self._circumstances.host.replace(":", "-")
        return introduced(line, default_nick=f"User-{host}")

    def blame(self, _unit: bytes) -> str | None:
        """Who has no name yet is asked again."""
        return None if self._circumstances.named() else ENTERING


def wire(local_time: Callable[[int], str]) -> Wire:
    """The registry's row; `local_time` gives the `HH:MM` of a time in UTC milliseconds."""
    encoder = PromptEncoder(local_time)
    return Wire(
        name="prompt",
        make=lambda circumstances: PromptCodec(circumstances, encoder),
        segments=_SEGMENT.findall,
        port=8888,
    )
