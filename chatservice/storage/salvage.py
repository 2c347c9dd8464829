"""Damaged files: found when they are opened, kept aside, replaced by what can be read of them.

What guards people (rooms with their rules, accounts) comes over whole or not at all: a room
without its password, or a nick without its owner, would be worse than none. Of the messages all
comes over that can be read.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from chatservice.storage import schema

_Row = tuple[Any, ...]

_TABLES = """
    SELECT name FROM sqlite_schema
    WHERE type = 'table' AND name NOT LIKE 'words%' AND name NOT LIKE 'sqlite%'
"""
_NUMBERED = {"message", "reaction"}
_INDEXED = "indexed"
_SINGLE = {"server", "secret", _INDEXED}
"""The tables of one row."""
_NO_ROOM = "room NOT IN (SELECT id FROM room) OR kind NOT IN ('text', 'action', 'notice')"
# From one room to the next, by the index.
_LOST_ROOMS = """
    WITH RECURSIVE used (room) AS (
        SELECT min(room) FROM message
        UNION ALL
        SELECT (SELECT min(room) FROM message WHERE room > used.room) FROM used
        WHERE used.room IS NOT NULL
    )
    SELECT 1 FROM used WHERE room IS NOT NULL AND room NOT IN (SELECT id FROM room) LIMIT 1
"""
_NO_REACTIONS = "DELETE FROM reaction WHERE message NOT IN (SELECT id FROM message)"
_INDEX_ANEW = (
    "INSERT INTO words (words) VALUES ('rebuild')",
    "UPDATE indexed SET message = (SELECT ifnull(max(id), 0) FROM message)",
)

# Numbers that may be in use past the last one that is known, where the highest cannot be read.
_UNKNOWN = 10_000


def suspect(path: Path) -> Path:
    """The file that is there while damage was met and not looked for yet."""
    return path.with_name(f"{path.name}.suspect")


def is_damaged(db: sqlite3.Connection, check: Callable[[], None], *, closely: bool) -> bool:
    """Whether anything is wrong with the form of an open file; takes 3 s for each GB of it.

    What is whole so far has to pass `check` before all of it is looked at. To look `closely`, at
    what is in each row and each index, takes some times as long.
    """
    try:
        if db.execute("PRAGMA page_count").fetchone() == (0,):
            return True
        check()
        depth = "integrity_check" if closely else "quick_check"
        if db.execute(f"PRAGMA {depth}(1)").fetchone() != ("ok",):
            return True
        # A page may look right and still be another one's.
        tables = {name for [name] in db.execute(_TABLES)}
        return (
            any(_has_odd(db, table) for table in tables if closely or table not in _NUMBERED)
            or db.execute(_LOST_ROOMS).fetchone() is not None
            or any(len(db.execute(_all_of(name)).fetchall()) != 1 for name in _SINGLE & tables)
        )
    except sqlite3.DatabaseError as error:
        _check(error)
        return True


def replace(path: Path, migrations: Traversable, server_id: str, when: str) -> str:
    """Keep the damaged file aside, put another one in its place, and say so in a sentence.

    `server_id` is for a new beginning, `when` goes into the name of what is kept. When it fails,
    the damaged file is where it was.
    """
    aside = path.with_name(f"{path.name}.damaged-{when}")
    wal = path.with_name(f"{path.name}-wal")
    with (
        closing(sqlite3.connect(path)) as old,
        schema.making(path, migrations, server_id, _version(old)) as new,
    ):
        count = _copy(old, new)
        old.close()
        _keep(path, aside)
        if wal.exists():
            wal.rename(aside.with_name(f"{aside.name}-wal"))
    kept = f"{path} was damaged; it is kept as {aside.name} beside it."
    if count is None:
        return f"{kept} Too little of it can be read, so the chat begins anew."
    return f"{kept} The chat goes on with what can be read of it: {count} messages."


def _keep(path: Path, aside: Path) -> None:
    """Let a file have another name as well, or where no file has two (FAT), be there twice."""
    try:
        os.link(path, aside)
    except OSError:
        with schema.put_in_place(aside) as copy:
            shutil.copyfile(path, copy)


def _version(old: sqlite3.Connection) -> int | None:
    """The version of its schema, if that can be read."""
    try:
        [version] = old.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        _check(error)
        return None
    return version or None


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> int | None:
    """Copy what can be read into a new store; the number of messages, None if that is nothing."""
    tables = {name for [name] in new.execute(_TABLES)}
    guards = tables - _NUMBERED - {_INDEXED}
    try:
        rows = {table: old.execute(_all_of(table)).fetchall() for table in guards}
        if any(_has_odd(old, table) for table in guards):
            return None
    except sqlite3.DatabaseError as error:
        _check(error)
        return None
    if any(len(rows[table]) != 1 for table in guards & _SINGLE):
        return None
    new.execute("BEGIN")
    for table in sorted(guards):
        new.execute(f"DELETE FROM {table}")  # noqa: S608 (a name out of our own schema)
        _insert(new, table, rows[table])
    for table in sorted(tables & _NUMBERED):
        _insert(new, table, _readable(old, table, 0, _last(old, table)))
        new.execute(f"DELETE FROM {table} WHERE {_odd(new, table)}")  # noqa: S608
    new.execute(f"DELETE FROM message WHERE {_NO_ROOM}")  # noqa: S608
    if "reaction" in tables:
        new.execute(_NO_REACTIONS)
    if _INDEXED in tables:
        for statement in _INDEX_ANEW:
            new.execute(statement)
    new.execute("COMMIT")
    [count] = new.execute("SELECT count(*) FROM message").fetchone()
    return int(count)


def _insert(new: sqlite3.Connection, table: str, rows: Iterable[_Row]) -> None:
    for row in rows:
        # A damaged page can say again what another one does.
        values = ",".join("?" * len(row))
        new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({values})", row)  # noqa: S608


def _readable(old: sqlite3.Connection, table: str, after: int, last: int) -> Iterator[_Row]:
    """The rows past one number and up to another; where one can't be read, parts are tried."""
    try:
        query = f"{_all_of(table)} WHERE id BETWEEN ? AND ? ORDER BY id"
        for row in old.execute(query, (after + 1, last)):
            after = row[0]
            yield row
    except sqlite3.DatabaseError as error:
        _check(error)
        if after + 1 < last:
            middle = (after + 1 + last) // 2
            yield from _readable(old, table, after, middle)
            yield from _readable(old, table, middle, last)


def _odd(db: sqlite3.Connection, table: str) -> str:
    """The condition of rows that hold anything but what their columns are for."""
    columns = [
        (name, kind.lower()) for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})")
    ]
    return " OR ".join(f"typeof(\"{name}\") NOT IN ('{kind}', 'null')" for name, kind in columns)


def _has_odd(db: sqlite3.Connection, table: str) -> bool:
    query = f"SELECT 1 FROM {table} WHERE {_odd(db, table)} LIMIT 1"  # noqa: S608
    return db.execute(query).fetchone() is not None


def _all_of(table: str) -> str:
    return f"SELECT * FROM {table}"  # noqa: S608


def _last(old: sqlite3.Connection, table: str) -> int:
    """A number that no row is past."""
    highest = f"SELECT max(id) FROM {table}"  # noqa: S608
    for query in (highest, f"SELECT message + {_UNKNOWN} FROM {_INDEXED}"):  # noqa: S608
        try:
            [last] = old.execute(query).fetchone() or (None,)
        except sqlite3.DatabaseError as error:
            _check(error)
        else:
            return last or 0
    return _UNKNOWN


def _check(error: sqlite3.DatabaseError) -> None:
    """Raise what tells of anything but damage; a table that is missing is that, too."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if not (is_damage(error) or code == sqlite3.SQLITE_ERROR):
        raise error


def is_damage(error: sqlite3.Error) -> bool:
    """Whether a file is damaged: SQLite says so, or Python of a text."""
    # The low byte is the primary code. A file whose first page is gone is none of SQLite's own.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
