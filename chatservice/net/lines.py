"""Wires whose units are lines."""

from __future__ import annotations

import re

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatservice.app import Timer
from chatservice.domain.errors import BadInput
from chatservice.net.house import Connection
from chatservice.net.peer import Peer
from chatservice.net.transport import unread
from chatservice.wire.codec import Wire

_FIRST_BYTES = {
    b"\x16": "There is no TLS on this port; come without it.",
    b"\r\n\r\n\0\r\nQUIT\n": "There is no PROXY header on this port; come without it.",
}
"""How every TLS connection (RFC 8446, 5.1) and one by a proxy's second version begins; nobody types
either."""

_FIRST_LINES = {
    rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|PRI) [^ ]+ HTTP/[0-9.]+\r?": (
        "This is a chat, and no web site; come with a chat client."
    ),
    rb"SSH-[0-9.]+-[!-~]+( .*)?\r?": "This is a chat, and no SSH; come with a chat client.",
    rb"PROXY (TCP[46]|UNKNOWN)( .*)?\r?": "There is no PROXY header on this port; come without it.",
}
"""The first lines of what does not chat (HTTP; RFC 4253, 4.2; a proxy's first version)."""


@implementer(IHalfCloseableProtocol)
class LineProtocol(LineReceiver):
    """Cuts bytes into lines; where the wire says so, silence ends a line too."""

    delimiter = b"\n"
    peer: Peer

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire
        self._fragment: Timer | None = None
        self._begun = False

    @property
    def MAX_LENGTH(self) -> int:  # type: ignore[override]
        """The longest line that is accepted now, in bytes."""
        return self.peer.unit_bytes

    def connectionMade(self) -> None:
        """Become a peer of the chat."""
        self.peer = Peer(self._connection, self._wire, self.transport, self)

    def dataReceived(self, data: bytes) -> None:
        """Take what arrived at once."""
        self._stop_fragment()
        if not (self._begun or self._buffer):
            for foreign, sentence in _FIRST_BYTES.items():
                if data.startswith(foreign):
                    # A web page may have chosen some of TLS: line ends, and commands behind them.
                    self.peer.dismiss(BadInput(sentence))
                    return
        super().dataReceived(data)
        self.peer.chunk_done()
        if self._buffer and self.peer.fragments and not self.paused:
            self._wait()

    def lineReceived(self, line: bytes) -> None:
        """Take one line."""
        if not self._begun:
            for foreign, sentence in _FIRST_LINES.items():
                if re.fullmatch(foreign, line):
                    # Any web page can have its reader's browser say HTTP, and then what it wants.
                    self.peer.dismiss(BadInput(sentence))
        self._begun = True
        self.peer.unit(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a line that is too long, or has no end."""
        del line
        self.peer.too_long()

    def readConnectionLost(self) -> None:
        """The peer will send no more: what it sent last counts, and it may read its answers."""
        self._stop_fragment()
        rest = self.clearLineBuffer()
        if rest:
            self.lineReceived(rest)
        self.peer.end()

    def writeConnectionLost(self) -> None:
        """Never asked for."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave the chat."""
        del reason
        self._stop_fragment()
        self.peer.lost()

    def _wait(self) -> None:
        house = self._connection.house
        self._fragment = house.clock.callLater(house.limits.fragment_seconds, self._silence)

    def _silence(self) -> None:
        self._fragment = None
        if unread(self.transport):  # the event loop was busy, not the client silent
            self._wait()
            return
        self.lineReceived(self.clearLineBuffer())
        self.peer.chunk_done()

    def _stop_fragment(self) -> None:
        if self._fragment is not None:
            self._fragment.cancel()
            self._fragment = None
