"""The store that keeps nothing on disk: for `--ephemeral` and for tests."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import count, islice
from pathlib import Path
from typing import Any

from chatservice.domain.events import Message, Reaction
from chatservice.domain.reactions import reacted
from chatservice.domain.records import (
    AccountKept,
    BanKept,
    Deleted,
    Edited,
    FactKept,
    Found,
    Kept,
    KeptRoom,
    Lasting,
    MarkKept,
    MemberKept,
    Page,
    ReactionKept,
    Record,
    RenamedRoom,
    Retried,
    RoomKept,
    Said,
    Search,
    SeenKept,
    StayKept,
    Window,
)
from chatservice.storage.interface import Opened, StoreError
from chatservice.storage.rules import (
    EXAMINED,
    FORGOTTEN,
    LAST_SEQ,
    Authored,
    fill_found,
    fill_page,
    folded,
    separate_retries,
)
from chatservice.storage.words import holds, phrases

_Numbered = tuple[int, Message]


@dataclass(slots=True)
class _Room:
    """Messages are numbered in the order in which all rooms got theirs."""

    name: str | None = None
    messages: list[_Numbered] = field(default_factory=list)
    settings: RoomKept | None = None
    members: dict[str, MemberKept] = field(default_factory=dict)
    bans: dict[tuple[str, str], BanKept] = field(default_factory=dict)
    authors: dict[int, str] = field(default_factory=dict)

    @property
    def last(self) -> Message | None:
        """The newest message."""
        return self.messages[-1][1] if self.messages else None

    def authored(self, numbered: _Numbered) -> Authored:
        """A message with who said it."""
        _, message = numbered
        return message, self.authors.get(message.seq)

    def place(self, seq: int) -> int:
        """Where the first message with this seq or a later one is."""
        return bisect_left(self.messages, seq, key=_seq)


class MemoryStore:
    """Keeps the last `keep` messages of each room and the last `keep_ids` client-chosen ids.

    `wall` is the time, UTC in milliseconds. What was kept lives as long as the object. A search
    looks at up to `examined` messages.
    """

    in_memory = True

    def __init__(
        self,
        new_id: Callable[[], str],
        wall: Callable[[], int],
        retry_seconds: int,
        *,
        keep: int = 10_000,
        keep_ids: int = 100_000,
        examined: int = EXAMINED,
    ) -> None:
        self._server_id = new_id()
        self._secret = new_id().encode()
        self._wall = wall
        self._retry_ms = retry_seconds * 1000
        self._keep = keep
        self._keep_ids = keep_ids
        self._examined = examined
        self._numbers = count(1)
        self._rooms: dict[int, _Room] = {}
        self._accounts: dict[str, AccountKept] = {}
        self._marks: dict[tuple[str, str], MarkKept] = {}
        self._stays: dict[tuple[int, str], StayKept] = {}
        self._facts: dict[tuple[str, str], FactKept] = {}
        self._ids: dict[tuple[bytes, str], Retried] = {}

    def open(self) -> Opened:
        """Tell what was kept since the object was made."""
        rooms = (
            KeptRoom(
                id=room_id,
                name=room.name,
                seq=room.last.seq if room.last else 0,
                at=room.last.at if room.last else 0,
                settings=room.settings,
                members=tuple(room.members.values()),
                bans=tuple(room.bans.values()),
            )
            for room_id, room in self._rooms.items()
            if room.name is not None
        )
        return Opened(
            server_id=self._server_id,
            rooms=tuple(rooms),
            accounts=tuple(self._accounts.values()),
            marks=tuple(self._marks.values()),
            stays=tuple(self._stays.values()),
            facts=tuple(self._facts.values()),
            secret=self._secret,
        )

    def append(self, records: Sequence[Record]) -> list[Kept | Retried]:
        """Keep all records, in order, or none."""
        results, new = separate_retries(records, self._wall() - self._retry_ms, self._first)
        self._check_order(new)
        for record in new:
            self._insert(record)
        return results

    def page(self, window: Window) -> Page:
        """Read messages of a room; without a bound the latest ones."""
        room = self._rooms.get(window.room_id, _Room())

        def older(seq: int, count: int) -> list[Authored]:
            end = room.place(seq)
            return [room.authored(each) for each in room.messages[max(0, end - count) : end][::-1]]

        def newer(seq: int, count: int) -> list[Authored]:
            start = room.place(seq)
            return [room.authored(each) for each in room.messages[start : start + count]]

        return fill_page(window, older, newer)

    def search(self, search: Search) -> Found:
        """Find messages, newest first."""
        wanted = phrases(search.words)
        if search.words.strip() and not wanted:
            return Found(messages=())
        nick = None if search.nick is None else folded(search.nick)
        since = 0 if search.since_at is None else search.since_at
        until = LAST_SEQ if search.until_at is None else search.until_at
        newest_first = self._newest_first(search.room_ids, search.before)
        examined = list(islice(newest_first, self._examined))
        found = (
            (number, message)
            for number, message in examined
            if since <= message.at < until
            and not message.deleted
            and (nick is None or folded(message.nick) == nick)
            and holds(message.text, wanted)
        )
        rest = next(newest_first, None)
        return fill_found(search, list(islice(found, search.limit + 1)), rest and rest[0] + 1)

    def index(self) -> bool:
        """Do nothing: a search reads what there is."""
        return False

    def forget(self, room_id: int, *, keep_messages: int | None, before_at: int | None) -> int:
        """Forget some old messages of a room, and give their number."""
        messages = self._rooms.get(room_id, _Room()).messages
        keep = len(messages) if keep_messages is None else max(1, keep_messages)
        old = max(0, len(messages) - keep)
        if before_at is not None:
            old = max(old, bisect_left(messages[:-1], before_at, key=_at))
        old = min(old, FORGOTTEN)
        self._drop(self._rooms.get(room_id, _Room()), old)
        return old

    def backup(self, path: Path, between: Callable[[], None]) -> None:
        """Refuse: nobody could restore it."""
        del path, between
        raise StoreError("This server keeps everything in memory only, so there is no backup")

    def check(self) -> None:
        """Do nothing: there is no disk."""

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _first(self, client: bytes, client_id: str) -> Retried | None:
        first = self._ids.get((client, client_id))
        if first is None:
            return None
        room = self._rooms[int(first.id.partition("-")[0])]
        return replace(first, room=room.name or first.room)

    def _newest_first(self, room_ids: Iterable[int], before: int | None) -> Iterator[_Numbered]:
        rooms = (self._rooms[room_id] for room_id in set(room_ids) & self._rooms.keys())
        merged = merge(*(reversed(room.messages) for room in rooms), reverse=True)
        return (each for each in merged if before is None or each[0] < before)

    def _check_order(self, records: Iterable[Lasting]) -> None:
        last: dict[int, int] = {}
        for record in records:
            if not isinstance(record, Said):
                continue
            room_id, seq = record.room_id, record.message.seq
            kept = self._rooms.get(room_id, _Room()).last
            if seq <= last.get(room_id, kept.seq if kept else 0):
                raise StoreError(f"Message {record.message.id} was kept before; nothing is changed")
            last[room_id] = seq

    def _insert(self, record: Lasting) -> None:
        if isinstance(record, AccountKept):
            self._accounts[record.key] = record
            return
        if isinstance(record, FactKept):
            self._facts[record.owner, record.key] = record
            if record.value is None:
                del self._facts[record.owner, record.key]
            return
        if isinstance(record, StayKept):
            self._stays.pop((record.room_id, record.account), None)
            if record.stays:
                self._stays[record.room_id, record.account] = record
            return
        if isinstance(record, MarkKept):
            self._marks[record.account, record.place] = record
            return
        if isinstance(record, SeenKept):
            account = self._accounts.get(record.key)
            if account is not None:
                self._accounts[record.key] = replace(account, seen_at=record.at)
            return
        room = self._rooms.setdefault(record.room_id, _Room())
        match record:
            case Said():
                self._say(room, record)
            case Edited(seq=seq, text=text, at=at):
                self._change(room, seq, text=text, edited_at=at)
            case Deleted(seq=seq):
                self._change(room, seq, text="", deleted=True, reactions=())
            case ReactionKept():
                self._react(room, record)
            case RoomKept():
                room.name = room.name or record.name
                room.settings = replace(record, name=room.name)
            case MemberKept(role=None):
                room.members.pop(record.identity, None)
            case MemberKept():
                room.members[record.identity] = record
            case RenamedRoom(name=name):
                self._rename(room, name)
            case BanKept(lifted=True):
                room.bans.pop((record.kind, record.mask), None)
            case BanKept():
                room.bans[record.kind, record.mask] = record

    def _say(self, room: _Room, record: Said) -> None:
        message = record.message
        room.name = room.name or message.room
        # One that was said just before the room was renamed, too.
        named = replace(message, re=None, room=room.name)
        room.messages.append((next(self._numbers), named))
        if record.author is not None:
            room.authors[message.seq] = record.author
        self._drop(room, max(0, len(room.messages) - self._keep))
        if record.client and message.re:
            key = (record.client, message.re)
            # Taken out first, so that the table stays in the order of insertion.
            self._ids.pop(key, None)
            self._ids[key] = Retried(
                room=message.room, seq=message.seq, id=message.id, at=message.at
            )
            if len(self._ids) > self._keep_ids:
                del self._ids[next(iter(self._ids))]

    def _rename(self, room: _Room, name: str) -> None:
        for key in [each for each in self._marks if each[1] == f"#{room.name}"]:
            mark = replace(self._marks.pop(key), place=f"#{name}")
            self._marks[mark.account, mark.place] = mark
        room.name = name
        if room.settings is not None:
            room.settings = replace(room.settings, name=name)
        room.messages = [(number, replace(each, room=name)) for number, each in room.messages]

    def _drop(self, room: _Room, count: int) -> None:
        """Forget the oldest messages of a room."""
        for _, message in room.messages[:count]:
            room.authors.pop(message.seq, None)
        del room.messages[:count]

    def _react(self, room: _Room, record: ReactionKept) -> None:
        for _, message in room.messages[room.place(record.seq) :][:1]:
            reaction = Reaction(
                reaction=record.reaction,
                nick=record.nick,
                user=record.user,
                account=record.account,
            )
            changed = reacted(message, reaction, active=record.active)
            self._change(room, record.seq, reactions=changed.reactions)

    def _change(self, room: _Room, seq: int, **changes: Any) -> None:
        place = room.place(seq)
        if place < len(room.messages):
            number, message = room.messages[place]
            if message.seq == seq and not message.deleted:
                room.messages[place] = number, replace(message, **changes)


def _seq(numbered: _Numbered) -> int:
    return numbered[1].seq


def _at(numbered: _Numbered) -> int:
    return numbered[1].at
