"""Words in rows of a bounded length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

_Thing = TypeVar("_Thing")


class Rows:
    """Words put together, at most that many bytes at once; of the last list it is known how.

    A list that begins as the last one did costs what has come to it.
    """

    def __init__(self, most: int, between: str) -> None:
        self._most = most
        self._between = between
        self._things: tuple[object, ...] = ()
        self._full: list[str] = []
        self._last: list[str] = []
        self._size = 0

    def of(self, things: tuple[_Thing, ...], word: Callable[[_Thing], str]) -> list[str]:
        """The rows of these things, each told by its word."""
        known = len(self._things)
        if things[:known] != self._things:
            self._full, self._last, self._size, known = [], [], 0, 0
        self._things = things
        for each in map(word, things[known:]):
            length = len((each + self._between).encode("utf-8", "replace"))
            if self._last and self._size + length > self._most:
                self._full.append(self._between.join(self._last))
                self._last, self._size = [], 0
            self._last.append(each)
            self._size += length
        return [*self._full, *([self._between.join(self._last)] if self._last else ())]


def rows(words: Iterable[str], most: int, between: str) -> list[str]:
    """Words put together, at most that many bytes at once."""
    return Rows(most, between).of(tuple(words), str)
