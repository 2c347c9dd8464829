"""What the application asks of a store; every store passes one contract suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatservice.domain.records import Kept, KeptRoom, Page, Retried, Said, Window


class StoreError(Exception):
    """The store cannot do what was asked; the sentence says why and what a person can do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a server needs to go on where it stopped; `server_id` is random and kept."""

    server_id: str
    rooms: tuple[KeptRoom, ...]


class Store(Protocol):
    """Keeps messages. Synchronous; used by one thread at a time. Raises only `StoreError`.

    After a `StoreError` from `append` or `page` the store goes on when the cause is gone.
    """

    def open(self) -> Opened:
        """Open the store, made or upgraded if need be."""

    def append(self, records: Sequence[Said]) -> list[Kept | Retried]:
        """Keep all records in one commit, or none; when it returns they survive a power cut.

        The seqs of a room grow. A record whose `client` and `message.re` are those of an earlier
        one, of this call too, is `Retried` while that one is young enough: nothing is stored.
        """

    def page(self, window: Window) -> Page:
        """Read messages of a room, `re` left out; without a bound the latest ones.

        At most `limit` messages and `characters` of text, but at least one message if there is
        any. `around` gives half of the limit from before that seq and half from it on.
        """

    def close(self) -> None:
        """Close; what was appended stays for the next `open`."""


class Worker(Protocol):
    """A store with its own thread of control: answers come later, by call-back.

    Appends that share a commit share its `StoreError`.
    """

    def append(
        self,
        records: Sequence[Said],
        done: Callable[[list[Kept | Retried] | StoreError], None],
    ) -> None:
        """Keep records; appends are done in the order of the calls."""

    def page(self, window: Window, done: Callable[[Page | StoreError], None]) -> None:
        """Read; sees everything appended before."""

    def stop(self, done: Callable[[], None]) -> None:
        """Finish what was asked, close the store, then call `done`."""
