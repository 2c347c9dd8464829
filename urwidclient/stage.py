"""What a chat is played on: its model, window and session, and how they follow each other."""

from __future__ import annotations

from chatservice.domain.commands import Command, SetNick
from urwidclient.interfaces import Session, Surroundings
from urwidclient.model import ClientModel
from urwidclient.phases import ConnectionState
from urwidclient.presentation import Presentation
from urwidclient.room import Changed, Room
from urwidclient.scrollback import LineKind
from urwidclient.widgets.popups import Popup
from urwidclient.widgets.window import Window
from urwidclient.writing import Writing


class Stage:
    """What all parts of one chat share; `emoji` says whether shortcodes become emoji.

    `renaming` is the id with which the person asked for a nick last.
    """

    def __init__(self, session: Session, around: Surroundings, *, emoji: bool) -> None:
        self.session = session
        self.around = around
        self.emoji = emoji
        self.model = ClientModel()
        self.window = Window(self.model.text_characters)
        self.state: ConnectionState | None = None
        self.renaming: str | None = None
        self.writing = Writing(session, self.window, lambda text: self.note(text, "error"))
        self._presentation = Presentation(self.window, self.model, around, emoji=emoji)
        self._shown: Room | None = None
        self._dirty = ~Changed.NOTHING

    @property
    def online(self) -> bool:
        """Whether there is a connection."""
        return self.state is not None and self.state.phase == "online"

    @property
    def in_conversation(self) -> bool:
        """Whether a conversation with one person is on the screen."""
        return self.model.room is not None and self.model.room.person is not None

    def send(self, command: Command) -> None:
        """Ask the server for something."""
        if isinstance(command, SetNick):
            self.renaming = command.id
        self.session.send(command)

    def open(self, name: str) -> None:
        """Put a room on the screen, and the cursor into the input."""
        self.window.open(None)
        self.window.focus_on("input")
        if name in self.model.rooms:
            self.change(self.model.open(name))

    def converse(self, nick: str) -> None:
        """Open the conversation with a person."""
        self.open(self.model.converse(nick).name)

    def popup(self, popup: Popup | None) -> None:
        """Open something over the window, or close it."""
        self.window.open(popup)
        self.around.redraw()

    def note(self, text: str, kind: LineKind = "notice") -> None:
        """Tell the person something, in the room or where there is none."""
        self.aside(text)
        self.change(self.model.note(text, self.around.now(), kind))

    def aside(self, text: str) -> None:
        """Tell the person something where there is no room."""
        self._presentation.aside = text
        self.change(Changed.STATUS)

    def change(self, changed: Changed) -> None:
        """These parts are to be drawn anew; a room that is new on the screen brings its draft."""
        if self._shown is not self.model.room:
            self.writing.switch(self._shown, self.model.room)
            self._shown = self.model.room
            self.window.messages.show(self.model.room)
        self.writing.retire(self.model.rooms.values())
        if changed:
            self._dirty |= changed
            self.around.redraw()

    def refresh(self, columns: int) -> None:
        """Bring the window up to date with the model, before it is drawn."""
        dirty, self._dirty = self._dirty, Changed.NOTHING
        self._presentation.refresh(dirty, self.state, columns)
