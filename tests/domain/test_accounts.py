"""Registered nicks, their owners, and guests on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    ChangePassword,
    Command,
    Enter,
    Hello,
    Join,
    Listen,
    Login,
    Logout,
    Register,
    Say,
    SetAlwaysOn,
    SetNick,
)
from chatservice.domain.events import (
    AccountChanged,
    Event,
    Failed,
    LoggedIn,
    LoggedOut,
    LoginWanted,
    Notice,
    Renamed,
    Roster,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.world import SECRET, World

PASSWORD = "correct horse"
ANOTHER = "battery staple"


class AccountCase(SynchronousTestCase):
    """A test case with ann, who has registered, and bob, who has not."""

    def setUp(self) -> None:
        self.world = World(address_accounts=3)
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")
        self.do(self.ann, Register(password=PASSWORD))
        self.world.ears.told.clear()

    def do(self, session: Session, *commands: Command) -> list[Event]:
        """What a session is told, less the lists that only some wires need."""
        told = self.world.do(session, *commands)
        return [each for each in told if not isinstance(each, (Roster, AccountChanged))]

    def refusal(self, session: Session, command: Command) -> str:
        """Why a command is refused; it then does nothing else."""
        [failed] = self.do(session, command)
        assert isinstance(failed, Failed), failed
        return failed.code

    def guest(self, nick: str = "ann") -> Session:
        """Somebody on a nick, in the lobby."""
        guest = self.world.connect("10.0.0.9:5009")
        self.do(guest, Hello(nick=nick), Join(room=LOBBY))
        return guest

    def leave(self, *sessions: Session) -> None:
        for session in sessions:
            self.world.chat.disconnect(session)
        self.world.settle()
        self.world.ears.told.clear()


class RegisterTests(AccountCase):
    def test_who_registers_is_logged_in(self) -> None:
        [told] = self.do(self.bob, Register(password=PASSWORD, id="r"))
        user = self.bob.user
        self.assertEqual(told, LoggedIn(account="bob", nick="bob", user=user, re="r"))
        self.assertEqual((self.bob.account, self.bob.identity), ("bob", "account:bob"))
        changed = AccountChanged(nick="bob", user=user, account="bob")
        self.assertEqual(self.world.ears.take(self.ann), [changed])

    def test_only_a_hash_is_kept(self) -> None:
        accounts = self.world.store.open().accounts
        self.assertEqual(
            [(each.nick, each.password) for each in accounts], [("ann", PASSWORD[::-1])]
        )

    def test_how_long_a_password_is(self) -> None:
        for password, code in (
            ("", "weak-password"),
            ("x" * 7, "weak-password"),
            ("x" * 301, "bad-input"),
        ):
            self.assertEqual(self.refusal(self.bob, Register(password=password)), code)
        self.do(self.bob, Register(password="x" * 8))
        self.assertEqual(self.bob.account, "bob")

    def test_needs_a_nick_that_is_nobodys(self) -> None:
        nameless = self.world.connect()
        self.world.do(nameless, Hello())
        self.assertEqual(self.refusal(nameless, Register(password=PASSWORD)), "wrong-state")
        self.assertEqual(self.refusal(self.ann, Register(password=PASSWORD)), "wrong-state")
        self.leave(self.ann)
        guest = self.guest()
        self.assertEqual(self.refusal(guest, Register(password=ANOTHER)), "name-taken")

    def test_a_nick_that_was_given_for_want_of_one_is_no_name(self) -> None:
        listener = self.world.connect()
        self.world.do(listener, Listen(default_nick="User_10.0.0.1:5001"), Say(text="hi"))
        self.assertEqual(self.refusal(listener, Register(password=PASSWORD)), "bad-name")

    def test_one_address_registers_so_many_an_hour(self) -> None:
        people = [self.world.person(nick) for nick in ("eve", "joe", "zoe")]
        codes = [self.do(each, Register(password=PASSWORD))[0] for each in people]
        self.assertEqual([type(each) for each in codes], [LoggedIn, LoggedIn, Failed])
        self.world.clock.advance(20 * 60)
        self.do(people[-1], Register(password=PASSWORD))
        self.assertEqual(people[-1].account, "zoe")

    def test_an_operators_name_is_registered_on_the_servers_own_machine(self) -> None:
        self.do(self.bob, SetNick(nick="root"))
        self.assertEqual(self.refusal(self.bob, Register(password=PASSWORD)), "name-taken")
        self.leave(self.bob)
        root = self.world.connect("127.0.0.1:5001")
        self.do(root, Hello(nick="Root"), Register(password=PASSWORD))
        self.assertEqual((root.account, root.operator), ("root", True))
        self.assertFalse(self.ann.operator)
        self.do(root, Logout())
        self.assertFalse(root.operator)

    def test_nobody_is_on_it_where_a_tunnel_ends(self) -> None:
        world = World(throttle_loopback=1)
        root = world.connect("127.0.0.1:5001")
        *_, refused = world.do(root, Hello(nick="root"), Register(password=PASSWORD))
        assert isinstance(refused, Failed)
        self.assertEqual(refused.code, "name-taken")

    def test_what_the_store_refuses_is_undone(self) -> None:
        self.world.store.broken = "full"
        self.assertEqual(self.refusal(self.bob, Register(password=PASSWORD)), "not-stored")
        self.assertIsNone(self.bob.account)
        self.world.store.broken = None
        self.do(self.bob, Register(password=ANOTHER))
        self.assertEqual(self.bob.account, "bob")


class LoginTests(AccountCase):
    def test_a_guest_becomes_the_owner(self) -> None:
        self.leave(self.ann)
        told = self.do(self.bob, Login(nick="ANN", password=PASSWORD, id="l"))
        user = self.bob.user
        self.assertEqual(told[0], LoggedIn(account="ann", nick="ann", user=user, re="l"))
        self.assertIsInstance(told[1], Renamed)
        self.assertEqual((self.bob.nick, self.bob.account), ("ann", "ann"))

    def test_the_nick_that_one_has_is_the_default(self) -> None:
        self.leave(self.ann)
        guest = self.guest("Ann")
        [told, _] = self.do(guest, Login(password=PASSWORD))
        self.assertIsInstance(told, LoggedIn)
        self.assertEqual((guest.nick, guest.account), ("ann", "ann"))

    def test_who_has_not_even_a_name_is_one_then(self) -> None:
        self.leave(self.ann)
        listener = self.world.connect()
        self.world.do(listener, Listen(default_nick="User_1"))
        self.assertEqual(self.refusal(listener, Login(password=PASSWORD)), "bad-input")
        self.do(listener, Login(nick="ann", password=PASSWORD))
        self.assertEqual(self.world.hub._rooms.lobby.people, (self.bob.person, listener.person))

    def test_wrong_is_wrong_whether_there_is_an_account_or_not(self) -> None:
        told = [
            self.do(self.bob, Login(nick=nick, password=password))
            for nick, password in (
                ("ann", ANOTHER),
                ("nobody", ANOTHER),
                ("ann", "x" * 301),
                ("nobody", "x" * 301),
            )
        ]
        self.assertEqual(told, [told[0]] * 4)
        self.assertEqual(
            [each.code for each in told[0] if isinstance(each, Failed)], ["wrong-password"]
        )
        self.assertEqual(self.world.hasher.asked[-2:], [(ANOTHER, PASSWORD[::-1]), (ANOTHER, None)])

    def test_an_account_from_before_may_begin_with_a_prefix_of_irc(self) -> None:
        owners = self.world.hub._people.owners
        ann = owners.find("ann")
        assert ann is not None
        owners.put(replace(ann, nick="+ann", key="+ann"))
        told = self.do(self.bob, Login(nick="+ann", password=PASSWORD))
        self.assertIn("+ann", [each.nick for each in told if isinstance(each, LoggedIn)])
        cho = self.world.person("cho")
        code = self.refusal(cho, Register(account="+cho", password=PASSWORD))
        self.assertEqual(code, "bad-name")

    def test_again_changes_nothing(self) -> None:
        [told] = self.do(self.ann, Login(password=PASSWORD, id="l"))
        self.assertEqual(told, LoggedIn(account="ann", nick="ann", user=self.ann.user, re="l"))
        self.assertEqual(self.world.ears.take(self.bob), [])

    def test_as_another_the_first_is_logged_out(self) -> None:
        self.do(self.bob, Register(password=ANOTHER))
        self.leave(self.bob)
        told = self.do(self.ann, Login(nick="bob", password=ANOTHER, id="l"))
        self.assertEqual([type(each) for each in told], [LoggedIn, Renamed])
        self.assertEqual((self.ann.nick, self.ann.account), ("bob", "bob"))
        self.assertIsNone(self.world.hub._people.logged_in("ann"))

    def test_wrong_ones_are_soon_refused_unchecked(self) -> None:
        wrong = Login(nick="ann", password=ANOTHER)
        self.assertEqual([self.refusal(self.bob, wrong) for _ in range(5)], ["wrong-password"] * 5)
        asked = len(self.world.hasher.asked)
        right = Login(nick="ANN", password=PASSWORD)
        self.assertEqual(self.refusal(self.bob, right), "limit-reached")
        self.assertEqual(
            self.refusal(self.bob, Login(nick="eve", password=ANOTHER)), "wrong-password"
        )
        self.assertEqual(len(self.world.hasher.asked), asked + 1)
        elsewhere = self.guest("zoe")
        self.assertEqual(self.refusal(elsewhere, wrong), "wrong-password")
        self.world.clock.advance(60)
        self.do(self.bob, right)
        self.assertEqual(self.bob.account, "ann")

    def test_right_ones_are_never_too_many(self) -> None:
        for _ in range(20):
            self.do(self.bob, Login(nick="ann", password=PASSWORD))
            self.assertEqual(self.bob.account, "ann")
            self.do(self.bob, Logout())

    def test_many_at_once_do_not_get_round_that(self) -> None:
        self.world.hasher.hold = True
        crowd = [self.world.person(f"p{number}") for number in range(7)]
        self.do(crowd[0], Login(nick="ann", password=PASSWORD))  # its answer comes last
        for each in crowd[1:]:
            self.do(each, Login(nick="ann", password=ANOTHER))
        self.world.hasher.release()
        self.world.settle()
        told = [event for each in crowd for event in self.world.ears.take(each)]
        codes = [event.code for event in told if isinstance(event, Failed)]
        self.assertEqual(Counter(codes), {"wrong-password": 5, "limit-reached": 2})
        self.assertIsNone(crowd[0].account)

    def test_a_class_behind_one_address(self) -> None:
        """Right passwords for one room or account, all said at once, are never too many."""
        self.world.hasher.hold = True
        crowd = [self.world.person(f"p{number}") for number in range(30)]
        for each in crowd:
            self.do(each, Login(nick="ann", password=PASSWORD))
        self.world.hasher.release()
        self.world.settle()
        self.assertEqual({each.account for each in crowd}, {"ann"})

    def test_a_guest_on_the_nick_gives_way(self) -> None:
        self.leave(self.ann)
        guest = self.guest()
        self.world.ears.take(self.bob)
        self.do(self.bob, Login(nick="ann", password=PASSWORD))
        self.assertEqual((self.bob.nick, guest.nick), ("ann", f"Guest_{guest.user}"))
        notice, renamed, *_ = self.world.ears.take(guest)
        assert isinstance(notice, Notice)
        assert isinstance(renamed, Renamed)
        self.assertIn(renamed.new, notice.text)
        again = self.refusal(guest, SetNick(nick="ann"))
        self.assertEqual(again, "name-taken")

    def test_is_known_after_a_restart(self) -> None:
        self.world.restart()
        ann = self.world.person("ann")
        self.do(ann, Login(password=PASSWORD))
        self.assertEqual(ann.account, "ann")

    def test_a_client_that_comes_back_is_still_logged_in(self) -> None:
        again = self.world.connect()
        told = self.do(again, Hello(nick="ann", client=SECRET + "ann"))
        self.assertEqual(told[1], LoggedIn(account="ann", nick="ann", user=self.ann.user))
        self.assertEqual((again.account, again.nick), ("ann", "ann"))
        self.assertIsNone(self.world.hub._people.logged_in("bob"))
        self.assertIs(self.world.hub._people.logged_in("ann"), again)


class LogoutTests(AccountCase):
    def test_the_nick_stays_the_accounts(self) -> None:
        told, renamed = self.do(self.ann, Logout(id="o"))
        nick = f"Guest_{self.ann.user}"
        self.assertEqual(told, LoggedOut(nick=nick, user=self.ann.user, re="o"))
        self.assertIsInstance(renamed, Renamed)
        self.assertEqual((self.ann.account, self.ann.nick), (None, nick))
        self.assertEqual(self.refusal(self.ann, Logout()), "wrong-state")

    def test_another_nick_may_be_kept(self) -> None:
        self.do(self.ann, SetNick(nick="anna"))
        self.do(self.ann, Logout())
        self.assertEqual(self.ann.nick, "anna")

    def test_a_guests_nick_is_one_that_nobody_has(self) -> None:
        self.do(self.bob, SetNick(nick=f"guest_{self.ann.user}"))
        self.do(self.ann, Logout())
        self.assertEqual(self.ann.nick, f"Guest_{self.ann.user}_")


class ChangePasswordTests(AccountCase):
    def change(self, old: str, new: str) -> list[Event]:
        return self.do(self.ann, ChangePassword(old=old, new=new, id="c"))

    def opens(self, password: str) -> bool:
        account = self.world.hub._people.owners.find("ann")
        assert account is not None
        return account.password == password[::-1]

    def test_the_new_one_opens_from_then_on(self) -> None:
        self.assertEqual(
            self.change(PASSWORD, ANOTHER), [Notice(text="Your password is changed.", re="c")]
        )
        self.assertTrue(self.opens(ANOTHER))
        self.world.restart()
        self.assertTrue(self.opens(ANOTHER))

    def test_the_old_one_has_to_be_known_and_the_new_one_long_enough(self) -> None:
        for old, new in ((ANOTHER, ANOTHER), (PASSWORD, "short")):
            self.assertIsInstance(self.change(old, new)[0], Failed)
        self.assertTrue(self.opens(PASSWORD))

    def test_needs_a_login(self) -> None:
        command = ChangePassword(old=PASSWORD, new=ANOTHER)
        self.assertEqual(self.refusal(self.bob, command), "wrong-state")

    def test_guesses_are_limited_too(self) -> None:
        told = [self.change(ANOTHER, PASSWORD)[0] for _ in range(6)]
        codes = [each.code for each in told if isinstance(each, Failed)]
        self.assertEqual(codes, ["wrong-password"] * 5 + ["limit-reached"])

    def test_what_the_store_refuses_is_undone(self) -> None:
        self.world.store.broken = "full"
        self.assertIsInstance(self.change(PASSWORD, ANOTHER)[0], Failed)
        self.assertTrue(self.opens(PASSWORD))


class GuestTests(AccountCase):
    """Who takes a registered nick without being its owner."""

    def setUp(self) -> None:
        super().setUp()
        self.leave(self.ann)

    def wait(self, seconds: float) -> None:
        self.world.clock.advance(seconds)
        self.world.settle()
        self.world.ears.told.clear()

    def test_is_told_and_gets_another_one_in_a_while(self) -> None:
        told = self.do(self.bob, SetNick(nick="Ann"))
        self.assertIn(LoginWanted(account="ann", seconds=30), told)
        self.wait(29.9)
        self.assertEqual(self.bob.nick, "Ann")
        self.wait(0.2)
        self.assertEqual(self.bob.nick, f"Guest_{self.bob.user}")
        self.assertEqual(self.refusal(self.bob, SetNick(nick="ann")), "name-taken")
        self.wait(1000)
        self.assertEqual(self.refusal(self.bob, SetNick(nick="ANN")), "name-taken")

    def test_however_it_was_taken(self) -> None:
        ways: tuple[tuple[Any, ...], ...] = (
            (Hello(nick="ann"),),
            (Enter(nick="ann"),),
            (Enter(default_nick="ann"),),
            (Listen(default_nick="ann"), Say(text="hi")),
            (Hello(), SetNick(nick="ann")),
        )
        for commands in ways:
            guest = self.world.connect()
            told = self.do(guest, *commands)
            self.assertEqual(guest.nick, "ann", commands)
            self.assertTrue(any(isinstance(each, LoginWanted) for each in told), commands)
            self.wait(31)
            self.assertEqual(guest.nick, f"Guest_{guest.user}", commands)
            self.leave(guest)

    def test_who_logs_in_in_time_stays(self) -> None:
        self.do(self.bob, SetNick(nick="ann"), Login(password=PASSWORD))
        self.wait(31)
        self.assertEqual((self.bob.nick, self.bob.account), ("ann", "ann"))

    def test_who_takes_another_nick_in_time_keeps_that(self) -> None:
        self.do(self.bob, SetNick(nick="ann"), SetNick(nick="bobby"))
        self.wait(31)
        self.assertEqual(self.bob.nick, "bobby")

    def test_going_to_and_fro_wins_no_time(self) -> None:
        self.do(self.bob, SetNick(nick="ann"))
        self.wait(20)
        told = self.do(self.bob, SetNick(nick="bob"), SetNick(nick="ann"))
        self.assertFalse(any(isinstance(each, LoginWanted) for each in told))
        self.wait(11)
        self.assertEqual(self.bob.nick, f"Guest_{self.bob.user}")

    def test_nor_does_coming_back(self) -> None:
        for seconds in (30, 10):
            guest = self.world.connect()
            told = self.do(guest, Hello(nick="ann", client=SECRET + "guest"))
            self.assertIn(LoginWanted(account="ann", seconds=seconds), told)
            self.assertEqual(guest.nick, "ann")
            self.wait(20)
        self.assertEqual(guest.nick, f"Guest_{guest.user}")
        guest = self.world.connect()
        self.do(guest, Hello(client=SECRET + "guest"))
        self.assertEqual(self.refusal(guest, SetNick(nick="ann")), "name-taken")

    def test_nor_does_another_connection_of_the_same_person(self) -> None:
        self.do(self.bob, Register(password=PASSWORD))
        for always_on, leaving in ((False, None), (False, Logout()), (True, None)):
            first, second = self.world.connect(), self.world.connect()
            for session in (first, second):
                self.do(session, Login(nick="bob", password=PASSWORD), Enter(nick="bob"))
            self.do(first, SetAlwaysOn(active=always_on), SetNick(nick="ann"))
            if leaving is not None:
                self.do(first, leaving)
            self.leave(self.bob, first, *([second] if always_on else []))
            self.wait(29)
            person = self.world.hub._people.logged_in("bob")
            assert person is not None
            self.assertEqual(person.nick, "ann")
            self.wait(2)
            self.assertEqual(person.nick, f"Guest_{person.user}")
            self.leave(second)

    def test_nor_does_taking_it_before_the_account_is_kept(self) -> None:
        """By a client that comes back while its nick is registered, too."""
        self.world.worker.hold = True
        old = self.world.person("cho")
        self.do(old, Register(password=PASSWORD))
        self.do(self.bob, Register(account="dan", password=PASSWORD))
        guest, again = self.world.connect(), self.world.connect()
        self.do(guest, Hello(nick="dan"))
        self.do(again, Hello(client=SECRET + "cho"))
        self.world.worker.hold = False
        self.world.worker.release()
        self.world.settle()
        self.assertEqual((guest.nick, again.nick), ("dan", "cho"))
        self.wait(31)
        self.assertEqual(guest.nick, f"Guest_{guest.user}")
        self.assertEqual(again.nick, f"Guest_{again.user}")

    def test_who_has_gone_is_left_alone(self) -> None:
        self.do(self.bob, SetNick(nick="ann"))
        self.leave(self.bob)
        self.wait(31)
        self.assertEqual(self.world.ears.told, {})

    def test_a_look_alike_is_taken(self) -> None:
        for nick in ("\u0430nn", "\u0391nn"):
            self.assertEqual(self.refusal(self.bob, SetNick(nick=nick)), "name-taken")

    def test_the_owner_may_write_it_differently(self) -> None:
        self.do(self.bob, Login(nick="ann", password=PASSWORD))
        told = self.do(self.bob, SetNick(nick="ANN"))
        self.assertEqual([type(each) for each in told], [Renamed])
