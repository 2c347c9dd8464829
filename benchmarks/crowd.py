"""Many clients of one server; what they do is in crowd.c, what they say here."""

from __future__ import annotations

import ctypes
import functools
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.managers import BaseManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.compiling import compiled
from benchmarks.tongues import TONGUES, Step

DEADLINE = 1800.0
"""Seconds after which a measurement that has not ended has failed: ngIRCd is long over 5,000."""

LINE_BYTES = 80
"""Length of a message as it is received."""

_FAULTS = {
    1: f"It was not done within {DEADLINE} s.",
    2: "The server closed a connection.",
    3: "A client got a message twice.",
    4: "A connection was refused.",
}
_INDEX = re.compile(rb"m(\d{7})[^^]*\^")


class _Bytes(ctypes.Structure):
    _fields_ = (("data", ctypes.c_char_p), ("size", ctypes.c_int))


class _Witness(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("size", ctypes.c_int), ("room", ctypes.c_int))


@functools.cache
def _library() -> ctypes.CDLL:
    with TemporaryDirectory(prefix="chat-benchmark-") as folder:
        library = ctypes.CDLL(str(compiled("crowd", Path(folder), "-shared", "-fPIC")))
    library.crowd_new.restype = ctypes.c_void_p
    library.crowd_free.argtypes = [ctypes.c_void_p]
    return library


def _array(texts: Sequence[bytes]) -> ctypes.Array[_Bytes]:
    return (_Bytes * len(texts))(*[_Bytes(text, len(text)) for text in texts])


def _check(status: int) -> None:
    if status:
        raise Failed(_FAULTS[status])


class Failed(Exception):
    """The server did not do what it should; the text says what."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One measured run; `latencies` are seconds from saying a message to its last receiver."""

    seconds: float
    client_seconds: float
    latencies: list[float]


class Crowd:
    """The clients of one server: the first ones only listen, the last `senders` ones speak."""

    def __init__(self, port: int, wire: str, *, receivers: int, senders: int = 0) -> None:
        self._tongue = TONGUES[wire]
        self._receivers = receivers
        self._senders = senders
        self._handle = ctypes.c_void_p(_library().crowd_new(port, receivers + senders))
        self._text_bytes = 24

    def gather(self, at_once: int, *, entering: bool = True) -> float:
        """Let everybody come, `at_once` at a time, and into the room; the seconds this took."""
        steps: list[Step] = []
        everybody = self._receivers + self._senders
        for number in range(everybody):
            steps += self._tongue.introduction(f"user{number}")
            steps += self._tongue.entrance if entering else ()
        says, answers = zip(*steps, strict=True)
        arguments = (len(steps) // everybody, _array(says), _array(answers))
        start = time.perf_counter()
        deadline = ctypes.c_double(DEADLINE)
        _check(_library().crowd_gather(self._handle, everybody, at_once, *arguments, deadline))
        return time.perf_counter() - start

    def settle(self) -> None:
        """Take what still comes until the server is silent."""
        late = (self._receivers + self._senders) ** 2 * 2e-6 if self._tongue.listed else 0
        _check(_library().crowd_drain(self._handle, ctypes.c_double(1 + late)))

    def run(self, messages: int, *, window: int = 0, rate: float = 0) -> Outcome:
        """Say messages, `window` of them on their way at most or `rate` of them a second.

        Each is counted at every client, and has to come once. At a rate the time runs from when
        a message is due, whether or not the server has kept up.
        """
        lines = []
        for number in range(messages):
            nick = f"user{self._receivers + number % self._senders}"
            text = f"m{number:07d} ".ljust(self._text_bytes - 1, ".") + "^"
            lines.append(self._tongue.line(nick, text))
        said, done = (ctypes.c_double * messages)(), (ctypes.c_double * messages)()
        seen = ctypes.create_string_buffer(messages * 256)
        witness = _Witness(ctypes.addressof(seen), 0, len(seen))
        start, client_start = time.perf_counter(), time.process_time()
        status = _library().crowd_run(
            self._handle,
            self._receivers,
            messages,
            _array(lines),
            window,
            ctypes.c_double(rate),
            said,
            done,
            ctypes.byref(witness),
            ctypes.c_double(DEADLINE),
        )
        seconds, client = time.perf_counter() - start, time.process_time() - client_start
        _check(status)
        order = [int(index) for index in _INDEX.findall(ctypes.string_at(seen, witness.size))]
        if sorted(order) != list(range(messages)):
            raise Failed("A receiver did not get each message exactly once.")
        # From now on the lines that are received have the same length on every wire.
        heard = witness.size // messages
        self._text_bytes = max(10, self._text_bytes + LINE_BYTES - heard)
        latencies = [end - said[index] for end, index in zip(done, order, strict=True)]
        return Outcome(seconds, client, latencies)

    def close(self) -> None:
        """Leave."""
        _library().crowd_free(self._handle)


class _Apart(BaseManager):
    """A process that has a crowd."""


_Apart.register("Crowd", Crowd)


@contextmanager
def crowd(port: int, wire: str, *, receivers: int, senders: int = 0) -> Iterator[Crowd]:
    """A crowd in a process of its own, so that each can have as many files as one may open."""
    apart: Any = _Apart()
    with apart:
        members: Crowd = apart.Crowd(port, wire, receivers=receivers, senders=senders)
        yield members
        members.close()
