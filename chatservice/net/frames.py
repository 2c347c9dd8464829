"""Wires whose units are frames: a 4-byte length, then that many bytes."""

from __future__ import annotations

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import Int32StringReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatservice.net.house import Connection
from chatservice.net.peer import Peer
from chatservice.wire.codec import Wire


@implementer(IHalfCloseableProtocol)
class FrameProtocol(Int32StringReceiver):
    """Cuts bytes into frames; of one that is too long nothing but the length is looked at."""

    peer: Peer

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire

    @property
    def MAX_LENGTH(self) -> int:  # type: ignore[override]
        """The longest frame that is accepted now, in bytes."""
        return self.peer.unit_bytes

    def connectionMade(self) -> None:
        """Become a peer of the chat."""
        self.peer = Peer(self._connection, self._wire, self.transport, self)

    def dataReceived(self, data: bytes) -> None:
        """Take what arrived at once."""
        super().dataReceived(data)
        self.peer.chunk_done()

    def stringReceived(self, string: bytes) -> None:
        """Take one frame."""
        self.peer.unit(string)

    def lengthLimitExceeded(self, length: int) -> None:
        """Refuse a frame that is too long before any of it is kept."""
        del length
        self._unprocessed = b""
        self.peer.too_long("frame")

    def readConnectionLost(self) -> None:
        """The peer will send no more; it may read its answers."""
        self.peer.end()

    def writeConnectionLost(self) -> None:
        """Never asked for."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave the chat."""
        del reason
        self.peer.lost()
