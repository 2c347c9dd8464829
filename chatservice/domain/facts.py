"""What people and rooms tell about themselves, by key (IRC calls it metadata)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from chatservice.domain.errors import BadKey, BadValue
from chatservice.domain.events import Described, Fact, FactsSynced, Person
from chatservice.domain.limits import Limits
from chatservice.domain.owners import account_key
from chatservice.domain.records import FactKept
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_text, one_line

KEY = re.compile(r"[a-z0-9_./-]{1,64}")


def fact_key(key: str) -> str:
    """A key as it was given. Raises `BadKey`."""
    if not KEY.fullmatch(key):
        raise BadKey("A key has up to 64 of a to z, 0 to 9, and _ . / -")
    return key


def fact_value(value: str, limits: Limits) -> str:
    """A value as it is kept: one clean line. Raises `BadValue`, `TooLong`."""
    clean = one_line(clean_text(value, limits)) if value.strip() else ""
    if len(clean.encode("utf-8", "replace")) > limits.fact_bytes:
        raise BadValue(f"A fact has at most {limits.fact_bytes} bytes.")
    return clean


def of_person(person: Person) -> str:
    """Whose a person's facts are: its account's, or as long as it is here its own."""
    if person.account is not None:
        return f"account:{account_key(person.account)}"
    return of_user(person.user)


def of_user(user: str) -> str:
    """Whose the facts of somebody without an account are."""
    return f"user:{user}"


def of_room(room: Room) -> str:
    """Whose a room's facts are."""
    return f"room:{room.id}"


class Facts:
    """All facts, by whose they are."""

    def __init__(self, kept: Iterable[FactKept]) -> None:
        self._facts: dict[str, dict[str, str]] = {}
        for fact in kept:
            self.put(fact.owner, fact.key, fact.value)

    def __bool__(self) -> bool:
        """Whether anybody tells anything."""
        return bool(self._facts)

    def get(self, owner: str, key: str) -> str | None:
        """The value of a key."""
        return self._facts.get(owner, {}).get(key)

    def of(self, owner: str) -> tuple[Fact, ...]:
        """All of somebody's, or of a room's, in the order of setting."""
        found = self._facts.get(owner, {})
        return tuple(Fact(key=key, value=value) for key, value in found.items())

    def put(self, owner: str, key: str, value: str | None) -> None:
        """Set a key, or without a value remove it."""
        if value is not None:
            self._facts.setdefault(owner, {})[key] = value
        elif owner in self._facts:
            self._facts[owner].pop(key, None)
            if not self._facts[owner]:
                del self._facts[owner]

    def forget(self, owner: str) -> None:
        """Somebody is gone for good."""
        self._facts.pop(owner, None)

    def told(self, session: Session, room: Room, *, came: bool) -> list[Step]:
        """Tell who came what is told here, and others what it tells, as far as they want that."""
        steps: list[Step] = []
        if session.subscribed:
            about = tuple(self.described(session, room, set(session.subscribed)))
            steps = [Deliver.to(session, FactsSynced(about=about))] if about else []
        facts = self.of(of_person(session.person)) if came and self else ()
        if facts:
            keys = {fact.key for fact in facts}
            wanting = tuple(
                each
                for each in room.audience
                if not keys.isdisjoint(each.subscribed) and each.user != session.user
            )
            described = Described(target=session.nick or "", facts=facts)
            steps.append(Deliver(wanting, FactsSynced(about=(described,))))
        return steps

    def described(self, session: Session, room: Room, keys: AbstractSet[str]) -> list[Described]:
        """What a room and the others in it tell under some keys."""
        owners = {
            person.nick: of_person(person) for person in room.people if person.user != session.user
        }
        found = []
        for target, owner in ({f"#{room.name}": of_room(room)} | owners).items():
            facts = tuple(fact for fact in self.of(owner) if fact.key in keys)
            if facts:
                found.append(Described(target=target, facts=facts))
        return found
