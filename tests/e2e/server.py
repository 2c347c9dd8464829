"""A real `twistd chat` on a free port, and a client that is nothing but a socket."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
"""After which a test gives up waiting: long, for a machine that has other things to do."""

TWISTD = (sys.executable, "-c", "from twisted.scripts.twistd import run; run()")
_OPEN = re.compile(r"Chat is open on TCP port (\d+)")


def environment() -> dict[str, str]:
    """This process's environment, in which `twistd` finds the chat of this tree from anywhere."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def until(condition: Callable[[], Any], what: str = "it") -> Any:
    """Wait until `condition` gives something true, and give that; fails after `SECONDS`."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} did not come to pass in {SECONDS:g} seconds"
        time.sleep(0.02)
    return found


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    state: Path
    log: Path

    def connect(self) -> Client:
        """A new connection to its shared port."""
        return Client(socket.create_connection(("127.0.0.1", self.port), SECONDS))

    def enter(self, nick: str, room: str = "lobby") -> Client:
        """A new connection that speaks the native wire at once and is in a room."""
        client = self.connect()
        client.say(type="hello", nick=nick)
        client.say(type="join", room=room)
        client.event("entered")
        return client

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@contextmanager
def serving(
    state: Path,
    *options: str,
    port: int = 0,
    command: tuple[str, ...] = TWISTD,
    env: dict[str, str] | None = None,
    preexec: Callable[[], None] | None = None,
) -> Iterator[Server]:
    """Run a server that keeps its chat in `state`, with its log beside it, and kill it at the end.

    It announces nothing unless `--announce-to` is among the options.
    """
    state.parent.mkdir(parents=True, exist_ok=True)
    log = state.with_name(f"{state.name}.log")
    quiet = () if "--announce-to" in options else ("--no-announce",)
    arguments = ["-n", "--pidfile=", "chat", "--port", str(port), "--state", str(state)]
    with log.open("ab") as sink:
        start = sink.tell()
        process = subprocess.Popen(
            [*command, *arguments, *quiet, *options],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=state.parent,
            env=env or environment(),
            preexec_fn=preexec,
        )
    try:

        def opened() -> re.Match[str] | None:
            text = log.read_bytes()[start:].decode()
            assert process.poll() is None, text
            return _OPEN.search(text)

        found = until(opened, "the start of the server")
        yield Server(process, int(found[1]), state, log)
    finally:
        process.kill()
        process.wait()


@dataclass
class Client:
    """A connection; everything waits for `SECONDS` at most."""

    socket: socket.socket
    seen: list[bytes] = field(default_factory=list)
    _rest: bytes = b""

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def say(self, **command: object) -> None:
        """Send a command of the native wire."""
        self.send(json.dumps(command, ensure_ascii=False).encode() + b"\n")

    def line(self) -> bytes:
        """The next line without its end; empty at the end of the connection."""
        while b"\n" not in self._rest:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                rest, self._rest = self._rest, b""
                return rest
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        self.seen.append(line)
        return line

    def until(self, part: bytes) -> bytes:
        """Read lines until one has this in it, and give that; all of them go into `seen`."""
        while line := self.line():
            if part in line:
                return line
        raise AssertionError(f"the connection ended before {part!r}; it had {self.seen[-20:]!r}")

    def event(self, kind: str) -> dict[str, Any]:
        """The next event of this type on the native wire; others before it are passed over."""
        while line := self.line():
            found: dict[str, Any] = json.loads(line)
            if found["type"] == kind:
                return found
        raise AssertionError(f"the connection ended before {kind!r}; it had {self.seen[-20:]!r}")

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        while self.line():
            pass
        return b"\n".join(self.seen)

    def close(self) -> None:
        """End the connection."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
