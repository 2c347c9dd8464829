"""The socket of the server's own operator: the native wire, and what only this process can do."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatservice.domain.commands import Command, Enter
from chatservice.domain.errors import BadInput
from chatservice.net.house import Connection, House
from chatservice.net.lines import LineProtocol
from chatservice.wire.json import WIRE as NATIVE
from chatservice.wire.names import COMMANDS
from chatservice.wire.schema import load_object

WIRE = replace(NATIVE, name="control")
"""The native wire, as it is called here."""

NICK = "chatctl"
"""What the operator is called by those who are told who did something."""

_log = Logger()


class Visit(LineProtocol):
    """A connection of the operator, who is in no room and may do anything.

    `gone` is called at its end.
    """

    transport: Any

    def __init__(self, connection: Connection, own: Own) -> None:
        super().__init__(connection, WIRE)
        self._own = own
        self.gone: Callable[[], None] = lambda: None

    def connectionMade(self) -> None:
        """Come in, without a password."""
        super().connectionMade()
        self._connection.house.chat.hub.empower(self.peer.session)
        self.do(Enter(default_nick=NICK, aside=True))

    def lineReceived(self, line: bytes) -> None:
        """Do what is asked for: here, or as on every other connection."""
        try:
            asked = load_object(line)
        except BadInput:
            asked = {}
        name = asked.get("type")
        if isinstance(name, str) and (name in self._own or name in COMMANDS) and name != "ping":
            _log.info("Told to {command} by chatctl", event="control", command=name)
        if isinstance(name, str) and name in self._own:
            self._own[name](self, asked)
        else:
            super().lineReceived(line)

    def do(self, command: Command) -> None:
        """Have the chat do something for the operator."""
        self._connection.house.chat.execute(self.peer.session, command)

    def answer(self, name: str, asked: Mapping[str, Any], **fields: Any) -> None:
        """Tell how something came out that was asked for."""
        line = json.dumps({"type": name, "re": asked.get("id"), **fields})
        self.transport.write(line.encode() + b"\n")

    def refuse(self, asked: Mapping[str, Any], sentence: str) -> None:
        """Tell why something is not done."""
        self.answer("error", asked, code="refused", text=sentence)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave."""
        super().connectionLost(reason)
        self.gone()


Do = Callable[[Visit, Mapping[str, Any]], None]
"""Does what an object asks for."""

Own = Mapping[str, Do]
"""What this process does itself, by the type of the object that asks for it."""


class Doorkeeper(Protocol):
    """A new connection: let in if it is root's or the server's own user's."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def connectionMade(self) -> None:
        """Hand over, or close."""
        transport: Any = self.transport
        user = user_of(transport)
        if user not in (0, os.geteuid()):
            _log.warn("User {user} may not use chatctl", event="control-refused", user=user)
            transport.abortConnection()
            return
        transport.protocol = self._visit
        self._visit.makeConnection(transport)


class ControlFactory(Factory):
    """Makes the protocol of each new connection; knows which visits go on."""

    noisy = False

    def __init__(self, house: House, own: Own) -> None:
        self._house = house
        self._own = own

    def buildProtocol(self, addr: object) -> Protocol:
        """A protocol for whoever is let in."""
        del addr
        connection = Connection(
            house=self._house, address="local", throttled=False, gone=lambda: None
        )
        return Doorkeeper(Visit(connection, self._own))


def user_of(transport: Any) -> int:
    """The user id of the process at the other end of a local socket."""
    size = struct.calcsize("3i")
    found = transport.getHandle().getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _process, user, _group = struct.unpack("3i", found)
    return int(user)
