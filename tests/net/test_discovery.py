"""The server's side of discovery, on a network in memory."""

from __future__ import annotations

from collections.abc import Iterable
from errno import ENETUNREACH
from functools import partial
from typing import cast

from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.limits import Limits
from chatservice.net.discovery import IN_A_ROW, INTERVAL, PAUSE, Announcer, DiscoveryService
from chatservice.net.interfaces import LOOPBACK_BROADCAST, broadcast_addresses, reached_by
from chatservice.wire.beacon import LARGEST, LEGACY, Beacon, decode, encode_beacon, encode_query
from tests.datagrams import DatagramClock, DatagramPort

BEACON = Beacon("c0ffee", "the den", 8080, 3)
LAN = "192.0.2.255"
ASKER = ("192.0.2.7", 40000)


class Network(SynchronousTestCase):
    """A server on a network in memory; `warnings` is what it logs."""

    def setUp(self) -> None:
        """Nothing is started yet; the state and targets can be changed by the test."""
        self.warnings: list[str] = []
        self.net = DatagramClock()
        self.targets: Iterable[str] = (LAN, LOOPBACK_BROADCAST)
        self.beacon: Beacon | Exception = BEACON
        observer = cast(ILogObserver, self._log)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def _log(self, event: LogEvent) -> None:
        if event.get("log_namespace") == "chatservice.net.discovery":
            self.warnings.append(event["log_format"].format(**event))

    def state(self) -> Beacon:
        """What the server says of itself now."""
        if isinstance(self.beacon, Exception):
            raise self.beacon
        return self.beacon

    def service(self, limits: Limits | None = None, listening: str = "") -> DiscoveryService:
        """The service, started, of a server that listens on some address."""
        service = DiscoveryService(
            self.net,
            self.state,
            lambda: self.targets,
            limits=limits or Limits(),
            reached_by=partial(reached_by, listening),
        )
        service.startService()
        return service

    def port(self, limits: Limits | None = None, listening: str = "") -> DatagramPort:
        """The socket of a started service; what it announced at the start is taken out."""
        self.service(limits, listening)
        port = self.net.ports[-1]
        port.take()
        return port


class AnnouncingTests(Network):
    """Beacons."""

    def test_at_once_and_every_five_seconds(self) -> None:
        """Both datagrams go to every target, the old one first."""
        self.service()
        [port] = self.net.ports
        both = [
            (datagram, (target, 8081))
            for target in (LAN, LOOPBACK_BROADCAST)
            for datagram in (LEGACY, encode_beacon(BEACON))
        ]
        self.assertEqual(port.take(), both)
        self.net.advance(INTERVAL - 0.1)
        self.assertEqual(port.take(), [])
        self.net.advance(0.1)
        self.assertEqual(port.take(), both)
        self.assertEqual(INTERVAL, 5)

    def test_socket(self) -> None:
        """UDP 8081 is shared with others on this machine, and may broadcast."""
        port = self.port()
        self.assertEqual(port.number, 8081)
        self.assertTrue(port.options["listenMultiple"])
        self.assertTrue(port.broadcast)

    def test_state_and_targets_are_asked_each_time(self) -> None:
        """Interfaces come and go, and so do people."""
        port = self.port()
        self.targets = ["198.51.100.255"]
        self.beacon = Beacon("c0ffee", "the den", 8080, 4)
        self.net.advance(INTERVAL)
        (_, first), (sent, second) = port.take()
        self.assertEqual(first, ("198.51.100.255", 8081))
        self.assertEqual(second, first)
        self.assertEqual(decode(sent), self.beacon)

    def test_a_network_that_is_down(self) -> None:
        """The other targets are served; the reason is logged once, and counted at the end."""
        service = self.service()
        [port] = self.net.ports
        port.take()
        port.refused[LAN] = OSError(ENETUNREACH, "Network is unreachable")
        for _ in range(3):
            self.net.advance(INTERVAL)
        self.assertEqual({addr for _, addr in port.take()}, {(LOOPBACK_BROADCAST, 8081)})
        [warning] = self.warnings
        self.assertIn(LAN, warning)
        self.assertIn("Network is unreachable", warning)
        service.stopService()
        self.assertEqual(self.warnings[1:], ["Discovery, 6 times: Network is unreachable"])

    def test_goes_on_after_any_error(self) -> None:
        """A failing state, failing targets and wrong targets end with their cause."""
        port = self.port()
        self.beacon = RuntimeError("no state")
        self.net.advance(INTERVAL)
        self.beacon = BEACON
        self.targets = None  # type: ignore[assignment]
        self.net.advance(INTERVAL)
        self.assertEqual(port.take(), [])
        self.assertEqual(len(self.warnings), 2)
        self.targets = [LAN]
        self.net.advance(INTERVAL)
        self.assertEqual(len(port.take()), 2)

    def test_port_that_is_not_to_be_had(self) -> None:
        """It is announced from any port then, with one sentence in the log."""
        self.net.taken.add(8081)
        port = self.port()
        self.assertEqual(port.number, 0)
        self.assertEqual(len(self.warnings), 1)
        self.assertIn("8081", self.warnings[0])
        self.net.advance(INTERVAL)
        self.assertEqual(
            {addr for _, addr in port.take()}, {(LAN, 8081), (LOOPBACK_BROADCAST, 8081)}
        )

    def test_no_socket_at_all(self) -> None:
        """The service runs on silently, and stops."""
        self.net.taken.update((0, 8081))
        service = self.service()
        self.net.advance(60)
        self.assertEqual(self.net.ports, [])
        self.assertEqual(len(self.warnings), 2)
        service.stopService()

    def test_stop_and_start(self) -> None:
        """Stopped it is silent with nothing left to do; it can be started again."""
        service = self.service()
        service.stopService()
        self.assertEqual(self.net.getDelayedCalls(), [])
        service.startService()
        self.assertEqual(len(self.net.ports[1].take()), 4)


class AnsweringTests(Network):
    """Queries."""

    def test_answer(self) -> None:
        """Who asks gets the beacon, alone and directly."""
        port = self.port()
        port.protocol.datagramReceived(encode_query(), ASKER)
        self.assertEqual(port.take(), [(encode_beacon(BEACON), ASKER)])

    def test_never_more_bytes_than_the_query(self) -> None:
        """A query that is too small gets nothing; one of the same size does."""
        port = self.port()
        size = len(encode_beacon(BEACON))
        port.protocol.datagramReceived(encode_query(size - 1), ASKER)
        self.assertEqual(port.take(), [])
        port.protocol.datagramReceived(encode_query(size), ASKER)
        self.assertEqual(len(port.take()), 1)

    def test_one_a_second_to_one_address(self) -> None:
        """Whatever the port it asks from; others are answered."""
        port = self.port()
        for source in (("192.0.2.7", 1), ("192.0.2.7", 2), ("192.0.2.8", 1)):
            port.protocol.datagramReceived(encode_query(), source)
        self.assertEqual([addr for _, addr in port.take()], [("192.0.2.7", 1), ("192.0.2.8", 1)])
        self.net.advance(1)
        port.protocol.datagramReceived(encode_query(), ("192.0.2.7", 3))
        self.assertEqual([addr for _, addr in port.take()], [("192.0.2.7", 3)])

    def test_nobody_who_cannot_come_in(self) -> None:
        """A server on one address says nothing where that address is out of reach."""
        here, there = ("127.0.0.1", 1), ("192.0.2.7", 1)
        for listening, answered in (
            ("", [here, there]),
            ("::", [here, there]),
            ("127.0.0.1", [here]),
            ("192.0.2.1", [there]),
            ("::1", []),
        ):
            port = self.port(listening=listening)
            for source in (here, there):
                port.protocol.datagramReceived(encode_query(), source)
            self.assertEqual([addr for _, addr in port.take()], answered, listening)

    def test_limit_is_the_server_s(self) -> None:
        """`udp_answers_per_second` sets it; 0 answers nobody."""
        port = self.port(Limits(udp_answers_per_second=0))
        port.protocol.datagramReceived(encode_query(), ASKER)
        self.assertEqual(port.take(), [])

    def test_only_queries_are_answered(self) -> None:
        """Beacons, its own too, and whatever else comes are dropped."""
        port = self.port()
        for datagram in (LEGACY, encode_beacon(BEACON), b"", b"{" * LARGEST, b"\xff" * 8192):
            port.protocol.datagramReceived(datagram, ASKER)
        self.assertEqual(port.take(), [])
        self.assertEqual(self.warnings, [])

    def test_flood(self) -> None:
        """Forged queries from everywhere get few answers, and the memory for them is bounded."""
        port = self.port()
        for number in range(50_000):
            source = (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 5)
            port.protocol.datagramReceived(encode_query(), source)
        self.assertLessEqual(len(port.take()), 100)

    def test_a_flood_is_not_even_read(self) -> None:
        """Past what is looked at in a second, queries are dropped too; the next second is new."""
        port = self.port()
        for number in range(500):
            port.protocol.datagramReceived(b"junk", (f"10.0.{number >> 8}.{number & 255}", 5))
        port.protocol.datagramReceived(encode_query(), ASKER)
        self.assertEqual(port.take(), [])
        self.net.advance(1)
        port.protocol.datagramReceived(encode_query(), ASKER)
        self.assertEqual(len(port.take()), 1)

    def test_a_flood_is_left_to_the_kernel(self) -> None:
        """After 500 datagrams in a row nothing is read for a tenth of a second."""
        port = self.port()
        for _ in range(IN_A_ROW):
            self.assertTrue(port.reading)
            port.protocol.datagramReceived(b"junk", ASKER)
        self.assertFalse(port.reading)
        self.net.advance(PAUSE)
        self.assertTrue(port.reading)

    def test_answer_that_cannot_be_made_or_sent(self) -> None:
        """Both are logged; nothing is raised."""
        port = self.port()
        port.refused[ASKER[0]] = OSError(22, "Invalid argument")
        port.protocol.datagramReceived(encode_query(), ASKER)
        self.beacon = RuntimeError("no state")
        port.protocol.datagramReceived(encode_query(), ("192.0.2.8", 0))
        self.assertEqual(len(self.warnings), 2)


class InterfacesTests(SynchronousTestCase):
    """The addresses of this machine."""

    def test_loopback_is_always_among_them(self) -> None:
        """Last, and once; every one is an IPv4 address."""
        for listening in ("", "0.0.0.0", "::"):
            found = broadcast_addresses(listening)
            self.assertEqual(found[-1], LOOPBACK_BROADCAST)
            self.assertEqual(len(set(found)), len(found))
            self.assertTrue(all(address.count(".") == 3 for address in found))

    def test_only_where_the_server_listens(self) -> None:
        """A server on one address is announced where that address can be reached."""
        self.assertEqual(broadcast_addresses("127.0.0.1"), (LOOPBACK_BROADCAST,))
        self.assertEqual(broadcast_addresses("::1"), ())
        self.assertEqual(broadcast_addresses("203.0.113.9"), ())

    def test_announcer_uses_them(self) -> None:
        """Without other targets these are the announcer's."""
        net = DatagramClock()
        port = net.listenUDP(8081, Announcer(net, lambda: BEACON))
        self.assertEqual(
            list(dict.fromkeys(target for _, (target, _) in port.take())),
            list(broadcast_addresses()),
        )
