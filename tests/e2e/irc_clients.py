"""Real IRC clients, each driven as a person drives it; all have the same few words for that."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from tests.e2e.server import SECONDS, environment, until
from tests.e2e.terminal import Terminal

HOST = "127.0.0.1"
REQUIRED = "CHAT_IRC_CLIENTS"
"""The environment variable that makes it a failure when one of the programs is not there."""


class IrcClient(Protocol):
    """One of the programs, connected to a server."""

    def join(self, room: str) -> None:
        """Go into a room, and stay there."""

    def say(self, text: str) -> None:
        """Say something in it."""

    def tell(self, nick: str, text: str) -> None:
        """Say something to one person."""

    def rename(self, nick: str) -> None:
        """Take another nick."""

    def look_at(self, nick: str) -> None:
        """Have what this person said in private on the screen, if that is not so anyway."""

    def sees(self, *parts: str) -> None:
        """Wait until a line is shown that has all of this in it."""

    def quit(self) -> None:
        """Leave the chat, and wait for the end of the program."""

    def close(self) -> None:
        """End it anyhow."""


class Full:
    """A program that fills a terminal."""

    def __init__(self, command: tuple[str, ...], home: Path) -> None:
        self._terminal = Terminal(command, home=home, columns=120, rows=40, env={})

    def join(self, room: str) -> None:
        """By command."""
        self._enter(f"/join #{room}")

    def say(self, text: str) -> None:
        """In the window that is shown."""
        self._enter(text)

    def tell(self, nick: str, text: str) -> None:
        """By command."""
        self._enter(f"/msg {nick} {text}")

    def rename(self, nick: str) -> None:
        """By command."""
        self._enter(f"/nick {nick}")

    def look_at(self, nick: str) -> None:
        """In a window of its own."""
        self._enter(f"/query {nick}")

    def sees(self, *parts: str) -> None:
        """On the screen."""

        try:
            until(lambda: has(self._terminal.text, parts), repr(parts))
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen:\n{self._terminal.text}") from None

    def quit(self) -> None:
        """By command."""
        self._enter("/quit")
        assert self._terminal.wait() == 0

    def close(self) -> None:
        """Close the terminal."""
        self._terminal.close()

    def _enter(self, line: str) -> None:
        self._terminal.type(line)
        self._terminal.wait_input(line[-20:])
        self._terminal.type("\r")


def irssi(home: Path, port: int, nick: str) -> IrcClient:
    """irssi, with nothing configured."""
    where = ("-c", HOST, "-p", str(port), "-n", nick)
    return Full(("irssi", "--home", str(home), *where), home)


def weechat(home: Path, port: int, nick: str) -> IrcClient:
    """WeeChat, with nothing configured."""
    add = f"/server add chat {HOST}/{port} -notls -nicks={nick}"
    return Full(("weechat", "-d", str(home), "-r", add, "-r", "/connect chat"), home)


class Lines:
    """A program that takes lines and writes lines, which are read all the time."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self.text = ""
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
        )
        threading.Thread(target=self._read, daemon=True).start()

    def type(self, *lines: str) -> None:
        """Type lines."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._process.stdin.flush()

    def sees(self, *parts: str) -> None:
        """Wait until a line is written that has all of this in it."""
        try:
            until(lambda: has(self.text, parts), repr(parts))
        except AssertionError as error:
            raise AssertionError(f"{error}; it wrote:\n{self.text}") from None

    def wait(self) -> None:
        """Wait for its end."""
        self._process.wait(SECONDS)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := os.read(self._process.stdout.fileno(), 65536):
            self.text += data.decode("utf-8", "replace")


def has(text: str, parts: tuple[str, ...]) -> bool:
    """Whether one line of the text has all of these in it."""
    return any(all(part in line for part in parts) for line in text.splitlines())


class Sic(Lines):
    """sic: everything in one place."""

    def __init__(self, _home: Path, port: int, nick: str) -> None:
        super().__init__(("sic", "-h", HOST, "-p", str(port), "-n", nick))

    def join(self, room: str) -> None:
        """Which makes it the room that is spoken to."""
        self.type(f":j #{room}")

    def say(self, text: str) -> None:
        """To that room."""
        self.type(text)

    def tell(self, nick: str, text: str) -> None:
        """By command."""
        self.type(f":m {nick} {text}")

    def rename(self, nick: str) -> None:
        """By a line of the protocol: it has no command for that."""
        self.type(f":NICK {nick}")

    def look_at(self, nick: str) -> None:
        """It is in sight anyway."""

    def quit(self) -> None:
        """By a line of the protocol; it ends when the server closes."""
        self.type(":QUIT :bye")
        self.wait()


class Ii:
    """ii: a directory of pipes and files."""

    def __init__(self, home: Path, port: int, nick: str) -> None:
        home.mkdir()
        self._root = home / HOST
        self._where = self._root
        self._process = subprocess.Popen(
            ("ii", "-i", str(home), "-s", HOST, "-p", str(port), "-n", nick), env=environment()
        )

    def join(self, room: str) -> None:
        """Which makes a directory for it."""
        self._enter(self._root, f"/j #{room}")
        self._where = self._root / f"#{room}"

    def say(self, text: str) -> None:
        """Into the pipe of the room."""
        self._enter(self._where, text)

    def tell(self, nick: str, text: str) -> None:
        """Into one that is made for that."""
        self._enter(self._root, f"/j {nick} {text}")

    def rename(self, nick: str) -> None:
        """By command."""
        self._enter(self._root, f"/n {nick}")

    def look_at(self, nick: str) -> None:
        """Everything is read at all times."""

    def sees(self, *parts: str) -> None:
        """In one of its files."""

        def texts() -> list[str]:
            return [out.read_text("utf-8", "replace") for out in self._root.rglob("out")]

        until(lambda: any(has(text, parts) for text in texts()), repr(parts))

    def quit(self) -> None:
        """By command."""
        self._enter(self._root, "/q bye")
        self._process.wait(SECONDS)

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()

    def _enter(self, where: Path, line: str) -> None:
        pipe = where / "in"
        until(pipe.exists, str(pipe))
        with pipe.open("wb", buffering=0) as file:
            file.write(f"{line}\n".encode())


Start = Callable[[Path, int, str], IrcClient]

PROGRAMS: dict[str, Start] = {"irssi": irssi, "weechat": weechat, "sic": Sic, "ii": Ii}
"""All of them, by the name of the program."""


def start(program: str, home: Path, port: int, nick: str) -> IrcClient:
    """Run one of the programs; skips the test if there is none, fails it where there has to be."""
    if shutil.which(program) is None:
        missing = f"{program} is not installed (apt-get install irssi weechat-curses sic ii)"
        if os.environ.get(REQUIRED):
            pytest.fail(missing)
        pytest.skip(missing)
    return PROGRAMS[program](home, port, nick)
