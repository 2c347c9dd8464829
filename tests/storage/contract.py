"""What every store promises.

Import this as a module, not the classes from it, or they are collected as tests themselves.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import Message
from chatservice.domain.records import (
    AccountKept,
    BanKept,
    Deleted,
    Doubted,
    Edited,
    FactKept,
    Found,
    KeptRoom,
    MarkKept,
    MemberKept,
    Page,
    ReactionKept,
    Record,
    RenamedRoom,
    Retried,
    RoomKept,
    Search,
    SeenKept,
    StayKept,
    Window,
)
from chatservice.storage.interface import Store, StoreError
from tests.storage.records import KEPT, NOW, RETRY_SECONDS, retried, said

# What means something in a query of SQLite's, and some words.
_PIECES = [*"\"*^:()-+{},.;'\\ \n\0%_", "AND", "OR", "NOT", "NEAR(", "hi", "there*", "text:", "--"]

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

    def kept(self, *records: Record) -> None:
        self.assertEqual(self.store.append(records), [KEPT] * len(records))

    def reopened(self) -> dict[int, KeptRoom]:
        """The rooms as a server that starts anew has them."""
        self.store.close()
        self.opened = self.store.open()
        return {room.id: room for room in self.opened.rooms}

    def find(self, words: str = "", limit: int = 50, **conditions: Any) -> Found:
        asked = {"room_ids": (1, 2)} | conditions
        return self.store.search(Search(words=words, limit=limit, **asked))

    def found(self, words: str = "", **conditions: Any) -> list[str]:
        return [message.id for message in self.find(words, **conditions).messages]

    def forgotten(self, keep_messages: int | None = None, before_at: int | None = None) -> int:
        return self.store.forget(1, keep_messages=keep_messages, before_at=before_at)

    def seqs(
        self,
        limit: int,
        *,
        room_id: int = 1,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        before_at: int | None = None,
        after_at: int | None = None,
        characters: int = 1000,
    ) -> tuple[list[int], bool]:
        page = self.store.page(
            Window(
                room_id=room_id,
                limit=limit,
                before=before,
                after=after,
                around=around,
                before_at=before_at,
                after_at=after_at,
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
            Window(room_id=9, limit=5, before_at=NOW),
            Window(room_id=9, limit=5, after_at=NOW),
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

    def test_what_is_doubted_is_a_retry_or_nothing(self) -> None:
        doubted = Doubted(client=CLIENT, re="a")
        self.assertEqual(self.store.append([doubted]), [KEPT])
        self.assertEqual(
            self.store.append([doubted, said(1, client=CLIENT, re="a"), doubted]),
            [KEPT, KEPT, retried(1)],
        )
        others = [Doubted(client=CLIENT, re="b"), Doubted(client=b"another", re="a")]
        self.assertEqual(self.store.append([*others, doubted]), [KEPT, KEPT, retried(1)])
        self.assertEqual(self.seqs(9), ([1], False))
        self.now = NOW + RETRY_SECONDS * 1000
        self.assertEqual(self.store.append([doubted]), [KEPT])

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

    def test_before_and_after_a_time(self) -> None:
        times = [(10, 5), (20, 5), (30, 6), (31, 6), (40, 9)]
        self.store.append([said(seq, at=NOW + at) for seq, at in times])
        self.assertEqual(self.seqs(9, before_at=NOW + 5), ([], False))
        self.assertEqual(self.seqs(9, before_at=NOW + 6), ([10, 20], False))
        self.assertEqual(self.seqs(1, before_at=NOW + 6), ([20], True))
        self.assertEqual(self.seqs(9, before_at=NOW + 8), ([10, 20, 30, 31], False))
        self.assertEqual(self.seqs(2, before_at=10**30), ([31, 40], True))
        self.assertEqual(self.seqs(9, after_at=NOW + 4), ([10, 20, 30, 31, 40], False))
        self.assertEqual(self.seqs(2, after_at=NOW + 5), ([30, 31], True))
        self.assertEqual(self.seqs(9, after_at=NOW + 7), ([40], False))
        self.assertEqual(self.seqs(9, after_at=NOW + 9), ([], False))
        self.assertEqual(self.seqs(1, after_at=-(10**30)), ([10], True))

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


class RecordsContract(StoreCase):
    """Rooms' settings, members, bans and accounts."""

    ROOM = RoomKept(
        room_id=7,
        name="attic",
        topic="old \x00 things",
        password="$argon2id$",
        invite_only=True,
        history="joining",
        keep_messages=500,
        keep_days=30,
        topic_by="Ann",
        topic_at=NOW + 1,
        made_at=NOW,
        moderated=True,
        topic_rule="all",
        secret=True,
        external=True,
        no_ctcp=True,
        people_most=7,
    )
    MEMBER = MemberKept(room_id=7, identity="account:ann", role="operator", since=3)
    BAN = BanKept(
        room_id=7,
        mask="nick:bob",
        shown="Bob",
        until=NOW + 5,
        reason="noise",
        by="Ann",
        kind="mute",
        at=NOW,
    )
    ACCOUNT = AccountKept(
        key="ann",
        nick="Ann",
        password="$argon2id$",
        made_at=NOW,
        scram="SCRAM-SHA-256$1",
        always_on=True,
    )

    def test_when_an_account_was_seen(self) -> None:
        self.kept(self.ACCOUNT, SeenKept(key="ann", at=NOW + 1), SeenKept(key="bob", at=NOW))
        self.reopened()
        self.assertEqual(
            self.opened.accounts, (dataclasses.replace(self.ACCOUNT, seen_at=NOW + 1),)
        )

    def test_what_is_told_comes_back(self) -> None:
        facts = [
            FactKept(owner=owner, key=key, value=value)
            for owner, key, value in (
                ("account:ann", "url", "x"),
                ("account:ann", "status", ""),
                ("room:7", "url", "y"),
                ("account:bob", "url", "z"),
            )
        ]
        self.kept(*facts, dataclasses.replace(facts[0], value="new"))
        self.kept(dataclasses.replace(facts[3], value=None), facts[2])
        self.reopened()
        self.assertEqual(
            set(self.opened.facts), {dataclasses.replace(facts[0], value="new"), *facts[1:3]}
        )

    def test_who_stays_where_comes_back(self) -> None:
        stays = [
            StayKept(room_id=room_id, account=account, stays=True)
            for room_id, account in ((7, "bob"), (7, "ann"), (1, "bob"))
        ]
        self.kept(*stays, dataclasses.replace(stays[1], stays=False), stays[0])
        self.reopened()
        self.assertEqual(set(self.opened.stays), {stays[0], stays[2]})

    def test_the_secret_is_one_for_ever(self) -> None:
        secret = self.opened.secret
        self.assertGreater(len(secret), 3)
        self.reopened()
        self.assertEqual(self.opened.secret, secret)

    def test_a_new_store_has_no_accounts(self) -> None:
        self.assertEqual(self.opened.accounts, ())

    def test_everything_comes_back_as_it_was(self) -> None:
        self.kept(self.ROOM, self.MEMBER, self.BAN, self.ACCOUNT)
        room = KeptRoom(
            id=7,
            name="attic",
            seq=0,
            at=0,
            settings=self.ROOM,
            members=(self.MEMBER,),
            bans=(self.BAN,),
        )
        self.assertEqual(self.reopened(), {7: room})
        self.assertEqual(self.opened.accounts, (self.ACCOUNT,))

    def test_the_least_of_everything_comes_back(self) -> None:
        room = RoomKept(room_id=7, name="attic")
        ban = BanKept(room_id=7, mask="address:10.0.0.1", shown="10.0.0.1")
        self.kept(room, ban)
        [found] = self.reopened().values()
        self.assertEqual((found.settings, found.members, found.bans), (room, (), (ban,)))

    def test_all_kinds_in_one_append_with_a_retry_among_them(self) -> None:
        first = said(1, room_id=7, client=CLIENT, re="a")
        self.kept(first)
        results = self.store.append([self.MEMBER, dataclasses.replace(first), self.BAN, said(1)])
        self.assertEqual(results, [KEPT, retried(1, room_id=7), KEPT, KEPT])
        room = self.reopened()[7]
        self.assertEqual((room.members, room.bans), ((self.MEMBER,), (self.BAN,)))

    def test_the_latest_is_what_is_kept(self) -> None:
        settings = RoomKept(room_id=7, name="attic", topic="new")
        voice = dataclasses.replace(self.MEMBER, role="voice", since=9)
        for_ever = dataclasses.replace(self.BAN, until=None, reason="")
        password = dataclasses.replace(self.ACCOUNT, password="other", nick="ANN")
        self.kept(self.ROOM, self.MEMBER, self.BAN, self.ACCOUNT)
        self.kept(settings, voice, for_ever, password)
        room = self.reopened()[7]
        self.assertEqual(room.settings, settings)
        self.assertEqual((room.members, room.bans), ((voice,), (for_ever,)))
        self.assertEqual(self.opened.accounts, (password,))

    def test_a_member_without_a_role_and_a_lifted_ban_are_gone(self) -> None:
        other_member = dataclasses.replace(self.MEMBER, identity="account:eve")
        other_ban = dataclasses.replace(self.BAN, mask="nick:eve")
        self.kept(self.ROOM, self.MEMBER, other_member, self.BAN, other_ban)
        self.kept(
            dataclasses.replace(self.MEMBER, role=None), dataclasses.replace(self.BAN, lifted=True)
        )
        room = self.reopened()[7]
        self.assertEqual((room.members, room.bans), ((other_member,), (other_ban,)))

    def test_records_of_one_append_are_kept_in_their_order(self) -> None:
        gone = dataclasses.replace(self.MEMBER, role=None)
        lifted = dataclasses.replace(self.BAN, lifted=True)
        again = dataclasses.replace(self.MEMBER, identity="account:eve")
        self.kept(self.ROOM, self.MEMBER, gone, self.BAN, lifted, again, gone, again)
        room = self.reopened()[7]
        self.assertEqual((room.members, room.bans), ((again,), ()))

    def test_members_and_bans_wait_for_their_room(self) -> None:
        self.kept(self.MEMBER, self.BAN)
        self.assertEqual(self.reopened(), {})
        self.kept(said(1, room_id=7))
        room = KeptRoom(id=7, name="room7", seq=1, at=NOW, members=(self.MEMBER,), bans=(self.BAN,))
        self.assertEqual(self.reopened(), {7: room})

    def test_rooms_keep_apart_and_have_many(self) -> None:
        bob = dataclasses.replace(self.MEMBER, identity="account:bob")
        elsewhere = dataclasses.replace(self.MEMBER, room_id=1)
        self.kept(self.ROOM, said(1), self.MEMBER, bob, elsewhere)
        rooms = self.reopened()
        self.assertCountEqual(rooms[7].members, [self.MEMBER, bob])
        self.assertEqual(rooms[1].members, (elsewhere,))
        self.assertIsNone(rooms[1].settings)

    def test_a_room_goes_on_under_its_first_name(self) -> None:
        self.kept(said(4))
        self.kept(dataclasses.replace(self.ROOM, room_id=1, name="other"), said(5))
        room = self.reopened()[1]
        self.assertEqual((room.name, room.seq), ("room1", 5))
        self.assertEqual(room.settings, dataclasses.replace(self.ROOM, room_id=1, name="room1"))
        [message] = self.store.page(Window(room_id=1, limit=1)).messages
        self.assertEqual(message.room, "room1")

    def test_a_room_has_another_name_and_its_messages_too(self) -> None:
        first = said(1, room_id=7)
        attic = dataclasses.replace(first, message=dataclasses.replace(first.message, room="attic"))
        self.kept(self.ROOM, attic)
        self.kept(RenamedRoom(room_id=7, name="loft"))
        self.assertEqual(self.store.page(Window(room_id=7, limit=1)).messages[0].room, "loft")
        rooms = self.reopened()
        self.assertEqual(rooms[7].name, "loft")
        self.assertEqual(rooms[7].settings, dataclasses.replace(self.ROOM, name="loft"))
        self.assertEqual(self.store.page(Window(room_id=7, limit=1)).messages[0].room, "loft")

    def test_what_was_said_before_a_room_was_renamed_may_be_kept_after_that(self) -> None:
        self.kept(self.ROOM, RenamedRoom(room_id=7, name="loft"))
        late = said(1, room_id=7, re="a", client=b"c")
        attic = dataclasses.replace(late, message=dataclasses.replace(late.message, room="attic"))
        self.kept(attic)
        self.assertEqual(self.store.page(Window(room_id=7, limit=1)).messages[0].room, "loft")
        [retried] = self.store.append([attic])
        assert isinstance(retried, Retried)
        self.assertEqual(retried.room, "loft")

    def test_another_name_of_a_room_that_is_not_there_loses_nothing_said_in_it(self) -> None:
        self.kept(RenamedRoom(room_id=7, name="loft"))
        self.kept(self.ROOM, said(1, room_id=7))
        self.assertEqual(self.reopened()[7].seq, 1)

    def test_a_name_that_was_given_up_is_free_in_the_same_append(self) -> None:
        self.kept(
            self.ROOM,
            RenamedRoom(room_id=7, name="loft"),
            dataclasses.replace(self.ROOM, room_id=8),
            RenamedRoom(room_id=8, name="cellar"),
            dataclasses.replace(self.ROOM, room_id=9),
        )
        names = {room_id: room.name for room_id, room in self.reopened().items()}
        self.assertEqual(names, {7: "loft", 8: "cellar", 9: "attic"})

    def test_rules_of_one_mask_differ_by_kind(self) -> None:
        ban = dataclasses.replace(self.BAN, kind="ban")
        self.kept(self.ROOM, self.BAN, ban, dataclasses.replace(self.BAN, lifted=True))
        self.assertEqual(self.reopened()[7].bans, (ban,))

    def test_messages_come_into_a_room_that_was_set_up(self) -> None:
        self.kept(self.ROOM)
        self.kept(said(1, "hello", room_id=7))
        room = self.reopened()[7]
        self.assertEqual((room.seq, room.settings), (1, self.ROOM))
        [message] = self.store.page(Window(room_id=7, limit=1)).messages
        self.assertEqual(message.text, "hello")

    def test_a_check_changes_nothing(self) -> None:
        self.keep("hi")
        before = self.reopened()
        self.store.check()
        self.assertEqual(self.reopened(), before)

    def test_nothing_of_a_refused_batch_is_kept(self) -> None:
        self.keep("a")
        batch = [self.ROOM, self.MEMBER, self.ACCOUNT, said(1)]
        self.assertRaises(StoreError, self.store.append, batch)
        self.assertEqual(list(self.reopened()), [1])
        self.assertEqual(self.opened.accounts, ())
        self.kept(self.ROOM, said(1, room_id=7))


class ChangesContract(StoreCase):
    """Messages that are edited, deleted and forgotten."""

    def message(self, seq: int) -> Message:
        [message] = self.store.page(Window(room_id=1, limit=1, around=seq)).messages
        return message

    def test_edited(self) -> None:
        self.keep("one", "two", "three")
        before = self.message(2)
        self.kept(Edited(room_id=1, seq=2, text="second", at=NOW + 9))
        after = dataclasses.replace(before, text="second", edited_at=NOW + 9)
        self.assertEqual(self.message(2), after)
        self.assertEqual([self.message(1).text, self.message(3).text], ["one", "three"])
        self.assertEqual((self.found("second"), self.found("two")), (["1-2"], []))

    def test_deleted(self) -> None:
        self.keep("one", "two")
        before = self.message(2)
        self.kept(Deleted(room_id=1, seq=2, at=NOW))
        after = dataclasses.replace(before, text="", deleted=True)
        self.assertEqual(self.message(2), after)
        self.assertEqual(self.seqs(9), ([1, 2], False))
        self.assertEqual((self.found("two"), self.found()), ([], ["1-1"]))

    def test_what_is_deleted_stays_so(self) -> None:
        self.keep("one")
        self.kept(Edited(room_id=1, seq=1, text="first", at=NOW), Deleted(room_id=1, seq=1, at=NOW))
        before = self.message(1)
        self.kept(Edited(room_id=1, seq=1, text="again", at=NOW + 1))
        self.kept(Deleted(room_id=1, seq=1, at=NOW + 1))
        self.assertEqual(self.message(1), before)
        self.assertEqual(self.found("again"), [])

    def test_in_the_commit_of_the_message_itself(self) -> None:
        self.kept(said(1, "one"), Edited(room_id=1, seq=1, text="first", at=NOW), said(2))
        self.assertEqual(self.message(1).text, "first")
        self.assertEqual((self.found("first"), self.found("one")), (["1-1"], []))

    def test_what_is_not_there(self) -> None:
        self.keep("one")
        for seq in (2, 10**18):
            self.kept(Edited(room_id=1, seq=seq, text="x", at=NOW))
            self.kept(Deleted(room_id=1, seq=seq, at=NOW))
        self.kept(Edited(room_id=9, seq=1, text="x", at=NOW))
        self.assertEqual(self.message(1).text, "one")
        self.assertEqual(list(self.reopened()), [1])

    def test_changes_outlive_the_server(self) -> None:
        self.keep("one", "two")
        self.find()
        self.kept(Edited(room_id=1, seq=1, text="first", at=NOW), Deleted(room_id=1, seq=2, at=NOW))
        self.reopened()
        self.assertEqual((self.message(1).edited_at, self.message(2).deleted), (NOW, True))
        self.assertEqual(self.found("first"), ["1-1"])

    def test_forget_by_number(self) -> None:
        self.keep(*"abcde")
        self.assertEqual(self.forgotten(keep_messages=5), 0)
        self.assertEqual(self.forgotten(keep_messages=2), 3)
        self.assertEqual(self.seqs(9), ([4, 5], False))
        self.assertEqual(self.forgotten(keep_messages=2), 0)
        self.assertEqual((self.found("c"), self.found("d")), ([], ["1-4"]))

    def test_forget_by_age(self) -> None:
        self.kept(*(said(seq, at=NOW + seq) for seq in range(1, 6)))
        self.assertEqual(self.forgotten(before_at=NOW + 1), 0)
        self.assertEqual(self.forgotten(before_at=NOW + 4), 3)
        self.assertEqual(self.seqs(9), ([4, 5], False))

    def test_forget_by_whichever_takes_more(self) -> None:
        self.kept(*(said(seq, at=NOW + seq) for seq in range(1, 9)))
        self.assertEqual(self.forgotten(keep_messages=6, before_at=NOW + 2), 2)
        self.assertEqual(self.forgotten(keep_messages=6, before_at=NOW + 5), 2)
        self.assertEqual(self.seqs(9), ([5, 6, 7, 8], False))

    def test_the_latest_one_is_never_forgotten(self) -> None:
        self.keep(*"abc")
        self.assertEqual(self.forgotten(keep_messages=0, before_at=NOW + 1), 2)
        self.assertEqual(self.forgotten(keep_messages=0, before_at=NOW + 1), 0)
        self.assertEqual(self.seqs(9), ([3], False))
        self.assertEqual(self.reopened()[1].seq, 3)

    def test_forget_nothing(self) -> None:
        self.assertEqual(self.forgotten(keep_messages=1, before_at=NOW + 1), 0)
        self.keep("a", "b")
        self.assertEqual(self.forgotten(), 0)
        self.assertEqual(self.store.forget(2, keep_messages=1, before_at=NOW + 1), 0)
        self.assertEqual(self.seqs(9), ([1, 2], False))

    def test_forget_a_thousand_at_once(self) -> None:
        self.keep(*"x" * 1500)
        self.find("x")
        self.assertEqual([self.forgotten(keep_messages=100) for _ in range(3)], [1000, 400, 0])
        self.assertEqual(self.seqs(1, after=0), ([1401], True))
        self.assertEqual(len(self.found("x", limit=500)), 100)


class SearchContract(StoreCase):
    """What is found, in which order, and that nothing typed can break it."""

    def test_newest_first_over_all_rooms_that_are_asked_for(self) -> None:
        self.kept(
            said(1, "tea?"),
            said(1, "Tea!", room_id=2),
            said(2, "no tea"),
            said(3, "coffee"),
            said(1, "tea", room_id=3),
        )
        self.assertEqual(self.found("tea"), ["1-2", "2-1", "1-1"])
        self.assertEqual(self.found("tea", room_ids=(2,)), ["2-1"])
        self.assertEqual(self.found("tea", room_ids=(2, 2, 99)), ["2-1"])
        self.assertEqual(self.found("tea", room_ids=()), [])
        self.assertEqual(self.found("", room_ids=(1, 3)), ["3-1", "1-3", "1-2", "1-1"])

    def test_messages_are_whole(self) -> None:
        record = said(7, "tab\t ünï \U0001f600", client=CLIENT, re="a", kind="action")
        self.kept(record)
        wanted = dataclasses.replace(record.message, re=None)
        self.assertEqual(self.find("tab"), Found(messages=(wanted,)))

    def test_words_phrases_and_beginnings(self) -> None:
        self.keep(
            "The quick brown fox", "a brown, quick fox", "foxes quickly", "quick: brown-bread"
        )
        for words, seqs in {
            "fox": [2, 1],
            "QUICK fox": [2, 1],
            "fox quick cat": [],
            '"quick brown"': [4, 1],
            '"brown quick"': [2],
            '"quick brown" fox': [1],
            '"quick   brown': [4, 1],
            "fox*": [3, 2, 1],
            "qui* fox*": [3, 2, 1],
            "fo": [],
            "*fox": [2, 1],
            "fo*x": [],
            '"fox*"': [2, 1],
            "q*": [],
            "brown-bread": [4],
            "brown-bre*": [4],
            "quick,brown": [4, 1],
            "fox -- ?": [2, 1],
            "-": [],
            '""': [],
            " ": [4, 3, 2, 1],
            "": [4, 3, 2, 1],
        }.items():
            self.assertEqual(self.found(words), [f"1-{seq}" for seq in seqs], words)

    def test_words_of_fts5_are_words(self) -> None:
        self.keep("this and that", "this or that", "not this", "near this", "text")
        for words, seqs in {
            "this AND that": [1],
            "this OR that": [2],
            "NOT this": [3],
            "NEAR(this)": [4],
            "text:this": [],
            "^this": [4, 3, 2, 1],
            "this + that": [2, 1],
        }.items():
            self.assertEqual(self.found(words), [f"1-{seq}" for seq in seqs], words)

    def test_case_and_accents(self) -> None:
        self.keep(
            "Café Zürich", "STRASSE Straße", "ΟΔΟΣ οδός", "МОСКВА", "日本語 12", "İzmir Ångström"
        )
        for words, seqs in {
            "cafe": [1],
            "CAFE\u0301 zurich": [1],
            "strasse": [2],
            "straße": [2],
            "STRAẞE": [2],
            "οδοσ": [3],
            "οδος": [3],
            "москва": [4],
            "日*": [5],
            "本": [5],
            "12": [5],
            "izmir angstrom": [6],
        }.items():
            self.assertEqual(self.found(words), [f"1-{seq}" for seq in seqs], words)

    def test_inside_what_is_written_without_blanks(self) -> None:
        self.keep(
            "我们明天去北京大学，好吗",
            "東京タワーへ行く。abc東京123",
            "ฉันกินข้าวที่บ้าน",
            "학교에서 만나요",
            "京",
            "北方 京都 go",
            "\U00020000\U00020001\U00020002",
        )
        for words, seqs in {
            "北京": [1],
            "京大": [1],
            "北京大学": [1],
            "大北": [],
            "京": [6, 5, 2, 1],
            "京*": [6, 5, 2, 1],
            "北京*": [1],
            "北 京": [6, 1],
            '"北方 京"': [6],
            '"方 京都 go"': [6],
            "京都go": [6],
            "京go": [],
            "タワー": [2],
            "abc東": [2],
            "abc東京123": [2],
            "東京12*": [2],
            "東京12": [],
            "ข้าว": [3],
            "ขาว": [3],
            "กินข้าวที่": [3],
            "บ้าน": [3],
            "าน": [3],
            "학교": [4],
            "교에": [4],
            "서만": [],
            "\U00020001\U00020002": [7],
            "我们明天去北京大学，好吗": [1],
        }.items():
            self.assertEqual(self.found(words), [f"1-{seq}" for seq in seqs], words)
        self.kept(Edited(room_id=1, seq=1, text="上海", at=NOW), Deleted(room_id=1, seq=5, at=NOW))
        self.assertEqual((self.found("海"), self.found("京")), (["1-1"], ["1-6", "1-2"]))

    def test_author_and_time(self) -> None:
        def by(nick: str, seq: int) -> Record:
            record = said(seq, at=NOW + seq)
            return dataclasses.replace(
                record, message=dataclasses.replace(record.message, nick=nick)
            )

        self.kept(by("Ünal", 1), by("bob", 2), by("ünal", 3), by("Bob", 4))
        self.assertEqual(self.found(nick="ÜNAL"), ["1-3", "1-1"])
        self.assertEqual(self.found("hi", nick="BOB"), ["1-4", "1-2"])
        self.assertEqual(self.found("hi", nick="bo"), [])
        self.assertEqual(self.found(since_at=NOW + 3), ["1-4", "1-3"])
        self.assertEqual(self.found(until_at=NOW + 3), ["1-2", "1-1"])
        self.assertEqual(self.found(since_at=NOW + 2, until_at=NOW + 4), ["1-3", "1-2"])
        self.assertEqual(self.found("hi", nick="bob", since_at=NOW + 3), ["1-4"])
        self.assertEqual(
            self.found(since_at=-(10**30), until_at=10**30, before=10**30)[:1], ["1-4"]
        )

    def test_pages_go_on_without_a_gap_while_messages_come(self) -> None:
        self.kept(*(said(seq, room_id=1 + seq % 2) for seq in range(1, 8)))
        first = self.find("hi", limit=3)
        self.kept(said(8), said(9))
        second = self.find("hi", limit=3, before=first.next)
        third = self.find("hi", limit=3, before=second.next)
        seqs = [[message.seq for message in each.messages] for each in (first, second, third)]
        self.assertEqual(seqs, [[7, 6, 5], [4, 3, 2], [1]])
        self.assertEqual([each.more for each in (first, second, third)], [True, True, False])
        self.assertIsNone(third.next)

    def test_the_last_page_that_is_full_is_the_last(self) -> None:
        self.keep(*"aaaa")
        found = self.find("a", limit=4)
        self.assertEqual((len(found.messages), found.more), (4, False))

    def test_ends_at_the_characters_but_has_one_message(self) -> None:
        self.keep(*(f"word {'x' * 15}" for _ in range(4)))
        found = self.find("word", characters=45)
        self.assertEqual([message.seq for message in found.messages], [4, 3])
        rest = self.find("word", characters=1, before=found.next)
        self.assertEqual([message.seq for message in rest.messages], [2])
        self.assertTrue(rest.more)

    def test_what_takes_long_is_found_in_parts(self) -> None:
        """The store of these tests looks at 800 messages at once."""
        self.keep("needle", *["hay"] * 1900)
        for words, nick in (("needle", "ann"), ("", "bob")):
            self.kept(said(1 if words else 2, "end", room_id=2))
            parts, found = 1, self.find(words, nick=nick)
            while found.more:
                self.assertLess(parts, 10)
                parts, found = parts + 1, self.find(words, nick=nick, before=found.next)
            self.assertEqual([message.seq for message in found.messages], [1] if words else [])
        self.assertEqual(parts, 3)

    def test_sees_what_was_just_appended(self) -> None:
        for seq in range(1, 4):
            self.kept(said(seq, f"word{seq}"))
            self.assertEqual(self.found(f"word{seq}"), [f"1-{seq}"])

    def test_indexing_ahead_changes_nothing(self) -> None:
        self.keep(*(f"word{seq} x" for seq in range(1, 701)))
        while self.store.index():
            pass
        self.kept(
            Edited(room_id=1, seq=1, text="first", at=NOW), Deleted(room_id=1, seq=700, at=NOW)
        )
        self.assertEqual(self.found("first"), ["1-1"])
        self.assertEqual((self.found("word1"), self.found("word700")), ([], []))
        self.assertEqual(self.found("word699"), ["1-699"])
        self.assertEqual(self.found("x", limit=1), ["1-699"])

    def test_only_the_first_words_count(self) -> None:
        text = " ".join(f"w{number}" for number in range(16))
        self.keep(text)
        self.assertEqual(self.found(f"{text} other"), ["1-1"])
        self.assertEqual(self.found(f'"{text} other"'), ["1-1"])
        self.assertEqual(self.found(f"other {text}"), [])
        self.assertEqual(self.found("w1 " * 2000), ["1-1"])

    def test_whatever_is_typed_is_no_error(self) -> None:
        self.keep("hi there")

        @settings(derandomize=True, deadline=None, max_examples=500)
        @given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=4), max_size=12))
        def type_and_search(pieces: list[str]) -> None:
            self.find("".join(pieces))

        type_and_search()

    def test_long_nonsense_is_no_error(self) -> None:
        self.keep("hi")
        for piece in ('"', "a ", "a* ", "a-", '"a" ', "(", "\0", "NOT ", "é", "\u0301", "\ud800"):
            self.find(piece * 4000)


class TalkContract(StoreCase):
    """What is kept of messages beside their text, to be inherited like the suite above."""

    def message(self, seq: int = 1) -> Message:
        [message] = self.store.page(Window(room_id=1, limit=1, around=seq)).messages
        return message

    def reaction(self, seq: int = 1, nick: str = "Bob", **changes: Any) -> ReactionKept:
        return dataclasses.replace(
            ReactionKept(room_id=1, seq=seq, reaction="+1", nick=nick, user="100001"), **changes
        )

    def shown(self, seq: int = 1) -> list[tuple[str, str]]:
        return [(each.nick, each.reaction) for each in self.message(seq).reactions]

    def test_authors_come_with_a_page_and_not_with_its_messages(self) -> None:
        first = dataclasses.replace(said(1), author="client:1")
        self.kept(first, said(2), dataclasses.replace(said(3), author="account:ann"))
        page = self.store.page(Window(room_id=1, limit=9))
        self.assertEqual(page.authors, ("client:1", None, "account:ann"))
        self.assertEqual(self.store.page(Window(room_id=1, limit=1, around=2)).authors, (None,))
        self.assertEqual(page.messages[0], first.message)

    def test_account_and_reply_come_back(self) -> None:
        message = dataclasses.replace(said(1).message, account="Ann", reply_to="1-7")
        self.kept(dataclasses.replace(said(1), message=message))
        self.assertEqual(self.message(), message)
        self.assertEqual(self.find().messages, (message,))

    def test_reactions_come_in_order_once_each(self) -> None:
        self.keep("a", "b")
        self.kept(
            self.reaction(),
            self.reaction(reaction="-1"),
            self.reaction(nick="Robert"),
            self.reaction(nick="Eve", user="100002", account="Eve"),
            self.reaction(nick="Mallory", user="100003", account="Eve"),
            self.reaction(seq=2),
            self.reaction(seq=9),
        )
        self.assertEqual(self.shown(), [("Bob", "+1"), ("Bob", "-1"), ("Eve", "+1")])
        self.assertEqual(self.shown(2), [("Bob", "+1")])
        self.assertEqual([each.account for each in self.message().reactions], [None, None, "Eve"])
        self.assertEqual([len(each.reactions) for each in self.find().messages], [1, 3])

    def test_reactions_are_taken_back_by_account_or_user(self) -> None:
        self.keep("a")
        self.kept(self.reaction(), self.reaction(nick="Eve", user="100002", account="Eve"))
        self.kept(self.reaction(user="100009", active=False), self.reaction(seq=9, active=False))
        self.assertEqual(self.shown(), [("Bob", "+1"), ("Eve", "+1")])
        self.kept(self.reaction(nick="Robert", active=False))
        self.kept(self.reaction(user="100009", account="Eve", active=False))
        self.assertEqual(self.shown(), [])

    def test_what_is_taken_back_has_no_reactions(self) -> None:
        self.keep("a", "b")
        self.kept(self.reaction(), Deleted(room_id=1, seq=1, at=NOW), self.reaction(reaction="x"))
        self.assertEqual(self.shown(), [])

    def test_reactions_go_with_what_is_forgotten(self) -> None:
        self.keep("a", "b")
        self.kept(self.reaction(), self.reaction(seq=2))
        self.assertEqual(self.forgotten(keep_messages=1), 1)
        self.assertEqual(self.shown(2), [("Bob", "+1")])

    def test_marks_come_back_as_they_are_last(self) -> None:
        for account, place, at in (("ann", "1", 5), ("ann", "1", 7), ("ann", "@bob", 6)):
            self.kept(MarkKept(account=account, place=place, at=at))
        self.reopened()
        self.assertEqual(
            set(self.opened.marks),
            {
                MarkKept(account="ann", place="1", at=7),
                MarkKept(account="ann", place="@bob", at=6),
            },
        )

    def test_marks_follow_a_room_to_its_new_name(self) -> None:
        self.keep("a")
        for account in ("ann", "bob"):
            self.kept(MarkKept(account=account, place="#room1", at=5))
        self.kept(MarkKept(account="bob", place="#other", at=6))
        self.kept(RenamedRoom(room_id=1, name="new"))
        self.reopened()
        self.assertEqual(
            {(mark.account, mark.place) for mark in self.opened.marks},
            {("ann", "#new"), ("bob", "#new"), ("bob", "#other")},
        )

    def test_a_page_between_two_bounds(self) -> None:
        self.keep(*"abcdef")
        asked: tuple[tuple[dict[str, Any], list[int], bool], ...] = (
            ({"after": 1, "before": 6}, [2, 3], True),
            ({"after": 1, "before": 6, "newest": True}, [4, 5], True),
            ({"after": 3, "before": 6}, [4, 5], False),
            ({"after": 3, "newest": True}, [5, 6], True),
            ({"after": 4, "newest": True}, [5, 6], False),
            ({"after": 5, "before": 5}, [], False),
            ({"after": 6, "before": 1}, [4, 5], True),
            ({"after": 4, "before_at": NOW - 1}, [2, 3], True),
            ({"after_at": NOW - 1, "before_at": NOW + 1}, [1, 2], True),
            ({"after": 2, "before_at": NOW}, [], False),
            ({"around_at": NOW}, [1], True),
            ({"around_at": NOW + 1}, [6], True),
        )
        for bounds, seqs, more in asked:
            page = self.store.page(Window(room_id=1, limit=2, **bounds))
            self.assertEqual(
                ([message.seq for message in page.messages], page.more), (seqs, more), bounds
            )
