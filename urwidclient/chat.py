"""One conversation with a server: events into the model and the window, actions to the session."""

from __future__ import annotations

import urwid

from chatservice.domain.commands import Admit, Command, Login, Say, SetNick
from chatservice.domain.errors import ChatError
from chatservice.domain.events import (
    Closing,
    Entered,
    Event,
    Failed,
    Kicked,
    LoggedIn,
    Notice,
    Renamed,
    Welcome,
)
from chatservice.wire.sentences import sentence
from chatservice.wire.slash import ShowHelp, text_of
from urwidclient.commands import COMMANDS
from urwidclient.dialogs import Dialogs
from urwidclient.doing import Doing
from urwidclient.interfaces import Session, Surroundings
from urwidclient.loading import Loading
from urwidclient.looking import Looking
from urwidclient.marking import Marking
from urwidclient.me import Wanted
from urwidclient.missing import Missing
from urwidclient.notify import calling
from urwidclient.passwords import Passwords, without_command
from urwidclient.phases import ConnectionState
from urwidclient.resume import new_id
from urwidclient.room import Changed, Room
from urwidclient.roomsettings import Settings
from urwidclient.scrollback import Line
from urwidclient.session import NOT_ADMITTED
from urwidclient.stage import Stage
from urwidclient.widgets.popups import help_popup, jump_popup
from urwidclient.widgets.window import PANELS


class Chat:
    """Ties a session to a model and a window."""

    def __init__(self, session: Session, around: Surroundings, *, emoji: bool) -> None:
        self.stage = stage = Stage(session, around, emoji=emoji)
        self.model = stage.model
        self.window = window = stage.window
        self.looked_at = True
        self._around = around
        self._greeted = False
        self._lost = False
        self._last_word = ""
        self._loading = Loading(session, window.messages)
        self._looking = Looking(stage, self._loading)
        self._doing = Doing(stage, self._looking)
        self._dialogs = Dialogs(stage, self._try)
        self._passwords = Passwords(stage, self._try)
        self._settings = Settings(stage)
        self._marking = Marking(stage)
        self._missing = Missing(stage, self._loading)
        urwid.connect_signal(window, "action", lambda _, name, key: self.act(name, key))
        urwid.connect_signal(window.composer, "send", lambda _, line: self.enter(line))
        urwid.connect_signal(window.composer, "postchange", lambda *_: self._typing())
        urwid.connect_signal(window.rooms, "pick", lambda _, room: stage.open(room))
        urwid.connect_signal(window.people, "pick", lambda _, nick: stage.converse(nick))

    # From the session

    def on_event(self, event: Event) -> None:
        """Take in what the server says."""
        model = self.model
        if isinstance(event, Failed) and model.nick is None and event.code != "not-connected":
            wanted = _wanted(event, online=self.stage.online)
            self._around.nick_refused(without_command(event.text), wanted)
            return
        nick = model.nick
        changed = model.apply(event, self._around.now())
        if model.nick is not None and model.nick != nick:
            self._around.nick_taken(model.nick, chosen=self._is_chosen(event))
        if model.room is None and isinstance(event, Failed | Notice | Kicked):
            self.stage.aside(sentence(event) or "")
        if isinstance(event, Closing):
            self._last_word = event.text
        if isinstance(event, Entered) and not self._greeted:
            self._greeted = True
            self.stage.note("F1 shows the keys and the commands.")
        self.stage.change(changed)
        for part in (
            self._doing,
            self._looking,
            self._passwords,
            self._settings,
            self._marking,
            self._missing,
        ):
            part.see(event)
        if not self.looked_at and (text := calling(event, changed)) is not None:
            self._around.ring(text)

    def _is_chosen(self, event: Event) -> bool:
        """Whether a nick that one has by this event is the one that the person wants."""
        if isinstance(event, Renamed):
            return event.re is not None and event.re == self.stage.renaming
        return isinstance(event, Welcome | LoggedIn)

    def on_state(self, state: ConnectionState) -> None:
        """Take in how the connection is."""
        stage = self.stage
        lost = stage.state is not None and stage.online and state.phase == "waiting"
        stage.state = state
        if lost and state.detail:
            self._lost = True
            if state.detail != self._last_word:
                stage.change(self.model.note(state.detail, self._around.now(), "error"))
        elif self._lost and stage.online:
            self._lost = False
            stage.note("Connected again.")
        stage.change(Changed.STATUS)

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
                self._doing.do(parsed)
        except ChatError as error:
            self.window.composer.give_back(line)
            self.stage.note(error.sentence, "error")

    def act(self, action: str, key: str) -> None:
        """Do what a key of keys.py stands for."""
        match action:
            case "help":
                self.window.open(help_popup())
            case "jump":
                self.window.open(jump_popup(list(self.model.rooms), self.stage.open))
            case "next_active":
                if (room := self.model.next_active()) is not None:
                    self.stage.open(room)
            case "next_room" | "previous_room":
                self.stage.open(self.model.neighbour(1 if action == "next_room" else -1))
            case "numbered_room":
                self.stage.open("".join(list(self.model.rooms)[(int(key[-1]) - 1) % 10 :][:1]))
            case "next_panel" | "previous_panel":
                index = PANELS.index(self.window.focused)
                step = 1 if action == "next_panel" else -1
                self.window.focus_on(PANELS[(index + step) % len(PANELS)])
            case "escape":
                if self.window.popup is None:
                    self.window.focus_on("input")
                    self.window.messages.unchoose()
                self.window.open(None)
                self._passwords.next()
            case "choose_back" | "choose_forward":
                self.window.messages.choose(-1 if action == "choose_back" else 1)
            case "reply_to":
                self._answer()
            case "react":
                if (line := self._answered()) is not None:
                    self._dialogs.react(line.id)
            case "settings":
                self._settings.ask()
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
        self.stage.writing.paste(text)

    def set_nick(self, nick: str) -> None:
        """Ask for a nick."""
        self.stage.send(SetNick(id=new_id(), nick=nick))

    def admit(self, nick: str, password: str) -> None:
        """Be let into a server that has a password, under this nick."""
        self.set_nick(nick)
        self.stage.send(Admit(password=password))

    def log_in(self, nick: str, password: str) -> None:
        """Ask for the nick that one has registered."""
        self.stage.send(Login(id=new_id(), nick=nick, password=password))

    def _try(self, command: Command) -> None:
        """Do what a dialog asks for."""
        self.stage.popup(None)
        try:
            self._doing.do(command)
        except ChatError as error:
            self.stage.note(error.sentence, "error")

    def _help(self, topic: str | None) -> None:
        if topic is None:
            self.act("help", "")
        else:
            self.stage.note("\n".join(COMMANDS.help(topic)))

    def _answer(self) -> None:
        """Begin to answer a message, which is chosen from then on."""
        room, composer = self.model.room, self.window.composer
        line = self._answered()
        if line is None or room is None:
            return
        room.chosen = line.seq
        text = f"/reply-to {composer.edit_text.removeprefix('/reply-to ')}"
        composer.set_edit_text(text, edit_pos=len(text))
        self.stage.change(Changed.MESSAGES)

    def _answered(self) -> Line | None:
        """The message that one answers; None, and a word about it, if there is none."""
        try:
            return self._doing.answered()
        except ChatError as error:
            self.stage.note(error.sentence, "error")
            return None

    def _typing(self) -> None:
        room = self.model.room if self.stage.online else None
        self.stage.writing.tell_typing(
            room, self._around.now(), private="conversations" in self.model.features
        )

    # Drawing

    def refresh(self, columns: int) -> None:
        """Bring the window up to date with the model, before it is drawn."""
        self.stage.refresh(columns)

    def drawn(self) -> None:
        """After a draw it is known what can be seen: count it as read, load what is near."""
        room, view = self.model.room, self.window.messages
        self._attend(room if self.looked_at and view.at_end else None)
        inside = room is not None and (room.entered or room.person is not None)
        if room is not None and inside and self.stage.online:
            self._loading.load(room)

    def hidden(self) -> None:
        """The window is on the screen no more: nothing that comes is read."""
        self._attend(None)

    def _attend(self, room: Room | None) -> None:
        """This room is being read."""
        self.stage.change(self.model.attend(None if room is None else room.name))
        self._marking.read(room)


def _wanted(failed: Failed, *, online: bool) -> Wanted | None:
    """The password with which what was refused at the start would go on."""
    if failed.code == "name-taken":
        return "login"
    return "admit" if failed.code in NOT_ADMITTED and not online else None
