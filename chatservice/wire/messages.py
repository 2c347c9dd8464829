"""A wire of lines in WebSocket messages: a line to each, without its end."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from weakref import WeakValueDictionary

from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from chatservice.wire.codec import Circumstances, Codec, Encoder, Make, Reply, Wire

TEXT, BINARY = 0x81, 0x82
"""How a message begins that is one frame (RFC 6455 section 5.2), by what is in it."""


def message(kind: int, data: bytes) -> bytes:
    """A whole message from a server."""
    size = len(data)
    if size < 126:
        return bytes((kind, size)) + data
    if size < 65536:
        return struct.pack("!BBH", kind, 126, size) + data
    return struct.pack("!BBQ", kind, 127, size) + data


def messages(kind: int, lines: bytes) -> bytes:
    """Lines, each as a message without the end of the line."""
    return b"".join(message(kind, line.removesuffix(b"\r")) for line in lines.split(b"\n") if line)


class MessageEncoder:
    """The lines of another encoder, as messages: nothing in them is of one connection alone."""

    __slots__ = ("__weakref__", "_kind", "_lines")

    def __init__(self, lines: Encoder, kind: int) -> None:
        self._lines = lines
        self._kind = kind

    def encode(self, event: Event) -> bytes:
        """The messages of an event."""
        return messages(self._kind, self._lines.encode(event))

    def encode_own(self, event: Event) -> bytes:
        """The messages of an event for the one whose command it was."""
        return messages(self._kind, self._lines.encode_own(event))


_ENCODERS: WeakValueDictionary[tuple[Encoder, int], MessageEncoder] = WeakValueDictionary()
"""One for all connections of the same form, as long as there is any."""


class MessageCodec:
    """One connection's side of a wire of lines that comes in messages."""

    __slots__ = ("_kind", "_lines", "_of", "encoder", "personal")
    encoder: Encoder
    personal: Encoder
    fragments: bool = False

    def __init__(self, lines: Codec, kind: int) -> None:
        self._lines = lines
        self._kind = kind
        self._choose_encoder()

    @property
    def probe(self) -> bytes:
        """What asks a silent client for a sign of life, as messages."""
        return messages(self._kind, self._lines.probe)

    def greet(self) -> Command | Reply | None:
        """What the wire says by itself."""
        return self._lines.greet()

    def decode(self, unit: bytes) -> Command | Reply | tuple[Command | Reply, ...] | None:
        """What a message asks for; a line end after it is none of its own."""
        asked = self._lines.decode(unit.rstrip(b"\r\n"))
        if self._lines.encoder is not self._of:
            self._choose_encoder()
        return asked

    def blame(self, unit: bytes) -> str | None:
        """The client's own id of a refused message."""
        return self._lines.blame(unit)

    def _choose_encoder(self) -> None:
        self._of = self._lines.encoder
        key = self._of, self._kind
        encoder = _ENCODERS.get(key) or MessageEncoder(*key)
        self.encoder = _ENCODERS[key] = encoder
        personal = self._lines.personal
        self.personal = encoder if personal is self._of else MessageEncoder(personal, self._kind)


def carried(
    name: str, wire: Wire, kind: int, subprotocols: Mapping[str, int] | None = None
) -> Wire:
    """A wire in messages of a kind; of another one for who agrees on one of the sub-protocols."""
    kinds = subprotocols or {}
    return Wire(
        name=name,
        make=_made(wire.make, kind),
        framing="messages",
        strict=wire.strict,
        subprotocols={each: _made(wire.make, kinds[each]) for each in kinds},
    )


def _made(make: Make, kind: int) -> Make:
    def made(circumstances: Circumstances) -> Codec:
        return MessageCodec(make(circumstances), kind)

    return made
