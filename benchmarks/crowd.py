"""Many clients in one thread: plain sockets, one epoll, lines counted and not kept."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

DEADLINE = 120.0
"""Seconds after which a measurement that has not ended has failed."""

LINE_BYTES = 80
"""Length of a message as it is received."""

_LIST = re.compile(rb"ULIST\|[^\n]*\n")
_INDEX = re.compile(rb"m(\d{7})")


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a client speaks: what it says first, what shows that it is in, how it says a text."""

    steps: Callable[[str], Sequence[tuple[bytes, bytes]]]
    """What a client of this nick says to come in, each with what it waits for after that."""
    line: Callable[[str, str], bytes]
    answered: bool = False
    """Whether the author gets a line for its own message."""


def _object(**fields: str) -> bytes:
    return json.dumps(fields).encode() + b"\n"


RAW = Tongue(
    steps=lambda _: [(b"", b"welcome\n")],
    line=lambda nick, text: f"MSG|{nick}: {text}\n".encode(),
)
PIPE = Tongue(
    steps=lambda nick: [
        (f"CMD_USER|{nick}\n".encode(), f"SRV|{nick} has joined the chat.\n".encode())
    ],
    line=lambda nick, text: f"MSG|{nick}: {text}\n".encode(),
)
JSON = Tongue(
    steps=lambda nick: [
        (_object(type="hello", nick=nick) + _object(type="join", room="lobby"), b'"type":"entered"')
    ],
    line=lambda _, text: _object(type="say", text=text),
    answered=True,
)
IRC = Tongue(
    steps=lambda nick: [
        (f"NICK {nick}\r\nUSER {nick} 0 * :x\r\n".encode(), b" 001 "),
        (b"JOIN #lobby\r\n", b" 366 "),
    ],
    line=lambda _, text: f"PRIVMSG #lobby :{text}\r\n".encode(),
)
TONGUES = {"pipe": PIPE, "json": JSON, "irc": IRC}
"""How each wire is spoken that can be measured."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One measured run; `latencies` are seconds from saying a message to its last receiver."""

    seconds: float
    client_seconds: float
    latencies: list[float]


class Member:
    """One client."""

    def __init__(self, port: int, nick: str, tongue: Tongue) -> None:
        self.nick = nick
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._steps = iter(tongue.steps(nick))
        self._marker: bytes | None = None
        self._step()
        self.list_bytes = 0
        self._rest = b""

    @property
    def inside(self) -> bool:
        """Whether it has come in."""
        return self._marker is None

    def _step(self) -> None:
        say, self._marker = next(self._steps, (b"", None))
        if say:
            self.socket.send(say)

    def take(self, data: bytes) -> None:
        """Take what arrives while the crowd gathers."""
        data = self._rest + data
        if self._marker is not None and self._marker in data:
            self._step()
        self.list_bytes += sum(map(len, _LIST.findall(data)))
        self._rest = data[data.rfind(b"\n") + 1 :]


class Crowd:
    """The clients of one server: the first ones only listen, the last `senders` ones speak."""

    def __init__(self, port: int, tongue: Tongue, *, receivers: int, senders: int = 0) -> None:
        self._port = port
        self._tongue = tongue
        self._receivers = receivers
        self._senders = senders
        self._members: list[Member] = []
        self._by_fd: dict[int, Member] = {}
        self._epoll = select.epoll()
        self._buffer = bytearray(1 << 18)
        self._text_bytes = 21

    @property
    def list_bytes(self) -> int:
        """Bytes of user lists that arrived while the crowd gathered."""
        return sum(member.list_bytes for member in self._members)

    def gather(self, at_once: int) -> float:
        """Let everybody come in, `at_once` at a time; returns the seconds this took."""
        waiting: set[Member] = set()
        start = time.perf_counter()
        while len(self._members) < self._receivers + self._senders or waiting:
            while len(waiting) < at_once and len(self._members) < self._receivers + self._senders:
                nick = f"user{len(self._members)}"
                member = Member(self._port, nick, self._tongue)
                self._members.append(member)
                self._by_fd[member.socket.fileno()] = member
                self._epoll.register(member.socket, select.EPOLLIN)
                waiting.add(member)
            self._read(0.05)
            waiting = {member for member in waiting if not member.inside}
            if time.perf_counter() - start > DEADLINE:
                raise SystemExit(f"{len(waiting)} clients did not get in within {DEADLINE} s.")
        return time.perf_counter() - start

    def settle(self) -> None:
        """Take what still comes until the server is silent (the last full user list is late)."""
        quiet = 1 + len(self._members) ** 2 * 2e-6
        last = time.perf_counter()
        while time.perf_counter() - last < quiet:
            if self._read(0.1):
                last = time.perf_counter()

    def run(self, messages: int, window: int) -> Outcome:
        """Say messages, `window` of them on their way at most; each is counted at every client."""
        receivers, members = self._receivers, self._members
        senders = cycle(range(receivers, len(members)))
        index_of = {member.socket.fileno(): index for index, member in enumerate(members)}
        recv_into = {member.socket.fileno(): member.socket.recv_into for member in members}
        due = self._due(messages)
        counts = [0] * len(members)
        reached = [0] * (messages + 1)  # how many receivers have exactly so many messages
        reached[0] = receivers
        buffer, poll, clock = self._buffer, self._epoll.poll, time.perf_counter
        count = buffer.count
        witnessed: list[bytes] = []
        said_at: list[float] = []
        done_at: list[float] = []
        low = 0
        end = clock() + DEADLINE
        client_start, start = time.process_time(), clock()
        while low < messages:
            while len(said_at) < messages and len(said_at) - low < window:
                author = members[next(senders)]
                text = f"m{len(said_at):07d} ".ljust(self._text_bytes, ".")
                said_at.append(clock())
                author.socket.send(self._tongue.line(author.nick, text))
            for fd, _ in poll(1):
                size = recv_into[fd](buffer)
                if not size:
                    raise SystemExit("The server closed a connection.")
                index = index_of[fd]
                before = counts[index]
                counts[index] = after = before + count(b"\n", 0, size)
                if index < receivers:
                    reached[before] -= 1
                    reached[after] += 1
                    if not index:
                        witnessed.append(bytes(buffer[:size]))
            while low < messages and not reached[low]:
                low += 1
                done_at.append(clock())
            if clock() > end:
                raise SystemExit(f"Only {low} of {messages} messages came within {DEADLINE} s.")
        seconds, client_seconds = clock() - start, time.process_time() - client_start
        self._finish(counts, due)
        order = [int(index) for index in _INDEX.findall(b"".join(witnessed))]
        if sorted(order) != list(range(messages)):
            raise SystemExit("A receiver did not get each message exactly once.")
        # From now on the lines that are received have the same length on every wire.
        heard = sum(map(len, witnessed)) // messages
        self._text_bytes = max(9, self._text_bytes + LINE_BYTES - heard)
        latencies = [done - said_at[index] for done, index in zip(done_at, order, strict=True)]
        return Outcome(seconds, client_seconds, latencies)

    def close(self) -> None:
        """Leave."""
        self._epoll.close()
        for member in self._members:
            member.socket.close()

    def _due(self, messages: int) -> list[int]:
        """How many lines each member has to get."""
        due = [messages] * len(self._members)
        if not self._tongue.answered:
            for turn in range(messages):
                due[self._receivers + turn % self._senders] -= 1
        return due

    def _finish(self, counts: list[int], due: list[int]) -> None:
        """Wait for what the senders have still to get; nobody may get more than is due."""
        end = time.perf_counter() + 5
        while counts != due and time.perf_counter() < end:
            for fd, _ in self._epoll.poll(0.1):
                data = self._by_fd[fd].socket.recv(1 << 18)
                counts[self._members.index(self._by_fd[fd])] += data.count(b"\n")
        if counts != due:
            raise SystemExit("Some clients got more or fewer lines than were said.")

    def _read(self, timeout: float) -> bool:
        """Take what has arrived; whether anything has."""
        ready = self._epoll.poll(timeout)
        for fd, _ in ready:
            data = self._by_fd[fd].socket.recv(1 << 18)
            if not data:
                raise SystemExit("The server closed a connection.")
            self._by_fd[fd].take(data)
        return bool(ready)
