"""What operators of the server do to people, and say to each other."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Announce, Hello, Join, Kill, Login, Register
from chatservice.domain.events import Announcement, Closing, Event, Failed, Gone, Left, Notice
from chatservice.domain.rooms import LOBBY
from tests.world import START, World

PASSWORD = "correct horse"


class PolicingCase(SynchronousTestCase):
    """Root is an operator of the server; ann and bob are people."""

    def setUp(self) -> None:
        self.world = World(reason_characters=10)
        self.root = self.world.connect("127.0.0.1:9")
        self.world.do(self.root, Hello(nick="root"), Join(room=LOBBY), Register(password=PASSWORD))
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")
        self.world.ears.told.clear()

    def refused(self, told: list[Event], code: str) -> None:
        self.assertEqual([each.code for each in told if isinstance(each, Failed)], [code])


class KillTests(PolicingCase):
    def test_ends_every_connection_and_says_why(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        other = self.world.connect()
        self.world.do(other, Hello(), Login(nick="ann", password=PASSWORD))
        self.world.ears.told.clear()
        told = self.world.do(self.root, Kill(nick="ann", reason="spam", id="k"))
        self.assertEqual(told[0], Notice(text="ann is put out of the chat.", re="k"))
        closing = Closing(code="killed", text="You were put out by root: spam.")
        for session in (self.ann, other):
            self.assertEqual(self.world.ears.take(session)[-1], closing)
        self.assertEqual(self.world.ears.closed, [self.ann, other])
        gone = [each for each in self.world.ears.take(self.bob) if isinstance(each, (Left, Gone))]
        self.assertEqual([each.reason for each in gone], ["Killed (root: spam)"] * 2)
        self.assertEqual(self.world.hub.present, 2)

    def test_is_for_operators_of_the_server(self) -> None:
        self.refused(self.world.do(self.bob, Kill(nick="ann")), "server-operator-needed")
        self.assertEqual(self.world.hub.present, 3)

    def test_what_cannot_be_done(self) -> None:
        self.refused(self.world.do(self.root, Kill(nick="nobody")), "no-such-person")
        self.refused(self.world.do(self.root, Kill(nick="ann", reason="x" * 11)), "too-long")
        self.assertEqual(self.world.hub.present, 3)


class AnnounceTests(PolicingCase):
    def test_is_told_to_all_operators(self) -> None:
        other = self.world.connect()
        self.world.do(other, Hello(), Login(nick="root", password=PASSWORD))
        self.world.ears.told.clear()
        told = Announcement(nick="root", user=self.root.user, at=START, text="a b", re="a")
        self.assertEqual(self.world.do(self.root, Announce(text="a\nb", id="a")), [told])
        self.assertEqual(self.world.ears.take(other), [told])
        self.assertEqual(self.world.ears.take(self.ann), [])

    def test_is_for_operators_of_the_server(self) -> None:
        self.refused(self.world.do(self.ann, Announce(text="hi")), "server-operator-needed")
        self.refused(self.world.do(self.root, Announce(text=" ")), "empty-text")
