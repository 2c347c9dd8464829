"""Being away, who is who, and not hearing somebody."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Create,
    Hello,
    Ignore,
    Invite,
    Join,
    ListPeople,
    Login,
    Logout,
    Register,
    Say,
    SetAway,
    SetBot,
    SetInvisible,
    SetNick,
    SetRealname,
    SetRole,
    Tell,
    Typing,
    Whois,
)
from chatservice.domain.events import (
    AwayChanged,
    BotChanged,
    Event,
    Failed,
    InvisibleChanged,
    IsAway,
    Message,
    Notice,
    People,
    Private,
    RealnameChanged,
    TypingNow,
    WhoisReply,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.world import SECRET, World

PASSWORD = "correct horse"


class PresenceCase(SynchronousTestCase):
    """Ann and bob are in the lobby."""

    def setUp(self) -> None:
        self.world = World(ignored=2, reason_characters=10)
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")

    def refused(self, told: list[Event], code: str) -> None:
        self.assertEqual([each.code for each in told if isinstance(each, Failed)], [code])

    def whois(self, asker: Session, nick: str) -> WhoisReply:
        told = self.world.do(asker, Whois(nick=nick))
        [reply] = [each for each in told if isinstance(each, WhoisReply)]
        return reply

    def second_connection(self, nick: str) -> Session:
        """Somebody's account, from another client."""
        session = self.world.connect("10.0.0.9:1")
        self.world.do(session, Hello(), Login(nick=nick, password=PASSWORD), Join(room=LOBBY))
        self.world.ears.told.clear()
        return session


class AwayTests(PresenceCase):
    def test_all_in_a_common_room_are_told_once(self) -> None:
        told = self.world.do(self.ann, SetAway(text="at\nlunch ", id="a"))
        away = AwayChanged(nick="ann", user=self.ann.user, text="at lunch", re="a")
        self.assertIn(away, told)
        self.assertEqual(self.world.ears.take(self.bob).count(away), 1)
        self.world.do(self.ann, SetAway(text="at lunch"))
        self.assertEqual(self.world.ears.take(self.bob), [])
        self.world.do(self.ann, SetAway())
        back = AwayChanged(nick="ann", user=self.ann.user)
        self.assertIn(back, self.world.ears.take(self.bob))

    def test_it_is_seen_in_lists_and_in_whois(self) -> None:
        self.world.do(self.ann, SetAway(text="lunch"))
        self.world.ears.told.clear()
        [people] = self.world.do(self.bob, ListPeople())
        assert isinstance(people, People)
        self.assertEqual([each.away for each in people.people], ["lunch", None])
        self.assertEqual(self.whois(self.bob, "ann").person.away, "lunch")

    def test_it_stays_after_a_reconnect_and_is_shared_by_the_connections_of_an_account(
        self,
    ) -> None:
        self.world.do(self.ann, Register(password=PASSWORD), SetAway(text="lunch"))
        other = self.second_connection("ann")
        self.assertEqual(other.away, "lunch")
        self.world.do(other, SetAway())
        self.assertIsNone(self.ann.away)
        self.world.do(self.ann, SetAway(text="again"))
        back = self.world.person("ann")
        self.assertEqual(back.away, "again")
        self.world.do(other, Logout())
        self.assertIsNone(other.away)

    def test_who_tells_somebody_away_something_is_told_so(self) -> None:
        self.world.do(self.ann, SetAway(text="lunch"))
        self.world.ears.told.clear()
        private, away = self.world.do(self.bob, Tell(text="hi", to="ann", id="t"))
        self.assertEqual(away, IsAway(nick="ann", user=self.ann.user, text="lunch", re="t"))
        self.assertIsInstance(private, Private)

    def test_a_notice_to_somebody_away_is_answered_by_nothing(self) -> None:
        self.world.do(self.ann, SetAway(text="lunch"))
        self.world.ears.told.clear()
        [private] = self.world.do(self.bob, Tell(text="hi", to="ann", kind="notice"))
        self.assertIsInstance(private, Private)

    def test_a_reason_is_no_novel_and_no_blank(self) -> None:
        self.refused(self.world.do(self.ann, SetAway(text="x" * 11)), "too-long")
        self.refused(self.world.do(self.ann, SetAway(text=" ")), "empty-text")
        self.assertIsNone(self.ann.away)

    def test_who_has_no_name_has_to_have_one_first(self) -> None:
        nobody = self.world.connect()
        self.world.do(nobody, Hello())
        self.refused(self.world.do(nobody, SetAway(text="x")), "wrong-state")


class WhoisTests(PresenceCase):
    def test_idle_since_it_spoke(self) -> None:
        self.world.clock.advance(90)
        self.assertEqual(self.whois(self.bob, "ann").idle, 90)
        self.world.do(self.ann, Say(text="hi"))
        self.world.ears.told.clear()
        self.world.clock.advance(30)
        self.assertEqual(self.whois(self.bob, "ann").idle, 30)

    def test_the_account_that_it_is_logged_in_to(self) -> None:
        self.assertIsNone(self.whois(self.bob, "ann").account)
        self.world.do(self.ann, Register(password=PASSWORD), SetNick(nick="zoe"))
        self.world.ears.told.clear()
        self.assertEqual(self.whois(self.bob, "zoe").account, "ann")

    def test_where_it_is_operator_or_voice(self) -> None:
        self.world.do(self.ann, Join(room="attic"))
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, SetRole(room="attic", nick="bob", role="voice"))
        self.world.ears.told.clear()
        ann, bob = self.whois(self.bob, "ann"), self.whois(self.bob, "bob")
        self.assertEqual((ann.operator_in, ann.voice_in), (("attic",), ()))
        self.assertEqual((bob.operator_in, bob.voice_in), ((), ("attic",)))

    def test_where_it_really_is_for_itself_and_for_operators_of_the_server(self) -> None:
        root = self.world.connect("127.0.0.1:9")
        self.world.do(root, Hello(nick="root"), Register(password=PASSWORD))
        for asker, host in ((self.ann, "10.0.0.1"), (self.bob, None), (root, "10.0.0.1")):
            self.assertEqual(self.whois(asker, "ann").host, host)


class AboutOneselfTests(PresenceCase):
    def test_a_real_name_is_told_to_who_shares_a_room_and_seen(self) -> None:
        told = self.world.do(self.ann, SetRealname(text="Ann ", id="r"))
        changed = RealnameChanged(nick="ann", user=self.ann.user, text="Ann", re="r")
        self.assertIn(changed, told)
        self.assertIn(changed, self.world.ears.take(self.bob))
        self.assertEqual(self.whois(self.bob, "ann").person.realname, "Ann")
        [people] = self.world.do(self.bob, ListPeople())
        assert isinstance(people, People)
        self.assertEqual([each.realname for each in people.people], ["Ann", None])
        self.world.do(self.ann, SetRealname())
        self.assertIsNone(self.ann.realname)

    def test_one_that_is_too_long(self) -> None:
        self.refused(self.world.do(self.ann, SetRealname(text="x" * 151)), "too-long")

    def test_being_a_bot(self) -> None:
        told = self.world.do(self.ann, SetBot(id="b"))
        changed = BotChanged(nick="ann", user=self.ann.user, active=True, re="b")
        self.assertIn(changed, told)
        self.assertIn(changed, self.world.ears.take(self.bob))
        self.assertTrue(self.whois(self.bob, "ann").person.bot)
        self.world.do(self.ann, SetBot(active=False))
        self.world.ears.told.clear()
        self.assertFalse(self.whois(self.bob, "ann").person.bot)

    def test_what_a_bot_says_is_marked(self) -> None:
        self.world.do(self.ann, SetBot())
        self.world.ears.told.clear()
        self.world.do(self.ann, Say(text="beep"), Tell(to="bob", text="boop"))
        said = [
            each for each in self.world.ears.take(self.bob) if isinstance(each, (Message, Private))
        ]
        self.assertEqual([each.bot for each in said], [True, True])

    def test_being_invisible_is_told_to_oneself(self) -> None:
        told = self.world.do(self.ann, SetInvisible(id="i"))
        self.assertEqual(told, [InvisibleChanged(active=True, re="i")])
        self.assertEqual(self.world.ears.take(self.bob), [])

    def test_all_connections_of_a_person_are_the_same(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD), SetRealname(text="Ann"), SetBot())
        other = self.second_connection("ann")
        self.assertEqual((other.realname, other.bot), ("Ann", True))
        self.world.do(other, SetBot(active=False), SetRealname(text="A."))
        self.assertEqual((self.ann.realname, self.ann.bot), ("A.", False))


class IgnoreTests(PresenceCase):
    def heard(self, session: Session) -> list[str]:
        """What a session hears ann say to the lobby, and to itself."""
        self.world.ears.told.clear()
        self.world.do(self.ann, Typing(), Say(text="to all"), Tell(text="to you", to=session.user))
        return [
            type(each).__name__
            for each in self.world.ears.take(session)
            if isinstance(each, (TypingNow, Message, Private))
        ]

    everything = ("TypingNow", "Message", "Private")

    def ignore(self, session: Session, nick: str, *, active: bool = True) -> Notice:
        [notice] = self.world.do(session, Ignore(nick=nick, active=active, id="i"))
        assert isinstance(notice, Notice), notice
        self.assertEqual(notice.re, "i")
        return notice

    def test_nothing_is_heard_until_one_wants_to(self) -> None:
        self.assertEqual(self.heard(self.bob), [*self.everything])
        self.assertEqual(self.ignore(self.bob, "ANN").text, "You hear nothing more from ann.")
        self.assertEqual(self.heard(self.bob), [])
        self.assertEqual(
            self.ignore(self.bob, "ann", active=False).text, "You hear again from ann."
        )
        self.assertEqual(self.heard(self.bob), [*self.everything])

    def test_invitations_are_not_heard_either_but_count(self) -> None:
        self.ignore(self.bob, "ann")
        self.world.do(self.ann, Create(room="attic", invite_only=True))
        self.world.do(self.ann, Invite(nick="bob", room="attic"))
        self.assertEqual(self.world.ears.take(self.bob), [])
        self.assertTrue(self.world.do(self.bob, Join(room="attic")))
        self.assertIn("attic", self.bob.rooms)

    def test_the_author_notices_nothing_and_others_hear_it(self) -> None:
        eve = self.world.person("eve")
        self.ignore(self.bob, "ann")
        self.world.do(self.ann, Say(text="hi", id="s"))
        [message] = self.world.ears.take(eve)
        self.assertEqual(self.world.ears.own[self.ann][-1], message)
        private = self.world.do(self.ann, Tell(text="hi", to="bob"))[-1]
        self.assertIsInstance(private, Private)
        self.assertIsNone(self.bob.correspondent)

    def test_the_audience_of_who_is_not_ignored_stays_one_object(self) -> None:
        """So that a burst is put together once for all."""
        hearing, lobby = self.world.hub._people.ignoring.hearing, self.world.hub._rooms.lobby
        self.assertIs(hearing(lobby.audience, self.ann), lobby.audience)
        self.ignore(self.bob, "ann")
        self.assertIs(hearing(lobby.audience, self.bob), lobby.audience)
        self.assertEqual(hearing(lobby.audience, self.ann), (self.ann,))
        self.world.chat.disconnect(self.bob)
        self.assertIs(hearing(lobby.audience, self.ann), lobby.audience)
        self.assertEqual(len(self.world.hub._people.ignoring._counts), 0)

    def test_it_survives_another_nick_a_reconnect_and_a_login(self) -> None:
        self.ignore(self.bob, "ann")
        self.world.do(self.ann, SetNick(nick="zoe"))
        self.assertEqual(self.heard(self.bob), [])
        self.world.chat.disconnect(self.ann)
        self.ann = self.world.person("anna")
        session = self.world.connect()
        self.world.do(session, Hello(nick="ann", client=SECRET + "ann"), Join(room=LOBBY))
        self.ann = session
        self.assertEqual(self.heard(self.bob), [])
        self.world.do(self.ann, Register(password=PASSWORD))
        self.assertEqual(self.heard(self.bob), [])

    def test_an_account_is_ignored_with_all_its_connections(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        self.world.ears.told.clear()
        self.ignore(self.bob, "ann")
        self.ann = self.second_connection("ann")
        self.assertEqual(self.heard(self.bob), [])

    def test_all_connections_of_an_account_ignore_together(self) -> None:
        self.world.do(self.bob, Register(password=PASSWORD))
        self.world.ears.told.clear()
        other = self.second_connection("bob")
        self.ignore(self.bob, "ann")
        self.assertEqual(self.heard(other), [])
        later = self.second_connection("bob")
        self.assertEqual(self.heard(later), [])
        self.ignore(later, "ann", active=False)
        self.assertEqual(self.heard(self.bob), [*self.everything])

    def test_who_has_gone_is_heard_again_by_the_nick_it_had(self) -> None:
        self.ignore(self.bob, "ann")
        self.world.chat.disconnect(self.ann)
        self.world.settle()
        self.world.ears.told.clear()
        self.ignore(self.bob, "ann", active=False)
        self.assertEqual(self.bob.ignored, {})

    def test_refusals(self) -> None:
        for command, code in (
            (Ignore(nick="bob"), "bad-input"),
            (Ignore(nick="zoe"), "no-such-person"),
            (Ignore(nick="zoe", active=False), "no-such-person"),
            (Ignore(nick="ann", active=False), "no-such-person"),
        ):
            self.refused(self.world.do(self.bob, command), code)

    def test_so_many_people_can_be_ignored(self) -> None:
        for nick in ("eve", "joe"):
            self.world.person(nick)
            self.world.do(self.bob, Ignore(nick=nick))
        before = replace(self.bob.person), dict(self.bob.ignored)
        self.refused(self.world.do(self.bob, Ignore(nick="ann")), "limit-reached")
        self.assertEqual((self.bob.person, self.bob.ignored), before)
