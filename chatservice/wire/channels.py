"""The wire of rooms with passwords and bare JSON objects; docs/protocol-channels.md tells it whole.

A command's id is `<action> <room>`, so that what answers it can be said in the form of the action.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from chatservice.domain import events
from chatservice.domain.commands import Command, Create, Enter, Join, Say
from chatservice.domain.errors import (
    BadInput,
    NoSuchRoom,
    PasswordNeeded,
    RoomExists,
    UnknownCommand,
    WrongState,
)
from chatservice.domain.events import Event
from chatservice.domain.text import clean_room, new_nick
from chatservice.wire.codec import Alike, Circumstances, Encoder, Reply, Wire
from chatservice.wire.objects import each_object
from chatservice.wire.schema import load_object
from chatservice.wire.sentences import said, sentence
from chatservice.wire.slash import TABLE, SlashTable

CREATE, JOIN, MESSAGE, ERROR = "createChannel", "joinChannel", "message", "error"

SERVER = "*"
"""Who says what the server says: nobody can have this name."""

ACCOUNTS = SlashTable(
    slash for slash in TABLE if slash.name in ("register", "login", "logout", "passwd")
)
"""The slash commands that a message can be; all others are text here."""

SEGMENT_BYTES = 1024
"""What a client reads at once, and takes for one object."""

_TOKEN = re.compile(rb'("(?:[^"\\]|\\.)*")[ \t\r\n]*(:)?|[{}\[\]"]', re.DOTALL)
_REFUSALS = {
    RoomExists.code: "channel already exists",
    PasswordNeeded.code: "channel password is incorrect",
    NoSuchRoom.code: "channel does not exist",
}
_WITH_NAME = (PasswordNeeded.code, NoSuchRoom.code)


def starts(first: bytes) -> bool | None:
    """Whether an object's first keys show that it asks for an action; None while they don't."""
    if not first.startswith(b"{"):
        return False
    depth = 0
    for token in _TOKEN.finditer(first):
        if token[0] == b'"':
            return None
        if token[0] in b"{[":
            depth += 1
        elif token[0] in b"}]":
            depth -= 1
            if not depth:
                return False
        elif depth == 1 and token[2] and token[1] in (b'"action"', b'"type"'):
            return token[1] == b'"action"'
    return None


def member_name(nick: str, user: str) -> str:
    """What somebody is called on this wire: the nick, and 11 characters made from the id."""
    digest = hashlib.sha256(b"channels " + user.encode()).digest()
    return f"{nick}_{base64.urlsafe_b64encode(digest[:8]).decode().rstrip('=')}"


def _dump(**found: Any) -> bytes:
    """An object; without escapes only where it would be too long with them."""
    data = json.dumps(found).encode()
    if len(data) > SEGMENT_BYTES:
        return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
    return data


def _refusal(action: str, message: str, **more: str) -> bytes:
    return _dump(success=False, action=action, message=message, **more)


class ChannelsEncoder:
    """Events as objects: what is said, and what became of one's own actions."""

    def __init__(self, local_time: Callable[[int], str]) -> None:
        self._local_time = local_time

    def encode(self, event: Event) -> bytes:
        """The objects of an event."""
        if isinstance(event, events.Message):
            return self._said(event)
        if isinstance(event, events.Private):
            return self._said(event, private=True)
        if isinstance(event, events.Created):
            return _dump(success=True, action=CREATE, message="channel created successfully")
        if isinstance(event, events.Failed):
            action, _, room = (event.re or ERROR).partition(" ")
            name = {"channelName": room} if event.code in _WITH_NAME else {}
            return _refusal(action, _REFUSALS.get(event.code, event.text), **name)
        if isinstance(event, events.Closing):
            return b"" if event.code in ("quit", "shutdown") else _refusal(ERROR, event.text)
        if isinstance(event, (events.Entered, events.Greeting)):
            return b""
        return self._noted(event)

    def encode_own(self, event: Event) -> bytes:
        """The same, but one's own coming is the answer to a join."""
        if isinstance(event, events.Joined):
            return _dump(
                action=JOIN,
                channelName=event.room,
                channelId=int(event.person.user),
                memberName=member_name(event.person.nick, event.person.user),
                message="channel joined successfully",
                success=True,
            )
        return self.encode(event)

    def _said(self, event: events.Message | events.Private, **more: bool) -> bytes:
        """As many objects as it takes for each to be short enough."""
        return self._message(said(event), event.at, member_name(event.nick, event.user), **more)

    def _noted(self, event: Event) -> bytes:
        """What the server says about an event, as if a member of no name said it."""
        text = sentence(event)
        return b"" if text is None else self._message(text, getattr(event, "at", None), SERVER)

    def _message(self, text: str, at: int | None, member: str, **more: bool) -> bytes:
        time = "" if at is None else f"{self._local_time(at)}:{at // 1000 % 60:02}"
        rest = {"timestamp": time, "memberName": member, **more}
        most = SEGMENT_BYTES - len(json.dumps({"action": MESSAGE, "message": "", **rest}))
        return b"".join(_dump(action=MESSAGE, message=part, **rest) for part in _parts(text, most))


def _parts(text: str, most: int) -> list[str]:
    """The text in parts of at most so many bytes each as JSON."""
    if len(json.dumps(text)) - 2 <= most:
        return [text]
    parts, size = [""], 0
    for char in text:
        width = 1 if char.isalnum() and char.isascii() else len(json.dumps(char)) - 2
        if size + width > most:
            parts.append("")
            size = 0
        parts[-1] += char
        size += width
    return parts


class ChannelsCodec(Alike):
    """A connection that comes into one channel, made by it or not, and talks there."""

    __slots__ = ("_action", "_circumstances", "_made", "_room", "encoder")
    fragments: bool = False

    def __init__(self, circumstances: Circumstances, encoder: Encoder) -> None:
        self._circumstances = circumstances
        self._action: str | None = None
        self._room: str | None = None
        self._made = False
        self.encoder: Encoder = encoder

    def greet(self) -> None:
        """Nothing: the client asks for a channel first."""

    def decode(self, unit: bytes) -> tuple[Command, ...] | Reply | None:
        """The commands of an object. Raises `ChatError`."""
        self._action = None
        found = load_object(unit)
        action = found.get("action")
        if action not in (CREATE, JOIN, MESSAGE):
            raise UnknownCommand("Unknown action")
        self._action = action
        if action == MESSAGE:
            return self._say(_string(found, "message"))
        name, member = _string(found, "channelName"), _string(found, "memberName")
        password = _string(found, "channelPassword") or None
        if action == CREATE and not (name and member):
            raise BadInput("channelName and memberName are required")
        if not member:
            raise BadInput("memberName is required")
        return self._go(action, clean_room(name, self._circumstances.limits), member, password)

    def blame(self, _unit: bytes) -> str | None:
        """The action of the refused object."""
        return self._action

    def _say(self, text: str) -> tuple[Command, ...] | Reply | None:
        if self._room is None:
            raise WrongState("Create or join a channel first.")
        if not text.strip():
            return None
        command = _typed(text)
        if isinstance(command, Reply):
            return command
        if self._made:
            # Who says something in a channel that it has made need not wait to be let in.
            self._made = False
            return Join(room=self._room, existing=True, id=f"{JOIN} {self._room}"), command
        return (command,)

    def _go(self, action: str, room: str, member: str, password: str | None) -> tuple[Command, ...]:
        if self._room is not None and (action == CREATE or room != self._room):
            raise WrongState("You are in a channel already; connect once more for another one.")
        enter: tuple[Command, ...] = ()
        if not self._circumstances.named():
            nick = new_nick(member, self._circumstances.limits)
            enter = (Enter(default_nick=nick, aside=True),)
        self._room, self._made = room, action == CREATE
        name = f"{action} {room}"
        if action == CREATE:
            return *enter, Create(room=room, password=password, later=True, id=name)
        return *enter, Join(room=room, password=password, existing=True, id=name)


def _typed(text: str) -> Command | Reply:
    """What a message asks for, or says; a wrong form is answered, and costs nobody the channel."""
    try:
        parsed = ACCOUNTS.parse(" ".join(text.split(maxsplit=1)))
    except UnknownCommand:
        parsed = None
    except BadInput as error:
        return Reply((events.Failed.of(error, None),))
    return parsed if isinstance(parsed, Command) else Say(text=text)


def _string(found: dict[str, Any], name: str) -> str:
    """A field's text, empty if there is none. Raises `BadInput`."""
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{name} has to be a string")
    return value or ""


def wire(local_time: Callable[[int], str]) -> Wire:
    """The registry's row; `local_time` gives the `HH:MM` of a time in UTC milliseconds."""
    encoder = ChannelsEncoder(local_time)
    return Wire(
        name="channels",
        make=lambda circumstances: ChannelsCodec(circumstances, encoder),
        starts=starts,
        framing="objects",
        segments=each_object,
        strict=True,
        port=12345,
    )
