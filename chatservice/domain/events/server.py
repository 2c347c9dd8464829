"""What the server says for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from chatservice.domain.errors import ChatError
from chatservice.domain.events.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(Event):
    """The answer to hello; `nick` is null until one is set.

    A line from the client may have `line_bytes`, its end not counted.
    """

    version: int
    features: tuple[str, ...]
    server: str
    server_id: str
    nick: str | None = None
    user: str
    text_characters: int
    line_bytes: int = 8192
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """A sentence of the server for people; lines are separated by LF."""

    text: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """A command was refused; `code` is stable, `text` is a sentence.

    `room` is the one whose password is needed.
    """

    code: str
    text: str
    room: str | None = None
    re: str | None = None

    @classmethod
    def of(cls, error: ChatError, re: str | None) -> Self:
        """What tells of a refusal."""
        return cls(code=error.code, text=error.sentence, room=error.room, re=re)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time(Event):
    """The time; `offset` is what the server's own clock is corrected by, null if nobody knows."""

    at: int
    offset: int | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Event):
    """A sign of life."""

    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(Event):
    """The server will close this connection; `text` is a sentence, `code` is that of an error, or
    `quit`, `replaced` (by the same client), `killed` (by an operator), `shutdown`.
    """

    code: str
    text: str
    re: str | None = None
