"""Leaving for good, and what people tell about themselves on coming."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Enter, Hello, Join, ListPeople, Login, Quit, Register
from chatservice.domain.events import Event, Failed, Gone, Left, People, Person
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.world import SECRET, START, World

PASSWORD = "correct horse"


def comings(told: list[Event]) -> list[Event]:
    """What is told about people that leave."""
    return [event for event in told if isinstance(event, (Left, Gone))]


class GoneTests(SynchronousTestCase):
    """Ann and bob are in two rooms, carl is in one of them, and dora in none of theirs."""

    def setUp(self) -> None:
        self.world = World(reason_characters=10)
        self.ann = self.world.person("ann", LOBBY, "attic")
        self.bob = self.world.person("bob", LOBBY, "attic")
        self.carl = self.world.person("carl", LOBBY)
        self.dora = self.world.person("dora", "cellar")
        self.world.ears.told.clear()

    def test_who_shared_a_room_hears_it_of_each_room_and_once_of_the_chat(self) -> None:
        self.world.do(self.ann, Quit(reason="tired"))
        gone = Gone(nick="ann", user=self.ann.user, at=START, reason="tired")
        lobby, attic = (
            Left(room=room, nick="ann", user=gone.user, at=START, reason="tired", gone=True)
            for room in (LOBBY, "attic")
        )
        self.assertEqual(comings(self.world.ears.take(self.bob)), [lobby, attic, gone])
        self.assertEqual(comings(self.world.ears.take(self.carl)), [lobby, gone])
        self.assertEqual(comings(self.world.ears.take(self.dora)), [])

    def test_nobody_is_gone_who_is_connected_once_more(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        other = self.world.connect()
        self.world.do(other, Hello(), Login(nick="ann", password=PASSWORD), Join(room="cellar"))
        self.world.ears.told.clear()
        self.world.do(self.ann, Quit())
        left = Left(room=LOBBY, nick="ann", user=self.ann.user, at=START)
        self.assertEqual(comings(self.world.ears.take(self.carl)), [left])
        self.assertEqual(comings(self.world.ears.take(self.dora)), [])
        self.world.do(other, Quit())
        self.assertEqual(len(comings(self.world.ears.take(self.dora))), 2)

    def test_a_lost_connection_gives_no_reason_and_a_closed_one_the_servers(self) -> None:
        self.world.chat.disconnect(self.ann)
        self.world.chat.dismiss(self.bob, "flood", "Too fast.")
        self.world.settle()
        gone = [each for each in self.world.ears.take(self.carl) if isinstance(each, Gone)]
        self.assertEqual([each.reason for each in gone], [None, "Too fast."])

    def test_no_reason_keeps_anybody_here(self) -> None:
        for nick, reason, shown in (
            ("eva", "x" * 11, "x" * 10),
            ("fay", " \x02\n", None),
            ("gil", "so\nlong", "so long"),
        ):
            session = self.world.person(nick)
            self.world.do(session, Quit(reason=reason))
            [gone] = [each for each in self.world.ears.take(self.bob) if isinstance(each, Gone)]
            self.assertEqual(gone.reason, shown)


class RealNameTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(realname_characters=10)

    def seen(self, asker: Session) -> list[Person]:
        """Who is in the lobby."""
        [people] = [each for each in self.world.do(asker, ListPeople()) if isinstance(each, People)]
        return list(people.people)

    def test_is_told_on_coming(self) -> None:
        ann = self.world.connect()
        self.world.do(ann, Hello(nick="ann", realname=" Ann\tOther "), Join(room=LOBBY))
        bob = self.world.connect()
        self.world.do(bob, Enter(nick="bob", realname=" "))
        names = [each.realname for each in self.seen(bob)]
        self.assertEqual(names, ["Ann Other", None])

    def test_one_that_is_too_long_lets_nobody_in(self) -> None:
        for command in (Enter(nick="ann", realname="x" * 11), Hello(nick="ann", realname="x" * 11)):
            session = self.world.connect()
            [failed] = self.world.do(session, command)
            assert isinstance(failed, Failed)
            self.assertEqual(failed.code, "too-long")
            self.assertIsNone(session.nick)

    def test_a_client_that_comes_back_may_say_another_one(self) -> None:
        self.world.do(
            self.world.connect(), Hello(nick="ann", client=SECRET, realname="A"), Join(room=LOBBY)
        )
        bob = self.world.person("bob")
        self.world.do(self.world.connect(), Hello(client=SECRET))
        self.assertEqual([each.realname for each in self.seen(bob)], ["A", None])
        self.world.do(self.world.connect(), Hello(client=SECRET, realname="B"))
        self.assertEqual([each.realname for each in self.seen(bob)], ["B", None])


class AccountTests(SynchronousTestCase):
    def test_the_account_and_being_an_operator_are_seen(self) -> None:
        world = World()
        root = world.connect("127.0.0.1:9")
        world.do(root, Hello(nick="Root"), Join(room=LOBBY), Register(password=PASSWORD))
        self.assertEqual((root.person.account, root.person.operator), ("Root", True))
        other = world.connect()
        world.do(other, Hello(), Login(nick="root", password=PASSWORD))
        self.assertEqual(other.person_as("voice").account, "Root")
        bob = world.person("bob")
        [people] = world.do(bob, ListPeople())
        assert isinstance(people, People)
        self.assertEqual([each.account for each in people.people], ["Root", None])
        self.assertEqual([each.operator for each in people.people], [True, False])
