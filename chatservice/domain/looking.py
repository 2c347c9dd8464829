"""Searching what was said, as far as the one who asks may read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from chatservice.domain import commands, events, records
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import BadInput, NoSuchPerson, NoSuchRoom
from chatservice.domain.events import Message
from chatservice.domain.letters import Letters
from chatservice.domain.records import Found
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Find, Step
from chatservice.domain.text import neutral

DAY = 86_400_000
"""Milliseconds of one."""

ROUNDS = 10
"""How often the store is asked to go on for one search that has found nothing so far."""

FILTERS = ("from", "in", "after", "before")
"""What a search can be narrowed down by."""

_TERM = re.compile(r'"[^"]*"?|[^\s"]+')
_FILTER = re.compile(rf"({'|'.join(FILTERS)}):(.*)", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(slots=True)
class Asked:
    """A search as a person types it; `before` and `after` are days, which are left out."""

    words: str
    filters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, typed: str) -> Asked:
        """Tell words and filters apart. Raises `BadInput`."""
        words, filters = [], {}
        for term in _TERM.findall(typed):
            found = _FILTER.fullmatch(term)
            if found is None:
                words.append(term)
                continue
            name, value = found[1].lower(), found[2]
            if not value:
                raise BadInput(f"Something has to follow {name}: directly, without a space.")
            if name in filters:
                raise BadInput(f"{name}: can be given only once.")
            filters[name] = value
        if not (words or filters):
            raise BadInput("Say what to search for, as in: /search lunch from:ann in:lobby")
        return cls(" ".join(words), filters)

    def day(self, name: str) -> int | None:
        """When a day that was given begins, UTC in ms. Raises `BadInput`."""
        given = self.filters.get(name)
        if given is None:
            return None
        try:
            found = date.fromisoformat(given if _DATE.fullmatch(given) else "")
        except ValueError:
            raise BadInput(f"A day is written like this: {name}:2026-12-31") from None
        return (found.toordinal() - date(1970, 1, 1).toordinal()) * DAY


class Looking:
    """The command that finds messages."""

    def __init__(self, state: ChatState, letters: Letters) -> None:
        self._letters = letters
        self._rooms = state.rooms
        self._limits = state.limits
        self.methods: Methods = {commands.Search: self._search}

    def _search(self, session: Session, command: commands.Search, now: int) -> list[Step]:
        asked = Asked.of(command.words)
        if command.limit < 1:
            raise BadInput("A search is for 1 message at least.")
        rooms = self._readable(session, self._room(command, asked), now)
        after = asked.day("after")
        search = records.Search(
            room_ids=tuple(room.id for room in rooms),
            words=asked.words,
            limit=min(command.limit, self._limits.history_messages),
            before=command.before,
            nick=asked.filters.get("from"),
            since_at=None if after is None else after + DAY,
            until_at=asked.day("before"),
            characters=self._limits.history_bytes,
        )
        return [self._find(session, search, command.id, ROUNDS)]

    def _room(self, command: commands.Search, asked: Asked) -> str | None:
        named = asked.filters.get("in")
        if named is not None and command.room is not None:
            raise BadInput('Either "room" or in: can be given.')
        return command.room if named is None else named

    def _readable(self, session: Session, name: str | None, now: int) -> list[Room]:
        """The rooms in which a session may search. Raises `NoSuchRoom`, `Forbidden`."""
        if name is None:
            identity = session.identity
            # What is quickly seen to be none of theirs need not be looked at more closely.
            near = (
                room
                for room in self._rooms.rooms
                if session.operator
                or room.shows(session)
                or room.hears(session)
                or identity in room.policy.roles
            )
            rooms = [room for room in near if self._hides(session, room, now) < room.seq]
            return [*rooms, *self._letters.kept_by(session)]
        if name.startswith("@"):
            try:
                between = self._letters.between(session, self._letters.party(name[1:]))
            except NoSuchPerson:
                between = None
            if between is None:
                raise NoSuchRoom(f"You have no kept conversation with {neutral(name[1:33])}.")
            return [between]
        room = self._rooms.existing(name)
        room.check(session, Act.READ, now)
        return [room]

    def _hides(self, session: Session, room: Room, now: int) -> int:
        """The seq up to which a session may read nothing of a room."""
        if not room.allows(session, Act.READ, now):
            return room.seq
        return self._rooms.shown_after(session, room)

    def _find(
        self, session: Session, search: records.Search, command_id: str | None, rounds: int
    ) -> Step:
        def resume(found: Found, now: int) -> list[Step]:
            shown = self._shown(session, found.messages, now)
            if not shown and found.next is not None and rounds > 1:
                further = replace(search, before=found.next)
                return [self._find(session, further, command_id, rounds - 1)]
            reply = events.Found(messages=shown, next=found.next, re=command_id)
            return [Deliver.to(session, reply)]

        return Find(session, search, resume, command_id)

    def _shown(
        self, session: Session, messages: tuple[Message, ...], now: int
    ) -> tuple[Message, ...]:
        """What a session may read of what was found."""
        named = self._letters.kept_by(session)
        letters = {room.name: room for room in named}
        shown: dict[str, Message] = {}
        for name in {each.room for each in messages}:
            room = letters.get(name) if name.startswith("@") else self._rooms.existing(name)
            if room is None:
                continue
            hidden = 0 if room in named else self._hides(session, room, now)
            for each in room.as_now(message for message in messages if message.room == name):
                if each.seq > hidden and not each.deleted:
                    shown[each.id] = replace(each, room=named.get(room, name))
        return tuple(shown[each.id] for each in messages if each.id in shown)
