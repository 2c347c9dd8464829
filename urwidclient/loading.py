"""History on demand: asks for the lines of a room that one is about to see."""

from __future__ import annotations

from typing import Any

from chatservice.domain.commands import History
from urwidclient.interfaces import Session
from urwidclient.resume import new_id
from urwidclient.room import Asked, Room
from urwidclient.widgets.messages import MessageView

PAGE = 200


class Loading:
    """Follows where `view` is; one question for each room at a time."""

    def __init__(self, session: Session, view: MessageView) -> None:
        self._session = session
        self._view = view

    def load(self, room: Room) -> None:
        """Ask for the lines that one is about to see in the room on the screen."""
        view, back = self._view, room.back
        if room.stale:
            self.catch_up(room)
        elif view.following and not back.attached:
            if room.asked is None or room.asked[1] not in ("latest", "around"):
                self._ask(room, "latest")
        elif room.asked is not None:
            return
        elif view.at_bottom and not back.attached:
            self._ask(room, "newer", after=back.newest)
        elif view.at_top and back.more_above and (oldest := back.oldest):
            self._ask(room, "older", before=oldest)

    def catch_up(self, room: Room) -> None:
        """Ask for the last of what is kept of a conversation."""
        if room.asked is None:
            room.stale = False
            self._ask(room, "missed")

    def around(self, room: Room, seq: int) -> str:
        """Ask for the lines around a message that is not here; the id of the question."""
        return self._ask(room, "around", around=seq)

    def _ask(self, room: Room, asked: Asked, **bound: Any) -> str:
        key = new_id()
        room.asked = (key, asked)
        self._session.send(History(id=key, room=room.wire_name, limit=PAGE, **bound))
        return key
