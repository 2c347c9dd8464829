"""Clients of the `json` wire in one thread, that note each `seq` they are told and how late."""

from __future__ import annotations

import errno
import json
import re
import secrets
import select
import socket
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

DEADLINE = 60.0
"""Seconds after which what has not happened never will."""

_TOLD = re.compile(
    rb'\{"type":"message","room":"[^"]*","seq":(\d+),"id":"[^"]*","nick":"[^"]*"'
    rb',"user":"[^"]*","at":\d+,"text":"([^" ]*)'
)
"""A message as most are told: its seq and the first word of its text.

Within a string of JSON it can't be found, for there quotation marks are escaped. Who parses each
message that each of many clients is told measures itself.
"""


GREETING = b"SRV|"
"""What begins the greeting of who is silent, as a client seems to be whose processor was taken."""


@dataclass(eq=False, slots=True)
class Client:
    """One client in one room; who only listens (`speaks` is false) looks for messages only.

    It says a text as its own id. Whenever it comes back, it resumes after the last seq it was told
    and says again what is not acknowledged.
    """

    name: str
    room: str = "lobby"
    speaks: bool = True
    source: str = ""
    """The address it comes from, if not the usual one."""

    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    socket: socket.socket | None = None
    inside: bool = False
    start: int | None = None
    """The room's seq when it came in first; it is owed all that is greater."""

    seqs: array[int] = field(default_factory=lambda: array("L"))
    """The seq of each message it was told, its own ones acknowledged, in the order of telling."""

    acked: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    """What it has said that is not acknowledged."""

    people: int = 0
    """How many were in the room when it came in last."""

    left: dict[str, str] = field(default_factory=dict)
    """Why others have left the room, by nick."""

    refusals: list[str] = field(default_factory=list)
    """What errors it was told, and why connections of it ended."""

    unsent: bytes = b""
    rest: bytes = b""
    again: set[str] = field(default_factory=set)

    @property
    def seen(self) -> int:
        """The last seq it was told."""
        return self.seqs[-1] if self.seqs else self.start or 0


@dataclass(frozen=True, slots=True)
class Faults:
    """How often something was not as promised."""

    lost: int = 0
    twice: int = 0
    disordered: int = 0

    def __add__(self, other: Faults) -> Faults:
        return Faults(
            self.lost + other.lost, self.twice + other.twice, self.disordered + other.disordered
        )


def faults(client: Client, kept: Iterable[int]) -> Faults:
    """What a client was told, against each seq that is kept, once and in order."""
    told = set(client.seqs)
    return Faults(
        lost=sum(seq > (client.start or 0) and seq not in told for seq in kept),
        twice=len(client.seqs) - len(told),
        disordered=sum(after < before for before, after in pairwise(client.seqs)),
    )


class Load:
    """The clients of one server, and an event loop for them; `now` it was read."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.clients: list[Client] = []
        self.said_at: dict[str, float] = {}
        self.latencies: list[float] = []
        """Seconds from saying a text to each speaker's being told of it, or its acknowledgement."""
        self.padding = ""
        """What is said after each text; it begins with a space."""
        self._address = host, port
        self._by_fd: dict[int, Client] = {}
        self._epoll = select.epoll()
        self._buffer = bytearray(1 << 18)

    def connect(self, client: Client) -> None:
        """Begin to come in, or back."""
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if client.source:
            connection.bind((client.source, 0))
        error = connection.connect_ex(self._address)
        if error not in (0, errno.EINPROGRESS):
            connection.close()
            raise OSError(error, errno.errorcode[error])
        client.socket, client.inside, client.rest, client.unsent = connection, False, b"", b""
        if client not in self.clients:
            self.clients.append(client)
        self._by_fd[connection.fileno()] = client
        self._epoll.register(connection, select.EPOLLIN)
        self._send(client, {"type": "hello", "nick": client.name, "client": client.secret})
        since = {} if client.start is None else {"since": client.seen}
        self._send(client, {"type": "join", "room": client.room, **since})

    def enter(self, clients: Iterable[Client], at_once: int = 50) -> None:
        """Let clients come in, so many at a time."""
        coming = iter(clients)
        waiting: set[Client] = set()
        while True:
            while len(waiting) < at_once and (client := next(coming, None)) is not None:
                self.connect(client)
                waiting.add(client)
            if not waiting:
                return
            self.until(lambda: any(client.inside for client in waiting), "come in")
            waiting.difference_update([client for client in waiting if client.inside])

    def say(self, client: Client, text: str) -> None:
        """Say a text, of one word, that nobody has said before."""
        self.said_at[text] = time.perf_counter()
        client.waiting[text] = None
        self._say(client, text)

    def say_each(self, texts: Iterable[tuple[Client, str]], window: int) -> None:
        """Say all of these, while not more than `window` are on their way; wait for the last."""
        waiting: list[tuple[Client, str]] = []
        for client, text in texts:
            self.say(client, text)
            waiting.append((client, text))
            while len(waiting) >= window:
                self.turn(1)
                waiting = [(who, what) for who, what in waiting if what in who.waiting]
        self.until(lambda: not any(what in who.waiting for who, what in waiting), "be told")

    def speak(self, texts: Iterable[tuple[Client, str]], each: float) -> None:
        """Say one of these every so many seconds, whatever the server does; don't wait for more."""
        due = time.perf_counter()
        for client, text in texts:
            while (left := due - time.perf_counter()) > 0:
                self.turn(left)
            self.say(client, text)
            due += each

    def settle(self, quiet: float = 0.5) -> None:
        """Take what still comes, until nothing does for a while."""
        while self.turn(quiet):
            pass

    def until(self, done: Callable[[], Any], what: str, seconds: float = DEADLINE) -> None:
        """Go on until something is so."""
        end = time.monotonic() + seconds
        while not done():
            self.turn(0.05)
            if time.monotonic() > end:
                refusals = [why for client in self.clients for why in client.refusals][:3]
                raise TimeoutError(f"clients did not {what} in {seconds:g} s {refusals or ''}")

    def turn(self, timeout: float) -> bool:
        """Take what has come, or comes within so many seconds; whether anything did."""
        ready = self._epoll.poll(timeout)
        for fd, event in ready:
            client = self._by_fd.get(fd)
            if client is None:
                continue
            if event & select.EPOLLOUT:
                self._flush(client)
            if event & ~select.EPOLLOUT:
                self._read(client)
        return bool(ready)

    def stall(self, client: Client) -> None:
        """Read nothing any more that a client is told."""
        assert client.socket is not None
        del self._by_fd[client.socket.fileno()]
        self._epoll.unregister(client.socket)

    def drop(self, client: Client) -> None:
        """Let a client's connection end without a word."""
        if client.socket is not None:
            self._by_fd.pop(client.socket.fileno(), None)
            client.socket.close()
            client.socket, client.inside = None, False

    def close(self) -> None:
        """Let all go."""
        for client in self.clients:
            self.drop(client)
        self._epoll.close()

    def faults(self) -> Faults:
        """What each has been told, against whatever anybody in its room was told."""
        kept: dict[str, set[int]] = {}
        for client in self.clients:
            kept.setdefault(client.room, set()).update(client.seqs)
        return sum((faults(client, kept[client.room]) for client in self.clients), Faults())

    def _send(self, client: Client, command: dict[str, object]) -> None:
        if client.socket is not None:
            client.unsent += json.dumps(command).encode() + b"\n"
            self._flush(client)

    def _flush(self, client: Client) -> None:
        if client.socket is None:
            return
        blocked = False
        try:
            client.unsent = client.unsent[client.socket.send(client.unsent) :]
            blocked = bool(client.unsent)
        except BlockingIOError:
            blocked = True
        except OSError as error:
            self._ended(client, str(error))
            return
        events = select.EPOLLIN | (select.EPOLLOUT if blocked else 0)
        self._epoll.modify(client.socket, events)

    def _read(self, client: Client) -> None:
        assert client.socket is not None
        try:
            size = client.socket.recv_into(self._buffer)
        except BlockingIOError:
            return
        except OSError as error:
            self._ended(client, str(error))
            return
        if not size:
            self._ended(client, "the server closed the connection")
            return
        came = bytes(memoryview(self._buffer)[:size])
        if not client.inside and came.startswith(GREETING):
            self.drop(client)
            self.connect(client)
            return
        now = time.perf_counter()
        data = client.rest + came
        end = data.rfind(b"\n") + 1
        client.rest = data[end:]
        told = _TOLD.findall(data, 0, end) if client.inside else []
        only_listens = client.inside and not client.speaks
        if only_listens or len(told) == data.count(b"\n", 0, end):
            client.seqs.extend([int(seq) for seq, _ in told])
            for _, text in told if client.speaks else ():
                self._came(client, text.decode(), now)
            return
        for line in data[:end].splitlines():
            self._take(client, json.loads(line), now)

    def _ended(self, client: Client, why: str) -> None:
        client.refusals.append(why)
        self.drop(client)

    def _take(self, client: Client, event: dict[str, Any], now: float) -> None:
        match event["type"]:
            case "message":
                client.seqs.append(event["seq"])
                self._came(client, event["text"].split(" ", 1)[0], now)
            case "ack":
                text = event["re"]
                client.waiting.pop(text, None)
                client.acked[text] = event["seq"]
                if text not in client.again or event["seq"] > client.seen:
                    client.seqs.append(event["seq"])
                self._came(client, text, now)
            case "history":
                client.seqs.extend(each["seq"] for each in event["messages"])
            case "entered":
                self._entered(client, event)
            case "left":
                client.left[event["nick"]] = event.get("reason", "")
            case "error" | "closing":
                client.refusals.append(event["text"])

    def _entered(self, client: Client, event: dict[str, Any]) -> None:
        client.inside = True
        client.people = len(event["people"])
        if client.start is None:
            client.start = event["seq"]
        else:
            client.seqs.extend(each["seq"] for each in event["messages"])
        client.again.update(client.waiting)
        for text in client.waiting:
            self._say(client, text)

    def _say(self, client: Client, text: str) -> None:
        self._send(client, {"type": "say", "text": text + self.padding, "id": text})

    def _came(self, client: Client, text: str, now: float) -> None:
        said_at = self.said_at.get(text) if client.speaks else None
        if said_at is not None:
            self.latencies.append(now - said_at)


def texts(clients: list[Client], number: int, mark: str = "m") -> Iterator[tuple[Client, str]]:
    """So many texts, no two alike, said by one client after the other."""
    for index in range(number):
        yield clients[index % len(clients)], f"{mark}{index:06d}"


def p99(latencies: list[float]) -> float:
    """The 99th of 100, in seconds."""
    return sorted(latencies)[len(latencies) * 99 // 100] if latencies else 0.0
