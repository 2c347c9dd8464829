"""Who is let in."""

from __future__ import annotations

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import LimitReached
from chatservice.domain.limits import Limits
from chatservice.net.admission import Admission, host_and_address
from tests.net.network import limits


class AdmissionTests(SynchronousTestCase):
    """Counts of addresses."""

    def setUp(self) -> None:
        """Time stands still."""
        self.clock = Clock()

    def admission(self, most: int = 1000, **changed: float) -> Admission:
        """Nobody is in."""
        return Admission(limits(**changed), self.clock, most)

    def enter(self, admission: Admission, *hosts: str) -> int:
        """Let them come; gives how many got in."""
        count = 0
        for host in hosts:
            try:
                admission.enter(host)
            except LimitReached:
                continue
            count += 1
        return count

    def test_64_from_one_ipv4_address(self) -> None:
        admission = self.admission(address_new_connections=0)
        self.assertEqual(self.enter(admission, *["192.0.2.1"] * 70), 64)
        self.assertEqual(self.enter(admission, "192.0.2.2"), 1)
        admission.leave("192.0.2.1")
        self.assertEqual(self.enter(admission, *["192.0.2.1"] * 2), 1)

    def test_64_from_one_ipv6_64(self) -> None:
        """A home has 2 to the power of 64 addresses; together they are one."""
        admission = self.admission(address_new_connections=0)
        hosts = [f"2001:db8:0:1::{n:x}" for n in range(70)]
        self.assertEqual(self.enter(admission, *hosts), 64)
        self.assertEqual(self.enter(admission, "2001:db8:0:1:ffff::1", "2001:db8:0:2::1"), 1)
        admission.leave(hosts[0])
        self.assertEqual(self.enter(admission, hosts[-1]), 1)

    def test_link_local(self) -> None:
        """Neighbours have a scope behind their address."""
        admission = self.admission(address_connections=1)
        self.assertEqual(self.enter(admission, "fe80::1%eth0", "fe80::2%eth0"), 1)

    def test_30_new_ones_in_10_s(self) -> None:
        admission = self.admission()
        self.assertEqual(self.enter(admission, *["192.0.2.1"] * 40), 30)
        for _ in range(30):
            admission.leave("192.0.2.1")
        self.assertEqual(self.enter(admission, "192.0.2.1"), 0)
        self.clock.advance(9.9)
        self.assertEqual(self.enter(admission, "192.0.2.1"), 0)
        self.clock.advance(0.1)
        self.assertEqual(self.enter(admission, *["192.0.2.1"] * 40), 30)

    def test_refused_ones_do_not_count(self) -> None:
        """Who knocks all the time gets in as soon as there is room again."""
        admission = self.admission()
        self.enter(admission, *["192.0.2.1"] * 30)
        for _ in range(100):
            self.enter(admission, "192.0.2.1")
            self.clock.advance(0.11)
        self.assertEqual(self.enter(admission, "192.0.2.1"), 1)

    def test_in_all(self) -> None:
        admission = self.admission(most=3)
        self.assertEqual(self.enter(admission, "127.0.0.1", "192.0.2.1", "::1", "192.0.2.2"), 3)
        admission.leave("::1")
        self.assertEqual(self.enter(admission, "192.0.2.2"), 1)

    def test_0_means_no_limit(self) -> None:
        admission = self.admission(address_connections=0, address_new_connections=0)
        self.assertEqual(self.enter(admission, *["192.0.2.1"] * 500), 500)

    def test_loopback_is_exempt(self) -> None:
        admission = self.admission()
        for host in ("127.0.0.1", "127.1.2.3", "::1", "local"):
            self.assertFalse(admission.throttled(host), host)
            self.assertEqual(self.enter(admission, *[host] * 200), 200)
            admission.leave(host)

    def test_loopback_is_not_exempt_when_asked_for(self) -> None:
        admission = self.admission(throttle_loopback=1)
        self.assertTrue(admission.throttled("127.0.0.1"))
        self.assertEqual(self.enter(admission, *["127.0.0.1"] * 40), 30)

    def test_others_are_not_exempt(self) -> None:
        admission = self.admission()
        for host in ("192.0.2.1", "10.0.0.1", "fe80::1%lo", "2001:db8::1"):
            self.assertTrue(admission.throttled(host), host)

    def test_addresses_that_are_gone_are_forgotten(self) -> None:
        """Or a scan from ever new addresses would fill the memory."""
        admission = self.admission()
        for n in range(20_000):
            host = f"2001:db8:{n:x}::1"
            admission.enter(host)
            admission.leave(host)
            self.clock.advance(0.1)
        self.assertLess(len(admission._visits), 2000)

    def test_a_flood_from_ever_new_addresses_costs_each_of_them_little(self) -> None:
        """10,000 whom it may not forget are gone through a few times, no more.

        Once all of them were gone through for each.
        """
        forget, looked_at = Admission._forget, []

        def count(self: Admission, now: float) -> None:
            looked_at.append(len(self._visits))
            forget(self, now)

        self.patch(Admission, "_forget", count)
        admission = self.admission()
        for n in range(10_000):
            host = f"2001:db8:{n:x}::1"
            admission.enter(host)
            admission.leave(host)
            self.clock.advance(0.0005)
        self.assertGreater(len(looked_at), 1)
        self.assertLess(sum(looked_at), 3 * 10_000)
        self.assertEqual(len(admission._visits), 10_000)

    def test_sentences(self) -> None:
        admission = self.admission(address_connections=2, address_new_connections=3)
        self.enter(admission, "192.0.2.1", "192.0.2.1")
        error = self.assertRaises(LimitReached, admission.enter, "192.0.2.1")
        self.assertEqual(
            error.sentence, "Your address has 2 connections already; close one of them."
        )
        admission.leave("192.0.2.1")
        self.enter(admission, "192.0.2.1")
        admission.leave("192.0.2.1")
        error = self.assertRaises(LimitReached, admission.enter, "192.0.2.1")
        self.assertEqual(error.sentence, "More than 3 connections in 10 seconds; wait a little.")


class AddressTests(SynchronousTestCase):
    """Where somebody comes from, for counting and for showing."""

    def test_forms(self) -> None:
        for peer, expected in (
            (IPv4Address("TCP", "192.0.2.1", 5), ("192.0.2.1", "192.0.2.1:5")),
            (IPv6Address("TCP", "::ffff:192.0.2.1", 5), ("192.0.2.1", "192.0.2.1:5")),
            (IPv6Address("TCP", "2001:db8::1", 5), ("2001:db8::1", "[2001:db8::1]:5")),
            (UNIXAddress(None), ("local", "local")),
            (None, ("local", "local")),
        ):
            self.assertEqual(host_and_address(peer), expected)

    def test_defaults(self) -> None:
        """The numbers that the page of limits promises."""
        self.assertEqual((Limits().address_connections, Limits().address_new_connections), (64, 30))
