"""Row 11: what is left of those who have left; and the file limit."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import insides, servers
from benchmarks.scorecard.frame import Effort, Figure
from benchmarks.scorecard.talk import SECONDS, Talker

AT_ONCE = 30
"""Connections of one wire at the same time."""

GROWN = 1.05
"""By so many times memory may have grown."""

FILES = 200
"""The file limit of the server that meets its own."""

SURELY_IN = 120
"""Connections that it lets in: it keeps 64 files for other things."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset."""


@dataclass(frozen=True, slots=True)
class Visit:
    """How a client of a wire comes, what shows that it is in, how it goes."""

    come: Callable[[str], bytes]
    inside: bytes
    go: bytes = b""


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def _frame(text: str) -> bytes:
    return len(text).to_bytes(4, "big") + text.encode()


def _messages(*texts: str) -> bytes:
    """WebSocket messages, masked with zeros."""
    return b"".join(bytes((0x82, 0x80 | len(text), 0, 0, 0, 0)) + text.encode() for text in texts)


_SHAKE = _lines(
    "GET / HTTP/1.1",
    "Host: chat.example",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
)
_CLOSE = b"\x88\x80\0\0\0\0"
_CHANNEL = {"channelName": "team", "channelPassword": "secret"}


def _irc(nick: str) -> tuple[str, ...]:
    return f"NICK {nick}", f"USER {nick} 0 * :x", "JOIN #lobby"


VISITS = {
    "json": Visit(
        lambda nick: _lines(
            json.dumps({"type": "hello", "nick": nick}),
            json.dumps({"type": "join", "room": "lobby"}),
        ),
        b'"type":"entered"',
        _lines('{"type":"quit"}'),
    ),
    "irc": Visit(lambda nick: _lines(*_irc(nick)), b" 366 ", _lines("QUIT :bye")),
    "irc-ws": Visit(lambda nick: _SHAKE + _messages(*_irc(nick)), b" 366 ", _CLOSE),
    "pipe": Visit(lambda nick: _lines(f"CMD_USER|{nick}"), b" has joined the chat."),
    "prompt": Visit(lambda nick: _lines(nick), b"You are now connected", _lines("/exit")),
    "framed": Visit(_frame, b"Welcome", _frame("/quit")),
    "pychat": Visit(lambda nick: _lines(f"/nick {nick}"), b"USERS:", _lines("/quit")),
    "channels": Visit(
        lambda nick: json.dumps({"action": "joinChannel", **_CHANNEL, "memberName": nick}).encode(),
        b"joined successfully",
    ),
}
"""For each wire."""


def row(effort: Effort) -> Iterator[Figure]:
    """Comings and goings over each wire, then a server at its file limit."""
    # First, what is remembered of the latest ones is filled up: the largest cache has 8,192 people
    # of one wire, where one visitor in three is cut before it is anybody.
    first, number = effort.pick(tiny=(20, 20), quick=(300, 200), long=(13_000, 50_000))
    with _running() as (_, ports, held):
        founder = socket.create_connection(("127.0.0.1", ports["channels"]))
        made = {"action": "createChannel", **_CHANNEL, "memberName": "founder"}
        founder.sendall(json.dumps(made).encode())
        _read_until(founder, b'"success": true')
        for wire, port in ports.items():
            _visits(port, wire, VISITS[wire], 0, first // _dear(wire))
        before = held()
        for wire, port in ports.items():
            _visits(port, wire, VISITS[wire], first, number // _dear(wire))
        end = time.monotonic() + SECONDS
        while (after := held()) != before and time.monotonic() < end:
            if after["files"] <= before["files"] and after["timers"] <= before["timers"]:
                break
            time.sleep(0.5)
        founder.close()
    cycles = f"{sum(number // _dear(wire) for wire in ports):,} visits"
    for what in ("files", "timers"):
        yield Figure(
            f"{what} after {cycles} over {len(ports)} wires",
            f"{after[what]}",
            f"{before[what]}, as before",
            after[what] <= before[what],
        )
    grown = after["memory"] / before["memory"]
    yield Figure(
        f"memory after {cycles}, against before",
        f"{grown:.3f} times ({after['memory'] / 2**20:.1f} MiB)",
        f"at most {GROWN:g}",
        grown <= GROWN,
    )
    yield from _at_the_file_limit()


def _dear(wire: str) -> int:
    """What the number of a wire's visits is divided by: on one, each has a password hashed."""
    return 10 if wire == "channels" else 1


@contextmanager
def _running() -> Iterator[tuple[servers.Server, dict[str, int], Callable[[], dict[str, int]]]]:
    """A server with a port for each wire, and what tells what it holds."""
    with TemporaryDirectory(prefix="chat-leaks-") as folder:
        path = Path(folder, "insides")
        ports = dict(zip(VISITS, _free_ports(len(VISITS)), strict=True))
        listen = [
            part
            for wire, port in ports.items()
            for part in ("--listen", f"{wire}=tcp:{port}:interface=127.0.0.1")
        ]
        # All of a room's visitors come from one address, and many of them at the same time.
        listen += ["--limit", "password_tries=1000"]
        under = ["env", f"{insides.VARIABLE}={path}"]
        server = servers.chat(f"{folder}/state", *listen, under=under, module="benchmarks.insides")

        def held() -> dict[str, int]:
            path.unlink(missing_ok=True)
            os.kill(server.pid, signal.SIGUSR2)
            end = time.monotonic() + SECONDS
            while not path.exists() and time.monotonic() < end:
                time.sleep(0.01)
            files = len([*Path(f"/proc/{server.pid}/fd").iterdir()])
            told: dict[str, int] = json.loads(path.read_text())
            return {**told, "files": files, "memory": server.resident_bytes}

        try:
            yield server, ports, held
        finally:
            server.kill()


def _free_ports(number: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


def _visits(port: int, wire: str, visit: Visit, first: int, number: int) -> None:
    """So many visits; one in three is cut in its middle, one in three ends without a goodbye."""
    for start in range(first, first + number, AT_ONCE):
        opened: list[tuple[int, socket.socket]] = []
        for index in range(start, min(start + AT_ONCE, first + number)):
            connection = socket.create_connection(("127.0.0.1", port), SECONDS)
            opened.append((index, connection))
            data = visit.come(f"{wire}{index}".replace("-", "_"))
            connection.sendall(data[: len(data) // 2] if index % 3 == 0 else data)
        for index, connection in opened:
            if index % 3 == 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            else:
                _read_until(connection, visit.inside)
                if index % 3 == 1 and visit.go:
                    connection.sendall(visit.go)
                    with suppress(ConnectionResetError):
                        while connection.recv(65536):
                            pass
            connection.close()


def _read_until(connection: socket.socket, part: bytes) -> None:
    seen = b""
    while part not in seen:
        data = connection.recv(65536)
        if not data:
            raise EOFError(f"closed before {part!r}: {seen[-200:]!r}")
        seen += data


def _at_the_file_limit() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="chat-files-") as state, ExitStack() as stack:
        under = ["sh", "-c", f'ulimit -n {FILES}; exec "$@"', "sh"]
        server = servers.chat(state, under=under)
        stack.callback(server.kill)
        ann, bob = (stack.enter_context(Talker(server.port, nick)) for nick in ("ann", "bob"))
        told = 0
        silent = 0
        for index in range(2 * FILES):
            connection = stack.enter_context(
                closing(socket.create_connection(("127.0.0.1", server.port), SECONDS))
            )
            # Who says nothing is told something first: the others' refusal would cross their words.
            if index < SURELY_IN:
                connection.sendall(b'{"type":"ping"}\n')
            answer = connection.recv(4096)
            told += b"full" in answer
            silent += not answer
        served = 0
        for index in range(50):
            served += (
                ann.ask(f"{index}", type="say", room="lobby", text=f"{index}")["type"] == "ack"
            )
            served += bob.until("message")["text"] == f"{index}"
    yield Figure(
        f"at a limit of {FILES} files: who comes then is turned away and told why",
        f"{told}; {silent} more without a word",
        "all",
        told > 0 and not silent,
    )
    yield Figure(
        "at the file limit: messages of those inside that are served",
        f"{served // 2}",
        "50",
        served == 100,
    )
