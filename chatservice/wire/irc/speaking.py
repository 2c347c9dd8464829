"""From what a client wants to have said to what the chat is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from chatservice.domain import commands, events
from chatservice.domain.commands import Command, ConfidantName, MessageKind
from chatservice.domain.events import Event
from chatservice.wire.irc.codec import IrcCodec, new_id
from chatservice.wire.irc.form import ROOM
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.lists import distinct, too_many
from chatservice.wire.irc.personal import Ask, Personal

REPLY = "+draft/reply"
"""The tag that names the message which is answered."""

ROLES: dict[str, ConfidantName] = {"@": "operator", "+": "voice"}
"""What can stand before a room for those with a role alone (STATUSMSG)."""

_QUERY = "\x01"
"""What encloses that which clients tell each other (CTCP)."""

_ACTION = f"{_QUERY}ACTION "
# Bold, colours and the like, which other doors know nothing of.
_FORMATTING = re.compile(
    "\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?"
    "|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?"
    "|[\x02\x0f\x11\x16\x1d\x1e\x1f]"
)


def say(
    codec: IrcCodec, verb: str, targets: str, text: str, tags: Mapping[str, str]
) -> Iterable[Ask | Line]:
    """Say a text to some rooms and people, or let nobody know why that is not possible (NOTICE)."""
    kind: MessageKind = "notice" if verb == "NOTICE" else "text"
    names = distinct(targets) if "," in targets else [targets]
    reply_to = tags.get(REPLY) or None if "message-tags" in codec.capabilities else None
    if not text:
        refusal = [codec.numeric("ERR_NOTEXTTOSEND")]
    elif not (refusal := too_many(codec, "PRIVMSG", names)):
        answer = _unrefused if kind == "notice" else None
        return [Ask(_command(name, text, kind, reply_to), name, answer) for name in names]
    return [] if kind == "notice" else refusal


def place(target: str) -> str:
    """A target as the chat has it: a room, or a person with an @ in front."""
    return target if target.startswith(ROOM) else f"@{target}"


def _command(target: str, text: str, kind: MessageKind, reply_to: str | None) -> Command:
    if text[:1] == _QUERY:
        if kind == "notice" or not text.startswith(_ACTION):
            text, answer = text.strip(_QUERY), kind == "notice"
            return commands.Signal(text=text, room=place(target), answer=answer)
        text, kind = text.removeprefix(_ACTION).removesuffix(_QUERY), "action"
    if not text.isprintable():
        text = _FORMATTING.sub("", text)
    if target.startswith(ROOM):
        return commands.Say(id=new_id(), room=target, text=text, kind=kind, reply_to=reply_to)
    if target[:1] in ROLES and target[1:].startswith(ROOM):
        return commands.Confide(room=target[1:], role=ROLES[target[0]], text=text, kind=kind)
    return commands.Tell(id=new_id(), to=target, text=text, kind=kind, reply_to=reply_to)


def _unrefused(_personal: Personal, _request: Any, event: Event) -> Iterable[Line] | None:
    """A notice is answered by nothing, not even by an error (RFC 2812, section 3.3.2)."""
    return () if isinstance(event, events.Failed) else None
