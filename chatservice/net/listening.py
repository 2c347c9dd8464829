"""Listening ports: open from the start, or there is no start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.endpoints import (
    AdoptedStreamServerEndpoint,
    TCP4ServerEndpoint,
    TCP6ServerEndpoint,
    UNIXServerEndpoint,
    serverFromString,
)
from twisted.internet.error import CannotListenError
from twisted.python.failure import Failure

BACKLOG = 4096
"""Connections that may wait to be accepted: a storm of reconnecting clients fits in."""


BARE = (
    AdoptedStreamServerEndpoint,
    TCP4ServerEndpoint,
    TCP6ServerEndpoint,
    UNIXServerEndpoint,
)
"""Endpoints that have nothing between the socket and the protocol, as TLS would be."""


class CannotListen(Exception):
    """A port can't be opened; the sentence says why, and what would do."""


class Listening:
    """The ports that are open, to be closed together."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._ports: list[Any] = []

    def open_tcp(self, port: int, interface: str, factory: Any, way_out: str) -> int:
        """Listen on a TCP port, and give its number. Raises `CannotListen`."""
        try:
            opened = self._reactor.listenTCP(port, factory, interface=interface)
        except CannotListenError as error:
            raise CannotListen(
                f"TCP port {port} can't be listened on ({_reason(error)}); {way_out}."
            ) from None
        self._ports.append(opened)
        number: int = opened.getHost().port
        return number

    def open(self, said: str, text: str, factory: Any, *, bare: bool = False) -> str:
        """Listen on an endpoint, and give its address; `said` names it. Raises `CannotListen`.

        With `bare`, it can't be one of those that wrap what comes in.
        """
        try:
            endpoint = serverFromString(self._reactor, text)
        except (ValueError, TypeError, LookupError, OSError) as error:
            raise CannotListen(f"{said}: {error}.") from None
        if bare and not isinstance(endpoint, BARE):
            raise CannotListen(
                f"{said} is not possible: nothing is encrypted or wrapped here yet;"
                " it takes endpoints of tcp, tcp6, unix and systemd."
            )

        outcome: list[Any] = []
        endpoint.listen(factory).addBoth(outcome.append)
        if not outcome or isinstance(outcome[0], Failure):
            reason = _reason(outcome[0].value) if outcome else "it can't be opened at once"
            raise CannotListen(f"{said} is not possible ({reason}).")
        self._ports += outcome
        where = outcome[0].getHost()
        return f"{where.host}:{where.port}" if hasattr(where, "port") else str(where.name)

    def open_private(self, path: Path, factory: Any) -> None:
        """Listen at a socket for this user alone, and nobody else's. Raises `CannotListen`.

        What is there already was left by somebody who is gone.
        """
        path.unlink(missing_ok=True)
        try:
            self._ports.append(self._reactor.listenUNIX(str(path), factory, mode=0o600))
        except CannotListenError as error:
            raise CannotListen(
                f"{path} can't be listened on ({_reason(error)});"
                " choose another place with --state."
            ) from None

    def close(self) -> None:
        """Let nobody in any more."""
        for port in self._ports:
            port.stopListening()
        self._ports = []


def _reason(error: BaseException) -> str:
    """Why, in the system's words."""
    cause = getattr(error, "socketError", None) or error
    return str(getattr(cause, "strerror", None) or cause)
