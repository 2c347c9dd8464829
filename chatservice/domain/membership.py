"""Coming into rooms and leaving them, without missing a message or seeing one twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chatservice.domain import events
from chatservice.domain.errors import LimitReached, NoSuchRoom, NotInRoom
from chatservice.domain.events import Event, Message
from chatservice.domain.limits import Limits
from chatservice.domain.records import KeptRoom, Page, Window
from chatservice.domain.rooms import LOBBY, Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Read, Step
from chatservice.domain.text import clean_room

GoOn = Callable[[tuple[Message, ...], int], list[Step]]
"""What happens with a room's messages once they are at hand: (messages, now) -> steps."""


class Membership:
    """All rooms, and who is in them."""

    def __init__(self, limits: Limits, rooms: Iterable[KeptRoom]) -> None:
        self._limits = limits
        self._rooms = {
            room.name: Room(
                id=room.id, name=room.name, seq=room.seq, at=room.at, keep=limits.recent_messages
            )
            for room in rooms
        }
        self._next_id = max((room.id for room in self._rooms.values()), default=0) + 1
        self.lobby = self._rooms.get(LOBBY) or self._make(LOBBY)

    @property
    def rooms(self) -> tuple[Room, ...]:
        """All rooms, oldest first."""
        return tuple(self._rooms.values())

    def existing(self, name: str) -> Room:
        """The room of a name as a person gave it. Raises `NoSuchRoom`."""
        name = clean_room(name, self._limits)
        room = self._rooms.get(name)
        if room is None:
            raise NoSuchRoom(f"There is no room called #{name}; /rooms shows all rooms.")
        return room

    def existing_or_new(self, session: Session, name: str) -> Room:
        """The same, made for this session if there is none. Raises `LimitReached`."""
        name = clean_room(name, self._limits)
        room = self._rooms.get(name)
        if room is not None:
            return room
        if len(self._rooms) >= self._limits.rooms:
            raise LimitReached(f"There are {self._limits.rooms} rooms already; join one of them.")
        if session.rooms_made >= self._limits.rooms_per_session:
            most = self._limits.rooms_per_session
            raise LimitReached(f"You have made {most} rooms already; join one that exists.")
        session.rooms_made += 1
        return self._make(name)

    def heard(self, session: Session, name: str | None, *, seen: bool = False) -> Room:
        """The named or current room, which the session hears. Raises `NotInRoom`, `NoSuchRoom`.

        With `seen`, a room will do where it is only seen, as after a reconnect.
        """
        if name is None:
            if session.current is None:
                raise NotInRoom("You are in no room; join one first.")
            name = session.current
        room = self.existing(name)
        if not (room.hears(session) or (seen and room.shows(session))):
            raise NotInRoom(f"You are not in #{room.name}; join it first.")
        return room

    def latest(
        self, session: Session, room: Room, go_on: GoOn, re: str | None, now: int
    ) -> list[Step]:
        """Go on with a room's last messages, read from the store if they are not in memory.

        Who can't be shown them comes in all the same, with those that are in memory.
        """
        count = self._limits.replay_messages
        messages = room.latest(count)
        if messages is not None:
            return go_on(messages, now)
        floor = room.floor

        def resume(page: Page, now: int) -> list[Step]:
            room.warm(page.messages, floor=floor, complete=not page.more)
            return go_on(room.known(count), now)

        def fallback(now: int) -> list[Step]:
            return go_on(room.known(count), now)

        return [Read(session, self.window(room, count), resume, re, fallback)]

    def catch_up(
        self, session: Session, room: Room, since: int, re: str | None, now: int
    ) -> list[Step]:
        """Enter a room with all messages after `since`: pages from the store, then from memory."""
        messages = room.after(since)
        if messages is not None:
            return self.enter(session, room, messages, re, now)
        floor = room.floor

        def resume(page: Page, now: int) -> list[Step]:
            steps: list[Step] = [Deliver.to(session, page_of(room, page, re))]
            last = page.messages[-1].seq if page.messages else since
            # Where the page ends the store, the seqs up to the floor of then are read, or void.
            reached = last if page.more else max(last, floor)
            more = self.catch_up(session, room, reached, re, now)
            return [*steps, *more] if page.messages else more

        room.deafen(session)
        window = self.window(room, self._limits.history_messages, after=since)
        return [Read(session, window, resume, re)]

    def enter(
        self, session: Session, room: Room, messages: tuple[Message, ...], re: str | None, now: int
    ) -> list[Step]:
        """Let a session hear a room and be seen in it, from the end of `messages` on."""
        room.hear(session)
        session.current = room.name
        joined = [] if room.shows(session) else self.show(session, room, now)
        entered = events.Entered(
            room=room.name, seq=room.seq, people=room.people, messages=messages, re=re
        )
        return [Deliver.to(session, entered), *joined]

    def show(self, session: Session, room: Room, now: int) -> list[Step]:
        """Let everybody see a session in a room that it hears."""
        session.rooms[room.name] = None
        room.show(session)
        joined = events.Joined(room=room.name, person=session.person, at=now)
        return [Deliver(room.audience, joined, origin=session)]

    def part(self, session: Session, room: Room, now: int) -> list[Step]:
        """Take a session out of a room."""
        session.rooms.pop(room.name, None)
        if session.current == room.name:
            session.current = next(reversed(session.rooms), None)
        room.deafen(session)
        room.hide(session)
        if room.idle:
            del self._rooms[room.name]
        left = events.Left(room=room.name, nick=session.nick or "", user=session.user, at=now)
        return [Deliver(room.audience, left)]

    def part_all(self, session: Session, now: int) -> list[Step]:
        """Take a session out of every room, and out of hearing."""
        rooms = [self._rooms[name] for name in session.rooms]
        steps = [step for room in rooms for step in self.part(session, room, now)]
        self.lobby.deafen(session)
        return steps

    def replace(self, old: Session, new: Session) -> None:
        """Let a person's new session be seen wherever the old one was; it hears nothing yet."""
        for name in old.rooms:
            self._rooms[name].replace(old, new)
        new.rooms, old.rooms = old.rooms, {}
        new.current = old.current
        self.lobby.deafen(old)

    def audience_of(self, session: Session) -> tuple[Session, ...]:
        """All who hear a room that a session is seen in, and the session itself.

        With one room it is that room's own object, so that what follows can be grouped.
        """
        rooms = [self._rooms[name] for name in session.rooms]
        if len(rooms) == 1 and rooms[0].hears(session):
            return rooms[0].audience
        return tuple(dict.fromkeys([session, *(each for room in rooms for each in room.audience)]))

    def void(self, message: Message) -> None:
        """A message came to nothing. Its room is there: one in which something was said stays."""
        self._rooms[message.room].void(message)

    def settle(self, event: Event) -> Event:
        """An event as it may be told now: without messages that came to nothing meanwhile."""
        if isinstance(event, events.Greeting):
            kept = self.lobby.without_voids(event.messages)
            return events.Greeting(messages=kept, people=event.people)
        room = self._rooms.get(event.room) if isinstance(event, events.Entered) else None
        if room is None or not isinstance(event, events.Entered):
            return event
        kept = room.without_voids(event.messages)
        return events.Entered(
            room=event.room,
            seq=room.last_kept(event.seq),
            people=event.people,
            messages=kept,
            re=event.re,
        )

    def window(self, room: Room, limit: int, **bounds: int | None) -> Window:
        """What to read of a room, within the limits."""
        return Window(
            room_id=room.id,
            limit=min(limit, self._limits.history_messages),
            characters=self._limits.history_bytes,
            **bounds,
        )

    def _make(self, name: str) -> Room:
        room = Room(id=self._next_id, name=name, seq=0, at=0, keep=self._limits.recent_messages)
        self._next_id += 1
        self._rooms[name] = room
        return room


def page_of(room: Room, page: Page, re: str | None) -> events.HistoryPage:
    """A page of a room as an event."""
    return events.HistoryPage(room=room.name, messages=page.messages, more=page.more, re=re)
