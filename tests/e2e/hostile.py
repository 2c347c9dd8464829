"""A server that lies to a client as badly as it can, and what a client may send to a terminal."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from wcwidth import wcwidth

from tests.e2e.server import SECONDS

OWN_SEQUENCES = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H|\x1b\[H|\x1b\[[\d;]*m|\x1b\[K|\x1b\[4[hl]"
    r"|\x1b\[\?(?:25|1000|1002|1003|1004|1006|1049|2004)[hl]|\x1b\[\?\d+\$p|\x1b\)0|\x0f|(?P<back>\x08+)"
    r"|\x07\x1b\]9;chatservice: [^\x00-\x1f\x7f-\x9f]*\x1b\\"
)
"""Everything that the client itself may send to a terminal but text."""

STEERING = re.compile("[\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]")
"""What turns text round or breaks it, seen as text."""

SEED = 2026
HOSTILE = (
    "\x1b[2J", "\x1b]0;title\x07", "\x1b[?1049l", "\x1bP1;2|", "\x1b", "\x9b31m", "\x9d0;t\x9c",
    "\x07", "\x00", "\x08", "\x0e", "\x7f", "\r", "\n", "\t", "\x85", "\u2028", "\u202e", "\u2066",
    "\u200f", "\u200b", "\ufeff", "\ud800", "\U000e0041", "\u3164", "\ufdfd", "\U000109f4",
    "👨\u200d👩\u200d👧\u200d👦", "🇩🇪", "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3", "a\u200db" * 9,
    "a" + "\u0301" * 20, "宽" * 9, "ก็็็", "あ\u0acd" * 9, "me: look", "x" * 90, "|", "%s", "{0}", " ",
)  # fmt: skip
"""Of these all texts and names are made."""


class Liar:
    """Tells whoever comes in a lot, once it may go on."""

    def __init__(self, *, messages: int, pause: float, seed: int = SEED) -> None:
        self.entered, self.go_on, self.done = (threading.Event() for _ in range(3))
        self._messages = messages
        self._pause = pause
        self._choose = random.Random(seed)

    def talk(self, connection: socket.socket) -> None:
        """Be the server of one connection."""

        def tell(**event: object) -> None:
            connection.sendall(json.dumps(event).encode() + b"\n")

        for line in connection.makefile("rb"):
            asked = json.loads(line)
            if asked["type"] == "hello":
                welcome = {"version": 1, "features": [], "server": self._lie(), "server_id": "1"}
                me = {"nick": "me", "user": "100000", "text_characters": 4000}
                tell(type="welcome", **welcome, **me, re=asked.get("id"))
            elif asked["type"] == "join":
                entered = {"room": "lobby", "seq": 0, "messages": [], "re": asked["id"]}
                people = [self._person() for _ in range(40)]
                # With half of a pair of surrogates in one name, all of it would be refused.
                whole = [each for each in people if "\ud800" not in each["nick"]]
                tell(type="entered", **entered, people=whole)
                self.entered.set()
                self.go_on.wait(SECONDS)
                for first in range(1, self._messages + 1, 100):
                    self._turn(first, tell)
                    time.sleep(self._pause)
                tell(type="notice", text="That was all.")
                self.done.set()

    def _turn(self, first: int, tell: Callable[..., None]) -> None:
        for seq in range(first, first + 100):
            tell(**self._message(seq))
        tell(type="joined", room="lobby", at=first, person=self._person())
        tell(type="left", room="lobby", at=first, nick=self._lie(), user="100001")
        tell(type="topic", room="lobby", topic=self._lie(), nick=self._lie(), at=first)
        tell(type="typing_now", room="lobby", nick=self._lie(), active=True)
        tell(type="notice", text=self._lie())
        tell(type="failed", code="bad-input", text=self._lie())

    def _lie(self) -> str:
        return "".join(self._choose.choices(HOSTILE, k=self._choose.randint(1, 8)))

    def _person(self) -> dict[str, str]:
        return {"nick": self._lie(), "user": "100001", "address": "127.0.0.1:1"}

    def _message(self, seq: int) -> dict[str, Any]:
        where = {"type": "message", "room": "lobby", "seq": seq, "id": f"1-{seq}"}
        who = {"at": seq * 10**7, "nick": self._lie(), "user": "100001"}
        kind = self._choose.choice(["text", "text", "action"])
        return {**where, **who, "text": self._lie(), "kind": kind}


def foreign(output: str, columns: int) -> Iterator[str]:
    """Whatever is neither text nor the client's own, and text past a terminal's edge."""
    at = column = 0
    while at < len(output):
        found = OWN_SEQUENCES.match(output, at)
        if found is None:
            char = output[at]
            width = wcwidth(char)
            place = output[max(0, at - 40) : at + 40]
            if (width < 0 and char not in "\r\n") or STEERING.match(char):
                yield f"{char!r} in {place!r}"
            column += max(0, width)
            if column > columns:
                yield f"past the edge: {place!r}"
            at += 1
            continue
        if found["column"]:
            column = int(found["column"]) - 1
        elif found["back"]:
            column -= len(found["back"])
        elif found[0] == "\x1b[H":
            column = 0
        at = found.end()


@contextmanager
def scripted(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does with each connection what `talk` says; gives its port."""

    def meet(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                met = listening.accept()[0]
                threading.Thread(target=meet, args=(met,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
