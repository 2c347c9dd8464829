"""The store that keeps nothing on disk: for `--ephemeral` and for tests."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Callable, Sequence

from chatservice.domain.events import Message
from chatservice.domain.records import Kept, KeptRoom, Page, Retried, Said, Window
from chatservice.storage.interface import Opened, StoreError
from chatservice.storage.rules import fill_page, separate_retries


class MemoryStore:
    """Keeps the last `keep` messages of each room and the last `keep_ids` client-chosen ids.

    `wall` is the time, UTC in milliseconds. What was kept lives as long as the object.
    """

    def __init__(
        self,
        new_id: Callable[[], str],
        wall: Callable[[], int],
        retry_seconds: int,
        *,
        keep: int = 10_000,
        keep_ids: int = 100_000,
    ) -> None:
        self._server_id = new_id()
        self._wall = wall
        self._retry_ms = retry_seconds * 1000
        self._keep = keep
        self._keep_ids = keep_ids
        self._rooms: dict[int, list[Message]] = {}
        self._ids: dict[tuple[bytes, str], Retried] = {}

    def open(self) -> Opened:
        """Tell what was kept since the object was made."""
        rooms = (
            KeptRoom(id=room_id, name=messages[-1].room, seq=messages[-1].seq, at=messages[-1].at)
            for room_id, messages in self._rooms.items()
        )
        return Opened(server_id=self._server_id, rooms=tuple(rooms))

    def append(self, records: Sequence[Said]) -> list[Kept | Retried]:
        """Keep all records, or none."""
        results, new = separate_retries(records, self._wall() - self._retry_ms, self._first)
        self._check_order(new)
        for record in new:
            self._insert(record)
        return results

    def page(self, window: Window) -> Page:
        """Read messages of a room; without a bound the latest ones."""
        messages = self._rooms.get(window.room_id, [])

        def older(seq: int, count: int) -> list[Message]:
            end = bisect_left(messages, seq, key=_seq)
            return messages[max(0, end - count) : end][::-1]

        def newer(seq: int, count: int) -> list[Message]:
            start = bisect_left(messages, seq, key=_seq)
            return messages[start : start + count]

        return fill_page(window, older, newer)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _first(self, client: bytes, client_id: str) -> Retried | None:
        return self._ids.get((client, client_id))

    def _check_order(self, records: list[Said]) -> None:
        last: dict[int, int] = {}
        for record in records:
            room_id, seq = record.room_id, record.message.seq
            if room_id not in last and room_id in self._rooms:
                last[room_id] = self._rooms[room_id][-1].seq
            if seq <= last.get(room_id, 0):
                raise StoreError(f"Message {record.message.id} was kept before; nothing is changed")
            last[room_id] = seq

    def _insert(self, record: Said) -> None:
        message = record.message
        room = self._rooms.setdefault(record.room_id, [])
        room.append(dataclasses.replace(message, re=None))
        del room[: -self._keep]
        if record.client and message.re:
            key = (record.client, message.re)
            # Taken out first, so that the table stays in the order of insertion.
            self._ids.pop(key, None)
            self._ids[key] = Retried(
                room=message.room, seq=message.seq, id=message.id, at=message.at
            )
            if len(self._ids) > self._keep_ids:
                del self._ids[next(iter(self._ids))]


def _seq(message: Message) -> int:
    return message.seq
