"""What the terminal client knows: rooms, lines, people, unread counts; pure, told by events."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from chatservice.domain.events import (
    Absent,
    AccountChanged,
    Ack,
    AwayChanged,
    BotChanged,
    Closing,
    Configured,
    Deleted,
    Edited,
    Entered,
    Event,
    Exited,
    Failed,
    Found,
    HistoryPage,
    Invited,
    Joined,
    Kicked,
    Left,
    LoggedIn,
    LoggedOut,
    Message,
    Notice,
    OperatorChanged,
    People,
    Private,
    Reacted,
    ReadUpTo,
    RealnameChanged,
    Renamed,
    RoomInfo,
    RoomRenamed,
    Rooms,
    TypingNow,
    Welcome,
    WhoisReply,
)
from chatservice.wire.sentences import sentence
from urwidclient.conversations import Conversations
from urwidclient.hearing import Hearing
from urwidclient.me import Me
from urwidclient.replies import people_line, rooms_line
from urwidclient.room import Changed, Room
from urwidclient.scrollback import LineKind

TYPING_MS = 6000
WAITING_NOTICES = 3

UNHEEDED = "unheeded"
"""The id of commands of the client's own whose refusal is nothing for a person."""


class ClientModel:
    """The state behind the screen; `apply` is told every event, and the time in UTC ms."""

    def __init__(self) -> None:
        self.me = Me()
        self.server = ""
        self.text_characters = 4000
        self.features: frozenset[str] = frozenset()
        self.rooms: dict[str, Room] = {}
        """By name, in the order of the panel; conversations are among them."""
        self.conversations = Conversations(self.rooms)
        self.hearing = Hearing(self.me, self.rooms, self.conversations)
        self.all_rooms: tuple[RoomInfo, ...] = ()
        self._shown: Room | None = None
        self._server_id: str | None = None
        self._waiting: deque[tuple[str, int]] = deque(maxlen=WAITING_NOTICES)

    @property
    def nick(self) -> str | None:
        """One's nick, once there is one."""
        return self.me.nick

    @property
    def room(self) -> Room | None:
        """The room, or conversation, on the screen."""
        return None if self._shown is None else self.rooms.get(self._shown.name)

    @property
    def current(self) -> str | None:
        """The name of the room on the screen."""
        return None if self.room is None else self.room.name

    @property
    def unsent(self) -> list[tuple[str, str]]:
        """What is not acknowledged yet: the name of the room, or conversation, and the text."""
        return [
            (room.name, line.text) for room in self.rooms.values() for line in room.pending.values()
        ]

    def neighbour(self, step: int) -> str:
        """The room that is `step` rooms from the current one; empty without rooms."""
        rooms = list(self.rooms)
        index = rooms.index(self.current) if self.current in rooms else 0
        return rooms[(index + step) % len(rooms)] if rooms else ""

    def apply(self, event: Event, now: int) -> Changed:
        """Take in one event."""
        match event:
            case Message():
                return self.hearing.message(event)
            case Ack():
                return self.hearing.ack(event)
            case Joined():
                return self._joined(event)
            case Left():
                return self._left(event)
            case TypingNow():
                return self._typing(event, now)
            case Renamed():
                return self._renamed(event)
            case HistoryPage():
                return self.hearing.page(event)
            case Entered():
                return self._entered(event)
            case Edited() | Deleted():
                return self.hearing.amended(event)
            case Reacted():
                return self.hearing.reacted(event)
            case ReadUpTo():
                return self.hearing.read(event)
            case AwayChanged() | RealnameChanged() | BotChanged() | OperatorChanged():
                return self._changed(event, now)
            case AccountChanged():
                return self._describe(event.nick, account=event.account)
            case RoomRenamed() if event.old in self.rooms:
                return self._room_renamed(event)
            case Exited():
                return self.forget(event.room)
            case Welcome():
                return self._welcome(event)
            case Failed():
                return self._failed(event, now)
            case Notice():
                return self.note(event.text, now)
            case Closing():
                return self.note(event.text, now, "error")
            case Private():
                return self.hearing.private(event)
            case Kicked() if event.nick == self.nick and event.room in self.rooms:
                return self.forget(event.room) | self.note(sentence(event) or "", now)
            case LoggedIn() | LoggedOut():
                account = event.account if isinstance(event, LoggedIn) else None
                for nick in (self.nick or "", event.nick):  # a new one is told of after this
                    self._describe(nick, account=account)
                self.me.nick = event.nick
                self._be_of(account)
                return self.note(sentence(event) or "", now) | Changed.PEOPLE | Changed.STATUS
            case Rooms():
                self.all_rooms = event.rooms
                return self.note(rooms_line(event), now)
            case People():
                if event.room in self.rooms:
                    self.rooms[event.room].set_people(event.people)
                return self.note(people_line(event), now) | Changed.PEOPLE
            case Configured(nick="", room=name) if name in self.rooms:
                self.rooms[name].learn(event)
                return Changed.ROOMS
            case Found() | WhoisReply() | Absent():
                return Changed.NOTHING
            case _:
                return self._other(event, now)

    def note(self, text: str, at: int, kind: LineKind = "notice") -> Changed:
        """Show a sentence in the current room; a notice waits for one if there is none."""
        if (room := self.room) is None:
            if kind == "notice":
                self._waiting.append((text, at))
            return Changed.NOTHING
        room.note(text, at, kind)
        return Changed.MESSAGES

    def converse(self, nick: str) -> Room:
        """The conversation with this person, begun if need be."""
        if nick.isdecimal():
            found = (each for room in self.rooms.values() for each in room.people.values())
            nick = next((each.nick for each in found if each.user == nick), nick)
        return self.conversations.begin(nick)

    def open(self, name: str) -> Changed:
        """Put this room on the screen."""
        if (old := self.room) is not None:
            old.back.held = False
            old.attended = old.attended and old is self.rooms[name]
            if not old.unread:
                old.marker = None
        self._shown = self.rooms[name]
        return Changed.MESSAGES | Changed.ROOMS | Changed.PEOPLE | Changed.STATUS

    def place(self, name: str) -> Room:
        """The room of this name, known from now on."""
        if name not in self.rooms:
            self.rooms[name] = Room(name)
            if self.room is None:
                self._shown = self.rooms[name]
        return self.rooms[name]

    def attend(self, name: str | None) -> Changed:
        """This room is being read: it is looked at, at its end. None says that none is."""
        changed = Changed.NOTHING
        for room in self.rooms.values():
            room.attended = room.name == name
            if room.attended and room.unread:
                room.unread = room.mentions = 0
                changed = Changed.ROOMS
        return changed

    def forget(self, name: str) -> Changed:
        """The room is left."""
        names, current = list(self.rooms), self.current
        if self.rooms.pop(name, None) is None:
            return Changed.NOTHING
        if current == name:
            self._shown = None
            index = names.index(name)
            if left := names[:index][-1:] or names[index + 1 :][:1]:
                self.open(left[0])
        return Changed.MESSAGES | Changed.ROOMS | Changed.PEOPLE | Changed.STATUS

    def next_active(self) -> str | None:
        """The room to look at next: one with a mention, then a conversation, then any unread."""
        waiting = [room for room in self.rooms.values() if room.unread]
        waiting.sort(key=lambda room: (not room.mentions, room.person is not None))
        return next((room.name for room in waiting), None)

    def _be_of(self, account: str | None) -> None:
        self.me.account = account
        self.conversations.refresh(kept=account is not None)

    def _failed(self, failed: Failed, now: int) -> Changed:
        if failed.re == UNHEEDED:
            return Changed.NOTHING
        if (changed := self.hearing.failed(failed)) is not None:
            return changed
        changed = self.note(failed.text, now, "error")
        if failed.room in self.rooms:
            self.rooms[failed.room].shut_out()
            changed |= Changed.PEOPLE | Changed.STATUS
        return changed

    def _welcome(self, welcome: Welcome) -> Changed:
        if self._server_id not in (None, welcome.server_id):
            for room in self.rooms.values():
                if room.person is None:
                    room.start_over()
        self._server_id = welcome.server_id
        self.server = welcome.server
        self.features = frozenset(welcome.features)
        self.text_characters = welcome.text_characters
        for room in self.rooms.values():
            room.asked = None
        self._be_of(None)
        if welcome.nick is not None:
            self.me.nick = welcome.nick
        return Changed.STATUS | Changed.ROOMS | Changed.PEOPLE

    def _entered(self, event: Entered) -> Changed:
        room = self.place(event.room)
        if event.seq < room.seq:
            room.start_over()
        room.drop_pending(event.messages)
        lines = [self.hearing.line(message) for message in event.messages]
        room.topic = event.topic or ""
        room.locked, room.invite_only = event.locked, event.invite_only
        changed = room.enter(lines, event.seq, event.people)
        while self._waiting:
            room.note(*self._waiting.popleft())
        return changed | Changed.ROOMS | Changed.PEOPLE | Changed.STATUS

    def _joined(self, event: Joined) -> Changed:
        if (room := self.rooms.get(event.room)) is None:
            return Changed.NOTHING
        room.come(event.person, event.at)
        return Changed.MESSAGES | Changed.PEOPLE | Changed.STATUS

    def _left(self, event: Left) -> Changed:
        if (room := self.rooms.get(event.room)) is None:
            return Changed.NOTHING
        room.go(event.nick, event.at)
        return Changed.MESSAGES | Changed.PEOPLE | Changed.STATUS

    def _renamed(self, event: Renamed) -> Changed:
        if event.old in ("", self.nick):  # without an old nick one is told of one's own alone
            self.me.nick = event.new
        for room in self.rooms.values():
            room.rename(event.old, event.new, event.at)
        self.conversations.rename(event.old, event.new)
        return Changed.MESSAGES | Changed.PEOPLE | Changed.STATUS | Changed.ROOMS

    def _describe(self, nick: str, **facts: Any) -> Changed:
        """Something else is true of somebody, in all rooms."""
        for room in self.rooms.values():
            if (person := room.people.get(nick)) is not None:
                room.people[nick] = replace(person, **facts)
        return Changed.PEOPLE

    def _changed(
        self, event: AwayChanged | RealnameChanged | BotChanged | OperatorChanged, now: int
    ) -> Changed:
        """Somebody tells something about itself; what one told oneself is confirmed in words."""
        match event:
            case AwayChanged():
                changed = self._describe(event.nick, away=event.text)
            case RealnameChanged():
                changed = self._describe(event.nick, realname=event.text)
            case BotChanged():
                changed = self._describe(event.nick, bot=event.active)
            case OperatorChanged():
                changed = self._describe(event.nick, operator=event.operator)
        own = event.nick == self.nick
        return changed | (self.note(sentence(event) or "", now) if own else Changed.NOTHING)

    def _room_renamed(self, event: RoomRenamed) -> Changed:
        """A room goes on under another name, in its place."""
        room = self.rooms[event.old]
        room.name = event.new
        rooms = [each for each in self.rooms.values() if each is room or each.name != event.new]
        self.rooms.clear()
        self.rooms.update((each.name, each) for each in rooms)
        room.note(sentence(event) or "", event.at)
        return Changed.MESSAGES | Changed.ROOMS | Changed.STATUS

    def _other(self, event: Event, now: int) -> Changed:
        """News that are told in words, of a room in that room."""
        if not (text := sentence(event)):
            return Changed.NOTHING
        if (room := self.rooms.get(getattr(event, "room", ""))) is None or isinstance(
            event, Invited
        ):
            return self.note(text, now)
        room.learn(event)
        room.note(text, now)
        return Changed.MESSAGES | Changed.ROOMS | Changed.PEOPLE | Changed.STATUS

    def _typing(self, event: TypingNow, now: int) -> Changed:
        room = self.hearing.find(event.room, event.nick)
        if room is None or event.nick == self.nick:
            return Changed.NOTHING
        if event.active and not event.paused:
            room.typing[event.nick] = now + TYPING_MS
        else:
            room.typing.pop(event.nick, None)
        return Changed.STATUS
