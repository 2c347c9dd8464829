"""Wires whose units are JSON objects, glued or split anyhow."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatservice.domain.errors import BadInput
from chatservice.net.house import Connection
from chatservice.net.peer import Peer
from chatservice.wire.codec import Wire
from chatservice.wire.objects import ObjectSplitter


@implementer(IHalfCloseableProtocol)
class ObjectProtocol(Protocol):
    """Cuts bytes into objects; what cannot be one is refused, and ends the connection."""

    peer: Peer
    transport: Any

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire
        self._objects = ObjectSplitter()
        self._paused = False

    def connectionMade(self) -> None:
        """Become a peer of the chat."""
        self.peer = Peer(self._connection, self._wire, self.transport, self)

    def dataReceived(self, data: bytes) -> None:
        """Take what arrived at once."""
        self._objects.feed(data)
        try:
            self._hand_up()
        except BadInput as error:
            self._objects = ObjectSplitter()
            self.peer.dismiss(error)
        self.peer.chunk_done()

    def pauseProducing(self) -> None:
        """Hand up no more units."""
        self._paused = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Go on, with what was received meanwhile first."""
        self._paused = False
        self.transport.resumeProducing()
        self.dataReceived(b"")

    def readConnectionLost(self) -> None:
        """The peer will send no more; it may read its answers."""
        self.peer.end()

    def writeConnectionLost(self) -> None:
        """Never asked for."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave the chat."""
        del reason
        self.peer.lost()

    def _hand_up(self) -> None:
        while not self._paused:
            unit = self._objects.next()
            if len(unit or self._objects) > self.peer.unit_bytes:
                self._objects = ObjectSplitter()
                self.peer.too_long("JSON object")
                return
            if unit is None:
                return
            self.peer.unit(unit)
