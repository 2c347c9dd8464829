"""Bytes into frames: any split, too long ones, pauses, ends."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.limits import Limits
from chatservice.wire.framed import frame
from tests.net.network import Net, Remote

LOCAL = "127.0.0.1"


class FrameTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.net = Net()
        self.alice = self.framed("alice", LOCAL)
        self.bob = self.net.pipe("bob", LOCAL)
        self.alice.heard()

    def framed(self, nick: str, host: str) -> Remote:
        remote = self.net.connect(host, wire="framed")
        remote.send(frame(nick))
        remote.heard()
        return remote

    def said(self, nick: str = "alice") -> list[bytes]:
        start = f"MSG|{nick}: ".encode()
        return [
            line.removeprefix(start)
            for line in self.bob.heard().splitlines()
            if line.startswith(start)
        ]

    def test_any_split(self) -> None:
        data = frame("one") + frame("") + frame("zwölf") + frame("/me waves")
        for at in range(len(data)):
            self.alice.send(data[:at])
            self.net.loop.wait(0.2)
            self.alice.send(data[at:])
            self.assertEqual(self.said(), [b"one", "zwölf".encode(), b"*waves*"], at)

    def test_what_is_told_comes_in_frames(self) -> None:
        self.bob.send(b"hello\n")
        self.assertEqual(self.alice.heard(), frame("bob: hello"))

    def test_the_longest_one(self) -> None:
        self.alice.send(frame("x" * 3000 + "\n" * (self.net.limits.unit_bytes - 3000)))
        self.assertEqual(self.said(), [b"x" * 3000])

    def test_one_that_is_too_long_is_refused_by_its_length(self) -> None:
        """One error, then a close; nothing of it is kept."""
        protocol: Any = self.alice.transport.protocol
        length = self.net.limits.unit_bytes + 1
        self.alice.send(b"\0\0\0\2hi" + length.to_bytes(4, "big") + b"x" * 100)
        self.assertEqual(self.said(), [b"hi"])
        sentence = frame("* A frame can have 8192 bytes at most. Goodbye.")
        self.assertEqual(self.alice.heard(), sentence)
        self.assertTrue(self.alice.socket.closed)
        self.assertEqual(protocol._unprocessed, b"")

    def test_before_a_name_it_is_shorter(self) -> None:
        for data in (b"\0\0\4\1", b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n"):
            stranger = self.net.connect(LOCAL, wire="framed")
            stranger.send(data)
            self.assertEqual(
                stranger.heard(), frame("* A frame can have 1024 bytes at most. Goodbye.")
            )
            self.assertTrue(stranger.socket.closed)

    def test_a_paste_is_one_burst_and_more_waits(self) -> None:
        carol = self.framed("carol", "192.0.2.1")
        carol.send(b"".join(frame(str(n)) for n in range(50)))
        told = self.said("carol")
        self.assertTrue(carol.held)
        self.assertLess(len(told), 25)
        self.net.loop.wait(10)
        told += self.said("carol")
        self.assertEqual(told, [str(n).encode() for n in range(50)])

    def test_everything_in_one_piece(self) -> None:
        """A name and what follows, while the recent messages have to be read first."""
        net = Net(hold=True)
        remote = net.connect(LOCAL, wire="framed")
        remote.send(frame("ann") + frame("/who") + frame("/quit"))
        net.worker.release()
        welcome = frame("* Welcome, ann! /help shows all commands.")
        self.assertEqual(remote.heard(), welcome + frame("* In #lobby: ann") + frame("* Goodbye."))

    def test_the_end(self) -> None:
        """What is complete counts, the rest does not; all timers stop."""
        self.alice.socket.incoming += frame("one") + frame("two")[:-1]
        self.alice.end()
        self.assertEqual(self.said(), [b"one"])
        self.assertEqual(self.alice.heard(), frame("* Goodbye."))
        self.bob.end()
        self.net.loop.wait(0.1)
        self.assertEqual(self.net.loop.getDelayedCalls(), [])

    def test_nobody_says_a_name_for_too_long(self) -> None:
        silent = self.net.connect(LOCAL, wire="framed")
        self.net.loop.wait(Limits().introduction_seconds + 0.1)
        self.assertEqual(
            silent.heard(), frame("* Nothing usable was said within 20 seconds. Goodbye.")
        )
        self.assertTrue(silent.socket.closed)
