"""Telling about oneself and about one's rooms, by key; and hearing what others tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatservice.domain import commands, events
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import Forbidden, LimitReached, WrongState
from chatservice.domain.events import Described
from chatservice.domain.facts import KEY, fact_key, fact_value, of_person, of_room
from chatservice.domain.records import FactKept
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step


@dataclass(frozen=True, slots=True)
class _Target:
    """Who or what is told about: its name, whose its facts are, and who it is."""

    name: str
    owner: str
    person: Session | None = None
    room: Room | None = None


class Describing:
    """The commands about facts."""

    def __init__(self, state: ChatState) -> None:
        self._state = state
        self._people = state.people
        self._rooms = state.rooms
        self._facts = state.rooms.facts
        self._limits = state.limits
        self.methods: Methods = {
            commands.SetFact: self._set,
            commands.ClearFacts: self._clear,
            commands.AskFacts: self._ask,
            commands.Subscribe: self._subscribe,
            commands.SyncFacts: self._sync,
        }

    def _set(self, session: Session, command: commands.SetFact, now: int) -> list[Step]:
        target = self._own(session, command.target, now)
        key = fact_key(command.key)
        value = None if command.value is None else fact_value(command.value, self._limits)
        facts = self._facts.of(target.owner)
        known = {fact.key for fact in facts}
        if value is not None and key not in known and len(known) >= self._limits.facts:
            raise LimitReached(f"There are {self._limits.facts} facts about {target.name} already.")
        return self._change(session, target, [(key, value)], command.id, answered=True)

    def _clear(self, session: Session, command: commands.ClearFacts, now: int) -> list[Step]:
        target = self._own(session, command.target, now)
        facts = self._facts.of(target.owner)
        told = events.FactsCleared(
            target=target.name, keys=tuple(fact.key for fact in facts), re=command.id
        )
        changes = ((fact.key, None) for fact in facts)
        changed = self._change(session, target, changes, None, answered=False)
        return [Deliver.to(session, told), *changed]

    def _change(
        self,
        session: Session,
        target: _Target,
        changes: Iterable[tuple[str, str | None]],
        re: str | None,
        *,
        answered: bool,
    ) -> list[Step]:
        """Change facts, tell who wants to know, and keep them where their owner lasts."""
        room = target.room
        lasting = room is not None or session.account is not None
        steps = [] if room is None else self._rooms.keep(session, room)
        for key, value in changes:
            old = self._facts.get(target.owner, key)
            self._facts.put(target.owner, key, value)
            told = events.FactChanged(
                target=target.name,
                key=key,
                value=value,
                nick=session.nick or "",
                user=session.user,
                re=re,
            )
            audience = self._wanting(session, target, key) if value != old else ()
            audience += (session,) if answered else ()

            def undo(key: str = key, old: str | None = old) -> None:
                self._facts.put(target.owner, key, old)

            kept = FactKept(owner=target.owner, key=key, value=value) if lasting else None
            steps.append(Deliver(audience, told, origin=session, record=kept, undo=undo))
        return steps

    def _wanting(self, session: Session, target: _Target, key: str) -> tuple[Session, ...]:
        """Who is told that a fact is another one now, but for who has made it so."""
        if target.room is not None:
            hearing: Iterable[Session] = target.room.audience
        else:
            closely = self._state.attendance.watchers(session.nick or "", closely=True)
            hearing = dict.fromkeys((*self._rooms.audience_of(session), *closely))
        return tuple(each for each in hearing if key in each.subscribed and each is not session)

    def _ask(self, session: Session, command: commands.AskFacts, now: int) -> list[Step]:
        target = self._target(session, command.target, now)
        facts = self._facts.of(target.owner)
        if command.keys:
            facts = tuple(fact for fact in facts if fact.key in command.keys)
        reply = events.Facts(
            target=target.name,
            facts=facts,
            keys=command.keys,
            invalid=tuple(key for key in command.keys if not KEY.fullmatch(key)),
            re=command.id,
        )
        return [Deliver.to(session, reply)]

    def _subscribe(self, session: Session, command: commands.Subscribe, _now: int) -> list[Step]:
        subscribed = dict.fromkeys(session.subscribed)
        done: list[str] = []
        invalid: list[str] = []
        refused: str | None = None
        for key in command.keys:
            if not KEY.fullmatch(key):
                invalid.append(key)
            elif not command.active:
                subscribed.pop(key, None)
                done.append(key)
            elif len(subscribed) >= self._limits.fact_subscriptions:
                refused = key
                break
            else:
                subscribed[key] = None
                done.append(key)
        new = set(done) - set(session.subscribed) if command.active else set()
        session.subscribed = tuple(subscribed)
        told = events.Subscribed(
            keys=tuple(subscribed),
            changed=tuple(dict.fromkeys(done)),
            invalid=tuple(invalid),
            refused=refused,
            active=command.active,
            re=command.id,
        )
        rooms = [self._rooms.existing(name) for name in session.rooms]
        about = [each for room in rooms for each in self._facts.described(session, room, new)]
        if not about:
            return [Deliver.to(session, told)]
        synced = events.FactsSynced(about=tuple(dict.fromkeys(about)), re=command.id)
        return [Deliver.to(session, told), Deliver.to(session, synced)]

    def _sync(self, session: Session, command: commands.SyncFacts, now: int) -> list[Step]:
        target = self._target(session, command.target, now)
        keys = set(session.subscribed)
        if target.room is not None:
            about = self._facts.described(session, target.room, keys)
        else:
            facts = tuple(fact for fact in self._facts.of(target.owner) if fact.key in keys)
            about = [Described(target=target.name, facts=facts)] if facts else []
        told = events.FactsSynced(about=tuple(about), target=target.name, re=command.id)
        return [Deliver.to(session, told)]

    def _own(self, session: Session, name: str | None, now: int) -> _Target:
        """Oneself, or a room that one may tell about."""
        target = self._target(session, name, now)
        if target.room is not None:
            target.room.check(session, Act.KEEP, now)
        elif target.person is None or target.person.user != session.user:
            raise Forbidden(f"Only {target.name} tells about {target.name}.")
        return target

    def _target(self, session: Session, name: str | None, now: int) -> _Target:
        """Whom or what is meant. Raises `NoSuchPerson`, `NoSuchRoom`, `Forbidden`."""
        if name is not None and name.startswith("#"):
            room = self._rooms.existing(name)
            room.check(session, Act.SEE, now)
            return _Target(f"#{room.name}", of_room(room), room=room)
        found = session if name is None else self._people.find(name)
        if found.nick is None:
            raise WrongState("Set a nick first.")
        return _Target(found.nick, of_person(found.person), person=found)
