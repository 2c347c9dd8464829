"""How a connection becomes a person: hello, listening, nicks; and how it leaves for good."""

from __future__ import annotations

from collections.abc import Iterator

from chatservice.domain import commands, events
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import BadInput, ChatError, NameTaken, SameName, WrongState
from chatservice.domain.events import Message
from chatservice.domain.membership import unchecked
from chatservice.domain.records import AccountKept
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Disconnect, Later, Step
from chatservice.domain.text import clean_realname, clean_text, new_nick, one_line

VERSION = 1
"""The version of the native commands and events."""

FEATURES = (
    "accounts",
    "always-on",
    "away",
    "conversations",
    "edit",
    "facts",
    "history",
    "ignore",
    "people",
    "private",
    "react",
    "read",
    "reply",
    "resume",
    "retry",
    "rooms",
    "scram",
    "search",
    "typing",
)
"""What a client may rely on beyond the first version's commands."""

SHORTEST_SECRET = 16
"""Characters of a client's secret, so that nobody guesses it."""


class Arrivals:
    """The commands about who one is."""

    def __init__(self, state: ChatState) -> None:
        self._state = state
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._attendance = state.attendance
        self.methods: Methods = {
            commands.Hello: self._hello,
            commands.Listen: self._listen,
            commands.Appear: lambda session, _, now: self.appear(session, now),
            commands.SetNick: self._set_nick,
            commands.Quit: self._quit,
        }

    def _hello(self, session: Session, command: commands.Hello, now: int) -> list[Step]:
        if command.client is not None and len(command.client) < SHORTEST_SECRET:
            raise BadInput(f'"client" has to have {SHORTEST_SECRET} random characters at least.')
        realname = clean_realname(command.realname, self._limits)
        steps = self._take_over(session, command.client, now) if command.client is not None else []
        refusal: list[Step] = []
        if command.nick is not None and session.nick is None:
            try:
                self._people.name(session, new_nick(command.nick, self._limits))
            except ChatError as error:
                refusal.append(Deliver.to(session, events.Failed.of(error, command.id)))
            else:
                steps += self._attendance.changed(session, None, session.nick, now)
        if realname is not None:
            for each in session.everywhere:
                each.realname = realname
            self.show_anew(session)
        session.state = State.NAMELESS if session.nick is None else State.PRESENT
        return [*steps, self._welcome(session, command.id), *refusal, *self.logged_in(session)]

    def logged_in(self, session: Session, re: str | None = None) -> list[Deliver]:
        """Tell a session whose owner it is, if it is any account's."""
        account = self._people.owners.of(session.account or "")
        if account is None:
            return []
        told = events.LoggedIn(
            account=account.nick, nick=session.nick or "", user=session.user, re=re
        )
        return [Deliver.to(session, told)]

    def introduce(self, session: Session, command: commands.Enter, now: int) -> list[Step]:
        """A session that has said nothing becomes a person, whom nobody sees yet."""
        realname = clean_realname(command.realname, self._limits)
        came: list[Deliver] = []
        if session.nick is None:  # else it is one connection more of a person that is here
            self._name(session, command)
            session.realname = realname
            came = self._attendance.changed(session, None, session.nick, now)
        session.state = State.PRESENT
        return [self._welcome(session, command.id), *came]

    def withdraw(self, session: Session, *, nameless: bool) -> None:
        """Let a session that was introduced be as before, when it may have been `nameless`."""
        if nameless:
            self._people.unname(session)
            session.realname = None
        session.state = State.VISITOR

    def _name(self, session: Session, command: commands.Enter) -> None:
        if command.nick is not None:
            self._people.name(session, new_nick(command.nick, self._limits))
        else:
            nick = command.default_nick or session.user
            try:
                self._people.name(session, nick)
            except NameTaken:
                self._people.name(session, f"{nick}_{session.user}")

    def _welcome(self, session: Session, re: str | None) -> Deliver:
        welcome = events.Welcome(
            version=VERSION,
            features=FEATURES,
            server=self._state.name,
            server_id=self._state.server_id,
            nick=session.nick,
            user=session.user,
            text_characters=self._limits.text_characters,
            line_bytes=self._limits.unit_bytes,
            re=re,
        )
        return Deliver.to(session, welcome)

    def _take_over(self, session: Session, secret: str, now: int) -> list[Step]:
        """A client that comes back replaces its older connection, unnoticed by the others."""
        old = self._people.returns(session, secret)
        if old is None:
            return []
        self._rooms.replace(old, session)
        self._people.replace(old, session)
        self._attendance.forget(old)
        self.show_anew(session)
        reason = events.Closing(code="replaced", text="You are connected from elsewhere now.")
        return [Deliver.to(old, reason), Disconnect(old), *self._claimed(session, now)]

    def _claimed(self, session: Session, now: int) -> Iterator[Step]:
        """That it came back wins nobody time on a nick that has an owner."""
        for key, seconds in session.claimed(now):
            account = self._people.owners.of(key)
            if account is not None:
                yield from self.want_login(session, account, seconds)

    def want_login(self, session: Session, account: AccountKept, seconds: float) -> list[Step]:
        """Give a guest on a registered nick so many seconds to log in."""
        wanted = events.LoginWanted(account=account.nick, seconds=round(seconds))
        vacate = commands.Vacate(account=account.key)
        return [Deliver.to(session, wanted), Later(session, seconds, vacate)]

    def _listen(self, session: Session, command: commands.Listen, now: int) -> list[Step]:
        session.state = State.NAMELESS
        session.default_nick = command.default_nick
        session.current = LOBBY
        lobby = self._rooms.lobby

        def greet(messages: tuple[Message, ...], now: int) -> list[Step]:
            lobby.check(session, Act.JOIN, now)
            lobby.hear(session)
            self._state.greeted.add(session)
            return [Deliver.to(session, events.Greeting(messages=messages, people=lobby.people))]

        return self._rooms.latest(session, lobby, greet, command.id, now, unchecked)

    def appear(self, session: Session, now: int) -> list[Step]:
        """A session that has no nick yet takes its default one. Raises `WrongState` without."""
        if session.nick is not None:
            return []
        self.check_nameable(session)
        nick = session.default_nick or ""
        try:
            return self._arrive(session, nick, now, None)
        except NameTaken:
            return self._arrive(session, f"{nick}_{session.user}", now, None)

    def _set_nick(self, session: Session, command: commands.SetNick, now: int) -> list[Step]:
        nick = new_nick(command.nick, self._limits)
        if nick == session.nick:
            raise SameName("Did you even change your name?")
        return self.rename(session, nick, now, command.id)

    def rename(self, session: Session, nick: str, now: int, re: str | None = None) -> list[Step]:
        """Give a person a nick, its first one or another. Raises `NameTaken`."""
        old = session.nick
        if old is None:
            return self._arrive(session, nick, now, re)
        self._people.name(session, nick)
        self.show_anew(session)
        renamed = events.Renamed(old=old, new=nick, user=session.user, at=now, re=re)
        told = Deliver(self._rooms.audience_of(session), renamed, origin=session)
        return [told, *self._attendance.changed(session, old, nick, now)]

    def _quit(self, session: Session, command: commands.Quit, now: int) -> list[Step]:
        steps = self._state.disconnect(session, now, self._reason(command.reason))
        goodbye = events.Closing(code="quit", text="Goodbye.", re=command.id)
        return [*steps, Deliver.to(session, goodbye), Disconnect(session)]

    def _reason(self, text: str) -> str | None:
        """Why somebody leaves, as others may read it; no reason at all keeps anybody here."""
        try:
            line = clean_text(text[: self._limits.reason_characters], self._limits)
        except ChatError:
            return None
        return one_line(line)

    def show_anew(self, session: Session) -> None:
        """Let people see what has changed about a session, in every room it is seen in."""
        for name in {room: None for each in session.everywhere for room in each.rooms}:
            self._rooms.existing(name).show(session)

    def check_nameable(self, session: Session) -> None:
        """Raise `WrongState` if the session has no nick and no default to take."""
        if session.nick is None and session.default_nick is None:
            raise WrongState("Set a nick first.")

    def _arrive(self, session: Session, nick: str, now: int, re: str | None) -> list[Step]:
        """A nameless session becomes a person, seen in the lobby if it hears that."""
        self._people.name(session, nick)
        session.state = State.PRESENT
        online = self._attendance.changed(session, None, nick, now)
        lobby = self._rooms.lobby
        if lobby.hears(session) and lobby.allows(session, Act.JOIN, now):
            return [*self._rooms.show(session, lobby, now), *online]
        renamed = events.Renamed(old="", new=nick, user=session.user, at=now, re=re)
        steps: list[Step] = [Deliver.to(session, renamed), *online]
        if lobby.hears(session):
            lobby.deafen(session)
            session.current = None
            refusal = events.Notice(text=lobby.banned(session, now).sentence)
            steps.append(Deliver.to(session, refusal))
        return steps
