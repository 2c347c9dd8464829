"""Whose somebody is."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.events.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn(Event):
    """To who registered or logged in: it is this person now, with all connections of the account.

    `account` is the account's name; the person may go by another nick, which is empty before it
    has come in.
    """

    account: str
    nick: str
    user: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginWanted(Event):
    """To a guest on a registered nick: it has so many seconds to log in to this account.

    Who does not gets another nick.
    """

    account: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(Event):
    """To who logged out: it is this guest now."""

    nick: str
    user: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """Somebody is the owner of an account now, or (without one) a guest."""

    nick: str
    user: str
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScramChallenge(Event):
    """The server's side of SCRAM-SHA-256."""

    message: str
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorChanged(Event):
    """To all of a person's connections: it may do anything on this server now, or no more.

    What a login or its end changes is told to the one that did it.
    """

    nick: str
    user: str
    operator: bool
    re: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysOn(Event):
    """To an account's owner: whether it stays in its rooms when it is not connected."""

    active: bool
    re: str | None = None
