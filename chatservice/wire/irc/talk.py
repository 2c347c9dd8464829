"""What people say: to rooms and to one person; what their clients tell each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from chatservice.domain import commands, events
from chatservice.domain.events import Event
from chatservice.wire.irc import multiline
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM, Form, Teller, source_of
from chatservice.wire.irc.line import BODY_BYTES, Line
from chatservice.wire.irc.lists import distinct, too_many
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.speaking import REPLY, ROLES, place, say
from chatservice.wire.irc.verbs import Subject, Verb

TYPING, REACT, UNREACT = "+typing", "+draft/react", "+draft/unreact"

_TYPING = {"active": (True, False), "paused": (False, True), "done": (False, False)}
_PREFIXES = {role: prefix for prefix, role in ROLES.items()}

Spoken = events.Message | events.Private | events.Confided


def _say(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    collected = multiline.collect(codec, line)
    if collected is not None:
        return collected
    if line.params and line.params[0]:
        text = line.params[1] if len(line.params) > 1 else ""
        return say(codec, line.verb, line.params[0], text, line.tags)
    if line.verb == "NOTICE":
        return []
    return [codec.numeric("ERR_NORECIPIENT", f"No recipient given ({line.verb})")]


def _tagmsg(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    tags = line.tags if "message-tags" in codec.capabilities else {}
    reply_to = tags.get(REPLY)
    targets = distinct(line.params[0])
    if refusal := too_many(codec, line.verb, targets):
        yield from refusal
        return
    for target in targets:
        typing = _TYPING.get(tags.get(TYPING, ""))
        if typing is not None:
            active, paused = typing
            asked = commands.Typing(room=place(target), active=active, paused=paused)
            yield Ask(asked, target)
        for tag, active in ((REACT, True), (UNREACT, False)):
            if reply_to and tags.get(tag):
                reaction = commands.React(
                    reaction=tags[tag], room=place(target), message_id=reply_to, active=active
                )
                yield Ask(reaction, target)


def target_of(room: str) -> str:
    """What an event is about as IRC calls it; `@nick` is whom somebody tells something."""
    return room.removeprefix("@") if room.startswith("@") else ROOM + room


def _message(form: Form, event: events.Message) -> Iterator[Line]:
    return said(form, event, ROOM + event.room)


def _private(form: Form, event: events.Private) -> Iterator[Line]:
    return said(form, event, event.to)


def _confided(form: Form, event: events.Confided) -> Iterator[Line]:
    return said(form, event, f"{_PREFIXES[event.role]}{ROOM}{event.room}")


_AROUND = 24
"""Bytes of a line besides its source, its target and its text; each character has four at most."""


def said(form: Form, event: Spoken, target: str) -> Iterator[Line]:
    """What was said, in as many lines as it takes."""
    source = source_of(event.nick, event.user)
    verb = "NOTICE" if event.kind == "notice" else "PRIVMSG"
    start, end = ("\x01ACTION ", "\x01") if event.kind == "action" else ("", "")
    tags, text = _tags(event), event.text
    if "\n" not in text and _AROUND + 4 * (len(source) + len(target) + len(text)) <= BODY_BYTES:
        yield Line(verb, (target, f"{start}{text}{end}"), source, tags)
        return
    bare = Line(verb=verb, params=(target, f"{start} {end}"), source=source).body()
    found = multiline.parts(form, text, BODY_BYTES - len(bare))
    lines = [
        Line(verb=verb, params=(target, f"{start}{piece}{end}"), source=source, tags=tags)
        for piece, _ in found
    ]
    if len(lines) == 1:
        yield lines[0]
    elif form.has(multiline.MULTILINE) and form.has("batch") and event.kind != "action":
        yield from multiline.batched(f"m{event.id}", lines, found)
    else:
        shown = [line for line, (piece, _) in zip(lines, found, strict=True) if piece]
        yield shown[0]
        more = {tag: value for tag, value in tags.items() if tag == "account"}
        yield from (line.tagged(more) for line in shown[1:])


def _tags(event: Spoken) -> dict[str, str]:
    tags = {"msgid": event.id}
    if event.account is not None:
        tags["account"] = event.account
    reply_to = None if isinstance(event, events.Confided) else event.reply_to
    if reply_to is not None:
        tags[REPLY] = reply_to
    return tags


def _signalled(_form: Form, event: events.Signalled) -> Iterator[Line]:
    params = (target_of(event.room), f"\x01{event.text}\x01")
    tags = {"msgid": event.id} | ({"account": event.account} if event.account else {})
    verb = "NOTICE" if event.answer else "PRIVMSG"
    yield Line(verb=verb, params=params, source=source_of(event.nick, event.user), tags=tags)


def _typing(form: Form, event: events.TypingNow) -> Iterable[Line]:
    state = "active" if event.active else "paused" if event.paused else "done"
    return tagmsg(form, event, {TYPING: state})


def _reacted(form: Form, event: events.Reacted) -> Iterable[Line]:
    tag = REACT if event.active else UNREACT
    return tagmsg(form, event, {tag: event.reaction, REPLY: event.id})


def tagmsg(
    form: Form, event: events.TypingNow | events.Reacted, tags: dict[str, str]
) -> Iterable[Line]:
    """Tags without a text, for who has asked for tags (message-tags, "TAGMSG")."""
    if form.has("message-tags"):
        if event.account is not None:
            tags = {"account": event.account, **tags}
        source = source_of(event.nick, event.user)
        yield Line(verb="TAGMSG", params=(target_of(event.room),), source=source, tags=tags)


def _own(personal: Personal, request: Request | None, event: Any) -> Iterable[Line] | None:
    """What one says oneself, for who wants that; what one tells oneself arrives besides."""
    if request is None:
        return None
    private = event.to if isinstance(event, events.Private) else event.room.removeprefix("@")
    if private == event.nick and getattr(event, "room", "@").startswith("@"):
        personal.tell_besides(personal.form.lines(event))
    return None if personal.form.has("echo-message") else ()


def _is_away(personal: Personal, _request: Request | None, event: events.IsAway) -> list[Line]:
    return [personal.numeric("RPL_AWAY", event.nick, event.text)]


_SAID: dict[type[Event], Teller] = {
    events.Message: _message,
    events.Private: _private,
    events.Confided: _confided,
    events.Signalled: _signalled,
    events.TypingNow: _typing,
    events.Reacted: _reacted,
}

SUBJECT = Subject(
    verbs={
        "PRIVMSG": Verb(_say),
        "NOTICE": Verb(_say),
        "TAGMSG": Verb(_tagmsg, needs=1),
    },
    told=_SAID,
    answers={**dict.fromkeys(_SAID, _own), events.IsAway: _is_away},
    failures={("login-needed", ""): "ERR_NEEDREGGEDNICK"}
    | {
        (code, verb): "ERR_CANNOTSENDTOCHAN"
        for code in ("banned", "forbidden", "moderated", "muted", "not-in-room")
        for verb in ("PRIVMSG", "TAGMSG", "BATCH")
    },
)
