"""Being the owner of one's nick."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chatservice.domain.commands.base import Command

RegistrationRule = Literal["before-connect", "open", "closed"]
"""Who may make an account: even who has not come in yet, who has, or nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Command):
    """Make an account of one's nick: from now on it is only for who knows the password.

    `account` is another nick to make it of; before one has come in, one has to say it.
    """

    password: str = field(repr=False)
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Command):
    """Be the owner of an account, by default the one of the nick that one has.

    Who has not come in yet comes in as that.
    """

    password: str = field(repr=False)
    nick: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scram(Command):
    """Log in by SCRAM-SHA-256 (RFC 7677): a message of the client's, and an empty one at the end.

    The first two are answered with the server's, which the client is to check.
    """

    message: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout(Command):
    """Be nobody's owner any more; the nick stays the account's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword(Command):
    """Give the account that one is logged in to another password."""

    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAccount(Command):
    """Make an account for somebody else; for operators of the server."""

    account: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword(Command):
    """Give somebody else's account another password; for operators of the server."""

    account: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacate(Command):
    """Give up the nick of an account that one has not logged in to in time."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit(Command):
    """Say the server's password, to be let in; said `once`, a wrong one is the end."""

    password: str | None = field(repr=False)
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Oper(Command):
    """Become an operator of the server, by a name and a password that its own operator gave out."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unoper(Command):
    """Be no operator of the server any more, until the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlwaysOn(Command):
    """Stay in one's rooms even when one is not connected, or do so no more; or ask for it."""

    active: bool | None = None
