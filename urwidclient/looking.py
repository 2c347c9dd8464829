"""What was asked for by `/search` and `/whois`, shown over the window, and the way from there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chatservice.domain.commands import Search
from chatservice.domain.events import Absent, Event, Found, HistoryPage, Message, WhoisReply
from chatservice.wire.sentences import sentence
from urwidclient.loading import Loading
from urwidclient.replies import absent_rows, whois_rows
from urwidclient.resume import new_id
from urwidclient.stage import Stage
from urwidclient.widgets.popups import Popup, card_popup
from urwidclient.widgets.results import results_popup


class Looking:
    """Opens answers over the window."""

    def __init__(self, stage: Stage, loading: Loading) -> None:
        self._stage = stage
        self._loading = loading
        self._search: Search | None = None
        self._messages: tuple[Message, ...] = ()
        self._results: Popup | None = None
        self._wanted: tuple[str, int] | None = None

    def see(self, event: Event) -> None:
        """Show an answer, or scroll to what was looked for."""
        match event:
            case Found():
                self._found(event)
            case WhoisReply():
                self._card(event)
            case Absent():
                self._absent(event)
            case HistoryPage():
                self._arrived(event)

    def search(self, command: Search) -> None:
        """Ask for messages."""
        self._messages, self._results = (), None
        self._ask(command)

    def _found(self, event: Found) -> None:
        """Show what was found, after what was there if it was asked for more."""
        search = self._search
        if search is None or event.re != search.id:
            return
        if self._results is not None and self._stage.window.popup is not self._results:
            return
        first = len(self._messages)
        self._messages += event.messages
        if not self._messages and event.next is None:
            self._stage.note(sentence(event) or "")
            return

        def pick(message: Message | None) -> None:
            if message is not None:
                self._jump(message)
            else:
                self._ask(replace(search, before=event.next))

        more = event.next is not None
        self._results = results_popup(search.words, self._messages, first, pick, more=more)
        self._stage.popup(self._results)

    def _arrived(self, page: HistoryPage) -> None:
        """The lines around a message that one goes to are here."""
        if self._wanted is not None and page.re == self._wanted[0]:
            if self._stage.model.room is self._stage.model.hearing.find(page.room):
                self._stage.window.messages.mark(self._wanted[1])
            self._wanted = None

    def _card(self, reply: WhoisReply) -> None:
        """Show who somebody is."""
        nick = reply.person.nick
        others = nick != self._stage.model.nick
        yes = (lambda: self._stage.converse(nick)) if others else (lambda: self._stage.popup(None))
        hint = "Enter: write to them     Esc: close" if others else "Esc: close"
        self._stage.popup(card_popup(nick, whois_rows(reply), hint, yes))

    def _absent(self, reply: Absent) -> None:
        """Show when somebody registered was here."""
        hint = "Enter: write to them, for the next time     Esc: close"
        yes = partial(self._stage.converse, reply.nick)
        self._stage.popup(card_popup(reply.nick, absent_rows(reply), hint, yes))

    def _ask(self, command: Search) -> None:
        self._search = replace(command, id=new_id())
        self._stage.send(self._search)

    def _jump(self, message: Message) -> None:
        """Go to a message, and load what is around it."""
        model = self._stage.model
        if message.room.startswith("@"):
            model.converse(message.room[1:])
        room = model.hearing.find(message.room)
        if room is not None:
            self._stage.open(room.name)
            if room.back.has(message.seq):
                self._stage.window.messages.mark(message.seq)
            else:
                self._wanted = self._loading.around(room, message.seq), message.seq
        else:
            self._stage.popup(None)
            self._stage.note(
                f"You are not in #{message.room}; /join {message.room} brings you there."
            )
