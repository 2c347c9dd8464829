"""Pure: the conversations with one person each, which stand among the rooms."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.events import Ack, Private
from urwidclient.room import Changed, Room, conversation
from urwidclient.scrollback import Line, kept_seq


class Conversations:
    """Those among `rooms`; `latest` is who told one something last."""

    def __init__(self, rooms: dict[str, Room]) -> None:
        self.latest: str | None = None
        self._rooms = rooms
        self._kept = False

    def find(self, nick: str) -> Room | None:
        """The conversation with this person, in whatever case the nick is, if there is one."""
        folded = nick.casefold()
        for room in self._rooms.values():
            if room.person is not None and room.person.casefold() == folded:
                return room
        return None

    def begin(self, nick: str) -> Room:
        """The same, begun if need be."""
        if (room := self.find(nick)) is None:
            room = self._rooms[conversation(nick)] = Room(conversation(nick))
            room.back.more_above = False
            room.stale = self._kept
        return room

    def refresh(self, *, kept: bool) -> None:
        """From now on the server keeps what one tells others, or not: that is loaded when seen."""
        self._kept = kept
        for room in self._rooms.values():
            if room.person is not None:
                room.stale = kept

    def take(self, event: Private, line: Line) -> Changed:
        """Take in what was told, by oneself or to oneself."""
        other = event.to if line.own else event.nick
        if line.own and event.re is not None:
            self._answered(event.re, other)
        if not line.own:
            self.latest = other
        return self._add(self.begin(other), line)

    def ack(self, ack: Ack) -> Changed:
        """What was told again had arrived before."""
        other = ack.room.removeprefix("@")
        line = None if ack.re is None else self._answered(ack.re, other)
        if line is None:
            return Changed.NOTHING
        return self._add(self.begin(other), line.acknowledged(ack))

    def _add(self, room: Room, line: Line) -> Changed:
        """Put a message where it belongs in a conversation, by whether the server keeps it."""
        if (seq := kept_seq(line.id)) is None:
            room.unkept = True
        elif room.unkept:
            room.settle()
        return room.take(replace(line, seq=seq or room.seq + 1)) | Changed.ROOMS

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

    def _answered(self, id_: str, nick: str) -> Line | None:
        """What was told under this id, and waits no more, has gone to the person of this nick."""
        for room in self._rooms.values():
            if room.person is not None and (line := room.pending.pop(id_, None)) is not None:
                self.rename(room.person, nick)
                return line
        return None


def _absorb(room: Room, other: Room) -> None:
    """Make one of two conversations; what the server keeps of them is loaded when it is seen."""
    lines = [line for each in (other, room) for line in each.back.lines if not kept_seq(line.id)]
    lines.sort(key=lambda line: line.at)
    room.back.lines = [replace(line, seq=seq) for seq, line in enumerate(lines, 1)]
    room.seq = len(lines)
    room.unkept = True
    room.stale = room.stale or other.stale
    room.unread += other.unread
    room.mentions += other.mentions
    room.pending = {**other.pending, **room.pending}
