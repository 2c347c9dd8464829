"""Letting somebody into a room."""

from __future__ import annotations

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import AlreadyThere
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step


class Inviting:
    """The commands about invitations."""

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._arrivals = arrivals
        self.methods: Methods = {
            commands.Invite: self._invite,
            commands.ListInvitations: self._list,
        }

    def _invite(self, session: Session, command: commands.Invite, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.INVITE, now)
        target = self._people.find(command.nick)
        if room.shows_person(target):
            raise AlreadyThere(f"{target.nick} is in #{room.name} already.")
        steps = self._arrivals.appear(session, now)
        self._rooms.invite(target.user, room, pardoned=room.allows(session, Act.BAN, now))
        by, user = session.nick or "", session.user
        invited = events.Invited(
            room=room.name, by=by, by_user=user, nick=target.nick or "", at=now
        )
        other = events.InvitedOther(
            room=room.name,
            nick=target.nick or "",
            user=target.user,
            by=by,
            by_user=user,
            at=now,
            re=command.id,
        )
        hearing = self._people.ignoring.hearing(room.audience, session)
        may = tuple(
            each for each in hearing if each is session or room.allows(each, Act.INVITE, now)
        )
        told = self._people.ignoring.hearing(target.everywhere, session)
        return [*steps, Deliver(told, invited), Deliver(may, other, origin=session)]

    def _list(self, session: Session, command: commands.ListInvitations, _now: int) -> list[Step]:
        rooms = (room.name for room in self._rooms.rooms if session.user in room.policy.invited)
        return [Deliver.to(session, events.Invitations(rooms=tuple(rooms), re=command.id))]
