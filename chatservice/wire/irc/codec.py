"""One connection that speaks IRC: its lines, its capabilities, what it has asked for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chatservice.domain.commands import AskCounts, Command, Ping, Quit, Say, Tell
from chatservice.domain.errors import TooLong
from chatservice.domain.events import Event, Failed
from chatservice.wire.codec import Circumstances, Encoder, Reply
from chatservice.wire.irc.form import Composition, Forms
from chatservice.wire.irc.line import Line, parse, split
from chatservice.wire.irc.personal import Ask, Personal, Request, Told, Unit
from chatservice.wire.irc.sasl import Sasl
from chatservice.wire.irc.verbs import Subject, Verb

_LONGEST_LABEL = 64
"""Bytes of a label (labeled-response, "Tag value")."""

_ONE_LABELLED: frozenset[type[Command]] = frozenset({AskCounts, Quit})
_ONE: frozenset[type[Command]] = frozenset({*_ONE_LABELLED, Say, Tell})
"""Commands with one answer, or with one that comes first, which is enough without a label."""

_NO_CAPABILITIES: frozenset[str] = frozenset()
_NO_FACTS: Mapping[str, str] = {}

_IDS = itertools.count(1)
"""No two connections use the same id, so that nobody is told another's answers."""


class IrcCodec:
    """The state of a connection; whatever a subject has to know is an attribute here."""

    __slots__ = (
        "_forms",
        "_unit",
        "_verbs",
        "away",
        "batch",
        "cap_version",
        "capabilities",
        "circumstances",
        "facts",
        "negotiating",
        "nick",
        "personal",
        "realname",
        "sasl",
    )
    fragments: bool = False
    _unit: Unit
    """What is being asked for; there is none in between, when most connections only listen."""

    def __init__(self, circumstances: Circumstances, forms: Forms, every: Subject) -> None:
        self.circumstances = circumstances
        self.capabilities = _NO_CAPABILITIES
        self.cap_version = 0
        self.negotiating = False
        self.nick: str | None = None
        self.realname: str | None = None
        self.sasl: Sasl | None = None
        self.away: str | None = None
        self.facts = _NO_FACTS
        self.batch: Any = None
        self._forms = forms
        self._verbs = every.verbs
        form = forms.of(_NO_CAPABILITIES)
        self.personal = Personal(circumstances, form, every.answers, every.failures)

    @property
    def encoder(self) -> Encoder:
        """The form in which it sees what happens."""
        return self.personal.form

    @property
    def probe(self) -> bytes:
        """A PING, which every client answers by a PONG."""
        return self.personal.form.probe

    @property
    def verbs(self) -> Iterable[str]:
        """The commands that there are."""
        return self._verbs

    @property
    def registered(self) -> bool:
        """Whether it is somebody by now."""
        return self.circumstances.nick() is not None

    def enable(self, capabilities: Iterable[str]) -> None:
        """Let these be the capabilities from now on."""
        self.capabilities = frozenset(capabilities)
        self.personal.form = self._forms.of(self.capabilities)

    def greet(self) -> None:
        """Nothing: the client speaks first."""

    def decode(self, unit: bytes) -> tuple[Command | Reply, ...] | None:
        """What one line asks for. Raises `ChatError`, which `blame` then knows the place of."""
        if not unit.strip(b"\r\n \0"):
            return None
        personal = self.personal
        whole = self._unit = Unit("*", personal.form)
        told = personal.settle()
        try:
            tags, rest = split(unit)
            whole.label = self._label(tags) if tags else None
            line = parse(tags, rest)
            whole.verb = line.verb
            given = self._given(whole, list(self._take(line, unit)))
        finally:
            personal.nick = told
        del self._unit
        return given

    def blame(self, data: bytes) -> str | None:
        """The id of the unit that was refused, under which its label is known."""
        unit: Unit | None = getattr(self, "_unit", None)
        if unit is None:
            return None
        if unit.verb != "*":
            return self._expect(Request(unit, last=True))
        return self._expect(Request(unit, _first_word(data), _no_command, last=True))

    def take_label(self) -> str | None:
        """The label of the line that is being done, which is answered under another one's."""
        label, self._unit.label = self._unit.label, None
        return label

    def give_label(self, label: str | None) -> None:
        """Let the answer to the line that is being done have the label of another one."""
        self._unit.label = label or self._unit.label

    def compose(self, text: str, composition: Composition) -> None:
        """Tell this text in the pieces in which it was sent."""
        self._forms.compose(text, composition)

    def numeric(self, name: str, *params: str) -> Line:
        """A numeric to this connection."""
        return self.personal.numeric(name, *params)

    def cap(self, *params: str) -> Line:
        """A line of CAP to this connection."""
        source = self.personal.form.server.name
        return Line(verb="CAP", params=(self.personal.nick, *params), source=source)

    def _take(self, line: Line, unit: bytes) -> Iterable[Ask | Line]:
        verb = self._verbs.get(line.verb)
        if _is_utf8(unit):
            return self._do(verb, line)
        if verb is not None and verb.utf8:
            text = "What you sent was not UTF-8"
            return self.personal.standard("FAIL", line.verb, "INVALID_UTF8", text)
        if line.verb == "NOTICE" and "standard-replies" not in self.capabilities:
            return self._do(verb, line)  # a notice is never answered by one
        text = "What you sent was not UTF-8 and had to be changed"
        warning = self.personal.standard("WARN", line.verb, "INVALID_UTF8", text)
        return [*warning, *self._do(verb, line)]

    def _given(self, whole: Unit, asked: list[Ask | Line]) -> tuple[Command | Reply, ...]:
        """What a line comes to, each part under an id of its own, and then its end."""
        labelled = whole.label is not None
        if not (asked or labelled):
            return ()
        ended = bool(asked) and _has_one_answer(asked[-1], whole.label)
        given: list[Command | Reply] = []
        last = len(asked) if ended else 0
        for place, each in enumerate(asked, 1):
            if isinstance(each, Line):
                request = Request(whole, last=place == last)
                given.append(Reply((Told(lines=(each,), re=self._expect(request)),)))
            else:
                command = each.command if each.command.id else replace(each.command, id=new_id())
                request = Request(whole, each.target, each.answer, place == last)
                self.personal.expect(command.id or "", request)
                given.append(command)
        if not ended:
            end = new_id()
            self.personal.expect_end(end, whole)
            given.append(Ping(id=end))
        return tuple(given)

    def _do(self, verb: Verb | None, line: Line) -> Iterable[Ask | Line]:
        if verb is None:
            return [self.numeric("ERR_UNKNOWNCOMMAND", line.verb)]
        if not (self.registered or verb.early):
            return [self.numeric("ERR_NOTREGISTERED")]
        if len(line.params) < verb.needs:
            return [self.numeric("ERR_NEEDMOREPARAMS", line.verb)]
        return verb.handler(self, line)

    def _label(self, tags: Mapping[str, str]) -> str | None:
        if not {"batch", "labeled-response"} <= self.capabilities:
            return None
        label = tags.get("label", "")
        return label if 0 < len(label.encode()) <= _LONGEST_LABEL else None

    def _expect(self, request: Request) -> str:
        id_ = new_id()
        self.personal.expect(id_, request)
        return id_


def _first_word(unit: bytes) -> str:
    """What stands where a command does, behind tags and source."""
    words = unit.decode("utf-8", "replace").strip("\r\n").split(" ")
    return next((word for word in words if word and word[0] not in "@:"), "*")


def _no_command(personal: Personal, request: Request, event: Event) -> Iterable[Line]:
    """A line that is none is a command that there is not; all others are too long."""
    if isinstance(event, Failed) and event.code == TooLong.code:
        return [personal.numeric("ERR_INPUTTOOLONG")]
    return [personal.numeric("ERR_UNKNOWNCOMMAND", request.target)]


def _has_one_answer(asked: Ask | Line, label: str | None) -> bool:
    """Whether this has one answer in any case, and then no other that should have the label."""
    kinds = _ONE if label is None else _ONE_LABELLED
    return isinstance(asked, Line) or type(asked.command) in kinds


def new_id() -> str:
    """An id for a command, under which its answers are known.

    Commands that are frequent are made with one; all others are made anew to have it.
    """
    return f"irc-{next(_IDS)}"


def _is_utf8(unit: bytes) -> bool:
    if unit.isascii():
        return True
    try:
        unit.decode()
    except UnicodeDecodeError:
        return False
    return True
