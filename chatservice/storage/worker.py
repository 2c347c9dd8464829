"""The store in a thread of its own: whatever queued during one commit shares the next one."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from chatservice.domain.records import Found, Kept, Page, Record, Retried, Search, Window
from chatservice.storage.commits import Commits
from chatservice.storage.interface import Opened, Store, StoreError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_Appended = Callable[[list[Kept | Retried] | StoreError], None]
_Append = tuple[Sequence[Record], _Appended, int]


class StoreWorker:
    """Runs `store` in one thread; answers go through `post`, which may be called from any thread.

    `post` is to call what it is given in the caller's own thread, in order. `log` gets the
    traceback of what no store should raise; it is called from the thread too.

    A store in memory keeps at once, in the caller's thread, unless the other one is at work.
    """

    def __init__(
        self,
        store: Store,
        post: Callable[[Callable[[], None]], None],
        log: Callable[[str], object] = _log.error,
    ) -> None:
        self.commits = Commits()
        self._store = store
        self._post = post
        self._log = log
        self._wake = threading.Condition()
        self._appends: deque[_Append] = deque()
        self._failed = 0, StoreError()
        self._others: deque[Callable[[], None]] = deque()
        self._stopped: Callable[[], None] | None = None
        self._waits = False

    def start(self) -> Opened:
        """Open the store in its thread and wait for that; raise `StoreError` if it fails."""
        opened: Future[Opened | StoreError] = Future()
        threading.Thread(target=self._run, args=(opened,), name="store", daemon=True).start()
        result = opened.result()
        if isinstance(result, StoreError):
            raise result
        return result

    def append(self, records: Sequence[Record], done: _Appended, era: int) -> None:
        """Keep records, unless a commit of their era has failed already."""
        append = records, done, era
        with self._wake:
            if not (self._store.in_memory and self._waits) or self._asked():
                self._appends.append(append)
                self._wake.notify()
                return
            answer = self._commit([append])
        answer()

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
        """Put all that is kept by its end into a new private file; others hardly wait for it."""
        self._ask(lambda: self._store.backup(path, self._between), done)

    def check(self, done: Callable[[StoreError | None], None]) -> None:
        """Make sure that a commit can reach the disk now."""
        self._ask(self._store.check, done)

    def stop(self, done: Callable[[], None]) -> None:
        """Finish what was asked, close the store, then call `done`; the thread ends."""
        with self._wake:
            self._stopped = done
            self._wake.notify()

    def _run(self, opened: Future[Opened | StoreError]) -> None:
        result = self._attempt(self._store.open)
        opened.set_result(result)
        if isinstance(result, StoreError):
            return
        unindexed = True
        while True:
            appended, others, stopped = self._turn(None if not unindexed else 0)
            if appended or others:
                unindexed = unindexed or appended
                continue
            if stopped:
                self._attempt(self._store.close)
                self._post(stopped)
                return
            unindexed = self._attempt(self._store.index) is True

    def _turn(self, timeout: float | None) -> tuple[bool, bool, Callable[[], None] | None]:
        """Commit what queued, then do one other thing; whether there was any, and whom to tell.

        Waits up to `timeout` for something to do.
        """
        with self._wake:
            self._waits = True
            self._wake.wait_for(self._asked, timeout=timeout)
            self._waits = False
            appends = list(self._appends)
            self._appends.clear()
            # Taken together with the appends before it, so it sees them all.
            other = self._others.popleft() if self._others else None
            stopped = self._stopped
        if appends:
            self._post(self._commit(appends))
        if other:
            other()
        return bool(appends), other is not None, stopped

    def _between(self) -> None:
        """In the middle of a backup: do what others wait for; raise `StoreError` at the end."""
        if self._turn(0)[2]:
            raise StoreError("The server is shutting down")

    def _asked(self) -> bool:
        """Whether there is anything for the thread to do."""
        return bool(self._appends or self._others or self._stopped)

    def _commit(self, appends: list[_Append]) -> Callable[[], None]:
        """Keep what was appended; the call tells how that went."""
        failed, error = self._failed
        late = [done for _, done, era in appends if era <= failed]
        appends = appends[len(late) :]  # as eras grow
        records = [record for batch, _, _ in appends for record in batch]
        results: list[Kept | Retried] | StoreError = []
        if records:
            start = time.monotonic()
            results = self._attempt(lambda: self._store.append(records))
            self.commits.note(records, results, start, time.monotonic())
        if isinstance(results, StoreError):
            self._failed = appends[-1][-1], results

        def answer() -> None:
            for done in late:
                self._answer(done, error)
            start = 0
            for batch, done, _ in appends:
                end = start + len(batch)
                self._answer(
                    done, results if isinstance(results, StoreError) else results[start:end]
                )
                start = end

        return answer

    def _ask(self, call: Callable[[], _T], done: Callable[[_T | StoreError], None]) -> None:
        """Have something done that is not an append, between two commits."""

        def ask() -> None:
            result = self._attempt(call)
            self._post(lambda: self._answer(done, result))

        with self._wake:
            self._others.append(ask)
            self._wake.notify()

    def _attempt(self, call: Callable[[], _T]) -> _T | StoreError:
        try:
            return call()
        except StoreError as error:
            return error
        except Exception:
            self._log(traceback.format_exc())
            return StoreError("The store failed in an unexpected way; see the log")

    def _answer(self, done: Callable[[_T], None], result: _T) -> None:
        """Call back; one that fails does not keep the others of its group from their answers."""
        try:
            done(result)
        except Exception:
            self._log(traceback.format_exc())
