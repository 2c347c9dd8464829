"""The lines of one room: a bounded window of its history, in the order of `seq`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from chatservice.domain.events import Ack

LINES = 5000

LineKind = Literal["text", "action", "notice", "error", "joined", "left", "renamed"]
Direction = Literal["older", "newer"]


class Reacted(NamedTuple):
    """How somebody (an account, or the id of a guest) reacts to a message."""

    reaction: str
    who: str
    own: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Line:
    """One line as it is shown, told from others by identity; `key` stays when it is replaced.

    `seq` is the message's own (`stored`), or for a line made here that of the message before it.
    It answers the message of the id `reply_to`; a `remark` is one that nobody need answer.
    """

    seq: int
    at: int
    kind: LineKind
    key: int = field(default_factory=count(1).__next__)
    id: str = ""
    nick: str = ""
    text: str = ""
    state: Literal["sent", "pending", "failed"] = "sent"
    reason: str = ""
    names: tuple[str, ...] = ()
    own: bool = False
    mention: bool = False
    stored: bool = False
    amended: Literal["", "edited", "deleted"] = ""
    remark: bool = False
    reply_to: str | None = None
    reactions: tuple[Reacted, ...] = ()

    def acknowledged(self, ack: Ack) -> Line:
        """A line that waited, as it is stored."""
        return replace(self, seq=ack.seq, id=ack.id, at=ack.at, state="sent", stored=True)


_SEQ = attrgetter("seq")


def kept_seq(id_: str) -> int | None:
    """The seq that a message is kept under, by its id; of what is not kept there is none."""
    room, _, seq = id_.partition("-")
    return int(seq) if room not in ("", "0") and seq.isdecimal() else None


class Scrollback:
    """At most `limit` lines; what does not fit falls off the end that is not being looked at.

    `held` says that somebody reads further up: then new lines never push out old ones.
    When newer lines are missing the window is not `attached`.
    """

    def __init__(self, limit: int = LINES) -> None:
        self.lines: list[Line] = []
        self.held = False
        self.more_above = True
        self.attached = True
        self._limit = limit

    @property
    def newest(self) -> int:
        """The seq of the last message here, 0 for none."""
        return self.lines[-1].seq if self.lines else 0

    @property
    def oldest(self) -> int | None:
        """The seq of the first message here."""
        return next((line.seq for line in self.lines if line.stored), None)

    def has(self, seq: int) -> bool:
        """Whether the message of this seq is here."""
        return any(
            line.stored
            for line in self.lines[
                bisect_left(self.lines, seq, key=_SEQ) : bisect_right(self.lines, seq, key=_SEQ)
            ]
        )

    def find(self, id_: str) -> Line | None:
        """The message of this id, if it is here."""
        first, last = 0, len(self.lines)
        if (seq := kept_seq(id_)) is not None:
            first = bisect_left(self.lines, seq, key=_SEQ)
            last = bisect_right(self.lines, seq, key=_SEQ)
        return next((line for line in self.lines[first:last] if line.id == id_), None)

    def lacks(self, seq: int) -> bool:
        """Whether the message of this seq belongs between lines that are here, and is not."""
        oldest = self.oldest
        return oldest is not None and oldest < seq < self.newest and not self.has(seq)

    def after(self, seq: int) -> int:
        """The index of the first message with a greater seq, or how many lines there are."""
        index = bisect_right(self.lines, seq, key=_SEQ)
        while index < len(self.lines) and not self.lines[index].stored:
            index += 1
        return index

    def add(self, line: Line) -> None:
        """Put a new line where its seq says: nearly always the end."""
        if not self.attached or (self.held and len(self.lines) >= self._limit):
            self.attached = False
            return
        if self.lines and line.seq < self.lines[-1].seq:
            self.lines.insert(bisect_right(self.lines, line.seq, key=_SEQ), line)
        else:
            self.lines.append(line)
        if not self.held:
            self._trim_top()

    def note(self, line: Line) -> None:
        """Put a line that is no message at the end of what is here, whatever is missing."""
        self.lines.append(line)

    def change(self, seq: int, **fields: Any) -> None:
        """The message of this seq, if it is here, is different in these fields."""
        for index in range(bisect_left(self.lines, seq, key=_SEQ), len(self.lines)):
            line = self.lines[index]
            if line.seq != seq:
                break
            if line.stored:
                self.lines[index] = replace(line, **fields)

    def replace_last(self, line: Line) -> None:
        """Put this in the last line's place."""
        self.lines[-1] = line

    def merge(self, lines: Sequence[Line], direction: Direction) -> None:
        """Add stored messages, oldest first, that were not here; trims the other end.

        Those that were here are what they are by now.
        """
        fresh = []
        for line in lines:
            if self.has(line.seq):
                now = {"text": line.text, "amended": line.amended, "reactions": line.reactions}
                self.change(line.seq, **now)
            else:
                fresh.append(line)
        if fresh and (not self.lines or fresh[-1].seq < self.lines[0].seq):
            self.lines[:0] = fresh
        elif fresh and fresh[0].seq >= self.lines[-1].seq:
            self.lines.extend(fresh)
        elif fresh:
            self.lines = sorted([*fresh, *self.lines], key=_SEQ)
        if direction == "newer":
            self._trim_top()
        elif len(self.lines) > self._limit:
            self.attached = False
            del self.lines[self._limit :]

    def clear(self) -> None:
        """Forget everything, as before the first message."""
        self.lines = []
        self.more_above = True
        self.attached = True

    def _trim_top(self) -> None:
        # In steps, so that a full room does not move all its lines for every new one.
        if len(self.lines) > self._limit + self._limit // 10:
            del self.lines[: -self._limit]
            self.more_above = True
