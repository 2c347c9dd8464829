"""What the hub wants done: the results of a command, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chatservice.domain.commands import Command
from chatservice.domain.errors import NotStored
from chatservice.domain.events import Ack, Event, Failed, Notice, Private
from chatservice.domain.quick import quick
from chatservice.domain.records import Found, Page, Record, Retried, Search, Window
from chatservice.domain.session import Session


@quick
@dataclass(frozen=True, slots=True)
class Deliver:
    """Tell an event to an audience; a `record` is to be stored first.

    If the store refuses it, nobody is told the event, `undo` takes back what was done, and the
    origin is told so. `origin` is the session whose command it was, which may be told in another
    form. `besides` is told after the event, and only if the record was stored.
    """

    audience: tuple[Session, ...]
    event: Event
    origin: Session | None = None
    record: Record | None = None
    undo: Callable[[], None] | None = None
    besides: tuple[Deliver, ...] = ()

    @classmethod
    def to(cls, session: Session, event: Event) -> Deliver:
        """An answer to one session."""
        return cls((session,), event, origin=session)

    @classmethod
    def keep(
        cls, session: Session, record: Record, undo: Callable[[], None] | None = None
    ) -> Deliver:
        """Something to store for a session that nobody needs to be told."""
        return cls((), Event(), origin=session, record=record, undo=undo)

    def retried(self, first: Retried) -> Deliver:
        """What is told if it was stored before: that it was, where it was said."""
        event = self.event
        room = f"@{event.to}" if isinstance(event, Private) else first.room
        re: str | None = getattr(event, "re", None)
        ack = Ack(room=room, seq=first.seq, id=first.id, at=first.at, re=re)
        return Deliver.to(self.origin or self.audience[0], ack)


@dataclass(frozen=True, slots=True)
class Read:
    """Read from the store for a session, then go on with `resume(page, now)`.

    Until then, the session's further commands wait. `re` is the id of the command. If the store
    can't be read the session is told, and what goes on without a page is `fallback(now)`; without
    that the command is refused, and `refused(now)` follows.
    """

    session: Session
    window: Window
    resume: Callable[[Page, int], list[Step]]
    re: str | None
    fallback: Callable[[int], list[Step]] | None = None
    refused: Callable[[int], list[Step]] | None = None


@dataclass(frozen=True, slots=True)
class Find:
    """Search the store for a session, then go on with `resume(found, now)`, like `Read`."""

    session: Session
    search: Search
    resume: Callable[[Found, int], list[Step]]
    re: str | None


@dataclass(frozen=True, slots=True)
class Hash:
    """Hash a password for a session, which takes a while, then go on with `resume(hash, now)`.

    Until then, the session's further commands wait. `re` is the id of the command.
    """

    session: Session
    password: str = field(repr=False)
    resume: Callable[[str, int], list[Step]]
    re: str | None


@dataclass(frozen=True, slots=True)
class Verify:
    """Compare a password with a hash for a session, then go on with `resume(right, now)`.

    `hashed` is None where there is nothing to compare with: it takes as long, and is wrong.
    """

    session: Session
    password: str = field(repr=False)
    hashed: str | None = field(repr=False)
    resume: Callable[[bool, int], list[Step]]
    re: str | None


@dataclass(frozen=True, slots=True)
class Compute:
    """Do work that takes a while for a session, then go on with `resume(result, now)`.

    `work` is done elsewhere, and depends on nothing that changes.
    """

    session: Session
    work: Callable[[], str] = field(repr=False)
    resume: Callable[[str, int], list[Step]]
    re: str | None


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep something for a session before it is done, for what cannot be undone.

    `begin(now)` gives the record, or raises `ChatError`; then nothing follows. Else it goes on with
    `done(record, kept, now)`, even if the session is gone by then. Until then, its further commands
    wait.
    """

    session: Session
    begin: Callable[[int], Record]
    done: Callable[[Any, bool, int], list[Step]]
    re: str | None


@dataclass(frozen=True, slots=True)
class Later:
    """Do a command for a session after some seconds, if it is still there then."""

    session: Session
    seconds: float
    command: Command


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close a session's connection once everything told to it so far is on its way."""

    session: Session


Ask = Read | Find | Hash | Verify | Compute | Keep
"""What takes a while to be answered."""

Step = Deliver | Ask | Later | Disconnect


def unread(ask: Read | Find, sentence: str, now: int) -> list[Step]:
    """What is done where the store can't be read, for the reason that the sentence gives."""
    if isinstance(ask, Read) and ask.fallback is not None:
        return [Deliver.to(ask.session, Notice(text=sentence, re=ask.re)), *ask.fallback(now)]
    failed = Deliver.to(ask.session, Failed(code=NotStored.code, text=sentence, re=ask.re))
    return [failed, *ask.refused(now)] if isinstance(ask, Read) and ask.refused else [failed]


def apart(step: Step, session: Session) -> list[Step]:
    """A step of which one session is told by itself."""
    if not (isinstance(step, Deliver) and session in step.audience):
        return [step]
    others = tuple(each for each in step.audience if each is not session)
    return [Deliver(others, step.event), Deliver((session,), step.event)]
