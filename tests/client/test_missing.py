"""What people told one over a connection that was lost, and how it is found."""

from __future__ import annotations

from typing import Any

from chatservice.domain.commands import AskRead, Command, Conversations, History
from chatservice.domain.events import (
    Conversation,
    ConversationList,
    HistoryPage,
    LoggedIn,
    ReadUpTo,
)
from tests.client.test_conversations import BOB, told
from tests.client.ui import NOON, ChatTestCase, said, welcome
from urwidclient.missing import LATEST, MOST
from urwidclient.room import conversation

SECOND = 1000


class Missing(ChatTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.draw()
        self.log_in()
        self.answer(Conversation(room="lobby", at=NOON - SECOND))

    def log_in(self, account: str = "me", **fields: Any) -> None:
        """Come in on a new connection."""
        given: dict[str, Any] = {"features": ("conversations", "read")}
        self.chat.on_event(welcome(**{**given, **fields}))
        self.session.sent.clear()
        self.chat.on_event(LoggedIn(account=account, nick="me", user="1"))

    @property
    def asked(self) -> Conversations:
        """The last question for what is new."""
        return self.session.all(Conversations)[-1]

    def answer(self, *found: Conversation) -> None:
        """Answer it."""
        self.chat.on_event(ConversationList(conversations=found, re=self.asked.id))

    def test_is_found_and_unread(self) -> None:
        """In a conversation that is known, or in a new one; what was read elsewhere is read."""
        self.chat.on_event(told("one", id_="7-1"))
        self.log_in()
        self.assertEqual((self.asked.after_at, self.asked.limit), (NOON, MOST))
        at = NOON + 9 * SECOND
        self.answer(
            *(Conversation(room=room, at=at) for room in ("lobby", "@bob", "@carol")),
        )
        self.assertEqual([each.room for each in self.session.all(History)], ["@bob", "@carol"])
        for nick in ("bob", "carol"):
            self.assertIn(f"@{nick}", [each.room for each in self.session.all(AskRead)])
            lines = [
                said(seq, nick=nick, room=f"@{nick}", id=f"{nick}-{seq}") for seq in range(1, 4)
            ]
            self.chat.on_event(ReadUpTo(room=f"@{nick}", at=lines[0].at))
            [page] = [each for each in self.session.all(History) if each.room == f"@{nick}"]
            self.chat.on_event(
                HistoryPage(room=f"@{nick}", messages=tuple(lines), more=False, re=page.id)
            )
            room = self.model.rooms[conversation(nick)]
            self.assertEqual((room.unread, room.mentions), (2, 2))
        self.assertEqual((self.model.current, self.model.next_active()), ("lobby", BOB))
        self.log_in()
        self.assertEqual(self.asked.after_at, at)

    def test_nothing_is_missed_at_first(self) -> None:
        """Nor at another server, nor as another owner: then it is only asked what was last."""
        self.log_in()
        self.assertEqual(self.asked.after_at, NOON - SECOND)
        others: list[dict[str, Any]] = [{"server_id": "s2"}, {"account": "other"}]
        for other in others:
            self.log_in(**other)
            self.assertEqual((self.asked.after_at, self.asked.before_at), (LATEST, 0))
            self.answer(Conversation(room="@bob", at=NOON + SECOND))
            self.assertNotIn(BOB, self.model.rooms)

    def test_of_guests_and_older_servers_nothing(self) -> None:
        sent: list[Command] = []
        self.log_in(features=("read",))
        sent += self.session.all(Conversations)
        self.session.sent.clear()
        self.chat.on_event(welcome(features=("conversations",)))
        self.assertEqual(sent + list(self.session.all(Conversations)), [])
