"""One connection: how fast it may go, what waits for it, and how it ends."""

from __future__ import annotations

import gc
import json

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.limits import Limits
from chatservice.net.peer import Peer
from chatservice.storage.interface import StoreError
from tests.net.network import STRANGER, Net, Remote

ALICE = b"MSG|alice: "
LOCAL = "127.0.0.1"


class PeerTests(SynchronousTestCase):
    """Common ground: whatever happens, a closed connection leaves nothing behind."""

    def net(self, limits: Limits | None = None, *, hold: bool = False) -> Net:
        """A network that is closed at the end of the test."""
        net = Net(limits, hold=hold)
        self.addCleanup(self.check_ends, net)
        return net

    def check_ends(self, net: Net) -> None:
        """When everybody is gone, no timer and no connection is left."""
        net.worker.hold = False
        net.worker.release()
        for outlet in net.fanout.outlets:
            outlet.finish()
        net.loop.wait(net.limits.shutdown_seconds + 0.1)
        self.assertEqual(len(net.fanout), 0)
        self.assertEqual(net.chat.hub.sessions, ())
        self.assertEqual(net.loop.getDelayedCalls(), [])
        self.assertEqual((net.loop.readers, net.loop.writers), ({}, {}))
        self.assertEqual(self.flushLoggedErrors(), [])

    def numbers(self, remote: Remote) -> list[int]:
        """The messages that were received: each is its number, with padding perhaps."""
        lines = remote.heard().splitlines()
        return [int(line[len(ALICE) :].rstrip(b".")) for line in lines if line.startswith(ALICE)]


class GoneTests(SynchronousTestCase):
    """Who is gone takes no memory, and the collector has nothing to do with it."""

    def test_nothing_is_left_to_the_collector(self) -> None:
        said = {
            "json": b'{"type":"hello","nick":"ann"}\n',
            "irc": b"NICK ann\r\nUSER ann 0 * :Ann\r\nJOIN #lobby\r\n",
            "pipe": b"CMD_USER|ann\nHello!\n",
            "prompt": b"ann\nHello!\n",
            "framed": b"\0\0\0\3ann",
            "pychat": b"/nick ann\n",
        }
        for wire, data in said.items():
            with self.subTest(wire=wire):
                gc.collect()
                before = _peers()
                net = Net()
                self.addCleanup(gc.enable)
                gc.disable()
                net.connect(wire=wire).send(data)
                self.assertEqual(_peers(), before + 1)
                net.fanout.outlets[0].finish()
                net.loop.wait(net.limits.shutdown_seconds + 0.1)
                net.sockets.clear()
                self.assertEqual(_peers(), before)


def _peers() -> int:
    return sum(type(each) is Peer for each in gc.get_objects())


class RateTests(PeerTests):
    """Ten at once, then five a second; a paste is not lost; a flood is cut."""

    def lines(self, count: int, start: int = 0, padding: int = 0) -> bytes:
        """Lines that say their number."""
        return b"".join(b"%d%s\n" % (start + n, b"." * padding) for n in range(count))

    def test_ten_at_once_then_five_a_second(self) -> None:
        """The nick took one of the ten."""
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        for n in range(15):
            alice.send(self.lines(1, n))
        self.assertEqual(self.numbers(bob), list(range(9)))
        self.assertTrue(alice.held)
        net.loop.wait(0.1)
        self.assertEqual(self.numbers(bob), [])
        net.loop.wait(0.11)
        self.assertEqual(len(self.numbers(bob)), 6)  # arrived as one chunk, taken as one

    def test_single_messages_past_the_burst_wait_for_their_turn(self) -> None:
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        alice.send(self.lines(9))
        self.assertEqual(self.numbers(bob), list(range(9)))
        alice.send(self.lines(1, 9))
        self.assertEqual(self.numbers(bob), [])
        net.loop.wait(0.19)
        self.assertEqual(self.numbers(bob), [])
        net.loop.wait(0.02)
        self.assertEqual(self.numbers(bob), [9])

    def test_a_paste_of_twenty_lines_is_one_burst(self) -> None:
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        net.loop.wait(1)
        alice.send(self.lines(20))
        self.assertEqual(self.numbers(bob), list(range(20)))
        self.assertTrue(alice.held)
        net.loop.wait(2.1)
        self.assertTrue(alice.held)
        net.loop.wait(0.2)
        self.assertFalse(alice.held)

    def test_a_larger_paste_is_delayed_and_not_lost(self) -> None:
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        alice.send(self.lines(100))
        told = self.numbers(bob)
        self.assertLess(len(told), 25)
        net.loop.wait(19)
        told += self.numbers(bob)
        self.assertEqual(told, list(range(100)))

    def test_what_follows_a_paste_comes_line_by_line(self) -> None:
        """Many who flood then take no time from the others that would be noticed."""
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        alice.send(self.lines(100))
        self.numbers(bob)
        net.loop.wait(2.1)
        for _ in range(20):
            net.loop.wait(0.2)
            self.assertEqual(len(self.numbers(bob)), 1)

    def test_five_a_second_for_ever(self) -> None:
        """Whoever keeps to the rate is neither delayed nor cut, whatever the burst before."""
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        alice.send(self.lines(18))
        net.loop.wait(1.9)
        self.numbers(bob)
        for n in range(5 * 150):
            net.loop.wait(0.2)
            alice.send(self.lines(1, n))
        net.loop.wait(0.5)
        self.assertEqual(self.numbers(bob), list(range(750)))
        self.assertFalse(alice.socket.closed)

    def check_flood(self, padding: int) -> None:
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        alice.heard()
        alice.send(self.lines(1000, padding=padding))
        net.loop.wait(110)
        self.assertFalse(alice.socket.closed)
        net.loop.wait(20)
        self.assertTrue(alice.socket.closed)
        sentence = b"SRV|More than 5 messages a second for too long. Goodbye.\n"
        self.assertTrue(alice.heard().endswith(sentence))
        self.assertIn(b"SRV|alice has left the chat.\n", bob.heard())

    def test_a_flood_is_cut(self) -> None:
        self.check_flood(padding=0)

    def test_a_flood_of_long_lines_is_cut(self) -> None:
        """What waits does not fit into one read, so the peer is read from in between."""
        self.check_flood(padding=3000)

    def test_pastes_with_breaks_are_no_flood(self) -> None:
        net = self.net()
        alice, bob = net.pipe("alice"), net.pipe("bob")
        for n in range(40):
            alice.send(self.lines(18, 18 * n))
            net.loop.wait(5)
        self.assertEqual(self.numbers(bob), list(range(720)))

    def test_this_machine_is_not_throttled(self) -> None:
        net = self.net()
        alice, bob = net.pipe("alice", LOCAL), net.pipe("bob", LOCAL)
        alice.send(self.lines(1000))
        self.assertEqual(self.numbers(bob), list(range(1000)))

    def test_this_machine_is_throttled_when_asked_for(self) -> None:
        net = self.net(Limits(throttle_loopback=1))
        alice, bob = net.pipe("alice", LOCAL), net.pipe("bob", LOCAL)
        alice.send(self.lines(1000))
        self.assertLess(len(self.numbers(bob)), 25)
        self.assertTrue(alice.held)


class SlowReaderTests(PeerTests):
    """A reader that does not read is paused, bounded and dropped, and nobody else waits for it."""

    def room(self) -> tuple[Net, Remote, Remote, Remote]:
        """Somebody who talks, somebody who reads, and somebody who does not."""
        net = self.net()
        alice, bob, slow = net.pipe("alice", LOCAL), net.pipe("bob", LOCAL), net.pipe("slow")
        for each in (alice, bob):
            each.heard()
        slow.socket.space = 0
        return net, alice, bob, slow

    def burdened(self, *, asked_for: bool) -> tuple[Remote, Remote]:
        """Somebody who talks, and somebody for whom more waits at once than may."""
        net = self.net(Limits(slow_pause_bytes=1000, slow_drop_bytes=3000))
        alice, slow = net.pipe("alice", LOCAL), net.pipe("slow")
        slow.socket.space = 0
        net.fanout.outlets[-1].send(b"." * 5000, asked_for=asked_for)
        return alice, slow

    def talk(self, alice: Remote, bob: Remote, size: int) -> None:
        """Alice says about `size` bytes, which reach Bob at once."""
        for n in range(size // 1000):
            alice.send(b"%d%s\n" % (n, b"." * (1000 - len(ALICE) - len(b"%d\n" % n))))
        self.assertEqual(self.numbers(bob), list(range(size // 1000)))

    def test_input_is_paused_at_64_kib(self) -> None:
        _, alice, bob, slow = self.room()
        self.talk(alice, bob, 65_000)
        self.assertFalse(slow.held)
        self.talk(alice, bob, 2000)
        self.assertTrue(slow.held)

    def test_input_goes_on_once_all_is_read(self) -> None:
        _, alice, bob, slow = self.room()
        self.talk(alice, bob, 70_000)
        slow.send(b"still here\n")
        self.assertEqual(bob.heard(), b"")
        slow.read(1_000_000)
        self.assertEqual(slow.pending, 0)
        self.assertEqual(bob.heard(), b"MSG|slow: still here\n")

    def test_everything_comes_in_order(self) -> None:
        _, alice, bob, slow = self.room()
        self.talk(alice, bob, 200_000)
        slow.heard()
        while slow.pending:
            slow.read(777)
        self.assertEqual(self.numbers(slow), list(range(200)))

    def test_nothing_overtakes_what_waits(self) -> None:
        """Not even when there is space again, and nobody has polled the socket yet."""
        net, alice, bob, slow = self.room()
        self.talk(alice, bob, 3000)
        net.worker.hold = True
        for number in range(3, 6):
            alice.send(b"%d\n" % number)
            slow.socket.space = 1500
            net.worker.release()
            net.loop.advance(0)
        slow.read(10_000)
        self.assertEqual(self.numbers(slow), list(range(6)))

    def test_dropped_at_256_kib(self) -> None:
        net, alice, bob, slow = self.room()
        self.talk(alice, bob, 262_000)
        self.assertFalse(slow.socket.closed)
        self.talk(alice, bob, 1000)
        self.assertTrue(slow.socket.closed)
        self.assertTrue(slow.socket.reset)  # an orderly close would wait for it for ever
        net.loop.wait(0)
        self.assertIn(b"SRV|slow has left the chat.\n", alice.heard())

    def test_dropped_after_30_s_without_progress(self) -> None:
        net, alice, bob, slow = self.room()
        self.talk(alice, bob, 70_000)
        net.loop.wait(29.9)
        self.assertFalse(slow.socket.closed)
        net.loop.wait(0.2)
        self.assertTrue(slow.socket.reset)
        self.assertIn(b"SRV|slow has left the chat.\n", bob.heard())

    def test_the_others_are_told_why(self) -> None:
        net, alice, bob, _ = self.room()
        carol = net.json("carol", LOCAL)
        self.talk(alice, bob, 263_000)
        net.loop.wait(0)
        left = [json.loads(line) for line in carol.heard().splitlines() if b'"left"' in line]
        why = "Too slow to read what it is told."
        self.assertEqual([(each["nick"], each["reason"]) for each in left], [("slow", why)])

    def test_kept_while_it_makes_progress(self) -> None:
        net, alice, bob, slow = self.room()
        self.talk(alice, bob, 70_000)
        for _ in range(10):
            net.loop.wait(20)
            slow.read(100)
        self.assertFalse(slow.socket.closed)

    def test_an_answer_that_was_asked_for_is_not_held_against_it(self) -> None:
        """A page comes whole beside what is said, which is bounded all the same."""
        net = self.net()
        alice, bob = net.pipe("alice", LOCAL), net.json("bob", LOCAL)
        slow = net.json("slow")
        for n in range(130):
            alice.send(b"%d%s\n" % (n, b"." * 990))
        slow.heard()
        slow.socket.space = 0
        for n in range(3):
            slow.send(b'{"type":"history","limit":500,"id":"%d"}\n' % n)
        page = slow.pending
        self.assertGreater(page, 130_000)
        self.assertLess(page, 262_144)  # the second question waits until the first answer is read
        for n in range(250):
            alice.send(b"%d%s\n" % (n, b"." * 900))
        self.assertFalse(slow.socket.closed)
        self.assertGreater(slow.pending, 262_144)
        for n in range(100):
            alice.send(b"%d%s\n" % (n, b"." * 900))
        self.assertTrue(slow.socket.reset)
        self.assertIn(b'"left"', bob.heard())

    def test_what_one_write_left_is_not_held_against_it(self) -> None:
        """A list of all people may be longer than what may wait; what is said then comes, too."""
        alice, slow = self.burdened(asked_for=False)
        self.assertTrue(slow.held)
        for text in (b"1" * 1000, b"2" * 900):
            alice.send(text + b"\n")
        self.assertFalse(slow.socket.closed)
        alice.send(b"3" * 100 + b"\n")
        self.assertTrue(slow.socket.reset)

    def test_an_answer_is_left_out_of_account_once(self) -> None:
        """It is what one write left, too: no more may wait beside it for that."""
        alice, slow = self.burdened(asked_for=True)
        for text in (b"1" * 1000, b"2" * 1000, b"3" * 900):
            alice.send(text + b"\n")
        self.assertFalse(slow.socket.closed)
        alice.send(b"4" * 100 + b"\n")
        self.assertTrue(slow.socket.reset)

    def test_a_second_answer_waits_until_the_first_is_read(self) -> None:
        net = self.net()
        alice, slow = net.pipe("alice", LOCAL), net.json("slow")
        for n in range(100):
            alice.send(b"%d%s\n" % (n, b"." * 990))
        slow.heard()
        slow.socket.space = 0
        slow.send(b'{"type":"history","limit":500,"id":"1"}\n{"type":"history","id":"2"}\n')
        slow.read(1_000_000)
        pages = [json.loads(line) for line in slow.heard().splitlines()]
        self.assertEqual([page["type"] for page in pages], ["history", "history"])
        self.assertEqual([page["re"] for page in pages], ["1", "2"])

    def test_gone_while_an_answer_waits(self) -> None:
        net = self.net()
        alice, slow = net.pipe("alice", LOCAL), net.json("slow")
        for n in range(100):
            alice.send(b"%d%s\n" % (n, b"." * 990))
        slow.socket.space = 0
        slow.send(b'{"type":"history","limit":500}\n{"type":"history"}\n')
        net.loop.wait(31)
        self.assertTrue(slow.socket.closed)


class TimeTests(PeerTests):
    """How long a connection may say nothing."""

    def test_json_has_20_s_to_introduce_itself(self) -> None:
        net = self.net()
        silent = net.connect()
        silent.send(b'{"type": ')
        net.loop.wait(19.9)
        self.assertEqual(silent.heard(), b"")
        net.loop.wait(0.2)
        closing = json.loads(silent.heard())
        self.assertEqual((closing["type"], closing["code"]), ("closing", "bad-input"))
        self.assertIn("20 seconds", closing["text"])
        self.assertTrue(silent.socket.closed)
        self.assertFalse(silent.socket.reset)

    def test_what_is_not_usable_does_not_count(self) -> None:
        net = self.net()
        silent = net.connect()
        for _ in range(5):
            silent.send(b'{"type":"say"}\n')
            net.loop.wait(4)
        net.loop.wait(0.1)
        self.assertTrue(silent.socket.closed)

    def test_who_said_hello_stays(self) -> None:
        net = self.net()
        client = net.connect()
        client.send(b'{"type":"hello"}\n')
        net.loop.wait(100)
        self.assertFalse(client.socket.closed)

    def test_a_silent_listener_is_seen_after_30_s(self) -> None:
        net = self.net()
        bob, listener = net.pipe("bob"), net.connect(wire="pipe")
        net.loop.wait(1)
        self.assertEqual(bob.heard(), b"ULIST|bob(192.0.2.1:40001)\n")
        net.loop.wait(28.9)
        self.assertEqual(bob.heard(), b"")
        net.loop.wait(0.2)
        name = f"User_{STRANGER}:40002".encode()
        joined = b"SRV|%s has joined the chat.\n" % name
        people = b"ULIST|bob(192.0.2.1:40001),%s(192.0.2.1:40002)\n" % name
        self.assertEqual(bob.heard(), joined + people)
        self.assertTrue(listener.heard().endswith(joined + people))

    def test_who_has_a_name_keeps_it(self) -> None:
        net = self.net()
        bob = net.pipe("bob")
        net.loop.wait(60)
        self.assertEqual(bob.heard(), b"")

    def test_who_takes_its_last_lines_too_slowly_is_cut(self) -> None:
        net = self.net()
        slow = net.pipe("slow")
        slow.socket.space = 0
        slow.send(b"/quit\n")
        net.loop.wait(net.limits.shutdown_seconds - 0.1)
        self.assertFalse(slow.socket.closed)
        net.loop.wait(0.2)
        self.assertTrue(slow.socket.reset)
        self.assertEqual(len(net.fanout), 0)

    def test_gone_at_once(self) -> None:
        net = self.net()
        for wire in (None, "pipe", "json"):
            net.connect(wire=wire).end()


class EndTests(PeerTests):
    """Ends: too much, a half close, a quit, a loss."""

    def test_a_stranger_can_say_1_kib_at_once(self) -> None:
        net = self.net()
        fits, long = net.connect(wire="pipe"), net.connect(wire="pipe")
        fits.heard()
        fits.send(b"x" * 1024 + b"\n")
        self.assertIn(b"has joined the chat", fits.heard())
        long.heard()
        long.send(b"x" * 1025 + b"\n")
        self.assertIn(b"SRV|A line can have 1024 bytes at most. Goodbye.\n", long.heard())
        self.assertTrue(long.socket.closed)

    def test_a_person_can_say_8_kib_at_once(self) -> None:
        net = self.net()
        fits, long = net.json("fits"), net.json("long")
        start = b'{"type":"ping","id":"1","more":"'
        fits.send(start + b"x" * (8192 - len(start) - 2) + b'"}\n')
        self.assertIn(b'"pong"', fits.heard())
        long.send(start + b"x" * (8192 - len(start) - 1) + b'"}\n')
        closing = json.loads(long.heard())
        self.assertEqual((closing["type"], closing["code"]), ("closing", "too-long"))
        self.assertTrue(long.socket.closed)
        self.assertIn(b'"left"', fits.heard())

    def test_a_line_without_end_is_not_kept(self) -> None:
        net = self.net()
        long = net.json("long")
        long.send(b"{" + b" " * 9000)
        self.assertIn(b'"too-long"', long.heard())
        self.assertTrue(long.socket.closed)

    def test_one_error_and_nothing_after_it(self) -> None:
        net = self.net()
        bob, long = net.pipe("bob"), net.json("long")
        bob.heard()
        long.send(b"x" * 9000 + b"\n" + b'{"type":"say","text":"no"}\n{"type":"ping"}\n' * 5)
        [line] = long.heard().splitlines()
        self.assertEqual(json.loads(line)["code"], "too-long")
        self.assertNotIn(b"MSG|", bob.heard())

    def test_bad_input_is_answered_and_the_connection_kept(self) -> None:
        net = self.net()
        client = net.json("client")
        client.send(b'{"type":"say","id":"x","text":5}\n{"type":"ping"}\n')
        failed, pong = map(json.loads, client.heard().splitlines())
        self.assertEqual((failed["code"], failed["re"]), ("bad-input", "x"))
        self.assertEqual(pong["type"], "pong")

    def test_half_close(self) -> None:
        """What was said last counts, line end or not, and is answered before the close."""
        net = self.net()
        bob, client = net.pipe("bob"), net.json("client")
        bob.heard()
        client.socket.incoming += b'{"type":"say","text":"one"}\n{"type":"say","text":"two"}'
        client.end()
        kinds = [json.loads(line)["type"] for line in client.heard().splitlines()]
        self.assertEqual(kinds, ["ack", "ack", "closing"])
        self.assertTrue(client.socket.closed)
        self.assertFalse(client.socket.reset)
        self.assertEqual(bob.heard().splitlines()[:2], [b"MSG|client: one", b"MSG|client: two"])

    def test_half_close_before_the_store_has_spoken(self) -> None:
        net = self.net(hold=True)
        client = net.connect()
        client.socket.incoming += b"hello"
        client.end()
        client.heard()
        self.assertFalse(client.socket.closed)
        while net.worker.release():
            net.loop.settle()
        self.assertIn(b"SRV|Goodbye.\n", client.heard())
        self.assertTrue(client.socket.closed)
        [message] = net.chat.hub._rooms.lobby.recent
        self.assertEqual(message.text, "hello")

    def test_nothing_is_heard_after_a_quit(self) -> None:
        net = self.net()
        bob, client = net.pipe("bob"), net.pipe("client")
        bob.heard()
        client.send(b"/quit\nstill here\n/who\n")
        self.assertEqual(client.heard(), b"SRV|Goodbye.\n")
        self.assertNotIn(b"MSG|", bob.heard())
        self.assertTrue(client.socket.closed)

    def test_lost(self) -> None:
        net = self.net()
        bob, client = net.pipe("bob"), net.pipe("client")
        bob.heard()
        client.transport.abortConnection()
        self.assertIn(b"SRV|client has left the chat.\n", bob.heard())
        self.assertEqual(len(net.fanout), 1)

    def test_a_store_that_fails(self) -> None:
        """The author is told, nobody else, and the connection stays."""
        net = self.net()
        alice, bob = net.json("alice"), net.json("bob")
        alice.heard()
        append = net.store.append

        def full(_records: object) -> None:
            raise StoreError("the disk is full.")

        net.store.append = full  # type: ignore[method-assign,assignment]
        alice.send(b'{"type":"say","text":"one","id":"1"}\n')
        failed = json.loads(alice.heard())
        self.assertEqual((failed["code"], failed["re"]), ("not-stored", "1"))
        self.assertIn("the disk is full", failed["text"])
        self.assertEqual(bob.heard(), b"")
        net.store.append = append  # type: ignore[method-assign]
        alice.send(b'{"type":"say","text":"one","id":"1"}\n')
        self.assertEqual(json.loads(alice.heard())["type"], "ack")
        self.assertEqual(json.loads(bob.heard())["text"], "one")

    def test_shutdown(self) -> None:
        net = self.net(hold=True)
        alice, bob = net.connect(), net.connect()
        alice.send(b'{"type":"hello","nick":"alice"}\n{"type":"join","room":"lobby"}\n')
        bob.send(b'{"type":"hello","nick":"bob"}\n{"type":"join","room":"lobby"}\n')
        alice.heard()
        bob.heard()
        alice.send(b'{"type":"say","text":"last words","id":"1"}\n')
        stopped: list[bool] = []
        net.chat.stop(lambda: stopped.append(True))
        net.loop.settle()
        self.assertEqual((alice.heard(), bob.heard(), stopped), (b"", b"", []))
        net.worker.release()
        kinds = [json.loads(line)["type"] for line in alice.heard().splitlines()]
        self.assertEqual(kinds, ["ack", "closing"])
        kinds = [json.loads(line)["type"] for line in bob.heard().splitlines()]
        self.assertEqual(kinds, ["message", "closing"])
        self.assertEqual(stopped, [True])
        self.assertTrue(alice.socket.closed)
        self.assertTrue(bob.socket.closed)
