"""Who is let in: how many connections in all, from one address, and how fast they may come."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress

from chatservice.app import Clock
from chatservice.domain.addresses import block_of, is_throttled
from chatservice.domain.errors import LimitReached
from chatservice.domain.limits import Limits

WINDOW = 10.0
"""Seconds within which new connections of one address are counted."""

FEW = 1024
"""Addresses that may be remembered longer than need be."""


@dataclass(slots=True)
class _Visits:
    open: int = 0
    recent: deque[float] = field(default_factory=deque)


class Admission:
    """Counts connections. One address is an IPv4 address or an IPv6 /64."""

    def __init__(self, limits: Limits, clock: Clock, most: int) -> None:
        self._limits = limits
        self._clock = clock
        self._most = most
        self._open = 0
        self._visits: dict[str, _Visits] = {}
        self._many = FEW

    def throttled(self, host: str) -> bool:
        """Whether the limits of rate and number are for this address."""
        return is_throttled(host, self._limits)

    def enter(self, host: str) -> None:
        """Count a new connection. Raises `LimitReached`, and has then not counted it."""
        if self._open >= self._most:
            raise LimitReached("Server is full. Try again later.")
        if self.throttled(host):
            self._check(host)
        self._open += 1

    def leave(self, host: str) -> None:
        """A connection that was let in is gone."""
        self._open -= 1
        visits = self._visits.get(block_of(host))
        if visits is not None and visits.open:
            visits.open -= 1

    def _check(self, host: str) -> None:
        limits, now = self._limits, self._clock.seconds()
        if len(self._visits) > self._many:
            self._forget(now)
        visits = self._visits.setdefault(block_of(host), _Visits())
        while visits.recent and visits.recent[0] <= now - WINDOW:
            visits.recent.popleft()
        if limits.address_connections and visits.open >= limits.address_connections:
            raise LimitReached(
                f"Your address has {visits.open} connections already; close one of them."
            )
        most = limits.address_new_connections
        if most and len(visits.recent) >= most:
            raise LimitReached(
                f"More than {most} connections in {WINDOW:g} seconds; wait a little."
            )
        visits.recent.append(now)
        visits.open += 1

    def _forget(self, now: float) -> None:
        """Drop addresses that would be let in as if never seen.

        It takes long where there are many: so the next time is when there are twice as many.
        """
        self._visits = {
            block: visits
            for block, visits in self._visits.items()
            if visits.open or (visits.recent and visits.recent[-1] > now - WINDOW)
        }
        self._many = 2 * len(self._visits) + FEW


def host_and_address(peer: IAddress | None) -> tuple[str, str]:
    """A peer's host, and its `ip:port` as people see it; IPv4 in IPv6's clothes is undressed."""
    if not isinstance(peer, (IPv4Address, IPv6Address)):
        return "local", "local"
    host = str(peer.host)
    if host.startswith("::ffff:") and "." in host:
        host = host.removeprefix("::ffff:")
    shown = f"[{host}]" if ":" in host else host
    return host, f"{shown}:{peer.port}"
