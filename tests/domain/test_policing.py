"""What operators of the server do to people, and say to each other."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Announce,
    Ban,
    Broadcast,
    Create,
    Enter,
    Hello,
    Join,
    Kick,
    Kill,
    ListBans,
    Login,
    MakeAccount,
    Register,
    ResetPassword,
    Unban,
)
from chatservice.domain.events import (
    Announcement,
    Banned,
    Bans,
    Closing,
    Entered,
    Event,
    Failed,
    Gone,
    Kicked,
    Left,
    Notice,
    Unbanned,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.rules import Rules
from tests.world import START, World

PASSWORD = "correct horse"


class PolicingCase(SynchronousTestCase):
    """Root is an operator of the server; ann and bob are people."""

    def setUp(self) -> None:
        self.world = World(reason_characters=10)
        self.root = self.world.connect("127.0.0.1:9")
        self.world.do(self.root, Hello(nick="root"), Join(room=LOBBY), Register(password=PASSWORD))
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")
        self.world.ears.told.clear()

    def refused(self, told: list[Event], code: str) -> None:
        self.assertEqual([each.code for each in told if isinstance(each, Failed)], [code])


class KillTests(PolicingCase):
    def test_ends_every_connection_and_says_why(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        other = self.world.connect()
        self.world.do(other, Hello(), Login(nick="ann", password=PASSWORD))
        self.world.ears.told.clear()
        told = self.world.do(self.root, Kill(nick="ann", reason="spam", id="k"))
        self.assertEqual(told[0], Notice(text="ann is put out of the chat.", re="k"))
        closing = Closing(code="killed", text="You were put out by root: spam.")
        for session in (self.ann, other):
            self.assertEqual(self.world.ears.take(session)[-1], closing)
        self.assertEqual(self.world.ears.closed, [self.ann, other])
        gone = [each for each in self.world.ears.take(self.bob) if isinstance(each, (Left, Gone))]
        self.assertEqual([each.reason for each in gone], ["Killed (root: spam)"] * 2)
        self.assertEqual(self.world.hub.present, 2)

    def test_is_for_operators_of_the_server(self) -> None:
        self.refused(self.world.do(self.bob, Kill(nick="ann")), "server-operator-needed")
        self.assertEqual(self.world.hub.present, 3)

    def test_what_cannot_be_done(self) -> None:
        self.refused(self.world.do(self.root, Kill(nick="nobody")), "no-such-person")
        self.refused(self.world.do(self.root, Kill(nick="ann", reason="x" * 11)), "too-long")
        self.assertEqual(self.world.hub.present, 3)


class AnnounceTests(PolicingCase):
    def test_is_told_to_all_operators(self) -> None:
        other = self.world.connect()
        self.world.do(other, Hello(), Login(nick="root", password=PASSWORD))
        self.world.ears.told.clear()
        told = Announcement(nick="root", user=self.root.user, at=START, text="a b", re="a")
        self.assertEqual(self.world.do(self.root, Announce(text="a\nb", id="a")), [told])
        self.assertEqual(self.world.ears.take(other), [told])
        self.assertEqual(self.world.ears.take(self.ann), [])

    def test_is_for_operators_of_the_server(self) -> None:
        self.refused(self.world.do(self.ann, Announce(text="hi")), "server-operator-needed")
        self.refused(self.world.do(self.root, Announce(text=" ")), "empty-text")


class BroadcastTests(PolicingCase):
    def test_is_told_to_everybody_who_has_come_in(self) -> None:
        newcomer = self.world.connect()
        told = Notice(text="From the operators of this server: a b", re="b")
        self.assertEqual(self.world.do(self.root, Broadcast(text="a\nb", id="b")), [told])
        self.assertEqual(self.world.ears.take(self.ann), [told])
        self.assertEqual(self.world.ears.take(self.bob), [told])
        self.assertEqual(self.world.ears.take(newcomer), [])

    def test_is_for_operators_of_the_server(self) -> None:
        self.refused(self.world.do(self.ann, Broadcast(text="hi")), "server-operator-needed")
        self.refused(self.world.do(self.root, Broadcast(text=" ")), "empty-text")
        self.assertEqual(self.world.ears.take(self.bob), [])


class OutsideTests(PolicingCase):
    """Operators of the server act in rooms that they are not in."""

    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Create(room="den"))
        self.world.do(self.bob, Join(room="den"))
        self.world.ears.told.clear()

    def test_kick(self) -> None:
        told = self.world.do(self.root, Kick(nick="bob", room="den", reason="spam", id="k"))
        [kicked] = self.world.ears.take(self.ann)
        self.assertEqual(told, [kicked])
        assert isinstance(kicked, Kicked)
        self.assertEqual((kicked.nick, kicked.by, kicked.reason), ("bob", "root", "spam"))
        self.refused(self.world.do(self.root, Kick(nick="bob", room="den")), "not-there")

    def test_ban_and_unban(self) -> None:
        told = self.world.do(self.root, Ban(who="bob", room="den"))
        self.assertEqual([type(each) for each in told], [Banned, Kicked])
        self.refused(self.world.do(self.bob, Join(room="den")), "banned")
        [bans] = self.world.do(self.root, ListBans(room="den"))
        assert isinstance(bans, Bans)
        self.assertEqual([each.who for each in bans.bans], ["bob"])
        told = self.world.do(self.root, Unban(who="bob", room="den"))
        self.assertEqual([type(each) for each in told], [Unbanned])
        self.assertIn(
            "den",
            [
                each.room
                for each in self.world.do(self.bob, Join(room="den"))
                if isinstance(each, Entered)
            ],
        )

    def test_others_do_not(self) -> None:
        cid = self.world.person("cid")
        self.refused(self.world.do(cid, Kick(nick="bob", room="den")), "not-in-room")


class ProvisioningTests(PolicingCase):
    """Accounts that an operator of the server makes, or gives another password."""

    def login(self, nick: str, password: str) -> list[str]:
        """What somebody new is told who logs in."""
        told = self.world.do(self.world.connect(), Hello(), Login(nick=nick, password=password))
        return [each.code if isinstance(each, Failed) else type(each).__name__ for each in told]

    def test_make(self) -> None:
        told = self.world.do(self.root, MakeAccount(account="Zoe", password=PASSWORD, id="m"))
        self.assertEqual(told, [Notice(text="Zoe is registered.", re="m")])
        self.assertEqual(self.root.account, "root")
        self.assertIn("LoggedIn", self.login("zoe", PASSWORD))
        self.assertEqual(self.world.hub.accounts, 2)

    def test_reset(self) -> None:
        self.world.do(self.root, MakeAccount(account="zoe", password=PASSWORD))
        told = self.world.do(
            self.root, ResetPassword(account="ZOE", password="another one", id="r")
        )
        self.assertEqual(told, [Notice(text="zoe has another password.", re="r")])
        self.assertIn("wrong-password", self.login("zoe", PASSWORD))
        self.assertIn("LoggedIn", self.login("zoe", "another one"))

    def test_what_cannot_be_done(self) -> None:
        for command, code in (
            (MakeAccount(account="root", password=PASSWORD), "name-taken"),
            (MakeAccount(account="ann", password=PASSWORD), "name-taken"),
            (MakeAccount(account="zoe", password="short"), "weak-password"),
            (MakeAccount(account="#", password=PASSWORD), "bad-name"),
            (ResetPassword(account="zoe", password=PASSWORD), "no-such-person"),
            (ResetPassword(account="root", password="short"), "weak-password"),
        ):
            self.refused(self.world.do(self.root, command), code)
        self.assertEqual(self.world.hub.accounts, 1)

    def test_what_is_not_kept_is_not_done(self) -> None:
        self.world.do(self.root, MakeAccount(account="zoe", password=PASSWORD))
        self.world.store.broken = "The disk is full"
        self.refused(
            self.world.do(self.root, MakeAccount(account="eve", password=PASSWORD)), "not-stored"
        )
        reset = ResetPassword(account="zoe", password="another one")
        self.refused(self.world.do(self.root, reset), "not-stored")
        self.world.store.broken = None
        self.assertEqual(self.world.hub.accounts, 2)
        self.assertIn("LoggedIn", self.login("zoe", PASSWORD))

    def test_is_for_operators_of_the_server(self) -> None:
        for command in (
            MakeAccount(account="zoe", password=PASSWORD),
            ResetPassword(account="root", password=PASSWORD),
        ):
            self.refused(self.world.do(self.ann, command), "server-operator-needed")
        self.assertEqual(self.world.hub.accounts, 1)


class DoorOfTheOperatorTests(SynchronousTestCase):
    """A connection of the server's own operator."""

    def test_needs_no_password_and_no_account(self) -> None:
        world = World()
        world.rules = Rules(password="let me in")
        world.restart()
        session = world.chat.connect("local")
        world.hub.empower(session)
        world.do(session, Enter(default_nick="chatctl", aside=True))
        self.assertEqual((session.nick, session.operator, session.rooms), ("chatctl", True, {}))
        world.chat.disconnect(session)
        self.assertEqual(world.hub.present, 0)
