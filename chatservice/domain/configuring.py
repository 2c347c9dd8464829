"""How a room is: its topic, its password, its rules, its name."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from chatservice.domain import commands, events
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput, LimitReached, NotStored
from chatservice.domain.events import Event
from chatservice.domain.policy import Policy
from chatservice.domain.records import RenamedRoom
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Hash, Keep, Step
from chatservice.domain.text import clean_line, clean_room

MOST = 1_000_000
"""The largest bound of what a room keeps, or lets in; whoever wants more wants all."""

_FIELDS = {
    Act.CLOSE: ("invite_only", "history", "secret", "people_most"),
    Act.RULES: ("moderated", "topic_rule", "external", "no_ctcp"),
    Act.KEEP: ("keep_messages", "keep_days"),
}
"""What has to be allowed to change which settings."""

_SHOWN = {"password": "locked"}
"""Settings that go by another name in what is told of them."""


class Configuring:
    """The commands about how a room is."""

    def __init__(self, state: ChatState, arrivals: Arrivals) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._arrivals = arrivals
        self.methods: Methods = {
            commands.SetTopic: self._set_topic,
            commands.SetRoomPassword: self._set_password,
            commands.Configure: self._configure,
            commands.AskSettings: self._settings,
            commands.RenameRoom: self._rename,
        }

    def _set_topic(self, session: Session, command: commands.SetTopic, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        policy = room.policy
        if command.topic is None:
            room.check(session, Act.SEE, now)
            reply = events.Topic(
                room=room.name,
                topic=policy.topic,
                set_by=policy.topic_by,
                set_at=policy.topic_at,
                re=command.id,
            )
            return [Deliver.to(session, reply)]
        room.check(session, Act.TOPIC, now)
        topic = clean_line(command.topic, self._limits, self._limits.topic_characters, "A topic")
        steps = self._arrivals.appear(session, now)
        nick = session.nick or ""
        told = events.Topic(
            room=room.name,
            topic=topic,
            nick=nick,
            user=session.user,
            set_by=nick,
            set_at=now,
            re=command.id,
        )
        changed = self._change(session, room, told, topic=topic, topic_by=nick, topic_at=now)
        return [*steps, *changed]

    def _set_password(
        self, session: Session, command: commands.SetRoomPassword, now: int
    ) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.CLOSE, now)
        if command.password is None:
            return self._close(session, room, command.id, now, password=None)
        check_room_password(command.password, self._limits.password_characters)

        def hashed(password: str, now: int) -> list[Step]:
            room.check(session, Act.CLOSE, now)
            return self._close(session, room, command.id, now, password=password)

        return [Hash(session, command.password, hashed, command.id)]

    def _configure(self, session: Session, command: commands.Configure, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        given = {act: _given(command, *names) for act, names in _FIELDS.items()}
        for act in [act for act, values in given.items() if values] or [Act.CLOSE]:
            room.check(session, act, now)
        values = {name: value for each in given.values() for name, value in each.items()}
        if not all(0 <= value <= MOST for value in values.values() if type(value) is int):
            raise BadInput(f"A bound is a number up to {MOST}, or 0 for none.")
        return self._close(session, room, command.id, now, **values)

    def _settings(self, session: Session, command: commands.AskSettings, now: int) -> list[Step]:
        if command.room is None:
            room = self._rooms.heard(session, None)
        else:
            room = self._rooms.existing(command.room)
        if not room.known_to(session, now):
            room.check(session, Act.SEE, now)
        return [Deliver.to(session, _configured(room.name, room.policy, re=command.id))]

    def _close(
        self, session: Session, room: Room, re: str | None, now: int, **values: Any
    ) -> list[Step]:
        """Change how a room is closed; those inside may come back, to what is said from then on."""
        changes = {
            name: value for name, value in values.items() if getattr(room.policy, name) != value
        }
        told = replace(
            _configured(room.name, replace(room.policy, **changes), re=re),
            nick=session.nick or "",
            user=session.user,
            changed=tuple(_SHOWN.get(name, name) for name in changes),
            at=now,
        )
        if not changes:
            return [Deliver.to(session, told)]
        steps = self._change(session, room, told, **changes)
        if not room.policy.remembers:
            return steps
        inside = filter(room.shows, self._people.sessions)
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
            self._rooms.drop_idle(room)

        record = policy.settings(room.id, room.name)
        step = Deliver(room.audience, told, origin=session, record=record, undo=undo)
        return [step] if kept else [step, *self._rooms.keep_roles(session, room)]

    def _rename(self, session: Session, command: commands.RenameRoom, now: int) -> list[Step]:
        room = self._rooms.heard(session, command.room)
        room.check(session, Act.RENAME, now)
        old, new = room.name, clean_room(command.new, self._limits)
        most = self._limits.reason_characters
        reason = clean_line(command.reason, self._limits, most, "A reason")

        def told(now: int, *audience: Session) -> list[Step]:
            event, marks = _renamed(session, room, command, old, reason, now), self._rooms.marks
            # There are clients to whom it looks like leaving and coming in themselves.
            return [
                Deliver((each,), replace(event, read_at=marks.at(each, f"#{room.name}")), session)
                for each in audience
            ]

        if new == old:
            return told(now, session)
        self._rooms.check_new(new)

        def begin(now: int) -> RenamedRoom:
            self._rooms.heard(session, old)
            room.check(session, Act.RENAME, now)
            self._rooms.check_new(new)
            if not room.policy.kept:  # the store has refused that meanwhile
                raise NotStored(f"#{old} could not be kept, so it has no other name; try again.")
            ready = room.renamed_at + self._limits.rename_seconds * 1000
            if room.renamed_at <= now < ready:  # else the clock was set back
                wait = math.ceil((ready - now) / 1000)
                raise LimitReached(f"#{old} was renamed lately; try again in {wait} seconds.")
            room.renamed_at = now
            self._rooms.reserved.add(new)
            return RenamedRoom(room_id=room.id, name=new)

        def done(_record: RenamedRoom, kept: bool, now: int) -> list[Step]:
            self._rooms.reserved.discard(new)
            if not kept:
                return []
            self._rooms.rename(room, new, self._people.sessions)
            return told(now, *room.audience)

        return [*self._rooms.keep(session, room), Keep(session, begin, done, command.id)]


def _renamed(
    session: Session, room: Room, command: commands.RenameRoom, old: str, reason: str, now: int
) -> events.RoomRenamed:
    """That a room has another name, with what it is like."""
    policy = room.policy
    return events.RoomRenamed(
        old=old,
        new=room.name,
        by=session.nick or "",
        by_user=session.user,
        reason=reason,
        at=now,
        people=room.people,
        topic=policy.topic or None,
        topic_by=policy.topic_by,
        topic_at=policy.topic_at,
        secret=policy.secret,
        re=command.id,
    )


def _configured(name: str, policy: Policy, re: str | None) -> events.Configured:
    """How a room is configured, as the answer to a question."""
    return events.Configured(room=name, nick="", **policy.configuration, re=re)


def _given(command: Command, *names: str) -> dict[str, Any]:
    """Those fields of a command that are given."""
    fields = ((name, getattr(command, name)) for name in names)
    return {name: value for name, value in fields if value is not None}


def check_room_password(password: str, most: int) -> None:
    """Raise `BadInput` for what cannot be the password of a room."""
    if not 1 <= len(password) <= most:
        raise BadInput(f"A room's password has 1 to {most} characters.")
