"""Private messages between accounts: kept, and waiting for who is not here."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.authority import Standing
from chatservice.domain.chatstate import ChatState
from chatservice.domain.errors import NoSuchPerson, NoSuchRoom
from chatservice.domain.events import Message
from chatservice.domain.records import AccountKept, Page, RoomKept, Said
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Read, Step
from chatservice.domain.text import neutral


class Letters:
    """Conversations of two accounts, each kept like a room that nobody is in.

    Where a role is kept for one of them, all after its `since` still waits for that one's login.
    """

    def __init__(self, state: ChatState) -> None:
        self._rooms = state.rooms
        self._people = state.people

    def addressee(self, session: Session, nick: str) -> AccountKept:
        """The account of somebody who is not here. Raises `NoSuchPerson`."""
        account = self._people.owners.find(nick)
        if account is None:
            raise NoSuchPerson(f"There is nobody called {neutral(nick[:64])} here.")
        if session.account is None:
            raise NoSuchPerson(f"{account.nick} is not here; log in, and your message can wait.")
        return account

    def kept(
        self, session: Session, account: str, private: events.Private
    ) -> tuple[Said, list[Step]]:
        """The record of a private message to an account, and what has to be kept before it."""
        room = self._rooms.conversation(session.account or "", account)
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
        )
        steps: list[Step] = []
        if not room.policy.kept:
            room.policy.kept = True
            steps = [Deliver.keep(session, RoomKept(room_id=room.id, name=room.name))]
        room.remember(message)
        client = session.client if private.re is not None else None
        return Said(room_id=room.id, message=message, client=client), steps

    def send(self, session: Session, to: AccountKept, private: events.Private) -> list[Step]:
        """Keep a private message for somebody who is not here."""
        record, steps = self.kept(session, to.key, private)
        room = self._rooms.conversation(session.account or "", to.key)
        identity = f"account:{to.key}"
        if identity not in room.policy.roles:
            room.policy.roles[identity] = Standing.MEMBER
            room.policy.since[identity] = record.message.seq - 1
            steps.append(Deliver.keep(session, room.policy.member(room.id, identity)))
        told = Deliver((session, *session.others), private, origin=session, record=record)
        notice = events.Notice(text=f"{to.nick} is not here and gets this at the next login.")
        return [*steps, told, Deliver.to(session, notice)]

    def waiting(self, session: Session) -> list[Step]:
        """Give somebody who has just logged in what waits for them, but from who is ignored."""
        rooms = self._rooms.conversations_of(session.account or "")
        return [
            step
            for room in rooms
            if session.identity in room.policy.roles
            and session.ignored.keys().isdisjoint(_authors(room))
            for step in self._hand_over(session, room, room.policy.since[session.identity])
        ]

    def _hand_over(self, session: Session, room: Room, since: int) -> list[Step]:
        def resume(page: Page, _now: int) -> list[Step]:
            told: list[Step] = [self._private(session, message) for message in page.messages]
            if page.more:
                return [*told, *self._hand_over(session, room, page.messages[-1].seq)]
            room.policy.roles.pop(session.identity, None)
            room.policy.since.pop(session.identity, None)
            done = room.policy.member(room.id, session.identity)
            return [*told, Deliver.keep(session, done)]

        return [Read(session, self._rooms.window(room, 500, after=since), resume, None)]

    def _private(self, session: Session, message: Message) -> Deliver:
        private = events.Private(
            nick=message.nick,
            user=message.user,
            to=session.nick or "",
            to_user=session.user,
            at=message.at,
            text=message.text,
            kind=message.kind,
        )
        return Deliver((session,), private)

    def history(self, session: Session, command: commands.History) -> list[Step]:
        """What was said between oneself and another account: `room` is `@nick`."""
        nick = (command.room or "").removeprefix("@")
        other = self._people.owners.find(nick)
        if other is None or session.account is None:
            raise NoSuchRoom(f"You have no kept conversation with {nick[:32]}.")
        room = self._rooms.conversation(session.account, other.key)
        window = self._rooms.window(room, command.limit, **bounds_of(command))

        def reply(page: Page, _now: int) -> list[Step]:
            shown = tuple(replace(message, room=f"@{other.nick}") for message in page.messages)
            told = events.HistoryPage(
                room=f"@{other.nick}", messages=shown, more=page.more, re=command.id
            )
            return [Deliver.to(session, told)]

        return [Read(session, window, reply, command.id)]


def _authors(room: Room) -> list[str]:
    """The identities of the two whose conversation this is."""
    return [f"account:{name.removeprefix('@')}" for name in room.name.split(" ")]


def bounds_of(command: commands.History) -> dict[str, int]:
    """The bounds that are given, by their names."""
    bounds = {
        "before": command.before,
        "after": command.after,
        "around": command.around,
        "before_at": command.before_at,
        "after_at": command.after_at,
    }
    return {name: bound for name, bound in bounds.items() if bound is not None}
