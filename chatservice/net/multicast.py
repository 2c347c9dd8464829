"""Sends the same bytes through many sockets: where the time of a fan-out goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

AT_ONCE = 1024
"""Sockets that are told the same at once, before anybody looks at the clock: some milliseconds.

A ring has places for as many.
"""

Shortfall = tuple[int, int]
"""The place of a socket that did not take everything, and how many bytes it took."""


class Multicast(Protocol):
    """Sockets that never block, by their descriptors."""

    def send(self, data: bytes, but: Collection[int] = ()) -> list[Shortfall]:
        """Send to all but those at the places `but`; who did not take everything."""


Multicasting = Callable[[Sequence[int]], Multicast]
"""Makes a multicast of open descriptors; one that is closed later must be left out by `but`."""


class Loop:
    """One system call for each socket."""

    def __init__(
        self, descriptors: Sequence[int], write: Callable[[int, bytes], int] = os.write
    ) -> None:
        self._descriptors = descriptors
        self._write = write

    def send(self, data: bytes, but: Collection[int] = ()) -> list[Shortfall]:
        """See `Multicast`."""
        short, size, write = [], len(data), self._write
        for place, descriptor in enumerate(self._descriptors):
            if but and place in but:
                continue
            try:
                sent = write(descriptor, data)
            except OSError:
                sent = 0
            if sent != size:
                short.append((place, sent))
        return short
