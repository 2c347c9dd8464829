"""The wire of frames with their length before them; docs/protocol-framed.md tells it whole."""

from __future__ import annotations

from chatservice.domain import events
from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from chatservice.wire.codec import Alike, Circumstances, Encoder, Reply, Wire
from chatservice.wire.sentences import sentence
from chatservice.wire.words import ENTERING, introduced, said, typed, where


def frame(text: str) -> bytes:
    """A text behind its length: 4 bytes, the highest first."""
    data = text.encode("utf-8", "replace")
    return len(data).to_bytes(4, "big") + data


class FramedEncoder:
    """Events as frames, each one message or one sentence of the server, of any number of lines."""

    def encode(self, event: Event) -> bytes:
        """The frames of an event."""
        if isinstance(event, events.Message):
            return frame(f"{where(event.room)}{event.nick}: {said(event)}")
        if isinstance(event, events.Private):
            return frame(f"[private] {event.nick}: {said(event)}")
        if isinstance(event, events.Welcome):
            return frame(f"* Welcome, {event.nick}! /help shows all commands.")
        text = sentence(event)
        told = b"" if text is None else frame(f"* {text}")
        if isinstance(event, (events.Entered, events.HistoryPage)):
            told = b"" if event.re == ENTERING else told
            told += b"".join(map(self.encode, event.messages))
        return told

    def encode_own(self, event: Event) -> bytes:
        """The same, but nothing for what one has said to a room, or for one's own coming."""
        if isinstance(event, (events.Message, events.Joined)):
            return b""
        if isinstance(event, events.Private):
            return frame(f"[private] to {event.to}: {said(event)}")
        return self.encode(event)


ENCODER: Encoder = FramedEncoder()


class FramedCodec(Alike):
    """A connection that says its name in the first frame, and then types."""

    __slots__ = ("_circumstances",)
    encoder: Encoder = ENCODER
    fragments: bool = False

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances

    def greet(self) -> None:
        """Nothing: the client says its name first."""

    def decode(self, unit: bytes) -> Command | tuple[Command, ...] | Reply | None:
        """A name, then one command for each frame. Raises `UnknownCommand` or `BadInput`."""
        text = unit.decode("utf-8", "replace").rstrip()
        return typed(text) if self._circumstances.named() else introduced(text)

    def blame(self, _unit: bytes) -> None:
        """Frames have no id."""


WIRE = Wire(name="framed", make=FramedCodec, framing="frames", port=9999)
