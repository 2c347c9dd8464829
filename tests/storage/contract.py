"""What every store promises.

Import this as a module, not the classes from it, or they are collected as tests themselves.
"""

from __future__ import annotations

import dataclasses

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import Message
from chatservice.domain.records import KeptRoom, Page, Window
from chatservice.storage.interface import Store, StoreError
from tests.storage.records import KEPT, NOW, RETRY_SECONDS, retried, said

CLIENT = b"\x00hash\xff"


class StoreCase(SynchronousTestCase):
    """A test case with an open store; a subclass says how that is made."""

    store: Store

    def make_store(self) -> Store:
        """Make a store that takes the time from `self.wall`."""
        raise NotImplementedError

    def wall(self) -> int:
        return self.now

    def setUp(self) -> None:
        self.now = NOW
        self.store = self.make_store()
        self.opened = self.store.open()
        self.addCleanup(self.store.close)

    def keep(self, *texts: str, room_id: int = 1) -> None:
        records = [said(seq, text, room_id=room_id) for seq, text in enumerate(texts, 1)]
        self.assertEqual(self.store.append(records), [KEPT] * len(records))

    def seqs(
        self,
        limit: int,
        *,
        room_id: int = 1,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        characters: int = 1000,
    ) -> tuple[list[int], bool]:
        page = self.store.page(
            Window(
                room_id=room_id,
                limit=limit,
                before=before,
                after=after,
                around=around,
                characters=characters,
            )
        )
        return [message.seq for message in page.messages], page.more


class StoreContract(StoreCase):
    """The suite, to be inherited beside a `StoreCase` of a store."""

    def test_new_store_has_id_and_no_rooms(self) -> None:
        self.assertTrue(self.opened.server_id)
        self.assertEqual(self.opened.rooms, ())

    def test_unknown_room_is_empty(self) -> None:
        empty = Page(messages=(), more=False)
        for window in (
            Window(room_id=9, limit=5),
            Window(room_id=9, limit=5, before=3),
            Window(room_id=9, limit=5, after=3),
            Window(room_id=9, limit=5, around=3),
        ):
            self.assertEqual(self.store.page(window), empty)

    def test_message_comes_back_as_it_was_without_re(self) -> None:
        record = said(
            7, "tab\t ünï \U0001f600 x\x00y\nz", room_id=3, client=CLIENT, re="a", kind="action"
        )
        self.assertEqual(self.store.append([record]), [KEPT])
        [message] = self.store.page(Window(room_id=3, limit=1)).messages
        self.assertIs(type(message), Message)
        self.assertEqual(message, dataclasses.replace(record.message, re=None))

    def test_nothing_to_append(self) -> None:
        self.assertEqual(self.store.append([]), [])

    def test_rooms_keep_apart(self) -> None:
        self.store.append([said(1, room_id=1), said(4, room_id=2), said(2, room_id=1)])
        self.assertEqual(self.seqs(9, room_id=1), ([1, 2], False))
        self.assertEqual(self.seqs(9, room_id=2), ([4], False))

    def test_reopened_goes_on(self) -> None:
        self.store.append([said(3, room_id=2, at=NOW + 5), said(1), said(9, at=NOW + 1)])
        self.store.append([said(10, client=CLIENT, re="a")])
        self.store.close()
        again = self.store.open()
        self.assertEqual(again.server_id, self.opened.server_id)
        self.assertCountEqual(
            again.rooms,
            [
                KeptRoom(id=1, name="room1", seq=10, at=NOW),
                KeptRoom(id=2, name="room2", seq=3, at=NOW + 5),
            ],
        )
        self.assertEqual(self.seqs(9), ([1, 9, 10], False))
        self.assertEqual(
            self.store.append([said(11, client=CLIENT, re="a"), said(12)]), [retried(10), KEPT]
        )

    def test_retry_is_stored_once(self) -> None:
        self.store.append([said(1, client=CLIENT, re="a", at=NOW - 9), said(2)])
        again = self.store.append([said(3, "changed", client=CLIENT, re="a"), said(4)])
        self.assertEqual(again, [retried(1, at=NOW - 9), KEPT])
        self.assertEqual(self.seqs(9), ([1, 2, 4], False))

    def test_retry_in_the_same_batch(self) -> None:
        batch = [said(1, client=CLIENT, re="a"), said(2), said(3, client=CLIENT, re="a")]
        self.assertEqual(self.store.append(batch), [KEPT, KEPT, retried(1)])
        self.assertEqual(self.seqs(9), ([1, 2], False))

    def test_retry_tells_the_first_room(self) -> None:
        self.store.append([said(5, room_id=2, client=CLIENT, re="a")])
        again = self.store.append([said(1, room_id=1, client=CLIENT, re="a")])
        self.assertEqual(again, [retried(5, room_id=2)])
        self.assertEqual(self.seqs(9), ([], False))

    def test_another_client_or_id_or_none_is_no_retry(self) -> None:
        records = [
            said(1, client=CLIENT, re="a"),
            said(2, client=CLIENT, re="b"),
            said(3, client=b"other", re="a"),
            said(4, client=None, re="a"),
            said(5, client=CLIENT, re=None),
            said(6, client=None, re="a"),
            said(7, client=CLIENT, re=None),
        ]
        for record in records:
            self.assertEqual(self.store.append([record]), [KEPT], record)

    def test_retry_ends_with_its_time(self) -> None:
        self.store.append([said(1, client=CLIENT, re="a")])
        self.now = NOW + RETRY_SECONDS * 1000 - 1
        self.assertEqual(
            self.store.append([said(2, at=self.now, client=CLIENT, re="a")]), [retried(1)]
        )
        self.now += 1
        late = self.now
        self.assertEqual(self.store.append([said(3, at=late, client=CLIENT, re="a")]), [KEPT])
        self.now += 1
        self.assertEqual(
            self.store.append([said(4, at=self.now, client=CLIENT, re="a")]), [retried(3, at=late)]
        )

    def test_a_seq_twice_is_refused_with_its_whole_batch(self) -> None:
        self.keep("a", "b")
        batch = [said(3, client=CLIENT, re="a"), said(1, room_id=2), said(2)]
        self.assertRaises(StoreError, self.store.append, batch)
        self.assertEqual(self.seqs(9), ([1, 2], False))
        self.assertEqual(self.seqs(9, room_id=2), ([], False))
        self.assertEqual(
            self.store.append([said(3, client=CLIENT, re="a"), said(1, room_id=2)]), [KEPT, KEPT]
        )

    def test_latest_and_before(self) -> None:
        self.keep(*"abcdefgh")
        self.assertEqual(self.seqs(3), ([6, 7, 8], True))
        self.assertEqual(self.seqs(8), ([1, 2, 3, 4, 5, 6, 7, 8], False))
        self.assertEqual(self.seqs(3, before=6), ([3, 4, 5], True))
        self.assertEqual(self.seqs(3, before=4), ([1, 2, 3], False))
        self.assertEqual(self.seqs(3, before=1), ([], False))

    def test_after(self) -> None:
        self.keep(*"abcdefgh")
        self.assertEqual(self.seqs(3, after=0), ([1, 2, 3], True))
        self.assertEqual(self.seqs(3, after=5), ([6, 7, 8], False))
        self.assertEqual(self.seqs(3, after=8), ([], False))

    def test_around(self) -> None:
        self.keep(*"abcdefgh")
        self.assertEqual(self.seqs(4, around=4), ([2, 3, 4, 5], True))
        self.assertEqual(self.seqs(5, around=4), ([2, 3, 4, 5, 6], True))
        self.assertEqual(self.seqs(1, around=4), ([4], True))
        self.assertEqual(self.seqs(4, around=1), ([1, 2], True))
        self.assertEqual(self.seqs(4, around=8), ([6, 7, 8], True))
        self.assertEqual(self.seqs(1, around=99), ([8], True))
        self.assertEqual(self.seqs(16, around=4), ([1, 2, 3, 4, 5, 6, 7, 8], False))

    def test_bounds_between_and_beyond_all_seqs(self) -> None:
        self.store.append([said(10), said(20), said(30)])
        self.assertEqual(self.seqs(9, before=25), ([10, 20], False))
        self.assertEqual(self.seqs(9, after=15), ([20, 30], False))
        self.assertEqual(self.seqs(2, around=15), ([10, 20], True))
        self.assertEqual(self.seqs(9, before=10**30), ([10, 20, 30], False))
        self.assertEqual(self.seqs(9, after=10**30), ([], False))
        self.assertEqual(self.seqs(9, after=-(10**30)), ([10, 20, 30], False))
        self.assertEqual(self.seqs(2, around=10**30), ([30], True))

    def test_page_ends_at_the_characters(self) -> None:
        self.keep("a" * 10, "b" * 20, "c" * 30, "d" * 40)
        self.assertEqual(self.seqs(9, characters=69), ([4], True))
        self.assertEqual(self.seqs(9, characters=70), ([3, 4], True))
        self.assertEqual(self.seqs(9, characters=100), ([1, 2, 3, 4], False))
        self.assertEqual(self.seqs(9, after=0, characters=59), ([1, 2], True))
        self.assertEqual(self.seqs(9, after=0, characters=60), ([1, 2, 3], True))
        self.assertEqual(self.seqs(9, around=3, characters=60), ([1, 2, 3], True))
        self.assertEqual(self.seqs(9, around=3, characters=49), ([3], True))

    def test_page_has_at_least_one_message(self) -> None:
        self.keep("a" * 10, "b" * 20, "c" * 30)
        self.assertEqual(self.seqs(9, characters=1), ([3], True))
        self.assertEqual(self.seqs(9, after=0, characters=1), ([1], True))
        self.assertEqual(self.seqs(9, around=2, characters=1), ([2], True))
        self.assertEqual(self.seqs(9, around=4, characters=1), ([3], True))
