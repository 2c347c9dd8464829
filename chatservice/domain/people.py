"""Who is connected: ids, nicks, and clients that come back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from chatservice.domain.errors import NameTaken, NoSuchPerson
from chatservice.domain.session import Session, State
from chatservice.domain.text import name_keys, neutral


class People:
    """All sessions, found by id, by nick (or one that looks the same), by client secret."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        self._draw = draw
        self._by_user: dict[str, Session] = {}
        self._by_key: dict[str, Session] = {}
        self._by_client: dict[bytes, Session] = {}

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All connected sessions, in order of connecting."""
        return tuple(self._by_user.values())

    @property
    def present(self) -> int:
        """How many have a name."""
        return sum(session.state is State.PRESENT for session in self._by_user.values())

    def add(self, address: str, now: int) -> Session:
        """A new session with an id that nobody has."""
        user = str(100_000 + self._draw(900_000))
        while user in self._by_user:
            user = str(100_000 + self._draw(900_000))
        client = fingerprint(str(self._draw(2**128)))
        session = Session(user=user, address=address, client=client, now=now)
        self._by_user[user] = session
        return session

    def remove(self, session: Session) -> None:
        """Forget a session; its id, its nick and its client are free."""
        session.state = State.GONE
        self._unname(session)
        del self._by_user[session.user]
        if self._by_client.get(session.client) is session:
            del self._by_client[session.client]

    def name(self, session: Session, nick: str) -> None:
        """Give a session a nick. Raises `NameTaken`."""
        keys = name_keys(nick)
        if any(self._by_key.get(key, session) is not session for key in keys):
            raise NameTaken(f"Nickname '{nick}' is already taken.")
        self._unname(session)
        session.nick = nick
        self._by_key.update(dict.fromkeys(keys, session))

    def find(self, nick: str) -> Session:
        """The person of this nick or 6-digit id. Raises `NoSuchPerson`."""
        by_user = self._by_user.get(nick)
        if by_user is not None and by_user.nick is not None:
            return by_user
        for key in name_keys(nick):
            if key in self._by_key:
                return self._by_key[key]
        raise NoSuchPerson(f"There is nobody called {neutral(nick[:64])} here.")

    def returns(self, session: Session, secret: str) -> Session | None:
        """Note a session's client secret; the older session of the same client, if there is one."""
        session.client = fingerprint(secret)
        old = self._by_client.get(session.client)
        self._by_client[session.client] = session
        return old if old is not session else None

    def replace(self, old: Session, new: Session) -> None:
        """Give a person's id and nick to its new session, and forget the old one."""
        nick, user = old.nick, old.user
        self.remove(old)
        del self._by_user[new.user]
        new.user = user
        self._by_user[user] = new
        if nick is not None:
            self.name(new, nick)

    def _unname(self, session: Session) -> None:
        if session.nick is not None:
            for key in name_keys(session.nick):
                del self._by_key[key]
            session.nick = None


def fingerprint(secret: str) -> bytes:
    """What is kept of a client's secret: enough to know it again, useless to anyone else."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()[:16]
