"""The store that outlives the server: one SQLite file, and a lock that keeps it to one server."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path

from chatservice.domain.events import Message
from chatservice.domain.records import Kept, KeptRoom, Page, Retried, Said, Window
from chatservice.storage import schema
from chatservice.storage.failures import explained
from chatservice.storage.interface import Opened, StoreError
from chatservice.storage.rules import fill_page, separate_retries

_ROOMS = """
    SELECT room.id, room.name, ifnull(message.seq, 0), ifnull(message.at, 0)
    FROM room LEFT JOIN message ON message.room = room.id
        AND message.seq = (SELECT max(seq) FROM message WHERE room = room.id)
    ORDER BY room.id
"""
_FIRST = """
    SELECT room.name, room.id, message.seq, message.at
    FROM message JOIN room ON room.id = message.room
    WHERE client = ? AND client_id = ? ORDER BY message.id DESC LIMIT 1
"""
_INSERT = """
    INSERT INTO message (room, seq, at, kind, nick, user, text, client, client_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_COLUMNS = "SELECT seq, at, kind, nick, user, text FROM message"
_OLDER = f"{_COLUMNS} WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
_NEWER = f"{_COLUMNS} WHERE room = ? AND seq >= ? ORDER BY seq LIMIT ?"


class SqliteStore:
    """Keeps messages in the file `path`; an append is on the disk when it returns.

    `wall` is the time, UTC in milliseconds. A file that another program has locked is waited for
    `busy_seconds`. `new_id` names a server whose store is made.
    """

    def __init__(
        self,
        path: Path,
        *,
        retry_seconds: int,
        wall: Callable[[], int],
        new_id: Callable[[], str],
        busy_seconds: float = 5,
        migrations: Traversable = schema.MIGRATIONS,
    ) -> None:
        self._path = path
        self._retry_ms = retry_seconds * 1000
        self._wall = wall
        self._new_id = new_id
        self._busy_seconds = busy_seconds
        self._migrations = migrations
        self._names: dict[int, str] = {}

    def open(self) -> Opened:
        """Open the file, made (with its directory) or upgraded if need be."""
        with explained(self._path), ExitStack() as undo:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            undo.enter_context(_locked(self._path.with_name("lock")))
            if not self._path.exists():
                schema.create(self._path, self._migrations, self._new_id())
            db = undo.enter_context(closing(self._connect()))
            schema.upgrade(db, self._path, self._migrations)
            # SQLite before 3.51.3 can corrupt the log when two connections checkpoint: this is
            # the only one that does.
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            # Fails now, not with the first message, when the file cannot be written.
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
            [server_id] = db.execute("SELECT id FROM server").fetchone()
            rooms = [
                KeptRoom(id=room_id, name=name, seq=seq, at=at)
                for room_id, name, seq, at in db.execute(_ROOMS)
            ]
            self._names = {room.id: room.name for room in rooms}
            self._db, self._opened = db, undo.pop_all()
            return Opened(server_id=server_id, rooms=tuple(rooms))

    def append(self, records: Sequence[Said]) -> list[Kept | Retried]:
        """Keep all records in one commit, or none; when it returns they survive a power cut."""
        with explained(self._path):
            with self._transaction():
                since = self._wall() - self._retry_ms
                results, new = separate_retries(records, since, self._first)
                names = {
                    record.room_id: record.message.room
                    for record in new
                    if record.room_id not in self._names
                }
                self._db.executemany("INSERT INTO room (id, name) VALUES (?, ?)", names.items())
                self._db.executemany(_INSERT, map(_row, new))
            self._names |= names
            return results

    def page(self, window: Window) -> Page:
        """Read messages of a room; without a bound the latest ones."""
        room_id = window.room_id

        def read(query: str, seq: int, count: int) -> list[Message]:
            return [
                Message(
                    room=self._names[room_id],
                    seq=seq,
                    id=f"{room_id}-{seq}",
                    nick=nick,
                    user=user,
                    at=at,
                    text=text,
                    kind=kind,
                )
                for seq, at, kind, nick, user, text in self._db.execute(
                    query, (room_id, seq, count)
                ).fetchall()
            ]

        with explained(self._path):
            return fill_page(
                window,
                lambda seq, count: read(_OLDER, seq, count),
                lambda seq, count: read(_NEWER, seq, count),
            )

    def close(self) -> None:
        """Close the file and let another server have it."""
        with explained(self._path):
            self._opened.close()

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

    def _first(self, client: bytes, client_id: str) -> Retried | None:
        row = self._db.execute(_FIRST, (client, client_id)).fetchone()
        if row is None:
            return None
        name, room_id, seq, at = row
        return Retried(room=name, seq=seq, id=f"{room_id}-{seq}", at=at)


def _row(record: Said) -> tuple[object, ...]:
    message = record.message
    client, client_id = record.client, message.re
    if not (client and client_id):
        client = client_id = None
    return (
        record.room_id,
        message.seq,
        message.at,
        message.kind,
        message.nick,
        message.user,
        message.text,
        client,
        client_id,
    )


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
