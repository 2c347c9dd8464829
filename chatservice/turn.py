"""One turn of the event loop: what was done in it, and what is told once the store has spoken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chatservice.domain import events
from chatservice.domain.errors import NoSuchMessage, NotStored
from chatservice.domain.hub import Hub
from chatservice.domain.records import (
    Deleted,
    Doubted,
    Edited,
    Kept,
    ReactionKept,
    Record,
    Retried,
    Said,
)
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect, Step
from chatservice.storage.interface import StoreError

UNDONE = "This could not be kept, so it is not done"
_UNSAID = "Your message was not kept and nobody got it"
_UNKNOWN = "Nobody can tell whether your message was kept before; try again"
_NOT_KEPT: dict[type[Record], str] = {Said: _UNSAID, Doubted: _UNKNOWN}

Results = Sequence[Kept | Retried] | StoreError


@dataclass(slots=True)
class Turn:
    """What a turn came to; `asking` are those with something to ask next.

    What a `refused` one did is taken back.
    """

    steps: list[Deliver | Disconnect] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    asking: list[Session] = field(default_factory=list)
    results: Results | None = None
    refused: bool = False

    def take_back(self, hub: Hub, error: StoreError) -> None:
        """Undo what was done, the latest first, if any of it had to be kept and is not."""
        kept = self.results and not isinstance(self.results, StoreError)
        if kept or not self.records:
            return
        self.results, self.refused = error, True
        for step in reversed(self.steps):
            if isinstance(step, Deliver) and step.record is not None:
                _undo(hub, step, step.record)

    def put_right(self, hub: Hub) -> None:
        """Let what is still to be told show nothing that was taken back."""
        for place, step in enumerate(self.steps):
            if isinstance(step, Deliver) and step.record is None:
                event = hub.put_right(step.event)
                if event is not step.event:
                    self.steps[place] = replace(step, event=event)

    def settled(self, hub: Hub) -> list[Deliver | Disconnect]:
        """The steps as they turned out: only what was kept is told to others."""
        results = self.results or ()
        kept = iter(results) if not isinstance(results, StoreError) else None
        settled: list[Deliver | Disconnect] = []
        for step in self._refusals() if self.refused else self.steps:
            if isinstance(step, Disconnect):
                settled.append(step)
            elif step.record is None:
                event = hub.settle(step.event)
                settled.append(step if event is step.event else Deliver.to(step.audience[0], event))
            else:
                result = next(kept) if kept is not None else results
                told = _outcome(hub, step, step.record, result)
                settled += (told, *told.besides)
        return settled

    def _refusals(self) -> list[Deliver | Disconnect]:
        """The steps, without what nobody would have been told if its refusal says nothing new."""
        told: list[Deliver | Disconnect] = []
        answered = {
            step.origin
            for step in self.steps
            if isinstance(step, Deliver) and step.record is not None and step.audience
        }
        for step in self.steps:
            if isinstance(step, Deliver) and step.record is not None and not step.audience:
                if step.origin in answered:
                    continue
                answered.add(step.origin)
            told.append(step)
        return told


def take_back(turns: Sequence[Turn], hub: Hub, error: StoreError, now: int) -> list[Step]:
    """Undo what these turns did and is not kept; what they tell besides shows nothing of it.

    Give what is to be told after that.
    """
    for turn in reversed(turns):
        turn.take_back(hub, error)
    steps = (step for turn in turns for step in turn.steps)
    if any(isinstance(step, Deliver) and step.undo is not None for step in steps):
        hub.show_roles()  # not for each message that a full disk refuses: it looks at everybody
    for turn in turns:
        turn.put_right(hub)
    return hub.vanished(now)


def _outcome(hub: Hub, step: Deliver, record: Record, result: object) -> Deliver:
    """What is told about a record once the store has spoken."""
    if isinstance(result, Kept):
        return step if step.undo is None else _amended(hub, step, record)
    if isinstance(result, Retried):
        _undo(hub, step, record)
        return step.retried(result)
    what = _NOT_KEPT.get(type(record), UNDONE)
    return _failed(step, NotStored.code, f"{what}: {result}")


def _amended(hub: Hub, step: Deliver, record: Record) -> Deliver:
    """What is told about a change that is kept: a message that was a retry has not changed."""
    if not isinstance(record, Edited | Deleted | ReactionKept):
        return step
    if not hub.is_void(record.room_id, record.seq):
        return step
    text = f"There is no message {record.seq}: that was said before, under another number."
    return _failed(step, NoSuchMessage.code, text)


def _failed(step: Deliver, code: str, text: str) -> Deliver:
    """That a step is not done, for whoever asked for it."""
    failed = events.Failed(code=code, text=text, re=getattr(step.event, "re", None))
    return Deliver.to(step.origin or step.audience[0], failed)


def _undo(hub: Hub, step: Deliver, record: Record) -> None:
    if step.undo is not None:
        step.undo()
    if isinstance(record, Said):
        hub.void(record)
