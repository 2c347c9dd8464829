"""What the application asks of a store; every store passes one contract suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chatservice.domain.records import (
    AccountKept,
    FactKept,
    Found,
    Kept,
    KeptRoom,
    MarkKept,
    Page,
    Record,
    Retried,
    Search,
    StayKept,
    Window,
)


class StoreError(Exception):
    """The store cannot do what was asked; the sentence says why and what a person can do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a server needs to go on where it stopped; `server_id` is random and kept.

    So is `secret`, which nobody is told. `damage` tells what was lost before, if anything was.
    """

    server_id: str
    rooms: tuple[KeptRoom, ...]
    accounts: tuple[AccountKept, ...] = ()
    secret: bytes = b""
    marks: tuple[MarkKept, ...] = ()
    stays: tuple[StayKept, ...] = ()
    facts: tuple[FactKept, ...] = ()
    damage: str | None = None


class Store(Protocol):
    """Keeps a chat. Synchronous; used by one thread at a time. Raises only `StoreError`.

    After a `StoreError` from anything but `open` the store goes on when the cause is gone.
    """

    @property
    def in_memory(self) -> bool:
        """Whether nothing in `append` waits for a disk, so that anybody may wait for it."""

    def open(self) -> Opened:
        """Open the store, made or upgraded if need be."""

    def append(self, records: Sequence[Record]) -> list[Kept | Retried]:
        """Keep all records in one commit, in order, or none; then they survive a power cut.

        The seqs of a room grow. A `Said` whose `client` and `message.re` are those of an earlier
        one, of this call too, is `Retried` while that one is young enough: nothing is stored. So is
        a `Doubted` of these, and else it is `Kept`. A room begins with its first `Said` or
        `RoomKept`, under that name until a `RenamedRoom`; `open` tells its members and bans from
        then on.
        """

    def page(self, window: Window) -> Page:
        """Read messages of a room, `re` left out; without a bound the latest ones.

        At most `limit` messages and `characters` of text, but at least one message if there is
        any. `around` gives half of the limit from before that seq (or time) and half from it on;
        with a limit of 1 it gives that message, or the next one if it is not there.
        """

    def search(self, search: Search) -> Found:
        """Find messages, `re` left out; sees everything appended before.

        At most `limit` (1 or more) messages and `characters` of text, but one message of any
        length. Fewer, even none, and a `next` to go on from, where a lot had to be looked at.
        """

    def index(self) -> bool:
        """Do some of what `search` would have to do first; whether it was worth while."""

    def forget(self, room_id: int, *, keep_messages: int | None, before_at: int | None) -> int:
        """Forget some old messages of a room, and give their number: 0 if that is all.

        Old are those before the latest `keep_messages`, and those of a time before `before_at`,
        but never the latest one. A forgotten message may be no earlier one to a retry.
        """

    def backup(self, path: Path, between: Callable[[], None]) -> None:
        """Put all that is kept by its end into a new private file; it is not on the disk yet.

        `between` is called every few milliseconds and may append; with what it raises, the file is
        gone.
        """

    def check(self) -> None:
        """Make sure that a commit can reach the disk now."""

    def close(self) -> None:
        """Close; what was appended stays for the next `open`."""


class Worker(Protocol):
    """A store with its own thread of control: answers come by call-back.

    They come later, except that an append may be answered before it returns.
    Appends that share a commit share its `StoreError`.
    """

    def append(
        self,
        records: Sequence[Record],
        done: Callable[[list[Kept | Retried] | StoreError], None],
        era: int,
    ) -> None:
        """Keep records; appends are done in the order of the calls.

        Eras grow. Once a commit has failed, all later ones of its era fail too: what they keep was
        decided when nobody knew of that.
        """

    def page(self, window: Window, done: Callable[[Page | StoreError], None]) -> None:
        """Read; sees everything appended before."""

    def search(self, search: Search, done: Callable[[Found | StoreError], None]) -> None:
        """Find; sees everything appended before."""

    def forget(
        self,
        room_id: int,
        done: Callable[[int | StoreError], None],
        *,
        keep_messages: int | None,
        before_at: int | None,
    ) -> None:
        """Forget some old messages of a room, and tell their number."""

    def backup(self, path: Path, done: Callable[[StoreError | None], None]) -> None:
        """Put all that is kept by its end into a new private file; others hardly wait for it."""

    def check(self, done: Callable[[StoreError | None], None]) -> None:
        """Make sure that a commit can reach the disk now."""

    def stop(self, done: Callable[[], None]) -> None:
        """Finish what was asked, close the store, then call `done`."""
