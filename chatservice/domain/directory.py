"""All rooms, found by name, made, renamed."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakValueDictionary

from chatservice.domain.addresses import block_of, host_of, is_throttled
from chatservice.domain.authority import Standing
from chatservice.domain.errors import LimitReached, NoSuchRoom, RoomExists
from chatservice.domain.events import Person
from chatservice.domain.facts import Facts, of_user
from chatservice.domain.limits import Limits
from chatservice.domain.marks import Marks
from chatservice.domain.policy import Policy
from chatservice.domain.records import KeptRoom
from chatservice.domain.rooms import LOBBY, Room
from chatservice.domain.session import Session
from chatservice.domain.text import clean_room, counted
from chatservice.domain.tries import HOUR, Tries


class Directory:
    """All rooms, and all conversations of two accounts."""

    def __init__(
        self, limits: Limits, rooms: Iterable[KeptRoom], marks: Marks, facts: Facts
    ) -> None:
        rooms = tuple(rooms)
        self._limits = limits
        self._made = Tries(limits.address_rooms, HOUR / limits.address_rooms)
        self.marks = marks
        self.facts = facts
        self._rooms = {
            room.name: Room(
                id=room.id, name=room.name, seq=room.seq, at=room.at, keep=limits.recent_messages
            )
            for room in rooms
        }
        for room in rooms:
            self._rooms[room.name].policy = Policy.of(room, lobby=room.name == LOBBY)
            # What is said from now on is not from before anybody came.
            self._rooms[room.name].skip(max((each.since for each in room.members), default=0))
        # Weakly: what something was said in is never dropped.
        self._by_id = WeakValueDictionary({room.id: room for room in self._rooms.values()})
        self.reserved: set[str] = set()
        """Names that rooms are being given."""
        self._former: dict[str, Room] = {}
        # So that nobody's going looks at thousands of rooms.
        self._inviting: dict[str, set[Room]] = {}
        # Where those are something who have left, by identities that end with the connection.
        self._left: dict[str, set[Room]] = {}
        # Who was to stay in a room without a connection, which was not kept.
        self._vanished: list[tuple[Room, Person]] = []
        self._next_id = max((room.id for room in self._rooms.values()), default=0) + 1
        self._conversations = {
            name: self._rooms.pop(name) for name in tuple(self._rooms) if name.startswith("@")
        }
        self.lobby = self._rooms.get(LOBBY) or self._make(LOBBY)

    @property
    def rooms(self) -> tuple[Room, ...]:
        """All rooms, oldest first."""
        return tuple(self._rooms.values())

    def existing(self, name: str) -> Room:
        """The room of a name as a person gave it. Raises `NoSuchRoom`."""
        # As most are given: to clean a name for each message costs a lot.
        room = self._rooms.get(name.removeprefix("#"))
        if room is None:
            name = clean_room(name, self._limits)
            room = self._rooms.get(name)
        if room is None:
            raise NoSuchRoom(f"There is no room called #{name}; /rooms shows all rooms.")
        return room

    def conversation(self, *accounts: str) -> Room:
        """What two accounts say to each other in private; no room's name begins with `@`."""
        name = _conversation(accounts)
        room = self._conversations.get(name)
        if room is None:
            room = self._conversations[name] = self._numbered(name)
        return room

    def conversation_between(self, *accounts: str) -> Room | None:
        """The same, if they have said anything."""
        return self._conversations.get(_conversation(accounts))

    def conversations_of(self, account: str) -> list[Room]:
        """All that an account has to do with."""
        return [
            room for name, room in self._conversations.items() if f"@{account}" in name.split(" ")
        ]

    def check_new(self, name: str) -> None:
        """Raise `RoomExists` if there is a room of a name as a person gave it."""
        name = clean_room(name, self._limits)
        if name in self._rooms or name in self.reserved:
            raise RoomExists(f"There is a room called #{name} already: /join {name}.")

    def existing_or_new(self, session: Session, name: str, now: int) -> Room:
        """The same, made for this session if there is none. Raises `LimitReached`."""
        name = clean_room(name, self._limits)
        room = self._rooms.get(name)
        if room is not None:
            return room
        if name in self.reserved:
            raise RoomExists(f"A room is being renamed to #{name}; try again.")
        if len(self._rooms) >= self._limits.rooms:
            raise LimitReached(f"There are {self._limits.rooms} rooms already; join one of them.")
        if session.rooms_made >= self._limits.rooms_per_session:
            made = counted(self._limits.rooms_per_session, "room")
            raise LimitReached(f"You have made {made} already; join one that exists.")
        host = host_of(session.address)
        if is_throttled(host, self._limits):
            self._made.check(block_of(host), now, "rooms are made from your address")
        session.rooms_made += 1
        room = self._make(name)
        room.policy.give(session.identity, Standing.OPERATOR, room.seq)
        room.policy.made_at = now
        return room

    def formerly(self, name: str) -> Room | None:
        """The room that had a name as a person gave it, and has another one since the start."""
        return self._former.get(clean_room(name, self._limits))

    def rename(self, room: Room, name: str, sessions: Iterable[Session]) -> None:
        """Let a room go by another name, which no other one has, in its place of all rooms."""
        old = room.name
        self._former.pop(name, None)
        self._former[old] = room
        if len(self._former) > self._limits.rooms:
            del self._former[next(iter(self._former))]
        self._rooms = {name if each is room else n: each for n, each in self._rooms.items()}
        room.rename(name)
        sessions = tuple(sessions)
        self.marks.rename(old, name, sessions)
        for session in sessions:
            if old in session.rooms:
                session.rooms = dict.fromkeys(name if n == old else n for n in session.rooms)
            if session.current == old:
                session.current = name

    def invite(self, user: str, room: Room, *, pardoned: bool) -> None:
        """Invite whoever has this id; `pardoned` against any rule."""
        room.policy.invited.add(user)
        if pardoned:
            room.policy.pardoned.add(user)
        self._inviting.setdefault(user, set()).add(room)

    def forget(self, user: str) -> None:
        """An id is nobody's any more: who has it next is not invited, and tells nothing yet."""
        self.facts.forget(of_user(user))
        for room in self._inviting.pop(user, ()):
            room.policy.uninvite(user)

    def drop_idle(self, room: Room) -> None:
        """Let a room be no more that nobody would miss."""
        if room.idle and self._rooms.get(room.name) is room:
            del self._rooms[room.name]

    def shown_to(self, session: Session, names: Iterable[str], now: int) -> tuple[str, ...]:
        """Those rooms of these that somebody may know of."""
        return tuple(name for name in names if self._rooms[name].known_to(session, now))

    def _make(self, name: str) -> Room:
        self._former.pop(name, None)
        room = self._rooms[name] = self._numbered(name)
        return room

    def _numbered(self, name: str) -> Room:
        room = Room(id=self._next_id, name=name, seq=0, at=0, keep=self._limits.recent_messages)
        self._by_id[room.id] = room
        self._next_id += 1
        return room


def _conversation(accounts: Iterable[str]) -> str:
    return " ".join(f"@{account}" for account in sorted(accounts))
