"""What a row of the scorecard is made of: how much is tried, and what came of it."""

from __future__ import annotations

import enum
import resource
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


class Effort(enum.Enum):
    """How much is tried: `TINY` in tests, `QUICK` with every change, `LONG` before a release."""

    TINY = "tiny"
    QUICK = "quick"
    LONG = "long"

    def pick(self, *, tiny: _T, quick: _T, long: _T) -> _T:
        """A row's number for this effort."""
        return {Effort.TINY: tiny, Effort.QUICK: quick, Effort.LONG: long}[self]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a row; a `timed` one depends on how fast and how busy the machine is."""

    name: str
    measured: str
    bar: str
    held: bool
    timed: bool = False


Row = Callable[[Effort], Iterator[Figure]]
"""Tries something, and yields each figure as soon as it is known."""


class NotPossible(Exception):
    """This machine lacks what a row needs; the text says what."""


def needs(*programs: str, files: int = 0) -> None:
    """Raise `NotPossible` unless these are installed, and so many files may be open at once."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise NotPossible(f"no {', '.join(missing)}")
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed < files:
        raise NotPossible(f"{files} open files are needed, {allowed} are allowed")
