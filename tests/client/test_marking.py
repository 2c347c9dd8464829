"""How far one has read: told to the server, and taken over from one's other clients."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from chatservice.domain.commands import AskRead, Command, MarkRead, Typing
from chatservice.domain.events import Failed, Joined, Left, LoggedIn, Private, ReadUpTo
from tests.client.ui import NOON, ChatTestCase, entered, people, said, welcome


def at(seq: int) -> int:
    """The time of a message of this seq."""
    return NOON + seq * 1000


class MarkingCase(ChatTestCase):
    read: ClassVar[dict[str, int]] = {}

    def setUp(self) -> None:
        super().setUp()
        self.chat.on_event(welcome(features=("read", "conversations")))
        self.chat.on_event(LoggedIn(account="me", nick="me", user="1"))
        self.draw()
        for room in "lobby", "ops":
            self.answer(room, self.read.get(room))
            self.draw()

    def answer(self, room: str, at: int | None) -> None:
        """The server says how far a room was read, as it was asked."""
        asked = next(each for each in self.session.all(AskRead) if each.room == room)
        self.chat.on_event(ReadUpTo(room=room, at=at, re=asked.id))

    def sent(self, kind: type[Command]) -> list[Command]:
        """The commands of a kind, without their ids."""
        return [replace(each, id=None) for each in self.session.all(kind)]

    def told(self, seq: int) -> None:
        """Bob tells one something."""
        self.chat.on_event(
            Private(
                nick="bob", user="1", to="me", to_user="2", at=at(seq), text="hi", id=f"9-{seq}"
            )
        )


class Telling(MarkingCase):
    def test_what_is_read(self) -> None:
        """The last message that was seen, once in a while, and when one goes elsewhere."""
        self.assertEqual(self.sent(MarkRead), [MarkRead(room="lobby", at=at(60))])
        self.chat.on_event(said(61))
        self.draw()
        self.draw()
        self.assertEqual(len(self.sent(MarkRead)), 1)
        self.around.clock.advance(3)
        self.draw()
        self.assertEqual(self.sent(MarkRead)[1:], [MarkRead(room="lobby", at=at(61))])
        self.chat.on_event(said(62))
        self.draw()
        self.chat.stage.open("ops")
        self.draw()
        self.assertEqual(self.sent(MarkRead)[2:], [MarkRead(room="lobby", at=at(62))])

    def test_with_much_coming_and_going_after_it(self) -> None:
        self.chat.on_event(said(61))
        for number in range(30):
            person = people(f"p{number}")[0]
            self.chat.on_event(Joined(room="lobby", person=person, at=at(62)))
            self.chat.on_event(Left(room="lobby", nick=person.nick, user=person.user, at=at(62)))
        self.around.clock.advance(3)
        self.draw()
        self.assertEqual(self.sent(MarkRead)[1:], [MarkRead(room="lobby", at=at(61))])

    def test_not_what_is_not_read(self) -> None:
        """Nothing is told while one looks away, or further up."""
        self.session.sent.clear()
        self.around.clock.advance(9)
        self.press("home")
        self.chat.on_event(said(61))
        self.draw()
        self.chat.looked_at = False
        self.press("end")
        self.assertEqual(self.sent(MarkRead), [])

    def test_of_conversations(self) -> None:
        self.told(5)
        self.chat.stage.converse("bob")
        self.around.clock.advance(9)
        self.draw()
        self.assertIn(MarkRead(room="@bob", at=at(5)), self.sent(MarkRead))

    def test_of_guests_nothing(self) -> None:
        """Nor of servers that can't keep it."""
        for features, account in (((), True), (("read",), False)):
            self.setUp()
            self.chat.on_event(welcome(features=features))
            if account:
                self.chat.on_event(LoggedIn(account="me", nick="me", user="1"))
            self.session.sent.clear()
            self.chat.on_event(said(61))
            self.chat.on_event(entered(room="dev"))
            self.around.clock.advance(9)
            self.draw()
            self.assertEqual((self.sent(MarkRead), self.sent(AskRead)), ([], []))

    def test_typing_to_one_person(self) -> None:
        """It is told, and nobody hears of it if that person is gone."""
        self.chat.stage.converse("bob")
        self.type("h")
        self.assertEqual(self.sent(Typing), [Typing(room="@bob")])
        typing = self.session.all(Typing)[-1]
        self.chat.on_event(Failed(code="no-such-person", text="Gone.", re=typing.id))
        self.assertNotIn("Gone.", "\n".join(self.draw()))
        self.press("backspace")
        self.assertEqual(self.sent(Typing)[-1], Typing(room="@bob", active=False))


class Hearing(MarkingCase):
    def test_asks_where_it_comes(self) -> None:
        """Once for each room and conversation, when it is new here."""
        asked = [AskRead(room="lobby"), AskRead(room="ops")]
        self.assertEqual(self.sent(AskRead), asked)
        self.chat.on_event(entered(room="dev"))
        for seq in (1, 2):
            self.told(seq)
        asked += [AskRead(room="dev"), AskRead(room="@bob")]
        self.assertEqual(self.sent(AskRead), asked)

    def test_unread_since(self) -> None:
        """What was said after one has read elsewhere is unread; `new` stands above it."""
        self.chat.on_event(entered(*map(said, range(1, 31)), room="lobby"))
        self.chat.on_event(entered(*(said(seq, room="dev") for seq in range(1, 31)), room="dev"))
        self.assertEqual(self.model.rooms["dev"].unread, 0)
        self.chat.on_event(ReadUpTo(room="dev", at=at(20)))
        room = self.model.rooms["dev"]
        self.assertEqual((room.unread, room.marker), (10, 20))
        self.chat.on_event(ReadUpTo(room="dev", at=at(28)))
        self.assertEqual((room.unread, room.marker), (2, 28))
        self.chat.on_event(ReadUpTo(room="dev", at=at(30)))
        self.assertEqual((room.unread, room.marker), (0, None))
        self.chat.on_event(ReadUpTo(room="dev"))
        self.chat.on_event(ReadUpTo(room="nowhere", at=at(30)))

    def test_what_is_being_read_stays_so(self) -> None:
        """The room on the screen has nothing unread, whatever was read elsewhere."""
        self.chat.on_event(ReadUpTo(room="lobby", at=at(20)))
        self.assertEqual(self.model.rooms["lobby"].unread, 0)

    def test_a_conversation(self) -> None:
        for seq in (1, 2, 3):
            self.told(seq)
        room = self.model.conversations.begin("bob")
        self.assertEqual((room.unread, room.mentions), (3, 3))
        self.chat.on_event(ReadUpTo(room="@bob", at=at(2)))
        self.assertEqual((room.unread, room.mentions), (1, 1))


class Opening(MarkingCase):
    """The room on the screen, in which something was said since one has read it."""

    read: ClassVar[dict[str, int]] = {"lobby": at(20), "ops": at(1)}

    def test_at_what_is_new(self) -> None:
        """It was drawn before that was known; it is read once its end is seen."""
        rows = self.draw()
        self.assertIn(" new ", rows[1])
        self.assertIn("text 21", rows[2])
        self.assertEqual((self.model.rooms["lobby"].unread, self.sent(MarkRead)), (40, []))
        self.around.clock.advance(3)
        self.press("end")
        self.assertEqual(self.model.rooms["lobby"].unread, 0)
        self.assertEqual(self.sent(MarkRead), [MarkRead(room="lobby", at=at(60))])

    def test_later_answers_move_nothing(self) -> None:
        self.press("end")
        self.answer("lobby", at(40))
        self.assertIn("text 60", "\n".join(self.draw()))
