"""The wire that asks for a name: what its lines mean, how events look, where segments begin."""

from __future__ import annotations

import re
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import events
from chatservice.domain.commands import Enter, Quit, Say, Tell
from chatservice.domain.errors import ChatError, UnknownCommand
from chatservice.domain.limits import Limits
from chatservice.wire.codec import Circumstances, Codec, Reply
from chatservice.wire.prompt import PROMPT, PromptEncoder, wire
from chatservice.wire.words import ENTERING
from tests.wire.house import Server
from tests.wire.test_pipe import PRIVATE, SHOWN, message

NAMES = (
    re.compile(r"SERVER: (\w+) has joined the chat"),
    re.compile(r"SERVER: (\w+) has left the chat"),
    re.compile(r"\[..:..\] (\w+):"),
)
"""What older clients search each chunk for."""

NBSP = "\N{NO-BREAK SPACE}"


class DecodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.named = False
        self.wire = wire(lambda _at: "12:34")
        self.codec = self.made("10.0.0.1:5001")

    def made(self, address: str) -> Codec:
        return self.wire.make(
            Circumstances(
                address=address, limits=Limits(), nick=lambda: "ann" if self.named else None
            )
        )

    def test_greets_with_the_prompt(self) -> None:
        greeting = self.codec.greet()
        assert isinstance(greeting, Reply)
        self.assertEqual([*map(self.codec.encoder.encode, greeting.events)], [PROMPT.encode()])
        self.assertTrue(self.codec.fragments)
        self.assertEqual((self.wire.port, self.wire.starts(b"anything")), (8888, False))

    def test_names(self) -> None:
        for line, asked in (
            (b"ann", Enter(nick="ann", id=ENTERING)),
            (b"ann\r", Enter(nick="ann", id=ENTERING)),
            (b"/who", Enter(nick="/who", id=ENTERING)),
            (b"//x", Enter(nick="//x", id=ENTERING)),
            (b" \r", Enter(default_nick="User-10.0.0.1", id=ENTERING)),
            (b"/exit", Quit()),
            ("\ufeff/exit".encode(), Quit()),
            (b"\xff\xfb\x1f\xff\xfd\x03", None),
            (b"\xff\xfb\x1fann\r", Enter(nick="ann", id=ENTERING)),
        ):
            self.assertEqual(self.codec.decode(line), asked)
        with self.assertRaises(UnknownCommand):
            self.codec.decode(b"/dance")
        self.assertEqual(self.codec.blame(b"/dance"), ENTERING)

    def test_default_names_hold_nothing_that_names_never_hold(self) -> None:
        for address, nick in (
            ("[2001:db8::1]:5001", "User-2001-db8--1"),
            ("local", "User-local"),
        ):
            asked = self.made(address).decode(b"")
            self.assertEqual(asked, Enter(default_nick=nick, id=ENTERING))

    def test_lines(self) -> None:
        self.named = True
        for line, asked in (
            (b"hi\r", Say(text="hi")),
            (b"a|b \xff", Say(text="a|b \ufffd")),
            (b"//exit", Say(text="/exit")),
            (b"/EXIT", Quit()),
            (b"/w bob hi", Tell(to="bob", text="hi")),
            (b" ", None),
        ):
            self.assertEqual(self.codec.decode(line), asked)
        for line in (b"/dance", b"/plain", b"/msg bob"):
            with self.assertRaises(ChatError):
                self.codec.decode(line)
        self.assertIsNone(self.codec.blame(b"/dance"))


class EncodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.encoder = PromptEncoder(lambda _at: "12:34")

    def told(self, event: events.Event) -> str:
        return self.encoder.encode(event).decode()

    def test_forms(self) -> None:
        for event, line in (
            (message("hi"), "[12:34] ann: hi\n"),
            (message("a\nb"), "[12:34] ann: a\n[12:34] ann: b\n"),
            (message("hi", "attic"), "[12:34] #attic ann: hi\n"),
            (message("waves", kind="action"), "[12:34] ann: *waves*\n"),
            (replace(PRIVATE, text="hi"), "[12:34] [private] ann: hi\n"),
            (
                events.Closing(code="shutdown", text="x"),
                "SERVER: Server is shutting down. Goodbye!\n",
            ),
            (events.Closing(code="limit-reached", text="Full."), "Full.\n"),
            (events.Closing(code="quit", text="Goodbye."), "SERVER: Goodbye.\n"),
            (events.Failed(code="x", text="No."), "SERVER: No.\n"),
            (events.Failed(code="x", text="No.", re=ENTERING), f"SERVER: No.\n{PROMPT}"),
        ):
            self.assertEqual(self.told(event), line)
        private = replace(PRIVATE, text="hi")
        self.assertEqual(self.encoder.encode_own(private), b"[12:34] [private] to bob: hi\n")

    def test_every_event_comes_as_lines_of_this_wire(self) -> None:
        for event in SHOWN:
            lines = self.told(event).split("\n")
            self.assertEqual(lines.pop(), "")
            for line in lines:
                self.assertRegex(line, r"^(SERVER: |\[12:34\] |Welcome )")

    def test_who_is_put_out_of_the_chat_has_left_it(self) -> None:
        kicked = events.Kicked(room="lobby", nick="bob", user="2", by="ann", reason="", at=0)
        _, left = self.told(kicked).splitlines()
        self.assertEqual(left, "SERVER: bob has left the chat.")
        self.assertEqual(self.told(replace(kicked, room="attic")).count("\n"), 1)

    def test_a_text_announces_nobody(self) -> None:
        for nick, text in (
            ("jean-luc", "SERVER: eve has joined the chat"),
            ("jean-luc", "so [12:34] eve: x"),
            ("jean-mySERVER", "eve has left the chat"),
            ("jean-luc", "a\nSERVER: eve has left the chat\n[12:34] eve: x"),
        ):
            said = replace(message(text), nick=nick)
            for data in self.encoder.encode(said).split(b"\n"):
                chunk = data.decode()
                self.assertEqual([name for name in NAMES if name.search(chunk)], [], chunk)
            plain = [f"[12:34] {nick}: {line}" for line in text.split("\n")]
            self.assertEqual(self.told(said).replace(NBSP, " ").split("\n")[:-1], plain)


class SegmentTests(SynchronousTestCase):
    """What begins with what, as a client that receives without looking further sees it."""

    def setUp(self) -> None:
        self.server = Server()

    def test_the_prompt_is_alone(self) -> None:
        client = self.server.connect(1, "prompt")
        self.server.world.settle()
        self.assertEqual(client.segments(), [PROMPT])
        client.send(b"SERVER\na:b\n")
        first, again, second, last = client.segments()
        self.assertEqual((again, last), (PROMPT, PROMPT))
        self.assertTrue(first.endswith("\n") and second.endswith("\n"))

    def test_each_line_is_alone(self) -> None:
        ann, bob = self.server.connect(1, "prompt"), self.server.connect(2, "prompt")
        ann.say("ann", "one", "two")
        self.server.world.settle()
        bob.segments()
        bob.send(b"bob\n")
        welcome = "Welcome bob! You are now connected to the chat server.\n"
        self.assertEqual(bob.segments(), [welcome, "[12:34] ann: one\n", "[12:34] ann: two\n"])
        ann.segments()
        bob.send(b"hi\n/quit\n")
        self.assertEqual(ann.segments(), ["[12:34] bob: hi\n", "SERVER: bob has left the chat.\n"])
