"""The servers under measurement: processes of their own, on the loopback interface."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from benchmarks import heartbeat

CHECKOUT = Path(__file__).resolve().parent.parent
TWISTD = "from twisted.scripts.twistd import run; run()"
START_SECONDS = 60.0
"""After which a server that has not started has failed."""


class Server:
    """A running server process; `log` is what it has printed.

    It keeps its compiled code, as Python does where nobody forbids it: starts are measured, too.
    """

    def __init__(self, command: Sequence[str], port: int | None = None) -> None:
        """Start it and wait until it listens: on the port that it was told, or that it tells."""
        self._output = TemporaryFile()  # noqa: SIM115
        environment = {**os.environ}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdout=self._output, stderr=subprocess.STDOUT
        )
        end = time.monotonic() + START_SECONDS
        try:
            while (found := self._told() if port is None else _listening(port)) is None:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"The server did not start:\n{self.log}")
                time.sleep(0.005)
        except BaseException:
            self.kill()
            raise
        self.port = found

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything it has printed."""
        return os.pread(self._output.fileno(), 1 << 24, 0).decode(errors="replace")

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all its threads, by the system's account (`clock_getcpuclockid`)."""
        return time.clock_gettime((~self._process.pid << 3) | 2)

    @property
    def resident_bytes(self) -> int:
        """Its resident memory."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()
        self._process.wait()
        self._output.close()

    def _told(self) -> int | None:
        """The port that it says it listens on."""
        found = re.search(r"open on TCP port (\d+)", self.log)
        return int(found[1]) if found else None


def _listening(port: int) -> int | None:
    """This port of the loopback interface if anybody listens on it."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return None
    return port


def chat(
    state: str,
    *options: str,
    port: int = 0,
    under: Sequence[str] = (),
    watched: bool = True,
    module: str = "benchmarks.heartbeat",
) -> Server:
    """The chat, keeping its state in the directory `state`; `under` is a program that runs it.

    Unless it is not to be `watched`, it has a heartbeat where the environment names a file for it:
    the `module`, run in the place of `twistd`, sees to that.
    """
    where = ["--port", str(port), "--interface", "127.0.0.1", "--no-announce", "--state", state]
    beats = watched and heartbeat.VARIABLE in os.environ
    wanted = beats or module != heartbeat.__name__
    twistd = ["-m", module] if wanted else ["-c", TWISTD]
    python = [*under, sys.executable, *twistd, "--nodaemon", "--pidfile="]
    return Server([*python, "chat", *where, *options])


@contextmanager
def running_chat(*options: str) -> Iterator[Server]:
    """The chat with an empty store, while the context lasts."""
    with TemporaryDirectory(prefix="chat-benchmark-") as state:
        server = chat(state, *options)
        try:
            yield server
        finally:
            server.kill()


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def raise_file_limit(needed: int) -> None:
    """Allow this process and its servers as many open files as possible; exit if too few."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SystemExit(f"{needed} open files are needed, {hard} are allowed (ulimit -n).")


class Terminated(SystemExit):
    """This program is told to end."""


def end_in_order() -> None:
    """Let SIGTERM end this process by `Terminated`, as an error would: not before its servers."""

    def end(number: int, _: object) -> None:
        raise Terminated(128 + number)

    signal.signal(signal.SIGTERM, end)
