"""Takes a backup away from a server, and sees that it is whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from chatservice.chatctl.connection import Refused


def take(make: Callable[[], Path], target: Path) -> int:
    """Copy a backup to where it is to be, private and on the disk; give the number of messages.

    It is made as soon as there is a place for it. Raises `Refused` or `OSError`, and has then left
    what was there before.
    """
    if target.is_dir():
        raise Refused(f"{target} is a directory; name a file in it.")
    new = target.with_name(f"{target.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        with make().open("rb") as source, new.open("r+b") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        messages = verified(new)
        new.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise Refused(f"{error.filename or new}: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
    return messages


def verified(path: Path) -> int:
    """The number of messages in a backup that is whole. Raises `Refused`."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            [[verdict], *_] = db.execute("PRAGMA integrity_check").fetchall()
            [messages] = db.execute("SELECT count(*) FROM message").fetchone()
    except sqlite3.Error as error:
        verdict, messages = str(error), 0
    if verdict != "ok":
        raise Refused(f"The backup is not whole ({verdict}); the store may be damaged.")
    return int(messages)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
