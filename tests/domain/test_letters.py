"""Private messages between accounts: kept, and waiting for who is not here."""

from __future__ import annotations

from chatservice.domain.commands import Hello, History, Ignore, Login, Quit, Register, Tell
from chatservice.domain.events import Ack, Event, HistoryPage, Notice, Private
from chatservice.domain.session import Session
from tests.chatcase import ChatCase, codes

PASSWORD = "long enough"


class LetterTests(ChatCase):
    def setUp(self) -> None:
        super().setUp()
        for session in (self.ann, self.bob):
            self.world.do(session, Register(password=PASSWORD))

    def log_in(self, nick: str) -> tuple[Session, list[Event]]:
        session = self.world.connect("10.0.0.9:9")
        told = self.world.do(session, Hello(nick="guest"), Login(nick=nick, password=PASSWORD))
        return session, told

    def texts(self, told: list[Event]) -> list[str]:
        return [event.text for event in told if isinstance(event, Private)]

    def test_waits_for_the_next_login_and_over_a_restart(self) -> None:
        self.world.do(self.bob, Quit())
        self.ears.take(self.ann)
        told = self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        self.assertEqual([type(event) for event in told], [Private, Notice])
        self.world.do(self.ann, Tell(to="BOB", text="two"))
        self.world.restart()
        bob, told = self.log_in("bob")
        self.assertEqual(self.texts(told), ["one", "two"])
        [first, _] = [event for event in told if isinstance(event, Private)]
        self.assertEqual((first.nick, first.to, first.re), ("ann", "bob", None))
        self.world.do(bob, Quit())
        self.assertEqual(self.texts(self.log_in("bob")[1]), [])

    def test_from_who_is_ignored_they_wait_on(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one"))
        session = self.world.connect("10.0.0.9:9")
        login = Login(nick="bob", password=PASSWORD)
        told = self.world.do(session, Hello(nick="guest"), Ignore(nick="ann"), login)
        self.assertEqual(self.texts(told), [])
        self.world.do(session, Quit())
        self.assertEqual(self.texts(self.log_in("bob")[1]), ["one"])

    def test_a_retry_is_kept_once(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        told = self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        self.assertIsInstance(told[0], Ack)
        self.assertEqual(self.texts(self.log_in("bob")[1]), ["one"])

    def test_what_cannot_be_kept_is_not_pretended(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.store.broken = "The disk is full."
        self.assertIn("not-stored", codes(self.world.do(self.ann, Tell(to="bob", text="one"))))

    def test_guests_and_strangers_get_a_sentence(self) -> None:
        self.world.do(self.bob, Quit())
        guest = self.world.person("guest")
        self.assertEqual(codes(self.world.do(guest, Tell(to="bob", text="hi"))), ["no-such-person"])
        self.assertEqual(
            codes(self.world.do(self.ann, Tell(to="zoe", text="x"))), ["no-such-person"]
        )

    def test_a_conversation_has_its_history(self) -> None:
        self.world.do(self.ann, Tell(to="bob", text="one"))
        self.world.do(self.bob, Tell(to="ann", text="two"))
        [page] = self.world.do(self.bob, History(room="@ann", id="h"))
        assert isinstance(page, HistoryPage)
        self.assertEqual((page.room, page.re), ("@ann", "h"))
        self.assertEqual(
            [(each.nick, each.text) for each in page.messages], [("ann", "one"), ("bob", "two")]
        )
        guest = self.world.person("guest")
        for session, room in ((guest, "@ann"), (self.ann, "@zoe")):
            self.assertEqual(codes(self.world.do(session, History(room=room))), ["no-such-room"])

    def test_more_than_a_page_comes_whole(self) -> None:
        self.world.do(self.bob, Quit())
        for number in range(600):
            self.world.do(self.ann, Tell(to="bob", text=str(number)))
        self.assertEqual(self.texts(self.log_in("bob")[1]), [str(n) for n in range(600)])
