"""Bytes into JSON objects: any split, too long ones, what is none, pauses, ends."""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.net.network import Net, Remote

LOCAL = "127.0.0.1"


def thing(**found: Any) -> bytes:
    """An object as older clients write it."""
    return json.dumps(found).encode()


def message(text: str) -> bytes:
    """Something said."""
    return thing(action="message", message=text, timestamp="00:00:00")


class ObjectTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.net = Net()
        self.alice = self.channels("alice", LOCAL, "createChannel")
        self.net.loop.wait(0.5)
        self.bob = self.net.pipe("bob", LOCAL)
        self.bob.send(b"/join team\n")
        self.alice.heard()
        self.bob.heard()

    def channels(self, nick: str, host: str, action: str = "joinChannel") -> Remote:
        remote = self.net.connect(host, wire="channels")
        remote.send(thing(action=action, channelName="team", memberName=nick))
        remote.heard()
        return remote

    def said(self, nick: str = "alice") -> list[bytes]:
        start = f"MSG|#team {nick}: ".encode()
        return [
            line.removeprefix(start)
            for line in self.bob.heard().splitlines()
            if line.startswith(start)
        ]

    def test_any_split(self) -> None:
        data = message("one") + b" \n" + message("{zwölf}") + message('"\\')
        for at in range(len(data)):
            self.alice.send(data[:at])
            self.net.loop.wait(0.2)
            self.alice.send(data[at:])
            self.assertEqual(self.said(), [b"one", "{zwölf}".encode(), b'"\\'], at)

    def test_one_that_is_too_long_is_refused_before_it_ends(self) -> None:
        protocol: Any = self.alice.transport.protocol
        self.alice.send(message("hi") + b'{"a":"' + b"x" * self.net.limits.unit_bytes)
        self.assertEqual(self.said(), [b"hi"])
        self.net.loop.wait(0.1)
        self.assertIn(b'"A JSON object can have 8192 bytes at most. Goodbye."', self.alice.heard())
        self.assertTrue(self.alice.socket.closed)
        self.assertEqual(len(protocol._objects), 0)

    def test_what_is_no_object_is_refused_at_once(self) -> None:
        for data in (b"GET / HTTP/1.1\r\n", b"[", b"\0\0\0\3ann"):
            stranger = self.net.connect(LOCAL, wire="channels")
            stranger.send(data)
            found = json.loads(stranger.heard())
            self.assertEqual((found["success"], found["action"]), (False, "error"))
            self.assertTrue(stranger.socket.closed)

    def test_a_paste_is_one_burst_and_more_waits(self) -> None:
        carol = self.channels("carol", "192.0.2.1")
        carol.send(b"".join(message(str(n)) for n in range(50)))
        told = self.said("carol")
        self.assertTrue(carol.held)
        self.assertLess(len(told), 25)
        self.net.loop.wait(10)
        told += self.said("carol")
        self.assertEqual(told, [str(n).encode() for n in range(50)])

    def test_the_end(self) -> None:
        """What is complete counts, the rest does not; all timers stop."""
        self.alice.socket.incoming += message("one") + message("two")[:-1]
        self.alice.end()
        self.assertEqual(self.said(), [b"one"])
        self.bob.end()
        self.net.loop.wait(1)
        self.assertTrue(self.alice.socket.closed)
        self.assertEqual(self.net.loop.getDelayedCalls(), [])
