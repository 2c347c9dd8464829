"""The shared port finds out what each client speaks; who may not come in is told why."""

from __future__ import annotations

import json
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.limits import Limits
from chatservice.net.port import LastWords, Traffic
from tests.net.network import MemorySocket, Net

GREETING = b"SRV|Welcome! Here are the recent messages:\n"


class SharedPortTests(SynchronousTestCase):
    """Clients that are told apart by their first bytes."""

    def setUp(self) -> None:
        """A server with nobody on it."""
        self.net = Net()

    def test_silence_for_300_ms_is_greeted(self) -> None:
        """Clients that wait for the server to speak first; one of them only 500 ms."""
        client = self.net.connect()
        self.net.loop.wait(0.29)
        self.assertEqual(client.heard(), b"")
        self.net.loop.wait(0.02)
        greeting = client.heard()
        self.assertTrue(greeting.startswith(GREETING))
        self.assertTrue(greeting.endswith(b"ULIST|\n"))

    def test_what_came_while_the_server_was_busy_counts(self) -> None:
        """It was sent in time, and is read late: nobody was silent."""
        client = self.net.connect()
        client.socket.incoming += b'{"type":"ping","id":"1"}\n'
        self.net.loop.advance(0.5)
        self.net.loop.settle()
        self.assertEqual(client.heard(), b'{"type":"pong","re":"1"}\n')

    def test_the_first_bytes_decide_at_once(self) -> None:
        client = self.net.connect()
        client.send(b'{"type":"hello","nick":"alice"}\n')
        self.assertEqual(json.loads(client.heard())["type"], "welcome")

    def test_one_byte_is_enough(self) -> None:
        client = self.net.connect()
        client.send(b"{")
        self.net.loop.wait(1)
        client.send(b'"type":"ping","id":"1"}\n')
        self.assertEqual(client.heard(), b'{"type":"pong","re":"1"}\n')

    def test_anything_else_is_pipe(self) -> None:
        client = self.net.connect()
        client.send(b"CMD_USER|alice\n")
        heard = client.heard()
        self.assertTrue(heard.startswith(GREETING))
        self.assertIn(b"SRV|alice has joined the chat.\n", heard)

    def test_the_choice_is_made_once(self) -> None:
        """What looks like another wire later is text, as it was typed."""
        alice, bob = self.net.pipe("alice"), self.net.pipe("bob")
        alice.heard()
        bob.send(b'{"type":"ping"}\n')
        self.assertEqual(alice.heard(), b'MSG|bob: {"type":"ping"}\n')

    def test_greeted_first_and_json_then(self) -> None:
        client = self.net.connect()
        self.net.loop.wait(0.4)
        client.heard()
        client.send(b'{"type":"ping"}\n')
        self.assertTrue(client.heard().startswith(b"SRV|This looks like a JSON object."))
        client.send(b"hi\n")
        self.assertIn(b"SRV|User_192.0.2.1:40001 has joined the chat.\n", client.heard())

    def test_gone_before_a_word(self) -> None:
        client = self.net.connect()
        client.end()
        self.assertTrue(client.socket.closed)
        self.assertEqual(self.net.loop.getDelayedCalls(), [])
        self.assertEqual(self.net.admission._open, 0)

    def test_what_may_be_of_two_wires_is_told_at_the_end(self) -> None:
        """`us` may become `USER` of IRC; whoever sends no more has said it."""
        alice = self.net.pipe("alice")
        alice.heard()
        client = self.net.connect()
        client.socket.incoming += b"us"
        client.end()
        self.assertIn(b"MSG|User_192.0.2.1:40002: us\n", alice.heard())
        self.assertTrue(client.heard().startswith(GREETING))
        self.assertTrue(client.socket.closed)

    def test_a_port_of_one_wire_does_not_look(self) -> None:
        pipe, native = self.net.connect(wire="pipe"), self.net.connect(wire="json")
        self.assertTrue(pipe.heard().startswith(GREETING))
        native.send(b"hello\n")
        self.assertEqual(json.loads(native.heard())["code"], "bad-input")

    def test_addresses_as_people_see_them(self) -> None:
        """IPv4 in IPv6's clothes is undressed; IPv6 gets brackets."""
        for host in ("::ffff:192.0.2.9", "2001:db8::1"):
            self.net.connect(host, wire="pipe").send(b"CMD_USER|x%d\n" % len(host))
        bob = self.net.connect(wire="pipe")
        self.assertIn(b"ULIST|x16(192.0.2.9:40001),x11([2001:db8::1]:40002)\n", bob.heard())


class TurnedAwayTests(SynchronousTestCase):
    """Full, or too many from one address."""

    def test_full(self) -> None:
        """One line says why; those who are there are served on."""
        net = Net(most=2)
        alice, bob = net.pipe("alice"), net.pipe("bob")
        alice.heard()
        late = net.connect()
        self.assertEqual(late.heard(), b"SRV|Server is full. Try again later.\n")
        self.assertTrue(late.socket.closed)
        self.assertFalse(late.socket.reset)
        self.assertNotIn(late.transport, net.loop.readers)
        bob.send(b"still here\n")
        self.assertEqual(alice.heard(), b"MSG|bob: still here\n")
        bob.end()
        self.assertFalse(net.connect().socket.closed)

    def test_gone_before_it_is_told(self) -> None:
        """That is nobody's trouble, and is not counted as sent."""
        traffic = Traffic()
        here, gone = MemorySocket(1), MemorySocket(2)
        gone.space = 0
        for each in (here, gone):
            words = LastWords(cast("Any", each), traffic)
            words.write(b"Server is full.")
            words.loseConnection()
            self.assertTrue(each.closed)
        self.assertEqual((here.sends, traffic.sent), ([b"Server is full."], 15))

    def test_in_the_form_of_the_port_s_wire(self) -> None:
        late = Net(most=0).connect(wire="json")
        self.assertEqual(
            json.loads(late.heard()),
            {
                "type": "closing",
                "code": "limit-reached",
                "text": "Server is full. Try again later.",
            },
        )

    def test_one_address(self) -> None:
        """The one that is too many is told; other addresses and this machine are let in."""
        net = Net(Limits(address_connections=3))
        here = [net.connect() for _ in range(3)]
        self.assertIn(b"3 connections already", net.connect().heard())
        for host in ("192.0.2.2", "127.0.0.1", "::1", "::ffff:127.0.0.1"):
            self.assertFalse(net.connect(host).socket.closed, host)
        here[0].end()
        self.assertFalse(net.connect().socket.closed)

    def test_every_way_out_makes_room(self) -> None:
        """Ended before a word, quit, cut, replaced: none is counted for ever."""
        net = Net(Limits(address_connections=1, address_new_connections=0))
        net.connect().end()
        net.connect().send(b"/quit\n")
        net.connect().send(b"{" * 2000)
        silent = net.connect()
        silent.send(b"{")
        net.loop.wait(21)
        self.assertTrue(silent.socket.closed)
        unread = net.connect()
        unread.socket.space = 0
        unread.send(b"/quit\n")
        net.loop.wait(5)
        self.assertTrue(unread.socket.reset)
        last = net.connect()
        self.assertFalse(last.socket.closed)
        last.end()
        self.assertEqual(net.loop.getDelayedCalls(), [])
