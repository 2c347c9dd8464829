"""Accounts: passwords, logging in by SASL, registering, and operators of the server."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatservice.domain import commands, events
from chatservice.domain.errors import WrongPassword
from chatservice.domain.events import Event
from chatservice.wire.irc.advice import in_words_of_irc
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import Form, source_of
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.registration import greet
from chatservice.wire.irc.sasl import CHUNK, MECHANISMS, MOST, Sasl
from chatservice.wire.irc.usage import USAGE
from chatservice.wire.irc.verbs import Subject, Verb
from chatservice.wire.sentences import sentence


def _pass(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if codec.registered:
        yield codec.numeric("ERR_ALREADYREGISTERED")
    elif not line.params[0]:
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)
    elif codec.personal.form.server.password_needed:
        yield Ask(commands.Admit(password=line.params[0], once=True), answer=_shut_out)
        yield from greet(codec)


def _shut_out(personal: Personal, _request: Request, event: Event) -> Iterable[Line] | None:
    """A wrong password ends the connection (Modern IRC, "PASS message")."""
    if isinstance(event, events.Failed) and event.code == WrongPassword.code:
        error = Line(verb="ERROR", params=(event.text,))
        return [personal.numeric("ERR_PASSWDMISMATCH"), error]
    return None


def _authenticate(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    data, sasl = line.params[0], codec.sasl
    if "sasl" not in codec.capabilities:
        yield codec.numeric("ERR_SASLFAIL")
    elif data == "*":
        codec.sasl = None
        yield codec.numeric("ERR_SASLABORTED")
    elif sasl is None:
        yield from _begin(codec, data.upper())
    elif len(data) > CHUNK or len(sasl.data) + len(data) > MOST:
        codec.sasl = None
        yield codec.numeric("ERR_SASLTOOLONG")
    elif sasl.take(data):
        asked = sasl.asked()
        if sasl.said:
            codec.sasl = None
        if asked is None:
            yield codec.numeric("ERR_SASLFAIL")
        else:
            yield Ask(asked, answer=_Outcome(codec, sasl))


def _begin(codec: IrcCodec, mechanism: str) -> Iterable[Line]:
    if mechanism in MECHANISMS:
        codec.sasl = Sasl(mechanism)
        yield Line(verb="AUTHENTICATE", params=("+",))
    else:
        yield codec.numeric("RPL_SASLMECHS", ",".join(MECHANISMS))
        yield codec.numeric("ERR_SASLFAIL")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What comes of a proof that one is an account's owner."""

    codec: IrcCodec
    sasl: Sasl

    def __call__(
        self, personal: Personal, _request: Request, event: Event
    ) -> Iterable[Line] | None:
        """The lines, None for those of any other event."""
        if isinstance(event, events.ScramChallenge):
            data = base64.b64encode(event.message.encode()).decode()
            chunks = [data[first : first + CHUNK] for first in range(0, len(data), CHUNK)]
            ends = ["+"] if len(chunks[-1]) == CHUNK else []
            return [Line(verb="AUTHENTICATE", params=(chunk,)) for chunk in [*chunks, *ends]]
        if isinstance(event, events.Failed):
            self.sasl.said = True
            if self.codec.sasl is self.sasl:
                self.codec.sasl = None
            return [personal.numeric("ERR_SASLFAIL")]
        if isinstance(event, events.LoggedIn):
            told = _logged_in(personal, None, event)
            return [next(told), personal.numeric("RPL_SASLSUCCESS"), *told]
        return None


def _logged_in(
    personal: Personal, _request: Request | None, event: events.LoggedIn
) -> Iterator[Line]:
    mask = source_of(personal.nick, event.user)
    text = f"You are now logged in as {event.account}"
    yield personal.numeric("RPL_LOGGEDIN", mask, event.account, text)
    yield from _become(personal, event.nick, event.user)


def _logged_out(
    personal: Personal, _request: Request | None, event: events.LoggedOut
) -> Iterator[Line]:
    yield personal.numeric("RPL_LOGGEDOUT", source_of(personal.nick, event.user))
    yield from _become(personal, event.nick, event.user)


def _become(personal: Personal, nick: str, user: str) -> Iterator[Line]:
    """Be another person from now on; one that has another nick only is told of that by itself."""
    if not personal.user or user == personal.user:
        return
    source, old = personal.source, personal.user
    if nick != personal.nick:
        yield Line(verb="NICK", params=(nick,), source=source)
    personal.nick, personal.user, personal.former = nick, user, old
    if personal.form.has("chghost"):
        yield Line(verb="CHGHOST", params=("u", f"{user}.chat"), source=source_of(nick, old))


def _login_wanted(
    personal: Personal, _request: Request | None, event: events.LoginWanted
) -> Iterable[Line]:
    return personal.notices(in_words_of_irc(sentence(event) or ""))


def _account_changed(form: Form, event: events.AccountChanged) -> Iterator[Line]:
    if form.has("account-notify"):
        source = source_of(event.nick, event.user)
        yield Line(verb="ACCOUNT", params=(event.account or "*",), source=source)


def _register(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    account, _email, password = line.params[:3]
    nick = codec.personal.nick if codec.registered else codec.nick
    early = codec.personal.form.server.registration == "before-connect"
    name = nick if account == "*" else account
    if not (codec.registered or early):
        text = "Finish connecting, then register"
        yield from _fail(codec, "REGISTER", "COMPLETE_CONNECTION_REQUIRED", account, text)
    elif nick is None or name is None:
        yield from _fail(codec, "REGISTER", "NEED_NICK", "*", "Say a nick first")
    else:
        command = commands.Register(account=name, password=password)
        yield Ask(command, answer=_Registered(name))


@dataclass(frozen=True, slots=True)
class _Registered:
    """What comes of registering an account."""

    account: str

    def __call__(self, personal: Personal, request: Request, event: Event) -> Iterable[Line] | None:
        """The lines, None for those of any other event."""
        if isinstance(event, events.Failed):
            code = _REGISTER_FAILURES.get(event.code, "TEMPORARILY_UNAVAILABLE")
            return personal.standard("FAIL", request.verb, code, event.text, self.account)
        if isinstance(event, events.LoggedIn):
            text = "The account is made, and you are logged in"
            params = ("SUCCESS", event.account, text)
            told = Line(verb="REGISTER", params=params, source=personal.form.server.name)
            return [told, *_logged_in(personal, request, event)]
        return None


_REGISTER_FAILURES = {
    "name-taken": "ACCOUNT_EXISTS",
    "bad-name": "BAD_ACCOUNT_NAME",
    "too-long": "BAD_ACCOUNT_NAME",
    "weak-password": "WEAK_PASSWORD",
    "bad-input": "UNACCEPTABLE_PASSWORD",
    "wrong-state": "ALREADY_AUTHENTICATED",
}


def _verify(codec: IrcCodec, line: Line) -> Iterable[Line]:
    text = "No account waits for a code here"
    return _fail(codec, "VERIFY", "INVALID_CODE", line.params[0], text)


def _fail(codec: IrcCodec, verb: str, code: str, context: str, text: str) -> Iterable[Line]:
    return codec.personal.standard("FAIL", verb, code, text, context)


def _always_on(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    wanted = {"ON": True, "OFF": False, "": None}
    word = line.params[0].upper() if line.params else ""
    if word in wanted:
        yield Ask(commands.SetAlwaysOn(active=wanted[word]))
    else:
        text = f"The right form is: {line.verb} {USAGE[line.verb][0]}"
        yield from _fail(codec, line.verb, "INVALID_PARAMS", line.params[0], text)


def _oper(_codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    yield Ask(commands.Oper(name=line.params[0], password=line.params[1]))


def _operator_changed(
    personal: Personal, _request: Request | None, event: events.OperatorChanged
) -> Iterator[Line]:
    if event.operator:
        yield personal.numeric("RPL_YOUREOPER")
    params = (personal.nick, "+o" if event.operator else "-o")
    yield Line(verb="MODE", params=params, source=personal.source)


SUBJECT = Subject(
    verbs={
        "PASS": Verb(_pass, needs=1, early=True),
        "AUTHENTICATE": Verb(_authenticate, needs=1, early=True),
        "REGISTER": Verb(_register, needs=3, early=True),
        "VERIFY": Verb(_verify, needs=2, early=True),
        "ALWAYSON": Verb(_always_on),
        "OPER": Verb(_oper, needs=2),
    },
    told={events.AccountChanged: _account_changed},
    answers={
        events.LoggedIn: _logged_in,
        events.LoggedOut: _logged_out,
        events.LoginWanted: _login_wanted,
        events.OperatorChanged: _operator_changed,
    },
    failures={
        ("server-password-needed", ""): "ERR_PASSWDMISMATCH",
        ("wrong-password", "OPER"): "ERR_PASSWDMISMATCH",
        ("forbidden", "OPER"): "ERR_NOOPERHOST",
    },
)
