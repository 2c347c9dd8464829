"""Row 4: a damaged store. Logs cut short cost nothing that was committed; damage is found."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure
from chatservice.domain.events import Message
from chatservice.domain.records import Said, Window
from chatservice.storage.interface import Opened, StoreError
from chatservice.storage.sqlite import SqliteStore

AT = 1_767_357_240_000
NAME = "chat.sqlite3"


def row(effort: Effort) -> Iterator[Figure]:
    """Copies of a store's files, cut and overwritten, are opened; at last by a server, twice."""
    # What is tried are the files that are left, not how they got to the disk.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(prefix="chat-damage-", dir=memory) as folder:
        yield _logs_cut_short(Path(folder, "cut"), effort.pick(tiny=20, quick=200, long=200))
        yield from _overwritten(Path(folder, "page"), effort.pick(tiny=20, quick=60, long=1000))
        yield _server(Path(folder, "server"))


def _store(path: Path) -> SqliteStore:
    return SqliteStore(path, retry_seconds=1, wall=lambda: AT, new_id=lambda: "server")


def _text(seq: int, length: int) -> str:
    """A text that tells which one it has to be."""
    return f"{seq}:{length}:".ljust(length, "x")


def _said(seq: int, length: int) -> Said:
    message = Message(
        room="lobby",
        seq=seq,
        id=f"1-{seq}",
        nick="ann",
        user="100000",
        at=AT,
        text=_text(seq, length),
    )
    return Said(room_id=1, client=None, message=message)


def _seqs(store: SqliteStore) -> list[int]:
    """The seqs of all messages; every text is found to be whole."""
    found: list[int] = []
    while page := store.page(
        Window(room_id=1, limit=500, after=found[-1] if found else 0)
    ).messages:
        for message in page:
            seq, length, _ = message.text.split(":")
            if (int(seq), message.text) != (message.seq, _text(message.seq, int(length))):
                raise ValueError(f"message {message.seq} says {message.text[:40]!r}")
        found += [message.seq for message in page]
    return found


def _read(path: Path) -> tuple[Opened, list[int]]:
    """What a store tells, and all seqs; where damage is only met then, after another start."""
    for _ in range(2):
        store = _store(path)
        opened = store.open()
        try:
            return opened, _seqs(store)
        except StoreError as error:
            if "is damaged; restart the server" not in str(error):
                raise
        finally:
            store.close()
    raise ValueError("another start did not help")


def _logs_cut_short(folder: Path, number: int) -> Figure:
    """The log cut at any place, every other time with something else in place of what is gone."""
    dice = random.Random(4)
    store = _store(folder / NAME)
    store.open()
    log = folder / f"{NAME}-wal"
    committed = [(0, 0)]
    while committed[-1][1] < 600:
        first = committed[-1][1] + 1
        seqs = range(first, first + dice.randint(1, 8))
        store.append([_said(seq, dice.randint(20, 2000)) for seq in seqs])
        committed.append((log.stat().st_size, seqs[-1]))
    whole, pages = log.read_bytes(), (folder / NAME).read_bytes()
    store.close()
    faults = 0
    for index in range(number):
        cut = dice.randrange(len(whole) + 1)
        copy = folder / f"{index}" / NAME
        copy.parent.mkdir()
        copy.write_bytes(pages)
        rest = dice.randbytes(min(len(whole) - cut, 9000)) if index % 2 else b""
        copy.with_name(log.name).write_bytes(whole[:cut] + rest)
        store = _store(copy)
        opened = store.open()
        due = max(last for size, last in committed if size <= cut)
        faults += opened.damage is not None or _seqs(store) != [*range(1, due + 1)]
        store.close()
        shutil.rmtree(copy.parent)
    return Figure(
        "logs cut short after which there is not exactly what was committed before the cut",
        f"{faults} of {number:,}",
        f"0 of {number:,}",
        not faults,
    )


def _overwritten(folder: Path, number: int) -> Iterator[Figure]:
    """Pages full of ones, of zeros, of anything, and in each other's place."""
    dice = random.Random(44)
    path = folder / NAME
    count = 1000
    store = _store(path)
    store.open()
    store.append([_said(seq, dice.randint(20, 600)) for seq in range(1, count + 1)])
    while store.index():
        pass
    store.close()
    whole = path.read_bytes()
    pages = len(whole) // 4096
    raised = missed = unkept = 0
    saved: list[int] = []
    for index in range(number):
        page, other = dice.sample(range(pages), 2)
        content = (
            b"\xff" * 4096,
            bytes(4096),
            dice.randbytes(4096),
            whole[other * 4096 : (other + 1) * 4096],
        )[index % 4]
        damaged = whole[: page * 4096] + content + whole[(page + 1) * 4096 :]
        if damaged == whole:
            continue
        path.write_bytes(damaged)
        try:
            opened, seqs = _read(path)
        except Exception as error:
            print(f"    page {page}, {content[:8]!r}: {error!r}")
            raised += 1
        else:
            aside = [*folder.glob(f"{NAME}.damaged-*")]
            missed += opened.damage is None and seqs != [*range(1, count + 1)]
            unkept += opened.damage is not None and [it.read_bytes() for it in aside] != [damaged]
            if _is_saved(opened):
                saved.append(len(seqs))
        for each in folder.glob(f"{NAME}*"):
            each.unlink()
    yield Figure(
        "stores with an overwritten page that could not be opened, or then said something wrong",
        f"{raised} of {number:,}",
        "0",
        not raised,
    )
    yield Figure("of these, messages missing without a word", f"{missed}", "0", not missed)
    yield Figure(
        "of these, damaged files not kept aside as they were", f"{unkept}", "0", not unkept
    )
    middle = sorted(saved)[len(saved) // 2] if saved else 0
    yield Figure(
        f"of {count:,} messages saved from a store with one overwritten page, in the middle case",
        f"{middle} ({len(saved)} stores)",
        f"at least {count * 9 // 10}",
        middle >= count * 9 // 10,
    )


def _is_saved(opened: Opened) -> bool:
    return opened.damage is not None and "goes on" in opened.damage


def _server(folder: Path) -> Figure:
    """A server with a damaged store starts, says so once, and starts again without a word."""
    path = folder / NAME
    store = _store(path)
    store.open()
    store.append([_said(seq, 500) for seq in range(1, 200)])
    store.close()
    with closing(sqlite3.connect(path)) as db:
        [root] = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    told = []
    for _ in range(2):
        server = servers.chat(str(folder))
        told.append("was damaged; it is kept as" in server.log)
        server.kill()
    aside = len([*folder.glob(f"{NAME}.damaged-*")])
    return Figure(
        "starts of a server with a damaged store, of which the first says so",
        f"{len(told)} ({sum(told)} said so, {aside} kept aside)",
        "2 (1, 1)",
        told == [True, False] and aside == 1,
    )
