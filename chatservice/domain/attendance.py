"""Who takes a nick and who gives one up: kept for a while, and told to those who watch it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from chatservice.domain import events
from chatservice.domain.events import PastPerson
from chatservice.domain.limits import Limits
from chatservice.domain.owners import account_key
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver


class Attendance:
    """The nicks of the past, and who watches which nicks."""

    def __init__(self, limits: Limits) -> None:
        self._past: deque[tuple[str, PastPerson]] = deque(maxlen=limits.past_people)
        self._watchers: dict[str, dict[Session, None]] = {}
        self._watched: dict[Session, dict[str, str]] = {}
        self._closely: set[Session] = set()

    def changed(
        self, session: Session, old: str | None, new: str | None, now: int
    ) -> list[Deliver]:
        """A person goes by another nick than before: None before its first and after its last."""
        if old is not None:
            past = PastPerson(
                nick=old,
                user=session.user,
                at=now,
                realname=session.realname,
                account=session.account_name,
            )
            self._past.appendleft((account_key(old), past))
        if not self._watchers or (old and new and account_key(old) == account_key(new)):
            return []
        steps = []
        if old is not None and (watchers := self.watchers(old)):
            steps.append(Deliver(watchers, events.Offline(nicks=(old,))))
        if new is not None and (watchers := self.watchers(new)):
            steps.append(Deliver(watchers, events.Online(people=(session.person,))))
        return steps

    def past(self, nick: str, count: int) -> tuple[PastPerson, ...]:
        """Who went by a nick, latest first; all of them without a positive count."""
        key = account_key(nick)
        found = tuple(past for was, past in self._past if was == key)
        return found[:count] if count > 0 else found

    def watchers(self, nick: str, *, closely: bool = False) -> tuple[Session, ...]:
        """Who watches a nick, or watches it closely."""
        watchers = tuple(self._watchers.get(account_key(nick), ()))
        return tuple(filter(self._closely.__contains__, watchers)) if closely else watchers

    def watched(self, session: Session) -> tuple[str, ...]:
        """The nicks that a session watches, as it gave them."""
        return tuple(self._watched.get(session, {}).values())

    def watch(self, session: Session, nicks: Iterable[str]) -> None:
        """Let a session be told of nicks."""
        for nick in nicks:
            key = account_key(nick)
            self._watched.setdefault(session, {}).setdefault(key, nick)
            self._watchers.setdefault(key, {})[session] = None

    def unwatch(self, session: Session, nicks: Iterable[str]) -> None:
        """Let a session be told of nicks no more."""
        watched = self._watched.get(session, {})
        for key in map(account_key, nicks):
            if watched.pop(key, None) is not None:
                watchers = self._watchers[key]
                del watchers[session]
                if not watchers:
                    del self._watchers[key]
        if not watched:
            self._watched.pop(session, None)

    def look_closely(self, session: Session, active: bool) -> None:
        """Let a session be told more about those whom it watches, or not any more."""
        (self._closely.add if active else self._closely.discard)(session)

    def forget(self, session: Session) -> None:
        """A session is gone, and watches nobody."""
        self.unwatch(session, self.watched(session))
        self._closely.discard(session)
