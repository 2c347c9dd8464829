"""Times as people read them, and spans as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

_SPAN = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LATEST = 253_402_128_000_000
"""The last day but one of the year 9999: in every zone a time that can be shown."""


def moment(at: int, zone: tzinfo | None = UTC) -> datetime:
    """A time, UTC in ms, in a zone (None: this machine's); nearest to it from 1970 to 9999."""
    return datetime.fromtimestamp(max(0, min(at, _LATEST)) / 1000, zone)


@lru_cache(maxsize=64)
def minute(at: int) -> str:
    """A time, UTC in ms, as people read it; when the server started is told to whoever comes."""
    return f"{moment(at):%Y-%m-%d %H:%M} UTC"


def ending(at: int) -> str:
    """The first minute by which what ends at a time is over, as people read it."""
    return minute(at + 59_999)


def until(at: int | None, after: str = "") -> str:
    """Up to when something is, for the middle of a sentence, after this; nothing for ever."""
    return "" if at is None else f"{after} until {ending(at)}"


def seconds_of(span: str) -> int | None:
    """How long `90s`, `30m`, `2h`, `7d` or `1w` is; None for anything else."""
    found = _SPAN.fullmatch(span)
    return int(found[1]) * _SECONDS[found[2]] if found else None
