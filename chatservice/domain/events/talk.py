"""What is said, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import MessageKind
from chatservice.domain.events.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Event):
    """Something said; `seq` grows within its room (not always by one), `id` names it for ever.

    `re` is the author's own id of it and goes to nobody else. `text` is that of the last edit, at
    `edited_at`; a deleted message has none.
    """

    room: str
    seq: int
    id: str
    nick: str
    user: str
    at: int
    text: str
    kind: MessageKind = "text"
    re: str | None = None
    edited_at: int | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Private(Event):
    """Something told to one person; its author is told it too, as a sign that it went out."""

    nick: str
    user: str
    to: str
    to_user: str
    at: int
    text: str
    kind: MessageKind = "text"
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Event):
    """To the author: the message is stored, under this seq and id."""

    room: str
    seq: int
    id: str
    at: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Event):
    """Stored messages, oldest first; `more` says that others lie beyond, in the asked direction."""

    room: str
    messages: tuple[Message, ...]
    more: bool
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Event):
    """Messages that were searched for, newest first; `next` leads on, if there may be more."""

    messages: tuple[Message, ...]
    next: int | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Event):
    """A message of `nick` has another text now."""

    room: str
    seq: int
    id: str
    nick: str
    at: int
    text: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Event):
    """A message of `nick` was taken back, by `by`: it has no text any more."""

    room: str
    seq: int
    id: str
    nick: str
    by: str
    at: int
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingNow(Event):
    """Somebody is typing in a room, or has stopped."""

    room: str
    nick: str
    active: bool
