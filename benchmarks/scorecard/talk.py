"""One client of the `json` wire that waits for what it asked for."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any, Self

SECONDS = 30.0
"""After which an answer that has not come never will."""

Event = dict[str, Any]


class Talker:
    """A connection; `events` are all that it was told since it was asked last."""

    def __init__(
        self, port: int, nick: str = "", host: str = "127.0.0.1", room: str = "lobby"
    ) -> None:
        self._socket = socket.create_connection((host, port), SECONDS)
        self._rest = b""
        if nick:
            self.tell(type="hello", nick=nick)
            self.tell(type="join", room=room)
            self.until("entered")

    def tell(self, **command: object) -> None:
        """Send a command."""
        self.send(json.dumps(command).encode() + b"\n")

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def until(self, *kinds: str, re: str | None = None, seconds: float = SECONDS) -> Event:
        """The next event of one of these kinds, to this command if one is named."""
        end = time.monotonic() + seconds
        for event in self.events(end):
            if event["type"] in kinds and re in (None, event.get("re")):
                return event
        raise TimeoutError(f"no {' or '.join(kinds)} within {seconds:g} s")

    def ask(self, re: str, **command: object) -> Event:
        """Give a command with this id; what is said to it."""
        self.tell(**command, id=re)
        end = time.monotonic() + SECONDS
        for event in self.events(end):
            if event.get("re") == re:
                return event
        raise TimeoutError(f"no answer to {command} within {SECONDS:g} s")

    def events(self, end: float) -> Iterator[Event]:
        """What comes until this time; ends with the connection."""
        for line in self.lines(end):
            yield json.loads(line)

    def lines(self, end: float) -> Iterator[bytes]:
        """The same by lines."""
        while True:
            line, newline, rest = self._rest.partition(b"\n")
            if newline:
                self._rest = rest
                yield line
                continue
            left = end - time.monotonic()
            if left <= 0:
                return
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(1 << 18)
            except TimeoutError:
                return
            except ConnectionResetError:
                data = b""
            if not data:
                return
            self._rest += data

    def close(self) -> None:
        """Cut the connection."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
