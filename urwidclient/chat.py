"""One conversation with a server: events into the model and the window, actions to the session."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import urwid

from chatservice.domain.commands import (
    Command,
    Create,
    History,
    Join,
    Leave,
    Login,
    MessageKind,
    Quit,
    Say,
    Search,
    SetNick,
    Tell,
)
from chatservice.domain.errors import ChatError, NoSuchPerson, NotInRoom
from chatservice.domain.events import (
    Closing,
    Entered,
    Event,
    Failed,
    Found,
    HistoryPage,
    Kicked,
    LoggedIn,
    Notice,
    WhoisReply,
)
from chatservice.wire.sentences import sentence
from chatservice.wire.slash import ShowHelp, text_of
from urwidclient.commands import (
    COMMANDS,
    Close,
    Connect,
    Disconnect,
    Servers,
    SetTheme,
    about,
    told,
)
from urwidclient.dialogs import Dialogs
from urwidclient.interfaces import Session, Surroundings
from urwidclient.loading import Loading
from urwidclient.looking import Looking
from urwidclient.model import ClientModel
from urwidclient.notify import calling
from urwidclient.phases import ConnectionState
from urwidclient.presentation import Presentation
from urwidclient.resume import new_id
from urwidclient.room import Changed, Room
from urwidclient.shortcodes import emojized
from urwidclient.widgets.popups import help_popup, jump_popup, question_popup
from urwidclient.widgets.window import PANELS, Window
from urwidclient.writing import Writing


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
        self._shown: Room | None = None
        self._joining: dict[str, str] = {}
        self._paging: set[str] = set()
        self._greeted = False
        self._loading = Loading(session, self.window.messages)
        self._writing = Writing(session, self.window, lambda text: self._note(text, "error"))
        window = self.window
        self._presentation = Presentation(window, self.model, around, emoji=emoji)
        self._dialogs = Dialogs(window, self.model, self._try, self.converse)
        self._looking = Looking(
            session,
            window,
            self.model,
            self._loading,
            go=self.open,
            converse=self.converse,
            tell=self._note,
        )
        urwid.connect_signal(window, "action", lambda _, name, key: self.act(name, key))
        urwid.connect_signal(window.composer, "send", lambda _, line: self.enter(line))
        urwid.connect_signal(window.composer, "postchange", lambda *_: self._typing())
        urwid.connect_signal(window.rooms, "pick", lambda _, room: self.open(room))
        urwid.connect_signal(window.people, "pick", lambda _, nick: self.converse(nick))

    # From the session

    def on_event(self, event: Event) -> None:
        """Take in what the server says."""
        model = self.model
        if isinstance(event, Failed) and model.nick is None:
            self._around.nick_refused(event.text, taken=event.code == "name-taken")
            return
        nick = model.nick
        changed = model.apply(event, self._around.now())
        if model.nick is not None and model.nick != nick:
            self._around.nick_taken(model.nick)
        if model.room is None and isinstance(event, Failed | Notice | Closing | Kicked):
            self._presentation.aside = sentence(event) or ""
            changed |= Changed.STATUS
        if isinstance(event, Entered) and not self._greeted:
            self._greeted = True
            self._note("F1 shows the keys and the commands.")
        if isinstance(event, Entered | Failed) and event.re in self._joining:
            self._joined(event, self._joining.pop(event.re or ""))
        if isinstance(event, HistoryPage) and event.re in self._paging and event.messages:
            self._paging.discard(event.re or "")
            self.window.messages.show_after(event.messages[0].seq - 1)
        self._look(event)
        if not self.looked_at and (text := calling(event, changed)) is not None:
            self._around.ring(text)
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
                self.open(self.model.neighbour(1 if action == "next_room" else -1))
            case "numbered_room":
                self.open("".join(list(self.model.rooms)[(int(key[-1]) - 1) % 10 :][:1]))
            case "next_panel" | "previous_panel":
                index = PANELS.index(self.window.focused)
                step = 1 if action == "next_panel" else -1
                self.window.focus_on(PANELS[(index + step) % len(PANELS)])
            case "escape":
                if self.window.popup is None:
                    self.window.focus_on("input")
                self.window.open(None)
            case "join":
                self._dialogs.join()
            case "create":
                self._dialogs.create()
            case "person":
                self._dialogs.person(str(self.window.people.chosen or ""))
            case "redraw":
                self._around.clear_screen()
            case "quit":
                self._around.quit()
        self._around.redraw()

    def paste(self, text: str) -> None:
        """Put pasted text into the input."""
        self._writing.paste(text)

    def open(self, name: str) -> None:
        """Put a room on the screen, and the cursor into the input."""
        self.window.open(None)
        self.window.focus_on("input")
        if name in self.model.rooms:
            self._change(self.model.open(name))

    def converse(self, nick: str) -> None:
        """Open the conversation with a person."""
        self.open(self.model.converse(nick).name)

    def set_nick(self, nick: str) -> None:
        """Ask for a nick."""
        self._session.send(SetNick(id=new_id(), nick=nick))

    def log_in(self, nick: str, password: str) -> None:
        """Ask for the nick that one has registered."""
        self._session.send(Login(id=new_id(), nick=nick, password=password))

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
            self._loading.load(room)

    @property
    def _online(self) -> bool:
        return self.state is not None and self.state.phase == "online"

    def _switch(self) -> None:
        """Show the current room, with its own draft."""
        self._writing.switch(self._shown, self.model.room)
        self._shown = self.model.room
        self.window.messages.show(self.model.room)

    def _joined(self, answer: Entered | Failed, asked: str) -> None:
        """A room that the person asked for is entered, or not."""
        if isinstance(answer, Entered):
            self.open(answer.room)
        elif answer.code == "password-needed":
            self._dialogs.ask_password(asked, answer.text)

    def _look(self, event: Event) -> None:
        """Show what opens over the window, or scroll to what was looked for."""
        match event:
            case Found():
                self._looking.found(event)
            case WhoisReply():
                self._looking.card(event)
            case HistoryPage():
                self._looking.arrived(event)
            case LoggedIn() if self._session.offer_to_keep():
                question = "Keep this login on this machine, for the next time?"
                self.window.open(question_popup(question, self._keep_login))
            case _:
                return
        self._around.redraw()

    def _keep_login(self) -> None:
        self.window.open(None)
        self._session.keep_login()

    def _note(self, text: str, kind: Literal["notice", "error"] = "notice") -> None:
        """Tell the person something, in the room or where there is none."""
        self._presentation.aside = text
        self._change(self.model.note(text, self._around.now(), kind) | Changed.STATUS)

    def _change(self, changed: Changed) -> None:
        if self._shown is not self.model.room:
            self._switch()
        if changed:
            self._dirty |= changed
            self._around.redraw()

    # Commands

    def _do(self, command: Command) -> None:
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
            case Tell(to=to, text=text, kind=kind):
                to = to or self.model.conversations.latest
                if to is None:
                    raise NoSuchPerson("Nobody has told you anything yet; /msg <nick> <text>.")
                self.converse(to)
                self._say(emojized(text) if self._emoji else text, kind)
            case Join(room=name) if name in self.model.rooms:
                self.open(name)
            case Join(room=name) | Create(room=name):
                key = new_id()
                self._joining[key] = name
                self._session.send(replace(command, id=key))
            case Close():
                self._close()
            case Leave(room=None) if self._in_conversation:
                self._close()
            case Search():
                self._looking.search(command)
            case History():
                key = new_id()
                self._paging.add(key)
                self.window.messages.to_end()
                self._session.send(replace(about(command, self.model.room), id=key))
            case _:
                self._session.send(replace(about(command, self.model.room), id=new_id()))

    def _try(self, command: Command) -> None:
        """Do what a dialog asks for."""
        self.window.open(None)
        self._do(command)

    @property
    def _in_conversation(self) -> bool:
        return self.model.room is not None and self.model.room.person is not None

    def _say(self, text: str, kind: MessageKind) -> None:
        room, key = self.model.current, new_id()
        if room is None:
            if not self._online:
                raise NotInRoom("There is no connection yet; what you wrote stays here.")
            raise NotInRoom("You are in no room; /join and its name bring you into one.")
        self._change(self.model.say(room, text, kind, key, self._around.now()))
        self.window.messages.to_end()
        person = self.model.rooms[room].person
        say = Say(id=key, room=room, text=text, kind=kind)
        self._session.send(say if person is None else told(say, person))

    def _close(self) -> None:
        if (room := self.model.current) is not None:
            if self._online and not self._in_conversation:
                self._session.send(Leave(id=new_id(), room=room))
            self._change(self.model.forget(room))

    def _help(self, topic: str | None) -> None:
        if topic is None:
            self.act("help", "")
        else:
            text = "\n".join(COMMANDS.help(topic))
            self._note(text)

    def _typing(self) -> None:
        room = self.model.room if self._online else None
        self._writing.tell_typing(room, self._around.now())
