"""Saying something, and asking for what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatservice.domain.commands.base import Command

MessageKind = Literal["text", "action"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Command):
    """Say `text` in `room` (the current one by default); the same `id` again is a retry."""

    text: str
    room: str | None = None
    kind: MessageKind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Command):
    """Say something to one person, by nick or 6-digit id; by default to who told one last."""

    text: str
    to: str | None = None
    kind: MessageKind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Command):
    """Ask for stored messages of a room one is in; without a bound the latest ones.

    `before`, `after` and `around` are seqs, `before_at` and `after_at` times.
    """

    room: str | None = None
    before: int | None = None
    after: int | None = None
    around: int | None = None
    before_at: int | None = None
    after_at: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Command):
    """Find messages in the rooms one may read, newest first; `before` is the last answer's `next`.

    `words` can hold "phrases", from:nick, in:room, before:2026-12-31 and after:2026-12-31 (UTC).
    """

    words: str
    room: str | None = None
    before: int | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Command):
    """Give an own message, by default one's last one in the room, another text."""

    text: str
    room: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Command):
    """Take a message back, by default one's own last one in the room; operators take back any.

    Instead of `seq` it can be the last one of `nick`.
    """

    room: str | None = None
    seq: int | None = None
    nick: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Command):
    """Tell the room that one is typing, or has stopped."""

    room: str | None = None
    active: bool = True
