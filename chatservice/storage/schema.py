"""The versions of the SQLite file: made whole or not at all, upgraded after a backup."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from chatservice.storage.failures import FOREIGN
from chatservice.storage.interface import StoreError
from chatservice.storage.search import prepare

APPLICATION_ID = int.from_bytes(b"chat", "big")
MIGRATIONS: Traversable = files("chatservice.storage") / "migrations"


def create(path: Path, migrations: Traversable, server_id: str) -> None:
    """Make a store of the latest version at `path`, where there is none."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists():
        # SQLite would replay it into the new file.
        raise StoreError(f"{wal} belongs to a missing {path.name}; put that back, or move it away")
    with making(path, migrations, server_id):
        pass


@contextmanager
def making(
    path: Path, migrations: Traversable, server_id: str, version: int | None = None
) -> Iterator[sqlite3.Connection]:
    """Give a new store, of the latest version or this one, which is then put in place whole."""
    scripts = _scripts(migrations)
    wanted = {number: scripts[number] for number in scripts if number <= (version or max(scripts))}
    with put_in_place(path) as new, closing(sqlite3.connect(new, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = MEMORY")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _migrate(db, wanted)
        db.execute("INSERT INTO server VALUES (?)", (server_id,))
        yield db


def check(db: sqlite3.Connection, path: Path, migrations: Traversable) -> None:
    """Refuse, by `StoreError`, what is not ours or is of a newer version."""
    [application_id] = db.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID:
        raise StoreError(f"{path} {FOREIGN}")
    [version] = db.execute("PRAGMA user_version").fetchone()
    latest = max(_scripts(migrations))
    if version > latest:
        raise StoreError(
            f"{path} was written by a newer chatservice (its schema is {version}, the latest known"
            f" here is {latest}); upgrade chatservice, or restore a backup made before"
        )


def upgrade(db: sqlite3.Connection, path: Path, migrations: Traversable) -> None:
    """Bring `path`, open as `db`, to the latest version."""
    [version] = db.execute("PRAGMA user_version").fetchone()
    scripts = _scripts(migrations)
    if version < max(scripts):
        _back_up(db, path.with_name(f"{path.name}.v{version}.bak"))
        _migrate(db, {number: scripts[number] for number in scripts if number > version})


def _scripts(migrations: Traversable) -> dict[int, str]:
    return {
        int(file.name[:4]): file.read_text(encoding="utf-8")
        for file in sorted(migrations.iterdir(), key=lambda file: file.name)
        if re.fullmatch(r"[0-9]{4}\.sql", file.name)
    }


def _migrate(db: sqlite3.Connection, scripts: dict[int, str]) -> None:
    """Run the scripts as one transaction; when it fails, closing `db` undoes it."""
    prepare(db)
    statements = "\n".join(scripts.values())
    db.executescript(
        f"BEGIN IMMEDIATE;\n{statements}\nPRAGMA user_version = {max(scripts)};\nCOMMIT;"
    )


def _back_up(db: sqlite3.Connection, path: Path) -> None:
    with put_in_place(path) as new, closing(sqlite3.connect(new)) as copy:
        db.backup(copy)


@contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """Give an empty private file to fill, which then becomes `path` whole, or is gone."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    try:
        yield new
        _sync(new)
        new.rename(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Have a file, or what a directory lists, on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
