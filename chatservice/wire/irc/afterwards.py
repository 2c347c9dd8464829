"""What becomes of messages: they are read (draft/read-marker) and taken back (REDACT)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.domain.events import Event
from chatservice.domain.text import one_line
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM, Form, notice, noticed, source_of, stamp
from chatservice.wire.irc.history import REDACTION, milliseconds
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.speaking import place
from chatservice.wire.irc.talk import target_of
from chatservice.wire.irc.verbs import Subject, Verb

READ_MARKER = "draft/read-marker"


def _markread(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if not line.params:
        yield codec.personal.fail(line.verb, "NEED_MORE_PARAMS", "Missing parameters")
        return
    target, *times = line.params
    if not times:
        yield Ask(commands.AskRead(room=place(target)), target, _unread)
        return
    kind, _, value = times[0].partition("=")
    at = milliseconds(value) if kind == "timestamp" else None
    if at is None:
        text = "This is not a time"
        yield codec.personal.fail(line.verb, "INVALID_PARAMS", text, target, times[0])
    else:
        yield Ask(commands.MarkRead(room=place(target), at=at), target, _unmarked)


def read(form: Form, target: str, at: int | None) -> Line:
    """Up to when a room, or what a person said, is read; that is not when this happens."""
    params = (target, "*" if at is None else f"timestamp={stamp(at)}")
    return Line(verb="MARKREAD", params=params, source=form.server.name, timed=False)


def _unread(personal: Personal, request: Request, event: Event) -> Iterable[Line] | None:
    """Where one can be nowhere, one has read nothing."""
    return [read(personal.form, request.target, None)] if isinstance(event, events.Failed) else None


def _unmarked(personal: Personal, request: Request, event: Event) -> Iterable[Line] | None:
    if not isinstance(event, events.Failed):
        return None
    return [personal.fail("MARKREAD", "INTERNAL_ERROR", event.text, request.target)]


def _read(form: Form, event: events.ReadUpTo) -> Iterator[Line]:
    if form.has(READ_MARKER):
        yield read(form, target_of(event.room), event.at)


def _own_read(
    personal: Personal, request: Request | None, event: events.ReadUpTo
) -> list[Line] | None:
    if request is None:
        return None
    target = request.target if event.room.startswith("@") else target_of(event.room)
    return [read(personal.form, target, event.at)]


def _redact(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    target, message_id, *reason = line.params
    asked = commands.Delete(
        room=place(target), message_id=message_id, reason=reason[0] if reason else ""
    )

    def refused(personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
        if not isinstance(event, events.Failed):
            return None
        code = "REDACT_FORBIDDEN"
        if event.code == "no-such-message":
            code = "UNKNOWN_MSGID"
        elif event.code.startswith(("no-such", "not-in")):
            return [personal.fail("REDACT", "INVALID_TARGET", event.text, target)]
        return [personal.fail("REDACT", code, event.text, target, message_id)]

    yield Ask(asked, target, refused)


def _deleted(form: Form, event: events.Deleted) -> Iterable[Line]:
    target = target_of(event.room)
    if form.has(REDACTION):
        params = (target, event.id, *((event.reason,) if event.reason else ()))
        source = source_of(event.by, event.user)
        return [Line(verb="REDACT", params=params, source=source)]
    return notice(form, event) if target.startswith(ROOM) else ()


def _edited(form: Form, event: events.Edited) -> Iterable[Line]:
    """No specification knows of edits: they are told in words."""
    target, source = target_of(event.room), source_of(event.nick, event.user)
    if target.startswith(ROOM):
        return notice(form, event)
    return noticed(source, f"(edited) {one_line(event.text)}", target)


SUBJECT = Subject(
    verbs={"MARKREAD": Verb(_markread), "REDACT": Verb(_redact, needs=2)},
    told={events.ReadUpTo: _read, events.Deleted: _deleted, events.Edited: _edited},
    answers={events.ReadUpTo: _own_read},
)
