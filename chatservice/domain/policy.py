"""A room's rules and who is what in it: topic, password, invitations, roles, bans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chatservice.domain.addresses import host_of
from chatservice.domain.authority import Kind, Standing
from chatservice.domain.records import BanKept, KeptRoom, MemberKept, RoomKept
from chatservice.domain.session import Session
from chatservice.domain.text import name_keys

ROLES = {
    role.value: role
    for role in (Standing.OPERATOR, Standing.VOICE, Standing.MEMBER, Standing.MUTED)
}
"""The roles that can be given, by their names. A member comes back without password."""


@dataclass(slots=True)
class Policy:
    """What a room asks of those who come.

    `roles` and `since` (the room's last seq when somebody first joined) are by identity.
    """

    lobby: bool = False
    topic: str = ""
    password: str | None = None
    invite_only: bool = False
    history: str = "all"
    keep_messages: int = 0
    keep_days: int = 0
    roles: dict[str, Standing] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    bans: dict[str, BanKept] = field(default_factory=dict)
    invited: set[str] = field(default_factory=set)
    kept: bool = False

    @classmethod
    def of(cls, room: KeptRoom, *, lobby: bool) -> Policy:
        """The rules of a room as the store has them."""
        settings = room.settings or RoomKept(room_id=room.id, name=room.name)
        return cls(
            lobby=lobby,
            topic=settings.topic,
            password=settings.password,
            invite_only=settings.invite_only,
            history=settings.history,
            keep_messages=settings.keep_messages,
            keep_days=settings.keep_days,
            roles={m.identity: Standing(m.role) for m in room.members if m.role},
            since={m.identity: m.since for m in room.members},
            bans={ban.mask: ban for ban in room.bans},
            kept=True,
        )

    @property
    def kind(self) -> Kind:
        """How the room is closed."""
        if self.lobby:
            return Kind.LOBBY
        if self.invite_only:
            return Kind.INVITATION
        return Kind.OPEN if self.password is None else Kind.LOCKED

    def settings(self, room_id: int, name: str) -> RoomKept:
        """The rules as the store keeps them."""
        return RoomKept(
            room_id=room_id,
            name=name,
            topic=self.topic,
            password=self.password,
            invite_only=self.invite_only,
            history=self.history,
            keep_messages=self.keep_messages,
            keep_days=self.keep_days,
        )

    def member(self, room_id: int, identity: str) -> MemberKept:
        """What the store keeps of an identity in the room."""
        role = self.roles.get(identity)
        return MemberKept(
            room_id=room_id,
            identity=identity,
            role=role.value if role else None,
            since=self.since.get(identity, 0),
        )

    def standing(self, session: Session, now: int, *, inside: bool) -> Standing:
        """What a session is with regard to the room; `inside`: it is in there."""
        if session.operator:
            return Standing.SERVER
        role = self.roles.get(session.identity)
        if role is Standing.OPERATOR:
            return role
        if self.banned(session, now):
            return Standing.BANNED
        if inside or role in (Standing.VOICE, Standing.MEMBER):
            return role or Standing.MEMBER
        if session.identity in self.invited or session.user in self.invited:
            return Standing.INVITED
        return Standing.OUTSIDER

    def banned(self, session: Session, now: int) -> BanKept | None:
        """The ban that keeps a session out, if there is one."""
        if not self.bans:  # asked for each message; what a nick looks like takes a while to tell
            return None
        for mask in masks(session.nick, session.identity, host_of(session.address)):
            ban = self.bans.get(mask)
            if ban is not None and (ban.until is None or ban.until > now):
                return ban
        return None


def masks(nick: str | None, identity: str | None, host: str | None) -> Iterable[str]:
    """What a ban can name somebody by."""
    if nick is not None:
        yield from (f"nick:{key}" for key in sorted(name_keys(nick)))
    if identity is not None:
        yield identity
    if host is not None:
        yield f"address:{host}"
