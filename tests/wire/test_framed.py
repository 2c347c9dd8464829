"""The wire of frames: what they mean, and how events look."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import events
from chatservice.domain.commands import Enter, ListPeople, Quit, Say, Tell
from chatservice.domain.errors import ChatError
from chatservice.domain.limits import Limits
from chatservice.wire.codec import Circumstances
from chatservice.wire.framed import ENCODER, WIRE, frame
from chatservice.wire.words import ENTERING
from tests.wire.test_pipe import PRIVATE, SHOWN, message


class DecodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.named = False
        self.codec = WIRE.make(
            Circumstances(
                address="10.0.0.1:5001", limits=Limits(), nick=lambda: "ann" if self.named else None
            )
        )

    def test_waits_for_a_name(self) -> None:
        self.assertIsNone(self.codec.greet())
        self.assertFalse(self.codec.fragments)
        self.assertIsNone(self.codec.blame(b"x"))
        self.assertEqual((WIRE.port, WIRE.framing), (9999, "frames"))
        self.assertFalse(WIRE.starts(b"\0\0\0\3ann"))
        for unit, asked in (
            (b"ann\n", Enter(nick="ann", id=ENTERING)),
            (b"", Enter(nick="", id=ENTERING)),
            (b"/quit", Quit()),
        ):
            self.assertEqual(self.codec.decode(unit), asked)

    def test_frames(self) -> None:
        self.named = True
        for unit, asked in (
            (b"hi", Say(text="hi")),
            (b"two\nlines\n", Say(text="two\nlines")),
            (b"/whisper bob hi", Tell(to="bob", text="hi")),
            (b"/who\n", ListPeople()),
            ("\ufeff\n/who".encode(), ListPeople()),
            (b"\xff", Say(text="\ufffd")),
            (b" \n", None),
        ):
            self.assertEqual(self.codec.decode(unit), asked)
        with self.assertRaises(ChatError):
            self.codec.decode(b"/dance")


class EncodeTests(SynchronousTestCase):
    def test_a_frame(self) -> None:
        self.assertEqual(frame("né"), b"\0\0\0\3n\xc3\xa9")
        self.assertEqual(frame("\ud800"), b"\0\0\0\1?")

    def test_forms(self) -> None:
        for event, text in (
            (message("a\n* b"), "ann: a\n* b"),
            (message("hi", "attic"), "#attic ann: hi"),
            (message("waves", kind="action"), "ann: *waves*"),
            (replace(PRIVATE, text="hi"), "[private] ann: hi"),
            (
                events.Joined(
                    room="lobby", person=events.Person(nick="ann", user="1", address="x"), at=0
                ),
                "* ann has joined the chat.",
            ),
            (events.Failed(code="x", text="No."), "* No."),
        ):
            self.assertEqual(ENCODER.encode(event), frame(text))
        self.assertEqual(
            ENCODER.encode_own(replace(PRIVATE, text="hi")), frame("[private] to bob: hi")
        )
        self.assertEqual(ENCODER.encode_own(message("hi")), b"")

    def test_messages_of_a_page_are_frames_of_their_own(self) -> None:
        page = events.HistoryPage(room="lobby", messages=(message("a"), message("b")), more=False)
        told = frame("* Messages of #lobby:") + frame("ann: a") + frame("ann: b")
        self.assertEqual(ENCODER.encode(page), told)

    def test_every_event_comes_as_whole_frames(self) -> None:
        for event in SHOWN:
            data = ENCODER.encode(event)
            while data:
                size = int.from_bytes(data[:4], "big")
                self.assertLessEqual(size, len(data) - 4)
                self.assertTrue(data[4 : 4 + size].decode())
                data = data[4 + size :]
