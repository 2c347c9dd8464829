"""Saying something, and asking for what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatservice.domain.commands.base import Command
from chatservice.domain.quick import quick

MessageKind = Literal["text", "action", "notice"]
"""What is said, what one does, or what no program may answer by itself."""
ConfidantName = Literal["operator", "voice"]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Command):
    """Say `text` in `room` (the current one by default); the same `id` again is a retry.

    `reply_to` is the id of the message that it answers.
    """

    text: str
    room: str | None = None
    kind: MessageKind = "text"
    reply_to: str | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Command):
    """Say something to one person, by nick or 6-digit id; by default to who told one last."""

    text: str
    to: str | None = None
    kind: MessageKind = "text"
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confide(Command):
    """Say something to the operators of a room alone, or to its voices too; it is not kept."""

    text: str
    room: str | None = None
    role: ConfidantName = "operator"
    kind: MessageKind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Command):
    """Tell something to the programs of a room, or of a person (`@nick`): asked, or answered."""

    text: str
    room: str
    answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class React(Command):
    """React to a message in a room or with a person (`@nick`), or take that back.

    By default to the last message that somebody else said there.
    """

    reaction: str
    room: str | None = None
    seq: int | None = None
    message_id: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Command):
    """Ask for what was said in a room one is in, or with a person (`@nick`); the latest by default.

    `before`, `after` and `around` are seqs, with `_id` ids of messages, with `_at` times. There
    can be one of each of the first two, in either order. Of what is after something the oldest
    messages come, or the `newest`; of two bounds, those nearest to what is given as `after`.
    """

    room: str | None = None
    before: int | None = None
    after: int | None = None
    around: int | None = None
    before_id: str | None = None
    after_id: str | None = None
    around_id: str | None = None
    before_at: int | None = None
    after_at: int | None = None
    around_at: int | None = None
    newest: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations(Command):
    """Ask in which rooms one is in, and with whom, something was said last between two times.

    These can be in either order; the nearest ones to `after_at` come, in order of time.
    """

    after_at: int | None = None
    before_at: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead(Command):
    """Have read a room, or what a person (`@nick`) told one, up to this time."""

    room: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRead(Command):
    """Ask up to when one has read a room, or what a person (`@nick`) told one."""

    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Command):
    """Find messages in the rooms one may read, newest first; `before` is the last answer's `next`.

    `words` can hold "phrases", beginnings*, from:nick, in:room, before:2026-12-31 and
    after:2026-12-31 (UTC).
    """

    words: str
    room: str | None = None
    before: int | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Command):
    """Give an own message, by default one's last one in the room, another text.

    A room can be a person (`@nick`): what is kept of what one told them.
    """

    text: str
    room: str | None = None
    seq: int | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Command):
    """Take a message back, by default one's own last one in the room; operators take back any.

    Instead of `seq` it can be the last one of `nick`.
    A room can be a person (`@nick`): what is kept of what one told them.
    """

    room: str | None = None
    seq: int | None = None
    nick: str | None = None
    message_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Command):
    """Tell a room, or a person (`@nick`), that one is typing, or has stopped (maybe `paused`)."""

    room: str | None = None
    active: bool = True
    paused: bool = False
