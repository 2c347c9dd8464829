"""What the wires of older clients share: what people type on them, and what they are told."""

from __future__ import annotations

import re
from dataclasses import replace

from chatservice.domain.commands import Admit, Command, Enter, Login, Quit, Say
from chatservice.domain.errors import BadInput
from chatservice.domain.events import Notice
from chatservice.domain.rooms import LOBBY
from chatservice.wire.codec import Reply
from chatservice.wire.sentences import room_title, said
from chatservice.wire.slash import TABLE, ShowHelp, SlashTable, text_of

__all__ = [
    "ENTERING",
    "SLASH",
    "each_line",
    "introduced",
    "line_of",
    "lines",
    "said",
    "typed",
    "where",
]

ENTERING = "entering"
"""The id of the command that makes a person of a connection; its answers carry it."""

SLASH = SlashTable(slash for slash in TABLE if slash.name not in {"plain", "raw"})
"""The slash commands, less those that choose between two forms of lines."""

_TELNET = re.compile(rb"\xff(?:[\xfb-\xfe].|[\xf0-\xfa](?![\x80-\xbf]))", re.DOTALL)
"""What telnet says by itself (RFC 854): options, and keys such as Ctrl-C; never UTF-8."""

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


def line_of(unit: bytes) -> str:
    """A typed line, less its end and what telnet says by itself."""
    if b"\xff" in unit:
        unit = _TELNET.sub(b"", unit)
    return unit.decode("utf-8", "replace").removesuffix("\r\0").rstrip("\r")


def typed(line: str) -> Command | Reply | None:
    """What a person asks for with a line, None if nothing. Raises `UnknownCommand`, `BadInput`."""
    if not line.strip():
        return None
    parsed = SLASH.parse(line)
    if parsed is None:
        return Say(text=text_of(line))
    if isinstance(parsed, ShowHelp):
        return Reply((Notice(text="\n".join(SLASH.help(parsed.topic))),))
    return parsed if isinstance(parsed, Command) else None


def introduced(line: str, default_nick: str | None = None) -> Command | tuple[Command, ...]:
    """What the first line asks for: a name, or to log in. Raises `UnknownCommand`, `BadInput`."""
    if not line.strip() and default_nick is not None:
        return Enter(default_nick=default_nick, id=ENTERING)
    asked = SLASH.parse(line)
    if isinstance(asked, Login):
        if asked.nick is None:
            raise BadInput("Say whose account it is: /login <nick> <password>.")
        return replace(asked, id=ENTERING), Enter(nick=asked.nick, owner=True, id=ENTERING)
    if isinstance(asked, Admit):
        return replace(asked, id=ENTERING)
    return asked if isinstance(asked, Quit) else Enter(nick=line, id=ENTERING)


def lines(start: str, text: str) -> str:
    """Every line of a text behind the same start, so that no text can begin a line of its own."""
    return "".join(f"{start}{line}\n" for line in text.split("\n"))


def where(room: str) -> str:
    """How a line begins that is about a room, or a person (`@nick`); the lobby needs no mention."""
    return "" if room == LOBBY else f"{room_title(room)} "


def each_line(data: bytes) -> list[bytes]:
    """The bytes cut after each LF."""
    return _LINE.findall(data)
