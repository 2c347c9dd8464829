"""Rooms: coming into them and leaving them, and what they are like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.domain.events import Person
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM, Form, source_of
from chatservice.wire.irc.line import BODY_BYTES, Line
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.verbs import Subject, Verb

PREFIXES = {"operator": "@", "voice": "+"}
"""What stands before the nick of who has a role."""


def _join(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    keys = iter(line.params[1].split(",") if len(line.params) > 1 else ())
    for name in filter(None, line.params[0].split(",")):
        key = next(keys, None) or None
        if name.startswith(ROOM):
            yield Ask(commands.Join(room=name, password=key), name)
        else:
            yield codec.numeric("ERR_NOSUCHCHANNEL", name)


def _part(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    for name in filter(None, line.params[0].split(",")):
        if name.startswith(ROOM):
            yield Ask(commands.Leave(room=name), name)
        else:
            yield codec.numeric("ERR_NOSUCHCHANNEL", name)


def _joined(form: Form, event: events.Joined) -> Iterable[Line]:
    person = event.person
    yield joined(form, event.room, person.nick, person.user, person)
    if person.away is not None and form.has("away-notify"):
        source = source_of(person.nick, person.user)
        yield Line(verb="AWAY", params=(person.away,), source=source)


def _own_joined(
    personal: Personal, _request: Request | None, event: events.Joined
) -> Iterable[Line] | None:
    """Nothing of one's own coming, which is told with what the room is like."""
    return () if event.person.user == personal.user else None


def joined(form: Form, room: str, nick: str, user: str, person: Person) -> Line:
    """Somebody comes into a room (extended-join)."""
    more = (person.account or "*", person.realname or nick) if form.has("extended-join") else ()
    return Line(verb="JOIN", params=(ROOM + room, *more), source=source_of(nick, user))


def _left(_form: Form, event: events.Left) -> Iterable[Line]:
    if not event.gone:
        params = (ROOM + event.room, *((event.reason,) if event.reason else ()))
        yield Line(verb="PART", params=params, source=source_of(event.nick, event.user))


def _exited(personal: Personal, _request: Request | None, event: events.Exited) -> list[Line]:
    return [Line(verb="PART", params=(ROOM + event.room,), source=personal.source)]


def _entered(personal: Personal, _request: Request | None, event: events.Entered) -> Iterator[Line]:
    room, form = ROOM + event.room, personal.form
    own = Person(nick=personal.nick, user=personal.user, address="")
    own = next((each for each in event.people if each.user == personal.user), own)
    yield joined(form, event.room, personal.nick, personal.user, own)
    if event.topic:
        yield personal.numeric("RPL_TOPIC", room, event.topic)
    if not (form.has("draft/no-implicit-names") or form.has("no-implicit-names")):
        yield from names(personal, room, event.people)
    for message in event.messages:
        yield from form.lines(message)


def names(personal: Personal, room: str, people: Iterable[Person]) -> Iterator[Line]:
    """Who is in a room, in as many lines as it takes."""
    most = BODY_BYTES - len(personal.numeric("RPL_NAMREPLY", "=", room, "").body())
    full = personal.form.has("userhost-in-names")
    row: list[str] = []
    size = 0
    for person in people:
        shown = source_of(person.nick, person.user) if full else person.nick
        name = PREFIXES.get(person.role or "", "") + shown
        length = len(name.encode()) + 1
        if row and size + length > most:
            yield personal.numeric("RPL_NAMREPLY", "=", room, " ".join(row))
            row, size = [], 0
        row.append(name)
        size += length
    if row:
        yield personal.numeric("RPL_NAMREPLY", "=", room, " ".join(row))
    yield personal.numeric("RPL_ENDOFNAMES", room)


SUBJECT = Subject(
    verbs={"JOIN": Verb(_join, needs=1), "PART": Verb(_part, needs=1)},
    told={events.Joined: _joined, events.Left: _left},
    answers={
        events.Entered: _entered,
        events.Exited: _exited,
        events.Joined: _own_joined,
    },
    failures={("password-needed", "JOIN"): "ERR_BADCHANNELKEY"},
)
