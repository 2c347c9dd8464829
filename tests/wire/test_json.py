"""The native wire: one object a line, and the author of a message gets its acknowledgement."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Ping
from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.events import (
    Ack,
    Event,
    Failed,
    Greeting,
    Joined,
    Message,
    Person,
    Renamed,
    Roster,
    TypingNow,
)
from chatservice.domain.limits import Limits
from chatservice.wire.codec import Circumstances
from chatservice.wire.json import ENCODER, WIRE
from chatservice.wire.schema import dump

MESSAGE = Message(room="lobby", seq=3, id="1-3", nick="ann", user="1", at=5, text="hi", re="s")
ANN = Person(nick="ann", user="1", address="10.0.0.1:5001")


class EncoderTests(SynchronousTestCase):
    def seen(self, event: Event, expected: Event | None) -> None:
        self.assertEqual(ENCODER.encode(event), b"" if expected is None else dump(expected) + b"\n")

    def own(self, event: Event, expected: Event | None) -> None:
        self.assertEqual(
            ENCODER.encode_own(event), b"" if expected is None else dump(expected) + b"\n"
        )

    def test_an_event_is_one_line(self) -> None:
        failed = Failed(code="too-long", text="a\nb", re="x")
        self.assertEqual(
            ENCODER.encode_own(failed),
            b'{"type":"error","code":"too-long","text":"a\\nb","re":"x"}\n',
        )

    def test_a_message_does_not_show_its_authors_id_of_it(self) -> None:
        message = Message(room="lobby", seq=3, id="1-3", nick="ann", user="1", at=5, text="hi")
        self.seen(MESSAGE, message)
        self.seen(message, message)

    def test_the_author_gets_an_acknowledgement(self) -> None:
        self.own(MESSAGE, Ack(room="lobby", seq=3, id="1-3", at=5, re="s"))

    def test_a_rename_shows_the_requesters_id_to_the_requester_alone(self) -> None:
        renamed = Renamed(old="ann", new="bob", user="1", at=5, re="n")
        self.seen(renamed, Renamed(old="ann", new="bob", user="1", at=5))
        self.own(renamed, renamed)

    def test_what_one_knows_oneself_is_not_told(self) -> None:
        for event in (
            Joined(room="lobby", person=ANN, at=5),
            TypingNow(room="lobby", nick="ann", active=True),
        ):
            self.seen(event, event)
            self.own(event, None)

    def test_full_lists_are_for_other_wires(self) -> None:
        for event in (Roster(people=(ANN,)), Greeting(messages=(), people=())):
            self.seen(event, None)


class CodecTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.codec = WIRE.make(Circumstances(address="10.0.0.1:5001", limits=Limits()))

    def test_waits_for_the_client(self) -> None:
        self.assertIsNone(self.codec.greet())
        self.assertFalse(self.codec.fragments)

    def test_all_connections_share_one_encoder(self) -> None:
        self.assertIs(self.codec.encoder, ENCODER)

    def test_a_line_is_a_command(self) -> None:
        self.assertEqual(self.codec.decode(b'{"type":"ping"}\r'), Ping())

    def test_a_blank_line_is_nothing(self) -> None:
        for line in (b"", b"\r", b"  \t"):
            self.assertIsNone(self.codec.decode(line))

    def test_refusals_are_blamed_on_the_clients_id(self) -> None:
        unit = b'{"type":"dance","id":"d"}'
        with self.assertRaises(UnknownCommand):
            self.codec.decode(unit)
        self.assertEqual(self.codec.blame(unit), "d")
        with self.assertRaises(BadInput):
            self.codec.decode(b"hello")
        self.assertIsNone(self.codec.blame(b"hello"))
