"""An account that is always on: there without a connection, after a restart too, and put back."""

from __future__ import annotations

from chatservice.domain.commands import (
    Ban,
    Command,
    Create,
    Enter,
    FindPeople,
    Hello,
    Join,
    Kick,
    Kill,
    Leave,
    Login,
    Logout,
    Oper,
    Register,
    RenameRoom,
    Say,
    SetAlwaysOn,
    SetAway,
    Tell,
    Watch,
    Whois,
)
from chatservice.domain.events import (
    AlwaysOn,
    AwayChanged,
    Entered,
    Event,
    Exited,
    Failed,
    Joined,
    Left,
    OperatorChanged,
    PeopleFound,
    Person,
    Private,
    Watched,
    WhoisReply,
)
from chatservice.domain.rules import Rules
from chatservice.domain.session import Session
from tests.domain.test_accounts import PASSWORD, AccountCase

AWAY = "not connected"


class StayingCase(AccountCase):
    """A test case with ann, who is always on, in the lobby and in the attic, as bob is."""

    def setUp(self) -> None:
        super().setUp()
        self.do(self.bob, Join(room="attic"))
        self.do(self.ann, Join(room="attic"), SetAlwaysOn(active=True))
        self.world.ears.told.clear()

    def people(self, room: str = "attic") -> tuple[Person, ...]:
        found = {each.name: each for each in self.world.hub.rooms}
        return found[room].people

    def nicks(self, room: str = "attic") -> list[str]:
        return [person.nick for person in self.people(room)]

    def back(self, *commands: Command) -> tuple[Session, list[Event]]:
        """A new connection of ann's, and what it is told."""
        session = self.world.connect("10.0.0.8:5008")
        log_in = (Login(nick="ann", password=PASSWORD), Enter(nick="ann", aside=True))
        return session, self.do(session, *log_in, *commands)

    def entered(self, told: list[Event]) -> dict[str, list[str]]:
        """The rooms that one is put into, with what was said there."""
        return {
            each.room: [message.text for message in each.messages]
            for each in told
            if isinstance(each, Entered)
        }


class StayTests(StayingCase):
    def test_one_that_goes_is_still_there_and_away(self) -> None:
        user = self.ann.user
        self.world.chat.disconnect(self.ann)
        self.world.settle()
        told = self.world.ears.take(self.bob)
        self.assertEqual(
            [each for each in told if isinstance(each, (AwayChanged, Left))],
            [AwayChanged(nick="ann", user=user, text=AWAY)],
        )
        for room in ("lobby", "attic"):
            [ann] = [person for person in self.people(room) if person.nick == "ann"]
            self.assertEqual((ann.user, ann.away, ann.account), (user, AWAY, "ann"))

    def test_who_said_why_is_away_for_that(self) -> None:
        self.do(self.ann, SetAway(text="lunch"))
        self.leave(self.ann)
        self.assertEqual({person.away for person in self.people()}, {None, "lunch"})
        self.back()
        self.assertEqual({person.away for person in self.people()}, {None, "lunch"})

    def test_the_next_connection_is_put_back_with_what_it_has_missed(self) -> None:
        user = self.ann.user
        self.leave(self.ann)
        self.world.clock.advance(1)
        for number in range(60):
            self.do(self.bob, Say(room="attic", text=str(number)))
        session, told = self.back()
        entered = self.entered(told)
        self.assertEqual(set(entered), {"lobby", "attic"})
        self.assertEqual(entered["attic"], [str(number) for number in range(60)])
        self.assertEqual(session.user, user)
        heard = self.world.ears.take(self.bob)
        self.assertIn(AwayChanged(nick="ann", user=user, text=None), heard)
        self.assertFalse([each for each in heard if isinstance(each, (Joined, Left))])
        [ann] = [person for person in self.people() if person.nick == "ann"]
        self.assertEqual((ann.away, ann.address), (None, "10.0.0.8:5008"))

    def test_a_room_left_by_an_earlier_connection_shows_it_as_away_too(self) -> None:
        other, _ = self.back(Leave(room="attic"))
        self.leave(self.ann, other)
        self.assertEqual({person.away for person in self.people()}, {None, AWAY})

    def test_who_was_an_operator_by_a_password_says_it_again(self) -> None:
        self.world.rules = Rules(opers={"eve": PASSWORD[::-1]}, operators=("bob",))
        self.world.restart()
        bob = self.world.connect("127.0.0.1:5001")
        self.do(bob, Hello(nick="bob"), Register(password=PASSWORD), SetAlwaysOn(active=True))
        ann, _ = self.back(Oper(name="eve", password=PASSWORD))
        for reason in (None, "lunch"):
            self.do(ann, SetAway(text=reason))
            self.leave(ann, bob)
            self.assertFalse(any(person.operator for person in self.people()))
            self.assertEqual([each.nick for each in self.world.hub._people.operators], ["bob"])
            ann, _ = self.back()
            self.assertFalse(ann.operator)
            self.do(ann, Oper(name="eve", password=PASSWORD))

    def test_nor_is_it_one_after_a_logout_and_is_told_so(self) -> None:
        self.world.rules = Rules(opers={"eve": PASSWORD[::-1]})
        self.world.restart()
        ann, _ = self.back(Oper(name="eve", password=PASSWORD))
        told = [each for each in self.do(ann, Logout()) if isinstance(each, OperatorChanged)]
        self.assertEqual([each.operator for each in told], [False])

    def test_of_what_it_has_not_missed_it_gets_as_much_as_anybody(self) -> None:
        for number in range(60):
            self.do(self.bob, Say(room="attic", text=str(number)))
        self.world.clock.advance(1)
        session, told = self.back()
        self.assertEqual(len(self.entered(told)["attic"]), 50)
        self.leave(session, self.ann)
        self.world.clock.advance(1)
        _, told = self.back()
        self.assertEqual(len(self.entered(told)["attic"]), 50)

    def test_whoever_logs_in_later_is_put_back_too(self) -> None:
        self.leave(self.ann)
        guest = self.guest("eve")
        told = self.do(guest, Login(nick="ann", password=PASSWORD))
        entered = [(each.room, each.again) for each in told if isinstance(each, Entered)]
        self.assertEqual(entered, [("lobby", True), ("attic", False)])
        self.assertEqual((guest.nick, guest.current), ("ann", "lobby"))
        shown = [[p.away for p in each.people] for each in told if isinstance(each, Entered)]
        self.assertEqual(shown, [[None, None], [None, None]])

    def test_it_hears_and_speaks_there(self) -> None:
        self.leave(self.ann)
        session, _ = self.back(Say(room="attic", text="hi"))
        self.do(self.bob, Say(room="attic", text="welcome back"))
        self.assertEqual(len(self.world.ears.take(session)), 1)

    def test_leaving_a_room_is_for_good(self) -> None:
        self.do(self.ann, Leave(room="attic"))
        self.assertEqual(self.nicks(), ["bob"])
        self.leave(self.ann)
        _, told = self.back()
        self.assertEqual(set(self.entered(told)), {"lobby"})

    def test_as_long_as_another_connection_is_there_it_is_not_left(self) -> None:
        second, _ = self.back()
        self.do(second, Leave(room="attic"))
        self.assertEqual(self.nicks(), ["bob", "ann"])
        self.do(self.ann, Leave(room="attic"))
        self.assertEqual(self.nicks(), ["bob"])

    def test_who_is_put_out_is_out(self) -> None:
        self.do(self.bob, Create(room="den"))
        self.do(self.ann, Join(room="den"))
        self.leave(self.ann)
        self.do(self.bob, Kick(room="den", nick="ann"))
        self.assertEqual(self.nicks("den"), ["bob"])
        _, told = self.back(Join(room="den"))
        self.assertIn("den", self.entered(told))
        self.do(self.bob, Ban(room="den", who="ann"))
        self.assertEqual(self.nicks("den"), ["bob"])

    def test_a_room_that_is_renamed_is_still_its_room(self) -> None:
        self.do(self.bob, Create(room="den"))
        self.do(self.ann, Join(room="den"))
        self.leave(self.ann)
        self.do(self.bob, RenameRoom(room="den", new="cave"))
        _, told = self.back()
        self.assertIn("cave", self.entered(told))

    def test_so_many_rooms_and_no_more(self) -> None:
        most = self.world.limits.always_on_rooms
        eve = self.world.person("eve")
        joe = self.world.person("joe")
        for number in range(most):
            maker = (self.ann, self.bob, eve, joe)[number * 4 // most]
            room = Join(room=f"room{number}")
            self.do(maker, room)
            self.do(self.ann, room)
        stand_in = self.ann.stand_in
        assert stand_in is not None
        self.assertEqual(len(stand_in.rooms), min(most, len(self.ann.rooms)))

    def test_who_logs_out_is_away_first_where_it_does_not_stay(self) -> None:
        """Else it would be told of somebody whom nobody sees there any more."""
        self.do(self.bob, Join(room="den"), Leave(room="lobby"), Leave(room="attic"))
        self.world.store.broken = "full"
        self.do(self.ann, Join(room="den"))
        self.world.store.broken = None
        self.world.ears.told.clear()
        self.do(self.ann, Logout())
        told = [type(each) for each in self.world.ears.take(self.bob)]
        self.assertEqual(told, [AwayChanged, Left, Joined])

    def test_who_logs_out_leaves_the_account_there(self) -> None:
        self.do(self.ann, Logout())
        self.assertNotEqual(self.ann.nick, "ann")
        self.assertEqual(sorted(self.nicks()), sorted(["ann", "bob", self.ann.nick or ""]))
        [ann] = [person for person in self.people() if person.nick == "ann"]
        self.assertEqual(ann.away, AWAY)

    def test_what_is_told_to_it_waits(self) -> None:
        self.leave(self.ann)
        [failed] = self.do(self.bob, Tell(to="ann", text="hi"))
        assert isinstance(failed, Failed)
        self.do(self.bob, Register(password=PASSWORD), Tell(to="ann", text="hello"))
        _, told = self.back()
        self.assertEqual([each.text for each in told if isinstance(each, Private)], ["hello"])

    def test_whois_finds_it(self) -> None:
        self.leave(self.ann)
        [reply] = self.do(self.bob, Whois(nick="ann"))
        assert isinstance(reply, WhoisReply)
        self.assertEqual((reply.person.away, reply.account), (AWAY, "ann"))

    def test_an_operator_ends_connections_only(self) -> None:
        self.world.rules = Rules(opers={"eve": PASSWORD[::-1]})
        self.world.restart()
        ann, _ = self.back()
        eve = self.world.person("eve", "attic")
        self.do(eve, Oper(name="eve", password=PASSWORD), Kill(nick="ann"))
        self.assertEqual(self.nicks(), ["ann", "eve"])
        self.assertEqual(self.refusal(eve, Kill(nick="ann")), "no-such-person")
        self.assertEqual(self.nicks(), ["ann", "eve"])
        self.assertIsNone(ann.nick)


class RestartTests(StayingCase):
    def test_it_is_there_from_the_start(self) -> None:
        self.leave(self.ann)
        self.world.clock.advance(1)
        self.do(self.bob, Say(room="attic", text="hi"))
        self.world.restart()
        self.assertEqual((self.nicks("lobby"), self.nicks()), (["ann"], ["ann"]))
        self.assertEqual(self.people()[0].away, AWAY)
        guest = self.world.connect()
        told = self.do(guest, Hello(nick="ann"))
        self.assertEqual([each.code for each in told if isinstance(each, Failed)], ["name-taken"])
        _, told = self.back()
        self.assertEqual(self.entered(told), {"lobby": [], "attic": ["hi"]})

    def test_who_was_put_out_with_two_connections_is_out(self) -> None:
        self.do(self.bob, Create(room="den"))
        self.do(self.ann, Join(room="den"))
        self.back()
        self.do(self.bob, Kick(room="den", nick="ann"))
        self.world.restart()
        self.assertEqual(self.nicks("den"), [])

    def test_whois_says_where_it_is_really(self) -> None:
        self.world.restart()
        _, told = self.back(Whois(nick="ann"))
        [reply] = [each for each in told if isinstance(each, WhoisReply)]
        self.assertEqual((reply.person.address, reply.host), ("10.0.0.8:5008", "10.0.0.8"))

    def test_and_so_do_those_that_look_for_people(self) -> None:
        self.world.restart()
        _, told = self.back(FindPeople(mask="ann"), Watch(nicks=("ann",)))
        [found] = [each for each in told if isinstance(each, PeopleFound)]
        [watched] = [each for each in told if isinstance(each, Watched)]
        people = [*(each.person for each in found.people), *watched.online]
        self.assertEqual([person.address for person in people], ["10.0.0.8:5008"] * 2)

    def test_and_so_after_a_crash(self) -> None:
        self.do(self.bob, Say(room="attic", text="hi"))
        self.world.restart()
        self.assertEqual(self.nicks(), ["ann"])

    def test_a_room_in_which_nothing_was_said_is_kept_for_it(self) -> None:
        self.do(self.ann, Join(room="quiet"))
        self.world.restart()
        self.assertEqual(self.nicks("quiet"), ["ann"])

    def test_an_operator_of_the_server_is_still_one(self) -> None:
        root = self.world.connect("127.0.0.1:5001")
        self.do(root, Hello(nick="root"), Register(password=PASSWORD), SetAlwaysOn(active=True))
        self.world.restart()
        again = self.world.connect()
        self.do(again, Login(nick="root", password=PASSWORD), Enter(nick="root"))
        self.assertTrue(again.operator)

    def test_nobody_else_is(self) -> None:
        self.do(self.bob, Register(password=PASSWORD))
        self.world.restart()
        self.assertEqual(self.nicks(), ["ann"])


class SetTests(StayingCase):
    def test_who_wants_it_no_more_leaves_with_its_last_connection(self) -> None:
        self.assertEqual(
            self.do(self.ann, SetAlwaysOn(active=False, id="o")), [AlwaysOn(active=False, re="o")]
        )
        self.assertEqual(self.nicks(), ["bob", "ann"])
        self.leave(self.ann)
        self.assertEqual(self.nicks(), ["bob"])
        self.world.restart()
        self.assertEqual(self.nicks("lobby"), [])

    def test_who_wanted_it_no_more_is_in_no_room_that_it_left_since(self) -> None:
        self.do(self.ann, SetAlwaysOn(active=False), Leave(room="attic"), SetAlwaysOn(active=True))
        self.world.restart()
        self.assertEqual((self.nicks("lobby"), self.nicks()), (["ann"], []))

    def test_it_can_be_asked_for(self) -> None:
        for _ in range(2):
            told = self.do(self.ann, SetAlwaysOn(id="o"))
            self.assertEqual(told, [AlwaysOn(active=True, re="o")])

    def test_is_for_accounts(self) -> None:
        self.assertEqual(self.refusal(self.bob, SetAlwaysOn(active=True)), "wrong-state")

    def test_what_the_store_refuses_is_undone(self) -> None:
        self.do(self.bob, Register(password=PASSWORD))
        self.world.store.broken = "full"
        told = self.do(self.bob, SetAlwaysOn(active=True))
        self.assertIsInstance(told[0], Failed)
        self.assertIsNone(self.bob.stand_in)
        self.do(self.ann, SetAlwaysOn(active=False))
        self.assertIsNotNone(self.ann.stand_in)

    def test_so_is_coming_into_a_room_to_stay(self) -> None:
        self.do(self.bob, Join(room="den"), Say(room="den", text="hi"))
        self.world.store.broken = "full"
        told = self.do(self.ann, Join(room="den"))
        self.assertIsInstance(told[-1], Failed)
        self.leave(self.ann)
        self.assertEqual(self.nicks("den"), ["bob"])
        self.world.store.broken = None
        ann, told = self.back(Join(room="den"))
        self.assertIn("den", self.entered(told))
        self.leave(ann)
        self.world.restart()
        self.assertEqual(self.nicks("den"), ["ann"])

    def test_and_who_has_gone_by_then_is_told_to_have_left(self) -> None:
        self.do(self.bob, Join(room="den"), Say(room="den", text="hi"))
        self.world.ears.told.clear()
        self.world.store.broken = "full"
        self.world.chat.execute(self.ann, Join(room="den"))
        self.world.chat.disconnect(self.ann)
        self.world.settle()
        told = self.world.ears.take(self.bob)
        came = [(type(each), each.room) for each in told if isinstance(each, Joined | Left)]
        self.assertEqual(came, [(Joined, "den"), (Left, "den")])
        self.assertEqual((self.nicks("den"), self.nicks()), (["bob"], ["bob", "ann"]))

    def test_who_is_there_already_can_stay_later(self) -> None:
        self.do(self.bob, Join(room="den"), Say(room="den", text="hi"))
        self.world.store.broken = "full"
        self.do(self.ann, Join(room="den"))
        self.world.store.broken = None
        self.do(self.ann, Join(room="den"))
        self.leave(self.ann)
        self.assertEqual(self.nicks("den"), ["bob", "ann"])

    def test_who_cannot_leave_for_good_stays_and_nobody_is_told_else(self) -> None:
        self.world.store.broken = "full"
        told = self.do(self.ann, Leave(room="attic", id="l"))
        self.assertEqual([type(each) for each in told], [Exited, Failed])
        self.assertEqual(self.world.ears.take(self.bob), [])
        self.assertEqual(self.nicks(), ["bob", "ann"])
        self.world.store.broken = None
        self.do(self.ann, Join(room="attic"), Leave(room="attic"))
        self.assertEqual([type(each) for each in self.world.ears.take(self.bob)], [Left])
        self.assertEqual(self.nicks(), ["bob"])

    def test_coming_and_leaving_are_undone_together(self) -> None:
        self.do(self.bob, Join(room="den"), Say(room="den", text="hi"))
        self.world.store.broken = "full"
        self.do(self.ann, Join(room="den"), Leave(room="den"))
        self.assertEqual(self.nicks("den"), ["bob"])
        self.do(self.ann, Leave(room="attic"), Join(room="attic"))
        self.assertEqual(self.nicks(), ["bob", "ann"])
        self.leave(self.ann)
        self.assertEqual((self.nicks("den"), self.nicks()), (["bob"], ["bob", "ann"]))

    def test_who_is_put_out_is_out_even_so(self) -> None:
        self.do(self.bob, Create(room="den"))
        self.do(self.ann, Join(room="den"))
        self.world.store.broken = "full"
        self.do(self.bob, Kick(room="den", nick="ann"))
        self.assertEqual(self.nicks("den"), ["bob"])

    def test_a_server_may_have_it_for_all(self) -> None:
        self.world.rules = Rules(always_on=True)
        self.world.restart()
        eve = self.world.person("eve", "attic")
        self.world.store.broken = "full"
        self.do(eve, Register(password=PASSWORD))
        self.assertEqual(eve.others, ())
        self.world.store.broken = None
        self.do(eve, Register(password=PASSWORD))
        self.leave(eve)
        self.assertEqual(self.nicks(), ["ann", "eve"])
        visitor = self.world.connect()
        self.do(visitor, Register(account="joe", password=PASSWORD), Enter(nick="joe"))
        self.leave(visitor)
        self.assertIn("joe", self.nicks("lobby"))

    def test_nothing_is_left_of_all_that(self) -> None:
        """Sessions do not grow in number."""
        before = len(self.world.hub.sessions)
        for _ in range(5):
            session, _ = self.back()
            self.do(session, SetAlwaysOn(active=False), SetAlwaysOn(active=True))
            self.leave(session)
        self.assertEqual(len(self.world.hub.sessions), before)
