"""The SQLite store: the contract, its files, its versions, and what it says when it cannot."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from stat import S_IMODE

from chatservice.domain.records import Edited, KeptRoom, Window
from chatservice.storage import schema
from chatservice.storage.failures import explained
from chatservice.storage.interface import StoreError
from chatservice.storage.sqlite import INDEXED, SqliteStore
from chatservice.storage.words import words_of
from tests.storage import contract
from tests.storage.contract import CLIENT
from tests.storage.records import KEPT, NOW, RETRY_SECONDS, retried, said


class SqliteCase(contract.StoreCase):
    store: SqliteStore

    def make_store(self) -> SqliteStore:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "state" / "chat.db"
        return self.store_of(self.path)

    def store_of(
        self, path: Path, migrations: Path | None = None, busy_seconds: float = 0.05
    ) -> SqliteStore:
        return SqliteStore(
            path,
            retry_seconds=RETRY_SECONDS,
            wall=self.wall,
            new_id=lambda: f"server of {path.name}",
            busy_seconds=busy_seconds,
            migrations=migrations or schema.MIGRATIONS,
            examined=800,
        )

    def refusal(self, store: SqliteStore) -> str:
        return str(self.assertRaises(StoreError, store.open))

    def files(self) -> list[str]:
        return sorted(file.name for file in self.path.parent.iterdir())


class ContractTests(SqliteCase, contract.StoreContract):
    """The suite of every store."""


class RecordsTests(SqliteCase, contract.RecordsContract):
    """The suite of every store: settings, members, bans, accounts."""


class IndexedCase(SqliteCase):
    """A case that ends with a look at whether the index is that of the messages."""

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.check_index)

    def check_index(self) -> None:
        self.find()
        self.store._db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")


class ChangesTests(IndexedCase, contract.ChangesContract):
    """The suite of every store: edited, deleted, forgotten."""


class TalkTests(SqliteCase, contract.TalkContract):
    """Who said it, reactions, marks."""


class SearchTests(IndexedCase, contract.SearchContract):
    """The suite of every store: search."""

    def test_sqlite_cuts_no_word_that_we_do_not(self) -> None:
        """So that no more words are looked for than we count."""
        letters = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isalnum()]
        words = {char: words_of(f"a{char}b") for char in letters}
        apart = {char for char in letters if words[char] == ["a", char, "b"]}
        whole = [char for char in letters if len(words[char]) == 1 or char in apart]
        self.assertGreater(len(whole), 100_000)
        db = self.store._db
        db.execute("CREATE VIRTUAL TABLE temp.cut USING fts5(word, tokenize = 'unicode61')")
        rows = ((ord(char), "".join(words[char])) for char in whole)
        db.execute("BEGIN")
        db.executemany("INSERT INTO temp.cut (rowid, word) VALUES (?, ?)", rows)
        db.execute("COMMIT")
        ends = db.execute("SELECT rowid FROM temp.cut WHERE cut MATCH 'b'").fetchall()
        self.assertEqual(ends, [])
        db.execute("DROP TABLE temp.cut")


class IndexTests(SqliteCase):
    """When messages are indexed."""

    def indexed(self) -> int:
        [number] = self.store._db.execute("SELECT message FROM indexed").fetchone()
        return int(number)

    def test_an_append_does_not_wait_for_it(self) -> None:
        self.keep(*["x"] * (2 * INDEXED))
        self.assertEqual(self.indexed(), 0)

    def test_many_at_once_and_not_before_they_are_many(self) -> None:
        self.keep(*["x"] * (INDEXED - 1))
        self.assertFalse(self.store.index())
        self.kept(*(said(seq) for seq in range(INDEXED, 2 * INDEXED + 1)))
        self.assertEqual([self.store.index() for _ in range(3)], [True, True, False])
        self.assertEqual(self.indexed(), 2 * INDEXED)

    def test_a_full_disk_is_told_and_got_over(self) -> None:
        self.keep(*(f"word{seq} {'y' * seq}" for seq in range(1, 500)))
        db = self.store._db
        [pages] = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")
        self.assertIn("the disk is full", str(self.assertRaises(StoreError, self.find, "word1")))
        self.assertEqual(self.indexed(), 0)
        db.execute("PRAGMA max_page_count = 1000000")
        self.assertEqual(self.found("word1"), ["1-1"])


class FileTests(SqliteCase):
    """What lies on the disk."""

    def test_settings(self) -> None:
        self.store.close()
        with closing(sqlite3.connect(self.path)) as db:
            for pragma, value in {
                "application_id": schema.APPLICATION_ID,
                "user_version": 4,
                "journal_mode": "wal",
                "integrity_check": "ok",
            }.items():
                self.assertEqual(db.execute(f"PRAGMA {pragma}").fetchone(), (value,), pragma)

    def test_commits_are_synced(self) -> None:
        self.assertEqual(self.store._db.execute("PRAGMA synchronous").fetchone(), (2,))

    def test_all_is_private(self) -> None:
        self.store.append([said(1)])
        self.assertEqual(self.files(), ["chat.db", "chat.db-shm", "chat.db-wal", "lock"])
        self.assertEqual(S_IMODE(self.path.parent.stat().st_mode), 0o700)
        for file in self.path.parent.iterdir():
            self.assertEqual(S_IMODE(file.stat().st_mode), 0o600, file)

    def test_closed_leaves_one_whole_file(self) -> None:
        self.store.append([said(1)])
        self.store.close()
        self.assertEqual(self.files(), ["chat.db", "lock"])

    def test_another_store_object_finds_everything(self) -> None:
        self.store.append([said(1), said(2, client=CLIENT, re="a")])
        self.store.close()
        self.store = self.store_of(self.path)
        self.assertEqual(self.store.open().server_id, self.opened.server_id)
        self.assertEqual(self.seqs(9), ([1, 2], False))
        self.assertEqual(self.store.append([said(3, client=CLIENT, re="a")]), [retried(2)])

    def test_another_thread_may_close(self) -> None:
        with ThreadPoolExecutor() as pool:
            pool.submit(self.store.close).result(timeout=5)
        self.assertEqual(self.store_of(self.path).open().server_id, self.opened.server_id)

    def test_odd_path(self) -> None:
        store = self.store_of(self.path.parent / "50%25 #1?mode=ro" / "a b.db")
        store.open()
        self.addCleanup(store.close)
        self.assertEqual(store.append([said(1)]), [KEPT])

    def test_only_what_tells_a_retry_is_indexed(self) -> None:
        both = said(1, client=CLIENT, re="a")
        self.store.append([both, said(2, client=CLIENT), said(3, re="a"), said(4)])
        rows = self.store._db.execute("SELECT client, client_id FROM message ORDER BY seq")
        self.assertEqual(rows.fetchall(), [(CLIENT, "a"), *[(None, None)] * 3])

    def test_page_uses_the_index_in_both_directions(self) -> None:
        queries: list[str] = []
        self.store._db.set_trace_callback(queries.append)
        self.store.append([said(1, client=CLIENT, re="a")])
        self.seqs(3)
        self.seqs(3, after=1)
        self.store._db.set_trace_callback(None)
        selects = [query for query in queries if query.strip().startswith("SELECT")]
        self.assertEqual(len(selects), 3)
        for query in selects:
            steps = [step for *_, step in self.store._db.execute(f"EXPLAIN QUERY PLAN {query}")]
            self.assertEqual(
                [step for step in steps if "SCAN" in step and "SUBQUERY" not in step.upper()], []
            )
            self.assertEqual(sum("SEARCH" in step for step in steps), 2, steps)


class RefusedTests(SqliteCase):
    """What cannot be opened, and the sentence it gets."""

    def test_used_by_another_server(self) -> None:
        self.assertEqual(
            self.refusal(self.store_of(self.path)),
            f"{self.path.parent} is used by another chatservice;"
            " give this one its own with --state DIR",
        )
        self.store.close()
        second = self.store_of(self.path)
        second.open()
        second.close()

    def test_refused_one_holds_no_lock(self) -> None:
        self.store.close()
        self.path.rename(self.path.with_name("kept"))
        with closing(sqlite3.connect(self.path)) as db:
            db.execute("CREATE TABLE theirs (x)")
        self.refusal(self.store)
        self.path.with_name("kept").rename(self.path)
        self.assertEqual(self.store.open().server_id, self.opened.server_id)

    def test_newer_schema(self) -> None:
        self.store.close()
        with closing(sqlite3.connect(self.path)) as db:
            db.execute("PRAGMA user_version = 7")
        before = self.path.read_bytes()
        sentence = self.refusal(self.store)
        self.assertIn(f"{self.path} was written by a newer chatservice", sentence)
        self.assertIn("upgrade chatservice", sentence)
        self.assertEqual(self.path.read_bytes(), before)

    def test_foreign_file(self) -> None:
        self.store.close()
        other = self.path.with_name("other.db")
        with closing(sqlite3.connect(other)) as db:
            db.execute("CREATE TABLE theirs (x)")
        content = other.read_bytes()
        self.path.write_bytes(content)
        self.assertIn(f"{self.path} is not a file of chatservice", self.refusal(self.store))
        self.assertEqual(self.path.read_bytes(), content)

    def test_damage_met_while_reading(self) -> None:
        self.store.append([said(seq, "x" * 3000) for seq in range(1, 20)])
        self.store.close()
        self.store.open()
        content = self.path.read_bytes()
        page = content.index(b"x" * 3000) // 4096 * 4096
        with self.path.open("r+b") as file:
            file.seek(page)
            file.write(b"\xff" * 4096)
        sentence = str(self.assertRaises(StoreError, self.seqs, 50, characters=10**6))
        self.assertIn(f"{self.path} is damaged; restart the server", sentence)
        self.assertEqual(self.seqs(1), ([19], True))

    def test_a_row_that_is_no_message(self) -> None:
        self.store.append([said(1), said(2)])
        self.store._db.execute("UPDATE message SET nick = x'ff' WHERE seq = 2")
        sentence = str(self.assertRaises(StoreError, self.seqs, 9))
        self.assertIn(f"{self.path} is damaged; restart the server", sentence)
        self.assertEqual(self.seqs(9, before=2), ([1], False))

    def test_log_of_a_missing_file_is_not_replayed(self) -> None:
        self.store.close()
        self.path.unlink()
        wal = self.path.with_name("chat.db-wal")
        wal.write_bytes(b"frames")
        self.assertIn(f"{wal} belongs to a missing chat.db", self.refusal(self.store))
        wal.unlink()
        self.store.open()

    def test_directory_that_cannot_be_made(self) -> None:
        path = self.path / "state" / "chat.db"
        sentence = self.refusal(self.store_of(path))
        self.assertIn(f"{path.parent} cannot be used", sentence)
        self.assertIn("--state DIR", sentence)

    def test_directory_that_cannot_be_written(self) -> None:
        if os.geteuid() == 0:
            # What not even root can write to.
            directory = Path("/proc/self/fdinfo")
            if not directory.exists():
                self.skipTest("root can write everywhere here")
        else:
            directory = self.path.parent / "closed"
            directory.mkdir(mode=0o500)
        sentence = self.refusal(self.store_of(directory / "chat.db"))
        self.assertIn(f"{directory}/lock cannot be used", sentence)

    def test_a_directory_in_place_of_the_file(self) -> None:
        path = self.path.parent / "folder" / "chat.db"
        path.mkdir(parents=True)
        self.assertIn(f"{path} cannot be opened", self.refusal(self.store_of(path)))


class VersionTests(SqliteCase):
    """Files are made whole, upgraded whole, and copied before."""

    def migrations(self, *later: str, latest: int = 4) -> Path:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = Path(directory.name)
        ours = [
            (schema.MIGRATIONS / f"{version:04}.sql").read_text()
            for version in range(1, latest + 1)
        ]
        for version, text in enumerate((*ours, *later), 1):
            (path / f"{version:04}.sql").write_text(text)
        (path / "README").write_text("not a migration")
        return path

    def test_upgrade_keeps_messages_and_makes_a_backup(self) -> None:
        self.store.append([said(1, "before")])
        self.store.close()
        newer = self.migrations("ALTER TABLE room ADD motto TEXT;", "CREATE TABLE later (x);")
        self.store = self.store_of(self.path, newer)
        self.assertEqual(self.store.open().server_id, self.opened.server_id)
        self.assertEqual(self.seqs(9), ([1], False))
        self.store.append([said(2)])
        self.store.close()

        backup = self.path.with_name("chat.db.v4.bak")
        self.assertEqual(self.files(), ["chat.db", "chat.db.v4.bak", "lock"])
        self.assertEqual(S_IMODE(backup.stat().st_mode), 0o600)
        self.assertIn("newer", self.refusal(self.store_of(self.path)))

        backup.rename(self.path)
        self.store = self.store_of(self.path)
        self.store.open()
        self.assertEqual(self.seqs(9), ([1], False))

    def test_upgrade_of_a_file_of_the_first_version(self) -> None:
        self.store.close()
        self.path.unlink()
        first = (schema.MIGRATIONS / "0001.sql").read_text()
        with closing(sqlite3.connect(self.path)) as db, db:
            db.executescript(first)
            db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            db.execute("PRAGMA user_version = 1")
            db.execute("INSERT INTO server VALUES ('first')")
            db.execute("INSERT INTO room VALUES (1, 'room1'), (2, 'room2')")
            db.executemany(
                "INSERT INTO message VALUES (NULL, 1, ?, ?, 'action', 'Ann', '123456', ?, ?, ?)",
                [(3, NOW, "old words", CLIENT, "a"), (5, NOW + 1, "more", None, None)],
            )
        self.opened = self.store.open()
        self.assertEqual(self.opened.server_id, "first")
        self.assertEqual(
            self.opened.rooms,
            (
                KeptRoom(id=1, name="room1", seq=5, at=NOW + 1),
                KeptRoom(id=2, name="room2", seq=0, at=0),
            ),
        )
        old = said(3, "old words", kind="action").message
        self.assertEqual(self.store.page(Window(room_id=1, limit=1, around=3)).messages, (old,))
        self.assertEqual(self.found("old"), ["1-3"])
        self.assertEqual(self.store.append([said(6, client=CLIENT, re="a")]), [retried(3)])
        self.kept(Edited(room_id=1, seq=3, text="new", at=NOW), said(6, "six"))
        self.assertEqual(
            (self.found("old"), self.found("new"), self.found("six")), ([], ["1-3"], ["1-6"])
        )
        self.store.close()
        self.assertEqual(self.files(), ["chat.db", "chat.db.v1.bak", "lock"])
        with closing(sqlite3.connect(self.path.with_name("chat.db.v1.bak"))) as db:
            self.assertEqual(db.execute("PRAGMA user_version").fetchone(), (1,))
            self.assertEqual(db.execute("SELECT count(*) FROM message").fetchone(), (2,))

    def test_upgrade_of_the_index_finds_what_was_said_before(self) -> None:
        self.store.close()
        self.path.unlink()
        with schema.making(self.path, self.migrations(latest=3), "third") as db:
            db.execute("INSERT INTO room VALUES (1, 'room1')")
            db.executemany(
                """
                INSERT INTO message (room, seq, at, kind, nick, user, text)
                VALUES (1, ?, 0, 'text', 'Ann', '123456', ?)
                """,
                [(1, "old words"), (2, "去北京大学"), (3, "late")],
            )
            db.execute("UPDATE message SET text = CAST(x'6cff7465' AS TEXT) WHERE seq = 3")
            db.execute("INSERT INTO words (rowid, text) SELECT id, text FROM message")
            db.execute("UPDATE indexed SET message = 3")
        self.store.open()
        self.assertEqual((self.found("old"), self.found("北京")), (["1-1"], ["1-2"]))
        self.assertEqual(self.found("te"), ["1-3"])
        self.store._db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")

    def test_no_backup_without_upgrade(self) -> None:
        self.store.close()
        self.store.open()
        self.assertEqual(self.files(), ["chat.db", "chat.db-shm", "chat.db-wal", "lock"])

    def test_failed_upgrade_changes_nothing(self) -> None:
        self.store.append([said(1)])
        self.store.close()
        newer = self.migrations("ALTER TABLE room ADD motto TEXT;", "CREATE TABLE x (x); BROKEN;")
        self.assertIn(str(self.path), self.refusal(self.store_of(self.path, newer)))
        self.store.open()
        self.assertEqual(self.seqs(9), ([1], False))

    def test_failed_creation_leaves_nothing(self) -> None:
        path = self.path.parent / "fresh" / "chat.db"
        broken = self.migrations("CREATE TABLE x (x); BROKEN;")
        self.refusal(self.store_of(path, broken))
        self.assertEqual([file.name for file in path.parent.iterdir()], ["lock"])
        store = self.store_of(path)
        store.open()
        store.close()

    def test_half_made_file_of_a_crash_is_replaced(self) -> None:
        path = self.path.parent / "fresh" / "chat.db"
        path.parent.mkdir()
        path.with_name("chat.db.new").write_bytes(b"half")
        store = self.store_of(path)
        self.assertEqual(store.open().rooms, ())
        store.close()
        self.assertCountEqual([file.name for file in path.parent.iterdir()], ["chat.db", "lock"])


class FailingTests(SqliteCase):
    """A store that cannot says so, keeps nothing of the batch, and goes on afterwards."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.store._db
        self.keep("first")

    def refused(self, seqs: range = range(2, 400)) -> str:
        batch = [
            said(1, room_id=2),
            *(said(seq, "x" * 4000, client=CLIENT, re=f"{seq}") for seq in seqs),
        ]
        sentence = str(self.assertRaises(StoreError, self.store.append, batch))
        self.assertEqual(self.seqs(9), ([1], False))
        self.assertEqual(self.seqs(9, room_id=2), ([], False))
        return sentence

    def recovered(self) -> None:
        batch = [said(1, room_id=2), said(2, client=CLIENT, re="2"), said(3)]
        self.assertEqual(self.store.append(batch), [KEPT, KEPT, KEPT])
        self.store.close()
        self.store.open()
        self.assertEqual(self.seqs(9), ([1, 2, 3], False))
        self.assertEqual(self.seqs(9, room_id=2), ([1], False))

    def test_disk_full(self) -> None:
        [pages] = self.db.execute("PRAGMA page_count").fetchone()
        self.db.execute(f"PRAGMA max_page_count = {pages + 20}")
        self.assertEqual(
            self.refused(), f"{self.path} cannot grow: the disk is full; make room on it"
        )
        self.db.execute("PRAGMA max_page_count = 1000000")
        self.recovered()

    def test_locked(self) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.assertIn(f"{self.path} is locked by another program", self.refused())
            other.execute("ROLLBACK")
        self.recovered()

    def test_locked_while_opening(self) -> None:
        self.store.close()
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            self.assertIn(f"{self.path} is locked by another program", self.refusal(self.store))
            other.execute("ROLLBACK")
        self.store.open()
        self.recovered()

    def test_read_only(self) -> None:
        self.db.execute("PRAGMA query_only = 1")
        self.assertIn(f"{self.path} cannot be written", self.refused())
        self.db.execute("PRAGMA query_only = 0")
        self.recovered()

    def test_input_output_error(self) -> None:
        def fail() -> None:
            with explained(self.path):
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
                raise error

        sentence = str(self.assertRaises(StoreError, fail))
        self.assertIn(f"{self.path} cannot be read or written (input/output error)", sentence)

    def test_exception_that_is_not_of_sqlite_rolls_back_too(self) -> None:
        batch = [said(2, room_id=2), said(2, "\ud800")]
        self.assertRaises(UnicodeEncodeError, self.store.append, batch)
        self.assertEqual(self.store.page(Window(room_id=2, limit=1)).messages, ())
        self.recovered()

    def test_check_of_a_full_disk(self) -> None:
        self.store.check()
        [pages] = self.db.execute("PRAGMA page_count").fetchone()
        self.db.execute(f"PRAGMA max_page_count = {pages}")
        self.assertIn("the disk is full", self.refused())
        self.db.execute("PRAGMA max_page_count = 1000000")
        self.store.check()
        self.recovered()

    def test_check_of_a_locked_file(self) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            error = self.assertRaises(StoreError, self.store.check)
            other.execute("ROLLBACK")
        self.assertIn(f"{self.path} is locked by another program", str(error))
        self.store.check()


class BackupTests(SqliteCase):
    """A backup is made while the store is used."""

    def setUp(self) -> None:
        super().setUp()
        self.copy = self.path.parents[1] / "copy" / "chat.db"
        self.copy.parent.mkdir()
        self.between = 0

    def text(self, seq: int) -> str:
        return f"{seq} " + "x" * 4000

    def test_has_what_was_kept_meanwhile(self) -> None:
        """Each of many appends, made at every stop on the way."""
        for seq in range(1, 1001):
            self.store.append([said(seq, self.text(seq))])

        def between() -> None:
            self.between += 1
            self.store.append([said(1000 + self.between, self.text(0))])

        self.store.backup(self.copy, between)
        self.assertGreater(self.between, 3)
        copied = self.store_of(self.copy)
        [room] = copied.open().rooms
        self.assertEqual(room.seq, 1000 + self.between - 1)
        copied.close()
        with closing(sqlite3.connect(self.copy)) as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def test_is_private_and_replaces_what_was_there(self) -> None:
        self.copy.write_bytes(b"x" * 100_000)
        self.store.backup(self.copy, lambda: None)
        self.assertEqual(self.copy.stat().st_mode & 0o777, 0o600)
        self.assertTrue(self.copy.read_bytes().startswith(b"SQLite"))

    def test_that_is_not_finished_is_gone(self) -> None:
        def stop() -> None:
            raise StoreError("enough")

        error = self.assertRaises(StoreError, self.store.backup, self.copy, stop)
        self.assertEqual(str(error), "enough")
        self.assertFalse(self.copy.exists())
        self.store.append([said(1)])

    def test_that_cannot_be_written(self) -> None:
        copy = self.path / "copy.db"
        error = self.assertRaises(StoreError, self.store.backup, copy, lambda: None)
        self.assertIn(str(copy), str(error))
