"""How long a client waits for what."""

from __future__ import annotations

CONNECT_SECONDS = 10.0
"""For a connection, and again for the answer to hello."""

GREETING_SECONDS = 0.1
"""In which a server that is met for the first time may show by its greeting that it is an older
one, which would pass a hello on to everybody as chat. A newer one takes 0.3 s of silence ill."""

FIRST_ANSWER_SECONDS = 3.0
"""Of silence after the first hello to a server, then `pipe` is tried."""

LATE_HELLOS = 5
"""To a newer server in a row, each after its greeting, then `pipe` has to do."""

SILENCE_PING_SECONDS = 30.0
"""Without anything received, then the server is asked for a sign of life."""

SILENCE_DROP_SECONDS = 60.0
"""Without anything received, then the connection is taken for dead."""

BACKOFF_SECONDS = (0.5, 30.0)
"""The wait before the first new attempt, which doubles with each, and the longest one."""

STABLE_SECONDS = 3.0
"""Online for so long, and the wait begins anew: a server may be restarted twice within a minute."""


def backoff(failures: int, jitter: float) -> float:
    """Seconds until the next attempt, less up to a half as `jitter` goes from 1 to 0."""
    shortest, longest = BACKOFF_SECONDS
    wait: float = min(longest, shortest * 2 ** min(failures, 16))
    return wait * (1 + jitter) / 2
