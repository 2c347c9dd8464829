"""Messages of several lines (IRCv3 draft/multiline)."""

from __future__ import annotations

from chatservice.wire.irc.capabilities import MOST_LINES
from tests.wire.irc.ircase import CAPS, IrcCase
from tests.wire.irc.test_talk import bare, tags_of

EVERY = f"{CAPS} server-time draft/multiline"
CONCAT = "draft/multiline-concat"


class MultilineCase(IrcCase):
    """Ann and bob know messages of several lines, eve does not."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", EVERY, ["#attic"])
        self.bob = self.enter("bob", EVERY, ["#attic"])
        self.eve = self.enter("eve", f"{CAPS} server-time", ["#attic"])
        self.ann.heard(), self.bob.heard()

    def send(self, *lines: str, target: str = "#attic", tags: str = "") -> list[str]:
        """Send a batch; each line is a text, or tags and a text."""
        inner = []
        for line in lines:
            concat, _, text = line.rpartition("&")
            inner.append(f"@batch=1{f';{CONCAT}' if concat else ''} PRIVMSG {target} :{text}")
        return self.ann.ask(f"{tags}BATCH +1 draft/multiline {target}", *inner, "BATCH -1")

    def inner(self, lines: list[str]) -> list[tuple[str, bool]]:
        """The texts in a batch, and whether each is joined to the one before."""
        first, *between, last = lines
        name = bare([first])[0].split(" ")[2].removeprefix("+")
        self.assertEqual(last.split(" ")[-1], f"-{name}")
        for line in between:
            self.assertEqual(tags_of(line)["batch"], name)
            self.assertNotIn("msgid", tags_of(line))
            self.assertNotIn("time", tags_of(line))
        found = [(line.partition(" PRIVMSG ")[2].partition(" :")[2], line) for line in between]
        return [(text, CONCAT in tags_of(line)) for text, line in found]


class DeliveryTests(MultilineCase):
    def test_all_lines_are_one_message(self) -> None:
        """Section "Batch types": lines are joined by LF, or by nothing with the tag."""
        told = self.send("hello", "how is ", "concat&everyone?", tags="@label=x ")
        self.assertEqual(tags_of(told[0])["label"], "x")
        self.assertEqual(sum("label" in tags_of(line) for line in told), 1)
        heard = self.bob.heard()
        self.assertEqual(bare(heard[:1])[0].split(" ")[-2:], ["draft/multiline", "#attic"])
        for lines in (told, heard):
            self.assertEqual(
                self.inner(lines), [("hello", False), ("how is ", False), ("everyone?", True)]
            )
        for tag in ("msgid", "time"):
            self.assertEqual(tags_of(told[0])[tag], tags_of(heard[0])[tag])
        [message] = self.server.world.hub._rooms.existing("attic").recent
        self.assertEqual(message.text, "hello\nhow is everyone?")

    def test_who_does_not_know_it_gets_lines(self) -> None:
        """Section "Fallback": no blank lines, the message id on the first line alone."""
        self.send("", "how is ", "concat&everyone?", "", "fine")
        heard = self.eve.heard()
        self.assertEqual(
            [line.partition("attic :")[2] for line in heard], ["how is ", "everyone?", "fine"]
        )
        self.assertEqual(["msgid" in tags_of(line) for line in heard], [True, False, False])
        self.assertEqual(len({tags_of(line)["time"] for line in heard}), 1)
        self.assertNotIn("batch", tags_of(heard[0]))
        self.assertEqual(
            [text for text, _ in self.inner(self.bob.heard())],
            ["", "how is ", "everyone?", "", "fine"],
        )

    def test_what_other_doors_say_in_lines_comes_in_lines(self) -> None:
        other = self.server.connect(7, "json")
        other.say(
            '{"type":"hello","nick":"joe"}',
            '{"type":"join","room":"attic"}',
            '{"type":"say","room":"attic","text":"one\\ntwo"}',
        )
        self.assertEqual(self.inner(self.bob.heard()[1:]), [("one", False), ("two", False)])

    def test_a_long_line_is_cut_where_it_can_be_joined_again(self) -> None:
        other = self.server.connect(7, "json")
        text = "word " * 200 + "end"
        other.say(
            '{"type":"hello","nick":"joe"}',
            '{"type":"join","room":"attic"}',
            f'{{"type":"say","room":"attic","text":"{text}"}}',
        )
        found = self.inner(self.bob.heard()[1:])
        self.assertEqual("".join(piece for piece, _ in found), text)
        self.assertEqual([concat for _, concat in found], [False] + [True] * (len(found) - 1))

    def test_notices(self) -> None:
        """Section "Batch types": all lines say it by NOTICE, or all by PRIVMSG."""
        lines = [f"@batch=1 NOTICE #attic :{text}" for text in ("one", "two")]
        self.ann.ask("BATCH +1 draft/multiline #attic", *lines, "BATCH -1")
        self.assertEqual(self.numerics(self.bob.heard()), ["BATCH", "NOTICE", "NOTICE", "BATCH"])
        mixed = [*lines, "@batch=1 PRIVMSG #attic :three"]
        [told] = self.ann.ask("BATCH +1 draft/multiline #attic", *mixed, "BATCH -1")
        self.assertIn(" FAIL BATCH MULTILINE_INVALID ", told)
        self.assertEqual(self.bob.heard(), [])

    def test_to_a_person_and_as_an_answer(self) -> None:
        """Section "Message tags": client-only tags are on the opening line."""
        told = self.send("one", "two", target="bob", tags="@+draft/reply=1-7 ")
        [first, *_] = self.bob.heard()
        self.assertEqual(tags_of(first)["+draft/reply"], "1-7")
        self.assertEqual(tags_of(first)["msgid"], tags_of(told[0])["msgid"])
        self.assertEqual(bare([first])[0].split(" ")[-1], "bob")

    def test_without_echo_the_label_of_the_beginning_is_acknowledged(self) -> None:
        joe = self.enter("joe", "batch labeled-response draft/multiline", ["#attic"])
        told = joe.ask(
            "@label=x BATCH +1 draft/multiline #attic",
            "@batch=1 PRIVMSG #attic :one",
            "@batch=1 PRIVMSG #attic :two",
            "BATCH -1",
        )
        self.assertEqual(told, ["@label=x :chat.test ACK"])

    def test_one_line_is_a_line(self) -> None:
        [told] = self.send("hello")
        self.assertTrue(told.endswith("PRIVMSG #attic :hello"))


class FailureTests(MultilineCase):
    """Section "Errors": servers MUST use FAIL."""

    def fails(self, lines: list[str], code: str, *context: str) -> None:
        [line] = lines
        self.assertEqual(_start(line), " ".join((":chat.test FAIL BATCH", code, *context)))

    def test_another_target(self) -> None:
        told = self.ann.ask(
            "BATCH +1 draft/multiline #attic", "@batch=1 PRIVMSG #bar :hi", "BATCH -1"
        )
        self.fails(told, "MULTILINE_INVALID_TARGET", "#attic", "#bar")
        self.assertEqual(self.bob.heard(), [])

    def test_what_does_not_belong_there(self) -> None:
        for inner in (
            "@batch=2 PRIVMSG #attic :hi",
            "PRIVMSG #attic :hi",
            "@batch=1 TAGMSG #attic",
            f"@batch=1;{CONCAT} PRIVMSG #attic :",
        ):
            told = self.ann.ask("BATCH +1 draft/multiline #attic", inner, "BATCH -1")
            self.fails(told, "MULTILINE_INVALID")
            self.assertEqual(self.bob.heard(), [])
        for commands in (
            ["BATCH +1 other #attic"],
            ["BATCH +1 draft/multiline"],
            ["BATCH -1"],
            ["BATCH +1 draft/multiline #attic", "BATCH -1"],
            ["BATCH +1 draft/multiline #attic", "@batch=1 PRIVMSG #attic :", "BATCH -1"],
        ):
            self.fails(self.ann.ask(*commands), "MULTILINE_INVALID")

    def test_a_failure_is_told_once_under_the_label_and_then_all_is_well(self) -> None:
        told = self.ann.ask(
            "@label=x BATCH +1 draft/multiline #attic",
            "@batch=1 PRIVMSG #bar :hi",
            "@batch=1 PRIVMSG #bar :hi",
            "BATCH -1",
        )
        self.assertEqual([tags_of(line).get("label") for line in told], ["x"])
        self.assertEqual(self.numerics(self.ann.ask("PRIVMSG #attic :hi")), ["PRIVMSG"])

    def test_too_many_lines_and_too_many_bytes(self) -> None:
        inner = "@batch=1 PRIVMSG #attic :hi"
        told = self.ann.ask("BATCH +1 draft/multiline #attic", *[inner] * (MOST_LINES + 1))
        self.fails(told, "MULTILINE_MAX_LINES", str(MOST_LINES))
        self.ann.ask("BATCH -1")
        inner = "@batch=1 PRIVMSG #attic :" + "x" * 400
        told = self.ann.ask("BATCH +1 draft/multiline #attic", *[inner] * 10)
        self.fails(told, "MULTILINE_MAX_BYTES", "4000")

    def test_a_refusal_is_that_of_a_message(self) -> None:
        self.ann.ask("PART #attic")
        told = self.send("one", "two")
        self.assertEqual(self.numerics(told), ["404"])

    def test_without_the_capability_there_is_no_such_command(self) -> None:
        self.assertEqual(self.numerics(self.eve.ask("BATCH +1 draft/multiline #attic")), ["421"])


def _start(line: str) -> str:
    """A line without its tags and its last parameter."""
    return bare([line])[0].rpartition(" :")[0]
