"""Clients that fall silent: who is asked for a sign of life, and who is dropped."""

from __future__ import annotations

from wsproto.events import TextMessage

from chatservice.domain.limits import Limits
from chatservice.wire.messages import TEXT, carried, message
from tests.net.network import Net, Remote
from tests.net.test_peer import PeerTests
from tests.net.test_websocket import Browser

LIMITS = Limits()


class SilenceTests(PeerTests):
    """Modern IRC, "PING message": a server sees whether the other side is still connected."""

    def enter(self, net: Net, nick: str) -> Remote:
        """Somebody on the IRC wire, whose greeting is read."""
        remote = net.connect(wire="irc")
        remote.send(f"NICK {nick}\r\nUSER u 0 * :x\r\nJOIN #lobby\r\n".encode())
        remote.heard()
        return remote

    def test_a_silent_client_is_asked_and_one_that_answers_stays(self) -> None:
        net = self.net()
        ann = self.enter(net, "ann")
        net.loop.wait(LIMITS.silence_seconds)
        self.assertEqual(ann.heard(), b"")
        for _ in range(3):
            net.loop.wait(LIMITS.silence_seconds + 2)
            self.assertEqual(ann.heard(), b"PING chat.local\r\n")
            ann.send(b"PONG chat.local\r\n")
            net.loop.wait(LIMITS.silence_seconds)
            self.assertEqual(ann.heard(), b"")
        self.assertFalse(ann.socket.closed)

    def test_one_that_does_not_answer_is_dropped_and_others_see_why(self) -> None:
        """Modern IRC, "QUIT message": the reason reflects what happened.

        And nobody is dropped before four minutes have passed.
        """
        net = self.net()
        ann, bob = self.enter(net, "ann"), net.pipe("bob")
        cho = self.enter(net, "cho")
        while b"PING" not in ann.heard():
            net.loop.wait(1)
        cho.heard(), bob.heard()
        for _ in range(4):
            net.loop.wait(LIMITS.answer_seconds / 4 - 1)
            cho.send(b"PING x\r\n")
            self.assertFalse(ann.socket.closed)
        net.loop.wait(10)
        self.assertEqual(ann.heard(), b"ERROR :Ping timeout: 240 seconds\r\n")
        self.assertTrue(ann.socket.closed)
        self.assertIn(b" QUIT :Ping timeout: 240 seconds\r\n", cho.heard())
        self.assertIn(b"ann has left", bob.heard())
        self.assertFalse(cho.socket.closed)
        self.assertGreaterEqual(LIMITS.answer_seconds, 240)

    def test_who_talks_is_not_asked(self) -> None:
        net = self.net()
        ann = self.enter(net, "ann")
        for _ in range(10):
            net.loop.wait(LIMITS.silence_seconds / 2)
            ann.send(b"PRIVMSG #lobby :hi\r\n")
        self.assertNotIn(b"PING", ann.heard())

    def test_other_wires_are_never_asked(self) -> None:
        net = self.net()
        bob, cho = net.pipe("bob"), net.json("cho")
        net.loop.wait(1)
        bob.heard(), cho.heard()
        net.loop.wait(10 * LIMITS.answer_seconds)
        self.assertEqual((bob.heard(), cho.heard()), (b"", b""))
        self.assertFalse(bob.socket.closed or cho.socket.closed)

    def test_in_messages_too(self) -> None:
        net = self.net()
        wire = carried("irc-ws", net.registry.wires["irc"], TEXT)
        net.registry.wires[wire.name] = wire
        browser = Browser(net.connect(wire="irc-ws"))
        browser.send(TextMessage(data="NICK ann"), TextMessage(data="USER u 0 * :x"))
        browser.heard()
        net.loop.wait(2 * LIMITS.silence_seconds + 1)
        self.assertEqual(browser.remote.heard(), message(TEXT, b"PING chat.local"))
