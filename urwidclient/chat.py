"""One conversation with a server: events into the model and the window, actions to the session."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from uuid import uuid4

import urwid

from chatservice.domain.commands import (
    Command,
    History,
    Join,
    Leave,
    ListPeople,
    MessageKind,
    Quit,
    Say,
    SetNick,
    Typing,
)
from chatservice.domain.errors import ChatError, NotInRoom
from chatservice.domain.events import Closing, Entered, Event, Failed, HistoryPage, Message, Notice
from chatservice.wire.slash import ShowHelp, text_of
from urwidclient.commands import COMMANDS, Close, Connect, Disconnect, Servers, SetTheme
from urwidclient.interfaces import Session, Surroundings
from urwidclient.model import ClientModel
from urwidclient.phases import ConnectionState
from urwidclient.presentation import Presentation
from urwidclient.room import Asked, Changed, Room
from urwidclient.shortcodes import emojized
from urwidclient.widgets.composer import pasted
from urwidclient.widgets.popups import help_popup, jump_popup, question_popup
from urwidclient.widgets.window import PANELS, Window

PAGE = 200
TYPING_EVERY_MS = 3000


class Chat:
    """Ties a session to a model and a window."""

    def __init__(self, session: Session, around: Surroundings, *, emoji: bool) -> None:
        self.model = ClientModel()
        self.window = Window(self.model.text_characters)
        self.state: ConnectionState | None = None
        self.looked_at = True
        self._session = session
        self._around = around
        self._emoji = emoji
        self._dirty = ~Changed.NOTHING
        self._shown: str | None = None
        self._drafts: dict[str, str] = {}
        self._joining: set[str] = set()
        self._paging: set[str] = set()
        self._greeted = False
        self._typing_in: tuple[str, int] | None = None
        window = self.window
        self._presentation = Presentation(window, self.model, around, emoji=emoji)
        urwid.connect_signal(window, "action", lambda _, name, key: self.act(name, key))
        urwid.connect_signal(window.composer, "send", lambda _, line: self.enter(line))
        urwid.connect_signal(window.composer, "postchange", lambda *_: self._typing())
        urwid.connect_signal(window.rooms, "pick", lambda _, room: self.open(room))
        urwid.connect_signal(window.people, "pick", lambda _, nick: self._address(nick))

    # From the session

    def on_event(self, event: Event) -> None:
        """Take in what the server says."""
        model = self.model
        if isinstance(event, Failed) and model.nick is None:
            self._around.nick_refused(event.text)
            return
        nick = model.nick
        changed = model.apply(event, self._around.now())
        if model.nick is not None and model.nick != nick:
            self._around.nick_taken(model.nick)
        if model.room is None and isinstance(event, (Failed, Notice, Closing)):
            self._presentation.aside = event.text
            changed |= Changed.STATUS
        if isinstance(event, Entered) and not self._greeted:
            self._greeted = True
            self._note("F1 shows the keys and the commands.")
        if isinstance(event, Entered) and event.re in self._joining:
            self._joining.discard(event.re or "")
            self.open(event.room)
        if isinstance(event, HistoryPage) and event.re in self._paging and event.messages:
            self._paging.discard(event.re or "")
            self.window.messages.show_after(event.messages[0].seq - 1)
        if Changed.MENTION in changed and isinstance(event, Message) and not self.looked_at:
            self._around.ring(f"{event.nick} in #{event.room}: {event.text}")
        self._change(changed)

    def on_state(self, state: ConnectionState) -> None:
        """Take in how the connection is."""
        lost = self.state is not None and self.state.phase == "online" and state.phase == "waiting"
        self.state = state
        if lost and state.detail:
            self._note(state.detail, "error")
        self._change(Changed.STATUS)

    # From the person

    def enter(self, line: str) -> None:
        """Say a line, or do what the command says; a wrong one goes back into the input."""
        try:
            parsed = COMMANDS.parse(line)
            if parsed is None:
                parsed = Say(text=text_of(line))
            if isinstance(parsed, ShowHelp):
                self._help(parsed.topic)
            elif isinstance(parsed, Command):
                self._do(parsed)
        except ChatError as error:
            self.window.composer.set_edit_text(line, edit_pos=len(line))
            self._note(error.sentence, "error")

    def act(self, action: str, key: str) -> None:
        """Do what a key of keys.py stands for."""
        match action:
            case "help":
                self.window.open(help_popup())
            case "jump":
                self.window.open(jump_popup(list(self.model.rooms), self.open))
            case "next_active":
                if (room := self.model.next_active()) is not None:
                    self.open(room)
            case "next_room" | "previous_room":
                self._step(1 if action == "next_room" else -1)
            case "numbered_room":
                rooms = list(self.model.rooms)
                index = (int(key[-1]) - 1) % 10
                if index < len(rooms):
                    self.open(rooms[index])
            case "next_panel" | "previous_panel":
                index = PANELS.index(self.window.focused)
                step = 1 if action == "next_panel" else -1
                self.window.focus_on(PANELS[(index + step) % len(PANELS)])
            case "escape":
                if self.window.popup is None:
                    self.window.focus_on("input")
                self.window.open(None)
            case "redraw":
                self._around.clear_screen()
            case "quit":
                self._around.quit()
        self._around.redraw()

    def paste(self, text: str) -> None:
        """Put pasted text into the input; several lines are asked about once."""
        text = pasted(text)
        if "\n" in text:
            count = text.count("\n") + 1

            def yes() -> None:
                self.window.open(None)
                self._take(text)

            self.window.open(question_popup(f"Put these {count} lines into the input?", yes))
        else:
            self._take(text)

    def open(self, name: str) -> None:
        """Put a room on the screen, and the cursor into the input."""
        self.window.open(None)
        self.window.focus_on("input")
        if name in self.model.rooms:
            self._change(self.model.open(name))

    def set_nick(self, nick: str) -> None:
        """Ask for a nick."""
        self._session.send(SetNick(id=_new_id(), nick=nick))

    # Drawing

    def refresh(self, columns: int) -> None:
        """Bring the window up to date with the model, before it is drawn."""
        dirty, self._dirty = self._dirty, Changed.NOTHING
        self._presentation.refresh(dirty, self.state, columns)

    def drawn(self) -> None:
        """After a draw it is known what can be seen: count it as read, load what is near."""
        room, view = self.model.room, self.window.messages
        reading = room is not None and self.looked_at and view.at_end
        self._change(self.model.attend(room.name if room is not None and reading else None))
        if room is not None and self._online and room.entered:
            self._load(room)

    @property
    def _online(self) -> bool:
        return self.state is not None and self.state.phase == "online"

    def _load(self, room: Room) -> None:
        """Ask for the lines that one is about to see."""
        view, back = self.window.messages, room.back
        if view.following and not back.attached:
            if room.asked is None or room.asked[1] != "latest":
                self._ask(room, "latest")
        elif room.asked is not None:
            return
        elif view.at_bottom and not back.attached:
            self._ask(room, "newer", after=back.newest)
        elif view.at_top and back.more_above and (oldest := back.oldest):
            self._ask(room, "older", before=oldest)

    def _ask(
        self, room: Room, asked: Asked, *, before: int | None = None, after: int | None = None
    ) -> None:
        key = _new_id()
        room.asked = (key, asked)
        self._session.send(History(id=key, room=room.name, before=before, after=after, limit=PAGE))

    def _switch(self) -> None:
        """Show the current room, with its own draft."""
        composer = self.window.composer
        if self._shown is not None:
            self._drafts[self._shown] = composer.edit_text
            draft = self._drafts.pop(self.model.current or "", "")
            composer.set_edit_text(draft, edit_pos=len(draft))
        self._shown = self.model.current
        self.window.messages.show(self.model.room)

    def _note(self, text: str, kind: Literal["notice", "error"] = "notice") -> None:
        """Tell the person something, in the room or where there is none."""
        self._presentation.aside = text
        self._change(self.model.note(text, self._around.now(), kind) | Changed.STATUS)

    def _change(self, changed: Changed) -> None:
        if self._shown != self.model.current:
            self._switch()
        if changed:
            self._dirty |= changed
            self._around.redraw()

    # Commands

    def _do(self, command: Command) -> None:
        room = self.model.current
        match command:
            case Quit():
                self._around.quit()
            case Connect(host=None):
                self._session.reconnect_now()
            case Connect(host=str(host), port=port):
                self._around.connect_to(host, port)
            case Disconnect():
                self._session.stop()
            case Servers():
                self._around.show_servers()
            case SetTheme(name=name):
                self._around.set_theme(name)
            case Say(text=text, kind=kind):
                self._say(emojized(text) if self._emoji else text, kind)
            case SetNick(nick=nick):
                self.set_nick(nick)
            case Join(room=name) if name in self.model.rooms:
                self.open(name)
            case Join(room=name):
                key = _new_id()
                self._joining.add(key)
                self._session.send(Join(id=key, room=name))
            case Close():
                self._close()
            case Leave(room=name):
                self._session.send(Leave(id=_new_id(), room=name or room))
            case ListPeople(room=name):
                self._session.send(ListPeople(id=_new_id(), room=name or room))
            case History(limit=limit):
                key = _new_id()
                self._paging.add(key)
                self.window.messages.to_end()
                self._session.send(History(id=key, room=room, limit=limit))
            case _:
                self._session.send(replace(command, id=_new_id()))

    def _say(self, text: str, kind: MessageKind) -> None:
        room, key = self.model.current, _new_id()
        if room is None:
            if not self._online:
                raise NotInRoom("There is no connection yet; what you wrote stays here.")
            raise NotInRoom("You are in no room; /join and its name bring you into one.")
        self._change(self.model.say(room, text, kind, key, self._around.now()))
        self.window.messages.to_end()
        self._session.send(Say(id=key, room=room, text=text, kind=kind))

    def _close(self) -> None:
        if (room := self.model.current) is not None:
            if self._online:
                self._session.send(Leave(id=_new_id(), room=room))
            self._change(self.model.forget(room))

    def _help(self, topic: str | None) -> None:
        if topic is None:
            self.act("help", "")
        else:
            text = "\n".join(COMMANDS.help(topic))
            self._note(text)

    def _step(self, step: int) -> None:
        rooms = list(self.model.rooms)
        if rooms:
            index = rooms.index(self.model.current) if self.model.current in rooms else 0
            self.open(rooms[(index + step) % len(rooms)])

    def _address(self, nick: str) -> None:
        """Begin, or go on with, a line that names this person."""
        self.window.focus_on("input")
        composer = self.window.composer
        composer.take(f"{nick} " if composer.edit_text.strip() else f"{nick}: ")

    def _take(self, text: str) -> None:
        if not self.window.composer.take(text):
            most = self.window.composer.max_length
            sentence = f"That is too long: a message holds at most {most} characters."
            self._note(sentence, "error")

    def _typing(self) -> None:
        """Tell the room that one is typing, now and then, or that one has stopped."""
        text, now, room = self.window.composer.edit_text, self._around.now(), self.model.current
        typing_in, typed_at = self._typing_in or (None, 0)
        if not self._online or room is None:
            self._typing_in = None
        elif not text and typing_in is not None:
            self._typing_in = None
            self._session.send(Typing(room=typing_in, active=False))
        elif text and not text.startswith("/") and now - typed_at >= TYPING_EVERY_MS:
            self._typing_in = (room, now)
            self._session.send(Typing(room=room))


def _new_id() -> str:
    return uuid4().hex
