"""The passwords of the server itself: to come in at all, and to be an operator."""

from __future__ import annotations

import hmac

from chatservice.domain import commands, events
from chatservice.domain.addresses import block_of, host_of
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import Forbidden, ServerPasswordNeeded, WrongPassword, WrongState
from chatservice.domain.session import ALLOWED, Session, State
from chatservice.domain.steps import Deliver, Step, Verify
from chatservice.domain.tries import Guesses


class Gate:
    """The commands that need the server's passwords."""

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._rules = state.rules
        self._people = state.people
        self._arrivals = arrivals
        limits = state.limits
        self._guesses = Guesses(limits.password_tries, limits.password_seconds)
        self.methods: Methods = {
            commands.Admit: lambda _session, _command, _now: [],
            commands.Oper: self._oper,
            commands.Unoper: self._unoper,
        }

    @property
    def beginning(self) -> State:
        """How every connection begins."""
        return State.VISITOR if self._rules.password is None else State.OUTSIDE

    def admit(self, session: Session, command: Command, now: int) -> Command | None:
        """What a session outside may do now: this command, or what it meant to do at first.

        Raises `ServerPasswordNeeded` and `WrongPassword`.
        """
        if not isinstance(command, (commands.Admit, commands.Hello)) or command.password is None:
            if type(command) in ALLOWED[State.OUTSIDE]:
                return command
            if isinstance(command, (commands.Listen, commands.Enter)):
                session.intended = command
            raise ServerPasswordNeeded("This server has a password: /pass <password>.")
        tried = block_of(host_of(session.address))
        self._guesses.begin(tried, now)
        right = hmac.compare_digest(_bytes(command.password), _bytes(self._rules.password or ""))
        self._guesses.end(tried, now, right=right)
        if not right:
            once = isinstance(command, commands.Admit) and command.once
            raise WrongPassword("This is not the server's password.", final=once)
        session.state = State.VISITOR
        return session.intended if isinstance(command, commands.Admit) else command

    def _oper(self, session: Session, command: commands.Oper, now: int) -> list[Step]:
        if not self._rules.opers:
            raise Forbidden("Nobody becomes an operator of this server by a password.")
        tried = block_of(host_of(session.address)), command.name
        self._guesses.begin(tried, now)

        def verified(right: bool, now: int) -> list[Step]:
            self._guesses.end(tried, now, right=right)
            if not right:
                raise WrongPassword("The name or the password is wrong.")
            return self._be(session, operator=True, re=command.id)

        hashed = self._rules.opers.get(command.name)
        return [Verify(session, command.password, hashed, verified, command.id)]

    def _unoper(self, session: Session, command: commands.Unoper, _now: int) -> list[Step]:
        if not session.operator:
            raise WrongState("You are no operator of this server.")
        return self._be(session, operator=False, re=command.id)

    def _be(self, session: Session, *, operator: bool, re: str | None) -> list[Step]:
        """Let a person be an operator of the server, or not, on all its connections."""
        self._people.make_operator(session, operator)
        if session.nick is not None:
            self._arrivals.show_anew(session)
        told = events.OperatorChanged(
            nick=session.nick or "", user=session.user, operator=operator, re=re
        )
        return [Deliver(session.everywhere, told, origin=session)]


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
