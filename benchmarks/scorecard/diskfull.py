"""Row 5: a full disk, and a store that another program has locked.

The server runs in a mount namespace of its own, with its state on a small tmpfs that is filled up.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.beats import Beats
from benchmarks.scorecard.frame import Effort, Figure, NotPossible, needs
from benchmarks.scorecard.talk import SECONDS, Event, Talker

RECOVERED = 5.0
"""Seconds after which all is well again, once there is room."""

_MOUNT = 'mount -t tmpfs -o size=3m none "$0" && exec "$@"'


def row(effort: Effort) -> Iterator[Figure]:
    """Both, each with somebody who talks and somebody who hears."""
    yield from _full(effort.pick(tiny=300, quick=400, long=4000))
    yield from _locked(effort.pick(tiny=0.5, quick=7, long=10))


class Conversation:
    """Somebody says texts that are told apart, somebody else hears them."""

    def __init__(self, port: int) -> None:
        self.acked: list[str] = []
        self.refused: list[str] = []
        self.sentences: set[str] = set()
        self._speaker = Talker(port, "speaker")
        self._hearer = Talker(port, "hearer")
        self._said = 0
        self._waiting: dict[str, str] = {}

    def say(self, length: int = 0) -> bool:
        """Say a text, and wait for all answers; whether this one is acknowledged."""
        text = self.send(length)
        end = time.monotonic() + SECONDS
        events = self._speaker.events(end)
        while self._waiting:
            self._take(next(events))
        return text in self.acked

    def send(self, length: int = 0) -> str:
        """Say a text."""
        self._said += 1
        text = f"{self._said}:".ljust(length, "x")
        self._waiting[f"{self._said}"] = text
        self._speaker.tell(type="say", room="lobby", text=text, id=f"{self._said}")
        return text

    def _take(self, event: Event) -> None:
        text = self._waiting.pop(event.get("re") or "", None)
        if text is None:
            return
        if event["type"] == "ack":
            self.acked.append(text)
        else:
            self.refused.append(text)
            self.sentences.add(event["text"])

    def heard(self) -> list[str]:
        """What the other one has heard."""
        events = self._hearer.events(time.monotonic() + 0.5)
        return [event["text"] for event in events if event["type"] == "message"]

    def faults(self, state: Path) -> dict[str, int]:
        """What is not as it was told, by what is in the store, of which a copy is read."""
        with TemporaryDirectory(prefix="chat-copy-") as copy:
            for file in state.glob("chat.sqlite3*"):
                shutil.copy(file, copy)
            with closing(sqlite3.connect(Path(copy, "chat.sqlite3"))) as db:
                rows = db.execute("SELECT text FROM message ORDER BY seq").fetchall()
        kept = [text for [text] in rows]
        heard = self.heard()
        return {
            "acknowledged and not kept": len({*self.acked} - {*kept}),
            "refused and kept": len({*self.refused} & {*kept}),
            "heard other than acknowledged": int(heard != self.acked),
            "unanswered": len(self._waiting),
            "kept twice": len(kept) - len({*kept}),
        }


def _full(number: int) -> Iterator[Figure]:
    needs("unshare", "mount")
    with TemporaryDirectory(prefix="chat-disk-") as folder:
        unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        under = [*unshare, "sh", "-c", _MOUNT, folder]
        if subprocess.run([*under, "true"], capture_output=True, check=False).returncode:
            raise NotPossible("no right to mount a tmpfs (unshare -m)")
        server = servers.chat(folder, under=under)
        disk = Path(f"/proc/{server.pid}/root{folder}")
        try:
            talk = Conversation(server.port)
            talk.say()
            ballast = disk / "ballast"
            _fill(ballast)
            for _ in range(number):
                talk.say(3000)
                if len(talk.refused) >= 20:
                    break
            refused = len(talk.refused)
            ballast.unlink()
            start = time.monotonic()
            while not talk.say() and time.monotonic() < start + 4 * RECOVERED:
                time.sleep(0.05)
            seconds = time.monotonic() - start
            restored = talk.say(3000) and talk.say()
            faults = talk.faults(disk)
        finally:
            server.kill()
    yield Figure(
        "disk full: messages acknowledged and not kept, refused and kept, or told otherwise",
        f"{sum(faults.values())} of {len(talk.acked) + len(talk.refused)}",
        "0",
        not sum(faults.values()) and bool(talk.acked),
    )
    told = all("disk is full" in sentence for sentence in talk.sentences)
    yield Figure(
        "disk full: refusals that say so",
        f"{refused if told else 0} of {refused}",
        "all, 1 at least",
        bool(refused) and told,
    )
    yield Figure("disk full: recovers without a restart", f"{restored}", "True", restored)
    yield Figure(
        "disk full: acknowledges again once there is room",
        f"after {seconds:.1f} s",
        f"within {RECOVERED:g} s",
        seconds <= RECOVERED,
        timed=True,
    )


def _fill(ballast: Path) -> None:
    """Take all the room that is left."""
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def _locked(seconds: float) -> Iterator[Figure]:
    beats = Beats()
    with TemporaryDirectory(prefix="chat-lock-") as folder:
        server = servers.chat(folder)
        path = Path(folder, "chat.sqlite3")
        try:
            talk = Conversation(server.port)
            talk.say()
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                end = time.monotonic() + seconds
                while (left := end - time.monotonic()) > 0:
                    talk.send()
                    time.sleep(min(left, 0.05))
                other.execute("ROLLBACK")
            start = time.monotonic()
            while not talk.say() and time.monotonic() < start + 4 * RECOVERED:
                time.sleep(0.05)
            recovered = time.monotonic() - start
            faults = talk.faults(Path(folder))
        finally:
            server.kill()
    number = len(talk.acked) + len(talk.refused)
    yield Figure(
        "store locked: messages unanswered, acknowledged and not kept, or told otherwise",
        f"{sum(faults.values())} of {number} ({len(talk.refused)} refused)",
        "0",
        not sum(faults.values()) and bool(talk.acked),
    )
    yield Figure(
        "store locked: acknowledges again once it is free",
        f"after {recovered:.1f} s",
        f"within {RECOVERED:g} s",
        recovered <= RECOVERED,
        timed=True,
    )
    yield from beats.figures("store locked")
