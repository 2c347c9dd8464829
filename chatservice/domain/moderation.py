"""What operators do: topics, passwords, roles, and who is kept out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatservice.domain import commands, events
from chatservice.domain.addresses import host_of, is_loopback
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.authority import Act, Kind, Standing
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput, Forbidden, NoSuchPerson, TooLong
from chatservice.domain.events import Event
from chatservice.domain.policy import ROLES, masks
from chatservice.domain.records import BanKept
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Hash, Step
from chatservice.domain.text import clean_nick, clean_text, one_line

KEEP_MOST = 1_000_000
"""The largest bound of what a room keeps; whoever wants more wants all."""


class Moderation:
    """The commands about how a room is, and who may be in it."""

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._arrivals = arrivals
        self.methods: Methods = {
            commands.SetTopic: self._set_topic,
            commands.SetRoomPassword: self._set_password,
            commands.Configure: self._configure,
            commands.SetRole: self._set_role,
            commands.Invite: self._invite,
            commands.Kick: self._kick,
            commands.Ban: self._ban,
            commands.Unban: self._unban,
            commands.ListBans: self._list_bans,
        }

    def _set_topic(self, session: Session, command: commands.SetTopic, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        if command.topic is None:
            reply = events.Topic(room=room.name, topic=room.policy.topic, re=command.id)
            return [Deliver.to(session, reply)]
        room.check(session, Act.TOPIC, now)
        topic = self._sentence(command.topic, self._limits.topic_characters, "A topic")
        told = events.Topic(room=room.name, topic=topic, nick=session.nick or "", re=command.id)
        return self._change(session, room, told, topic=topic)

    def _set_password(
        self, session: Session, command: commands.SetRoomPassword, now: int
    ) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.CLOSE, now)
        if command.password is None:
            return self._close(session, room, command.id, password=None)
        check_room_password(command.password, self._limits.password_characters)

        def hashed(password: str, _now: int) -> list[Step]:
            return self._close(session, room, command.id, password=password)

        return [Hash(session, command.password, hashed, command.id)]

    def _configure(self, session: Session, command: commands.Configure, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        kept = _given(command, "keep_messages", "keep_days")
        closed = _given(command, "invite_only", "history")
        if kept:
            room.check(session, Act.KEEP, now)
        if closed or not kept:
            room.check(session, Act.CLOSE, now)
        if not all(0 <= bound <= KEEP_MOST for bound in kept.values()):
            raise BadInput(f"A room keeps up to {KEEP_MOST} messages or days, or (with 0) all.")
        return self._close(session, room, command.id, **closed, **kept)

    def _close(self, session: Session, room: Room, re: str | None, **changes: Any) -> list[Step]:
        """Change how a room is closed; those who are inside then may come back."""
        was_closed = room.policy.kind in (Kind.LOCKED, Kind.INVITATION)
        policy = replace(room.policy, **changes)
        told = events.Configured(
            room=room.name,
            nick=session.nick or "",
            locked=policy.password is not None,
            invite_only=policy.invite_only,
            history="joining" if policy.history == "joining" else "all",
            keep_messages=policy.keep_messages or None,
            keep_days=policy.keep_days or None,
            re=re,
        )
        steps = self._change(session, room, told, **changes)
        if was_closed or room.policy.kind not in (Kind.LOCKED, Kind.INVITATION):
            return steps
        inside = [each for each in room.audience if room.shows(each)]
        return [*steps, *(step for each in inside for step in self._rooms.admit(each, room))]

    def _change(self, session: Session, room: Room, told: Event, **changes: Any) -> list[Step]:
        """Change a room's rules, keep them, and tell all who hear it."""
        policy = room.policy
        before = {name: getattr(policy, name) for name in changes}
        kept = policy.kept

        def put(values: dict[str, Any]) -> None:
            for name, value in values.items():
                setattr(policy, name, value)

        put(changes)
        policy.kept = True

        def undo() -> None:
            put(before)
            policy.kept = kept

        record = policy.settings(room.id, room.name)
        step = Deliver(room.audience, told, origin=session, record=record, undo=undo)
        return [step] if kept else [step, *self._rooms.keep_roles(session, room)]

    def _set_role(self, session: Session, command: commands.SetRole, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.ROLE, now)
        target = self._inside(room, command.nick)
        if target.operator and target is not session:
            raise Forbidden(f"{target.nick} is an operator of the server.")
        old = room.policy.roles.get(target.identity)
        role = ROLES[command.role]
        told = events.RoleGiven(
            room=room.name,
            nick=target.nick or "",
            user=target.user,
            role=command.role,
            by=session.nick or "",
            re=command.id,
        )
        self._put_role(room, target, role)

        def undo() -> None:
            self._put_role(room, target, old)

        record = self._rooms.member_record(target, room)
        return [
            *self._rooms.keep(session, room),
            Deliver(room.audience, told, origin=session, record=record, undo=undo),
        ]

    def _put_role(self, room: Room, target: Session, role: Standing | None) -> None:
        if role is None:
            room.policy.roles.pop(target.identity, None)
        else:
            room.policy.roles[target.identity] = role
        if room.shows(target):
            room.show(target)

    def _invite(self, session: Session, command: commands.Invite, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.INVITE, now)
        target = self._people.find(command.nick)
        if room.shows(target):
            raise BadInput(f"{target.nick} is in #{room.name} already.")
        room.policy.invited.add(target.user)
        invited = events.Invited(room=room.name, by=session.nick or "")
        notice = events.Notice(text=f"{target.nick} is invited to #{room.name}.", re=command.id)
        return [Deliver.to(target, invited), Deliver.to(session, notice)]

    def _kick(self, session: Session, command: commands.Kick, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.KICK, now)
        target = self._inside(room, command.nick)
        if target.operator and not session.operator:
            raise Forbidden(f"{target.nick} is an operator of the server.")
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
            reason=reason,
            at=now,
            re=re,
        )
        audience = room.audience
        steps = [
            step
            for each in target.everywhere
            if room.shows(each)
            for step in [*self._rooms.drop(each, room), *self._rooms.part(each, room, now)]
        ]
        # What is told is that it was put out: not, once more, that it left.
        kept = [step for step in steps if isinstance(step, Deliver) and step.record is not None]
        return [Deliver(audience, told, origin=session), *kept]

    def _ban(self, session: Session, command: commands.Ban, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.BAN, now)
        if command.seconds is not None and not 0 < command.seconds <= self._limits.ban_seconds:
            raise BadInput(f"A ban is for 1 to {self._limits.ban_seconds} seconds, or for ever.")
        who, names, target = self._whom(command.who)
        if target is not None and room.standing(target, now) in (
            Standing.SERVER,
            Standing.OPERATOR,
        ):
            raise Forbidden(f"{target.nick} is an operator here; /deop comes first.")
        if len(room.policy.bans) + len(names) > self._limits.room_bans:
            raise Forbidden(f"#{room.name} has {self._limits.room_bans} bans already.")
        until = None if command.seconds is None else now + 1000 * command.seconds
        reason, by = self._reason(command.reason), session.nick or ""
        bans = [
            BanKept(room_id=room.id, mask=mask, shown=who, until=until, reason=reason, by=by)
            for mask in names
        ]
        told = events.Banned(
            room=room.name, who=who, by=by, reason=reason, until=until, re=command.id
        )
        steps = [
            *self._rooms.keep(session, room),
            *self._put_bans(session, room, told, bans),
        ]
        if target is not None and room.shows(target):
            steps += self._put_out(session, room, target, reason, None, now)
        return steps

    def _unban(self, session: Session, command: commands.Unban, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.BAN, now)
        wanted = {command.who.casefold(), *masks(command.who, None, command.who)}
        bans = [
            replace(ban, lifted=True)
            for ban in room.policy.bans.values()
            if ban.mask in wanted or ban.shown.casefold() in wanted
        ]
        if not bans:
            raise NoSuchPerson(f"Nobody of that name is banned from #{room.name}; see /bans.")
        told = events.Unbanned(
            room=room.name, who=bans[0].shown, by=session.nick or "", re=command.id
        )
        return self._put_bans(session, room, told, bans)

    def _put_bans(
        self, session: Session, room: Room, told: Event, bans: list[BanKept]
    ) -> list[Step]:
        """Keep bans, or their end, and tell it once, with the first."""
        before = dict(room.policy.bans)
        for ban in bans:
            if ban.lifted:
                room.policy.bans.pop(ban.mask, None)
            else:
                room.policy.bans[ban.mask] = ban

        def undo() -> None:
            room.policy.bans = before

        first, *rest = bans
        return [
            Deliver(room.audience, told, origin=session, record=first, undo=undo),
            *(Deliver.keep(session, ban) for ban in rest),
        ]

    def _list_bans(self, session: Session, command: commands.ListBans, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.SEE, now)
        shown = {
            ban.shown: events.Ban(who=ban.shown, by=ban.by, reason=ban.reason, until=ban.until)
            for ban in room.policy.bans.values()
            if ban.until is None or ban.until > now
        }
        reply = events.Bans(room=room.name, bans=tuple(shown.values()), re=command.id)
        return [Deliver.to(session, reply)]

    def _whom(self, who: str) -> tuple[str, list[str], Session | None]:
        """Who is meant by a ban: the name shown, the masks, and the person if it is here."""
        if any(mark in who for mark in ".:") and host_of(f"{who}:0") == who.strip("[]"):
            return who, list(masks(None, None, who.strip("[]"))), None
        try:
            target = self._people.find(who)
        except NoSuchPerson:
            nick = clean_nick(who, self._limits)
            return nick, list(masks(nick, None, None)), None
        identity = target.identity if target.lasting else None
        host = host_of(target.address)
        address = None if target.lasting or is_loopback(host) else host
        return target.nick or "", list(masks(target.nick, identity, address)), target

    def _inside(self, room: Room, nick: str) -> Session:
        target = self._people.find(nick)
        inside = next(filter(room.shows, target.everywhere), None)
        if inside is None:
            raise NoSuchPerson(f"{target.nick} is not in #{room.name}.")
        return inside

    def _reason(self, reason: str) -> str:
        return self._sentence(reason, self._limits.reason_characters, "A reason")

    def _sentence(self, text: str, most: int, what: str) -> str:
        """One clean line, or nothing. Raises `TooLong`."""
        if not text.strip():
            return ""
        line = one_line(clean_text(text, self._limits)).strip()
        if len(line) > most:
            raise TooLong(f"{what} has at most {most} characters; this one has {len(line)}.")
        return line


def _given(command: Command, *names: str) -> dict[str, Any]:
    """Those fields of a command that are given."""
    fields = ((name, getattr(command, name)) for name in names)
    return {name: value for name, value in fields if value is not None}


def check_room_password(password: str, most: int) -> None:
    """Raise `BadInput` for what cannot be the password of a room."""
    if not 1 <= len(password) <= most:
        raise BadInput(f"A room's password has 1 to {most} characters.")
