"""The only owner of chat state: a plain function of (state, command, now) to steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chatservice.domain import commands, events
from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput, ChatError, NameTaken, SameName, WrongState
from chatservice.domain.events import Event, Message
from chatservice.domain.limits import Limits
from chatservice.domain.membership import Membership, page_of
from chatservice.domain.people import People
from chatservice.domain.records import KeptRoom, Page, Said
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Disconnect, Read, Step
from chatservice.domain.text import clean_nick, clean_text

VERSION = 1
"""The version of the native commands and events."""

FEATURES = ("history", "resume", "retry", "rooms", "typing")
"""What a client may rely on beyond the first version's commands."""

SHORTEST_SECRET = 16
"""Characters of a client's secret, so that nobody guesses it."""


class Hub:
    """All rooms and sessions.

    `draw(n)` gives a number from 0 to n - 1 that nobody can guess. Times are UTC milliseconds.
    """

    def __init__(
        self,
        *,
        name: str,
        server_id: str,
        limits: Limits,
        draw: Callable[[int], int],
        rooms: Iterable[KeptRoom] = (),
    ) -> None:
        self.name = name
        self.server_id = server_id
        self.limits = limits
        self._people = People(draw)
        self._rooms = Membership(limits, rooms)
        self._roster = self._rooms.lobby.people
        self._greeted: set[Session] = set()
        self._methods: dict[type[Command], Callable[[Session, Any, int], list[Step]]] = {
            commands.Hello: self._hello,
            commands.Listen: self._listen,
            commands.Appear: self._appear,
            commands.SetNick: self._set_nick,
            commands.Say: self._say,
            commands.Join: self._join,
            commands.Leave: self._leave,
            commands.ListRooms: self._list_rooms,
            commands.ListPeople: self._list_people,
            commands.Whois: self._whois,
            commands.History: self._history,
            commands.Typing: self._typing,
            commands.Ping: self._ping,
            commands.Quit: self._quit,
        }

    @property
    def present(self) -> int:
        """How many people are online, in whatever rooms."""
        return self._people.present

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All connected sessions, in order of connecting."""
        return self._people.sessions

    def connect(self, address: str, now: int) -> Session:
        """A new session for a connection from `address` (`ip:port`)."""
        return self._people.add(address, now)

    def execute(self, session: Session, command: Command, now: int) -> list[Step]:
        """Do what a session asks for. Raises `ChatError`, and has then changed nothing."""
        session.check(command)
        return self._methods[type(command)](session, command, now)

    def disconnect(self, session: Session, now: int) -> list[Step]:
        """The connection is gone: take the session out of everything."""
        if session.state is State.GONE:
            return []
        steps = self._rooms.part_all(session, now)
        self._greeted.discard(session)
        self._people.remove(session)
        return steps

    def void(self, record: Said) -> None:
        """A message came to nothing: the store refused it, or it is a retry."""
        self._rooms.void(record.message)

    def settle(self, event: Event) -> Event:
        """An event as it may be told now: without messages that came to nothing meanwhile."""
        return self._rooms.settle(event)

    def take_roster(self) -> Deliver | None:
        """The lobby's people for all who hear it, after a change and after each greeting.

        Where nothing changed, those just greeted have the list already.
        """
        lobby, greeted = self._rooms.lobby, self._greeted
        audience = lobby.audience
        if lobby.people is self._roster:
            if not greeted or len(greeted) == len(audience):
                greeted.clear()
                return None
            audience = tuple(session for session in audience if session not in greeted)
        self._greeted = set()
        self._roster = lobby.people
        return Deliver(audience, events.Roster(people=lobby.people))

    # One method for each command: (session, command, now) -> steps

    def _hello(self, session: Session, command: commands.Hello, _now: int) -> list[Step]:
        if command.client is not None and len(command.client) < SHORTEST_SECRET:
            raise BadInput(f'"client" has to have {SHORTEST_SECRET} random characters at least.')
        steps = self._take_over(session, command.client) if command.client is not None else []
        refusal: list[Step] = []
        if command.nick is not None and session.nick is None:
            try:
                self._people.name(session, clean_nick(command.nick, self.limits))
            except ChatError as error:
                failed = events.Failed(code=error.code, text=error.sentence, re=command.id)
                refusal.append(Deliver.to(session, failed))
        session.state = State.NAMELESS if session.nick is None else State.PRESENT
        welcome = events.Welcome(
            version=VERSION,
            features=FEATURES,
            server=self.name,
            server_id=self.server_id,
            nick=session.nick,
            user=session.user,
            text_characters=self.limits.text_characters,
            re=command.id,
        )
        return [*steps, Deliver.to(session, welcome), *refusal]

    def _take_over(self, session: Session, secret: str) -> list[Step]:
        """A client that comes back replaces its older connection, unnoticed by the others."""
        old = self._people.returns(session, secret)
        if old is None:
            return []
        self._rooms.replace(old, session)
        self._people.replace(old, session)
        self._show_anew(session)
        reason = events.Closing(code="replaced", text="You are connected from elsewhere now.")
        return [Deliver.to(old, reason), Disconnect(old)]

    def _listen(self, session: Session, command: commands.Listen, now: int) -> list[Step]:
        session.state = State.NAMELESS
        session.default_nick = command.default_nick
        session.current = LOBBY
        lobby = self._rooms.lobby

        def greet(messages: tuple[Message, ...], _now: int) -> list[Step]:
            lobby.hear(session)
            self._greeted.add(session)
            return [Deliver.to(session, events.Greeting(messages=messages, people=lobby.people))]

        return self._rooms.latest(session, lobby, greet, command.id, now)

    def _appear(self, session: Session, _command: Command, now: int) -> list[Step]:
        if session.nick is not None:
            return []
        self._check_nameable(session)
        nick = session.default_nick or ""
        try:
            return self._arrive(session, nick, now, None)
        except NameTaken:
            return self._arrive(session, f"{nick}_{session.user}", now, None)

    def _set_nick(self, session: Session, command: commands.SetNick, now: int) -> list[Step]:
        nick = clean_nick(command.nick, self.limits)
        old = session.nick
        if old is None:
            return self._arrive(session, nick, now, command.id)
        if nick == old:
            raise SameName("Did you even change your name?")
        self._people.name(session, nick)
        self._show_anew(session)
        renamed = events.Renamed(old=old, new=nick, user=session.user, at=now, re=command.id)
        return [Deliver(self._rooms.audience_of(session), renamed, origin=session)]

    def _say(self, session: Session, command: commands.Say, now: int) -> list[Step]:
        text = clean_text(command.text, self.limits)
        self._check_nameable(session)
        room = self._rooms.heard(session, command.room)
        steps = self._appear(session, command, now)
        seq = room.seq + 1
        message = Message(
            room=room.name,
            seq=seq,
            id=f"{room.id}-{seq}",
            nick=session.nick or "",
            user=session.user,
            at=max(now, room.at),
            text=text,
            kind=command.kind,
            re=command.id,
        )
        room.remember(message)
        session.spoke_at = now
        client = session.client if command.id is not None else None
        record = Said(room_id=room.id, message=message, client=client)
        return [*steps, Deliver(room.audience, message, origin=session, record=record)]

    def _join(self, session: Session, command: commands.Join, now: int) -> list[Step]:
        self._check_nameable(session)
        room = self._rooms.existing_or_new(session, command.room)
        steps = self._appear(session, command, now)
        since = command.since
        if since is not None and 0 <= since <= room.seq:
            return [*steps, *self._rooms.catch_up(session, room, since, command.id, now)]

        def enter(messages: tuple[Message, ...], now: int) -> list[Step]:
            return self._rooms.enter(session, room, messages, command.id, now)

        return [*steps, *self._rooms.latest(session, room, enter, command.id, now)]

    def _leave(self, session: Session, command: commands.Leave, now: int) -> list[Step]:
        self._check_nameable(session)
        room = self._rooms.heard(session, command.room, seen=True)
        steps = self._appear(session, command, now)
        exited = events.Exited(room=room.name, re=command.id)
        return [*steps, Deliver.to(session, exited), *self._rooms.part(session, room, now)]

    def _list_rooms(self, session: Session, command: Command, _now: int) -> list[Step]:
        rooms = tuple(room.info for room in self._rooms.rooms)
        return [Deliver.to(session, events.Rooms(rooms=rooms, re=command.id))]

    def _list_people(self, session: Session, command: commands.ListPeople, _: int) -> list[Step]:
        if command.room is None:
            room = self._rooms.heard(session, None)
        else:
            room = self._rooms.existing(command.room)
        reply = events.People(room=room.name, people=room.people, re=command.id)
        return [Deliver.to(session, reply)]

    def _whois(self, session: Session, command: commands.Whois, _now: int) -> list[Step]:
        found = self._people.find(command.nick)
        reply = events.WhoisReply(
            person=found.person,
            rooms=tuple(found.rooms),
            since=found.connected_at,
            spoke=found.spoke_at,
            re=command.id,
        )
        return [Deliver.to(session, reply)]

    def _history(self, session: Session, command: commands.History, _now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        bounds = (command.before, command.after, command.around)
        if sum(bound is not None for bound in bounds) > 1:
            raise BadInput('At most one of "before", "after" and "around" can be given.')
        if command.limit < 1:
            raise BadInput("A history request is for 1 message at least.")
        window = self._rooms.window(
            room, command.limit, before=command.before, after=command.after, around=command.around
        )

        def reply(page: Page, _now: int) -> list[Step]:
            return [Deliver.to(session, page_of(room, page, command.id))]

        read = Read(session, window, reply, command.id)
        if window.limit == command.limit:
            return [read]
        capped = events.Notice(text=f"At most {window.limit} messages are shown at once.")
        return [Deliver.to(session, capped), read]

    def _typing(self, session: Session, command: commands.Typing, _now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        if session.nick is None:
            return []
        typing = events.TypingNow(room=room.name, nick=session.nick, active=command.active)
        return [Deliver(room.audience, typing, origin=session)]

    def _ping(self, session: Session, command: Command, _now: int) -> list[Step]:
        return [Deliver.to(session, events.Pong(re=command.id))]

    def _quit(self, session: Session, _command: Command, now: int) -> list[Step]:
        steps = self.disconnect(session, now)
        goodbye = events.Closing(code="quit", text="Goodbye.")
        return [*steps, Deliver.to(session, goodbye), Disconnect(session)]

    def _show_anew(self, session: Session) -> None:
        """Let people see what has changed about a session, in every room it is seen in."""
        for name in session.rooms:
            self._rooms.existing(name).show(session)

    def _check_nameable(self, session: Session) -> None:
        """Raise `WrongState` if the session has no nick and no default to take."""
        if session.nick is None and session.default_nick is None:
            raise WrongState("Set a nick first.")

    def _arrive(self, session: Session, nick: str, now: int, re: str | None) -> list[Step]:
        """A nameless session becomes a person, seen in the lobby if it hears that."""
        self._people.name(session, nick)
        session.state = State.PRESENT
        if self._rooms.lobby.hears(session):
            return self._rooms.show(session, self._rooms.lobby, now)
        renamed = events.Renamed(old="", new=nick, user=session.user, at=now, re=re)
        return [Deliver.to(session, renamed)]
