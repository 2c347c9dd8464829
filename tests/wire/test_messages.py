"""A wire of lines in WebSocket messages: what they mean, and one form for many."""

from __future__ import annotations

import gc

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Command, Ping
from chatservice.domain.errors import BadInput
from chatservice.domain.events import Event, Notice, Pong
from chatservice.domain.limits import Limits
from chatservice.wire import json
from chatservice.wire.codec import Alike, Circumstances, Encoder, Wire
from chatservice.wire.messages import BINARY, TEXT, MessageEncoder, carried, message

HERE = Circumstances(address="10.0.0.1:5001", limits=Limits())


class Lines:
    """An encoder whose lines have an end of any kind."""

    def encode(self, event: Event) -> bytes:
        """The text of a notice as it is."""
        assert isinstance(event, Notice)
        return event.text.encode()

    def encode_own(self, event: Event) -> bytes:
        """The same as one's own."""
        return b"own " + self.encode(event)


class Chooser(Alike):
    """A codec whose encoder the peer chooses."""

    fragments = False

    def __init__(self, _circumstances: Circumstances) -> None:
        self.encoder: Encoder = FIRST

    def greet(self) -> None:
        """Nothing."""

    def decode(self, unit: bytes) -> Command:
        """Choose the other one. Raises `BadInput` for anything but `other`."""
        if unit != b"other":
            raise BadInput("No.")
        self.encoder = SECOND
        return Ping()

    def blame(self, unit: bytes) -> str:
        """The message itself."""
        return unit.decode()


FIRST, SECOND = Lines(), Lines()
CHOOSER = carried("chooser", Wire(name="x", make=Chooser), TEXT)


class MessageTests(SynchronousTestCase):
    def test_lines_become_messages(self) -> None:
        encoder = MessageEncoder(Lines(), TEXT)
        for text, messages in (
            ("one\r\n", [b"one"]),
            ("one\ntwo\r\n", [b"one", b"two"]),
            ("one", [b"one"]),
            ("\r\r\n \n", [b"\r", b" "]),
            ("x" * 200 + "\n", [b"x" * 200]),
            ("", []),
        ):
            expected = b"".join(message(TEXT, each) for each in messages)
            self.assertEqual(encoder.encode(Notice(text=text)), expected, text)
        self.assertEqual(encoder.encode_own(Notice(text="hi\n")), b"\x81\x06own hi")

    def test_the_kind_is_chosen_by_the_sub_protocol(self) -> None:
        wire = carried("json-ws", json.WIRE, TEXT, {"b.example": BINARY, "t.example": TEXT})
        self.assertEqual((wire.name, wire.framing, wire.port), ("json-ws", "messages", None))
        self.assertFalse(wire.starts(b"{"))
        for make, first in (
            (wire.make, TEXT),
            (wire.subprotocols["b.example"], BINARY),
            (wire.subprotocols["t.example"], TEXT),
        ):
            data = make(HERE).encoder.encode(Pong())
            self.assertEqual(data, bytes((first, 15)) + b'{"type":"pong"}')

    def test_a_line_end_in_a_message_is_none_of_its_own(self) -> None:
        for unit in (b"other", b"other\n", b"other\r\n"):
            self.assertEqual(CHOOSER.make(HERE).decode(unit), Ping())
        with self.assertRaises(BadInput):
            CHOOSER.make(HERE).decode(b"another")
        self.assertEqual(CHOOSER.make(HERE).blame(b"1"), "1")
        self.assertIsNone(CHOOSER.make(HERE).greet())

    def test_a_form_is_shared_by_all_who_have_it(self) -> None:
        """Also when it is another one later; it is gone with the last of them."""
        one, other = CHOOSER.make(HERE), CHOOSER.make(HERE)
        before = one.encoder
        self.assertIs(before, other.encoder)
        one.decode(b"other")
        self.assertIsNot(before, one.encoder)
        self.assertIs(before, other.encoder)
        other.decode(b"other")
        self.assertIs(one.encoder, other.encoder)
        del one, other, before
        gc.collect()
        kept = [each for each in gc.get_objects() if isinstance(each, MessageEncoder)]
        self.assertEqual([each for each in kept if each._lines in (FIRST, SECOND)], [])
