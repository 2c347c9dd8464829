"""How often values of which size were seen, counted in a few steps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate


class Histogram:
    """How many values were at most as large as each of these bounds, which grow."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = (*bounds, float("inf"))
        self._counts = [0] * len(self._bounds)
        self.total = 0.0

    def note(self, value: float) -> None:
        """One value more."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    def __iter__(self) -> Iterator[tuple[float, int]]:
        """Each bound, the last one infinite, with the number of values up to it."""
        return zip(self._bounds, accumulate(self._counts), strict=True)

    def most(self, share: float) -> float:
        """The bound that this share of all values did not exceed; 0 if there were none."""
        wanted = share * self.count
        return next(bound for bound, count in self if count >= wanted) if self.count else 0.0
