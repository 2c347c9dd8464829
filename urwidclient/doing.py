"""What a typed command, or one of a dialog, does: here, or by asking the server."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.commands import (
    Command,
    Create,
    History,
    Join,
    Leave,
    MessageKind,
    Quit,
    Say,
    Search,
    SetNick,
    Tell,
)
from chatservice.domain.errors import NoSuchPerson, NotInRoom
from chatservice.domain.events import Entered, Event, Failed, HistoryPage
from urwidclient.commands import Close, Connect, Disconnect, Servers, SetTheme, about, told
from urwidclient.looking import Looking
from urwidclient.resume import new_id
from urwidclient.shortcodes import emojized
from urwidclient.stage import Stage


class Doing:
    """Does commands, and keeps to what the answers to them mean."""

    def __init__(self, stage: Stage, looking: Looking) -> None:
        self._stage = stage
        self._looking = looking
        self._joining: set[str] = set()
        self._paging: set[str] = set()

    def do(self, command: Command) -> None:
        """Do what was asked for. Raises `ChatError`."""
        stage = self._stage
        match command:
            case Quit():
                stage.around.quit()
            case Connect(host=None):
                stage.session.reconnect_now()
            case Connect(host=str(host), port=port):
                stage.around.connect_to(host, port)
            case Disconnect():
                stage.session.stop()
            case Servers():
                stage.around.show_servers()
            case SetTheme(name=name):
                stage.around.set_theme(name)
            case Say(text=text, kind=kind):
                self._say(text, kind)
            case SetNick():
                stage.send(replace(command, id=new_id()))
            case Tell(to=to, text=text, kind=kind):
                to = to or stage.model.conversations.latest
                if to is None:
                    raise NoSuchPerson("Nobody has told you anything yet; /msg <nick> <text>.")
                stage.converse(to)
                self._say(text, kind)
            case Join(room=name, password=None) if name in stage.model.rooms:
                stage.open(name)
            case Join() | Create():
                self._joining.add(key := new_id())
                stage.send(replace(command, id=key))
            case Close():
                self._close()
            case Leave(room=None) if stage.in_conversation:
                self._close()
            case Search():
                self._looking.search(command)
            case History():
                self._paging.add(key := new_id())
                stage.window.messages.to_end()
                stage.send(replace(about(command, stage.model.room), id=key))
            case _:
                stage.send(replace(about(command, stage.model.room), id=new_id()))

    def see(self, event: Event) -> None:
        """Follow what an answer is about."""
        match event:
            case Entered() if event.re in self._joining:
                self._joining.discard(event.re or "")
                self._stage.open(event.room)
            case Failed():
                self._joining.discard(event.re or "")
                self._paging.discard(event.re or "")
            case HistoryPage() if event.re in self._paging and event.messages:
                self._paging.discard(event.re or "")
                self._stage.window.messages.show_after(event.messages[0].seq - 1)

    def _say(self, text: str, kind: MessageKind) -> None:
        stage, key = self._stage, new_id()
        room = stage.model.current
        if room is None:
            if not stage.online:
                raise NotInRoom("There is no connection yet; what you wrote stays here.")
            raise NotInRoom("You are in no room; /join and its name bring you into one.")
        text = emojized(text) if stage.emoji else text
        stage.change(stage.model.hearing.say(room, text, kind, key, stage.around.now()))
        stage.window.messages.to_end()
        person = stage.model.rooms[room].person
        say = Say(id=key, room=room, text=text, kind=kind)
        stage.send(say if person is None else told(say, person))

    def _close(self) -> None:
        stage = self._stage
        if (room := stage.model.current) is not None:
            if stage.online and not stage.in_conversation:
                stage.send(Leave(id=new_id(), room=room))
            stage.change(stage.model.forget(room))
