"""The native wire: one JSON object a line, each a domain command or event."""

from __future__ import annotations

from chatservice.domain.commands import Command
from chatservice.domain.events import (
    AccountChanged,
    Ack,
    Event,
    Gone,
    Greeting,
    Joined,
    Message,
    Roster,
    Signalled,
    TypingNow,
)
from chatservice.wire.codec import Alike, Encoder, Wire
from chatservice.wire.schema import command_id, dump, load_command


class JsonEncoder:
    """Events as JSON lines; the author of a message gets its acknowledgement instead."""

    def encode(self, event: Event) -> bytes:
        """One line; nothing for what only other wires need: here `left` says who is gone."""
        if isinstance(event, (Roster, Greeting, Gone, Signalled)):
            return b""
        # The id that somebody's client chose is nobody else's business.
        return dump(event, without="re") + b"\n"

    def encode_own(self, event: Event) -> bytes:
        """The same, but an acknowledgement for a message, and nothing of what one knows oneself."""
        if isinstance(event, (Joined, Signalled, TypingNow, AccountChanged)):
            return b""
        if isinstance(event, Message):
            event = Ack(room=event.room, seq=event.seq, id=event.id, at=event.at, re=event.re)
        return dump(event) + b"\n"


ENCODER: Encoder = JsonEncoder()


class JsonCodec(Alike):
    """A connection that speaks JSON lines."""

    encoder: Encoder = ENCODER
    fragments: bool = False

    def greet(self) -> None:
        """Nothing: the client says hello first."""

    def decode(self, unit: bytes) -> Command | None:
        """One command; None for an empty line. Raises `BadInput` or `UnknownCommand`."""
        return load_command(unit) if unit.strip() else None

    def blame(self, unit: bytes) -> str | None:
        """The `id` in the refused object."""
        return command_id(unit)


WIRE = Wire(
    name="json",
    make=lambda _circumstances: JsonCodec(),
    starts=lambda first: first.startswith(b"{"),
)
