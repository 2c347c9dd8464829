"""Row 6: the wall clock is set back and forth while people talk.

A small library, compiled on the spot and loaded before the C library, adds what is asked for to
every reading of the server's wall clock. Steady clocks go on as they are, as with a real step.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure, NotPossible, needs
from benchmarks.scorecard.talk import Event, Talker

HOUR = 3600
YEARS = 10 * 365 * 24 * HOUR
STEPS = (-HOUR, 0, HOUR, 0, YEARS, 0, -YEARS, 0)
"""Seconds that the server's wall clock is off, one after the other."""

SOURCE = Path(__file__).with_name("wallclock.c")
LATE = 3.0
"""Seconds by which a timer may be late: another hour would show, a busy machine would not."""


def row(effort: Effort) -> Iterator[Figure]:
    """Two talk through all the steps; after each, new connections are timed out as ever."""
    needs("cc")
    messages = effort.pick(tiny=5, quick=40, long=1000)
    steps = effort.pick(tiny=(-HOUR, YEARS), quick=STEPS, long=STEPS)
    with TemporaryDirectory(prefix="chat-clock-") as folder:
        library, offset = Path(folder, "wallclock.so"), Path(folder, "offset")
        compiled = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        if subprocess.run(compiled, capture_output=True, check=False).returncode:
            raise NotPossible("no C library to compile against")
        _set(offset, 0)
        under = ["env", f"LD_PRELOAD={library}", f"WALLCLOCK={offset}"]
        server = servers.chat(
            f"{folder}/state", "--limit", "introduction_seconds=0.5", under=under, watched=False
        )
        try:
            yield from _talk(server, offset, messages, steps)
        finally:
            server.kill()


def _set(offset: Path, seconds: int) -> None:
    """Set the clock: the file stays the same one, because it is mapped."""
    with offset.open("r+b" if offset.exists() else "w+b") as file:
        file.write(seconds.to_bytes(8, "little", signed=True))


def _talk(
    server: servers.Server, offset: Path, messages: int, steps: tuple[int, ...]
) -> Iterator[Figure]:
    ann, bob = Talker(server.port, "ann"), Talker(server.port, "bob")
    heard: list[Event] = []
    greetings: list[float] = []
    closes: list[float] = []
    off: list[float] = []
    said = 0
    for step in steps:
        _set(offset, step)
        for _ in range(messages):
            said += 1
            ann.ask(f"{said}", type="say", room="lobby", text=f"{said}")
        heard += [bob.until("message") for _ in range(messages)]
        told = ann.ask(f"time {step}", type="time")["at"] / 1000
        off.append(abs(told - time.time() - step))
        greetings.append(_greeted(server.port))
        closes.append(_closed(server.port))
    alive = ann.ask("last", type="say", room="lobby", text="last")["type"] == "ack"
    yield Figure(
        "connections lost, messages lost, twice or out of order, through "
        f"{len(steps)} steps of up to ten years",
        f"{said - len({each['text'] for each in heard})} of {said:,}, alive: {alive}",
        "0, alive: True",
        alive and [each["text"] for each in heard] == [f"{number + 1}" for number in range(said)],
    )
    back = sum(
        after["at"] < before["at"] or after["seq"] <= before["seq"]
        for before, after in pairwise(heard)
    )
    yield Figure("messages with a time or seq before the last one's", f"{back}", "0", not back)
    yield Figure(
        "how far the time that the server tells is from what its clock was set to",
        f"{max(off):.1f} s",
        "at most 2 s",
        max(off) <= 2,
    )
    for due, seconds in ((0.3, greetings), (0.5, closes)):
        yield Figure(
            f"timers of {due:g} s after each step",
            f"{min(seconds):.2f} to {max(seconds):.2f} s",
            f"{due:g} to {due + LATE:g} s",
            due * 0.8 < min(seconds) and max(seconds) <= due + LATE,
        )


def _greeted(port: int) -> float:
    """Seconds until a silent connection is greeted."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.recv(1)
    return time.monotonic() - start


def _closed(port: int) -> float:
    """Seconds until a connection that says nothing usable is closed."""
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b'{"type":"ping"')
        while connection.recv(4096):
            pass
    return time.monotonic() - start
