"""The attackers of row 10, in a process of their own so that they slow no honest client down."""

from __future__ import annotations

import json
import multiprocessing
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from chatservice.net.admission import WINDOW

ADDRESSES = 100
"""From which the slow ones come."""

SLOW_RATE = 400
"""New ones of these a second."""

FLOODS = 10
"""Addresses that connect and connect."""

KNOCK_SECONDS = 0.02
"""From one connection of each of these to its next one."""

MOST_KNOCKING = 400
"""Connections of these that wait for an answer at a time."""

PATIENCE = 60.0
"""Seconds after which who is not cut never will be."""

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
    greeted: int = 0
    """How many connections of those who connect and connect were let in."""
    turned_away: int = 0
    """How many of theirs were told that they are too many."""
    knocked: float = 0.0
    """For how many seconds they did."""
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


class _Attack:
    """All attackers, in one loop."""

    def __init__(self, port: int, slow: int, flooders: int) -> None:
        self.outcome = Outcome(slow=slow)
        self._port = port
        self._poll = select.poll()
        self._dripping: dict[int, tuple[socket.socket, float]] = {}
        self._knocking: dict[int, socket.socket] = {}
        self._flooding = [_flooder(port, number) for number in range(flooders)]

    def run(self, seconds: float) -> None:
        """Attack, then wait until the last of the slow ones is cut, though not for ever."""
        start = dripped = knocked = time.monotonic()
        opened = 0
        while (now := time.monotonic()) < start + seconds:
            while opened < min(self.outcome.slow, SLOW_RATE * (now - start)):
                self._creep(f"127.2.0.{1 + opened % ADDRESSES}", now)
                opened += 1
            if now > dripped + 1:
                dripped = now
                for sock, _ in self._dripping.values():
                    _push(sock, b"l")
            if now > knocked + KNOCK_SECONDS:
                knocked = now
                self._knock()
            for sock in self._flooding:
                self.outcome.sent += _push(sock, LINE * 20) // len(LINE)
                _read(sock)
            self._listen()
        # On a machine that is taken away they may have been too few so far to be too many.
        while not self.outcome.turned_away and time.monotonic() < start + seconds + WINDOW:
            self._knock()
            self._listen()
        self.outcome.knocked = time.monotonic() - start
        for sock in self._knocking.values():
            self._poll.unregister(sock)
        for sock in (*self._flooding, *self._knocking.values()):
            sock.close()
        while self._dripping and time.monotonic() < start + seconds + PATIENCE:
            self._listen()

    def _creep(self, source: str, now: float) -> None:
        sock = _connected(self._port, source)
        sock.send(b'{"type":"hel')
        self._dripping[sock.fileno()] = sock, now
        self._poll.register(sock, select.POLLIN)

    def _knock(self) -> None:
        """One connection more from each address, while not too many wait for an answer."""
        for number in range(FLOODS if len(self._knocking) < MOST_KNOCKING else 0):
            sock = _connected(self._port, f"127.3.0.{1 + number}")
            self._knocking[sock.fileno()] = sock
            self._poll.register(sock, select.POLLIN)

    def _listen(self) -> None:
        """Count who is cut, who is turned away, and who is greeted: that one is gone at once."""
        for fd, _ in self._poll.poll(10):
            if fd in self._knocking:
                sock = self._knocking.pop(fd)
                self.outcome.greeted += b"Welcome" in (heard := _read(sock) or b"")
                self.outcome.turned_away += b"More than" in heard
            else:
                sock, since = self._dripping[fd]
                if _read(sock) != b"":
                    continue
                del self._dripping[fd]
                self.outcome.cut += 1
                self.outcome.longest = max(self.outcome.longest, time.monotonic() - since)
            self._poll.unregister(sock)
            sock.close()


def _attack(done: Connection, port: int, slow: int, flooders: int, seconds: float) -> None:
    # An attacker takes the server's time by what it sends, not by running on the same machine.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    done.send("here")
    attack = _Attack(port, slow, flooders)
    attack.run(seconds)
    done.send(attack.outcome)


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


def _read(sock: socket.socket) -> bytes | None:
    """What has come; None for nothing yet, and nothing at the end of the connection."""
    try:
        return sock.recv(1 << 16)
    except BlockingIOError:
        return None
    except OSError:
        return b""
