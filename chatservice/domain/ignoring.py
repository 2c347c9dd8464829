"""Who does not hear whom."""

from __future__ import annotations

from collections import Counter

from chatservice.domain.session import Session


class Ignoring:
    """Which identities any session ignores, so that what all others say is told at no cost."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def change(self, session: Session, ignored: dict[str, str]) -> None:
        """Let a session ignore these identities, given with the nicks they had, and no others."""
        self._counts.update(ignored.keys())
        self._counts.subtract(session.ignored.keys())
        for identity in session.ignored:
            if not self._counts[identity]:
                del self._counts[identity]
        session.ignored = ignored

    def hearing(self, audience: tuple[Session, ...], author: Session) -> tuple[Session, ...]:
        """Those of an audience who do not ignore an author; the same object where nobody does."""
        if not self._counts:
            return audience
        identities = author.identities
        if self._counts.keys().isdisjoint(identities):
            return audience
        hearing = tuple(each for each in audience if each.ignored.keys().isdisjoint(identities))
        return hearing if len(hearing) < len(audience) else audience
