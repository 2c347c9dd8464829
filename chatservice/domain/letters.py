"""Private messages between accounts: kept, and waiting for who is not here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import count

from chatservice.domain import events
from chatservice.domain.authority import Standing
from chatservice.domain.chatstate import NOT_CONNECTED, ChatState
from chatservice.domain.errors import LoginNeeded, NoSuchPerson
from chatservice.domain.events import Message
from chatservice.domain.records import AccountKept, Page, Said
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Read, Step
from chatservice.domain.text import neutral


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody to write to: one who is here, the owner of an account, or both."""

    nick: str
    account: AccountKept | None
    session: Session | None


class Letters:
    """Conversations of two accounts, each kept like a room that nobody is in.

    Where a role is kept for one of them, all after its `since` still waits for that one's login.
    """

    def __init__(self, state: ChatState) -> None:
        self._rooms = state.rooms
        self._people = state.people
        self._most = state.limits.history_messages
        self._numbers = count(1)

    def party(self, nick: str) -> Party:
        """Whom a nick or id means: who has it now, or else whose account it is. `NoSuchPerson`."""
        owners = self._people.owners
        try:
            found = self._people.find(nick)
        except NoSuchPerson:
            account = owners.find(nick)
            if account is None:
                raise
            return self._owner(account)
        account = owners.of(found.account or "")
        return Party(found.nick or "", account, found if found.connections else None)

    def correspondent(self, session: Session) -> Party:
        """Who has told a session something last, by whatever nick. Raises `NoSuchPerson`."""
        user, key = session.correspondent or ("", None)
        account = self._people.owners.of(key or "")
        if account is not None:
            return self._owner(account)
        if not user:
            raise NoSuchPerson("Nobody has told you anything yet; /msg <nick> <text> begins.")
        return self.party(user)

    def _owner(self, account: AccountKept) -> Party:
        person = self._people.logged_in(account.key)
        person = person if person is not None and person.connections else None
        return Party(self._nick_of(account), account, person)

    def between(self, session: Session, party: Party) -> Room | None:
        """What is kept of what a session and somebody told each other, if anything is."""
        account = party.account
        if session.account is None or account is None or account.key == session.account:
            return None
        return self._rooms.conversation_between(session.account, account.key)

    def kept_by(self, session: Session) -> dict[Room, str]:
        """What is kept of what a session's account told others, and they it: by `@nick` of now.

        Two of them have the same one while somebody has taken that of an account.
        """
        if session.account is None:
            return {}
        found: dict[Room, str] = {}
        for room in self._rooms.conversations_of(session.account):
            account = self._people.owners.of(_other(room, session.account))
            if account is not None:
                found[room] = f"@{self._nick_of(account)}"
        return found

    def _nick_of(self, account: AccountKept) -> str:
        """By which nick an account's owner goes now, who need not be here."""
        person = self._people.logged_in(account.key)
        return (person.nick if person is not None else None) or account.nick

    def new_id(self, now: int) -> str:
        """An id for what is not kept: no room has the number 0, and time goes on."""
        return f"0-{now}{next(self._numbers):06}"

    def kept(
        self, session: Session, account: AccountKept, private: events.Private
    ) -> tuple[Said, list[Step]]:
        """The record of a private message to an account, and what has to be kept before it."""
        room = self._rooms.conversation(session.account or "", account.key)
        message = Message(
            room=room.name,
            seq=room.seq + 1,
            id=f"{room.id}-{room.seq + 1}",
            nick=private.nick,
            user=private.user,
            at=max(private.at, room.at),
            text=private.text,
            kind=private.kind,
            re=private.re,
            account=private.account,
            reply_to=private.reply_to,
        )
        steps = self._rooms.keep(session, room)
        author = session.identity
        room.remember(message, author)
        client = None
        if private.re is not None and session.has_secret:
            client = _client_of(session, room)
        record = Said(room_id=room.id, message=message, client=client, author=author)
        return record, steps

    def send(self, session: Session, to: Party, private: events.Private) -> list[Step]:
        """Keep a private message for somebody who is not here. Raises `LoginNeeded`.

        That it waits is told to who has said it, unless it is a notice, which nothing answers.
        """
        account = to.account
        if session.account is None or account is None:
            raise LoginNeeded(f"{neutral(to.nick)} is not here; log in, and your message can wait.")
        record, steps = self.kept(session, account, private)
        room = self._rooms.conversation(session.account, account.key)
        identity = f"account:{account.key}"
        if identity not in room.policy.roles:
            undo = room.policy.give(identity, Standing.MEMBER, record.message.seq - 1)
            steps.append(Deliver.keep(session, room.policy.member(room.id, identity), undo))
        private = replace(private, id=record.message.id)
        copy = replace(private, re=None)
        besides = [Deliver.to(other, copy) for other in session.others]
        if private.kind != "notice":
            besides.append(self._waits(session, to, private))
        told = Deliver((session,), private, origin=session, record=record, besides=tuple(besides))
        return [*steps, told]

    def _waits(self, session: Session, to: Party, private: events.Private) -> Deliver:
        """What tells a session that somebody gets a message later; who is always on is away."""
        stand_in = self._people.logged_in(to.account.key) if to.account is not None else None
        if stand_in is None:
            text = f"{to.nick} is not here and gets this at the next login."
            return Deliver.to(session, events.Notice(text=text))
        away = events.IsAway(
            nick=to.nick,
            user=stand_in.user,
            text=f"{NOT_CONNECTED}, and gets this at the next login",
            re=private.re,
        )
        return Deliver.to(session, away)

    def waiting(self, session: Session) -> list[Step]:
        """Give somebody who has just logged in, or ignores one less, what waits for them.

        What is from who is ignored waits on. Whatever is told from now on is told at once.
        """
        rooms = self._rooms.conversations_of(session.account or "")
        return [
            step
            for room in rooms
            if session.identity in room.policy.roles
            and session.ignored.keys().isdisjoint(_authors(room))
            for step in self._hand_over(
                session, room, room.policy.since[session.identity], room.seq
            )
        ]

    def _hand_over(self, session: Session, room: Room, since: int, last: int) -> list[Step]:
        def resume(page: Page, _now: int) -> list[Step]:
            told: list[Step] = [
                self._private(session, message)
                for message in room.as_now(page.messages)
                if message.seq <= last
                and message.account != session.account_name
                and not message.deleted
            ]
            if told:
                session.correspondent = "", _other(room, session.account or "")
            if page.more and page.messages[-1].seq < last:
                return [*told, *self._hand_over(session, room, page.messages[-1].seq, last)]
            undo = room.policy.take(session.identity)
            done = room.policy.member(room.id, session.identity)
            return [*told, Deliver.keep(session, done, undo)]

        return [Read(session, self._rooms.window(room, self._most, after=since), resume, None)]

    def _private(self, session: Session, message: Message) -> Deliver:
        author = self._people.owners.find(message.account or "")
        person = self._people.logged_in(author.key) if author is not None else None
        private = events.Private(
            nick=message.nick if author is None else self._nick_of(author),
            user=message.user if person is None else person.user,
            to=session.nick or "",
            to_user=session.user,
            at=message.at,
            text=message.text,
            kind=message.kind,
            id=message.id,
            account=message.account,
            reply_to=message.reply_to,
        )
        return Deliver((session,), private)


def _client_of(session: Session, room: Room) -> bytes:
    """Whose ids are those of what is told here: what is said elsewhere is no retry of it."""
    return hashlib.sha256(session.client + room.name.encode()).digest()[:16]


def _other(room: Room, account: str) -> str:
    """The account with which another one has this conversation."""
    [other] = [each for each in room.name.split(" ") if each != f"@{account}"]
    return other.removeprefix("@")


def _authors(room: Room) -> list[str]:
    """The identities of the two whose conversation this is."""
    return [f"account:{name.removeprefix('@')}" for name in room.name.split(" ")]
