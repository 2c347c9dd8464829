"""Discovery over real UDP, kept to this machine by the loopback broadcast."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from chatservice.domain.limits import Limits
from chatservice.net.discovery import DiscoveryService
from chatservice.net.interfaces import LOOPBACK_BROADCAST
from chatservice.wire.beacon import Beacon
from tests.e2e.server import SECONDS
from urwidclient.discovery import Discovery, FoundServer


def free_port() -> int:
    """A UDP port that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds; fails after `SECONDS`."""
    from twisted.internet import reactor

    end = reactor.seconds() + SECONDS
    while not condition():
        assert reactor.seconds() < end, "it did not come to pass in time"
        await deferLater(reactor, 0.02)


def targets() -> tuple[str, ...]:
    """This machine only."""
    return (LOOPBACK_BROADCAST,)


@pytest_twisted.ensureDeferred
async def test_servers_and_clients_on_one_machine_find_each_other() -> None:
    """Two servers and two clients share one UDP port; answers and beacons both do."""
    from twisted.internet import reactor

    port = free_port()
    beacons = [Beacon("1", "attic", 8080, 1), Beacon("2", "Küche", 8090, 0)]
    services = [
        DiscoveryService(reactor, partial(replace, it), targets, limits=Limits(), port=port)
        for it in beacons
    ]
    asking = Discovery(reactor, query_targets=targets, port=port)
    hearing = Discovery(reactor, query_targets=tuple, port=port)
    expected = tuple(
        FoundServer(it.name, "127.0.0.1", it.port, it.people, it.server_id) for it in beacons
    )
    try:
        services[0].startService()
        services[1].startService()
        asking.start()
        await until(lambda: asking.servers == expected)  # by answers: the beacons were before it
        hearing.start()
        await until(lambda: hearing.servers == expected)  # by the next beacons
    finally:
        closing: list[Deferred[None] | None] = [service.stopService() for service in services]
        for closed in (*closing, asking.stop(), hearing.stop()):
            assert closed is not None
            await closed


LIE = b'{"chatservice":1,"type":"beacon","id":"%d","name":"lie","port":%s}'


class Liar(DatagramProtocol):
    """Says what no server says."""

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """A question."""
        del datagram
        lies = [LIE % (number, port) for number, port in enumerate((b"1e999", b"[]", b'"x"'))]
        assert self.transport is not None
        for lie in (*lies, (LIE % (9, b"1")).ljust(513), b"[]", b"\xff"):
            self.transport.write(lie, addr)


@pytest_twisted.ensureDeferred
async def test_documented_finder() -> None:
    """The program in `docs/discovery.md` finds a server, whatever others say."""
    from twisted.internet import reactor

    port = free_port()
    page = (Path(__file__).parents[2] / "docs" / "discovery.md").read_text(encoding="utf-8")
    [program] = re.findall("```python\n(.*?)```", page, re.DOTALL)
    program = program.replace("8081", str(port)).replace(', "255.255.255.255"', "")
    assert "255.255.255.255" not in program.replace(LOOPBACK_BROADCAST, "")
    service = DiscoveryService(
        reactor, lambda: Beacon("1", "Küche", 8090, 0), targets, limits=Limits(), port=port
    )
    service.startService()
    liar = reactor.listenMulticast(port, Liar(), listenMultiple=True)  # type: ignore[attr-defined]
    try:
        out = await deferToThread(
            subprocess.run,
            [sys.executable, "-c", program],
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    finally:
        closed = service.stopService()
        assert closed is not None
        await closed
        await liar.stopListening()
    assert out.stdout == b"127.0.0.1:8090 'K\\xfcche'\n"
