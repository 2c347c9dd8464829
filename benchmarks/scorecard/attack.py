"""The attackers of row 10, in a process of their own so that they slow no honest client down."""

from __future__ import annotations

import json
import multiprocessing
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

ADDRESSES = 100
"""From which the slow ones come."""

SLOW_RATE = 400
"""New ones of these a second."""

FLOODS = 10
"""Addresses that connect and connect."""

LINE = json.dumps({"type": "say", "text": "flood"}).encode() + b"\n"


@dataclass(slots=True)
class Outcome:
    """What came of an attack."""

    slow: int = 0
    """Connections that say a byte now and then."""
    cut: int = 0
    """Of these, how many the server has ended."""
    longest: float = 0.0
    """Seconds after which the last of them was."""
    tried: int = 0
    """Connections of those who connect and connect."""
    turned_away: int = 0
    """Of these, how many were told that they are too many."""
    sent: int = 0
    """Lines that the flooders got rid of."""


@contextmanager
def attacking(port: int, slow: int, flooders: int, seconds: float) -> Iterator[Connection]:
    """Attack for so many seconds; the connection gives the `Outcome` once all of it is over."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_attack, args=(theirs, port, slow, flooders, seconds))
    process.start()
    theirs.close()
    try:
        ours.recv()
        yield ours
    finally:
        process.kill()
        process.join()
        ours.close()


def _attack(done: Connection, port: int, slow: int, flooders: int, seconds: float) -> None:
    done.send("here")
    outcome = Outcome(slow=slow)
    poll = select.poll()
    dripping: dict[int, tuple[socket.socket, float]] = {}
    flooding = [_flooder(port, number) for number in range(flooders)]
    start = time.monotonic()
    end = start + seconds
    dripped = start
    opened = 0
    while (now := time.monotonic()) < end or (dripping and now < end + 60):
        while opened < min(slow, SLOW_RATE * (now - start)):
            sock = _connected(port, f"127.2.0.{1 + opened % ADDRESSES}")
            sock.send(b'{"type":"hel')
            dripping[sock.fileno()] = sock, now
            poll.register(sock, select.POLLIN)
            opened += 1
        if now > dripped + 1:
            dripped = now
            for sock, _ in dripping.values():
                _push(sock, b"l")
        for fd, _ in poll.poll(10):
            sock, since = dripping[fd]
            if not _read(sock):
                outcome.cut += 1
                outcome.longest = max(outcome.longest, time.monotonic() - since)
                poll.unregister(sock)
                del dripping[fd]
                sock.close()
        if now < end:
            for number in range(FLOODS):
                outcome.tried += 1
                outcome.turned_away += _turned_away(port, f"127.3.0.{1 + number}")
            for sock in flooding:
                outcome.sent += _push(sock, LINE * 20) // len(LINE)
                _read(sock)
        elif flooding:
            for sock in flooding:
                sock.close()
            flooding = []
    done.send(outcome)


def _connected(port: int, source: str) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
    sock.setblocking(False)
    return sock


def _flooder(port: int, number: int) -> socket.socket:
    sock = _connected(port, f"127.4.0.{1 + number}")
    for command in (
        {"type": "hello", "nick": f"flooder{number}"},
        {"type": "join", "room": "lobby"},
    ):
        sock.send(json.dumps(command).encode() + b"\n")
    return sock


def _push(sock: socket.socket, data: bytes) -> int:
    """How much of it the socket takes."""
    try:
        return sock.send(data)
    except OSError:
        return 0


def _read(sock: socket.socket) -> bool:
    """Whether the connection is still there; what the server says is of no interest."""
    try:
        return bool(sock.recv(1 << 16))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _turned_away(port: int, source: str) -> bool:
    """Connect, and be gone: at once if let in, else after having heard why not."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10, (source, 0)) as sock:
            sock.settimeout(0.02)
            return b"connections" in sock.recv(4096)
    except OSError:
        return False
