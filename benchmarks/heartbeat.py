"""`twistd` with a heartbeat: notes each time when its reactor was late, and what it was doing.

Run as `python -m benchmarks.heartbeat ARGUMENTS OF TWISTD`. One JSON object a line is appended to
the file that the environment names: `seconds` late, `cpu` seconds of the reactor's thread in that
time, `row` of the scorecard, and the `stack` seen most often. Without that
variable nothing is noted.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

VARIABLE, ROW = "CHAT_HEARTBEAT", "CHAT_SCORECARD_ROW"
"""The environment's variables with the file to append to, and the row that is being tried."""

BEAT = 0.010
"""Seconds between two beats."""

LATE = 0.025
"""Seconds by which a beat may be late before that is noted."""

FRAMES = 7
"""Of a stack, this many innermost frames are kept."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A time in which the reactor did nothing else."""

    seconds: float
    cpu: float
    row: str
    stack: str


class Heart:
    """Beats in the reactor, and is watched from a thread."""

    def __init__(self, reactor: Any, file: Path) -> None:
        self._reactor = reactor
        self._file = file
        self._thread = threading.get_ident()
        self._due = time.monotonic() + BEAT
        self._cpu = time.thread_time()
        self._stacks: Counter[str] = Counter()
        reactor.callLater(BEAT, self._beat)
        threading.Thread(target=self._watch, name="heartbeat", daemon=True).start()

    def _beat(self) -> None:
        now, cpu = time.monotonic(), time.thread_time()
        if now - self._due > LATE:
            self._note(now - self._due, cpu - self._cpu)
        self._stacks.clear()
        self._cpu = time.thread_time()
        self._due = time.monotonic() + BEAT
        self._reactor.callLater(BEAT, self._beat)

    def _note(self, seconds: float, cpu: float) -> None:
        stack = self._stacks.most_common(1)
        row = os.environ.get(ROW, "")
        noted = {"seconds": seconds, "cpu": cpu, "row": row, "stack": stack[0][0] if stack else ""}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(noted) + "\n")

    def _watch(self) -> None:
        """Look every few milliseconds whether the beat is late, and at what the reactor does."""
        while True:
            time.sleep(BEAT)
            if time.monotonic() - self._due > LATE:
                frame = sys._current_frames().get(self._thread)  # noqa: SLF001
                if frame is not None:
                    self._stacks[_shown(frame)] += 1


def _shown(frame: FrameType) -> str:
    """The innermost frames of a stack in one line, the outermost of them first."""
    stack = traceback.extract_stack(frame)[-FRAMES:]
    return " > ".join(f"{Path(it.filename).name}:{it.lineno} {it.name}" for it in stack)


def stalls(file: Path) -> list[Stall]:
    """Everything noted so far, the longest first; a line that a crash cut short is left out."""
    if not file.exists():
        return []
    lines = file.read_text("utf-8").split("\n")[:-1]
    return sorted((Stall(**json.loads(line)) for line in lines), key=lambda it: -it.seconds)


def main() -> None:
    """Run `twistd` in this process."""
    from twisted.internet import reactor
    from twisted.scripts.twistd import run

    file = os.environ.get(VARIABLE)
    if file:
        reactor.callWhenRunning(lambda: Heart(reactor, Path(file)))
    run()


if __name__ == "__main__":
    main()
