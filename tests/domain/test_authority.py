"""Who may do what: every cell of the table, by the commands that it decides about."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.authority import TABLE, Act, Kind, Standing, may
from chatservice.domain.commands import (
    Ban,
    Command,
    Configure,
    Hello,
    Invite,
    Join,
    Kick,
    ListPeople,
    RenameRoom,
    Say,
    SetRole,
    SetTopic,
)
from chatservice.domain.errors import Forbidden, NotInRoom, PasswordNeeded
from chatservice.domain.records import BanKept
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from chatservice.domain.steps import Verify
from tests.domain.hubcase import HubCase
from tests.world import START

INSIDE = (Standing.SERVER, Standing.OPERATOR, Standing.VOICE, Standing.MEMBER, Standing.MUTED)

COMMANDS: dict[Act, Command] = {
    Act.SAY: Say(text="hi"),
    Act.TOPIC: SetTopic(topic="x"),
    Act.INVITE: Invite(nick="eve"),
    Act.CLOSE: Configure(history="joining"),
    Act.KEEP: Configure(keep_days=30),
    Act.RULES: Configure(no_ctcp=True),
    Act.RENAME: RenameRoom(new="loft"),
    Act.ROLE: SetRole(nick="bob", role="voice"),
    Act.KICK: Kick(nick="bob"),
    Act.BAN: Ban(who="zoe"),
}


class TableTests(SynchronousTestCase):
    def test_every_act_is_decided_for_every_kind_of_room(self) -> None:
        self.assertEqual(set(TABLE), {(act, kind) for act in Act for kind in Kind})

    def test_who_is_banned_may_nothing(self) -> None:
        for act in Act:
            for kind in Kind:
                self.assertFalse(may(Standing.BANNED, act, kind))

    def test_nothing_is_allowed_to_less_and_not_to_more(self) -> None:
        for allowed in TABLE.values():
            for less, more in zip(INSIDE[1:], INSIDE, strict=False):
                if less in allowed:
                    self.assertIn(more, allowed)


class CellTests(HubCase):
    """What the table says is what happens."""

    def stage(self, kind: Kind, standing: Standing) -> Session:
        """A room of a kind with bob in it, and somebody of a standing who wants something."""
        self.hub = self.make_hub()
        bob, who = self.person("bob"), self.person("ann")
        self.hub.execute(self.connect(), Hello(nick="eve"), START)
        self.room = "lobby" if kind is Kind.LOBBY else "attic"
        if kind is not Kind.LOBBY:
            self.hub.execute(bob, Join(room="attic"), START)
        room = self.hub._rooms.existing(self.room)
        policy = room.policy
        policy.roles.clear()
        policy.password = "hashed" if kind is Kind.LOCKED else None
        policy.invite_only = kind is Kind.INVITATION
        who.operator = standing is Standing.SERVER
        if standing in (Standing.OPERATOR, Standing.VOICE, Standing.MUTED):
            policy.give(who.identity, standing, room.seq)
        if standing in INSIDE and kind is not Kind.LOBBY:
            room.hear(who)
            who.rooms["attic"] = None
            room.show(who)
            who.current = "attic"
        if standing not in INSIDE:
            self.hub._rooms.part(who, self.hub._rooms.lobby, START)
        if standing is Standing.INVITED:
            policy.invited.add(who.user)
        if standing is Standing.BANNED:
            ban = BanKept(room_id=room.id, mask="nick:ann", shown="ann")
            policy.put({("ban", "nick:ann"): ban})
        self.assertIs(room.standing(who, START), standing)
        return who

    def allowed(self, who: Session, command: Command) -> bool:
        try:
            self.hub.execute(who, command, START)
        except (Forbidden, NotInRoom):
            return False
        return True

    def test_commands(self) -> None:
        for act, command in COMMANDS.items():
            for kind in Kind:
                for standing in Standing:
                    who = self.stage(kind, standing)
                    self.assertEqual(
                        self.allowed(who, command), may(standing, act, kind), (act, kind, standing)
                    )

    def test_commands_under_the_rules_of_a_room(self) -> None:
        for act, rule, command in (
            (Act.SAY_MODERATED, {"moderated": True}, Say(text="hi")),
            (Act.TOPIC_OPEN, {"topic_rule": "all"}, SetTopic(topic="x")),
            (Act.TOPIC_LOCKED, {"topic_rule": "operators"}, SetTopic(topic="x")),
            (Act.SEE_SECRET, {"secret": True}, ListPeople(room="attic")),
            (Act.SAY_OUTSIDE, {"external": True}, Say(text="hi", room="attic")),
        ):
            for kind in set(Kind) - {Kind.LOBBY}:
                for standing in Standing:
                    who = self.stage(kind, standing)
                    policy = self.hub._rooms.existing(self.room).policy
                    for name, value in rule.items():
                        setattr(policy, name, value)
                    self.assertEqual(
                        self.allowed(who, command), may(standing, act, kind), (act, kind, standing)
                    )

    def test_joining(self) -> None:
        for kind in Kind:
            for standing in Standing:
                who = self.stage(kind, standing)
                try:
                    self.hub.execute(who, Join(room=self.room), START)
                    joined = True
                except (Forbidden, PasswordNeeded):
                    joined = False
                self.assertEqual(joined, may(standing, Act.JOIN, kind), (kind, standing))

    def test_joining_with_the_password(self) -> None:
        for kind in Kind:
            for standing in Standing:
                who = self.stage(kind, standing)
                try:
                    steps = self.hub.execute(who, Join(room=self.room, password="right"), START)
                    for step in steps:
                        if isinstance(step, Verify):
                            self.assertEqual(step.hashed, "hashed")
                            step.resume(True, START)
                    joined = True
                except Forbidden:
                    joined = False
                allowed = may(standing, Act.JOIN_WITH_PASSWORD, kind)
                self.assertEqual(joined, allowed, (kind, standing))

    def test_seeing(self) -> None:
        for kind in Kind:
            for standing in Standing:
                who = self.stage(kind, standing)
                seen = self.allowed(who, ListPeople(room=self.room))
                self.assertEqual(seen, may(standing, Act.SEE, kind), (kind, standing))

    def test_lists_tell_the_topic_of_what_is_open_alone(self) -> None:
        for kind, shown in (
            (Kind.LOBBY, True),
            (Kind.OPEN, True),
            (Kind.LOCKED, False),
            (Kind.INVITATION, False),
        ):
            self.stage(kind, Standing.OUTSIDER)
            room = self.hub._rooms.existing(self.room)
            room.policy.topic = "x"
            self.assertEqual(room.info.topic == "x", shown)
            self.assertEqual(room.info.locked, kind is Kind.LOCKED)
        self.assertIs(self.hub._rooms.existing(LOBBY).policy.kind, Kind.LOBBY)
