"""Searching: how it is asked for, and that nobody finds what is not for them to read."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Ban,
    Configure,
    Delete,
    Hello,
    Join,
    Kick,
    Leave,
    Logout,
    Quit,
    Register,
    Say,
    Search,
    SetNick,
    Tell,
)
from chatservice.domain.errors import BadInput
from chatservice.domain.events import Event, Failed, Found
from chatservice.domain.looking import DAY, ROUNDS, Asked
from chatservice.domain.session import Session
from chatservice.storage.memory import MemoryStore
from tests.world import FragileStore, World


class AskedTests(SynchronousTestCase):
    """Words and filters."""

    def test_told_apart(self) -> None:
        for typed, words, filters in (
            ("hello", "hello", {}),
            ("  hello   world ", "hello world", {}),
            ('"hello world" x', '"hello world" x', {}),
            ("from:ann hello IN:#attic", "hello", {"from": "ann", "in": "#attic"}),
            ('"from:ann"', '"from:ann"', {}),
            ("https://example.org", "https://example.org", {}),
            ("before:2026-01-02", "", {"before": "2026-01-02"}),
            ('"not closed from:ann', '"not closed from:ann', {}),
        ):
            asked = Asked.of(typed)
            self.assertEqual((asked.words, asked.filters), (words, filters), typed)

    def test_what_is_wrong_is_said_in_one_sentence(self) -> None:
        for typed, part in (
            ("", "Say what to search for"),
            ("  ", "Say what to search for"),
            ("from: ann", "follow from: directly"),
            ('x in:"attic"', "follow in: directly"),
            ("from:ann from:bob", "from: can be given only once"),
        ):
            with self.assertRaises(BadInput) as caught:
                Asked.of(typed)
            self.assertIn(part, caught.exception.sentence)

    def test_days(self) -> None:
        self.assertEqual(Asked.of("after:1970-01-03").day("after"), 2 * DAY)
        self.assertIsNone(Asked.of("x").day("after"))
        for day in ("soon", "2026-02-30", "20260102", "2026-W01-1", "٢٠٢٦-01-02", "2026-1-2"):
            with self.assertRaises(BadInput) as caught:
                Asked.of(f"before:{day}").day("before")
            self.assertIn("A day is written like this: before:2026", caught.exception.sentence)


class LookingTests(SynchronousTestCase):
    """Ann and bob are in the lobby, ann alone in the attic."""

    def setUp(self) -> None:
        self.world = World(history_messages=3)
        self.ann = self.world.person("ann", "lobby", "attic")
        self.bob = self.world.person("bob")
        self.world.do(self.ann, Say(text="red apples", room="lobby"))
        self.world.do(self.ann, Say(text="green apples", room="attic"))
        self.world.do(self.bob, Say(text="red pears", room="lobby"))
        self.world.ears.told.clear()

    def found(self, session: Session, words: str, **more: object) -> list[str]:
        return [each.text for each in self.reply(session, words, **more).messages]

    def reply(self, session: Session, words: str, **more: object) -> Found:
        [found] = self.world.do(session, Search(words=words, id="s", **more))  # type: ignore[arg-type]
        assert isinstance(found, Found), found
        self.assertEqual(found.re, "s")
        return found

    def refused(self, told: list[Event]) -> str:
        [failed] = told
        assert isinstance(failed, Failed)
        return failed.code

    def test_newest_first_in_all_rooms_one_is_in(self) -> None:
        self.assertEqual(self.found(self.ann, "apples"), ["green apples", "red apples"])
        self.assertEqual(self.found(self.bob, "apples"), ["red apples"])
        self.assertEqual(self.found(self.bob, "plums"), [])

    def test_filters(self) -> None:
        for words, texts in (
            ("red from:ann", ["red apples"]),
            ("from:BOB", ["red pears"]),
            ("in:attic", ["green apples"]),
            ("in:#Attic apples", ["green apples"]),
            ('"apples red"', []),
            ("apples before:2026-01-02", []),
            ("apples before:2026-01-03 after:2026-01-01", ["green apples", "red apples"]),
            ("apples after:2026-01-02", []),
            ("apples after:9999-12-31", []),
        ):
            self.assertEqual(self.found(self.ann, words), texts, words)
        self.assertEqual(self.found(self.ann, "apples", room="attic"), ["green apples"])

    def test_what_is_deleted_is_not_found(self) -> None:
        self.world.do(self.ann, Delete(room="attic"))
        self.assertEqual(self.found(self.ann, "apples"), ["red apples"])

    def test_refusals(self) -> None:
        for command, code in (
            (Search(words=""), "bad-input"),
            (Search(words="x", limit=0), "bad-input"),
            (Search(words="x in:lobby", room="lobby"), "bad-input"),
            (Search(words="x before:soon"), "bad-input"),
            (Search(words="x in:cellar"), "no-such-room"),
            (Search(words="apples in:attic"), "forbidden"),
            (Search(words="apples", room="attic"), "forbidden"),
        ):
            self.assertEqual(self.refused(self.world.do(self.bob, command)), code, command)

    def test_who_left_or_was_put_out_finds_nothing_more(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.assertEqual(self.found(self.bob, "green"), ["green apples"])
        self.world.do(self.bob, Leave(room="attic"))
        self.assertEqual(self.found(self.bob, "green"), [])
        for put_out in (Kick(nick="bob", room="attic"), Ban(who="bob", room="attic")):
            self.world.do(self.bob, Join(room="attic"))
            self.assertEqual(self.found(self.bob, "green"), ["green apples"])
            self.world.do(self.ann, put_out)
            self.world.ears.told.clear()
            self.assertEqual(self.found(self.bob, "green"), [])

    def test_who_is_put_out_while_the_store_searches_finds_nothing(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.worker.hold = True
        self.world.do(self.bob, Search(words="green"))
        self.world.chat.execute(self.ann, Kick(nick="bob", room="attic"))
        self.world.settle()
        self.world.worker.hold = False
        self.world.worker.release()
        [found] = [each for each in self.world.do(self.bob) if isinstance(each, Found)]
        self.assertEqual(found.messages, ())

    def test_what_a_room_hides_from_newcomers_is_not_found(self) -> None:
        self.world.do(self.ann, Configure(room="attic", history="joining"))
        self.world.do(self.bob, Join(room="attic"))
        self.assertEqual(self.found(self.bob, "in:attic"), [])
        self.world.do(self.ann, Say(text="yellow apples", room="attic"))
        self.world.ears.told.clear()
        self.assertEqual(self.found(self.bob, "in:attic"), ["yellow apples"])
        self.assertEqual(self.found(self.bob, "apples"), ["yellow apples", "red apples"])
        self.assertEqual(self.found(self.ann, "in:attic"), ["yellow apples", "green apples"])

    def test_what_accounts_told_each_other_is_found_by_these_two_alone(self) -> None:
        for session in (self.ann, self.bob):
            self.world.do(session, Register(password="correct horse"))
        self.world.do(self.ann, Tell(text="secret apples", to="bob"))
        eve, root = self.world.person("eve"), self.world.connect("127.0.0.1:9")
        self.world.do(root, Hello(nick="root"), Register(password="correct horse"))
        self.assertTrue(root.operator)
        self.world.ears.told.clear()
        for session, other in ((self.ann, "@bob"), (self.bob, "@ann")):
            [message] = self.reply(session, "secret").messages
            self.assertEqual((message.room, message.text), (other, "secret apples"))
            self.assertEqual(self.found(session, f"in:{other.upper()}"), ["secret apples"])
        for session in (eve, root):
            self.assertEqual(self.found(session, "secret"), [])
            command = Search(words="secret in:@ann")
            self.assertEqual(self.refused(self.world.do(session, command)), "no-such-room")
        self.world.do(self.bob, SetNick(nick="robert"))
        self.world.ears.told.clear()
        for name in ("bob", "robert"):
            [message] = self.reply(self.ann, f"secret in:@{name}").messages
            self.assertEqual(message.room, "@robert")
        self.world.do(eve, Register(password="correct horse"), Tell(text="a secret", to="ann"))
        self.world.do(eve, Quit())
        self.world.do(self.bob, SetNick(nick="eve"))
        self.world.ears.told.clear()
        self.assertEqual(self.found(self.ann, "secret"), ["a secret", "secret apples"])
        self.assertEqual(self.found(root, "green"), ["green apples"])
        self.world.do(self.ann, Logout())
        self.world.ears.told.clear()
        self.assertEqual(self.found(self.ann, "secret"), [])

    def test_pages(self) -> None:
        self.world.do(self.ann, *(Say(text=f"plum {n}", room="lobby") for n in range(5)))
        self.world.ears.told.clear()
        first = self.reply(self.bob, "plum", limit=100)
        self.assertEqual([each.text for each in first.messages], ["plum 4", "plum 3", "plum 2"])
        second = self.reply(self.bob, "plum", limit=100, before=first.next)
        self.assertEqual([each.text for each in second.messages], ["plum 1", "plum 0"])
        self.assertIsNone(second.next)

    def test_a_store_that_fails_is_told(self) -> None:
        self.world.store.broken = "The disk is gone"
        [failed] = self.world.do(self.ann, Search(words="apples", id="s"))
        sentence = "The messages can't be read: The disk is gone"
        self.assertEqual(failed, Failed(code="not-stored", text=sentence, re="s"))


class PatienceTests(SynchronousTestCase):
    """A store that looks at one message at a time."""

    def setUp(self) -> None:
        self.world = World()
        self.ann = self.world.person("ann")
        store: MemoryStore = FragileStore(lambda: "id", self.world.wall, 1, examined=1)
        self.world.worker._store = store
        self.world.do(self.ann, Say(text="first"))

    def search(self) -> Found:
        [found] = self.world.do(self.ann, Search(words="first"))
        assert isinstance(found, Found)
        return found

    def test_a_search_goes_on_where_nothing_was_found_so_far(self) -> None:
        self.world.do(self.ann, *(Say(text="other") for _ in range(ROUNDS - 1)))
        self.assertEqual([each.text for each in self.search().messages], ["first"])

    def test_but_not_for_ever(self) -> None:
        self.world.do(self.ann, *(Say(text="other") for _ in range(ROUNDS)))
        found = self.search()
        self.assertEqual(found.messages, ())
        self.assertIsNotNone(found.next)
