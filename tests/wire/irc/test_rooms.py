"""Coming into rooms and leaving them, topics and names; Modern IRC, "Channel Operations"."""

from __future__ import annotations

import re

from tests.wire.irc.ircase import IrcCase, IrcClient

ANN, BOB = "ann!u@100000.chat", "bob!u@100001.chat"


class JoinTests(IrcCase):
    """Modern IRC, "JOIN message"; RFC 2812, section 3.2.1."""

    def test_what_one_is_told(self) -> None:
        """ "the user receives a JOIN message as confirmation and is then sent the channel's topic
        (using RPL_TOPIC) and the list of users who are on the channel (using RPL_NAMREPLY), which
        MUST include the user joining." (RFC 2812)
        """
        ann = self.enter("ann")
        self.assertEqual(
            ann.ask("JOIN #attic"),
            [
                f":{ANN} JOIN #attic",
                ":chat.test 353 ann = #attic :@ann",
                ":chat.test 366 ann #attic :End of /NAMES list",
            ],
        )
        ann.ask("TOPIC #attic :old things")
        bob = self.enter("bob")
        lines = bob.ask("JOIN #attic")
        self.assertEqual(lines[1], ":chat.test 332 bob #attic :old things")
        self.assertEqual(lines[2][:-10], ":chat.test 333 bob #attic ann ")
        self.assertEqual(self.numerics(lines), ["JOIN", "332", "333", "353", "366"])
        self.assertEqual(ann.heard(), [f":{BOB} JOIN #attic"])

    def test_several_with_keys(self) -> None:
        ann = self.enter("ann")
        ann.ask("JOIN #a,#b", "MODE #a +k one", "MODE #b +k two")
        bob = self.enter("bob")
        lines = bob.ask("JOIN #a,#b,#c one,two")
        self.assertEqual(
            [line for line in lines if " JOIN " in line],
            [f":{BOB} JOIN #{each}" for each in "abc"],
        )

    def test_zero_is_leaving_everything(self) -> None:
        """RFC 2812, section 3.2.1: "JOIN 0" leaves all channels one is in."""
        ann = self.enter("ann", rooms=("#a", "#b"))
        self.assertEqual(ann.ask("JOIN 0"), [f":{ANN} PART #a", f":{ANN} PART #b"])
        self.assertEqual(ann.ask("JOIN 0"), [])

    def test_who_is_in_it_already_is_told_nothing(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        self.assertEqual(ann.ask("JOIN #a"), [])

    def test_refusals(self) -> None:
        """Modern IRC, "JOIN message", numeric replies."""
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob")
        for mode, number in (("+k x", "475"), ("+i", "473"), ("+l 1", "471"), ("+b bob", "474")):
            ann.ask(f"MODE #a {mode}")
            lines = bob.ask("JOIN #a")
            self.assertEqual(self.numerics(lines), [number])
            self.assertTrue(lines[0].startswith(f":chat.test {number} bob #a :"), lines)
            ann.ask(f"MODE #a -{mode[1]} bob")
        self.assertEqual(self.numerics(bob.ask("JOIN attic")), ["403"])
        self.assertEqual(self.numerics(bob.ask("JOIN #a|b")), ["476"])
        self.assertEqual(self.numerics(bob.ask(f"JOIN #{'x' * 65}")), ["476"])
        self.assertEqual(self.numerics(bob.ask("JOIN #a")), ["JOIN", "353", "366"])

    def test_extended_join(self) -> None:
        """extended-join, "Description": the account or `*`, then the real name."""
        ann = self.enter("ann", "extended-join", rooms=("#a",))
        plain = self.enter("cho", rooms=("#a",))
        ann.heard()
        bob = self.enter("bob", "extended-join", rooms=("#a",))
        source = "bob!u@100002.chat"
        self.assertEqual(ann.heard(), [f":{source} JOIN #a * :bob R."])
        self.assertEqual(plain.heard(), [f":{source} JOIN #a"])
        bob.ask("PART #a")
        self.assertEqual(bob.ask("JOIN #a")[0], f":{source} JOIN #a * :bob R.")

    def test_who_comes_back_with_a_role_is_seen_to_have_it(self) -> None:
        """As a channel MODE that the server gives (RFC 2812, section 3.2.3)."""
        ann, bob, cho = (self.enter(nick, rooms=("#a",)) for nick in ("ann", "bob", "cho"))
        for nick, client in (("ann", ann), ("bob", bob)):
            client.ask(f"REGISTER {nick} * password1")
        ann.ask("MODE #a +v bob")
        cho.heard()
        for client, nick, source, mode in ((ann, "ann", ANN, "o"), (bob, "bob", BOB, "v")):
            client.heard()
            lines = client.ask("PART #a", "JOIN #a", "JOIN #a")
            self.assertEqual(self.numerics(lines), ["PART", "JOIN", "353", "366"])
            told = [
                f":{source} PART #a",
                f":{source} JOIN #a",
                f":chat.test MODE #a +{mode} {nick}",
            ]
            self.assertEqual(cho.heard(), told)
        cho.ask("PART #a", "JOIN #a")
        self.assertEqual(self.numerics(ann.heard())[-2:], ["PART", "JOIN"])

    def test_no_implicit_names(self) -> None:
        """no-implicit-names: "Servers MUST NOT send implicit NAMES responses"."""
        for name in ("no-implicit-names", "draft/no-implicit-names"):
            ann = self.enter(f"n{name[0]}", name)
            self.assertEqual(self.numerics(ann.ask("JOIN #a")), ["JOIN"])
            self.assertEqual(self.numerics(ann.ask("NAMES #a")), ["353", "366"])

    def test_what_was_said_before_comes_as_a_batch(self) -> None:
        """chathistory batch type: "chathistory" with the target."""
        ann = self.enter("ann", rooms=("#a",))
        ann.ask("PRIVMSG #a :hello")
        bob = self.enter("bob", "batch", rooms=())
        first, said, last = bob.ask("JOIN #a")[-3:]
        self.assertEqual(first, ":chat.test BATCH +b1 chathistory #a")
        self.assertEqual(said, f"@batch=b1 :{ANN} PRIVMSG #a :hello")
        self.assertEqual(last, ":chat.test BATCH -b1")
        cho = self.enter("cho")
        self.assertEqual(cho.ask("JOIN #a")[-1], f":{ANN} PRIVMSG #a :hello")


class PartTests(IrcCase):
    """Modern IRC, "PART message"."""

    def test_all_see_it_with_the_reason(self) -> None:
        ann = self.enter("ann", rooms=("#a", "#b"))
        bob = self.enter("bob", rooms=("#a",))
        ann.heard()
        self.assertEqual(bob.ask("PART #a :off to lunch"), [f":{BOB} PART #a :off to lunch"])
        self.assertEqual(ann.heard(), [f":{BOB} PART #a :off to lunch"])
        self.assertEqual(ann.ask("PART #a,#b"), [f":{ANN} PART #a", f":{ANN} PART #b"])

    def test_refusals(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob")
        self.assertEqual(bob.ask("PART #a"), [":chat.test 442 bob #a :You're not on that channel"])
        self.assertEqual(bob.ask("PART #b"), [":chat.test 403 bob #b :No such channel"])
        self.assertEqual(bob.ask("PART b"), [":chat.test 403 bob b :No such channel"])
        self.assertEqual(ann.heard(), [])

    def test_a_long_reason_is_cut(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        self.assertEqual(ann.ask(f"PART #a :{'x' * 300}"), [f":{ANN} PART #a :{'x' * 200}"])


class TopicTests(IrcCase):
    """Modern IRC, "TOPIC message"."""

    def test_set_asked_and_removed(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob", rooms=("#a",))
        ann.heard()
        self.assertEqual(bob.ask("TOPIC #a"), [":chat.test 331 bob #a :No topic is set"])
        self.assertEqual(ann.ask("TOPIC #a :new topic"), [f":{ANN} TOPIC #a :new topic"])
        self.assertEqual(bob.heard(), [f":{ANN} TOPIC #a :new topic"])
        topic, who = bob.ask("TOPIC #a")
        self.assertEqual(topic, ":chat.test 332 bob #a :new topic")
        self.assertRegex(who, r"^:chat\.test 333 bob #a ann \d{10}$")
        self.assertEqual(ann.ask("TOPIC #a :"), [f":{ANN} TOPIC #a :"])
        self.assertEqual(self.numerics(self.enter("cho").ask("JOIN #a")), ["JOIN", "353", "366"])

    def test_who_may(self) -> None:
        """Modern IRC, "Protected topic mode": with +t only operators, without it all."""
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob", rooms=("#a",))
        cho = self.enter("cho")
        ann.ask("MODE #a +t", "MODE #a +v bob")
        bob.heard()
        self.assertEqual(self.numerics(bob.ask("TOPIC #a :x")), ["482"])
        ann.ask("MODE #a -v bob", "MODE #a -t")
        bob.heard()
        self.assertEqual(bob.ask("TOPIC #a :x"), [f":{BOB} TOPIC #a :x"])
        self.assertEqual(self.numerics(cho.ask("TOPIC #a :x")), ["442"])
        self.assertEqual(self.numerics(cho.ask("TOPIC #b")), ["403"])

    def test_a_long_one_is_cut(self) -> None:
        """Modern IRC, "TOPICLEN parameter"."""
        ann = self.enter("ann", rooms=("#a",))
        self.assertEqual(ann.ask(f"TOPIC #a :{'x' * 450}"), [f":{ANN} TOPIC #a :{'x' * 390}"])


class NamesTests(IrcCase):
    """Modern IRC, "NAMES message"."""

    def test_with_prefixes_and_the_symbol_of_the_room(self) -> None:
        """Modern IRC, RPL_NAMREPLY: `=` for a public channel, `@` for a secret one."""
        ann = self.enter("ann", rooms=("#a",))
        self.enter("bob", rooms=("#a",))
        ann.ask("MODE #a +v bob")
        end = ":chat.test 366 ann #a :End of /NAMES list"
        self.assertEqual(ann.ask("NAMES #a"), [":chat.test 353 ann = #a :@ann +bob", end])
        ann.ask("MODE #a +s")
        self.assertEqual(ann.ask("NAMES #a"), [":chat.test 353 ann @ #a :@ann +bob", end])

    def test_userhost_in_names(self) -> None:
        ann = self.enter("ann", "userhost-in-names multi-prefix", rooms=("#a",))
        self.assertEqual(ann.ask("NAMES #a")[0], f":chat.test 353 ann = #a :@{ANN}")

    def test_several_and_what_is_none(self) -> None:
        """ "If the channel name is invalid or the channel does not exist, one RPL_ENDOFNAMES
        numeric containing the given channel name should be returned."
        """
        ann = self.enter("ann", rooms=("#a", "#b"))
        lines = ann.ask("NAMES #a,#b,#c,d,#e|f")
        self.assertEqual(self.numerics(lines), ["353", "366", "353", "366", "366", "366", "366"])
        self.assertEqual(lines[-3], ":chat.test 366 ann #c :End of /NAMES list")
        self.assertEqual(ann.ask("NAMES"), [":chat.test 366 ann * :End of /NAMES list"])

    def test_a_secret_or_closed_room_shows_nobody(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob")
        for mode in ("s", "k x", "i"):
            ann.ask(f"MODE #a +{mode}")
            self.assertEqual(self.numerics(bob.ask("NAMES #a")), ["366"])
            ann.ask(f"MODE #a -{mode}")
        self.assertEqual(self.numerics(bob.ask("NAMES #a")), ["353", "366"])

    def test_many_names_are_many_lines(self) -> None:
        ann = self.enter("ann", "userhost-in-names", rooms=("#a",))
        names = {f"@{ANN}"}
        for number in range(30):
            nick = f"n{number}{'x' * 20}"
            self.enter(nick, rooms=("#a",))
            names.add(f"{nick}!u@{100001 + number}.chat")
        *lines, end = ann.ask("NAMES #a")[-5:]
        lines = [line for line in lines if " 353 " in line]
        self.assertIn(" 366 ", end)
        for line in lines:
            self.assertLessEqual(len(line.encode()), 510)
        lines = [line for line in ann.ask("NAMES #a") if " 353 " in line]
        shown = [name for line in lines for name in line.partition(" #a :")[2].split(" ")]
        self.assertEqual((set(shown), len(shown)), (names, 31))


class LabelTests(IrcCase):
    """labeled-response: one answer carries the label, several are a batch, none is an ACK."""

    def test_what_rooms_answer(self) -> None:
        ann = self.enter("ann", "batch labeled-response", rooms=("#a",))
        lines = ann.ask("@label=1 NAMES #a")
        self.assertTrue(lines[0].startswith("@label=1 :chat.test BATCH +"), lines)
        self.assertEqual(
            ann.ask("@label=2 PART #x"), ["@label=2 :chat.test 403 ann #x :No such channel"]
        )
        self.assertEqual(ann.ask("@label=3 TOPIC #a :t"), [f"@label=3 :{ANN} TOPIC #a :t"])
        self.assertEqual(ann.ask("@label=4 MODE #a -b x!*@*"), ["@label=4 :chat.test ACK"])
        self.assertEqual(ann.ask("@label=5 MODE #a +m"), [f"@label=5 :{ANN} MODE #a +m"])
        self.assertEqual(ann.ask("@label=6 PART #a"), [f"@label=6 :{ANN} PART #a"])


class PlaybackTests(IrcCase):
    """What was said before, told to who comes in and has not learned to ask for it."""

    def setUp(self) -> None:
        super().setUp()
        self.enter("ann", rooms=("#a",)).ask("PRIVMSG #a :!restart")
        self.said = ":ann!u@100000.chat PRIVMSG #a :!restart"

    def told(self, client: IrcClient) -> list[str]:
        """What comes after the names."""
        lines = client.ask("JOIN #a")
        return lines[self.numerics(lines).index("366") + 1 :]

    def test_who_cannot_see_that_it_is_old_is_told_so(self) -> None:
        bob = self.enter("bob")
        before = ":chat.test NOTICE #a :Said before you came ({}):"
        self.assertEqual(self.told(bob), [before.format("1 message"), self.said])
        bob.ask("PRIVMSG #a :hi", "PART #a")
        self.assertEqual(self.told(bob)[:2], [before.format("2 messages"), self.said])

    def test_who_can_see_it_is_not(self) -> None:
        [line] = self.told(self.enter("bob", "server-time"))
        self.assertRegex(line, f"^@time=[^ ]+ {re.escape(self.said)}$")

    def test_a_bot_gets_nothing_that_it_could_do_again(self) -> None:
        bot = self.enter("bot")
        bot.ask("MODE bot +B")
        self.assertEqual(self.told(bot), [])
