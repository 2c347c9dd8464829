"""Logging in and out, before coming in or after; and guests on nicks that have an owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chatservice.domain import commands, events
from chatservice.domain.addresses import block_of, host_of
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Method, Methods
from chatservice.domain.errors import BadInput, ChatError, WrongPassword, WrongState
from chatservice.domain.letters import Letters
from chatservice.domain.owners import account_key
from chatservice.domain.records import AccountKept
from chatservice.domain.scram import Exchange, Verifier
from chatservice.domain.session import Session, State
from chatservice.domain.staying import Staying
from chatservice.domain.steps import Deliver, Step, Verify
from chatservice.domain.text import clean_nick
from chatservice.domain.tries import Guesses

Entering = commands.Hello | commands.Enter


class Logins:
    """The commands about being somebody's owner."""

    def __init__(
        self, state: ChatState, arrivals: Arrivals, letters: Letters, staying: Staying
    ) -> None:
        self._state = state
        self._people = state.people
        self._rooms = state.rooms
        self._limits = limits = state.limits
        self._arrivals = arrivals
        self._letters = letters
        self._staying = staying
        self._guesses = Guesses(limits.password_tries, limits.password_seconds)
        self.methods: Methods = {
            commands.Login: self._login,
            commands.Scram: self._scram,
            commands.Logout: self._logout,
            commands.Vacate: self._vacate,
        }

    def ask_for_login(self, session: Session, now: int) -> list[Step]:
        """Give a guest who has just taken a registered nick some time to log in."""
        account = self._people.owners.find(session.nick or "")
        if account is None or session.account == account.key or account.key in session.claims:
            return []
        seconds = self._limits.login_seconds
        session.claims = {**session.claims, account.key: now + round(seconds * 1000)}
        return self._arrivals.want_login(session, account, seconds)

    def entering(self, method: Method) -> Method:
        """A method that makes a person of a session, for those too who have logged in before."""

        def enter(session: Session, command: Entering, now: int) -> list[Step]:
            account = self._people.owners.of(session.proven or "")
            asked = command if isinstance(command, commands.Enter) else commands.Enter()
            if account is None:
                return [] if asked.owner else method(session, command, now)
            holders = {each: each.nick or "" for each in self._people.holders(command.nick or "")}
            steps = self._claim(session, account, command.nick, now)
            try:
                steps += method(session, command, now)
            except ChatError:
                self._people.log_out(session)
                self._put_back(holders)
                raise
            session.proven = None
            if session.account != account.key:  # it came back as who it was, which was another one
                return [*steps, *self._proven(session, account.nick, None, now)]
            if session.nick is None:  # it wants none, or one that it cannot have
                steps += self._clear(session, account, account.nick, now)
                steps += self._arrivals.rename(session, account.nick, now)
            steps += self._powers(session, was=False)
            steps += self._staying.begin(session, account, now)
            steps += self._staying.put_back(session, now, unattended=asked.unattended)
            return [*steps, *self._letters.waiting(session)]

        return enter

    def _claim(
        self, session: Session, account: AccountKept, wanted: str | None, now: int
    ) -> list[Step]:
        """Let a newcomer be an account's owner: another connection of the person, or the first.

        As the first it gets the nick that it wants, of guests too if that is the account's.
        """
        person = self._people.logged_in(account.key)
        if person is not None:
            self._people.join(session, person)
            return []
        nick = clean_nick(wanted, self._limits) if wanted is not None else None
        self._people.log_in(session, account, operator=account.key in self._state.operators)
        if nick is None or account_key(nick) != account.key:
            return []
        return self._clear(session, account, nick, now)

    def _clear(self, session: Session, account: AccountKept, nick: str, now: int) -> list[Step]:
        """Send away guests from their owner's nick."""
        return [
            step
            for guest in self._people.holders(nick)
            if guest.user != session.user
            for step in self._send_away(guest, account, "Its owner has come", now)
        ]

    def _put_back(self, holders: Mapping[Session, str]) -> None:
        """Let those have their nicks again who were to be sent away."""
        for each, nick in holders.items():
            if each.nick != nick:
                self._people.name(each, nick)
                self._arrivals.show_anew(each)

    def _login(self, session: Session, command: commands.Login, now: int) -> list[Step]:
        name = command.nick if command.nick is not None else session.nick
        if name is None:
            raise BadInput("Say whose account it is: /login <nick> <password>.")
        nick = clean_nick(name, self._limits)

        def go_on(now: int) -> list[Step]:
            return self._proven(session, nick, command.id, now)

        return self.prove(session, nick, command.password, command.id, now, go_on)

    def prove(
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
        self._guesses.begin(tried, now)

        def verified(right: bool, now: int) -> list[Step]:
            self._guesses.end(tried, now, right=right)
            if not right:
                raise WrongPassword(_WRONG)
            return go_on(now)

        account = self._people.owners.find(nick)
        hashed = account.password if account is not None else None
        return [Verify(session, password, hashed, verified, re)]

    def _scram(self, session: Session, command: commands.Scram, now: int) -> list[Step]:
        exchange = session.exchange
        if not command.message:
            if exchange is None or not exchange.proven:
                raise WrongState("Prove first that you know the password.")
            session.exchange = None
            return self._proven(session, exchange.name, command.id, now)
        if not command.message.startswith("c="):
            exchange = Exchange(command.message, f"{self._state.draw(2**128):032x}")
            session.exchange = exchange
            answer = exchange.challenge(self._verifier(exchange.name))
        elif exchange is None:
            raise WrongState("Say first who you are: n,,n=NAME,r=NONCE.")
        else:
            answer = self._verified(session, exchange, command.message, now)
        return [Deliver.to(session, events.ScramChallenge(message=answer, re=command.id))]

    def _verifier(self, name: str) -> Verifier:
        account = self._people.owners.find(name)
        kept = Verifier.load(account.scram) if account is not None else None
        secret = self._state.rules.secret
        return kept or Verifier.nobodys(account_key(name), secret, self._limits.scram_iterations)

    def _verified(self, session: Session, exchange: Exchange, final: str, now: int) -> str:
        tried = block_of(host_of(session.address)), account_key(exchange.name)
        self._guesses.begin(tried, now)
        session.exchange = None
        answer = exchange.finish(final)
        self._guesses.end(tried, now, right=answer is not None)
        if answer is None:
            raise WrongPassword(_WRONG)
        session.exchange = exchange
        return answer

    def _proven(self, session: Session, nick: str, re: str | None, now: int) -> list[Step]:
        """A session has proven to be the owner of a nick."""
        account = self._people.owners.find(nick)
        if account is None:
            raise WrongPassword(_WRONG)
        if session.state is State.VISITOR:
            session.proven = account.key
            return list[Step](self.newcomer(session, account, re))
        if session.account == account.key:
            return list[Step](self._arrivals.logged_in(session, re))
        if session.account is None:
            return self._log_in(session, account, re, now)
        was = session.user
        left = self._leave(session, now)
        guest = session.user
        told, *steps = self._log_in(session, account, re, now)
        if was != guest == session.user:  # else it is told that by now, or is who it was
            steps += self._rooms.show_again(session)
        if was == guest:  # what it was is taken from who it is until then
            return [*left, told, *steps]
        return [told, *left, *steps]

    def newcomer(self, session: Session, account: AccountKept, re: str | None) -> list[Deliver]:
        """Tell a session that it is an account's owner, and will be that once it has come in."""
        told = events.LoggedIn(account=account.nick, nick="", user=session.user, re=re)
        return [Deliver.to(session, told)]

    def _log_in(
        self, session: Session, account: AccountKept, re: str | None, now: int
    ) -> list[Step]:
        """Let a session be the account's owner: of the same person as its other connections."""
        person = self._people.logged_in(account.key)
        if person is None:
            return self.log_in_first(session, account, re, now)
        nick, operator = session.nick, session.operator
        gone = self._state.attendance.changed(session, nick, None, now)
        steps = self._staying.is_back(person)  # first, as it is shown in more rooms from here on
        steps += self._rooms.become(session, lambda: self._people.join(session, person), now)
        steps += [*gone, *self._powers(session, was=operator), *self._rooms.show_again(session)]
        session.state = State.PRESENT
        if self._rooms.lobby.hears(session) and not self._rooms.lobby.shows(session):
            steps += self._rooms.show(session, self._rooms.lobby, now)
        steps += [*self._staying.put_back(session, now), *self._letters.waiting(session)]
        return [*self._arrivals.logged_in(session, re), *steps]

    def log_in_first(
        self, session: Session, account: AccountKept, re: str | None, now: int
    ) -> list[Step]:
        """Let a session be an account's owner, under its nick, as the first connection."""
        steps = self._clear(session, account, account.nick, now)
        owned = self.own(session, account, now, nick=account.nick)
        return [*self._arrivals.logged_in(session, re), *steps, *owned]

    def own(
        self, session: Session, account: AccountKept, now: int, *, nick: str | None = None
    ) -> list[Step]:
        """Let a person be an account's owner, as its first connection, and have a nick."""
        guest, was, read = session.identity, session.operator, self._rooms.read_by(session)
        operator = account.key in self._state.operators
        self._people.log_in(session, account, operator=operator)
        another = nick is not None and nick != session.nick
        renamed = self._arrivals.rename(session, nick or "", now) if another else []
        self._arrivals.show_anew(session)
        told = self._account_changed(session, account.nick)
        carried = self._rooms.carry(session, guest, now)
        carried += [*self._rooms.read_otherwise(session, read), *self._powers(session, was=was)]
        stays = self._staying.begin(session, account, now)
        return [*renamed, *told, *carried, *stays, *self._letters.waiting(session)]

    def _powers(self, session: Session, *, was: bool) -> list[Step]:
        """Tell a session that it is an operator of the server now, or no more, if that is new."""
        if session.operator is was:
            return []
        told = events.OperatorChanged(
            nick=session.nick or "", user=session.user, operator=session.operator
        )
        return [Deliver.to(session, told)]

    def _account_changed(self, session: Session, account: str | None) -> list[Step]:
        """Tell all who share a room with a person whose owner it is now."""
        if session.nick is None:
            return []
        told = events.AccountChanged(nick=session.nick, user=session.user, account=account)
        return list[Step](self._state.tell_about(session, told))

    def _logout(self, session: Session, command: commands.Logout, now: int) -> list[Step]:
        if session.account is None:
            raise WrongState("You are not logged in.")
        alone = not session.others
        steps = self._leave(session, now)
        if alone:
            self._arrivals.show_anew(session)
            steps += self._account_changed(session, None)
            if self._people.owners.find(session.nick or ""):
                steps += self._arrivals.rename(session, self._people.guest_nick(session), now)
        told = events.LoggedOut(nick=session.nick or "", user=session.user, re=command.id)
        again = [] if alone else self._rooms.show_again(session)
        return [Deliver.to(session, told), *steps, *again]

    def _leave(self, session: Session, now: int) -> list[Step]:
        """Let a session be nobody's."""
        owner, operator = session.identity, session.operator
        steps = self._state.last_seen(session, now)  # first, as its person is in fewer rooms then
        if session.others:
            steps += self._state.hand_on(session, now)
            steps += self._rooms.become(session, lambda: self._split(session), now)
            steps += self._state.attendance.changed(session, None, session.nick, now)
        else:
            read = self._rooms.read_by(session)
            self._people.log_out(session)
            steps += self._rooms.carry(session, owner, now)
            steps += self._rooms.read_otherwise(session, read)
        return [*steps, *self._powers(session, was=operator)]

    def _split(self, session: Session) -> None:
        """Make one of a person's connections a guest of its own."""
        self._people.log_out(session)
        self._people.name(session, self._people.guest_nick(session))

    def _vacate(self, session: Session, command: commands.Vacate, now: int) -> list[Step]:
        session.claims = {**session.claims, command.account: 0}
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


_WRONG = "The nick or the password is wrong."
