"""Listening ports: who is let in, and how a shared port finds out what a client speaks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatservice.app import Timer
from chatservice.domain.errors import LimitReached
from chatservice.domain.events import Closing
from chatservice.net.admission import Admission, host_and_address
from chatservice.net.frames import FrameProtocol
from chatservice.net.handshake import HandshakeProtocol, answer
from chatservice.net.house import Connection, House
from chatservice.net.lines import LineProtocol
from chatservice.net.objects import ObjectProtocol
from chatservice.net.port import TurnedAway
from chatservice.net.transport import unread
from chatservice.wire.codec import Circumstances, Framing, Wire
from chatservice.wire.registry import Registry

FRAMINGS: dict[Framing, Callable[[Connection, Wire], Protocol]] = {
    "lines": LineProtocol,
    "frames": FrameProtocol,
    "objects": ObjectProtocol,
    "messages": HandshakeProtocol,
}
"""What cuts a connection's bytes into units."""


@implementer(IHalfCloseableProtocol)
class Sniffer(Protocol):
    """A new connection: looks at its first bytes, then hands over to its wire for good."""

    transport: Any

    def __init__(self, connection: Connection, registry: Registry) -> None:
        self._connection = connection
        self._registry = registry
        self._first = b""
        self._timer: Timer | None = None

    def connectionMade(self) -> None:
        """Wait for bytes, or for silence."""
        self._wait()

    def dataReceived(self, data: bytes) -> None:
        """Look at the first bytes."""
        self._first += data
        most = self._connection.house.limits.sniff_bytes
        wire = self._registry.tell(self._first[:most], final=len(self._first) >= most)
        if wire is not None:
            self._hand_over(wire)

    def readConnectionLost(self) -> None:
        """The client will send no more: what it has sent is told now, and counts."""
        chosen = IHalfCloseableProtocol(self._told(), None) if self._first else None
        if chosen is None:
            self.transport.loseConnection()
        else:
            chosen.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Never asked for."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone before anything was told."""
        del reason
        self._stop_waiting()
        self._connection.gone()

    def _wait(self) -> None:
        house = self._connection.house
        self._timer = house.clock.callLater(house.limits.sniff_seconds, self._silence)

    def _silence(self) -> None:
        self._timer = None
        if unread(self.transport):  # the event loop was busy, not the client silent
            self._wait()
            return
        self._told()

    def _told(self) -> Protocol:
        """Hand over to what the first bytes tell, now that there are no more."""
        return self._hand_over(
            self._registry.tell(self._first, final=True) or self._registry.greeting
        )

    def _hand_over(self, wire: Wire) -> Protocol:
        self._stop_waiting()
        chosen = FRAMINGS[wire.framing](self._connection, wire)
        self.transport.protocol = chosen
        chosen.makeConnection(self.transport)
        if self._first:
            chosen.dataReceived(self._first)
        return chosen

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class ChatFactory(Factory):
    """Makes the protocol of each new connection: of the port's one wire, or a sniffer."""

    noisy = False

    def __init__(
        self, house: House, registry: Registry, admission: Admission, wire: Wire | None = None
    ) -> None:
        self._house = house
        self._registry = registry
        self._admission = admission
        self._wire = wire

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """A protocol for a connection from `addr`, one that turns it away if need be."""
        host, address = host_and_address(addr)
        try:
            self._admission.enter(host)
        except LimitReached as error:
            self._house.refusals.note(error.code, host)
            return TurnedAway(self._refusal(address, error))
        connection = Connection(
            house=self._house,
            address=address,
            throttled=self._admission.throttled(host),
            gone=partial(self._admission.leave, host),
        )
        if self._wire is None:
            return Sniffer(connection, self._registry)
        return FRAMINGS[self._wire.framing](connection, self._wire)

    def _refusal(self, address: str, error: LimitReached) -> bytes:
        wire = self._wire or self._registry.greeting
        if wire.framing == "messages":
            return answer(HTTPStatus.SERVICE_UNAVAILABLE, error.sentence)
        codec = wire.make(Circumstances(address=address, limits=self._house.limits))
        return codec.encoder.encode(Closing(code=error.code, text=error.sentence))
