"""What people told one over a connection that was lost: it is found, and counts as unread."""

from __future__ import annotations

from chatservice.domain.commands import AskRead, Conversations
from chatservice.domain.events import ConversationList, Event, LoggedIn, Private, Welcome
from urwidclient.loading import Loading
from urwidclient.model import UNHEEDED
from urwidclient.resume import new_id
from urwidclient.room import Changed
from urwidclient.stage import Stage

MOST = 500
"""Rooms and people that the server is asked for at once."""

LATEST = 2**53
"""After all times that the server can tell, in ms."""


class Missing:
    """Asks at each login in which conversations something is new, but for the first of an account.

    What is told to a connection that is dead already, as of a laptop that sleeps, waits for no
    login: to the server it has arrived.
    """

    def __init__(self, stage: Stage, loading: Loading) -> None:
        self._stage = stage
        self._loading = loading
        self._server_id = ""
        self._whose = ("", "")
        self._known: int | None = None
        self._asked = ""

    def see(self, event: Event) -> None:
        """Follow up to when all is known, and load what came after that."""
        match event:
            case Welcome():
                self._server_id = event.server_id
            case LoggedIn() if "conversations" in self._stage.model.features:
                whose = self._server_id, event.account
                self._known = self._known if whose == self._whose else None
                self._whose = whose
                self._ask()
            case Private(at=at) if self._known is not None:
                self._known = max(self._known, at)
            case ConversationList(re=re) if re == self._asked:
                for each in event.conversations if self._known is not None else ():
                    if each.room.startswith("@"):
                        self._load(each.room[1:])
                self._known = max(self._known or 0, *(each.at for each in event.conversations), 0)

    def _ask(self) -> None:
        self._asked = new_id()
        if self._known is None:
            last = Conversations(id=self._asked, after_at=LATEST, before_at=0, limit=1)
            self._stage.send(last)
        else:
            self._stage.send(Conversations(id=self._asked, after_at=self._known, limit=MOST))

    def _load(self, nick: str) -> None:
        room = self._stage.model.conversations.begin(nick)
        self._stage.send(AskRead(id=UNHEEDED, room=room.wire_name))
        self._loading.catch_up(room)
        self._stage.change(Changed.ROOMS)
