"""The longest stall of the servers that a part of a row has started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks import heartbeat
from benchmarks.heartbeat import Stall
from benchmarks.scorecard.frame import Figure
from benchmarks.scorecard.stall import MOST


class Beats:
    """Looks at what heartbeats have noted since it was made."""

    def __init__(self) -> None:
        self._before = set(_noted())

    def figures(self, when: str) -> Iterator[Figure]:
        """The longest stall since then; nothing if no heartbeat is noted here."""
        if heartbeat.VARIABLE in os.environ:
            stalls = sorted({*_noted()} - self._before, key=lambda it: it.seconds)
            measured = f"under {heartbeat.LATE * 1e3:.0f} ms"
            if stalls:
                worst = stalls[-1]
                measured = f"{worst.seconds * 1e3:.0f} ms ({worst.cpu * 1e3:.0f} ms of it CPU)"
            yield Figure(
                f"{when}: longest stall of the reactor",
                measured,
                f"at most {MOST * 1e3:.0f} ms",
                not stalls or stalls[-1].seconds <= MOST,
                timed=True,
            )


def _noted() -> list[Stall]:
    return heartbeat.stalls(Path(os.environ.get(heartbeat.VARIABLE, os.devnull)))
