"""What is kept: the one record the store is given, and the questions it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.events import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message to keep; `client` (a hash) and `message.re` together tell a retry."""

    room_id: int
    message: Message
    client: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The message is in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """The same client sent the same id before: nothing was stored, this is the first one."""

    room: str
    seq: int
    id: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRoom:
    """A room as the store has it; `seq` and `at` are those of its last message, 0 for none."""

    id: int
    name: str
    seq: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which messages of a room to read: at most one of `before`, `after`, `around` is a seq."""

    room_id: int
    limit: int
    before: int | None = None
    after: int | None = None
    around: int | None = None
    characters: int = 131072


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Messages oldest first; `more` says that others lie beyond, in the asked direction."""

    messages: tuple[Message, ...]
    more: bool
