"""Pure: the conversations with one person each, which stand among the rooms."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.events import Private
from urwidclient.room import Changed, Room, conversation
from urwidclient.scrollback import Line


class Conversations:
    """Those among `rooms`; `latest` is who told one something last."""

    def __init__(self, rooms: dict[str, Room]) -> None:
        self.latest: str | None = None
        self._rooms = rooms

    def begin(self, nick: str) -> Room:
        """The conversation with this person, in whatever case the nick is."""
        folded = nick.casefold()
        for room in self._rooms.values():
            if room.person is not None and room.person.casefold() == folded:
                return room
        room = self._rooms[conversation(nick)] = Room(conversation(nick))
        room.back.more_above = False
        return room

    def take(self, event: Private, *, own: bool) -> Changed:
        """Take in what was told, by oneself (`own`) or to oneself."""
        other = event.to if own else event.nick
        if own and event.re is not None:
            self._answered(event.re, other)
        if not own:
            self.latest = other
        room = self.begin(other)
        line = Line(
            seq=room.seq + 1,
            at=event.at,
            kind=event.kind,
            nick=event.nick,
            text=event.text,
            own=own,
            stored=True,
        )
        return room.take(line) | Changed.ROOMS

    def rename(self, old: str, new: str) -> None:
        """Somebody has another nick; what there is under both becomes one."""
        if self.latest == old:
            self.latest = new
        moving, name = self._rooms.get(conversation(old)), conversation(new)
        if moving is None or old == new:
            return
        if (there := self._rooms.pop(name, None)) is not None:
            _absorb(moving, there)
        moving.name = name
        rooms = {room.name: room for room in self._rooms.values()}
        self._rooms.clear()
        self._rooms.update(rooms)

    def _answered(self, id_: str, nick: str) -> None:
        """What was told under this id has gone to the person of this nick."""
        for room in list(self._rooms.values()):
            if room.person is not None and room.pending.pop(id_, None) is not None:
                self.rename(room.person, nick)


def _absorb(room: Room, other: Room) -> None:
    lines = sorted([*other.back.lines, *room.back.lines], key=lambda line: line.at)
    room.back.lines = [replace(line, seq=seq) for seq, line in enumerate(lines, 1)]
    room.seq = len(lines)
    room.unread += other.unread
    room.mentions += other.mentions
    room.pending = {**other.pending, **room.pending}
