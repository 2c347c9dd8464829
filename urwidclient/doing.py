"""What a typed command, or one of a dialog, does: here, or by asking the server."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.commands import (
    Command,
    Create,
    Delete,
    Edit,
    History,
    Join,
    Leave,
    Quit,
    React,
    Say,
    Search,
    SetNick,
    Tell,
)
from chatservice.domain.errors import NoSuchMessage, NoSuchPerson, NotInRoom, WrongState
from chatservice.domain.events import Entered, Event, Failed, HistoryPage
from chatservice.domain.limits import Limits
from chatservice.domain.text import clean_text
from urwidclient.commands import Close, Connect, Disconnect, ReplyTo, Servers, SetTheme, about, told
from urwidclient.looking import Looking
from urwidclient.model import UNHEEDED
from urwidclient.resume import new_id
from urwidclient.room import Room
from urwidclient.scrollback import Line
from urwidclient.shortcodes import emojized
from urwidclient.shortcodes import reaction as as_emoji
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
        if isinstance(command, Edit):
            command = replace(command, text=self._emojized(command.text))
        match command:
            case Quit(reason=reason):
                stage.around.quit(reason)
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
            case Say():
                self._say(command)
            case ReplyTo(text=text):
                self._say(Say(text=text, reply_to=self.answered().id))
            case SetNick():
                stage.send(replace(command, id=new_id()))
            case Tell(to=to, text=text, kind=kind):
                to = to or stage.model.conversations.latest
                if to is None:
                    raise NoSuchPerson("Nobody has told you anything yet; /msg <nick> <text>.")
                stage.converse(to)
                self._say(Say(text=text, kind=kind))
            case Join(room=name, password=None) if _inside(stage.model.rooms.get(name)):
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
            case React(seq=None):
                reaction = as_emoji(command.reaction) if stage.emoji else command.reaction
                last = not command.active and self._chosen is None and not stage.in_conversation
                message_id = command.message_id or (None if last else self.answered().id)
                react = replace(command, reaction=reaction, message_id=message_id)
                stage.send(replace(about(react, stage.model.room), id=new_id()))
            case Edit(seq=None) | Delete(seq=None, nick=None) if (line := self._chosen) is not None:
                amend = replace(command, seq=line.seq)
                stage.send(replace(about(amend, stage.model.room), id=new_id()))
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

    def answered(self) -> Line:
        """The message that one answers: the chosen one, or the last one of somebody else."""
        line, room = self._chosen, self._stage.model.room
        if line is None and room is not None:
            line = next((each for each in reversed(room.back.lines) if _of_others(each)), None)
        if line is None:
            raise NoSuchMessage("Nobody else has said anything here that you could answer.")
        return line

    @property
    def _chosen(self) -> Line | None:
        room = self._stage.model.room
        if room is None or room.chosen is None:
            return None
        found = (line for line in room.back.lines if line.stored and line.seq == room.chosen)
        return next(found, None)

    def _say(self, say: Say) -> None:
        stage = self._stage
        room = stage.model.room
        if room is None:
            if not stage.online:
                raise NotInRoom("There is no connection yet; what you wrote stays here.")
            raise NotInRoom("You are in no room; /join and its name bring you into one.")
        text = clean_text(
            self._emojized(say.text), Limits(text_characters=stage.model.text_characters)
        )
        say = replace(say, id=new_id(), room=room.name, text=text)
        sent = say if room.person is None else told(say, room.person)
        stage.session.check(sent)
        stage.change(stage.model.hearing.say(room, say, stage.around.now()))
        stage.window.messages.to_end()
        stage.send(sent)

    def _emojized(self, text: str) -> str:
        return emojized(text) if self._stage.emoji else text

    def _close(self) -> None:
        stage = self._stage
        if (room := stage.model.room) is not None:
            if not stage.online and room.pending:
                raise WrongState("What you said here waits for a connection; close it after that.")
            if not stage.in_conversation:
                stage.send(Leave(id=new_id() if room.entered else UNHEEDED, room=room.name))
            stage.change(stage.model.forget(room.name))


def _inside(room: Room | None) -> bool:
    return room is not None and room.entered


def _of_others(line: Line) -> bool:
    return line.stored and not line.own and bool(line.id) and line.amended != "deleted"
