"""One line of IRC."""

from __future__ import annotations

import random

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import BadInput, ChatError, TooLong
from chatservice.wire.irc.line import Line, pieces, split
from chatservice.wire.irc.line import parse as parse_rest

SEED = 20240611


def parse(unit: bytes) -> Line:
    """The line that a client sent."""
    return parse_rest(*split(unit))


class ParseTests(SynchronousTestCase):
    def test_the_parts_of_a_line(self) -> None:
        line = parse(b"@a=1;+b=x\\sy\\:\\\\z;c :ann!u@h privmsg  #room :two words: here\r\n")
        self.assertEqual(line.tags, {"a": "1", "+b": "x y;\\z", "c": ""})
        self.assertEqual((line.source, line.verb), ("ann!u@h", "PRIVMSG"))
        self.assertEqual(line.params, ("#room", "two words: here"))

    def test_an_empty_last_parameter_is_one(self) -> None:
        self.assertEqual(parse(b"TOPIC #room :").params, ("#room", ""))

    def test_a_lone_backslash_at_the_end_of_a_tag_is_nothing(self) -> None:
        """message-tags, "Escaping values"."""
        self.assertEqual(parse(b"@a=test\\ PING x").tags, {"a": "test"})

    def test_a_tag_given_twice_counts_once_as_given_last(self) -> None:
        """message-tags, "Format"."""
        self.assertEqual(parse(b"@a=1;a=2 PING x").tags, {"a": "2"})

    def test_two_lines_are_refused(self) -> None:
        """websocket, "WebSocket features and encoding": each message is a single line."""
        self.assertEqual(parse(b"PING x\r\n").params, ("x",))
        with self.assertRaises(BadInput):
            parse(b"PING x\r\nQUIT\r\n")

    def test_too_many_bytes_are_refused(self) -> None:
        """message-tags, "Size limit": clients send 4094 bytes of tags at most."""
        parse(b"@" + b"a" * 4094 + b" PING x")
        parse(b"PING " + b"x" * 505)
        for unit in (b"@" + b"a" * 4095 + b" PING x", b"PING " + b"x" * 506):
            with self.assertRaises(TooLong):
                parse(unit)

    def test_anything_is_a_line_or_refused(self) -> None:
        dice = random.Random(SEED)
        for _ in range(5000):
            unit = bytes(dice.choice(b"@:;=\\ \r\n\0aZ09\xff\xc3#!*") for _ in range(12))
            try:
                line = parse(unit)
            except ChatError:
                continue
            self.assertTrue(line.verb)


class RenderTests(SynchronousTestCase):
    def test_no_part_of_a_line_ends_it(self) -> None:
        dice = random.Random(SEED)
        for _ in range(2000):
            odd = ["".join(dice.choice("\r\n\0 :;@a\\é") for _ in range(5)) for _ in range(4)]
            line = Line(verb="X", params=(odd[0], odd[1]), source=odd[2], tags={"t": odd[3]})
            data = line.render()
            self.assertTrue(data.endswith(b"\r\n"))
            self.assertNotRegex(data[:-2], rb"[\r\n\0]")
            self.assertEqual(len(parse(data).params), 2, (odd, data))

    def test_a_value_comes_back_as_it_was(self) -> None:
        value = "a; b\\c\r\nd"
        data = Line(verb="PING", params=("x",), tags={"t": value}).render()
        self.assertEqual(parse(data).tags, {"t": value})

    def test_a_long_line_is_cut_between_two_characters(self) -> None:
        data = Line(verb="NOTICE", params=("ann", "é" * 400)).render()
        self.assertLessEqual(len(data), 512)
        self.assertGreater(len(data), 508)
        data.decode()


class PiecesTests(SynchronousTestCase):
    def test_together_they_are_the_text(self) -> None:
        dice = random.Random(SEED)
        for _ in range(300):
            text = "".join(dice.choice("ab é한 ") for _ in range(dice.randrange(60)))
            found = list(pieces(text, 10))
            self.assertEqual("".join(found), text)
            self.assertLessEqual(max(len(each.encode()) for each in found), 10)

    def test_each_line_is_a_piece(self) -> None:
        self.assertEqual(list(pieces("one\ntwo", 100)), ["one", "two"])
