"""Accounts: registered nicks, whose owners prove with a password who they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.addresses import block_of, host_of, is_loopback
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import (
    BadInput,
    LimitReached,
    NameTaken,
    WrongPassword,
    WrongState,
)
from chatservice.domain.letters import Letters
from chatservice.domain.owners import account_key
from chatservice.domain.records import AccountKept
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Hash, Later, Step, Verify
from chatservice.domain.text import clean_nick
from chatservice.domain.tries import Tries

HOUR = 3600
"""Seconds of one."""


class Accounts:
    """The commands about being the owner of one's nick."""

    def __init__(
        self, state: ChatState, arrivals: Arrivals, letters: Letters, operators: Iterable[str]
    ) -> None:
        self._state = state
        self._people = state.people
        self._rooms = state.rooms
        self._limits = limits = state.limits
        self._arrivals = arrivals
        self._letters = letters
        self._operators = frozenset(map(account_key, operators))
        self._logins = Tries(limits.password_tries, limits.password_seconds)
        self._registrations = Tries(limits.address_accounts, HOUR / limits.address_accounts)
        self.methods: Methods = {
            commands.Register: self._register,
            commands.Login: self._login,
            commands.Logout: self._logout,
            commands.ChangePassword: self._change_password,
            commands.Vacate: self._vacate,
        }

    def ask_for_login(self, session: Session) -> list[Step]:
        """Give a guest who has just taken a registered nick some time to log in."""
        account = self._people.owners.find(session.nick or "")
        if account is None or session.account == account.key or account.key in session.claims:
            return []
        session.claims[account.key] = False
        seconds = self._limits.login_seconds
        wanted = events.LoginWanted(account=account.nick, seconds=round(seconds))
        vacate = commands.Vacate(account=account.key)
        return [Deliver.to(session, wanted), Later(session, seconds, vacate)]

    def _register(self, session: Session, command: commands.Register, now: int) -> list[Step]:
        self._free_nick(session)
        self._check_new(command.password)
        block = block_of(host_of(session.address))
        wait = self._registrations.take(block, now)
        if wait:
            raise LimitReached(
                f"Too many accounts are registered from your address; try again {_in(wait)}."
            )

        def hashed(password: str, now: int) -> list[Step]:
            nick = self._free_nick(session)
            account = AccountKept(key=account_key(nick), nick=nick, password=password, made_at=now)
            self._people.owners.put(account)
            carried = self._own(session, account, now)
            [told] = self._arrivals.logged_in(session, command.id)

            def undo() -> None:
                self._people.owners.remove(account)
                self._people.disown(account.key)

            return [replace(told, record=account, undo=undo), *carried]

        return [Hash(session, command.password, hashed, command.id)]

    def _free_nick(self, session: Session) -> str:
        """The nick of a session, if it can be registered by it."""
        if session.account is not None:
            raise WrongState(_LOGGED_IN)
        if session.nick is None:
            raise WrongState("Set a nick first.")
        nick = clean_nick(session.nick, self._limits)
        if self._people.owners.alike(nick):
            raise NameTaken(f"Nickname '{nick}' is registered already.")
        if account_key(nick) in self._operators and not is_loopback(host_of(session.address)):
            raise NameTaken(
                f"Nickname '{nick}' can be registered only on the server's own machine."
            )
        return nick

    def _check_new(self, password: str) -> None:
        least, most = self._limits.password_least_characters, self._limits.password_characters
        if not least <= len(password) <= most:
            raise BadInput(f"A password has {least} to {most} characters.")

    def _login(self, session: Session, command: commands.Login, now: int) -> list[Step]:
        if session.account is not None:
            raise WrongState(_LOGGED_IN)
        name = command.nick if command.nick is not None else session.nick
        if name is None:
            raise BadInput("Say whose account it is: /login <nick> <password>.")
        nick = clean_nick(name, self._limits)

        def go_on(now: int) -> list[Step]:
            account = self._people.owners.find(nick)
            if account is None:
                raise WrongPassword(_WRONG)
            return self._log_in(session, account, command.id, now)

        return self._prove(session, nick, command.password, command.id, now, go_on)

    def _prove(
        self,
        session: Session,
        nick: str,
        password: str,
        re: str | None,
        now: int,
        go_on: Callable[[int], list[Step]],
    ) -> list[Step]:
        """Go on if the password is right; no word and no time tells whether there is an account."""
        if len(password) > self._limits.password_characters:
            raise WrongPassword(_WRONG)
        tried = block_of(host_of(session.address)), account_key(nick)
        wait = self._logins.take(tried, now)
        if wait:
            raise LimitReached(f"Too many wrong passwords; try again {_in(wait)}.")

        def verified(right: bool, now: int) -> list[Step]:
            if not right:
                raise WrongPassword(_WRONG)
            self._logins.give_back(tried)
            return go_on(now)

        account = self._people.owners.find(nick)
        hashed = account.password if account is not None else None
        return [Verify(session, password, hashed, verified, re)]

    def _log_in(
        self, session: Session, account: AccountKept, re: str | None, now: int
    ) -> list[Step]:
        """Let a session be the account's owner: of the same person as its other connections."""
        person = self._people.logged_in(account.key)
        if person is None:
            return self._log_in_first(session, account, re, now)
        guest = session.identity
        steps = self._rooms.become(session, lambda: self._people.join(session, person), now)
        steps += self._rooms.carry(session, guest, now)
        session.state = State.PRESENT
        if self._rooms.lobby.hears(session) and not self._rooms.lobby.shows(session):
            steps += self._rooms.show(session, self._rooms.lobby, now)
        return [*self._arrivals.logged_in(session, re), *steps]

    def _log_in_first(
        self, session: Session, account: AccountKept, re: str | None, now: int
    ) -> list[Step]:
        steps: list[Step] = []
        for guest in self._people.holders(account.nick):
            if guest is not session:
                steps += self._send_away(guest, account, "Its owner has come", now)
        carried = self._own(session, account, now)
        renamed = (
            self._arrivals.rename(session, account.nick, now)
            if session.nick != account.nick
            else []
        )
        return [*steps, *self._arrivals.logged_in(session, re), *renamed, *carried]

    def _own(self, session: Session, account: AccountKept, now: int) -> list[Step]:
        guest, operator = session.identity, account.key in self._operators
        self._people.log_in(session, account, operator=operator)
        self._arrivals.show_anew(session)
        return [*self._rooms.carry(session, guest, now), *self._letters.waiting(session)]

    def _logout(self, session: Session, command: commands.Logout, now: int) -> list[Step]:
        if session.account is None:
            raise WrongState("You are not logged in.")
        steps: list[Step] = []
        seen = self._state.last_seen(session, now)
        owner = session.identity
        if session.others:
            steps = self._rooms.become(session, lambda: self._split(session), now)
        else:
            self._people.log_out(session)
            self._arrivals.show_anew(session)
            if self._people.owners.find(session.nick or ""):
                steps = self._arrivals.rename(session, self._people.guest_nick(session), now)
        told = events.LoggedOut(nick=session.nick or "", user=session.user, re=command.id)
        return [Deliver.to(session, told), *steps, *seen, *self._rooms.carry(session, owner, now)]

    def _split(self, session: Session) -> None:
        """Make one of a person's connections a guest of its own."""
        self._people.log_out(session)
        self._people.name(session, self._people.guest_nick(session))

    def _change_password(
        self, session: Session, command: commands.ChangePassword, now: int
    ) -> list[Step]:
        owners, re = self._people.owners, command.id
        account = owners.of(session.account or "")
        if account is None:
            raise WrongState("Log in first: /login <password>.")
        self._check_new(command.new)

        def changed(password: str, _now: int) -> list[Step]:
            new = replace(account, password=password)
            owners.put(new)
            notice = events.Notice(text="Your password is changed.", re=re)
            told = Deliver.to(session, notice)
            return [replace(told, record=new, undo=lambda: owners.put(account))]

        def go_on(_now: int) -> list[Step]:
            return [Hash(session, command.new, changed, re)]

        return self._prove(session, account.nick, command.old, re, now, go_on)

    def _vacate(self, session: Session, command: commands.Vacate, now: int) -> list[Step]:
        session.claims[command.account] = True
        account = self._people.owners.find(session.nick or "")
        if account is None or account.key != command.account or session.account == account.key:
            return []
        return self._send_away(session, account, "You did not log in in time", now)

    def _send_away(self, guest: Session, account: AccountKept, why: str, now: int) -> list[Step]:
        """Give a guest on a registered nick another one."""
        nick = self._people.guest_nick(guest)
        notice = events.Notice(
            text=f"The nick {account.nick} is registered. {why}: you are {nick}."
        )
        return [Deliver.to(guest, notice), *self._arrivals.rename(guest, nick, now)]


def _in(seconds: float) -> str:
    return f"in {math.ceil(seconds)} seconds"


_LOGGED_IN = "You are logged in already; /logout comes first."
_WRONG = "The nick or the password is wrong."
