"""Damaged files are kept aside, and what can be read of them goes on."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from chatservice.domain.records import (
    AccountKept,
    Deleted,
    Edited,
    ReactionKept,
    RoomKept,
    Window,
)
from chatservice.storage import schema
from chatservice.storage.interface import StoreError
from tests.storage.records import NOW, said
from tests.storage.test_sqlite import SqliteCase

PAGE = 4096
ROOM = RoomKept(room_id=1, name="room1", topic="quiet", password="a hash")
ANN = AccountKept(key="ann", nick="Ann", password="a hash", made_at=NOW, seen_at=NOW)


class SalvageTests(SqliteCase):
    def setUp(self) -> None:
        super().setUp()
        texts = [f"word{seq} " + "x" * 900 for seq in range(1, 201)]
        self.kept(ROOM, ANN, *(said(seq, text) for seq, text in enumerate(texts, 1)))
        while self.store.index():
            pass
        self.store.close()

    def overwrite(self, *pages: int, data: bytes = b"\xff" * PAGE) -> bytes:
        """Overwrite pages, counted from 0, and give what the file is then."""
        content = bytearray(self.path.read_bytes())
        for page in pages:
            content[page * PAGE : (page + 1) * PAGE] = data
        self.path.write_bytes(content)
        return bytes(content)

    def page_of(self, text: bytes) -> int:
        return self.path.read_bytes().index(text) // PAGE

    def root(self, table: str) -> int:
        with closing(sqlite3.connect(self.path)) as db:
            query = "SELECT rootpage - 1 FROM sqlite_schema WHERE name = ?"
            [page] = db.execute(query, (table,)).fetchone()
        return int(page)

    def mended(self) -> str:
        """Open the damaged store, and give what it says; the next time all is well."""
        self.opened = self.store.open()
        self.addCleanup(self.store.close)
        assert self.opened.damage is not None
        return self.opened.damage

    def aside(self) -> Path:
        [path] = self.path.parent.glob("chat.db.damaged-*")
        return path

    def all_seqs(self) -> list[int]:
        return self.seqs(500, characters=10**7)[0]

    def test_a_byte_of_a_text_is_another(self) -> None:
        """SQLite cannot know; what is no UTF-8 any more costs that letter and nothing else."""
        self.store.open()
        self.kept(said(201, "caf\xe9 olive"), nick := replace(said(202, "fine"), author="x"))
        self.kept(replace(nick, message=replace(nick.message, seq=203, id="1-203", nick="Z\xf6e")))
        self.store.close()
        content = self.path.read_bytes()
        for text in ("caf\xe9", "Z\xf6e"):
            assert content.count(text.encode()) == 1
            content = content.replace(text.encode(), text.encode().replace(b"\xc3", b"\xff"))
        self.path.write_bytes(content)
        self.assertIsNone(self.store.open().damage)
        last = self.store.page(Window(room_id=1, limit=3)).messages
        self.assertEqual(
            [(each.text, each.nick) for each in last],
            [("caf\ufffd\ufffd olive", "Ann"), ("fine", "Ann"), ("fine", "Z\ufffd\ufffde")],
        )
        self.assertEqual(self.found("olive"), ["1-201"])
        self.assertEqual(self.found("fine", nick="ann"), ["1-202"])
        self.kept(Edited(room_id=1, seq=201, text="tea", at=NOW))
        self.assertEqual((self.found("olive"), self.found("tea")), ([], ["1-201"]))

    def test_a_file_system_without_links(self) -> None:
        def refuse(_path: Path, _aside: Path) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        self.patch(os, "link", refuse)
        damaged = self.overwrite(self.page_of(b"word50 "))
        self.assertIn("it is kept as chat.db.damaged-", self.mended())
        self.assertEqual(self.aside().read_bytes(), damaged)
        self.assertEqual(self.aside().stat().st_mode & 0o777, 0o600)
        self.assertGreater(len(self.all_seqs()), 150)

    def test_a_disk_without_room_for_a_second_file(self) -> None:
        """Each start that fails would leave less of it."""

        def refuse(_path: Path, _aside: Path) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        def fill(_path: Path, target: Path, **_: object) -> None:
            target.write_bytes(b"some of it")
            raise OSError(errno.ENOSPC, "No space left on device")

        self.patch(os, "link", refuse)
        self.patch(shutil, "copyfile", fill)
        damaged = self.overwrite(self.page_of(b"word50 "))
        self.assertIn("No space left", self.refusal(self.store))
        self.assertEqual(self.files(), ["chat.db", "lock"])
        self.assertEqual(self.path.read_bytes(), damaged)

    def test_a_sound_file_is_not_touched(self) -> None:
        self.assertIsNone(self.store.open().damage)
        self.store.close()
        self.assertEqual(self.files(), ["chat.db", "lock"])

    def test_messages_of_other_pages_come_over(self) -> None:
        damaged = self.overwrite(self.page_of(b"word50 "), self.page_of(b"word120 "))
        told = self.mended()
        seqs = self.all_seqs()
        self.assertTrue(190 <= len(seqs) < 200, seqs)
        self.assertTrue({1, 40, 60, 110, 130, 200} < {*seqs})
        self.assertEqual(
            told,
            f"{self.path} was damaged; it is kept as chat.db.damaged-20231114-221320 beside it."
            f" The chat goes on with what can be read of it: {len(seqs)} messages.",
        )
        self.assertEqual(self.aside().read_bytes(), damaged)
        self.assertEqual(self.aside().stat().st_mode & 0o777, 0o600)
        [room] = self.opened.rooms
        self.assertEqual((room.seq, room.settings, self.opened.accounts), (200, ROOM, (ANN,)))

    def test_it_goes_on_as_any_store(self) -> None:
        self.overwrite(self.page_of(b"word50 "))
        self.mended()
        self.kept(
            said(201, "afterwards"),
            Edited(room_id=1, seq=7, text="edited", at=NOW),
            Deleted(room_id=1, seq=8, at=NOW),
        )
        for words, ids in (("word200", ["1-200"]), ("word50", []), ("afterwards", ["1-201"])):
            self.assertEqual(self.found(words), ids)
        self.assertEqual((self.found("word7"), self.found("edited")), ([], ["1-7"]))
        self.store.close()
        reopened = self.store.open()
        self.assertIsNone(reopened.damage)
        self.assertEqual(reopened.server_id, self.opened.server_id)
        self.assertEqual(reopened.secret, self.opened.secret)

    def test_the_last_pages(self) -> None:
        self.overwrite(self.page_of(b"word200 "))
        self.mended()
        self.assertEqual(self.all_seqs()[:190], [*range(1, 191)])

    def test_a_file_cut_short(self) -> None:
        os.truncate(self.path, self.path.stat().st_size // 2)
        self.mended()
        seqs = self.all_seqs()
        self.assertEqual(seqs, [*range(1, len(seqs) + 1)])

    def test_without_the_rules_of_rooms_nothing_comes_over(self) -> None:
        """A room without its password would be open to everybody."""
        for table in ("settings", "account", "room", "server", "secret", "member"):
            whole = self.path.read_bytes()
            with self.subTest(table=table):
                damaged = self.overwrite(self.root(table))
                told = self.mended()
                self.assertIn("Too little of it can be read, so the chat begins anew.", told)
                self.assertEqual((self.opened.rooms, self.opened.accounts), ((), ()))
                self.assertEqual(self.aside().read_bytes(), damaged)
                self.store.close()
                self.aside().unlink()
                self.path.write_bytes(whole)

    def test_a_page_in_anothers_place(self) -> None:
        """It may look quite right, but for what is in it."""
        whole = self.path.read_bytes()
        for table in ("server", "secret", "indexed"):
            with self.subTest(table=table):
                self.overwrite(self.root(table), data=b"\x0d" + bytes(4) + b"\x10" + bytes(4090))
                self.mended()
                self.store.close()
                self.aside().unlink()
                self.path.write_bytes(whole)

    def test_damage_that_is_met_is_looked_for_at_the_next_start(self) -> None:
        """What the start does not see for the sake of speed: a row of another table."""
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute("DROP TRIGGER message_changed")
            db.execute("UPDATE message SET nick = x'ff' WHERE seq = 7")
        self.assertIsNone(self.store.open().damage)
        self.assertRaises(StoreError, self.all_seqs)
        self.store.close()
        self.assertIn("goes on with what can be read of it: 199 messages", self.mended())
        self.assertNotIn(7, self.all_seqs())
        self.store.close()
        self.assertIsNone(self.store.open().damage)
        self.store.close()
        self.assertEqual(self.files(), ["chat.db", self.aside().name, "lock"])

    def test_damage_that_is_met_is_looked_for_until_it_is_mended(self) -> None:
        """The disk may be full when it is found."""
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute("DROP TRIGGER message_changed")
            db.execute("UPDATE message SET nick = x'ff' WHERE seq = 7")
        self.store.open()
        self.assertRaises(StoreError, self.all_seqs)
        self.store.close()
        in_the_way = self.path.with_name("chat.db.new")
        in_the_way.mkdir()
        self.assertIn("cannot be used", self.refusal(self.store))
        in_the_way.rmdir()
        self.assertIn("199 messages", self.mended())

    def test_files_of_which_nothing_can_be_read(self) -> None:
        page = self.path.read_bytes()[:PAGE]
        for content in (b"\xff" * 9000, b"hello\n" * 500, b"", bytes(9000), page, page[:99]):
            with self.subTest(content=content[:9]):
                self.path.write_bytes(content)
                self.assertIn("the chat begins anew", self.mended())
                self.assertEqual(self.aside().read_bytes(), content)
                self.kept(said(1))
                self.store.close()
                self.aside().unlink()

    def test_what_is_only_in_the_log_comes_over_and_is_kept_aside(self) -> None:
        self.store.open()
        self.kept(said(201, "in the log"))
        log = self.path.with_name("chat.db-wal")
        logged, main = log.read_bytes(), self.path.read_bytes()
        self.store.close()
        self.path.write_bytes(main)
        self.overwrite(self.page_of(b"word50 "))
        log.write_bytes(logged)
        self.mended()
        self.assertEqual(self.all_seqs()[-1], 201)
        self.store.close()
        self.assertIsNone(self.store.open().damage)

    def test_reactions_come_over(self) -> None:
        self.store.open()
        for seq in (50, 199):
            reaction = ReactionKept(
                room_id=1, seq=seq, reaction="+1", nick="Bob", user="1", account=None, active=True
            )
            self.kept(reaction)
        self.store.close()
        self.overwrite(self.page_of(b"word50 "))
        self.mended()
        with closing(sqlite3.connect(self.path)) as db:
            rows = db.execute("SELECT seq FROM reaction JOIN message ON message = message.id")
            self.assertEqual(rows.fetchall(), [(199,)])
            self.assertEqual(db.execute("SELECT count(*) FROM reaction").fetchone(), (1,))

    def test_an_older_version_is_upgraded_afterwards(self) -> None:
        self.path.unlink()
        first = (schema.MIGRATIONS / "0001.sql").read_text()
        with closing(sqlite3.connect(self.path)) as db, db:
            db.executescript(first)
            db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            db.execute("PRAGMA user_version = 1")
            db.execute("INSERT INTO server VALUES ('first')")
            db.execute("INSERT INTO room VALUES (1, 'room1')")
            db.executemany(
                "INSERT INTO message VALUES (?, 1, ?, ?, 'text', 'Ann', '123456', ?, NULL, NULL)",
                [(seq, seq, NOW, f"word{seq} " + "x" * 900) for seq in range(1, 100)],
            )
        self.overwrite(self.page_of(b"word50 "))
        self.mended()
        self.assertEqual(self.opened.server_id, "first")
        seqs = self.all_seqs()
        self.assertTrue({1, 99} < {*seqs} and 50 not in seqs)
        self.assertEqual(self.found("word99"), ["1-99"])

    def test_a_newer_version_is_refused_first(self) -> None:
        with closing(sqlite3.connect(self.path)) as db:
            db.execute("PRAGMA user_version = 7")
        content = self.overwrite(self.page_of(b"word50 "))
        self.assertIn("written by a newer chatservice", self.refusal(self.store))
        self.assertEqual(self.path.read_bytes(), content)

    def test_any_pages_overwritten(self) -> None:
        """Whatever page it is, the store opens, keeps the file aside, and says nothing wrong."""
        dice = random.Random(1)
        whole = self.path.read_bytes()
        for page in range(0, len(whole) // PAGE, 3):
            damaged = self.overwrite(page, data=dice.randbytes(PAGE))
            self.opened = self.store.open()
            for message in self.find(limit=500, characters=10**7).messages:
                self.assertEqual(message, said(message.seq, message.text).message)
                self.assertTrue(message.text.startswith(f"word{message.seq} "), message)
            self.store.close()
            for aside in self.path.parent.glob("chat.db.damaged-*"):
                self.assertEqual(aside.read_bytes(), damaged)
                aside.unlink()
            self.path.write_bytes(whole)
