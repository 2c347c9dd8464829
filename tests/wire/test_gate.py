"""A server with a password, at each door: nothing is shown before it is said."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.rules import Rules
from tests.wire.house import Client, Server

WANTED = "This server has a password: /pass <password>."
WRONG = "This is not the server's password."


class GateTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.server.world.rules = Rules(password="open sesame")
        self.server.restart()

    def connect(self, wire: str | None = None) -> Client:
        client = self.server.connect(1, wire)
        self.server.world.settle()
        return client

    def test_pipe(self) -> None:
        client = self.connect("pipe")
        self.assertEqual(client.transport.take().decode(), f"SRV|{WANTED}\n")
        self.assertEqual(client.say("hello"), f"SRV|{WANTED}\n".encode())
        self.assertEqual(client.say("/pass sesame"), f"SRV|{WRONG}\n".encode())
        self.assertIn(b"SRV|Welcome!", client.say("/pass open sesame"))

    def test_prompt(self) -> None:
        client = self.connect("prompt")
        prompt = client.transport.take()
        again = b"SERVER: " + WANTED.encode() + b"\n" + prompt
        self.assertEqual(client.say("ann"), again)
        wrong = b"SERVER: " + WRONG.encode() + b"\n" + prompt
        self.assertEqual(client.say("/pass x"), wrong)
        self.assertIn(b"Welcome ann!", client.say("/pass open sesame"))

    def test_framed(self) -> None:
        client = self.connect("framed")
        self.assertIn(WANTED.encode(), client.say("ann"))
        self.assertIn(b"Welcome, ann!", client.say("/pass open sesame"))

    def test_pychat(self) -> None:
        client = self.connect("pychat")
        self.assertEqual(client.transport.take().decode(), f"[System] {WANTED}\n")
        self.assertIn(b"Welcome to PyChat Server!", client.say("/pass open sesame"))

    def test_json(self) -> None:
        client = self.connect("json")
        self.assertIn(b'"server-password-needed"', client.say('{"type":"hello","nick":"ann"}'))
        welcome = client.say('{"type":"hello","nick":"ann","password":"open sesame"}')
        self.assertTrue(welcome.startswith(b'{"type":"welcome"'), welcome)

    def test_channels(self) -> None:
        """Its clients have no way to say it."""
        client = self.connect("channels")
        answer = client.say('{"action":"createChannel","channelName":"a","memberName":"b"}')
        self.assertIn(WANTED.encode(), answer)
        self.assertTrue(client.closed)

    def test_who_does_not_say_it_is_let_go(self) -> None:
        clients = [self.connect(wire) for wire in ("pipe", "prompt", "json")]
        clients[1].say("ann")
        for client in clients:
            client.transport.take()
        self.server.pass_time(31)
        self.assertEqual([client.closed for client in clients], [True] * 3)
        for client, seconds in zip(clients, (30, 30, 20), strict=True):
            self.assertIn(f"within {seconds} seconds".encode(), client.transport.take())
