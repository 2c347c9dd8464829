"""What goes wrong with a file, told in one sentence that says what a person can do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatservice.storage.interface import StoreError

DAMAGED = "is damaged; restart the server to go on with what can be read of it, or restore a backup"
FOREIGN = (
    "is not a file of chatservice; move it away, or give chatservice another place with --state DIR"
)

_SENTENCES = {
    sqlite3.SQLITE_BUSY: "is locked by another program; close that program",
    sqlite3.SQLITE_LOCKED: "is locked by another program; close that program",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; make room on it",
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written (input/output error);"
        " check the disk, its free space and the system's log"
    ),
    sqlite3.SQLITE_READONLY: "cannot be written; make it and its directory writable",
    sqlite3.SQLITE_PERM: "cannot be written; make it and its directory writable",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check its permissions and those of its directory",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: FOREIGN,
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise `StoreError` in place of what SQLite and the operating system raise about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the primary code; misuse of the library has none.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        sentence = _SENTENCES.get(
            code, f"cannot be used ({error}); restore it from a backup, or report this"
        )
        raise StoreError(f"{path} {sentence}") from error
    except OSError as error:
        raise StoreError(
            f"{error.filename or path} cannot be used ({error.strerror}); make it accessible,"
            " or give chatservice another place with --state DIR"
        ) from error
