"""A room's rules and who is what in it: topic, password, invitations, roles, bans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from math import inf
from typing import Any

from chatservice.domain.authority import Kind, Standing
from chatservice.domain.commands import RoleName, RuleKind, TopicRule
from chatservice.domain.masks import matching
from chatservice.domain.records import BanKept, KeptRoom, MemberKept, RoomKept
from chatservice.domain.session import Session

ROLES: dict[RoleName, Standing] = {
    "operator": Standing.OPERATOR,
    "voice": Standing.VOICE,
    "member": Standing.MEMBER,
    "muted": Standing.MUTED,
}
"""The roles that can be given, by their names. A member comes back without password."""

NAMES = {role: name for name, role in ROLES.items()}
"""The names of the roles."""

Rules = dict[tuple[RuleKind, str], BanKept]
"""The bans and other rules of a room, by kind and by what is meant."""

_MOST_FOUND = 10_000
"""Of so many people it is remembered which rules are about them."""

Undo = Callable[[], None]
"""Puts back what was before."""


@dataclass(slots=True)
class Policy:
    """What a room asks of those who come.

    `roles` and `since` (the room's last seq when somebody was first let in) are by identity; who
    has one has both, and whoever has none has yet to come. Those who are `invited` are by id;
    `pardoned` are those of them whom an operator let in, against any rule.
    """

    lobby: bool = False
    topic: str = ""
    topic_by: str = ""
    topic_at: int = 0
    made_at: int = 0
    password: str | None = None
    invite_only: bool = False
    history: str = "all"
    keep_messages: int = 0
    keep_days: int = 0
    moderated: bool = False
    topic_rule: TopicRule = "voices"
    secret: bool = False
    external: bool = False
    no_ctcp: bool = False
    people_most: int = 0
    roles: dict[str, Standing] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    rules: Rules = field(default_factory=dict)
    invited: set[str] = field(default_factory=set)
    pardoned: set[str] = field(default_factory=set)
    kept: bool = False
    _found: dict[tuple[str, ...], tuple[BanKept, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, room: KeptRoom, *, lobby: bool) -> Policy:
        """The rules of a room as the store has them."""
        settings = room.settings or RoomKept(room_id=room.id, name=room.name)
        return cls(
            lobby=lobby,
            roles={m.identity: Standing(m.role) for m in room.members if m.role},
            since={m.identity: m.since for m in room.members if m.role},
            rules={(ban.kind, ban.mask): ban for ban in room.bans},
            kept=True,
            **{name: getattr(settings, name) for name in _SETTINGS},
        )

    @property
    def kind(self) -> Kind:
        """How the room is closed."""
        if self.lobby:
            return Kind.LOBBY
        if self.invite_only:
            return Kind.INVITATION
        return Kind.OPEN if self.password is None else Kind.LOCKED

    @property
    def appearance(self) -> dict[str, Any]:
        """The rules as they are shown to who comes in."""
        return {
            "topic": self.topic or None,
            "topic_by": self.topic_by,
            "topic_at": self.topic_at,
            "secret": self.secret,
            "locked": self.password is not None,
            "invite_only": self.invite_only,
        }

    @property
    def configuration(self) -> dict[str, Any]:
        """The rules as they are shown to who asks."""
        return {
            "locked": self.password is not None,
            "invite_only": self.invite_only,
            "history": "joining" if self.history == "joining" else "all",
            "keep_messages": self.keep_messages or None,
            "keep_days": self.keep_days or None,
            "moderated": self.moderated,
            "topic_rule": self.topic_rule,
            "secret": self.secret,
            "external": self.external,
            "no_ctcp": self.no_ctcp,
            "people_most": self.people_most or None,
            "made_at": self.made_at,
        }

    def settings(self, room_id: int, name: str) -> RoomKept:
        """The rules as the store keeps them."""
        kept: dict[str, Any] = {each: getattr(self, each) for each in _SETTINGS}
        return RoomKept(room_id=room_id, name=name, **kept)

    @property
    def remembers(self) -> bool:
        """Whether it matters later who was let in, and when."""
        return self.kind in (Kind.LOCKED, Kind.INVITATION) or self.history == "joining"

    def give(self, identity: str, role: Standing, since: int) -> Undo:
        """Let an identity be something in the room, since then unless it was anything before."""
        undo = self._before(identity)
        self.roles[identity] = role
        self.since.setdefault(identity, since)
        return undo

    def take(self, identity: str) -> Undo:
        """Let an identity be nothing special in the room any more."""
        undo = self._before(identity)
        self.roles.pop(identity, None)
        self.since.pop(identity, None)
        return undo

    def _before(self, identity: str) -> Undo:
        role, since = self.roles.get(identity), self.since.get(identity, 0)

        def undo() -> None:
            self.take(identity)
            if role is not None:
                self.give(identity, role, since)

        return undo

    def guests(self) -> list[str]:
        """Those without an account who were let in, or are muted, the first of them first."""
        found = (
            identity
            for identity, role in self.roles.items()
            if role in (Standing.MEMBER, Standing.MUTED) and not identity.startswith("account:")
        )
        return sorted(found, key=self.since.__getitem__)

    def uninvite(self, user: str) -> None:
        """Let nobody of this id be invited."""
        self.invited.discard(user)
        self.pardoned.discard(user)

    def member(self, room_id: int, identity: str) -> MemberKept:
        """What the store keeps of an identity in the room."""
        role = self.roles.get(identity)
        if role is None:
            return MemberKept(room_id=room_id, identity=identity, role=None)
        since = self.since[identity]
        return MemberKept(room_id=room_id, identity=identity, role=role.value, since=since)

    def standing(self, session: Session, now: int, *, inside: bool) -> Standing:
        """What a session is with regard to the room; `inside`: it is in there."""
        if session.operator:
            return Standing.SERVER
        role = self.roles.get(session.identity)
        if role is Standing.OPERATOR:
            return role
        if inside and not self.rules:
            return role or Standing.MEMBER
        ruled = self._ruling(session, now) if self.rules else frozenset()
        if "ban" in ruled and session.user not in self.pardoned:
            return Standing.BANNED
        if inside or role in (Standing.VOICE, Standing.MEMBER):
            mute = "mute" in ruled and role is not Standing.VOICE
            return Standing.MUTED if mute else role or Standing.MEMBER
        invited = session.user in self.invited
        return Standing.INVITED if invited or "invitation" in ruled else Standing.OUTSIDER

    def mute(self, session: Session, now: int) -> bool:
        """Whether somebody may only listen, be it outside."""
        role = self.roles.get(session.identity)
        if session.operator or role in (Standing.OPERATOR, Standing.VOICE):
            return False
        return role is Standing.MUTED or bool(self.rules and "mute" in self._ruling(session, now))

    def longest(self, kind: RuleKind, session: Session, now: int) -> BanKept | None:
        """The ban or mute that is about a session for the longest; not its role, which has no end.

        Who is muted by its role is so whatever mutes there are besides: then there is none.
        """
        by_role = kind == "mute" and self.roles.get(session.identity) is Standing.MUTED
        if by_role or kind not in self._ruling(session, now):
            return None
        rules = (rule for rule in self._about(session, now) if rule.kind == kind)
        return max(rules, key=lambda rule: inf if rule.until is None else rule.until)

    def put(self, rules: Rules) -> None:
        """Let these be all bans and other rules."""
        self.rules = rules
        self._found.clear()

    def _ruling(self, session: Session, now: int) -> frozenset[RuleKind]:
        """The kinds of rules that are about somebody; an exception is from bans and mutes."""
        kinds = frozenset(ban.kind for ban in self._about(session, now))
        return kinds - {"ban", "mute"} if "exception" in kinds else kinds

    def _about(self, session: Session, now: int) -> list[BanKept]:
        """The rules that are about somebody, of those that have not ended.

        It is asked for each message, and what a nick looks like takes a while to tell.
        """
        key = (session.nick or "", session.identity, session.user, session.address)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            named = set(matching([mask for _, mask in self.rules], session))
            found = tuple(ban for (_, mask), ban in self.rules.items() if mask in named)
            self._found[key] = found
        return [ban for ban in found if ban.lasts(now)]


_SETTINGS = tuple(each.name for each in fields(RoomKept) if each.name not in ("room_id", "name"))
"""What the store keeps of a room's rules."""
