"""What was asked for by `/search` and `/whois`, shown over the window, and the way from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatservice.domain.commands import Search
from chatservice.domain.events import Found, HistoryPage, Message, WhoisReply
from chatservice.wire.sentences import sentence
from urwidclient.interfaces import Session
from urwidclient.loading import Loading
from urwidclient.model import ClientModel
from urwidclient.replies import whois_rows
from urwidclient.resume import new_id
from urwidclient.widgets.popups import Popup, card_popup
from urwidclient.widgets.results import results_popup
from urwidclient.widgets.window import Window


class Looking:
    """Opens answers over `window`; `go` opens a room, `converse` a conversation."""

    def __init__(
        self,
        session: Session,
        window: Window,
        model: ClientModel,
        loading: Loading,
        *,
        go: Callable[[str], None],
        converse: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        self._session = session
        self._window = window
        self._model = model
        self._loading = loading
        self._go = go
        self._converse = converse
        self._tell = tell
        self._search: Search | None = None
        self._messages: tuple[Message, ...] = ()
        self._results: Popup | None = None
        self._wanted: tuple[str, int] | None = None

    def search(self, command: Search) -> None:
        """Ask for messages."""
        self._messages, self._results = (), None
        self._ask(command)

    def found(self, event: Found) -> None:
        """Show what was found, after what was there if it was asked for more."""
        search = self._search
        if search is None or event.re != search.id:
            return
        if self._results is not None and self._window.popup is not self._results:
            return
        first = len(self._messages)
        self._messages += event.messages
        if not self._messages and event.next is None:
            self._tell(sentence(event) or "")
            return

        def pick(message: Message | None) -> None:
            if message is not None:
                self._jump(message)
            else:
                self._ask(replace(search, before=event.next))

        more = event.next is not None
        self._results = results_popup(search.words, self._messages, first, pick, more=more)
        self._window.open(self._results)

    def arrived(self, page: HistoryPage) -> None:
        """The lines around a message that one goes to are here."""
        if self._wanted is not None and page.re == self._wanted[0]:
            if page.room == self._model.current:
                self._window.messages.mark(self._wanted[1])
            self._wanted = None

    def card(self, reply: WhoisReply) -> None:
        """Show who somebody is."""
        nick = reply.person.nick
        others = nick != self._model.nick
        yes = (lambda: self._converse(nick)) if others else (lambda: self._window.open(None))
        hint = "Enter: write to them     Esc: close" if others else "Esc: close"
        self._window.open(card_popup(nick, whois_rows(reply), hint, yes))

    def _ask(self, command: Search) -> None:
        self._search = replace(command, id=new_id())
        self._session.send(self._search)

    def _jump(self, message: Message) -> None:
        """Go to a message, and load what is around it."""
        if message.room.startswith("@"):
            self._converse(message.room[1:])
        elif message.room in self._model.rooms:
            self._go(message.room)
            room = self._model.rooms[message.room]
            if room.back.has(message.seq):
                self._window.messages.mark(message.seq)
            else:
                self._wanted = self._loading.around(room, message.seq), message.seq
        else:
            self._window.open(None)
            self._tell(f"You are not in #{message.room}; /join {message.room} brings you there.")
