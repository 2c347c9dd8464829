"""Bytes into lines: ends, fragments, pauses."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from tests.net.network import Net, Remote


class LineTests(SynchronousTestCase):
    """One person who sends bytes in all ways, and one who hears what came of it."""

    def setUp(self) -> None:
        """Both are there, and have read what they got."""
        self.net = Net()
        self.bob = self.net.pipe("bob", "127.0.0.1")
        self.alice = self.net.pipe("alice", "127.0.0.1")
        self.bob.heard()

    def said(self) -> list[bytes]:
        """What Alice said, as Bob got it."""
        lines = self.bob.heard().splitlines()
        return [line.removeprefix(b"MSG|alice: ") for line in lines if b"MSG|" in line]

    def test_ends_of_lines(self) -> None:
        self.alice.send(b"one\ntwo\r\n\n\r\nthree\rstill three\n")
        self.assertEqual(self.said(), [b"one", b"two", b"threestill three"])

    def test_any_split(self) -> None:
        """However the bytes arrive, as long as the next ones come within 150 ms."""
        data = "MSG|x: grüße\r\n/me waves\nlast\n".encode()
        for at in range(1, len(data)):
            self.alice.send(data[:at])
            self.net.loop.wait(0.14)
            self.alice.send(data[at:])
            self.assertEqual(self.said(), ["grüße".encode(), b"*waves*", b"last"], at)

    def test_silence_ends_a_line(self) -> None:
        self.alice.send(b"no line end")
        self.net.loop.wait(0.14)
        self.assertEqual(self.said(), [])
        self.net.loop.wait(0.02)
        self.assertEqual(self.said(), [b"no line end"])

    def test_silence_is_counted_from_the_last_byte(self) -> None:
        for letter in b"slowly":
            self.alice.send(bytes([letter]))
            self.net.loop.wait(0.1)
        self.assertEqual(self.said(), [])
        self.net.loop.wait(0.06)
        self.assertEqual(self.said(), [b"slowly"])

    def test_what_came_while_the_server_was_busy_goes_on_with_the_line(self) -> None:
        """It was sent in time, and is read late."""
        self.alice.send(b"all of ")
        self.alice.socket.incoming += b"this\n"
        self.net.loop.advance(0.5)
        self.net.loop.settle()
        self.assertEqual(self.said(), [b"all of this"])

    def test_one_send_is_one_message(self) -> None:
        """What clients do that never send a line end."""
        for text in (b"one", b"two", b"three"):
            self.alice.send(b"MSG|alice: " + text)
            self.net.loop.wait(0.2)
        self.assertEqual(self.said(), [b"one", b"two", b"three"])

    def test_complete_lines_do_not_wait_for_an_unfinished_one(self) -> None:
        self.alice.send(b"one\ntw")
        self.assertEqual(self.said(), [b"one"])
        self.alice.send(b"o\n")
        self.assertEqual(self.said(), [b"two"])
        self.net.loop.wait(1)
        self.assertEqual(self.said(), [])

    def test_json_waits_for_the_line_end(self) -> None:
        carol = self.net.json("carol")
        carol.send(b'{"type":"ping",')
        self.net.loop.wait(5)
        self.assertEqual(carol.heard(), b"")
        carol.send(b'"id":"1"}\n')
        self.assertEqual(carol.heard(), b'{"type":"pong","re":"1"}\n')

    def test_bytes_that_are_not_utf8_cost_nothing(self) -> None:
        self.alice.send(b"caf\xe9\n\xff\xfe\n")
        self.assertEqual(self.said(), ["caf�".encode(), "��".encode()])

    def test_fragment_at_the_end(self) -> None:
        self.alice.socket.incoming += b"one\ntwo"
        self.alice.end()
        self.assertEqual(self.said(), [b"one", b"two"])

    def test_no_fragment_of_who_is_gone(self) -> None:
        self.alice.send(b"half a li")
        self.alice.transport.abortConnection()
        self.net.loop.wait(1)
        self.assertEqual(self.said(), [])
        self.bob.end()
        self.assertEqual(self.net.loop.getDelayedCalls(), [])

    def test_a_fragment_waits_while_input_is_on_hold(self) -> None:
        """A stranger's paste: its unfinished last line is a message too, once it is its turn."""
        carol = self.net.pipe("carol")
        carol.send(b"".join(b"%d\n" % n for n in range(19)) + b"the end")
        self.assertTrue(self.said()[-1].endswith(b": 18"))
        self.net.loop.wait(0.2)
        self.assertEqual(self.said(), [])
        self.net.loop.wait(5)
        self.assertEqual(self.said(), [b"MSG|carol: the end"])

    def test_commands_wait_for_the_store_in_order(self) -> None:
        """While an answer is read, what comes next is neither lost nor done before."""
        net = Net(hold=True)
        carol = net.connect(wire="json")
        carol.send(
            b'{"type":"hello","nick":"carol"}\n{"type":"join","room":"lobby"}\n'
            b'{"type":"history","id":"1"}\n{"type":"ping","id":"2"}\n'
        )
        carol.heard()
        carol.send(b'{"type":"ping","id":"3"}\n')
        self.assertEqual(carol.heard(), b"")
        self.assertTrue(carol.held)
        net.worker.release()
        self.assertEqual(answers(carol), ["1", "2", "3"])
        self.assertFalse(carol.held)


def answers(remote: Remote) -> list[str]:
    """To which commands there were answers."""
    return [event["re"] for event in map(json.loads, remote.heard().splitlines()) if "re" in event]


class WebPageTests(SynchronousTestCase):
    """What a web page has its reader's browser send to a server of the reader's network."""

    def test_says_nothing_to_anybody(self) -> None:
        body = b'/nick eve\n{"type":"hello","nick":"eve"}\nNICK eve\nMSG|eve: mine\nmine\n'
        for wire in (None, "pipe", "prompt", "pychat", "json", "irc"):
            net = Net()
            bob = net.pipe("bob", "127.0.0.1")
            bob.heard()
            for method in (b"POST / HTTP/1.1", b"OPTIONS * HTTP/1.0"):
                page = net.connect("127.0.0.1", wire=wire)
                page.send(method + b"\r\nHost: chat:8080\r\nCookie: secret\r\n\r\n" + body)
                net.loop.wait(1)
                self.assertNotIn(b"MSG|", bob.heard(), wire)
                self.assertIn(b"no web site", page.heard(), wire)
                self.assertTrue(page.socket.closed, wire)

    def test_says_nothing_by_a_request_that_silence_or_the_end_cuts_off(self) -> None:
        for wire in (None, "pipe", "prompt", "pychat"):
            for rest in (b"\nHost: chat:8080\r\n\r\nmine\n", None):
                net = Net()
                bob = net.pipe("bob", "127.0.0.1")
                bob.heard()
                page = net.connect("127.0.0.1", wire=wire)
                page.send(b"GET / HTTP/1.1\r")
                if rest is None:
                    page.end()
                else:
                    net.loop.wait(1)
                    page.send(rest)
                net.loop.wait(1)
                self.assertNotIn(b"MSG|", bob.heard(), wire)
                self.assertIn(b"no web site", page.heard(), wire)
                self.assertTrue(page.socket.closed, wire)

    def test_neither_does_what_speaks_ssh_or_comes_by_a_proxy(self) -> None:
        for first, sentence in (
            (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", b"no SSH"),
            (b"SSH-2.0-x\nmine\n", b"no SSH"),
            (b"PROXY TCP4 10.0.0.1 10.0.0.2 5 8080\r\n/nick eve\r\nmine\r\n", b"no PROXY"),
            (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + b"\n/nick eve\nmine\n", b"no PROXY"),
        ):
            for wire in (None, "pipe", "prompt", "pychat"):
                net = Net()
                bob = net.pipe("bob", "127.0.0.1")
                bob.heard()
                foreign = net.connect("127.0.0.1", wire=wire)
                foreign.send(first)
                net.loop.wait(1)
                self.assertNotIn(b"MSG|", bob.heard(), wire)
                self.assertIn(sentence, foreign.heard(), wire)
                self.assertTrue(foreign.socket.closed, wire)

    def test_says_nothing_by_tls_either(self) -> None:
        ticket = b"\n/nick eve\nNICK eve\nUSER eve 0 * eve\nMSG|eve: mine\nmine\n"
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + ticket + b"\xaa" * 60
        for wire in (None, "pipe", "prompt", "pychat", "json", "irc"):
            for at in (0, 1, 12):
                net = Net()
                bob = net.pipe("bob", "127.0.0.1")
                bob.heard()
                page = net.connect("127.0.0.1", wire=wire)
                for part in (hello[:at], hello[at:]):
                    page.send(part)
                    net.loop.wait(0.2)
                self.assertNotIn(b"MSG|", bob.heard(), wire)
                self.assertIn(b"no TLS", page.heard(), wire)
                net.loop.wait(1)
                self.assertTrue(page.socket.closed, wire)

    def test_but_who_is_here_may_talk_of_it(self) -> None:
        net = Net()
        bob, ann = net.pipe("bob"), net.pipe("ann")
        bob.heard()
        ann.send(b"GET / HTTP/1.1\n")
        self.assertEqual(bob.heard(), b"MSG|ann: GET / HTTP/1.1\n")
