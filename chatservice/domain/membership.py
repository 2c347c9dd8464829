"""Coming into rooms and leaving them, without missing a message or seeing one twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from chatservice.domain import events
from chatservice.domain.authority import Kind, Standing
from chatservice.domain.errors import NotInRoom
from chatservice.domain.events import Message
from chatservice.domain.keeping import Keeping
from chatservice.domain.policy import NAMES
from chatservice.domain.records import Page
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Read, Step, apart

GoOn = Callable[[tuple[Message, ...], int], list[Step]]
"""What happens with a room's messages once they are at hand: (messages, now) -> steps."""


Check = Callable[[int], None]
"""Raises `ChatError` where somebody may not go on to come in: (now)."""


def unchecked(_now: int) -> None:
    """The `Check` of who goes on in any case, or waits for nothing to be read."""


class Membership(Keeping):
    """All rooms, and who is in them."""

    def heard(
        self, session: Session, name: str | None, *, seen: bool = False, outside: bool = False
    ) -> Room:
        """The named or current room, which the session hears. Raises `NotInRoom`, `NoSuchRoom`.

        With `seen`, a room will do where it is only seen, as after a reconnect; with `outside`, one
        where those outside may talk.
        """
        if name is None:
            if session.current is None:
                raise NotInRoom("You are in no room; join one first.")
            name = session.current
        room = self.existing(name)
        if not (
            room.hears(session)
            or (seen and room.shows(session))
            or (outside and room.policy.external)
        ):
            raise NotInRoom(f"You are not in #{room.name}; join it first.")
        return room

    def latest(
        self,
        session: Session,
        room: Room,
        go_on: GoOn,
        re: str | None,
        now: int,
        check: Check,
        *,
        count: int | None = None,
    ) -> list[Step]:
        """Go on with a room's last messages, read from the store if they are not in memory.

        Who can't be shown them comes in all the same, with those that are in memory. After reading,
        `check` is asked first.
        """
        count = self._limits.replay_messages if count is None else count
        messages = room.latest(count)
        if messages is not None:
            return go_on(messages, now)
        floor = room.floor

        def resume(page: Page, now: int) -> list[Step]:
            room.warm(page.messages, page.authors, floor=floor, complete=not page.more)
            return fallback(now)

        def fallback(now: int) -> list[Step]:
            check(now)
            return go_on(room.known(count), now)

        return [Read(session, self.window(room, count), resume, re, fallback)]

    def catch_up(
        self,
        session: Session,
        room: Room,
        since: int,
        re: str | None,
        now: int,
        check: Check,
        *,
        heard: int | None = None,
    ) -> list[Step]:
        """Enter a room with all messages after `since`: pages from the store, then from memory.

        Before each page is shown, `check` is asked. Who was in the room heard it up to seq `heard`,
        and hears it on from there where the store can't be read.
        """
        messages = room.after(since)
        if messages is not None:
            return self.enter(session, room, messages, re, now, again=heard is not None)
        if heard is None and room.has(session):
            heard = room.seq
        floor = room.floor

        def resume(page: Page, now: int) -> list[Step]:
            check(now)
            steps: list[Step] = [Deliver.to(session, page_of(room, page, re))]
            last = page.messages[-1].seq if page.messages else since
            # Where the page ends the store, the seqs up to the floor of then are read, or void.
            reached = last if page.more else max(last, floor)
            more = self.catch_up(session, room, reached, re, now, check, heard=heard)
            return [*steps, *more] if page.messages else more

        def refused(now: int) -> list[Step]:
            if heard is None or not room.shows(session):
                return []
            missed = room.after(max(heard, room.floor)) or ()
            return self.enter(session, room, missed, None, now, aside=True, again=True)

        room.deafen(session)
        window = self.window(room, self._limits.history_messages, after=since)
        return [Read(session, window, resume, re, refused=refused)]

    def enter(
        self,
        session: Session,
        room: Room,
        messages: tuple[Message, ...],
        re: str | None,
        now: int,
        *,
        aside: bool = False,
        again: bool = False,
    ) -> list[Step]:
        """Let a session hear a room and be seen in it, from the end of `messages` on.

        With `aside` it goes on talking where it did. It is `again` for who hears the room by now.
        """
        again = again or room.has(session)
        room.hear(session)
        if not aside or session.current is None:
            session.current = room.name
        joined = [] if room.shows(session) else self.show(session, room, now)
        entered = self._entered(session, room, messages, re, again=again)
        told = self.facts.told(session, room, came=bool(joined))
        stays = self.stay(session, room)
        return [Deliver.to(session, entered), *joined, *told, *stays, *self.admit(session, room)]

    def _entered(
        self,
        session: Session,
        room: Room,
        messages: tuple[Message, ...],
        re: str | None,
        *,
        again: bool,
    ) -> events.Entered:
        """A room as it is now, for a session that is in it."""
        return events.Entered(
            room=room.name,
            seq=room.seq,
            people=room.people,
            messages=messages,
            **room.policy.appearance,
            read_at=self.marks.at(session, f"#{room.name}"),
            again=again,
            re=re,
        )

    def show(self, session: Session, room: Room, now: int) -> list[Step]:
        """Let everybody see a session in a room that it hears, once for each person."""
        seen = any(map(room.shows, session.others))
        session.rooms[room.name] = None
        stays = self.stay(session, room)
        if seen:
            return stays
        room.show(session)
        joined = events.Joined(room=room.name, person=room.person(session), at=now)
        return [Deliver(room.audience, joined, origin=session), *stays]

    def carry(self, session: Session, old: str, now: int) -> list[Step]:
        """A session goes by another identity than `old`: what it is in rooms goes with it.

        A mute stays on both. Who logs out leaves to the account what is the account's. Where the
        new identity is banned, it is put out. All in a room are told if it is something else there.
        """
        before = self._roles(old, session.rooms)
        steps = [*self.carry_roles(session, old), *self._carry_on(session, now)]
        told = self._other_roles(session, before, now)
        return [*steps, *(Deliver(room.audience_with(session), event) for room, event in told)]

    def _roles(self, identity: str, names: Iterable[str]) -> list[tuple[Room, Standing]]:
        """What an identity is in each of these rooms."""
        rooms = [self._rooms[name] for name in names]
        return [(room, room.policy.roles.get(identity, Standing.MEMBER)) for room in rooms]

    def _other_roles(
        self, session: Session, before: Iterable[tuple[Room, Standing]], now: int
    ) -> Iterator[tuple[Room, events.RoleGiven]]:
        """What a person is from now on in the rooms that it is seen in, where it was another."""
        for room, was in before:
            role = room.policy.roles.get(session.identity, Standing.MEMBER)
            if role is was or not room.shows_person(session):
                continue
            room.show(session)
            told = events.RoleGiven(
                room=room.name,
                nick=session.nick or "",
                user=session.user,
                role=NAMES[role],
                was=NAMES[was],
                at=now,
            )
            yield room, told

    def _carry_on(self, session: Session, now: int) -> list[Step]:
        """Let a session be in its rooms as who it is now, or be put out."""
        steps: list[Step] = []
        for room in [self._rooms[name] for name in session.rooms]:
            if room.policy.kind in (Kind.OPEN, Kind.LOBBY):
                steps += self.admit(session, room)
            room.show(session)
            if room.standing(session, now) is Standing.BANNED:
                exited = events.Exited(room=room.name)
                steps += [Deliver.to(session, exited), *self.part(session, room, now)]
        return steps

    def shown_after(self, session: Session, room: Room) -> int:
        """The seq up to which a room hides from somebody what was said before they came.

        Who has not come yet is shown nothing of what was said so far.
        """
        policy = room.policy
        role = policy.roles.get(session.identity)
        if policy.history == "all" or session.operator or role is Standing.OPERATOR:
            return 0
        return policy.since.get(session.identity, room.seq)

    def leave(
        self, session: Session, room: Room, now: int, reason: str | None
    ) -> Sequence[Deliver]:
        """Let a session leave a room; that its person stays there no more is told once kept."""
        stand_in = session.stand_in
        kept = self.stay_no_more(session, room)
        left = self.part(session, room, now, reason)
        if stand_in is None or not kept:
            return left

        def undo() -> None:
            if stand_in.state is State.GONE:
                return
            stand_in.rooms[room.name] = None
            if not any(map(room.shows, stand_in.others)):
                room.show(stand_in)

        return [replace(step, undo=undo, besides=tuple(left)) for step in kept]

    def part(
        self,
        session: Session,
        room: Room,
        now: int,
        reason: str | None = None,
        *,
        gone: bool = False,
    ) -> list[Deliver]:
        """Take a session out of a room; with `gone` its person may stay there without it."""
        steps = [] if gone and not session.stands_in else self.stay_no_more(session, room)
        session.rooms.pop(room.name, None)
        if session.current == room.name:
            session.current = next(reversed(session.rooms), None)
        room.deafen(session)
        if session.identity in room.policy.roles:
            self.pass_with(session, room)
        steps += self._hide(session, room, now, reason)
        self.drop_idle(room)
        return steps

    def _hide(
        self, session: Session, room: Room, now: int, reason: str | None = None
    ) -> list[Deliver]:
        """Let nobody see a session in a room that it has left, unless its person still is there."""
        other = next(filter(room.shows, session.others), None)
        if other is not None:
            room.show(other)
            return []
        room.hide(session)
        left = events.Left(
            room=room.name, nick=session.nick or "", user=session.user, at=now, reason=reason
        )
        return [Deliver(room.audience, left)]

    def become(self, session: Session, change: Callable[[], None], now: int) -> list[Step]:
        """Let a session be another person after `change`, who is seen in the same rooms.

        Where that one is already, others are told if it is something else there now. The session
        alone is told there what all others are told together; see `show_again`, too.
        """
        rooms = [self._rooms[name] for name in session.rooms]
        old, session.rooms = session.identity, {}
        left = [step for room in rooms for step in self._hide(session, room, now)]
        change()
        names = dict.fromkeys(chain.from_iterable(each.rooms for each in session.others))
        before = self._roles(session.identity, names)
        carried = self.carry_roles(session, old)
        roles = [
            Deliver(tuple(each for each in room.audience if each is not session), told)
            for room, told in self._other_roles(session, before, now)
        ]
        joined = [step for room in rooms for step in self.show(session, room, now)]
        told = chain.from_iterable(apart(step, session) for step in (*left, *joined))
        return [*carried, *told, *roles, *self._carry_on(session, now)]

    def show_again(self, session: Session) -> list[Step]:
        """Tell a session that has become another person what its rooms are like for that one."""
        rooms = [self._rooms[name] for name in session.rooms]
        return [
            Deliver.to(session, self._entered(session, room, (), None, again=True))
            for room in rooms
            if room.hears(session)
        ]

    def read_by(self, session: Session) -> dict[str, int | None]:
        """Up to when a session's person has read each of its rooms, as far as that is known."""
        return {name: self.marks.at(session, f"#{name}") for name in session.rooms}

    def read_otherwise(self, session: Session, before: dict[str, int | None]) -> list[Step]:
        """Tell a session up to when it has read its rooms as who it is now, where that is new."""
        return [
            Deliver.to(session, events.ReadUpTo(room=name, at=at))
            for name, at in self.read_by(session).items()
            if at != before.get(name)
        ]

    def part_all(self, session: Session, now: int, reason: str | None) -> list[Step]:
        """Take a session out of every room, and out of hearing: its connection is gone."""
        rooms = [self._rooms[name] for name in session.rooms]
        steps: list[Step] = []
        for room in rooms:
            steps += self.part(session, room, now, gone=True)
        for identity in session.identities:
            for room in self._left.pop(identity, ()):
                room.policy.take(identity)
                self.drop_idle(room)
        self.lobby.deafen(session)
        if session.others or not rooms:
            return steps
        gone = events.Gone(
            nick=session.nick or "",
            user=session.user,
            at=now,
            reason=reason,
            account=session.account_name,
            bot=session.bot,
        )
        return [*(_for_good(step, reason) for step in steps), Deliver(_hearing(rooms), gone)]

    def replace(self, old: Session, new: Session) -> None:
        """Let a person's new session be seen wherever the old one was; it hears nothing yet."""
        for name in old.rooms:
            self._rooms[name].deafen(old)
        new.rooms, old.rooms = old.rooms, {}
        new.current = old.current
        self.lobby.deafen(old)

    def audience_of(self, session: Session) -> tuple[Session, ...]:
        """All who hear a room that a session's person is seen in, and the person itself.

        With one room it is that room's own object, so that what follows can be grouped.
        """
        person = session.connections
        rooms = [
            self._rooms[name]
            for name in dict.fromkeys(chain(*(s.rooms for s in session.everywhere)))
        ]
        if len(rooms) == 1 and all(map(rooms[0].hears, person)):
            return rooms[0].audience
        return tuple(dict.fromkeys([*person, *(each for room in rooms for each in room.audience)]))


def _for_good(step: Step, reason: str | None) -> Step:
    """A step, which if it tells that somebody left a room tells that it left the chat."""
    if not (isinstance(step, Deliver) and isinstance(step.event, events.Left)):
        return step
    return replace(step, event=replace(step.event, reason=reason, gone=True))


def _hearing(rooms: Sequence[Room]) -> tuple[Session, ...]:
    """All who hear any of these rooms; of one room that is its own object."""
    if len(rooms) == 1:
        return rooms[0].audience
    return tuple(dict.fromkeys(chain.from_iterable(room.audience for room in rooms)))


def page_of(room: Room, page: Page, re: str | None) -> events.HistoryPage:
    """A page of a room as an event."""
    messages = room.as_now(room.named(page.messages))
    return events.HistoryPage(room=room.name, messages=messages, more=page.more, re=re)
