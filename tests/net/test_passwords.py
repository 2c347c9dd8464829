"""Hashing beside the reactor's thread: right, wrong, too many at once, and the end."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from threading import get_native_id

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import ChatError, LimitReached
from chatservice.net.passwords import MOST_WAITING, NICENESS, PasswordHashes, PatientPool

PASSWORD = "correct horse"
Call = Callable[[], None]


class Queue:
    """A pool without threads, and a reactor's calls: both happen when a test lets them."""

    def __init__(self) -> None:
        self.calls: deque[Call] = deque()
        self.running = False

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.work()
        self.running = False

    def callInThread(self, func: Call, /) -> None:
        self.calls.append(func)

    def work(self) -> None:
        """Do what is asked for by now."""
        for _ in range(len(self.calls)):
            self.calls.popleft()()


class PasswordTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.pool, self.reactor = Queue(), Queue()
        self.hashes = PasswordHashes(self.pool, self.reactor.callInThread)
        self.hashes.start()
        self.answers: list[object] = []

    def answered(self) -> list[object]:
        """Everything that was answered since the last time."""
        self.pool.work()
        self.reactor.work()
        answers, self.answers = self.answers, []
        return answers

    def hashed(self, password: str) -> str:
        self.hashes.hash(password, self.answers.append)
        [hashed] = self.answered()
        assert isinstance(hashed, str)
        return hashed

    def right(self, password: str, hashed: str | None) -> object:
        self.hashes.verify(password, hashed, self.answers.append)
        [right] = self.answered()
        return right

    def test_a_hash_is_argon2id_of_the_recommended_cost_with_a_salt(self) -> None:
        first, second = self.hashed(PASSWORD), self.hashed(PASSWORD)
        self.assertTrue(first.startswith("$argon2id$v=19$m=19456,t=2,p=1$"), first)
        self.assertNotEqual(first, second)
        self.assertNotIn(PASSWORD, first)

    def test_right_and_wrong(self) -> None:
        hashed = self.hashed(PASSWORD)
        self.assertIs(self.right(PASSWORD, hashed), True)
        for wrong in ("", PASSWORD + "!", PASSWORD.upper(), "x" * 128):
            self.assertIs(self.right(wrong, hashed), False)

    def test_any_text_is_a_password(self) -> None:
        for password in ("pässwörd", "\ud800\x00 \n", "密" * 128):
            self.assertIs(self.right(password, self.hashed(password)), True)

    def test_without_a_hash_a_whole_one_is_computed_all_the_same(self) -> None:
        """The hash that it is compared with costs as much as any, and nobody has its password."""
        costs = [self.hashes._nobodys.split("$")[:4], self.hashed(PASSWORD).split("$")[:4]]
        self.assertEqual(*costs)
        self.assertIs(self.right(PASSWORD, None), False)
        self.assertIs(self.right("nobody's password", None), False)

    def test_a_damaged_hash_is_nobodys(self) -> None:
        for damaged in ("$argon2id$nonsense", "x", "plain " + PASSWORD):
            self.assertIs(self.right(PASSWORD, damaged), False)

    def test_nothing_is_computed_or_answered_in_the_callers_thread(self) -> None:
        self.hashes.hash(PASSWORD, self.answers.append)
        self.assertEqual(len(self.pool.calls), 1)
        self.reactor.work()
        self.assertEqual(self.answers, [])
        self.pool.work()
        self.assertEqual(self.answers, [])
        self.reactor.work()
        self.assertEqual(len(self.answers), 1)

    def test_too_many_at_once_are_refused_until_some_are_done(self) -> None:
        for _ in range(MOST_WAITING):
            self.hashes.verify(PASSWORD, "damaged", self.answers.append)
        self.hashes.hash(PASSWORD, self.answers.append)
        self.assertEqual(len(self.pool.calls), MOST_WAITING)
        self.reactor.work()
        [refusal] = self.answers
        assert isinstance(refusal, LimitReached)
        self.assertIn("try again", refusal.sentence)
        self.assertEqual(len(self.answered()), 1 + MOST_WAITING)
        self.hashed(PASSWORD)

    def test_what_waits_at_the_end_is_refused_without_being_computed(self) -> None:
        self.hashes.hash(PASSWORD, self.answers.append)
        self.hashes.stop()
        self.assertFalse(self.pool.running)
        [refusal] = self.answered()
        self.assertIsInstance(refusal, ChatError)

    def test_what_the_library_raises_is_a_refusal_without_the_password(self) -> None:
        self.hashes.hash(None, self.answers.append)  # type: ignore[arg-type]
        [refusal] = self.answered()
        assert isinstance(refusal, ChatError)
        self.assertIsNone(refusal.__context__)
        self.assertEqual(refusal.sentence, "The password could not be checked; try again later.")


class PatienceTests(SynchronousTestCase):
    """The threads that hash stand back where the chat has something to do."""

    def test_priority(self) -> None:
        if sys.platform != "linux":
            self.skipTest("threads have no priority of their own here")
        own = os.getpriority(os.PRIO_PROCESS, 0)
        found: list[int] = []
        pool = PatientPool(minthreads=0, maxthreads=1)
        pool.start()
        pool.callInThread(lambda: found.append(os.getpriority(os.PRIO_PROCESS, get_native_id())))
        pool.stop()
        self.assertEqual(found, [max(NICENESS, own)])
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, 0), own)
