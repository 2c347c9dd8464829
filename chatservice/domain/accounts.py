"""Accounts: registered nicks, made and changed by their owners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.addresses import block_of, host_of, is_trusted
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import (
    BadInput,
    NameTaken,
    RegistrationClosed,
    WeakPassword,
    WrongState,
)
from chatservice.domain.logins import Logins
from chatservice.domain.owners import account_key
from chatservice.domain.records import AccountKept
from chatservice.domain.scram import SALT_BYTES, Verifier
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Compute, Deliver, Hash, Keep, Step
from chatservice.domain.text import new_nick
from chatservice.domain.tries import HOUR, Tries


class Accounts:
    """The commands about accounts themselves."""

    def __init__(self, state: ChatState, arrivals: Arrivals, logins: Logins) -> None:
        self._state = state
        self._people = state.people
        self._limits = limits = state.limits
        self._arrivals = arrivals
        self._logins = logins
        self._registrations = Tries(limits.address_accounts, HOUR / limits.address_accounts)
        self.methods: Methods = {
            commands.Register: self._register,
            commands.ChangePassword: self._change_password,
        }

    def _register(self, session: Session, command: commands.Register, now: int) -> list[Step]:
        self._free_name(session, command.account)
        self.check_new(command.password)
        block = block_of(host_of(session.address))
        self._registrations.check(block, now, "accounts are registered from your address")

        def name() -> str:
            return self._free_name(session, command.account)

        def made(account: AccountKept, now: int) -> list[Step]:
            return self._made(session, account, command.id, now)

        return self.make(session, name, command.password, command.id, made)

    def make(
        self,
        session: Session,
        name: Callable[[], str],
        password: str,
        re: str | None,
        made: Callable[[AccountKept, int], list[Step]],
    ) -> list[Step]:
        """Make an account if its name is still free, and go on once it is kept.

        Until then it is nobody's, but nobody else can have the name.
        """
        owners = self._people.owners

        def derived(password: str, scram: str, _now: int) -> list[Step]:
            def begin(now: int) -> AccountKept:
                nick = name()
                account = AccountKept(
                    key=account_key(nick),
                    nick=nick,
                    password=password,
                    scram=scram,
                    made_at=now,
                    always_on=self._state.rules.always_on,
                )
                owners.reserve(account)
                return account

            def done(account: AccountKept, kept: bool, now: int) -> list[Step]:
                owners.release(account)
                if not kept:
                    return []
                owners.put(account)
                guests = self._people.holders(account.nick)
                asked = (step for g in guests for step in self._logins.ask_for_login(g, now))
                return [*made(account, now), *asked]

            return [Keep(session, begin, done, re)]

        return self.derive(session, password, re, derived)

    def _made(self, session: Session, account: AccountKept, re: str | None, now: int) -> list[Step]:
        if session.state is State.GONE:
            return []
        if session.state is State.VISITOR:
            session.proven = account.key
            return list[Step](self._logins.newcomer(session, account, re))
        if session.nick is None:
            return self._logins.log_in_first(session, account, re, now)
        owned = self._logins.own(session, account, now)
        return [*self._arrivals.logged_in(session, re), *owned]

    def _free_name(self, session: Session, wanted: str | None) -> str:
        """The name of an account that a session can register, by default its nick."""
        host, rule = host_of(session.address), self._state.rules.registration
        if rule == "closed" and not is_trusted(host, self._limits):
            raise RegistrationClosed("Nobody can register here; ask the server's operator.")
        if rule != "before-connect" and session.state is State.VISITOR:
            raise WrongState("Come in first, then register.")
        if session.account is not None or session.proven is not None:
            raise WrongState("You are logged in already; /logout comes first.")
        if wanted is None and session.nick is None:
            raise WrongState("Set a nick first.")
        nick = self.unowned(session, wanted if wanted is not None else session.nick or "")
        if account_key(nick) in self._state.operators and not is_trusted(host, self._limits):
            raise NameTaken(
                f"Nickname '{nick}' can be registered only on the server's own machine."
            )
        return nick

    def unowned(self, session: Session, wanted: str) -> str:
        """A name that is nobody's account, and nobody's nick but the session's own."""
        nick = new_nick(wanted, self._limits)
        if self._people.owners.alike(nick):
            raise NameTaken(f"Nickname '{nick}' is registered already.")
        if any(holder.user != session.user for holder in self._people.holders(nick)):
            raise NameTaken(f"Somebody else is called '{nick}' just now.")
        return nick

    def check_new(self, password: str) -> None:
        """Raise `WeakPassword` or `BadInput` if this can be no account's password."""
        least, most = self._limits.password_least_characters, self._limits.password_characters
        sentence = f"A password has {least} to {most} characters."
        if len(password) < least:
            raise WeakPassword(sentence)
        if len(password) > most:
            raise BadInput(sentence)

    def derive(
        self,
        session: Session,
        password: str,
        re: str | None,
        go_on: Callable[[str, str, int], list[Step]],
    ) -> list[Step]:
        """Go on with what is kept of a password: `go_on(hash, verifier, now)`."""
        salt = self._state.draw(2 ** (8 * SALT_BYTES)).to_bytes(SALT_BYTES, "big")
        iterations = self._limits.scram_iterations

        def verifier() -> str:
            return str(Verifier.make(password, salt, iterations))

        def hashed(hashed: str, _now: int) -> list[Step]:
            return [Compute(session, verifier, lambda scram, now: go_on(hashed, scram, now), re)]

        return [Hash(session, password, hashed, re)]

    def _change_password(
        self, session: Session, command: commands.ChangePassword, now: int
    ) -> list[Step]:
        owners, re = self._people.owners, command.id
        account = owners.of(session.account or "")
        if account is None:
            raise WrongState("Log in first: /login <password>.")
        self.check_new(command.new)

        def changed(password: str, scram: str, _now: int) -> list[Step]:
            old = owners.of(account.key) or account
            new = replace(old, password=password, scram=scram)
            owners.put(new)
            notice = events.Notice(text="Your password is changed.", re=re)
            told = Deliver.to(session, notice)
            return [replace(told, record=new, undo=lambda: owners.put(old))]

        def go_on(_now: int) -> list[Step]:
            return self.derive(session, command.new, re, changed)

        return self._logins.prove(session, account.nick, command.old, re, now, go_on)
