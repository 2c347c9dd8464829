"""The wire of bare JSON objects: where they end, what they mean, and how events look."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import events
from chatservice.domain.commands import Create, Enter, Join, Login, Say
from chatservice.domain.errors import BadInput, ChatError, UnknownCommand, WrongState
from chatservice.domain.limits import Limits
from chatservice.wire.channels import SEGMENT_BYTES, member_name, wire
from chatservice.wire.codec import Circumstances
from chatservice.wire.objects import ObjectSplitter, each_object
from tests.wire.house import Server, local_time
from tests.wire.test_pipe import PRIVATE, SHOWN, message

WIRE = wire(local_time)
CREATE = (
    b'{"action":"createChannel","channelName":"Team A","channelPassword":"p","memberName":"ann"}'
)
JOIN = CREATE.replace(b"create", b"join")
ANN = events.Person(nick="ann", user="100000", address="10.0.0.1:5001")


class SplitterTests(SynchronousTestCase):
    def test_objects(self) -> None:
        for data, units in (
            (b"", []),
            (b"{}", [b"{}"]),
            (b' {"a":{}}\r\n\t{"b":"}{"} ', [b'{"a":{}}', b'{"b":"}{"}']),
            (rb'{"a":"\"}"}{"b":"\\"}{', [rb'{"a":"\"}"}', rb'{"b":"\\"}']),
            (b"{]}{\xff}", [b"{]}", b"{\xff}"]),
        ):
            self.assertEqual(each_object(data), units)
            splitter, found = ObjectSplitter(), []
            for byte in data:
                splitter.feed(bytes((byte,)))
                found += list(iter(splitter.next, None))
            self.assertEqual(found, units)

    def test_what_cannot_begin_an_object(self) -> None:
        for data in (b"[]", b"}", b"x", b"\0", b"\xef\xbb\xbf{}", b'"{}"'):
            with self.assertRaises(BadInput):
                each_object(data)
            with self.assertRaises(BadInput):
                each_object(b"{}" + data)

    def test_each_byte_is_looked_at_once(self) -> None:
        splitter = ObjectSplitter()
        for _ in range(200_000):
            splitter.feed(b"{")
            self.assertIsNone(splitter.next())
        self.assertEqual(len(splitter), 200_000)
        splitter = ObjectSplitter()
        splitter.feed(b"{}" * 200_000)
        self.assertEqual(sum(1 for _ in iter(splitter.next, None)), 200_000)


class DecodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.named = False
        self.codec = WIRE.make(
            Circumstances(
                address="10.0.0.1:5001", limits=Limits(), nick=lambda: "ann" if self.named else None
            )
        )

    def test_waits_for_an_action(self) -> None:
        self.assertIsNone(self.codec.greet())
        self.assertFalse(self.codec.fragments)
        self.assertEqual((WIRE.port, WIRE.framing, WIRE.strict), (12345, "objects", True))

    def test_create_then_join(self) -> None:
        create = Create(room="team-a", password="p", later=True, id="createChannel team-a")
        join = Join(room="team-a", password="p", existing=True, id="joinChannel team-a")
        enter = Enter(default_nick="ann", aside=True)
        self.assertEqual(self.codec.decode(CREATE), (enter, create))
        self.named = True
        self.assertEqual(self.codec.decode(JOIN), (join,))
        self.assertEqual(self.codec.decode(b'{"action":"message","message":"x"}'), (Say(text="x"),))
        for unit in (CREATE, JOIN.replace(b"Team", b"Other")):
            with self.assertRaises(WrongState):
                self.codec.decode(unit)

    def test_join(self) -> None:
        join = Join(room="team-a", existing=True, id="joinChannel team-a")
        unit = JOIN.replace(b'"p"', b'""')
        self.assertEqual(self.codec.decode(unit), (Enter(default_nick="ann", aside=True), join))

    def test_who_has_made_a_channel_may_talk_at_once(self) -> None:
        self.codec.decode(CREATE)
        join = Join(room="team-a", existing=True, id="joinChannel team-a")
        unit = b'{"action":"message","message":"x"}'
        self.assertEqual(self.codec.decode(unit), (join, Say(text="x")))
        self.assertEqual(self.codec.decode(unit), (Say(text="x"),))
        self.assertIsNone(self.codec.decode(b'{"action":"message","message":" "}'))

    def test_nothing_before_or_in_a_login_makes_it_a_message(self) -> None:
        self.codec.decode(JOIN)
        login = (Login(nick="ann", password="secret99"),)
        for text in ("/login ann secret99", "/login\tann secret99", " \u200b/login ann secret99"):
            unit = json.dumps({"action": "message", "message": text}).encode()
            self.assertEqual(self.codec.decode(unit), login, text)
        for text in (" /away", "//login ann", "/ login ann", "/loginann"):
            unit = json.dumps({"action": "message", "message": text}).encode()
            self.assertEqual(self.codec.decode(unit), (Say(text=text),), text)

    def test_blames_the_action(self) -> None:
        for unit, error, blamed in (
            (b"{}", UnknownCommand, None),
            (b'{"action":["message"]}', UnknownCommand, None),
            (b'{"action":"message","message":1}', BadInput, "message"),
            (b'{"action":"createChannel","memberName":"a"}', BadInput, "createChannel"),
            (b'{"action":"joinChannel","channelName":"a"}', BadInput, "joinChannel"),
            (b'{"action":"joinChannel","memberName":"a"}', ChatError, "joinChannel"),
            (b'{"action":"message","message":"x"}', WrongState, "message"),
            (b"{", BadInput, None),
        ):
            with self.assertRaises(error):
                self.codec.decode(unit)
            self.assertEqual(self.codec.blame(unit), blamed, unit)


class EncodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.encoder = WIRE.make(Circumstances(address="x", limits=Limits())).encoder

    def objects(self, data: bytes) -> list[Any]:
        for each in each_object(data):
            self.assertLessEqual(len(each), SEGMENT_BYTES)
        return list(map(json.loads, each_object(data)))

    def test_member_names_are_the_nick_and_eleven_characters(self) -> None:
        self.assertRegex(member_name("ann", "100000"), r"\Aann_[A-Za-z0-9_-]{11}\Z")
        names = {member_name("ann", str(user)) for user in range(100_000, 102_000)}
        self.assertEqual(len(names), 2000)

    def test_what_is_said(self) -> None:
        [found] = self.objects(self.encoder.encode(message("a\n{}")))
        self.assertEqual(list(found), ["action", "message", "timestamp", "memberName"])
        self.assertEqual((found["action"], found["message"]), ("message", "a\n{}"))
        self.assertRegex(found["timestamp"], r"\A\d\d:\d\d:\d\d\Z")
        [found] = self.objects(self.encoder.encode(replace(PRIVATE, text="hi")))
        self.assertEqual((found["message"], found["private"]), ("hi", True))

    def test_long_ones_come_in_parts(self) -> None:
        for text in ("x" * 4000, "\n" * 4000, "é" * 4000, "\U0001f600" * 4000, '"\\\x7f' * 1000):
            for nick in ("ann", "\U0001d51e" * 32):
                told = self.encoder.encode(replace(message(text), nick=nick))
                parts = [each["message"] for each in self.objects(told)]
                self.assertEqual("".join(parts), text)
                self.assertNotIn("", parts)

    def test_answers_are_short_enough_whatever_the_names(self) -> None:
        for char in ("x", "é", "\U0001d51e"):
            person = replace(ANN, nick=char * 39)
            [found] = self.objects(
                self.encoder.encode_own(events.Joined(room=char * 64, person=person, at=0))
            )
            self.assertEqual((found["channelName"], found["channelId"]), (char * 64, 100_000))
            self.assertEqual(found["memberName"], member_name(person.nick, "100000"))

    def test_the_coming_of_others_is_told_by_the_server(self) -> None:
        joined = events.Joined(room="team", person=ANN, at=0)
        [found] = self.objects(self.encoder.encode(joined))
        self.assertEqual((found["action"], found["memberName"]), ("message", "*"))
        [found] = self.objects(self.encoder.encode_own(joined))
        self.assertEqual(found["action"], "joinChannel")

    def test_the_end_is_told_if_it_is_a_refusal(self) -> None:
        for code in ("quit", "shutdown"):
            self.assertEqual(self.encoder.encode(events.Closing(code=code, text="x")), b"")
        [found] = self.objects(self.encoder.encode(events.Closing(code="full", text="No.")))
        self.assertEqual(found, {"success": False, "action": "error", "message": "No."})

    def test_every_event_comes_as_whole_objects(self) -> None:
        for event in SHOWN:
            for data in (self.encoder.encode(event), self.encoder.encode_own(event)):
                self.assertEqual(b"".join(each_object(data)), data)


class SegmentTests(SynchronousTestCase):
    def test_each_object_is_a_segment_of_its_own(self) -> None:
        server = Server(segment_seconds=0.005)
        client = server.connect(1, "channels")
        client.send(CREATE + JOIN + b'{"action":"message","message":"%s"}' % (b"x" * 2000))
        self.assertEqual(len(client.segments()), 1)
        server.pass_time(1)
        segments = client.segments()
        self.assertEqual([json.loads(each)["action"] for each in segments][:1], ["joinChannel"])
        said = [json.loads(each)["message"] for each in segments[1:]]
        self.assertEqual((len(said), "".join(said)), (3, "x" * 2000))

    def test_a_channel_that_is_open_to_all_can_be_made_again(self) -> None:
        """It has nobody whose it is when all have left, and nothing was said there."""
        server = Server()
        create = CREATE.replace(b'"p"', b'""')
        for _ in range(2):
            client = server.connect(1, "channels")
            client.send(create)
            self.assertIn(b"created successfully", client.transport.take())
            server.pass_time(0.5)
            self.assertIn(b"joined successfully", client.transport.take())
            client.hang_up()

    def test_guesses_of_a_password_are_counted(self) -> None:
        server = Server(password_tries=2)
        server.connect(1, "channels").send(CREATE + JOIN)
        told = []
        for _ in range(3):
            client = server.connect(2, "channels")
            client.send(JOIN.replace(b'"p"', b'"q"'))
            told.append(json.loads(client.transport.take())["message"])
            self.assertTrue(client.closed)
        self.assertEqual(told[:2], ["channel password is incorrect"] * 2)
        self.assertIn("Too many wrong passwords", told[2])
