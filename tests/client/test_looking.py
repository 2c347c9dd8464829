"""What opens over the window: results of a search and the way to them, the card of a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatservice.domain.commands import History, Search
from chatservice.domain.events import Absent, Found, HistoryPage, Message, WhoisReply
from tests.client.ui import NOON, ChatTestCase, people, said


class LookingCase(ChatTestCase):
    def seen(self) -> str:
        """What is on the screen."""
        return "\n".join(self.draw())


class Searching(LookingCase):
    def find(self, *messages: Message, next_: int | None = None) -> Search:
        """Look for something, and find these."""
        self.chat.enter("/search cake")
        asked = self.session.all(Search)[-1]
        self.chat.on_event(Found(messages=messages, next=next_, re=asked.id))
        return asked

    def marked(self) -> list[str]:
        """The texts that are marked."""
        self.draw()
        rows = self.window.render(self.size, True).content()
        return [
            run.decode().split()[-1] for row in rows for attr, _, run in row if attr == "chosen"
        ]

    def test_list_and_preview(self) -> None:
        """Newest first, in one line each; the chosen one is below in full."""
        long = said(3, "a long tale " * 8 + "with a cake\nand an end\x1b[31m", nick="alice")
        self.find(said(50, "cake?"), long, said(1, "x", room="@carol", nick="carol"))
        seen = self.seen()
        self.assertIn("Found: cake", seen)
        self.assertIn("#lobby bob: cake?", seen)
        self.assertIn("@carol carol: x", seen)
        self.assertNotIn("and an end", seen)
        self.press("down")
        self.assertIn("and an end", self.seen())
        self.assertNotIn("\x1b", self.seen())
        self.press("esc")
        self.assertIsNone(self.window.popup)

    def test_nothing(self) -> None:
        """Nothing opens for nothing."""
        self.find()
        self.assertIsNone(self.window.popup)
        self.assertIn("Nothing was found.", self.seen())

    def test_every_size(self) -> None:
        """It fits on every screen."""
        self.find(*(said(seq, "cake " * 300) for seq in range(40)), next_=3)
        for size in ((40, 10), (20, 5), (200, 60)):
            self.draw(*size)

    def test_goes_to_a_line_that_is_here(self) -> None:
        """Enter shows the message among its neighbours, marked, until one goes to the end."""
        self.chat.on_event(said(61, "the cake"))
        for seq in range(62, 122):
            self.chat.on_event(said(seq))
        self.find(said(61, "the cake"))
        self.press("enter")
        self.assertIsNone(self.window.popup)
        self.assertEqual(self.marked(), ["cake"])
        self.assertIn("text 59", self.seen())
        self.assertNotIn("text 100", self.seen())
        self.assertEqual(self.session.all(History), [])
        self.press("end")
        self.assertNotIn("the cake", self.seen())
        self.assertEqual(self.marked(), [])

    def test_goes_to_a_line_of_old(self) -> None:
        """What is not here is loaded with what is around it, in a room that is not shown."""
        self.chat.stage.open("ops")
        self.chat.on_event(Found(messages=(said(1),), re="not asked for"))
        self.assertIsNone(self.window.popup)
        self.chat.on_event(said(961))
        room = self.model.rooms["lobby"]
        for seq in range(900, 1000):
            self.chat.on_event(said(seq))
        self.find(said(500, "the cake"))
        self.press("enter")
        self.assertEqual(self.model.current, "lobby")
        [asked] = self.session.all(History)
        self.assertEqual((asked.room, asked.around, asked.before), ("lobby", 500, None))
        page = tuple(said(seq, "the cake" if seq == 500 else "") for seq in range(400, 600))
        self.chat.on_event(HistoryPage(room="lobby", messages=page, more=True, re=asked.id))
        self.assertEqual(self.marked(), ["cake"])
        self.assertFalse(room.back.attached)
        self.assertEqual((room.back.oldest, room.back.newest), (400, 599))
        self.press("end")
        last = self.session.all(History)[-1]
        self.assertEqual((last.before, last.after, last.around), (None, None, None))

    def test_gone_meanwhile(self) -> None:
        """Nothing is lost when there is nothing around the message any more."""
        self.find(said(500))
        self.press("enter")
        [asked] = self.session.all(History)
        self.chat.on_event(HistoryPage(room="lobby", messages=(), more=False, re=asked.id))
        self.assertIn("text 60", self.seen())

    def test_elsewhere(self) -> None:
        """A conversation opens; for a room that one is not in there is a sentence."""
        self.find(said(7, room="@carol"))
        self.press("enter")
        self.assertEqual(self.model.current, " carol")
        self.chat.stage.open("lobby")
        self.find(said(7, room="attic"))
        self.press("enter")
        self.assertIsNone(self.window.popup)
        self.assertIn("You are not in #attic", self.seen())

    def test_more(self) -> None:
        """The last row asks for what comes next, which is added to the list."""
        first = self.find(said(50), next_=7)
        self.press("down")
        self.assertIn("Enter looks further back.", self.seen())
        self.press("enter")
        asked = self.session.all(Search)[-1]
        self.assertEqual((asked.words, asked.before), ("cake", 7))
        self.assertNotEqual(asked.id, first.id)
        self.chat.on_event(Found(messages=(said(40),), re=asked.id))
        seen = self.seen()
        self.assertLess(seen.index("text 50"), seen.index("text 40"))
        self.assertNotIn("more ...", seen)

    def test_more_that_comes_late(self) -> None:
        """What was closed does not open again by itself."""
        self.find(said(50), next_=7)
        self.press("down", "enter", "esc")
        asked = self.session.all(Search)[-1]
        self.chat.on_event(Found(messages=(said(40),), re=asked.id))
        self.assertIsNone(self.window.popup)


class Card(LookingCase):
    def show(self, nick: str, **fields: Any) -> None:
        """Be told who this is."""
        [person] = people(nick)
        given: dict[str, Any] = {"rooms": ("lobby", "ops"), "since": NOON, "spoke": 0}
        self.chat.on_event(WhoisReply(person=person, **{**given, **fields}))

    def test_facts(self) -> None:
        """All that is known, on a card."""
        self.show("bob", account="Robert", idle=3700)
        seen = self.seen()
        for fact in ("192.0.2.1:5", "Robert", "#lobby, #ops", "1 h 1 min", "not yet"):
            self.assertIn(fact, seen)
        self.press("x", "esc")
        self.assertIsNone(self.window.popup)
        self.assertEqual(self.window.composer.edit_text, "")

    def test_what_they_are(self) -> None:
        """A card says more of who says more, and of who is more."""
        [person] = people("bob")
        person = replace(person, realname="Robert of Ops", bot=True, operator=True)
        reply = WhoisReply(
            person=person, rooms=("lobby",), since=NOON, spoke=0, operator_in=("lobby",), host="h.x"
        )
        self.chat.on_event(reply)
        seen = self.seen()
        for fact in ("Robert of Ops", "an operator of the server and a bot", "@#lobby", "h.x"):
            self.assertIn(fact, seen)

    def test_writes(self) -> None:
        """Enter begins a conversation; with oneself there is none."""
        self.show("me")
        self.press("enter")
        self.assertIsNone(self.window.popup)
        self.assertEqual(self.model.current, "lobby")
        self.show("bob")
        self.press("enter")
        self.assertEqual(self.model.current, " bob")

    def test_who_is_gone(self) -> None:
        """Somebody registered who is not here has a card too."""
        self.chat.on_event(Absent(nick="zoe", seen=NOON))
        self.assertIn("Last here", self.seen())
        self.assertIn("2023-11-1", self.seen())
        self.press("enter")
        self.assertEqual(self.model.current, " zoe")

    def test_every_size(self) -> None:
        """It fits on every screen."""
        self.show("bob", rooms=tuple(f"room{number}" for number in range(60)))
        for size in ((40, 10), (20, 5), (200, 60)):
            self.draw(*size)
