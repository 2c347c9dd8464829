"""Who is here, who was, and who is awaited."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    AskCounts,
    Configure,
    Enter,
    FindPeople,
    Hello,
    Join,
    ListWatched,
    Login,
    Logout,
    Quit,
    Register,
    Say,
    SetAway,
    SetBot,
    SetInvisible,
    SetNick,
    SetRealname,
    Unwatch,
    Watch,
    Whowas,
)
from chatservice.domain.events import (
    AwayChanged,
    Counts,
    Event,
    Failed,
    Offline,
    Online,
    Past,
    PastPerson,
    PeopleFound,
    RealnameChanged,
    Watched,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.world import SECRET, START, World

PASSWORD = "correct horse"


class FindingCase(SynchronousTestCase):
    """Ann and bob are in the lobby, carl is in the attic."""

    def setUp(self) -> None:
        self.world = World(found_people=3, watched=3, past_people=4, mask_characters=30)
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")
        self.carl = self.world.person("carl", "attic")

    def refused(self, told: list[Event], code: str) -> None:
        self.assertEqual([each.code for each in told if isinstance(each, Failed)], [code])

    def found(self, asker: Session, command: FindPeople) -> PeopleFound:
        told = self.world.do(asker, command)
        [reply] = [each for each in told if isinstance(each, PeopleFound)]
        return reply

    def nicks(self, asker: Session, command: FindPeople) -> list[str]:
        return [each.person.nick for each in self.found(asker, command).people]


class FindTests(FindingCase):
    def test_by_a_mask_of_nicks_sources_and_real_names(self) -> None:
        self.world.do(self.bob, SetRealname(text="Bob the Builder"))
        for mask, nicks in (
            ("*", ["ann", "bob", "carl"]),
            ("ANN", ["ann"]),
            ("?????", []),
            ("c*l", ["carl"]),
            (f"*!*@{self.bob.user}.chat", ["bob"]),
            ("*builder", ["bob"]),
            ("x", []),
        ):
            self.assertEqual(self.nicks(self.ann, FindPeople(mask=mask)), nicks, mask)

    def test_with_when_they_came_and_for_how_long_they_have_said_nothing(self) -> None:
        self.world.clock.advance(60)
        self.world.do(self.bob, Say(text="hi"))
        self.world.clock.advance(30)
        self.world.ears.told.clear()
        times = [
            (each.since, each.idle)
            for each in self.found(self.ann, FindPeople(nicks=("ann", "bob"))).people
        ]
        self.assertEqual(times, [(START, 90), (START, 30)])

    def test_who_is_in_a_room_with_roles_and_all_of_them(self) -> None:
        people = [self.world.person(nick, "attic") for nick in ("dora", "eva", "fay")]
        reply = self.found(people[0], FindPeople(room="attic", id="f"))
        self.assertEqual(
            [(each.person.nick, each.person.role) for each in reply.people],
            [("carl", "operator"), ("dora", None), ("eva", None), ("fay", None)],
        )
        self.assertEqual((reply.room, reply.more, reply.re), ("attic", False, "f"))

    def test_a_closed_room_is_shown_to_those_inside(self) -> None:
        self.world.do(self.carl, Configure(room="attic", invite_only=True))
        self.refused(self.world.do(self.ann, FindPeople(room="attic")), "forbidden")
        self.assertEqual(self.nicks(self.carl, FindPeople(room="attic")), ["carl"])
        self.refused(self.world.do(self.ann, FindPeople(room="nowhere")), "no-such-room")

    def test_by_nicks_or_ids_those_who_are_here(self) -> None:
        wanted = ("BOB", "nobody", self.carl.user)
        self.assertEqual(self.nicks(self.ann, FindPeople(nicks=wanted)), ["bob", "carl"])

    def test_operators_alone(self) -> None:
        root = self.world.connect("127.0.0.1:9")
        self.world.do(root, Hello(nick="root"), Register(password=PASSWORD))
        self.assertEqual(self.nicks(self.ann, FindPeople(mask="*", operators=True)), ["root"])

    def test_no_more_than_the_limit(self) -> None:
        self.assertFalse(self.found(self.ann, FindPeople(mask="*")).more)
        self.world.person("dora")
        reply = self.found(self.ann, FindPeople(mask="*"))
        self.assertEqual((len(reply.people), reply.more), (3, True))

    def test_what_is_not_one_question(self) -> None:
        for command in (
            FindPeople(mask="*", room=LOBBY),
            FindPeople(nicks=("ann",), mask="*"),
            FindPeople(mask="*" * 31),
        ):
            self.refused(self.world.do(self.ann, command), "bad-input")

    def test_strangers_do_not_find_the_invisible_by_a_mask(self) -> None:
        self.world.do(self.bob, SetInvisible())
        self.world.do(self.carl, SetInvisible())
        self.world.ears.told.clear()
        for asker, nicks in ((self.ann, ["ann", "bob"]), (self.carl, ["ann", "carl"])):
            self.assertEqual(self.nicks(asker, FindPeople(mask="*")), nicks)
        self.assertEqual(self.nicks(self.ann, FindPeople(nicks=("carl",))), ["carl"])
        self.world.do(self.carl, SetInvisible(active=False))
        self.assertEqual(self.nicks(self.ann, FindPeople(mask="c*")), ["carl"])

    def test_a_mask_of_many_stars_takes_no_time(self) -> None:
        self.world.do(self.bob, SetRealname(text="a" * 140))
        self.assertEqual(self.nicks(self.ann, FindPeople(mask="*a" * 14 + "b")), [])


class WhowasTests(FindingCase):
    def past(self, nick: str, count: int = 0) -> list[PastPerson]:
        told = self.world.do(self.ann, Whowas(nick=nick, count=count, id="w"))
        [reply] = [each for each in told if isinstance(each, Past)]
        self.assertEqual((reply.nick, reply.re), (nick, "w"))
        return list(reply.people)

    def test_who_left_and_who_took_another_nick_latest_first(self) -> None:
        self.world.do(self.bob, SetRealname(text="Bob"), Register(password=PASSWORD), Quit())
        self.world.clock.advance(1)
        self.world.do(self.carl, SetNick(nick="bob2"), SetNick(nick="carla"))
        bob = PastPerson(nick="bob", user=self.bob.user, at=START, realname="Bob", account="bob")
        self.assertEqual(self.past("BOB"), [bob])
        self.assertEqual([each.user for each in self.past("bob2")], [self.carl.user])
        self.assertEqual(self.past("carla"), [])
        self.assertEqual(self.past("ann"), [])

    def test_as_many_as_are_asked_for_and_remembered(self) -> None:
        for _ in range(3):
            self.world.do(self.bob, SetNick(nick="rob"), SetNick(nick="bob"))
        for count, shown in ((0, 2), (-1, 2), (1, 1), (2, 2), (9, 2)):
            self.assertEqual(len(self.past("rob", count)), shown)

    def test_who_is_connected_once_more_is_not_gone(self) -> None:
        self.world.do(self.bob, Register(password=PASSWORD))
        other = self.world.connect()
        self.world.do(other, Hello(nick="bobby"), Login(nick="bob", password=PASSWORD))
        self.world.do(other, Quit())
        self.assertEqual(self.past("bob"), [])
        self.assertEqual(len(self.past("bobby")), 1)


class CountTests(FindingCase):
    def counts(self) -> Counts:
        told = self.world.do(self.ann, AskCounts(id="c"))
        [reply] = [each for each in told if isinstance(each, Counts)]
        return reply

    def test_people_connections_and_rooms(self) -> None:
        counts = Counts(
            people=3,
            most_people=3,
            invisible=0,
            operators=0,
            connections=3,
            strangers=0,
            rooms=2,
            re="c",
        )
        self.assertEqual(self.counts(), counts)

    def test_they_follow_who_comes_and_goes(self) -> None:
        def now() -> tuple[int, ...]:
            counts = self.counts()
            return counts.people, counts.most_people, counts.connections, counts.strangers

        stranger = self.world.connect()
        self.assertEqual(now(), (3, 3, 4, 1))
        self.world.do(stranger, Enter(nick="dora", aside=True))
        self.assertEqual(now(), (4, 4, 4, 0))
        self.world.do(self.bob, Register(password=PASSWORD), SetNick(nick="rob"))
        self.world.do(stranger, Login(nick="bob", password=PASSWORD))
        self.assertEqual(now(), (3, 4, 4, 0))
        self.world.do(stranger, Logout())
        self.assertEqual(now(), (4, 4, 4, 0))
        self.world.do(stranger, Login(nick="bob", password=PASSWORD))
        self.world.do(self.bob, Quit())
        self.assertEqual(now(), (3, 4, 3, 0))
        self.world.do(stranger, Quit())
        self.assertEqual(now(), (2, 4, 2, 0))

    def test_a_client_without_a_name_that_comes_back_is_one_stranger(self) -> None:
        for _ in range(2):
            self.world.do(self.world.connect(), Hello(client=SECRET + "dora"))
        counts = self.counts()
        self.assertEqual((counts.people, counts.connections, counts.strangers), (3, 4, 1))

    def test_operators_and_the_invisible_are_counted_once_each(self) -> None:
        root = self.world.connect("127.0.0.1:9")
        self.world.do(root, Hello(nick="root"), Register(password=PASSWORD), SetInvisible())
        other = self.world.connect()
        self.world.do(other, Hello(), Login(nick="root", password=PASSWORD))
        self.assertTrue(other.invisible)
        counts = self.counts()
        self.assertEqual((counts.operators, counts.invisible), (1, 1))
        self.world.do(root, Logout())
        counts = self.counts()
        self.assertEqual((counts.operators, counts.invisible), (1, 2))
        self.world.do(other, Quit())
        self.world.do(root, SetInvisible(active=False))
        counts = self.counts()
        self.assertEqual((counts.operators, counts.invisible), (0, 0))


class WatchTests(FindingCase):
    def watch(self, *nicks: str) -> Watched:
        told = self.world.do(self.ann, Watch(nicks=nicks, id="w"))
        [reply] = [each for each in told if isinstance(each, Watched)]
        return reply

    def told(self) -> list[Event]:
        return [
            each for each in self.world.ears.take(self.ann) if isinstance(each, (Online, Offline))
        ]

    def test_says_who_is_here_and_who_is_not(self) -> None:
        self.assertEqual(
            self.watch("CARL", "dora"),
            Watched(online=(self.carl.person,), offline=("dora",), re="w"),
        )

    def test_tells_who_comes_and_goes(self) -> None:
        self.watch("dora")
        dora = self.world.connect()
        self.world.do(dora, Enter(nick="Dora", aside=True))
        self.assertEqual(self.told(), [Online(people=(dora.person,))])
        self.world.do(dora, SetNick(nick="DORA"))
        self.assertEqual(self.told(), [])
        self.world.do(dora, Quit())
        self.assertEqual(self.told(), [Offline(nicks=("DORA",))])
        self.world.do(self.world.connect(), Hello(nick="dora"))
        self.assertEqual(len(self.told()), 1)

    def test_tells_who_takes_another_nick(self) -> None:
        self.watch("bob", "rob")
        self.world.do(self.bob, SetNick(nick="rob"))
        self.assertEqual(self.told(), [Offline(nicks=("bob",)), Online(people=(self.bob.person,))])

    def test_tells_of_who_gets_a_nick_late(self) -> None:
        self.watch("late")
        session = self.world.connect()
        self.world.do(session, Hello())
        self.assertEqual(self.told(), [])
        self.world.do(session, SetNick(nick="late"))
        self.assertEqual(self.told(), [Online(people=(session.person,))])

    def test_tells_of_guests_that_turn_out_to_be_somebody_else(self) -> None:
        self.world.do(self.bob, Register(password=PASSWORD))
        self.watch("guest")
        guest = self.world.person("guest")
        self.world.do(guest, Login(nick="bob", password=PASSWORD))
        self.assertEqual(self.told(), [Offline(nicks=("guest",))])
        self.watch(f"Guest_{100_004}")
        self.world.do(guest, Logout())
        self.assertEqual(self.told(), [Online(people=(guest.person,))])

    def test_a_client_that_comes_back_was_never_away(self) -> None:
        self.watch("bob")
        self.world.person("bob")
        self.assertEqual(self.told(), [])

    def test_not_any_more(self) -> None:
        self.watch("bob", "carl")
        [reply] = self.world.do(self.ann, Unwatch(nicks=("BOB", "nobody"), id="u"))
        self.assertEqual(reply, Watched(online=(self.carl.person,), offline=(), re="u"))
        self.world.do(self.bob, Quit())
        self.assertEqual(self.told(), [])
        [reply] = self.world.do(self.ann, Unwatch())
        self.assertEqual(reply, Watched(online=(), offline=()))
        self.world.do(self.carl, Quit())
        self.assertEqual(self.told(), [])

    def test_what_one_watches(self) -> None:
        self.watch("x", "Bob")
        [reply] = self.world.do(self.ann, ListWatched(id="l"))
        self.assertEqual(reply, Watched(online=(self.bob.person,), offline=("x",), re="l"))

    def test_what_nobody_can_be_called_is_not_here_and_costs_nothing(self) -> None:
        masks = tuple(f"*!*@{n}" for n in range(9))
        self.assertEqual(self.watch(*masks).offline, masks)
        self.assertEqual(len(self.watch("x", "y", "z").offline), 3)

    def test_no_more_than_the_limit(self) -> None:
        self.watch("x", "y")
        self.watch("X", "z")
        self.refused(self.world.do(self.ann, Watch(nicks=("z", "bob"))), "limit-reached")
        [reply] = self.world.do(self.ann, ListWatched())
        assert isinstance(reply, Watched)
        self.assertEqual(reply.offline, ("x", "y", "z"))

    def test_who_is_gone_watches_nobody(self) -> None:
        self.watch("bob")
        self.world.do(self.ann, Quit())
        self.world.do(self.bob, Quit())
        self.assertEqual(self.told(), [])
        self.assertFalse(self.world.hub._state.attendance.watchers("bob"))

    def test_a_connection_that_another_one_replaces_watches_nobody(self) -> None:
        self.watch("bob")
        self.world.do(self.ann, Watch(closely=True))
        self.world.person("ann")
        self.assertFalse(self.world.hub._state.attendance.watchers("bob"))
        self.assertFalse(self.world.hub._state.attendance._closely)

    def test_more_is_told_to_who_looks_closely(self) -> None:
        self.watch("carl")
        self.world.do(self.carl, SetAway(text="lunch"))
        self.assertEqual(self.world.ears.take(self.ann), [])
        self.world.do(self.ann, Watch(closely=True))
        self.world.do(self.carl, SetAway(), SetRealname(text="Carl"), SetBot())
        told = self.world.ears.take(self.ann)
        self.assertEqual([type(each) for each in told], [AwayChanged, RealnameChanged])
        self.world.do(self.ann, Join(room="attic"), Watch(closely=True))
        self.world.ears.told.clear()
        self.world.do(self.carl, SetAway(text="tea"))
        self.assertEqual(len(self.world.ears.take(self.ann)), 1)
