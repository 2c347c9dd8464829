"""How long a key takes to be seen in the real terminal client, on a pty, while much happens.

Run as `python -m benchmarks.ui`; it takes about a minute. Every line is a figure, its bar, and
whether it held; the exit code is 1 if one did not.
"""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from string import ascii_lowercase
from tempfile import TemporaryDirectory

from benchmarks import machine, servers
from chatservice.domain.events import Message
from chatservice.domain.records import Said
from chatservice.storage.sqlite import SqliteStore

BAR_MS = 50.0
HISTORY = 100_000
RATE = 500
"""Messages a second."""

FLOOD_SECONDS = 10
LETTERS = 20
COLUMNS, ROWS = 130, 40
DEADLINE = 10.0
NO_LIMITS = ("--limit", "message_rate=100000", "--limit", "message_burst=100000")
HOME, END, DELETE = b"\x1b[H", b"\x1b[F", b"\x15"

_COLOURS = re.compile(rb"\x1b\[[\d;]*m")


class Screen:
    """The client on a terminal: presses keys, and times when they are seen."""

    def __init__(self, port: int, home: str) -> None:
        self._terminal, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        where = ["--host", "127.0.0.1", "--port", str(port), "--nick", "reader"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "urwidclient", *where, "--state", home],
            cwd=servers.CHECKOUT,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": home},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._typed = ""
        # Never the same input twice in a row: what does not change is not drawn.
        self._letters = cycle(ascii_lowercase)
        self._seen = b""

    def press(self, keys: bytes) -> None:
        """Press keys that nobody waits to see."""
        os.write(self._terminal, keys)

    def wait_for(self, text: bytes, seconds: float = DEADLINE) -> bool:
        """Whether this is drawn within the time."""
        end = time.perf_counter() + seconds
        while text not in _COLOURS.sub(b"", self._seen):
            self._seen = self._seen[-65536:]
            if not self._read(end - time.perf_counter()):
                return False
        self._seen = b""
        return True

    def key(self) -> float:
        """Type a letter into the input: the milliseconds until it is seen there."""
        if len(self._typed) == LETTERS:
            self.delete()
        self._typed += next(self._letters)
        self._seen = b""
        pressed = time.perf_counter()
        self.press(self._typed[-1:].encode())
        if not self.wait_for(f"reader> {self._typed}".encode()):
            raise SystemExit(f"A key was not seen within {DEADLINE} s.")
        return (time.perf_counter() - pressed) * 1e3

    def delete(self) -> None:
        """Empty the input."""
        self.press(DELETE)
        self._typed = ""
        self.watch(0.02)

    def watch(self, seconds: float) -> None:
        """Let the client draw for a while."""
        end = time.perf_counter() + seconds
        while self._read(end - time.perf_counter()):
            pass

    def close(self) -> None:
        """End the client."""
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self._terminal], [], [], seconds)[0]:
            return False
        self._seen += os.read(self._terminal, 65536)
        return True


@contextmanager
def flood(port: int, seconds: float) -> Iterator[None]:
    """Somebody says `RATE` messages a second to the lobby, in a process of its own."""
    talker = multiprocessing.get_context("spawn").Process(target=_talk, args=(port, seconds))
    talker.start()
    try:
        yield
    finally:
        talker.kill()
        talker.join()


def _talk(port: int, seconds: float) -> None:
    with socket.create_connection(("127.0.0.1", port)) as talker:
        talker.sendall(_line(type="hello", nick="talker") + _line(type="join", room="lobby"))
        time.sleep(1)
        start = time.perf_counter()
        said = 0
        while (passed := time.perf_counter() - start) < seconds:
            due = range(said, int(passed * RATE))
            talker.sendall(b"".join(map(_said, due)))
            said = due.stop
            while select.select([talker], [], [], 0.002)[0]:
                talker.recv(1 << 18)


def _said(number: int) -> bytes:
    return _line(type="say", room="lobby", text=f"message {number} " + "of a usual length " * 3)


def _line(**command: str) -> bytes:
    return json.dumps(command).encode() + b"\n"


def seed(state: Path) -> None:
    """Put a long history into the store of a server that is not running."""
    store = SqliteStore(
        state / "chat.sqlite3", retry_seconds=1, wall=lambda: 0, new_id=lambda: "benchmark"
    )
    store.open()
    since = int(time.time() * 1000) - HISTORY * 60_000
    for first in range(1, HISTORY + 1, 10_000):
        store.append(
            [
                Said(
                    room_id=1,
                    client=None,
                    message=Message(
                        room="lobby",
                        seq=number,
                        id=f"1-{number}",
                        nick=f"somebody{number % 20}",
                        user="100001",
                        at=since + number * 60_000,
                        text=f"line {number} of a history " + "that goes on " * (number % 9),
                    ),
                )
                for number in range(first, first + 10_000)
            ]
        )
    store.close()


def keys(screen: Screen, seconds: float) -> list[float]:
    """Type for a while, at the pace of a person in a hurry."""
    end = time.perf_counter() + seconds
    latencies: list[float] = []
    while time.perf_counter() < end:
        latencies.append(screen.key())
        screen.watch(0.02 + len(latencies) * 37 % 60 / 1000)
    screen.delete()
    return latencies


def load_through(screen: Screen, seconds: float) -> list[float]:
    """Go up until the first line of the history is on the screen, typing a letter now and then."""
    end = time.perf_counter() + seconds
    latencies: list[float] = []
    while time.perf_counter() < end:
        screen.press(HOME)
        if screen.wait_for(b" line 1 of a history", 0.03):
            return latencies
        latencies.append(screen.key())
        screen.delete()
    raise SystemExit(f"The history was not loaded within {seconds} s.")


def report(name: str, latencies: list[float]) -> bool:
    """Print the figures; whether they hold."""
    percentiles = quantiles(latencies, n=100)
    figures = {"p50": percentiles[49], "p95": percentiles[94], "max": max(latencies)}
    for figure, value in figures.items():
        verdict = "held" if value <= BAR_MS else "NOT held"
        measured = f"{figure} of {len(latencies)} keys: {value:.1f} ms"
        print(f"{name}, {measured}, bar {BAR_MS:.0f}, {verdict}", flush=True)
    return max(figures.values()) <= BAR_MS


def main() -> None:
    """Measure and print."""
    servers.end_in_order()
    print(f"{machine.described()}; a terminal of {COLUMNS} by {ROWS}", flush=True)
    with TemporaryDirectory(prefix="chat-benchmark-") as state:
        seed(Path(state))
        server = servers.chat(state, *NO_LIMITS)
        screen = Screen(server.port, f"{state}/home")
        try:
            if not screen.wait_for(b"reader> "):
                raise SystemExit("The client did not start.")
            held = [report("nothing going on", keys(screen, 4))]
            with flood(server.port, FLOOD_SECONDS):
                held.append(report(f"{RATE} messages a second", keys(screen, FLOOD_SECONDS)))
            start = time.perf_counter()
            loading = load_through(screen, 60)
            print(
                f"{HISTORY} lines of history: loaded through in {time.perf_counter() - start:.0f} s"
            )
            held.append(report("while they load", loading))
            with flood(server.port, FLOOD_SECONDS):
                held.append(report(f"after that, {RATE} a second, at the top", keys(screen, 5)))
                screen.press(END)
                held.append(report("the same, at the end", keys(screen, 5)))
        finally:
            screen.close()
            server.kill()
    raise SystemExit(not all(held))


if __name__ == "__main__":
    main()
