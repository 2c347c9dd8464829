"""Messages are read (MARKREAD) and taken back (REDACT), and edited by others doors."""

from __future__ import annotations

from tests.wire.irc.ircase import CAPS, IrcCase
from tests.wire.irc.test_talk import bare, tags_of

READING = "draft/read-marker"
REDACTING = f"{CAPS} draft/message-redaction"
EARLY, LATE = "2019-01-04T14:33:26.123Z", "2020-01-04T14:33:26.123Z"


class ReadMarkerTests(IrcCase):
    """IRCv3 draft/read-marker."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", READING, ["#attic"])

    def marked(self, command: str, *params: str) -> None:
        self.assertEqual(self.ann.ask(command), [f":chat.test MARKREAD {' '.join(params)}"])

    def test_set_and_asked_for(self) -> None:
        """Sections "set command" and "get command": a reply MUST come."""
        for target in ("#attic", "bob"):
            self.marked(f"MARKREAD {target}", target, "*")
            self.marked(f"MARKREAD {target} timestamp={EARLY}", target, f"timestamp={EARLY}")
            self.marked(f"MARKREAD {target}", target, f"timestamp={EARLY}")
        self.marked("MARKREAD #nowhere", "#nowhere", "*")

    def test_its_time_is_no_time_of_the_line(self) -> None:
        eve = self.enter("eve", f"{READING} server-time", ["#attic"])
        [line] = eve.ask(f"MARKREAD #attic timestamp={EARLY}")
        self.assertFalse(line.startswith("@"))

    def test_it_never_goes_back(self) -> None:
        """Section "set command": the stored value MUST be the reply to an older one."""
        self.marked(f"MARKREAD #attic timestamp={LATE}", "#attic", f"timestamp={LATE}")
        self.marked(f"MARKREAD #attic timestamp={EARLY}", "#attic", f"timestamp={LATE}")

    def test_it_is_told_before_the_end_of_names_on_joining(self) -> None:
        """Section "Command flows": it MUST come before RPL_ENDOFNAMES."""
        self.ann.ask(f"MARKREAD #attic timestamp={EARLY}", "PART #attic")
        eve = self.enter("eve", rooms=["#attic"])
        lines = self.ann.ask("JOIN #attic")
        numerics = self.numerics(lines)
        self.assertLess(numerics.index("JOIN"), numerics.index("MARKREAD"))
        self.assertLess(numerics.index("MARKREAD"), numerics.index("366"))
        self.assertIn(f":chat.test MARKREAD #attic timestamp={EARLY}", lines)
        self.assertNotIn("MARKREAD", self.numerics(eve.heard()))
        self.assertIn(":chat.test MARKREAD #new *", self.ann.ask("JOIN #new"))

    def test_it_is_told_of_a_channel_with_another_name(self) -> None:
        """Section "Command flows": where channel-rename looks like a JOIN, it follows that JOIN."""
        for nick, caps in (("dee", READING), ("eva", f"{READING} draft/channel-rename")):
            dee = self.enter(nick, caps, [f"#{nick}"])
            time = "timestamp=2019-01-04T14:33:26.123Z"
            dee.ask(f"MARKREAD #{nick} {time}")
            lines = dee.ask(f"RENAME #{nick} #{nick}2")
            expected = ["PART", "JOIN", "MARKREAD", "353", "366"] if nick == "dee" else ["RENAME"]
            self.assertEqual(self.numerics(lines), expected)
            if nick == "dee":
                self.assertEqual(lines[2], f":chat.test MARKREAD #dee2 {time}")

    def test_all_ones_connections_are_told_and_nobody_else(self) -> None:
        """Section "Security considerations": markers MUST NOT leak to others."""
        self.ann.ask("REGISTER * * correct-horse")
        second = self.enter("ann2", READING)
        other = self.server.connect(7, "json")
        other.say('{"type":"login","nick":"ann","password":"correct-horse"}', '{"type":"hello"}')
        self.ann.ask(f"MARKREAD #attic timestamp={EARLY}")
        self.assertIn(b'"type":"read","room":"attic"', other.transport.take())
        self.assertEqual(second.heard(), [])

    def test_refusals(self) -> None:
        """Section "Errors and Warnings": NEED_MORE_PARAMS MUST be returned."""
        for command, start in (
            ("MARKREAD", "NEED_MORE_PARAMS"),
            ("MARKREAD #attic *", "INVALID_PARAMS #attic *"),
            ("MARKREAD #attic timestamp=now", "INVALID_PARAMS #attic timestamp=now"),
            (f"MARKREAD #nowhere timestamp={EARLY}", "INTERNAL_ERROR #nowhere"),
        ):
            [line] = self.ann.ask(command)
            self.assertTrue(line.startswith(f":chat.test FAIL MARKREAD {start} :"), line)


class RedactionTests(IrcCase):
    """IRCv3 draft/message-redaction."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", REDACTING, ["#attic"])
        self.bob = self.enter("bob", REDACTING, ["#attic"])
        self.ann.heard()
        [mine] = self.ann.ask("PRIVMSG #attic :mine")
        self.bob.heard()
        [theirs] = self.bob.ask("PRIVMSG #attic :theirs")
        self.mine, self.theirs = tags_of(mine)["msgid"], tags_of(theirs)["msgid"]
        self.ann.heard(), self.bob.heard()

    def test_an_own_message_and_one_that_an_operator_may_take_back(self) -> None:
        """Section "Command": forwarded in the same way as PRIVMSG."""
        for message_id, reason in ((self.mine, ""), (self.theirs, " spam")):
            told = self.ann.ask(f"REDACT #attic {message_id}{reason}")
            self.assertEqual(bare(told), [f":ann!u@100000.chat REDACT #attic {message_id}{reason}"])
            self.assertEqual(self.bob.heard(), told)

    def test_a_private_message(self) -> None:
        for client in (self.ann, self.bob):
            client.ask("REGISTER * * correct-horse")
        self.ann.heard()
        [line] = self.ann.ask("PRIVMSG bob :hi")
        message_id = tags_of(line)["msgid"]
        self.bob.heard()
        told = self.ann.ask(f"REDACT bob {message_id}")
        self.assertEqual(bare(told), [f":ann!u@100000.chat REDACT bob {message_id}"])
        self.assertEqual(bare(self.bob.heard()), bare(told))

    def test_refusals(self) -> None:
        """Section "Errors"."""
        for client, params, start in (
            (self.bob, f"#attic {self.mine}", f"REDACT_FORBIDDEN #attic {self.mine}"),
            (self.bob, "#attic none", "UNKNOWN_MSGID #attic none"),
            (self.bob, "#attic 1-1", "UNKNOWN_MSGID #attic 1-1"),
            (self.bob, "#nowhere 1-1", "INVALID_TARGET #nowhere"),
            (self.bob, "zoe 1-1", "INVALID_TARGET zoe"),
            (self.bob, "ann 0-1", "INVALID_TARGET ann"),
        ):
            [line] = client.ask(f"REDACT {params}")
            self.assertTrue(line.startswith(f":chat.test FAIL REDACT {start} :"), line)
        self.assertEqual(self.numerics(self.bob.ask("REDACT #attic")), ["461"])
        self.assertEqual(self.ann.heard(), [])

    def test_who_does_not_know_it_is_told_in_words(self) -> None:
        """Section "Command": REDACT MUST not be forwarded to them; "Fallback": a NOTICE may."""
        eve = self.enter("eve", CAPS, ["#attic"])
        self.ann.ask(f"REDACT #attic {self.theirs} spam")
        self.assertEqual(
            eve.heard(),
            [":chat.test NOTICE #attic :ann has deleted a message of bob in #attic: spam"],
        )

    def test_an_edit_of_another_door_is_told_in_words(self) -> None:
        other = self.server.connect(7, "json")
        other.say(
            '{"type":"hello","nick":"joe"}',
            '{"type":"join","room":"attic"}',
            '{"type":"say","room":"attic","text":"wrnog"}',
        )
        self.ann.heard()
        other.say('{"type":"edit","room":"attic","text":"wrong"}')
        self.assertEqual(
            self.ann.heard(),
            [":chat.test NOTICE #attic :joe has edited a message in #attic: wrong"],
        )

    def test_a_long_edit_is_told_in_several_lines(self) -> None:
        for client in (self.ann, self.bob):
            client.ask("REGISTER * * correct-horse")
        other = self.server.connect(7, "json")
        text = "é many words " * 115
        other.say(
            '{"type":"hello","nick":"joe"}',
            '{"type":"login","nick":"bob","password":"correct-horse"}',
            '{"type":"join","room":"attic"}',
            '{"type":"say","room":"attic","text":"wrnog"}',
            '{"type":"tell","to":"ann","text":"wrnog"}',
        )
        self.ann.heard()
        for place, start in (
            ("attic", "chat.test NOTICE #attic"),
            ("@ann", "bob!u@100001.chat NOTICE ann"),
        ):
            other.say(f'{{"type":"edit","room":"{place}","text":"{text}"}}')
            lines = self.ann.heard()
            self.assertGreater(len(lines), 3)
            pieces = []
            for line in lines:
                self.assertLessEqual(len(line.encode()), 510)
                head, _, piece = line.partition(" :")
                self.assertEqual(head, f":{start}")
                pieces.append(piece)
            self.assertTrue("".join(pieces).endswith(text.strip()), lines)
