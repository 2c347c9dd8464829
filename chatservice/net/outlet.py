"""What the fan-out knows of a connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from chatservice.wire.codec import Encoder


class Outlet(Protocol):
    """One connection, as the fan-out sees it."""

    @property
    def encoder(self) -> Encoder:
        """The form in which it is told events; the same object for all of the same form."""

    @property
    def personal(self) -> Encoder:
        """How it is told what it alone is told, or what comes of its own commands."""

    @property
    def wire(self) -> str:
        """The name of the wire that it speaks."""

    @property
    def stalled(self) -> bool:
        """Whether too much waits for it to be read."""

    @property
    def traffic(self) -> tuple[int, int]:
        """How many bytes came in, and how many went out and arrived."""

    @property
    def ready(self) -> bool:
        """Whether its socket may be written to: nothing waits for it (`transport.direct`).

        Each change is counted in `FanOut.changes`.
        """

    @property
    def descriptor(self) -> int:
        """Its socket, -1 if that may never be written to."""

    def send(self, data: bytes, *, asked_for: bool) -> None:
        """Write; `asked_for` says that it is an answer, whose size is not held against a reader."""

    def finish(self) -> None:
        """Close once everything written is sent."""

    def hold(self) -> None:
        """Take no more input until `release`."""

    def release(self) -> None:
        """Take input again."""

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call once nothing written is waiting for the peer to read it."""
