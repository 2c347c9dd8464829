"""The application: what is told when."""

from __future__ import annotations

from collections.abc import Sequence

from chatservice.app import ROSTER_ENTRY_BYTES
from chatservice.domain.commands import (
    Hello,
    Join,
    Ping,
    Say,
    SetNick,
    Typing,
)
from chatservice.domain.errors import BadInput
from chatservice.domain.events import (
    Closing,
    Failed,
    Gone,
    Joined,
    Left,
    Message,
    Notice,
    Pong,
    Roster,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from tests.chatcase import ChatCase, codes, texts


class OrderTests(ChatCase):
    def test_nothing_is_told_before_it_is_kept(self) -> None:
        self.hold()
        self.assertEqual(self.world.do(self.ann, Say(text="hi")), [])
        self.assertEqual(self.ears.take(self.bob), [])
        self.release()
        self.assertEqual(texts(self.ears.take(self.ann)), ["hi"])
        self.assertEqual(texts(self.ears.take(self.bob)), ["hi"])
        self.assertEqual([each.text for each in self.world.store.kept()], ["hi"])

    def test_nothing_is_told_before_what_came_earlier_is_kept(self) -> None:
        self.hold()
        self.world.do(self.ann, Say(text="one"))
        self.assertEqual(self.world.do(self.bob, Ping()), [])
        self.world.do(self.bob, Say(text="two"))
        self.assertEqual(self.world.do(self.ann, Ping()), [])
        self.release()
        told = self.ears.take(self.bob)
        self.assertEqual([type(event) for event in told], [Message, Pong, Message])
        self.assertEqual(
            [type(event) for event in self.ears.take(self.ann)], [Message, Message, Pong]
        )

    def test_a_turn_is_one_append_and_one_delivery(self) -> None:
        self.hold()
        for text in "123":
            self.chat.execute(self.ann, Say(text=text))
        self.chat.execute(self.bob, Typing())
        self.world.settle()
        self.assertEqual(self.ears.calls, 0)
        self.assertEqual(self.world.worker.release(), 1)
        self.world.settle()
        self.assertEqual(self.ears.calls, 1)
        self.assertEqual(texts(self.ears.take(self.bob)), ["1", "2", "3"])

    def test_turns_whose_commits_end_together_are_one_delivery(self) -> None:
        self.hold()
        for text in "123":
            self.world.do(self.ann, Say(text=text))
        self.assertEqual(self.world.worker.release(), 3)
        self.world.settle()
        self.assertEqual(self.ears.calls, 1)
        self.assertEqual(texts(self.ears.take(self.bob)), ["1", "2", "3"])

    def test_a_commit_in_between_tells_only_what_is_before_the_next(self) -> None:
        self.hold()
        self.world.do(self.ann, Say(text="one"))
        self.world.do(self.bob, Ping())
        self.world.worker.release()
        self.world.do(self.ann, Say(text="two"))
        self.world.settle()
        self.assertEqual([type(each) for each in self.ears.take(self.bob)], [Message, Pong])
        self.release()
        self.assertEqual(texts(self.ears.take(self.bob)), ["two"])

    def telling_takes(self, seconds: float) -> None:
        """From now on, and it is known of the last time."""
        deliver = self.ears.deliver

        def dawdle(steps: Sequence[Deliver | Disconnect]) -> None:
            deliver(steps)
            self.world.clock.rightNow += seconds

        self.patch(self.ears, "deliver", dawdle)
        self.world.do(self.ann, Say(text="before"))
        self.ears.take(self.bob)
        self.ears.calls = 0

    def one_is_kept_before_two(self) -> None:
        """Both are said, and telling is known to take two seconds."""
        self.telling_takes(2)
        self.hold()
        self.world.do(self.ann, Say(text="one"))
        self.world.do(self.ann, Say(text="two"))
        self.world.worker.release(1)
        self.world.settle()

    def test_what_is_being_committed_is_waited_for_and_told_together(self) -> None:
        self.one_is_kept_before_two()
        self.world.clock.advance(1.9)
        self.check_together()

    def test_what_has_come_in_the_same_turn_as_the_answer_is_waited_for_too(self) -> None:
        self.telling_takes(2)
        self.hold()
        self.world.do(self.ann, Say(text="one"))
        self.chat.execute(self.ann, Say(text="two"))  # this turn is not over
        self.world.worker.release()
        self.world.settle()
        self.check_together()

    def check_together(self) -> None:
        """Nothing is told before both are kept."""
        self.assertEqual(self.ears.calls, 0)
        self.release()
        self.assertEqual(self.ears.calls, 1)
        self.assertEqual(texts(self.ears.take(self.bob)), ["one", "two"])

    def test_no_longer_than_telling_took_the_last_time(self) -> None:
        self.one_is_kept_before_two()
        self.world.do(self.bob, Say(text="three"))
        self.world.clock.advance(1)
        self.world.worker.release(1)  # however many go on to come
        self.world.settle()
        self.world.clock.advance(0.9)
        self.assertEqual(self.ears.calls, 0)
        self.world.clock.advance(0.1)
        self.assertEqual(texts(self.ears.take(self.bob)), ["one", "two"])
        self.release()
        self.assertEqual(texts(self.ears.take(self.bob)), ["three"])

    def test_the_author_is_told_as_the_origin(self) -> None:
        self.world.do(self.ann, Say(text="hi"))
        self.assertEqual([type(each) for each in self.ears.own[self.ann]], [Message])
        self.assertNotIn(self.bob, self.ears.own)

    def test_refusals_come_in_their_turn(self) -> None:
        self.hold()
        self.world.do(self.ann, Say(text="hi"))
        self.assertEqual(self.world.do(self.ann, Say(text=" ", id="s")), [])
        self.release()
        message, failed = self.ears.take(self.ann)
        self.assertIsInstance(message, Message)
        self.assertEqual(
            failed, Failed(code="empty-text", text="A message needs some text.", re="s")
        )

    def test_tell_and_refuse(self) -> None:
        self.chat.tell(self.ann, Notice(text="hi"))
        self.chat.refuse(self.ann, BadInput("No."), "x")
        self.world.settle()
        self.assertEqual(
            self.ears.take(self.ann),
            [Notice(text="hi"), Failed(code="bad-input", text="No.", re="x")],
        )

    def test_past_the_limit_of_waiting_messages_they_are_refused_until_some_are_kept(self) -> None:
        self.hold()
        for text in "1234":
            self.world.do(self.ann, Say(text=text))
        self.world.do(self.bob, Ping())
        self.release()
        self.assertEqual(codes(self.ears.take(self.ann)), ["limit-reached"])
        self.assertEqual(texts(self.ears.take(self.bob)), ["1", "2", "3"])
        self.world.do(self.ann, Say(text="5"))
        self.release()
        self.assertEqual(texts(self.ears.take(self.bob)), ["5"])


class DismissTests(ChatCase):
    def test_is_told_why_and_the_others_that_it_left(self) -> None:
        self.chat.dismiss(self.ann, "flood", "Too fast.")
        self.world.settle()
        self.assertEqual(self.ears.take(self.ann), [Closing(code="flood", text="Too fast.")])
        left, gone, roster = self.ears.take(self.bob)
        self.assertEqual((type(left), type(gone)), (Left, Gone))
        self.assertEqual(roster, Roster(people=(self.bob.person,)))
        self.assertEqual(self.ears.closed, [self.ann])

    def test_what_it_said_before_is_still_kept(self) -> None:
        self.hold()
        self.chat.execute(self.ann, Say(text="last words"))
        self.chat.disconnect(self.ann)
        self.world.settle()
        self.release()
        self.assertEqual(
            [type(each) for each in self.ears.take(self.bob)], [Message, Left, Gone, Roster]
        )


class RosterTests(ChatCase):
    """A full list takes its share of the time: here 2 people for 3 listeners take 0.06 s."""

    def rosters(self, session: Session) -> list[int]:
        return [len(e.people) for e in self.ears.take(session) if isinstance(e, Roster)]

    def test_one_a_turn_at_its_end(self) -> None:
        people = [self.world.connect() for _ in range(3)]
        for index, session in enumerate(people):
            self.chat.execute(session, Hello(nick=f"p{index}"))
            self.chat.execute(session, Join(room=LOBBY))
        self.world.settle()
        told = self.ears.take(self.ann)
        self.assertEqual([type(each) for each in told], [Joined] * 3 + [Roster])
        roster = told[-1]
        assert isinstance(roster, Roster)
        self.assertEqual([each.nick for each in roster.people], ["ann", "bob", "p0", "p1", "p2"])

    def test_the_next_one_waits_its_time_and_is_then_the_newest(self) -> None:
        self.world.do(self.ann, SetNick(nick="a1"))
        self.assertEqual(self.rosters(self.bob), [2])
        self.world.person("eve")
        self.world.person("joe")
        self.assertEqual(self.rosters(self.bob), [])
        wait = ROSTER_ENTRY_BYTES * 2 * 2 / 3200
        self.world.clock.advance(wait * 0.9)
        self.assertEqual(self.rosters(self.bob), [])
        self.world.clock.advance(wait * 0.2)
        self.assertEqual(self.rosters(self.bob), [4])

    def test_no_change_is_no_list(self) -> None:
        self.world.do(self.ann, SetNick(nick="a1"))
        self.world.do(self.ann, Say(text="hi"))
        self.rosters(self.bob)
        self.world.clock.advance(10)
        self.assertEqual(self.rosters(self.bob), [])
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_a_due_list_joins_a_turn_that_is_under_way(self) -> None:
        self.world.do(self.ann, SetNick(nick="a1"))
        self.world.do(self.ann, SetNick(nick="a2"))
        self.ears.told.clear()
        self.ears.calls = 0
        [due] = self.world.clock.getDelayedCalls()
        wait = due.getTime() - self.world.clock.seconds()
        self.world.clock.callLater(wait - 0.001, self.chat.execute, self.bob, Ping())
        self.world.clock.advance(wait + 0.001)
        self.assertEqual([type(each) for each in self.ears.take(self.bob)], [Pong, Roster])
        self.assertEqual(self.ears.calls, 1)


class StopTests(ChatCase):
    def setUp(self) -> None:
        super().setUp()
        self.done: list[str] = []

    def stop(self) -> None:
        self.chat.stop(lambda: self.done.append("done"))

    def test_everybody_is_told_and_disconnected_then_it_is_done(self) -> None:
        visitor = self.world.connect()
        self.assertFalse(self.chat.stopping)
        self.stop()
        closing = Closing(code="shutdown", text="The server is shutting down.")
        for session in (self.ann, self.bob, visitor):
            self.assertEqual(self.ears.take(session), [closing])
        self.assertEqual(self.ears.closed, [self.ann, self.bob, visitor])
        self.assertEqual(self.done, ["done"])
        # As what was told last may still be on its way, and ends by saying so.
        self.assertTrue(self.chat.stopping)

    def test_what_was_accepted_is_kept_and_told_first(self) -> None:
        self.hold()
        self.world.do(self.ann, Say(text="one"))
        self.chat.execute(self.ann, Say(text="two"))
        self.stop()
        self.assertEqual(self.done, [])
        self.release()
        self.assertEqual(
            [type(each) for each in self.ears.take(self.bob)], [Message, Message, Closing]
        )
        self.assertEqual(self.done, ["done"])

    def test_with_nobody_there(self) -> None:
        for session in (self.ann, self.bob):
            self.chat.disconnect(session)
        self.world.settle()
        self.stop()
        self.assertEqual(self.done, ["done"])
        self.world.clock.advance(60)
        self.assertEqual(self.done, ["done"])
