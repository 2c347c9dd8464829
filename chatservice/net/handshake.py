"""Ports for WebSockets: the HTTP request at the start, and what is said when it asks for less."""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from wsproto import ConnectionType
from wsproto.events import AcceptConnection, RejectConnection, Request
from wsproto.handshake import H11Handshake
from wsproto.utilities import RemoteProtocolError

from chatservice.app import Timer
from chatservice.net.house import Connection
from chatservice.net.websocket import WebSocketProtocol
from chatservice.wire.codec import Wire

_REQUEST = re.compile(rb"[!-~]+ [!-~]+ HTTP/1\.[0-9]\r?\n")
_UPGRADE = re.compile(rb"[^\n]+ HTTP/1\.[1-9]\r?\n(?:.+\n)*upgrade[ \t]*:", re.IGNORECASE)
_END = re.compile(rb"\n\r?\n")


class Refused(Exception):
    """The request is none that opens a WebSocket here."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class HandshakeProtocol(Protocol):
    """A new connection: once a WebSocket is open, it is handed over for good."""

    transport: Any

    def __init__(self, connection: Connection, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire
        self._head = b""
        self._timer: Timer | None = None

    def connectionMade(self) -> None:
        """Wait for the request, not for ever."""
        house = self._connection.house
        self._timer = house.clock.callLater(house.limits.introduction_seconds, self._too_late)

    def dataReceived(self, data: bytes) -> None:
        """Take a part of the request."""
        self._head += data
        try:
            end = self._end()
            if end is not None:
                self._open(self._head[:end], self._head[end:])
        except Refused as refused:
            self._refuse(refused)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone before anything was said."""
        del reason
        self._stop_waiting()
        self._connection.gone()

    def _end(self) -> int | None:
        """Where the request ends, None while it does not. Raises `Refused`."""
        head = self._head
        if not head[:1].isalpha() or (b"\n" in head and not _REQUEST.match(head)):
            raise Refused(HTTPStatus.BAD_REQUEST, "A WebSocket begins with a request of HTTP/1.1.")
        end = _END.search(head)
        size = len(head) if end is None else end.end()
        most = self._connection.house.limits.unit_bytes
        if size > most:
            raise Refused(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"A request can have {most} bytes at most.",
            )
        return None if end is None else size

    def _open(self, head: bytes, rest: bytes) -> None:
        """Agree to a WebSocket, and hand over. Raises `Refused`."""
        if not _UPGRADE.match(head):
            raise Refused(HTTPStatus.UPGRADE_REQUIRED, "This port speaks WebSocket only.")
        shaking = H11Handshake(ConnectionType.SERVER)
        request = _asked(shaking, head)
        if not _same_host(request):
            raise Refused(HTTPStatus.FORBIDDEN, "A page of another host may not connect here.")
        known = self._wire.subprotocols
        chosen = next((each for each in request.subprotocols if each in known), None)
        self._stop_waiting()
        self.transport.write(shaking.send(AcceptConnection(subprotocol=chosen)))
        wire = self._wire if chosen is None else replace(self._wire, make=known[chosen])
        opened = WebSocketProtocol(self._connection, wire)
        self.transport.protocol = opened
        opened.makeConnection(self.transport)
        if rest:
            opened.dataReceived(rest)

    def _too_late(self) -> None:
        self._timer = None
        seconds = self._connection.house.limits.introduction_seconds
        sentence = f"Nothing usable was said within {seconds:g} seconds."
        self._refuse(Refused(HTTPStatus.REQUEST_TIMEOUT, sentence))

    def _refuse(self, refused: Refused) -> None:
        self._stop_waiting()
        self._connection.house.refusals.note(
            f"handshake-{refused.status.value}", self._connection.address
        )
        self.transport.write(answer(refused.status, refused.sentence))
        self.transport.loseConnection()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def answer(status: HTTPStatus, sentence: str) -> bytes:
    """An HTTP answer other than a WebSocket, after which the connection is closed."""
    body = f"{sentence}\n".encode()
    fields = {
        "Connection": "close",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
    }
    if status is HTTPStatus.UPGRADE_REQUIRED:
        fields |= {
            "Connection": "close, upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
        }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _asked(shaking: H11Handshake, head: bytes) -> Request:
    """What a request asks for. Raises `Refused`."""
    try:
        shaking.receive_data(head)
        request = next(shaking.events())
        if isinstance(request, Request):
            return request
        sentence = "That is no request for a WebSocket."
    except RemoteProtocolError as error:
        hint = error.event_hint
        if isinstance(hint, RejectConnection) and hint.status_code == HTTPStatus.UPGRADE_REQUIRED:
            raise Refused(HTTPStatus.UPGRADE_REQUIRED, "Only version 13 is spoken here.") from None
        sentence = f"{error}."
    except UnicodeError:
        sentence = "The request has characters that can't be."
    raise Refused(HTTPStatus.BAD_REQUEST, sentence)


def _same_host(request: Request) -> bool:
    """Whether it comes from no web page, or from one of the host that it goes to."""
    try:
        here = urlsplit(f"//{request.host}").hostname
        origins = [value for name, value in request.extra_headers if name == b"origin"]
        return all(urlsplit(origin.decode()).hostname == here for origin in origins)
    except ValueError:
        return False
