"""Wires whose units are WebSocket messages."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from wsproto import connection as websocket
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.frame_protocol import CloseReason
from zope.interface import implementer

from chatservice.net.house import Connection
from chatservice.net.peer import Peer
from chatservice.wire.codec import Wire


@implementer(IHalfCloseableProtocol)
class WebSocketProtocol(Protocol):
    """An open WebSocket: puts messages together from the frames that they come in."""

    peer: Peer
    transport: Any

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire
        self._socket = websocket.Connection(ConnectionType.SERVER)
        self._message = bytearray()
        self._paused = False
        self._taking = False
        self._deaf = False
        self._code: int = CloseReason.NORMAL_CLOSURE

    def connectionMade(self) -> None:
        """Become a peer of the chat."""
        self.peer = Peer(self._connection, self._wire, self.transport, self, self._close)

    def dataReceived(self, data: bytes) -> None:
        """Take what arrived at once."""
        if self._socket.state is not ConnectionState.CLOSED:
            self._socket.receive_data(data)
            self._take()

    def pauseProducing(self) -> None:
        """Hand up no more units."""
        self._paused = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Go on, with what was received meanwhile first."""
        self._paused = False
        self.transport.resumeProducing()
        self._take()

    def readConnectionLost(self) -> None:
        """The peer will send no more, and no Close frame either; it may read its answers."""
        self._deaf = True
        if self.peer.closing:
            self.transport.loseConnection()
        self.peer.end()

    def writeConnectionLost(self) -> None:
        """Never asked for."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave the chat."""
        del reason
        self.peer.lost()

    def _take(self) -> None:
        if self._paused or self._taking:
            return
        self._taking = True
        for event in self._socket.events():
            self._happened(event)
            if self._paused:
                break
        self._taking = False
        self.peer.chunk_done()

    def _happened(self, event: Event) -> None:
        if isinstance(event, CloseConnection):
            self._closed(event)
        elif self.peer.closing:
            return
        elif isinstance(event, (BytesMessage, TextMessage)):
            self._add(event)
        elif isinstance(event, Ping):
            self.peer.send(self._socket.send(event.response()), asked_for=False)
            self.peer.count()
        elif isinstance(event, Pong):
            self.peer.count()

    def _add(self, part: BytesMessage | TextMessage) -> None:
        """A part of a message, which may be a frame or what there is of it by now."""
        data = part.data
        self._message += data.encode() if isinstance(data, str) else data
        if len(self._message) > self.peer.unit_bytes:
            self._message.clear()
            self._code = CloseReason.MESSAGE_TOO_BIG
            self.peer.too_long("message")
        elif part.message_finished:
            unit = bytes(self._message)
            self._message.clear()
            self.peer.unit(unit)
        elif part.frame_finished:
            self.peer.count()

    def _closed(self, event: CloseConnection) -> None:
        """The peer closes, has closed too, or has sent what no WebSocket sends."""
        self._deaf = True
        if self.peer.closing:
            self.transport.loseConnection()
            return
        self._code = event.code
        if self._socket.state is ConnectionState.OPEN:
            self._connection.house.refusals.note("bad-frame", self._connection.address)
        self.peer.end()

    def _close(self) -> None:
        """Say that it is over; then read on until the peer has said so, if it still can."""
        if self._connection.house.chat.stopping:
            self._code = CloseReason.GOING_AWAY
        self.transport.write(self._socket.send(CloseConnection(code=self._code)))
        if self._deaf:
            self.transport.loseConnection()
        else:
            self.resumeProducing()
