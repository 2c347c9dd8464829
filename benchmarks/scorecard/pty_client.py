"""The terminal client as a process, on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers


@contextmanager
def on_a_terminal(
    module: str,
    *arguments: str,
    size: tuple[int, int] = (80, 24),
    under: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[tuple[int, int]]:
    """Run a module on so many columns and rows; gives its process and its terminal's other end."""
    master, slave = pty.openpty()
    columns, rows = size
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with TemporaryDirectory(prefix="chat-terminal-") as home:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        own = {"HOME": home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})}
        path = os.pathsep.join([str(servers.CHECKOUT), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            [*under, sys.executable, "-m", module, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=Path(home),
            env={**kept, **own, "PYTHONPATH": path},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        try:
            yield process.pid, master
        finally:
            process.kill()
            process.wait()
            os.close(slave)
            os.close(master)
