"""The rules that every store keeps: what a retry is, and how much is read or forgotten at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from unicodedata import normalize

from chatservice.domain.events import Message
from chatservice.domain.records import Found, Kept, Page, Record, Retried, Said, Search, Window

# SQLite's largest integer; a bound beyond it asks for the same messages.
LAST_SEQ = 2**63 - 1

# What one call looks at or deletes: some tens of milliseconds in which nothing is appended.
EXAMINED = 20_000
FORGOTTEN = 1_000

_KEPT = Kept()


def separate_retries(
    records: Sequence[Record], since: int, first_of: Callable[[bytes, str], Retried | None]
) -> tuple[list[Kept | Retried], list[Record]]:
    """Give the result of each record, and the records to insert.

    `first_of(client, id)` finds what the store already holds of them; what is not younger than
    `since` (ms) does not count.
    """
    results: list[Kept | Retried] = []
    new: list[Record] = []
    batch: dict[tuple[bytes, str], Said] = {}
    for record in records:
        if isinstance(record, Said) and record.client and record.message.re:
            key = (record.client, record.message.re)
            earlier = batch.get(key)
            retried = _retried(earlier) if earlier else first_of(*key)
            if retried and retried.at > since:
                results.append(retried)
                continue
            batch[key] = record
        results.append(_KEPT)
        new.append(record)
    return results, new


def fill_page(
    window: Window,
    older: Callable[[int, int], Sequence[Message]],
    newer: Callable[[int, int], Sequence[Message]],
) -> Page:
    """Fill a page from a store's two ways of reading a room.

    `older(seq, n)` gives up to n messages before seq, latest first; `newer(seq, n)` gives up to
    n messages from seq on, oldest first.
    """
    if window.before_at is not None:
        window = replace(window, before=_since(window.before_at, older, newer))
    elif window.after_at is not None:
        window = replace(window, after=_since(window.after_at + 1, older, newer) - 1)
    limit, characters = window.limit, window.characters
    if window.around is not None:
        seq, half = clamped(window.around), limit // 2
        after, more_after = _take(newer(seq, limit - half + 1), limit - half, characters // 2)
        half = half or 1 - len(after)
        before, more_before = _take(
            older(seq, half + 1),
            half,
            characters - sum(len(message.text) for message in after),
            least=0 if after else 1,
        )
        return Page(messages=(*reversed(before), *after), more=more_before or more_after)
    if window.after is not None:
        after, more = _take(newer(clamped(window.after) + 1, limit + 1), limit, characters)
        return Page(messages=tuple(after), more=more)
    seq = LAST_SEQ if window.before is None else clamped(window.before)
    before, more = _take(older(seq, limit + 1), limit, characters)
    return Page(messages=tuple(reversed(before)), more=more)


def fill_found(
    search: Search, messages: Sequence[tuple[int, Message]], examined: int | None
) -> Found:
    """Take messages within both bounds, each given with the `before` that comes after it.

    `examined` is the `before` of what was not looked at, if anything.
    """
    taken, more = _take([message for _, message in messages], search.limit, search.characters)
    return Found(messages=tuple(taken), next=messages[len(taken) - 1][0] if more else examined)


def folded(nick: str) -> str:
    """The nick as it is compared."""
    return normalize("NFKC", nick).casefold()


def clamped(number: int) -> int:
    """The number, or the nearest that SQLite has room for."""
    return max(0, min(number, LAST_SEQ - 1))


def _retried(record: Said) -> Retried:
    message = record.message
    return Retried(room=message.room, seq=message.seq, id=message.id, at=message.at)


def _since(
    at: int,
    older: Callable[[int, int], Sequence[Message]],
    newer: Callable[[int, int], Sequence[Message]],
) -> int:
    """The seq of the first message of this time or a later one; in a room, time never goes back."""
    last = older(LAST_SEQ, 1)
    low, high = 0, last[0].seq + 1 if last else 0
    while low < high:
        middle = (low + high) // 2
        [found] = newer(middle, 1)
        if found.at < at:
            low = found.seq + 1
        else:
            high = middle
    return low


def _take(
    messages: Sequence[Message], limit: int, characters: int, least: int = 1
) -> tuple[list[Message], bool]:
    """Take messages within both bounds, `least` of any length; say whether some are left."""
    taken: list[Message] = []
    for message in messages:
        characters -= len(message.text)
        if len(taken) == limit or (characters < 0 and len(taken) >= least):
            return taken, True
        taken.append(message)
    return taken, False
