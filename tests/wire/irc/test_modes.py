"""Channel modes; Modern IRC, "MODE message" and "Channel Modes"."""

from __future__ import annotations

from chatservice.domain.limits import Limits
from chatservice.wire.irc.isupport import MODES, tokens
from chatservice.wire.irc.modes import LISTS, ROLES, SWITCHES
from tests.wire.house import Server
from tests.wire.irc.ircase import IrcCase, IrcClient

ANN, BOB = "ann!u@100000.chat", "bob!u@100001.chat"


class ModeCase(IrcCase):
    """ann is operator of #a, bob is in it."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", rooms=("#a",))
        self.bob = self.enter("bob", rooms=("#a",))
        self.ann.heard()

    def told(self, line: str, modes: str) -> None:
        """What ann does is told to both as a change of these modes."""
        expected = [f":{ANN} MODE #a {modes}"]
        self.assertEqual(self.ann.ask(line), expected, line)
        self.assertEqual(self.bob.heard(), expected, line)

    def says(self, client: IrcClient, text: str = "hi") -> bool:
        """Whether somebody may say something in the room."""
        lines = client.ask(f"PRIVMSG #a :{text}")
        self.ann.heard()
        return lines == []


class AskTests(ModeCase):
    """Modern IRC, RPL_CHANNELMODEIS and RPL_CREATIONTIME."""

    def test_modes_and_time(self) -> None:
        self.ann.ask("MODE #a +int")
        modes, created = self.ann.ask("MODE #a")
        self.assertEqual(modes, ":chat.test 324 ann #a +int")
        self.assertRegex(created, r"^:chat\.test 329 ann #a \d{10}$")
        self.assertEqual(self.numerics(self.ann.ask("MODE #a -int")), ["MODE"])
        self.assertEqual(self.ann.ask("MODE #a")[0], ":chat.test 324 ann #a +")

    def test_a_new_room_has_n_and_t(self) -> None:
        self.assertEqual(self.ann.ask("MODE #a")[0], ":chat.test 324 ann #a +nt")

    def test_parameters_but_no_key(self) -> None:
        self.ann.ask("MODE #a +lk 7 beer")
        self.assertEqual(self.bob.ask("MODE #a")[-2], ":chat.test 324 bob #a +ntkl * 7")

    def test_from_outside(self) -> None:
        """Modern IRC: "If <target> is a channel that does not exist" 403."""
        cho = self.enter("cho")
        self.assertEqual(self.numerics(cho.ask("MODE #a")), ["324", "329"])
        self.assertEqual(self.numerics(cho.ask("MODE #b")), ["403"])
        self.ann.ask("MODE #a +s")
        self.assertEqual(self.numerics(cho.ask("MODE #a")), ["442"])


class ChangeTests(ModeCase):
    def test_switches_in_one_line(self) -> None:
        self.told("MODE #a +mC-n", "+Cm-n")
        self.told("MODE #a -m", "-m")

    def test_what_is_so_already_is_no_change(self) -> None:
        self.assertEqual(self.ann.ask("MODE #a +n"), [])
        self.assertEqual(self.ann.ask("MODE #a -v bob"), [])
        self.assertEqual(self.bob.heard(), [])

    def test_a_limit(self) -> None:
        """Modern IRC, "Client Limit Channel Mode"."""
        self.told("MODE #a +l 2", "+l 2")
        self.assertEqual(self.numerics(self.enter("cho").ask("JOIN #a")), ["471"])
        self.told("MODE #a -l", "-l")
        for value in ("0", "-1", "abc", ""):
            [line] = self.ann.ask(f"MODE #a +l :{value}")
            self.assertTrue(line.startswith(f":chat.test 696 ann #a l {value or '*'} :"), line)

    def test_a_key(self) -> None:
        """Modern IRC, "Key Channel Mode"; 696 for one that cannot be used in a JOIN."""
        self.told("MODE #a +k beer", "+k *")
        cho = self.enter("cho")
        for line in ("JOIN #a", "JOIN #a bees"):
            self.assertEqual(self.numerics(cho.ask(line)), ["475"])
        self.assertEqual(self.numerics(cho.ask("JOIN #a beer"))[0], "JOIN")
        self.ann.heard(), self.bob.heard()
        self.told("MODE #a -k", "-k *")
        for key in ("with spaces", "long" * 100, "", "a,b"):
            [line] = self.ann.ask(f"MODE #a +k :{key}")
            self.assertTrue(line.startswith(":chat.test 696 ann #a k * :"), line)

    def test_roles(self) -> None:
        """Modern IRC, "Channel Membership Prefixes"."""
        self.told("MODE #a +v bob", "+v bob")
        self.told("MODE #a +o bob", "-v+o bob bob")
        self.assertEqual(self.ann.ask("MODE #a -v bob"), [])
        self.assertEqual(self.ann.ask("MODE #a +v bob"), [])
        self.assertEqual(self.ann.ask("NAMES #a")[0], ":chat.test 353 ann = #a :@ann @bob")
        self.told("MODE #a -o bob", "-o bob")

    def test_refused_roles(self) -> None:
        """Modern IRC, "MODE message": one numeric each."""
        self.enter("cho", rooms=("#b",))
        for client, line, number in (
            (self.bob, "MODE #a +o bob", "482"),
            (self.ann, "MODE #a +o cho", "441"),
            (self.ann, "MODE #a +o nobody", "401"),
            (self.ann, "MODE #c +o ann", "403"),
            (self.ann, "MODE #b +o bob", "442"),
            (self.ann, "MODE #a +o", "461"),
            (self.bob, "MODE #a +m", "482"),
            (self.bob, "MODE #a +k x", "482"),
            (self.bob, "MODE #a +b x", "482"),
        ):
            self.assertEqual(self.numerics(client.ask(line)), [number], line)

    def test_unknown_modes(self) -> None:
        """Modern IRC, ERR_UNKNOWNMODE; what is known is done all the same."""
        self.assertEqual(
            self.ann.ask("MODE #a +mZ"),
            [f":{ANN} MODE #a +m", ":chat.test 472 ann Z :is unknown mode char to me"],
        )

    def test_many_at_once(self) -> None:
        """Modern IRC, "MODES parameter": so many changes of one line, and no more."""
        self.ann.ask("MODE #a +" + "v" * MODES + "m " + "bob " * MODES)
        self.assertNotIn("m", self.ann.ask("MODE #a")[-2].split(" ")[4])

    def test_moderated(self) -> None:
        """Modern IRC, "Moderated Channel Mode"."""
        self.told("MODE #a +m", "+m")
        self.assertEqual(self.numerics(self.bob.ask("PRIVMSG #a :hi")), ["404"])
        self.told("MODE #a +v bob", "+v bob")
        self.assertTrue(self.says(self.bob))

    def test_external_messages(self) -> None:
        """Modern IRC, "No External Messages Mode"."""
        cho = self.enter("cho")
        self.assertEqual(self.numerics(cho.ask("PRIVMSG #a :hi")), ["404"])
        self.told("MODE #a -n", "-n")
        self.assertEqual(cho.ask("PRIVMSG #a :hi"), [])
        self.assertEqual(self.bob.heard(), [":cho!u@100002.chat PRIVMSG #a :hi"])


class ListTests(ModeCase):
    """Modern IRC, "Ban Channel Mode", "Exception Channel Mode", "Invite-Exception Channel Mode"."""

    def listed(self, mode: str) -> list[str]:
        lines = self.bob.ask(f"MODE #a {mode}")
        numbers = {"b": ("367", "368"), "e": ("348", "349"), "I": ("346", "347")}[mode[-1]]
        self.assertEqual(self.numerics(lines), [numbers[0]] * (len(lines) - 1) + [numbers[1]])
        return [line.split(" ")[4] for line in lines[:-1]]

    def test_entries_have_who_and_when(self) -> None:
        self.told("MODE #a +b zoe!*@*", "+b zoe!*@*")
        entry, end = self.bob.ask("MODE #a +b")
        self.assertRegex(entry, r"^:chat\.test 367 bob #a zoe!\*@\* ann \d{10}$")
        self.assertEqual(end, ":chat.test 368 bob #a :End of channel ban list")

    def test_each_list(self) -> None:
        for mode in "beI":
            self.told(f"MODE #a +{mode} zoe!*@*", f"+{mode} zoe!*@*")
            self.assertEqual(self.listed(f"+{mode}"), ["zoe!*@*"])
            self.assertEqual(self.listed(mode), ["zoe!*@*"])
            self.told(f"MODE #a -{mode} ZOE!*@*", f"-{mode} zoe!*@*")
            self.assertEqual(self.listed(mode), [])
            self.assertEqual(self.ann.ask(f"MODE #a -{mode} zoe!*@*"), [])

    def test_from_outside(self) -> None:
        self.assertEqual(self.numerics(self.enter("cho").ask("MODE #a b")), ["442"])

    def test_parts_of_a_mask_that_are_missing_are_stars(self) -> None:
        self.told("MODE #a +b zoe", "+b zoe!*@*")
        self.told("MODE #a +b z*!u", "+b z*!u@*")
        self.told("MODE #a +b *@123456.chat", "+b *!*@123456.chat")
        self.told("MODE #a +b *!*@192.0.2.7", "+b *!*@192.0.2.7")

    def test_what_is_no_mask(self) -> None:
        for mask in ("x" * 200 + "*!*@*", "~a:a|b"):
            [line] = self.ann.ask(f"MODE #a +b {mask}")
            self.assertTrue(line.startswith(f":chat.test 696 ann #a b {mask} :"), line)

    def test_a_full_list(self) -> None:
        """Modern IRC, ERR_BANLISTFULL."""
        self.server = Server(room_bans=3)
        self.ann = self.enter("ann", rooms=("#a",))
        self.ann.ask("MODE #a +bbe one two three")
        [line] = self.ann.ask("MODE #a +b one-more")
        self.assertTrue(line.startswith(":chat.test 478 ann #a one-more :"), line)

    def test_a_ban_silences_and_an_exception_does_not(self) -> None:
        self.told("MODE #a +b bob!*@*", "+b bob!*@*")
        self.assertFalse(self.says(self.bob))
        self.told("MODE #a +e *!*@100001.chat", "+e *!*@100001.chat")
        self.assertTrue(self.says(self.bob))
        self.bob.ask("PART #a")
        self.assertEqual(self.numerics(self.bob.ask("JOIN #a"))[0], "JOIN")

    def test_an_invitation_that_stays(self) -> None:
        self.ann.ask("MODE #a +i", "MODE #a +I cho!*@*")
        cho = self.enter("cho")
        for _ in range(2):
            self.assertEqual(self.numerics(cho.ask("JOIN #a"))[0], "JOIN")
            cho.ask("PART #a")
        self.ann.ask("MODE #a -I cho!*@*")
        self.assertEqual(self.numerics(cho.ask("JOIN #a")), ["473"])

    def test_mutes(self) -> None:
        """The extban `m`: who is meant may come in and listen, and talk with a voice."""
        self.told("MODE #a +b ~m:BOB!*@*", "+b ~m:BOB!*@*")
        self.assertEqual(self.listed("b"), ["~m:BOB!*@*"])
        self.assertEqual(self.numerics(self.bob.ask("PRIVMSG #a :hi")), ["404"])
        self.told("MODE #a +v bob", "+v bob")
        self.assertTrue(self.says(self.bob))
        self.told("MODE #a -v bob", "-v bob")
        self.told("MODE #a +e ~m:b?b!*@*", "+e b?b!*@*")
        self.assertTrue(self.says(self.bob))
        self.told("MODE #a -e ~m:b?b!*@*", "-e b?b!*@*")
        self.told("MODE #a -b ~m:bob!*@*", "-b ~m:BOB!*@*")
        self.assertTrue(self.says(self.bob))

    def test_accounts(self) -> None:
        """account-extban: the account is meant, not a nick of that name."""
        self.told("MODE #a +b ~a:zoe", "+b ~a:zoe")
        self.assertEqual(self.listed("b"), ["~a:zoe"])
        zoe = self.enter("zoe")
        self.assertEqual(self.numerics(zoe.ask("JOIN #a"))[0], "JOIN")
        zoe.ask("PART #a")
        self.ann.heard(), self.bob.heard()
        other = self.server.connect(9, None)
        other.say("CMD_USER|cho")
        other.say("/nick zoe2", "/register long-enough")
        self.told("MODE #a +b ~a:zoe2", "+b ~a:zoe2")
        self.assertIn("banned", str(other.say("/join a")))
        self.told("MODE #a -b ~a:zoe", "-b ~a:zoe")
        self.told("MODE #a +b ~m:~a:zoe", "+b ~m:~a:zoe")


class OtherDoorTests(ModeCase):
    """Changes that are made elsewhere look like any others."""

    def setUp(self) -> None:
        super().setUp()
        self.eve = self.server.connect(9, None)
        self.eve.say("CMD_USER|eve", "/join a")
        self.ann.ask("MODE #a +o eve")
        self.ann.heard()

    def test_slash_commands_are_modes(self) -> None:
        for command, modes in (
            ("/moderated on", "+m"),
            ("/topics all", "-t"),
            ("/topics voices", "+t"),
            ("/outside on", "-n"),
            ("/most 5", "+l 5"),
            ("/password sesame", "+k *"),
            ("/password", "-k *"),
            ("/voice bob", "+v bob"),
            ("/op bob", "-v+o bob bob"),
            ("/deop bob", "-o bob"),
            ("/ban 192.0.2.7", "+b *!*@192.0.2.7"),
            ("/unban 192.0.2.7", "-b *!*@192.0.2.7"),
            ("/ban zoe", "+b zoe!*@*"),
            ("/quiet x*", "+b ~m:x*!*@*"),
            ("/exempt zoe", "+e zoe!*@*"),
        ):
            self.eve.say(command)
            self.assertEqual(self.ann.heard(), [f":eve!u@100002.chat MODE #a {modes}"], command)

    def test_what_is_no_mode_is_told_in_words(self) -> None:
        self.eve.say("/mute bob")
        self.assertEqual(self.ann.heard(), [":chat.test NOTICE #a :bob is muted in #a now (eve)."])
        for line, told in (
            ("MODE #a +v bob", [f":{ANN} MODE #a +v bob"]),
            ("MODE #a -b ~m:bob", []),
            ("MODE #a -b ~m:BOB!*@*", []),
        ):
            self.eve.say("/mute bob")
            self.ann.heard(), self.bob.heard()
            self.assertFalse(self.says(self.bob))
            for stranger in ("MODE #a -b ~m:b?b", "MODE #a -v bob"):
                self.assertEqual(self.ann.ask(stranger), [])
            *changed, words = self.ann.ask(line)
            self.assertEqual(changed, told)
            self.assertTrue(words.startswith(":chat.test NOTICE #a :bob is "), words)
            self.bob.heard()
            self.assertTrue(self.says(self.bob))
        self.assertEqual(self.numerics(self.ann.ask("MODE #a +v zoe")), ["401"])
        self.assertEqual(self.ann.ask("MODE #a -b ~m:zoe"), [])
        self.eve.say("/keep 30 days")
        [line] = self.ann.heard()
        self.assertTrue(line.startswith(":chat.test NOTICE #a :#a needs no password"), line)


class IsupportTests(IrcCase):
    """Modern IRC, "RPL_ISUPPORT parameters": what is told is what there is."""

    def test_tokens(self) -> None:
        shown = dict(each.partition("=")[::2] for each in tokens(Limits(), "Net"))
        kinds = [set(each) for each in shown["CHANMODES"].split(",")]
        self.assertEqual(kinds, [set(LISTS), {"k"}, {"l"}, set(SWITCHES)])
        self.assertEqual(shown["PREFIX"], f"({''.join(ROLES)})@+")
        self.assertEqual((shown["EXCEPTS"], shown["INVEX"], shown["ELIST"]), ("e", "I", "CMNTU"))
        # "Servers publishing the ACCOUNTEXTBAN token MUST also publish the EXTBAN token."
        self.assertEqual((shown["EXTBAN"], shown["ACCOUNTEXTBAN"]), ("~,am", "a"))
