"""Row 16: guessed passwords, many logins at once, and what the time of an answer tells."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.scorecard.beats import Beats
from benchmarks.scorecard.frame import Effort, Figure
from benchmarks.scorecard.talk import Talker

TRIES, APART = 5, 60.0
"""The server's limits: wrong passwords looked at at once, seconds until one more is."""

TOLD_APART = 3.3
"""Standard deviations that two equal samples' ranks differ by in one of a thousand cases."""

QUICK_TO_MAKE = ("--limit", "scram_iterations=4096")
"""Logging in by a password takes as long; only to make an account does not."""

RIGHT = "correct horse battery"


def row(effort: Effort) -> Iterator[Figure]:
    """Each part with a server of its own."""
    yield from _guesses(effort.pick(tiny=300, quick=10_000, long=10_000))
    yield from _at_once(effort.pick(tiny=5, quick=100, long=100))
    yield _times(effort.pick(tiny=8, quick=40, long=1000))


def _register(port: int, *nicks: str) -> None:
    owners = [Talker(port, nick) for nick in nicks]
    for owner in owners:
        owner.tell(type="register", password=RIGHT, id="register")
    for owner in owners:
        owner.until("registered", "logged-in", re="register")
        owner.close()


def _guesses(number: int) -> Iterator[Figure]:
    """Several connections of one address guess one account's password; at last it is right."""
    with TemporaryDirectory(prefix="chat-guesses-") as state:
        server = servers.chat(state)
        try:
            _register(server.port, "victim")
            guessers = [Talker(server.port, f"guesser{index}") for index in range(4)]
            answers: Counter[str] = Counter()
            start, before = time.monotonic(), server.cpu_seconds
            for first in range(0, number, 100):
                guesser = guessers[first // 100 % len(guessers)]
                for index in range(first, first + 100):
                    guesser.tell(type="login", nick="victim", password=f"no {index}", id=f"{index}")
                for _ in range(100):
                    answers[guesser.until("error", "logged-in")["code"]] += 1
            looked_at = TRIES + math.ceil((time.monotonic() - start) / APART)
            cpu = server.cpu_seconds - before
            right = guessers[0].ask("right", type="login", nick="victim", password=RIGHT)["code"]
        finally:
            server.kill()
    hashed = answers["wrong-password"]
    others = {*answers} - {"wrong-password", "limit-reached"}
    yield Figure(
        "guesses of one address that were looked at",
        f"{hashed} of {answers.total():,}",
        f"at most {looked_at}",
        0 < hashed <= looked_at and not others and answers.total() == number,
    )
    yield Figure("then the right password", right, "limit-reached", right == "limit-reached")
    yield Figure("server CPU for all guesses", f"{cpu:.1f} s", "at most 5 s", cpu <= 5, timed=True)


def _at_once(number: int) -> Iterator[Figure]:
    """Owners of accounts log in, all at the same moment; somebody goes on talking meanwhile."""
    with TemporaryDirectory(prefix="chat-logins-") as state:
        server = servers.chat(state, "--limit", "address_accounts=1000", *QUICK_TO_MAKE)
        try:
            _register(server.port, *(f"owner{index}" for index in range(number)))
            owners = [Talker(server.port, f"guest{index}") for index in range(number)]
            beats = Beats()
            for index, owner in enumerate(owners):
                owner.tell(type="login", nick=f"owner{index}", password=RIGHT, id="login")
            told = Counter(
                owner.until("logged-in", "error", re="login")["type"] for owner in owners
            )
            yield from beats.figures(f"{number} logins at once")
        finally:
            server.kill()
    yield Figure(
        f"{number} logins at once: done",
        f"{told['logged-in']}",
        f"{number}",
        told["logged-in"] == number,
    )


def _times(number: int) -> Figure:
    """Known and unknown accounts by turns; what is compared are the ranks of the times."""
    with TemporaryDirectory(prefix="chat-times-") as state:
        server = servers.chat(state, "--limit", "password_tries=1000000")
        try:
            _register(server.port, "known")
            with Talker(server.port, "guesser") as guesser:
                ids = count()

                def took(nick: str) -> float:
                    start = time.perf_counter()
                    guesser.ask(f"{next(ids)}", type="login", nick=nick, password="wrong one")
                    return time.perf_counter() - start

                for _ in range(5):
                    took("known")
                pairs = [(took("known"), took("nobody")) for _ in range(number // 2)]
                pairs += [(took("nobody"), took("known"))[::-1] for _ in range(number // 2)]
        finally:
            server.kill()
    known, unknown = ([pair[side] for pair in pairs] for side in (0, 1))
    apart = deviation(known, unknown)
    middle = [1e3 * sorted(times)[len(times) // 2] for times in (known, unknown)]
    return Figure(
        "times of answers for known and unknown accounts, apart by rank",
        f"{apart:.1f} deviations (medians {middle[0]:.1f} and {middle[1]:.1f} ms)",
        f"at most {TOLD_APART:g}",
        apart <= TOLD_APART,
        timed=True,
    )


def deviation(ones: list[float], others: list[float]) -> float:
    """By how many standard deviations the ranks of two samples differ (Mann and Whitney's U)."""
    greater = sum((one > other) + (one == other) / 2 for one in ones for other in others)
    product = len(ones) * len(others)
    spread = math.sqrt(product * (len(ones) + len(others) + 1) / 12)
    return abs(greater - product / 2) / spread
