"""A room: who hears it, who is seen in it, and its last messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from chatservice.domain.events import Message, Person, RoomInfo
from chatservice.domain.session import Session

LOBBY = "lobby"
"""The room that is always there."""

MOST_PENDING_VOIDS = 20_000
"""Void seqs worth knowing: more than this many messages never wait for the store at once."""


class Room:
    """The state of one room.

    `recent` holds every message with a seq above `floor`, those not yet committed too. A message
    that came to nothing (refused by the store, or a retry) is void: its seq stays unused.
    """

    def __init__(self, *, id: int, name: str, seq: int, at: int, keep: int) -> None:  # noqa: A002
        self.id = id
        self.name = name
        self.seq = seq
        self.at = at
        self.floor = seq
        self.recent: deque[Message] = deque()
        self.voids: set[int] = set()
        self._keep = keep
        self._people: dict[Session, Person] = {}
        self._hearing: dict[Session, None] = {}
        self._audience: tuple[Session, ...] | None = None
        self._people_list: tuple[Person, ...] | None = None

    @property
    def audience(self) -> tuple[Session, ...]:
        """The sessions that hear the room; the same object for as long as nobody comes or goes."""
        if self._audience is None:
            self._audience = tuple(self._hearing)
        return self._audience

    @property
    def people(self) -> tuple[Person, ...]:
        """The people seen in the room, in order of joining; the same object until that changes."""
        if self._people_list is None:
            self._people_list = tuple(self._people.values())
        return self._people_list

    @property
    def info(self) -> RoomInfo:
        """The room as a list of rooms shows it."""
        return RoomInfo(room=self.name, people=len(self._people), seq=self.seq)

    @property
    def idle(self) -> bool:
        """Whether the room would be missed by nobody: no one in it, nothing ever said."""
        return not (self._hearing or self._people or self.seq or self.name == LOBBY)

    def hear(self, session: Session) -> None:
        """Let a session hear the room."""
        self._hearing[session] = None
        self._audience = None

    def deafen(self, session: Session) -> None:
        """Let a session hear the room no more, which it may stay visible in."""
        if session in self._hearing:
            del self._hearing[session]
            self._audience = None

    def hears(self, session: Session) -> bool:
        """Whether the session hears the room."""
        return session in self._hearing

    def show(self, session: Session) -> None:
        """Let everyone see a session in the room, under its nick of now."""
        self._people[session] = session.person
        self._people_list = None

    def hide(self, session: Session) -> None:
        """Take a session out of what everyone sees."""
        del self._people[session]
        self._people_list = None

    def shows(self, session: Session) -> bool:
        """Whether the session is seen in the room."""
        return session in self._people

    def replace(self, old: Session, new: Session) -> None:
        """Put a person's new session in the place of the old one, heard by nobody yet."""
        self._people = {
            (new if session is old else session): person for session, person in self._people.items()
        }
        self.deafen(old)

    def remember(self, message: Message) -> None:
        """Take in a new message; the author's own id of it is not for those who come later."""
        self.seq, self.at = message.seq, message.at
        self.recent.append(message if message.re is None else replace(message, re=None))
        if len(self.recent) > self._keep:
            self.floor = self.recent.popleft().seq

    def warm(self, messages: tuple[Message, ...], *, floor: int, complete: bool) -> None:
        """Take in the stored messages that end where `recent` began, at `floor`.

        `complete` says that there are no older ones. If the room has moved on since the store was
        asked, there would be a hole, so nothing is taken in.
        """
        if floor != self.floor:
            return
        older = [message for message in messages if message.seq <= floor]
        self.recent.extendleft(reversed(older))
        if older or complete:
            self.floor = 0 if complete else older[0].seq - 1

    def void(self, message: Message) -> None:
        """Forget a message that came to nothing."""
        self.voids.add(message.seq)
        if len(self.voids) > 2 * MOST_PENDING_VOIDS:
            self.voids = {seq for seq in self.voids if seq > self.seq - MOST_PENDING_VOIDS}
        self.recent = deque(each for each in self.recent if each.seq != message.seq)

    def latest(self, count: int) -> tuple[Message, ...] | None:
        """The last `count` messages; None if they are not all in memory."""
        if len(self.recent) < count and self.floor:
            return None
        return self.known(count)

    def known(self, count: int) -> tuple[Message, ...]:
        """The last `count` messages, or as many of them as are in memory."""
        return tuple(self.recent)[-count:] if count else ()

    def after(self, seq: int) -> tuple[Message, ...] | None:
        """The messages with a greater seq; None if they are not all in memory."""
        if seq < self.floor:
            return None
        return tuple(message for message in self.recent if message.seq > seq)

    def last_kept(self, seq: int) -> int:
        """The seq, or the last one before it that is not void.

        A void seq is given out again after a restart, so nobody may go on from one.
        """
        while seq in self.voids:
            seq -= 1
        return seq

    def without_voids(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """The messages less those that came to nothing in the meantime."""
        if not self.voids:
            return tuple(messages)
        return tuple(message for message in messages if message.seq not in self.voids)
