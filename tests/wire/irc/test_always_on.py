"""An account that stays in its channels without a connection, as IRC clients see it."""

from __future__ import annotations

from tests.wire.irc.ircase import IrcClient
from tests.wire.irc.test_accounts import PASSWORD, AccountCase


class AlwaysOnTests(AccountCase):
    def setUp(self) -> None:
        super().setUp()
        self.bob = self.enter("bob", "", ["#den"])
        self.ann = self.enter("ann", "", ["#den"])
        self.ann.ask(f"REGISTER * * :{PASSWORD}")
        self.ann.ask("ALWAYSON ON")
        self.bob.heard()

    def back(self, caps: str = "sasl", *first: str) -> tuple[IrcClient, list[str]]:
        client = self.stranger()
        client.ask(f"CAP REQ :{caps}")
        self.sasl(client, "", "ann", PASSWORD)
        return client, client.ask(*first, "NICK ann", "USER a 0 * :A", "CAP END")

    def test_nobody_sees_it_go(self) -> None:
        self.ann.ask("QUIT :bye")
        self.assertEqual([line for line in self.bob.heard() if " QUIT " in line], [])
        [names, _] = self.bob.ask("NAMES #den")[:2]
        self.assertIn("ann", names)

    def test_it_is_away_for_all_who_ask_and_for_all_who_talk_to_it(self) -> None:
        """RFC 2812, 5.1: 301 for who sends a PRIVMSG to somebody away, and in WHOIS; no 401."""
        self.enter("eve").ask(f"REGISTER * * :{PASSWORD}", "QUIT")
        eve = self.stranger()
        eve.ask("CAP REQ :sasl batch labeled-response")
        self.sasl(eve, "", "eve", PASSWORD)
        eve.ask("NICK eve", "USER a 0 * :A", "CAP END")
        self.ann.ask("QUIT :bye")
        away = ":chat.test 301 eve ann :not connected"
        self.assertIn(away, eve.ask("WHOIS ann"))
        self.assertEqual(self.numerics(eve.ask("MONITOR + ann")), ["730"])
        waits = f"{away}, and gets this at the next login"
        self.assertEqual(eve.ask("PRIVMSG ann :hi"), [waits])
        self.assertEqual(eve.ask("@label=x PRIVMSG ann :hi"), [f"@label=x {waits}"])
        self.assertEqual(eve.ask("NOTICE ann :hi"), [])
        text = "ann is not here; log in, and your message can wait."
        self.assertEqual(self.bob.ask("PRIVMSG ann :hi"), [f":chat.test 477 bob ann :{text}"])
        self.assertEqual(self.bob.ask("NOTICE ann :hi"), [])
        told = [line.partition(" PRIVMSG ")[2] for line in self.back()[1]]
        self.assertEqual([text for text in told if text], ["ann :hi"] * 2)

    def test_it_is_a_user_but_no_client(self) -> None:
        """Modern IRC, RPL_LUSERME: clients are those that are connected."""
        self.ann.ask("QUIT :bye")
        lines = self.bob.ask("LUSERS")
        self.assertTrue(lines[0].endswith(" :There are 2 users and 0 invisible on 1 servers"))
        self.assertTrue(lines[4].endswith(" :I have 1 clients and 0 servers"), lines)

    def test_it_is_put_back_by_joins(self) -> None:
        self.ann.ask("QUIT :bye")
        self.bob.ask("PRIVMSG #den :are you there?")
        self.server.pass_time(1)
        self.bob.heard()
        client, lines = self.back()
        joined = [line for line in lines if " JOIN #den" in line]
        self.assertEqual(len(joined), 1)
        self.assertTrue(any(line.endswith(" PRIVMSG #den :are you there?") for line in lines))
        self.assertEqual([line for line in self.bob.heard() if " JOIN " in line], [])
        client.ask("PRIVMSG #den :yes")
        self.assertTrue(self.bob.heard()[-1].endswith(" PRIVMSG #den :yes"))

    def test_two_clients_are_one_person_in_the_same_channels(self) -> None:
        second, lines = self.back()
        self.assertTrue(any(" JOIN #den" in line for line in lines))
        self.bob.ask("PRIVMSG #den :hello both")
        for client in (self.ann, second):
            self.assertTrue(client.heard()[-1].endswith(":hello both"))

    def test_who_is_not_at_a_connection_is_not_back(self) -> None:
        """Pre-away: with the reason * a connection is as none, where others are or are none."""
        ben = self.enter("ben", "away-notify", ["#den"])
        phone, _ = self.back("sasl draft/pre-away", "AWAY *")
        self.assertEqual(self.numerics(phone.ask("AWAY *")), ["306"])
        self.assertNotIn("AWAY", self.numerics(ben.heard()))
        self.ann.ask("QUIT"), phone.ask("QUIT")
        self.assertEqual(self.aways(ben), ["AWAY :not connected"])
        phone, _ = self.back("sasl draft/pre-away", "AWAY *")
        self.assertEqual(self.aways(ben), [])
        self.back()
        self.assertEqual(self.aways(ben), ["AWAY"])
        self.assertNotIn("301", self.numerics(ben.ask("WHOIS ann")))

    def test_who_comes_to_a_connection_is_back(self) -> None:
        self.ann.ask("ALWAYSON OFF", "QUIT")
        ben = self.enter("ben", "away-notify", ["#den"])
        phone, _ = self.back("sasl draft/pre-away", "AWAY *")
        phone.ask("JOIN #den")
        self.assertEqual(self.aways(ben), ["AWAY :not connected"])
        self.back()
        self.assertEqual(self.aways(ben), ["AWAY"])

    def aways(self, client: IrcClient) -> list[str]:
        """What a client is told of ann's being away."""
        lines = (line.split(" ", 1)[1] for line in client.heard())
        return [line for line in lines if line.startswith("AWAY")]

    def test_the_command(self) -> None:
        for line, words in (
            ("ALWAYSON", "You stay in your rooms"),
            ("ALWAYSON off", "You leave your rooms"),
            ("ALWAYSON maybe", "ALWAYSON [ON|OFF]"),
        ):
            [told] = self.ann.ask(line)
            self.assertIn(words, told)
        self.assertTrue(self.ann.ask("HELP ALWAYSON")[0].endswith(" :ALWAYSON [ON|OFF]"))
