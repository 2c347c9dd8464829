"""Reacting to what was said: once each, kept, and seen by who comes later."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Configure,
    Delete,
    Hello,
    History,
    Ignore,
    Join,
    Listen,
    React,
    Register,
    Say,
    SetRole,
    Tell,
)
from chatservice.domain.events import (
    Event,
    HistoryPage,
    Joined,
    Message,
    Private,
    Reacted,
    Reaction,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.chatcase import codes
from tests.world import START, World


class ReactingCase(SynchronousTestCase):
    """Ann has made a room, and said `one` and `two`; bob is there too."""

    def setUp(self) -> None:
        self.world = World(recent_messages=4, replay_messages=3, message_reactions=2)
        self.ann = self.world.person("ann", "attic")
        self.bob = self.world.person("bob", "attic")
        self.world.do(self.ann, Say(text="one"), Say(text="two"))
        self.world.ears.told.clear()

    def reacted(self, told: list[Event]) -> Reacted:
        [found] = [event for event in told if isinstance(event, Reacted)]
        return found

    def shown(self, session: Session, seq: int = 2, room: str = "attic") -> list[tuple[str, str]]:
        """The reactions to a message, as its history shows them."""
        told = self.world.do(session, History(room=room))
        [page] = [event for event in told if isinstance(event, HistoryPage)]
        [message] = [each for each in page.messages if each.seq == seq]
        return [(each.nick, each.reaction) for each in message.reactions]


class RoomTests(ReactingCase):
    def test_to_what_somebody_else_said_last_and_all_are_told(self) -> None:
        told = self.world.do(self.bob, React(reaction="\U0001f44d", id="r"))
        reacted = Reacted(
            room="attic",
            seq=2,
            id="2-2",
            author="ann",
            nick="bob",
            user=self.bob.user,
            at=START,
            reaction="\U0001f44d",
            active=True,
            re="r",
        )
        self.assertEqual(told, [reacted])
        self.assertEqual(self.world.ears.take(self.ann), [reacted])
        self.assertEqual(self.shown(self.ann), [("bob", "\U0001f44d")])

    def test_to_any_message_by_its_seq_or_id(self) -> None:
        self.world.do(self.ann, React(reaction="+1", seq=1), React(reaction="+1", message_id="2-2"))
        self.assertEqual(self.shown(self.bob, 1), [("ann", "+1")])
        self.assertEqual(self.shown(self.bob, 2), [("ann", "+1")])

    def test_the_same_one_counts_once_and_is_news_once(self) -> None:
        self.world.do(self.bob, React(reaction="+1"))
        self.world.ears.told.clear()
        self.assertEqual(
            self.reacted(self.world.do(self.bob, React(reaction="+1", id="r"))).re, "r"
        )
        self.assertEqual(self.world.ears.take(self.ann), [])
        self.assertEqual(self.shown(self.ann), [("bob", "+1")])

    def test_is_taken_back_by_who_did_it(self) -> None:
        self.world.do(self.bob, React(reaction="+1"))
        refused = self.world.do(self.ann, React(reaction="+1", seq=2, active=False))
        self.assertEqual(codes(refused), ["no-such-reaction"])
        self.assertEqual(self.shown(self.ann), [("bob", "+1")])
        self.world.ears.told.clear()
        self.world.do(self.bob, React(reaction="+1", active=False))
        self.assertFalse(self.reacted(self.world.ears.take(self.ann)).active)
        self.assertEqual(self.shown(self.ann), [])

    def test_who_only_listens_comes_in_by_it_unless_it_is_refused(self) -> None:
        listener = self.world.connect()
        self.world.do(self.ann, Join(room=LOBBY), Say(text="hi"), React(reaction="a", seq=1))
        self.world.do(self.ann, React(reaction="b", seq=1))
        self.world.do(listener, Listen(default_nick="User_1"))
        self.world.ears.told.clear()
        for refused, code in (
            (React(reaction="a", seq=1, active=False), "no-such-reaction"),
            (React(reaction="c", seq=1), "limit-reached"),
        ):
            self.assertEqual(codes(self.world.do(listener, refused)), [code])
            self.assertIsNone(listener.nick)
        self.world.do(self.ann, React(reaction="b", seq=1, active=False))
        self.world.ears.told.clear()
        self.world.do(listener, React(reaction="a", seq=1))
        told = [type(each) for each in self.world.ears.take(self.ann)]
        self.assertEqual(told, [Joined, Reacted])

    def test_the_last_one_is_taken_back_whatever_was_said_since(self) -> None:
        self.world.do(self.bob, React(reaction="+1", seq=1), React(reaction="+1"))
        self.world.do(self.bob, React(reaction="ok", seq=1))
        self.world.do(self.ann, Say(text="three"))
        for reaction, seqs in (("+1", [2, 1]), ("ok", [1])):
            back = React(reaction=reaction, active=False)
            told = [self.reacted(self.world.do(self.bob, back)).seq for _ in seqs]
            self.assertEqual(told, seqs)
            self.world.ears.told.clear()
            self.assertEqual(codes(self.world.do(self.bob, back)), ["no-such-reaction"])
        self.assertEqual(self.world.ears.take(self.ann), [])

    def test_of_an_account_is_the_same_after_a_restart(self) -> None:
        self.world.do(self.bob, Register(password="correct horse"), React(reaction="+1"))
        self.world.restart()
        bob = self.world.person("bob", "attic")
        self.assertEqual(self.shown(bob), [("bob", "+1")])
        bob.account_name = "bob"
        self.world.do(bob, React(reaction="+1", seq=2))
        self.assertEqual(self.shown(bob), [("bob", "+1")])
        self.world.do(bob, React(reaction="+1", seq=2, active=False))
        self.assertEqual(self.shown(bob), [])

    def test_who_comes_later_is_shown_them(self) -> None:
        self.world.do(self.bob, React(reaction="+1"))
        eve = self.world.person("eve", "elsewhere")
        told = self.world.do(eve, Join(room="attic"))
        messages = next(event.messages for event in told if hasattr(event, "messages"))
        self.assertEqual(
            messages[-1].reactions, (Reaction(reaction="+1", nick="bob", user=self.bob.user),)
        )

    def test_to_what_is_only_in_the_store(self) -> None:
        self.world.do(self.ann, *(Say(text=text) for text in ("3", "4", "5", "6")))
        self.world.do(self.bob, React(reaction="+1", seq=1))
        self.assertEqual(self.shown(self.ann, 1), [("bob", "+1")])
        self.world.do(self.bob, React(reaction="+1", seq=1, active=False))
        self.assertEqual(self.shown(self.ann, 1), [])

    def test_a_message_that_is_taken_back_has_none(self) -> None:
        self.world.do(self.bob, React(reaction="+1"))
        self.world.do(self.ann, Delete())
        self.assertEqual(self.shown(self.ann), [])
        self.assertEqual(
            codes(self.world.do(self.bob, React(reaction="+1", seq=2))), ["no-such-message"]
        )

    def test_refusals(self) -> None:
        eve = self.world.person("eve", "elsewhere")
        for session, command, code in (
            (self.bob, React(reaction="x" * 33), "too-long"),
            (self.bob, React(reaction="\u200b"), "empty-text"),
            (self.bob, React(reaction="+1", seq=3), "no-such-message"),
            (self.bob, React(reaction="+1", message_id="1-2"), "no-such-message"),
            (self.bob, React(reaction="+1", message_id="2-x"), "no-such-message"),
            (self.ann, React(reaction="+1"), "no-such-message"),
            (eve, React(reaction="+1", room="attic", seq=1), "not-in-room"),
        ):
            self.assertEqual(codes(self.world.do(session, command)), [code], command)
        self.world.do(self.ann, SetRole(nick="bob", role="muted"))
        self.world.ears.told.clear()
        self.assertEqual(codes(self.world.do(self.bob, React(reaction="+1"))), ["muted"])

    def test_a_message_has_room_for_so_many(self) -> None:
        self.world.do(self.bob, React(reaction="1"), React(reaction="2"))
        self.assertEqual(codes(self.world.do(self.bob, React(reaction="3"))), ["limit-reached"])

    def test_what_cannot_be_kept_is_undone(self) -> None:
        self.world.do(self.bob, React(reaction="1"))
        self.world.store.broken = "full"
        told = self.world.do(self.bob, React(reaction="2"), React(reaction="1", active=False))
        self.assertEqual(codes(told), ["not-stored", "not-stored"])
        self.world.store.broken = None
        attic = self.world.hub._rooms.existing("attic")
        self.assertEqual([each.reaction for each in attic.recent[-1].reactions], ["1"])

    def test_who_ignores_somebody_is_not_told(self) -> None:
        self.world.do(self.ann, Ignore(nick="bob"))
        self.world.do(self.bob, React(reaction="+1"))
        self.assertEqual(self.world.ears.take(self.ann), [])

    def test_what_a_room_hides_is_not_there(self) -> None:
        self.world.do(self.ann, Configure(history="joining"))
        eve = self.world.person("eve", "attic")
        self.assertEqual(
            codes(self.world.do(eve, React(reaction="+1", seq=2))), ["no-such-message"]
        )

    def test_a_listener_that_reacts_is_seen(self) -> None:
        self.world.do(self.ann, Join(room="lobby"), Say(text="hi"))
        listener = self.world.connect()
        listener.default_nick, listener.current = "User_1", "lobby"
        self.world.do(listener, Hello())
        self.world.hub._rooms.lobby.hear(listener)
        self.assertEqual(self.reacted(self.world.do(listener, React(reaction="+1"))).nick, "User_1")


class PrivateTests(ReactingCase):
    def test_between_accounts_it_is_kept(self) -> None:
        for session in (self.ann, self.bob):
            self.world.do(session, Register(password="correct horse"))
        self.world.do(self.ann, Tell(to="bob", text="hi"))
        self.world.ears.told.clear()
        told = self.reacted(self.world.do(self.bob, React(reaction="+1", room="@ann")))
        self.assertEqual(
            (told.room, told.author, told.nick, told.account), ("@ann", "ann", "bob", "bob")
        )
        self.assertEqual(self.world.ears.take(self.ann), [told])
        self.assertEqual(self.shown(self.ann, 1, "@bob"), [("bob", "+1")])

    def test_between_guests_it_is_passed_on(self) -> None:
        [private] = self.world.do(self.ann, Tell(to="bob", text="hi"))
        assert isinstance(private, Private)
        self.world.ears.told.clear()
        command = React(reaction="+1", room="@ann", message_id=private.id, id="r")
        told = self.reacted(self.world.do(self.bob, command))
        self.assertEqual((told.room, told.id, told.seq, told.re), ("@ann", private.id, 0, "r"))
        self.assertEqual(self.world.ears.take(self.ann), [told])
        self.assertEqual(
            codes(self.world.do(self.bob, React(reaction="+1", room="@ann"))), ["no-such-message"]
        )
        self.assertEqual(
            codes(self.world.do(self.bob, React(reaction="+1", room="@zoe"))), ["no-such-person"]
        )


class MessageTests(ReactingCase):
    def test_what_answers_a_message_names_it(self) -> None:
        self.world.do(self.bob, Say(text="me too", reply_to="2-1"))
        [message] = [each for each in self.world.ears.take(self.ann) if isinstance(each, Message)]
        self.assertEqual(message.reply_to, "2-1")
        self.world.restart()
        eve = self.world.person("eve", "attic")
        [page] = self.world.do(eve, History())
        assert isinstance(page, HistoryPage)
        self.assertEqual([each.reply_to for each in page.messages], [None, None, "2-1"])

    def test_an_id_is_short_and_one_word(self) -> None:
        for reply_to in ("", "a b", "x" * 65, "\u00e9"):
            told = self.world.do(self.bob, Say(text="me too", reply_to=reply_to))
            self.assertEqual(codes(told), ["bad-input"])
