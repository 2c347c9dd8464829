"""A worker without a thread: it answers at once, or when a test lets it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from chatservice.domain.records import Found, Kept, Page, Record, Retried, Search, Window
from chatservice.storage.interface import Opened, Store, StoreError

_T = TypeVar("_T")


class InlineWorker:
    """Answers in the caller's thread: at once, or with `hold` set, only in `release()`."""

    def __init__(self, store: Store, hold: bool = False) -> None:
        self._store = store
        self._held: deque[Callable[[], None]] = deque()
        self._failed = 0, StoreError()
        self.hold = hold

    def start(self) -> Opened:
        """Open the store."""
        return self._store.open()

    def append(
        self,
        records: Sequence[Record],
        done: Callable[[list[Kept | Retried] | StoreError], None],
        era: int,
    ) -> None:
        """Keep records, unless a commit of their era has failed already."""

        def append() -> list[Kept | Retried]:
            failed, error = self._failed
            if era <= failed:
                raise error
            try:
                return self._store.append(records)
            except StoreError as error:
                self._failed = era, error
                raise

        self._ask(append, done)

    def page(self, window: Window, done: Callable[[Page | StoreError], None]) -> None:
        """Read; sees everything appended before."""
        self._ask(lambda: self._store.page(window), done)

    def search(self, search: Search, done: Callable[[Found | StoreError], None]) -> None:
        """Find; sees everything appended before."""
        self._ask(lambda: self._store.search(search), done)

    def forget(
        self,
        room_id: int,
        done: Callable[[int | StoreError], None],
        *,
        keep_messages: int | None,
        before_at: int | None,
    ) -> None:
        """Forget some old messages of a room, and tell their number."""

        def forget() -> int:
            return self._store.forget(room_id, keep_messages=keep_messages, before_at=before_at)

        self._ask(forget, done)

    def backup(self, path: Path, done: Callable[[StoreError | None], None]) -> None:
        """Put all that is kept by its end into a new private file."""
        self._ask(lambda: self._store.backup(path, lambda: None), done)

    def check(self, done: Callable[[StoreError | None], None]) -> None:
        """Make sure that a commit can reach the disk now."""
        self._ask(self._store.check, done)

    def stop(self, done: Callable[[], None]) -> None:
        """Close the store, then call `done`."""

        def stop() -> None:
            self._store.close()
            done()

        self._do(stop)

    def release(self, most: int | None = None) -> int:
        """Do what is held by now, in order, but not what that asks for in turn; give the count."""
        count = len(self._held) if most is None else most
        for _ in range(count):
            self._held.popleft()()
        return count

    def _ask(self, call: Callable[[], _T], done: Callable[[_T | StoreError], None]) -> None:
        def ask() -> None:
            try:
                result = call()
            except StoreError as error:
                done(error)
            else:
                done(result)

        self._do(ask)

    def _do(self, operation: Callable[[], None]) -> None:
        if self.hold or self._held:
            self._held.append(operation)
        else:
            operation()
