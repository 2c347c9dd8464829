"""Private messages: to one person, and to nobody else."""

from __future__ import annotations

from chatservice.domain.commands import Quit, SetNick, Tell
from chatservice.domain.errors import EmptyText, NoSuchPerson
from chatservice.domain.events import Joined, Private
from chatservice.domain.steps import Deliver
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
