"""Password hashes: argon2id, computed in a small pool of threads, so that nobody waits for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from getpass import getpass
from threading import Thread, get_native_id
from typing import Protocol, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from twisted.python.threadpool import ThreadPool

from chatservice.domain.errors import ChatError, LimitReached

THREADS = 2
"""Hashes computed at once, in 19 MiB of memory each."""

NICENESS = 10
"""How far these threads stand back where the chat itself has something to do."""

MOST_WAITING = 100
"""Passwords in the queue, some 2 seconds' worth; past it refused."""

Call = Callable[[], None]
_T = TypeVar("_T", str, bool)


class Pool(Protocol):
    """Threads; Twisted's `ThreadPool` is one."""

    def start(self) -> None:
        """Begin to work."""

    def callInThread(self, func: Call, /) -> None:
        """Call in one of the threads, in the order of asking."""

    def stop(self) -> None:
        """Finish what was asked for, then end the threads."""


class PatientThread(Thread):
    """A thread that lets others of its process go first."""

    def run(self) -> None:
        """Work, where possible (a thread of Linux has a priority of its own) more patiently."""
        if sys.platform == "linux":
            niceness = max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0))
            os.setpriority(os.PRIO_PROCESS, get_native_id(), niceness)
        super().run()


class PatientPool(ThreadPool):
    """Threads that let others of their process go first."""

    threadFactory = PatientThread


def argon2id() -> PasswordHasher:
    """What hashes all passwords, at OWASP's least cost."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


class PasswordHashes:
    """The application's hasher; `call` calls back in the reactor's thread, from any other."""

    def __init__(self, pool: Pool, call: Callable[[Call], None]) -> None:
        self._pool = pool
        self._call = call
        self._waiting = 0
        self._stopped = False
        self._argon2 = argon2id()
        self._nobodys = ""

    def start(self) -> None:
        """Start the threads."""
        self._nobodys = self._argon2.hash("nobody's password")
        self._pool.start()

    def stop(self) -> None:
        """End the threads; what waits for one is answered with a refusal."""
        self._stopped = True
        self._pool.stop()

    def hash(self, password: str, done: Callable[[str | ChatError], None]) -> None:
        """A hash that tells whether a password is this one, and nothing else."""
        self._work(lambda: self._argon2.hash(_whole(password)), done)

    def compute(self, work: Callable[[], str], done: Callable[[str | ChatError], None]) -> None:
        """The result of some work."""
        self._work(work, done)

    def verify(
        self, password: str, hashed: str | None, done: Callable[[bool | ChatError], None]
    ) -> None:
        """Whether the password is the hashed one; without a hash it takes as long, and is not."""
        self._work(lambda: self._verify(password, hashed), done)

    def _verify(self, password: str, hashed: str | None) -> bool:
        try:
            right = self._argon2.verify(hashed or self._nobodys, _whole(password))
        except (VerificationError, InvalidHashError):
            return False
        return right and hashed is not None

    def _work(self, compute: Callable[[], _T], done: Callable[[_T | ChatError], None]) -> None:
        if self._waiting >= MOST_WAITING:
            self._call(lambda: done(_BUSY))
            return
        self._waiting += 1

        def work() -> None:
            # Nothing that is raised may say what the password is.
            answer: _T | ChatError
            try:
                answer = _FAILED if self._stopped else compute()
            except Exception:
                answer = _FAILED
            self._call(lambda: answered(answer))

        def answered(answer: _T | ChatError) -> None:
            self._waiting -= 1
            done(answer)

        self._pool.callInThread(work)


def _whole(password: str) -> bytes:
    """All of a password, whatever was typed."""
    return password.encode("utf-8", "surrogatepass")


_BUSY = LimitReached("Too many passwords are being checked just now; try again soon.")
_FAILED = LimitReached("The password could not be checked; try again later.")


def main() -> None:
    """Print the hash of a password that is typed, or comes in as a line."""
    password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    sys.stdout.write(f"{argon2id().hash(_whole(password))}\n")


if __name__ == "__main__":
    main()
