"""The processes that a benchmark starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from benchmarks import servers
from benchmarks.scorecard import __main__ as scorecard
from benchmarks.scorecard.frame import Effort, Figure, NotPossible

SECONDS = 30.0

PROGRAM = """
import time
from benchmarks import servers
servers.end_in_order()
with servers.running_chat() as server:
    print(server.pid, flush=True)
    time.sleep(60)
"""


ROW = """
import time
from benchmarks import servers
from benchmarks.scorecard import __main__ as scorecard
from benchmarks.scorecard.frame import Effort

def row(effort):
    with servers.running_chat() as server:
        print(server.pid, flush=True)
        time.sleep(60)
    yield

scorecard.ROWS[1] = "a row that takes long", row
servers.end_in_order()
list(scorecard.tried(1, Effort.TINY))
"""


class ServerTests(SynchronousTestCase):
    """What a server is started with."""

    def test_code_is_compiled_once(self) -> None:
        """Where this is forbidden, each start takes a second more than its users know."""
        self.patch(os, "environ", {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        tell = "import sys; print('open on TCP port', 1 + sys.dont_write_bytecode)"
        server = servers.Server([sys.executable, "-c", tell])
        self.addCleanup(server.kill)
        self.assertEqual(server.port, 1)


class TriedTests(SynchronousTestCase):
    """A row that this machine lacks something for."""

    def test_what_was_not_seen_does_not_pass(self) -> None:
        """Only a figure of time may be missed, and this is none."""

        def lacking(_effort: Effort) -> Iterator[Figure]:
            raise NotPossible("no strace")
            yield

        self.patch(scorecard, "ROWS", {1: ("a row", lacking)})
        [figure] = scorecard.tried(1, Effort.TINY)
        self.assertEqual(figure.measured, "not possible here: no strace")
        self.assertFalse(figure.held or figure.timed)


class EndTests(SynchronousTestCase):
    """A benchmark that is told to end."""

    def test_its_server_ends_with_it(self) -> None:
        self.check_end(PROGRAM)

    def test_in_the_middle_of_a_row(self) -> None:
        """What a row does not survive is a figure that is not held, but not this."""
        self.check_end(ROW)

    def check_end(self, program: str) -> None:
        """Run a program that prints the number of its server's process."""
        with subprocess.Popen(
            [sys.executable, "-c", program], cwd=servers.CHECKOUT, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            number = int(process.stdout.readline())
            self.assertTrue(_runs(number))
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(SECONDS), 128 + signal.SIGTERM)
        end = time.monotonic() + SECONDS
        while _runs(number) and time.monotonic() < end:
            time.sleep(0.01)
        self.assertFalse(_runs(number))

    def test_a_server_that_is_starting_ends_too(self) -> None:
        """Whatever ends the wait for it."""

        def ended(_: float) -> None:
            raise KeyboardInterrupt

        self.patch(time, "sleep", ended)
        started = self.processes()
        self.assertRaises(KeyboardInterrupt, servers.chat, self.mktemp())
        [process] = started
        self.assertIsNotNone(process.returncode)

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """Those that are started from now on."""
        started: list[subprocess.Popen[bytes]] = []

        class Noted(subprocess.Popen[bytes]):
            """Is in the list."""

            def __init__(self, *arguments: Any, **named: Any) -> None:
                super().__init__(*arguments, **named)
                started.append(self)

        self.patch(subprocess, "Popen", Noted)
        return started


def _runs(number: int) -> bool:
    """Whether there is a process of this number that serves a chat."""
    try:
        os.kill(number, 0)
        return b"chat" in Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False
