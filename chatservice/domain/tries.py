"""How often something may be tried, for each who tries: some times at once, then now and then."""

from __future__ import annotations

import math
from collections.abc import Hashable

from chatservice.domain.errors import LimitReached

HOUR = 3600
"""Seconds of one."""

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
        wait = self.wait(key, now)
        spent = self._level(key, now)
        self._spent.pop(key, None)
        self._spent[key] = spent if wait else spent + self._apart
        if len(self._spent) > MOST_KEYS:
            del self._spent[next(iter(self._spent))]
        return wait

    def wait(self, key: Hashable, now: int) -> float:
        """The seconds until one more try is possible, 0 if it is now."""
        return max(0, self._level(key, now) + self._apart - self._span - now) / 1000

    def check(self, key: Hashable, now: int, what: str) -> None:
        """Count a try. Raises `LimitReached` if it comes too early; `what` there were too many."""
        _check(self.take(key, now), what)

    def give_back(self, key: Hashable) -> None:
        """The try was none: it does not count."""
        if key in self._spent:
            self._spent[key] -= self._apart

    def _level(self, key: Hashable, now: int) -> int:
        # A clock that was set back makes nobody wait for longer than if all was spent just now.
        return min(max(self._spent.get(key, now), now), now + self._span)


class Guesses:
    """Passwords said: few wrong ones for each key, and any number of right ones.

    To compare one takes a while. How many wrong ones there are by then decides whether it is looked
    at, so those that are said at the same time get no further than those said one by one.
    """

    AT_ONCE = 64

    def __init__(self, count: int, seconds: float) -> None:
        self._wrong = Tries(count, seconds)
        self._under_way = Tries(self.AT_ONCE, 1)

    def begin(self, key: Hashable, now: int) -> None:
        """A password is to be compared. Raises `LimitReached` if it need not be."""
        _check(self._wrong.wait(key, now) or self._under_way.take(key, now), _WRONG)

    def end(self, key: Hashable, now: int, *, right: bool) -> None:
        """It was compared. Raises `LimitReached` if that must not tell anything."""
        self._under_way.give_back(key)
        _check(self._wrong.wait(key, now), _WRONG)
        if not right:
            self._wrong.take(key, now)


_WRONG = "wrong passwords"


def _check(wait: float, what: str) -> None:
    if wait:
        raise LimitReached(f"Too many {what}; try again in {math.ceil(wait)} seconds.")
