"""Who is what in a room, who is put out of it, and who is kept out."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.addresses import host_of, is_loopback
from chatservice.domain.authority import Act, Standing
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import RuleKind
from chatservice.domain.errors import (
    BadInput,
    Forbidden,
    LimitReached,
    NoSuchPerson,
    NotThere,
    OperatorNeeded,
)
from chatservice.domain.events import Event
from chatservice.domain.masks import id_in_mask, keys_of, keys_of_mask
from chatservice.domain.policy import NAMES, ROLES
from chatservice.domain.records import BanKept
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_line, clean_nick, folded


class Moderation:
    """The commands about who may be in a room, and do what there."""

    def __init__(self, state: ChatState) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self.methods: Methods = {
            commands.SetRole: self._set_role,
            commands.Kick: self._kick,
            commands.Ban: self._ban,
            commands.Unban: self._unban,
            commands.ListBans: self._list_bans,
        }

    def _set_role(self, session: Session, command: commands.SetRole, now: int) -> list[Step]:
        room = self._room(session, command.room)
        room.check(session, Act.ROLE, now)
        target = self._inside(room, command.nick)
        if target.operator and target is not session:
            raise OperatorNeeded(f"{target.nick} is an operator of the server.")
        old = room.policy.roles.get(target.identity)
        was = NAMES[old or Standing.MEMBER]
        told = events.RoleGiven(
            room=room.name,
            nick=target.nick or "",
            user=target.user,
            role=command.role,
            by=session.nick or "",
            by_user=session.user,
            was=was,
            at=now,
            re=command.id,
        )
        if command.was not in (None, was) or command.role == was:
            return [Deliver.to(session, replace(told, role=was))]
        kept = self._rooms.keep(session, room)  # first, as then the role is kept with it
        undo = room.policy.give(target.identity, ROLES[command.role], room.seq)
        room.show(target)
        record = self._rooms.member_record(target, room)
        step = Deliver(room.audience_with(session), told, session, record, undo)
        return [*kept, step]

    def _kick(self, session: Session, command: commands.Kick, now: int) -> list[Step]:
        room = self._room(session, command.room)
        room.check(session, Act.KICK, now)
        target = self._inside(room, command.nick)
        if target.operator and not session.operator:
            raise OperatorNeeded(f"{target.nick} is an operator of the server.")
        return self._put_out(session, room, target, self._reason(command.reason), command.id, now)

    def _put_out(
        self,
        session: Session,
        room: Room,
        target: Session,
        reason: str,
        re: str | None,
        now: int,
    ) -> list[Step]:
        told = events.Kicked(
            room=room.name,
            nick=target.nick or "",
            user=target.user,
            by=session.nick or "",
            by_user=session.user,
            reason=reason,
            at=now,
            re=re,
        )
        audience = room.audience_with(session)
        steps = [
            step
            for each in target.everywhere
            if room.shows(each)
            for step in [*self._rooms.drop(each, room), *self._rooms.part(each, room, now)]
        ]
        # What is told is that it was put out: not, once more, that it left. Who did that is told if
        # it cannot be kept, and somebody may come back for that reason.
        kept = [
            replace(step, origin=session)
            for step in steps
            if isinstance(step, Deliver) and step.record is not None
        ]
        return [Deliver(audience, told, origin=session), *kept]

    def _ban(self, session: Session, command: commands.Ban, now: int) -> list[Step]:
        room = self._room(session, command.room)
        room.check(session, Act.BAN, now)
        if command.seconds is not None and not 0 < command.seconds <= self._limits.ban_seconds:
            raise BadInput(f"A ban is for 1 to {self._limits.ban_seconds} seconds, or for ever.")
        kind = command.kind
        who, masks, target = self._whom(command.who, kind)
        if kind in ("ban", "mute") and target is not None and self._stands_above(target, room, now):
            raise Forbidden(f"{target.nick} is an operator here; /deop comes first.")
        rules = room.policy.rules.values()
        # What has ended is nobody's to lift: it makes room here.
        ended = [replace(ban, lifted=True) for ban in rules if not ban.lasts(now)]
        if len(rules) - len(ended) + len(masks) > self._limits.room_bans:
            raise LimitReached(f"#{room.name} has {self._limits.room_bans} bans already.")
        until = None if command.seconds is None else now + 1000 * command.seconds
        reason, by = self._reason(command.reason), session.nick or ""
        # What another rule keeps out as long is that one's, and still is when this one is lifted.
        others = {
            rule.mask
            for rule in rules
            if rule.kind == kind and rule.shown != who and rule.lasts(now) and rule.outlasts(until)
        }
        bans = [
            BanKept(
                room_id=room.id,
                mask=mask,
                shown=who,
                until=until,
                reason=reason,
                by=by,
                kind=kind,
                at=now,
            )
            for mask in [each for each in masks if each not in others] or masks
        ]
        told = events.Banned(
            room=room.name,
            who=who,
            by=by,
            by_user=session.user,
            reason=reason,
            until=until,
            kind=kind,
            at=now,
            re=command.id,
        )
        steps = [
            *self._rooms.keep(session, room),
            *self._put_bans(session, room, told, [*ended, *bans]),
        ]
        if kind == "ban" and target is not None and room.shows_person(target):
            steps += self._put_out(session, room, target, reason, None, now)
        return steps

    def _stands_above(self, target: Session, room: Room, now: int) -> bool:
        return room.standing(target, now) in (Standing.SERVER, Standing.OPERATOR)

    def _unban(self, session: Session, command: commands.Unban, now: int) -> list[Step]:
        room = self._room(session, command.room)
        room.check(session, Act.BAN, now)
        name = folded(command.who)
        _, masks = keys_of_mask(command.who, self._limits) or ("", keys_of(name, None, None))
        wanted = {name, *masks}
        rules = [ban for ban in room.policy.rules.values() if ban.kind == command.kind]
        # What was done about one person at once is taken back at once.
        shown = {ban.shown for ban in rules if ban.mask in wanted or folded(ban.shown) in wanted}
        bans = [replace(ban, lifted=True) for ban in rules if ban.shown in shown]
        if not bans:
            raise NoSuchPerson(f"There is no {command.kind} of that name in #{room.name}.")
        told = events.Unbanned(
            room=room.name,
            who=bans[0].shown,
            by=session.nick or "",
            by_user=session.user,
            kind=command.kind,
            at=now,
            re=command.id,
        )
        return self._put_bans(session, room, told, bans)

    def _put_bans(
        self, session: Session, room: Room, told: Event, bans: list[BanKept]
    ) -> list[Step]:
        """Keep bans, or their end, and tell it once, with the first."""
        policy = room.policy
        before, after = policy.rules, dict(policy.rules)
        for ban in bans:
            if ban.lifted:
                after.pop((ban.kind, ban.mask), None)
            else:
                after[ban.kind, ban.mask] = ban
        policy.put(after)

        first, *rest = bans
        return [
            Deliver(
                room.audience_with(session),
                told,
                origin=session,
                record=first,
                undo=lambda: policy.put(before),
            ),
            *(Deliver.keep(session, ban) for ban in rest),
        ]

    def _list_bans(self, session: Session, command: commands.ListBans, now: int) -> list[Step]:
        room = self._room(session, command.room)
        room.check(session, Act.SEE, now)
        shown = {
            ban.shown: events.Ban(
                who=ban.shown, by=ban.by, reason=ban.reason, until=ban.until, at=ban.at
            )
            for ban in room.policy.rules.values()
            if ban.kind == command.kind and ban.lasts(now)
        }
        reply = events.Bans(
            room=room.name, bans=tuple(shown.values()), kind=command.kind, re=command.id
        )
        return [Deliver.to(session, reply)]

    def _whom(self, who: str, kind: RuleKind) -> tuple[str, list[str], Session | None]:
        """Who is meant by a ban: the name shown, the masks, and the person if it is named."""
        mask = keys_of_mask(who, self._limits)
        if mask is not None:
            shown, masks = mask
            user = id_in_mask(who) if kind in ("ban", "mute") else None
            person = self._people.holder(user) if user is not None else None
            # Who comes back has another id.
            more = self._keys_of(person) if person is not None and person.user == user else []
            return shown, [*masks, *more], None
        try:
            target = self._people.find(who)
        except NoSuchPerson:
            nick = clean_nick(who, self._limits)
            return nick, list(keys_of(nick, None, None)), None
        return target.nick or "", self._keys_of(target), target

    def _keys_of(self, person: Session) -> list[str]:
        """What somebody is kept out by, who may come back with another nick or id."""
        identity = person.identity if person.lasting else None
        host = host_of(person.address)
        address = None if person.lasting or is_loopback(host) else host
        return list(keys_of(person.nick, identity, address))

    def _room(self, session: Session, name: str | None) -> Room:
        """The room that is meant, which operators of the server need not be in."""
        if name is not None and session.operator:
            return self._rooms.existing(name)
        return self._rooms.heard(session, name)

    def _inside(self, room: Room, nick: str) -> Session:
        target = self._people.find(nick)
        inside = next(filter(room.shows, target.everywhere), None)
        if inside is None:
            raise NotThere(f"{target.nick} is not in #{room.name}.")
        return inside

    def _reason(self, reason: str) -> str:
        return clean_line(reason, self._limits, self._limits.reason_characters, "A reason")
