"""What the parts of the client know of each other: the session, and the program around a chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from urwidclient.me import Wanted
from urwidclient.phases import ConnectionState


class Session(Protocol):
    """One person at one server; it reconnects by itself."""

    on_event: Callable[[Event], object]
    on_state: Callable[[ConnectionState], object]

    def start(self) -> None:
        """Connect, and stay connected."""
        ...

    def stop(self, reason: str = "") -> None:
        """Leave for a `reason`, and stay away."""
        ...

    def send(self, command: Command) -> None:
        """Ask the server for something."""
        ...

    def check(self, command: Command) -> None:
        """Raises `TooLong` if no line to the server can hold this."""
        ...

    def reconnect_now(self) -> None:
        """Connect anew without any wait."""
        ...

    def offer_to_keep(self) -> bool:
        """Whether to ask if the login of a moment ago is to be kept."""
        ...

    def keep_login(self) -> None:
        """Keep the login on this machine."""
        ...


class Surroundings(Protocol):
    """What the conversation needs of the program around it."""

    def redraw(self) -> None:
        """Something changed that should be seen."""
        ...

    def now(self) -> int:
        """The time, UTC in ms."""
        ...

    def quit(self, reason: str = "") -> None:
        """Leave the program for a `reason`."""
        ...

    def ring(self, text: str) -> None:
        """Tell somebody who does not look at the screen."""
        ...

    def clear_screen(self) -> None:
        """Draw everything anew."""
        ...

    def connect_to(self, host: str, port: int) -> None:
        """Hang up and go to another server."""
        ...

    def show_servers(self) -> None:
        """Let the person choose a server."""
        ...

    def set_theme(self, name: str) -> None:
        """Use other colours. Raises `ChatError`."""
        ...

    def theme_names(self) -> tuple[str, ...]:
        """The themes there are."""
        ...

    def nick_refused(self, sentence: str, wanted: Wanted | None) -> None:
        """The server does not take the nick; a password may be `wanted`."""
        ...

    def nick_taken(self, nick: str, *, chosen: bool) -> None:
        """One has this nick, which the person has `chosen` or not: the chat can begin."""
        ...
