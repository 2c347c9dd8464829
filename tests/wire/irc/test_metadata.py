"""draft/metadata-2 and draft/metadata-3, by the sections of the specification."""

from __future__ import annotations

from chatservice.domain.rules import Rules
from tests.wire.irc.ircase import IrcCase, IrcClient
from tests.wire.irc.test_accounts import PASSWORD

OLD = "draft/metadata-2 batch"
NEW = "draft/metadata-3 batch"


class MetadataCase(IrcCase):
    """A test case with foo, who has made #chan, and bar, who is there too."""

    caps = OLD

    def setUp(self) -> None:
        super().setUp()
        self.foo = self.enter("foo", self.caps, ["#chan"])
        self.bar = self.enter("bar", self.caps, ["#chan"])
        self.foo.heard()

    def batch(self, client: IrcClient, line: str, target: str) -> list[str]:
        """The lines of a metadata batch, which is all that is said."""
        first, *lines, last = client.ask(line)
        words = first.split(" ")
        self.assertEqual(words[1:2] + words[3:], ["BATCH", "metadata", target])
        self.assertEqual(last.split(" ")[1:], ["BATCH", f"-{words[2][1:]}"])
        tag = f"@batch={words[2][1:]} :chat.test "
        self.assertTrue(all(each.startswith(tag) for each in lines), lines)
        return [each.removeprefix(tag) for each in lines]


class CommandTests(MetadataCase):
    def test_the_capability(self) -> None:
        """ "draft/metadata-2 Capability": the limits are its value."""
        words = " ".join(self.stranger().ask("CAP LS 302")).split()
        for name in ("draft/metadata-2", "draft/metadata-3"):
            self.assertIn(
                f"{name}=before-connect,max-subs=100,max-keys=50,max-value-bytes=300", words
            )

    def test_set_and_get(self) -> None:
        """ "METADATA SET" is answered by one RPL_KEYVALUE, "METADATA GET" by one for each key."""
        for target in ("*", "foo"):
            self.assertEqual(
                self.foo.ask(f"METADATA {target} SET url :http://foo.example"),
                [":chat.test 761 foo foo url * http://foo.example"],
            )
            lines = self.batch(self.foo, f"METADATA {target} GET nick url avatar", "foo")
            self.assertEqual(
                lines,
                [
                    "766 foo foo nick :no matching key",
                    "761 foo foo url * http://foo.example",
                    "766 foo foo avatar :no matching key",
                ],
            )

    def test_a_key_that_can_be_none_is_named_among_the_others(self) -> None:
        """ "METADATA GET": for every key in order, in the batch."""
        lines = self.batch(self.foo, "METADATA * GET url Bad$ avatar", "foo")
        self.assertEqual(
            lines,
            [
                "766 foo foo url :no matching key",
                "FAIL METADATA KEY_INVALID Bad$ :This can be no key",
                "766 foo foo avatar :no matching key",
            ],
        )

    def test_a_value_is_any_text(self) -> None:
        """ "Keys and Values": it MUST be UTF-8."""
        heart = "->\U0001f49c<- :x"
        [line] = self.foo.ask(f"METADATA * SET display-name :{heart}")
        self.assertEqual(line, f":chat.test 761 foo foo display-name * :{heart}")
        client = self.foo.client
        client.send(b"METADATA * SET display-name :\xc3\r\n")
        [line] = self.foo.heard()
        self.assertTrue(line.startswith(":chat.test FAIL METADATA INVALID_UTF8 :"), line)
        for value in ("abcd" * 120, "\U0001f49c" * 100):
            [line] = self.foo.ask(f"METADATA * SET display-name :{value}")
            self.assertIn("FAIL METADATA INVALID_VALUE display-name :", line)
        self.assertIn(heart, self.batch(self.foo, "METADATA * GET display-name", "foo")[0])

    def test_list(self) -> None:
        """ "METADATA LIST": all that is set; an empty batch for nothing."""
        self.assertEqual(self.batch(self.bar, "METADATA foo LIST", "foo"), [])
        self.foo.ask("METADATA * SET url x", "METADATA * SET status :at home")
        self.assertEqual(
            self.batch(self.bar, "METADATA foo LIST", "foo"),
            ["761 bar foo url * x", "761 bar foo status * :at home"],
        )

    def test_unset_and_clear(self) -> None:
        self.foo.ask("METADATA * SET url x", "METADATA * SET status y", "METADATA * SET a b")
        gone = ":chat.test 766 foo foo url :no matching key"
        self.assertEqual(self.foo.ask("METADATA * SET url"), [gone])
        lines = self.batch(self.foo, "METADATA * CLEAR", "foo")
        self.assertEqual([line.split(" ")[3] for line in lines], ["status", "a"])
        self.assertEqual(self.batch(self.foo, "METADATA * LIST", "foo"), [])

    def test_channels(self) -> None:
        """ "Concepts": clients set metadata on channels that they administer."""
        self.assertEqual(
            self.foo.ask("METADATA #chan SET url x"), [":chat.test 761 foo #chan url * x"]
        )
        self.assertEqual(
            self.batch(self.bar, "METADATA #chan GET url", "#chan"), ["761 bar #chan url * x"]
        )

    def test_failures(self) -> None:
        """ "Standard Replies": each with what it is about."""
        for client, line, told in (
            (self.foo, "METADATA nobody LIST", "INVALID_TARGET nobody"),
            (self.foo, "METADATA #none LIST", "INVALID_TARGET #none"),
            (self.foo, "METADATA $a:foo SET url x", "INVALID_TARGET $a:foo"),
            (self.foo, "METADATA * SET $url$ x", "KEY_INVALID $url$"),
            (self.foo, "METADATA * SET URL x", "KEY_INVALID URL"),
            (self.foo, "METADATA bar SET url x", "KEY_NO_PERMISSION bar url"),
            (self.foo, "METADATA bar CLEAR", "KEY_NO_PERMISSION bar *"),
            (self.bar, "METADATA #chan SET url x", "KEY_NO_PERMISSION #chan url"),
            (self.foo, "METADATA * DESTR0Y", "SUBCOMMAND_INVALID DESTR0Y"),
        ):
            [answer] = client.ask(line)
            self.assertTrue(answer.startswith(f":chat.test FAIL METADATA {told} :"), answer)
        self.assertEqual(self.numerics(self.foo.ask("METADATA *", "METADATA * GET")), ["461"] * 2)

    def test_so_many_keys(self) -> None:
        for number in range(50):
            self.foo.ask(f"METADATA * SET key{number} x")
        [answer] = self.foo.ask("METADATA * SET url x")
        self.assertIn("FAIL METADATA LIMIT_REACHED foo :", answer)

    def test_what_only_those_inside_may_know(self) -> None:
        self.foo.ask("METADATA #chan SET url secret-value", "MODE #chan +i")
        joe = self.enter("joe", self.caps)
        for line in ("GET url", "LIST", "SYNC"):
            lines = joe.ask(f"METADATA #chan {line}")
            self.assertNotEqual(lines, [])
            self.assertNotIn("secret-value", " ".join(lines))

    def test_whois_shows_some(self) -> None:
        """ "RPL_WHOISKEYVALUE": a subset that is chosen."""
        self.foo.ask("METADATA * SET display-name :Foo The First", "METADATA * SET zzz x")
        lines = [line for line in self.bar.ask("WHOIS foo") if " 760 " in line]
        self.assertEqual(lines, [":chat.test 760 bar foo display-name * :Foo The First"])


class SubscriptionTests(MetadataCase):
    def test_sub_unsub_and_subs(self) -> None:
        """ "METADATA SUB", "METADATA UNSUB", "METADATA SUBS"."""
        self.assertEqual(
            self.foo.ask("METADATA * SUB url status"), [":chat.test 770 foo url status"]
        )
        self.assertEqual(self.foo.ask("METADATA * UNSUB url x"), [":chat.test 771 foo url x"])
        first, line, last = self.foo.ask("METADATA * SUBS")
        self.assertTrue(first.endswith(" metadata-subs"))
        self.assertTrue(line.endswith(" :chat.test 772 foo status"), line)
        self.assertIn(" BATCH -", last)

    def test_invalid_keys_are_passed_by(self) -> None:
        """ "METADATA SUB": a FAIL for each, and the others are processed."""
        lines = self.foo.ask("METADATA * SUB foo $url bar")
        self.assertEqual(lines[0], ":chat.test 770 foo foo bar")
        self.assertTrue(lines[1].startswith(":chat.test FAIL METADATA KEY_INVALID $url :"))

    def test_the_first_key_too_many_is_named(self) -> None:
        """ "METADATA SUB": and no further ones are processed."""
        for first in range(0, 100, 20):
            keys = " ".join(f"key{number}" for number in range(first, first + 20))
            self.foo.ask(f"METADATA * SUB {keys}")
        [line] = self.foo.ask("METADATA * SUB email key1")
        self.assertTrue(line.startswith(":chat.test FAIL METADATA TOO_MANY_SUBS email :"), line)

    def test_a_change_is_told_to_who_wants_to_know(self) -> None:
        """ "Notifications"; one's own changes are not told again."""
        self.bar.ask("METADATA * SUB url")
        user = self.session("foo").user
        self.foo.ask("METADATA * SET url x", "METADATA * SET status y", "METADATA * SET url")
        self.foo.ask("METADATA #chan SET url z")
        self.assertEqual(
            self.bar.heard(),
            [
                f":foo!u@{user}.chat METADATA foo url * x",
                f":foo!u@{user}.chat METADATA foo url *",
                f":foo!u@{user}.chat METADATA #chan url * z",
            ],
        )

    def test_who_has_no_capability_is_told_nothing(self) -> None:
        joe = self.enter("joe", "", ["#chan"])
        joe.ask("METADATA * SUB url")
        self.foo.ask("METADATA * SET url x")
        self.assertEqual(joe.heard(), [])

    def test_a_join_brings_what_is_set(self) -> None:
        """ "Concepts": of the channel and of all in it, for the keys subscribed to."""
        self.foo.ask("METADATA * SET url x", "METADATA #chan SET url y")
        joe = self.enter("joe", self.caps)
        joe.ask("METADATA * SUB url")
        lines = [line for line in joe.ask("JOIN #chan") if " METADATA " in line]
        self.assertEqual(
            [line.partition(" :chat.test ")[2] for line in lines],
            ["METADATA #chan url * y", "METADATA foo url * x"],
        )

    def test_sync(self) -> None:
        """ "METADATA SYNC": zero or more METADATA events in a batch."""
        self.foo.ask("METADATA * SET url x")
        self.assertEqual(self.batch(self.bar, "METADATA #chan SYNC", "#chan"), [])
        self.bar.ask("METADATA * SUB url")
        lines = self.batch(self.bar, "METADATA #chan SYNC", "#chan")
        self.assertEqual(lines, ["METADATA foo url * x"])


class NewTests(MetadataCase):
    """What is different in draft/metadata-3: changes are numerics."""

    caps = NEW

    def test_changes(self) -> None:
        self.bar.ask("METADATA * SUB url")
        self.foo.ask("METADATA * SET url x", "METADATA * SET url")
        self.assertEqual(
            self.bar.heard(),
            [":chat.test 761 * foo url * x", ":chat.test 766 * foo url :no matching key"],
        )

    def test_joins(self) -> None:
        self.foo.ask("METADATA #chan SET url y")
        joe = self.enter("joe", self.caps)
        joe.ask("METADATA * SUB url")
        lines = [line for line in joe.ask("JOIN #chan") if " 761 " in line]
        self.assertTrue(lines[0].endswith(":chat.test 761 * #chan url * y"), lines)


class OwnTests(IrcCase):
    """ "Batch type": one's own is told on connecting, in an empty batch if there is none."""

    def connect(self, nick: str) -> list[str]:
        client = self.stranger()
        client.ask(f"CAP REQ :{OLD} sasl")
        return client.ask(f"NICK {nick}", "USER a 0 * :A", "CAP END")

    def test_nothing(self) -> None:
        batches = [line for line in self.connect("foo") if " BATCH " in line]
        self.assertEqual(len(batches), 2)
        self.assertTrue(batches[0].endswith(" metadata foo"))

    def test_what_the_account_told(self) -> None:
        self.server.world.rules = Rules(always_on=True)
        self.server.restart()
        foo = self.enter("foo", OLD)
        foo.ask(f"REGISTER * * :{PASSWORD}", "METADATA * SET url x", "QUIT")
        client = self.stranger()
        client.ask(f"CAP REQ :{OLD} sasl", "AUTHENTICATE PLAIN")
        client.ask("AUTHENTICATE AGZvbwBjb3JyZWN0IGhvcnNl")
        lines = client.ask("NICK foo", "USER a 0 * :A", "CAP END")
        self.assertTrue(any(line.endswith(" 761 foo foo url * x") for line in lines), lines)

    def test_who_asks_for_the_capability_later_is_told_then(self) -> None:
        """ "Notifications": upon requesting the capability, an empty batch if there is nothing."""
        for caps in (OLD, NEW):
            foo = self.enter(f"foo{caps[-7]}")
            ack, first, last = foo.ask(f"CAP REQ :{caps}")
            self.assertIn(" ACK ", ack)
            self.assertIn(" metadata foo", first)
            self.assertIn(" BATCH -", last)
            self.assertEqual(len(foo.ask(f"CAP REQ :{caps}")), 1)


class EarlyTests(IrcCase):
    """The token before-connect: one tells of oneself before one is anybody."""

    def setUp(self) -> None:
        super().setUp()
        self.foo = self.stranger()
        self.foo.ask(f"CAP REQ :{NEW}")

    def test_it_is_set_and_told_once_one_is_somebody(self) -> None:
        self.assertEqual(
            self.foo.ask("METADATA * SET url :http://foo.example", "METADATA * SET color red"),
            [":chat.test 761 * * url * http://foo.example", ":chat.test 761 * * color * red"],
        )
        self.assertEqual(
            self.foo.ask("METADATA * SET color"), [":chat.test 766 * * color :no matching key"]
        )
        for question in ("METADATA * GET url", "METADATA * LIST"):
            _, told, _ = self.foo.ask(question)
            self.assertTrue(told.endswith(" 761 * * url * http://foo.example"), told)
        lines = self.foo.ask("NICK foo", "USER a 0 * :A", "CAP END")
        told = lines[-2]
        self.assertTrue(told.endswith(" 761 foo foo url * http://foo.example"), lines)
        _, told, _ = self.enter("bar", NEW).ask("METADATA foo LIST")
        self.assertTrue(told.endswith(" 761 bar foo url * http://foo.example"), told)

    def test_it_can_be_cleared(self) -> None:
        self.foo.ask("METADATA * SET url x")
        _, told, _ = self.foo.ask("METADATA * CLEAR")
        self.assertTrue(told.endswith(" 766 * * url :no matching key"), told)
        self.assertEqual(len(self.foo.ask("METADATA * LIST")), 2)

    def test_subscriptions(self) -> None:
        self.assertEqual(self.foo.ask("METADATA * SUB url"), [":chat.test 770 * url"])
        self.foo.ask("NICK foo", "USER a 0 * :A", "CAP END", "JOIN #a")
        bar = self.enter("bar", NEW, ["#a"])
        self.foo.heard()
        bar.ask("METADATA * SET url y")
        self.assertEqual(self.foo.heard(), [":chat.test 761 * bar url * y"])

    def test_failures(self) -> None:
        self.assertIn("FAIL METADATA KEY_INVALID Bad", self.foo.ask("METADATA * SET Bad x")[0])
        self.assertIn(
            "FAIL METADATA INVALID_VALUE url", self.foo.ask(f"METADATA * SET url {'x' * 301}")[0]
        )
        for number in range(50):
            self.foo.ask(f"METADATA * SET k{number} x")
        self.assertIn("FAIL METADATA LIMIT_REACHED *", self.foo.ask("METADATA * SET more x")[0])
        self.assertEqual(self.numerics(self.foo.ask("METADATA * SYNC")), ["451"])

    def test_it_outlives_a_nick_that_is_taken(self) -> None:
        self.enter("bar")
        self.foo.ask("METADATA * SET url x", "USER a 0 * :A", "CAP END")
        self.assertEqual(self.numerics(self.foo.ask("NICK bar")), ["433"])
        self.assertTrue(self.foo.ask("NICK foo")[-2].endswith(" 761 foo foo url * x"))

    def test_without_the_capability_there_is_no_such_thing(self) -> None:
        self.assertEqual(self.numerics(self.stranger().ask("NICK a", "METADATA * LIST")), ["451"])
