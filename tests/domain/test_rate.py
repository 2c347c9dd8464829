"""The token bucket."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.rate import TokenBucket


class TokenBucketTests(SynchronousTestCase):
    def test_a_full_bucket_gives_its_burst_then_owes(self) -> None:
        bucket = TokenBucket(burst=3, rate=2, now=100)
        self.assertEqual([bucket.take(100) for _ in range(5)], [2, 1, 0, -1, -2])

    def test_refills_at_its_rate_but_never_past_the_burst(self) -> None:
        bucket = TokenBucket(burst=3, rate=2, now=0)
        for _ in range(3):
            bucket.take(0)
        self.assertEqual(bucket.take(1), 1)
        self.assertEqual(bucket.take(1000), 2)

    def test_says_how_long_until_a_token_is_there(self) -> None:
        bucket = TokenBucket(burst=1, rate=2, now=0)
        self.assertEqual(bucket.wait(0), 0)
        bucket.take(0)
        self.assertEqual(bucket.wait(0), 0.5)
        self.assertEqual(bucket.wait(0.2), 0.3)
        self.assertEqual(bucket.wait(9), 0)
        bucket.take(0)
        self.assertEqual(bucket.wait(0), 1)
