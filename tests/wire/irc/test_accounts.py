"""Passwords, SASL, registering, and operators, as IRC has them."""

from __future__ import annotations

import base64
from dataclasses import replace

from chatservice.domain.commands import RegistrationRule
from chatservice.domain.rules import Rules
from tests.domain.test_scram import proof
from tests.wire.irc.ircase import IrcCase, IrcClient

PASSWORD = "correct horse"


def encoded(*parts: str) -> str:
    """What PLAIN says (RFC 4616)."""
    return base64.b64encode("\0".join(parts).encode()).decode()


class AccountCase(IrcCase):
    """A test case with an account called jilles."""

    def setUp(self) -> None:
        super().setUp()
        jilles = self.enter("jilles")
        jilles.ask(f"REGISTER * * :{PASSWORD}", "QUIT")

    def sasl(self, client: IrcClient, *parts: str) -> list[str]:
        """What comes of PLAIN, on a connection that has the capability."""
        self.assertEqual(client.ask("AUTHENTICATE PLAIN"), ["AUTHENTICATE +"])
        return client.ask(f"AUTHENTICATE {encoded(*parts)}")

    def beginner(self) -> IrcClient:
        """Somebody who has not registered yet, with the capability."""
        client = self.stranger()
        client.ask("CAP REQ :sasl")
        return client


class SaslTests(AccountCase):
    """IRCv3.1 and 3.2 SASL Authentication."""

    def test_the_capability_has_the_mechanisms_as_its_value(self) -> None:
        """3.2, "Mechanism list in CAP LS"."""
        words = " ".join(self.stranger().ask("CAP LS 302")).split()
        self.assertIn("sasl=PLAIN,SCRAM-SHA-256", words)
        words = " ".join(self.stranger().ask("CAP LS")).split()
        self.assertIn("sasl", words)

    def test_plain(self) -> None:
        """3.1: 900 and 903 follow success; the account is the client's from the start."""
        for parts in (("", "jilles", PASSWORD), ("jilles", "jilles", PASSWORD)):
            client = self.beginner()
            lines = self.sasl(client, *parts)
            self.assertEqual(self.numerics(lines), ["900", "903"])
            self.assertIn(" jilles :You are now logged in as jilles", lines[0])
            nick = f"nick{self._clients}"
            client.ask(f"NICK {nick}", "USER a 0 * :A", "CAP END")
            self.assertEqual(self.session(nick).account, "jilles")
            client.ask("QUIT")

    def test_the_nick_of_the_account_is_its_owners(self) -> None:
        guest = self.enter("jilles")
        client = self.beginner()
        self.sasl(client, "", "jilles", PASSWORD)
        self.assertEqual(client.ask("NICK jilles", "USER a 0 * :A"), [])
        self.assertIn("001", self.numerics(client.ask("CAP END")))
        self.assertTrue(any(" NICK " in line for line in guest.heard()))

    def test_failure(self) -> None:
        """3.1: 904, and the client may try again."""
        client = self.beginner()
        for parts in (
            ("", "jilles", "wrong password"),
            ("", "nobody", PASSWORD),
            ("other", "jilles", PASSWORD),
            ("jilles", PASSWORD),
        ):
            [line] = self.sasl(client, *parts)
            self.assertEqual(line, ":chat.test 904 * :SASL authentication failed", parts)
        self.assertEqual(self.numerics(self.sasl(client, "", "jilles", PASSWORD))[0], "900")

    def test_what_is_no_base64_or_no_utf8_fails(self) -> None:
        client = self.beginner()
        for data in ("*x", "amlsbG", "gICA", "+"):
            client.ask("AUTHENTICATE PLAIN")
            self.assertEqual(self.numerics(client.ask(f"AUTHENTICATE {data}")), ["904"], data)

    def test_an_unknown_mechanism(self) -> None:
        """3.1: 908 lists those that there are; 904 ends it."""
        lines = self.beginner().ask("AUTHENTICATE FOO")
        self.assertEqual(self.numerics(lines), ["908", "904"])
        self.assertIn(" PLAIN,SCRAM-SHA-256 :", lines[0])

    def test_needs_the_capability(self) -> None:
        """3.1: the client MUST enable the capability first."""
        told = self.stranger().ask("NICK foo", "AUTHENTICATE PLAIN")
        self.assertEqual(self.numerics(told), ["904"])

    def test_a_response_in_chunks_of_400(self) -> None:
        """3.1, "The AUTHENTICATE command": one of 400 exactly is followed by an empty one."""
        for number, length in enumerate((300, 291)):
            password = "x" * length
            self.enter(f"foo{number}").ask(f"REGISTER * * {password}", "QUIT")
            client = self.beginner()
            client.ask("AUTHENTICATE PLAIN")
            data = encoded(f"foo{number}", f"foo{number}", password)
            data = encoded("", f"foo{number}", password) if length == 300 else data
            first, rest = data[:400], data[400:] or "+"
            self.assertEqual(len(first), 400)
            self.assertEqual(client.ask(f"AUTHENTICATE {first}"), [])
            self.assertEqual(self.numerics(client.ask(f"AUTHENTICATE {rest}")), ["900", "903"])

    def test_too_much(self) -> None:
        """3.1: 905 for a chunk of more than 400 bytes; a whole response has its limit too."""
        client = self.beginner()
        client.ask("AUTHENTICATE PLAIN")
        self.assertEqual(self.numerics(client.ask(f"AUTHENTICATE {'A' * 401}")), ["905"])
        client.ask("AUTHENTICATE PLAIN")
        told = [client.ask(f"AUTHENTICATE {'A' * 400}") for _ in range(11)]
        self.assertEqual([self.numerics(each) for each in told], [[]] * 10 + [["905"]])

    def test_it_can_be_aborted(self) -> None:
        """3.1: an asterisk, answered by 906."""
        client = self.beginner()
        client.ask("AUTHENTICATE PLAIN")
        self.assertEqual(self.numerics(client.ask("AUTHENTICATE *")), ["906"])
        self.assertEqual(client.ask("AUTHENTICATE PLAIN"), ["AUTHENTICATE +"])

    def test_who_registers_meanwhile_is_nobodys_owner(self) -> None:
        """3.1: the server SHOULD abort it, send 906, and register without it."""
        client = self.beginner()
        client.ask("AUTHENTICATE PLAIN", "NICK foo", "USER a 0 * :A")
        self.assertEqual(self.numerics(client.ask("CAP END"))[:2], ["906", "001"])
        self.assertIsNone(self.session("foo").account)

    def test_only_what_is_unfinished_is_aborted(self) -> None:
        """3.1: who sends CAP END behind all that it has to say has aborted nothing."""
        for password, told in ((PASSWORD, ["900", "903", "001"]), ("wrong", ["904", "001"])):
            proofs = "AUTHENTICATE PLAIN", f"AUTHENTICATE {encoded('', 'jilles', password)}"
            nick = f"nick{self._clients}"
            lines = self.beginner().ask(*proofs, f"NICK {nick}", "USER a 0 * :A", "CAP END")
            self.assertEqual(self.numerics(lines)[1 : len(told) + 1], told)
        lines = self.beginner().ask(
            *("AUTHENTICATE PLAIN", f"AUTHENTICATE {encoded('', 'jilles', 'wrong')}"),
            *("AUTHENTICATE PLAIN", f"AUTHENTICATE {encoded('', 'jilles', PASSWORD)}"),
        )
        told = ["AUTHENTICATE", "904", "AUTHENTICATE", "900", "903"]
        self.assertEqual(self.numerics(lines), told)

    def test_after_registration_and_again(self) -> None:
        """3.2, "SASL Reauthentication": at any time; as another account, too."""
        self.enter("other").ask(f"REGISTER * * :{PASSWORD}", "QUIT")
        client = self.enter("foo", "sasl")
        lines = self.sasl(client, "", "jilles", PASSWORD)
        user = self.session("jilles").user
        self.assertEqual(self.numerics(lines), ["900", "903", "NICK"])
        self.assertEqual([line.split(" ")[2] for line in lines], ["foo", "foo", "jilles"])
        self.assertEqual(lines[2], f":foo!u@{user}.chat NICK jilles")
        lines = self.sasl(client, "", "other", PASSWORD)
        self.assertEqual(self.numerics(lines), ["900", "903", "NICK"])
        self.assertEqual(self.session("other").account, "other")
        lines = self.sasl(client, "", "other", PASSWORD)
        self.assertEqual(self.numerics(lines), ["900", "903"])

    def test_who_becomes_one_more_connection_is_told_its_name(self) -> None:
        """The chghost extension: the host is the person's, which is another one now."""
        first = self.beginner()
        self.sasl(first, "", "jilles", PASSWORD)
        first.ask("NICK jilles", "USER a 0 * :A", "CAP END")
        guest = self.enter("guest", "sasl")
        was, now = self.session("guest").user, self.session("jilles").user
        lines = self.sasl(guest, "", "jilles", PASSWORD)
        self.assertEqual([line.split(" ")[2] for line in lines], ["guest", "guest", "jilles"])
        self.assertEqual(lines[2:], [f":guest!u@{was}.chat NICK jilles"])
        other = self.enter("other", "sasl chghost")
        was = self.session("other").user
        lines = self.sasl(other, "", "jilles", PASSWORD)
        self.assertEqual(lines[3:], [f":jilles!u@{was}.chat CHGHOST u {now}.chat"])
        self.assertEqual(guest.ask("PING x"), [":chat.test PONG chat.test x"])
        self.assertEqual(len(self.session("jilles").everywhere), 3)
        self.assertNotEqual(was, now)

    def test_who_becomes_another_person_comes_into_its_rooms_as_that_one(self) -> None:
        """RFC 2812, 3.2.1: JOIN, the topic and the names, by which a client knows who is there."""
        first = self.enter("first", "sasl", ["#a"])
        first.ask("TOPIC #a :old things")
        self.sasl(first, "", "jilles", PASSWORD)
        bob = self.enter("bob", rooms=("#a", "#b"))
        guest = self.enter("guest", "sasl", ["#b", "#a", "#c"])
        bob.ask("JOIN #c")
        first.heard(), bob.heard(), guest.heard()
        _, _, nick, *lines = self.sasl(guest, "", "jilles", PASSWORD)
        now = f"jilles!u@{self.session('jilles').user}.chat"
        self.assertTrue(nick.endswith(" NICK jilles"))
        joined = [line for line in lines if " JOIN " in line]
        self.assertEqual(joined, [f":{now} JOIN #{room}" for room in "bac"])
        told = ["JOIN", "353", "366", *["JOIN", "332", "333", "353", "366"], "JOIN", "353", "366"]
        self.assertEqual(self.numerics(lines), told)
        names = [line.partition(" = ")[2] for line in lines if " 353 " in line]
        self.assertEqual(names, ["#b :@bob jilles", "#a :@jilles bob", "#c :bob @jilles"])
        lines = bob.heard()
        self.assertEqual(self.numerics(lines), ["PART"] * 3 + ["JOIN", "JOIN", "MODE"])
        self.assertEqual(lines[3:5], joined[::2])
        self.assertEqual(lines[5], ":chat.test MODE #c +o jilles")
        self.assertEqual(self.numerics(first.heard()), ["PART"])

    def test_what_an_account_is_in_a_room_is_a_mode_from_the_login_on(self) -> None:
        owner = self.enter("owner", "sasl")
        self.sasl(owner, "", "jilles", PASSWORD)
        bob = self.enter("bob")
        owner.ask("JOIN #a"), bob.ask("JOIN #a"), owner.ask("QUIT")
        guest = self.enter("guest", "sasl", ["#a"])
        bob.heard()
        mode = ":chat.test MODE #a +o jilles"
        self.assertEqual(self.sasl(guest, "", "jilles", PASSWORD)[-1], mode)
        self.assertEqual(bob.heard()[-1], mode)

    def test_an_operator_of_the_server_by_its_account_is_told_so(self) -> None:
        self.server.world.rules = Rules(operators=("jilles",))
        self.server.restart()
        guest, first = self.enter("guest", "sasl"), self.beginner()
        self.sasl(first, "", "jilles", PASSWORD)
        lines = first.ask("NICK jilles", "USER r 0 * :R", "CAP END")
        for told in (lines, self.sasl(guest, "", "jilles", PASSWORD)):
            said = told.index(":chat.test 381 jilles :You are now an IRC operator")
            self.assertRegex(told[said + 1], "^:jilles!u@[0-9]{6}.chat MODE jilles [+]o$")

    def test_who_leaves_its_person_for_another_account(self) -> None:
        self.enter("other").ask(f"REGISTER * * :{PASSWORD}", "QUIT")
        first, second = self.enter("first", "sasl"), self.enter("second", "sasl", ["#a"])
        for each in (first, second):
            self.sasl(each, "", "jilles", PASSWORD)
        lines = self.sasl(second, "", "other", PASSWORD)
        now = f"other!u@{self.session('other').user}.chat"
        self.assertEqual(lines[-3], f":{now} JOIN #a")
        self.assertEqual(lines[-2:], second.ask("NAMES #a"))

    def test_what_it_was_is_taken_from_it_as_long_as_it_has_its_nick(self) -> None:
        self.enter("other").ask(f"REGISTER * * :{PASSWORD}", "QUIT")
        first, owner = self.enter("first", "sasl"), self.enter("owner", "sasl")
        self.sasl(first, "", "other", PASSWORD)
        self.sasl(owner, "", "jilles", PASSWORD)
        owner.ask("JOIN #a")
        lines = self.sasl(owner, "", "other", PASSWORD)
        self.assertEqual(lines[0], ":chat.test MODE #a -o jilles")
        self.assertEqual(self.numerics(lines[1:]), ["900", "903", "NICK", "JOIN", "353", "366"])

    def test_who_one_was_may_go_on_and_leave_later(self) -> None:
        self.enter("other").ask(f"REGISTER * * :{PASSWORD}", "QUIT")
        first, second = self.enter("first", "sasl"), self.enter("second", "sasl")
        for each in (first, second):
            each.ask("JOIN #a")
            first.heard()
            self.sasl(each, "", "jilles", PASSWORD)
        self.sasl(second, "", "other", PASSWORD)
        left = f":jilles!u@{self.session('jilles').user}.chat PART #a"
        self.assertEqual(first.ask("PART #a")[-1], left)
        self.assertEqual(second.heard(), [left])

    def test_scram(self) -> None:
        """RFC 7677: both sides prove that they know the password."""
        client = self.beginner()
        self.assertEqual(client.ask("AUTHENTICATE SCRAM-SHA-256"), ["AUTHENTICATE +"])
        first = "n,,n=jilles,r=abc"
        challenge = self.answer(client, first)
        self.assertTrue(self.answer(client, proof(PASSWORD, first, challenge)).startswith("v="))
        self.assertEqual(self.numerics(client.ask("AUTHENTICATE +")), ["900", "903"])

    def test_scram_with_another_password(self) -> None:
        client = self.beginner()
        client.ask("AUTHENTICATE SCRAM-SHA-256")
        first = "n,,n=jilles,r=abc"
        final = proof("wrong password", first, self.answer(client, first)).encode()
        data = base64.b64encode(final).decode()
        self.assertEqual(self.numerics(client.ask(f"AUTHENTICATE {data}")), ["904"])
        self.assertEqual(self.numerics(client.ask("AUTHENTICATE +")), ["908", "904"])

    def test_what_failed_is_not_aborted_as_well(self) -> None:
        """3.1: 906 is for who registers while it is still in progress; 904 has ended it."""
        for password, told in (("wrong", ["904", "001"]), (PASSWORD, ["AUTHENTICATE", "906"])):
            client = self.beginner()
            client.ask("AUTHENTICATE SCRAM-SHA-256", f"NICK nick{self._clients}", "USER a 0 * :A")
            first = "n,,n=jilles,r=abc"
            final = proof(password, first, self.answer(client, first)).encode()
            lines = client.ask(f"AUTHENTICATE {base64.b64encode(final).decode()}", "CAP END")
            self.assertEqual(self.numerics(lines)[:2], told)
            self.assertIn("001", self.numerics(lines))
            self.assertIsNone(self.session(f"nick{self._clients}").account)

    def test_a_challenge_comes_in_chunks_too(self) -> None:
        client = self.beginner()
        client.ask("AUTHENTICATE SCRAM-SHA-256")
        nonce = "x" * 250
        data = base64.b64encode(f"n,,n=jilles,r={nonce}".encode()).decode()
        lines = client.ask(f"AUTHENTICATE {data}")
        self.assertEqual(len(lines[0]), len("AUTHENTICATE ") + 400)
        text = base64.b64decode("".join(line.partition(" ")[2] for line in lines)).decode()
        self.assertTrue(text.startswith(f"r={nonce}"))

    def answer(self, client: IrcClient, message: str) -> str:
        """The server's message to one of the client's."""
        [line] = client.ask(f"AUTHENTICATE {base64.b64encode(message.encode()).decode()}")
        return base64.b64decode(line.removeprefix("AUTHENTICATE ")).decode()


class RegisterTests(AccountCase):
    """IRCv3 account-registration."""

    CAPS = "standard-replies draft/account-registration"

    def failure(self, client: IrcClient, line: str) -> str:
        """The code of a FAIL."""
        [told] = client.ask(line)
        _, fail, verb, code, *_ = told.split(" ")
        self.assertEqual((fail, verb), ("FAIL", line.split(" ")[0]), told)
        return code

    def test_the_capability(self) -> None:
        """ "Capability": what is possible is its value."""
        words = " ".join(self.stranger().ask("CAP LS 302")).split()
        self.assertIn("draft/account-registration=before-connect,custom-account-name", words)

    def test_after_connecting(self) -> None:
        """ "Responses": SUCCESS, and logged in as if by SASL."""
        ann = self.enter("ann", self.CAPS)
        lines = ann.ask(f"REGISTER * * :{PASSWORD}")
        self.assertEqual(self.numerics(lines)[:2], ["REGISTER", "900"])
        self.assertTrue(lines[0].startswith(":chat.test REGISTER SUCCESS ann :"))
        self.assertEqual(self.session("ann").account, "ann")

    def test_before_connecting(self) -> None:
        client = self.stranger()
        client.ask(f"CAP REQ :{self.CAPS}")
        self.assertEqual(self.failure(client, f"REGISTER * * :{PASSWORD}"), "NEED_NICK")
        client.ask("NICK bar")
        lines = client.ask(f"REGISTER * * :{PASSWORD}")
        self.assertEqual(self.numerics(lines), ["REGISTER", "900"])
        client.ask("USER a 0 * :A", "CAP END")
        self.assertEqual(self.session("bar").account, "bar")

    def test_another_name_than_the_nick(self) -> None:
        """The key custom-account-name."""
        ann = self.enter("ann", self.CAPS)
        self.assertIn("SUCCESS anna ", ann.ask(f"REGISTER anna a@b.example :{PASSWORD}")[0])

    def test_failures(self) -> None:
        """ "Responses": each has its code, and the account's name."""
        ann = self.enter("ann", self.CAPS)
        for line, code in (
            (f"REGISTER jilles * :{PASSWORD}", "ACCOUNT_EXISTS"),
            (f"REGISTER a|b * :{PASSWORD}", "BAD_ACCOUNT_NAME"),
            (f"REGISTER {'x' * 33} * :{PASSWORD}", "BAD_ACCOUNT_NAME"),
            ("REGISTER * * short", "WEAK_PASSWORD"),
            (f"REGISTER * * {'x' * 301}", "UNACCEPTABLE_PASSWORD"),
            ("VERIFY ann 123", "INVALID_CODE"),
        ):
            self.assertEqual(self.failure(ann, line), code, line)
        ann.ask(f"REGISTER * * :{PASSWORD}")
        self.assertEqual(self.failure(ann, f"REGISTER x * :{PASSWORD}"), "ALREADY_AUTHENTICATED")
        self.server.world.store.broken = "full"
        bob = self.enter("bob", self.CAPS)
        code = self.failure(bob, f"REGISTER * * :{PASSWORD}")
        self.assertEqual(code, "TEMPORARILY_UNAVAILABLE")

    def test_nobody_registers_the_nick_of_somebody_present(self) -> None:
        self.enter("ann")
        bob = self.enter("bob", self.CAPS)
        self.assertEqual(self.failure(bob, f"REGISTER ann * :{PASSWORD}"), "ACCOUNT_EXISTS")


class RuleTests(IrcCase):
    """Who may register at all."""

    def rule(self, rule: RegistrationRule) -> None:
        self.server.world.rules = Rules(registration=rule)
        self.server.info = replace(self.server.info, registration=rule)
        self.server.restart()

    def test_only_who_has_connected(self) -> None:
        """Without before-connect: COMPLETE_CONNECTION_REQUIRED."""
        self.rule("open")
        client = self.stranger()
        words = " ".join(client.ask("CAP LS 302")).split()
        self.assertIn("draft/account-registration=custom-account-name", words)
        client.ask("CAP REQ standard-replies", "NICK bar")
        [line] = client.ask("REGISTER * * :shivarampassphrase")
        self.assertTrue(line.startswith(":chat.test FAIL REGISTER COMPLETE_CONNECTION_REQUIRED * "))
        client.ask("USER a 0 * :A", "CAP END")
        self.assertIn("SUCCESS bar", client.ask("REGISTER * * :shivarampassphrase")[0])

    def test_nobody(self) -> None:
        self.rule("closed")
        client = self.stranger()
        self.assertNotIn("account-registration", " ".join(client.ask("CAP LS 302")))
        self.assertIn(" NAK ", client.ask("CAP REQ draft/account-registration")[0])
        client.ask("CAP REQ standard-replies", "NICK bar", "USER a 0 * :A", "CAP END")
        [line] = client.ask("REGISTER * * :shivarampassphrase")
        self.assertIn("FAIL REGISTER TEMPORARILY_UNAVAILABLE bar", line)


class PassTests(IrcCase):
    """The server's password (RFC 1459, section 4.1.1)."""

    def setUp(self) -> None:
        super().setUp()
        self.server.world.rules = Rules(password="open sesame")
        self.server.info = replace(self.server.info, password_needed=True)
        self.server.restart()

    def test_right(self) -> None:
        client = self.stranger()
        self.assertEqual(client.ask("PASS :open sesame"), [])
        self.assertIn("001", self.numerics(client.ask("NICK ann", "USER a 0 * :A")))
        self.assertEqual(self.numerics(client.ask("PASS x")), ["462"])

    def test_wrong(self) -> None:
        """Modern IRC, "PASS message": 464, then ERROR, and the connection is closed."""
        client = self.stranger()
        self.assertEqual(
            client.ask("PASS sesame", "NICK ann", "USER a 0 * :A"),
            [
                ":chat.test 464 * :Password incorrect",
                "ERROR :This is not the server's password.",
            ],
        )
        self.assertTrue(client.client.closed)

    def test_missing(self) -> None:
        lines = self.stranger().ask("NICK ann", "PASS", "USER a 0 * :A")
        self.assertEqual(self.numerics(lines), ["461", "464"])

    def test_right_at_last(self) -> None:
        """The greeting is the same as ever."""
        client = self.stranger()
        client.ask("NICK ann", "USER a 0 * :A")
        numerics = self.numerics(client.ask("PASS :open sesame"))
        self.assertEqual((numerics[0], numerics.count("251"), numerics[-1]), ("001", 1, "376"))

    def test_nothing_gets_round_it(self) -> None:
        """account-registration, "Server considerations": not by REGISTER, either."""
        client = self.stranger()
        client.ask("CAP REQ :sasl standard-replies", "NICK ann")
        [line] = client.ask(f"REGISTER * * :{PASSWORD}")
        self.assertIn("FAIL REGISTER TEMPORARILY_UNAVAILABLE ann", line)
        client.ask("AUTHENTICATE PLAIN")
        told = client.ask(f"AUTHENTICATE {encoded('', 'ann', PASSWORD)}")
        self.assertEqual(self.numerics(told), ["904"])


class NoPassTests(IrcCase):
    def test_one_that_nobody_asked_for_is_none(self) -> None:
        self.assertIn(
            "001", self.numerics(self.stranger().ask("PASS x", "NICK ann", "USER a 0 * :A"))
        )


class OperTests(IrcCase):
    """OPER (Modern IRC, "OPER message")."""

    def setUp(self) -> None:
        super().setUp()
        self.server.world.rules = Rules(opers={"eve": PASSWORD[::-1]})
        self.server.restart()
        self.ann = self.enter("ann")

    def test_success(self) -> None:
        lines = self.ann.ask(f"OPER eve :{PASSWORD}")
        self.assertEqual(lines[0], ":chat.test 381 ann :You are now an IRC operator")
        user = self.session("ann").user
        self.assertEqual(lines[1:], [f":ann!u@{user}.chat MODE ann +o"])
        self.assertTrue(self.session("ann").operator)

    def test_failure(self) -> None:
        for line in ("OPER eve wrong", "OPER nobody x"):
            self.assertEqual(self.ann.ask(line), [":chat.test 464 ann :Password incorrect"])
        self.assertEqual(self.numerics(self.ann.ask("OPER eve")), ["461"])

    def test_where_there_are_none(self) -> None:
        self.server.world.rules = Rules()
        self.server.restart()
        ann = self.enter("ann")
        self.assertEqual(ann.ask("OPER eve x"), [":chat.test 491 ann :No O-lines for your host"])


class NotifyTests(AccountCase):
    """account-notify and extended-join."""

    def test_those_who_share_a_channel_and_asked_for_it(self) -> None:
        ann = self.enter("ann", "account-notify", ["#den"])
        eve = self.enter("eve", "", ["#den"])
        bob = self.enter("bob", "", ["#den"])
        joe = self.enter("joe", "account-notify", ["#attic"])
        for each in (ann, eve, joe):
            each.heard()
        bob.ask(f"REGISTER * * :{PASSWORD}")
        user = self.session("bob").user
        self.assertEqual(ann.heard(), [f":bob!u@{user}.chat ACCOUNT bob"])
        self.assertEqual((eve.heard(), joe.heard()), ([], []))

    def test_a_join_tells_it(self) -> None:
        """extended-join: the account, or an asterisk."""
        ann = self.enter("ann", "extended-join", ["#den"])
        bob = self.enter("bob")
        bob.ask(f"REGISTER * * :{PASSWORD}")
        bob.ask("JOIN #den")
        self.enter("eve", "", ["#den"])
        first, second = [line.split(" ")[2:4] for line in ann.heard()]
        self.assertEqual((first, second), (["#den", "bob"], ["#den", "*"]))
