"""Who is here, who was, and who is awaited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from chatservice.domain import commands, events
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput, ChatError, LimitReached
from chatservice.domain.events import FoundPerson, Person
from chatservice.domain.masks import glob, source
from chatservice.domain.owners import account_key
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_nick, folded


class Finding:
    """The commands that look for people."""

    def __init__(self, state: ChatState) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._attendance = state.attendance
        self.methods: Methods = {
            commands.FindPeople: self._find,
            commands.Whowas: self._whowas,
            commands.AskCounts: self._count,
            commands.Watch: self._watch,
            commands.Unwatch: self._unwatch,
            commands.ListWatched: self._list_watched,
        }

    def _find(self, session: Session, command: commands.FindPeople, now: int) -> list[Step]:
        if [command.mask is None, command.room is None, not command.nicks].count(False) > 1:
            raise BadInput('One of "mask", "room" and "nicks" can be given.')
        room, most = None, self._limits.found_people
        if command.room is not None:
            room = self._rooms.existing(command.room)
            room.check(session, Act.SEE, now)
            most = len(room.people)
            seen = iter(room.people)
        elif command.mask is not None:
            seen = self._fitting(session, command.mask)
        else:
            seen = self._named(command.nicks)
        wanted = (each for each in seen if each.operator or not command.operators)
        reply = events.PeopleFound(
            people=tuple(self._found(each, now) for each in islice(wanted, most)),
            room=room.name if room is not None else None,
            more=next(wanted, None) is not None,
            re=command.id,
        )
        return [Deliver.to(session, reply)]

    def _fitting(self, session: Session, mask: str) -> Iterator[Person]:
        """Whom a mask fits, but no invisible stranger."""
        if len(mask) > self._limits.mask_characters:
            raise BadInput(f"A mask has at most {self._limits.mask_characters} characters.")
        fits = glob(folded(mask)).fullmatch
        known = {session.user}
        if self._people.invisible:
            known |= {each.user for each in self._rooms.audience_of(session)}
        for each in self._people.persons:
            nick = each.nick or ""
            if (not each.invisible or session.operator or each.user in known) and any(
                fits(folded(text)) for text in (nick, source(nick, each.user), each.realname or "")
            ):
                yield each.person

    def _named(self, nicks: Iterable[str]) -> Iterator[Person]:
        """Who of these is here."""
        found = map(self._people.holder, nicks)
        return (each.person for each in found if each is not None)

    def _found(self, person: Person, now: int) -> FoundPerson:
        since, spoke = self._people.find(person.user).times
        idle = max(0, now - max(since, spoke)) // 1000
        return FoundPerson(person=person, since=since, idle=idle)

    def _whowas(self, session: Session, command: commands.Whowas, _now: int) -> list[Step]:
        found = self._attendance.past(command.nick, command.count)
        reply = events.Past(nick=command.nick, people=found, re=command.id)
        return [Deliver.to(session, reply)]

    def _count(self, session: Session, command: commands.AskCounts, _now: int) -> list[Step]:
        people = self._people
        reply = events.Counts(
            people=people.present,
            most_people=people.most,
            invisible=len({each.user for each in people.invisible}),
            operators=len({each.user for each in people.operators}),
            connections=people.connections,
            strangers=people.strangers,
            rooms=len(self._rooms.rooms),
            re=command.id,
        )
        return [Deliver.to(session, reply)]

    def _watch(self, session: Session, command: commands.Watch, _now: int) -> list[Step]:
        known = self._attendance.watched(session)
        nicks = [nick for nick in command.nicks if self._can_be(nick)]
        new = {account_key(nick) for nick in nicks} - {account_key(nick) for nick in known}
        if len(known) + len(new) > self._limits.watched:
            raise LimitReached(f"You can watch {self._limits.watched} people at most.")
        self._attendance.watch(session, nicks)
        if command.closely is not None:
            self._attendance.look_closely(session, command.closely)
        return self._watched(session, command.nicks, command.id)

    def _can_be(self, nick: str) -> bool:
        """Whether anybody can have this nick."""
        try:
            return bool(clean_nick(nick, self._limits))
        except ChatError:
            return False

    def _unwatch(self, session: Session, command: commands.Unwatch, _now: int) -> list[Step]:
        watched = self._attendance.watched(session)
        self._attendance.unwatch(session, watched if command.nicks is None else command.nicks)
        return self._watched(session, self._attendance.watched(session), command.id)

    def _list_watched(self, session: Session, command: Command, _now: int) -> list[Step]:
        return self._watched(session, self._attendance.watched(session), command.id)

    def _watched(self, session: Session, nicks: Iterable[str], re: str | None) -> list[Step]:
        online: list[Person] = []
        offline: list[str] = []
        for nick in nicks:
            found = self._people.holder(nick)
            if found is None:
                offline.append(nick)
            else:
                online.append(found.person)
        reply = events.Watched(online=tuple(online), offline=tuple(offline), re=re)
        return [Deliver.to(session, reply)]
