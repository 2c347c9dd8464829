"""METADATA: what people and channels tell about themselves, by key.

Both drafts that clients speak: `draft/metadata-2` tells changes by the command METADATA,
`draft/metadata-3` by the numerics that answer questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.domain.commands import Command
from chatservice.domain.errors import ChatError, LimitReached
from chatservice.domain.events import Described, Event
from chatservice.domain.facts import fact_key, fact_value
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import Form, source_of
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.lists import listed
from chatservice.wire.irc.numerics import numeric
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.verbs import Subject, Verb

OLD, NEW = "draft/metadata-2", "draft/metadata-3"
METADATA = frozenset({OLD, NEW})
"""Both capabilities."""

Method = Callable[[IrcCodec, str | None, tuple[str, ...]], Iterable[Ask | Line]]
"""What a subcommand does: (codec, target, parameters) -> commands, and lines told at once."""


def _metadata(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    target, name, *params = line.params
    if not (codec.registered or METADATA & codec.capabilities):
        yield codec.numeric("ERR_NOTREGISTERED")
        return
    methods = _METHODS if codec.registered else _METHODS | _EARLY
    needed, method = methods.get(name.upper(), (0, None))
    if method is None:
        yield from _fail(codec.personal, "SUBCOMMAND_INVALID", "There is no such subcommand", name)
    elif len(params) < needed:
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)
    else:
        yield from method(codec, None if target == "*" else target, tuple(params))


def own_metadata(codec: IrcCodec) -> Iterable[Ask]:
    """Tell what one has told before one was somebody, and ask for all of one's own.

    Which is told on connecting (draft/metadata-2, "Batch type").
    """
    for key, value in codec.facts.items():
        yield Ask(commands.SetFact(key=key, value=value), answer=lambda *_: ())
    codec.facts = {} if codec.registered else codec.facts
    if METADATA & codec.capabilities:
        yield Ask(commands.AskFacts(), answer=_if_somebody)


def _if_somebody(_personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
    """Nothing to who was refused a nick."""
    return () if isinstance(event, events.Failed) else None


def _ask(command: Command, target: str | None, key: str = "*") -> Ask:
    def answer(personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
        if not isinstance(event, events.Failed):
            return None
        return _refused(personal, event.code, event.text, target or personal.nick, key)

    return Ask(command, answer=answer)


def _refused(personal: Personal, why: str, text: str, target: str, key: str) -> Iterable[Line]:
    code, *context = _FAILURES.get(why, ("KEY_NO_PERMISSION", "target", "key"))
    words = {"target": target, "key": key}
    return _fail(personal, code, text, *(words[each] for each in context))


_FAILURES: dict[str, tuple[str, ...]] = {
    "no-such-person": ("INVALID_TARGET", "target"),
    "no-such-room": ("INVALID_TARGET", "target"),
    "bad-name": ("INVALID_TARGET", "target"),
    "bad-key": ("KEY_INVALID", "key"),
    "bad-value": ("INVALID_VALUE", "key"),
    "too-long": ("INVALID_VALUE", "key"),
    "limit-reached": ("LIMIT_REACHED", "target"),
}
"""By the code of a refusal: the code of a failure, and what it names."""


_NO_KEY = "This can be no key"


def _fail(personal: Personal, code: str, text: str, *context: str) -> Iterable[Line]:
    return personal.standard("FAIL", "METADATA", code, text, *context)


def _get(codec: IrcCodec, target: str | None, keys: tuple[str, ...]) -> Iterable[Ask | Line]:
    del codec
    yield _ask(commands.AskFacts(target=target, keys=keys), target)


def _list(codec: IrcCodec, target: str | None, params: tuple[str, ...]) -> Iterable[Ask | Line]:
    del codec, params
    yield _ask(commands.AskFacts(target=target), target)


def _set(codec: IrcCodec, target: str | None, params: tuple[str, ...]) -> Iterable[Ask | Line]:
    del codec
    key, value = params[0], params[1] if len(params) > 1 else None
    yield _ask(commands.SetFact(target=target, key=key, value=value), target, key)


def _clear(codec: IrcCodec, target: str | None, params: tuple[str, ...]) -> Iterable[Ask | Line]:
    del codec, params
    yield _ask(commands.ClearFacts(target=target), target)


def _sub(codec: IrcCodec, target: str | None, keys: tuple[str, ...]) -> Iterable[Ask | Line]:
    del codec, target
    yield Ask(commands.Subscribe(keys=keys))


def _unsub(codec: IrcCodec, target: str | None, keys: tuple[str, ...]) -> Iterable[Ask | Line]:
    del codec, target
    yield Ask(commands.Subscribe(keys=keys, active=False))


def _subs(codec: IrcCodec, target: str | None, params: tuple[str, ...]) -> Iterable[Ask | Line]:
    del codec, target, params

    def answer(
        personal: Personal, _request: Request, event: events.Subscribed
    ) -> Iterable[Line] | None:
        return personal.batched("metadata-subs", _keys(personal, "RPL_METADATASUBS", event.keys))

    yield Ask(commands.Subscribe(), answer=answer)


def _sync(codec: IrcCodec, target: str | None, params: tuple[str, ...]) -> Iterable[Ask | Line]:
    del params
    yield _ask(commands.SyncFacts(target=target or codec.personal.nick), target)


def _early_get(codec: IrcCodec, target: str | None, keys: tuple[str, ...]) -> Iterable[Ask | Line]:
    """What is told by now, under these keys or under all."""
    del target
    own = codec.facts
    lines = [_key_value(codec.personal, "*", key, own.get(key)) for key in keys or own]
    return codec.personal.batched("metadata", lines, "*")


def _early_set(
    codec: IrcCodec, target: str | None, params: tuple[str, ...]
) -> Iterable[Ask | Line]:
    """Tell it once one is somebody."""
    del target
    key, limits = params[0], codec.circumstances.limits
    try:
        fact_key(key)
        value = fact_value(params[1], limits) if len(params) > 1 else None
        if value is None:
            codec.facts = {each: told for each, told in codec.facts.items() if each != key}
        elif len({*codec.facts, key}) > limits.facts:
            raise LimitReached(f"There are {limits.facts} facts about you already.")
        else:
            codec.facts = {**codec.facts, key: value}
    except ChatError as error:
        yield from _refused(codec.personal, error.code, error.sentence, "*", key)
    else:
        yield _key_value(codec.personal, "*", key, value)


def _early_clear(
    codec: IrcCodec, target: str | None, params: tuple[str, ...]
) -> Iterable[Ask | Line]:
    """Tell nothing of it."""
    del target, params
    lines = [_key_value(codec.personal, "*", key, None) for key in codec.facts]
    codec.facts = {}
    return codec.personal.batched("metadata", lines, "*")


def _early_sync(
    codec: IrcCodec, target: str | None, params: tuple[str, ...]
) -> Iterable[Ask | Line]:
    del target, params
    yield codec.numeric("ERR_NOTREGISTERED")


_EARLY: dict[str, tuple[int, Method | None]] = {
    "GET": (1, _early_get),
    "LIST": (0, _early_get),
    "SET": (1, _early_set),
    "CLEAR": (0, _early_clear),
    "SYNC": (0, _early_sync),
}
"""Those that are another matter as long as one is nobody (the token before-connect)."""


_METHODS: dict[str, tuple[int, Method | None]] = {
    "GET": (1, _get),
    "LIST": (0, _list),
    "SET": (1, _set),
    "CLEAR": (0, _clear),
    "SUB": (1, _sub),
    "UNSUB": (1, _unsub),
    "SUBS": (0, _subs),
    "SYNC": (0, _sync),
}
"""The subcommands: how many parameters each needs after the target, and what it does."""


def _keys(personal: Personal, name: str, keys: Iterable[str]) -> Iterator[Line]:
    """A numeric with keys, each a parameter of its own, in as many lines as it takes."""
    for line in listed(personal, name, words=keys):
        *params, words = line.params
        yield Line(verb=line.verb, params=(*params, *words.split(" ")), source=line.source)


def _key_value(personal: Personal, target: str, key: str, value: str | None) -> Line:
    if value is None:
        return personal.numeric("RPL_KEYNOTSET", target, key)
    return personal.numeric("RPL_KEYVALUE", target, key, "*", value)


def _facts(personal: Personal, _request: Request | None, event: events.Facts) -> list[Line]:
    """What is told under each key that was asked for, in their order, or under all."""
    values = {fact.key: fact.value for fact in event.facts}
    lines: list[Line] = []
    for key in event.keys or values:
        if key in event.invalid:
            lines += _fail(personal, "KEY_INVALID", _NO_KEY, key)
        else:
            lines.append(_key_value(personal, event.target, key, values.get(key)))
    return personal.batched("metadata", lines, event.target)


def _cleared(
    personal: Personal, _request: Request | None, event: events.FactsCleared
) -> list[Line]:
    lines = [_key_value(personal, event.target, key, None) for key in event.keys]
    return personal.batched("metadata", lines, event.target)


def _changed(form: Form, event: events.FactChanged) -> Iterator[Line]:
    """To those who subscribe to the key."""
    if form.has(NEW):
        yield _numeric(form, event.target, event.key, event.value)
    elif form.has(OLD):
        value = () if event.value is None else (event.value,)
        source = source_of(event.nick, event.user)
        params = (event.target, event.key, "*", *value)
        yield Line(verb="METADATA", params=params, source=source)


def _numeric(form: Form, target: str, key: str, value: str | None) -> Line:
    """A numeric that is the same to all who see it."""
    name, last = ("RPL_KEYNOTSET", ()) if value is None else ("RPL_KEYVALUE", ("*", value))
    return numeric(form.server.name, "*", name, target, key, *last)


def _own_change(
    personal: Personal, request: Request | None, event: events.FactChanged
) -> Iterable[Line] | None:
    """To who has made the change."""
    if request is None:
        return None
    return [_key_value(personal, event.target, event.key, event.value)]


def _described(form: Form, about: Iterable[Described]) -> Iterator[Line]:
    for each in about:
        for fact in each.facts:
            if form.has(NEW):
                yield _numeric(form, each.target, fact.key, fact.value)
            elif form.has(OLD):
                params = (each.target, fact.key, "*", fact.value)
                yield Line(verb="METADATA", params=params, source=form.server.name)


def _synced_for_all(form: Form, event: events.FactsSynced) -> Iterator[Line]:
    return _described(form, event.about)


def _synced(personal: Personal, _request: Request | None, event: events.FactsSynced) -> list[Line]:
    lines = list(_described(personal.form, event.about))
    target = (event.target,) if event.target else ()
    return personal.batched("metadata", lines, *target) if lines or target else []


def _subscribed(
    personal: Personal, _request: Request | None, event: events.Subscribed
) -> Iterator[Line]:
    name = "RPL_METADATASUBOK" if event.active else "RPL_METADATAUNSUBOK"
    yield from _keys(personal, name, event.changed)
    for key in event.invalid:
        yield from _fail(personal, "KEY_INVALID", _NO_KEY, key)
    if event.refused is not None:
        yield from _fail(personal, "TOO_MANY_SUBS", "Too many subscriptions", event.refused)


SUBJECT = Subject(
    verbs={"METADATA": Verb(_metadata, needs=2, early=True, utf8=True)},
    told={events.FactChanged: _changed, events.FactsSynced: _synced_for_all},
    answers={
        events.Facts: _facts,
        events.FactsCleared: _cleared,
        events.FactChanged: _own_change,
        events.FactsSynced: _synced,
        events.Subscribed: _subscribed,
    },
)
