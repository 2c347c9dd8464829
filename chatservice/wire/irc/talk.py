"""What people say: to rooms and to one person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM, Form, source_of
from chatservice.wire.irc.line import BODY_BYTES, Line, pieces
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.verbs import Subject, Verb

_ACTION = "\x01ACTION "


def _privmsg(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if not line.params or not line.params[0]:
        yield codec.numeric("ERR_NORECIPIENT", f"No recipient given ({line.verb})")
        return
    text = line.params[1] if len(line.params) > 1 else ""
    kind: commands.MessageKind = "text"
    if text.startswith(_ACTION):
        text, kind = text.removeprefix(_ACTION).removesuffix("\x01"), "action"
    for target in filter(None, line.params[0].split(",")):
        if target.startswith(ROOM):
            yield Ask(commands.Say(room=target, text=text, kind=kind), target)
        else:
            yield Ask(commands.Tell(to=target, text=text, kind=kind), target)


def _message(form: Form, event: events.Message) -> Iterator[Line]:
    return said(form, event, ROOM + event.room, {"msgid": event.id})


def _private(form: Form, event: events.Private) -> Iterator[Line]:
    return said(form, event, event.to, {})


def said(
    _form: Form, event: events.Message | events.Private, target: str, tags: dict[str, str]
) -> Iterator[Line]:
    """What was said, in as many lines as it takes."""
    source = source_of(event.nick, event.user)
    start, end = (_ACTION, "\x01") if event.kind == "action" else ("", "")
    bare = Line(verb="PRIVMSG", params=(target, f"{start} {end}"), source=source).body()
    for piece in pieces(event.text, BODY_BYTES - len(bare)):
        params = (target, f"{start}{piece}{end}")
        yield Line(verb="PRIVMSG", params=params, source=source, tags=tags)


def _echo(
    personal: Personal, request: Request | None, _event: events.Message | events.Private
) -> Iterable[Line] | None:
    if request is None or personal.form.has("echo-message"):
        return None
    return ()


SUBJECT = Subject(
    verbs={"PRIVMSG": Verb(_privmsg)},
    told={events.Message: _message, events.Private: _private},
    answers={events.Message: _echo, events.Private: _echo},
    failures={("not-in-room", "PRIVMSG"): "ERR_CANNOTSENDTOCHAN"},
)
