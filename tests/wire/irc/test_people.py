"""Who is here, who somebody is, and who was here before."""

from __future__ import annotations

from tests.wire.irc.ircase import IrcCase, IrcClient


class PeopleCase(IrcCase):
    """Ann and bob are in #lobby, where ann is nothing special, and ann made #attic."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", rooms=("#lobby", "#attic"))
        self.bob = self.enter("bob", rooms=("#lobby",))
        self.ann.heard()
        self.users = {
            nick: self.server.world.hub._people.find(nick).user for nick in ("ann", "bob")
        }
        self.hosts = {nick: f"{user}.chat" for nick, user in self.users.items()}

    def numeric(self, client: IrcClient, line: str, number: str) -> list[str]:
        """What follows a numeric and the client's nick, in the lines that answer this one."""
        words = (each.split(" ", 3) for each in client.ask(line))
        return [each[3] for each in words if each[1] == number]


class WhoTests(PeopleCase):
    """Modern IRC, "WHO message"."""

    def reply(self, nick: str, flags: str, room: str = "*") -> str:
        return (
            f":chat.test 352 bob {room} u {self.hosts[nick]} chat.test {nick} {flags} :0 {nick} R."
        )

    def end(self, mask: str) -> str:
        return f":chat.test 315 bob {mask} :End of /WHO list"

    def test_by_nick_in_any_case_or_by_mask(self) -> None:
        """The mask in RPL_ENDOFWHO MUST be exactly the one that was asked for."""
        for mask in ("ann", "ANN", "an*", "?nn", f"*!*@{self.hosts['ann']}", "ann?R."):
            self.assertEqual(
                self.bob.ask(f"WHO {mask}"), [self.reply("ann", "H"), self.end(mask)], mask
            )

    def test_everybody(self) -> None:
        """RFC 2812, section 3.6.1: without a mask, or with 0, everybody is listed."""
        for line, mask in (("WHO", "*"), ("WHO *", "*"), ("WHO 0", "0")):
            *replies, end = self.bob.ask(line)
            self.assertEqual(replies, [self.reply("ann", "H"), self.reply("bob", "H")])
            self.assertEqual(end, self.end(mask))

    def test_a_mask_may_end_in_0(self) -> None:
        """Only a mask that is 0 and nothing else means everybody."""
        self.enter("bo10")
        self.enter("bo1")
        for mask in ("*bo10", "bo?0", "*10", "*0"):
            lines = self.bob.ask(f"WHO {mask}")
            self.assertEqual([line.split(" ")[7] for line in lines[:-1]], ["bo10"], mask)

    def test_a_channel_with_the_role_of_each(self) -> None:
        self.bob.ask("JOIN #attic")
        self.assertEqual(
            self.bob.ask("WHO #Attic"),
            [
                self.reply("ann", "H@", "#attic"),
                self.reply("bob", "H", "#attic"),
                self.end("#Attic"),
            ],
        )

    def test_nobody_fits(self) -> None:
        """When nobody fits, the only reply is RPL_ENDOFWHO."""
        for mask in ("nobody", "x*", "#nowhere", "#", "4ever"):
            self.assertEqual(self.bob.ask(f"WHO {mask}"), [self.end(mask)], mask)

    def test_flags_say_who_is_away_an_operator_and_a_bot(self) -> None:
        """bot-mode, "The `WHO` bot flag"."""
        self.ann.ask("AWAY :tea", "MODE ann +B")
        self.make_operator("ann")
        self.assertEqual(self.bob.ask("WHO ann")[0], self.reply("ann", "G*B"))

    def test_operators_alone(self) -> None:
        """RFC 2812, section 3.6.1: with `o` only operators are returned."""
        self.assertEqual(self.bob.ask("WHO * o"), [self.end("*")])
        self.make_operator("ann")
        self.assertEqual(self.bob.ask("WHO * o"), [self.reply("ann", "H*"), self.end("*")])

    def test_the_invisible_are_seen_by_who_shares_a_channel_or_names_them(self) -> None:
        """Modern IRC, "User Modes": +i hides from a mask, but in a common channel."""
        self.ann.ask("MODE ann +i")
        self.assertEqual(len(self.bob.ask("WHO an*")), 2)
        self.bob.ask("PART #lobby")
        self.assertEqual(self.bob.ask("WHO an*"), [self.end("an*")])
        self.assertEqual(len(self.bob.ask("WHO ann")), 2)


class WhoxTests(PeopleCase):
    """IRCv3, WHOX."""

    def fields(self, asked: str) -> str:
        [fields] = self.numeric(self.bob, f"WHO ann {asked}", "354")
        return fields

    def test_is_announced(self) -> None:
        """Section "`ISUPPORT` token"."""
        self.assertTrue(any(" WHOX " in line for line in self.bob.ask("VERSION")))

    def test_every_field_in_the_order_of_the_specification(self) -> None:
        """Section "`RPL_WHOSPCRPL`": in that order, whatever the order of the request."""
        everything = (
            f"123 * u 255.255.255.255 {self.hosts['ann']} chat.test ann H 0 0 0 n/a :ann R."
        )
        for fields in ("tcuihsnfdlaor", "roaldfnshiuct"):
            self.assertEqual(self.fields(f"%{fields},123"), everything)

    def test_exactly_those_that_were_asked_for(self) -> None:
        """Section "`RPL_WHOSPCRPL`"; what is not known is ignored."""
        self.assertEqual(self.fields("%tn,7"), "7 ann")
        self.assertEqual(self.fields("%nzq"), "ann")
        self.assertEqual(self.fields("o%n"[1:]), "ann")

    def test_never_a_plain_reply(self) -> None:
        """Section "Extended `WHO` command": servers MUST NOT send RPL_WHOREPLY replies."""
        self.assertEqual(self.numeric(self.bob, "WHO #lobby %n", "352"), [])
        self.assertEqual(self.numeric(self.bob, "WHO #lobby %n", "354"), ["ann", "bob"])

    def test_seconds_idle(self) -> None:
        self.server.pass_time(90)
        self.assertEqual(self.fields("%l"), "90")

    def test_flags_before_the_percent_sign(self) -> None:
        self.assertEqual(self.numeric(self.bob, "WHO * o%n", "354"), [])
        self.make_operator("ann")
        self.assertEqual(self.numeric(self.bob, "WHO * o%n", "354"), ["ann"])


class WhoisTests(PeopleCase):
    """Modern IRC, "WHOIS message"."""

    def test_what_is_told_of_everybody(self) -> None:
        self.server.pass_time(5)
        since = self.server.world.wall() // 1000 - 5
        self.assertEqual(
            self.bob.ask("WHOIS ann"),
            [
                f":chat.test 311 bob ann u {self.hosts['ann']} * :ann R.",
                ":chat.test 319 bob ann :#lobby @#attic",
                ":chat.test 312 bob ann chat.test TestNet",
                f":chat.test 317 bob ann 5 {since} :seconds idle, signon time",
                ":chat.test 318 bob ann :End of /WHOIS list",
            ],
        )

    def test_what_is_told_when_it_is_so(self) -> None:
        """301 when away, 313 of operators, 335 of bots (bot-mode, "RPL_WHOISBOT")."""
        self.ann.ask("AWAY :at tea", "MODE ann +B")
        self.make_operator("ann")
        lines = self.bob.ask("WHOIS ann")
        for line in (
            ":chat.test 301 bob ann :at tea",
            ":chat.test 313 bob ann :is an IRC operator",
            ":chat.test 335 bob ann :is a bot on TestNet",
        ):
            self.assertIn(line, lines)

    def test_the_real_address_is_for_oneself_and_operators(self) -> None:
        self.assertEqual(self.numeric(self.bob, "WHOIS ann", "378"), [])
        self.assertEqual(self.numeric(self.bob, "WHOIS ann", "379"), [])
        address = "ann :is connecting from *@10.0.0.1 10.0.0.1"
        self.assertEqual(self.numeric(self.ann, "WHOIS ann", "378"), [address])
        self.ann.ask("MODE ann +iB")
        self.make_operator("bob")
        self.assertEqual(self.numeric(self.bob, "WHOIS ann", "378"), [address])
        self.assertEqual(self.numeric(self.bob, "WHOIS ann", "379"), ["ann :is using modes +Bi"])

    def test_the_account(self) -> None:
        """330: `<nick> <account>`, and a text."""
        person = self.server.world.hub._people.find("ann")
        self.assertEqual(self.numeric(self.bob, "WHOIS ann", "330"), [])
        person.account_name = "Annabel"
        self.assertEqual(
            self.numeric(self.bob, "WHOIS ann", "330"), ["ann Annabel :is logged in as"]
        )

    def test_several_and_those_who_are_not_here(self) -> None:
        """Modern IRC, RPL_ENDOFWHOIS: one end, of the nicks as they were asked for."""
        lines = self.bob.ask("WHOIS ann,nobody,bob")
        numerics = self.numerics(lines)
        self.assertEqual(numerics.count("311"), 2)
        self.assertEqual(numerics.count("318"), 1)
        self.assertIn(":chat.test 401 bob nobody :No such nick/channel", lines)
        self.assertEqual(lines[-1], ":chat.test 318 bob ann,nobody,bob :End of /WHOIS list")
        many = ",".join(["ann"] * 50)
        lines = self.bob.ask(f"WHOIS {many}")
        self.assertEqual(self.numerics(lines).count("311"), 10)
        self.assertIn(f" 318 bob {many} :", lines[-1])

    def test_a_server_may_be_named_which_is_this_one(self) -> None:
        """RFC 2812, section 3.6.2: the first of two parameters is a server, or its user."""
        for target in ("chat.test", "CHAT.*", "ann"):
            self.assertIn("311", self.numerics(self.bob.ask(f"WHOIS {target} ann")), target)
        self.assertEqual(
            self.bob.ask("WHOIS other.example ann"),
            [":chat.test 402 bob other.example :No such server"],
        )

    def test_of_nobody(self) -> None:
        for line in ("WHOIS", "WHOIS ,", "WHOIS chat.test :"):
            self.assertEqual(self.bob.ask(line), [":chat.test 431 bob :No nickname given"])

    def test_rooms_of_the_invisible_are_for_who_is_in_them(self) -> None:
        self.ann.ask("MODE ann +i")
        self.assertEqual(self.numeric(self.bob, "WHOIS ann", "319"), ["ann :#lobby"])
        self.bob.ask("PART #lobby")
        self.assertEqual(self.numeric(self.bob, "WHOIS ann", "319"), [])

    def test_many_rooms_in_lines_that_fit(self) -> None:
        rooms = [f"#{'x' * 60}{number}" for number in range(12)]
        for room in rooms:
            self.ann.ask(f"JOIN {room}")
        lists = self.numeric(self.bob, "WHOIS ann", "319")
        self.assertGreater(len(lists), 1)
        shown = " ".join(each.removeprefix("ann :") for each in lists).split()
        self.assertEqual(shown, ["#lobby", "@#attic", *("@" + room for room in rooms)])


class WhowasTests(PeopleCase):
    """RFC 2812, section 3.6.3, and Modern IRC, "WHOWAS message"."""

    def setUp(self) -> None:
        super().setUp()
        for nick in ("cho", "cho", "dee"):
            self.enter(nick).ask("QUIT")
            self.server.pass_time(60)

    def test_the_most_recent_one_first(self) -> None:
        lines = self.bob.ask("WHOWAS cho")
        self.assertEqual(self.numerics(lines), ["314", "312", "314", "312", "369"])
        times = [line.rpartition(":")[0][-5:] for line in lines if " 312 " in line]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertRegex(lines[0], r"^:chat\.test 314 bob cho u \d{6}\.chat \* :cho R\.$")
        self.assertRegex(lines[1], r"^:chat\.test 312 bob cho chat\.test :2026-01-02 12:35 UTC$")
        self.assertEqual(lines[-1], ":chat.test 369 bob cho :End of WHOWAS")

    def test_as_many_as_are_asked_for(self) -> None:
        """A count that is not positive asks for all."""
        for count, shown in (("1", 1), ("2", 2), ("0", 2), ("-1", 2), ("x", 2)):
            numerics = self.numerics(self.bob.ask(f"WHOWAS cho {count}"))
            self.assertEqual(numerics.count("314"), shown, count)

    def test_nobody_was(self) -> None:
        """ERR_WASNOSUCHNICK, and the end of the list even then."""
        self.assertEqual(
            self.bob.ask("WHOWAS nobody"),
            [
                ":chat.test 406 bob nobody :There was no such nickname",
                ":chat.test 369 bob nobody :End of WHOWAS",
            ],
        )

    def test_several_end_once(self) -> None:
        lines = self.bob.ask("WHOWAS dee,nobody,cho 1")
        self.assertEqual(self.numerics(lines), ["314", "312", "406", "314", "312", "369"])
        self.assertEqual(lines[-1], ":chat.test 369 bob dee,nobody,cho :End of WHOWAS")

    def test_who_took_another_nick(self) -> None:
        self.ann.ask("NICK anna")
        self.bob.heard()
        self.assertEqual(len(self.numeric(self.bob, "WHOWAS ann", "314")), 1)

    def test_of_nobody_and_elsewhere(self) -> None:
        self.assertEqual(self.bob.ask("WHOWAS"), [":chat.test 431 bob :No nickname given"])
        self.assertEqual(self.numerics(self.bob.ask("WHOWAS cho 1 chat.test"))[-1], "369")
        self.assertEqual(self.numerics(self.bob.ask("WHOWAS cho 1 other.example")), ["402"])


class IsonTests(PeopleCase):
    def test_those_of_the_list_who_are_here(self) -> None:
        """RFC 2812, section 4.9: the nicks may be in one parameter or in several."""
        for line in ("ISON ANN nobody bob", "ISON :ANN nobody bob"):
            self.assertEqual(self.bob.ask(line), [":chat.test 303 bob :ann bob"])
        self.assertEqual(self.bob.ask("ISON nobody"), [":chat.test 303 bob :"])
        self.assertEqual(self.numerics(self.bob.ask("ISON")), ["461"])

    def test_nobody_is_here_under_a_nick_that_only_looks_like_theirs(self) -> None:
        self.assertEqual(self.bob.ask("ISON b0b"), [":chat.test 303 bob :"])


class UserhostTests(PeopleCase):
    def test_here_or_away_and_operators(self) -> None:
        """RFC 2812, section 4.8 and RPL_USERHOST: `nick[*]=+|-user@host`."""
        ann, bob = (f"u@{self.hosts[nick]}" for nick in ("ann", "bob"))
        self.assertEqual(
            self.bob.ask("USERHOST ann nobody bob"), [f":chat.test 302 bob :ann=+{ann} bob=+{bob}"]
        )
        self.ann.ask("AWAY :tea")
        self.make_operator("ann")
        self.assertEqual(self.bob.ask("USERHOST ann"), [f":chat.test 302 bob ann*=-{ann}"])

    def test_long_answers_are_cut_between_people(self) -> None:
        nicks = [letter + 15 * "é\U0001f469" for letter in "abcde"]
        for nick in nicks:
            self.enter(nick)
        for verb, number in (("USERHOST", "302"), ("ISON", "303")):
            words = []
            for line in self.bob.ask(f"{verb} {' '.join(nicks)}"):
                head, _, row = line.partition(f" {number} bob ")
                self.assertEqual((head, len(line.encode()) <= 510), (":chat.test", True))
                words += row.removeprefix(":").split(" ")
            self.assertEqual([word.partition("=")[0] for word in words], nicks, verb)
            self.assertTrue(verb == "ISON" or all(word.endswith(".chat") for word in words))
            self.assertEqual(self.bob.ask(f"{verb} nobody"), [f":chat.test {number} bob :"])

    def test_five_at_most(self) -> None:
        """RFC 2812, section 4.8: a list of up to 5 nicks."""
        [line] = self.bob.ask("USERHOST ann ann ann ann ann bob")
        self.assertEqual((line.count("ann="), line.count("bob=")), (5, 0))
        self.assertEqual(self.numerics(self.bob.ask("USERHOST")), ["461"])


class LabelTests(IrcCase):
    """IRCv3, labeled-response: what takes several lines is one batch."""

    def test_answers_of_many_lines_are_one_batch(self) -> None:
        ann = self.enter("ann", "batch labeled-response")
        for line in ("WHOIS ann,ann", "WHO ann", "WHOWAS nobody", "LUSERS", "MOTD", "HELP"):
            first, *rest, last = ann.ask(f"@label=7 {line}")
            self.assertRegex(first, r"^@label=7 :chat\.test BATCH \+\w+ labeled-response$")
            name = first.split()[3][1:]
            self.assertTrue(all(each.startswith(f"@batch={name} ") for each in rest), rest)
            self.assertEqual(last, f":chat.test BATCH -{name}")
        [one] = ann.ask("@label=8 ISON ann")
        self.assertEqual(one, "@label=8 :chat.test 303 ann ann")
