"""What the wires of older clients share."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Command, Say
from chatservice.domain.errors import ChatError
from chatservice.wire.codec import Reply
from chatservice.wire.slash import TABLE
from chatservice.wire.words import SLASH, each_line, typed


class WordsTests(SynchronousTestCase):
    def test_every_slash_command_but_those_of_two_forms_works(self) -> None:
        """None of them is ever said to the room instead."""
        self.assertEqual(
            {slash.name for slash in TABLE} - {slash.name for slash in SLASH.commands},
            {"plain", "raw"},
        )
        for slash in TABLE:
            for arguments in ("", " x", " x y", " x y z", " 1"):
                try:
                    asked = typed(f"/{slash.name}{arguments}")
                except ChatError:
                    continue
                self.assertIsInstance(asked, (Command, Reply))
                if slash.name != "me":
                    self.assertNotIsInstance(asked, Say)

    def test_help_tells_of_those_that_work(self) -> None:
        reply = typed("/help")
        assert isinstance(reply, Reply)
        [notice] = reply.events
        text = getattr(notice, "text", "")
        self.assertIn("/msg", text)
        self.assertNotIn("/plain", text)

    def test_each_line(self) -> None:
        for data, cut in (
            (b"", []),
            (b"a", [b"a"]),
            (b"a\n\nb\rc\n", [b"a\n", b"\n", b"b\rc\n"]),
        ):
            self.assertEqual(each_line(data), cut)
