"""The clients of the scorecard find what is lost, comes twice or out of order."""

from __future__ import annotations

import json
import select
import socket
from array import array

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard.load import Client, Faults, Load, faults, p99


class FaultsTests(SynchronousTestCase):
    """What one client was told, of a room in which 3, 4, 5 and 7 were said since it came in."""

    def told(self, *seqs: int) -> Faults:
        client = Client("ann", start=2, seqs=array("L", seqs))
        return faults(client, [1, 2, 3, 4, 5, 7])

    def test_all_once_and_in_order(self) -> None:
        self.assertEqual(self.told(3, 4, 5, 7), Faults())

    def test_lost(self) -> None:
        self.assertEqual(self.told(3, 5), Faults(lost=2))

    def test_twice(self) -> None:
        self.assertEqual(self.told(3, 4, 4, 5, 7), Faults(twice=1))

    def test_out_of_order(self) -> None:
        self.assertEqual(self.told(3, 5, 4, 7), Faults(disordered=1))

    def test_together(self) -> None:
        self.assertEqual(Faults(1, 2, 3) + Faults(1, 1, 1), Faults(2, 3, 4))


class ReadTests(SynchronousTestCase):
    """What a client makes of what it is told."""

    def heard(self, *events: dict[str, object], speaks: bool) -> tuple[Client, Load]:
        """All of it, cut in the middle."""
        load, client = Load(0), Client("ann", speaks=speaks, inside=True)
        self.addCleanup(load.close)
        load.clients.append(client)
        client.socket, server = socket.socketpair()
        self.addCleanup(server.close)
        load._by_fd[client.socket.fileno()] = client
        load._epoll.register(client.socket, select.EPOLLIN)
        load.said_at = {"m1": 1.0, "m2": 1.0, "m3": 1.0}
        data = "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in events).encode()
        for part in (data[:100], data[100:]):
            server.sendall(part)
            load.turn(1)
        return client, load

    def message(self, seq: int, text: str) -> dict[str, object]:
        """A message as the server tells it."""
        told = {"room": "lobby", "seq": seq, "id": "1", "nick": "bob", "user": "2", "at": 3}
        return {"type": "message", **told, "text": text}

    def test_messages(self) -> None:
        for speaks, times in ((True, 3), (False, 0)):
            texts = ("m1 and more", "m2", "m3")
            messages = [self.message(seq, text) for seq, text in enumerate(texts)]
            client, load = self.heard(*messages, speaks=speaks)
            self.assertEqual(list(client.seqs), [0, 1, 2])
            self.assertEqual(len(load.latencies), times)

    def test_messages_and_other_events(self) -> None:
        """Who only listens counts none of the times, whatever else comes with a message."""
        left: dict[str, object] = {"type": "left", "nick": "carol", "reason": "asleep"}
        events = (self.message(7, "m1"), left, self.message(8, "m3"), left, self.message(9, "m2"))
        for speaks, times in ((True, 3), (False, 0)):
            client, load = self.heard(*events, speaks=speaks)
            self.assertEqual(list(client.seqs), [7, 8, 9])
            self.assertEqual(len(load.latencies), times)
            self.assertEqual(client.left, {"carol": "asleep"} if speaks else {})


class LateTests(SynchronousTestCase):
    """A client that could not say anything in time is greeted in another wire."""

    def test_comes_again(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            load, client = Load(listening.getsockname()[1]), Client("ann")
            self.addCleanup(load.close)
            load.connect(client)
            for greeting in (b"SRV|Welcome!\n", b""):
                server = listening.accept()[0]
                self.addCleanup(server.close)
                self.assertIn(b'"nick": "ann"', server.recv(1000))
                server.sendall(greeting)
                load.turn(0.05)
            self.assertEqual((client.refusals, len(load.clients)), ([], 1))


class PercentileTests(SynchronousTestCase):
    """The 99th of 100."""

    def test_one_of_a_hundred_is_left_out(self) -> None:
        self.assertEqual(p99([1.0] * 198 + [9.0]), 1.0)
        self.assertEqual(p99([1.0] * 97 + [9.0] * 3), 9.0)
        self.assertEqual(p99([]), 0.0)
