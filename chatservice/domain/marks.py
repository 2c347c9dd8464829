"""Up to when people have read what was said."""

from __future__ import annotations

from collections.abc import Iterable

from chatservice.domain.records import MarkKept
from chatservice.domain.session import Session


class Marks:
    """For each account, or guest, the time up to which it has read each place.

    A place is `#` and a room's name, or `@` and the key of a person's nick.
    """

    def __init__(self, kept: Iterable[MarkKept] = ()) -> None:
        self._by_account: dict[str, dict[str, int]] = {}
        for mark in kept:
            self._by_account.setdefault(mark.account, {})[mark.place] = max(0, mark.at)

    def of(self, session: Session) -> dict[str, int]:
        """The marks of a session's person, to be changed."""
        if session.account is None:
            return session.read
        return self._by_account.setdefault(session.account, {})

    def rename(self, old: str, new: str, sessions: Iterable[Session]) -> None:
        """A room that was called `old` is called `new` now."""
        for marks in (*self._by_account.values(), *(each.read for each in sessions)):
            if f"#{old}" in marks:
                marks[f"#{new}"] = marks.pop(f"#{old}")

    def at(self, session: Session, place: str) -> int | None:
        """Up to when a session's person has read a place, if that is known."""
        marks = self._by_account.get(session.account, {}) if session.account else session.read
        return marks.get(place)
