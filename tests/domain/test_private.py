"""Private messages: to one person, and to nobody else."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.commands import (
    Ban,
    Confide,
    Configure,
    Join,
    Quit,
    SetNick,
    SetRole,
    Signal,
    Tell,
    Typing,
)
from chatservice.domain.errors import (
    ChatError,
    EmptyText,
    Forbidden,
    Muted,
    NoSuchPerson,
    NotInRoom,
)
from chatservice.domain.events import Ack, Confided, Joined, Private, Signalled, TypingNow
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver
from chatservice.domain.talk import TOLD
from tests.domain.hubcase import HubCase
from tests.world import START


class PrivateTests(HubCase):
    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob, self.eve = (self.person(nick) for nick in ("ann", "bob", "eve"))

    def test_goes_to_the_person_and_back_to_the_author(self) -> None:
        [step] = self.hub.execute(self.ann, Tell(to="bob", text=" hi ", id="t"), START)
        private = Private(
            nick="ann",
            user=self.ann.user,
            to="bob",
            to_user=self.bob.user,
            at=START,
            text=" hi",
            re="t",
            id=f"0-{START}000001",
        )
        self.assertEqual(step, Deliver((self.bob, self.ann), private, origin=self.ann))

    def test_a_retry_comes_once(self) -> None:
        """Whoever it is from is told so, be it on another connection, and whoever it went to."""
        secret = "a client's own secret"
        ann = self.person("anna", secret=secret)
        tell = Tell(to="bob", text="hi", id="t")
        self.do(ann, tell)
        ack = Ack(room="@bob", seq=0, id=f"0-{START}000001", at=START, re="t")
        [step] = self.hub.execute(ann, tell, START + 1)
        self.assertEqual(step, Deliver((ann,), ack, origin=ann))
        self.hub.execute(ann, Quit(), START)
        again = self.person("anna", secret=secret)
        self.assertEqual(self.do(again, tell), [ack])
        self.hub.execute(self.bob, Quit(), START)
        self.assertEqual(self.do(again, tell), [ack])
        others = [Tell(to="eve", text="hi", id="t"), Tell(to="eve", text="hi", id="u")]
        told = [type(self.do(again, each)[0]) for each in others]
        self.assertEqual(told, [Private, Private])

    def test_what_is_no_retry(self) -> None:
        """Of who told no secret, nobody knows whether it is the same; nor is what has no id."""
        ann = self.person("anna", secret="a client's own secret")
        for session, command_id in ((self.ann, "t"), (self.ann, None), (ann, None)):
            tell = Tell(to="bob", text="hi", id=command_id)
            told = [type(self.do(session, each)[0]) for each in (tell, tell)]
            self.assertEqual(told, [Private, Private])

    def test_the_last_retries_are_known(self) -> None:
        ann = self.person("anna", secret="a client's own secret")
        for number in range(TOLD + 1):
            self.do(ann, Tell(to="bob", text="hi", id=str(number)))
        told = [self.do(ann, Tell(to="bob", text="hi", id=each))[0] for each in ("1", "0")]
        self.assertEqual([type(each) for each in told], [Ack, Private])

    def test_by_id(self) -> None:
        [private] = self.do(self.ann, Tell(to=self.bob.user, text="hi"))
        assert isinstance(private, Private)
        self.assertEqual(private.to, "bob")

    def test_to_oneself_comes_once(self) -> None:
        [step] = self.hub.execute(self.ann, Tell(to="ann", text="note"), START)
        assert isinstance(step, Deliver)
        self.assertEqual(step.audience, (self.ann,))

    def test_a_reply_goes_to_who_told_one_last_whatever_they_are_called_now(self) -> None:
        self.do(self.bob, Tell(to="ann", text="1"))
        self.do(self.eve, Tell(to="ann", text="2"))
        self.do(self.eve, SetNick(nick="mallory"))
        [private] = self.do(self.ann, Tell(text="3"))
        assert isinstance(private, Private)
        self.assertEqual(private.to_user, self.eve.user)

    def test_refusals(self) -> None:
        with self.assertRaises(NoSuchPerson):
            self.hub.execute(self.ann, Tell(text="to nobody yet"), START)
        with self.assertRaises(NoSuchPerson):
            self.hub.execute(self.ann, Tell(to="zoe", text="hi"), START)
        with self.assertRaises(EmptyText):
            self.hub.execute(self.ann, Tell(to="bob", text="\u200b"), START)

    def test_who_is_gone_is_told_nothing(self) -> None:
        self.do(self.bob, Tell(to="ann", text="hi"))
        self.hub.execute(self.bob, Quit(), START)
        for command in (Tell(to="bob", text="hi"), Tell(text="hi")):
            with self.assertRaises(NoSuchPerson):
                self.hub.execute(self.ann, command, START)

    def test_a_listener_that_tells_something_is_seen(self) -> None:
        listener = self.listener()
        joined, private = self.do(listener, Tell(to="bob", text="hi"))
        self.assertIsInstance(joined, Joined)
        assert isinstance(private, Private)
        self.assertEqual(private.nick, listener.nick)


class ConfidingTests(HubCase):
    """Said to those who have a role in a room, and to nobody else."""

    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob, self.eve, self.joe = (
            self.person(nick) for nick in ("ann", "bob", "eve", "joe")
        )
        for session in (self.ann, self.bob, self.eve):
            self.do(session, Join(room="attic"))
        self.do(self.ann, SetRole(nick="bob", role="voice", room="attic"))

    def audience(self, session: Session, command: Confide) -> tuple[Session, ...]:
        [step] = self.hub.execute(session, command, START)
        assert isinstance(step, Deliver)
        assert isinstance(step.event, Confided)
        self.assertIsNone(step.record)
        return step.audience

    def test_to_operators_and_to_voices_too_and_back_to_the_author(self) -> None:
        confide = Confide(text="hi", room="attic")
        self.assertEqual(self.audience(self.eve, confide), (self.ann, self.eve))
        self.assertEqual(self.audience(self.ann, confide), (self.ann,))
        confide = Confide(text="hi", room="attic", role="voice")
        self.assertEqual(self.audience(self.eve, confide), (self.ann, self.bob, self.eve))

    def test_a_retry_comes_once(self) -> None:
        zoe = self.person("zoe", secret="a client's own secret")
        self.do(zoe, Join(room="attic"))
        confide = Confide(text="hi", room="attic", id="c")
        self.assertEqual(self.audience(zoe, confide), (self.ann, zoe))
        ack = Ack(room="attic", seq=0, id=f"0-{START}000001", at=START, re="c")
        [step] = self.hub.execute(zoe, confide, START + 1)
        self.assertEqual(step, Deliver((zoe,), ack, origin=zoe))
        others = (replace(confide, role="voice"), replace(confide, id="d"))
        self.assertEqual([type(self.do(zoe, each)[0]) for each in others], [Confided, Confided])

    def test_only_who_may_talk_there_is_shown_typing(self) -> None:
        self.do(self.ann, SetRole(nick="eve", role="muted", room="attic"))
        with self.assertRaises(Muted):
            self.hub.execute(self.eve, Typing(room="attic"), START)
        self.do(self.ann, Configure(room="attic", external=True))
        self.do(self.ann, Ban(who="joe", room="attic"))
        with self.assertRaises(ChatError):
            self.hub.execute(self.joe, Typing(room="attic"), START)

    def test_only_for_who_may_talk_there(self) -> None:
        with self.assertRaises(NotInRoom):
            self.hub.execute(self.joe, Confide(text="hi", room="attic"), START)
        self.do(self.ann, SetRole(nick="eve", role="muted", room="attic"))
        with self.assertRaises(Muted):
            self.hub.execute(self.eve, Confide(text="hi", room="attic"), START)


class SignalTests(HubCase):
    """What programs tell each other."""

    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob = self.person("ann"), self.person("bob")

    def test_to_a_person_and_to_a_room(self) -> None:
        for room in ("@bob", "lobby"):
            [step] = self.hub.execute(self.ann, Signal(text="VERSION", room=room, id="s"), START)
            assert isinstance(step, Deliver)
            assert isinstance(step.event, Signalled)
            self.assertEqual(set(step.audience), {self.ann, self.bob})
            self.assertEqual((step.event.room, step.event.text), (room, "VERSION"))
            self.assertEqual((step.event.re, step.record), ("s", None))

    def test_not_where_that_is_not_wanted(self) -> None:
        self.do(self.ann, Join(room="attic"))
        self.do(self.ann, Configure(room="attic", no_ctcp=True))
        with self.assertRaises(Forbidden):
            self.hub.execute(self.ann, Signal(text="VERSION", room="attic"), START)

    def test_typing_to_a_person(self) -> None:
        [step] = self.hub.execute(self.ann, Typing(room="@bob", active=False, paused=True), START)
        assert isinstance(step, Deliver)
        assert isinstance(step.event, TypingNow)
        self.assertEqual((step.event.room, step.event.paused), ("@bob", True))
        self.assertEqual(step.audience, (self.bob, self.ann))
