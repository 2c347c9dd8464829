"""What people and rooms tell about themselves, by key."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.events.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that is told under a key."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What somebody, or a room (`#name`), tells."""

    target: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChanged(Event):
    """A person or room (`#name`) tells something else under a key now, or nothing any more."""

    target: str
    key: str
    nick: str
    user: str
    value: str | None = None
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsCleared(Event):
    """To who cleared them: nothing is told under these keys any more."""

    target: str
    keys: tuple[str, ...]
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Event):
    """The answer to a question what somebody or a room tells, under all keys or these.

    What can be no key is `invalid`.
    """

    target: str
    facts: tuple[Fact, ...]
    keys: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsSynced(Event):
    """What those around one tell under the keys that one subscribes to; `target` was asked for."""

    about: tuple[Described, ...]
    target: str = ""
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed(Event):
    """To who changed it: all keys that one subscribes to, and what became of those asked for.

    `refused` is the first one that was too many, after which none was looked at.
    """

    keys: tuple[str, ...]
    changed: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    refused: str | None = None
    active: bool = True
    re: str | None = None
