"""What the server says of itself, and what its operators do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from chatservice.domain import commands, events
from chatservice.domain.errors import ServerOperatorNeeded
from chatservice.domain.events import Event
from chatservice.domain.masks import glob
from chatservice.domain.owners import account_key
from chatservice.domain.text import folded
from chatservice.domain.times import minute
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import Form, source_of
from chatservice.wire.irc.isupport import IN_A_LINE, tokens
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.usage import USAGE
from chatservice.wire.irc.verbs import Handler, Subject, Verb


def elsewhere(codec: IrcCodec, target: str, *nicks: str) -> bool:
    """Whether a target is none of: this server, somebody who asks, one of these nicks."""
    own = account_key(codec.personal.nick)
    known = (own, *map(account_key, nicks))
    fits = glob(folded(target)).fullmatch(folded(codec.personal.form.server.name))
    return fits is None and account_key(target) not in known


def _here(handler: Handler, *, target: int = 0) -> Handler:
    """A handler for which this server alone may be named, by that parameter."""

    def handle(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
        if len(line.params) > target and elsewhere(codec, line.params[target]):
            yield codec.numeric("ERR_NOSUCHSERVER", line.params[target])
        else:
            yield from handler(codec, line)

    return handle


def _lusers(_codec: IrcCodec, _line: Line) -> Iterable[Ask | Line]:
    yield Ask(commands.AskCounts(), answer=_counts)


def _counts(personal: Personal, _request: Request, event: events.Counts) -> Iterable[Line]:
    return counted(personal, event)


def counted(personal: Personal, counts: events.Counts) -> list[Line]:
    """How many people there are, with those who stay without a connection (RFC 2812, 3.4.2)."""
    now, most = str(counts.people), str(counts.most_people)
    shown, clients = counts.people - counts.invisible, counts.connections - counts.strangers
    numeric = personal.numeric
    return [
        numeric(
            "RPL_LUSERCLIENT",
            f"There are {shown} users and {counts.invisible} invisible on 1 servers",
        ),
        numeric("RPL_LUSEROP", str(counts.operators)),
        numeric("RPL_LUSERUNKNOWN", str(counts.strangers)),
        numeric("RPL_LUSERCHANNELS", str(counts.rooms)),
        numeric("RPL_LUSERME", f"I have {clients} clients and 0 servers"),
        numeric("RPL_LOCALUSERS", now, most, f"Current local users {now}, max {most}"),
        numeric("RPL_GLOBALUSERS", now, most, f"Current global users {now}, max {most}"),
    ]


def supported(personal: Personal) -> list[Line]:
    """What this server supports; as a batch for who knows extended-isupport."""
    words = tokens(personal.limits, personal.form.server.network)
    firsts = range(0, len(words), IN_A_LINE)
    lines = personal.numerics(
        *[("RPL_ISUPPORT", *words[first : first + IN_A_LINE]) for first in firsts]
    )
    extended = personal.form.has("draft/extended-isupport")
    return personal.batched("draft/isupport", lines) if extended else lines


def _isupport(codec: IrcCodec, _line: Line) -> list[Line]:
    return supported(codec.personal)


def _version(codec: IrcCodec, _line: Line) -> Iterator[Line]:
    server = codec.personal.form.server
    yield codec.numeric("RPL_VERSION", server.version, server.name, "chatservice")
    yield from supported(codec.personal)


def _motd(codec: IrcCodec, _line: Line) -> Iterable[Line]:
    return motd(codec.personal)


def motd(personal: Personal) -> list[Line]:
    """The message of the day."""
    server = personal.form.server
    if not server.motd:
        return [personal.numeric("ERR_NOMOTD")]
    return [
        personal.numeric("RPL_MOTDSTART", f"- {server.name} Message of the day -"),
        *(personal.numeric("RPL_MOTD", f"- {line}") for line in server.motd),
        personal.numeric("RPL_ENDOFMOTD"),
    ]


def _info(codec: IrcCodec, _line: Line) -> Iterator[Line]:
    server = codec.personal.form.server
    for text in (
        f"{server.name} of {server.network} is chatservice {server.version}.",
        "One chat for all who enter it: IRC is one of its doors.",
        f"Online since {minute(server.created_at)}.",
    ):
        yield codec.numeric("RPL_INFO", text)
    yield codec.numeric("RPL_ENDOFINFO")


def _time(_codec: IrcCodec, _line: Line) -> Iterable[Ask | Line]:
    def answer(personal: Personal, _request: Request, event: events.Time) -> Iterator[Line]:
        now = datetime.fromtimestamp(event.at / 1000, UTC)
        text = f"{now:%A, %d %B %Y, %H:%M:%S} UTC"
        yield personal.numeric("RPL_TIME", personal.form.server.name, text)

    yield Ask(commands.AskTime(), answer=answer)


def _stats(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    letter = line.params[0][:1] or "*"

    def answer(personal: Personal, _request: Request, event: events.Time) -> Iterator[Line]:
        if letter == "u":
            minutes, seconds = divmod((event.at - personal.form.server.created_at) // 1000, 60)
            days, minutes = divmod(minutes, 24 * 60)
            clock = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
            yield personal.numeric("RPL_STATSUPTIME", f"Server Up {days} days {clock}")
        yield personal.numeric("RPL_ENDOFSTATS", letter)

    yield Ask(commands.AskTime(), answer=answer)


def _admin(codec: IrcCodec, _line: Line) -> Iterator[Line]:
    yield codec.numeric("ERR_NOADMININFO", codec.personal.form.server.name)


def _links(codec: IrcCodec, _line: Line) -> Iterator[Line]:
    server = codec.personal.form.server
    yield codec.numeric("RPL_LINKS", server.name, server.name, f"0 {server.network}")
    yield codec.numeric("RPL_ENDOFLINKS", "*")


def _help(codec: IrcCodec, line: Line) -> Iterator[Line]:
    asked = line.params[0] if line.params and line.params[0] else "*"
    usage = USAGE.get(asked.upper())
    if asked == "*":
        head = "What the server understands; HELP and one of these tells more:"
        rest = sorted(codec.verbs)
    elif usage is None:
        yield codec.numeric("ERR_HELPNOTFOUND", "*" if " " in asked else asked)
        return
    else:
        form, summary = usage
        head, rest = f"{asked.upper()} {form}".rstrip(), [summary]
    yield codec.numeric("RPL_HELPSTART", asked, head)
    for text in rest:
        yield codec.numeric("RPL_HELPTXT", asked, text)
    yield codec.numeric("RPL_ENDOFHELP", asked, "End of help")


def _kill(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    nick, reason = (*line.params, "")[:2]
    yield Ask(commands.Kill(nick=nick, reason=reason), nick, _killed)


def _killed(personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
    if isinstance(event, events.Failed) and event.code == ServerOperatorNeeded.code:
        return [personal.numeric("ERR_NOPRIVILEGES")]
    return () if isinstance(event, events.Notice) else None


def _wallops(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if line.params[0].strip():
        yield Ask(commands.Announce(text=line.params[0]))
    else:
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)


def _announcement(_form: Form, event: events.Announcement) -> Iterator[Line]:
    yield Line(verb="WALLOPS", params=(event.text,), source=source_of(event.nick, event.user))


SUBJECT = Subject(
    verbs={
        "ISUPPORT": Verb(_isupport, early=True),
        "LUSERS": Verb(_here(_lusers, target=1)),
        "MOTD": Verb(_here(_motd)),
        "INFO": Verb(_here(_info)),
        "TIME": Verb(_here(_time)),
        "VERSION": Verb(_here(_version)),
        "STATS": Verb(_here(_stats, target=1), needs=1),
        "ADMIN": Verb(_here(_admin)),
        "LINKS": Verb(_links),
        "HELP": Verb(_help),
        "HELPOP": Verb(_help),
        "KILL": Verb(_kill, needs=1),
        "WALLOPS": Verb(_wallops, needs=1),
    },
    told={events.Announcement: _announcement},
    failures={("server-operator-needed", ""): "ERR_NOPRIVILEGES"},
)
