"""Rooms by commands: who is in them, what a newcomer is given, how many there are."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Configure,
    Hello,
    History,
    Join,
    Leave,
    ListPeople,
    ListRooms,
    Say,
    SetNick,
)
from chatservice.domain.events import (
    Entered,
    Event,
    Exited,
    Failed,
    HistoryPage,
    Joined,
    Left,
    Message,
    Notice,
    People,
    Renamed,
    Rooms,
)
from chatservice.domain.records import KeptRoom
from chatservice.domain.rooms import LOBBY
from tests.world import START, World


def seqs(messages: tuple[Message, ...] | None) -> list[int] | None:
    """The seqs of messages."""
    return None if messages is None else [each.seq for each in messages]


class MembershipTests(SynchronousTestCase):
    """Coming and going, by commands."""

    def setUp(self) -> None:
        self.world = World(
            rooms=4, rooms_per_session=2, recent_messages=3, replay_messages=2, history_messages=2
        )
        self.ann = self.world.person("ann")

    def fails(self, *told: Event) -> list[str]:
        return [event.code for event in told if isinstance(event, Failed)]

    def test_the_first_one_in_makes_a_room(self) -> None:
        entered, joined = self.world.do(self.ann, Join(room="#Attic", id="j"))
        self.assertEqual(
            entered,
            Entered(
                room="attic",
                seq=0,
                people=(replace(self.ann.person, role="operator"),),
                messages=(),
                re="j",
            ),
        )
        operator = replace(self.ann.person, role="operator")
        self.assertEqual(joined, Joined(room="attic", person=operator, at=START))
        self.assertEqual(self.ann.current, "attic")

    def test_the_others_are_told_who_comes_and_goes(self) -> None:
        bob = self.world.person("bob", "attic")
        self.world.do(self.ann, Join(room="attic"))
        self.assertEqual(
            self.world.ears.take(bob), [Joined(room="attic", person=self.ann.person, at=START)]
        )
        self.assertEqual(self.world.do(self.ann, Leave(id="l")), [Exited(room="attic", re="l")])
        self.assertEqual(
            self.world.ears.take(bob),
            [Left(room="attic", nick="ann", user=self.ann.user, at=START)],
        )
        self.assertEqual(self.ann.current, LOBBY)

    def test_joining_twice_shows_the_room_again_and_tells_nobody(self) -> None:
        bob = self.world.person("bob")
        [entered] = self.world.do(self.ann, Join(room=LOBBY))
        self.assertIsInstance(entered, Entered)
        self.assertEqual(self.world.ears.take(bob), [])

    def test_who_has_left_the_last_room_is_in_none(self) -> None:
        self.world.do(self.ann, Leave())
        self.assertIsNone(self.ann.current)
        for command in (Say(text="hi"), Leave(), ListPeople(), History()):
            self.assertEqual(self.fails(*self.world.do(self.ann, command)), ["not-in-room"])

    def test_only_members_speak_hear_and_read(self) -> None:
        self.world.person("bob", "attic")
        for command in (Say(text="hi", room="attic"), Leave(room="attic"), History(room="attic")):
            self.assertEqual(self.fails(*self.world.do(self.ann, command)), ["not-in-room"])

    def test_a_room_that_does_not_exist_is_named_in_the_refusal_as_it_would_be_called(self) -> None:
        for command in (
            Say(text="hi", room="#No\nWhere"),
            Leave(room="#No\nWhere"),
            ListPeople(room="#No\nWhere"),
        ):
            [failed] = self.world.do(self.ann, command)
            assert isinstance(failed, Failed)
            self.assertEqual(failed.code, "no-such-room")
            self.assertIn("#no-where;", failed.text)

    def test_anybody_may_ask_who_is_in_a_room(self) -> None:
        bob = self.world.person("bob", "attic")
        [reply] = self.world.do(self.ann, ListPeople(room="attic", id="w"))
        operator = replace(bob.person, role="operator")
        self.assertEqual(reply, People(room="attic", people=(operator,), re="w"))
        [reply] = self.world.do(self.ann, ListPeople())
        self.assertEqual(reply, People(room=LOBBY, people=(self.ann.person,)))

    def test_lists_rooms_oldest_first(self) -> None:
        self.world.person("bob", "attic")
        self.world.do(self.ann, Say(text="hi"))
        [reply] = self.world.do(self.ann, ListRooms(id="r"))
        assert isinstance(reply, Rooms)
        self.assertEqual(reply.re, "r")
        self.assertEqual(
            [(info.room, info.people, info.seq) for info in reply.rooms],
            [(LOBBY, 1, 1), ("attic", 1, 0)],
        )

    def test_one_session_makes_so_many_rooms(self) -> None:
        for room in ("a1", "a2"):
            self.world.do(self.ann, Join(room=room))
        self.assertEqual(self.fails(*self.world.do(self.ann, Join(room="a3"))), ["limit-reached"])
        self.world.person("bob", "a3")
        self.assertEqual(self.fails(*self.world.do(self.ann, Join(room="a3"))), [])

    def test_there_are_so_many_rooms_in_all(self) -> None:
        self.world.person("bob", "a1", "a2")
        self.world.do(self.ann, Join(room="a3"))
        self.assertEqual(self.fails(*self.world.do(self.ann, Join(room="a4"))), ["limit-reached"])
        self.world.do(self.ann, Leave(room="a3"))
        self.assertEqual(self.fails(*self.world.do(self.ann, Join(room="a4"))), [])

    def test_one_address_makes_so_many_rooms_an_hour(self) -> None:
        """However often somebody comes again, and whether or not the rooms are there for long."""
        self.world = World(address_rooms=2)
        self.world.do(self.world.person("ann"), Join(room="a1"), Leave())
        self.world.do(self.world.person("bob"), Join(room="a1"), Join(room="a1"))
        cat = self.world.person("cat")
        [refused] = self.world.do(cat, Join(room="a3"))
        assert isinstance(refused, Failed)
        self.assertEqual(
            (refused.code, refused.text),
            (
                "limit-reached",
                "Too many rooms are made from your address; try again in 1800 seconds.",
            ),
        )
        self.assertEqual(self.fails(*self.world.do(cat, Join(room="a1"))), [])
        other = self.world.connect("10.0.0.2:5001")
        self.assertEqual(self.fails(*self.world.do(other, Hello(nick="dan"), Join(room="a3"))), [])
        self.world.clock.advance(1800)
        self.assertEqual(self.fails(*self.world.do(cat, Join(room="a4"))), [])

    def test_a_bridge_on_this_machine_makes_more(self) -> None:
        for throttled, fails in ((0, []), (1, ["limit-reached"])):
            self.world = World(address_rooms=1, throttle_loopback=throttled)
            bridge = self.world.connect("[::1]:5001")
            self.world.do(bridge, Hello(nick="dan"), Join(room="a1"))
            self.assertEqual(self.fails(*self.world.do(bridge, Join(room="a2"))), fails)

    def test_an_empty_room_goes_unless_something_was_said_there(self) -> None:
        for room in ("quiet", "loud"):
            self.world.do(self.ann, Join(room=room))
        self.world.do(self.ann, Say(text="hi"))
        self.world.do(self.ann, Leave(room="quiet"), Leave(room="loud"), Leave(room=LOBBY))
        [reply] = self.world.do(self.ann, ListRooms())
        assert isinstance(reply, Rooms)
        self.assertEqual([info.room for info in reply.rooms], [LOBBY, "loud"])

    def test_stored_rooms_are_there_again_and_new_ones_get_ids_of_their_own(self) -> None:
        self.world.do(self.ann, Join(room="attic"), Say(text="hi"))
        self.world.restart()
        ann = self.world.person("ann")
        [reply] = self.world.do(ann, ListRooms())
        assert isinstance(reply, Rooms)
        self.assertEqual(
            [(info.room, info.seq) for info in reply.rooms], [("attic", 1), (LOBBY, 0)]
        )
        self.world.do(ann, Say(text="new"))
        self.assertEqual([each.text for each in self.world.store.kept(room_id=2)], ["hi"])
        self.assertEqual([each.text for each in self.world.store.kept(room_id=3)], ["new"])

    def say(self, *texts: str) -> None:
        for text in texts:
            self.world.do(self.ann, Say(text=text))

    def come(self, since: int | None) -> tuple[list[list[int]], Entered]:
        """What a newcomer is given: the pages from the store, and the end from memory."""
        bob = self.world.person("bob", "elsewhere")
        told = self.world.do(bob, Join(room=LOBBY, since=since, id="j"))
        pages = [event for event in told if isinstance(event, HistoryPage)]
        [entered] = [event for event in told if isinstance(event, Entered)]
        self.assertEqual({entered.re, *(page.re for page in pages)}, {"j"})
        self.assertLess(max((told.index(each) for each in pages), default=-1), told.index(entered))
        return [[each.seq for each in page.messages] for page in pages], entered

    def test_without_since_the_last_messages_come(self) -> None:
        self.say("1", "2", "3", "4")
        pages, entered = self.come(None)
        self.assertEqual((pages, seqs(entered.messages), entered.seq), ([], [3, 4], 4))

    def test_since_within_memory(self) -> None:
        self.say("1", "2", "3", "4")
        pages, entered = self.come(1)
        self.assertEqual((pages, seqs(entered.messages)), ([], [2, 3, 4]))

    def test_since_long_ago_in_a_room_that_is_heard_gives_nothing_twice(self) -> None:
        self.say("1", "2", "3", "4", "5", "6")
        bob = self.world.person("bob")
        self.world.worker.hold = True
        self.world.do(bob, Join(room=LOBBY, since=0))
        self.world.do(self.ann, Say(text="7"))
        self.world.worker.hold = False
        self.world.worker.release()
        told = self.world.do(bob)
        seen = [
            each.seq
            for event in told
            for each in ([event] if isinstance(event, Message) else getattr(event, "messages", ()))
        ]
        self.assertEqual(seen, [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual([each.again for each in told if isinstance(each, Entered)], [True])

    def test_since_now_is_nothing(self) -> None:
        self.say("1", "2")
        self.assertEqual(seqs(self.come(2)[1].messages), [])

    def test_since_long_ago_comes_in_pages_and_then_from_memory(self) -> None:
        self.say(*"12345678")
        pages, entered = self.come(0)
        self.assertEqual((pages, seqs(entered.messages)), ([[1, 2], [3, 4], [5, 6]], [7, 8]))

    def test_since_a_future_that_never_was_gives_the_last_messages(self) -> None:
        self.say("1", "2", "3")
        for since in (9, -1):
            pages, entered = self.come(since)
            self.assertEqual((pages, seqs(entered.messages)), ([], [2, 3]))
            self.world.chat.disconnect(self.world.hub.sessions[-1])

    def test_after_a_restart_the_last_messages_are_read_once(self) -> None:
        self.say(*"12345")
        self.world.restart()
        self.ann = self.world.person("ann")
        self.assertEqual(seqs(self.come(None)[1].messages), [4, 5])
        self.world.store.broken = "gone"
        self.assertEqual(seqs(self.world.hub._rooms.lobby.latest(2)), [4, 5])

    def test_after_a_restart_since_is_read_from_the_store(self) -> None:
        self.say(*"12345")
        self.world.restart()
        self.ann = self.world.person("ann", "elsewhere")
        pages, entered = self.come(1)
        self.assertEqual((pages, seqs(entered.messages)), ([[2, 3], [4, 5]], []))

    def test_who_came_after_a_void_end_is_shown_what_is_said_after_a_restart(self) -> None:
        """Whoever has come since a seq is not hidden what gets that seq later."""
        say = Say(room="attic", text="one", id="s")
        ann = self.world.person("ann", "attic")
        self.world.do(ann, say, Configure(history="joining"), say, say)
        bob = self.world.person("bob", "attic")
        [rooms] = self.world.do(bob, ListRooms())
        assert isinstance(rooms, Rooms)
        self.assertEqual([each.seq for each in rooms.rooms if each.room == "attic"], [1])
        for _ in range(2):
            self.world.restart()
            ann = self.world.person("ann", "attic")
            self.world.do(ann, Say(text="two"), Say(text="three"))
        bob = self.world.person("bob")
        told = self.world.do(bob, Join(room="attic", since=1))
        [entered] = [each for each in told if isinstance(each, Entered)]
        [page] = [each for each in told if isinstance(each, HistoryPage)]
        shown = [(each.seq, each.text) for each in (*page.messages, *entered.messages)]
        expected = [(4, "two"), (5, "three"), (6, "two"), (7, "three")]
        self.assertEqual((shown, entered.seq), (expected, 7))

    def test_since_a_void_end_of_what_is_stored(self) -> None:
        self.say("1", "2")
        self.world.store.broken = "full"
        self.say("3", "4")
        self.world.store.broken = None
        self.say("5", "6", "7", "8")
        pages, entered = self.come(2)
        self.assertEqual((pages, seqs(entered.messages)), ([[5, 6]], [7, 8]))

    def test_nobody_goes_on_from_a_void_seq(self) -> None:
        """After a restart that seq is somebody's message, which would be missed."""
        self.say("1")
        self.world.store.broken = "full"
        self.say("2", "3")
        _, entered = self.come(None)
        self.assertEqual(entered.seq, 1)

    def test_history_is_bounded_and_says_so(self) -> None:
        self.say("1", "2", "3")
        told = self.world.do(self.ann, History(limit=2, id="h"))
        self.assertEqual([type(event) for event in told], [HistoryPage])
        told = self.world.do(self.ann, History(limit=3, id="h"))
        self.assertEqual(told[0], Notice(text="At most 2 messages are shown at once."))
        page = told[1]
        assert isinstance(page, HistoryPage)
        self.assertEqual((seqs(page.messages), page.more, page.re), ([2, 3], True, "h"))

    def test_as_many_are_replayed_as_are_wanted_whatever_history_shows(self) -> None:
        self.world = World(recent_messages=3, replay_messages=4, history_messages=2)
        self.ann = self.world.person("ann")
        self.say(*"12345")
        for _ in range(2):
            for nick in ("bob", "eve"):
                session = self.world.connect()
                told = self.world.do(session, Hello(nick=nick), Join(room=LOBBY))
                [entered] = [each for each in told if isinstance(each, Entered)]
                self.assertEqual(seqs(entered.messages), [2, 3, 4, 5])
            self.world.restart()

    def test_history_before_after_and_around(self) -> None:
        self.say(*"12345")
        for command, expected in (
            (History(before=3, limit=2), ([1, 2], False)),
            (History(after=3, limit=1), ([4], True)),
            (History(around=3, limit=2), ([2, 3], True)),
            (History(before=1), ([], False)),
        ):
            page = self.world.do(self.ann, command)[-1]
            assert isinstance(page, HistoryPage)
            self.assertEqual((seqs(page.messages), page.more), expected, command)

    def test_history_has_one_bound_and_one_message_at_least(self) -> None:
        for command in (
            History(before=1, before_at=2),
            History(after=1, after_id="1-2"),
            History(after=1, around=2),
            History(limit=0),
            History(limit=-5),
        ):
            self.assertEqual(self.fails(*self.world.do(self.ann, command)), ["bad-input"])

    def test_a_rename_is_told_once_to_each_in_any_common_room(self) -> None:
        bob = self.world.person("bob", LOBBY, "attic")
        eve = self.world.person("eve", "attic")
        joe = self.world.person("joe", "elsewhere")
        self.world.do(self.ann, Join(room="attic"))
        self.world.ears.told.clear()
        told = self.world.do(self.ann, SetNick(nick="anna", id="n"))
        renamed = Renamed(old="ann", new="anna", user=self.ann.user, at=START, re="n")
        for session in (bob, eve):
            self.assertEqual(
                [each for each in self.world.ears.take(session) if isinstance(each, Renamed)],
                [renamed],
            )
        self.assertIn(renamed, told)
        self.assertNotIn(renamed, self.world.ears.take(joe))
        [reply] = self.world.do(joe, ListPeople(room="attic"))
        assert isinstance(reply, People)
        self.assertEqual([each.nick for each in reply.people], ["bob", "eve", "anna"])

    def test_a_rename_in_no_room_is_told_to_oneself(self) -> None:
        self.world.do(self.ann, Leave())
        told = self.world.do(self.ann, SetNick(nick="anna"))
        self.assertIn(Renamed(old="ann", new="anna", user=self.ann.user, at=START), told)

    def test_a_stored_lobby_is_the_lobby(self) -> None:
        self.say("1")
        self.assertEqual(
            self.world.store.open().rooms, (KeptRoom(id=1, name=LOBBY, seq=1, at=START),)
        )
        self.world.restart()
        self.assertEqual(self.world.hub._rooms.lobby.seq, 1)
