"""Whatever comes in: no decoder raises anything but a refusal, and splits change nothing.

`CHAT_SEED` chooses other inputs than the usual ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

from twisted.internet.address import IPv4Address
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Command, Hello, Join, Say
from chatservice.domain.errors import ChatError
from chatservice.domain.events import Entered, Event, HistoryPage, Message, Person
from chatservice.domain.limits import Limits
from chatservice.domain.text import neutral
from chatservice.net.ports import ChatFactory
from chatservice.wire import beacon, channels, framed, json, pipe, prompt, pychat
from chatservice.wire.codec import (
    Alike,
    Circumstances,
    Codec,
    Encoder,
    Framing,
    Reply,
    ServerInfo,
    Wire,
)
from chatservice.wire.irc import door as irc
from chatservice.wire.pipe_client import PipeClient
from chatservice.wire.schema import command_id, dump, load_command, load_event
from chatservice.wire.slash import SLASH, TABLE
from tests.chance import first_seed
from tests.wire.house import Server, Wireless, local_time

SEED = first_seed()
INPUTS = 100_000

_ANN = Person(nick="ann", user="100000", address="10.0.0.1:5001")
_SAID = Message(room="lobby", seq=1, id="1-1", nick="ann", user="100000", at=5, text="é\nx")
COMMANDS = [
    dump(Hello(nick="ann", client="0123456789abcdef", id="1")),
    dump(Say(text="hi", room="lobby", kind="action", id="2")),
    dump(Join(room="attic", since=5)),
    b'{"type":"history","before":1,"after":2,"around":3,"limit":4}',
    b'{"type":"typing","active":false,"x":[[{"a":[1.5e3,-0,"\\ud83d\\ude00"]}]]}',
]
EVENTS = [
    dump(_SAID),
    dump(Entered(room="lobby", seq=1, people=(_ANN,), messages=(_SAID,))),
    dump(HistoryPage(room="lobby", messages=(_SAID, _SAID), more=True)),
    b'{"type":"welcome","version":1,"features":["a"],"server":"s","server_id":"i","user":"1"}',
    b'{"type":"rooms","rooms":[{"room":"lobby","people":1,"seq":1}]}',
]
LINES = [
    b"CMD_USER|ann",
    b"MSG|ann: hello",
    b"MSG|hello",
    b"hello",
    b"DANCE|x",
    b"//x",
    *(slash.form.encode() for slash in TABLE),
]
ACTIONS = [
    *(
        b'{"action": "%sChannel", "channelName": "a", "channelPassword": "p", "memberName": "b"}'
        % action
        for action in (b"create", b"join")
    ),
    b'{"action": "message", "message": "hello \\u00e9", "timestamp": "12:34:56"}',
]
IRC_LINES = [
    b"CAP LS 302",
    b"CAP REQ :echo-message labeled-response batch message-tags server-time -batch",
    b"CAP END",
    b"NICK ann",
    b"USER ann 0 * :Ann",
    b"@label=1;+typing=active;+draft/reply=1-1 :x PRIVMSG #den,ann :hi \x01ACTION waves\x01",
    b"@label=2 JOIN #den,#attic key,key",
    b"PING :x y",
    b"QUIT :bye",
    *(verb.encode() + b" #den ann :some thing" for verb in irc.EVERY.verbs),
]
TOLD = [
    b"SRV|Welcome! Here are the recent messages:",
    b"MSG|ann: hello",
    b"ULIST|ann(10.0.0.1:5001),bob([::1]:5002)",
    b"SRV|ann has joined the chat.",
    b"SRV|ann has left the chat.",
    b"SRV|ann is now known as anna.",
    b"SRV|Nickname 'ann' is already taken.",
    b"SRV|Did you even change your name?",
]
BEACONS = [
    beacon.LEGACY,
    beacon.encode_query(64),
    beacon.encode_beacon(beacon.Beacon("i", "name", 8080, 3, "AB:CD")),
]
SHAKE = (
    b"GET / HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TOKENS = [
    *(
        b"\\",
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"|",
        b"/",
        b" ",
        b"\t",
        b"\r",
        b"\0",
        b"\x1b",
    ),
    *(b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"9" * 20, b"-1", b"0.5", b"\\ud800"),
    *(b"\xff", b"\xc3", b"\xf0\x9f", "\u2028\u202e\u0085\ufeff｜Α٣".encode(), b"[" * 40, b"(" * 9),
    *(b'"id":5,', b'"type":', b"MSG|", b"SRV|", b"ULIST|", b"CMD_USER|", b": "),
]


def mutants(seeds: list[bytes], count: int) -> Iterator[bytes]:
    """Inputs made from good ones: cut, doubled, spliced, with bytes and tokens strewn in."""
    dice = random.Random(SEED)
    draw, pick = dice.random, dice.choice
    for _ in range(count):
        data = pick(seeds)
        for _ in range(int(draw() * 4)):
            start, roll = int(draw() * (len(data) + 1)), draw()
            end = start + int(draw() * 9)
            if roll < 0.4:
                middle = pick(TOKENS)
            elif roll < 0.6:
                middle = bytes((int(draw() * 256),))
            elif roll < 0.8:
                middle = data[start:end] * 2
            elif roll < 0.9:
                middle, end = pick(seeds)[start:], len(data)
            else:
                middle = b""
            data = data[:start] + middle + data[end:]
        yield data


class DecoderTests(SynchronousTestCase):
    def fuzz(
        self, seeds: list[bytes], decode: Callable[[bytes], object], count: int = INPUTS
    ) -> None:
        """Check that only refusals are raised, and that some inputs are refused and some not."""
        refused = 0
        for data in mutants(seeds, count):
            try:
                decode(data)
            except ChatError as error:
                refused += 1
                self.assertEqual(neutral(error.sentence), error.sentence, (data, SEED))
            except Exception as error:
                self.fail(f"CHAT_SEED={SEED}: {data!r} raised {error!r}")
        self.refused = refused

    def test_json_commands(self) -> None:
        def decode(data: bytes) -> None:
            command_id(data)
            self.assertIsInstance(load_command(data), Command)

        self.fuzz(COMMANDS, decode)
        self.assertTrue(0.1 < self.refused / INPUTS < 0.9)

    def test_json_events(self) -> None:
        def decode(data: bytes) -> None:
            event = load_event(data)
            self.assertTrue(event is None or isinstance(event, Event))

        self.fuzz(EVENTS, decode)
        self.assertTrue(0.1 < self.refused / INPUTS < 0.9)

    def test_json_lines(self) -> None:
        codec = json.WIRE.make(Circumstances(address="10.0.0.1:5001", limits=Limits()))
        for data in mutants([*COMMANDS, *LINES], INPUTS // 10):
            try:
                codec.decode(data)
            except ChatError:
                codec.blame(data)

    def test_pipe_lines(self) -> None:
        codec = pipe.wire(local_time).make(Circumstances(address="10.0.0.1:5001", limits=Limits()))

        def decode(data: bytes) -> None:
            asked = codec.decode(data)
            self.assertTrue(asked is None or isinstance(asked, (Command, Reply)))

        self.fuzz(LINES, decode)
        self.assertTrue(0.02 < self.refused / INPUTS < 0.9)

    def test_lines_of_older_clients(self) -> None:
        """Before there is a name, and after."""
        for wire in (prompt.wire(local_time), pychat.WIRE, framed.WIRE):
            nick = partial(next, cycle([None, "ann", "ann", "ann"]))
            codec = wire.make(Circumstances(address="10.0.0.1:5001", limits=Limits(), nick=nick))

            def decode(data: bytes, codec: Codec = codec) -> None:
                codec.blame(data)
                asked = codec.decode(data)
                for each in asked if isinstance(asked, tuple) else (asked,):
                    self.assertTrue(each is None or isinstance(each, (Command, Reply)))

            count = INPUTS // 4
            self.fuzz(LINES, decode, count)
            self.assertTrue(0.02 < self.refused / count < 0.9)

    def test_actions(self) -> None:
        wire = channels.wire(local_time)
        nick = partial(next, cycle([None, "ann", "ann", "ann"]))
        turn = iter(range(10**9))

        def decode(data: bytes) -> None:
            if next(turn) % 3 == 0:
                self.codec = wire.make(
                    Circumstances(address="10.0.0.1:5001", limits=Limits(), nick=nick)
                )
            self.assertIn(wire.starts(data), (True, False, None))
            try:
                asked = self.codec.decode(data)
            finally:
                self.codec.blame(data)
            for each in asked if isinstance(asked, tuple) else ():
                self.assertIsInstance(each, Command)

        self.fuzz(ACTIONS, decode)
        self.assertTrue(0.1 < self.refused / INPUTS < 0.9)

    def test_lines_of_irc(self) -> None:
        """Before a name is set, and after; with any capabilities."""
        named = partial(next, cycle([None, "ann", "ann", "ann"]))
        wire = irc.wire(ServerInfo(), lambda: 0)
        turn = iter(range(10**9))

        def decode(data: bytes) -> None:
            if next(turn) % 50 == 0:
                self.codec = wire.make(
                    Circumstances(address="10.0.0.1:5001", limits=Limits(), nick=named)
                )
            try:
                asked = self.codec.decode(data)
            except ChatError:
                self.codec.blame(data)
                raise
            for each in asked if isinstance(asked, tuple) else ():
                self.assertIsInstance(each, (Command, Reply))

        self.fuzz(IRC_LINES, decode)
        self.assertTrue(0.005 < self.refused / INPUTS < 0.9)

    def test_slash_commands(self) -> None:
        forms = [slash.form.encode() for slash in TABLE]
        self.fuzz(forms, lambda data: SLASH.parse(data.decode("utf-8", "surrogateescape")))
        self.assertTrue(0.1 < self.refused / INPUTS < 0.9)

    def test_beacons(self) -> None:
        self.fuzz(BEACONS, beacon.decode)
        self.assertEqual(self.refused, 0)

    def test_what_a_pipe_client_is_told(self) -> None:
        client = PipeClient()
        turn = iter(range(10**9))

        def decode(data: bytes) -> None:
            if next(turn) % 20 == 0:
                client.encode(Hello(nick="ann"), 0)
                client.encode(Join(room="lobby"), 0)
            for event in client.decode(data, 0):
                self.assertIsInstance(event, Event)

        self.fuzz(TOLD, decode)
        self.assertEqual(self.refused, 0)


class Recorder(Alike):
    """A codec that takes everything and does nothing."""

    encoder: Encoder = pipe.ENCODER
    fragments = False

    def __init__(self, units: list[bytes]) -> None:
        self._units = units

    def greet(self) -> None:
        """Ask for nothing."""

    def decode(self, unit: bytes) -> None:
        """Write a unit down."""
        self._units.append(unit)

    def blame(self, _unit: bytes) -> None:
        """Blame nobody."""


def pieces(data: bytes, dice: random.Random) -> list[bytes]:
    """The data cut at random."""
    cuts = sorted(dice.randrange(len(data) + 1) for _ in range(dice.randrange(8)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


class SplitTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.dice = random.Random(SEED)

    def stream(self, seeds: list[bytes]) -> bytes:
        lines = mutants(seeds, 10**9)
        for _ in range(self.dice.randrange(50)):
            next(lines)
        ends = (b"\n", b"\n", b"\r\n", b"\n\n")
        count = self.dice.randrange(1, 12)
        data = b"".join(next(lines) + self.dice.choice(ends) for _ in range(count))
        return data[: -self.dice.randrange(2) or None]

    def units(
        self, chunks: list[bytes], framing: Framing = "lines"
    ) -> tuple[list[bytes], bytes, bool]:
        """What a protocol makes of chunks: units, what it says, whether it closes."""
        server = Server(stranger_unit_bytes=60)
        units: list[bytes] = []
        wire = Wire(name="recorder", make=lambda _: Recorder(units), framing=framing)
        factory = server.factory
        server.factory = ChatFactory(factory._house, factory._registry, factory._admission, wire)
        transport = Wireless(server, IPv4Address("TCP", "10.0.0.1", 5001))
        for chunk in chunks:
            transport.protocol.dataReceived(chunk)
        server.world.settle()
        return units, transport.take(), transport.disconnecting

    def test_any_split_gives_the_same_units(self) -> None:
        for _ in range(300):
            data = self.stream(LINES)
            whole = self.units([data])
            self.assertEqual(self.units(pieces(data, self.dice)), whole, (data, SEED))
        whole = self.units([data])
        self.assertEqual(self.units([bytes((each,)) for each in data]), whole)

    def test_any_split_gives_the_same_frames(self) -> None:
        for _ in range(300):
            lines = self.stream(LINES).split(b"\n")
            data = b"".join(len(line).to_bytes(4, "big") + line for line in lines)
            data = data[: self.dice.randrange(len(data) + 1) or None]
            whole = self.units([data], "frames")
            self.assertEqual(self.units(pieces(data, self.dice), "frames"), whole, (data, SEED))
        whole = self.units([data], "frames")
        self.assertEqual(self.units([bytes((each,)) for each in data], "frames"), whole)

    def test_any_split_gives_the_same_objects(self) -> None:
        for _ in range(300):
            data = self.stream(ACTIONS)
            whole = self.units([data], "objects")
            self.assertEqual(self.units(pieces(data, self.dice), "objects"), whole, (data, SEED))
        whole = self.units([data], "objects")
        self.assertEqual(self.units([bytes((each,)) for each in data], "objects"), whole)

    def test_any_split_gives_the_same_messages(self) -> None:
        """Good frames and bad ones; of two things that are wrong either may be found first."""
        for _ in range(300):
            data = b"".join(self.frames(self.stream(LINES)))
            for _ in range(self.dice.choice((0, 0, 1, 3))):
                at = self.dice.randrange(len(data) + 1)
                data = data[:at] + self.dice.randbytes(1) + data[at + self.dice.randrange(2) :]
            whole = self.units([SHAKE, data], "messages")
            chunks = filter(None, pieces(SHAKE + data, self.dice))
            split = self.units(list(chunks), "messages")
            self.assertEqual(split[::2], whole[::2], (data, SEED))
        each = [bytes((byte,)) for byte in SHAKE + data]
        self.assertEqual(self.units(each, "messages")[::2], whole[::2])

    def frames(self, data: bytes) -> Iterator[bytes]:
        """Messages of a client with a piece of the data in each frame, and pings between them."""
        first, pick = 1, self.dice.choice
        for piece in pieces(data, self.dice):
            for part in (piece[at : at + 120] for at in range(0, len(piece), 120)):
                last = pick((True, False))
                yield bytes((last << 7 | first, 0x80 | len(part), 0, 0, 0, 0)) + part
                yield pick((b"", b"", b"\x89\x81\0\0\0\0x", b"\x8a\x80\1\2\3\4"))
                first = pick((1, 2)) if last else 0

    def answers(self, chunks: list[bytes], wire: str | None = None) -> bytes:
        """What a port says to who sends chunks, the shared one on whatever wire they are."""
        server = Server(recent_messages=2)
        author = server.connect(2)
        author.say("CMD_USER|old", "one", "two", "three")
        server.restart()
        client = server.connect(1, wire)
        for chunk in chunks:
            if chunk:
                client.transport.protocol.dataReceived(chunk)
        server.world.settle()
        return client.transport.take()

    def test_any_split_gives_the_same_answers(self) -> None:
        """The greeting has to be read from the store first, while the rest of the chunks come."""
        for _ in range(150):
            data = self.stream(self.dice.choice([LINES, COMMANDS, ACTIONS, IRC_LINES]))
            whole = self.answers([data])
            self.assertEqual(self.answers(pieces(data, self.dice)), whole, (data, SEED))

    def test_any_split_gives_the_same_answers_on_ports_of_one_wire(self) -> None:
        for _ in range(50):
            data = self.stream(LINES)
            frames = b"".join(len(each).to_bytes(4, "big") + each for each in data.split(b"\n"))
            actions = self.stream(ACTIONS)
            for wire, sent in (
                *(("prompt", data), ("pychat", data), ("framed", frames)),
                ("channels", actions),
            ):
                whole = self.answers([sent], wire)
                split = self.answers(pieces(sent, self.dice), wire)
                self.assertEqual(split, whole, (wire, sent, SEED))
