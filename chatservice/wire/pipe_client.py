"""The client's side of the `pipe` wire, for servers that speak nothing newer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Literal

from chatservice.domain.commands import (
    Command,
    Hello,
    History,
    Join,
    ListPeople,
    ListRooms,
    Ping,
    Quit,
    Say,
    SetNick,
    Typing,
    Whois,
)
from chatservice.domain.events import (
    Ack,
    Entered,
    Event,
    Failed,
    HistoryPage,
    Joined,
    Left,
    Message,
    Notice,
    People,
    Person,
    Pong,
    Renamed,
    RoomInfo,
    Rooms,
    Welcome,
)
from chatservice.domain.rooms import LOBBY

GREETED_MESSAGES = 50
"""Messages that a server greets with; what is remembered to know them again."""

TEXT_CHARACTERS = 1000
"""Of one message: older programs read 4 KiB at once and take it for all."""

UNENTERED_MESSAGES = 500
"""Messages kept for who has not entered the lobby."""

_PERSON = re.compile(r"(.+?)\(([^()]*:\d+)\)(?:,|$)")
_JOINED = re.compile(r"(.+) has joined the chat\.")
_LEFT = re.compile(r"(.+) has left the chat\.")
_RENAMED = re.compile(r"(.+) is now known as (.+)\.")
_TAKEN = re.compile(r"Nickname '.*' is already taken\.")
_SAME = "Did you even change your name?"
_HEADING = "Welcome! Here are the recent messages:"

_Said = tuple[str, str]
"""Nick and text: all that this wire tells of a message."""


class PipeClient:
    """One client of one server, over all its connections; `Hello` begins the next one.

    There is one room, the lobby; its seqs are counted here. A person's `user` is the nick. Nothing
    is acknowledged on this wire, so what is said counts as stored once it is sent.
    """

    name: Literal["json", "pipe"] = "pipe"

    def __init__(self) -> None:
        self._seq = 0
        self._heard: deque[_Said] = deque(maxlen=GREETED_MESSAGES)
        self._own: deque[_Said] = deque(maxlen=GREETED_MESSAGES)
        self._encoders: dict[type[Command], Callable[[Any, int], tuple[bytes, tuple[Event, ...]]]]
        self._encoders = {
            Hello: self._hello,
            SetNick: self._set_nick,
            Say: self._say,
            Join: self._joining,
            Whois: lambda command, _: (_line("", f"/whois {command.nick}"), ()),
            ListPeople: lambda command, _: (
                b"",
                (People(room=LOBBY, people=self._people, re=command.id),),
            ),
            ListRooms: self._list_rooms,
            History: lambda command, _: (
                b"",
                (HistoryPage(room=LOBBY, messages=(), more=False, re=command.id),),
            ),
            Ping: lambda command, _: (b"", (Pong(re=command.id),)),
            Typing: lambda _command, _: (b"", ()),
            Quit: lambda _command, _: (b"", ()),
        }
        self._begin(Hello())

    def encode(self, command: Command, now: int) -> tuple[bytes, tuple[Event, ...]]:
        """The lines to send, and what can be answered without the server."""
        encoder = self._encoders.get(type(command), self._unknown)
        return encoder(command, now)

    def decode(self, line: bytes, now: int) -> tuple[Event, ...]:
        """What a line of the server tells, if anything. Raises nothing."""
        text = line.decode("utf-8", "replace")
        verb, bar, payload = text.partition("|")
        match verb if bar else "":
            case "MSG":
                return self._message(payload, now)
            case "ULIST":
                return self._list(payload, now)
            case "SRV":
                return self._notice(payload, now)
        return (Notice(text=text),) if text.strip() else ()

    def _begin(self, hello: Hello) -> None:
        self._nick = hello.nick or ""
        self._asked: tuple[str | None, str] = (hello.id, self._nick)
        self._welcomed = False
        self._lists = 0
        self._people: tuple[Person, ...] = ()
        self._greeting: deque[_Said] | None = deque(maxlen=UNENTERED_MESSAGES)
        self._join: Join | None = None

    # Commands

    def _hello(self, command: Hello, _now: int) -> tuple[bytes, tuple[Event, ...]]:
        self._begin(command)
        return _line("CMD_USER|", self._nick), ()

    def _set_nick(self, command: SetNick, _now: int) -> tuple[bytes, tuple[Event, ...]]:
        self._asked = (command.id, command.nick)
        return _line("CMD_USER|", command.nick), ()

    def _say(self, command: Say, now: int) -> tuple[bytes, tuple[Event, ...]]:
        if command.room not in (None, LOBBY):
            return self._unknown(command, now)
        if command.kind == "action":
            data = _line("", "/me " + command.text.replace("\n", " "))
        else:
            texts = [text for text in command.text.split("\n") if text.strip()]
            data = b"".join(_line("MSG|", f"{self._nick}: {text}") for text in texts)
            self._own.extend((self._nick, text) for text in texts)
        seq = self._next_seq()
        return data, (Ack(room=LOBBY, seq=seq, id=f"pipe-{seq}", at=now, re=command.id),)

    def _joining(self, command: Join, now: int) -> tuple[bytes, tuple[Event, ...]]:
        if command.room != LOBBY:
            return self._unknown(command, now)
        self._join = command
        return b"", self._enter(now)

    def _list_rooms(self, command: ListRooms, _now: int) -> tuple[bytes, tuple[Event, ...]]:
        lobby = RoomInfo(room=LOBBY, people=len(self._people), seq=self._seq)
        return b"", (Rooms(rooms=(lobby,), re=command.id),)

    def _unknown(self, command: Command, _now: int) -> tuple[bytes, tuple[Event, ...]]:
        text = "This server is an older one: it has one room, the lobby, and no more than that."
        return b"", (Failed(code="unknown-command", text=text, re=command.id),)

    # What the server tells

    def _message(self, payload: str, now: int) -> tuple[Event, ...]:
        nick, colon, text = payload.partition(": ")
        if not colon or nick.startswith(("[private] ", "#")):
            return (Notice(text=payload),)
        if self._greeting is not None:
            self._greeting.append((nick, text))
            return ()
        return (self._hear((nick, text), now),)

    def _list(self, payload: str, now: int) -> tuple[Event, ...]:
        people = tuple(
            Person(nick=nick, user=nick, address=address)
            for nick, address in _PERSON.findall(payload)
        )
        changed, self._people = people != self._people, people
        self._lists += 1
        if not self._welcomed:
            # The first list may come before the nick was read; the next one is with it.
            known = self._lists > 1 or any(person.nick == self._nick for person in people)
            return self._welcome(self._nick) if known else ()
        if self._greeting is not None:
            return self._enter(now)
        return (People(room=LOBBY, people=people),) if changed else ()

    def _notice(self, text: str, now: int) -> tuple[Event, ...]:
        if text == _HEADING:
            return ()
        if found := _JOINED.fullmatch(text):
            return self._joined(found[1], now)
        if found := _LEFT.fullmatch(text):
            return (Left(room=LOBBY, nick=found[1], user=found[1], at=now),)
        if found := _RENAMED.fullmatch(text):
            return self._renamed(found[1], found[2], now)
        if text == _SAME:
            return self._refused("same-name", text)
        if _TAKEN.fullmatch(text):
            return self._refused("name-taken", text)
        return (Notice(text=text),)

    def _joined(self, nick: str, now: int) -> tuple[Event, ...]:
        if nick == self._asked[1] and not self._welcomed:
            return self._welcome(nick)
        if nick == self._asked[1] and not self._nick:
            return self._renamed("", nick, now)
        person = Person(nick=nick, user=nick, address="")
        return (Joined(room=LOBBY, person=person, at=now),)

    def _renamed(self, old: str, new: str, now: int) -> tuple[Event, ...]:
        if new == self._asked[1] and not self._welcomed:
            return self._welcome(new)
        own = new == self._asked[1] or old == self._nick
        if own:
            self._nick = new
        answered = self._asked[0] if own else None
        return (Renamed(old=old, new=new, user=old, at=now, re=answered),)

    def _refused(self, code: str, text: str) -> tuple[Event, ...]:
        failed = Failed(code=code, text=text, re=self._asked[0])
        if self._welcomed:
            return (failed,)
        self._nick = ""
        return (failed, *self._welcome(None))

    def _welcome(self, nick: str | None) -> tuple[Event, ...]:
        self._welcomed = True
        welcome = Welcome(
            version=1,
            features=(),
            server="",
            server_id="",
            nick=nick,
            user=nick or "",
            text_characters=TEXT_CHARACTERS,
        )
        return (welcome,)

    def _enter(self, now: int) -> tuple[Event, ...]:
        """The lobby, once it is both wanted and known."""
        if self._join is None or self._greeting is None or not self._lists:
            return ()
        messages = tuple(self._hear(said, now) for said in self._unheard(self._greeting))
        self._greeting = None
        return (
            Entered(
                room=LOBBY,
                seq=self._seq,
                people=self._people,
                messages=messages,
                re=self._join.id,
            ),
        )

    def _unheard(self, greeting: Iterable[_Said]) -> list[_Said]:
        """What follows where a greeting overlaps the end of what was heard, less one's own."""
        heard = [said for said in self._heard if said not in self._own]
        greeted = [said for said in greeting if said not in self._own]
        longest = min(len(heard), len(greeted))
        overlap = next(n for n in range(longest, -1, -1) if heard[len(heard) - n :] == greeted[:n])
        return greeted[overlap:]

    def _hear(self, said: _Said, now: int) -> Message:
        self._heard.append(said)
        nick, text = said
        seq = self._next_seq()
        return Message(
            room=LOBBY, seq=seq, id=f"pipe-{seq}", nick=nick, user=nick, at=now, text=text
        )

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq


def _line(verb: str, text: str) -> bytes:
    """One line, whatever the text holds."""
    return (verb + text.replace("\r", " ").replace("\n", " ")).encode("utf-8", "replace") + b"\n"
