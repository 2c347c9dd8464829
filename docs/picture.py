"""Makes docs/picture.svg: the terminal client in a real conversation, as the terminal showed it.

Run from a checkout, where no port is announced: `python docs/picture.py` (needs the test extras).
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from html import escape
from pathlib import Path
from typing import Any

import pyte

COLUMNS, ROWS = 122, 19
CELL_WIDTH, CELL_HEIGHT = 8.4, 18
CONVERSATION = (
    ("dave", "lobby", "good morning!"),
    ("bob", "lobby", "the switch in rack 4 is back, who can check the uplink?"),
    ("carol", "lobby", "on it"),
    ("carol", "lobby", "10 Gbit/s, no errors since the reboot"),
    (
        "carol",
        "lobby",
        "the other one looks fine too, I have left the console cable in place for now",
    ),
    ("dave", "ops", "backup of node7 is done"),
    ("dave", "ops", "42 GB in 11 minutes"),
    ("bob", "lobby", "anna: can you put that into the log, please?"),
    ("carol", "lobby", "and the 地下室 sensor is at 21 °C again"),
)
COLOURS = {
    "black": "#1d1f21", "red": "#cc6666", "green": "#b5bd68", "brown": "#f0c674",
    "blue": "#81a2be", "magenta": "#b294bb", "cyan": "#8abeb7", "white": "#c5c8c6",
    "brightblack": "#707880", "brightred": "#d54e53", "brightgreen": "#b9ca4a",
    "brightbrown": "#e7c547", "brightyellow": "#e7c547", "brightblue": "#7aa6da",
    "brightmagenta": "#c397d8", "brightcyan": "#70c0b1", "brightwhite": "#eaeaea",
}  # fmt: skip


class Person:
    """Somebody who talks by the json wire."""

    def __init__(self, port: int, nick: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._send(type="hello", nick=nick)
        for room in ("lobby", "ops"):
            self._send(type="join", room=room)

    def say(self, room: str, text: str) -> None:
        """Say something."""
        self._send(type="say", room=room, text=text)

    def _send(self, **fields: str) -> None:
        self._socket.sendall(json.dumps(fields).encode() + b"\n")
        time.sleep(0.15)


def free_port() -> int:
    """A TCP port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def run_client(port: int, home: str) -> tuple[int, int]:
    """The terminal client on a new terminal: its process id and the terminal's descriptor."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(
            HOME=home, XDG_STATE_HOME=home, TERM="xterm-256color", COLUMNS="", LINES=""
        )
        arguments = ["--host", "127.0.0.1", "--port", str(port), "--nick", "anna"]
        rooms = ["--room", "lobby", "--room", "ops"]
        os.execv(sys.executable, [sys.executable, "-m", "urwidclient", *arguments, *rooms])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    return process, terminal


def watch(terminal: int, stream: pyte.ByteStream, seconds: float) -> None:
    """Let the screen follow what the client draws for a while."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            stream.feed(os.read(terminal, 65536))


def svg(screen: Any) -> str:
    """The screen as a picture."""
    width, height = COLUMNS * CELL_WIDTH + 24, ROWS * CELL_HEIGHT + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}">',
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
        f'<rect width="100%" height="100%" rx="8" fill="{COLOURS["black"]}"/>',
    ]
    for y in range(ROWS):
        x = 0
        while x < COLUMNS:
            cell = screen.buffer[y][x]
            end = x + 1
            while end < COLUMNS and _look(screen.buffer[y][end]) == _look(cell):
                end += 1
            text = "".join(screen.buffer[y][column].data for column in range(x, end))
            parts.append(_run(x, y, end - x, text, cell))
            x = end
    return "\n".join(part for part in parts if part) + "\n</g></svg>\n"


def _look(cell: Any) -> tuple[Any, ...]:
    return (cell.fg, cell.bg, cell.bold, cell.reverse, cell.italics, cell.underscore)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return COLOURS.get(name) or f"#{name}"


def _run(x: int, y: int, cells: int, text: str, cell: Any) -> str:
    foreground = _colour(cell.fg, COLOURS["white"])
    background = _colour(cell.bg, COLOURS["black"])
    if cell.reverse:
        foreground, background = background, foreground
    left, top = 12 + x * CELL_WIDTH, 12 + y * CELL_HEIGHT
    drawn = ""
    if background != COLOURS["black"]:
        drawn = (
            f'<rect x="{left:.1f}" y="{top}" width="{cells * CELL_WIDTH:.1f}" '
            f'height="{CELL_HEIGHT}" fill="{background}"/>'
        )
    if text.strip():
        weight = ' font-weight="bold"' if cell.bold else ""
        drawn += (
            f'<text x="{left:.1f}" y="{top + 14}" xml:space="preserve" fill="{foreground}"{weight} '
            f'textLength="{cells * CELL_WIDTH:.1f}">{escape(text)}</text>'
        )
    return drawn


def main() -> None:
    """Run the scene and write the picture."""
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        twistd = [str(Path(sys.executable).with_name("twistd")), "-n", "--pidfile="]
        options = ["--port", str(port), "--no-announce", "--ephemeral", "--name", "machine room"]
        server = subprocess.Popen([*twistd, "--logfile=/dev/null", "chat", *options])
        try:
            time.sleep(3)
            people = {name: Person(port, name) for name in ("bob", "carol", "dave")}
            for name, room, text in CONVERSATION[:3]:
                people[name].say(room, text)
            screen: Any = pyte.Screen(COLUMNS, ROWS)
            stream = pyte.ByteStream(screen)
            client, terminal = run_client(port, home)
            watch(terminal, stream, 3)
            for name, room, text in CONVERSATION[3:7]:
                people[name].say(room, text)
                watch(terminal, stream, 0.3)
            os.write(terminal, b"bob: thanks, I can see it from here :tada:\r")
            watch(terminal, stream, 1)
            for name, room, text in CONVERSATION[7:]:
                people[name].say(room, text)
                watch(terminal, stream, 0.3)
            os.write(terminal, b"already written dow")
            watch(terminal, stream, 1)
            Path(__file__).with_name("picture.svg").write_text(svg(screen), "utf-8")
            print("\n".join(screen.display))
            os.kill(client, signal.SIGTERM)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
