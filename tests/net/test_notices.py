"""Rounds of notices: fewer writes in large rooms, and the same lines in the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import (
    Entered,
    Exited,
    Joined,
    Left,
    Message,
    Notice,
    Person,
    RoomRenamed,
)
from chatservice.domain.limits import Limits
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from chatservice.net.notices import SMALL, Notices

PAUSE = 0.001
CROWD = SMALL + 50


class Told:
    """Outlets that remember what each session is told, and how often they are called."""

    def __init__(self) -> None:
        self.calls = 0
        self.events: dict[Session, list[object]] = {}

    def deliver(self, steps: Sequence[Deliver | Disconnect]) -> None:
        self.calls += 1
        for step in steps:
            for session in [step.session] if isinstance(step, Disconnect) else step.audience:
                said = step if isinstance(step, Disconnect) else step.event
                self.events.setdefault(session, []).append(said)

    def hold(self, session: Session) -> None:
        self.events.setdefault(session, []).append("hold")

    def release(self, session: Session) -> None:
        self.events.setdefault(session, []).append("release")

    def when_drained(self, session: Session, call: Callable[[], None]) -> None:
        self.events.setdefault(session, []).append("drained")
        call()


def session(number: int) -> Session:
    made = Session(user=str(number), address=f"10.0.0.1:{number}", client=b"", now=0)
    made.nick = f"user{number}"
    return made


def joined(who: Session) -> Joined:
    person = Person(nick=who.nick or "", user=who.user, address=who.address)
    return Joined(room="lobby", person=person, at=0)


def message(text: str) -> Message:
    return Message(room="lobby", seq=1, id="1-1", nick="ann", user="1", at=0, text=text)


class NoticesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.told = Told()
        self.notices = Notices(self.told, self.clock, Limits(notice_pause=PAUSE))
        self.crowd = tuple(session(number) for number in range(CROWD))

    def join(self) -> Session:
        who = session(len(self.crowd))
        self.crowd += (who,)
        self.notices.deliver([Deliver(self.crowd, joined(who), origin=who)])
        return who

    def test_the_first_is_told_at_once_the_next_ones_together(self) -> None:
        first = self.crowd[0]
        self.join()
        self.assertEqual(len(self.told.events[first]), 1)
        for _ in range(5):
            who = self.join()
            self.assertEqual(self.told.events[who], [joined(who)])
        self.assertEqual(len(self.told.events[first]), 1)
        before = self.told.calls
        self.clock.advance(PAUSE * len(self.crowd))
        self.assertEqual(self.told.calls, before + 1)
        self.assertEqual(self.told.events[first], [joined(who) for who in self.crowd[CROWD:]])

    def test_each_hears_of_those_after_it_once(self) -> None:
        newcomers = [self.join() for _ in range(6)]
        self.clock.advance(1)
        for index, who in enumerate(newcomers):
            self.assertEqual(self.told.events[who], [joined(each) for each in newcomers[index:]])

    def test_what_is_said_comes_after_what_was_held(self) -> None:
        self.join()
        who = self.join()
        self.notices.deliver([Deliver(self.crowd, message("hi"), origin=who)])
        self.assertEqual(self.told.events[self.crowd[0]][-2:], [joined(who), message("hi")])
        self.assertEqual(self.told.events[who], [joined(who), message("hi")])
        self.clock.advance(1)
        self.assertEqual(len(self.told.events[who]), 2)

    def test_answers_and_farewells_never_wait(self) -> None:
        self.join()
        first, gone = self.crowd[:2]
        left = Left(room="lobby", nick="user1", user="1", at=0)
        bye = Notice(text="bye")
        self.notices.deliver([Deliver(self.crowd, left), Deliver.to(gone, bye), Disconnect(gone)])
        self.assertEqual(self.told.events[gone][-2:], [bye, Disconnect(gone)])
        self.assertNotIn(left, self.told.events[first])
        self.clock.advance(1)
        self.assertIn(left, self.told.events[first])

    def test_an_origin_in_the_middle_is_told_once_too(self) -> None:
        self.join()
        who = self.crowd[5]
        self.notices.deliver([Deliver(self.crowd, joined(who), origin=who)])
        self.clock.advance(1)
        self.assertEqual(self.told.events[who].count(joined(who)), 1)

    def test_who_left_a_room_is_told_nothing_more_of_it(self) -> None:
        self.join()
        who = self.join()
        first, second = self.crowd[:2]
        self.notices.deliver([Deliver.to(first, Exited(room="lobby"))])
        self.crowd = self.crowd[1:]
        other = self.join()
        self.clock.advance(1)
        self.assertEqual(self.told.events[first][-1], Exited(room="lobby"))
        self.assertEqual(self.told.events[second][-2:], [joined(who), joined(other)])

    def test_who_comes_back_is_told_what_happened_since_then_alone(self) -> None:
        self.join()
        who = self.join()
        first = self.crowd[0]
        self.notices.deliver([Deliver.to(first, Exited(room="lobby"))])
        left = Left(room="lobby", nick=who.nick or "", user=who.user, at=0)
        self.notices.deliver([Deliver(self.crowd[1:], left, origin=who)])
        entered = Entered(room="lobby", seq=0, people=(), messages=())
        self.notices.deliver([Deliver.to(first, entered)])
        other = self.join()
        self.clock.advance(1)
        self.assertEqual(self.told.events[first][-2:], [entered, joined(other)])
        self.assertEqual(self.told.events[self.crowd[1]][-3:], [joined(who), left, joined(other)])

    def test_who_leaves_another_room_is_told_all(self) -> None:
        self.join()
        who = self.join()
        first = self.crowd[0]
        self.notices.deliver([Deliver.to(first, Exited(room="attic"))])
        self.clock.advance(1)
        self.assertEqual(self.told.events[first][-1], joined(who))

    def test_leaving_costs_no_round(self) -> None:
        for _ in range(3):
            self.join()
        before = self.told.calls
        for who in self.crowd[:50]:
            self.notices.deliver([Deliver.to(who, Exited(room="lobby"))])
        self.clock.advance(1)
        self.assertEqual(self.told.calls, before + 51)

    def test_a_room_has_another_name_after_what_was_held_under_the_old_one(self) -> None:
        self.join()
        newcomer = self.join()
        renamed = RoomRenamed(old="lobby", new="hall", by="ann", by_user="1")
        self.notices.deliver([Deliver((each,), renamed, each) for each in self.crowd])
        self.assertEqual(self.told.events[self.crowd[0]][-2:], [joined(newcomer), renamed])
        self.clock.advance(1)
        self.assertIs(self.told.events[self.crowd[0]][-1], renamed)

    def test_a_small_room_is_told_at_once_always(self) -> None:
        few = self.crowd[:SMALL]
        for who in few[:10]:
            self.notices.deliver([Deliver(few, joined(who), origin=who)])
        self.assertEqual(len(self.told.events[few[-1]]), 10)

    def test_after_a_quiet_time_the_next_is_told_at_once(self) -> None:
        self.join()
        self.join()
        self.clock.advance(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.clock.advance(1)
        self.join()
        self.assertEqual(len(self.told.events[self.crowd[0]]), 3)

    def test_all_else_goes_straight_through(self) -> None:
        calls: list[int] = []
        self.notices.hold(self.crowd[0])
        self.notices.release(self.crowd[0])
        self.notices.when_drained(self.crowd[0], lambda: calls.append(1))
        self.assertEqual(self.told.events[self.crowd[0]], ["hold", "release", "drained"])
        self.assertEqual(calls, [1])
