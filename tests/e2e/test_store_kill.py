"""What the store acknowledged is there after a SIGKILL."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from chatservice.domain.records import Retried, RoomKept, Search, Window
from chatservice.storage.search import prepare
from chatservice.storage.sqlite import SqliteStore
from tests.storage.records import NOW, RETRY_SECONDS, said

ROUNDS = 5
DEADLINE = 60
CLIENT = b"client"

# Appends for ever, in commits of one to seven messages and the room's settings, indexes what is
# there now and then, and prints each seq that is committed.
WRITER = """
import sys
from pathlib import Path
from chatservice.domain.records import RoomKept
from tests.e2e.test_store_kill import CLIENT, store_at
from tests.storage.records import said

store = store_at(Path(sys.argv[1]))
rooms = store.open().rooms
seq = rooms[0].seq if rooms else 0
while True:
    seqs = range(seq + 1, seq + 2 + seq % 7)
    messages = [said(seq, f"w{seq} " + "x" * 500, client=CLIENT, re=str(seq)) for seq in seqs]
    seq = seqs[-1]
    store.append([*messages, RoomKept(room_id=1, name="room1", topic=str(seq))])
    print(*seqs, sep="\\n", flush=True)
    store.index()
"""


def store_at(path: Path) -> SqliteStore:
    """Make a store whose clock stands still."""
    return SqliteStore(path, retry_seconds=RETRY_SECONDS, wall=lambda: NOW, new_id=lambda: "server")


def acknowledged_until_kill(path: Path, lines: int) -> list[int]:
    """Run the writer, kill it after so many acknowledgements, and return all it gave."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as writer:
        deadline = threading.Timer(DEADLINE, writer.kill)
        deadline.start()
        try:
            assert writer.stdout is not None
            seqs = [int(writer.stdout.readline() or 0) for _ in range(lines)]
            writer.send_signal(signal.SIGKILL)
            # The last line may be cut short: that seq was not told to anybody.
            seqs += [int(line) for line in writer.stdout if line.endswith(b"\n")]
        finally:
            deadline.cancel()
            writer.kill()
    assert writer.returncode == -signal.SIGKILL
    assert 0 not in seqs, "the writer ended, or did not get far enough in time"
    return seqs


def test_acknowledged_messages_survive_kills(tmp_path: Path) -> None:
    path = tmp_path / "state" / "chat.db"
    acknowledged: list[int] = []
    for round_ in range(ROUNDS):
        acknowledged += acknowledged_until_kill(path, lines=20 + 31 * round_)

        store = store_at(path)
        [room] = store.open().rooms
        stored: list[int] = []
        while (
            page := store.page(Window(room_id=1, limit=500, after=(stored or [0])[-1]))
        ).messages:
            stored += [message.seq for message in page.messages]
        again = said(room.seq + 1, client=CLIENT, re=str(acknowledged[-1]))
        [retry] = store.append([again])
        found = [
            store.search(Search(room_ids=(1,), words=f"w{seq}", limit=2)).messages
            for seq in (1, acknowledged[-1], room.seq)
        ]
        store.close()

        assert set(acknowledged) <= set(stored)
        assert stored == list(range(1, room.seq + 1))
        assert isinstance(retry, Retried)
        assert retry.seq == acknowledged[-1]
        assert room.settings == RoomKept(room_id=1, name="room1", topic=str(room.seq))
        assert [[message.seq for message in each] for each in found] == [
            [1],
            [acknowledged[-1]],
            [room.seq],
        ]
        with closing(sqlite3.connect(path)) as db:
            prepare(db)
            db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sorted(file.name for file in path.parent.iterdir()) == ["chat.db", "lock"]
