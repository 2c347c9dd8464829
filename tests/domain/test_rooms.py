"""What of a room is in memory."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import (
    Message,
)
from chatservice.domain.rooms import MOST_PENDING_VOIDS, Room


def message(seq: int, re: str | None = None) -> Message:
    """A message of a room."""
    return Message(
        room="attic", seq=seq, id=f"7-{seq}", nick="ann", user="1", at=0, text=str(seq), re=re
    )


def seqs(messages: tuple[Message, ...] | None) -> list[int] | None:
    """The seqs of messages."""
    return None if messages is None else [each.seq for each in messages]


class RecentTests(SynchronousTestCase):
    """What of a room is in memory."""

    def setUp(self) -> None:
        self.room = Room(id=7, name="attic", seq=10, at=0, keep=3)

    def say(self, *numbers: int) -> None:
        for seq in numbers:
            self.room.remember(message(seq))

    def test_a_room_without_stored_messages_knows_them_all(self) -> None:
        room = Room(id=7, name="attic", seq=0, at=0, keep=3)
        self.assertEqual(room.latest(50), ())
        self.assertEqual(room.after(0), ())

    def test_a_room_with_stored_messages_has_to_read_them(self) -> None:
        self.assertIsNone(self.room.latest(1))
        self.assertIsNone(self.room.after(9))
        self.assertEqual(self.room.after(10), ())

    def test_none_wanted_is_none_to_read(self) -> None:
        self.assertEqual(self.room.latest(0), ())

    def test_keeps_the_last_ones_and_knows_where_they_begin(self) -> None:
        self.say(11, 12, 13, 14)
        self.assertEqual(self.room.floor, 11)
        self.assertEqual(seqs(self.room.latest(3)), [12, 13, 14])
        self.assertEqual(seqs(self.room.latest(2)), [13, 14])
        self.assertIsNone(self.room.latest(4))
        self.assertEqual(seqs(self.room.known(4)), [12, 13, 14])
        self.assertEqual(seqs(self.room.after(11)), [12, 13, 14])
        self.assertIsNone(self.room.after(10))

    def test_the_authors_own_id_is_not_kept(self) -> None:
        self.room.remember(message(11, re="secret"))
        self.assertEqual(self.room.known(1), (message(11),))

    def test_stored_messages_warm_it(self) -> None:
        self.say(11)
        self.room.warm((message(8), message(10)), floor=10, complete=False)
        self.assertEqual(seqs(self.room.latest(3)), [8, 10, 11])
        self.assertEqual(self.room.floor, 7)

    def test_a_warm_room_that_has_all_has_no_floor(self) -> None:
        self.room.warm((message(8), message(10)), floor=10, complete=True)
        self.assertEqual(seqs(self.room.latest(99)), [8, 10])
        self.assertEqual(seqs(self.room.after(0)), [8, 10])

    def test_nothing_stored_after_all_warms_too(self) -> None:
        self.room.warm((), floor=10, complete=True)
        self.assertEqual(self.room.latest(99), ())

    def test_an_empty_page_that_is_not_complete_changes_nothing(self) -> None:
        self.room.warm((message(11),), floor=10, complete=False)
        self.assertEqual(self.room.floor, 10)

    def test_what_is_in_memory_already_is_not_taken_in_again(self) -> None:
        self.say(11)
        self.room.warm((message(10), message(11)), floor=10, complete=False)
        self.assertEqual(seqs(self.room.known(9)), [10, 11])

    def test_a_page_that_would_leave_a_hole_is_not_taken_in(self) -> None:
        self.say(11, 12, 13, 14)
        self.room.warm((message(9), message(10)), floor=10, complete=False)
        self.assertEqual(seqs(self.room.known(9)), [12, 13, 14])
        self.assertEqual(self.room.floor, 11)

    def test_a_void_message_is_forgotten_wherever_it_was_taken_along(self) -> None:
        self.say(11, 12, 13)
        entering = self.room.known(9)
        self.room.void(message(12))
        self.room.void(message(13))
        self.assertEqual(seqs(self.room.known(9)), [11])
        self.assertEqual(seqs(self.room.without_voids(entering)), [11])
        self.assertEqual(self.room.last_kept(13), 11)
        self.assertEqual(self.room.last_kept(11), 11)

    def test_a_void_is_known_even_after_its_message_has_left_memory(self) -> None:
        self.say(11)
        entering = self.room.known(9)
        self.say(12, 13, 14, 15)
        self.room.void(message(11))
        self.say(16)
        self.assertEqual(self.room.without_voids(entering), ())

    def test_voids_are_bounded(self) -> None:
        for seq in range(11, 12 + 2 * MOST_PENDING_VOIDS):
            self.room.seq = seq
            self.room.void(message(seq))
        self.assertEqual(len(self.room.voids), MOST_PENDING_VOIDS)
        self.assertIn(self.room.seq, self.room.voids)
