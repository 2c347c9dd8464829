"""What one connection alone is told: answers to what it asked for, labelled if it labelled that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chatservice.domain import events
from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from chatservice.domain.limits import Limits
from chatservice.domain.quick import quick
from chatservice.wire.codec import Circumstances
from chatservice.wire.irc.advice import in_words_of_irc
from chatservice.wire.irc.form import Form, notices, source_of
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.numerics import NUMERICS, Numerics, numeric
from chatservice.wire.sentences import sentence

Answer = Callable[["Personal", Any, Any], Iterable[Line] | None]
"""The lines of an answer: (personal, request, event) -> lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Event):
    """Lines that the codec itself has to say; part of the answer to the unit of this id."""

    lines: tuple[Line, ...]
    re: str | None = None


@quick
@dataclass(frozen=True, slots=True)
class Ask:
    """A command for the chat; `target` is what a refusal names, `answer` how its answers look."""

    command: Command
    target: str = ""
    answer: Answer | None = None


@dataclass(slots=True)
class Unit:
    """What a client asked for with one line; `lines` are kept back if it put a label on it.

    All of it is told in the `form` that the client had asked for by then. `batch` is the name of
    what has begun of the answer, if more of it is to come.
    """

    verb: str
    form: Form
    label: str | None = None
    requests: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    batch: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Request:
    """One command of a unit; with `last`, its first answer ends the unit."""

    unit: Unit
    target: str = ""
    answer: Answer | None = None
    last: bool = False

    @property
    def verb(self) -> str:
        """The command of the line."""
        return self.unit.verb


_MODERN = {
    *("BATCH", "CHATHISTORY", "MARKREAD", "METADATA"),
    *("REDACT", "REGISTER", "RENAME", "VERIFY"),
}
"""Commands whose specifications tell failures by standard replies alone."""


class Personal:
    """Encodes what is told to one connection alone, and what comes of its own commands."""

    __slots__ = (
        "_answers",
        "_batches",
        "_besides",
        "_circumstances",
        "_ends",
        "_failures",
        "_requests",
        "account",
        "form",
        "former",
        "nick",
        "user",
    )

    def __init__(
        self,
        circumstances: Circumstances,
        form: Form,
        answers: Mapping[type[Event], Answer],
        failures: Mapping[tuple[str, str], str],
    ) -> None:
        self._circumstances = circumstances
        self._answers = answers
        self._failures = failures
        self._requests: dict[str, Request] = {}
        self._ends: dict[str, Unit] = {}
        self._batches = 0
        self._besides: list[Line] = []
        self.form = form
        self.account: str | None = None
        self.user = self.former = ""
        self.nick = "*"
        """Who is told: the nick as it was when that happened which is told, `*` if none.

        While a line is decoded it is that of now: what is told of it comes after what happened.
        """

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._circumstances.limits

    @property
    def source(self) -> str:
        """The connection's own name in front of lines."""
        return source_of(self.nick, self.user)

    def settle(self) -> str:
        """Let the nick be what it is now, by which a line is decided that comes in.

        Returns the nick of who is told next: another one if what was asked for before is still
        to be answered.
        """
        now = self._circumstances.nick() or "*"
        told = self.nick if self._requests or self._ends else now
        self.nick = now
        return told

    def expect(self, id: str, request: Request) -> None:  # noqa: A002
        """The answers to the command of this id are those to `request`."""
        self._requests[id] = request
        request.unit.requests += (id,)

    def expect_end(self, id: str, unit: Unit) -> None:  # noqa: A002
        """The `Pong` of this id says that a unit is answered."""
        self._ends[id] = unit

    def encode(self, event: Event) -> bytes:
        """What it alone is told, without having asked."""
        event = self._taken_in(event)
        return self._render(self._usual(None, event), event)

    def encode_own(self, event: Event) -> bytes:
        """What comes of its own commands."""
        event = self._taken_in(event)
        re = getattr(event, "re", None)
        if isinstance(event, events.Pong) and re in self._ends:
            unit = self._ends.pop(re)
            if not self._ends:
                self._ends.clear()
            return self._end(unit)
        request = self._requests.get(re) if re is not None else None
        lines = self._lines(request, event)
        if request is None:
            return self._render(lines, event)
        unit, data = request.unit, b""
        if lines:
            lines = unit.form.timed(lines, getattr(event, "at", None))
        if unit.label is not None:
            unit.lines = (*unit.lines, *lines)
            if re != unit.requests[-1]:  # others may be told something before the rest is done
                data = self._begin(unit)
        elif lines:
            data = unit.form.render(lines)
        if self._besides:
            data += self.form.render(self._besides)
            self._besides.clear()
        return data + self._end(unit) if request.last else data

    def numeric(self, name: str, *params: str) -> Line:
        """A numeric to this connection, with its usual last parameter if it has one."""
        return numeric(self.form.server.name, self.nick, name, *params)

    def numerics(self, *told: tuple[str, ...]) -> list[Line]:
        """Several, each by its name and parameters; if many get the same, they are made once.

        They are for a form without tags: that of now, and of each unit that waits for its answer.
        """
        forms = (self.form, *[each.unit.form for each in self._requests.values()])
        if not told or any(form.capabilities for form in forms):
            return [self.numeric(*each) for each in told]
        return [Numerics(params=(self.nick,), source=self.form.server.name, told=told)]

    def notices(self, text: str | None) -> Iterable[Line]:
        """A sentence of the server to this connection."""
        return notices(self.form, text, self.nick)

    def batched(self, kind: str, lines: Iterable[Line], *params: str) -> list[Line]:
        """Lines as a batch, if that was asked for."""
        if not self.form.has("batch"):
            return list(lines)
        name = self._new_batch()
        start = self._batch(f"+{name}", kind, *params)
        return [start, *(_in_batch(line, name) for line in lines), self._batch(f"-{name}")]

    def tell_besides(self, lines: Iterable[Line]) -> None:
        """Tell lines that are no part of the answer which they come with."""
        self._besides += lines

    def fail(self, verb: str, code: str, text: str, *context: str) -> Line:
        """A refusal to who knows FAIL, as clients do that use what this verb belongs to."""
        source = self.form.server.name
        return Line(verb="FAIL", params=(verb, code, *context, text), source=source)

    def standard(self, kind: str, verb: str, code: str, text: str, *context: str) -> Iterable[Line]:
        """A standard reply (FAIL, WARN, NOTE), as a notice to who has not asked for them.

        Who sends a command that can only fail like that has asked for them.
        """
        if self.form.has("standard-replies") or verb in _MODERN:
            params = (verb, code, *context, text)
            return [Line(verb=kind, params=params, source=self.form.server.name)]
        return self.notices(text)

    def _taken_in(self, event: Event) -> Event:
        """An event as this door tells it, once it is known who is told."""
        if isinstance(event, events.Welcome):
            self.nick, self.user = event.nick or "*", event.user
        elif isinstance(event, events.Renamed) and event.user == self.user:
            self.nick = event.new
        elif isinstance(event, events.Entered):  # by then it is told what became of who it was
            self.former = ""
        elif isinstance(event, events.LoggedIn | events.LoggedOut):
            self.account = event.account if isinstance(event, events.LoggedIn) else None
        elif isinstance(event, events.Failed):
            return replace(event, text=in_words_of_irc(event.text))
        return event

    def _lines(self, request: Request | None, event: Event) -> list[Line]:
        if isinstance(event, Told):
            return list(event.lines)
        if request is not None and request.answer is not None:
            lines = request.answer(self, request, event)
            if lines is not None:
                return list(lines)
        if isinstance(event, events.Failed):
            return list(self._failed(request, event))
        return self._usual(request, event)

    def _usual(self, request: Request | None, event: Event) -> list[Line]:
        answer = self._answers.get(type(event))
        if answer is not None:
            lines = answer(self, request, event)
            if lines is not None:
                return list(self.form.signed(lines)) if lines else []
        if getattr(event, "room", None) is None and not self.form.tells(event):
            return list(self.notices(sentence(event)))
        return self.form.lines(event)

    def _failed(self, request: Request | None, event: events.Failed) -> Iterable[Line]:
        verb = request.verb if request is not None else "*"
        name = self._failures.get((event.code, verb), self._failures.get((event.code, "")))
        if name == "":
            return []
        if name is None:
            code = event.code.upper().replace("-", "_")
            return self.standard("FAIL", verb, code, event.text)
        context = (request.target,) if request is not None and request.target else ()
        if NUMERICS[name][1] is None:
            context = (*context, event.text)
        return [self.numeric(name, *context)]

    def _render(self, lines: Iterable[Line], event: Event) -> bytes:
        data = self.form.render(self.form.timed(lines, getattr(event, "at", None)))
        if not data:
            return b""
        kept_back = (each.unit for each in self._requests.values() if each.unit.lines)
        return b"".join(map(self._begin, kept_back)) + data

    def _begin(self, unit: Unit) -> bytes:
        """What is kept back of an answer, as something else may be told before all of it is."""
        lines, unit.lines = unit.lines, ()
        if not lines:
            return b""
        start = []
        if not unit.batch:
            unit.batch = self._new_batch()
            start = unit.form.timed([self._batch(f"+{unit.batch}", "labeled-response")])
            start = [_labelled(start[0], unit)]
        return unit.form.render([*start, *(_in_batch(line, unit.batch) for line in lines)])

    def _new_batch(self) -> str:
        self._batches += 1
        return f"b{self._batches}"

    def _batch(self, *params: str) -> Line:
        return Line(verb="BATCH", params=params, source=self.form.server.name)

    def _end(self, unit: Unit) -> bytes:
        """Everything that a unit asked for is answered."""
        for id_ in unit.requests:
            self._requests.pop(id_, None)
        if not self._requests:
            self._requests.clear()  # gives back the room that they took
        if unit.label is None:
            return b""
        if unit.batch:
            data, end = self._begin(unit), self._batch(f"-{unit.batch}")
            return data + unit.form.render(unit.form.timed([end]))
        lines = [*unit.lines] or [Line(verb="ACK", source=self.form.server.name)]
        if len(lines) > 1 and not _one_batch(lines):
            lines = self.batched("labeled-response", lines)
        first, *rest = unit.form.timed(lines)
        return unit.form.render([_labelled(first, unit), *rest])


def _labelled(line: Line, unit: Unit) -> Line:
    return line.tagged({"label": unit.label or "", **line.tags})


def _in_batch(line: Line, name: str) -> Line:
    return line if "batch" in line.tags else line.tagged({"batch": name, **line.tags})


def _one_batch(lines: list[Line]) -> bool:
    """Whether lines are one batch and nothing else."""
    first, last = lines[0], lines[-1]
    return (
        first.verb == last.verb == "BATCH"
        and "batch" not in first.tags
        and last.params == (f"-{first.params[0][1:]}",)
    )
