"""The processes that a benchmark starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from benchmarks import servers

SECONDS = 30.0

PROGRAM = """
import time
from benchmarks import servers
servers.end_in_order()
with servers.running_chat() as server:
    print(server.pid, flush=True)
    time.sleep(60)
"""


class EndTests(SynchronousTestCase):
    """A benchmark that is told to end."""

    def test_its_server_ends_with_it(self) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=servers.CHECKOUT, stdout=subprocess.PIPE
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


def _runs(number: int) -> bool:
    """Whether there is a process of this number that serves a chat."""
    try:
        os.kill(number, 0)
        return b"chat" in Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False
