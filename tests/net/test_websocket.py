"""WebSockets: handshakes, messages in any pieces, pings, closes, and how fast they may come."""

from __future__ import annotations

import json
import re
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    Request,
    TextMessage,
)

from chatservice.domain.limits import Limits
from chatservice.wire import json as native
from chatservice.wire.messages import BINARY, TEXT, carried, message
from tests.net.network import Net, Remote

LOCAL = "127.0.0.1"
WIRE = carried("json-ws", native.WIRE, TEXT, {"text.example": TEXT, "binary.example": BINARY})
SHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: chat.example:8097\r\nUpgrade: websocket\r\n"
    b"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def net(limits: Limits | None = None, **options: Any) -> Net:
    """A network with a wire in messages."""
    made = Net(limits, **options)
    made.registry.wires[WIRE.name] = WIRE
    return made


class Browser:
    """The other end of a WebSocket."""

    def __init__(self, remote: Remote, *subprotocols: str) -> None:
        self.remote = remote
        self.socket = WSConnection(ConnectionType.CLIENT)
        request = Request(host="chat.example", target="/", subprotocols=list(subprotocols))
        remote.send(self.socket.send(request))
        [accepted] = self.heard()
        assert isinstance(accepted, AcceptConnection), accepted
        self.subprotocol = accepted.subprotocol
        self.extensions = accepted.extensions

    def send(self, *events: Event) -> None:
        """Send all in one piece."""
        self.remote.send(b"".join(map(self.socket.send, events)))

    def say(self, **command: Any) -> None:
        """Send a command."""
        self.send(TextMessage(data=json.dumps(command)))

    def heard(self) -> list[Event]:
        """What was received since the last time."""
        self.socket.receive_data(self.remote.heard())
        return list(self.socket.events())

    def events(self) -> list[dict[str, Any]]:
        """The same, as it was told."""
        heard = self.heard()
        assert all(isinstance(each, TextMessage) and each.message_finished for each in heard), heard
        return [json.loads(each.data) for each in heard if isinstance(each, TextMessage)]


class HandshakeTests(SynchronousTestCase):
    """RFC 6455 section 4.2: what opens a WebSocket, and what is said to all else."""

    def setUp(self) -> None:
        """Nobody is there."""
        self.net = net()

    def ask(self, request: bytes, host: str = LOCAL) -> tuple[Remote, bytes]:
        """Send something to the port; gives the connection, and what it answers."""
        remote = self.net.connect(host, wire="json-ws")
        remote.send(request)
        return remote, remote.heard()

    def test_the_example_of_the_specification(self) -> None:
        """Section 1.3: the answer to this very key."""
        _, answer = self.ask(SHAKE + b"\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 101 "), answer)
        self.assertIn(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", answer)
        self.assertNotIn(b"Sec-WebSocket-Protocol", answer)
        self.assertTrue(answer.endswith(b"\r\n\r\n"))

    def test_any_split(self) -> None:
        hello = b"\x81\x8f\0\0\0\0" + b'{"type":"ping"}'
        for at in range(0, len(SHAKE) + 10, 7):
            remote = self.net.connect(LOCAL, wire="json-ws")
            data = SHAKE + b"\r\n" + hello
            remote.send(data[:at])
            remote.send(data[at:])
            self.assertTrue(remote.heard().endswith(b'\r\n\r\n\x81\x0f{"type":"pong"}'), at)

    def test_sub_protocols_in_the_client_s_order(self) -> None:
        """Section 4.2.2: one that is offered and known, or none is named."""
        for offered, chosen in (
            (("text.example",), "text.example"),
            (("x", "binary.example", "text.example"), "binary.example"),
            (("text.example", "binary.example"), "text.example"),
            (("x",), None),
            ((), None),
        ):
            browser = Browser(self.net.connect(LOCAL, wire="json-ws"), *offered)
            self.assertEqual(browser.subprotocol, chosen, offered)

    def test_the_sub_protocol_says_what_messages_are(self) -> None:
        for name, kind in (("text.example", TextMessage), ("binary.example", BytesMessage)):
            browser = Browser(self.net.connect(LOCAL, wire="json-ws"), name)
            browser.say(type="ping")
            self.assertEqual([type(each) for each in browser.heard()], [kind])

    def test_no_extension_is_agreed_on(self) -> None:
        _, answer = self.ask(
            SHAKE + b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
        )
        self.assertIn(b" 101 ", answer)
        self.assertNotIn(b"xtensions", answer)

    def test_what_opens_none(self) -> None:
        """One answer that says so, and a close."""
        get = b"GET / HTTP/1.1\r\nHost: chat.example\r\n"
        shake = SHAKE + b"\r\n"
        for request, status in (
            (get + b"\r\n", 426),
            (get.replace(b"GET", b"POST") + b"Content-Length: 5\r\n\r\nhello", 426),
            (shake.replace(b"HTTP/1.1", b"HTTP/1.0"), 426),
            (shake.replace(b"Version: 13", b"Version: 8"), 426),
            (shake.replace(b"GET", b"POST"), 400),
            (shake.replace(b"Upgrade: websocket", b"Upgrade: h2c"), 400),
            (shake.replace(b", Upgrade", b""), 400),
            (shake.replace(b"Sec-WebSocket-Key", b"Key"), 400),
            (shake.replace(b"Sec-WebSocket-Version", b"Version"), 400),
            (shake.replace(b"Host: chat.example:8097\r\n", b""), 400),
            (shake.replace(b"chat.example", b"xn--\xff\xfe"), 400),
            (SHAKE + b"Sec-WebSocket-Protocol: \xff\r\n\r\n", 400),
            (SHAKE + b"no field\r\n\r\n", 400),
            (SHAKE + b"Content-Length: x\r\n\r\n", 400),
            (b"NICK ann\r\n", 400),
            (b"GET /\r\n", 400),
            (b'{"type":"hello"}\n', 400),
            (b"\x16\x03\x01\x02\x00\x01", 400),
            (b"\0", 400),
            (SHAKE + b"X: " + b"x" * 8192, 431),
            (SHAKE + b"X: " + b"x" * 8192 + b"\r\n\r\n", 431),
        ):
            remote, answer = self.ask(request)
            self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), (request, answer))
            head, _, body = answer.partition(b"\r\n\r\n")
            self.assertIn(b"\r\nContent-Length: %d\r\n" % len(body), head + b"\r\n")
            self.assertTrue(remote.socket.closed, request)
            asks = b"\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
            self.assertEqual(asks in head, status == 426, answer)
        self.assertEqual(self.net.loop.getDelayedCalls(), [])
        self.assertEqual(self.net.admission._open, 0)

    def test_pages_of_other_hosts(self) -> None:
        """Section 10.2: a browser says from where its page is; what is no browser says nothing."""
        for origin, status in (
            (b"https://chat.example", 101),
            (b"http://Chat.Example:8000", 101),
            (b"https://evil.example", 403),
            (b"https://chat.example.evil.example", 403),
            (b"null", 403),
            (b"http://[", 403),
            (b"\xff", 403),
        ):
            remote, answer = self.ask(SHAKE + b"Origin: " + origin + b"\r\n\r\n")
            self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), (origin, answer))
            self.assertEqual(remote.socket.closed, status == 403)

    def test_nobody_takes_for_ever(self) -> None:
        remote, _ = self.ask(SHAKE)
        self.net.loop.wait(Limits().introduction_seconds - 1)
        remote.send(b"X: x\r\n")
        self.assertEqual(remote.heard(), b"")
        self.net.loop.wait(1.1)
        self.assertTrue(remote.heard().startswith(b"HTTP/1.1 408 "))
        self.assertTrue(remote.socket.closed)
        silent, _ = self.ask(SHAKE + b"\r\n")
        self.net.loop.wait(Limits().introduction_seconds + 0.1)
        self.assertIn(b"Nothing usable was said", silent.heard())

    def test_gone_before_the_end(self) -> None:
        remote, _ = self.ask(SHAKE)
        remote.end()
        self.assertEqual(self.net.loop.getDelayedCalls(), [])
        self.assertEqual(self.net.admission._open, 0)

    def test_turned_away(self) -> None:
        full = net(most=0).connect(wire="json-ws")
        answer = full.heard()
        self.assertTrue(answer.startswith(b"HTTP/1.1 503 "), answer)
        self.assertTrue(answer.endswith(b"\r\n\r\nServer is full. Try again later.\n"), answer)
        self.assertTrue(full.socket.closed)


class MessageTests(SynchronousTestCase):
    """What comes and goes when it is open."""

    def setUp(self) -> None:
        """One with a browser, one without."""
        self.net = net()
        self.alice = self.browser("alice")
        self.bob = self.net.pipe("bob", LOCAL)
        self.alice.heard()

    def browser(self, nick: str, host: str = LOCAL) -> Browser:
        """Somebody in the lobby, whose greeting is read."""
        browser = Browser(self.net.connect(host, wire="json-ws"))
        browser.say(type="hello", nick=nick)
        browser.say(type="join", room="lobby")
        told = [each["type"] for each in browser.events()]
        self.assertEqual(told[:1], ["welcome"])
        self.assertIn("entered", told)
        return browser

    def said(self, nick: str = "alice") -> list[str]:
        """What the other one has heard of somebody."""
        return re.findall(rf"MSG\|{nick}: (.*)\n", self.bob.heard().decode())

    def frames(self, *payloads: bytes, first: int = 1) -> bytes:
        """A message in so many frames."""
        made = []
        for number, payload in enumerate(payloads):
            final = 0x80 if number == len(payloads) - 1 else 0
            head = [final | (0 if number else first), 0x80 | len(payload), 0, 0, 0, 0]
            made.append(bytes(head) + payload)
        return b"".join(made)

    def test_a_message_is_a_unit(self) -> None:
        say = json.dumps({"type": "say", "room": "lobby", "text": "hi"}, indent=1)
        self.alice.send(TextMessage(data=say), BytesMessage(data=say.encode() + b"\r\n"))
        self.assertEqual(self.said(), ["hi", "hi"])
        self.bob.send(b"hello\n")
        told = self.alice.events()[-1]
        self.assertEqual((told["nick"], told["text"]), ("bob", "hello"))

    def test_several_units_are_several_messages(self) -> None:
        self.bob.send(b"one\ntwo\nthree\n")
        self.net.loop.settle()
        [written] = self.alice.remote.writes()
        self.alice.socket.receive_data(written)
        told = [json.loads(each.data) for each in self.alice.socket.events()]  # type: ignore[attr-defined]
        self.assertEqual([each["text"] for each in told], ["one", "two", "three"])

    def test_lengths(self) -> None:
        """Section 5.2: in 1, 3 or 9 bytes, the shortest that it fits into."""
        for size in (1, 10, 100, 1000, 3900):
            self.bob.send(b"x" * size + b"|\n")
            [told] = self.alice.events()
            self.assertEqual(len(told["text"]), size + 1)
        for size in (0, 125, 126, 65_535, 65_536):
            self.alice.socket.receive_data(message(BINARY, b"x" * size))
            parts = list(self.alice.socket.events())
            self.assertEqual(parts, [BytesMessage(data=b"x" * size)])

    def test_in_any_pieces(self) -> None:
        """Section 5.4: frames of a message, a ping between them, cut anywhere, also in a letter."""
        text = '{"type":"say","room":"lobby","text":"zwölf"}'.encode()
        at = text.index("ö".encode()) + 1
        ping = b"\x89\x82\0\0\0\0hi"
        first, last = (
            self.frames(text[:at], b"", text[at:])[: at + 6],
            self.frames(text[:at], b"", text[at:])[at + 6 :],
        )
        data = first + ping + last
        for cut in range(len(data)):
            self.alice.remote.send(data[:cut])
            self.alice.remote.send(data[cut:])
            self.assertEqual(self.said(), ["zwölf"], cut)
            pong = next(each for each in self.alice.heard() if not isinstance(each, TextMessage))
            self.assertEqual(pong, Pong(payload=b"hi"))

    def test_the_longest_one(self) -> None:
        """In one frame or many: the next byte is one too many, before the message ends."""
        most = self.net.limits.message_bytes
        start = b'{"type":"ping","id":"1"'
        self.alice.send(BytesMessage(data=start + b" " * (most - len(start) - 1) + b"}"))
        self.assertEqual(self.alice.events(), [{"type": "pong", "re": "1"}])
        self.alice.send(BytesMessage(data=b"x" * 60_000, message_finished=False))
        self.assertEqual(self.alice.events(), [])
        self.alice.send(BytesMessage(data=b"x" * 5_537, message_finished=False))
        told, close = self.alice.heard()
        assert isinstance(told, TextMessage)
        self.assertEqual(
            json.loads(told.data)["text"], "A message can have 65536 bytes at most. Goodbye."
        )
        assert isinstance(close, CloseConnection)
        self.assertEqual(close.code, 1009)

    def test_before_a_name_it_is_shorter(self) -> None:
        stranger = Browser(self.net.connect(LOCAL, wire="json-ws"))
        stranger.remote.send(b"\x82\xff" + (1 << 40).to_bytes(8, "big") + b"\0\0\0\0" + b"x" * 1025)
        told, close = stranger.heard()
        assert isinstance(told, TextMessage)
        assert isinstance(close, CloseConnection)
        self.assertIn("A message can have 1024 bytes at most.", told.data)
        self.assertEqual(close.code, 1009)

    def test_pings(self) -> None:
        """Section 5.5.2: a pong with what the ping had; a pong is answered by nothing."""
        self.alice.send(Ping(payload=b"1"), Ping(), Pong(payload=b"x"))
        self.assertEqual(self.alice.heard(), [Pong(payload=b"1"), Pong(payload=b"")])

    def test_the_peer_closes(self) -> None:
        """Section 5.5.1: it is answered with the same code, and what was said before counts."""
        say = json.dumps({"type": "say", "room": "lobby", "text": "bye"})
        self.alice.send(TextMessage(data=say), CloseConnection(code=3000, reason="x"))
        told = self.bob.heard()
        self.assertIn(b"MSG|alice: bye\n", told)
        self.assertIn(b"SRV|alice has left the chat.\n", told)
        self.assertEqual(self.alice.heard()[-1], CloseConnection(code=3000, reason=""))
        self.assertTrue(self.alice.remote.socket.closed)
        self.assertFalse(self.alice.remote.socket.reset)

    def test_a_close_without_a_code(self) -> None:
        self.alice.remote.send(b"\x88\x80\0\0\0\0")
        self.assertTrue(self.alice.remote.heard().endswith(b"\x88\x00"))
        self.assertTrue(self.alice.remote.socket.closed)

    def test_the_server_closes_and_waits_for_the_peer(self) -> None:
        """Section 7.1.1: the connection ends when both have closed, or after some seconds."""
        for answered in (True, False):
            carol = self.browser("carol")
            carol.say(type="quit")
            self.assertEqual(carol.heard()[-1], CloseConnection(code=1000, reason=""))
            self.assertFalse(carol.remote.socket.closed)
            carol.remote.send(self.frames(b"late") + self.frames(b"", first=9))
            self.assertEqual(carol.heard(), [])
            if answered:
                carol.remote.send(b"\x88\x82\0\0\0\0\x03\xe8")
                self.assertFalse(carol.remote.socket.reset)
            else:
                self.net.loop.wait(self.net.limits.shutdown_seconds + 0.1)
                self.assertTrue(carol.remote.socket.reset)
            self.assertTrue(carol.remote.socket.closed)

    def test_a_stop_is_told(self) -> None:
        """Section 7.4.1: 1001 means that an endpoint is going away."""
        self.net.chat.stop(lambda: None)
        told, close = self.alice.heard()
        assert isinstance(told, TextMessage)
        assert isinstance(close, CloseConnection)
        self.assertEqual(json.loads(told.data)["code"], "shutdown")
        self.assertEqual(close.code, 1001)

    def test_what_no_websocket_sends(self) -> None:
        """Sections 5.1, 5.2, 5.4, 5.5, 7.4.1 and 8.1; others see that one has left."""
        for data, code in (
            (b"\x81\x02hi", 1002),
            (b"\xc1\x80\0\0\0\0", 1002),
            (b"\x83\x80\0\0\0\0", 1002),
            (b"\x80\x80\0\0\0\0", 1002),
            (b"\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 1002),
            (b"\x09\x80\0\0\0\0", 1002),
            (b"\x89\xfe\0\x7e\0\0\0\0", 1002),
            (b"\x81\xfe\0\x02\0\0\0\0hi", 1002),
            (b"\x88\x81\0\0\0\0x", 1002),
            (b"\x81\x81\0\0\0\0\xff", 1007),
            (b"GET / HTTP/1.1\r\n\r\n", 1002),
        ):
            carol = self.browser("carol")
            carol.remote.send(data + b"more")
            close = carol.heard()[-1]
            assert isinstance(close, CloseConnection), (data, close)
            self.assertEqual(close.code, code, data)
            self.assertTrue(carol.remote.socket.closed, data)
            self.assertIn(b"SRV|carol has left the chat.\n", self.bob.heard())

    def test_the_end(self) -> None:
        """Without a close: what is complete counts; all timers stop."""
        say = b'{"type":"say","room":"lobby","text":"one"}'
        self.alice.remote.socket.incoming += self.frames(say) + self.frames(say)[:-1]
        self.alice.remote.end()
        self.assertEqual(self.said(), ["one"])
        self.assertTrue(self.alice.remote.socket.closed)
        self.bob.end()
        self.net.loop.wait(0.1)
        self.assertEqual(self.net.loop.getDelayedCalls(), [])
        self.assertEqual(self.net.admission._open, 0)

    def test_the_end_while_a_close_is_waited_for(self) -> None:
        self.alice.say(type="quit")
        self.alice.remote.end()
        self.assertTrue(self.alice.remote.socket.closed)
        self.assertFalse(self.alice.remote.socket.reset)

    def test_a_form_is_shared(self) -> None:
        """One encoding and one framing for all who hear the same in the same form."""
        others = [self.browser(f"x{number}") for number in range(5)]
        forms = [outlet.encoder for outlet in self.net.fanout.outlets]
        self.assertEqual(len(forms), 7)
        self.assertEqual(len(set(forms)), 2)
        for other in others:
            other.heard()


class PaceTests(SynchronousTestCase):
    """As on every other wire: a burst is taken, more waits, whoever does not read is dropped."""

    def setUp(self) -> None:
        """A stranger's address, for which the limits are."""
        self.net = net()
        self.carol = Browser(self.net.connect(wire="json-ws"))
        self.carol.say(type="hello", nick="carol")
        self.carol.say(type="join", room="lobby")
        self.bob = self.net.pipe("bob", LOCAL)
        self.carol.heard()

    def test_a_paste_is_one_burst_and_more_waits(self) -> None:
        says = [
            TextMessage(data=json.dumps({"type": "say", "room": "lobby", "text": str(number)}))
            for number in range(50)
        ]
        self.carol.send(*says)
        told = self.bob.heard().count(b"MSG|carol")
        self.assertLess(told, 25)
        self.assertTrue(self.carol.remote.held)
        self.net.loop.wait(10)
        said = re.findall(rb"MSG\|carol: (\d+)\n", self.bob.heard())
        self.assertEqual([int(each) for each in said], list(range(told, 50)))

    def test_nothing_comes_for_nothing(self) -> None:
        """Pings, pongs, and empty frames of a message, count as much as messages do."""
        ping, pong = b"\x89\x80\0\0\0\0", b"\x8a\x80\0\0\0\0"
        for flood in (ping, pong, b"\x01\x80\0\0\0\0" + 99 * b"\x00\x80\0\0\0\0"):
            carol = Browser(self.net.connect(wire="json-ws"))
            carol.remote.send(100 * flood)
            self.assertTrue(carol.remote.held)
            self.assertLess(len(carol.heard()), 25)

    def test_a_close_is_read_past_a_flood(self) -> None:
        """Whoever is told to go is not left waiting because of what he sent before."""
        self.carol.send(*[Ping() for _ in range(30)], Ping(), Ping())
        self.assertTrue(self.carol.remote.held)
        self.net.chat.stop(lambda: None)
        self.assertIn(CloseConnection(code=1001, reason=""), self.carol.heard())
        self.carol.send(CloseConnection(code=1001))
        self.assertTrue(self.carol.remote.socket.closed)
        self.assertFalse(self.carol.remote.socket.reset)

    def test_a_slow_reader(self) -> None:
        """Its input waits first, then it is dropped; pongs count."""
        self.carol.remote.socket.space = 0
        for _ in range(25):
            self.bob.send(b"x" * 3900 + b"\n")
        self.assertTrue(self.carol.remote.held)
        for _ in range(50):
            self.bob.send(b"x" * 3900 + b"\n")
        self.assertTrue(self.carol.remote.socket.reset)

    def test_waiting_for_the_store(self) -> None:
        """What comes while history is read is done after it."""
        made = net(hold=True)
        remote = made.connect(LOCAL, wire="json-ws")
        browser = Browser(remote)
        browser.say(type="hello", nick="ann")
        browser.send(
            *(
                TextMessage(data=json.dumps(each))
                for each in (
                    {"type": "join", "room": "lobby"},
                    {"type": "ping", "id": "1"},
                    {"type": "quit"},
                )
            )
        )
        made.worker.release()
        heard = browser.heard()
        told = [json.loads(each.data)["type"] for each in heard if isinstance(each, TextMessage)]
        self.assertEqual(
            [each for each in told if each != "joined"][:3], ["welcome", "entered", "pong"]
        )
        self.assertIsInstance(heard[-1], CloseConnection)
