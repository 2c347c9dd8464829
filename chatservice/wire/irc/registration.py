"""How a connection becomes somebody: capabilities, nick, user; and how it ends."""

from __future__ import annotations

from collections.abc import Iterable

from chatservice.domain import commands, events
from chatservice.domain.errors import ChatError
from chatservice.domain.events import Event
from chatservice.domain.text import folded, new_nick
from chatservice.domain.times import minute
from chatservice.wire.irc.capabilities import offered
from chatservice.wire.irc.codec import IrcCodec, new_id
from chatservice.wire.irc.form import Form, source_of
from chatservice.wire.irc.line import BODY_BYTES, Line
from chatservice.wire.irc.metadata import METADATA, own_metadata
from chatservice.wire.irc.monitor import CLOSELY, watch_closely
from chatservice.wire.irc.oneself import UNATTENDED, coming_away
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.rows import rows
from chatservice.wire.irc.sasl import Sasl
from chatservice.wire.irc.server import counted, motd, supported
from chatservice.wire.irc.verbs import Subject, Verb

WITH_VALUES = 302
"""The version of CAP from which on capabilities have values (capability-negotiation, "LS")."""

NOTIFY = "cap-notify"
"""What 302 means as well, and cannot be given back after it (ibid., "cap-notify")."""


def _cap(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    subcommand = line.params[0].upper()
    method = _CAP.get(subcommand)
    if method is None:
        yield codec.numeric("ERR_INVALIDCAPCMD", line.params[0])
    else:
        yield from method(codec, line.params[1:])


def _cap_ls(codec: IrcCodec, params: tuple[str, ...]) -> Iterable[Ask | Line]:
    version = int(params[0]) if params and params[0].isdecimal() and len(params[0]) < 9 else 0
    codec.cap_version = max(codec.cap_version, version)
    codec.negotiating = not codec.registered
    if version >= WITH_VALUES:
        codec.enable({*codec.capabilities, NOTIFY})
    yield from _cap_list(codec, "LS", available(codec, values=version >= WITH_VALUES))


def _cap_enabled(codec: IrcCodec, _params: tuple[str, ...]) -> Iterable[Ask | Line]:
    return _cap_list(codec, "LIST", sorted(codec.capabilities))


def _cap_req(codec: IrcCodec, params: tuple[str, ...]) -> Iterable[Ask | Line]:
    codec.negotiating = not codec.registered
    asked = params[-1] if params else ""
    wanted, known = set(codec.capabilities), available(codec, values=False)
    for name in asked.split():
        bare = name.removeprefix("-")
        if bare not in known or (name != bare == NOTIFY and codec.cap_version >= WITH_VALUES):
            yield from _cap_rows(codec, "NAK", asked.split())
            return
        if name.startswith("-"):
            wanted.discard(bare)
        else:
            wanted.add(name)
    changed = wanted ^ codec.capabilities
    codec.enable(wanted)
    yield from _cap_rows(codec, "ACK", asked.split())
    if CLOSELY in changed:
        yield from watch_closely(codec)
    if codec.registered and not METADATA.isdisjoint(changed & wanted):
        yield from own_metadata(codec)


def _cap_end(codec: IrcCodec, _params: tuple[str, ...]) -> Iterable[Ask | Line]:
    codec.negotiating = False
    return register(codec)


_CAP = {"LS": _cap_ls, "LIST": _cap_enabled, "REQ": _cap_req, "END": _cap_end}


def available(codec: IrcCodec, *, values: bool) -> list[str]:
    """The capabilities that can be asked for, with their values if these are wanted."""
    found = offered(codec.circumstances.limits, codec.personal.form.server)
    return [f"{name}={value}" if values and value else name for name, value in found.items()]


def _cap_list(codec: IrcCodec, subcommand: str, names: list[str]) -> Iterable[Line]:
    """A list of capabilities in as many lines as it takes, where the client understands that.

    For others there is one line, where drafts are left out first.
    """
    several = codec.cap_version >= WITH_VALUES
    room = BODY_BYTES - len(codec.cap(subcommand, "*", "").body())
    if not several:
        names = sorted(names, key=lambda name: (name.startswith("draft/"), name))
    *firsts, last = rows(names, room, " ")[: None if several else 1] or [""]
    for row in firsts:
        yield codec.cap(subcommand, "*", row)
    yield codec.cap(subcommand, last)


def _cap_rows(codec: IrcCodec, subcommand: str, names: list[str]) -> Iterable[Line]:
    """The answer to a request, in lines that fit."""
    room = BODY_BYTES - len(codec.cap(subcommand, "").body())
    for row in rows(names, room, " ") or [""]:
        yield codec.cap(subcommand, row)


def _nick(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if not line.params or not line.params[0]:
        yield codec.numeric("ERR_NONICKNAMEGIVEN")
        return
    nick, limits = line.params[0], codec.circumstances.limits
    try:
        clean = new_nick(nick, limits)
        sentence = f"As here: {clean}"
    except ChatError as error:
        clean, sentence = None, error.sentence
    if folded(nick) == folded(codec.personal.form.server.name):
        clean, sentence = None, "This is the server's name"
    if clean != nick:
        yield codec.numeric("ERR_ERRONEUSNICKNAME", nick, sentence)
    elif codec.registered:
        yield Ask(commands.SetNick(nick=nick), nick)
    else:
        codec.nick = nick
        yield from register(codec)


def _user(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if codec.registered:
        yield codec.numeric("ERR_ALREADYREGISTERED")
    elif not line.params[0] or not line.params[3]:
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)
    else:
        codec.realname = line.params[3][: codec.circumstances.limits.realname_characters]
        yield from register(codec)


def register(codec: IrcCodec) -> Iterable[Ask | Line]:
    """Become somebody, once everything for that is said."""
    if codec.registered or codec.negotiating or None in (codec.nick, codec.realname):
        return
    if codec.sasl is not None:
        yield _abort(codec.sasl)
        codec.sasl = None
    enter = commands.Enter(
        id=new_id(),
        nick=codec.nick,
        realname=codec.realname,
        aside=True,
        unattended=codec.away == UNATTENDED,
    )
    yield Ask(enter, codec.nick or "")
    yield from greet(codec)


def _abort(sasl: Sasl) -> Ask:
    """Tell that a login is aborted, unless what was said before turns out to be its end."""

    def aborted(personal: Personal, _request: Request, _event: Event) -> Iterable[Line]:
        return () if sasl.said else [personal.numeric("ERR_SASLABORTED")]

    return Ask(commands.Ping(), answer=aborted)


def greet(codec: IrcCodec) -> Iterable[Ask]:
    """What follows the welcome of who is in by then; all others are told nothing."""
    yield Ask(commands.AskCounts(id=new_id()), answer=_greeting)
    yield from coming_away(codec)
    yield from own_metadata(codec)


def _greeting(personal: Personal, _request: Request, event: Event) -> Iterable[Line]:
    """As if one had sent LUSERS and MOTD (Modern, "Connection Registration"), if one is in."""
    if isinstance(event, events.Counts):
        return [*counted(personal, event), *motd(personal)]
    return ()


def _welcome(personal: Personal, _request: Request | None, event: events.Welcome) -> list[Line]:
    server = personal.form.server
    name = source_of(event.nick or "", event.user)
    return [
        personal.numeric("RPL_WELCOME", f"Welcome to the {server.network} network, {name}"),
        *personal.numerics(
            ("RPL_YOURHOST", f"Your host is {server.name}, running {server.version}"),
            ("RPL_CREATED", f"This server was started {minute(server.created_at)}"),
            ("RPL_MYINFO", server.name, server.version, *_MODES),
        ),
        *supported(personal),
    ]


_MODES = ("Bio", "CIbeiklmnostv", "Ibeklov")
"""What 004 ends with: modes of people, of channels, and those of channels with a parameter."""


def _ping(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if not line.params or not line.params[0]:
        yield codec.numeric("ERR_NOORIGIN")
        return
    token = line.params[0]

    def pong(personal: Personal, _request: Request, _event: object) -> Iterable[Line]:
        name = personal.form.server.name
        return [Line(verb="PONG", params=(name, token), source=name)]

    yield Ask(commands.Ping(), answer=pong)


def _pong(_codec: IrcCodec, _line: Line) -> Iterable[Ask | Line]:
    return ()


def _quit(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    yield Ask(commands.Quit(reason=line.params[0] if line.params else ""))


def _renamed(_form: Form, event: events.Renamed) -> Iterable[Line]:
    if event.old:
        yield Line(verb="NICK", params=(event.new,), source=source_of(event.old, event.user))


def _gone(_form: Form, event: events.Gone) -> Iterable[Line]:
    params = (event.reason or "Connection closed",)
    tags = {"account": event.account} if event.account is not None else {}
    yield Line(verb="QUIT", params=params, source=source_of(event.nick, event.user), tags=tags)


def _closing(_form: Form, event: events.Closing) -> Iterable[Line]:
    yield Line(verb="ERROR", params=(event.text,))


SUBJECT = Subject(
    verbs={
        "CAP": Verb(_cap, needs=1, early=True),
        "NICK": Verb(_nick, early=True),
        "USER": Verb(_user, needs=4, early=True),
        "PING": Verb(_ping, early=True),
        "PONG": Verb(_pong, early=True),
        "QUIT": Verb(_quit, early=True),
    },
    told={
        events.Renamed: _renamed,
        events.Gone: _gone,
        events.Closing: _closing,
        events.Roster: lambda _form, _event: (),
    },
    answers={events.Welcome: _welcome},
    failures={
        ("name-taken", ""): "ERR_NICKNAMEINUSE",
        ("bad-name", ""): "ERR_ERRONEUSNICKNAME",
        ("same-name", "NICK"): "",
        ("no-such-person", ""): "ERR_NOSUCHNICK",
        ("no-such-room", ""): "ERR_NOSUCHCHANNEL",
        ("not-in-room", ""): "ERR_NOTONCHANNEL",
        ("empty-text", ""): "ERR_NOTEXTTOSEND",
    },
)
