"""What outlives a lost connection: the rooms, how much of each was seen, what is not yet sent."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace

from chatservice.domain.commands import (
    Command,
    Create,
    Join,
    Leave,
    Say,
    SetRoomPassword,
    Tell,
)
from chatservice.domain.errors import ChatError, LimitReached, NoSuchRoom, NotInRoom, TooLong
from chatservice.domain.events import (
    Ack,
    Closing,
    Entered,
    Event,
    Exited,
    Failed,
    HistoryPage,
    Kicked,
    Message,
    Private,
    RoomRenamed,
)
from chatservice.domain.limits import Limits
from chatservice.domain.text import clean_room, clean_text
from chatservice.wire.schema import dump

WAITING_SAYS = 1000
"""Messages that may wait for their acknowledgement; past it refused."""

CLOSINGS = 3
"""Connections that the server may close for the length of a message before that is given up."""

Said = Say | Tell

_LIMITS = Limits()


def new_id() -> str:
    """An id for a command that no other one of this client has."""
    return secrets.token_hex(8)


def room_name(room: str) -> str:
    """The name that the server will know a room under, if it takes it at all."""
    try:
        return clean_room(room, _LIMITS)
    except ChatError:
        return room


class Resume:
    """The rooms one is in, and the messages that wait; each message passes upward once."""

    def __init__(self, rooms: Iterable[str]) -> None:
        self._seen: dict[str, int | None] = dict.fromkeys(map(room_name, rooms))
        self._entered: set[str] = set()
        self._joins: dict[str, str] = {}
        self._leaving: dict[str, tuple[Leave, int | None]] = {}
        self._left: dict[str, Leave] = {}
        self._passwords: dict[str, str] = {}
        self._says: dict[str, Said] = {}
        self._sent: set[str] = set()
        self._in_doubt: dict[str, Said] = {}
        self._closings: dict[str, int] = {}
        self._server_id: str | None = None
        self.line_bytes = _LIMITS.unit_bytes
        self.doubtful = False

    def begin(self) -> None:
        """A connection is new: nothing is sent on it."""
        self._in_doubt.update({key: say for key, say in self._says.items() if key in self._sent})
        self._sent.clear()

    def reconnect(self, server_id: str) -> list[Failed | Exited]:
        """One is let in on a new connection: nothing is entered. Another server counts anew.

        Who has a nick there is somebody else: what waits to be told to one person has failed. The
        rooms that one was leaving are left, and the server is told again.
        """
        failed: list[Failed] = []
        leaving = {key: leave for key, (leave, _) in self._leaving.items()}
        left = [Exited(room=leave.room or "", re=key) for key, leave in leaving.items()]
        self._left.update(leaving)
        self._leaving.clear()
        if server_id != self._server_id:
            self._seen = dict.fromkeys(self._seen)
            if self._server_id is not None:
                failed = self._fail_tells()
                self._left.clear()
        self._server_id = server_id
        self._entered.clear()
        self._joins.clear()
        return [*failed, *(exited for exited in left if exited.room not in self._seen)]

    def rejoin(self) -> list[Join | Leave]:
        """What brings one back into all rooms, each from the last message seen, and out of those
        that were left meanwhile."""
        joins = [self.join(Join(room=room, since=seq)) for room, seq in tuple(self._seen.items())]
        return [*self._left.values(), *joins]

    def join(self, command: Join) -> Join:
        """Take note of a room that is joined; the command gets an id, and the known password."""
        name = room_name(command.room)
        if command.password is not None:
            self._passwords[name] = command.password
        command = replace(
            command,
            id=command.id or new_id(),
            room=name,
            password=self._passwords.get(name),
        )
        self._joins[command.id or ""] = name
        self._seen.setdefault(name)
        return command

    def create(self, command: Create) -> Create:
        """Take note of a room that is made, if it is not one of one's own; the same."""
        command = replace(command, id=command.id or new_id(), room=room_name(command.room))
        if command.room not in self._seen:
            self._joins[command.id or ""] = command.room
            self.set_password(SetRoomPassword(room=command.room, password=command.password))
            self._seen[command.room] = None
        return command

    def set_password(self, command: SetRoomPassword) -> None:
        """Take note of the password that a room is given."""
        if command.room is not None:
            self._passwords.pop(room_name(command.room), None)
            if command.password is not None:
                self._passwords[room_name(command.room)] = command.password

    def leave(self, command: Leave) -> None:
        """Take note of a room that is left, unless the server refuses that."""
        room = room_name(command.room or "")
        if room in self._seen:
            self._leaving[command.id or ""] = replace(command, room=room), self._seen.pop(room)
            self._entered.discard(room)

    def leave_later(self, command: Leave) -> Exited | None:
        """A room is left without a connection: the server is told at the next one.

        Not (None) if one is not in that room, or something that was said there waits.
        """
        room = room_name(command.room or "")
        if room not in self._seen or any(_room_of(say) == room for say in self._says.values()):
            return None
        self._forget(room)
        key = new_id()
        self._left[key] = Leave(id=key, room=room, reason=command.reason)
        return Exited(room=room, re=command.id)

    def check(self, command: Command) -> None:
        """Raises `TooLong` if the server would close the connection upon a line as long as this."""
        excess = len(dump(command)) - self.line_bytes
        if excess > 0:
            raise TooLong(
                f"That is {excess} bytes too long for one message to this server, where a letter "
                "has up to 4; say it in parts."
            )

    def say(self, say: Said) -> None:
        """Keep a message until it is acknowledged; it gets an id.

        Raises `LimitReached`, and `TooLong` as `check` does.
        """
        if len(self._says) >= WAITING_SAYS:
            raise LimitReached(f"{WAITING_SAYS} messages wait to be sent already.")
        say = replace(say, id=say.id or new_id())
        if isinstance(say, Say):
            room = room_name(say.room) if say.room else next(reversed(self._seen), None)
            say = replace(say, room=room)
        self.check(say)
        self._says[say.id or ""] = say

    def ready(self) -> list[Said]:
        """The messages that can go now and have not gone on this connection, in order."""
        entering = self._seen.keys() - self._entered
        found = {
            key: say
            for key, say in self._says.items()
            if key not in self._sent and _room_of(say) not in entering
        }
        self._sent.update(found)
        return list(found.values())

    def see(self, event: Event, nick: str) -> list[Event]:
        """What of an event is news; `nick` is one's own."""
        match event:
            case Failed(re=str(key)) if self._left.pop(key, None) is not None:
                return []
            case Message():
                acks, fresh = self._news(event.room, (event,), nick)
                return [*acks, *fresh]
            case Ack():
                self._done(event.re)
                self._mark(event.room, event.seq)
            case HistoryPage() if event.re in self._joins:
                acks, fresh = self._news(event.room, event.messages, nick)
                return [replace(event, messages=fresh), *acks] if fresh else [*acks]
            case Entered():
                return self._enter(event, nick)
            case Private():
                self._done(event.re)
            case Closing():
                return [event, *self._closed_upon(event)]
            case RoomRenamed():
                self._rename(event.old, event.new)
            case Exited():
                self._leaving.pop(event.re or "", None)
                self._left.pop(event.re or "", None)
                if event.room in self._joins.values():  # it is to be entered anew
                    self._entered.discard(event.room)
                else:
                    self._forget(event.room)
            case Kicked() if event.nick == nick:
                self._forget(event.room)
            case Failed() if event.re is not None:
                self._stay(event)
                self._done(event.re)
                return self._shut_out(self._joins.pop(event.re, None), event)
        return [event]

    def _stay(self, refused: Failed) -> None:
        """One is still in a room that one may not leave so, as for too long a reason."""
        leave, seq = self._leaving.pop(refused.re or "", (None, None))
        if leave is not None and refused.code not in (NotInRoom.code, NoSuchRoom.code):
            self._seen.setdefault(leave.room or "", seq)
            self._entered.add(leave.room or "")

    def _enter(self, event: Entered, nick: str) -> list[Event]:
        asked = self._joins.pop(event.re or "", event.room)
        seen = self._seen.pop(asked, None) if asked != event.room else None
        self._seen.setdefault(event.room, seen)
        self._entered.add(event.room)
        seen = self._seen[event.room]
        if seen is not None and event.seq < seen:
            self._seen[event.room] = None  # the server lost what came last: its seqs come again
        acks, fresh = self._news(event.room, event.messages, nick)
        self._seen[event.room] = event.seq
        return [replace(event, messages=fresh), *acks]

    def _news(
        self, room: str, messages: tuple[Message, ...], nick: str
    ) -> tuple[list[Ack], tuple[Message, ...]]:
        """Acknowledgements that messages of one's own amount to, and the others not seen yet.

        These are to be told first: what comes after something newer is no news.
        """
        seen = self._seen.get(room)
        acks: list[Ack] = []
        fresh: list[Message] = []
        for message in messages:
            if seen is not None and message.seq <= seen:
                continue
            own = self._own(message) if message.nick == nick else None
            if own is None:
                fresh.append(message)
            else:
                self._done(own)
                acks.append(Ack(room=room, seq=message.seq, id=message.id, at=message.at, re=own))
            self._mark(room, message.seq)
        return acks, tuple(fresh)

    def _own(self, message: Message) -> str | None:
        """The id of the message in doubt that has turned out to be stored as this one."""
        if message.re in self._in_doubt:
            return message.re
        for key, say in self._in_doubt.items():
            if (_room_of(say), say.kind) == (message.room, message.kind):
                try:
                    if clean_text(say.text, _LIMITS) == message.text:
                        return key
                except ChatError:
                    continue
        return None

    def _shut_out(self, room: str | None, reason: Failed) -> list[Event]:
        """A room cannot be joined, so nothing new can be said there; the `reason` names it.

        What may have been said already is said again: the server knows whether it was. All waits
        if the server may be another than it is taken for: the next connection shows it.
        """
        if room is None or room in self._entered:
            return [reason]
        if self.doubtful and reason.code == "unknown-command":
            return [replace(reason, room=room)]
        self._forget(room)
        said = (key for key, say in self._says.items() if _room_of(say) == room)
        lost = [key for key in said if key not in self._in_doubt]
        for key in lost:
            self._done(key)
        return [replace(reason, room=room), *(replace(reason, re=key, room=None) for key in lost)]

    def _closed_upon(self, closing: Closing) -> list[Event]:
        """The server closes the connection, which may be for the first message not confirmed.

        It is not, unless something was too long: a server that is shut down closes it for nothing
        that was said.
        """
        if closing.code != TooLong.code:
            return []
        key = next((key for key in self._says if key in self._sent), None)
        if key is None:
            return []
        self._closings[key] = self._closings.get(key, 0) + 1
        if self._closings[key] < CLOSINGS:
            return []
        self._done(key)
        text = f"The server closed the connection each time that this was sent. {closing.text}"
        return [Failed(code=closing.code, text=text, re=key)]

    def _fail_tells(self) -> list[Failed]:
        """What is not confirmed was for somebody at another server."""
        failed = []
        for key in [key for key, say in self._says.items() if isinstance(say, Tell)]:
            known = "knows whether this arrived" if key in self._in_doubt else "was told this"
            text = f"This is another server than before; nobody {known}."
            failed.append(Failed(code="not-connected", text=text, re=key))
            self._done(key)
        return failed

    def _done(self, key: str | None) -> None:
        if key is not None:
            self._says.pop(key, None)
            self._in_doubt.pop(key, None)
            self._closings.pop(key, None)

    def _mark(self, room: str, seq: int) -> None:
        if room in self._seen:
            self._seen[room] = max(seq, self._seen[room] or 0)

    def _rename(self, old: str, new: str) -> None:
        """A room has another name: what is known of it, and waits for it, is the new one's."""
        self._seen = {new if name == old else name: seq for name, seq in self._seen.items()}
        self._entered = {new if name == old else name for name in self._entered}
        self._joins = {key: new if name == old else name for key, name in self._joins.items()}
        if old in self._passwords:
            self._passwords[new] = self._passwords.pop(old)
        for key, say in self._says.items():
            if isinstance(say, Say) and say.room == old:
                self._says[key] = replace(say, room=new)

    def _forget(self, room: str) -> None:
        self._seen.pop(room, None)
        self._passwords.pop(room, None)
        self._entered.discard(room)


def _room_of(say: Said) -> str | None:
    """The room that something waits for; what is told to one person waits for none."""
    return say.room if isinstance(say, Say) else None
