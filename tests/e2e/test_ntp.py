"""A server that asks an NTP server on this machine, whose clock is an hour ahead."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.server import serving, until

HOUR = 3600
EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins to count, to 1970."""


@contextmanager
def responder(ahead: float) -> Iterator[int]:
    """The UDP port of an NTP server whose clock is `ahead` by seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(20)

        def answer() -> None:
            try:
                query, peer = listening.recvfrom(256)
            except OSError:
                return
            now = time.time() + EPOCH + ahead
            stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
            head = struct.pack("!BBBbIII", 0b00_100_100, 1, 0, -20, 0, 0, 0)
            listening.sendto(head + stamp + query[40:48] + stamp + stamp, peer)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_times_are_corrected(tmp_path: Path) -> None:
    """`/time` tells how far off the clock is, the log warns, and messages have the right time."""
    with (
        responder(ahead=HOUR) as port,
        serving(tmp_path, "--ntp", f"127.0.0.1:{port}") as server,
        server.enter("alice") as alice,
    ):

        def offset() -> int:
            alice.say(type="time")
            return int(alice.event("time").get("offset", 0))

        assert abs(until(offset) - 1000 * HOUR) < 1000
        alice.say(type="say", text="hi", room="lobby")
        ahead = alice.event("ack")["at"] / 1000 - time.time()
        assert abs(ahead - HOUR) < 5
        assert "clock is off by" in server.log.read_text()
