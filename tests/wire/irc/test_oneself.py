"""What one is oneself: away or not, a real name, modes."""

from __future__ import annotations

from tests.wire.irc.ircase import IrcCase


class AwayTests(IrcCase):
    """Modern IRC, "AWAY message"."""

    def test_is_acknowledged(self) -> None:
        """RPL_NOWAWAY and RPL_UNAWAY; an empty text means to be back."""
        ann = self.enter("ann")
        for line, numeric in (
            ("AWAY :at tea", "306"),
            ("AWAY", "305"),
            ("AWAY :tea", "306"),
            ("AWAY :", "305"),
            ("AWAY", "305"),
        ):
            self.assertEqual(self.numerics(ann.ask(line)), [numeric], line)

    def test_a_long_reason_is_cut(self) -> None:
        """005 tells AWAYLEN."""
        ann = self.enter("ann")
        ann.ask(f"AWAY :{'x' * 300}")
        [line] = [each for each in ann.ask("WHOIS ann") if " 301 " in each]
        self.assertTrue(line.endswith(" ann :" + "x" * 200))

    def test_is_told_to_who_shares_a_channel_and_wants_to_know(self) -> None:
        """away-notify, "Description"."""
        ann = self.enter("ann", rooms=("#lobby",))
        bob = self.enter("bob", "away-notify", rooms=("#lobby",))
        cho = self.enter("cho", rooms=("#lobby",))
        dee = self.enter("dee", "away-notify", rooms=("#attic",))
        for each in (bob, cho, dee):
            each.heard()
        user = self.server.world.hub._people.find("ann").user
        ann.ask("AWAY :at tea")
        self.assertEqual(bob.heard(), [f":ann!u@{user}.chat AWAY :at tea"])
        ann.ask("AWAY :at tea")
        self.assertEqual(bob.heard(), [])
        ann.ask("AWAY")
        self.assertEqual(bob.heard(), [f":ann!u@{user}.chat AWAY"])
        self.assertEqual((cho.heard(), dee.heard()), ([], []))

    def test_who_is_away_and_joins_is_away(self) -> None:
        """away-notify, "Description": sent when a user joins and has an away message set."""
        bob = self.enter("bob", "away-notify", rooms=("#lobby",))
        cho = self.enter("cho", rooms=("#lobby",))
        ann = self.enter("ann")
        ann.ask("AWAY :tea", "JOIN #lobby")
        user = self.server.world.hub._people.find("ann").user
        source = f":ann!u@{user}.chat"
        self.assertEqual(bob.heard()[-2:], [f"{source} JOIN #lobby", f"{source} AWAY tea"])
        self.assertEqual(cho.heard(), [f"{source} JOIN #lobby"])


class PreAwayTests(IrcCase):
    """IRCv3, draft/pre-away, "Implementation"."""

    def test_away_from_the_beginning(self) -> None:
        """If negotiated, servers MUST accept AWAY before registration has completed."""
        ann = self.stranger()
        ann.ask("CAP REQ :draft/pre-away")
        self.assertEqual(self.numerics(ann.ask("AWAY :tea")), ["306"])
        lines = ann.ask("NICK ann", "USER a 0 * :A", "CAP END")
        self.assertEqual(self.numerics(lines)[-1], "376")
        self.assertIn(":chat.test 301 ann ann :tea", ann.ask("WHOIS ann"))

    def test_the_last_word_counts(self) -> None:
        ann = self.stranger()
        ann.ask("CAP REQ :draft/pre-away", "AWAY *")
        self.assertEqual(self.numerics(ann.ask("AWAY")), ["305"])
        ann.ask("NICK ann", "USER a 0 * :A", "CAP END")
        self.assertNotIn("301", self.numerics(ann.ask("WHOIS ann")))

    def test_not_unless_that_was_asked_for(self) -> None:
        self.assertEqual(
            self.numerics(self.stranger().ask("CAP LIST", "AWAY :tea")), ["CAP", "451"]
        )

    def test_a_nick_that_is_taken_is_all_that_is_refused(self) -> None:
        self.enter("ann")
        other = self.stranger()
        lines = other.ask("CAP REQ :draft/pre-away", "AWAY *", "NICK ann", "USER a 0 * :A")
        self.assertEqual(self.numerics([*lines, *other.ask("CAP END")])[1:], ["306", "433"])
        other.ask("NICK bob")
        self.assertIn(":chat.test 301 bob bob :not connected", other.ask("WHOIS bob"))


class SetnameTests(IrcCase):
    """IRCv3, setname."""

    def test_is_told_to_oneself_and_to_common_channels(self) -> None:
        """Section "Description": to all clients in common channels and to its origin; MUST NOT be
        sent to clients that have not negotiated the capability."""
        ann = self.enter("ann", "setname", rooms=("#lobby",))
        bob = self.enter("bob", "setname", rooms=("#lobby",))
        cho = self.enter("cho", rooms=("#lobby",))
        dee = self.enter("dee", "setname")
        for each in (ann, bob, cho):
            each.heard()
        user = self.server.world.hub._people.find("ann").user
        line = f":ann!u@{user}.chat SETNAME :Ann B. Cho"
        self.assertEqual(ann.ask("SETNAME :Ann B. Cho"), [line])
        self.assertEqual((bob.heard(), cho.heard(), dee.heard()), ([line], [], []))
        [whois] = [each for each in dee.ask("WHOIS ann") if " 311 " in each]
        self.assertTrue(whois.endswith(":Ann B. Cho"))

    def test_without_the_capability_it_is_done_silently(self) -> None:
        """Section "Description"."""
        ann = self.enter("ann")
        self.assertEqual(ann.ask("SETNAME :A. B."), [])
        self.assertIn(":A. B.", ann.ask("WHOIS ann")[0])

    def test_a_name_that_is_not_valid(self) -> None:
        """Section "Errors": FAIL SETNAME INVALID_REALNAME."""
        ann = self.enter("ann", "setname standard-replies")
        for name in ("", " ", "x" * 151):
            [line] = ann.ask(f"SETNAME :{name}")
            self.assertTrue(line.startswith(":chat.test FAIL SETNAME INVALID_REALNAME :"), line)
        self.assertEqual(self.numerics(ann.ask("SETNAME")), ["461"])

    def test_a_long_one_in_user_is_cut(self) -> None:
        """005 tells NAMELEN."""
        ann = self.stranger()
        ann.ask("NICK ann", f"USER a 0 * :{'x' * 200}")
        self.assertTrue(ann.ask("WHOIS ann")[0].endswith(" * :" + "x" * 150))


class ModeTests(IrcCase):
    """RFC 2812, section 3.1.5, and Modern IRC, "User mode"."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann")
        self.user = self.server.world.hub._people.find("ann").user

    def changed(self, line: str) -> list[str]:
        """The changes that a line is answered with."""
        start = f":ann!u@{self.user}.chat MODE ann "
        lines = self.ann.ask(line)
        self.assertTrue(all(each.startswith(start) for each in lines), lines)
        return [each.removeprefix(start) for each in lines]

    def test_what_one_is(self) -> None:
        """RPL_UMODEIS."""
        self.assertEqual(self.ann.ask("MODE ann"), [":chat.test 221 ann +"])
        self.ann.ask("MODE ANN +B-i+i")
        self.make_operator("ann")
        self.assertEqual(self.ann.ask("MODE Ann"), [":chat.test 221 ann +Bio"])

    def test_changes(self) -> None:
        self.assertEqual(self.changed("MODE ann +B"), ["+B"])
        self.assertEqual(self.changed("MODE ann i-B"), ["+i", "-B"])
        self.assertEqual(self.changed("MODE ann -i"), ["-i"])

    def test_nobody_becomes_an_operator_by_saying_so_but_anybody_can_stop_to_be_one(self) -> None:
        """RFC 2812, section 3.1.5: "+o" is ignored, there is no restriction on "-o"."""
        self.assertEqual(self.changed("MODE ann +o"), [])
        self.make_operator("ann")
        self.assertEqual(self.changed("MODE ann -o"), ["-o"])
        self.assertEqual(self.ann.ask("MODE ann"), [":chat.test 221 ann +"])
        self.assertEqual(self.changed("MODE ann -o"), [])

    def test_unknown_ones_are_told_once_and_the_others_done(self) -> None:
        """ERR_UMODEUNKNOWNFLAG."""
        lines = self.ann.ask("MODE ann +xBy")
        self.assertEqual(self.numerics(lines), ["MODE", "501"])

    def test_those_of_others(self) -> None:
        """ERR_USERSDONTMATCH for somebody else's, ERR_NOSUCHNICK for nobody's."""
        self.enter("bob")
        for line in ("MODE bob", "MODE BOB +i"):
            self.assertEqual(
                self.ann.ask(line), [":chat.test 502 ann :Can't change mode for other users"]
            )
        self.assertEqual(
            self.ann.ask("MODE nobody +i"), [":chat.test 401 ann nobody :No such nick/channel"]
        )

    def test_others_need_not_know(self) -> None:
        bob = self.enter("bob", rooms=("#lobby",))
        self.ann.ask("JOIN #lobby")
        bob.heard()
        self.ann.ask("MODE ann +B", "MODE ann +i")
        self.assertEqual(bob.heard(), [])

    def test_what_a_bot_does_is_tagged(self) -> None:
        """bot-mode, "The `bot` tag": MUST only be sent to who requested message-tags, without a
        value."""
        bob = self.enter("bob", "message-tags", rooms=("#lobby",))
        cho = self.enter("cho", rooms=("#lobby",))
        bob.heard()
        self.ann.ask("MODE ann +B", "JOIN #lobby", "PRIVMSG #lobby :beep", "PRIVMSG bob :boop")
        lines = bob.heard()
        self.assertEqual(self.numerics(lines), ["JOIN", "PRIVMSG", "PRIVMSG"])
        for line in lines:
            self.assertIn("bot", line.split(" ")[0].removeprefix("@").split(";"))
        self.assertTrue(all(line.startswith(":") for line in cho.heard()))
        self.ann.ask("MODE ann -B", "PRIVMSG #lobby :hi")
        self.assertNotIn("bot", bob.heard()[0].split(" ")[0].removeprefix("@").split(";"))

    def test_the_letter_of_bots_is_announced(self) -> None:
        """bot-mode, "The `BOT` ISUPPORT token"."""
        self.assertTrue(any(" BOT=B " in line for line in self.ann.ask("VERSION")))
