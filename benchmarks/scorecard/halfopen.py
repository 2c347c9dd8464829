"""Row 7: the cable is pulled out. Who is gone for good is let go; for the others all is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryDirectory

from benchmarks import impatient, servers
from benchmarks.scorecard.frame import Effort, Figure
from benchmarks.scorecard.load import Client, Faults, Load, faults, texts
from benchmarks.scorecard.network import HERE, Network
from benchmarks.scorecard.talk import Talker
from chatservice.net import transport

RATE = 10
"""Messages a second, of all together."""

HEALED = 150.0
"""Seconds after which TCP has surely tried again."""

LATE = 0.9
"""The share of the time until silence is found out, after which something is said to one peer."""

GREETINGS = {
    "pipe": "CMD_USER|{nick}\n",
    "irc": "NICK {nick}\r\nUSER {nick} 0 * :x\r\nJOIN #lobby\r\n",
    "json": '{{"type":"hello","nick":"{nick}"}}\n{{"type":"join","room":"lobby"}}\n',
}
"""What a peer of each wire says before it is heard of no more."""


def row(effort: Effort) -> Iterator[Figure]:
    """Half-open peers in a silent server and in one where people talk; then a partition."""
    with Network() as network:
        # Four seconds of silence instead of thirty, in the shorter forms.
        probes = effort.pick(tiny=(2, 1, 2), quick=(4, 1, 4), long=None)
        most = effort.pick(tiny=20.0, quick=18.0, long=120.0)
        yield from _gone(network, probes, most)
        yield _healed(network, effort.pick(tiny=1.0, quick=5.0, long=30.0))


def _server(network: Network, state: str, probes: tuple[int, int, int] | None) -> servers.Server:
    under, where = network.under, ("--interface", HERE)
    if probes is None:
        return servers.chat(state, *where, under=under)
    numbers = ",".join(map(str, probes))
    under = [*under, "env", f"{impatient.VARIABLE}={numbers}"]
    return servers.chat(state, *where, under=under, module="benchmarks.impatient")


def _gone(network: Network, probes: tuple[int, int, int] | None, most: float) -> Iterator[Figure]:
    idle, interval, count = probes or transport.KEEPALIVE_SECONDS
    speaks_at: float | None = LATE * (idle + interval * count)
    with TemporaryDirectory(prefix="chat-gone-") as state, ExitStack() as stack:
        server = _server(network, state, probes)
        stack.callback(server.kill)
        with network.here():
            watcher = stack.enter_context(Talker(server.port, "watcher", HERE))
            stack.enter_context(Talker(server.port, "hearer", HERE, room="attic"))
            talker = stack.enter_context(Talker(server.port, "talker", HERE, room="attic"))
            visitor = stack.enter_context(Talker(server.port, "visitor", HERE, room="cellar"))
        with network.there():
            for wire, greeting in GREETINGS.items():
                peer = stack.enter_context(Talker(server.port, host=HERE))
                peer.send(greeting.format(nick=f"silent-{wire}").encode())
            stack.enter_context(Talker(server.port, "addressed", HERE, room="attic"))
            stack.enter_context(Talker(server.port, "late", HERE, room="cellar"))
        waiting = {f"silent-{wire}" for wire in GREETINGS}
        while waiting:
            waiting.discard(watcher.until("joined")["person"]["nick"])
        network.cut()
        start = time.monotonic()
        waiting = {*(f"silent-{wire}" for wire in GREETINGS), "addressed", "late"}
        took: dict[str, float] = {}
        while waiting - {*took} and time.monotonic() < start + 2 * most:
            talker.tell(type="say", room="attic", text="is anybody there?")
            if speaks_at is not None and time.monotonic() > start + speaks_at:
                visitor.tell(type="say", room="cellar", text="where are you?")
                speaks_at = None
            for who, nick in ((watcher, None), (talker, "addressed"), (visitor, "late")):
                for event in who.events(time.monotonic() + 0.25):
                    if event["type"] in ("left", "gone") and nick in (None, event["nick"]):
                        took.setdefault(event["nick"], time.monotonic() - start)
        with network.here():
            free = 0
            for nick in waiting:
                newcomer = stack.enter_context(Talker(server.port, host=HERE))
                free += newcomer.ask("hello", type="hello", nick=nick).get("nick") == nick
        network.mend()
    name = "half-open peers" if probes is None else f"half-open peers, probed after {probes[0]} s"
    last = max(took.values(), default=0.0)
    yield Figure(
        f"{name}: gone",
        f"{len(took)} of {len(waiting)}, the last after {last:.0f} s",
        f"all within {most:g} s",
        len(took) == len(waiting) and last <= most,
    )
    yield Figure(f"{name}: nicks free", f"{free}", f"{len(waiting)}", free == len(waiting))


def _healed(network: Network, seconds: float) -> Figure:
    """Both sides talk on while the cable is out; then half of the far ones come back anew."""
    with TemporaryDirectory(prefix="chat-healed-") as state:
        server = _server(network, state, None)
        try:
            load = Load(server.port, HERE)
            near = [Client(f"near{index}") for index in range(4)]
            far = [Client(f"far{index}") for index in range(4)]
            with network.here():
                load.enter(near)
            with network.there():
                load.enter(far)
            said = texts([*near, *far], 10**6)
            load.speak((next(said) for _ in range(2 * RATE)), 1 / RATE)
            network.cut()
            load.speak((next(said) for _ in range(int(seconds * RATE))), 1 / RATE)
            network.mend()
            with network.there():
                for client in far[::2]:
                    load.drop(client)
                    load.connect(client)
            load.speak((next(said) for _ in range(2 * RATE)), 1 / RATE)
            everybody = [*near, *far]
            load.until(lambda: not any(it.waiting for it in everybody), "heal", HEALED)
            last = max(client.seen for client in everybody)
            load.until(lambda: all(it.seen == last for it in everybody), "be up to date", HEALED)
            kept = sorted(seq for client in everybody for seq in client.acked.values())
            found = sum((faults(client, kept) for client in everybody), Faults())
            load.close()
        finally:
            server.kill()
    wrong = found.lost + found.twice + found.disordered
    return Figure(
        f"a partition of {seconds:g} s that heals: lost, twice, out of order",
        f"{found.lost}, {found.twice}, {found.disordered} ({len(kept)} acknowledged)",
        "0, 0, 0",
        not wrong and len(kept) == len(load.said_at),
    )
