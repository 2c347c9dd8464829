"""Who is connected: ids, nicks, and clients that come back.

A person is one connection, or all those that are logged in to one account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from chatservice.domain.errors import NameTaken, NoSuchPerson
from chatservice.domain.events import Person
from chatservice.domain.ignoring import Ignoring
from chatservice.domain.owners import Owners, account_key
from chatservice.domain.records import AccountKept
from chatservice.domain.session import Session, State
from chatservice.domain.text import name_keys, neutral


class People:
    """All sessions, found by id, by nick (or one that looks the same), by client secret.

    `present` people have a name, and `most` had one at any time; `operators` and `invisible` are
    those of their connections. `ended` is called with each id that is nobody's any more, and can
    be somebody else's next.
    """

    def __init__(
        self,
        draw: Callable[[int], int],
        accounts: Iterable[AccountKept] = (),
        ended: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.owners = Owners(accounts)
        self.ignoring = Ignoring()
        self.operators: dict[Session, None] = {}
        self.invisible: set[Session] = set()
        self._stand_ins: set[Session] = set()
        self.present = 0
        self.most = 0
        self._draw = draw
        self._ended = ended
        self._named: set[Session] = set()
        self._sessions: dict[Session, None] = {}
        # Of a person with several connections, these have any one.
        self._by_user: dict[str, Session] = {}
        self._by_key: dict[str, Session] = {}
        self._by_account: dict[str, Session] = {}
        self._by_client: dict[bytes, Session] = {}

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All connected sessions, in order of connecting."""
        return tuple(self._sessions)

    @property
    def persons(self) -> tuple[Session, ...]:
        """One connection of each person who has a name."""
        return tuple(each for each in self._by_user.values() if each.nick is not None)

    def person_of(self, user: str) -> Person | None:
        """Whoever has an id and a name."""
        session = self._by_user.get(user)
        return session.person if session is not None and session.nick is not None else None

    @property
    def connections(self) -> int:
        """How many connections there are; who only stands in for an account is none."""
        return len(self._sessions) - len(self._stand_ins)

    @property
    def strangers(self) -> int:
        """How many connections have no name."""
        return len(self._sessions) - len(self._named)

    def add(self, address: str, now: int) -> Session:
        """A new session with an id that nobody has."""
        user = self._new_user()
        client = self._draw(2**128).to_bytes(16, "big")
        session = Session(user=user, address=address, client=client, now=now)
        self._sessions[session] = None
        self._by_user[user] = session
        return session

    def stand_in(self, session: Session) -> None:
        """Let a session be no connection, but stand in for an account that has none."""
        session.stands_in = True
        self._stand_ins.add(session)

    def remove(self, session: Session) -> None:
        """Forget a session; its client is free, and with the person's last one its id and nick."""
        session.state = State.GONE
        self.ignoring.change(session, {})
        self._detach(session)
        self.operators.pop(session, None)
        self.invisible.discard(session)
        self._stand_ins.discard(session)
        del self._sessions[session]
        if self._by_client.get(session.client) is session:
            del self._by_client[session.client]

    def name(self, session: Session, nick: str) -> None:
        """Give a person a nick. Raises `NameTaken`."""
        key = account_key(nick)
        owners = {each.key for each in self.owners.alike(nick)} - {session.account}
        if owners - {key} or any(each.user != session.user for each in self.holders(nick)):
            raise NameTaken(f"Nickname '{nick}' is already taken.")
        if owners and session.claims.get(key) == 0:
            raise NameTaken(f"Nickname '{nick}' is registered; log in to have it.")
        self.unname(session)
        for each in session.everywhere:
            each.nick = nick
        self._named.update(session.everywhere)
        self.present += 1
        self.most = max(self.most, self.present)
        self._by_key.update(dict.fromkeys(name_keys(nick), session))

    def unname(self, session: Session) -> None:
        """Let a person have no nick."""
        if session.nick is not None:
            for key in name_keys(session.nick):
                del self._by_key[key]
            self.present -= 1
        for each in session.everywhere:
            each.nick = None
            self._named.discard(each)

    def holders(self, nick: str) -> list[Session]:
        """Who has this nick, or one that looks the same."""
        found = map(self._by_key.get, name_keys(nick))
        return list(dict.fromkeys(session for session in found if session is not None))

    def holder(self, nick: str) -> Session | None:
        """Who has this very nick, however that is written, or this id."""
        by_user = self._by_user.get(nick)
        if by_user is not None and by_user.nick is not None:
            return by_user
        key = account_key(nick)
        found = (each for each in self.holders(nick) if account_key(each.nick or "") == key)
        return next(found, None)

    def guest_nick(self, session: Session) -> str:
        """A nick for who has to have one that is neither taken nor registered."""
        nick = f"Guest_{session.user}"
        while self.holders(nick) or self.owners.alike(nick):
            nick += "_"
        return nick

    def logged_in(self, account: str) -> Session | None:
        """The person who is logged in to an account."""
        return self._by_account.get(account)

    def log_in(self, session: Session, account: AccountKept, *, operator: bool) -> None:
        """Let a session, which is the first one of this account, be its owner's."""
        session.account, session.account_name = account.key, account.nick
        self.make_operator(session, session.operator or operator)
        self._by_account[account.key] = session

    def make_operator(self, session: Session, active: bool) -> None:
        """Let a person be an operator of the server, or not any more."""
        for each in session.everywhere:
            each.operator = active
            if active:
                self.operators[each] = None
            else:
                self.operators.pop(each, None)

    def make_invisible(self, session: Session, active: bool) -> None:
        """Let a person be invisible to strangers, or not any more."""
        for each in session.everywhere:
            each.invisible = active
            (self.invisible.add if active else self.invisible.discard)(each)

    def join(self, session: Session, person: Session) -> None:
        """Let a session be one more connection of a person, whatever it was before."""
        self._detach(session)
        session.user, session.nick = person.user, person.nick
        session.account, session.account_name = person.account, person.account_name
        if session.nick is not None:
            self._named.add(session)
        self.make_operator(session, person.operator)
        self.make_invisible(session, person.invisible)
        session.others = person.everywhere
        session.away, session.bot = person.away, person.bot
        session.realname = person.realname
        for each in session.others:
            each.others = (*each.others, session)
        ignored = {**person.ignored, **session.ignored}
        for each in session.everywhere:
            self.ignoring.change(each, ignored)

    def log_out(self, session: Session) -> None:
        """Let a session be nobody's: a person of its own, nameless if it was not that before."""
        if session.others:
            self._detach(session)
            session.user, session.away = self._new_user(), None
            self._by_user[session.user] = session
        elif session.account is not None:
            self.disown(session.account)
        self._be_guest(session)

    def disown(self, account: str) -> None:
        """Let the person who is logged in to an account go on as a guest."""
        person = self._by_account.pop(account, None)
        for each in person.everywhere if person is not None else ():
            self._be_guest(each)

    def find(self, nick: str) -> Session:
        """The person of this nick or 6-digit id. Raises `NoSuchPerson`."""
        by_user = self._by_user.get(nick)
        if by_user is not None and by_user.nick is not None:
            return by_user
        for holder in self.holders(nick):
            return holder
        raise NoSuchPerson(f"There is nobody called {neutral(nick[:64])} here.")

    def returns(self, session: Session, secret: str) -> Session | None:
        """Note a session's client secret; the older session of the same client, if there is one."""
        session.client = fingerprint(secret)
        session.has_secret = True
        old = self._by_client.get(session.client)
        self._by_client[session.client] = session
        return old if old is not session else None

    def replace(self, old: Session, new: Session) -> None:
        """Give all that a person is to its new session, and forget the old one."""
        self.join(new, old)
        new.claims, new.read, new.correspondent = old.claims, old.read, old.correspondent
        self.remove(old)

    def _be_guest(self, session: Session) -> None:
        session.account = session.account_name = None
        session.operator = False
        self.operators.pop(session, None)

    def _new_user(self) -> str:
        user = str(100_000 + self._draw(900_000))
        while user in self._by_user:
            user = str(100_000 + self._draw(900_000))
        return user

    def _detach(self, session: Session) -> None:
        """Take a session out of its person, which is gone if that was its last connection."""
        if not session.others:
            self.unname(session)
            del self._by_user[session.user]
            self._ended(session.user)
            if session.account is not None:
                self._by_account.pop(session.account, None)
            return
        heir, *_ = session.others
        for each in session.others:
            each.others = tuple(other for other in each.others if other is not session)
        self._by_user[session.user] = heir
        if session.nick is not None:
            self._by_key.update(dict.fromkeys(name_keys(session.nick), heir))
        if session.account is not None:
            self._by_account[session.account] = heir
        session.others, session.nick = (), None
        self._named.discard(session)


def fingerprint(secret: str) -> bytes:
    """What is kept of a client's secret: enough to know it again, useless to anyone else."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()[:16]
