"""The store that outlives the server: one SQLite file, and a lock that keeps it to one server."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path

from chatservice.domain.records import (
    Found,
    Kept,
    Lasting,
    Page,
    Record,
    RenamedRoom,
    Retried,
    RoomKept,
    Said,
    Search,
    Window,
)
from chatservice.storage import rows, salvage, schema
from chatservice.storage.failures import explained
from chatservice.storage.interface import Opened, StoreError
from chatservice.storage.rules import (
    EXAMINED,
    FORGOTTEN,
    LAST_SEQ,
    Authored,
    fill_page,
    separate_retries,
)
from chatservice.storage.search import find, index, prepare, unindexed

# A commit of its own for so many messages costs each of them little, and others 8 ms at most; ten
# times that if all are written without blanks.
INDEXED = 1000

# Pages that a backup copies between two looks at what others want: about a millisecond.
COPIED = 128

_FIRST = """
    SELECT room.name, room.id, message.seq, message.at
    FROM message JOIN room ON room.id = message.room
    WHERE client = ? AND client_id = ? ORDER BY message.id DESC LIMIT 1
"""
_OLDER = f"{rows.MESSAGES} WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
_NEWER = f"{rows.MESSAGES} WHERE room = ? AND seq >= ? ORDER BY seq LIMIT ?"
_KEPT_FROM = "SELECT seq FROM message WHERE room = ? ORDER BY seq DESC LIMIT 1 OFFSET ?"
_FORGET = """
    DELETE FROM message WHERE id IN (
        SELECT id FROM (SELECT * FROM message WHERE room = :room ORDER BY seq LIMIT :count)
        WHERE (seq < :seq OR at < :at) AND seq < (SELECT max(seq) FROM message WHERE room = :room)
    )
"""


class SqliteStore:
    """Keeps a chat in the file `path`; an append is on the disk when it returns.

    `wall` is the time, UTC in milliseconds. A file that another program has locked is waited for
    `busy_seconds`. `new_id` names a server whose store is made. A search looks at up to `examined`
    messages.
    """

    in_memory = False

    def __init__(
        self,
        path: Path,
        *,
        retry_seconds: int,
        wall: Callable[[], int],
        new_id: Callable[[], str],
        busy_seconds: float = 5,
        migrations: Traversable = schema.MIGRATIONS,
        examined: int = EXAMINED,
    ) -> None:
        self._path = path
        self._retry_ms = retry_seconds * 1000
        self._wall = wall
        self._new_id = new_id
        self._busy_seconds = busy_seconds
        self._migrations = migrations
        self._examined = examined
        self._names: dict[int, str] = {}

    def open(self) -> Opened:
        """Open the file, made (with its directory), mended or upgraded if need be."""
        with explained(self._path), ExitStack() as undo:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            undo.enter_context(_locked(self._path.with_name("lock")))
            if not self._path.exists():
                schema.create(self._path, self._migrations, self._new_id())
            damage = self._mend()
            db = undo.enter_context(closing(self._connect()))
            schema.upgrade(db, self._path, self._migrations)
            # SQLite before 3.51.3 can corrupt the log when two connections checkpoint: this is
            # the only one that does.
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            prepare(db)
            # Fails now, not with the first message, when the file cannot be written.
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
            [server_id] = db.execute("SELECT id FROM server").fetchone()
            rooms = rows.load_rooms(db)
            accounts = rows.load_accounts(db)
            [secret] = db.execute("SELECT value FROM secret").fetchone()
            marks = rows.load_marks(db)
            stays = rows.load_stays(db)
            facts = rows.load_facts(db)
            self._names = {room.id: room.name for room in rooms}
            self._db, self._opened = db, undo.pop_all()
            return Opened(
                server_id=server_id,
                rooms=rooms,
                accounts=accounts,
                secret=secret,
                marks=marks,
                stays=stays,
                facts=facts,
                damage=damage,
            )

    def append(self, records: Sequence[Record]) -> list[Kept | Retried]:
        """Keep all records in one commit, in order, or none; then they survive a power cut."""
        with self._explained():
            with self._transaction():
                since = self._wall() - self._retry_ms
                results, new = separate_retries(records, since, self._first)
                names: dict[int, str] = {}
                # A room may have the name that another one has just given up.
                for _, part in groupby(new, lambda record: isinstance(record, RenamedRoom)):
                    names |= self._keep(list(part), names)
            self._names |= names
            return results

    def page(self, window: Window) -> Page:
        """Read messages of a room; without a bound the latest ones."""
        room_id = window.room_id

        def read(query: str, seq: int, count: int) -> list[Authored]:
            found = self._db.execute(query, (room_id, seq, count)).fetchall()
            return [rows.authored(self._names, columns) for columns in found]

        with self._explained():
            return fill_page(
                window,
                lambda seq, count: read(_OLDER, seq, count),
                lambda seq, count: read(_NEWER, seq, count),
            )

    def search(self, search: Search) -> Found:
        """Find messages, newest first."""
        with self._explained():
            self._index(1, LAST_SEQ)
            return find(self._db, search, self._names, self._examined)

    def index(self) -> bool:
        """Have the next messages ready for `search`, if they are enough for a commit."""
        with self._explained():
            return self._index(INDEXED, INDEXED)

    def forget(self, room_id: int, *, keep_messages: int | None, before_at: int | None) -> int:
        """Forget some old messages of a room, and give their number."""
        with self._explained():
            seq = None
            if keep_messages is not None:
                beyond = (room_id, max(0, keep_messages - 1))
                [seq] = self._db.execute(_KEPT_FROM, beyond).fetchone() or [None]
            parameters = {"room": room_id, "seq": seq, "at": before_at, "count": FORGOTTEN}
            with self._transaction():
                return self._db.execute(_FORGET, parameters).rowcount

    def backup(self, path: Path, between: Callable[[], None]) -> None:
        """Put all that is kept by its end into a new private file; it is not on the disk yet."""
        with explained(path):
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            try:
                with closing(sqlite3.connect(path, isolation_level=None)) as copy:
                    copy.execute("PRAGMA synchronous = OFF")
                    # What this connection commits meanwhile goes into the copy, too.
                    self._db.backup(copy, pages=COPIED, progress=lambda *_: between())
            except BaseException:
                path.unlink(missing_ok=True)
                raise

    def check(self) -> None:
        """Make sure that a commit can reach the disk now."""
        with self._explained(), self._transaction():
            self._db.execute("UPDATE server SET id = id")

    def close(self) -> None:
        """Close the file and let another server have it."""
        with self._explained():
            self._opened.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise `StoreError`; after one that tells of damage, the next start looks closely."""
        with explained(self._path):
            try:
                yield
            except sqlite3.Error as error:
                if salvage.is_damage(error):
                    salvage.suspect(self._path).touch(mode=0o600)
                raise

    def _mend(self) -> str | None:
        """Replace the file if it is damaged, and say so."""
        suspect = salvage.suspect(self._path)
        with closing(self._connect()) as db:
            check = partial(schema.check, db, self._path, self._migrations)
            damaged = salvage.is_damaged(db, check, closely=suspect.exists())
        told = None
        if damaged:
            when = datetime.fromtimestamp(self._wall() / 1000, UTC).strftime("%Y%m%d-%H%M%S")
            told = salvage.replace(self._path, self._migrations, self._new_id(), when)
        suspect.unlink(missing_ok=True)
        return told

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # After some errors SQLite has rolled back by itself.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _index(self, least: int, most: int) -> bool:
        """Index up to `most` messages if at least so many wait for it; whether there were."""
        indexed, last = unindexed(self._db)
        if last - indexed < least:
            return False
        with self._transaction():
            index(self._db, indexed, min(last, indexed + most))
        return True

    def _keep(self, records: Sequence[Lasting], new: Mapping[int, str]) -> dict[int, str]:
        """Keep records of which none or all rename a room; tell what rooms are called now."""
        names: dict[int, str] = {}
        for record in records:
            if not isinstance(record, (RenamedRoom, RoomKept, Said)):
                continue
            is_there = record.room_id in self._names or record.room_id in new
            if isinstance(record, RenamedRoom):
                if is_there:
                    names[record.room_id] = record.name
            elif not is_there:
                name = record.name if isinstance(record, RoomKept) else record.message.room
                names.setdefault(record.room_id, name)
        if not isinstance(records[0], RenamedRoom):
            self._db.executemany("INSERT INTO room (id, name) VALUES (?, ?)", names.items())
        for statement, values in rows.statements(records):
            self._db.executemany(statement, values)
        return names

    def _first(self, client: bytes, client_id: str) -> Retried | None:
        row = self._db.execute(_FIRST, (client, client_id)).fetchone()
        if row is None:
            return None
        name, room_id, seq, at = row
        return Retried(room=name, seq=seq, id=f"{room_id}-{seq}", at=at)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock that only one server has; the file itself stays for the next one."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"{path.parent} is used by another chatservice;"
                " give this one its own with --state DIR"
            ) from None
        yield
    finally:
        os.close(descriptor)
