"""Rules of the specifications that hold for every subject, each by its section."""

from __future__ import annotations

import re
from dataclasses import replace

from chatservice.domain.limits import Limits
from chatservice.wire.irc.capabilities import CAPABILITIES
from chatservice.wire.irc.isupport import CLIENT_TAGS, tokens
from tests.wire.irc.ircase import IrcCase
from tests.wire.irc.test_accounts import PASSWORD, AccountCase

TALKING = "message-tags server-time batch labeled-response echo-message account-tag"

WORDS = dict(each.partition("=")[::2] for each in tokens(Limits(), "TestNet"))
"""What 005 tells, by name."""


class CapabilityTests(IrcCase):
    """IRCv3, Client Capability Negotiation."""

    def test_values_are_in_ls_alone(self) -> None:
        """Section "Capability Values"."""
        client = self.stranger()
        client.ask("CAP LS 302")
        for line in ("CAP REQ :sasl draft/multiline", "CAP LIST"):
            self.assertNotIn("=", client.ask(line)[0])

    def test_names_are_taken_from_left_to_right(self) -> None:
        """Section "The CAP command"."""
        client = self.stranger()
        client.ask("CAP REQ :batch -batch", "CAP REQ :-setname setname")
        self.assertEqual(client.ask("CAP LIST"), [":chat.test CAP * LIST :setname"])

    def test_names_are_opaque(self) -> None:
        """Section "Rules for naming capabilities": case-sensitive, and nothing else like them."""
        for name in ("Batch", "BATCH", "batch=1", "draft/batch"):
            self.assertIn(" NAK ", self.stranger().ask(f"CAP REQ :{name}")[0], name)

    def test_drafts_have_their_prefix(self) -> None:
        """Each draft's "Notes for implementing work-in-progress version"."""
        drafts = (
            "account-registration channel-rename chathistory event-playback extended-isupport "
            "message-redaction metadata metadata-2 metadata-notify-2 multiline pre-away read-marker"
        )
        self.assertFalse(set(drafts.split()) & set(CAPABILITIES))
        self.assertFalse({"+react", "+unreact", "+reply"} & set(CLIENT_TAGS))
        self.assertFalse([name for name in CAPABILITIES if name.startswith("-")])

    def test_the_others_have_the_names_that_they_must_have(self) -> None:
        """Each specification's "Description"."""
        names = (
            "account-notify account-tag away-notify batch cap-notify chghost echo-message "
            "extended-join invite-notify labeled-response message-tags multi-prefix sasl "
            "server-time setname standard-replies userhost-in-names no-implicit-names"
        )
        self.assertLessEqual(set(names.split()), set(CAPABILITIES))

    def test_no_time_before_it_is_acknowledged(self) -> None:
        """server-time, "Description"."""
        client = self.stranger()
        lines = client.ask("NICK ann", "CAP LS 302", "PING x", "CAP REQ server-time")
        self.assertFalse([line for line in lines if line.startswith("@")])
        self.assertRegex(client.ask("PING x")[0], r"^@time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")


class TagTests(IrcCase):
    """IRCv3 message-tags, batch and labeled-response: what holds for every line."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", TALKING, ["#a"])
        self.bob = self.enter("bob", TALKING, ["#a"])
        self.ann.heard()

    def test_names_of_tags_reject_nothing(self) -> None:
        """message-tags, "Format": whatever key there is, the message counts."""
        for tags in ("@$%&", "@=", "@;;;", "@+=x", "@\N{SNOWMAN}=1;a", "@a=b=c"):
            self.ann.ask(f"{tags} PRIVMSG #a :hi")
            self.assertEqual(self.numerics(self.bob.heard()), ["PRIVMSG"], tags)

    def test_names_of_tags_are_case_sensitive(self) -> None:
        """message-tags, "Format": they are opaque."""
        [told] = self.ann.ask("@LABEL=x PING x")
        self.assertNotIn("label", told)

    def test_an_empty_value_is_none(self) -> None:
        """message-tags, "Format"; a label has a value (labeled-response, "Tags")."""
        for tags in ("@label=", "@label"):
            [told] = self.ann.ask(f"{tags} PING x")
            self.assertNotIn("label", told)

    def test_a_label_is_opaque(self) -> None:
        """labeled-response, "Tag value"."""
        for label in ("a\\:b\\sc", "+x=y", "\N{SNOWMAN}"):
            [told] = self.ann.ask(f"@label={label} PING x")
            self.assertIn(f"label={label}", told.partition(" ")[0])

    def test_tags_of_the_server_come_first(self) -> None:
        """message-tags, "Client-only tags": so that no limit can cut them off."""
        first = self.ann.ask("PRIVMSG #a :hi")[0].partition("msgid=")[2].partition(" ")[0]
        first = first.partition(";")[0]
        self.bob.heard()
        for line in ("PRIVMSG #a :yes", "TAGMSG #a"):
            self.ann.ask(f"@+draft/reply={first};+draft/react=x {line}")
            [told] = self.bob.heard()
            keys = [each.partition("=")[0] for each in told[1:].partition(" ")[0].split(";")]
            self.assertEqual(keys, sorted(keys, key=lambda key: key.startswith("+")), told)
            self.assertIn("+draft/reply", keys)

    def test_tags_of_the_server_are_short(self) -> None:
        """message-tags, "Size limit": 4094 bytes are never reached, whatever is answered to."""
        for length in (100, 1000, 4000):
            self.ann.ask(f"@label={'l' * 64};+draft/reply={'x' * length} PRIVMSG #a :hi")
            self.assertEqual(self.bob.heard(), [])
        told = self.ann.ask(f"@label={'l' * 64} PRIVMSG #a :hi")[0]
        self.assertLess(len(told.partition(" ")[0]), 300)

    def test_which_tags_are_denied(self) -> None:
        """message-tags, "RPL_ISUPPORT Tokens": an asterisk comes first."""
        first, *others = WORDS["CLIENTTAGDENY"].split(",")
        self.assertEqual(first, "*")
        self.assertEqual(others, [f"-{tag.removeprefix('+')}" for tag in CLIENT_TAGS])

    def test_the_order_of_asking_is_free(self) -> None:
        """labeled-response and multiline, "Dependencies"."""
        cho = self.enter("cho", "labeled-response draft/multiline")
        cho.ask("CAP REQ batch")
        self.assertIn("@label=x ", cho.ask("@label=x PING x")[0])
        self.assertEqual(cho.ask("BATCH +1 draft/multiline #a"), [])

    def test_names_of_batches(self) -> None:
        """batch, "The BATCH verb": ASCII letters, digits, hyphens."""
        self.ann.ask("CAP REQ :draft/multiline draft/chathistory")
        lines = self.ann.ask(
            "BATCH +1 draft/multiline #a",
            "@batch=1 PRIVMSG #a :one",
            "@batch=1 PRIVMSG #a :two",
            "BATCH -1",
            "CHATHISTORY LATEST #a * 10",
            "@label=x WHOIS bob",
        )
        names = [found[1] for line in lines if (found := re.search(r" BATCH [+](\S+)", line))]
        self.assertGreaterEqual(len(names), 3)
        for name in names:
            self.assertRegex(name, r"^[A-Za-z0-9-]+$")
            ends = [line for line in lines if line.endswith(f" BATCH -{name}")]
            self.assertEqual(len(ends), names.count(name))

    def test_names_of_batches_are_case_sensitive(self) -> None:
        """batch, "The BATCH verb"."""
        self.ann.ask("CAP REQ draft/multiline")
        lines = self.ann.ask("BATCH +x draft/multiline #a", "@batch=X PRIVMSG #a :hi", "BATCH -x")
        self.assertIn(" MULTILINE_INVALID ", lines[0])

    def test_a_batch_in_another_one(self) -> None:
        """batch, "The BATCH verb": its start and its end both refer to the outer one."""
        self.ann.ask("PRIVMSG #a :hi")
        cho = self.enter("cho", TALKING)
        lines = [re.sub(r";?time=[^; ]+", "", line) for line in cho.ask("@label=x JOIN #a")]
        outer = lines[0].partition(" BATCH +")[2].split(" ")[0]
        inner = [line for line in lines if re.search(r" BATCH [+-]\S+( chathistory|$)", line)][:-1]
        self.assertEqual(len(inner), 2)
        for line in inner:
            self.assertTrue(line.startswith(f"@batch={outer} "), line)
        self.assertEqual(lines[-1].partition(" BATCH ")[2], f"-{outer}")
        self.assertFalse(lines[-1].startswith("@batch"))

    def test_who_has_asked_for_nothing_gets_no_tags(self) -> None:
        """Modern IRC, "Tags": they are not sent unless a capability asks for them."""
        cho = self.enter("cho", rooms=["#a"])
        self.ann.ask("PRIVMSG #a :hi", "TOPIC #a :x", "NICK anna", "@+typing=active TAGMSG #a")
        heard = [*cho.heard(), *cho.ask("@label=x WHOIS anna")]
        self.assertFalse([line for line in heard if line.startswith("@")])


class LineTests(IrcCase):
    """Modern IRC: what every answer is like."""

    def test_numerics_have_a_source_and_a_target(self) -> None:
        """Sections "Numeric Replies" and "Numerics"."""
        ann = self.enter("ann", rooms=["#a"])
        for line in ("WHOIS ann", "NAMES #a", "LIST", "MODE #a", "VERSION", "HELP", "FOO", "JOIN"):
            for told in ann.ask(line):
                self.assertRegex(told, r"^:chat\.test \d{3} ann ")

    def test_a_last_parameter_is_one_like_the_others(self) -> None:
        """Section "Parameters": with a colon or without it."""
        ann = self.enter("ann", rooms=["#a"])
        self.assertEqual(ann.ask("TOPIC #a word"), ann.ask("TOPIC #a :word") or ann.ask("TOPIC #a"))
        self.assertEqual(ann.ask("NAMES :#a"), ann.ask("NAMES #a"))

    def test_words_of_005(self) -> None:
        """Sections "RPL_ISUPPORT" and "RPL_ISUPPORT Parameters"."""
        lines = [line for line in self.enter("ann").ask("VERSION") if " 005 " in line]
        words = [word for line in lines for word in line.partition(" :are ")[0].split(" ")[3:]]
        self.assertTrue(all(len(line.split(" ")) <= 3 + 13 + 5 for line in lines))
        names = [word.partition("=")[0] for word in words]
        self.assertEqual(sorted(names), sorted(set(names)))
        for name in names:
            self.assertRegex(name, r"^[A-Z0-9]{1,20}$")
        for name in ("AWAYLEN", "CHANNELLEN", "KICKLEN", "MODES", "NICKLEN", "TOPICLEN", "MONITOR"):
            self.assertGreater(int(WORDS[name]), 0)
        self.assertEqual(WORDS["CASEMAPPING"], "rfc1459")
        self.assertEqual((WORDS["SAFELIST"], WORDS["WHOX"], WORDS["UTF8ONLY"]), ("", "", ""))
        modes, _, prefixes = WORDS["PREFIX"][1:].partition(")")
        self.assertEqual(len(modes), len(prefixes))
        self.assertFalse(set(modes) & set(WORDS["CHANMODES"]))
        self.assertLessEqual(set(WORDS["STATUSMSG"]), set(prefixes))
        self.assertRegex(WORDS["CHANLIMIT"], r"^#:\d*$")
        self.assertEqual(WORDS["ACCOUNTEXTBAN"] in WORDS["EXTBAN"].partition(",")[2], True)

    def test_letters_of_elist_have_no_case(self) -> None:
        """Section "ELIST parameter"."""
        ann = self.enter("ann", rooms=["#a"])
        self.assertEqual(ann.ask("LIST c<5,t>5"), ann.ask("LIST C<5,T>5"))
        self.assertEqual(len(ann.ask("LIST c<5")), 3)

    def test_the_end_of_who_and_help_names_what_was_asked(self) -> None:
        """Sections "RPL_ENDOFWHO" and "ERR_HELPNOTFOUND"."""
        ann = self.enter("ann")
        for mask in ("ANN", "a*", "nobody", "#nowhere"):
            self.assertIn(f" 315 ann {mask} :", ann.ask(f"WHO {mask}")[-1])
        self.assertIn(" 524 ann nothing :", ann.ask("HELP nothing")[0])
        self.assertIn(" 524 ann * :", ann.ask("HELP :no thing")[0])

    def test_modes_with_and_without_parameters(self) -> None:
        """Section "MODE message": of type A and B always, of C when set, of D never."""
        ann = self.enter("ann", rooms=["#a"])
        for change, told in (
            ("+b x", "+b x!*@*"),
            ("-b x", "-b x!*@*"),
            ("+k word", "+k *"),
            ("-k", "-k *"),
            ("+l 5", "+l 5"),
            ("-l", "-l"),
            ("+m", "+m"),
            ("-m", "-m"),
        ):
            self.assertEqual(ann.ask(f"MODE #a {change}"), [f":ann!u@100000.chat MODE #a {told}"])
        for change in ("+k", "+l"):
            self.assertEqual(self.numerics(ann.ask(f"MODE #a {change}m")), ["696", "MODE"][::-1])
            ann.ask("MODE #a -m")

    def test_nobody_is_watched_twice(self) -> None:
        """monitor, "MONITOR +"."""
        ann = self.enter("ann")
        ann.ask("MONITOR + bob,BOB,bob", "MONITOR + bob")
        self.assertEqual(ann.ask("MONITOR L")[0], ":chat.test 732 ann bob")


class RegisterTests(AccountCase):
    """account-registration, "Responses"."""

    def test_no_word_of_accounts_before_a_nick(self) -> None:
        """ACCOUNT_EXISTS is not sent before NICK."""
        client = self.stranger()
        client.ask("CAP REQ standard-replies")
        [told] = client.ask(f"REGISTER jilles * :{PASSWORD}")
        self.assertIn("FAIL REGISTER NEED_NICK * ", told)

    def test_where_one_may_register_before_connecting_one_may(self) -> None:
        """The key before-connect rules COMPLETE_CONNECTION_REQUIRED out."""
        client = self.stranger()
        self.assertIn("before-connect", " ".join(client.ask("CAP LS 302")))
        [told, *_] = client.ask("NICK new", f"REGISTER * * :{PASSWORD}")
        self.assertIn(" REGISTER SUCCESS new ", told)

    def test_a_failure_comes_with_its_reason_and_no_end(self) -> None:
        """sasl-3.2, "SASL Reauthentication": nobody is disconnected for it."""
        client = self.enter("ann", "sasl")
        for _ in range(10):
            client.ask("AUTHENTICATE PLAIN")
            lines = client.ask("AUTHENTICATE AGZvbwB3cm9uZw==")
            self.assertEqual(self.numerics(lines), ["904"])
        self.assertFalse(client.client.closed)
        self.server.info = replace(self.server.info, motd=())
