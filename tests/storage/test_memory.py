"""The memory store: the contract, and that it stays bounded."""

from __future__ import annotations

from pathlib import Path

from chatservice.storage.interface import StoreError
from chatservice.storage.memory import MemoryStore
from tests.storage import contract
from tests.storage.records import KEPT, RETRY_SECONDS, retried, said


class MemoryCase(contract.StoreCase):
    def make_store(self) -> MemoryStore:
        return MemoryStore(
            lambda: "server", self.wall, RETRY_SECONDS, keep=3000, keep_ids=3, examined=800
        )


class RecordsTests(MemoryCase, contract.RecordsContract):
    """The suite of every store: settings, members, bans, accounts."""


class ChangesTests(MemoryCase, contract.ChangesContract):
    """The suite of every store: edited, deleted, forgotten."""


class TalkTests(MemoryCase, contract.TalkContract):
    """Who said it, reactions, marks."""


class SearchTests(MemoryCase, contract.SearchContract):
    """The suite of every store: search."""


class MemoryStoreTests(MemoryCase, contract.StoreContract):
    """The suite of every store, and that this one stays bounded."""

    def test_forgets_the_oldest_of_each_room(self) -> None:
        store = MemoryStore(lambda: "server", self.wall, RETRY_SECONDS, keep=2)
        store.append([said(1), said(2), said(3), said(1, room_id=2)])
        self.store = store
        self.assertEqual(self.seqs(9), ([2, 3], False))
        self.assertEqual(self.seqs(9, room_id=2), ([1], False))

    def test_forgets_the_oldest_ids(self) -> None:
        ids = [said(seq, client=contract.CLIENT, re=f"id{seq}") for seq in range(1, 5)]
        self.store.append(ids)
        self.assertEqual(
            self.store.append(
                [
                    said(5, client=contract.CLIENT, re="id2"),
                    said(6, client=contract.CLIENT, re="id1"),
                ]
            ),
            [retried(2), KEPT],
        )

    def test_an_id_used_again_after_its_time_is_not_the_oldest(self) -> None:
        ids = [said(seq, client=contract.CLIENT, re=f"id{seq}") for seq in range(1, 4)]
        self.store.append(ids)
        self.now += RETRY_SECONDS * 1000
        again = [said(4, at=self.now, client=contract.CLIENT, re="id1")]
        self.assertEqual(self.store.append(again), [KEPT])
        self.store.append([said(5, at=self.now, client=contract.CLIENT, re="id4")])
        self.assertEqual(self.store.append(again), [retried(4, at=self.now)])

    def test_there_is_no_backup(self) -> None:
        path = Path(self.mktemp())
        self.assertRaises(StoreError, self.store.backup, path, lambda: None)
        self.assertFalse(path.exists())
