"""Hosts of addresses, what counts as one, and which are this machine's."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.addresses import (
    as_seen,
    block_as_seen,
    block_of,
    host_and_port,
    host_of,
    is_address,
    is_loopback,
)


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

    def test_what_counts_as_one_however_it_is_written(self) -> None:
        for written, block in (
            ("10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("[2001:DB8:0::1]", "2001:db8::/64"),
            ("2001:db8::/64", "2001:db8::/64"),
            ("[2001:db8::1]/64", "2001:db8::/64"),
            ("2001:db8::/48", None),
            ("10.0.0.1/64", None),
            ("ann", None),
            ("*", None),
        ):
            self.assertEqual(block_as_seen(written), block, written)

    def test_this_machine(self) -> None:
        for host in ("127.0.0.1", "127.9.9.9", "::1", "local"):
            self.assertTrue(is_loopback(host), host)
        for host in ("10.0.0.1", "2001:db8::1", "fe80::1%lo"):
            self.assertFalse(is_loopback(host), host)

    def test_the_parts_of_a_server(self) -> None:
        for server, parts in (
            ("time.example", ("time.example", None)),
            ("time.example:1123", ("time.example", 1123)),
            ("192.0.2.1:123", ("192.0.2.1", 123)),
            ("2001:db8::1", ("2001:db8::1", None)),
            ("[2001:db8::1]", ("2001:db8::1", None)),
            ("[fe80::1%eth0]:123", ("fe80::1%eth0", 123)),
        ):
            self.assertEqual(host_and_port(server), parts)
        for server in (
            "",
            ":123",
            "a:b",
            "a:0",
            "a:65536",
            "a b",
            "[::1",
            "[]:1",
            "::1:x",
            "a:1:2",
        ):
            self.assertRaises(ValueError, host_and_port, server)

    def test_however_it_is_written(self) -> None:
        for written, seen in (
            ("2001:DB8:0::1", "2001:db8::1"),
            ("[::FFFF:10.0.0.1]", "10.0.0.1"),
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("10.0.0.1", "10.0.0.1"),
        ):
            self.assertTrue(is_address(written))
            self.assertEqual(as_seen(written), seen)
        for nothing in ("10.0.0.1%eth0", "10.0.0", "::1%", "::1%a%b", "[::1]:80", "[fe80::1%x]:80"):
            self.assertFalse(is_address(nothing), nothing)
