"""Messages of several lines, which clients send in a batch (draft/multiline)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chatservice.wire.irc.capabilities import MOST_LINES
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import Form
from chatservice.wire.irc.line import Line, pieces
from chatservice.wire.irc.personal import Ask
from chatservice.wire.irc.speaking import say
from chatservice.wire.irc.verbs import Subject, Verb

MULTILINE = "draft/multiline"
CONCAT = "draft/multiline-concat"

LONGEST_CHARACTER = 4
"""Bytes of UTF-8."""

Part = tuple[str, bool]
"""A piece of a text, and whether it goes on in the line of the one before."""


@dataclass(slots=True)
class Batch:
    """What a client has sent of a message so far; once `failed`, all else of it counts for nothing.

    `label` is what the client will know the answer by, `verb` what all lines say it by.
    """

    name: str
    target: str
    tags: Mapping[str, str]
    label: str | None
    verb: str = "PRIVMSG"
    parts: list[Part] = field(default_factory=list)
    failed: bool = False

    @property
    def text(self) -> str:
        """The whole of it."""
        return "".join(
            part if concat or not number else f"\n{part}"
            for number, (part, concat) in enumerate(self.parts)
        )


def _batch(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    name, opens = line.params[0][1:], line.params[0].startswith("+")
    if not {MULTILINE, "batch"} <= codec.capabilities:
        yield codec.numeric("ERR_UNKNOWNCOMMAND", line.verb)
    elif opens and codec.batch is None and len(line.params) == 3 and line.params[1] == MULTILINE:
        codec.batch = Batch(name, line.params[2], line.tags, codec.take_label())
    elif codec.batch is not None and not opens and name == codec.batch.name:
        yield from _close(codec, codec.batch)
    else:
        yield from _fail(codec, codec.batch, "MULTILINE_INVALID", "This is no multiline batch")


def collect(codec: IrcCodec, line: Line) -> list[Ask | Line] | None:
    """What becomes of a line to say if it is part of a batch, or should be; None if it is not."""
    batch = codec.batch
    if batch is None:
        return None
    name = line.tags.get("batch")
    if batch.failed:
        return [] if name == batch.name else None
    target, text = (*line.params, "", "")[:2]
    concat = CONCAT in line.tags
    if not batch.parts:
        batch.verb = line.verb
    if name != batch.name or line.verb != batch.verb or (concat and not text):
        failure = _fail(codec, batch, "MULTILINE_INVALID", "This cannot be part of the batch")
    elif target.lower() != batch.target.lower():
        failure = _fail(
            codec, batch, "MULTILINE_INVALID_TARGET", "Two targets", batch.target, target
        )
    else:
        batch.parts.append((text, concat))
        failure = _past_limits(codec, batch)
    return list(failure)


def _past_limits(codec: IrcCodec, batch: Batch) -> Iterator[Line]:
    most = codec.circumstances.limits.text_characters
    if len(batch.parts) > MOST_LINES:
        yield from _fail(codec, batch, "MULTILINE_MAX_LINES", "Too many lines", str(MOST_LINES))
    elif len(batch.text.encode()) > most:
        yield from _fail(codec, batch, "MULTILINE_MAX_BYTES", "Too many bytes", str(most))


def _close(codec: IrcCodec, batch: Batch) -> Iterator[Ask | Line]:
    if not (batch.failed or batch.text.strip()):
        yield from _fail(codec, batch, "MULTILINE_INVALID", "There is no text in the batch")
    codec.batch = None
    if not batch.failed:
        codec.give_label(batch.label)
        codec.compose(batch.text, tuple(batch.parts))
        yield from say(codec, batch.verb, batch.target, batch.text, batch.tags)


def _fail(
    codec: IrcCodec, batch: Batch | None, code: str, text: str, *context: str
) -> Iterator[Line]:
    if batch is not None:
        batch.failed = True
        codec.give_label(batch.label)
        batch.label = None
    yield codec.personal.fail("BATCH", code, text, *context)


def parts(form: Form, text: str, most: int) -> tuple[Part, ...]:
    """A text in pieces of so many bytes: as they were sent, if somebody has sent it like that."""
    if "\n" not in text and len(text) * LONGEST_CHARACTER <= most:
        return ((text, False),)
    sent = form.composition(text)
    if sent is not None and all(len(part.encode()) <= most for part, _ in sent):
        return sent
    return tuple(
        (piece, number > 0)
        for line in text.split("\n")
        for number, piece in enumerate(pieces(line, most))
    )


def batched(name: str, lines: list[Line], found: tuple[Part, ...]) -> Iterator[Line]:
    """Lines, one for each of these parts, as a batch that has the tags of the first one."""
    first = lines[0]
    start = (f"+{name}", MULTILINE, first.params[0])
    yield Line(verb="BATCH", params=start, source=first.source, tags=first.tags)
    for line, (_, concat) in zip(lines, found, strict=True):
        tags = {"batch": name, CONCAT: ""} if concat else {"batch": name}
        yield Line(verb=line.verb, params=line.params, source=line.source, tags=tags, timed=False)
    yield Line(verb="BATCH", params=(f"-{name}",), source=first.source, timed=False)


SUBJECT = Subject(verbs={"BATCH": Verb(_batch, needs=1)})
