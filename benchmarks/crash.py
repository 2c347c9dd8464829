"""Crashes: kills the server again and again under load and looks for what got lost or doubled.

Run as `python -m benchmarks.crash`; `--help` shows the options. The exit code is 0 if nothing was.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import socket
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from benchmarks import servers

IN_FLIGHT = 8
"""Messages that each client has said and not yet seen acknowledged."""

DEADLINE = 20.0
"""Seconds within which all clients have to get on after a restart."""


class Client(Thread):
    """Says message after message; reconnects, resumes and repeats whenever the server is gone."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(daemon=True)
        self.name = f"client{number}"
        self.acked: dict[str, int] = {}
        self.shown: list[tuple[int, str]] = []
        self.said = 0
        self.seen = 0
        self.resting = Event()
        self._address = ("127.0.0.1", port)
        self._secret = secrets.token_hex(16)
        self._waiting: dict[str, None] = {}

    @property
    def idle(self) -> bool:
        """Whether everything it said is acknowledged."""
        return not self._waiting

    def run(self) -> None:
        """Go on until the program ends."""
        while True:
            try:
                self._converse()
            except OSError:
                time.sleep(0.02)

    def _converse(self) -> None:
        with socket.create_connection(self._address, timeout=DEADLINE) as connection:
            lines = connection.makefile("rb")

            def send(**fields: object) -> None:
                connection.sendall(json.dumps(fields).encode() + b"\n")

            send(type="hello", nick=self.name, client=self._secret)
            send(type="join", room="lobby", since=self.seen)
            inside = False
            for line in lines:
                if not line.endswith(b"\n"):
                    return
                event = json.loads(line)
                self._take(event)
                if event["type"] == "entered":
                    inside = True
                    for text in self._waiting:
                        send(type="say", text=text, id=text)
                while inside and len(self._waiting) < IN_FLIGHT and not self.resting.is_set():
                    self.said += 1
                    text = f"{self.name}-{self.said}"
                    self._waiting[text] = None
                    send(type="say", text=text, id=text)

    def _take(self, event: dict[str, Any]) -> None:
        if event["type"] == "error":
            raise SystemExit(f"The server refused something: {event}")
        if event["type"] == "ack":
            self.acked[event["re"]] = event["seq"]
            self._waiting.pop(event["re"], None)
            self.seen = max(self.seen, event["seq"])
        for message in [event] if event["type"] == "message" else event.get("messages", ()):
            self.shown.append((message["seq"], message["text"]))
            self.seen = max(self.seen, message["seq"])


def main() -> None:
    """Crash, restart, check; print a line for each ten crashes and a verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-c", "--cycles", type=int, default=100)
    parser.add_argument("-n", "--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    print(f"{options.cycles} cycles, {options.clients} clients, seed {options.seed}", flush=True)
    start = time.monotonic()
    with TemporaryDirectory(prefix="chat-crash-") as state:
        server = servers.chat(state)
        clients = [Client(server.port, number) for number in range(options.clients)]
        for client in clients:
            client.start()
        try:
            for cycle in range(1, options.cycles + 1):
                _wait_for_progress(clients)
                time.sleep(draw.uniform(0, 0.2))
                server.kill()
                server = servers.chat(state, port=server.port)
                if cycle % 10 == 0:
                    print(f"{cycle:4} kills  {_figures(clients, start)}", flush=True)
            for client in clients:
                client.resting.set()
            _wait(lambda: all(client.idle for client in clients), "acknowledge everything")
            kept = _kept(state)
            _wait(lambda: all(client.seen == kept[-1][0] for client in clients), "be up to date")
        finally:
            server.kill()
        faults = [*_faults(clients, kept), *_integrity(state)]
    print(f"{len(kept)} messages kept, {_figures(clients, start)}")
    for fault in faults:
        print(f"BROKEN: {fault}")
    print("verdict: broken" if faults else "verdict: nothing lost, nothing twice, in order, intact")
    sys.exit(bool(faults))


def _wait_for_progress(clients: list[Client]) -> None:
    """Let each client get a few more messages acknowledged."""
    goals = [len(client.acked) + 10 for client in clients]
    _wait(
        lambda: all(len(client.acked) >= goal for client, goal in zip(clients, goals, strict=True)),
        "get on",
    )


def _wait(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"verdict: broken: the clients did not {what} in {DEADLINE} s.")
        time.sleep(0.005)


def _figures(clients: list[Client], start: float) -> str:
    said = sum(client.said for client in clients)
    acked = sum(len(client.acked) for client in clients)
    shown = sum(len(client.shown) for client in clients)
    seconds = time.monotonic() - start
    return f"{said} said, {acked} acknowledged, {shown} shown, {seconds:.0f} s"


def _kept(state: str) -> list[tuple[int, str]]:
    """The seq and text of all messages in the store, oldest first."""
    with sqlite3.connect(Path(state, "chat.sqlite3")) as db:
        return db.execute("SELECT seq, text FROM message ORDER BY seq").fetchall()


def _integrity(state: str) -> Iterator[str]:
    with sqlite3.connect(Path(state, "chat.sqlite3")) as db:
        for [finding] in db.execute("PRAGMA integrity_check"):
            if finding != "ok":
                yield f"integrity check: {finding}"


def _faults(clients: list[Client], kept: list[tuple[int, str]]) -> Iterator[str]:
    """Whatever a client was promised and did not get, or got twice."""
    for text, times in Counter(text for _, text in kept).items():
        if times > 1:
            yield f"{text} is stored {times} times"
    seqs = {text: seq for seq, text in kept}
    for client in clients:
        for text, seq in client.acked.items():
            if seqs.get(text) != seq:
                yield f"{text} was acknowledged as {seq} and is stored as {seqs.get(text)}"
        own = f"{client.name}-"
        shown = [each for each in client.shown if not each[1].startswith(own)]
        if shown != [each for each in kept if not each[1].startswith(own)]:
            yield f"{client.name} was not shown every message of the others once and in order"
        if len(set(client.shown)) < len(client.shown):
            yield f"{client.name} was shown a message twice"


if __name__ == "__main__":
    main()
