"""The connection of `chatctl` to a server."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from chatservice.state import CONTROL

SECONDS = 30.0
"""That a server may take to answer, but for what takes long."""

Fields = dict[str, Any]


class Refused(Exception):
    """Something can't be done; the sentence says why."""


class Control:
    """The connection to a server, on which one is called `user`."""

    def __init__(self, state: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SECONDS)
        try:
            self._socket.connect(str(state / CONTROL))
        except OSError as error:
            raise Refused(
                f"No server can be told anything in {state} ({error.strerror or error});"
                " --state DIR says where it keeps its chat."
            ) from None
        self._lines = self._socket.makefile("rb")
        self.user: str | None = None

    def ask(self, kind: str, **fields: Any) -> Fields:
        """Have the chat do something; what it answers, if anything. Raises `Refused`."""
        self._send(type=kind, id="asked", **fields)
        self._send(type="ping", id="last")
        answer: Fields = {}
        while (event := self._event()).get("re") != "last":
            if _answers(event):
                answer = answer or _accepted(event)
        return answer

    def have(self, kind: str, **fields: Any) -> Fields:
        """Have the server itself do something, however long it takes. Raises `Refused`."""
        self._socket.settimeout(None)
        self._send(type=kind, id="asked", **fields)
        while not _answers(event := self._event()):
            pass
        return _accepted(event)

    def wait(self) -> None:
        """Wait for the end of the connection."""
        while self._lines.read(65536):
            pass

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._socket.close()

    def _send(self, **command: Any) -> None:
        given = {name: value for name, value in command.items() if value is not None}
        try:
            self._socket.sendall(json.dumps(given).encode() + b"\n")
        except OSError:
            raise Refused(_ENDED) from None

    def _event(self) -> Fields:
        try:
            line = self._lines.readline()
        except TimeoutError:
            raise Refused(f"The server has not answered for {SECONDS:g} seconds.") from None
        except OSError:
            line = b""
        if not line:
            raise Refused(_ENDED)
        event: Fields = json.loads(line)
        if event["type"] == "welcome":
            self.user = event["user"]
        return event


_ENDED = "The server has ended the connection: it is closing, or this is another user's server."


def _answers(event: Fields) -> bool:
    """Whether this is about what was asked; a refusal of what can't be read does not say so."""
    return event.get("re") == "asked" or (event["type"] == "error" and not event.get("re"))


def _accepted(event: Fields) -> Fields:
    if event["type"] == "error":
        raise Refused(event["text"])
    return event
