"""Rooms that somebody looks after: closed ones, topics, roles, who is put out and kept out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatservice.domain.commands import (
    AskFacts,
    Ban,
    Command,
    Configure,
    Create,
    Hello,
    History,
    Invite,
    Join,
    Kick,
    Leave,
    ListBans,
    Listen,
    ListInvitations,
    ListRooms,
    Login,
    Logout,
    Quit,
    Register,
    Say,
    SetFact,
    SetNick,
    SetRole,
    SetRoomPassword,
    SetTopic,
    Unban,
)
from chatservice.domain.events import (
    Banned,
    Bans,
    Configured,
    Entered,
    Event,
    Facts,
    Failed,
    HistoryPage,
    Invitations,
    Invited,
    InvitedOther,
    Kicked,
    Message,
    Notice,
    RoleGiven,
    Rooms,
    Topic,
    Unbanned,
)
from chatservice.domain.records import BanKept
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.chatcase import ChatCase
from tests.world import SECRET


class RoomCase(ChatCase):
    """A room of ann's, and others who want to come in."""

    def setUp(self) -> None:
        super().setUp()
        self.room = "attic"

    def said(self, session: Session, *commands: Command) -> Event:
        """The last that a session is told upon its commands."""
        return self.world.do(session, *commands)[-1]

    def code(self, session: Session, command: Command) -> str | None:
        """The code of the refusal of a command, None if it is not refused."""
        for event in self.world.do(session, command):
            if isinstance(event, Failed):
                return event.code
        return None

    def rejoin(self, nick: str, password: str | None = None) -> tuple[Session, list[Event]]:
        """The same client again, on a new connection."""
        again = self.world.connect()
        self.world.do(again, Hello(nick=nick, client=SECRET + nick))
        return again, self.world.do(again, Join(room=self.room, password=password))


class CreateTests(RoomCase):
    def test_with_a_password(self) -> None:
        entered = self.world.do(self.ann, Create(room="#Attic", password="open sesame", id="c"))[0]
        assert isinstance(entered, Entered)
        self.assertEqual((entered.room, entered.locked, entered.re), ("attic", True, "c"))
        self.assertEqual(entered.people[0].role, "operator")
        self.assertEqual(self.code(self.bob, Join(room="attic")), "password-needed")
        self.assertEqual(self.code(self.bob, Join(room="attic", password="x")), "password-needed")
        self.assertIsNone(self.code(self.bob, Join(room="attic", password="open sesame")))

    def test_what_exists_is_not_made(self) -> None:
        self.world.do(self.ann, Create(room="attic"))
        self.assertEqual(self.code(self.bob, Create(room="ATTIC", password="x")), "room-exists")

    def test_an_empty_password_is_none(self) -> None:
        self.assertEqual(self.code(self.ann, Create(room="attic", password="")), "bad-input")

    def test_wrong_passwords_are_counted(self) -> None:
        self.world.do(self.ann, Create(room="attic", password="right"))
        wrong = [self.code(self.bob, Join(room="attic", password="wrong")) for _ in range(6)]
        self.assertEqual(wrong, ["password-needed"] * 5 + ["limit-reached"])
        self.assertEqual(self.code(self.bob, Join(room="attic", password="right")), "limit-reached")

    def test_all_of_it_survives_a_restart(self) -> None:
        self.world.do(self.ann, Create(room="attic", password="right"), SetTopic(topic="old"))
        self.world.do(self.bob, Join(room="attic", password="right"))
        self.world.do(self.ann, SetRole(nick="bob", role="voice"), Ban(who="eve"))
        self.world.restart()
        _, told = self.rejoin("ann")
        entered = next(event for event in told if isinstance(event, Entered))
        self.assertEqual((entered.topic, entered.locked), ("old", True))
        self.assertEqual(entered.people[0].role, "operator")
        _, told = self.rejoin("bob")
        entered = next(event for event in told if isinstance(event, Entered))
        self.assertEqual([person.role for person in entered.people], ["operator", "voice"])
        _, told = self.rejoin("eve", "right")
        self.assertEqual([event.code for event in told if isinstance(event, Failed)], ["banned"])

    def test_what_is_made_is_kept_if_it_is_set_or_its_operator_can_come_back(self) -> None:
        for command, kept in (
            (Create(room="open"), False),
            (Create(room="locked", password="right"), True),
            (Create(room="closed", invite_only=True), True),
        ):
            guest = self.world.connect("10.0.0.77:5000")
            self.world.do(guest, Hello(nick="guest"), command, Quit())
            made = self.code(self.ann, Create(room=command.room))
            self.assertEqual(made, "room-exists" if kept else None, command)
        self.world.restart()
        names = {room.name for room in self.world.hub.rooms}
        self.assertEqual(names, {"lobby", "locked", "closed", "open"})

    def test_a_refused_store_leaves_everything_as_it_was(self) -> None:
        self.world.do(self.ann, Create(room="attic"))
        self.world.store.broken = "The disk is full."
        for command in (
            SetTopic(topic="x"),
            SetRoomPassword(password="x"),
            SetRole(nick="ann", role="voice"),
            Ban(who="zoe"),
        ):
            self.assertEqual(self.code(self.ann, command), "not-stored")
        self.world.store.broken = None
        rooms = self.said(self.bob, ListRooms())
        assert isinstance(rooms, Rooms)
        [attic] = [room for room in rooms.rooms if room.room == "attic"]
        self.assertEqual((attic.topic, attic.locked), (None, False))
        bans = self.said(self.ann, ListBans())
        self.assertEqual(bans, Bans(room="attic", bans=()))
        topic = self.said(self.ann, SetTopic(topic="mine still"))
        assert isinstance(topic, Topic)
        self.assertEqual((topic.topic, topic.nick), ("mine still", "ann"))


class ClosedTests(RoomCase):
    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Create(room="attic"))

    def test_a_password_set_later_keeps_those_inside(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.ears.take(self.ann)
        told = self.world.do(self.ann, SetRoomPassword(password="x"))
        self.assertEqual(
            told[0],
            Configured(
                room="attic",
                nick="ann",
                user=self.ann.user,
                locked=True,
                invite_only=False,
                history="all",
                changed=("locked",),
                made_at=self.world.wall(),
                at=self.world.wall(),
            ),
        )
        self.world.do(self.bob, Quit())
        self.assertIsInstance(self.rejoin("bob")[1][0], Entered)

    def test_who_leaves_needs_the_password_again(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, SetRoomPassword(password="x"))
        self.world.do(self.bob, Leave(room="attic"))
        self.assertEqual(self.code(self.bob, Join(room="attic")), "password-needed")

    def test_a_password_can_be_removed(self) -> None:
        self.world.do(self.ann, SetRoomPassword(password="x"), SetRoomPassword())
        self.assertIsNone(self.code(self.bob, Join(room="attic")))

    def test_by_invitation_only(self) -> None:
        self.world.do(self.ann, Configure(invite_only=True))
        self.assertEqual(self.code(self.bob, Join(room="attic")), "invitation-needed")
        told = self.said(self.ann, Invite(nick="bob", id="i"))
        by: Any = {"by": "ann", "by_user": self.ann.user, "at": self.world.wall()}
        other = InvitedOther(room="attic", nick="bob", user=self.bob.user, re="i", **by)
        self.assertEqual(told, other)
        self.assertEqual(self.ears.take(self.bob), [Invited(room="attic", nick="bob", **by)])
        asked = self.said(self.bob, ListInvitations(id="l"))
        self.assertEqual(asked, Invitations(rooms=("attic",), re="l"))
        self.assertIsNone(self.code(self.bob, Join(room="attic")))
        self.assertEqual(self.said(self.bob, ListInvitations()), Invitations(rooms=()))
        self.assertEqual(self.code(self.ann, Invite(nick="bob")), "already-there")
        self.assertEqual(self.code(self.bob, Invite(nick="eve")), "operator-needed")

    def test_newcomers_see_only_what_is_said_from_then_on(self) -> None:
        self.world.do(self.ann, Say(text="before", room="attic"), Configure(history="joining"))
        entered = self.world.do(self.bob, Join(room="attic"))[0]
        assert isinstance(entered, Entered)
        self.assertEqual(entered.messages, ())
        self.world.do(self.ann, Say(text="after", room="attic"))
        page = self.said(self.bob, History(room="attic"))
        assert isinstance(page, HistoryPage)
        self.assertEqual([each.text for each in page.messages], ["after"])
        self.assertFalse(page.more)
        page = self.said(self.ann, History(room="attic"))
        assert isinstance(page, HistoryPage)
        self.assertEqual([each.text for each in page.messages], ["before", "after"])
        self.world.do(self.bob, Quit())
        _, told = self.rejoin("bob")
        assert isinstance(told[0], Entered)
        self.assertEqual([each.text for each in told[0].messages], ["after"])


class OrderTests(RoomCase):
    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Create(room="attic"))
        self.world.do(self.bob, Join(room="attic"))
        self.ears.take(self.ann)

    def test_topics(self) -> None:
        at = self.world.wall()
        topic = Topic(
            room="attic",
            topic="old things",
            nick="ann",
            user=self.ann.user,
            set_by="ann",
            set_at=at,
        )
        self.assertEqual(self.said(self.ann, SetTopic(topic=" old\nthings ")), topic)
        self.assertEqual(self.ears.take(self.bob), [topic])
        asked = self.said(self.bob, SetTopic(id="t"))
        self.assertEqual(
            asked, Topic(room="attic", topic="old things", set_by="ann", set_at=at, re="t")
        )
        self.assertEqual(self.code(self.bob, SetTopic(topic="mine")), "operator-needed")
        self.assertEqual(self.code(self.ann, SetTopic(topic="x" * 391)), "too-long")
        self.said(self.ann, SetTopic(topic=""))
        asked = self.said(self.bob, SetTopic())
        assert isinstance(asked, Topic)
        self.assertEqual(asked.topic, "")

    def test_the_muted_listen_until_they_may_talk_again(self) -> None:
        told = self.said(self.ann, SetRole(nick="bob", role="muted"))
        muted = RoleGiven(
            room="attic",
            nick="bob",
            user=self.bob.user,
            role="muted",
            by="ann",
            by_user=self.ann.user,
            was="member",
            at=self.world.wall(),
        )
        self.assertEqual(told, muted)
        self.assertEqual(self.ears.take(self.bob), [muted])
        self.assertEqual(self.code(self.bob, Say(text="hi", room="attic")), "muted")
        self.world.do(self.bob, Leave(room="attic"), Join(room="attic"))
        self.assertEqual(self.code(self.bob, Say(text="hi", room="attic")), "muted")
        self.world.do(self.ann, SetRole(nick="bob", role="member"))
        self.assertIsNone(self.code(self.bob, Say(text="hi", room="attic")))

    def test_an_operator_more_and_one_less(self) -> None:
        self.world.do(self.ann, SetRole(nick="bob", role="operator"))
        self.assertIsNone(self.code(self.bob, SetRole(nick="ann", role="member")))
        self.assertEqual(self.code(self.ann, Kick(nick="bob")), "operator-needed")

    def test_who_is_put_out_may_come_back(self) -> None:
        kicked = Kicked(
            room="attic",
            nick="bob",
            user=self.bob.user,
            by="ann",
            by_user=self.ann.user,
            reason="too loud",
            at=self.world.wall(),
        )
        self.assertEqual(self.said(self.ann, Kick(nick="bob", reason="too loud ")), kicked)
        self.assertEqual(self.ears.take(self.bob), [kicked])
        self.assertEqual(self.code(self.bob, Say(text="hi", room="attic")), "not-in-room")
        self.assertEqual(self.code(self.ann, Kick(nick="bob")), "not-there")
        self.assertIsNone(self.code(self.bob, Join(room="attic")))

    def test_who_is_banned_may_not_under_no_nick(self) -> None:
        banned, kicked = self.world.do(self.ann, Ban(who="bob", reason="loud", id="b"))
        by: Any = {"by": "ann", "by_user": self.ann.user, "at": self.world.wall()}
        self.assertEqual(banned, Banned(room="attic", who="bob", reason="loud", re="b", **by))
        self.assertIsInstance(kicked, Kicked)
        self.assertEqual(self.code(self.bob, Join(room="attic")), "banned")
        self.world.do(self.bob, Quit())
        again = self.world.connect("10.0.0.9:1")
        self.world.do(again, Hello(nick="robert", client=SECRET + "bob"))
        self.assertEqual(self.code(again, Join(room="attic")), "banned")
        told = self.said(self.ann, Unban(who="BOB"))
        self.assertEqual(told, Unbanned(room="attic", who="bob", **by))
        self.assertIsNone(self.code(again, Join(room="attic")))

    def test_who_is_banned_is_put_out_with_whatever_connection_is_inside(self) -> None:
        self.world.do(self.bob, Register(password="correct horse"), Leave(room="attic"))
        other = self.world.person("guest", "attic")
        self.world.do(other, Login(nick="bob", password="correct horse"))
        self.ears.told.clear()
        self.world.do(self.ann, Ban(who="bob"), Say(text="is he gone?"))
        self.assertEqual([type(e) for e in self.ears.take(other)], [Banned, Kicked])
        self.assertEqual(other.rooms, {})

    def test_a_ban_ends_by_itself(self) -> None:
        self.world.do(self.ann, Ban(who="bob", seconds=60))
        self.assertEqual(self.code(self.bob, Join(room="attic")), "banned")
        bans = self.said(self.ann, ListBans())
        assert isinstance(bans, Bans)
        self.assertEqual(
            [(ban.who, ban.until) for ban in bans.bans], [("bob", self.world.wall() + 60_000)]
        )
        self.world.clock.advance(61)
        self.assertIsNone(self.code(self.bob, Join(room="attic")))
        self.assertEqual(self.said(self.ann, ListBans()), Bans(room="attic", bans=()))

    def test_who_is_banned_is_told_until_when_and_why(self) -> None:
        for ban, told in (
            (Ban(who="bob", seconds=60), " until 2026-01-02 12:36 UTC"),
            (Ban(who="b*", seconds=7200, reason="loud"), " until 2026-01-02 14:35 UTC: loud"),
            (Ban(who="*!*@*.chat", reason="all"), ": all"),
        ):
            self.world.do(self.ann, ban)
            *_, refused = self.world.do(self.bob, Join(room="attic"))
            assert isinstance(refused, Failed)
            self.assertEqual(refused.text, f"You are banned from #attic{told}.")

    def test_an_address(self) -> None:
        self.assertIsNone(self.code(self.ann, Ban(who="10.0.0.77")))
        zoe = self.world.connect("10.0.0.77:5000")
        self.world.do(zoe, Hello(nick="zoe"))
        self.assertEqual(self.code(zoe, Join(room="attic")), "banned")
        self.assertIsNone(self.code(self.ann, Unban(who="10.0.0.77")))
        self.assertIsNone(self.code(zoe, Join(room="attic")))

    def test_an_address_stays_banned_when_somebody_of_it_is_let_in_again(self) -> None:
        """And a ban of somebody for a while makes that of the address no shorter."""
        zoe = self.world.connect("10.0.0.77:5000")
        self.world.do(zoe, Hello(nick="zoe"))
        for other in (Ban(who="zoe"), Ban(who="zoe", seconds=60)):
            self.world.do(self.ann, Ban(who="10.0.0.77"), other)
            bans = self.said(self.ann, ListBans())
            assert isinstance(bans, Bans)
            self.assertEqual(
                [(ban.who, ban.until is None) for ban in bans.bans],
                [("10.0.0.77", True), ("zoe", other.seconds is None)],
            )
            self.world.do(self.ann, Unban(who="zoe"))
            self.assertEqual(self.code(zoe, Join(room="attic")), "banned")
            self.world.do(self.ann, Unban(who="10.0.0.77"))
            self.assertIsNone(self.code(zoe, Join(room="attic")))

    def test_the_last_of_two_bans_of_the_same_is_the_one_that_is_shown(self) -> None:
        zoe = self.world.connect("10.0.0.77:5000")
        self.world.do(zoe, Hello(nick="zoe"))
        self.world.do(self.ann, Ban(who="zoe"), Ban(who="10.0.0.77"), Unban(who="zoe"))
        self.assertEqual(self.code(zoe, Join(room="attic")), "banned")
        self.assertIsNone(self.code(self.ann, Unban(who="10.0.0.77")))
        self.assertIsNone(self.code(zoe, Join(room="attic")))

    def test_an_address_however_it_is_written(self) -> None:
        for written, seen in (
            ("2001:DB8:0::77", "[2001:db8::77]:5000"),
            ("::ffff:10.0.0.78", "10.0.0.78:5000"),
            ("*!*@[2001:0db8::78]", "[2001:db8::78]:5000"),
        ):
            self.assertIsNone(self.code(self.ann, Ban(who=written)))
            zoe = self.world.connect(seen)
            self.world.do(zoe, Hello(nick="zoe"))
            self.assertEqual(self.code(zoe, Join(room="attic")), "banned", written)
            self.assertIsNone(self.code(self.ann, Unban(who=written)))
            self.assertIsNone(self.code(zoe, Join(room="attic")))
            self.world.chat.disconnect(zoe)

    def test_an_ipv6_address_is_its_64_bits(self) -> None:
        """Whoever has one has all of them, and another one each day."""
        zoe = self.world.connect("[2001:db8::1]:5000")
        self.world.do(zoe, Hello(nick="zoe"))
        for who in ("zoe", "2001:db8::5", "2001:db8::/64", "*!*@2001:db8::/64"):
            self.assertIsNone(self.code(self.ann, Ban(who=who)))
            for host, code in (("2001:db8::2", "banned"), ("2001:db8:0:1::1", None)):
                eve = self.world.connect(f"[{host}]:5000")
                self.world.do(eve, Hello(nick="eve"))
                self.assertEqual(self.code(eve, Join(room="attic")), code, (who, host))
                self.world.chat.disconnect(eve)
            self.assertIsNone(self.code(self.ann, Unban(who=who)))

    def test_an_address_that_was_banned_alone_still_is(self) -> None:
        [room] = [each for each in self.world.hub.rooms if each.name == "attic"]
        before = "address:2001:db8::1"
        ban = BanKept(room_id=room.id, mask=before, shown="2001:db8::1", by="ann", at=0)
        room.policy.put({("ban", before): ban})
        for host, code in (("2001:db8::1", "banned"), ("2001:db8::2", None)):
            zoe = self.world.connect(f"[{host}]:5000")
            self.world.do(zoe, Hello(nick="zoe"))
            self.assertEqual(self.code(zoe, Join(room="attic")), code)
            self.world.chat.disconnect(zoe)
        self.assertIsNone(self.code(self.ann, Unban(who="2001:db8::1")))

    def test_nobody_who_is_not_here(self) -> None:
        self.assertIsNone(self.code(self.ann, Ban(who="zoe")))
        zoe = self.world.connect("10.0.0.77:5000")
        self.world.do(zoe, Hello(nick="Zoe"))
        self.assertEqual(self.code(zoe, Join(room="attic")), "banned")
        self.assertEqual(self.code(self.ann, Unban(who="nobody")), "no-such-person")
        self.assertEqual(self.code(self.ann, Ban(who="ann")), "forbidden")
        self.assertEqual(self.code(self.ann, Ban(who="zoe", seconds=0)), "bad-input")

    def test_the_lobby_has_no_operator_of_its_own(self) -> None:
        for command in (Kick(nick="bob", room=LOBBY), SetTopic(topic="x", room=LOBBY)):
            self.assertEqual(self.code(self.ann, command), "operator-needed")
        self.ann.operator = True
        self.assertIsNone(self.code(self.ann, SetTopic(topic="x", room=LOBBY)))
        self.assertEqual(
            self.code(self.ann, Configure(invite_only=True, room=LOBBY)), "operator-needed"
        )
        self.bob.operator = True
        self.ann.operator = False
        self.assertEqual(self.code(self.ann, Kick(nick="bob", room="attic")), "operator-needed")
        self.assertEqual(
            self.code(self.ann, SetRole(nick="bob", role="muted", room="attic")), "operator-needed"
        )

    def test_what_the_muted_cannot_say_nobody_hears(self) -> None:
        self.world.do(self.ann, SetRole(nick="bob", role="muted"))
        self.ears.take(self.ann)
        self.world.do(self.bob, Say(text="hi", room="attic"))
        self.assertFalse([e for e in self.ears.take(self.ann) if isinstance(e, Message)])


class IdentityTests(RoomCase):
    """What one is in a room goes with one from guest to account."""

    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Create(room="attic"))
        self.world.do(self.bob, Join(room="attic"))

    def test_who_registers_stays_operator(self) -> None:
        self.world.do(self.ann, Register(password="long enough"))
        self.assertIsNone(self.code(self.ann, SetTopic(topic="mine")))
        self.world.do(self.ann, Quit())
        self.world.restart()
        again = self.world.connect()
        self.world.do(again, Hello(nick="guest"), Login(nick="ann", password="long enough"))
        self.world.do(again, Join(room="attic"))
        self.assertIsNone(self.code(again, SetTopic(topic="mine again")))
        self.world.do(again, Logout())
        self.assertEqual(self.code(again, SetTopic(topic="not mine")), "operator-needed")

    def test_what_netcat_made_is_its_accounts(self) -> None:
        zoe = self.world.connect("10.0.0.7:1")
        self.world.do(zoe, Listen(default_nick="User_1"), SetNick(nick="zoe"))
        self.world.do(zoe, Create(room="cellar", password="x"), Register(password="long enough"))
        self.world.restart()
        again = self.world.connect("10.0.0.7:2")
        self.world.do(again, Hello(nick="guest"), Login(nick="zoe", password="long enough"))
        self.assertIsNone(self.code(again, Join(room="cellar")))
        self.assertIsNone(self.code(again, SetTopic(topic="mine")))

    def test_what_netcat_is_lasts_as_long_as_its_connection(self) -> None:
        zoe = self.world.connect("10.0.0.7:1")
        self.world.do(zoe, Listen(default_nick="User_1"), SetNick(nick="zoe"), Join(room="attic"))
        muted = SetRole(nick="zoe", role="muted", room="attic")
        for command, code in ((muted, "muted"), (replace(muted, role="operator"), None)):
            self.world.do(self.ann, command)
            self.world.do(zoe, Leave(room="attic"), Join(room="attic"))
            self.assertEqual(self.code(zoe, Say(text="hi", room="attic")), code)
        self.assertIsNone(self.code(zoe, Kick(nick="bob", room="attic")))
        room = next(room for room in self.world.hub.rooms if room.name == "attic")
        self.assertIn(zoe.identity, room.policy.roles)
        self.world.do(zoe, Leave(room="attic"))
        self.chat.disconnect(zoe)
        self.assertNotIn(zoe.identity, room.policy.roles)

    def test_what_netcat_made_and_never_came_into_is_gone_with_it(self) -> None:
        zoe = self.world.connect("10.0.0.7:1")
        self.world.do(zoe, Listen(default_nick="User_1"), SetNick(nick="zoe"))
        self.world.do(zoe, Create(room="later", later=True))
        self.world.do(zoe, Create(room="closed", later=True, invite_only=True))
        self.chat.disconnect(zoe)
        rooms = {room.name: room for room in self.world.hub.rooms}
        self.assertNotIn("later", rooms)
        self.assertEqual(rooms["closed"].policy.roles, {})

    def test_no_mute_is_multiplied_by_logging_in_and_out(self) -> None:
        room = next(room for room in self.world.hub.rooms if room.name == "attic")
        self.world.do(self.bob, Register(password="correct horse"))
        self.world.do(self.ann, SetRole(nick="bob", role="muted", room="attic"))
        before = set(room.policy.roles)
        for _ in range(3):
            zoe = self.world.connect("10.0.0.7:1")
            self.world.do(zoe, Listen(default_nick="User_1"), SetNick(nick="zoe"))
            self.world.do(zoe, Login(nick="bob", password="correct horse"), Logout())
            self.assertIn(zoe.identity, room.policy.roles)
            self.chat.disconnect(zoe)
        self.assertEqual(set(room.policy.roles), before)

    def test_what_netcat_was_before_it_logged_in_is_gone_with_it(self) -> None:
        room = next(room for room in self.world.hub.rooms if room.name == "attic")
        self.world.do(self.bob, Register(password="correct horse"))
        self.world.do(self.ann, SetRole(nick="bob", role="voice", room="attic"))
        before = set(room.policy.roles)
        zoe = self.world.connect("10.0.0.7:1")
        self.world.do(zoe, Listen(default_nick="User_1"), SetNick(nick="zoe"), Join(room="attic"))
        self.world.do(self.ann, SetRole(nick="zoe", role="voice", room="attic"))
        self.world.do(zoe, Login(nick="bob", password="correct horse"))
        self.chat.disconnect(zoe)
        self.assertEqual(set(room.policy.roles), before)

    def test_what_netcat_is_where_it_was_is_not_kept_without_it(self) -> None:
        zoe = self.world.connect("10.0.0.7:1")
        self.world.do(zoe, Listen(default_nick="User_1"), SetNick(nick="zoe"), Join(room="cellar"))
        self.world.do(self.bob, Join(room="cellar"))
        self.world.do(zoe, Leave(room="cellar"))
        self.world.do(self.bob, Say(text="hi", room="cellar"))
        self.world.restart()
        room = next(room for room in self.world.hub.rooms if room.name == "cellar")
        self.assertEqual(room.policy.roles, {})

    def test_nobody_logs_out_of_being_muted_or_into_talking(self) -> None:
        self.world.do(self.ann, SetRole(nick="bob", role="muted"))
        for command in (Register(password="long enough"), Logout()):
            self.world.do(self.bob, command)
            self.assertEqual(self.code(self.bob, Say(text="hi", room="attic")), "muted")

    def test_a_guest_who_is_muted_makes_no_operator_mute_by_a_login(self) -> None:
        self.world.do(self.ann, Register(password="long enough"))
        self.world.do(self.ann, SetRole(nick="bob", role="muted"))
        self.world.do(self.bob, Login(nick="ann", password="long enough"))
        self.assertIsNone(self.code(self.bob, Say(text="hi", room="attic")))
        self.assertIsNone(self.code(self.ann, SetTopic(topic="mine")))

    def test_a_banned_account_is_put_out_when_it_logs_in(self) -> None:
        self.world.do(self.bob, Register(password="long enough"))
        self.world.do(self.ann, Ban(who="bob"))
        self.world.do(self.bob, Quit())
        again = self.world.connect()
        self.world.do(again, Hello(nick="guest"), Join(room="attic"))
        self.world.do(again, Login(nick="bob", password="long enough"))
        self.assertEqual(self.code(again, Say(text="hi", room="attic")), "not-in-room")


class LobbyTests(RoomCase):
    """A server operator keeps somebody out of the lobby, which nobody has to join."""

    def setUp(self) -> None:
        super().setUp()
        self.ann.operator = True

    def listener(self, address: str) -> tuple[Session, list[Event]]:
        session = self.world.connect(address)
        return session, self.world.do(session, Listen(default_nick=f"User_{address}"))

    def test_a_banned_nick_hears_nothing_from_when_it_is_taken(self) -> None:
        self.world.do(self.ann, Ban(who="zoe", room=LOBBY))
        zoe, _ = self.listener("10.0.0.7:1")
        self.assertEqual(
            self.said(zoe, SetNick(nick="Zoe")), Notice(text="You are banned from #lobby.")
        )
        self.world.do(self.ann, Say(text="hi", room=LOBBY))
        self.assertEqual(self.ears.take(zoe), [])

    def test_a_banned_address_is_not_greeted(self) -> None:
        self.world.do(self.ann, Ban(who="10.0.0.7", room=LOBBY))
        _, told = self.listener("10.0.0.7:1")
        self.assertEqual([type(event) for event in told], [Failed])

    def test_what_is_set_before_anybody_says_anything_survives_a_restart(self) -> None:
        self.world.do(self.ann, Ban(who="bob", room=LOBBY))
        self.world.do(self.ann, SetRole(nick="ann", role="voice", room=LOBBY))
        self.world.do(self.ann, SetFact(target="#lobby", key="url", value="here"))
        self.world.do(self.ann, Join(room="attic"), Say(text="hi", room="attic"))
        self.world.restart()
        self.assert_set()

    def test_so_does_what_is_set_after_something_that_was_not_kept(self) -> None:
        self.world.store.broken = "full"
        self.world.do(self.ann, Say(text="hi", room=LOBBY))
        self.world.store.broken = None
        self.test_what_is_set_before_anybody_says_anything_survives_a_restart()

    def test_what_was_refused_once_is_kept_the_next_time(self) -> None:
        self.world.store.broken = "full"
        self.world.do(self.ann, Ban(who="bob", room=LOBBY))
        self.world.store.broken = None
        self.test_what_is_set_before_anybody_says_anything_survives_a_restart()

    def assert_set(self) -> None:
        self.room = LOBBY
        ann, bob = self.rejoin("ann")[0], self.rejoin("bob")[1]
        self.assertEqual([event.code for event in bob if isinstance(event, Failed)], ["banned"])
        [person] = self.world.hub._rooms.lobby.people
        self.assertEqual((person.nick, person.role), ("ann", "voice"))
        facts = self.said(ann, AskFacts(target="#lobby"))
        assert isinstance(facts, Facts)
        self.assertEqual([(fact.key, fact.value) for fact in facts.facts], [("url", "here")])
