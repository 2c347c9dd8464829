"""MONITOR: being told who comes and goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.domain.errors import LimitReached
from chatservice.domain.events import Event
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import Form, source_of
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.lists import distinct, listed
from chatservice.wire.irc.numerics import numeric
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.verbs import Subject, Verb

CLOSELY = "extended-monitor"


def _monitor(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    method = _METHODS.get(line.params[0].upper())
    if method is None:
        yield codec.numeric("ERR_UNKNOWNCOMMAND", line.verb)
        return
    yield from method(codec, tuple(distinct(line.params[1]) if len(line.params) > 1 else ()))


def _add(codec: IrcCodec, nicks: tuple[str, ...]) -> Iterable[Ask | Line]:
    def answer(personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
        if isinstance(event, events.Failed) and event.code == LimitReached.code:
            most = str(personal.limits.watched)
            return [personal.numeric("ERR_MONLISTFULL", most, ",".join(nicks))]
        return _status(personal, event)

    yield Ask(commands.Watch(nicks=nicks, closely=CLOSELY in codec.capabilities), answer=answer)


def _remove(_codec: IrcCodec, nicks: tuple[str, ...]) -> Iterable[Ask | Line]:
    yield Ask(commands.Unwatch(nicks=nicks), answer=_nothing)


def _clear(_codec: IrcCodec, _nicks: tuple[str, ...]) -> Iterable[Ask | Line]:
    yield Ask(commands.Unwatch(), answer=_nothing)


def _list(_codec: IrcCodec, _nicks: tuple[str, ...]) -> Iterable[Ask | Line]:
    def answer(personal: Personal, _request: Request, event: events.Watched) -> Iterator[Line]:
        nicks = [*(each.nick for each in event.online), *event.offline]
        yield from listed(personal, "RPL_MONLIST", words=nicks, between=",")
        yield personal.numeric("RPL_ENDOFMONLIST")

    yield Ask(commands.ListWatched(), answer=answer)


def _ask(_codec: IrcCodec, _nicks: tuple[str, ...]) -> Iterable[Ask | Line]:
    yield Ask(commands.ListWatched(), answer=lambda personal, _, event: _status(personal, event))


_METHODS = {"+": _add, "-": _remove, "C": _clear, "L": _list, "S": _ask}


def _status(personal: Personal, event: Event) -> Iterable[Line] | None:
    """Who of the watched is here, and who is not."""
    if not isinstance(event, events.Watched):
        return None
    here = (source_of(each.nick, each.user) for each in event.online)
    return [
        *listed(personal, "RPL_MONONLINE", words=here, between=","),
        *listed(personal, "RPL_MONOFFLINE", words=event.offline, between=","),
    ]


def _nothing(_personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
    return () if isinstance(event, events.Watched) else None


def watch_closely(codec: IrcCodec) -> Iterator[Ask]:
    """Be told more about those already watched, or not any more (extended-monitor)."""
    if codec.registered:
        closely = commands.Watch(closely=CLOSELY in codec.capabilities)
        yield Ask(closely, answer=_nothing)


def _online(form: Form, event: events.Online) -> Iterator[Line]:
    return _told(form, "RPL_MONONLINE", (source_of(each.nick, each.user) for each in event.people))


def _offline(form: Form, event: events.Offline) -> Iterator[Line]:
    return _told(form, "RPL_MONOFFLINE", event.nicks)


def _told(form: Form, name: str, words: Iterable[str]) -> Iterator[Line]:
    """The same for all who watch: `*` for the nick (monitor, "Numeric replies")."""
    return (numeric(form.server.name, "*", name, word) for word in words)


SUBJECT = Subject(
    verbs={"MONITOR": Verb(_monitor, needs=1)},
    told={events.Online: _online, events.Offline: _offline},
)
