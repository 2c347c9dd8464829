"""Records to keep, for tests of stores."""

from __future__ import annotations

from chatservice.domain.commands import MessageKind
from chatservice.domain.events import Message
from chatservice.domain.records import Kept, Retried, Said

NOW = 1_700_000_000_000
RETRY_SECONDS = 7 * 24 * 3600


def said(
    seq: int,
    text: str = "hi",
    *,
    room_id: int = 1,
    at: int = NOW,
    client: bytes | None = None,
    re: str | None = None,
    kind: MessageKind = "text",
) -> Said:
    """Make a record of a message in the room `room<room_id>`."""
    return Said(
        room_id=room_id,
        client=client,
        message=Message(
            room=f"room{room_id}",
            seq=seq,
            id=f"{room_id}-{seq}",
            nick="Ann",
            user="123456",
            at=at,
            text=text,
            kind=kind,
            re=re,
        ),
    )


def retried(seq: int, *, room_id: int = 1, at: int = NOW) -> Retried:
    """Make the answer to a retry of what `said` makes."""
    return Retried(room=f"room{room_id}", seq=seq, id=f"{room_id}-{seq}", at=at)


KEPT = Kept()
