"""How often something may be tried."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import LimitReached
from chatservice.domain.tries import MOST_KEYS, Guesses, Tries


class TriesTests(SynchronousTestCase):
    """Five at once, then one a minute."""

    def setUp(self) -> None:
        self.tries = Tries(5, 60)

    def use_up(self, key: str = "k", now: int = 0) -> None:
        for _ in range(5):
            self.assertEqual(self.tries.take(key, now), 0)

    def test_five_at_once_then_one_after_each_minute(self) -> None:
        self.use_up()
        self.assertEqual(self.tries.take("k", 0), 60)
        self.assertEqual(self.tries.take("k", 59_000), 1)
        self.assertEqual(self.tries.take("k", 60_000), 0)
        self.assertEqual(self.tries.take("k", 60_000), 60)

    def test_a_refused_one_does_not_count(self) -> None:
        self.use_up()
        for _ in range(9):
            self.tries.take("k", 1000)
        self.assertEqual(self.tries.take("k", 60_000), 0)

    def test_each_key_by_itself(self) -> None:
        self.use_up()
        self.use_up("another")

    def test_all_come_back_with_time_but_no_more_than_all(self) -> None:
        self.use_up()
        self.use_up(now=10**9)
        self.assertGreater(self.tries.take("k", 10**9), 0)

    def test_one_that_was_given_back_may_be_had_again(self) -> None:
        self.use_up()
        self.tries.give_back("k")
        self.assertEqual(self.tries.take("k", 0), 0)
        self.assertEqual(self.tries.take("k", 0), 60)
        self.tries.give_back("never tried")

    def test_giving_back_never_makes_more_than_all(self) -> None:
        self.tries.take("k", 0)
        for _ in range(3):
            self.tries.give_back("k")
        self.use_up()
        self.assertEqual(self.tries.take("k", 0), 60)

    def test_a_clock_that_is_set_back_locks_nobody_out_for_long(self) -> None:
        self.use_up(now=10**9)
        self.assertEqual(self.tries.take("k", 0), 60)

    def test_the_table_is_bounded_and_the_key_of_longest_ago_goes_first(self) -> None:
        self.use_up("old")
        for number in range(MOST_KEYS - 1):
            self.tries.take(number, 0)
        self.assertGreater(self.tries.take("old", 0), 0)
        for number in range(MOST_KEYS - 1, 2 * MOST_KEYS):
            self.tries.take(number, 0)
        self.assertEqual(self.tries.take("old", 0), 0)


class GuessesTests(SynchronousTestCase):
    """Two wrong ones, then one a minute."""

    def setUp(self) -> None:
        self.guesses = Guesses(2, 60)

    def test_any_number_of_right_ones(self) -> None:
        """A classroom behind one address, all at once."""
        for _ in range(5):
            for _ in range(Guesses.AT_ONCE):
                self.guesses.begin("k", 0)
            for _ in range(Guesses.AT_ONCE):
                self.guesses.end("k", 0, right=True)

    def test_wrong_ones_at_the_same_time(self) -> None:
        """Only the first two are looked at, whatever comes after them."""
        for _ in range(5):
            self.guesses.begin("k", 0)
        self.guesses.end("k", 0, right=False)
        self.guesses.end("k", 0, right=False)
        for right in (False, True, True):
            self.assertRaises(LimitReached, self.guesses.end, "k", 0, right=right)
        self.assertRaises(LimitReached, self.guesses.begin, "k", 59_000)
        self.guesses.begin("k", 60_000)
        self.guesses.end("k", 60_000, right=False)
        self.assertRaises(LimitReached, self.guesses.begin, "k", 60_000)
        self.guesses.begin("another", 0)

    def test_too_many_at_the_same_time(self) -> None:
        """Those whose answer is never heard count for a second."""
        for _ in range(Guesses.AT_ONCE):
            self.guesses.begin("k", 0)
        self.assertRaises(LimitReached, self.guesses.begin, "k", 0)
        self.guesses.begin("k", 1000)
