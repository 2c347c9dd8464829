"""The real terminal client on a real pty, and what its terminal shows, by pyte."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyte
from wcwidth import wcwidth

from tests.e2e.server import SECONDS, environment, until

CLIENT = (sys.executable, "-m", "urwidclient")


def _as_from_a_shell() -> None:
    """Give the program its terminal, and SIGINT, which those who run in the background ignore."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A program on a terminal of its own; what it writes is read all the time."""

    def __init__(
        self,
        command: tuple[str, ...],
        *,
        home: Path,
        columns: int,
        rows: int,
        env: Mapping[str, str],
    ) -> None:
        home.mkdir(exist_ok=True)
        self.output = b""
        self.columns, self.rows = columns, rows
        self._screen: Any = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._master, self._slave = pty.openpty()
        self._set_size()
        self.attributes_before = self.attributes()
        own = {"HOME": str(home), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **env}
        kept = {
            name: value
            for name, value in environment().items()
            if not name.startswith(("XDG_", "LC_", "COLUMNS", "LINES", "NO_COLOR"))
        }
        self.process = subprocess.Popen(
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=home,
            env={**kept, **own},
            start_new_session=True,
            preexec_fn=_as_from_a_shell,
        )
        self._closing = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        with self._lock:
            return "\n".join(map(self._line, range(self.rows)))

    @property
    def cursor_line(self) -> str:
        """The line that the cursor is in."""
        with self._lock:
            return self._line(self._screen.cursor.y)

    def _line(self, row: int) -> str:
        """A line of the screen; the rest of a wide character that was half overwritten is blank.

        For pyte's own `display` that is an error, and it is so for a moment at times.
        """
        text, wide = "", False
        for column in range(self.columns):
            data = self._screen.buffer[row][column].data
            text += data or ("" if wide else " ")
            wide = wcwidth(data[:1]) == 2
        return text.rstrip()

    def type(self, keys: str) -> None:
        """Press keys; Enter is CR."""
        os.write(self._master, keys.encode())

    def paste(self, text: str) -> None:
        """Paste as a terminal with bracketed paste does."""
        self.type(f"\x1b[200~{text}\x1b[201~")

    def wheel(self, *, up: bool, column: int, row: int, turns: int = 1) -> None:
        """Turn the wheel over a place counted from 1."""
        self.type(f"\x1b[<{64 if up else 65};{column};{row}M" * turns)

    def click(self, column: int, row: int) -> None:
        """Click on a place counted from 1."""
        self.type(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")

    def wait_for(self, text: str) -> None:
        """Wait until the screen shows this."""
        self._until(lambda: text in self.text, repr(text))

    def wait_gone(self, text: str) -> None:
        """Wait until the screen does not show this any more."""
        self._until(lambda: text not in self.text, f"{text!r} gone")

    def wait_input(self, text: str) -> None:
        """Wait until the line with the cursor ends with this."""
        self._until(lambda: self.cursor_line.endswith(text), f"{text!r} in the input")

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size; the program is told by SIGWINCH."""
        with self._lock:
            self.columns, self.rows = columns, rows
            self._screen.resize(rows, columns)
            self._screen.cursor_position(1, 1)
            self._set_size()

    def attributes(self) -> list[Any]:
        """How the terminal treats keys and lines."""
        return termios.tcgetattr(self._slave)

    def wait(self) -> int:
        """Wait for the end of the program; its exit code."""
        code = self.process.wait(SECONDS)
        until(lambda: not select.select([self._master], [], [], 0.1)[0], "the end of the output")
        return code

    def hang_up(self) -> None:
        """Close the terminal, as when its window is closed."""
        self._closing = True
        self._reader.join()
        os.close(self._slave)
        os.close(self._master)

    def close(self) -> None:
        """End the program, and the terminal."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if not self._closing:
            self.hang_up()

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            until(condition, what)
        except AssertionError as error:
            ended = self.process.poll()
            raise AssertionError(f"{error}; exit code {ended}; the screen:\n{self.text}") from None

    def _set_size(self) -> None:
        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def _read(self) -> None:
        while not self._closing:
            if select.select([self._master], [], [], 0.05)[0]:
                data = os.read(self._master, 65536)
                with self._lock:
                    self.output += data
                    self._stream.feed(data)


@contextmanager
def client(
    *arguments: str,
    home: Path,
    columns: int = 100,
    rows: int = 24,
    env: Mapping[str, str] | None = None,
    command: tuple[str, ...] = CLIENT,
) -> Iterator[Terminal]:
    """Run the client with its settings and state under `home`, and kill it at the end."""
    terminal = Terminal(
        (*command, *arguments), home=home, columns=columns, rows=rows, env=env or {}
    )
    try:
        yield terminal
    finally:
        terminal.close()
