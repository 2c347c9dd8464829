"""What was said before: CHATHISTORY, and what is shown to who comes into a room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chatservice.domain import commands, events
from chatservice.domain.commands import MessageKind
from chatservice.domain.events import Event, Message
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM, Form, notices, source_of, stamp
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.speaking import REPLY, place
from chatservice.wire.irc.talk import REACT, said, target_of
from chatservice.wire.irc.verbs import Subject, Verb
from chatservice.wire.sentences import DELETED

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)

PLAYBACK, REDACTION = "draft/event-playback", "draft/message-redaction"
CONTEXT = "draft/chathistory-context"

_BOUNDS: dict[str, tuple[str, ...]] = {
    "BEFORE": ("before",),
    "AFTER": ("after",),
    "LATEST": ("after",),
    "AROUND": ("around",),
    "BETWEEN": ("after", "before"),
}
"""The subcommands, each with the bounds that follow the target."""


class _Invalid(Exception):
    """A parameter cannot be understood."""


def milliseconds(time: str) -> int | None:
    """A time as tags have it, UTC in ms; None if it is none."""
    if not _TIME.fullmatch(time):
        return None
    try:
        found = datetime.fromisoformat(time.removesuffix("Z")[:23]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return max(0, round(found.timestamp() * 1000))


def _chathistory(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    subcommand, *params = line.params
    subcommand = subcommand.upper()
    try:
        if subcommand == "TARGETS":
            yield _targets(codec, params)
        elif subcommand in _BOUNDS:
            yield _messages(codec, subcommand, params)
        else:
            raise _Invalid("Unknown command")
    except _Invalid as error:
        yield codec.personal.fail(line.verb, "INVALID_PARAMS", str(error), subcommand)


def _messages(codec: IrcCodec, subcommand: str, params: list[str]) -> Ask:
    names = _BOUNDS[subcommand]
    target, bounds, limit = _apart(params, len(names))
    given: dict[str, Any] = {}
    for name, bound in zip(names, bounds, strict=True):
        kind, _, value = bound.partition("=")
        if subcommand == "LATEST" and bound == "*":
            continue
        if kind == "msgid" and value:
            given[f"{name}_id"] = value
        else:
            given[f"{name}_at"] = _time(bound)
    asked = commands.History(
        room=place(target), newest=subcommand == "LATEST", limit=_limit(codec, limit), **given
    )

    def refused(personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
        return _refused(personal, event, subcommand, target)

    return Ask(asked, target, refused)


def _targets(codec: IrcCodec, params: list[str]) -> Ask:
    _, (first, second), limit = _apart(["*", *params], 2)
    asked = commands.Conversations(
        after_at=_time(first), before_at=_time(second), limit=_limit(codec, limit)
    )
    return Ask(asked)


def _apart(params: list[str], bounds: int) -> tuple[str, list[str], str]:
    """Target, bounds and limit."""
    if len(params) < bounds + 2:
        raise _Invalid("Insufficient parameters")
    if len(params) > bounds + 2:
        raise _Invalid("Too many parameters")
    return params[0], params[1:-1], params[-1]


def _time(bound: str) -> int:
    kind, _, value = bound.partition("=")
    found = milliseconds(value) if kind == "timestamp" else None
    if found is None:
        raise _Invalid("Invalid timestamp or message id")
    return found


def _limit(codec: IrcCodec, limit: str) -> int:
    if not (limit.isascii() and limit.isdecimal() and int(limit[:9])):
        raise _Invalid("Invalid limit")
    return min(int(limit[:9]), codec.circumstances.limits.history_messages)


def _refused(
    personal: Personal, event: Event, subcommand: str, target: str
) -> Iterable[Line] | None:
    if not isinstance(event, events.Failed):
        return None
    if event.code == "no-such-room" and not target.startswith(ROOM):
        return personal.batched("chathistory", (), target)
    code = "INVALID_TARGET"
    if event.code in ("no-such-message", "not-stored"):
        code = "MESSAGE_ERROR"
    return [personal.fail("CHATHISTORY", code, event.text, subcommand, target)]


def _page(personal: Personal, request: Request | None, event: events.HistoryPage) -> Iterable[Line]:
    # Clients wait for the name by which they asked, and the person may have another one by now.
    asked = request is not None and event.room.startswith("@")
    target = request.target if request is not None and asked else target_of(event.room)
    return _batch(personal, event.room, event.messages, target)


def playback(personal: Personal, room: str, messages: Sequence[Message]) -> Iterator[Line]:
    """What was said before in a room that one comes into, for who has not learned to ask for it.

    Who could not tell it from what is said now is told beforehand how much of it there is.
    """
    form = personal.form
    if not form.has("server-time"):
        count = f"{len(messages)} messages" if len(messages) > 1 else "1 message"
        yield from notices(form, f"Said before you came ({count}):", target_of(room))
    yield from _batch(personal, room, messages, target_of(room))


def _batch(personal: Personal, room: str, messages: Iterable[Message], target: str) -> list[Line]:
    """Messages that were said before in a room, or between oneself and a person (`@nick`)."""
    lines = (
        line
        for message in messages
        for line in _again(personal.form, *_as_now(personal, room, message))
    )
    return personal.batched("chathistory", lines, target)


def _as_now(personal: Personal, room: str, message: Message) -> tuple[Message, str]:
    """A message as it would be said now, and to whom.

    Clients know a conversation of two by the nick that the other one goes by.
    """
    if not room.startswith("@"):
        return message, ROOM + room
    other = room.removeprefix("@")
    if message.account == personal.account:
        return replace(message, nick=personal.nick, user=personal.user), other
    return replace(message, nick=other), personal.nick


def _again(form: Form, message: Message, target: str) -> Iterator[Line]:
    if message.deleted:
        yield from _redacted(form, message, target)
        return
    yield from form.timed(said(form, message, target), message.at)
    if not (form.has(PLAYBACK) and form.has("message-tags")):
        return
    for each in message.reactions:
        tags = {CONTEXT: "", REACT: each.reaction, REPLY: message.id}
        if each.account is not None:
            tags["account"] = each.account
        source = source_of(each.nick, each.user)
        context = Line(verb="TAGMSG", params=(target,), source=source, tags=tags)
        yield from form.timed((context,), message.at)


def _redacted(form: Form, message: Message, target: str) -> Iterator[Line]:
    """That something was here once: a page without it could be empty, which means the end."""
    kind: MessageKind = "notice" if message.kind == "notice" else "text"
    shown = replace(message, text=DELETED, kind=kind)
    yield from form.timed(said(form, shown, target), message.at)
    if form.has(PLAYBACK) and form.has(REDACTION):
        line = Line(verb="REDACT", params=(target, message.id), source=form.server.name)
        yield from form.timed((line.tagged({CONTEXT: ""}),), message.at)


def _conversations(
    personal: Personal, _request: Request | None, event: events.ConversationList
) -> Iterable[Line]:
    server = personal.form.server.name
    lines = [
        Line(
            verb="CHATHISTORY",
            params=("TARGETS", target_of(each.room), stamp(each.at)),
            source=server,
        )
        for each in event.conversations
    ]
    return personal.batched("draft/chathistory-targets", lines)


SUBJECT = Subject(
    verbs={"CHATHISTORY": Verb(_chathistory, needs=1)},
    answers={events.HistoryPage: _page, events.ConversationList: _conversations},
)
