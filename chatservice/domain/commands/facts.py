"""Telling about oneself and one's rooms, by key."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands.base import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFact(Command):
    """Tell something about oneself, or a room (`#name`), under a key; without a value no more."""

    key: str
    value: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearFacts(Command):
    """Tell nothing about oneself, or about a room, any more."""

    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFacts(Command):
    """Ask what somebody, or a room (`#name`), tells: all of it, or under these keys."""

    target: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Command):
    """Be told what people and rooms around one tell under these keys, or no more."""

    keys: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFacts(Command):
    """Ask what a room and all in it, or one person, tell under the keys one subscribes to."""

    target: str
