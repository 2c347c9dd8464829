"""Row 17 of the scorecard: a heartbeat tells how long a reactor did nothing else, and what."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from benchmarks import heartbeat, servers
from benchmarks.scorecard import stall
from benchmarks.scorecard.frame import Effort

BUSY = """
import sys, time
from pathlib import Path
from twisted.internet import reactor
from benchmarks.heartbeat import Heart

def dawdle():
    time.sleep(0.3)

reactor.callWhenRunning(lambda: Heart(reactor, Path(sys.argv[1])))
reactor.callLater(0.1, dawdle)
reactor.callLater(0.6, reactor.stop)
reactor.run()
"""


class HeartbeatTests(SynchronousTestCase):
    """A reactor that stands still once."""

    def setUp(self) -> None:
        """No stalls are noted yet."""
        self.file = Path(self.mktemp()).resolve()

    def test_what_it_did(self) -> None:
        command = [sys.executable, "-c", BUSY, str(self.file)]
        subprocess.run(command, cwd=servers.CHECKOUT, check=True, timeout=60)
        longest = heartbeat.stalls(self.file)[0]
        self.assertGreater(longest.seconds, 0.2)
        self.assertLess(longest.cpu, 0.2)
        self.assertIn("dawdle", longest.stack)

    def test_row(self) -> None:
        self.patch(os, "environ", {**os.environ, heartbeat.VARIABLE: str(self.file)})
        [figure] = stall.row(Effort.TINY)
        self.assertTrue(figure.held)
        self.file.write_text(
            '{"seconds": 0.03, "cpu": 0.02, "row": "1", "stack": "a"}\n'
            '{"seconds": 0.07, "cpu": 0.02, "row": "8", "stack": "b"}\n'
            '{"seconds": 9'
        )
        [figure] = stall.row(Effort.TINY)
        self.assertFalse(figure.held)
        self.assertTrue(figure.measured.startswith("70 ms in row 8"))
