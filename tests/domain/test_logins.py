"""Logging in before coming in, and by proof; who may register."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.commands import (
    Command,
    Create,
    Enter,
    Hello,
    Join,
    Leave,
    Listen,
    ListPeople,
    Login,
    Logout,
    Register,
    RegistrationRule,
    RoleName,
    Scram,
    SetNick,
    Tell,
)
from chatservice.domain.events import (
    AccountChanged,
    Event,
    Failed,
    LoggedIn,
    OperatorChanged,
    People,
    Private,
    Renamed,
    RoleGiven,
    Roster,
    ScramChallenge,
    Welcome,
)
from chatservice.domain.session import Session, State
from tests.domain.test_accounts import ANOTHER, PASSWORD, AccountCase
from tests.domain.test_scram import proof
from tests.world import START


class VisitorCase(AccountCase):
    """A test case with somebody who has said nothing yet."""

    def setUp(self) -> None:
        super().setUp()
        self.visitor = self.world.connect("10.0.0.7:5007")

    def log_in(self, session: Session, nick: str = "ann") -> None:
        [told] = self.do(session, Login(nick=nick, password=PASSWORD))
        self.assertEqual(told, LoggedIn(account=nick, nick="", user=session.user))


class BeforeTests(VisitorCase):
    def test_nothing_else_happens_yet(self) -> None:
        self.leave(self.ann)
        guest = self.guest()
        self.world.ears.take(self.bob)
        self.log_in(self.visitor)
        self.assertIs(self.visitor.state, State.VISITOR)
        self.assertEqual((self.visitor.nick, self.visitor.account), (None, None))
        self.assertEqual(guest.nick, "ann")
        self.assertEqual(self.world.ears.take(self.bob), [])

    def test_then_one_comes_in_as_the_owner_under_any_nick(self) -> None:
        self.leave(self.ann)
        for entrance, nick in (
            (Enter(nick="ann"), "ann"),
            (Enter(nick="other", aside=True), "other"),
            (Hello(nick="ann"), "ann"),
        ):
            visitor = self.world.connect()
            self.log_in(visitor)
            self.do(visitor, entrance)
            self.assertEqual((visitor.nick, visitor.account), (nick, "ann"))
            self.leave(visitor)

    def test_under_its_own_one_where_that_is_not_free(self) -> None:
        self.leave(self.ann)
        for entrance in (Hello(nick="bob"), Hello()):
            visitor, guest = self.world.connect(), self.guest()
            self.log_in(visitor)
            told = self.do(visitor, entrance)
            self.assertIn(Renamed(old="", new="ann", user=visitor.user, at=START), told)
            self.assertEqual((visitor.nick, guest.nick), ("ann", f"Guest_{guest.user}"))
            self.assertIs(visitor.state, State.PRESENT)
            self.do(guest, Login(nick="ann", password=PASSWORD))
            people = [each.nick for each in self.world.hub.rooms[0].people]
            self.assertEqual(people, ["bob", "ann"])
            self.leave(visitor, guest)

    def test_a_guest_on_the_nick_gives_way(self) -> None:
        self.leave(self.ann)
        guest = self.guest()
        self.log_in(self.visitor)
        self.do(self.visitor, Enter(nick="Ann"))
        self.assertEqual((self.visitor.nick, guest.nick), ("Ann", f"Guest_{guest.user}"))

    def test_who_is_there_already_gets_one_connection_more(self) -> None:
        self.log_in(self.visitor)
        told = self.do(self.visitor, Enter(nick="whatever", aside=True))
        [welcome] = [each for each in told if isinstance(each, Welcome)]
        self.assertEqual((welcome.nick, welcome.user), ("ann", self.ann.user))
        self.assertEqual(self.visitor.others, (self.ann,))
        self.assertEqual(self.world.ears.take(self.bob), [])

    def test_a_nick_that_is_refused_changes_nothing_and_another_may_follow(self) -> None:
        self.leave(self.ann)
        self.log_in(self.visitor)
        for nick, code in (("bob", "name-taken"), ("b|b", "bad-name")):
            self.assertEqual(self.refusal(self.visitor, Enter(nick=nick)), code)
            self.assertIsNone(self.world.hub._people.logged_in("ann"))
        self.do(self.visitor, Enter(nick="ann"))
        self.assertEqual((self.visitor.nick, self.visitor.account), ("ann", "ann"))

    def test_nor_does_a_guest_give_way_to_who_does_not_come_in(self) -> None:
        self.leave(self.ann)
        guest = self.guest()
        self.log_in(self.visitor)
        self.world.ears.told.clear()
        long = "x" * 1000
        for entrance in (
            Hello(nick="ann", client="short"),
            Hello(nick="ann", realname=long),
            Enter(nick="Ann", realname=long),
        ):
            self.refusal(self.visitor, entrance)
            self.assertEqual(guest.nick, "ann")
            self.assertIn(guest.person, self.world.hub._rooms.lobby.people)
        self.assertEqual(self.world.ears.told, {})
        self.do(self.visitor, Enter(nick="Ann"))
        self.assertEqual((self.visitor.nick, guest.nick), ("Ann", f"Guest_{guest.user}"))

    def test_what_waits_for_the_owner_is_told_once_it_is_in(self) -> None:
        self.leave(self.ann)
        self.do(self.bob, Register(password=ANOTHER), Tell(to="ann", text="hi"))
        self.log_in(self.visitor)
        told = self.do(self.visitor, Enter(nick="ann", aside=True))
        self.assertIsInstance(told[0], Welcome)
        [private] = [each for each in told if isinstance(each, Private)]
        self.assertEqual((private.nick, private.text), ("bob", "hi"))

    def test_the_last_login_counts(self) -> None:
        self.do(self.bob, Register(password=PASSWORD))
        self.leave(self.ann, self.bob)
        self.log_in(self.visitor)
        self.log_in(self.visitor, "bob")
        self.do(self.visitor, Enter(nick="ann"))
        self.assertEqual((self.visitor.nick, self.visitor.account), ("ann", "bob"))

    def test_who_goes_again_leaves_nothing(self) -> None:
        self.leave(self.ann)
        self.log_in(self.visitor)
        self.leave(self.visitor)
        self.assertIsNone(self.world.hub._people.logged_in("ann"))


class RegistrationTests(VisitorCase):
    def rule(self, rule: RegistrationRule) -> None:
        self.world.rules = replace(self.world.rules, registration=rule)
        self.world.restart()
        self.visitor = self.world.connect("10.0.0.7:5007")

    def test_before_one_has_come_in(self) -> None:
        [told] = self.do(self.visitor, Register(account="eve", password=PASSWORD, id="r"))
        self.assertEqual(told, LoggedIn(account="eve", nick="", user=self.visitor.user, re="r"))
        self.do(self.visitor, Enter(nick="eve"))
        self.assertEqual((self.visitor.nick, self.visitor.account), ("eve", "eve"))

    def test_the_store_may_refuse_that_too(self) -> None:
        self.world.store.broken = "full"
        command = Register(account="eve", password=PASSWORD)
        self.assertEqual(self.refusal(self.visitor, command), "not-stored")
        self.do(self.visitor, Enter(nick="eve"))
        self.assertIsNone(self.visitor.account)

    def test_only_a_name_that_nobody_has(self) -> None:
        for name, code in (
            ("Ann", "name-taken"),
            ("\u0430nn", "name-taken"),
            ("bob", "name-taken"),
            ("root", "name-taken"),
            ("e|e", "bad-name"),
            (None, "wrong-state"),
        ):
            command = Register(account=name, password=PASSWORD)
            self.assertEqual(self.refusal(self.visitor, command), code, name)

    def test_once_one_has_come_in_another_name_than_the_nick_will_do(self) -> None:
        self.do(self.bob, Register(account="robert", password=PASSWORD))
        self.assertEqual((self.bob.nick, self.bob.account), ("bob", "robert"))

    def test_who_has_no_nick_yet_has_that_one_then(self) -> None:
        listener = self.world.connect()
        self.do(listener, Listen(default_nick="User_1"))
        told = self.do(listener, Register(account="eve", password=PASSWORD, id="r"))
        self.assertEqual(told[0], LoggedIn(account="eve", nick="eve", user=listener.user, re="r"))
        people = [each.nick for each in self.world.hub.rooms[0].people]
        self.assertEqual(people, ["ann", "bob", "eve"])

    def test_not_for_who_is_logged_in(self) -> None:
        self.log_in(self.visitor)
        command = Register(account="eve", password=PASSWORD)
        self.assertEqual(self.refusal(self.visitor, command), "wrong-state")

    def test_open_is_for_those_who_have_come_in(self) -> None:
        self.rule("open")
        command = Register(account="eve", password=PASSWORD)
        self.assertEqual(self.refusal(self.visitor, command), "wrong-state")
        self.do(self.visitor, Enter(nick="eve"), command)
        self.assertEqual(self.visitor.account, "eve")

    def test_closed_is_for_the_servers_own_machine(self) -> None:
        self.rule("closed")
        command = Register(account="eve", password=PASSWORD)
        self.assertEqual(self.refusal(self.visitor, command), "registration-closed")
        self.do(self.visitor, Enter(nick="eve"))
        self.assertEqual(self.refusal(self.visitor, command), "registration-closed")
        local = self.world.connect("127.0.0.1:5001")
        self.do(local, Hello(nick="joe"), Register(password=PASSWORD))
        self.assertEqual(local.account, "joe")


class ScramTests(VisitorCase):
    def setUp(self) -> None:
        super().setUp()
        self.leave(self.ann)

    def challenge(self, session: Session, message: str) -> str:
        [told] = self.do(session, Scram(message=message, id="s"))
        assert isinstance(told, ScramChallenge), told
        self.assertEqual(told.re, "s")
        return told.message

    def prove(self, session: Session, password: str = PASSWORD, name: str = "ann") -> Command:
        """The message that proves that one knows a password."""
        first = f"n,,n={name},r=abc"
        return Scram(message=proof(password, first, self.challenge(session, first)))

    def test_who_proves_the_password_is_logged_in_once_it_has_seen_the_servers_proof(self) -> None:
        for session in (self.visitor, self.bob):
            [told] = self.do(session, self.prove(session))
            assert isinstance(told, ScramChallenge)
            self.assertTrue(told.message.startswith("v="))
            self.assertIsNone(session.account or session.proven)
            [told, *_] = self.do(session, Scram(message="", id="s"))
            self.assertIsInstance(told, LoggedIn)
            self.assertEqual(self.refusal(session, Scram(message="")), "wrong-state")
        self.assertEqual((self.visitor.proven, self.bob.account), ("ann", "ann"))

    def test_a_wrong_proof_is_none(self) -> None:
        self.assertEqual(
            self.refusal(self.visitor, self.prove(self.visitor, ANOTHER)), "wrong-password"
        )
        self.assertEqual(self.refusal(self.visitor, Scram(message="")), "wrong-state")

    def test_each_proof_needs_a_challenge_of_its_own(self) -> None:
        right = self.prove(self.visitor)
        self.challenge(self.visitor, "n,,n=ann,r=abc")
        self.assertEqual(self.refusal(self.visitor, right), "wrong-password")
        self.assertEqual(self.refusal(self.visitor, right), "wrong-state")

    def test_nobody_can_be_told_from_somebody(self) -> None:
        """RFC 5802, section 9: else one could find out which accounts there are."""
        first = "n,,n=nobody,r=abc"
        challenges = [self.challenge(self.visitor, first) for _ in range(2)]
        salts = [each.partition(",s=")[2] for each in challenges]
        self.assertEqual(salts[0], salts[1])
        [_, iterations] = self.challenge(self.visitor, "n,,n=ann,r=abc").split(",i=")
        self.assertTrue(salts[0].endswith(f",i={iterations}"))
        self.world.restart()
        again = self.challenge(self.world.connect(), first)
        self.assertEqual(again.partition(",s=")[2], salts[0])
        command = self.prove(self.bob, PASSWORD, "nobody")
        self.assertEqual(self.refusal(self.bob, command), "wrong-password")

    def test_guesses_are_limited_as_those_of_passwords_are(self) -> None:
        codes = []
        for _ in range(6):
            codes.append(self.refusal(self.visitor, self.prove(self.visitor, ANOTHER)))
        self.assertEqual(codes, ["wrong-password"] * 5 + ["limit-reached"])
        login = Login(nick="ann", password=PASSWORD)
        self.assertEqual(self.refusal(self.visitor, login), "limit-reached")

    def test_another_password_is_proven_from_then_on(self) -> None:
        self.do(self.bob, Register(password=PASSWORD))
        told = self.do(self.visitor, self.prove(self.visitor, name="bob"))
        self.assertIsInstance(told[0], ScramChallenge)


class AccountChangedTests(AccountCase):
    def heard(self) -> list[AccountChanged]:
        """What bob is told of accounts."""
        told = self.world.ears.take(self.bob)
        return [each for each in told if isinstance(each, AccountChanged)]

    def test_those_who_share_a_room_are_told(self) -> None:
        self.do(self.ann, Logout())
        self.assertEqual(
            self.heard(), [AccountChanged(nick="ann", user=self.ann.user, account=None)]
        )
        self.do(self.ann, Login(nick="ann", password=PASSWORD))
        [told] = self.heard()
        self.assertEqual((told.user, told.account), (self.ann.user, "ann"))

    def test_under_the_nick_that_the_login_gives(self) -> None:
        self.do(self.ann, Logout(), SetNick(nick="guest"))
        self.world.ears.take(self.bob)
        self.do(self.ann, Login(nick="ann", password=PASSWORD))
        told = [each for each in self.world.ears.take(self.bob) if not isinstance(each, Roster)]
        self.assertEqual([type(each) for each in told], [Renamed, AccountChanged])
        self.assertEqual(getattr(told[1], "nick", None), "ann")

    def test_others_are_not(self) -> None:
        self.world.person("eve", "attic")
        self.do(self.ann, Join(room="attic"), SetNick(nick="anna"))
        hermit = self.world.person("joe", "cave")
        self.do(hermit, Register(password=PASSWORD))
        self.assertEqual(self.heard(), [])

    def test_one_connection_of_several_that_logs_out_is_a_new_guest(self) -> None:
        second = self.guest("eve")
        self.do(second, Login(nick="ann", password=PASSWORD))
        self.world.ears.take(self.bob)
        self.do(second, Logout())
        self.assertEqual(self.heard(), [])


class RolesTests(AccountCase):
    """What an account is in rooms, its owner is from its login on, and no more after it."""

    def setUp(self) -> None:
        super().setUp()
        self.do(self.ann, Create(room="attic"))
        self.do(self.bob, Join(room="attic"))
        self.do(self.ann, Logout(), Join(room="attic"))
        self.world.ears.told.clear()

    def told(self, role: RoleName, was: RoleName) -> RoleGiven:
        return RoleGiven(
            room="attic",
            nick="ann",
            user=self.ann.user,
            role=role,
            was=was,
            at=self.world.wall(),
        )

    def test_all_in_the_room_are_told(self) -> None:
        for command, told in (
            (Login(nick="ann", password=PASSWORD), self.told("operator", "member")),
            (Logout(), self.told("member", "operator")),
        ):
            self.assertEqual(self.roles(self.do(self.ann, command)), [told])
            self.assertEqual(self.roles(self.world.ears.take(self.bob)), [told])

    def test_nobody_where_nothing_has_changed(self) -> None:
        self.assertEqual(self.roles(self.do(self.bob, Register(password=PASSWORD))), [])
        self.do(self.bob, Create(room="cellar"))
        self.assertEqual(self.roles(self.do(self.bob, Leave(room="cellar"), Logout())), [])

    def test_where_another_connection_is_in_the_room_already(self) -> None:
        self.do(self.ann, Login(nick="ann", password=PASSWORD))
        carl = self.world.person("carl")
        for room, leaving in (("cellar", ()), ("loft", (Leave(room="loft"),))):
            guest = self.world.person("guest")
            self.do(guest, Create(room=room))
            for each in (self.ann, carl):
                self.do(each, Join(room=room))
            self.do(guest, *leaving)
            self.world.ears.told.clear()
            self.assertEqual(self.roles(self.do(guest, Login(nick="ann", password=PASSWORD))), [])
            for each in (self.ann, carl):
                told = replace(self.told("operator", "member"), room=room)
                self.assertEqual(self.roles(self.world.ears.take(each)), [told])
            [people] = self.do(carl, ListPeople(room=room))
            assert isinstance(people, People)
            self.assertEqual([each.role for each in people.people], ["operator", None])
            self.leave(guest)

    def roles(self, told: list[Event]) -> list[Event]:
        return [each for each in told if isinstance(each, RoleGiven)]


class PowersTests(AccountCase):
    """Who is an operator of the server by an account is told so, and when that ends."""

    def setUp(self) -> None:
        super().setUp()
        self.root = self.world.connect("127.0.0.1:5001")
        self.do(self.root, Hello(nick="root"), Register(password=PASSWORD))

    def powers(self, *commands: Command) -> list[tuple[str, bool]]:
        """The nick under which ann is told of it, and whether she may do anything."""
        told = self.do(self.ann, *commands)
        changed = [each for each in told if isinstance(each, OperatorChanged)]
        return [(each.nick, each.operator) for each in changed]

    def test_where_the_account_has_other_connections_and_where_it_has_none(self) -> None:
        login = Login(nick="root", password=PASSWORD)
        for _ in range(2):
            self.assertEqual(self.powers(login), [("root", True)])
            self.assertEqual(self.powers(login), [])
            back = Login(nick="ann", password=PASSWORD)
            [(_, power)] = self.powers(back)
            self.assertFalse(power)
            self.assertEqual(self.powers(Logout()), [])
            self.leave(self.root)
        self.powers(login)
        [(_, power)] = self.powers(Logout())
        self.assertFalse(power)

    def test_who_logs_in_first_is_told_after_the_welcome(self) -> None:
        for enter in (Enter(nick="eve", aside=True), Hello(nick="eve")):
            visitor = self.world.connect()
            told = self.do(visitor, Login(nick="root", password=PASSWORD), enter)
            kinds = [type(each) for each in told]
            self.assertLess(kinds.index(Welcome), kinds.index(OperatorChanged))


class FailureTests(VisitorCase):
    def test_no_word_of_a_password_is_shown(self) -> None:
        self.assertNotIn("p=", repr(Scram(message="p=")))
        failed = self.do(self.visitor, Scram(message="c=biws,r=x,p="))
        self.assertIsInstance(failed[0], Failed)
