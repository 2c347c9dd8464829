"""Whose a registered nick is."""

from __future__ import annotations

from collections.abc import Iterable

from chatservice.domain.records import AccountKept
from chatservice.domain.text import folded, name_keys


def account_key(nick: str) -> str:
    """What an account is known by: its nick, however that is written."""
    return folded(nick)


class Owners:
    """All accounts, found by their nick or by one that looks like it."""

    def __init__(self, accounts: Iterable[AccountKept]) -> None:
        self._by_key: dict[str, AccountKept] = {}
        self._by_look: dict[str, AccountKept] = {}
        for account in accounts:
            self.put(account)

    @property
    def all(self) -> tuple[AccountKept, ...]:
        """Every account."""
        return tuple(self._by_key.values())

    def put(self, account: AccountKept) -> None:
        """Take in an account as it is from now on."""
        self._by_key[account.key] = account
        self._by_look.update(dict.fromkeys(name_keys(account.nick), account))

    def reserve(self, account: AccountKept) -> None:
        """Let nobody else have the name of an account that is being made."""
        self._by_look.update(dict.fromkeys(name_keys(account.nick), account))

    def release(self, account: AccountKept) -> None:
        """Let others have it, as the account could not be made."""
        for look in name_keys(account.nick):
            del self._by_look[look]

    def of(self, key: str) -> AccountKept | None:
        """The account of this key."""
        return self._by_key.get(key)

    def find(self, nick: str) -> AccountKept | None:
        """The account of this very nick, however that is written."""
        return self._by_key.get(account_key(nick))

    def alike(self, nick: str) -> list[AccountKept]:
        """The accounts of this nick, or of one that looks the same."""
        return list(filter(None, map(self._by_look.get, name_keys(nick))))
