"""Telling the server how far one has read, so that all clients of an account agree."""

from __future__ import annotations

from chatservice.domain.commands import AskRead, MarkRead
from chatservice.domain.events import Entered, Event, LoggedIn, Private
from urwidclient.model import UNHEEDED
from urwidclient.room import Room
from urwidclient.stage import Stage

MARK_EVERY_MS = 3000


class Marking:
    """Follows what is being read, of who is logged in."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._reading: Room | None = None
        self._marked_at = 0
        self._known: set[str] = set()

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

    def _ask(self, room: Room) -> None:
        if self._known_by_server and room.wire_name not in self._known:
            self._known.add(room.wire_name)
            self._stage.send(AskRead(id=UNHEEDED, room=room.wire_name))

    def _mark(self, room: Room) -> bool:
        """Tell that a room was read to its end; whether there was something to tell."""
        at = next((line.at for line in reversed(room.back.lines) if line.stored), 0)
        if at <= room.read_at or not self._known_by_server:
            return False
        room.read_at = at
        self._stage.send(MarkRead(id=UNHEEDED, room=room.wire_name, at=at))
        return True
