"""Row 3: no acknowledgement leaves before the commit that it tells of is on the disk.

The system calls of all of the server's threads are traced. A message is in the commit whose pages
first show its text, written to the write-ahead log; that commit is on the disk when the next
`fdatasync` of that file has returned. Nothing with that text may be sent before.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure, NotPossible, needs
from benchmarks.scorecard.load import Client, Load, texts

MARK = "fsync-"
"""What each text of this row begins with; six figures follow."""

_TEXT = re.compile(MARK + r"\d{6}")
_CALL = re.compile(
    r"(?P<thread>\d+) +(?P<resumed><\.\.\. )?(?P<name>\w+)(?: resumed>|\()(?P<rest>.*)"
)
_WRITES = {"pwrite64", "pwritev", "write", "writev"}
_SYNCS = {"fdatasync", "fsync"}
_SENDS = {"sendto", "sendmsg"}


def trace(file: Path) -> list[str]:
    """The command that traces whatever follows it; the traced one stays the child of its caller."""
    calls = ",".join(sorted(_WRITES | _SYNCS | _SENDS))
    return [
        *("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "9000"),
        *("-e", f"trace={calls}", "-e", "signal=none", "-o", str(file)),
    ]


def row(effort: Effort) -> Iterator[Figure]:
    """Some clients talk to a traced server."""
    needs("strace")
    number = effort.pick(tiny=50, quick=1000, long=1000)
    with TemporaryDirectory(prefix="chat-fsync-") as folder:
        file = Path(folder, "trace")
        attempt = [*trace(Path(folder, "attempt")), "true"]
        tried = subprocess.run(attempt, capture_output=True, check=False, timeout=20)
        if tried.returncode:
            raise NotPossible(f"no right to trace: {tried.stderr.decode().strip()[-100:]}")
        server = servers.chat(str(Path(folder, "state")), under=trace(file), watched=False)
        try:
            load = Load(server.port)
            clients = [Client(f"user{index}") for index in range(10)]
            load.enter(clients)
            load.say_each(texts(clients, number, MARK), window=20)
            load.settle(0.2)
            load.close()
        finally:
            server.kill()
        acked = {text for client in clients for text in client.acked}
        seen = Order()
        seen.take(_lines(file))
    early = [text for text in acked if text in seen.early]
    yield Figure(
        "acknowledgements sent before the fdatasync of their commit",
        f"{len(early)} of {len(acked):,}",
        f"0 of {number:,}",
        not early and len(acked) == number,
    )
    untraced = acked - seen.safe
    yield Figure(
        "acknowledged messages whose write and fdatasync the trace shows",
        f"{len(acked) - len(untraced):,} in {seen.syncs:,} commits",
        f"{number:,}",
        not untraced and bool(acked),
    )


def _lines(file: Path) -> list[str]:
    """The whole trace: the tracer may still be writing when the traced one is gone."""
    end = time.monotonic() + 10
    size = -1
    while size != (size := file.stat().st_size) and time.monotonic() < end:
        time.sleep(0.2)
    return file.read_text("ascii", errors="replace").splitlines()


class Order:
    """Follows a trace line by line: which texts are written, on the disk, sent."""

    def __init__(self) -> None:
        self.safe: set[str] = set()
        """Texts that are on the disk."""
        self.early: set[str] = set()
        """Texts that were sent before they were."""
        self.syncs = 0
        """How often the log was synced with something new in it."""
        self._known: set[str] = set()
        self._written: set[str] = set()
        self._syncing: dict[str, set[str]] = {}

    def take(self, lines: Iterable[str]) -> None:
        """Follow the trace on; what a thread has begun and not ended is `<unfinished ...>`."""
        for line in lines:
            call = _CALL.match(line)
            if call is None:
                continue
            name, rest, resumed = call["name"], call["rest"], bool(call["resumed"])
            ended = not rest.endswith("<unfinished ...>")
            if name in _WRITES and "-wal>" in rest and not resumed:
                # What a page shows of older commits does not count.
                new = set(_TEXT.findall(rest)) - self._known
                self._known |= new
                self._written |= new
            elif name in _SYNCS:
                self._sync(call["thread"], rest, resumed, ended)
            elif name in _SENDS and not resumed:
                self.early |= set(_TEXT.findall(rest)) - self.safe

    def _sync(self, thread: str, rest: str, resumed: bool, ended: bool) -> None:
        if not resumed:
            if "-wal>" not in rest:
                return
            self._syncing[thread], self._written = self._written, set()
        if ended and thread in self._syncing:
            texts = self._syncing.pop(thread)
            if rest.endswith("= 0"):
                self.safe |= texts
                self.syncs += bool(texts)
