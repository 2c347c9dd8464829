"""KICK, INVITE and RENAME."""

from __future__ import annotations

from tests.wire.irc.ircase import IrcCase

ANN, BOB = "ann!u@100000.chat", "bob!u@100001.chat"


class KickTests(IrcCase):
    """Modern IRC, "KICK message"."""

    def test_more_nicks_than_it_takes_are_refused(self) -> None:
        """Modern IRC, "TARGMAX": past it 407, and nobody is put out."""
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob", rooms=("#a",))
        nicks = ",".join(["bob", *(f"x{number}" for number in range(10))])
        ann.heard()
        self.assertEqual(ann.ask(f"KICK #a {nicks}"), [":chat.test 407 ann x9 :Too many targets"])
        self.assertEqual(bob.heard(), [])

    def test_all_see_it(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob, cho = (self.enter(nick, rooms=("#a",)) for nick in ("bob", "cho"))
        for each in (ann, bob, cho):
            each.heard()
        line = f":{ANN} KICK #a bob :bye"
        self.assertEqual(ann.ask("KICK #a bob :bye"), [line])
        self.assertEqual((bob.heard(), cho.heard()), ([line], [line]))
        self.assertEqual(self.numerics(bob.ask("PRIVMSG #a :hi")), ["404"])

    def test_the_default_comment_is_the_nick(self) -> None:
        """RFC 2812, section 3.2.8: of the user issuing the KICK."""
        ann = self.enter("ann", rooms=("#a",))
        self.enter("bob", rooms=("#a",))
        ann.heard()
        self.assertEqual(ann.ask("KICK #a bob"), [f":{ANN} KICK #a bob :ann"])

    def test_several(self) -> None:
        """ "The server MUST NOT send KICK messages with multiple channels or users to clients." """
        for line in ("KICK #a bob,cho :bye", "KICK #a,#a bob,cho :bye"):
            self.setUp()
            ann = self.enter("ann", rooms=("#a",))
            for nick in ("bob", "cho"):
                self.enter(nick, rooms=("#a",))
            ann.heard()
            expected = [f":{ANN} KICK #a {nick} :bye" for nick in ("bob", "cho")]
            self.assertEqual(ann.ask(line), expected)

    def test_refusals(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob")
        self.assertEqual(self.numerics(bob.ask("KICK #a ann")), ["442"])
        bob.ask("JOIN #a")
        ann.heard()
        self.assertEqual(
            bob.ask("KICK #a ann"), [":chat.test 482 bob #a :You're not channel operator"]
        )
        self.enter("cho")
        self.assertEqual(
            ann.ask("KICK #a cho"), [":chat.test 441 ann cho #a :They aren't on that channel"]
        )
        self.assertEqual(ann.ask("KICK #a zoe"), [":chat.test 401 ann zoe :No such nick/channel"])
        self.assertEqual(ann.ask("KICK #b bob"), [":chat.test 403 ann #b :No such channel"])
        self.assertEqual(self.numerics(ann.ask("KICK a bob")), ["403"])
        self.assertEqual(self.numerics(ann.ask("KICK #a")), ["461"])
        self.assertEqual(self.numerics(ann.ask("KICK #a,#b,#c bob,ann")), ["461"])

    def test_from_another_door(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        self.enter("bob", rooms=("#a",))
        ann.ask("MODE #a +o bob")
        other = self.server.connect(9, None)
        other.say("CMD_USER|eve", "/join a")
        ann.heard()
        ann.ask("MODE #a +o eve")
        other.say("/ban bob 1h too loud")
        told = ann.heard()
        self.assertEqual(told, [])  # bob is an operator
        ann.ask("MODE #a -o bob")
        other.say("/ban bob 1h too loud")
        self.assertEqual(
            ann.heard(),
            [
                ":eve!u@100002.chat MODE #a +b bob!*@*",
                ":eve!u@100002.chat KICK #a bob :too loud",
            ],
        )


class InviteTests(IrcCase):
    """Modern IRC, "INVITE message"."""

    def test_both_are_told_and_nobody_else(self) -> None:
        """ "the server MUST send a RPL_INVITING numeric to the command issuer, and an INVITE
        message, with the issuer as prefix, to the target user. Other channel members SHOULD NOT be
        notified."
        """
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob")
        cho = self.enter("cho", rooms=("#a",))
        ann.ask("MODE #a -o ann")
        cho.heard()
        self.assertEqual(ann.ask("INVITE bob #a"), [":chat.test 341 ann bob #a"])
        self.assertEqual(bob.heard(), [f":{ANN} INVITE bob #a"])
        self.assertEqual(cho.heard(), [])

    def test_invite_only(self) -> None:
        """ "When the channel has invite-only mode set, only channel operators may issue INVITE
        command. Otherwise, the server MUST reject the command with ERR_CHANOPRIVSNEEDED."
        """
        ann = self.enter("ann", rooms=("#a",))
        bob, cho = self.enter("bob", rooms=("#a",)), self.enter("cho")
        ann.ask("MODE #a +i")
        bob.heard()
        self.assertEqual(self.numerics(cho.ask("JOIN #a")), ["473"])
        self.assertEqual(self.numerics(bob.ask("INVITE cho #a")), ["482"])
        self.assertEqual(ann.ask("INVITE cho #a")[-1], ":chat.test 341 ann cho #a")
        cho.heard()
        self.assertEqual(self.numerics(cho.ask("JOIN #a"))[0], "JOIN")

    def test_refusals(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob")
        self.assertEqual(
            bob.ask("INVITE ann #a"), [":chat.test 442 bob #a :You're not on that channel"]
        )
        self.assertEqual(self.numerics(ann.ask("INVITE zoe #a")), ["401"])
        self.assertEqual(self.numerics(ann.ask("INVITE bob #b")), ["403"])
        self.assertEqual(self.numerics(ann.ask("INVITE bob")), ["461"])
        bob.ask("JOIN #a")
        ann.heard()
        self.assertEqual(
            ann.ask("INVITE bob #a"), [":chat.test 443 ann bob #a :is already on channel"]
        )

    def test_the_list_of_ones_own(self) -> None:
        """Modern IRC: without parameters RPL_INVITELIST for each, then RPL_ENDOFINVITELIST."""
        ann = self.enter("ann", rooms=("#a", "#b"))
        bob = self.enter("bob")
        end = ":chat.test 337 bob :End of /INVITE list"
        self.assertEqual(bob.ask("INVITE"), [end])
        ann.ask("INVITE bob #a", "INVITE bob #b")
        bob.heard()
        self.assertEqual(bob.ask("INVITE"), [":chat.test 336 bob #a", ":chat.test 336 bob #b", end])
        bob.ask("JOIN #a")
        self.assertEqual(bob.ask("INVITE"), [":chat.test 336 bob #b", end])

    def test_invite_notify(self) -> None:
        """invite-notify: told to those who may invite themselves, and not to the target twice."""
        ann = self.enter("ann", "invite-notify", rooms=("#a",))
        bob = self.enter("bob", "invite-notify", rooms=("#a",))
        cho = self.enter("cho", "invite-notify")
        ann.heard()
        self.assertEqual(ann.ask("INVITE cho #a"), [":chat.test 341 ann cho #a"])
        self.assertEqual(bob.heard(), [f":{ANN} INVITE cho #a"])
        self.assertEqual(cho.heard(), [f":{ANN} INVITE cho #a"])
        ann.ask("MODE #a +i")
        bob.heard()
        dan = self.enter("dan")
        ann.ask("INVITE dan #a")
        self.assertEqual(bob.heard(), [])
        self.assertEqual(dan.heard(), [f":{ANN} INVITE dan #a"])

    def test_it_is_stronger_than_a_ban_but_once(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob")
        ann.ask("MODE #a +b bob!*@*")
        self.assertEqual(bob.ask("JOIN #a"), [":chat.test 474 bob #a :You are banned from #a."])
        ann.ask("INVITE bob #a")
        bob.heard()
        self.assertEqual(self.numerics(bob.ask("JOIN #a"))[0], "JOIN")
        ann.ask("KICK #a bob")
        bob.heard()
        self.assertEqual(self.numerics(bob.ask("JOIN #a")), ["474"])


class RenameTests(IrcCase):
    """draft/channel-rename."""

    def test_with_the_capability(self) -> None:
        """ "The server to client command MUST always include the third parameter" """
        ann = self.enter("ann", "draft/channel-rename", rooms=("#a",))
        bob = self.enter("bob", "draft/channel-rename", rooms=("#a",))
        ann.heard()
        self.assertEqual(ann.ask("RENAME #a #b :typo fix"), [f":{ANN} RENAME #a #b :typo fix"])
        self.assertEqual(bob.heard(), [f":{ANN} RENAME #a #b :typo fix"])
        self.server.pass_time(60)
        self.assertEqual(ann.ask("RENAME #b #c"), [f":{ANN} RENAME #b #c :"])

    def test_without_the_capability(self) -> None:
        """ "Fallback": a PART with the reason, then a JOIN with what follows one."""
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob", rooms=("#a",))
        ann.ask("TOPIC #a :old things")
        bob.heard()
        ann.ask("RENAME #a #b :typo fix")
        part, join, topic, who, *names = bob.heard()
        self.assertEqual(part, f":{BOB} PART #a :typo fix")
        self.assertEqual(join, f":{BOB} JOIN #b")
        self.assertEqual(topic, ":chat.test 332 bob #b :old things")
        self.assertIn(" 333 bob #b ann ", who)
        self.assertEqual(
            names,
            [
                ":chat.test 353 bob = #b :@ann bob",
                ":chat.test 366 bob #b :End of /NAMES list",
            ],
        )
        self.assertEqual(bob.ask("PART #b"), [f":{BOB} PART #b"])

    def test_the_old_name_is_free(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        bob = self.enter("bob", rooms=("#a",))
        ann.ask("RENAME #a #b")
        bob.heard()
        self.assertEqual(bob.ask("JOIN #a")[1], ":chat.test 353 bob = #a :@bob")

    def test_refusals(self) -> None:
        """ "Errors" """
        ann = self.enter("ann", "standard-replies", rooms=("#a", "#b"))
        bob = self.enter("bob", rooms=("#a",))
        ann.heard()
        self.assertEqual(self.numerics(bob.ask("RENAME #a #c")), ["482"])
        self.assertEqual(self.numerics(bob.ask("RENAME #b #c")), ["442"])
        self.assertEqual(self.numerics(bob.ask("RENAME #x #c")), ["403"])
        self.assertEqual(self.numerics(bob.ask("RENAME #a")), ["461"])
        for new, code in (("#b", "CHANNEL_NAME_IN_USE"), ("#a|b", "CANNOT_RENAME")):
            [line] = ann.ask(f"RENAME #a {new}")
            self.assertTrue(line.startswith(f":chat.test FAIL RENAME {code} #a {new} :"), line)
        self.assertEqual(self.numerics(ann.ask("RENAME #a c")), ["403"])
        ann.ask("RENAME #a #c")
        [line] = ann.ask("RENAME #c #d")
        self.assertIn(" FAIL RENAME CANNOT_RENAME #c #d :", line)
        self.assertEqual(self.numerics(bob.ask("RENAME #c #d"))[-1], "482")

    def test_a_change_of_case_alone_is_allowed(self) -> None:
        """ "Implementations MUST allow channels to be renamed while only changing the casing": a
        room has one case for all, so nothing changes.
        """
        ann = self.enter("ann", "draft/channel-rename", rooms=("#a",))
        self.assertEqual(ann.ask("RENAME #a #A"), [f":{ANN} RENAME #a #a :"])
