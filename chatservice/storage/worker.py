"""The store in a thread of its own: whatever queued during one commit shares the next one."""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from chatservice.domain.records import Kept, Page, Retried, Said, Window
from chatservice.storage.interface import Opened, Store, StoreError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_Appended = Callable[[list[Kept | Retried] | StoreError], None]
_Paged = Callable[[Page | StoreError], None]


class StoreWorker:
    """Runs `store` in one thread; answers go through `post`, which may be called from any thread.

    `post` is to call what it is given in the caller's own thread, in order. `log` gets the
    traceback of what no store should raise; it is called from the thread too.
    """

    def __init__(
        self,
        store: Store,
        post: Callable[[Callable[[], None]], None],
        log: Callable[[str], object] = _log.error,
    ) -> None:
        self._store = store
        self._post = post
        self._log = log
        self._wake = threading.Condition()
        self._appends: deque[tuple[Sequence[Said], _Appended]] = deque()
        self._reads: deque[tuple[Window, _Paged]] = deque()
        self._stopped: Callable[[], None] | None = None

    def start(self) -> Opened:
        """Open the store in its thread and wait for that; raise `StoreError` if it fails."""
        opened: Future[Opened | StoreError] = Future()
        threading.Thread(target=self._run, args=(opened,), name="store", daemon=True).start()
        result = opened.result()
        if isinstance(result, StoreError):
            raise result
        return result

    def append(self, records: Sequence[Said], done: _Appended) -> None:
        """Keep records; appends are done in the order of the calls."""
        with self._wake:
            self._appends.append((records, done))
            self._wake.notify()

    def page(self, window: Window, done: _Paged) -> None:
        """Read; sees everything appended before."""
        with self._wake:
            self._reads.append((window, done))
            self._wake.notify()

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
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._appends or self._reads or self._stopped)
                appends = list(self._appends)
                self._appends.clear()
                # Taken together with the appends before it, so it sees them all.
                read = self._reads.popleft() if self._reads else None
                stopped = self._stopped
            if appends:
                self._commit(appends)
            if read:
                self._read(*read)
            if stopped and not (appends or read):
                self._attempt(self._store.close)
                self._post(stopped)
                return

    def _commit(self, appends: list[tuple[Sequence[Said], _Appended]]) -> None:
        records = [record for batch, _ in appends for record in batch]
        results = self._attempt(lambda: self._store.append(records))

        def answer() -> None:
            start = 0
            for batch, done in appends:
                end = start + len(batch)
                self._answer(
                    done, results if isinstance(results, StoreError) else results[start:end]
                )
                start = end

        self._post(answer)

    def _read(self, window: Window, done: _Paged) -> None:
        page = self._attempt(lambda: self._store.page(window))
        self._post(lambda: self._answer(done, page))

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
