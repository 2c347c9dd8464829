"""Row 14: forged announcements of servers by the ten thousand, and questions to a server.

All of it on a network of its own. Run as a program it is the client, which tells on SIGUSR2 how
many servers it remembers and shows, into the file that the environment names.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.frame import Effort, Figure
from benchmarks.scorecard.network import Network
from benchmarks.scorecard.pty_client import on_a_terminal
from chatservice.wire.beacon import LARGEST, LEGACY, PORT, Beacon, encode_beacon, encode_query
from urwidclient.discovery import SERVERS, Discovery

VARIABLE = "CHAT_SERVERS_FOUND"
"""The environment's variable with the file's name."""

RATE = 50_000
"""Forged beacons a second."""

SOURCES = 200
"""Addresses that they come from."""

SHARE = 0.25
"""Of a processor, this much the client may take."""


def row(effort: Effort) -> Iterator[Figure]:
    """A flood for the client, then questions of all sizes for a server."""
    with Network() as network:
        yield from _flooded(network, effort.pick(tiny=1.0, quick=6.0, long=10.0))
        yield _answers(network, effort.pick(tiny=40, quick=200, long=2000))


def _flooded(network: Network, seconds: float) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="chat-beacons-") as folder, ExitStack() as stack:
        path = Path(folder, "found")
        pid, terminal = stack.enter_context(
            on_a_terminal(__name__, under=network.under, env={VARIABLE: str(path)})
        )
        threading.Thread(target=_drain, args=(terminal,), daemon=True).start()
        with network.here():
            sources = [stack.enter_context(_udp(f"127.1.{number}.1")) for number in range(SOURCES)]
        listening = time.monotonic() + 30
        while _found(pid, path)["shown"] == 0:
            sources[0].sendto(_forged(0), ("127.0.0.1", PORT))
            if time.monotonic() > listening:
                raise TimeoutError("the client hears no beacon")
        clock = (~pid << 3) | 2
        before, start = time.clock_gettime(clock), time.monotonic()
        sent = _flood(sources, start + seconds)
        lasted = time.monotonic() - start
        share = (time.clock_gettime(clock) - before) / lasted
        found = _found(pid, path)
    yield Figure(
        f"servers remembered after {sent:,} forged beacons, {sent / lasted:,.0f} a second",
        f"{found['remembered']} ({found['shown']} shown)",
        f"at most {SERVERS}, 1 at least",
        1 <= found["remembered"] <= SERVERS and found["shown"] <= SERVERS,
    )
    yield Figure(
        "CPU of the client meanwhile",
        f"{share:.0%}",
        f"at most {SHARE:.0%}",
        share <= SHARE,
        timed=True,
    )


def _flood(sources: list[socket.socket], end: float) -> int:
    """Send beacons from all sources by turns, at `RATE`; their number."""
    forged = [_forged(number) for number in range(5000)]
    start, sent = time.monotonic(), 0
    while (now := time.monotonic()) < end:
        for _ in range(min(500, int((now - start) * RATE) - sent)):
            with suppress(OSError):  # nobody has to listen
                sources[sent % SOURCES].sendto(forged[sent % len(forged)], ("127.0.0.1", PORT))
            sent += 1
        time.sleep(0.001)
    return sent


def _forged(number: int) -> bytes:
    """A beacon like no other; every tenth one is an older server's, or nothing at all."""
    if number % 10 == 9:
        return (LEGACY, b"{", bytes(LARGEST), b"x" * 2000)[number // 10 % 4]
    return encode_beacon(Beacon(f"{number:x}", f"server {number}", 1 + number % 65535, number))


def _answers(network: Network, number: int) -> Figure:
    """Questions of all sizes, each from another address; what is not a good one, too."""
    dice = random.Random(14)
    with TemporaryDirectory(prefix="chat-asked-") as state, ExitStack() as stack:
        where = ["--port", "0", "--interface", "127.0.0.1", "--state", state]
        announced = ["--announce-to", "127.255.255.255", "--name", "x" * 64]
        python = [*network.under, sys.executable, "-c", servers.TWISTD, "--nodaemon", "--pidfile="]
        server = servers.Server([*python, "chat", *where, *announced])
        stack.callback(server.kill)
        larger = answered = 0
        for index in range(number):
            with network.here(), _udp(f"127.2.{index % 250}.{1 + index // 250}") as asking:
                question = encode_query(dice.randrange(30, LARGEST + 1))
                if index % 4 == 0:
                    at = dice.randrange(len(question))
                    question = question[:at] + dice.randbytes(1) + question[at + 1 :]
                asking.sendto(question, ("127.0.0.1", PORT))
                asking.settimeout(0.02)
                size = 0
                with suppress(TimeoutError):
                    while True:
                        answer = asking.recv(2048)
                        size += len(answer)
                answered += size > 0
                larger += size > len(question)
    return Figure(
        f"answers larger than their question, to {number:,} questions",
        f"{larger} of {answered:,}",
        "0",
        not larger and answered > number // 10,
    )


def _udp(address: str) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((address, 0))
    return opened


def _drain(terminal: int) -> None:
    with suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass


def _found(pid: int, path: Path) -> dict[str, int]:
    """What the client remembers and shows; nothing while it has not begun to listen."""
    path.unlink(missing_ok=True)
    end = time.monotonic() + 2
    while not path.exists():
        if Path(f"/proc/{pid}/comm").exists() and path.with_suffix(".ready").exists():
            os.kill(pid, signal.SIGUSR2)
        if time.monotonic() > end:
            return {"remembered": 0, "shown": 0}
        time.sleep(0.05)
    found: dict[str, int] = json.loads(path.read_text())
    return found


def main() -> int:
    """Be the client, and tell what it has found when asked by a signal."""
    from urwidclient import __main__ as client

    path = Path(os.environ[VARIABLE])
    made: list[Discovery] = []

    class Told(Discovery):
        def start(self) -> None:
            super().start()
            made.append(self)
            path.with_suffix(".ready").touch()

    def tell(*_: object) -> None:
        heard = made[0]._table._heard  # noqa: SLF001
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"remembered": len(heard), "shown": len(made[0].servers)}))
        new.rename(path)

    signal.signal(signal.SIGUSR2, tell)
    vars(client)["Discovery"] = Told
    return client.main([])


if __name__ == "__main__":
    sys.exit(main())
