"""Standard input and output, as lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatservice.domain.text import neutral

INPUT_LINE_BYTES = 65536
"""The longest line that is read."""


class Reader(Protocol):
    """Who is told what is read."""

    def line_read(self, text: str) -> None:
        """A line."""

    def input_ended(self) -> None:
        """The end."""

    def output_lost(self) -> None:
        """What is shown is read by nobody any more."""

    def finish(self, code: int, sentence: str) -> None:
        """It can't go on; with an exit code, and why."""


@implementer(IHalfCloseableProtocol)
class Console(LineReceiver):
    """Standard input and output as lines; tells `chat` what is read, and when that ends."""

    delimiter = b"\n"
    MAX_LENGTH = INPUT_LINE_BYTES

    def __init__(self, on_closed: Callable[[], object]) -> None:
        self._chat: Reader | None = None
        self._on_closed = on_closed
        self._deaf = False
        self._mute = False

    def attach(self, chat: Reader) -> None:
        """Hand on what is read from now on."""
        self._chat = chat
        self.resumeProducing()
        if self._deaf:
            chat.input_ended()

    def connectionMade(self) -> None:
        """Read nothing before there is somebody to hand it to."""
        self.pauseProducing()

    def show(self, line: str) -> None:
        """Write a line, with nothing in it that could steer a terminal."""
        if not self._mute:
            self.sendLine(neutral(line.replace("\t", "    ")).encode())

    def close(self) -> None:
        """Let everything be written, then tell that."""
        if self._mute or self.transport is None:
            self._on_closed()
        else:
            self.transport.loseConnection()

    def lineReceived(self, line: bytes) -> None:
        """A line, without its end."""
        if self._chat is not None:
            self._chat.line_read(line.removesuffix(b"\r").decode("utf-8", "replace"))

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002
        """A line that no server would take."""
        if self._chat is not None:
            self._chat.finish(1, f"A line of the input has more than {INPUT_LINE_BYTES} bytes.")

    def readConnectionLost(self) -> None:
        """The end of the input; the last line may have no end of its own."""
        rest = self.clearLineBuffer()
        if rest:
            self.lineReceived(rest)
        self._deaf = True
        if self._chat is not None:
            self._chat.input_ended()

    def writeConnectionLost(self) -> None:
        """Nobody reads any more."""
        self._mute = True
        if self._chat is not None:
            self._chat.output_lost()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # noqa: ARG002
        """All is written."""
        self._mute = True
        self._on_closed()
