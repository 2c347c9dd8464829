"""Capabilities, nick and user: how a connection becomes somebody."""

from __future__ import annotations

from dataclasses import replace

from chatservice.wire.irc.capabilities import CAPABILITIES
from tests.wire.irc.ircase import CAPS, IrcCase


class CapTests(IrcCase):
    """IRCv3, Client Capability Negotiation."""

    def test_registration_waits_for_the_end_of_negotiation(self) -> None:
        """Section "Connection Registration": LS and REQ suspend it until END."""
        for begin in ("CAP LS 302", "CAP REQ :batch"):
            client = self.stranger()
            client.ask(begin)
            nick = f"ann{self._clients}"
            self.assertEqual(client.ask(f"NICK {nick}", "USER a 0 * :A"), [])
            self.assertIn("001", self.numerics(client.ask("CAP END")))

    def test_nobody_has_to_negotiate(self) -> None:
        lines = self.stranger().ask("NICK ann", "USER a 0 * :A")
        self.assertEqual(self.numerics(lines)[:4], ["001", "002", "003", "004"])
        self.assertIn(self.numerics(lines)[-1], ("376", "422"))

    def test_an_unknown_subcommand(self) -> None:
        """Section "The CAP command": 410 with the client's name or an asterisk."""
        self.assertEqual(
            self.stranger().ask("CAP FOO"), [":chat.test 410 * FOO :Invalid CAP command"]
        )

    def test_cap_is_taken_after_registration_too(self) -> None:
        """Section "The CAP command": the server accepts it at any time."""
        ann = self.enter("ann")
        self.assertEqual(ann.ask("CAP REQ :batch"), [":chat.test CAP ann ACK :batch"])
        self.assertEqual(ann.ask("CAP END"), [])

    def test_what_was_asked_for_with_tags_has_them_though_they_are_given_back_at_once(self) -> None:
        """Section "The CAP command": what comes before the ACK is in the old form."""
        greeting = ("NICK ann", "USER a 0 * :A", "CAP END")
        lines = self.stranger().ask("CAP REQ :server-time", *greeting, "CAP REQ :-server-time")
        numerics = [line.split(" ")[2] for line in lines if line.startswith("@time=")]
        self.assertEqual(len(lines), len(numerics) + 1)
        self.assertEqual(lines[0], ":chat.test CAP * ACK :server-time")
        self.assertEqual(numerics[:5], ["001", "002", "003", "004", "005"])

    def test_version_301_knows_no_values_and_no_second_line(self) -> None:
        """Section "CAP LS Version": nothing new without 302."""
        [line] = self.stranger().ask("CAP LS")
        *_, subcommand, names = line.split(" ", 4)
        self.assertEqual(subcommand, "LS")
        self.assertNotIn("=", names)

    def test_version_302_has_everything_in_lines_that_fit(self) -> None:
        """Section "Multiline replies": all but the last line have an asterisk."""
        for version in ("302", "307"):
            lines = self.stranger().ask(f"CAP LS {version}")
            names: list[str] = []
            for line in lines:
                self.assertLessEqual(len(line.encode()), 510)
                start, _, listed = line.partition(" :")
                self.assertEqual(start.endswith(" LS *"), line is not lines[-1])
                names += [name.partition("=")[0] for name in listed.split()]
            self.assertEqual(names, sorted(CAPABILITIES))

    def test_without_302_there_is_one_line_of_whole_names(self) -> None:
        """Section "Multiline replies": not before version 302."""
        self.server.info = replace(self.server.info, name=f"{'chat' * 15}.test")
        self.server.restart()
        [line] = self.stranger().ask("CAP LS")
        self.assertLessEqual(len(line.encode()), 510)
        names = line.partition(" LS :")[2].split(" ")
        self.assertLess(set(names), set(CAPABILITIES))
        self.assertFalse(
            [name for name in set(CAPABILITIES) - set(names) if not name.startswith("draft/")]
        )

    def test_a_higher_version_is_kept(self) -> None:
        """Section "CAP LS Version": the reply is of that one, but the higher one is kept."""
        client = self.stranger()
        client.ask("CAP LS 302")
        [line] = client.ask("CAP LS")
        self.assertNotIn("=", line)
        self.assertEqual(client.ask("CAP REQ :-cap-notify"), [":chat.test CAP * NAK :-cap-notify"])

    def test_cap_notify_stays_where_302_means_it_and_goes_where_it_was_asked_for(self) -> None:
        """Section "cap-notify": 302 enables it for good, all others may disable it."""
        new = self.stranger()
        new.ask("CAP LS 302")
        self.assertEqual(new.ask("CAP REQ cap-notify"), [":chat.test CAP * ACK :cap-notify"])
        self.assertEqual(new.ask("CAP REQ :-cap-notify"), [":chat.test CAP * NAK :-cap-notify"])
        self.assertEqual(new.ask("CAP LIST"), [":chat.test CAP * LIST :cap-notify"])
        old = self.stranger()
        old.ask("CAP LS", "CAP REQ cap-notify")
        self.assertEqual(old.ask("CAP REQ :-cap-notify"), [":chat.test CAP * ACK :-cap-notify"])
        self.assertEqual(old.ask("CAP LIST"), [":chat.test CAP * LIST :"])

    def test_a_long_acknowledgement_is_in_lines_of_whole_names(self) -> None:
        """Section "The CAP ACK subcommand": it may be spread across several lines."""
        names = " ".join(sorted(CAPABILITIES))[:495].rpartition(" ")[0]
        lines = self.enter("a" * 32).ask(f"CAP REQ :{names}")
        acks = [line for line in lines if " ACK " in line]
        self.assertEqual(len(acks), 2)
        self.assertEqual(" ".join(line.partition(" ACK :")[2] for line in acks), names)

    def test_302_means_cap_notify(self) -> None:
        """Section "CAP LS Version": it is enabled implicitly."""
        client = self.stranger()
        client.ask("CAP LS 302")
        self.assertEqual(client.ask("CAP LIST"), [":chat.test CAP * LIST :cap-notify"])

    def test_an_empty_list_is_an_empty_parameter(self) -> None:
        """Section "The CAP LIST subcommand"."""
        self.assertEqual(self.stranger().ask("CAP LIST"), [":chat.test CAP * LIST :"])

    def test_a_set_is_accepted_as_a_whole_or_not_at_all(self) -> None:
        """Section "The CAP REQ subcommand"; NAK gives back what was asked for."""
        client = self.stranger()
        [line] = client.ask("CAP REQ :batch qux bar qux")
        self.assertEqual(line, ":chat.test CAP * NAK :batch qux bar qux")
        self.assertEqual(client.ask("CAP LIST"), [":chat.test CAP * LIST :"])

    def test_what_is_enabled_already_can_be_asked_for(self) -> None:
        """Section "The CAP REQ subcommand": as though handling it was successful."""
        client = self.stranger()
        client.ask("CAP REQ :batch")
        for names in ("batch", "-batch", "-batch"):
            self.assertEqual(client.ask(f"CAP REQ :{names}"), [f":chat.test CAP * ACK :{names}"])
        self.assertEqual(client.ask("CAP LIST"), [":chat.test CAP * LIST :"])

    def test_a_capability_can_be_given_back(self) -> None:
        ann = self.enter("ann", "server-time")
        self.assertTrue(ann.ask("PING x")[0].startswith("@time="))
        ann.ask("CAP REQ :-server-time")
        self.assertEqual(ann.ask("PING x"), [":chat.test PONG chat.test x"])


class RegistrationTests(IrcCase):
    """Modern IRC, "Connection Registration"; RFC 2812, section 3.1."""

    def test_a_taken_nick_can_be_given_again(self) -> None:
        self.enter("ann")
        client = self.stranger()
        self.assertEqual(self.numerics(client.ask("NICK ann", "USER b 0 * :B")), ["433"])
        self.assertIn("001", self.numerics(client.ask("NICK bob")))

    def test_what_comes_in_the_same_segment_knows_the_nick(self) -> None:
        """It is decided by the nick that one has by then, and told to that."""
        bot = "bot!u@100000.chat"
        lines = self.stranger().ask(
            *("NICK bot", "DANCE", "USER b 0 * :B", "MODE bot", "MODE bot +B", "REGISTER", "DANCE"),
            *("NICK cold", "MODE cold -B", "WHOIS cold cold", "TIME cold", "DANCE", "MODE bot +B"),
        )
        self.assertEqual(lines[0], ":chat.test 421 * DANCE :Unknown command")
        self.assertEqual(lines[1].split(" ")[1:3], ["001", "bot"])
        after = next(line for line in lines if " 376 " in line)
        lines = lines[lines.index(after) + 1 :]
        self.assertEqual(
            [" ".join(line.split(" ")[:3]) for line in lines],
            [
                *(":chat.test 221 bot", f":{bot} MODE bot", ":chat.test 461 bot"),
                *(":chat.test 421 bot", f":{bot} NICK cold", ":cold!u@100000.chat MODE cold"),
                *(f":chat.test {each} cold" for each in (311, 312, 378, 379, 317, 318, 391, 421)),
                ":chat.test 401 cold",
            ],
        )

    def test_an_account_and_facts_in_the_same_segment(self) -> None:
        lines = self.stranger().ask(
            *("CAP REQ :draft/metadata-2 standard-replies batch", "NICK reg", "USER r 0 * :R"),
            *("CAP END", "METADATA * SYNC", "REGISTER * * password1"),
        )
        self.assertEqual([line for line in lines if "FAIL" in line], [])
        self.assertIn(":chat.test REGISTER SUCCESS reg", " ".join(lines))
        lines = self.stranger().ask("NICK b", "USER b 0 * :B", "REGISTER * * password1")
        self.assertIn(":chat.test REGISTER SUCCESS b", " ".join(lines))

    def test_an_unacceptable_nick_is_refused_not_changed(self) -> None:
        client = self.enter("ann")
        for nick in ("a*b", "1ann", ":an", "server", "\u200bann", "x" * 33):
            self.assertEqual(self.numerics(client.ask(f"NICK :{nick}")), ["432"], nick)
        for nick in ("+ann", "@ann", "$root", "&op", "~owner", "%x", "#ann", "Chat.Test"):
            for each in (client, self.stranger()):
                self.assertEqual(self.numerics(each.ask(f"NICK {nick}")), ["432"], nick)
        self.assertEqual(self.numerics(client.ask("NICK")), ["431"])

    def test_a_user_name_and_a_real_name_are_needed(self) -> None:
        """Modern IRC, "USER message": an empty one counts as missing."""
        client = self.stranger()
        client.ask("NICK ann")
        for line in ("USER a 0 *", "USER a 0 * :", "USER"):
            self.assertEqual(self.numerics(client.ask(line)), ["461"])

    def test_nobody_registers_twice(self) -> None:
        ann = self.enter("ann")
        self.assertEqual(self.numerics(ann.ask("USER a 0 * :A")), ["462"])

    def test_strangers_can_do_nothing_else(self) -> None:
        client = self.stranger()
        client.ask("NICK ann")
        self.assertEqual(self.numerics(client.ask("JOIN #lobby", "PRIVMSG bob :x")), ["451"] * 2)

    def test_unknown_commands_and_missing_parameters(self) -> None:
        ann = self.enter("ann")
        self.assertEqual(ann.ask("FOO bar"), [":chat.test 421 ann FOO :Unknown command"])
        for line, word in (("é x", "é"), ("PING\t1", "PING\t1"), ("@a=b", "*"), (":x 4 y", "4")):
            self.assertEqual(ann.ask(line), [f":chat.test 421 ann {word} :Unknown command"])
        for line in ("JOIN", "JOIN :", "JOIN ,", "PART :"):
            told = f":chat.test 461 ann {line[:4]} :Not enough parameters"
            self.assertEqual(ann.ask(line), [told], line)

    def test_a_line_that_is_too_long_is_refused(self) -> None:
        """message-tags, "Size limit"; Modern IRC, 417."""
        ann = self.enter("ann", "message-tags")
        for line in (f"PING {'x' * 510}", f"@+a={'x' * 4095} PING x"):
            self.assertEqual(self.numerics(ann.ask(line)), ["417"])
        self.assertEqual(self.numerics(ann.ask("PING x")), ["PONG"])

    def test_what_is_not_utf8_is_mended_and_said_so(self) -> None:
        """utf8-only, "The INVALID_UTF8 standard replies code"."""
        ann, bob = self.enter("ann", "standard-replies", ["#lobby"]), self.enter("bob")
        bob.ask("JOIN #lobby")
        ann.heard()
        ann.client.send(b"PRIVMSG #lobby :caf\xe9\r\n")
        [line] = ann.heard()
        self.assertTrue(line.startswith(":chat.test WARN PRIVMSG INVALID_UTF8 :"), line)
        self.assertTrue(bob.heard()[0].endswith("PRIVMSG #lobby :caf\N{REPLACEMENT CHARACTER}"))

    def test_a_connection_that_is_lost_has_a_reason_too(self) -> None:
        """Modern IRC, "QUIT message": a reason that says what happened."""
        ann, bob = self.enter("ann", rooms=["#lobby"]), self.enter("bob", rooms=["#lobby"])
        ann.heard()
        bob.client.transport.lose()
        self.server.world.settle()
        self.assertTrue(ann.heard()[-1].endswith(" QUIT :Connection closed"))

    def test_names_have_the_case_that_casemapping_says(self) -> None:
        """Modern IRC, "CASEMAPPING parameter": rfc1459 has `{}^` for `[]~`."""
        ann = self.enter("an[n]~")
        self.assertEqual(
            self.numerics(self.stranger().ask("NICK AN{N}^", "USER a 0 * :A")), ["433"]
        )
        self.assertEqual(self.numerics(ann.ask("JOIN #a[b]~")), ["JOIN", "353", "366"])
        self.assertEqual(ann.ask("JOIN #A{B}^"), [])
        self.assertEqual(self.numerics(ann.ask("PRIVMSG AN{N}^ :hi")), ["PRIVMSG"])

    def test_quitting_is_acknowledged_with_an_error(self) -> None:
        """RFC 2812, section 3.1.7."""
        ann, bob = self.enter("ann", rooms=["#lobby"]), self.enter("bob", rooms=["#lobby"])
        ann.heard()
        self.assertEqual(self.numerics(ann.ask("QUIT :so long")), ["ERROR"])
        self.assertTrue(ann.client.closed)
        self.assertTrue(bob.heard()[-1].endswith(" QUIT :so long"))


class LabelTests(IrcCase):
    """IRCv3, Labeled Responses."""

    def test_one_line_has_the_label(self) -> None:
        ann = self.enter("ann", CAPS)
        self.assertEqual(ann.ask("@label=a PING x"), ["@label=a :chat.test PONG chat.test x"])

    def test_several_lines_are_a_batch(self) -> None:
        """Section "Tags": a batch whose start has the label."""
        ann = self.enter("ann", CAPS)
        first, *lines, last = ann.ask("@label=a JOIN #lobby")
        self.assertEqual(first, "@label=a :chat.test BATCH +b1 labeled-response")
        self.assertEqual(last, ":chat.test BATCH -b1")
        self.assertTrue(lines)
        self.assertTrue(all(line.startswith("@batch=b1 ") for line in lines), lines)

    def test_an_answer_is_as_old_as_its_place_says(self) -> None:
        """Who comes in after a question is told after its answer, whatever was asked before."""
        ann, bob = self.enter("ann", CAPS, ["#attic"]), self.enter("bob")
        asked = b"MODE #attic\r\n@label=a NAMES #attic\r\n"
        ann.client.transport.protocol.dataReceived(asked)
        bob.ask("JOIN #attic")
        *answers, joined = ann.heard()
        self.assertIn(" JOIN #attic", joined)
        self.assertEqual(answers[-1], ":chat.test BATCH -b1")
        self.assertNotIn("bob", "".join(answers))

    def test_what_else_is_told_before_all_is_done_comes_in_its_place(self) -> None:
        """The batch has begun by then, and what is still to come is told in it."""
        self.enter("cho").ask("REGISTER * * password", "QUIT")
        ann, bob = self.enter("ann", CAPS), self.enter("bob")
        told = ann.ask("@label=a NICK cho")
        self.assertEqual(self.numerics(told), ["BATCH", "NICK", "NOTICE", "BATCH"])
        self.assertTrue(told[0].startswith("@label=a ") and told[2].startswith(":chat.test "))
        ann.client.transport.protocol.dataReceived(b"@label=b JOIN #a,#b,#c\r\n")
        bob.ask("JOIN #a")
        told = [line for line in ann.heard() if line[0] == "@" or " JOIN " in line]
        words = ["BATCH", *["JOIN", "353", "366"] * 2, "JOIN", "JOIN", "353", "366"]
        self.assertEqual(self.numerics(told), words)
        self.assertTrue(told[7].startswith(":bob!"), told)

    def test_no_line_is_an_ack(self) -> None:
        """Section "The ACK response"."""
        ann = self.enter("ann", CAPS)
        self.assertEqual(ann.ask("@label=a PONG x"), ["@label=a :chat.test ACK"])

    def test_refusals_have_the_label(self) -> None:
        ann = self.enter("ann", CAPS)
        for line in ("PRIVMSG nobody :x", "FOO", f"PING {'x' * 510}"):
            [told] = ann.ask(f"@label=a {line}")
            self.assertTrue(told.startswith("@label=a :chat.test 4"), told)

    def test_an_echo_has_the_label_and_what_one_hears_has_not(self) -> None:
        """Section "Tags": in a message to oneself, the echo alone."""
        ann, bob = self.enter("ann", CAPS, ["#lobby"]), self.enter("bob", CAPS, ["#lobby"])
        ann.heard()
        [echo] = ann.ask("@label=a PRIVMSG #lobby :x")
        self.assertIn("label=a", echo)
        self.assertNotIn("label", bob.heard()[0])

    def test_a_label_of_more_than_64_bytes_is_none(self) -> None:
        """Section "Tag value"."""
        ann = self.enter("ann", CAPS)
        self.assertNotIn("label", ann.ask(f"@label={'a' * 65} PING x")[0])
        self.assertIn("label", ann.ask(f"@label={'a' * 64} PING x")[0])

    def test_labels_need_batches(self) -> None:
        """Section "Dependencies"."""
        ann = self.enter("ann", "labeled-response message-tags")
        self.assertNotIn("label", ann.ask("@label=a PING x")[0])
