"""Telling the server how far one has read, so that all clients of an account agree."""

from __future__ import annotations

from chatservice.domain.commands import AskRead, MarkRead
from chatservice.domain.events import Entered, Event, LoggedIn, Private, ReadUpTo
from urwidclient.model import UNHEEDED
from urwidclient.room import Changed, Room
from urwidclient.stage import Stage

MARK_EVERY_MS = 3000


class Marking:
    """Follows what is being read, of who is logged in."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._reading: Room | None = None
        self._marked_at = 0
        self._known: set[str] = set()
        self._opened: set[Room] = set()

    def see(self, event: Event) -> None:
        """Ask how far what is new on the screen was read elsewhere."""
        match event:
            case LoggedIn():
                self._known.clear()
                for room in self._stage.model.rooms.values():
                    self._ask(room)
            case Entered():
                self._known.discard(event.room)
                self._ask(self._stage.model.rooms[event.room])
            case Private():
                told = self._stage.model.conversations.find(event.nick)
                if told is not None:
                    self._ask(told)
            case ReadUpTo(room=name, at=at) if event.re == UNHEEDED:
                opened = self._stage.model.rooms.get(name)
                if opened is not None and opened not in self._opened:
                    self._open(opened, at)

    def read(self, room: Room | None) -> None:
        """This room is being read at its end; not more often than now and then that is told."""
        before, self._reading = self._reading, room
        if before is not None and before is not room:
            self._mark(before)
        now = self._stage.around.now()
        if room is not None and now - self._marked_at >= MARK_EVERY_MS and self._mark(room):
            self._marked_at = now

    @property
    def _known_by_server(self) -> bool:
        model = self._stage.model
        return self._stage.online and "read" in model.features and model.me.account is not None

    def _open(self, room: Room, at: int | None) -> None:
        """Go to what is new in a room that was put on the screen before that was known."""
        self._opened.add(room)
        if at is not None and room is self._stage.model.room:
            self._reading, room.attended = None, False
            room.read_up_to(at)
            self._stage.window.messages.show(room)
            self._stage.change(Changed.ROOMS | Changed.MESSAGES)

    def _ask(self, room: Room) -> None:
        if self._known_by_server and room.wire_name not in self._known:
            self._known.add(room.wire_name)
            self._stage.send(AskRead(id=UNHEEDED, room=room.wire_name))

    def _mark(self, room: Room) -> bool:
        """Tell that a room was read to its end; whether there was something to tell."""
        if room.person is None and room not in self._opened:
            return False  # how far it was read before is on its way
        at = next((line.at for line in reversed(room.back.lines) if line.stored), 0)
        if at <= room.read_at or not self._known_by_server:
            return False
        room.read_at = at
        self._stage.send(MarkRead(id=UNHEEDED, room=room.wire_name, at=at))
        return True
