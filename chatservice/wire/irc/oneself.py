"""What one is oneself: away or not, a real name, modes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.domain.commands import Command
from chatservice.domain.events import Event
from chatservice.domain.owners import account_key
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import Form, source_of
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.people import BOT, modes_of
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.verbs import Subject, Verb

UNATTENDED = "*"
"""The reason of who is away as nobody is at this connection (pre-away, "Implementation")."""


def _away(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    text = line.params[0][: codec.circumstances.limits.reason_characters] if line.params else ""
    if codec.registered:
        yield Ask(_be_away(text or None))
    elif "draft/pre-away" not in codec.capabilities:
        yield codec.numeric("ERR_NOTREGISTERED")
    else:
        codec.away = text or None
        yield codec.numeric("RPL_NOWAWAY" if text else "RPL_UNAWAY")


def _be_away(text: str | None) -> Command:
    return commands.BeUnattended() if text == UNATTENDED else commands.SetAway(text=text)


def coming_away(codec: IrcCodec) -> Iterator[Ask]:
    """What it takes to be away from the beginning, if that was said before (pre-away)."""

    def nothing(_personal: Personal, _request: Request, _event: Event) -> Iterable[Line]:
        return ()

    if codec.away is not None:
        yield Ask(_be_away(codec.away), answer=nothing)


def _own_away(
    personal: Personal, request: Request | None, event: events.AwayChanged
) -> Iterable[Line] | None:
    if request is None:
        return None
    return [personal.numeric("RPL_UNAWAY" if event.text is None else "RPL_NOWAWAY")]


def _away_changed(form: Form, event: events.AwayChanged) -> Iterator[Line]:
    if form.has("away-notify"):
        yield away(event.nick, event.user, event.text)


def away(nick: str, user: str, text: str | None) -> Line:
    """Somebody is away, or is back (away-notify)."""
    params = (text,) if text is not None else ()
    return Line(verb="AWAY", params=params, source=source_of(nick, user))


def _setname(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    def answer(personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
        if not isinstance(event, events.Failed):
            return None
        return personal.standard("FAIL", "SETNAME", "INVALID_REALNAME", event.text)

    text = line.params[0].strip()
    if text:
        yield Ask(commands.SetRealname(text=text), answer=answer)
    else:
        sentence = "A real name cannot be empty"
        yield from codec.personal.standard("FAIL", "SETNAME", "INVALID_REALNAME", sentence)


def _realname_changed(form: Form, event: events.RealnameChanged) -> Iterator[Line]:
    if form.has("setname"):
        source = source_of(event.nick, event.user)
        yield Line(verb="SETNAME", params=(event.text or event.nick,), source=source)


def mode(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    """The modes of a person, which are one's own business alone."""
    target = line.params[0]
    if account_key(target) != account_key(codec.personal.nick):
        yield Ask(commands.FindPeople(nicks=(target,)), target, _other)
    elif len(line.params) == 1:
        yield Ask(commands.Whois(nick=codec.personal.nick), answer=_modes)
    else:
        yield from _changes(codec, line.params[1])


def _other(personal: Personal, request: Request, event: Event) -> Iterator[Line]:
    there = isinstance(event, events.PeopleFound) and event.people
    if there:
        yield personal.numeric("ERR_USERSDONTMATCH")
    else:
        yield personal.numeric("ERR_NOSUCHNICK", request.target)


def _modes(personal: Personal, _request: Request, event: events.WhoisReply) -> Iterator[Line]:
    yield personal.numeric("RPL_UMODEIS", modes_of(event))


def _changes(codec: IrcCodec, modes: str) -> Iterator[Ask | Line]:
    active, unknown = True, False
    for letter in modes:
        if letter in "+-":
            active = letter == "+"
        elif letter not in (*_MODES, "o"):
            unknown = True
        elif letter != "o":
            yield Ask(_MODES[letter](active))
        elif not active:  # nobody becomes an operator by saying so (RFC 2812, section 3.1.5)
            yield Ask(commands.Unoper(), answer=_no_operator)
    if unknown:
        yield codec.numeric("ERR_UMODEUNKNOWNFLAG")


def _bot(active: bool) -> Command:
    return commands.SetBot(active=active)


def _invisible(active: bool) -> Command:
    return commands.SetInvisible(active=active)


_MODES = {BOT: _bot, "i": _invisible}


def _no_operator(_personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
    """The usual change, or nothing to who was none."""
    return () if isinstance(event, events.Failed) else None


def _changed(personal: Personal, letter: str, *, active: bool) -> Iterator[Line]:
    change = ("+" if active else "-") + letter
    yield Line(verb="MODE", params=(personal.nick, change), source=personal.source)


def _own_bot(
    personal: Personal, request: Request | None, event: events.BotChanged
) -> Iterable[Line] | None:
    return None if request is None else _changed(personal, BOT, active=event.active)


def _own_invisible(
    personal: Personal, _request: Request | None, event: events.InvisibleChanged
) -> Iterable[Line]:
    return _changed(personal, "i", active=event.active)


SUBJECT = Subject(
    verbs={
        "AWAY": Verb(_away, early=True),
        "SETNAME": Verb(_setname, needs=1),
    },
    told={
        events.AwayChanged: _away_changed,
        events.RealnameChanged: _realname_changed,
        events.BotChanged: lambda _form, _event: (),
    },
    answers={
        events.AwayChanged: _own_away,
        events.BotChanged: _own_bot,
        events.InvisibleChanged: _own_invisible,
    },
)
