"""What is kept of rooms, and of what people are in them."""

from __future__ import annotations

from typing import Any

from chatservice.domain import events
from chatservice.domain.authority import Standing
from chatservice.domain.policy import Undo
from chatservice.domain.records import MemberKept, StayKept, Window
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.settling import Settling
from chatservice.domain.steps import Deliver, Step


class Keeping(Settling):
    """All rooms, and what the store is given of them."""

    def window(self, room: Room, limit: int, **bounds: Any) -> Window:
        """What to read of a room: up to so many messages, and as much text as a page holds."""
        return Window(
            room_id=room.id,
            limit=limit,
            characters=self._limits.history_bytes,
            **bounds,
        )

    def member_record(self, session: Session, room: Room) -> MemberKept | None:
        """What is to be kept of a person in a room, if that outlives the connection."""
        if not (session.lasting and room.policy.kept):
            return None
        return room.policy.member(room.id, session.identity)

    def keep(self, session: Session, room: Room) -> list[Step]:
        """Keep a room that is nothing but a name so far, with its operator."""
        if room.policy.kept:
            return []
        room.policy.kept = True

        def undo() -> None:
            room.policy.kept = False
            self.drop_idle(room)

        settings = room.policy.settings(room.id, room.name)
        return [Deliver.keep(session, settings, undo), *self.keep_roles(session, room)]

    def keep_roles(self, session: Session, room: Room) -> list[Step]:
        """Keep what everybody is in a room, inside or not, if that outlives the connection."""
        policy = room.policy
        passing = {each.identity for each in (session, *room.audience) if not each.lasting}
        return [
            Deliver.keep(session, policy.member(room.id, identity))
            for identity in policy.roles
            if identity not in passing and room not in self._left.get(identity, ())
        ]

    def keep_member(self, session: Session, room: Room, undo: Undo) -> list[Step]:
        """Keep what a person is in a room, if that outlives the connection."""
        record = self.member_record(session, room)
        return [Deliver.keep(session, record, undo)] if record is not None else []

    def admit(self, session: Session, room: Room) -> list[Step]:
        """Let somebody inside come back: into a closed room, and to what was said since then."""
        policy, identity = room.policy, session.identity
        policy.uninvite(session.user)
        if identity in policy.roles or not policy.remembers:
            return []
        undo = policy.give(identity, Standing.MEMBER, room.seq)
        return [*self.keep_member(session, room, undo), *self.forget_guests(session, room)]

    def drop(self, session: Session, room: Room) -> list[Step]:
        """Let a plain member not come back like one, who leaves or is put out everywhere."""
        if room.policy.roles.get(session.identity) is not Standing.MEMBER:
            return []
        if _elsewhere(session, room):
            return []
        undo = room.policy.take(session.identity)
        return self.keep_member(session, room, undo)

    def forget_guests(self, session: Session, room: Room) -> list[Step]:
        """Forget a tenth of the guests who were let in and have left, if there are too many."""
        policy, most = room.policy, self._limits.room_guests
        if len(policy.roles) <= most + len(room.people):
            return []
        inside = {each.identity for each in room.audience}
        outside = [identity for identity in policy.guests() if identity not in inside]
        if len(outside) <= most:
            return []
        steps: list[Step] = []
        for identity in outside[: 1 + len(outside) // 10]:
            undo = policy.take(identity)
            if policy.kept:
                steps.append(Deliver.keep(session, policy.member(room.id, identity), undo))
        return steps

    def pass_with(self, session: Session, room: Room) -> None:
        """Let end with a connection that can't come back what it is in a room, inside or not."""
        if not session.lasting:
            self._left.setdefault(session.identity, set()).add(room)

    def stay(self, session: Session, room: Room) -> list[Step]:
        """Let a person's stand-in, if it has one, be where its connection is."""
        stand_in = session.stand_in
        if (
            stand_in is None
            or room.shows(stand_in)
            or len(stand_in.rooms) >= self._limits.always_on_rooms
        ):
            return []
        stand_in.rooms[room.name] = None

        def undo() -> None:
            if not room.shows(stand_in):
                return
            del stand_in.rooms[room.name]
            if not any(map(room.shows, stand_in.others)):
                self._vanished.append((room, room.person(stand_in)))
                room.hide(stand_in)

        stays = StayKept(room_id=room.id, account=session.account or "", stays=True)
        return [*self.keep(session, room), Deliver.keep(session, stays, undo)]

    def vanished(self, now: int) -> list[Step]:
        """Tell that those left rooms who have left, and could not be kept there without it."""
        vanished, self._vanished = self._vanished, []
        return [
            Deliver(
                room.audience,
                events.Left(room=room.name, nick=person.nick, user=person.user, at=now),
            )
            for room, person in vanished
        ]

    def stay_no_more(self, session: Session, room: Room) -> list[Deliver]:
        """Let a person's stand-in leave a room, by itself or with the last connection in it."""
        stand_in = session.stand_in
        if stand_in is None or not room.shows(stand_in):
            return []
        if session is not stand_in and _elsewhere(session, room):
            return []
        del stand_in.rooms[room.name]
        stays = StayKept(room_id=room.id, account=session.account or "", stays=False)
        return [Deliver.keep(session, stays)]

    def carry_roles(self, session: Session, old: str) -> list[Step]:
        """Let a session that goes by another identity than `old` be in rooms what that was."""
        steps: list[Step] = []
        for room in tuple(self._rooms.values()):
            policy, roles = room.policy, room.policy.roles
            role = roles.get(old)
            own = roles.get(session.identity)
            if role is not None and session.account is not None and not session.has_secret:
                self._left.setdefault(old, set()).add(room)
            if (role is Standing.MUTED and own is not Standing.OPERATOR) or (
                role is not None and session.account is not None and own is None
            ):
                undo = policy.give(session.identity, role, policy.since[old])
                self.pass_with(session, room)
                steps += self.keep_member(session, room, undo)
                steps += self.forget_guests(session, room)
                if role is not Standing.MUTED:
                    undo = policy.take(old)
                    if policy.kept:
                        gone = policy.member(room.id, old)
                        steps.append(Deliver.keep(session, gone, undo))
        return steps


def _elsewhere(session: Session, room: Room) -> bool:
    """Whether another connection of a session's person is in the room, too."""
    return any(room.shows(each) for each in session.connections if each is not session)
