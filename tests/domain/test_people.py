"""Ids, nicks, and clients that come back."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import NameTaken, NoSuchPerson
from chatservice.domain.people import People, fingerprint
from chatservice.domain.session import Session, State
from tests.world import SECRET, Draw


class PeopleTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.people = People(Draw())

    def named(self, nick: str) -> Session:
        session = self.people.add("10.0.0.1:5001", 0)
        self.people.name(session, nick)
        session.state = State.PRESENT
        return session

    def test_ids_have_six_digits_and_are_unique(self) -> None:
        drawn = iter([0, 7, 0, 8, 9])
        people = People(lambda _: next(drawn))
        users = [people.add("", 0).user for _ in range(2)]
        self.assertEqual(users, ["100000", "100008"])

    def test_the_largest_id_has_six_digits_too(self) -> None:
        people = People(lambda n: n - 1)
        self.assertEqual(people.add("", 0).user, "999999")

    def test_it_is_told_which_ids_are_nobodys_any_more(self) -> None:
        ended: list[str] = []
        people = People(Draw(), ended=ended.append)
        first, second, third = (people.add("", 0) for _ in range(3))
        joined, alone = second.user, third.user
        people.join(second, first)
        self.assertEqual(ended, [joined])
        for session in (first, third, second):
            people.remove(session)
        self.assertEqual(ended, [joined, alone, first.user])

    def test_each_session_without_a_secret_is_a_client_of_its_own(self) -> None:
        first, second = self.people.add("", 0), self.people.add("", 0)
        self.assertNotEqual(first.client, second.client)

    def test_a_nick_that_looks_like_another_is_taken(self) -> None:
        self.named("Ann")
        other = self.people.add("", 0)
        for nick in ("Ann", "ann", "Αnn", "ANN"):
            with self.assertRaises(NameTaken) as caught:
                self.people.name(other, nick)
            self.assertEqual(caught.exception.sentence, f"Nickname '{nick}' is already taken.")
        self.assertIsNone(other.nick)

    def test_ones_own_nick_may_be_written_differently(self) -> None:
        ann = self.named("ann")
        self.people.name(ann, "Ann")
        self.assertEqual(ann.nick, "Ann")
        self.assertIs(self.people.find("ann"), ann)

    def test_an_old_nick_is_free_after_a_rename_and_after_leaving(self) -> None:
        ann = self.named("ann")
        self.people.name(ann, "anna")
        bob = self.named("ann")
        self.people.remove(bob)
        self.assertIs(self.named("ann"), self.people.find("ann"))

    def test_finds_by_nick_by_look_and_by_id(self) -> None:
        ann = self.named("Ann")
        self.assertEqual({self.people.find(nick) for nick in ("ann", "Αnn", ann.user)}, {ann})

    def test_who_has_no_name_is_not_found(self) -> None:
        nameless = self.people.add("", 0)
        for nick in (nameless.user, "ann", ""):
            with self.assertRaises(NoSuchPerson):
                self.people.find(nick)

    def test_what_was_looked_for_is_shown_without_what_steers_a_terminal(self) -> None:
        with self.assertRaises(NoSuchPerson) as caught:
            self.people.find("\x1b[2J\n" + "x" * 99)
        sentence = caught.exception.sentence
        self.assertTrue(sentence.isprintable())
        self.assertLess(len(sentence), 100)

    def test_counts_who_is_present(self) -> None:
        self.people.add("", 0)
        ann = self.named("ann")
        self.assertEqual(self.people.present, 1)
        self.people.remove(ann)
        self.assertEqual(self.people.present, 0)
        self.assertIs(ann.state, State.GONE)

    def test_the_same_secret_finds_the_older_session(self) -> None:
        old, new = self.named("ann"), self.people.add("", 0)
        self.assertIsNone(self.people.returns(old, SECRET))
        self.assertIsNone(self.people.returns(old, SECRET))
        self.assertIs(self.people.returns(new, SECRET), old)
        self.assertIsNone(self.people.returns(self.people.add("", 0), "another " + SECRET))

    def test_a_secret_is_kept_as_a_fingerprint(self) -> None:
        session = self.people.add("", 0)
        self.people.returns(session, SECRET)
        self.assertEqual(session.client, fingerprint(SECRET))
        self.assertEqual(len(session.client), 16)
        self.assertNotIn(SECRET.encode()[:4], session.client)

    def test_a_new_session_takes_id_and_nick_of_the_old_one(self) -> None:
        old, new = self.named("ann"), self.people.add("", 0)
        user = old.user
        self.people.returns(old, SECRET)
        self.people.returns(new, SECRET)
        self.people.replace(old, new)
        self.assertEqual((new.user, new.nick), (user, "ann"))
        self.assertEqual(self.people.sessions, (new,))
        self.assertIs(self.people.find(user), new)
        third = self.people.add("", 0)
        self.assertIs(self.people.returns(third, SECRET), new)

    def test_a_nameless_client_comes_back_nameless(self) -> None:
        old, new = self.people.add("", 0), self.people.add("", 0)
        self.people.replace(old, new)
        self.assertIsNone(new.nick)

    def test_the_newest_session_of_a_client_stays_known_when_the_older_one_goes(self) -> None:
        old, new = self.people.add("", 0), self.people.add("", 0)
        self.people.returns(old, SECRET)
        self.people.returns(new, SECRET)
        self.people.remove(old)
        self.assertIs(self.people.returns(self.people.add("", 0), SECRET), new)
        self.people.remove(new)
