"""What is said, and what becomes of it.

Where a `room` is `@nick`, that is whom somebody tells something in private.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import ConfidantName, MessageKind
from chatservice.domain.events.base import Event
from chatservice.domain.quick import quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How somebody reacts to a message; `account` is the name of the account that this one has."""

    reaction: str
    nick: str
    user: str
    account: str | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Event):
    """Something said; `seq` grows within its room (not always by one), `id` names it for ever.

    `re` is the author's own id of it and goes to nobody else, `account` the name of its account.
    `reply_to` is the id of the message that it answers. `text` is that of the last edit, at
    `edited_at`; a deleted message has none. `bot` says that a program has just said it: of what is
    read from the store that is not known.
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
    account: str | None = None
    reply_to: str | None = None
    reactions: tuple[Reaction, ...] = ()
    bot: bool = False


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Private(Event):
    """Something told to one person; its author is told it too, as a sign that it went out.

    What two accounts tell each other is kept, under its `id`.
    """

    nick: str
    user: str
    to: str
    to_user: str
    at: int
    text: str
    kind: MessageKind = "text"
    re: str | None = None
    id: str = ""
    account: str | None = None
    reply_to: str | None = None
    bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IsAway(Event):
    """To who tells something to somebody who is away: why that is."""

    nick: str
    user: str
    text: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confided(Event):
    """Something said to the operators of a room alone, or (`role`) to its voices too."""

    room: str
    role: ConfidantName
    id: str
    nick: str
    user: str
    at: int
    text: str
    kind: MessageKind = "text"
    account: str | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalled(Event):
    """What somebody's program tells those of others; wires on which programs do so show it."""

    room: str
    id: str
    nick: str
    user: str
    at: int
    text: str
    answer: bool = False
    account: str | None = None
    bot: bool = False
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Event):
    """To the author: the message is stored, under this seq and id.

    What is told to one person, or confided, again and not stored has the seq 0.
    """

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
    user: str = ""
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Event):
    """A message of `nick` was taken back, by `by` (of this `user`): it has no text any more."""

    room: str
    seq: int
    id: str
    nick: str
    by: str
    at: int
    user: str = ""
    reason: str = ""
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(Event):
    """Somebody reacts to a message of `author`, or does so no more.

    `seq` is 0, and `author` empty, where messages are not kept.
    """

    room: str
    seq: int
    id: str
    author: str
    nick: str
    user: str
    at: int
    reaction: str
    active: bool
    account: str | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A room, or a person (`@nick`), and when something was said there last."""

    room: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationList(Event):
    """The answer to a question where something was said, the earliest first."""

    conversations: tuple[Conversation, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUpTo(Event):
    """To all connections of a person: it has read a room, or a person (`@nick`), up to then."""

    room: str
    at: int | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingNow(Event):
    """Somebody is typing in a room, or has stopped (maybe only `paused`)."""

    room: str
    nick: str
    active: bool
    user: str = ""
    paused: bool = False
    account: str | None = None
    re: str | None = None
