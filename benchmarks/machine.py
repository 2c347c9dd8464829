"""The machine that is measured on, and how much of it was somebody else's meanwhile."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
STAT = Path("/proc/stat")
_STOLEN = 7
_KINDS = 8
"""Of the first line's numbers: which one is `steal`, and how many make up all time (proc(5))."""


def described(watch: Watch | None = None) -> str:
    """What figures are measured on, and what was taken of it since `watch` was made."""
    system = os.uname()
    parts = [
        f"{os.cpu_count()} cores",
        f"{system.sysname} {system.release}",
        f"Python {sys.version.split()[0]}",
        f"load {os.getloadavg()[0]:.1f}",
        *stores(Path(tempfile.gettempdir())),
    ]
    return ", ".join([*parts, *(watch.told if watch is not None else [])])


def stores(folder: Path) -> list[str]:
    """On which kind of file system the stores in a folder are, if that can be told (proc(5)).

    What is on the disk is in memory if it is a tmpfs.
    """
    try:
        mounts = [line.split() for line in MOUNTS.read_text("utf-8").splitlines()]
    except OSError:
        return []
    kinds = {place: kind for _, place, kind, *_ in mounts}
    above = [folder.resolve(), *folder.resolve().parents]
    return [f"stores on {kinds[str(each)]}" for each in above if str(each) in kinds][:1]


class Watch:
    """What a virtual machine's host has taken of the processors' time since this was made."""

    def __init__(self) -> None:
        self._before = _ticks()

    @property
    def stolen(self) -> float | None:
        """The share of it, None where that can't be told."""
        before, after = self._before, _ticks()
        if before is None or after is None:
            return None
        passed = sum(after) - sum(before)
        return (after[_STOLEN] - before[_STOLEN]) / passed if passed else 0.0

    @property
    def told(self) -> list[str]:
        """The same in words, none where that can't be told."""
        stolen = self.stolen
        return [] if stolen is None else [f"{stolen:.1%} of the processors' time taken away"]


def _ticks() -> list[int] | None:
    try:
        numbers = STAT.read_text("ascii").splitlines()[0].split()[1 : 1 + _KINDS]
    except OSError:
        return None
    return [int(number) for number in numbers] if len(numbers) == _KINDS else None
