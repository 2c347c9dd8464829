"""Private messages between accounts: kept, and waiting for who is not here."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.commands import (
    Delete,
    Edit,
    Hello,
    History,
    Ignore,
    Login,
    Logout,
    Quit,
    Register,
    Say,
    SetAway,
    SetNick,
    Tell,
)
from chatservice.domain.events import (
    Ack,
    Deleted,
    Edited,
    Event,
    Failed,
    HistoryPage,
    IsAway,
    Notice,
    Private,
)
from chatservice.domain.session import Session, State
from tests.chatcase import ChatCase, codes, texts
from tests.world import SECRET

PASSWORD = "long enough"


def private(told: list[Event]) -> Private:
    """The one private message."""
    [found] = [event for event in told if isinstance(event, Private)]
    return found


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

    def test_what_has_waited_is_replied_to(self) -> None:
        """And what its author was told as somebody who has gone, to the account."""
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one"), SetNick(nick="anna"))
        guest, eve = self.world.person("guest"), self.world.person("eve")
        self.world.do(eve, Tell(to="guest", text="hi"))
        self.world.do(guest, Login(nick="bob", password=PASSWORD))
        self.world.do(self.world.connect(), Hello(nick="ann"))
        self.assertEqual(private(self.world.do(guest, Tell(text="two"))).to, "anna")
        self.world.do(self.ann, Tell(to="bob", text="three"), Quit())
        self.ears.take(guest)
        self.assertEqual(private(self.world.do(guest, Tell(text="four"))).to, "ann")
        self.assertEqual(self.texts(self.log_in("ann")[1]), ["four"])

    def test_who_comes_back_knows_who_told_it_something(self) -> None:
        guest, eve = self.world.person("guest"), self.world.person("eve")
        self.world.do(eve, Tell(to="guest", text="hi"))
        again = self.world.connect()
        self.world.do(again, Hello(nick="guest", client=SECRET + "guest"))
        self.assertEqual(private(self.world.do(again, Tell(text="two"))).to, "eve")
        self.assertIs(guest.state, State.GONE)

    def test_what_was_taken_back_meanwhile_does_not_come(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="oops"))
        self.world.do(self.ann, Delete(room="@bob"), Tell(to="bob", text="two"))
        self.assertEqual(self.texts(self.log_in("bob")[1]), ["two"])

    def test_from_who_is_ignored_they_wait_on(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one"))
        session = self.world.connect("10.0.0.9:9")
        login = Login(nick="bob", password=PASSWORD)
        told = self.world.do(session, Hello(nick="guest"), Ignore(nick="ann"), login)
        self.assertEqual(self.texts(told), [])
        self.world.do(session, Quit())
        self.assertEqual(self.texts(self.log_in("bob")[1]), ["one"])

    def ignoring(self) -> Session:
        """Bob, for whom ann's `one` waits on, as he ignores her."""
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one"))
        session = self.world.connect("10.0.0.9:9")
        log_in = Login(nick="bob", password=PASSWORD)
        self.world.do(session, Hello(nick="guest"), Ignore(nick="ann"), log_in)
        return session

    def test_they_come_once_one_hears_again_and_nothing_comes_twice(self) -> None:
        bob = self.ignoring()
        self.assertEqual(self.texts(self.world.do(bob, Ignore(nick="ann", active=False))), ["one"])
        self.world.do(bob, Tell(to="ann", text="two"))
        self.world.do(self.ann, Tell(to="bob", text="three"))
        self.assertEqual(self.texts(self.ears.take(bob)), ["three"])
        self.assertEqual(self.texts(self.log_in("bob")[1]), [])

    def test_what_one_said_oneself_does_not_wait(self) -> None:
        bob = self.ignoring()
        self.world.do(bob, Tell(to="ann", text="two"), Quit())
        self.assertEqual(self.texts(self.log_in("bob")[1]), ["one"])

    def test_nor_what_is_told_at_once_before_they_could_be_read(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one"))
        bob = self.world.person("guest")
        slow: list[Callable[[], None]] = []
        self.ears.slow = slow
        self.world.do(bob, Login(nick="bob", password=PASSWORD))
        slow.pop()()
        self.world.settle()
        self.world.do(self.ann, Tell(to="bob", text="two"))
        self.ears.slow = None
        slow.pop()()
        self.world.settle()
        self.assertEqual(self.texts(self.ears.take(bob)), ["two", "one"])

    def test_a_retry_is_kept_once(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        told = self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        self.assertEqual([(type(each), each.room) for each in told], [(Ack, "@bob")])  # type: ignore[attr-defined]
        self.assertEqual(self.texts(self.log_in("bob")[1]), ["one"])

    def test_an_id_is_a_retry_only_of_what_was_told_to_the_same_person(self) -> None:
        eve = self.world.person("eve")
        self.world.do(eve, Register(password=PASSWORD))
        self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        self.world.do(self.ann, Tell(to="eve", text="two", id="t"))
        self.assertEqual(self.texts(self.ears.take(eve)), ["two"])
        self.world.do(self.ann, Logout(), Say(text="three", id="t"))
        self.assertEqual(texts(self.ears.take(self.bob)), ["three"])
        told = self.world.do(self.ann, Say(text="three", id="t"))
        self.assertEqual([type(each) for each in told], [Ack])

    def test_what_cannot_be_kept_is_not_pretended(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.store.broken = "The disk is full."
        self.assertIn("not-stored", codes(self.world.do(self.ann, Tell(to="bob", text="one"))))

    def test_after_one_that_could_not_be_kept_the_next_one_waits(self) -> None:
        self.world.do(self.bob, Quit())
        self.ears.take(self.ann)
        self.world.store.broken = "The disk is full."
        told = self.world.do(self.ann, Tell(to="bob", text="one"))
        self.assertNotIn(Notice, [type(each) for each in told])
        self.world.store.broken = None
        self.world.do(self.ann, Tell(to="bob", text="two"))
        self.world.restart()
        self.assertEqual(self.texts(self.log_in("bob")[1]), ["two"])

    def test_guests_and_strangers_get_a_sentence(self) -> None:
        self.world.do(self.bob, Quit())
        guest = self.world.person("guest")
        self.assertEqual(codes(self.world.do(guest, Tell(to="bob", text="hi"))), ["login-needed"])
        self.assertEqual(
            codes(self.world.do(self.ann, Tell(to="zoe", text="x"))), ["no-such-person"]
        )

    def test_other_connections_of_the_sender_hear_what_is_kept_and_once(self) -> None:
        other, _ = self.log_in("ann")
        self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        [copy] = [each for each in self.ears.take(other) if isinstance(each, Private)]
        self.assertEqual((copy.text, copy.re), ("one", None))
        self.assertEqual(self.ears.own[other][-1], copy)
        self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        self.assertEqual(self.ears.take(other), [])
        self.world.store.broken = "The disk is full."
        self.world.do(self.ann, Tell(to="bob", text="two", id="u"))
        self.assertEqual(self.ears.take(other), [])
        self.assertEqual(self.texts(self.ears.take(self.bob)), ["one"])

    def test_they_hear_what_waits_for_somebody_as_their_own(self) -> None:
        """Else it would look as if it had been told to them."""
        other, _ = self.log_in("ann")
        self.world.do(self.bob, Quit())
        self.ears.take(other)
        self.world.do(self.ann, Tell(to="bob", text="one", id="t"))
        [copy] = self.ears.take(other)
        self.assertIsInstance(copy, Private)
        self.assertEqual(self.ears.own[other][-1], copy)

    def test_who_has_another_id_by_now_is_told_of_by_that(self) -> None:
        self.world.do(self.bob, Quit())
        self.world.do(self.ann, Tell(to="bob", text="one"), Quit())
        ann, _ = self.log_in("ann")
        self.assertNotEqual(ann.user, self.ann.user)
        _, told = self.log_in("bob")
        self.assertEqual(private(told).user, ann.user)

    def test_that_somebody_is_away_is_told_with_what_is_kept_alone(self) -> None:
        self.world.do(self.bob, SetAway(text="lunch"))
        self.ears.take(self.ann)
        told = self.world.do(self.ann, Tell(to="bob", text="one"))
        self.assertEqual([type(each) for each in told], [Private, IsAway])
        self.world.store.broken = "The disk is full."
        told = self.world.do(self.ann, Tell(to="bob", text="two"))
        self.assertEqual([type(each) for each in told], [Failed])

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
        for session, room, code in (
            (guest, "@ann", "no-such-room"),
            (self.ann, "@guest", "no-such-room"),
            (self.ann, "@zoe", "no-such-person"),
        ):
            self.assertEqual(codes(self.world.do(session, History(room=room))), [code])

    def test_asking_for_a_history_begins_no_conversation(self) -> None:
        before = self.world.hub._rooms.conversations_of("ann")
        [page] = self.world.do(self.bob, History(room="@ANN", id="h"))
        self.assertEqual(page, HistoryPage(room="@ann", messages=(), more=False, re="h"))
        self.assertEqual(self.world.hub._rooms.conversations_of("ann"), before)

    def test_a_long_history_of_a_conversation_is_capped_and_that_is_said(self) -> None:
        self.world.do(self.ann, Tell(to="bob", text="one"))
        self.ears.take(self.bob)
        notice, page = self.world.do(self.bob, History(room="@ann", limit=501))
        self.assertEqual(notice, Notice(text="At most 500 messages are shown at once."))
        self.assertIsInstance(page, HistoryPage)

    def test_both_know_a_kept_message_by_the_same_id(self) -> None:
        told = self.world.do(self.ann, Tell(to="bob", text="one", reply_to="1-1"))
        mine, theirs = private(told), private(self.ears.take(self.bob))
        [page] = self.world.do(self.bob, History(room="@ann"))
        assert isinstance(page, HistoryPage)
        [message] = page.messages
        self.assertEqual({mine.id, theirs.id, message.id}, {f"{self.conversation()}-1"})
        self.assertEqual((message.account, message.reply_to), ("ann", "1-1"))

    def conversation(self) -> int:
        [room] = self.world.hub._rooms.conversations_of("ann")
        return room.id

    def test_what_is_not_kept_has_an_id_of_its_own(self) -> None:
        guest = self.world.person("guest")
        ids = {private(self.world.do(self.ann, Tell(to="guest", text="hi"))).id for _ in "123"}
        self.assertEqual(len(ids), 3)
        self.assertEqual(
            {each.id for each in self.ears.take(guest) if isinstance(each, Private)}, ids
        )

    def test_who_waits_for_it_gets_it_with_its_id_and_account(self) -> None:
        self.world.do(self.bob, Quit())
        sent = private(self.world.do(self.ann, Tell(to="bob", text="one", reply_to="1-1")))
        got = private(self.log_in("bob")[1])
        self.assertEqual((got.id, got.account, got.reply_to), (sent.id, "ann", "1-1"))

    def test_the_owner_of_an_account_who_goes_by_another_nick_is_told_at_once(self) -> None:
        self.world.do(self.bob, SetNick(nick="robert"))
        self.ears.take(self.bob)
        self.world.do(self.ann, Tell(to="bob", text="hi"))
        self.assertEqual(private(self.ears.take(self.bob)).to, "robert")

    def test_own_private_messages_are_changed_and_taken_back(self) -> None:
        sent = private(self.world.do(self.ann, Tell(to="bob", text="wrnog")))
        self.ears.take(self.bob)
        [edited] = self.world.do(self.ann, Edit(room="@bob", text="wrong", id="e"))
        assert isinstance(edited, Edited)
        self.assertEqual((edited.room, edited.id, edited.nick), ("@bob", sent.id, "ann"))
        self.assertEqual(self.ears.take(self.bob), [edited])
        self.assertEqual(
            codes(self.world.do(self.bob, Delete(room="@ann", message_id=sent.id))), ["forbidden"]
        )
        self.world.restart()
        self.ears = self.world.ears
        ann, bob = self.log_in("ann")[0], self.log_in("bob")[0]
        self.ears.told.clear()
        [deleted] = self.world.do(ann, Delete(room="@bob", message_id=sent.id, reason="oops"))
        assert isinstance(deleted, Deleted)
        self.assertEqual((deleted.room, deleted.by, deleted.reason), ("@bob", "ann", "oops"))
        self.assertEqual(self.ears.take(bob), [deleted])

    def test_an_operator_of_the_server_takes_back_nothing_private_of_others(self) -> None:
        root = self.world.person("rita")
        self.world.do(root, Register(password=PASSWORD))
        root.operator = True
        sent = private(self.world.do(self.ann, Tell(to="rita", text="hi")))
        command = Delete(room="@ann", message_id=sent.id)
        self.assertEqual(codes(self.world.do(root, command)[-1:]), ["forbidden"])

    def test_more_than_a_page_comes_whole(self) -> None:
        self.world.do(self.bob, Quit())
        for number in range(600):
            self.world.do(self.ann, Tell(to="bob", text=str(number)))
        self.assertEqual(self.texts(self.log_in("bob")[1]), [str(n) for n in range(600)])
