"""The wire on which people are ids: what its lines mean, how events look, where segments begin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import events
from chatservice.domain.commands import Enter, Quit, Say, Tell
from chatservice.domain.errors import ChatError
from chatservice.domain.limits import Limits
from chatservice.wire.codec import Circumstances
from chatservice.wire.pychat import ENCODER, WIRE
from chatservice.wire.words import ENTERING
from tests.wire.house import Server
from tests.wire.test_pipe import ANN, BOB, PRIVATE, SHOWN, message


class DecodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.codec = WIRE.make(Circumstances(address="10.0.0.1:5001", limits=Limits()))

    def test_is_somebody_at_once(self) -> None:
        self.assertEqual(self.codec.greet(), Enter(id=ENTERING))
        self.assertTrue(self.codec.fragments)
        self.assertIsNone(self.codec.blame(b"x"))
        self.assertEqual((WIRE.port, WIRE.starts(b"anything")), (65432, False))

    def test_lines(self) -> None:
        for line, asked in (
            (b"hi\r", Say(text="hi")),
            (b"\xff", Say(text="\ufffd")),
            (b"/msg 100001 hi", Tell(to="100001", text="hi")),
            (b"/exit", Quit()),
            ("\u200b/exit".encode(), Quit()),
            (b"\xff\xf4\xff\xfd\x06", None),
            (b"", None),
        ):
            self.assertEqual(self.codec.decode(line), asked)
        for line in (b"/raw", b"/msg 100001"):
            with self.assertRaises(ChatError):
                self.codec.decode(line)


class EncodeTests(SynchronousTestCase):
    def test_forms(self) -> None:
        for event, line in (
            (message("hi"), "100000: hi\n"),
            (message("a\nUSERS:1"), "100000: a\n100000: USERS:1\n"),
            (message("hi", "attic"), "#attic 100000: hi\n"),
            (message("waves", kind="action"), "100000: *waves*\n"),
            (replace(PRIVATE, text="hi"), "[Private] 100000: hi\n"),
            (events.Roster(people=(ANN, BOB)), "USERS:100000,100001\n"),
            (events.Joined(room="lobby", person=ANN, at=0), ""),
            (events.Left(room="lobby", nick="ann", user="1", at=0), ""),
            (
                events.Renamed(old="x", new="ann", user="100000", at=0),
                "[System] 100000 is now known as ann.\n",
            ),
            (
                events.People(room="lobby", people=(ANN, replace(BOB, nick="100001"))),
                "[System] In #lobby: 100000 (ann), 100001\n",
            ),
            (events.Failed(code="x", text="No."), "[System] No.\n"),
        ):
            self.assertEqual(ENCODER.encode(event).decode(), line)

    def test_people_have_both_names_in_sentences(self) -> None:
        ann: Any = {"nick": "ann", "user": "100000"}
        by: Any = {"by": "ann", "by_user": "100000"}
        room: Any = {"room": "attic"}
        found = replace(message("hi", "attic"), **ann)
        for event, said in (
            (events.Joined(**room, person=ANN, at=0), "100000 (ann) has joined #attic."),
            (
                events.Joined(**room, person=replace(BOB, nick="100001"), at=0),
                "100001 has joined #attic.",
            ),
            (events.Left(**room, **ann, at=0), "100000 (ann) has left #attic."),
            (events.AwayChanged(**ann, text=None), "100000 (ann) is back."),
            (
                events.Kicked(**room, nick="bob", user="100001", **by, reason="", at=0),
                "100000 (ann) has put 100001 (bob) out of #attic.",
            ),
            (
                events.Banned(**room, who="bob", **by),
                "100000 (ann) has banned bob from #attic.",
            ),
            (
                events.Deleted(**room, seq=1, id="1-1", by="ann", **ann, at=0),
                "100000 (ann) has deleted a message in #attic.",
            ),
            (
                events.Deleted(**room, seq=1, id="1-1", nick="bob", by="ann", user="100000", at=0),
                "100000 (ann) has deleted a message of bob in #attic.",
            ),
            (
                events.Topic(**room, topic="tea", **ann),
                "100000 (ann) has set the topic of #attic: tea",
            ),
            (events.Topic(**room, topic="tea"), "Topic of #attic: tea"),
        ):
            self.assertEqual(ENCODER.encode(event).decode(), f"[System] {said}\n")
        told = ENCODER.encode(events.Found(messages=(found,))).decode()
        self.assertIn(" #attic 100000 (ann): hi\n", told)

    def test_ones_own(self) -> None:
        private = replace(PRIVATE, text="hi")
        self.assertEqual(ENCODER.encode_own(private), b"[Private] To 100001: hi\n")
        self.assertEqual(ENCODER.encode_own(message("hi")), b"100000: hi\n")
        absent = replace(private, to_user="")
        self.assertEqual(ENCODER.encode_own(absent), b"[Private] To bob: hi\n")

    def test_a_login_and_a_logout_tell_the_id_from_then_on(self) -> None:
        server = Server()
        server.connect(1).say("CMD_USER|ann", "/register secret99")
        other = server.connect(2, "pychat")
        server.world.settle()
        self.assertIn("ID:100001\n", other.segments())
        for line, told, nick in (
            ("/login ann secret99", "ID:100000\n", "100000 (ann)"),
            ("/logout", "ID:100002\n", "100002 (Guest_100002)"),
        ):
            other.send(f"{line}\nhi\n".encode())
            found = other.segments()
            self.assertTrue(found[1].endswith(f"; you are {nick} now.\n"), found)
            ids = [each for each in found if each.startswith("ID:")]
            self.assertEqual(ids, [told])
            said = f"{told[3:].strip()}: hi\n"
            self.assertLess(found.index(told), found.index(said))

    def test_every_event_comes_as_lines_of_this_wire(self) -> None:
        starts = r"^(\[System\] |\[Private\] |([#@]\w+ )?\d+: |USERS:[\d,]*$|ID:\d+$|Welcome to )"
        for event in SHOWN:
            lines = ENCODER.encode(event).decode().split("\n")
            self.assertEqual(lines.pop(), "")
            for line in lines:
                self.assertRegex(line, starts)


class SegmentTests(SynchronousTestCase):
    def test_each_line_is_alone(self) -> None:
        server = Server()
        first = server.connect(1, "pychat")
        server.world.settle()
        self.assertEqual(
            first.segments(), ["Welcome to PyChat Server!\n", "ID:100000\n", "USERS:100000\n"]
        )
        second = server.connect(2, "pychat")
        server.world.settle()
        second.send(b"one\ntwo\n/quit\n")
        self.assertEqual(
            first.segments(),
            ["USERS:100000,100001\n", "100001: one\n", "100001: two\n", "USERS:100000\n"],
        )
