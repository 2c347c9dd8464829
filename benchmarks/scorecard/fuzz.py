"""Row 12: whatever comes in. Only documented refusals are raised, soon, however it is split."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import cycle, product
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.python.usage import UsageError

from benchmarks.scorecard.frame import Effort, Figure
from benchmarks.servers import Terminated
from chatservice.domain.commands import Hello, Join
from chatservice.domain.errors import ChatError
from chatservice.domain.events import Message
from chatservice.domain.limits import Limits
from chatservice.domain.records import Said, Search, Window
from chatservice.options import Options
from chatservice.storage.interface import StoreError
from chatservice.storage.sqlite import SqliteStore
from chatservice.wire import beacon
from chatservice.wire.codec import Circumstances, Framing
from chatservice.wire.pipe_client import PipeClient
from chatservice.wire.registry import Registry
from chatservice.wire.schema import dump, load_event
from tests.wire.house import SERVER, Server, local_time
from tests.wire.test_fuzz import (
    ACTIONS,
    BEACONS,
    COMMANDS,
    EVENTS,
    IRC_LINES,
    LINES,
    SHAKE,
    TOLD,
    SplitTests,
    mutants,
    pieces,
)

SLOW = 0.050
"""Seconds that no input may take."""

SEED = 12

CONFIGURATIONS = [
    b"--port 0 --interface ::1 --name den --history 7 --ephemeral",
    b"--listen json=tcp:9000 --limit unit_bytes=9 --limit sniff_seconds=0.5 --announce-to 1.2.3.4",
    b"--operator ann --registration closed --password x --oper eve:$argon2id$x:y --classic",
    b"--server-name irc.example.org --network Den --state /tmp/x --always-on --motd /dev/null",
]

REFUSALS = (ChatError, StoreError, UsageError, SystemExit)
FRAMINGS: tuple[Framing, ...] = ("lines", "frames", "objects")

Decode = Callable[[bytes], object]


def row(effort: Effort) -> Iterator[Figure]:
    """Each decoder takes mutants of good inputs; streams are cut at random."""
    number = effort.pick(tiny=200, quick=4000, long=1_000_000)
    escaped: list[str] = []
    slow: list[str] = []
    tried, most = 0, 0.0
    for name, seeds, make in DECODERS:
        decode = make()
        # A real store and a real command line take longer for one input than a codec does.
        count = number // 10 if name in HEAVY else number
        for data in mutants(seeds, count):
            tried += 1
            for attempt in (1, 2):
                start, cpu = time.perf_counter(), time.process_time()
                try:
                    decode(data)
                except Terminated:
                    raise
                except REFUSALS:
                    pass
                except Exception as error:
                    escaped.append(f"{name}: {data!r} raised {error!r}")
                if time.perf_counter() - start < SLOW:
                    break
                if attempt == 2:  # once may be somebody else's doing
                    most = max(most, cpu := time.process_time() - cpu)
                    slow.append(f"{name}, {cpu * 1e3:.0f} ms of CPU: {data!r}")
    for line in [*escaped[:5], *slow[:5]]:
        print(f"    {line[:400]}")
    what = f"{len(DECODERS)} decoders"
    yield Figure(
        f"inputs of {what} that raise what is not a refusal",
        f"{len(escaped)} of {tried:,}",
        "0",
        not escaped,
    )
    measured = f"{len(slow)}" + (f" ({most * 1e3:.0f} ms of CPU at most)" if slow else "")
    yield Figure(f"inputs of {what} that take over 50 ms", measured, "0", not slow, timed=True)
    streams = effort.pick(tiny=5, quick=100, long=5000)
    changed = sum(_changed(streams))
    yield Figure(
        "streams of which a split gives something else",
        f"{changed} of {len(FRAMINGS) * streams + streams:,}",
        "0",
        not changed,
    )


def _sniffer() -> Decode:
    registry = Registry(local_time, SERVER, lambda: 0)

    def decode(data: bytes) -> None:
        registry.tell(data)
        registry.tell(data, final=True)

    return decode


def _wire(name: str) -> Decode:
    """A wire's codec, before there is a name and after; another one every now and then."""
    wire = Registry(local_time, SERVER, lambda: 0).wires[name]
    nick = partial(next, cycle([None, "ann", "ann", "ann"]))
    about = Circumstances(address="10.0.0.1:5001", limits=Limits(), nick=nick)
    codec = wire.make(about)
    turn = cycle(range(50))

    def decode(data: bytes) -> None:
        nonlocal codec
        if next(turn) == 0:
            codec = wire.make(about)
        try:
            codec.decode(data)
        finally:
            codec.blame(data)

    return decode


def _server() -> Decode:
    """Everything that is behind the shared port."""
    server = Server(recent_messages=2)
    numbers = cycle(range(1, 200))

    def decode(data: bytes) -> None:
        client = server.connect(next(numbers))
        client.send(data + b"\n")
        client.hang_up()

    return decode


def _told() -> Decode:
    client = PipeClient()
    turn = cycle(range(20))

    def decode(data: bytes) -> None:
        if next(turn) == 0:
            client.encode(Hello(nick="ann"), 0)
            client.encode(Join(room="lobby"), 0)
        client.decode(data, 0)

    return decode


def _options() -> Decode:
    return lambda data: Options().parseOptions(data.decode("utf-8", "replace").split(" "))


class _Rows:
    """A store in whose one row anything can stand."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="chat-fuzz-")
        path = Path(self._folder.name, "chat.sqlite3")
        self._store = SqliteStore(path, retry_seconds=1, wall=lambda: 0, new_id=lambda: "server")
        self._store.open()
        message = Message(room="lobby", seq=1, id="1-1", nick="ann", user="100000", at=5, text="x")
        self._store.append([Said(room_id=1, client=None, message=message)])
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA synchronous = OFF")
        for trigger in ("message_changed", "message_forgotten", "message_gone"):
            self._db.execute(f"DROP TRIGGER {trigger}")
        self._db.execute("CREATE TEMP TABLE good AS SELECT * FROM message")
        columns = [name for _, name, *_ in self._db.execute("PRAGMA table_info (message)")]
        kinds = ("CAST (? AS TEXT)", "CAST (? AS INTEGER)", "CAST (? AS REAL)", "?")
        self._places = cycle(product(columns[2:], kinds))

    def __call__(self, data: bytes) -> None:
        """Put it into a column, in one of SQLite's types, and read the message."""
        column, kind = next(self._places)
        self._db.execute("REPLACE INTO message SELECT * FROM good")
        with suppress(sqlite3.IntegrityError):
            self._db.execute(f"UPDATE message SET {column} = {kind}", (data,))
        for message in self._store.page(Window(room_id=1, limit=5)).messages:
            dump(message)
        for message in self._store.search(Search(room_ids=(1,), words="", limit=5)).messages:
            dump(message)


DECODERS: tuple[tuple[str, list[bytes], Callable[[], Decode]], ...] = (
    ("sniffer", [*LINES, *COMMANDS, *ACTIONS, *IRC_LINES, SHAKE], _sniffer),
    ("pipe", LINES, partial(_wire, "pipe")),
    ("json", COMMANDS, partial(_wire, "json")),
    ("irc", IRC_LINES, partial(_wire, "irc")),
    ("irc-ws", IRC_LINES, partial(_wire, "irc-ws")),
    ("prompt", LINES, partial(_wire, "prompt")),
    ("framed", LINES, partial(_wire, "framed")),
    ("pychat", LINES, partial(_wire, "pychat")),
    ("channels", ACTIONS, partial(_wire, "channels")),
    ("events of json", EVENTS, lambda: load_event),
    ("events of pipe", TOLD, _told),
    ("datagrams", BEACONS, lambda: beacon.decode),
    ("stored rows", [*LINES, *COMMANDS], _Rows),
    ("configuration", CONFIGURATIONS, _options),
    ("shared port", [*LINES, *COMMANDS, *ACTIONS, *IRC_LINES, SHAKE], _server),
)
"""What decodes, what good inputs of it are, and what makes it."""

HEAVY = ("stored rows", "configuration", "shared port")


def _changed(number: int) -> Iterator[bool]:
    """For each of many streams, whether a split gives other units or other answers."""
    case = SplitTests()
    dice = case.dice = random.Random(SEED)
    for _ in range(number):
        for framing in FRAMINGS:
            data = case.stream(ACTIONS if framing == "objects" else LINES)
            if framing == "frames":
                lines = data.split(b"\n")
                data = b"".join(len(line).to_bytes(4, "big") + line for line in lines)
            split = case.units(pieces(data, dice), framing)
            yield split != case.units([data], framing)
        data = case.stream(dice.choice([LINES, COMMANDS, ACTIONS, IRC_LINES]))
        yield case.answers(pieces(data, dice)) != case.answers([data])
