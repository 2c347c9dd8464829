"""The rules that every store keeps: what a retry is, and how much is read or forgotten at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from unicodedata import normalize

from chatservice.domain.events import Message
from chatservice.domain.records import (
    Doubted,
    Found,
    Kept,
    Lasting,
    Page,
    Record,
    Retried,
    Said,
    Search,
    Window,
)

# SQLite's largest integer; a bound beyond it asks for the same messages.
LAST_SEQ = 2**63 - 1

# What one call looks at or deletes: some tens of milliseconds in which nothing is appended.
EXAMINED = 20_000
FORGOTTEN = 1_000

_KEPT = Kept()

Authored = tuple[Message, str | None]
"""A message, and the identity of who said it."""

Reader = Callable[[int, int], Sequence[Authored]]
"""Reads so many messages of a room from a seq on, or back."""


def separate_retries(
    records: Sequence[Record], since: int, first_of: Callable[[bytes, str], Retried | None]
) -> tuple[list[Kept | Retried], list[Lasting]]:
    """Give the result of each record, and the records to insert.

    `first_of(client, id)` finds what the store already holds of them; what is not younger than
    `since` (ms) does not count.
    """
    results: list[Kept | Retried] = []
    new: list[Lasting] = []
    batch: dict[tuple[bytes, str], Said] = {}
    for record in records:
        if isinstance(record, Said) and record.client and record.message.re:
            key = (record.client, record.message.re)
        elif isinstance(record, Doubted):
            key = (record.client, record.re)
        else:
            results.append(_KEPT)
            new.append(record)
            continue
        earlier = batch.get(key)
        retried = _retried(earlier) if earlier else first_of(*key)
        if retried and retried.at > since:
            results.append(retried)
            continue
        results.append(_KEPT)
        if isinstance(record, Said):
            batch[key] = record
            new.append(record)
    return results, new


def fill_page(window: Window, older: Reader, newer: Reader) -> Page:
    """Fill a page from a store's two ways of reading a room.

    `older(seq, n)` gives up to n messages before seq, latest first; `newer(seq, n)` gives up to
    n messages from seq on, oldest first.
    """
    around = window.around
    if window.around_at is not None:
        around = _since(window.around_at, older, newer)
    if around is not None:
        return _page_around(window, clamped(around), older, newer)
    low, high = _between(window, older, newer)
    backwards = window.newest
    if low + 1 >= high:
        first, second = (window.after, window.after_at), (window.before, window.before_at)
        turned = replace(
            window, after=second[0], after_at=second[1], before=first[0], before_at=first[1]
        )
        if None not in (_given(first), _given(second)):
            low, high = _between(turned, older, newer)
            backwards = True
    limit, characters = window.limit, window.characters
    if backwards or (window.after is None and window.after_at is None):
        found = [each for each in older(high, limit + 1) if each[0].seq > low]
        taken, more = _take(found, limit, characters)
        return _page(taken[::-1], more)
    found = [each for each in newer(low + 1, limit + 1) if each[0].seq < high]
    return _page(*_take(found, limit, characters))


def _between(window: Window, older: Reader, newer: Reader) -> tuple[int, int]:
    """The seqs between which messages are asked for."""
    low = 0 if window.after is None else clamped(window.after)
    high = LAST_SEQ if window.before is None else clamped(window.before)
    if window.after_at is not None:
        low = _since(window.after_at + 1, older, newer) - 1
    if window.before_at is not None:
        high = _since(window.before_at, older, newer)
    return low, high


def _given(bound: tuple[int | None, int | None]) -> int | None:
    seq, at = bound
    return at if seq is None else seq


def _page_around(window: Window, seq: int, older: Reader, newer: Reader) -> Page:
    limit, characters = window.limit, window.characters
    half = limit // 2
    after, more_after = _take(newer(seq, limit - half + 1), limit - half, characters // 2)
    half = half or 1 - len(after)
    before, more_before = _take(
        older(seq, half + 1),
        half,
        characters - sum(len(message.text) for message, _ in after),
        least=0 if after else 1,
    )
    return _page([*reversed(before), *after], more_before or more_after)


def _page(found: Sequence[Authored], more: bool) -> Page:
    messages = tuple(message for message, _ in found)
    return Page(messages=messages, more=more, authors=tuple(author for _, author in found))


def fill_found(
    search: Search, messages: Sequence[tuple[int, Message]], examined: int | None
) -> Found:
    """Take messages within both bounds, each given with the `before` that comes after it.

    `examined` is the `before` of what was not looked at, if anything.
    """
    found: list[Authored] = [(message, None) for _, message in messages]
    taken, more = _take(found, search.limit, search.characters)
    found_messages = tuple(message for message, _ in taken)
    return Found(messages=found_messages, next=messages[len(taken) - 1][0] if more else examined)


def folded(nick: str) -> str:
    """The nick as it is compared."""
    return normalize("NFKC", nick).casefold()


def clamped(number: int) -> int:
    """The number, or the nearest that SQLite has room for."""
    return max(0, min(number, LAST_SEQ - 1))


def _retried(record: Said) -> Retried:
    message = record.message
    return Retried(room=message.room, seq=message.seq, id=message.id, at=message.at)


def _since(at: int, older: Reader, newer: Reader) -> int:
    """The seq of the first message of this time or a later one; in a room, time never goes back."""
    last = older(LAST_SEQ, 1)
    low, high = 0, last[0][0].seq + 1 if last else 0
    while low < high:
        middle = (low + high) // 2
        [(found, _)] = newer(middle, 1)
        if found.at < at:
            low = found.seq + 1
        else:
            high = middle
    return low


def _take(
    found: Sequence[Authored], limit: int, characters: int, least: int = 1
) -> tuple[list[Authored], bool]:
    """Take messages within both bounds, `least` of any length; say whether some are left."""
    taken: list[Authored] = []
    for each in found:
        characters -= len(each[0].text)
        if len(taken) == limit or (characters < 0 and len(taken) >= least):
            return taken, True
        taken.append(each)
    return taken, False
