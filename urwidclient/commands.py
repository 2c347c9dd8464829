"""The slash commands of the terminal client: one table for parsing, help, completion and docs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import Any

from chatservice.domain.commands import (
    Command,
    Delete,
    Edit,
    FindPeople,
    History,
    React,
    Say,
    Search,
    Tell,
)
from chatservice.domain.errors import NotInRoom
from chatservice.wire.slash import TABLE, Slash, SlashTable
from urwidclient.room import Room

PORT = 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(Command):
    """Connect to a server; without a host, try the present one again at once."""

    host: str | None
    port: int = PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect(Command):
    """Stay here, but hang up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers(Command):
    """Show the list of servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTheme(Command):
    """Use other colours."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    """Leave the current room, and take it off the screen at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTo(Command):
    """Answer the chosen message, or the last one that somebody else said."""

    text: str


def address(text: str, default_port: int = PORT) -> tuple[str, int] | None:
    """Host and port of `host`, `host:port`, `[ipv6]:port` or a bare IPv6 address; None if wrong."""
    text = text.strip()
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            return None
        port = rest[1:] if rest else None
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    else:
        host, port = text, None
    if not host or any(char.isspace() or not char.isprintable() for char in host):
        return None
    if ":" in host and not _is_ipv6(host):
        return None
    if port is None:
        return host, default_port
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        return None
    return host, int(port)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _connect(argument: str) -> Command | None:
    if not argument:
        return Connect(host=None)
    where = address(argument)
    return None if where is None else Connect(host=where[0], port=where[1])


def _none(make: Callable[[], Command]) -> Callable[[str], Command | None]:
    return lambda argument: None if argument else make()


def _theme(argument: str) -> Command | None:
    return SetTheme(name=argument) if argument and " " not in argument else None


_SHARED = tuple(slash for slash in TABLE if slash.name not in ("plain", "raw"))

LINES = SlashTable(_SHARED)
"""Those of the line mode: all of the server's but the ones about a wire of lines."""

COMMANDS = SlashTable(
    (
        *_SHARED,
        Slash(
            "close", "", "leave this room or conversation and take it off the screen", _none(Close)
        ),
        Slash(
            "reply-to",
            "<text>",
            "answer the chosen message, or what somebody else said last",
            lambda text: ReplyTo(text=text) if text else None,
        ),
        Slash("connect", "[host[:port]]", "connect to a server, or try again at once", _connect),
        Slash("disconnect", "", "hang up, but stay here", _none(Disconnect)),
        Slash("servers", "", "show the list of servers", _none(Servers)),
        Slash("theme", "<theme>", "use other colours: dark, light, mono or your own", _theme),
    )
)

_OPEN_WORDS = {
    "join": 1,
    "create": 1,
    "register": 0,
    "login": 0,
    "passwd": 0,
    "password": 0,
    "pass": 0,
    "oper": 1,
}
"""The commands that end with passwords, and how many words of each are for everybody to see."""


def secret_from(line: str) -> int:
    """Where in a typed line the passwords begin; its length if there are none."""
    name, space, argument = line[1:].partition(" ")
    slash = COMMANDS.find(name) if line.startswith("/") and space else None
    words = _OPEN_WORDS.get(slash.name) if slash is not None else None
    if words is None:
        return len(line)
    rest = argument.lstrip()
    if words:
        rest = rest.partition(" ")[2].lstrip()
    return len(line) - len(rest)


def here(command: Command, room: str | None) -> Command:
    """The command, meant for this room if it is about a room and names none."""
    about: Any = command
    if isinstance(command, Search | FindPeople) or getattr(about, "room", "") is not None:
        return command
    return replace(about, room=room)  # type: ignore[no-any-return]


def about(command: Command, room: Room | None) -> Command:
    """The command, about the room on the screen if it has to be about one. Raises `NotInRoom`."""
    if room is None or room.person is None:
        return here(command, None if room is None else room.name)
    if isinstance(command, History | Edit | Delete | React):
        return here(command, room.wire_name)
    if here(command, "") is not command:
        raise NotInRoom("This is no room but a conversation; go to the room first.")
    return command


def told(say: Say, person: str) -> Tell:
    """What would be said to a room, to one person."""
    return Tell(id=say.id, to=person, text=say.text, kind=say.kind, reply_to=say.reply_to)
