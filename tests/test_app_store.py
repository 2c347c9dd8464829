"""The application and its store: what if that fails, has it already, or takes its time."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.commands import (
    Delete,
    Edit,
    Hello,
    History,
    Join,
    Kick,
    Leave,
    Listen,
    Ping,
    Quit,
    React,
    Register,
    Say,
    SetRole,
    SetTopic,
    Tell,
    Typing,
)
from chatservice.domain.events import (
    Ack,
    Closing,
    Entered,
    Failed,
    Greeting,
    HistoryPage,
    Joined,
    Message,
    Notice,
    Pong,
    Roster,
    Topic,
    Welcome,
)
from chatservice.domain.hub import Hub
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session, State
from tests.chatcase import ChatCase, codes, texts
from tests.world import SECRET, START


class FailingStoreTests(ChatCase):
    def test_the_sender_is_told_and_the_others_get_nothing(self) -> None:
        self.world.store.broken = "The disk is full"
        told = self.world.do(self.ann, Say(text="hi", id="s"))
        sentence = "Your message was not kept and nobody got it: The disk is full"
        self.assertEqual(told, [Failed(code="not-stored", text=sentence, re="s")])
        self.assertEqual(self.ears.take(self.bob), [])

    def test_the_seq_goes_on_when_the_cause_is_gone(self) -> None:
        self.world.store.broken = "full"
        self.world.do(self.ann, Say(text="lost"))
        self.world.store.broken = None
        self.world.do(self.ann, Say(text="kept"))
        [message] = self.ears.take(self.bob)
        assert isinstance(message, Message)
        self.assertEqual((message.seq, message.text), (2, "kept"))

    def test_everybodys_roles_are_looked_at_only_if_one_may_have_changed(self) -> None:
        looked: list[None] = []
        eve = self.world.person("eve", "attic")
        self.patch(Hub, "show_roles", lambda _hub: looked.append(None))
        self.world.store.broken = "full"
        self.world.do(self.ann, Say(text="lost"))
        self.assertEqual(looked, [])
        self.world.do(eve, SetTopic(topic="new"))
        self.assertEqual(looked, [None])

    def test_what_is_not_messages_is_told_all_the_same(self) -> None:
        self.world.store.broken = "full"
        self.chat.execute(self.ann, Say(text="lost"))
        self.chat.execute(self.ann, Typing())
        self.chat.execute(self.ann, Quit())
        self.world.settle()
        self.assertEqual(
            [type(each).__name__ for each in self.ears.take(self.bob)],
            ["TypingNow", "Left", "Gone", "Roster"],
        )
        self.assertEqual(codes(self.ears.take(self.ann)), ["not-stored"])
        self.assertEqual(self.ears.closed, [self.ann])

    def test_who_comes_in_while_it_is_in_doubt_never_sees_it(self) -> None:
        self.hold()
        self.world.do(self.ann, Say(text="lost"))
        eve, listener = self.world.connect(), self.world.connect()
        self.world.do(eve, Hello(nick="eve"), Join(room=LOBBY, since=0))
        self.world.do(listener, Listen(default_nick="User_1"))
        self.world.store.broken = "full"
        self.release()
        _, entered, *_ = self.ears.take(eve)
        greeting, *_ = self.ears.take(listener)
        assert isinstance(entered, Entered)
        assert isinstance(greeting, Greeting)
        self.assertEqual((entered.messages, entered.seq, greeting.messages), ((), 0, ()))

    def test_even_if_it_has_left_memory_meanwhile(self) -> None:
        """The doubt of one commit outlives many messages of the next ones."""
        self.hold()
        self.world.do(self.ann, Say(text="lost"))
        eve = self.world.connect()
        self.chat.execute(eve, Hello(nick="eve"))
        self.chat.execute(eve, Join(room=LOBBY, since=0))
        self.world.do(self.ann, Say(text="1"))
        self.world.do(self.ann, Say(text="2"))
        self.world.store.broken = "full"
        [first, *_] = self.world.worker._held
        first()
        self.world.worker._held.popleft()
        self.world.store.broken = None
        for text in "34":
            self.world.do(self.ann, Say(text=text))
            self.world.settle()
        self.release()
        [entered] = [each for each in self.ears.take(eve) if isinstance(each, Entered)]
        self.assertEqual(entered.messages, ())

    def test_changes_on_top_of_each_other_are_taken_back_the_latest_first(self) -> None:
        self.world.do(self.ann, Join(room="attic"), SetTopic(topic="old"))
        self.world.do(self.bob, Join(room="attic"))
        self.world.store.broken = "full"
        changes = [SetTopic(topic="new"), SetTopic(topic="newer")]
        roles = [SetRole(nick="bob", role="operator"), SetRole(nick="bob", role="member")]
        told = self.world.do(self.ann, *changes, *roles)
        self.assertEqual(codes(told), ["not-stored"] * 4)
        self.world.store.broken = None
        [topic] = self.world.do(self.bob, SetTopic())
        assert isinstance(topic, Topic)
        self.assertEqual(topic.topic, "old")
        self.assertEqual(codes(self.world.do(self.bob, Kick(nick="ann"))), ["operator-needed"])

    def test_what_was_done_before_a_failure_was_known_is_refused_with_it(self) -> None:
        """Or what is kept of the second would be of no use, or not what the first one left."""
        self.world.do(self.ann, Join(room="attic"), Say(text="regretted"))
        self.hold()
        self.world.do(self.ann, Edit(seq=1, text="edited"))
        self.world.do(self.ann, Delete(seq=1))
        self.world.do(self.ann, SetTopic(topic="new"))
        self.world.store.broken = "locked"
        self.world.worker.release(1)
        self.world.store.broken = None
        self.chat.execute(self.ann, Say(text="too early"))
        self.world.settle()
        self.release()
        self.world.worker.hold = False
        self.assertEqual(codes(self.ears.take(self.ann)), ["not-stored"] * 4)
        self.assertEqual(texts(self.world.do(self.ann, Say(text="now"))), ["now"])
        [room] = [room for room in self.world.hub.rooms if room.name == "attic"]
        kept = self.world.store.kept(room.id)
        self.assertEqual([each.text for each in kept], ["regretted", "now"])
        self.assertEqual([each.text for each in room.latest(2) or ()], ["regretted", "now"])
        self.assertEqual(room.policy.topic, "")
        self.world.restart()
        [room] = [room for room in self.world.hub.rooms if room.name == "attic"]
        self.assertEqual(room.policy.topic, "")

    def test_reading_fails_with_a_sentence_and_the_session_goes_on(self) -> None:
        self.world.store.broken = "It is locked"
        told = self.world.do(self.ann, History(id="h"), Ping())
        self.assertEqual(
            told,
            [
                Failed(code="not-stored", text="The messages can't be read: It is locked", re="h"),
                Pong(),
            ],
        )
        self.assertNotIn(self.ann, self.ears.held)

    def test_who_connects_meanwhile_comes_in_with_what_is_in_memory(self) -> None:
        self.world.do(self.ann, Say(text="before"))
        self.world.restart()
        self.world.store.broken = "It is locked"
        listener, ann = self.world.connect(), self.world.connect()
        notice, greeting = self.world.do(listener, Listen(default_nick="User_1"))
        self.assertEqual(notice, Notice(text="The messages can't be read: It is locked"))
        self.assertEqual(greeting, Greeting(messages=(), people=()))
        told = self.world.do(ann, Hello(nick="ann"), Join(room=LOBBY, id="j"))
        self.assertEqual([type(each) for each in told[:3]], [Welcome, Notice, Entered])
        self.world.store.broken = None
        self.world.do(listener, Say(text="now"))
        self.assertEqual(texts(self.world.ears.take(ann)), ["now"])

    def test_who_is_inside_and_asks_for_older_messages_goes_on_hearing(self) -> None:
        self.world.do(self.ann, Say(text="before"))
        self.world.restart()
        ann, bob = self.world.connect(), self.world.connect()
        self.world.store.broken = "It is locked"
        for person, nick in ((ann, "ann"), (bob, "bob")):
            self.world.do(person, Hello(nick=nick), Join(room=LOBBY))
        self.world.store.broken = None
        self.world.do(bob, Say(text="heard"))
        self.world.ears.take(ann)
        self.world.worker.hold = True
        self.world.do(ann, Join(room=LOBBY, since=0, id="j"))
        self.world.do(bob, Say(text="meanwhile"))
        self.world.store.broken = "It is locked"
        self.world.worker.release(1)
        self.world.worker.hold, self.world.store.broken = False, None
        self.world.worker.release()
        self.world.do(bob, Say(text="later"))
        failed, entered, later = self.world.ears.take(ann)
        self.assertEqual(codes([failed]), ["not-stored"])
        assert isinstance(entered, Entered)
        self.assertEqual((texts([*entered.messages]), entered.again), (["meanwhile"], True))
        self.assertEqual(texts([later]), ["later"])


class RetryTests(ChatCase):
    def test_a_retry_is_acknowledged_as_the_first_one_and_told_to_nobody(self) -> None:
        self.world.do(self.ann, Say(text="hi", id="s"))
        self.ears.take(self.bob)
        self.world.clock.advance(5)
        [ack] = self.world.do(self.ann, Say(text="hi", id="s"))
        self.assertEqual(ack, Ack(room=LOBBY, seq=1, id="1-1", at=START + 60_000, re="s"))
        self.assertEqual(self.ears.own[self.ann][-1], ack)
        self.assertEqual(self.ears.take(self.bob), [])
        self.assertEqual(len(self.world.store.kept()), 1)

    def test_from_a_new_connection_of_the_same_client_too(self) -> None:
        self.world.do(self.ann, Say(text="hi", id="s"))
        again = self.world.connect("10.0.0.9:5009")
        told = self.world.do(
            again,
            Hello(nick="ann", client=SECRET + "ann"),
            Join(room=LOBBY, since=1),
            Say(text="hi", id="s"),
        )
        self.assertEqual([type(event) for event in told], [Welcome, Entered, Ack, Roster])

    def test_in_the_same_turn(self) -> None:
        message, ack = self.world.do(self.ann, Say(text="hi", id="s"), Say(text="hi", id="s"))
        assert isinstance(message, Message)
        assert isinstance(ack, Ack)
        self.assertEqual((message.seq, ack.seq), (1, 1))
        self.assertEqual(texts(self.ears.take(self.bob)), ["hi"])

    def test_another_client_may_use_the_same_id(self) -> None:
        self.world.do(self.ann, Say(text="a", id="s"))
        self.world.do(self.bob, Say(text="b", id="s"))
        self.assertEqual([each.text for each in self.world.store.kept()], ["a", "b"])

    def test_after_a_failure_it_is_a_first_one(self) -> None:
        self.world.store.broken = "full"
        self.world.do(self.ann, Say(text="hi", id="s"))
        self.world.store.broken = None
        self.assertEqual(texts(self.world.do(self.ann, Say(text="hi", id="s"))), ["hi"])

    def test_whatever_is_allowed_by_now(self) -> None:
        """Nobody is to believe that what is kept was not said."""
        self.world.do(self.bob, Join(room="attic"), Say(text="first"))
        self.world.do(self.ann, Join(room="attic"), Say(text="hi", id="s"))
        retry, new = Say(room="attic", text="hi", id="s"), Say(room="attic", text="hi", id="t")
        ack = Ack(room="attic", seq=2, id="2-2", at=START + 60_000, re="s")
        self.world.do(self.bob, SetRole(nick="ann", role="muted"))
        self.ears.told.clear()
        told = self.world.do(self.ann, retry, new)
        self.assertEqual((told[0], codes(told[1:])), (ack, ["muted"]))
        self.world.do(self.bob, Kick(nick="ann", room="attic"))
        told = self.world.do(self.ann, new, retry)
        self.assertEqual((told[-1], codes(told)), (ack, ["not-in-room"]))
        again = self.world.connect("10.0.0.9:5009")
        self.world.do(again, Hello(nick="ann", client=SECRET + "ann"))
        told = self.world.do(again, retry, replace(new, room="nowhere"))
        self.assertEqual((told[0], codes(told)), (ack, ["no-such-room"]))
        self.assertEqual(texts(self.ears.take(self.bob)), [])
        self.assertEqual([each.text for each in self.world.store.kept(2)], ["first", "hi"])

    def test_what_was_refused_is_no_first_one(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        say = Say(room="attic", text="hi", id="s")
        self.assertEqual(codes(self.world.do(self.ann, say, say)), ["not-in-room"] * 2)
        self.assertEqual(texts(self.world.do(self.ann, Join(room="attic"), say)), ["hi"])

    def test_a_refusal_waits_for_what_is_not_kept_yet(self) -> None:
        self.world.do(self.ann, Join(room="attic"), Say(text="first"))
        say = Say(room="attic", text="hi", id="s")
        self.hold()
        told = self.world.do(self.ann, say, Leave(room="attic"), say)
        self.assertEqual(told, [])
        self.release()
        message, _, ack = self.ears.take(self.ann)
        assert isinstance(ack, Ack)
        self.assertEqual((ack.seq, texts([message])), (2, ["hi"]))

    def test_what_is_changed_of_it_at_once_is_told_to_nobody(self) -> None:
        """For it has a number that nobody is told; of the first one nothing is changed."""
        say = Say(text="hi", id="s")
        self.world.do(self.ann, say)
        self.ears.told.clear()
        changes = [React(seq=2, reaction="+"), Edit(text="ho", id="e"), Delete(seq=2)]
        ack, *refused = self.world.do(self.ann, say, *changes)
        assert isinstance(ack, Ack)
        self.assertEqual((ack.seq, codes(refused)), (1, ["no-such-message"] * 3))
        assert isinstance(refused[1], Failed)
        self.assertEqual(refused[1].re, "e")
        self.assertEqual(self.ears.take(self.bob), [])
        [message] = self.world.store.kept()
        self.assertEqual((message.text, message.deleted, message.reactions), ("hi", False, ()))

    def test_nor_of_what_two_people_tell_each_other(self) -> None:
        self.world.do(self.ann, Register(password="long enough"))
        self.world.do(self.bob, Register(password="long enough"))
        tell = Tell(to="bob", text="hi", id="t")
        self.world.do(self.ann, tell)
        self.ears.told.clear()
        told = self.world.do(self.ann, tell, Edit(room="@bob", seq=2, text="ho"))
        self.assertEqual(codes(told), ["no-such-message"])
        self.assertEqual(self.ears.take(self.bob), [])

    def test_where_the_store_cannot_tell_nothing_is_denied(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.store.broken = "full"
        [failed] = self.world.do(self.ann, Say(room="attic", text="hi", id="s"))
        sentence = "Nobody can tell whether your message was kept before; try again: full"
        self.assertEqual(failed, Failed(code="not-stored", text=sentence, re="s"))


class ReadingTests(ChatCase):
    def setUp(self) -> None:
        super().setUp()
        for text in "123456":
            self.world.do(self.ann, Say(text=text))
        self.ears.told.clear()
        self.hold()
        self.eve = self.world.connect()
        self.world.do(self.eve, Hello(nick="eve", client=SECRET))
        self.ears.told.clear()

    def enter(self) -> None:
        self.assertEqual(self.world.do(self.eve, Join(room=LOBBY, since=0, id="j")), [])
        self.assertIn(self.eve, self.ears.held)

    def test_commands_wait_for_the_answer_in_their_order(self) -> None:
        self.enter()
        self.world.do(self.eve, Say(text="7"), History(limit=1, id="h"), Ping())
        self.release()
        self.assertIn(self.eve, self.ears.held)
        self.release()
        self.release()
        told = [each for each in self.ears.take(self.eve) if not isinstance(each, (Joined, Roster))]
        self.assertEqual(
            [type(each) for each in told], [HistoryPage, Entered, Message, HistoryPage, Pong]
        )
        page = told[3]
        assert isinstance(page, HistoryPage)
        self.assertEqual(([each.text for each in page.messages], page.re), (["7"], "h"))
        self.assertNotIn(self.eve, self.ears.held)

    def test_waiting_commands_are_done_before_new_input_is_let_in(self) -> None:
        """`release` may hand up at once what the connection had received meanwhile."""
        self.enter()
        self.world.do(self.eve, Say(text="first"))
        release = self.ears.release

        def release_and_hear(session: Session) -> None:
            release(session)
            self.chat.execute(session, Say(text="second"))

        self.ears.release = release_and_hear  # type: ignore[method-assign]
        for _ in range(5):
            self.release()
        self.assertEqual([each.text for each in self.world.store.kept()][-2:], ["first", "second"])

    def test_what_is_said_while_reading_comes_once(self) -> None:
        self.enter()
        self.world.do(self.ann, Say(text="7"))
        self.release()
        self.world.do(self.ann, Say(text="8"))
        self.release()
        told = self.ears.take(self.eve)
        page, entered, *live = told
        assert isinstance(page, HistoryPage)
        assert isinstance(entered, Entered)
        got = [*page.messages, *entered.messages, *(e for e in live if isinstance(e, Message))]
        self.assertEqual([each.text for each in got], list("12345678"))

    def test_who_goes_while_reading_is_not_bothered(self) -> None:
        self.enter()
        self.chat.execute(self.eve, Ping())
        self.chat.disconnect(self.eve)
        self.release()
        self.assertEqual(self.ears.take(self.eve), [])
        self.assertEqual(self.world.hub.sessions, (self.ann, self.bob))

    def test_who_is_put_out_while_reading_does_not_come_in(self) -> None:
        self.enter()
        self.chat.dismiss(self.eve, "too-long", "Too long.")
        self.release()
        self.assertEqual(self.ears.take(self.eve), [Closing(code="too-long", text="Too long.")])
        self.assertEqual(self.world.hub._rooms.lobby.audience, (self.ann, self.bob))

    def test_who_is_replaced_while_reading_does_not_come_in(self) -> None:
        self.enter()
        again = self.world.connect()
        self.world.do(again, Hello(nick="eve", client=SECRET))
        self.release()
        self.assertEqual([type(each) for each in self.ears.take(self.eve)], [Closing])
        self.assertIs(self.eve.state, State.GONE)
        self.assertEqual(self.ears.closed, [self.eve])

    def test_pages_wait_for_a_slow_reader(self) -> None:
        self.ears.slow = []
        self.enter()
        self.assertEqual(self.world.worker.release(), 0)
        [drained] = self.ears.slow
        drained()
        self.release()
        self.assertIsInstance(self.ears.take(self.eve)[0], HistoryPage)
