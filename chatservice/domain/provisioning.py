"""Accounts that operators of the server make for others, or give another password."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chatservice.domain import commands, events
from chatservice.domain.accounts import Accounts
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import NoSuchPerson
from chatservice.domain.records import AccountKept
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import neutral


class Provisioning:
    """The commands about other people's accounts."""

    def __init__(self, state: ChatState, accounts: Accounts) -> None:
        self._owners = state.people.owners
        self._accounts = accounts
        self.methods: Methods = {
            commands.MakeAccount: self._make,
            commands.ResetPassword: self._reset,
        }

    def _make(self, session: Session, command: commands.MakeAccount, _now: int) -> list[Step]:
        session.check_operator()
        self._accounts.unowned(session, command.account)
        self._accounts.check_new(command.password)

        def name() -> str:
            session.check_operator()
            return self._accounts.unowned(session, command.account)

        def made(account: AccountKept, _now: int) -> list[Step]:
            told = events.Notice(text=f"{account.nick} is registered.", re=command.id)
            return [Deliver.to(session, told)]

        return self._accounts.make(session, name, command.password, command.id, made)

    def _reset(self, session: Session, command: commands.ResetPassword, _now: int) -> list[Step]:
        session.check_operator()
        account = self._owners.find(command.account)
        if account is None:
            raise NoSuchPerson(f"There is no account {neutral(command.account[:64])}.")
        self._accounts.check_new(command.password)

        def derived(password: str, scram: str, _now: int) -> list[Step]:
            session.check_operator()
            old = self._owners.of(account.key) or account
            new = replace(old, password=password, scram=scram)
            self._owners.put(new)
            told = events.Notice(text=f"{new.nick} has another password.", re=command.id)
            undo = partial(self._owners.put, old)
            return [replace(Deliver.to(session, told), record=new, undo=undo)]

        return self._accounts.derive(session, command.password, command.id, derived)
