"""A subject: some commands of IRC, and how what comes of them looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatservice.domain.events import Event
from chatservice.wire.irc.form import Teller
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.personal import Answer, Ask

Handler = Callable[[Any, Line], Iterable[Ask | Line]]
"""What a line comes to, in order: (codec, line) -> commands, and lines told at once."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A command: it `needs` so many parameters; `early` ones are taken before registration too.

    With `utf8` it is refused, and not mended, if it holds anything else.
    """

    handler: Handler
    needs: int = 0
    early: bool = False
    utf8: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Some commands, by their names; lines of events, by their types; numerics of refusals.

    `told` is for all who see an event, `answers` for whom alone it is told. `failures` are by the
    code of a refusal and the command, or any command (an empty name).
    """

    verbs: Mapping[str, Verb] = field(default_factory=dict)
    told: Mapping[type[Event], Teller] = field(default_factory=dict)
    answers: Mapping[type[Event], Answer] = field(default_factory=dict)
    failures: Mapping[tuple[str, str], str] = field(default_factory=dict)


def together(subjects: Iterable[Subject]) -> Subject:
    """All of them as one."""
    subjects = tuple(subjects)
    return Subject(
        verbs={name: verb for each in subjects for name, verb in each.verbs.items()},
        told={kind: teller for each in subjects for kind, teller in each.told.items()},
        answers={kind: answer for each in subjects for kind, answer in each.answers.items()},
        failures={case: name for each in subjects for case, name in each.failures.items()},
    )
