"""Row 13: a server that lies as badly as it can, and what reaches the terminal of a real client."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure
from tests.e2e.hostile import Liar, foreign, scripted

SIZES = ((125, 160), (40, 30))
"""Columns and rows of the terminals."""

BEHIND = b"\x1b[O"
"""What a terminal says when its window is not in front any more: mentions are told otherwise."""

QUIET = 20.0
"""Seconds without output after which none comes."""


def row(effort: Effort) -> Iterator[Figure]:
    """A tall wide terminal that shows all of it, and a small one."""
    messages = effort.pick(tiny=300, quick=6000, long=100_000)
    for columns, rows in effort.pick(tiny=SIZES[:1], quick=SIZES, long=SIZES):
        liar = Liar(messages=messages, pause=effort.pick(tiny=0.04, quick=0.04, long=0.1))
        with scripted(liar.talk) as port, _client(port, columns, rows) as terminal:
            output = bytearray()
            output += _read_until(terminal, liar.entered)
            os.write(terminal, BEHIND)
            liar.go_on.set()
            output += _read_until(terminal, liar.done)
        found = list(islice(foreign(output.decode(errors="replace"), columns), 1000))
        for each in found[:3]:
            print(f"    {each[:300]}")
        yield Figure(
            f"{messages:,} hostile messages, names, topics on {columns} columns: "
            "foreign sequences, text past the edge",
            f"{len(found)} in {len(output) / 2**20:.1f} MiB",
            "0",
            not found and len(output) > messages,
        )


def _read_until(terminal: int, happened: threading.Event) -> bytes:
    """All output up to an event, and a second longer."""
    output = bytearray()
    drawn = time.monotonic()
    end: float | None = None
    while end is None or time.monotonic() < end:
        if end is None and happened.is_set():
            end = time.monotonic() + 1
        if select.select([terminal], [], [], 0.1)[0]:
            output += os.read(terminal, 1 << 16)
            drawn = time.monotonic()
        if time.monotonic() - drawn > QUIET:
            raise TimeoutError(f"the client draws nothing any more: {output[-500:]!r}")
    return bytes(output)


@contextmanager
def _client(port: int, columns: int, rows: int) -> Iterator[int]:
    """A client on a terminal of its own; gives what the terminal is read from and written to."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with TemporaryDirectory(prefix="chat-terminal-") as home:
        where = ["--host", "127.0.0.1", "--port", str(port), "--nick", "me"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        own = {"HOME": home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        path = os.pathsep.join([str(servers.CHECKOUT), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            [sys.executable, "-m", "urwidclient", *where],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=Path(home),
            env={**kept, **own, "PYTHONPATH": path},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        try:
            yield master
        finally:
            process.kill()
            process.wait()
            os.close(slave)
            os.close(master)
