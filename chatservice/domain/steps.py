"""What the hub wants done: the results of a command, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatservice.domain.events import Event
from chatservice.domain.records import Page, Said, Window
from chatservice.domain.session import Session


@dataclass(frozen=True, slots=True)
class Deliver:
    """Tell an event to an audience; a `record` is to be stored first.

    `origin` is the session whose command it was, which may be told in another form.
    """

    audience: tuple[Session, ...]
    event: Event
    origin: Session | None = None
    record: Said | None = None

    @classmethod
    def to(cls, session: Session, event: Event) -> Deliver:
        """An answer to one session."""
        return cls((session,), event, origin=session)


@dataclass(frozen=True, slots=True)
class Read:
    """Read from the store for a session, then go on with `resume(page, now)`.

    Until then, the session's further commands wait. `re` is the id of the command. If the store
    can't be read the session is told, and what goes on without a page is `fallback(now)`.
    """

    session: Session
    window: Window
    resume: Callable[[Page, int], list[Step]]
    re: str | None
    fallback: Callable[[int], list[Step]] | None = None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close a session's connection once everything told to it so far is on its way."""

    session: Session


Step = Deliver | Read | Disconnect
