"""Rooms: coming into them and leaving them, their topic, who is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.domain.commands import RoleName
from chatservice.domain.events import Person
from chatservice.wire.irc.afterwards import READ_MARKER, read
from chatservice.wire.irc.codec import IrcCodec, new_id
from chatservice.wire.irc.form import ROOM, Form, source_of
from chatservice.wire.irc.history import playback
from chatservice.wire.irc.line import BODY_BYTES, Line
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.rows import Rows
from chatservice.wire.irc.verbs import Subject, Verb

PREFIXES = {"operator": "@", "voice": "+"}
"""What stands before the nick of who has a role."""

LETTERS: dict[RoleName, str] = {"operator": "o", "voice": "v"}
"""The modes that tell of a role."""


def named(codec: IrcCodec, names: str) -> Iterator[str | Line]:
    """The rooms of a list, and refusals for what is none."""
    for name in filter(None, names.split(",")):
        yield name if name.startswith(ROOM) else codec.numeric("ERR_NOSUCHCHANNEL", name)


def reason(codec: IrcCodec, line: Line, place: int) -> str:
    """A parameter that is a reason, cut to what one may have; empty if it is not given."""
    given = line.params[place] if len(line.params) > place else ""
    return given[: codec.circumstances.limits.reason_characters]


def _join(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if line.params[0] == "0":
        yield Ask(commands.Leave(every=True, reason=reason(codec, line, 1)))
        return
    if not line.params[0].strip(","):
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)
        return
    keys = iter(line.params[1].split(",") if len(line.params) > 1 else ())
    for name in named(codec, line.params[0]):
        key = next(keys, None) or None
        if isinstance(name, Line):
            yield name
        else:
            yield Ask(commands.Join(id=new_id(), room=name, password=key), name)


def _part(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    why = reason(codec, line, 1)
    if not line.params[0].strip(","):
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)
    for name in named(codec, line.params[0]):
        leave = name if isinstance(name, Line) else commands.Leave(room=name, reason=why)
        yield leave if isinstance(leave, Line) else Ask(leave, leave.room or "")


def _topic(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    name, limits = line.params[0], codec.circumstances.limits
    if not name.startswith(ROOM):
        yield codec.numeric("ERR_NOSUCHCHANNEL", name)
        return
    topic = line.params[1][: limits.topic_characters] if len(line.params) > 1 else None
    yield Ask(commands.SetTopic(room=name, topic=topic), name)


def _names(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if not line.params:
        yield codec.numeric("RPL_ENDOFNAMES", "*")
        return
    for name in filter(None, line.params[0].split(",")):
        if name.startswith(ROOM):
            yield Ask(commands.ListPeople(room=name), name, _no_people)
        else:
            yield codec.numeric("RPL_ENDOFNAMES", name)


def _no_people(personal: Personal, request: Request, event: object) -> Iterable[Line] | None:
    """A room that may not be seen looks like one that nobody is in."""
    if not isinstance(event, events.Failed):
        return None
    return [personal.numeric("RPL_ENDOFNAMES", request.target)]


def _people(personal: Personal, _request: Request | None, event: events.People) -> Iterable[Line]:
    return names(personal, ROOM + event.room, event.people, secret=event.secret)


def _joined(form: Form, event: events.Joined) -> Iterable[Line]:
    person = event.person
    yield joined(form, event.room, person)
    if person.role in LETTERS:
        params = (ROOM + event.room, f"+{LETTERS[person.role]}", person.nick)
        yield Line(verb="MODE", params=params, source=form.server.name)
    if person.away is not None and form.has("away-notify"):
        source = source_of(person.nick, person.user)
        yield Line(verb="AWAY", params=(person.away,), source=source)


def _own_joined(
    personal: Personal, _request: Request | None, event: events.Joined
) -> Iterable[Line] | None:
    """Nothing of one's own coming, which is told with what the room is like."""
    return () if event.person.user == personal.user else None


def _own_left(
    personal: Personal, _request: Request | None, event: events.Left
) -> Iterable[Line] | None:
    """Nothing of the leaving of who one was: one has another nick by now."""
    return () if event.user == personal.former else None


def joined(form: Form, room: str, person: Person) -> Line:
    """Somebody comes into a room (extended-join)."""
    nick = person.nick
    more = (person.account or "*", person.realname or nick) if form.has("extended-join") else ()
    return Line(verb="JOIN", params=(ROOM + room, *more), source=source_of(nick, person.user))


def _left(_form: Form, event: events.Left) -> Iterable[Line]:
    if not event.gone:
        yield parted(event.room, source_of(event.nick, event.user), event.reason)


def parted(room: str, source: str, why: str | None) -> Line:
    """Somebody leaves a room."""
    return Line(verb="PART", params=(ROOM + room, *((why,) if why else ())), source=source)


def _exited(personal: Personal, _request: Request | None, event: events.Exited) -> list[Line]:
    return [parted(event.room, personal.source, event.reason)]


def _entered(personal: Personal, request: Request | None, event: events.Entered) -> Iterator[Line]:
    """Who asks for a room once more is told nothing; who is another person there is, unasked."""
    if event.again and request is not None:
        return
    yield from arrived(personal, event.room, event)
    if not event.messages or personal.form.has("draft/chathistory"):
        return
    if not _oneself(personal, event.people).bot:  # which may take what was said for a command
        yield from playback(personal, event.room, event.messages)


def _oneself(personal: Personal, people: tuple[Person, ...]) -> Person:
    """How one is seen among people, of whom one has come last, as a rule."""
    own = Person(nick=personal.nick, user=personal.user, address="")
    return next((each for each in reversed(people) if each.user == personal.user), own)


def arrived(
    personal: Personal, room: str, event: events.Entered | events.RoomRenamed
) -> Iterator[Line]:
    """One comes into a room: what it is about, and who is there."""
    form, name = personal.form, ROOM + room
    yield joined(form, room, _oneself(personal, event.people))
    if event.topic:
        yield from _shown_topic(personal, name, event.topic, event.topic_by, event.topic_at)
    if form.has(READ_MARKER):
        yield read(form, name, event.read_at)
    if not (form.has("draft/no-implicit-names") or form.has("no-implicit-names")):
        yield from names(personal, name, event.people, secret=event.secret)


def _changed_topic(_form: Form, event: events.Topic) -> Iterable[Line]:
    source = source_of(event.nick, event.user)
    yield Line(verb="TOPIC", params=(ROOM + event.room, event.topic), source=source)


def _asked_topic(
    personal: Personal, _request: Request | None, event: events.Topic
) -> Iterable[Line] | None:
    name = ROOM + event.room
    if event.nick:
        return None
    if not event.topic:
        return [personal.numeric("RPL_NOTOPIC", name)]
    return _shown_topic(personal, name, event.topic, event.set_by, event.set_at)


def _shown_topic(personal: Personal, name: str, topic: str, by: str, at: int) -> Iterator[Line]:
    yield personal.numeric("RPL_TOPIC", name, topic)
    if by:
        yield personal.numeric("RPL_TOPICWHOTIME", name, by, str(at // 1000))


def names(
    personal: Personal, room: str, people: tuple[Person, ...], *, secret: bool
) -> Iterator[Line]:
    """Who is in a room, in as many lines as it takes.

    When people come, what their list begins with is known from the one before.
    """
    form, symbol = personal.form, "@" if secret else "="
    most = BODY_BYTES - len(personal.numeric("RPL_NAMREPLY", symbol, room, "").body())
    known = form.rows.get(most)
    if known is None:
        known = form.rows[most] = Rows(most, " ")
    name = _named_in_full if form.has("userhost-in-names") else _named
    told = [("RPL_NAMREPLY", symbol, room, row) for row in known.of(people, name)]
    yield from personal.numerics(*told[:-1])
    for last in told[-1:]:  # another one for each who comes
        yield personal.numeric(*last)
    yield personal.numeric("RPL_ENDOFNAMES", room)


def _named(person: Person) -> str:
    return PREFIXES.get(person.role or "", "") + person.nick


def _named_in_full(person: Person) -> str:
    return PREFIXES.get(person.role or "", "") + source_of(person.nick, person.user)


SUBJECT = Subject(
    verbs={
        "JOIN": Verb(_join, needs=1),
        "PART": Verb(_part, needs=1),
        "TOPIC": Verb(_topic, needs=1),
        "NAMES": Verb(_names),
    },
    told={events.Joined: _joined, events.Left: _left, events.Topic: _changed_topic},
    answers={
        events.Entered: _entered,
        events.Exited: _exited,
        events.Joined: _own_joined,
        events.Left: _own_left,
        events.People: _people,
        events.Topic: _asked_topic,
    },
    failures={
        ("bad-name", "JOIN"): "ERR_BADCHANMASK",
        ("too-long", "JOIN"): "ERR_BADCHANMASK",
        ("password-needed", "JOIN"): "ERR_BADCHANNELKEY",
        ("invitation-needed", "JOIN"): "ERR_INVITEONLYCHAN",
        ("room-full", "JOIN"): "ERR_CHANNELISFULL",
        ("banned", "JOIN"): "ERR_BANNEDFROMCHAN",
        ("limit-reached", "JOIN"): "ERR_TOOMANYCHANNELS",
        ("bad-name", "PART"): "ERR_NOSUCHCHANNEL",
        ("bad-name", "TOPIC"): "ERR_NOSUCHCHANNEL",
        ("operator-needed", ""): "ERR_CHANOPRIVSNEEDED",
        ("banned", ""): "ERR_CHANOPRIVSNEEDED",
        ("muted", ""): "ERR_CANNOTSENDTOCHAN",
        ("moderated", ""): "ERR_CANNOTSENDTOCHAN",
        ("not-there", ""): "ERR_USERNOTINCHANNEL",
    },
)
