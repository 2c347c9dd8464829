"""urwid's screen and loops, as a client on Twisted needs them."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from typing import Any

import urwid

Key = str | tuple[str, int, int, int]


class Screen(urwid.display.raw.Screen):
    """All keys are keys: none ends, stops or suspends the client behind its back."""

    def start(self, *args: Any, **kwargs: Any) -> Any:
        """Take the terminal."""
        started = super().start(*args, **kwargs)
        self.tty_signal_keys("undefined", "undefined", "undefined", "undefined", "undefined")
        return started

    def get_available_raw_input(self) -> list[int]:
        """What was typed. Raises `OSError` (EIO) when the terminal is closed."""
        try:
            codes: list[int] = super().get_available_raw_input()
        except RuntimeError as error:
            raise OSError(errno.EIO, str(error)) from None
        return codes

    def suspend(self) -> None:
        """Give the terminal to the shell until it says `fg`."""
        os.kill(os.getpid(), signal.SIGTSTP)


class Loop(urwid.MainLoop):
    """urwid's own draws whenever it is idle; here that is left to `Redraw`."""

    def entering_idle(self) -> None:
        """Draw nothing."""


class GuardedEventLoop(urwid.TwistedEventLoop):
    """urwid's own swallows exceptions when it does not run the reactor."""

    def __init__(self, reactor: Any, guard: Callable[..., Callable[..., None]]) -> None:
        self._guard = guard
        super().__init__(reactor, manage_reactor=False)

    def handle_exit(self, f: Any, enable_idle: bool = True) -> Any:  # noqa: ARG002
        """The callback, guarded."""
        return self._guard(f)


def closed(error: Exception) -> bool:
    """Whether this is how a terminal fails whose window was closed."""
    return isinstance(error, OSError) and error.errno == errno.EIO


def typed(key: Key) -> str:
    """The text of a key within a paste."""
    if not isinstance(key, str):
        return ""
    return {"enter": "\n", "tab": "\t"}.get(key, key if len(key) == 1 else "")
