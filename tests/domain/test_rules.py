"""What a room can ask of those in it: who talks, who sees it, how many come in, its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatservice.domain.commands import (
    AskSettings,
    Ban,
    Configure,
    Create,
    Hello,
    History,
    Invite,
    Join,
    Leave,
    ListBans,
    ListInvitations,
    ListPeople,
    ListRooms,
    Login,
    MarkRead,
    Quit,
    Register,
    RenameRoom,
    RuleKind,
    Say,
    SetRole,
    SetTopic,
    Unban,
    Whois,
)
from chatservice.domain.events import (
    Bans,
    Configured,
    Entered,
    Exited,
    Failed,
    HistoryPage,
    Invitations,
    Left,
    Message,
    RoleGiven,
    RoomRenamed,
    Rooms,
    WhoisReply,
)
from chatservice.domain.session import Session
from tests.chatcase import codes, texts
from tests.domain.test_moderation import RoomCase
from tests.world import SECRET


class RuleCase(RoomCase):
    """ann's room, with bob in it and zoe outside."""

    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Create(room="attic"))
        self.world.do(self.bob, Join(room="attic"))
        self.zoe = self.world.person("zoe")
        self.ears.told.clear()

    def configure(self, **rules: Any) -> Configured:
        told = self.said(self.ann, Configure(room="attic", **rules))
        assert isinstance(told, Configured)
        self.ears.told.clear()
        return told

    def says(self, session: Session) -> str | None:
        return self.code(session, Say(text="hi", room="attic"))


class TalkTests(RuleCase):
    def test_where_it_is_moderated_voices_talk(self) -> None:
        self.configure(moderated=True)
        self.assertEqual(self.says(self.bob), "moderated")
        self.assertIsNone(self.says(self.ann))
        self.world.do(self.ann, SetRole(nick="bob", role="voice"))
        self.assertIsNone(self.says(self.bob))
        self.assertEqual(self.says(self.zoe), "not-in-room")

    def test_where_it_is_external_those_outside_talk_and_see_that_they_did(self) -> None:
        self.configure(external=True)
        told = self.world.do(self.zoe, Say(text="hello", room="attic"))
        self.assertEqual(texts(told), ["hello"])
        self.assertEqual(texts(self.ears.take(self.bob)), ["hello"])
        self.world.do(self.ann, Say(text="secret", room="attic"))
        self.assertEqual(texts(self.ears.take(self.zoe)), [])
        self.configure(moderated=True)
        self.assertEqual(self.says(self.zoe), "moderated")
        self.configure(moderated=False)
        self.world.do(self.ann, Ban(who="zoe!*@*", room="attic", kind="mute"))
        self.assertEqual(self.says(self.zoe), "muted")
        self.world.do(self.ann, Ban(who="zoe!*@*", room="attic"))
        self.assertEqual(self.says(self.zoe), "muted")
        self.world.do(self.ann, Unban(who="zoe!*@*", room="attic", kind="mute"))
        self.assertEqual(self.says(self.zoe), "banned")

    def test_from_outside_too_a_mute_is_of_no_operator_and_of_no_voice(self) -> None:
        self.configure(external=True)
        self.world.do(self.ann, SetRole(nick="bob", role="voice"))
        self.world.do(self.ann, Ban(who="*!*@*", room="attic", kind="mute"))
        self.world.hub._people.make_operator(self.zoe, True)
        for session in (self.ann, self.bob, self.zoe):
            self.assertIsNone(self.says(session))
            self.world.do(session, Leave(room="attic"))
            self.assertIsNone(self.says(session))

    def test_who_sets_the_topic(self) -> None:
        self.assertEqual(self.code(self.bob, SetTopic(topic="x")), "operator-needed")
        self.world.do(self.ann, SetRole(nick="bob", role="voice"))
        self.assertIsNone(self.code(self.bob, SetTopic(topic="x")))
        self.configure(topic_rule="operators")
        self.assertEqual(self.code(self.bob, SetTopic(topic="x")), "operator-needed")
        self.assertIsNone(self.code(self.ann, SetTopic(topic="x")))
        self.world.do(self.ann, SetRole(nick="bob", role="member"))
        self.configure(topic_rule="all")
        self.assertIsNone(self.code(self.bob, SetTopic(topic="x")))
        self.world.do(self.ann, SetRole(nick="bob", role="muted"))
        self.assertEqual(self.code(self.bob, SetTopic(topic="y")), "operator-needed")

    def test_a_role_only_instead_of_a_certain_other_one(self) -> None:
        told = self.said(self.ann, SetRole(nick="bob", role="member", was="voice", id="r"))
        assert isinstance(told, RoleGiven)
        self.assertEqual((told.was, told.role, told.re), ("member", "member", "r"))
        self.assertEqual(self.ears.take(self.bob), [])
        told = self.said(self.ann, SetRole(nick="bob", role="voice", was="member"))
        assert isinstance(told, RoleGiven)
        self.assertEqual((told.was, told.role), ("member", "voice"))
        self.assertEqual(self.ears.take(self.bob), [told])


class SeenTests(RuleCase):
    def test_what_is_secret_is_shown_to_nobody_outside(self) -> None:
        self.configure(secret=True)

        def seen(session: Session) -> tuple[list[str], tuple[str, ...], str | None]:
            rooms, whois = self.world.do(session, ListRooms(), Whois(nick="bob"))
            assert isinstance(rooms, Rooms) and isinstance(whois, WhoisReply)
            refused = self.code(session, ListPeople(room="attic"))
            self.assertEqual(self.code(session, AskSettings(room="attic")), refused)
            return [each.room for each in rooms.rooms], whois.rooms, refused

        self.assertEqual(seen(self.bob), (["lobby", "attic"], ("lobby", "attic"), None))
        self.assertEqual(seen(self.zoe), (["lobby"], ("lobby",), "forbidden"))

    def test_settings(self) -> None:
        told = self.configure(people_most=9, moderated=True, external=False)
        self.assertEqual(told.changed, ("people_most", "moderated"))
        self.assertEqual((told.nick, told.user), ("ann", self.ann.user))
        asked = self.said(self.zoe, AskSettings(room="attic", id="a"))
        assert isinstance(asked, Configured)
        self.assertEqual((asked.nick, asked.changed, asked.re), ("", (), "a"))
        self.assertEqual((asked.people_most, asked.moderated), (9, True))
        self.assertEqual((asked.topic_rule, asked.external), ("voices", False))
        self.assertEqual(asked.made_at, self.world.wall())

    def test_what_changes_nothing_is_told_to_nobody_else(self) -> None:
        self.assertEqual(self.configure(moderated=False).changed, ())
        self.assertEqual(self.ears.take(self.bob), [])

    def test_bounds(self) -> None:
        self.assertEqual(self.code(self.ann, Configure(people_most=-1)), "bad-input")
        self.assertEqual(self.code(self.ann, Configure(people_most=1_000_001)), "bad-input")

    def test_rules_survive_a_restart(self) -> None:
        rules = {"moderated": True, "topic_rule": "all", "secret": True, "people_most": 9}
        before = self.configure(external=True, no_ctcp=True, **rules)
        self.world.restart()
        again, _ = self.rejoin("ann")
        asked = self.said(again, AskSettings(room="attic"))
        assert isinstance(asked, Configured)
        for name in ("moderated", "topic_rule", "secret", "external", "no_ctcp", "people_most"):
            self.assertEqual(getattr(asked, name), getattr(before, name))
        self.assertEqual(asked.made_at, before.made_at)


class FullTests(RuleCase):
    def test_a_full_room_lets_nobody_in_but_its_operators(self) -> None:
        self.configure(people_most=2)
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "room-full")
        self.assertIsNone(self.code(self.bob, Join(room="attic")))
        self.world.do(self.bob, Leave(room="attic"))
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))
        self.assertEqual(self.code(self.bob, Join(room="attic")), "room-full")
        self.world.do(self.ann, Leave(room="attic"))
        self.assertIsNone(self.code(self.bob, Join(room="attic")))
        self.assertIsNone(self.code(self.ann, Join(room="attic")))

    def test_how_many_that_are_is_told(self) -> None:
        for most, people in ((1, "1 person"), (2, "2 people")):
            self.configure(people_most=most)
            self.world.do(self.bob, Join(room="attic"))
            told = self.world.do(self.zoe, Join(room="attic"))
            [text] = [event.text for event in told if isinstance(event, Failed)]
            self.assertEqual(text, f"#attic is full: it lets {people} in.")

    def test_an_operators_invitation_is_stronger_than_all_rules_but_for_once(self) -> None:
        self.configure(people_most=1, invite_only=True)
        self.world.do(self.ann, Ban(who="zoe!*@*", room="attic"))
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "banned")
        self.world.do(self.ann, Invite(nick="zoe", room="attic"))
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))
        self.world.do(self.zoe, Leave(room="attic"))
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "banned")

    def test_no_other_invitation_is(self) -> None:
        self.world.do(self.ann, Ban(who="zoe!*@*", room="attic"))
        self.world.do(self.bob, Invite(nick="zoe", room="attic"))
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "banned")
        self.world.do(self.ann, Unban(who="zoe!*@*", room="attic"))
        self.configure(people_most=1)
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "room-full")

    def test_an_invitation_ends_with_who_is_invited(self) -> None:
        self.world.do(self.bob, Register(password="long enough"))
        self.configure(invite_only=True)
        for leaving in ((Quit(),), (Login(nick="bob", password="long enough"), Quit())):
            user = self.zoe.user
            self.world.do(self.ann, Invite(nick=user, room="attic"))
            self.world.do(self.zoe, *leaving)
            self.zoe = self.world.successor(user, "zoe")
            self.assertEqual(self.code(self.zoe, Join(room="attic")), "invitation-needed")
            self.assertEqual(self.said(self.zoe, ListInvitations()), Invitations(rooms=()))

    def test_who_comes_back_as_the_same_is_still_invited(self) -> None:
        self.configure(invite_only=True)
        self.world.do(self.ann, Invite(nick="zoe", room="attic"))
        self.zoe = self.world.person("zoe")
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))

    def test_why_one_leaves(self) -> None:
        told = self.said(self.bob, Leave(room="attic", reason=" off\nto lunch"))
        self.assertEqual(told, Exited(room="attic", reason="off to lunch"))
        left = self.ears.take(self.ann)[-1]
        assert isinstance(left, Left)
        self.assertEqual(left.reason, "off to lunch")
        self.assertEqual(self.code(self.ann, Leave(room="attic", reason="x" * 999)), "too-long")


class MaskTests(RuleCase):
    def ban(self, who: str, **more: Any) -> str | None:
        return self.code(self.ann, Ban(who=who, room="attic", **more))

    def test_a_mask_keeps_out_and_silences_but_does_not_put_out(self) -> None:
        for mask in (
            "zoe!*@*",
            "z*",
            "*!*@" + self.zoe.user + ".chat",
            "?oe!u@*",
            "*!u@*.CHAT",
            "Z*E!*@*",
        ):
            self.assertIsNone(self.ban(mask))
            self.assertEqual(self.code(self.zoe, Join(room="attic")), "banned", mask)
            self.assertIsNone(self.code(self.ann, Unban(who=mask, room="attic")))
            self.assertIsNone(self.code(self.zoe, Join(room="attic")))
            self.assertIsNone(self.ban(mask))
            self.assertEqual(self.says(self.zoe), "banned", mask)
            self.assertEqual(self.code(self.zoe, Leave(room="attic")), None)
            self.world.do(self.ann, Unban(who=mask, room="attic"))

    def test_who_is_banned_inside_reads_nothing_there_and_asks_for_nothing(self) -> None:
        asks = History(room="attic"), SetTopic(room="attic"), ListPeople(room="attic")
        self.world.do(self.zoe, Join(room="attic"))
        self.assertEqual([self.code(self.zoe, ask) for ask in asks], [None] * 3)
        self.ears.slow = []
        self.world.do(self.zoe, asks[0])
        [go_on], self.ears.slow = self.ears.slow, None
        self.assertIsNone(self.ban("zoe!*@*"))
        go_on()
        self.world.settle()
        self.assertEqual(codes(self.ears.take(self.zoe)), ["banned"])
        self.assertEqual([self.code(self.zoe, ask) for ask in asks], ["banned"] * 3)

    def test_who_is_meant_by_the_id_does_not_come_back_with_another_one(self) -> None:
        refused: dict[RuleKind, str] = {"ban": "banned", "mute": "muted"}
        for kind, code in refused.items():
            eve = self.guest("eve", 77)
            mask = f"*!*u@{eve.user}.CHAT"
            self.assertIsNone(self.ban(mask, kind=kind))
            self.world.do(eve, Quit())
            for nick, host in (("eve", 78), ("adam", 77)):
                self.assertEqual(self.tries(nick, host), code)
            bans = self.said(self.ann, ListBans(room="attic", kind=kind))
            assert isinstance(bans, Bans)
            self.assertEqual([each.who for each in bans.bans], [mask])
            self.assertIsNone(self.code(self.ann, Unban(who=mask, room="attic", kind=kind)))
            for nick, host in (("eve", 78), ("adam", 77)):
                self.assertIsNone(self.tries(nick, host))

    def test_an_exception_by_id_is_for_nobody_else(self) -> None:
        eve = self.guest("eve", 77)
        self.assertIsNone(self.ban(f"*!*@{eve.user}.chat", kind="exception"))
        self.assertIsNone(self.ban("*!*@*"))
        self.assertIsNone(self.code(eve, Join(room="attic")))
        self.world.do(eve, Quit())
        self.assertEqual(self.tries("eve", 77), "banned")

    def guest(self, nick: str, host: int) -> Session:
        """Somebody without a secret, from an address."""
        guest = self.world.connect(f"10.0.0.{host}:5000")
        self.world.do(guest, Hello(nick=nick))
        return guest

    def tries(self, nick: str, host: int) -> str | None:
        """What keeps a guest from coming in and talking, who leaves again."""
        guest = self.guest(nick, host)
        code = self.code(guest, Join(room="attic")) or self.says(guest)
        self.world.do(guest, Quit())
        return code

    def test_masks_that_are_about_others(self) -> None:
        for mask in ("zo!*@*", "zoe?", "*!*@*.org", "*!x@*", "*zoe*x*", "10.0.0.99"):
            self.assertIsNone(self.ban(mask))
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))

    def test_an_address_in_a_mask(self) -> None:
        self.assertIsNone(self.ban("*!*@10.0.0.77"))
        eve = self.world.connect("10.0.0.77:5000")
        self.world.do(eve, Hello(nick="eve"))
        self.assertEqual(self.code(eve, Join(room="attic")), "banned")
        self.assertIsNone(self.code(self.ann, Unban(who="10.0.0.77", room="attic")))
        self.assertIsNone(self.code(eve, Join(room="attic")))

    def test_a_nick_with_a_dot_is_no_address(self) -> None:
        eve = self.world.connect("10.0.0.77:5000")
        self.world.do(eve, Hello(nick="e.v"))
        self.assertIsNone(self.ban("e.v"))
        self.assertEqual(self.code(eve, Join(room="attic")), "banned")

    def test_an_account(self) -> None:
        self.zoe.account = "zoe"
        self.assertIsNone(self.ban("account:Zoe"))
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "banned")
        self.zoe.account = None
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))

    def test_what_is_no_mask(self) -> None:
        for who, code in (
            ("a b!*@*", "bad-input"),
            ("a\x03*", "bad-input"),
            ("*" * 129, "bad-input"),
            ("account:*", "bad-name"),
        ):
            self.assertEqual(self.ban(who), code, who)

    def test_a_change_of_nick_is_another_mask(self) -> None:
        self.assertIsNone(self.ban("z*!*@*", kind="mute"))
        self.world.do(self.zoe, Join(room="attic"))
        self.assertEqual(self.says(self.zoe), "muted")
        self.zoe.nick = "eve"
        self.assertIsNone(self.says(self.zoe))

    def test_muted_by_a_mask_until_a_voice(self) -> None:
        self.assertIsNone(self.ban("bob!*@*", kind="mute"))
        self.assertEqual(self.says(self.bob), "muted")
        self.world.do(self.ann, SetRole(nick="bob", role="voice"))
        self.assertIsNone(self.says(self.bob))

    def test_who_is_muted_is_told_until_when_and_why(self) -> None:
        self.ban("bob!*@*", kind="mute", seconds=60, reason="loud")
        self.assertEqual(self.refused(self.bob), " until 2026-01-02 12:36 UTC: loud")
        self.ban("*!*@*", kind="mute", reason="all")
        self.assertEqual(self.refused(self.bob), ": all")
        self.world.do(self.ann, SetRole(nick="bob", role="muted"))
        self.assertEqual(self.refused(self.bob), "")

    def refused(self, session: Session) -> str:
        """How the sentence ends that tells somebody to be muted."""
        *_, failed = self.world.do(session, Say(text="hi", room="attic"))
        assert isinstance(failed, Failed)
        self.assertEqual(failed.code, "muted")
        return failed.text.removeprefix("You are muted in #attic").removesuffix(".")

    def test_an_exception_is_from_bans_and_mutes(self) -> None:
        self.assertIsNone(self.ban("*!*@*"))
        self.assertIsNone(self.ban("*!*@*", kind="mute"))
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "banned")
        self.assertIsNone(self.ban("zoe!*@*", kind="exception"))
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))
        self.assertIsNone(self.says(self.zoe))
        self.assertEqual(self.says(self.bob), "banned")

    def test_an_invitation_that_stays(self) -> None:
        self.configure(invite_only=True)
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "invitation-needed")
        self.assertIsNone(self.ban("zo?!*@*", kind="invitation"))
        for _ in range(2):
            self.assertIsNone(self.code(self.zoe, Join(room="attic")))
            self.world.do(self.zoe, Leave(room="attic"))
        self.world.do(self.ann, Unban(who="zo?!*@*", room="attic", kind="invitation"))
        self.assertEqual(self.code(self.zoe, Join(room="attic")), "invitation-needed")

    def test_many_stars_take_no_time(self) -> None:
        self.assertIsNone(self.ban("*a" * 60 + "b"))
        self.zoe.nick = "a" * 32
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))

    def test_a_refused_store_leaves_the_rules_as_they_were(self) -> None:
        self.world.store.broken = "The disk is full."
        self.assertEqual(self.ban("zoe!*@*"), "not-stored")
        self.world.store.broken = None
        self.assertIsNone(self.code(self.zoe, Join(room="attic")))

    def test_a_full_list(self) -> None:
        most = self.world.limits.room_bans
        room = next(each for each in self.world.hub.rooms if each.name == "attic")
        self.assertIsNone(self.ban("x*"))
        [ban] = room.policy.rules.values()
        room.policy.put({("ban", f"mask:{n}*"): ban for n in range(most)})
        self.assertEqual(self.ban("y*"), "limit-reached")

    def test_what_has_ended_makes_room_in_memory_and_in_the_store(self) -> None:
        def masks() -> set[str]:
            room = next(each for each in self.world.hub.rooms if each.name == "attic")
            return {mask for _, mask in room.policy.rules}

        room = next(each for each in self.world.hub.rooms if each.name == "attic")
        self.assertIsNone(self.ban("x*", seconds=60))
        [ban] = room.policy.rules.values()
        most = self.world.limits.room_bans
        bans = [ban, *(replace(ban, mask=f"mask:{n}") for n in range(most - 1))]
        room.policy.put({(each.kind, each.mask): each for each in bans})
        self.assertEqual(self.ban("y*"), "limit-reached")
        self.world.clock.advance(60)
        self.assertIsNone(self.ban("y*"))
        self.assertEqual(masks(), {"mask:y*!*@*"})
        self.world.restart()
        self.assertEqual(masks(), {"mask:y*!*@*"})


class RenameTests(RuleCase):
    def comes_into(self, session: Session, *, since: int | None) -> str:
        told = self.world.do(session, Join(room="attic", since=since))
        [entered] = [each for each in told if isinstance(each, Entered)]
        return entered.room

    def rename(self, new: str = "Loft", **more: Any) -> RoomRenamed:
        told = self.said(self.ann, RenameRoom(room="attic", new=new, **more))
        assert isinstance(told, RoomRenamed), told
        return told

    def test_everything_stays_but_the_name(self) -> None:
        self.world.do(self.bob, Say(text="before", room="attic"))
        self.ears.told.clear()
        renamed = self.rename(reason="higher", id="r")
        self.assertEqual(
            renamed,
            RoomRenamed(
                old="attic",
                new="loft",
                by="ann",
                by_user=self.ann.user,
                reason="higher",
                at=self.world.wall(),
                people=renamed.people,
                re="r",
            ),
        )
        self.assertEqual([each.nick for each in renamed.people], ["ann", "bob"])
        [told] = self.ears.take(self.bob)
        self.assertIsInstance(told, RoomRenamed)
        self.world.do(self.bob, Say(text="after"))
        said = self.ears.take(self.ann)[-1]
        assert isinstance(said, Message)
        self.assertEqual((said.room, said.seq), ("loft", 2))
        page = self.said(self.bob, History())
        assert isinstance(page, HistoryPage)
        self.assertEqual(
            [(each.room, each.text) for each in page.messages],
            [("loft", "before"), ("loft", "after")],
        )
        self.assertEqual(list(self.bob.rooms), ["lobby", "loft"])
        self.assertEqual(self.code(self.bob, Say(text="hi", room="attic")), "no-such-room")

    def test_it_is_kept_and_the_old_name_is_free(self) -> None:
        self.world.do(self.bob, Say(text="before", room="attic"))
        self.rename()
        entered = self.world.do(self.zoe, Join(room="attic"))[0]
        assert isinstance(entered, Entered)
        self.assertEqual(entered.messages, ())
        self.world.do(self.zoe, Say(text="mine", room="attic"))
        self.world.restart()
        again = self.world.connect()
        self.world.do(again, Hello(nick="ann", client=SECRET + "ann"))
        entered = self.world.do(again, Join(room="loft"))[0]
        assert isinstance(entered, Entered)
        self.assertEqual([(m.room, m.text) for m in entered.messages], [("loft", "before")])
        self.assertEqual(entered.people[0].role, "operator")
        rooms = self.said(again, ListRooms())
        assert isinstance(rooms, Rooms)
        self.assertEqual({each.room for each in rooms.rooms}, {"lobby", "loft", "attic"})

    def test_refusals(self) -> None:
        for session, new, code in (
            (self.bob, "loft", "operator-needed"),
            (self.zoe, "loft", "not-in-room"),
            (self.ann, "Attic", None),
            (self.ann, "lobby", "room-exists"),
            (self.ann, "a|b", "bad-name"),
        ):
            self.assertEqual(self.code(session, RenameRoom(room="attic", new=new)), code)
        self.ann.operator = True
        refused = self.code(self.ann, RenameRoom(room="lobby", new="hall"))
        self.assertEqual(refused, "operator-needed")

    def test_not_too_often(self) -> None:
        self.rename()
        again = RenameRoom(room="loft", new="attic")
        self.assertEqual(self.code(self.ann, again), "limit-reached")
        self.world.clock.advance(60)
        self.assertIsNone(self.code(self.ann, again))

    def test_a_clock_that_is_set_back_keeps_nobody_from_it(self) -> None:
        self.rename()
        [room] = [room for room in self.world.hub.rooms if room.name == "loft"]
        room.renamed_at += 365 * 86_400_000
        self.assertIsNone(self.code(self.ann, RenameRoom(room="loft", new="attic")))

    def test_each_is_told_alone(self) -> None:
        before = self.ears.steps
        self.rename()
        audiences = [step.audience for step in self.ears.steps[len(before) :]]
        self.assertEqual(audiences, [(self.ann,), (self.bob,)])

    def test_up_to_when_it_is_read_is_told_where_it_has_that_name_already_too(self) -> None:
        self.world.do(self.ann, MarkRead(room="attic", at=7))
        self.assertEqual([self.rename(new).read_at for new in ("Attic", "loft")], [7, 7])

    def test_who_comes_back_by_the_old_name_hears_the_new_one(self) -> None:
        self.world.do(self.ann, Say(text="seen", room="attic"))
        self.chat.disconnect(self.bob)
        self.rename()
        self.world.do(self.ann, Say(text="missed", room="loft"))
        bob = self.world.person("bob")
        told = self.world.do(bob, Join(room="Attic", since=1, id="j"))
        renamed, entered = [each for each in told if isinstance(each, (RoomRenamed, Entered))]
        self.assertEqual(
            renamed,
            RoomRenamed(old="attic", new="loft", by="", by_user="", at=self.world.wall()),
        )
        assert isinstance(entered, Entered)
        self.assertEqual((entered.room, entered.re), ("loft", "j"))
        self.assertEqual([each.text for each in entered.messages], ["missed"])

    def test_the_old_name_is_free_for_another_room(self) -> None:
        """Who was not there makes one, and where that is shown to nobody, who says so does, too."""
        self.rename()
        self.world.do(self.ann, Configure(room="loft", secret=True))
        self.assertEqual(self.comes_into(self.zoe, since=0), "attic")
        self.assertEqual(self.comes_into(self.bob, since=0), "attic")
        self.world.do(self.ann, Configure(room="loft", secret=False))
        self.assertEqual(self.comes_into(self.world.person("eve"), since=0), "attic")

    def test_who_has_not_been_there_makes_a_room(self) -> None:
        self.rename()
        self.assertEqual(self.comes_into(self.zoe, since=None), "attic")

    def test_a_refused_store_gives_the_old_name_back(self) -> None:
        self.world.store.broken = "The disk is full."
        self.assertEqual(self.code(self.ann, RenameRoom(room="attic", new="loft")), "not-stored")
        self.world.store.broken = None
        self.assertIsNone(self.says(self.bob))
        self.assertEqual(list(self.bob.rooms), ["lobby", "attic"])

    def test_a_message_that_came_to_nothing_under_the_old_name(self) -> None:
        self.world.do(self.bob, Say(text="once", room="attic", id="x"))
        self.hold()
        self.chat.execute(self.bob, Say(text="once", room="attic", id="x"))
        self.chat.execute(self.ann, RenameRoom(room="attic", new="loft"))
        self.world.settle()
        self.world.worker.hold = False
        self.release()
        page = self.said(self.bob, History(room="loft"))
        assert isinstance(page, HistoryPage)
        self.assertEqual(texts(list(page.messages)), ["once"])
