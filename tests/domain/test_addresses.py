"""Hosts of addresses, what counts as one, and which are this machine's."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.addresses import block_of, host_of, is_loopback


class AddressTests(SynchronousTestCase):
    def test_the_host_of_what_sessions_have(self) -> None:
        for address, host in (
            ("10.0.0.1:5001", "10.0.0.1"),
            ("[2001:db8::1]:5001", "2001:db8::1"),
            ("local", "local"),
        ):
            self.assertEqual(host_of(address), host)

    def test_an_ipv4_address_or_64_bits_are_one(self) -> None:
        self.assertEqual(block_of("10.0.0.1"), "10.0.0.1")
        self.assertEqual(block_of("2001:db8::1"), block_of("2001:db8:0:0:ffff::2"))
        self.assertNotEqual(block_of("2001:db8::1"), block_of("2001:db8:0:1::1"))
        self.assertEqual(block_of("fe80::1%eth0"), "fe80::/64")
        self.assertEqual(block_of("local"), "local")

    def test_this_machine(self) -> None:
        for host in ("127.0.0.1", "127.9.9.9", "::1", "local"):
            self.assertTrue(is_loopback(host), host)
        for host in ("10.0.0.1", "2001:db8::1", "fe80::1%lo"):
            self.assertFalse(is_loopback(host), host)
