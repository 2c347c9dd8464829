"""The discovery datagrams."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.beacon import (
    LARGEST,
    LEGACY,
    LONGEST_NAME,
    Allowance,
    Beacon,
    Legacy,
    Query,
    decode,
    encode_beacon,
    encode_query,
)

SEED = 8081
BEACON = Beacon("c0ffee", "the den", 8080, 3, "sha256:00ff")
FIELDS = {"chatservice": 1, "type": "beacon", "id": "x", "name": "n", "port": 8080, "people": 0}


def datagram(**changes: object) -> bytes:
    """A beacon with some fields changed."""
    return json.dumps({**FIELDS, **changes}).encode()


class EncodeTests(SynchronousTestCase):
    """What is sent."""

    def test_legacy_is_what_older_clients_match(self) -> None:
        """31 bytes, for ever the same."""
        self.assertEqual(LEGACY, b"PYTHON_CHAT_SERVER_DISCOVERY_V1")
        self.assertEqual(len(LEGACY), 31)

    def test_beacon_bytes(self) -> None:
        """The datagram is exactly as documented."""
        self.assertEqual(
            encode_beacon(BEACON),
            b'{"chatservice":1,"type":"beacon","id":"c0ffee","name":"the den","port":8080,'
            b'"people":3,"tls":"sha256:00ff"}',
        )

    def test_round_trip(self) -> None:
        """decode(encode(x)) == x, in at most 512 bytes."""
        for beacon in (
            BEACON,
            Beacon("~" * 64, "", 1, 0),
            Beacon("!", "Küche für 猫 🐈", 65535, 1_000_000, "f" * 128),
            Beacon("a", '"\\' * 32, 8080, 1),
        ):
            self.assertEqual(decode(encode_beacon(beacon)), beacon)
            self.assertLessEqual(len(encode_beacon(beacon)), LARGEST)

    def test_name_is_cut_to_fit(self) -> None:
        """A long name loses its end, whole characters at a time; all else stays."""
        sent = encode_beacon(Beacon("~" * 64, "🐈" * 500, 65535, 1_000_000, "f" * 128))
        read = decode(sent)
        assert isinstance(read, Beacon)
        self.assertLessEqual(len(sent), LARGEST)
        self.assertGreater(len(sent), LARGEST - 4)
        self.assertEqual(set(read.name), {"🐈"})
        self.assertEqual((read.server_id, read.tls), ("~" * 64, "f" * 128))

    def test_query_has_the_size_asked_for(self) -> None:
        """It is padded, and understood at any size that holds it."""
        for size in (64, 300, LARGEST):
            self.assertEqual(len(encode_query(size)), size)
            self.assertEqual(decode(encode_query(size)), Query())
        self.assertEqual(len(encode_query()), LARGEST)


class DecodeTests(SynchronousTestCase):
    """What is heard."""

    def test_legacy_exactly(self) -> None:
        """The old datagram counts only byte for byte."""
        self.assertEqual(decode(LEGACY), Legacy())
        self.assertIsNone(decode(LEGACY + b"\n"))
        self.assertIsNone(decode(LEGACY.lower()))

    def test_later_versions_are_understood(self) -> None:
        """A higher version and unknown fields change nothing for us."""
        self.assertEqual(
            decode(datagram(chatservice=7, web=8443, nested={"a": [1]})),
            Beacon("x", "n", 8080, 0),
        )

    def test_what_is_not_ours(self) -> None:
        """Other datagrams, and ours with a wrong field, are nothing."""
        wrong: list[dict[str, object]] = [
            {"chatservice": None},
            {"chatservice": 0},
            {"chatservice": True},
            {"chatservice": "1"},
            {"type": "hello"},
            {"type": ["beacon"]},
            {"id": ""},
            {"id": "x" * 65},
            {"id": "a b"},
            {"id": "ä"},
            {"id": "x\n"},
            {"id": 5},
            {"name": None},
            {"name": ["n"]},
            {"port": 0},
            {"port": 65536},
            {"port": -1},
            {"port": "8080"},
            {"port": 8080.0},
            {"port": True},
            {"people": -1},
            {"people": 1_000_001},
            {"people": None},
            {"tls": "x" * 129},
            {"tls": ""},
            {"tls": {}},
        ]
        for change in wrong:
            self.assertIsNone(decode(datagram(**change)), change)
        for other in (
            b"",
            b"{",
            b"[]",
            b"{}",
            b"null",
            b"\xff" * 31,
            b'{"chatservice":1}',
            b"{\0}",
        ):
            self.assertIsNone(decode(other), other)

    def test_too_large(self) -> None:
        """More than 512 bytes are not looked at."""
        fits = datagram().ljust(LARGEST)
        self.assertIsInstance(decode(fits), Beacon)
        self.assertIsNone(decode(fits + b" "))

    def test_name_is_made_safe(self) -> None:
        """Controls, line ends and invisible characters are out; a long name is cut."""
        for name in ("a\x1b[31mb", "a\nb", "a\u202eb\u2066", "a\u200bb", "\x00\x9b", "\ud800"):
            read = decode(datagram(name=name))
            assert isinstance(read, Beacon)
            self.assertTrue(all(each.isprintable() for each in read.name), ascii(read.name))
            read.name.encode("utf-8")
        long = decode(datagram(name="n" * 300))
        assert isinstance(long, Beacon)
        self.assertEqual(len(long.name), LONGEST_NAME)

    def test_nesting_and_numbers(self) -> None:
        """Deep nesting, huge numbers and constants neither raise nor pass."""
        for other in (
            b'{"a":' * 100,
            b"{" + b"[" * 511,
            b'{"chatservice":' + b"9" * 480 + b"}",
            b'{"chatservice":NaN}',
            b'{"chatservice":1e999,"type":"query"}',
        ):
            self.assertIsNone(decode(other), other)

    def test_fuzz(self) -> None:
        """Nothing raises, and what is read keeps to its bounds (fixed seed)."""
        chance = random.Random(SEED)
        seeds = (LEGACY, encode_query(60), encode_beacon(BEACON), datagram(name="\u202eé"))
        for _ in range(20_000):
            mutated = bytearray(chance.choice(seeds))
            for _ in range(chance.randrange(1, 6)):
                mutated[chance.randrange(len(mutated))] = chance.choice(
                    b'{}[]":,\\0189eENu\xff\x00'
                )
            read = decode(bytes(mutated))
            if isinstance(read, Beacon):
                self.assertTrue(1 <= read.port <= 65535 and 0 <= read.people <= 1_000_000)
                self.assertTrue(1 <= len(read.server_id) <= 64 and len(read.name) <= LONGEST_NAME)
                self.assertEqual(decode(encode_beacon(read)), read)


class DocumentedTests(SynchronousTestCase):
    """The page from which finders are written."""

    def test_examples(self) -> None:
        """Its datagrams are what we send and understand."""
        page = Path(__file__).parents[2] / "docs" / "discovery.md"
        examples = re.findall("```(?:json)?\n([^\n]+)\n```", page.read_text(encoding="utf-8"))
        legacy, beacon, query = [example.encode() for example in examples]
        self.assertEqual(legacy, LEGACY)
        read = decode(beacon)
        assert isinstance(read, Beacon)
        self.assertEqual(encode_beacon(read), beacon)
        self.assertEqual(query.ljust(LARGEST), encode_query())


class AllowanceTests(SynchronousTestCase):
    """Rates for one address and for all."""

    def test_one_a_second(self) -> None:
        """Never two within a second, for ever one a second."""
        allowance = Allowance(rate=1, total=100)
        times = [0.0, 0.4, 0.999, 1.0, 1.5, 1.99, 2.0]
        self.assertEqual(
            [now for now in times if allowance.take("192.0.2.1", 1e9 + now)], [0.0, 1.0, 2.0]
        )

    def test_a_second_s_worth_at_once(self) -> None:
        """A burst of a second's worth passes, then the rate holds."""
        allowance = Allowance(rate=20, total=100)
        self.assertEqual(sum(allowance.take("192.0.2.1", 1e9) for _ in range(50)), 20)
        self.assertEqual(sum(allowance.take("192.0.2.1", 1e9 + 0.5) for _ in range(50)), 10)

    def test_addresses_are_apart_but_for_the_total(self) -> None:
        """One address does not use up another's rate, only what all have together."""
        allowance = Allowance(rate=1, total=10)
        taken = [allowance.take(f"192.0.2.{number}", 5.0) for number in range(20)]
        self.assertEqual(taken, [True] * 10 + [False] * 10)
        self.assertTrue(allowance.take("192.0.2.19", 6.0))

    def test_slower_than_one_a_second(self) -> None:
        """A rate below 1 spaces them out."""
        allowance = Allowance(rate=0.2, total=10)
        self.assertEqual([n for n in range(12) if allowance.take("192.0.2.1", n)], [0, 5, 10])

    def test_none(self) -> None:
        """A rate of 0 allows nothing."""
        self.assertFalse(Allowance(rate=0, total=10).take("192.0.2.1", 1.0))

    def test_the_table_is_bounded(self) -> None:
        """Addresses past the bound push out the one served longest ago."""
        allowance = Allowance(rate=1, total=1e6, addresses=2)
        for address in ("a", "b", "c"):
            self.assertTrue(allowance.take(address, 1.0))
        self.assertFalse(allowance.take("c", 1.0))
        self.assertFalse(allowance.take("b", 1.0))
        self.assertTrue(allowance.take("a", 1.0))
        self.assertTrue(allowance.take("c", 2.0))
        self.assertTrue(allowance.take("d", 2.0))
        self.assertFalse(allowance.take("c", 2.0))
