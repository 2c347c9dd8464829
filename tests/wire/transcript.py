"""Plays a scene with the whole server in memory, and writes down what is said.

A scene is a text file. `#` begins a remark. What happens is one of:

    C1: some text           client 1 sends a line; it is connected before the first one
    C1~ some text           the same without a line end
    C1 connects             and says nothing
    C1 connects to prompt   on a port of that wire's own
    C2 connects from C1's address
    C2 connects from C1's address to prompt
    C1 hangs up
    ... 0.3 seconds pass
    the server stops
    the server starts again and nobody is connected
    the disk fills up
    the disk has room again
    limit unit_bytes 40     before anything else
    limit connections 1     the same

After each of these come the server's lines to each client, `S1: some text`, and `S1 closes`.
They are what a play is compared with. `python -m tests.wire.transcript FILE...` writes them anew.
On a wire of frames each line is one, in which `\\n` stands for a line end. Where units are JSON
objects, each line that the server sends is one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chatservice.wire.framed import frame
from tests.wire.house import Client, Server

GOLDEN = Path(__file__).parent / "golden"

_SAID = re.compile(r"S\d+(?::|~| closes)")


class Stage:
    """A server and its clients in a play."""

    def __init__(self) -> None:
        self._limits: dict[str, Any] = {}
        self._server: Server | None = None
        self._clients: dict[int, Client] = {}
        self._closed: set[int] = set()
        self._acts: tuple[tuple[str, Callable[..., object]], ...] = (
            (r"C(\d+): ?(.*)", lambda n, text: self._send(int(n), f"{text}\n")),
            (r"C(\d+)~ ?(.*)", lambda n, text: self._send(int(n), text)),
            (r"C(\d+) connects", lambda n: self._client(int(n))),
            (r"C(\d+) connects to (\w+)", lambda n, wire: self._client(int(n), wire)),
            (
                r"C(\d+) connects from C(\d+)'s address(?: to (\w+))?",
                lambda n, other, wire: self._client(int(n), wire, int(other)),
            ),
            (r"C(\d+) hangs up", lambda n: self._client(int(n)).hang_up()),
            (r"\.\.\. ([\d.]+) seconds pass", lambda time: self.server.pass_time(float(time))),
            (r"the server stops", lambda: self.server.stop()),
            (r"the server starts again and nobody is connected", self._restart),
            (r"the disk fills up", lambda: self._break("The disk is full")),
            (r"the disk has room again", lambda: self._break(None)),
            (r"limit (\w+) ([\d.]+)", self._limit),
        )

    @property
    def server(self) -> Server:
        """The server, made when it is first needed."""
        if self._server is None:
            self._server = Server(**self._limits)
        return self._server

    def act(self, line: str) -> list[str]:
        """Do what a line says; the server's lines thereupon."""
        for pattern, act in self._acts:
            found = re.fullmatch(pattern, line)
            if found:
                act(*found.groups())
                return list(self._heard())
        raise ValueError(f"This is nothing that can happen: {line}")

    def _heard(self) -> Iterator[str]:
        for number, client in sorted(self._clients.items()):
            if client.framed:
                lines, rest = [each.replace("\n", r"\n") for each in client.frames()], ""
            elif client.speaks_objects:
                lines, rest = client.objects(), ""
            else:
                *lines, rest = client.transport.take().decode().split("\n")
            yield from (f"S{number}: {line}".rstrip() for line in lines)
            if rest:
                yield f"S{number}~ {rest}"
            if client.closed and number not in self._closed:
                self._closed.add(number)
                yield f"S{number} closes"

    def _client(self, number: int, wire: str | None = None, host: int | None = None) -> Client:
        if number not in self._clients:
            self._clients[number] = self.server.connect(number, wire, host)
            self.server.world.settle()
        return self._clients[number]

    def _send(self, number: int, text: str) -> None:
        client = self._client(number)
        if client.framed:
            client.send(frame(text.removesuffix("\n").replace(r"\n", "\n")))
        elif text:
            client.send(text.encode())

    def _restart(self) -> None:
        self.server.restart()
        self._clients.clear()
        self._closed.clear()

    def _break(self, why: str | None) -> None:
        self.server.world.store.broken = why

    def _limit(self, name: str, value: str) -> None:
        self._limits[name] = float(value) if "." in value else int(value)


def play(scene: str) -> str:
    """The scene with the server's lines as they are now."""
    stage = Stage()
    lines: list[str] = []
    for line in scene.splitlines():
        if _SAID.match(line):
            continue
        lines.append(line)
        if line and not line.startswith("#"):
            lines += stage.act(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(play(path.read_text(encoding="utf-8")), encoding="utf-8")
