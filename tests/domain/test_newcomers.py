"""Rooms that show who comes only what is said from then on, over reconnects and restarts."""

from __future__ import annotations

from chatservice.domain.authority import Standing
from chatservice.domain.commands import (
    Command,
    Configure,
    Create,
    Delete,
    Edit,
    Hello,
    History,
    Invite,
    Join,
    Leave,
    Login,
    Logout,
    Quit,
    React,
    Register,
    Say,
    Search,
    SetAlwaysOn,
    SetRole,
)
from chatservice.domain.events import Deleted, Edited, Entered, Found, HistoryPage, Reacted
from chatservice.domain.session import Session
from tests.chatcase import ChatCase, codes
from tests.world import SECRET, World

PASSWORD = "long enough"
JOINING = Configure(room="attic", history="joining")


class NewcomerTests(ChatCase):
    """A room of ann's, in which something was said before bob came."""

    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Join(room="attic"))
        self.say("early")

    def say(self, *texts: str) -> None:
        for text in texts:
            self.world.do(self.ann, Say(text=text, room="attic"))

    def shown(self, session: Session, command: Command) -> list[str]:
        """What of the room a session is shown upon a command."""
        return [
            message.text
            for event in self.world.do(session, command)
            if isinstance(event, (Entered, HistoryPage, Found))
            for message in event.messages or ()
        ]

    def back(self, nick: str, *, account: bool = False) -> Session:
        """The same client, or the account's owner, on a new connection."""
        session = self.world.connect()
        self.world.do(session, Hello(nick=nick, client=SECRET + nick))
        if account:
            self.world.do(session, Login(nick=nick, password=PASSWORD))
        return session

    def after_a_restart(self, nick: str, *, account: bool = False) -> list[str]:
        """What is shown to who comes back then."""
        self.world.restart()
        return self.shown(self.back(nick, account=account), Join(room="attic", since=0))

    def test_who_is_inside_when_that_is_set_misses_nothing_from_then_on(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, JOINING)
        self.world.do(self.bob, Quit())
        self.say("two", "three")
        bob = self.back("bob")
        self.assertEqual(self.shown(bob, Join(room="attic", since=1)), ["two", "three"])
        self.assertEqual(self.shown(bob, History(room="attic")), ["two", "three"])
        self.assertEqual(self.after_a_restart("bob"), ["two", "three"])

    def test_who_stays_without_a_connection_is_inside_too(self) -> None:
        self.world.do(self.bob, Register(password=PASSWORD), SetAlwaysOn(active=True))
        self.world.do(self.bob, Join(room="attic"), Quit())
        self.world.do(self.ann, JOINING)
        self.say("two")
        bob = self.back("bob", account=True)
        self.assertEqual(self.shown(bob, History(room="attic")), ["two"])
        self.assertEqual(self.after_a_restart("bob", account=True), ["two"])

    def test_who_registers_has_still_come_when_it_came(self) -> None:
        self.world.do(self.ann, JOINING)
        self.world.do(self.bob, Join(room="attic"))
        self.say("two")
        self.world.do(self.bob, Register(password=PASSWORD))
        self.assertEqual(self.shown(self.bob, History(room="attic")), ["two"])
        self.world.do(self.bob, Quit())
        self.say("three")
        bob = self.back("bob", account=True)
        self.assertEqual(self.shown(bob, Join(room="attic", since=2)), ["three"])
        self.assertEqual(self.after_a_restart("bob", account=True), ["two", "three"])
        [bob] = [each for each in self.world.hub.sessions if each.account == "bob"]
        self.assertEqual(self.shown(bob, Search(words="early")), [])

    def test_who_logs_out_inside_misses_nothing_from_then_on(self) -> None:
        self.world.do(self.ann, JOINING)
        self.world.do(self.bob, Join(room="attic"), Register(password=PASSWORD))
        self.say("two")
        self.world.do(self.bob, Logout())
        self.say("three")
        self.assertEqual(self.shown(self.bob, History(room="attic")), ["three"])
        nick = self.bob.nick
        self.world.do(self.bob, Quit())
        self.say("four")
        bob = self.world.connect()
        self.world.do(bob, Hello(nick=nick, client=SECRET + "bob"))
        self.assertEqual(self.shown(bob, Join(room="attic", since=3)), ["four"])

    def test_what_becomes_of_what_is_hidden_is_told_to_those_who_see_it(self) -> None:
        self.world.do(self.ann, JOINING)
        self.world.do(self.bob, Join(room="attic"))
        self.say("two")
        self.ears.take(self.bob)
        for seq in (1, 2):
            changed = (
                Edit(room="attic", seq=seq, text="three"),
                React(room="attic", seq=seq, reaction="+1"),
                React(room="attic", seq=seq, reaction="+1", active=False),
            )
            self.assertEqual(len(self.world.do(self.ann, *changed)), 3)
        told = self.ears.take(self.bob)
        self.assertEqual(
            [(type(each), each.seq) for each in told],  # type: ignore[attr-defined]
            [(Edited, 2), (Reacted, 2), (Reacted, 2)],
        )

    def test_who_logs_out_in_the_lobby_goes_on_there(self) -> None:
        self.world.do(self.bob, Register(password=PASSWORD))
        lobby = next(room for room in self.world.hub.rooms if room.name == "lobby")
        lobby.policy.history = "joining"
        lobby.policy.give(self.ann.identity, Standing.OPERATOR, 0)
        self.world.do(self.bob, Logout())
        self.world.do(self.ann, Say(room="lobby", text="one"))
        self.ears.take(self.bob)
        self.world.do(self.ann, Edit(room="lobby", seq=lobby.seq, text="two"))
        self.assertEqual([type(each) for each in self.ears.take(self.bob)], [Edited])

    def test_what_is_taken_back_is_so_for_all(self) -> None:
        """It may be on the screens of those who came before the room hid anything."""
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, JOINING)
        self.ears.take(self.bob)
        self.world.do(self.ann, Delete(room="attic", seq=1))
        self.assertEqual([type(each) for each in self.ears.take(self.bob)], [Deleted])

    def test_a_voice_sees_what_is_said_since_it_was_given(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, SetRole(room="attic", nick="bob", role="voice"))
        self.world.do(self.bob, Leave(room="attic"))
        self.world.do(self.ann, Configure(room="attic", history="joining", invite_only=True))
        self.say("two")
        self.assertEqual(self.shown(self.bob, Join(room="attic", since=0)), ["two"])
        self.assertEqual(self.after_a_restart("bob"), ["two"])

    def test_an_operator_no_more_sees_what_is_said_since_it_came(self) -> None:
        self.world.do(self.ann, JOINING)
        self.world.do(self.bob, Join(room="attic"))
        self.say("two")
        for role in ("operator", "member"):
            self.world.do(self.ann, SetRole(room="attic", nick="bob", role=role))
        self.assertEqual(self.shown(self.bob, History(room="attic")), ["two"])
        self.assertEqual(self.after_a_restart("bob"), ["two"])

    def test_a_refused_role_leaves_no_trace(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.store.broken = "full"
        self.world.do(self.ann, SetRole(room="attic", nick="bob", role="voice"))
        self.world.store.broken = None
        self.world.do(self.bob, Leave(room="attic"))
        self.world.do(self.ann, JOINING)
        self.say("three")
        self.assertEqual(self.shown(self.bob, Join(room="attic", since=0)), [])

    def test_who_was_never_inside_comes_anew(self) -> None:
        self.world.do(self.bob, Join(room="attic"), Leave(room="attic"))
        self.world.do(self.ann, JOINING)
        self.say("two")
        self.assertEqual(self.shown(self.bob, Join(room="attic", since=0)), [])
        self.assertEqual(self.after_a_restart("bob"), [])


class GuestTests(ChatCase):
    """A room remembers so many guests who have left."""

    def setUp(self) -> None:
        super().setUp()
        self.world = World(room_guests=5)
        self.ann = self.world.person("ann", "attic")
        self.world.do(self.ann, Configure(room="attic", invite_only=True))
        self.world.do(self.ann, Say(room="attic", text="hi"))

    def come(self, nick: str, *commands: Command) -> Session:
        session = self.world.person(nick, "lobby")
        self.world.do(self.ann, Invite(room="attic", nick=nick), Say(room="attic", text=nick))
        self.world.do(session, *commands, Join(room="attic"))
        return session

    def may_come_back(self, nick: str) -> bool:
        session = self.world.person(nick, "lobby")
        if nick == "owner":
            self.world.do(session, Login(password=PASSWORD))
        told = self.world.do(session, Join(room="attic"))
        return not codes(told)

    def test_the_first_of_them_are_forgotten_first(self) -> None:
        self.come("inside")
        owner = self.come("owner", Register(password=PASSWORD))
        voice = self.come("voice")
        self.world.do(self.ann, SetRole(room="attic", nick="voice", role="voice"))
        for session in (owner, voice):
            self.world.do(session, Quit())
        for number in range(50):
            self.world.do(self.come(f"guest{number}"), Quit())
        attic = self.world.hub._rooms.existing("attic")
        others = 4  # ann, inside, owner, voice
        self.assertLessEqual(len(attic.policy.roles), others + 5 + 1)
        [kept] = [each for each in self.world.store.open().rooms if each.name == "attic"]
        self.assertEqual({each.identity for each in kept.members}, set(attic.policy.roles))
        for nick in ("inside", "owner", "voice"):
            self.assertTrue(self.may_come_back(nick), nick)
        self.assertTrue(self.may_come_back("guest49"))
        self.assertFalse(self.may_come_back("guest0"))

    def test_accounts_do_not_count(self) -> None:
        for number in range(10):
            self.world.do(self.come(f"owner{number}", Register(password=PASSWORD)), Quit())
        guests = [f"guest{number}" for number in range(5)]
        for nick in guests:
            self.world.do(self.come(nick), Quit())
        for nick in guests:
            self.assertTrue(self.may_come_back(nick), nick)

    def test_an_open_room_is_no_exception(self) -> None:
        self.world.do(self.ann, Configure(room="attic", invite_only=False, history="joining"))
        for number in range(50):
            self.world.do(self.come(f"guest{number}"), Quit())
        attic = self.world.hub._rooms.existing("attic")
        self.assertEqual(set(attic.policy.roles), set(attic.policy.since))
        self.assertLessEqual(len(attic.policy.roles), 1 + 5 + 1)


class MakerTests(ChatCase):
    """Who makes a room is its operator, wherever it is when the room is first kept."""

    def role_after_a_restart(self) -> str | None:
        self.world.restart()
        ann = self.world.person("ann", "attic")
        [person] = self.world.hub._rooms.existing("attic").people
        self.assertEqual(person.user, ann.user)
        return person.role

    def test_outside(self) -> None:
        self.world.do(self.ann, Join(room="attic"))
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, Leave(room="attic"))
        self.world.do(self.bob, Say(text="hi", room="attic"))
        self.assertEqual(self.role_after_a_restart(), "operator")

    def test_on_its_way_in(self) -> None:
        self.world.do(self.ann, Create(room="attic", later=True))
        self.assertEqual(self.role_after_a_restart(), "operator")
