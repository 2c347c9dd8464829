"""The store's thread: one commit for what queued, answers in order, nothing that kills it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import TypeVar

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.records import Found, Kept, Page, Record, Retried, Said, Search, Window
from chatservice.storage.interface import Opened, StoreError
from chatservice.storage.memory import MemoryStore
from chatservice.storage.worker import StoreWorker
from tests.storage.inline import InlineWorker
from tests.storage.records import KEPT, NOW, RETRY_SECONDS, retried, said

DEADLINE = 10
T = TypeVar("T")
LATEST = Window(room_id=1, limit=50)


class GatedStore(MemoryStore):
    """Waits in each append until it may go on; fails when told to; notes what is asked."""

    in_memory = False

    def __init__(self) -> None:
        super().__init__(lambda: "server", lambda: NOW, RETRY_SECONDS)
        self.asked: queue.SimpleQueue[tuple[int | str, ...]] = queue.SimpleQueue()
        self.gate = threading.Semaphore(0)
        self.failure: Exception | None = None
        self.unindexed = 0
        self.threads: set[int] = set()

    def open(self) -> Opened:
        self._note("open")
        return super().open()

    def append(self, records: Sequence[Record]) -> list[Kept | Retried]:
        self._note(*(record.message.seq for record in records if isinstance(record, Said)))
        if not self.gate.acquire(timeout=DEADLINE):
            raise AssertionError("the test has left the gate shut")
        self._fail()
        return super().append(records)

    def page(self, window: Window) -> Page:
        self._note("page")
        self._fail()
        return super().page(window)

    def search(self, search: Search) -> Found:
        self._note("search")
        self._fail()
        return super().search(search)

    def index(self) -> bool:
        """Have `unindexed` parts to do."""
        if self.unindexed:
            self.unindexed -= 1
            self._note("index")
            return True
        return super().index()

    def backup(self, path: Path, between: Callable[[], None]) -> None:
        """Look twice at what others want, and wait at the gate before each."""
        del path
        for _ in range(2):
            self._note("backup")
            if not self.gate.acquire(timeout=DEADLINE):
                raise AssertionError("the test has left the gate shut")
            between()

    def check(self) -> None:
        self._note("check")
        self._fail()

    def close(self) -> None:
        self._note("close")
        self._fail()

    def _note(self, *what: int | str) -> None:
        self.threads.add(threading.get_ident())
        self.asked.put(what)

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


class OpenStore(GatedStore):
    """Waits for nothing in an append, but in each page."""

    in_memory = True

    def append(self, records: Sequence[Record]) -> list[Kept | Retried]:
        self.gate.release()
        return super().append(records)

    def page(self, window: Window) -> Page:
        page = super().page(window)
        if not self.gate.acquire(timeout=DEADLINE):
            raise AssertionError("the test has left the gate shut")
        return page


class WorkerCase(SynchronousTestCase):
    """Each test plays the reactor: it runs what the worker posts, one by one."""

    store_class = GatedStore

    def setUp(self) -> None:
        self.store = self.store_class()
        self.posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.logged: list[str] = []
        self.answers: list[tuple[str, object]] = []
        self.worker = StoreWorker(self.store, self.posted.put, self.logged.append)

    def start(self) -> None:
        self.worker.start()
        self.addCleanup(self.worker.stop, lambda: None)
        self.expect("open")

    def expect(self, *what: int | str) -> None:
        """Wait until the store is asked for something, which must be this."""
        self.assertEqual(self.store.asked.get(timeout=DEADLINE), what)

    def run_posted(self) -> list[tuple[str, object]]:
        """Wait for the next post and run it; return what it answered."""
        self.answers.clear()
        self.posted.get(timeout=DEADLINE)()
        return self.answers.copy()

    def done(self, name: str) -> Callable[[object], None]:
        return lambda result: self.answers.append((name, result))

    def stop(self) -> None:
        self.worker.stop(lambda: self.answers.append(("stop", None)))

    def finish(self) -> None:
        self.stop()
        self.assertEqual(self.run_posted(), [("stop", None)])
        self.expect("close")


class WorkerTests(WorkerCase):
    """The thread commits, one group after the other."""

    def queue_behind_first(self) -> None:
        """Have the store busy with message 1, and 2 and 3, 4 queue behind it."""
        self.start()
        self.worker.append([said(1)], self.done("a"), 1)
        self.expect(1)
        self.worker.append([said(2), said(3)], self.done("b"), 1)
        self.worker.append([], self.done("none"), 1)
        self.worker.append([said(4)], self.done("c"), 1)

    def test_start_gives_what_the_store_opened(self) -> None:
        self.assertEqual(
            self.worker.start(), Opened(server_id="server", rooms=(), secret=b"server")
        )
        self.expect("open")
        self.finish()
        self.assertNotIn(threading.get_ident(), self.store.threads)
        self.assertEqual(len(self.store.threads), 1)

    def test_start_raises_what_the_store_raises(self) -> None:
        class Refusing(GatedStore):
            def open(self) -> Opened:
                raise StoreError("It is used by another")

        worker = StoreWorker(Refusing(), self.posted.put)
        error = self.assertRaises(StoreError, worker.start)
        self.assertEqual(str(error), "It is used by another")

    def test_start_of_a_broken_store(self) -> None:
        class Broken(GatedStore):
            def open(self) -> Opened:
                raise ZeroDivisionError("a bug")

        worker = StoreWorker(Broken(), self.posted.put, self.logged.append)
        self.assertRaises(StoreError, worker.start)
        self.assertIn("ZeroDivisionError: a bug", self.logged[0])

    def test_what_queued_shares_one_commit_and_one_post(self) -> None:
        self.queue_behind_first()
        self.store.gate.release()
        self.assertEqual(self.run_posted(), [("a", [KEPT])])
        self.expect(2, 3, 4)
        self.assertTrue(self.posted.empty())
        self.store.gate.release()
        self.assertEqual(self.run_posted(), [("b", [KEPT, KEPT]), ("none", []), ("c", [KEPT])])
        self.finish()

    def test_results_go_to_who_asked(self) -> None:
        self.start()
        self.worker.append([said(1, client=b"c", re="x")], self.done("a"), 1)
        self.expect(1)
        self.worker.append([said(2), said(3)], self.done("b"), 1)
        self.worker.append([said(4, client=b"c", re="x"), said(5)], self.done("c"), 1)
        self.store.gate.release(2)
        self.run_posted()
        self.assertEqual(self.run_posted(), [("b", [KEPT, KEPT]), ("c", [retried(1), KEPT])])

    def test_a_failure_goes_to_all_of_its_commit_and_no_further(self) -> None:
        self.queue_behind_first()
        self.store.gate.release()
        self.run_posted()
        self.expect(2, 3, 4)
        self.store.failure = full = StoreError("The disk is full")
        self.store.gate.release()
        self.assertEqual(self.run_posted(), [("b", full), ("none", full), ("c", full)])
        self.store.failure = None
        self.store.gate.release()
        self.worker.append([said(5)], self.done("d"), 2)
        self.assertEqual(self.run_posted(), [("d", [KEPT])])
        self.assertEqual(self.logged, [])

    def test_what_was_decided_before_a_failure_was_known_fails_too(self) -> None:
        self.start()
        self.store.failure = full = StoreError("The disk is full")
        self.worker.append([said(1)], self.done("a"), 1)
        self.store.gate.release()
        self.assertEqual(self.run_posted(), [("a", full)])
        self.store.failure = None
        self.store.gate.release()
        self.worker.append([said(2)], self.done("b"), 1)
        self.worker.append([said(3)], self.done("c"), 2)
        posted = [*self.run_posted()]
        while len(posted) < 2:
            posted += self.run_posted()
        self.assertEqual(posted, [("b", full), ("c", [KEPT])])
        self.expect(1)
        self.expect(3)

    def test_a_bug_in_the_store_is_an_error_and_logged(self) -> None:
        self.start()
        self.store.failure = ZeroDivisionError("a bug")
        self.store.gate.release(2)
        self.worker.append([said(1)], self.done("a"), 1)
        [(_, error)] = self.run_posted()
        self.assertIsInstance(error, StoreError)
        self.worker.page(LATEST, self.done("p"))
        [(_, error)] = self.run_posted()
        self.assertIsInstance(error, StoreError)
        self.assertEqual(len(self.logged), 2)
        self.assertIn("ZeroDivisionError: a bug", self.logged[0])
        self.store.failure = None
        self.worker.append([said(2)], self.done("b"), 2)
        self.assertEqual(self.run_posted(), [("b", [KEPT])])

    def test_a_failing_answer_does_not_take_the_others_away(self) -> None:
        def fail(_result: object) -> None:
            raise ZeroDivisionError("a bug")

        self.start()
        self.worker.append([said(1)], self.done("a"), 1)
        self.expect(1)
        self.worker.append([said(2)], fail, 1)
        self.worker.append([said(3)], self.done("c"), 1)
        self.store.gate.release(2)
        self.run_posted()
        self.assertEqual(self.run_posted(), [("c", [KEPT])])
        self.assertIn("ZeroDivisionError: a bug", self.logged[0])

    def test_a_read_sees_all_appends_before_it(self) -> None:
        self.queue_behind_first()
        self.worker.page(LATEST, self.done("p"))
        self.store.gate.release(2)
        self.run_posted()
        self.run_posted()
        [(name, page)] = self.run_posted()
        assert isinstance(page, Page)
        self.assertEqual(name, "p")
        self.assertEqual([message.seq for message in page.messages], [1, 2, 3, 4])

    def test_one_read_between_two_commits(self) -> None:
        self.start()
        self.worker.append([said(1)], self.done("a"), 1)
        self.expect(1)
        self.worker.page(LATEST, self.done("p"))
        self.worker.page(LATEST, self.done("q"))
        self.worker.append([said(2)], self.done("b"), 1)
        self.store.gate.release()
        self.expect(2)
        self.worker.append([said(3)], self.done("c"), 1)
        self.store.gate.release()
        self.expect("page")
        self.expect(3)
        self.store.gate.release()
        self.expect("page")
        names = [name for _ in range(5) for name, _ in self.run_posted()]
        self.assertEqual(names, ["a", "b", "p", "c", "q"])

    def test_a_search_sees_all_appends_before_it(self) -> None:
        self.queue_behind_first()
        self.worker.search(Search(room_ids=(1,), words="hi", limit=9), self.done("s"))
        self.store.gate.release(2)
        self.run_posted()
        self.run_posted()
        [(name, found)] = self.run_posted()
        assert isinstance(found, Found)
        self.assertEqual(name, "s")
        self.assertEqual([message.seq for message in found.messages], [4, 3, 2, 1])

    def test_forget_is_done_after_the_appends_before_it(self) -> None:
        self.queue_behind_first()
        self.worker.forget(1, self.done("f"), keep_messages=1, before_at=None)
        self.store.gate.release(2)
        self.run_posted()
        self.run_posted()
        self.assertEqual(self.run_posted(), [("f", 3)])
        self.assertEqual([message.seq for message in self.store.page(LATEST).messages], [4])

    def test_others_do_not_wait_for_a_backup(self) -> None:
        self.start()
        self.worker.backup(Path("copy"), self.done("backup"))
        self.expect("backup")
        self.worker.append([said(1)], self.done("a"), 1)
        self.worker.append([said(2)], self.done("b"), 1)
        self.worker.page(LATEST, self.done("p"))
        self.store.gate.release(2)
        for asked in ((1, 2), ("page",), ("backup",)):
            self.expect(*asked)
        self.store.gate.release()
        answers = [answer for _ in range(3) for answer in self.run_posted()]
        self.assertEqual([name for name, _ in answers], ["a", "b", "p", "backup"])
        self.assertEqual(answers[-1], ("backup", None))
        self.finish()

    def test_a_backup_ends_with_the_server(self) -> None:
        self.start()
        self.worker.backup(Path("copy"), self.done("backup"))
        self.expect("backup")
        self.worker.append([said(1)], self.done("a"), 1)
        self.stop()
        self.store.gate.release(2)
        self.expect(1)
        self.assertEqual(self.run_posted(), [("a", [KEPT])])
        [(name, error)] = self.run_posted()
        self.assertEqual((name, str(error)), ("backup", "The server is shutting down"))
        self.assertEqual(self.run_posted(), [("stop", None)])
        self.expect("close")

    def test_check(self) -> None:
        self.start()
        self.worker.check(self.done("c"))
        self.expect("check")
        self.assertEqual(self.run_posted(), [("c", None)])
        self.store.failure = full = StoreError("The disk is full")
        self.worker.check(self.done("d"))
        self.assertEqual(self.run_posted(), [("d", full)])

    def test_commits_are_counted(self) -> None:
        self.queue_behind_first()
        self.store.gate.release(2)
        self.run_posted()
        self.run_posted()
        commits = self.worker.commits
        self.assertEqual((commits.messages, commits.failed), (4, 0))
        self.assertEqual(list(commits.records)[:3], [(1, 1), (2, 1), (5, 2)])
        self.assertEqual(commits.seconds.count, 2)
        self.store.failure = StoreError("The disk is full")
        self.store.gate.release()
        self.worker.append([said(5)], self.done("d"), 1)
        self.run_posted()
        self.assertEqual((commits.messages, commits.failed), (4, 1))

    def test_what_search_needs_is_done_only_when_nothing_waits(self) -> None:
        self.queue_behind_first()
        self.store.unindexed = 2
        self.worker.page(LATEST, self.done("p"))
        self.store.gate.release(2)
        for asked in ((2, 3, 4), ("page",), ("index",), ("index",)):
            self.expect(*asked)
        names = [name for _ in range(3) for name, _ in self.run_posted()]
        self.assertEqual(names, ["a", "b", "none", "c", "p"])
        self.finish()

    def test_stop_does_not_wait_for_what_search_needs(self) -> None:
        self.queue_behind_first()
        self.store.unindexed = 10**9
        self.stop()
        self.store.gate.release(2)
        names = [name for _ in range(3) for name, _ in self.run_posted()]
        self.assertEqual(names, ["a", "b", "none", "c", "stop"])

    def test_stop_finishes_what_was_asked(self) -> None:
        self.queue_behind_first()
        self.worker.page(LATEST, self.done("p"))
        self.worker.page(LATEST, self.done("q"))
        self.stop()
        self.store.gate.release(2)
        names = [name for _ in range(5) for name, _ in self.run_posted()]
        self.assertEqual(names, ["a", "b", "none", "c", "p", "q", "stop"])
        for asked in ((2, 3, 4), ("page",), ("page",), ("close",)):
            self.expect(*asked)

    def test_stop_ends_the_thread_though_closing_fails(self) -> None:
        before = set(threading.enumerate())
        self.start()
        [thread] = set(threading.enumerate()) - before
        self.store.failure = ZeroDivisionError("a bug")
        self.finish()
        thread.join(DEADLINE)
        self.assertFalse(thread.is_alive())
        self.assertIn("ZeroDivisionError: a bug", self.logged[0])


class InlineWorkerTests(SynchronousTestCase):
    """The stand-in of other tests keeps the same promises."""

    def setUp(self) -> None:
        self.answers: list[object] = []
        self.store = MemoryStore(lambda: "server", lambda: NOW, RETRY_SECONDS)

    def test_answers_at_once(self) -> None:
        worker = InlineWorker(self.store)
        self.assertEqual(worker.start(), Opened(server_id="server", rooms=(), secret=b"server"))
        worker.append([said(1)], self.answers.append, 1)
        worker.append([said(1)], self.answers.append, 1)
        worker.page(LATEST, self.answers.append)
        worker.search(Search(room_ids=(1,), words="hi", limit=1), self.answers.append)
        worker.forget(1, self.answers.append, keep_messages=1, before_at=None)
        worker.stop(lambda: self.answers.append("stop"))
        kept, error, page, found, forgotten, stop = self.answers
        self.assertEqual(kept, [KEPT])
        self.assertIsInstance(error, StoreError)
        self.assertIsInstance(page, Page)
        self.assertIsInstance(found, Found)
        self.assertEqual((forgotten, stop), (0, "stop"))

    def test_answers_on_demand(self) -> None:
        worker = InlineWorker(self.store, hold=True)
        worker.append([said(1)], self.answers.append, 1)
        worker.page(LATEST, self.answers.append)
        self.assertEqual(self.answers, [])
        self.assertEqual(self.store.page(LATEST).messages, ())
        self.assertEqual(worker.release(), 2)
        self.assertEqual(self.answers, [[KEPT], self.store.page(LATEST)])
        self.assertEqual(worker.release(), 0)


class InMemoryTests(WorkerCase):
    """What needs no disk is kept by whoever asks for it."""

    store_class = OpenStore

    def start(self) -> None:
        """Start, and wait until the thread has nothing to do."""
        super().start()
        self.seqs = count(1)
        for _ in range(1000):
            if self.append_at_once():
                return
            self.run_posted()
        self.fail("the thread does not come to rest")

    def append_at_once(self) -> bool:
        """Append a message; whether that was answered at once."""
        self.answers.clear()
        seq = next(self.seqs)
        self.worker.append([said(seq)], self.done("kept"), 1)
        self.expect(seq)
        return bool(self.answers)

    def test_it_is_answered_at_once(self) -> None:
        self.start()
        self.store.threads.clear()
        self.assertTrue(self.append_at_once())
        self.assertEqual(self.answers, [("kept", [KEPT])])
        self.assertEqual(self.store.threads, {threading.get_ident()})
        self.assertTrue(self.posted.empty())
        self.finish()

    def test_it_waits_while_the_thread_is_at_work(self) -> None:
        self.start()
        self.store.threads.clear()
        self.worker.page(LATEST, self.done("page"))
        self.expect("page")
        seq = next(self.seqs)
        self.worker.append([said(seq)], self.done("late"), 1)
        self.assertTrue(self.store.asked.empty())
        self.store.gate.release()
        [(name, page)] = self.run_posted()
        assert name == "page" and isinstance(page, Page)
        self.assertNotIn(seq, [message.seq for message in page.messages])
        self.expect(seq)
        self.assertEqual(self.run_posted(), [("late", [KEPT])])
        self.assertNotIn(threading.get_ident(), self.store.threads)
        self.finish()

    def test_an_era_that_has_failed(self) -> None:
        self.start()
        self.store.failure = error = StoreError("No room")
        self.assertTrue(self.append_at_once())
        self.store.failure = None
        seq = next(self.seqs)
        self.worker.append([said(seq)], self.done("same era"), 1)
        self.worker.append([said(seq)], self.done("next era"), 2)
        self.expect(seq)
        self.assertEqual(self.answers, [("kept", error), ("same era", error), ("next era", [KEPT])])
        self.finish()
