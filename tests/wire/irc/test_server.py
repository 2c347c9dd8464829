"""What the server says of itself, and what its operators do."""

from __future__ import annotations

from chatservice.wire.irc.door import EVERY
from chatservice.wire.irc.usage import USAGE
from tests.wire.irc.ircase import IrcCase


class LusersTests(IrcCase):
    """RFC 2812, section 3.4.2, and Modern IRC, "LUSERS message"."""

    def test_how_many_there_are(self) -> None:
        ann = self.enter("ann", rooms=("#attic",))
        self.enter("bob").ask("MODE bob +i")
        self.make_operator("bob")
        self.stranger().ask("NICK cho")
        self.enter("dee").ask("QUIT")
        self.assertEqual(
            ann.ask("LUSERS"),
            [
                ":chat.test 251 ann :There are 1 users and 1 invisible on 1 servers",
                ":chat.test 252 ann 1 :operator(s) online",
                ":chat.test 253 ann 1 :unknown connection(s)",
                ":chat.test 254 ann 2 :channels formed",
                ":chat.test 255 ann :I have 2 clients and 0 servers",
                ":chat.test 265 ann 2 3 :Current local users 2, max 3",
                ":chat.test 266 ann 2 3 :Current global users 2, max 3",
            ],
        )

    def test_is_told_on_coming(self) -> None:
        """Modern IRC, "Connection Registration": as though LUSERS and MOTD had been sent."""
        lines = self.stranger().ask("NICK ann", "USER a 0 * :A")
        numerics = [each for each in self.numerics(lines) if each != "005"]
        self.assertEqual(
            " ".join(numerics), "001 002 003 004 251 252 253 254 255 265 266 375 372 376"
        )

    def test_not_to_who_was_refused(self) -> None:
        self.enter("ann")
        lines = self.stranger().ask("NICK ann", "USER a 0 * :A")
        self.assertEqual(self.numerics(lines), ["433"])


class AnswerTests(IrcCase):
    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann")

    def test_the_message_of_the_day(self) -> None:
        """RFC 2812, section 3.4.1."""
        self.assertEqual(
            self.ann.ask("MOTD"),
            [
                ":chat.test 375 ann :- chat.test Message of the day -",
                ":chat.test 372 ann :- Be kind.",
                ":chat.test 376 ann :End of /MOTD command",
            ],
        )

    def test_info(self) -> None:
        """RFC 2812, section 3.4.10: RPL_INFO replies, then RPL_ENDOFINFO."""
        numerics = self.numerics(self.ann.ask("INFO"))
        self.assertEqual(numerics, ["371"] * (len(numerics) - 1) + ["374"])

    def test_time(self) -> None:
        """RFC 2812, section 3.4.6."""
        self.assertEqual(
            self.ann.ask("TIME"),
            [":chat.test 391 ann chat.test :Friday, 02 January 2026, 12:34:01 UTC"],
        )

    def test_version(self) -> None:
        """RFC 2812, section 3.4.3; Modern IRC: RPL_VERSION, then RPL_ISUPPORT."""
        first, *rest = self.ann.ask("VERSION")
        self.assertEqual(first, ":chat.test 351 ann 1.2.3 chat.test chatservice")
        self.assertEqual(set(self.numerics(rest)), {"005"})

    def test_admin(self) -> None:
        """RFC 2812, section 3.4.9."""
        self.assertEqual(
            self.ann.ask("ADMIN"),
            [":chat.test 423 ann chat.test :No administrative info available"],
        )

    def test_stats(self) -> None:
        """RFC 2812, section 3.4.4: RPL_STATSUPTIME for u, and RPL_ENDOFSTATS in any case."""
        uptime, end = self.ann.ask("STATS u")
        self.assertRegex(uptime, r"^:chat\.test 242 ann :Server Up \d+ days \d+:\d\d:\d\d$")
        self.assertEqual(end, ":chat.test 219 ann u :End of /STATS report")
        self.assertEqual(self.ann.ask("STATS x"), [":chat.test 219 ann x :End of /STATS report"])
        self.assertEqual(self.numerics(self.ann.ask("STATS")), ["461"])

    def test_links(self) -> None:
        """RFC 2812, section 3.4.5: this server, and the end of the list."""
        self.assertEqual(
            self.ann.ask("LINKS"),
            [
                ":chat.test 364 ann chat.test chat.test :0 TestNet",
                ":chat.test 365 ann * :End of /LINKS list",
            ],
        )

    def test_no_other_server_answers(self) -> None:
        """RFC 2812, section 3.4: ERR_NOSUCHSERVER; this one may be named, or whoever is on it."""
        for line in ("MOTD", "INFO", "TIME", "VERSION", "ADMIN", "STATS u", "LUSERS *"):
            for target in ("chat.test", "*.test", "ann"):
                self.assertNotIn("402", self.numerics(self.ann.ask(f"{line} {target}")), line)
            self.assertEqual(
                self.ann.ask(f"{line} other.example"),
                [":chat.test 402 ann other.example :No such server"],
            )


class HelpTests(IrcCase):
    """Modern IRC, "HELP message"."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann")

    def test_everything(self) -> None:
        for command in ("HELP", "HELPOP"):
            lines = self.ann.ask(command)
            numerics = self.numerics(lines)
            self.assertEqual(numerics, ["704"] + ["705"] * len(EVERY.verbs) + ["706"])
            self.assertTrue(all(line.split(" ")[3] == "*" for line in lines))

    def test_one_command(self) -> None:
        self.assertEqual(
            self.ann.ask("HELP privmsg"),
            [
                ":chat.test 704 ann privmsg :PRIVMSG <target>{,<target>} :<text>",
                ":chat.test 705 ann privmsg :Says something to channels or people.",
                ":chat.test 706 ann privmsg :End of help",
            ],
        )

    def test_what_there_is_no_help_on(self) -> None:
        """ERR_HELPNOTFOUND."""
        self.assertEqual(
            self.ann.ask("HELP dance"),
            [":chat.test 524 ann dance :No help available on this topic"],
        )

    def test_there_is_help_on_every_command(self) -> None:
        self.assertEqual(set(EVERY.verbs) - set(USAGE), set())


class OperatorTests(IrcCase):
    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", rooms=("#lobby",))
        self.bob = self.enter("bob", rooms=("#lobby",))
        self.cho = self.enter("cho", rooms=("#lobby",))
        for each in (self.ann, self.bob):
            each.heard()

    def test_kill(self) -> None:
        """Modern IRC, "KILL message": the connection is closed, others see the reason."""
        self.make_operator("ann")
        [quit_] = self.ann.ask("KILL bob :too loud")
        self.assertRegex(quit_, r"^:bob!u@\d+\.chat QUIT :Killed \(ann: too loud\)$")
        self.assertEqual(self.numerics(self.cho.heard()), ["QUIT"])
        self.assertEqual(self.numerics(self.bob.heard()), ["ERROR"])
        self.assertTrue(self.bob.client.closed)
        self.ann.ask("KILL cho")
        self.assertTrue(self.cho.client.closed)

    def test_kill_is_for_operators(self) -> None:
        """ERR_NOPRIVILEGES, whoever is meant."""
        for nick in ("bob", "ann"):
            self.assertEqual(
                self.ann.ask(f"KILL {nick} :why"),
                [":chat.test 481 ann :Permission Denied- You're not an IRC operator"],
            )
        self.assertFalse(self.bob.client.closed)

    def test_kill_of_nobody(self) -> None:
        self.make_operator("ann")
        self.assertEqual(
            self.ann.ask("KILL nobody :why"), [":chat.test 401 ann nobody :No such nick/channel"]
        )
        self.assertEqual(self.numerics(self.ann.ask("KILL")), ["461"])

    def test_wallops(self) -> None:
        """Modern IRC, "WALLOPS message": servers MAY send it to operators only."""
        for nick in ("ann", "bob"):
            self.make_operator(nick)
        [line] = self.ann.ask("WALLOPS :hi all")
        self.assertRegex(line, r"^:ann!u@\d+\.chat WALLOPS :hi all$")
        self.assertEqual((self.bob.heard(), self.cho.heard()), ([line], []))

    def test_wallops_is_for_operators(self) -> None:
        self.assertEqual(self.numerics(self.ann.ask("WALLOPS :hi")), ["481"])
        self.make_operator("ann")
        self.assertEqual(self.numerics(self.ann.ask("WALLOPS", "WALLOPS :")), ["461", "461"])
