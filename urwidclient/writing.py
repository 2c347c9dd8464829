"""What is being written: a draft for each room, pastes, and telling the room that one types."""

from __future__ import annotations

from collections.abc import Callable, Collection

from chatservice.domain.commands import Typing
from urwidclient.interfaces import Session
from urwidclient.model import UNHEEDED
from urwidclient.room import Room
from urwidclient.widgets.composer import pasted
from urwidclient.widgets.popups import question_popup
from urwidclient.widgets.window import Window

TYPING_EVERY_MS = 3000


class Writing:
    """Keeps to the input of `window`; `complain` is told what is wrong."""

    def __init__(self, session: Session, window: Window, complain: Callable[[str], object]) -> None:
        self._session = session
        self._window = window
        self._complain = complain
        self._drafts: dict[Room, str] = {}
        self._typing_in: tuple[str, int] | None = None

    def switch(self, old: Room | None, new: Room | None) -> None:
        """Put the draft of one room away, and that of another into the input."""
        if old is None:
            return
        composer = self._window.composer
        if composer.edit_text.strip():
            self._drafts[old] = composer.edit_text
        composer.begin(self._drafts.pop(new, "") if new is not None else "")

    def retire(self, rooms: Collection[Room]) -> None:
        """Let what was being written in rooms that are gone, not in `rooms`, come back with Up."""
        for room in [each for each in self._drafts if each not in rooms]:
            self._window.composer.remember(self._drafts.pop(room))

    def paste(self, text: str) -> None:
        """Put pasted text into the input; several lines are asked about once."""
        text = pasted(text)
        if not self._window.composer.has_room_for(text):
            most = self._window.composer.max_length
            self._complain(f"That is too long: a message holds at most {most} characters.")
        elif "\n" in text:
            count = text.count("\n") + 1

            def yes() -> None:
                self._window.open(None)
                self._window.composer.take(text)

            self._window.open(question_popup(f"Put these {count} lines into the input?", yes))
        else:
            self._window.composer.take(text)

    def tell_typing(self, room: Room | None, now: int, *, private: bool) -> None:
        """Tell the room that one is typing, now and then, or that one has stopped.

        With `private` the server passes that on to one person too.
        """
        text = self._window.composer.edit_text
        typing_in, typed_at = self._typing_in or (None, 0)
        if room is None or (room.person is not None and not private):
            self._typing_in = None
        elif not text and typing_in is not None:
            self._typing_in = None
            self._session.send(Typing(id=UNHEEDED, room=typing_in, active=False))
        elif text and not text.startswith("/") and now - typed_at >= TYPING_EVERY_MS:
            self._typing_in = (room.wire_name, now)
            self._session.send(Typing(id=UNHEEDED, room=room.wire_name))
