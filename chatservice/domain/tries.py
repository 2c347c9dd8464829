"""How often something may be tried, for each who tries: some times at once, then now and then."""

from __future__ import annotations

import math
from collections.abc import Hashable

from chatservice.domain.errors import LimitReached

MOST_KEYS = 10_000
"""Keys that are remembered; past it the one that tried longest ago is as good as new."""


class Tries:
    """Lets each key try `count` times, and once more every `seconds`. Times are UTC in ms."""

    def __init__(self, count: int, seconds: float) -> None:
        self._apart = round(seconds * 1000)
        self._span = count * self._apart
        self._spent: dict[Hashable, int] = {}

    def take(self, key: Hashable, now: int) -> float:
        """Count a try, and give 0; or the seconds to wait before the next one is possible."""
        # A clock that was set back makes nobody wait for longer than if all was spent just now.
        spent = min(max(self._spent.pop(key, now), now), now + self._span)
        wait = spent + self._apart - self._span - now
        self._spent[key] = spent if wait > 0 else spent + self._apart
        if len(self._spent) > MOST_KEYS:
            del self._spent[next(iter(self._spent))]
        return max(0, wait) / 1000

    def check(self, key: Hashable, now: int, what: str = "wrong passwords") -> None:
        """Count a try. Raises `LimitReached` if it comes too early; `what` there were too many."""
        wait = self.take(key, now)
        if wait:
            raise LimitReached(f"Too many {what}; try again in {math.ceil(wait)} seconds.")

    def give_back(self, key: Hashable) -> None:
        """The try was none: it does not count."""
        if key in self._spent:
            self._spent[key] -= self._apart
