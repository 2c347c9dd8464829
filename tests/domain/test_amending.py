"""Changing and taking back what was said: by whom, what is kept, and what others then see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Delete,
    Edit,
    Hello,
    History,
    Ignore,
    Join,
    Login,
    Logout,
    Register,
    Say,
    Search,
    SetNick,
    SetRole,
)
from chatservice.domain.events import (
    Deleted,
    Edited,
    Entered,
    Event,
    Failed,
    Found,
    HistoryPage,
    Message,
)
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Find, Read
from tests.world import START, World


class AmendingCase(SynchronousTestCase):
    """Ann has made a room, and said `one` and `two`; bob is there too."""

    def setUp(self) -> None:
        self.world = World(recent_messages=4, replay_messages=3)
        self.ann = self.world.person("ann", "attic")
        self.bob = self.world.person("bob", "attic")
        self.world.do(self.ann, Say(text="one"), Say(text="two"))
        self.world.ears.told.clear()

    def refused(self, told: list[Event], code: str) -> str:
        [failed] = told
        assert isinstance(failed, Failed)
        self.assertEqual(failed.code, code)
        return failed.text

    def texts(self) -> list[str]:
        """What is kept of the room, less what is deleted."""
        attic = self.world.hub._rooms.existing("attic")
        return [each.text for each in self.world.store.kept(attic.id) if not each.deleted]

    def entered(self) -> tuple[Message, ...]:
        """What a newcomer is shown."""
        eve = self.world.person("eve", "elsewhere")
        [entered] = [
            each for each in self.world.do(eve, Join(room="attic")) if isinstance(each, Entered)
        ]
        self.world.chat.disconnect(eve)
        self.world.settle()
        self.world.ears.told.clear()
        return entered.messages


class EditTests(AmendingCase):
    def test_the_last_own_message_by_default_and_all_are_told(self) -> None:
        self.world.do(self.bob, Say(text="three"))
        told = self.world.do(self.ann, Edit(text="two, better", id="e"))
        edited = Edited(
            room="attic",
            seq=2,
            id="2-2",
            nick="ann",
            at=START,
            text="two, better",
            user=self.ann.user,
            re="e",
        )
        self.assertEqual(told[-1], edited)
        self.assertEqual(self.world.ears.take(self.bob)[-1], edited)
        self.assertEqual(self.texts(), ["one", "two, better", "three"])

    def test_any_own_message_by_its_seq(self) -> None:
        self.world.do(self.ann, Edit(text="first", seq=1))
        self.assertEqual(self.texts(), ["first", "two"])

    def test_who_comes_later_sees_what_it_was_changed_to(self) -> None:
        self.world.do(self.ann, Edit(text="second"))
        shown = [(each.seq, each.text, each.edited_at) for each in self.entered()]
        self.assertEqual(shown, [(1, "one", None), (2, "second", START)])
        [page] = self.world.do(self.bob, History(id="h"))[-1:]
        assert isinstance(page, HistoryPage)
        self.assertEqual([each.text for each in page.messages], ["one", "second"])

    def test_what_others_said_is_nobody_elses(self) -> None:
        for command in (Edit(text="x", seq=1), Edit(text="x", message_id="2-1"), Edit(text="x")):
            self.refused(self.world.do(self.bob, command), "forbidden")
        for command in (Edit(text="x", seq=99), Edit(text="x", message_id="1-1")):
            self.refused(self.world.do(self.bob, command), "no-such-message")
        operator = self.ann
        self.world.do(self.bob, Say(text="three"))
        self.world.ears.told.clear()
        self.refused(self.world.do(operator, Edit(text="x", seq=3)), "forbidden")
        self.assertEqual(self.texts(), ["one", "two", "three"])

    def test_a_nick_and_an_id_prove_nothing(self) -> None:
        """Who comes later under the same nick, and even with the same id, has said nothing."""
        user = self.ann.user
        self.world.chat.disconnect(self.ann)
        thief = self.world.connect()
        self.world.chat.execute(thief, SetNick(nick="ann"))
        thief.user = user
        self.world.do(thief, Join(room="attic"))
        self.refused(self.world.do(thief, Edit(text="x", seq=2)), "forbidden")

    def test_a_client_that_comes_back_still_has_said_it(self) -> None:
        self.world.chat.disconnect(self.ann)
        ann = self.world.person("ann", "attic")
        self.world.do(ann, Edit(text="second"))
        self.assertEqual(self.texts(), ["one", "second"])

    def test_what_a_guest_said_stays_its_own_with_an_account_and_not_the_other_way_round(
        self,
    ) -> None:
        self.world.do(self.ann, Register(password="correct horse"))
        self.world.do(self.ann, Edit(text="second"), Say(text="as ann"))
        self.world.do(self.ann, Logout())
        self.refused(self.world.do(self.ann, Edit(text="x", seq=3)), "forbidden")
        self.world.do(self.ann, Login(nick="ann", password="correct horse"), Edit(text="me", seq=3))
        self.assertEqual(self.texts(), ["one", "second", "me"])

    def test_empty_and_deleted_messages_and_who_is_muted(self) -> None:
        self.refused(self.world.do(self.ann, Edit(text=" ")), "empty-text")
        self.world.do(self.ann, Delete(seq=2))
        self.world.ears.told.clear()
        self.refused(self.world.do(self.ann, Edit(text="x", seq=2)), "no-such-message")
        self.world.do(self.bob, Say(text="three"))
        self.world.do(self.ann, SetRole(nick="bob", role="muted"))
        self.world.ears.told.clear()
        self.refused(self.world.do(self.bob, Edit(text="x")), "muted")

    def test_what_cannot_be_kept_is_not_changed(self) -> None:
        self.world.store.broken = "The disk is full"
        self.refused(self.world.do(self.ann, Edit(text="x")), "not-stored")
        self.refused(self.world.do(self.ann, Delete()), "not-stored")
        self.world.store.broken = None
        self.assertEqual(self.world.ears.take(self.bob), [])
        self.assertEqual([each.text for each in self.entered()], ["one", "two"])

    def test_who_ignores_the_author_is_not_told(self) -> None:
        self.world.do(self.bob, Ignore(nick="ann"))
        self.world.do(self.ann, Edit(text="x"))
        self.assertEqual(self.world.ears.take(self.bob), [])


class DeleteTests(AmendingCase):
    def deleted(self, seq: int, nick: str, by: str, re: str | None = None) -> Deleted:
        return Deleted(
            room="attic",
            seq=seq,
            id=f"2-{seq}",
            nick=nick,
            by=by,
            at=START,
            user=self.ann.user,
            re=re,
        )

    def test_the_last_own_message_that_is_left(self) -> None:
        for seq in (2, 1):
            told = self.world.do(self.ann, Delete(id="d"))
            self.assertEqual(told, [self.deleted(seq, "ann", "ann", "d")])
            self.assertEqual(self.world.ears.take(self.bob), told)
        self.refused(self.world.do(self.ann, Delete()), "forbidden")
        self.assertEqual(self.texts(), [])
        shown = [(each.seq, each.text, each.deleted) for each in self.entered()]
        self.assertEqual(shown, [(1, "", True), (2, "", True)])

    def test_only_operators_take_back_what_others_said(self) -> None:
        self.refused(self.world.do(self.bob, Delete(seq=1)), "forbidden")
        self.world.do(self.bob, Say(text="three"))
        self.world.ears.told.clear()
        told = self.world.do(self.ann, Delete(seq=3))
        self.assertEqual(told, [self.deleted(3, "bob", "ann")])
        self.assertEqual(self.texts(), ["one", "two"])

    def test_somebodys_last_one(self) -> None:
        for text in ("three", "four"):
            self.world.do(self.bob, Say(text=text))
        self.refused(self.world.do(self.bob, Delete(nick="ann")), "operator-needed")
        self.world.ears.told.clear()
        for seq in (4, 3):
            told = self.world.do(self.ann, Delete(nick="BOB"))
            self.assertEqual(told, [self.deleted(seq, "bob", "ann")])
            self.world.ears.told.clear()
        self.refused(self.world.do(self.ann, Delete(nick="eve")), "no-such-message")
        self.refused(self.world.do(self.ann, Delete(nick="ann", seq=1)), "bad-input")

    def test_an_operator_of_the_server_takes_back_without_being_there(self) -> None:
        root = self.world.person("root", "elsewhere")
        command = Delete(room="attic", seq=1, id="d")
        self.refused(self.world.do(root, command), "not-in-room")
        self.world.hub._people.make_operator(root, True)
        told = self.world.do(root, command)
        self.assertEqual(self.world.ears.take(self.ann), told)
        self.assertEqual(self.texts(), ["two"])

    def test_what_is_not_there(self) -> None:
        for seq in (0, -1, 3, 2**60):
            self.refused(self.world.do(self.ann, Delete(seq=seq)), "no-such-message")
        self.world.do(self.ann, Delete(seq=1))
        self.world.ears.told.clear()
        self.refused(self.world.do(self.ann, Delete(seq=1)), "no-such-message")

    def test_operators_take_back_what_is_only_in_the_store(self) -> None:
        self.world.do(self.ann, *(Say(text=text) for text in ("3", "4", "5", "6")))
        self.world.ears.told.clear()
        self.refused(self.world.do(self.bob, Delete(seq=1)), "forbidden")
        told = self.world.do(self.ann, Delete(seq=1, id="d"))
        self.assertEqual(told, [self.deleted(1, "ann", "ann", "d")])
        self.refused(self.world.do(self.ann, Delete(seq=1)), "no-such-message")
        self.assertEqual(self.texts(), ["two", "3", "4", "5", "6"])

    def test_what_is_taken_back_while_it_is_being_read_is_not_shown(self) -> None:
        """The store had been asked for the room's last messages before."""
        attic = self.world.hub._rooms.existing("attic")
        messages = tuple(attic.recent)
        self.world.restart()
        attic = self.world.hub._rooms.existing("attic")
        floor = attic.floor
        attic.amend(replace(messages[0], text="", deleted=True))
        attic.warm(messages, floor=floor, complete=True)
        self.assertEqual([each.text for each in attic.known(9)], ["", "two"])

    def test_nor_while_the_answer_of_the_store_is_on_its_way(self) -> None:
        self.world.do(self.ann, *(Say(text=text) for text in ("two 3", "two 4", "two 5", "two 6")))
        eve = self.world.person("eve", "elsewhere")
        for session, command in (
            (self.bob, History()),
            (self.bob, Search(words="two")),
            (eve, Join(room="attic", since=0)),
        ):
            [ask] = self.world.hub.execute(session, command, START)
            answer: Any
            if isinstance(ask, Find):
                answer = self.world.store.search(ask.search)
            else:
                assert isinstance(ask, Read)
                answer = self.world.store.page(ask.window)
            first, *_, last = sorted(each.seq for each in answer.messages if not each.deleted)
            self.world.do(self.ann, Delete(seq=first), Delete(seq=last))
            told, *_ = ask.resume(answer, START)
            assert isinstance(told, Deliver)
            assert isinstance(told.event, HistoryPage | Found)
            shown = {each.text for each in told.event.messages if not each.deleted}
            self.assertEqual(shown, set(self.texts()))


class MemoryTests(AmendingCase):
    def test_whose_a_message_is_is_known_beyond_memory(self) -> None:
        self.world.do(self.ann, *(Say(text=text) for text in ("3", "4", "5")))
        attic = self.world.hub._rooms.existing("attic")
        self.assertEqual(sorted(attic.authors), [2, 3, 4, 5])
        self.world.ears.told.clear()
        self.refused(self.world.do(self.bob, Edit(text="x", seq=1)), "forbidden")
        self.world.do(self.ann, Edit(text="first", message_id="2-1"))
        self.assertEqual(self.texts()[:2], ["first", "two"])

    def test_whose_a_message_is_is_known_after_a_restart(self) -> None:
        self.world.restart()
        ann, bob = self.world.person("ann", "attic"), self.world.person("bob", "attic")
        self.refused(self.world.do(bob, Delete(seq=2)), "forbidden")
        self.world.do(ann, Edit(text="second"))
        self.assertEqual(self.texts(), ["one", "second"])

    def test_who_has_neither_secret_nor_account_is_nobody_after_a_restart(self) -> None:
        guest = self.world.connect()
        self.world.do(guest, Hello(nick="guest"), Join(room="attic"), Say(text="three"))
        self.world.do(guest, Edit(text="3"))
        self.world.restart()
        guest = self.world.connect()
        self.world.do(guest, Hello(nick="guest"), Join(room="attic"))
        self.refused(self.world.do(guest, Edit(text="x", seq=3)), "forbidden")
        self.assertEqual(self.texts(), ["one", "two", "3"])

    def test_a_message_that_came_to_nothing_is_nobodys(self) -> None:
        self.world.store.broken = "full"
        self.world.do(self.bob, Say(text="lost"))
        self.world.store.broken = None
        self.refused(self.world.do(self.bob, Edit(text="x")), "forbidden")

    def test_saying_and_changing_at_once(self) -> None:
        self.say_and_edit(self.ann)
        self.assertEqual(self.texts(), ["one", "two", "right"])
        self.world.store.broken = "full"
        self.say_and_edit(self.ann)
        self.world.store.broken = None
        self.assertEqual(self.texts(), ["one", "two", "right"])
        self.assertEqual([each.text for each in self.entered()], ["one", "two", "right"])

    def say_and_edit(self, session: Session) -> None:
        self.world.chat.execute(session, Say(text="wrnog"))
        self.world.chat.execute(session, Edit(text="right"))
        self.world.settle()
