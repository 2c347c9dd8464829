"""A worker without a thread: it answers at once, or when a test lets it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from chatservice.domain.records import Kept, Page, Retried, Said, Window
from chatservice.storage.interface import Opened, Store, StoreError


class InlineWorker:
    """Answers in the caller's thread: at once, or with `hold` set, only in `release()`."""

    def __init__(self, store: Store, hold: bool = False) -> None:
        self._store = store
        self._held: deque[Callable[[], None]] = deque()
        self.hold = hold

    def start(self) -> Opened:
        """Open the store."""
        return self._store.open()

    def append(
        self,
        records: Sequence[Said],
        done: Callable[[list[Kept | Retried] | StoreError], None],
    ) -> None:
        """Keep records."""

        def append() -> None:
            try:
                results = self._store.append(records)
            except StoreError as error:
                done(error)
            else:
                done(results)

        self._do(append)

    def page(self, window: Window, done: Callable[[Page | StoreError], None]) -> None:
        """Read; sees everything appended before."""

        def read() -> None:
            try:
                page = self._store.page(window)
            except StoreError as error:
                done(error)
            else:
                done(page)

        self._do(read)

    def stop(self, done: Callable[[], None]) -> None:
        """Close the store, then call `done`."""

        def stop() -> None:
            self._store.close()
            done()

        self._do(stop)

    def release(self) -> int:
        """Do what is held by now, in order, but not what that asks for in turn; give the count."""
        count = len(self._held)
        for _ in range(count):
            self._held.popleft()()
        return count

    def _do(self, operation: Callable[[], None]) -> None:
        if self.hold or self._held:
            self._held.append(operation)
        else:
            operation()
