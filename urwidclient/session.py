"""One person at one server: in rooms, with a nick, over as many connections as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from twisted.internet.interfaces import IStreamClientEndpoint

from chatservice.domain.commands import (
    Admit,
    Command,
    Create,
    Hello,
    Join,
    Leave,
    Say,
    SetNick,
    SetRoomPassword,
    Tell,
)
from chatservice.domain.errors import ChatError
from chatservice.domain.events import (
    Event,
    Failed,
    Left,
    LoggedIn,
    LoggedOut,
    Notice,
    Renamed,
    Welcome,
)
from chatservice.domain.text import name_keys
from urwidclient.connection import Connection
from urwidclient.credentials import Credentials
from urwidclient.logins import Logins
from urwidclient.phases import ConnectionState
from urwidclient.resume import Resume, new_id

NICK_RETRIES = 3
"""Attempts, a second apart, to get one's nick back before another one is taken."""

NICK_FALLBACKS = 5
"""Other nicks that are tried, each with one more `_`."""

NICK_CHARACTERS = 32
"""The longest nick that a fallback may have."""


NOT_ADMITTED = ("server-password-needed", "wrong-password")
"""The codes with which a server refuses a hello for want of its own password."""


class ChatSession:
    """One client at one server.

    `password` is that of the nick's account, if it has one; `logins` keeps others. The server's own
    is `server_password`.
    `jitter` gives a number from 0 to 1 that spreads reconnects, `wall` the time, UTC in ms.
    """

    def __init__(
        self,
        reactor: Any,
        endpoint: IStreamClientEndpoint,
        *,
        nick: str,
        rooms: Iterable[str] = ("lobby",),
        client_key: str,
        password: str | None = None,
        server_password: str | None = None,
        logins: Logins | None = None,
        on_event: Callable[[Event], object] = lambda _: None,
        on_state: Callable[[ConnectionState], object] = lambda _: None,
        jitter: Callable[[], float],
        wall: Callable[[], int],
    ) -> None:
        self.nick = nick
        self.on_event = on_event
        self.on_state = on_state
        self._clock = reactor
        self._client_key = client_key
        self._resume = Resume(rooms)
        self._credentials = Credentials(password, logins, self._answer)
        self._connection = Connection(
            reactor,
            endpoint,
            hello=self._make_hello,
            on_event=self._receive,
            on_state=lambda state: self.on_state(state),
            jitter=jitter,
            wall=wall,
        )
        self._wanted = nick
        self._had_nick = False
        self._server_password = server_password
        self._outside = False
        self._make_hello()

    def start(self) -> None:
        """Connect, and stay connected."""
        self._connection.start()

    def stop(self, reason: str = "") -> None:
        """Leave for a `reason`, and stay away."""
        self._connection.stop(reason)

    def reconnect_now(self) -> None:
        """Connect anew without any wait."""
        self._connection.reconnect_now()

    def send(self, command: Command) -> None:
        """Ask the server for something.

        What is said, that a room is left, and the first nick wait for a connection; all else fails
        without one.
        """
        try:
            if isinstance(command, Say | Tell):
                self._resume.say(command)
            elif not isinstance(command, Admit):
                self._resume.check(command)
        except ChatError as error:
            self._answer(Failed.of(error, command.id))
            return
        if isinstance(command, Say | Tell):
            self._say_all(self._answer)
        elif isinstance(command, Admit) and self._connection.online:
            self._answer(Notice(text="You are in already; no password is needed.", re=command.id))
        elif isinstance(command, Admit):
            self._server_password, self._outside = command.password, False
            self._connection.reconnect_now()
        elif isinstance(command, SetNick) and self._outside:
            self._wanted = command.nick
        elif isinstance(command, SetNick) and not (self._connection.online or self._had_nick):
            self._wanted = command.nick
            self._connection.reconnect_now()
        elif self._connection.online:
            self._ask(command)
        elif isinstance(command, Leave) and (left := self._resume.leave_later(command)) is not None:
            self._answer(left)
        else:
            text = "There is no connection to the server at the moment."
            self._answer(Failed(code="not-connected", text=text, re=command.id))

    def check(self, command: Command) -> None:
        """Raises `TooLong` if no line to the server can hold this."""
        self._resume.check(command)

    def offer_to_keep(self) -> bool:
        """Whether to ask if the login of a moment ago is to be kept."""
        return self._credentials.offer_to_keep()

    def keep_login(self) -> None:
        """Keep the login on this machine."""
        self._credentials.keep()

    def _ask(self, command: Command) -> None:
        if isinstance(command, SetNick):
            command = self._note_nick(command, automatic=False)
        elif isinstance(command, Join):
            command = self._resume.join(command)
        elif isinstance(command, Create):
            command = self._resume.create(command)
        elif isinstance(command, Leave):
            self._resume.leave(command)
        elif isinstance(command, SetRoomPassword):
            self._resume.set_password(command)
        self._credentials.try_(command)
        self._connection.transmit(command, self._answer)

    def _make_hello(self) -> Hello:
        """What begins a connection, on which nothing is known yet."""
        self._resume.begin()
        self._hello_id = new_id()
        self._has_nick = False
        self._rejoined = False
        self._nick_refusals = 0
        self._renames: dict[str, bool] = {}
        return Hello(
            id=self._hello_id,
            nick=self._wanted,
            client=self._client_key,
            password=self._server_password,
        )

    def _receive(self, event: Event) -> None:
        if isinstance(event, Welcome):
            self._resume.line_bytes = event.line_bytes
            self._resume.doubtful = self._connection.guessed
            for failed in self._resume.reconnect(event.server_id):
                self.on_event(failed)
            login = self._credentials.login(event.nick or self._wanted, event.server_id)
            if login is not None:
                self._connection.transmit(login)
        if not (self._credentials.see(event) or self._follow_nick(event)):
            for news in self._resume.see(event, self.nick):
                self.on_event(news)
        if self._has_nick and not self._rejoined and self._connection.online:
            self._rejoined = True
            for command in self._resume.rejoin():
                self._connection.transmit(command)
        self._say_all(self._receive)

    def _answer(self, event: Event) -> None:
        """Tell an event that is no server's, when whoever sent the command has gone on."""
        self._clock.callLater(0, self._receive, event)

    def _say_all(self, tell: Callable[[Event], object]) -> None:
        if self._rejoined and self._connection.online:
            for say in self._resume.ready():
                self._connection.transmit(say, tell)

    # One's own nick

    def _follow_nick(self, event: Event) -> bool:
        """Keep to what an event means for one's nick; whether it concerns nobody else."""
        automatic = self._renames.pop(getattr(event, "re", None) or "", False)
        match event:
            case Welcome(nick=None):
                if self._had_nick:
                    self._seek_nick()
            case Welcome(nick=str(nick)):
                self._take_nick(nick, wanted=nick if not self._had_nick else self._wanted)
            case Failed(re=str(re)) if re == self._hello_id:
                if event.code in NOT_ADMITTED:
                    # It lets nobody in who does not know its password: until then it is left alone.
                    self._outside = True
                    self._connection.stop()
                    return False
                return self._had_nick
            case Failed() if automatic:
                if not self._has_nick:
                    self._seek_nick()
                return True
            case LoggedIn(nick=nick) | LoggedOut(nick=nick):
                self._take_nick(nick, wanted=nick)
            case Renamed(old=old, new=new) if old == (self.nick if self._has_nick else ""):
                self._take_nick(new, wanted=self._wanted if automatic else new)
            case Renamed(old=gone) | Left(nick=gone):
                self._take_back(gone)
        return False

    def _take_nick(self, nick: str, *, wanted: str) -> None:
        self.nick, self._wanted = nick, wanted
        self._has_nick = self._had_nick = True

    def _seek_nick(self) -> None:
        """One's nick is refused at a reconnect: ask again, then for one like it."""
        self._nick_refusals += 1
        if self._nick_refusals <= NICK_RETRIES:
            self._clock.callLater(1.0, self._ask_nick, self._wanted, self._hello_id)
            return
        more = "_" * (self._nick_refusals - NICK_RETRIES)
        if len(more) <= NICK_FALLBACKS:
            self._ask_nick(self._wanted[: NICK_CHARACTERS - len(more)] + more)
        else:
            text = f"The nick {self._wanted} is somebody else's now; take another one."
            self._answer(Failed(code="name-taken", text=text))

    def _take_back(self, gone: str) -> None:
        if not self._has_nick or self.nick == self._wanted or any(self._renames.values()):
            return
        if name_keys(gone) & name_keys(self._wanted):
            self._ask_nick(self._wanted)

    def _ask_nick(self, nick: str, hello_id: str | None = None) -> None:
        """Ask for a nick, unless that was meant for another connection."""
        if self._connection.online and hello_id in (None, self._hello_id):
            self._connection.transmit(self._note_nick(SetNick(nick=nick), automatic=True))

    def _note_nick(self, command: SetNick, *, automatic: bool) -> SetNick:
        key = command.id or new_id()
        self._renames[key] = automatic
        return replace(command, id=key)
