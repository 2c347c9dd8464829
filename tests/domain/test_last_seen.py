"""When somebody registered was here last."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Hello, Login, Logout, Register, SetNick, Whois
from chatservice.domain.events import Absent, Event, Failed, WhoisReply
from tests.world import START, World

PASSWORD = "correct horse"


class LastSeenTests(SynchronousTestCase):
    """Ann has an account, bob asks."""

    def setUp(self) -> None:
        self.world = World()
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")
        self.world.do(self.ann, Register(password=PASSWORD))
        self.world.clock.advance(60)

    def whois(self) -> Event:
        return self.world.do(self.bob, Whois(nick="Ann", id="w"))[-1]

    def absent(self, seconds: int) -> Absent:
        return Absent(nick="ann", seen=START + 1000 * seconds, re="w")

    def test_the_end_of_the_last_connection(self) -> None:
        second = self.world.connect("10.0.0.9:1")
        self.world.do(second, Hello(nick="eve"), Login(nick="ann", password=PASSWORD))
        self.world.chat.disconnect(self.ann)
        self.world.settle()
        self.assertIsInstance(self.whois(), WhoisReply)
        self.world.clock.advance(60)
        self.world.chat.disconnect(second)
        self.world.settle()
        self.assertEqual(self.whois(), self.absent(120))

    def test_a_logout(self) -> None:
        self.world.do(self.ann, Logout())
        self.assertEqual(self.whois(), self.absent(60))

    def test_survives_a_restart(self) -> None:
        self.world.chat.disconnect(self.ann)
        self.world.settle()
        self.world.clock.advance(60)
        self.world.restart()
        self.bob = self.world.person("bob")
        self.assertEqual(self.whois(), self.absent(60))

    def test_who_is_here_under_another_nick_is_here(self) -> None:
        self.world.do(self.ann, SetNick(nick="lee"))
        reply = self.whois()
        assert isinstance(reply, WhoisReply)
        self.assertEqual((reply.person.nick, reply.account), ("lee", "ann"))

    def test_nothing_is_known_of_guests(self) -> None:
        told = self.world.do(self.bob, Whois(nick="zoe"))[-1]
        assert isinstance(told, Failed)
        self.assertEqual(told.code, "no-such-person")
