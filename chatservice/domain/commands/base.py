"""What every command is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`id` is chosen by the client; the replies to this command carry it as `re`."""

    id: str | None = None
