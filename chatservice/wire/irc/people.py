"""Who is here, who somebody is, and who was here before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from chatservice.domain import commands, events
from chatservice.domain.events import Event, FoundPerson, Person
from chatservice.domain.masks import DOMAIN, USER
from chatservice.domain.times import minute
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM
from chatservice.wire.irc.isupport import TARGETS
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.lists import listed
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.rooms import PREFIXES
from chatservice.wire.irc.server import elsewhere
from chatservice.wire.irc.verbs import Subject, Verb

BOT = "B"
"""The mode of a bot, and what WHO shows of one (bot-mode, "The `BOT` ISUPPORT token")."""

_MOST_HOSTS = 5
"""Nicks that one USERHOST may ask for (RFC 2812, section 4.8)."""

_WHOX = re.compile(r"%([a-z]*)(?:,([0-9]{1,3}))?", re.IGNORECASE)
_NO_ADDRESS = "255.255.255.255"


def host_of(person: Person) -> str:
    """Where somebody seems to come from."""
    return person.user + DOMAIN


def _who(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    mask, flags = (*line.params, "", "")[:2]
    asked = _WHOX.search(flags)
    operators = "o" in flags.partition("%")[0]

    def answer(personal: Personal, _request: Request, event: Event) -> Iterator[Line]:
        if isinstance(event, events.PeopleFound):
            room = ROOM + event.room if event.room is not None else "*"
            for each in event.people:
                if asked is None:
                    yield _who_reply(personal, room, each.person)
                else:
                    yield _who_fields(personal, asked, room, each)
        yield personal.numeric("RPL_ENDOFWHO", mask or "*")

    if mask.startswith(ROOM):
        find = commands.FindPeople(room=mask, operators=operators)
    elif mask in ("", "0"):
        find = commands.FindPeople(mask="*", operators=operators)
    elif set("*?") & set(mask):
        find = commands.FindPeople(mask=mask, operators=operators)
    else:
        find = commands.FindPeople(nicks=(mask,), operators=operators)
    yield Ask(find, mask, answer)


def _who_reply(personal: Personal, room: str, person: Person) -> Line:
    server, hops = personal.form.server.name, "0"
    return personal.numeric(
        "RPL_WHOREPLY",
        *(room, USER, host_of(person), server, person.nick, flags_of(person)),
        f"{hops} {realname_of(person)}",
    )


def flags_of(person: Person) -> str:
    """Here or gone, operator of the server, bot, and the role in the room."""
    flags = "H" if person.away is None else "G"
    flags += "*" if person.operator else ""
    flags += BOT if person.bot else ""
    return flags + PREFIXES.get(person.role or "", "")


def realname_of(person: Person) -> str:
    """What somebody tells about itself; no client likes nothing."""
    return person.realname or person.nick


def _who_fields(personal: Personal, asked: re.Match[str], room: str, found: FoundPerson) -> Line:
    """Those fields that were asked for, in the order of WHOX, "RPL_WHOSPCRPL"."""
    person = found.person
    values = {
        "t": asked[2] or "0",
        "c": room,
        "u": USER,
        "i": _NO_ADDRESS,
        "h": host_of(person),
        "s": personal.form.server.name,
        "n": person.nick,
        "f": flags_of(person),
        "d": "0",
        "l": str(found.idle),
        "a": person.account or "0",
        "o": "n/a",
        "r": realname_of(person),
    }
    shown = (value for letter, value in values.items() if letter in asked[1])
    return personal.numeric("RPL_WHOSPCRPL", *shown)


_Answer = Callable[[Personal, Request, Event], Iterator[Line]]


def _targets(line: Line, index: int = 0) -> list[str]:
    """The nicks in a parameter, or none; too many are left out."""
    names = line.params[index].split(",") if len(line.params) > index else []
    return list(filter(None, names))[: TARGETS["WHOIS"]]


def _whois(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    nicks = _targets(line, 1 if len(line.params) > 1 else 0)
    if not nicks:
        yield codec.numeric("ERR_NONICKNAMEGIVEN")
    elif len(line.params) > 1 and elsewhere(codec, line.params[0], *nicks):
        yield codec.numeric("ERR_NOSUCHSERVER", line.params[0])
    else:
        for nick in nicks[:-1]:
            yield Ask(commands.Whois(nick=nick), nick, _whois_answer)
        asked = line.params[1 if len(line.params) > 1 else 0]
        end = _ending(_whois_answer, "RPL_ENDOFWHOIS", asked)
        yield Ask(commands.Whois(nick=nicks[-1]), nicks[-1], end)


def _whois_answer(personal: Personal, request: Request, event: Event) -> Iterator[Line]:
    if isinstance(event, events.WhoisReply):
        yield from _whois_lines(personal, event)
    else:
        yield personal.numeric("ERR_NOSUCHNICK", request.target)


def _whois_lines(personal: Personal, event: events.WhoisReply) -> Iterator[Line]:
    person, server = event.person, personal.form.server
    nick = person.nick
    yield personal.numeric("RPL_WHOISUSER", nick, USER, host_of(person), "*", realname_of(person))
    roles = dict.fromkeys(event.operator_in, "@") | dict.fromkeys(event.voice_in, "+")
    rooms = (roles.get(room, "") + ROOM + room for room in event.rooms)
    yield from listed(personal, "RPL_WHOISCHANNELS", nick, words=rooms)
    yield personal.numeric("RPL_WHOISSERVER", nick, server.name, server.network)
    if person.operator:
        yield personal.numeric("RPL_WHOISOPERATOR", nick)
    if person.bot:
        yield personal.numeric("RPL_WHOISBOT", nick, f"is a bot on {server.network}")
    if event.host is not None:
        modes = modes_of(event)
        yield personal.numeric(
            "RPL_WHOISHOST", nick, f"is connecting from *@{event.host} {event.host}"
        )
        yield personal.numeric("RPL_WHOISMODES", nick, f"is using modes {modes}")
    if event.account is not None:
        yield personal.numeric("RPL_WHOISACCOUNT", nick, event.account)
    if person.away is not None:
        yield personal.numeric("RPL_AWAY", nick, person.away)
    for fact in event.facts:
        yield personal.numeric("RPL_WHOISKEYVALUE", nick, fact.key, "*", fact.value)
    yield personal.numeric("RPL_WHOISIDLE", nick, str(event.idle), str(event.since // 1000))


def modes_of(event: events.WhoisReply) -> str:
    """Somebody's modes, as itself and operators may see them."""
    modes = ((BOT, event.person.bot), ("i", event.invisible), ("o", event.person.operator))
    return "+" + "".join(letter for letter, active in modes if active)


def _whowas(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    nicks = _targets(line)
    if not nicks:
        yield codec.numeric("ERR_NONICKNAMEGIVEN")
        return
    if len(line.params) > 2 and elsewhere(codec, line.params[2]):
        yield codec.numeric("ERR_NOSUCHSERVER", line.params[2])
        return
    count = _number(line.params[1]) if len(line.params) > 1 else 0
    for nick in nicks[:-1]:
        yield Ask(commands.Whowas(nick=nick, count=count), nick, _past)
    end = _ending(_past, "RPL_ENDOFWHOWAS", line.params[0])
    yield Ask(commands.Whowas(nick=nicks[-1], count=count), nicks[-1], end)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _past(personal: Personal, request: Request, event: Event) -> Iterator[Line]:
    if not isinstance(event, events.Past) or not event.people:
        yield personal.numeric("ERR_WASNOSUCHNICK", request.target)
        return
    for each in event.people:
        realname, host = each.realname or each.nick, each.user + DOMAIN
        yield personal.numeric("RPL_WHOWASUSER", each.nick, USER, host, "*", realname)
        if each.account is not None:
            yield personal.numeric("RPL_WHOISACCOUNT", each.nick, each.account)
        server = personal.form.server.name
        yield personal.numeric("RPL_WHOISSERVER", each.nick, server, minute(each.at))


def _ending(last: _Answer, end: str, asked: str) -> _Answer:
    """The last of several answers, and that it is the last of what was asked for."""

    def answer(personal: Personal, request: Request, event: Event) -> Iterator[Line]:
        yield from last(personal, request, event)
        yield personal.numeric(end, asked)

    return answer


def _row(personal: Personal, name: str, words: list[str]) -> Iterable[Line]:
    """A numeric with a list, in as many lines as it takes, but one at least."""
    return listed(personal, name, words=words) if words else [personal.numeric(name, "")]


def _ison(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    def answer(personal: Personal, _request: Request, event: events.PeopleFound) -> Iterator[Line]:
        yield from _row(personal, "RPL_ISON", [each.person.nick for each in event.people])

    nicks = tuple(" ".join(line.params).split())
    yield Ask(commands.FindPeople(nicks=nicks), answer=answer)


def _userhost(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    def answer(personal: Personal, _request: Request, event: events.PeopleFound) -> Iterator[Line]:
        yield from _row(
            personal, "RPL_USERHOST", [_userhost_of(each.person) for each in event.people]
        )

    nicks = tuple(" ".join(line.params).split())[:_MOST_HOSTS]
    yield Ask(commands.FindPeople(nicks=nicks), answer=answer)


def _userhost_of(person: Person) -> str:
    operator = "*" if person.operator else ""
    here = "+" if person.away is None else "-"
    return f"{person.nick}{operator}={here}{USER}@{host_of(person)}"


SUBJECT = Subject(
    verbs={
        "WHO": Verb(_who),
        "WHOIS": Verb(_whois),
        "WHOWAS": Verb(_whowas),
        "ISON": Verb(_ison, needs=1),
        "USERHOST": Verb(_userhost, needs=1),
    },
)
