"""The wires a client can speak, and the lines that they travel in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

from twisted.internet.error import (
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,  # noqa: A004
    DNSLookupError,
    TCPTimedOutError,
)
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from chatservice.wire.schema import dump, load_event

WireName = Literal["json", "pipe"]

LINE_BYTES = 4 * 1024 * 1024
"""The longest line taken from a server: a history page of many long messages."""


_SENTENCES: dict[type[Exception], str] = {
    ConnectionDone: "The server closed the connection.",
    ConnectionLost: "The connection was lost.",
    ConnectionRefusedError: "No server answers at this address.",
    DNSLookupError: "There is no host of this name.",
    TCPTimedOutError: "The server cannot be reached.",
    ValueError: "There is no host of this name.",
}


def sentence(why: Failure) -> str:
    """Why a connection ended or did not come about, for a person."""
    known = why.check(*_SENTENCES)
    return _SENTENCES[known] if known is not None else why.getErrorMessage()


class ClientWire(Protocol):
    """The client's side of a wire; times are UTC in milliseconds."""

    name: WireName

    def encode(self, command: Command, now: int) -> tuple[bytes, tuple[Event, ...]]:
        """The bytes to send, and the events that the wire itself answers with."""

    def decode(self, line: bytes, now: int) -> tuple[Event, ...]:
        """The events in a line. Raises `ChatError`."""


class JsonWire:
    """The native wire."""

    name: WireName = "json"

    def encode(self, command: Command, now: int) -> tuple[bytes, tuple[Event, ...]]:  # noqa: ARG002
        """One line."""
        return dump(command) + b"\n", ()

    def decode(self, line: bytes, now: int) -> tuple[Event, ...]:  # noqa: ARG002
        """One event; none for an empty line or an unknown type. Raises `BadInput`."""
        event = load_event(line) if line.strip() else None
        return () if event is None else (event,)


class ServerLines(LineReceiver):
    """Tells each line, and the end, of a connection to a server."""

    delimiter = b"\n"
    MAX_LENGTH = LINE_BYTES

    def __init__(
        self,
        on_line: Callable[[ServerLines, bytes], None],
        on_lost: Callable[[ServerLines, Failure], None],
    ) -> None:
        self._on_line = on_line
        self._on_lost = on_lost

    def abort(self) -> None:
        """Drop the connection, if there is one, with all that waits in it."""
        transport: Any = self.transport
        if transport is not None:
            transport.abortConnection()

    def lineReceived(self, line: bytes) -> None:
        """One line, without its end."""
        self._on_line(self, line.removesuffix(b"\r"))

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        """The end."""
        self._on_lost(self, reason)
