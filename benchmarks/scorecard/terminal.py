"""Row 13: a server that lies as badly as it can, and what reaches the terminal of a real client."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Iterator
from itertools import islice

from benchmarks.scorecard.frame import Effort, Figure
from benchmarks.scorecard.pty_client import on_a_terminal
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
    for size in effort.pick(tiny=SIZES[:1], quick=SIZES, long=SIZES):
        liar = Liar(messages=messages, pause=effort.pick(tiny=0.04, quick=0.04, long=0.1))
        to = ["--host", "127.0.0.1", "--port"]
        with (
            scripted(liar.talk) as port,
            on_a_terminal("urwidclient", *to, str(port), "--nick", "me", size=size) as (
                _,
                terminal,
            ),
        ):
            output = bytearray()
            output += _read_until(terminal, liar.entered)
            os.write(terminal, BEHIND)
            liar.go_on.set()
            output += _read_until(terminal, liar.done)
        found = list(islice(foreign(output.decode(errors="replace"), size[0]), 1000))
        for each in found[:3]:
            print(f"    {each[:300]}")
        yield Figure(
            f"{messages:,} hostile messages, names, topics on {size[0]} columns: "
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
