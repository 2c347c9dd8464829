"""The client's side of discovery, on a network in memory."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.beacon import LEGACY, Beacon, Query, decode, encode_beacon
from tests.datagrams import DatagramClock
from urwidclient.discovery import (
    CHANGES,
    FORGET_AFTER,
    IN_A_ROW,
    PAUSE,
    SERVERS,
    SERVERS_OF_ONE,
    Discovery,
    FoundServer,
    everywhere,
)

LAN = "192.0.2.255"
HOST = "192.0.2.1"


def beacon(
    server_id: str = "den", name: str = "the den", port: int = 8080, people: int = 3
) -> bytes:
    """A server's datagram."""
    return encode_beacon(Beacon(server_id, name, port, people))


class Listening(SynchronousTestCase):
    """A discovery that was started; `changes` counts its notices."""

    def setUp(self) -> None:
        """Start it."""
        self.net = DatagramClock()
        self.changes = 0
        self.discovery = Discovery(self.net, query_targets=lambda: (LAN, "127.255.255.255"))
        self.discovery.on_change = self.changed
        self.discovery.start()

    def changed(self) -> None:
        """Count a notice."""
        self.changes += 1

    def hear(self, *datagrams: bytes, host: str = HOST, socket: int = 0) -> None:
        """Datagrams come in from a host."""
        for datagram in datagrams:
            self.net.ports[socket].protocol.datagramReceived(datagram, (host, 40000))

    def found(self, *datagrams: bytes, host: str = HOST) -> tuple[FoundServer, ...]:
        """What is shown once these came in."""
        self.hear(*datagrams, host=host)
        self.net.advance(CHANGES)
        return self.discovery.servers


class SocketTests(Listening):
    """What it listens on and sends."""

    def test_sockets(self) -> None:
        """UDP 8081, shared with others on this machine, and one of its own to ask from."""
        listening, asking = self.net.ports
        self.assertEqual((listening.number, asking.number), (8081, 0))
        self.assertTrue(listening.options["listenMultiple"])
        self.assertTrue(asking.broadcast)

    def test_queries(self) -> None:
        """At once and each second for a few seconds, padded, to every target, then no more."""
        listening, asking = self.net.ports
        for _ in range(4):
            sent = asking.take()
            self.assertEqual([addr for _, addr in sent], [(LAN, 8081), ("127.255.255.255", 8081)])
            self.assertEqual({decode(datagram) for datagram, _ in sent}, {Query()})
            self.assertEqual({len(datagram) for datagram, _ in sent}, {512})
            self.net.advance(1)
        self.net.pump([1] * 10)
        self.assertEqual(asking.take() + listening.take(), [])

    def test_start_again_asks_again(self) -> None:
        """On the same sockets."""
        self.net.pump([1] * 10)
        asking = self.net.ports[1]
        asking.take()
        self.discovery.start()
        self.net.advance(1)
        self.assertEqual(len(asking.take()), 2)
        self.assertEqual(len(self.net.ports), 2)

    def test_answers_and_beacons_are_heard(self) -> None:
        """On both sockets."""
        self.hear(beacon("a", "a"), socket=0)
        self.hear(beacon("b", "b"), socket=1)
        self.net.advance(CHANGES)
        self.assertEqual([server.name for server in self.discovery.servers], ["a", "b"])

    def test_taken_port(self) -> None:
        """It asks all the same."""
        net = DatagramClock()
        net.taken.add(8081)
        discovery = Discovery(net, query_targets=lambda: [LAN])
        discovery.start()
        [asking] = net.ports
        self.assertEqual(len(asking.take()), 1)
        asking.protocol.datagramReceived(beacon(), (HOST, 8081))
        net.advance(CHANGES)
        self.assertEqual(len(discovery.servers), 1)

    def test_network_that_is_down(self) -> None:
        """A target that cannot be reached, and targets that cannot be told, stop nothing."""
        answers: list[Any] = [RuntimeError("no interfaces"), ["no address"], [LAN, HOST], [HOST]]

        def targets() -> Any:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        net = DatagramClock()
        discovery = Discovery(net, query_targets=targets)
        discovery.start()
        asking = net.ports[1]
        asking.refused = {LAN: OSError(101, "unreachable"), "no address": ValueError("no")}
        net.pump([1, 1, 1])
        self.assertEqual([addr for _, addr in asking.take()], [(HOST, 8081), (HOST, 8081)])

    def test_no_sockets(self) -> None:
        """Nothing is found, nothing breaks."""
        net = DatagramClock()
        net.taken.update((0, 8081))
        discovery = Discovery(net)
        discovery.start()
        net.pump([1] * 5)
        discovery.stop()
        self.assertEqual(net.getDelayedCalls(), [])

    def test_stop(self) -> None:
        """Nothing is left to do, nothing is told any more, and it can be started again."""
        self.hear(beacon())
        self.successResultOf(self.discovery.stop())
        self.assertEqual(self.net.getDelayedCalls(), [])
        self.assertEqual(self.changes, 0)
        self.discovery.start()
        self.assertEqual(len(self.net.ports), 4)

    def test_default_targets(self) -> None:
        """This network and this machine."""
        self.assertEqual(everywhere(), ("255.255.255.255", "127.255.255.255"))


class ListTests(Listening):
    """What is shown."""

    def test_a_server(self) -> None:
        """As its beacon says, at the address that it came from."""
        self.assertEqual(self.found(beacon()), (FoundServer("the den", HOST, 8080, 3, "den"),))

    def test_an_older_server(self) -> None:
        """Named after its address, at the customary port."""
        self.assertEqual(self.found(LEGACY), (FoundServer(HOST, HOST, 8080, None, None),))

    def test_older_datagram_of_a_described_server(self) -> None:
        """The host is shown once, in whichever order the two come."""
        for host, datagrams in (("192.0.2.2", (LEGACY, beacon())), (HOST, (beacon("b"), LEGACY))):
            self.found(*datagrams, host=host)
        self.assertEqual([server.server_id for server in self.discovery.servers], ["b", "den"])

    def test_described_server_that_goes_uncovers_the_older_one(self) -> None:
        """What still sends only the old datagram is shown again."""
        self.found(LEGACY, beacon())
        self.net.pump([10])
        self.hear(LEGACY)
        self.net.pump([1] * 12)
        self.assertEqual(self.discovery.servers, (FoundServer(HOST, HOST, 8080, None, None),))

    def test_one_server_by_several_ways(self) -> None:
        """Shown once: where it was heard first, but on this machine by the loopback."""
        self.assertEqual(self.found(beacon(), host="192.0.2.9")[0].host, "192.0.2.9")
        self.assertEqual(self.found(beacon(), host="192.0.2.1")[0].host, "192.0.2.9")
        [shown] = self.found(beacon(), host="127.0.0.1")
        self.assertEqual(shown.host, "127.0.0.1")
        self.assertEqual(self.found(beacon(), host="127.0.0.2")[0].host, "127.0.0.1")

    def test_several_servers_on_one_host(self) -> None:
        """All are shown."""
        shown = self.found(beacon("a", port=1), beacon("b", port=2))
        self.assertEqual([server.port for server in shown], [1, 2])

    def test_order(self) -> None:
        """By name whatever its case, then by address; not by who spoke last."""
        hosts = ["192.0.2.3", "192.0.2.2", "192.0.2.1"]
        for host, name in zip(hosts, ("b", "B", "a"), strict=True):
            self.hear(beacon(host, name), host=host)
        first = self.found(beacon("192.0.2.2", "B"), host="192.0.2.2")
        self.assertEqual([server.host for server in first], ["192.0.2.1", "192.0.2.2", "192.0.2.3"])

    def test_news_of_a_server(self) -> None:
        """A later beacon replaces what was known."""
        self.found(beacon(people=3))
        [shown] = self.found(beacon(people=4))
        self.assertEqual(shown.people, 4)
        self.assertEqual(self.changes, 2)

    def test_nameless(self) -> None:
        """A server without a name is shown by its address."""
        [shown] = self.found(beacon(name=""))
        self.assertEqual(shown.name, HOST)

    def test_expiry(self) -> None:
        """20 s after its last sign a server is gone."""
        self.found(beacon())
        self.net.pump([1] * 18)
        self.hear(beacon())
        self.net.pump([1] * 20)
        self.assertEqual(len(self.discovery.servers), 1)
        self.net.pump([1] * 2)
        self.assertEqual(self.discovery.servers, ())
        self.assertEqual(self.changes, 2)
        self.assertEqual(FORGET_AFTER, 20)


class FloodTests(Listening):
    """What strangers cannot do."""

    def test_nothing_new_tells_nobody(self) -> None:
        """The same beacon again, and what is none, is no change."""
        self.found(beacon())
        for _ in range(5):
            self.found(beacon(), b"", b"junk", b"{" * 512, b"\xff" * 8192)
        self.found(beacon(people=4), beacon(people=3))
        self.assertEqual(self.changes, 1)

    def test_one_address_is_heard_so_often(self) -> None:
        """20 datagrams a second; the rest is dropped unread."""
        [shown] = self.found(*(beacon(people=number) for number in range(100)))
        self.assertEqual(shown.people, 19)

    def test_at_most_five_notices_a_second(self) -> None:
        """However many changes there are."""
        for number in range(1000):
            self.hear(beacon(f"s{number % 16}", people=number), host=f"10.0.0.{number % 50}")
            self.net.advance(0.001)
        self.assertTrue(1 <= self.changes <= 5, self.changes)

    def test_table_is_bounded(self) -> None:
        """New servers are not taken in when it is full; known ones stay and are kept fresh."""
        self.hear(beacon("first"))
        for number in range(50_000):
            self.hear(beacon(f"s{number}"), host=f"10.{number >> 8}.{number & 255}.1")
            if number % 500 == 0:
                self.net.advance(1)
                self.hear(beacon("first", people=number))
        self.net.advance(CHANGES)
        self.assertEqual(len(self.discovery.servers), SERVERS)
        self.assertIn("first", {server.server_id for server in self.discovery.servers})
        self.assertEqual(SERVERS, 64)

    def test_one_address_does_not_fill_it(self) -> None:
        """It gets some places, and not more attention than others."""
        for second in range(10):
            for number in range(1000):
                self.hear(beacon(f"s{second}.{number}"), host="10.0.0.66")
            self.net.advance(1)
        shown = self.found(beacon())
        self.assertEqual(len(shown), SERVERS_OF_ONE + 1)

    def test_a_flood_is_left_to_the_kernel(self) -> None:
        """After 500 datagrams in a row nothing is read for a tenth of a second."""
        [port, _] = self.net.ports
        self.hear(*[b"junk"] * (IN_A_ROW - 1))
        self.assertTrue(port.reading)
        self.hear(b"junk", b"what was read together with it")
        self.assertFalse(port.reading)
        self.net.advance(PAUSE)
        self.assertTrue(port.reading)
        self.hear(*[b"junk"] * IN_A_ROW)
        self.assertFalse(port.reading)
        self.discovery.stop()
        self.net.advance(PAUSE)
        self.assertFalse(port.reading)

    def test_the_payload_names_no_address(self) -> None:
        """What is connected to is where the datagram came from, whatever it says."""
        lying = beacon().replace(b"{", b'{"host":"203.0.113.66","address":"203.0.113.66",')
        [shown] = self.found(lying)
        self.assertEqual(shown.host, HOST)
