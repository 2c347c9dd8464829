"""Finding messages in the SQLite file by their words, author and time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing

from chatservice.domain.records import Found, Search
from chatservice.storage import rows
from chatservice.storage.rules import LAST_SEQ, clamped, fill_found, folded
from chatservice.storage.words import Phrase, apart, fts5, phrases

_UNINDEXED = "SELECT message, (SELECT ifnull(max(id), 0) FROM message) FROM indexed"
_INDEX = """
    INSERT INTO words (rowid, text) SELECT id, text FROM searched WHERE id > ? AND id <= ?
"""
_FITS = """
    SELECT message.id, room IN (SELECT value FROM json_each(:rooms)) AND at >= :since
        AND at < :until AND deleted_at IS NULL
        AND (:nick IS NULL OR folded(CAST(nick AS BLOB)) = :nick)
"""
_EXAMINE = f"{_FITS} FROM message WHERE id < :before ORDER BY id DESC"
# A cross join is done in the order in which it is written: here, newest first.
_EXAMINE_WORDS = f"""
    {_FITS} FROM words CROSS JOIN message ON message.id = words.rowid
    WHERE words MATCH :words AND words.rowid < :before ORDER BY words.rowid DESC
"""
_NUMBERS = "SELECT value FROM json_each(?)"
_THESE = f"{rows.MESSAGES} WHERE id IN ({_NUMBERS}) ORDER BY id DESC"


def prepare(db: sqlite3.Connection) -> None:
    """Make a connection able to search, to upgrade, and to change what is indexed.

    A text of which a byte is not as it was written is read all the same, with U+FFFD in its place.
    """
    db.text_factory = _text
    db.create_function("folded", 1, lambda nick: folded(_text(nick)), deterministic=True)
    db.create_function("apart", 1, lambda text: apart(_text(text)), deterministic=True)
    db.execute("PRAGMA trusted_schema = ON")  # which may call `apart`, however SQLite was built


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def unindexed(db: sqlite3.Connection) -> tuple[int, int]:
    """The numbers of the last message that is indexed, and of the last one."""
    indexed, last = db.execute(_UNINDEXED).fetchone()
    return indexed, last


def index(db: sqlite3.Connection, indexed: int, last: int) -> None:
    """Index what comes after the number `indexed`, up to `last`."""
    db.execute(_INDEX, (indexed, last))
    db.execute("UPDATE indexed SET message = ?", (last,))


def find(
    db: sqlite3.Connection, search: Search, names: Mapping[int, str], most_examined: int
) -> Found:
    """Find messages that are indexed, newest first, among so many that hold the words."""
    wanted = phrases(search.words)
    if search.words.strip() and not wanted:
        return Found(messages=())
    numbers, examined = _fitting(db, search, wanted, most_examined)
    columns = db.execute(_THESE, (json.dumps(numbers),)).fetchall()
    return fill_found(search, [rows.numbered(names, each) for each in columns], examined)


def _fitting(
    db: sqlite3.Connection, search: Search, wanted: tuple[Phrase, ...], most_examined: int
) -> tuple[list[int], int | None]:
    """The numbers of what fits, one more than asked for, and where to go on with the rest."""
    parameters = {
        "words": fts5(wanted),
        "rooms": json.dumps(search.room_ids),
        "before": LAST_SEQ if search.before is None else clamped(search.before),
        "since": 0 if search.since_at is None else clamped(search.since_at),
        "until": LAST_SEQ if search.until_at is None else clamped(search.until_at),
        "nick": None if search.nick is None else folded(search.nick),
    }
    numbers: list[int] = []
    query = _EXAMINE_WORDS if wanted else _EXAMINE
    with closing(db.execute(query, parameters)) as candidates:
        for examined, (number, fits) in enumerate(candidates):
            if examined == most_examined:
                return numbers, number + 1
            if fits:
                numbers.append(number)
            if len(numbers) > search.limit:
                break
    return numbers, None
