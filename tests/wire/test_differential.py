"""What is said on one wire is heard on each of the others as the same, or refused on all alike.

The wires are compared with each other, all of them in one room, since a client of channels hears
no other. `CHAT_SEED` chooses other texts and names than the usual ones.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.text import visible
from chatservice.wire.channels import SEGMENT_BYTES, member_name
from tests.wire.house import WIRES, Server
from tests.wire.test_injection import NBSP, SEED, hostile
from tests.wire.test_prompt import NAMES

DOORS = ("pipe", "plain", "json", "irc", "prompt", "framed", "pychat", "channels")
SHARED = ("pipe", "plain", "json", "irc")
MULTILINE = ("json", "framed", "channels")
TEXTS, NAMED = 600, 300
HELLO = "hello"

STRANGE = [
    *("\udcff", "\udce2\udc82", "\udced\udca0\udc80"),
    *("\u200d", "\ufe0f", "👩\u200d👧", "❤\ufe0f", "\u0300", "\u0345", "\u3000", "\u2800", "\xa0"),
    *("\ufffd", "\uffff", "\U0010ffff", "\ue000", "한", "ᄒ\u1161", "ｈｉ", "ﬁ", "ß", "İ", "שלום"),
    *("\t", "\r", " ", "  ", "/", "//", "/msg ", "MSG|", "CMD_USER|", ": ", "\\", '"', "#hall "),
]
"""Besides what is hostile. A half of a surrogate pair stands for a byte that is not UTF-8."""


def odd(dice: random.Random, most: int = 6) -> str:
    """Anything that Unicode has, and some that it has not."""
    return "".join(
        dice.choice(STRANGE) if dice.random() < 0.6 else _any_character(dice)
        for _ in range(dice.randint(1, most))
    )


def _any_character(dice: random.Random) -> str:
    found = dice.randrange(dice.choice((0x80, 0x800, 0x10000, 0x110000)))
    return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= found < 0xE000 else chr(found)


def some_text(dice: random.Random) -> str:
    """A text to be said: hostile, odd, both, or about as long as texts can be."""
    chance = dice.random()
    if chance < 0.02:
        return "x y" * dice.randrange(1330, 1337)
    if chance < 0.04:
        return "".join(_any_character(dice) for _ in range(500))
    make = dice.choice((hostile, odd, lambda dice: hostile(dice) + odd(dice)))
    return make(dice)


def as_bytes(text: str) -> bytes:
    """What a client sends for a text."""
    return text.encode("utf-8", "surrogateescape")


class Talker:
    """Somebody on one of the wires, who can give a name, say texts, and hear messages."""

    def __init__(self, server: Server, door: str, number: int) -> None:
        self.door = door
        self.client = server.connect(number, None if door in SHARED else door)

    def introduce(self, name: str) -> None:
        """Give a name; on channels that takes to come into the room."""
        if self.door == "json":
            self._object(type="hello", nick=name)
            self._object(type="join", room="lobby")
        elif self.door == "irc":
            for line in ("CAP REQ standard-replies", "USER x 0 * x", f"NICK :{name}", "CAP END"):
                self.line(line)
            self.line("JOIN #lobby")
        elif self.door == "channels":
            room = {"channelName": "hall", "channelPassword": "secret"}
            self._object(action="joinChannel", **room, memberName=name)
        elif self.door in ("pipe", "plain"):
            self.line(f"CMD_USER|{name}")
        else:
            self.line(f"/nick {name}" if self.door == "pychat" else name)

    def enter(self) -> None:
        """Come into the room, if giving a name was not that."""
        if self.door == "json":
            self._object(type="join", room="hall", password="secret")
        elif self.door == "irc":
            self.line("JOIN #hall secret")
        elif self.door != "channels":
            self.line("/join hall secret")
        if self.door == "plain":
            self.line("/plain")

    def say(self, text: str, *, with_verb: bool = False) -> None:
        """Say a text as a text, whatever it looks like."""
        if self.door == "json":
            self._object(type="say", room="hall", text=text)
        elif self.door == "channels":
            self._object(action="message", message=text, timestamp="01:02:03")
        elif self.door == "irc":
            self.line(f"PRIVMSG #hall :{text}")
        else:
            seen = visible(text)  # what comes before it hides no command, and no verb
            typed = f"/{seen}" if seen.startswith("/") else text
            named = self.door in ("pipe", "plain") and (with_verb or re.match("[A-Z_]+[|]", seen))
            self.line(f"MSG|me: {typed}" if named else typed)

    def can_say(self, text: str) -> bool:
        """Whether this wire has a way to say a text as it is."""
        if self.door == "irc":  # where a colour has digits, and \x01 begins what clients ask
            own = re.search("\x03[0-9]|\x04[0-9A-Fa-f]{6}|^\x01", text)
            return not own and "\n" not in text and len(as_bytes(text)) < 490
        return "\n" not in text or self.door in MULTILINE

    def line(self, text: str) -> None:
        """Send a line, or a frame."""
        data = as_bytes(text)
        whole = len(data).to_bytes(4, "big") + data if self.client.framed else data + b"\n"
        self.client.send(whole)

    def _object(self, **found: str) -> None:
        self.client.send(as_bytes(json.dumps(found, ensure_ascii=False)) + b"\n")

    def units(self) -> list[str]:
        """What was heard since the last time, cut as this wire's clients cut it."""
        if self.client.framed:
            return self.client.frames()
        if self.door == "channels":
            return self.client.objects()
        if self.door in ("prompt", "pychat"):
            return self.client.segments()
        *found, rest = self.client.transport.take().decode().split("\n")
        assert not rest, "a line has no end"
        return [each for each in found if " WARN " not in each] if self.door == "irc" else found


def read_lines(start: str, newline: str = "") -> Callable[[list[str]], tuple[str, str]]:
    """A reader of units that are each a line of a text, behind the same start."""
    form = re.compile(f"{start}([^\n]*){newline}")

    def read(units: list[str]) -> tuple[str, str]:
        found = [form.fullmatch(unit) for unit in units]
        senders = {each[1] for each in found if each}
        assert len(senders) == 1 and all(found), units
        assert all(len(unit.removesuffix(newline).splitlines()) == 1 for unit in units), units
        return senders.pop(), "\n".join(each[2] for each in found if each)

    return read


def read_json(units: list[str]) -> tuple[str, str]:
    """The nick and the text of the one message."""
    [found] = map(json.loads, units)
    assert (found["type"], found["room"], found["kind"]) == ("message", "hall", "text"), units
    return found["nick"], found["text"]


def read_framed(units: list[str]) -> tuple[str, str]:
    """The nick and the text of the one frame."""
    [found] = units
    matched = re.fullmatch(r"#hall ([^: ]+): (.*)", found, re.DOTALL)
    assert matched, units
    return matched[1], matched[2]


def read_prompt(units: list[str]) -> tuple[str, str]:
    """The nick and the text, in which an older client finds no other name."""
    for unit in units:
        assert not [name for form in NAMES for name in form.findall(unit)], unit
    return read_lines(rf"\[12:34\][ {NBSP}]#hall ([^: ]+): ", "\n")(units)


def read_channels(units: list[str]) -> tuple[str, str]:
    """The member's name and the text; several objects only for what does not go into one."""
    found = list(map(json.loads, units))
    assert len({each["memberName"] for each in found}) == 1, units
    assert all(each["action"] == "message" for each in found), units
    assert all(len(unit.encode()) <= SEGMENT_BYTES for unit in units), units
    text = "".join(each["message"] for each in found)
    assert len(units) == 1 or len(json.dumps(text)) > SEGMENT_BYTES // 2, units
    return found[0]["memberName"], text


READERS: dict[str, Callable[[list[str]], tuple[str, str]]] = {
    "pipe": read_lines(r"MSG\|#hall ([^: ]+): "),
    "plain": read_lines("12:34 #hall <([^ ]+?)> "),
    "json": read_json,
    "irc": read_lines(r":([^! ]+)!u@\d{6}\.chat PRIVMSG #hall :", "\r"),
    "prompt": read_prompt,
    "framed": read_framed,
    "pychat": read_lines(r"#hall (\d{6}): ", "\n"),
    "channels": read_channels,
}


class DifferentialTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.dice = random.Random(SEED)
        self.server = Server(
            message_burst=10**9, address_connections=0, address_new_connections=0, connections=10**6
        )
        self.server.connect(250).say("CMD_USER|founder", "/create hall secret")
        self.ears = {door: self.enter(door, f"ear-{door}", n) for n, door in enumerate(DOORS, 1)}
        self.hush()

    def enter(self, door: str, nick: str, number: int) -> Talker:
        talker = Talker(self.server, door, number)
        talker.introduce(nick)
        talker.enter()
        return talker

    def hush(self) -> None:
        for ear in self.ears.values():
            ear.client.transport.take()

    def read(self, door: str, units: list[str], context: str) -> tuple[str, str]:
        """Whom a wire names as the author of its one message, and the text."""
        try:
            return READERS[door](units)
        except (AssertionError, LookupError, ValueError):
            self.fail(f"{context}: {door} tells something else: {units}")

    def heard(self, context: str) -> tuple[str, str] | None:
        """The nick and the text of the message that each wire has now; None if none has any."""
        units = {door: ear.units() for door, ear in self.ears.items()}
        for door, ear in self.ears.items():
            self.assertFalse(ear.client.closed, context)
            self.assertEqual(bool(units[door]), bool(units["json"]), (door, context))
        if not units["json"]:
            return None
        nick, text = self.read("json", units["json"], context)
        user = json.loads(units["json"][0])["user"]
        for door in DOORS:
            called = {"pychat": user, "channels": member_name(nick, user)}.get(door, nick)
            sender, told = self.read(door, units[door], context)
            self.assertEqual(sender, called, (door, context))
            if door == "prompt":
                self.assertEqual(told.replace(NBSP, " "), text.replace(NBSP, " "), context)
            elif door == "irc":
                self.assertEqual(told.replace("\n", ""), text.replace("\n", ""), context)
            else:
                self.assertEqual(told, text, (door, context))
        return nick, text

    def check_author(self, talker: Talker, taken: bool, context: str) -> None:
        """Check that who said something was told what its wire tells of it, and no more."""
        units = talker.units()
        self.assertFalse(talker.client.closed, context)
        if not taken:
            self.assertLessEqual(len(units), 1, context)
        elif talker.door in ("pychat", "channels"):
            self.read(talker.door, units, context)
        else:
            kinds = [json.loads(unit)["type"] for unit in units if talker.door == "json"]
            self.assertEqual(kinds, ["ack"] * len(units), context)
            self.assertEqual(len(units), int(talker.door == "json"), context)

    def test_every_wire_is_compared(self) -> None:
        self.assertEqual({*DOORS} - {"plain"}, WIRES)
        self.assertEqual(set(READERS), {*DOORS})

    def test_what_is_told_otherwise_is_noticed(self) -> None:
        for door, units in {
            "pipe": ["MSG|#hall ann: x", "SRV|eve has joined the chat."],
            "plain": ["12:34 #hall <ann> x", "12:34 #hall <eve> x"],
            "framed": ["* ann: x"],
            "prompt": ["[12:34] #hall ann: SERVER: eve has joined the chat\n"],
            "pychat": ["#hall 100000: x\nUSERS:1\n"],
        }.items():
            self.assertRaises(AssertionError, READERS[door], units)

    def test_texts(self) -> None:
        talkers = [self.enter(door, f"{door}-talker", n) for n, door in enumerate(DOORS, 20)]
        said = refused = 0
        self.hush()
        for talker in talkers:
            talker.client.transport.take()
        for _ in range(TEXTS):
            raw = some_text(self.dice)
            outcomes = {}
            for talker in talkers:
                if not talker.can_say(raw):
                    continue
                context = f"CHAT_SEED={SEED} {talker.door} {raw!r}"
                talker.say(raw, with_verb=self.dice.random() < 0.5)
                found = self.heard(context)
                if found is not None:
                    self.assertEqual(found[0], f"{talker.door}-talker", context)
                outcomes[talker.door] = found and found[1]
                self.check_author(talker, found is not None, context)
                for other in talkers:
                    other.client.transport.take()
                said += found is not None
                refused += found is None
            self.assertEqual(len(set(outcomes.values())), 1, f"CHAT_SEED={SEED} {outcomes}")
        self.assertGreater(said, TEXTS * 3)
        self.assertGreater(refused, TEXTS // 20)

    def test_names(self) -> None:
        taken = refused = 0
        for number in range(NAMED):
            name = "".join(self.dice.choice((hostile, odd))(self.dice, 2).split("\n"))
            name = f"x{number}{name}" if self.dice.random() < 0.5 else f"{name}x{number}"
            if self.dice.random() < 0.05:
                name = name[:10] + "y" * self.dice.randrange(20, 26)
            name = name.removesuffix("\r\0")  # a line's end where telnet writes it
            outcomes = {door: self.called(door, name) for door in DOORS}
            if {"\r", "\0"} & {*name}:  # which a line of IRC has none of
                del outcomes["irc"]
            elif outcomes["json"] != name:  # on IRC a name is as it was asked for, or refused
                outcomes["irc"] = outcomes["irc"] or outcomes["json"]
            self.assertEqual(
                len(set(outcomes.values())), 1, f"CHAT_SEED={SEED} {name!r} {outcomes}"
            )
            taken += outcomes["json"] is not None
            refused += outcomes["json"] is None
        self.assertGreater(taken, NAMED // 10)
        self.assertGreater(refused, NAMED // 10)

    def called(self, door: str, name: str) -> str | None:
        """What all wires call somebody who gives this name on one; None if it is refused."""
        talker = Talker(self.server, door, 100)
        self.hush()
        talker.introduce(name)
        found = None
        told = "renamed" if door == "pychat" else "joined"
        if any(json.loads(each)["type"] == told for each in self.ears["json"].units()):
            talker.enter()
            self.hush()
            talker.say(HELLO)
            found = self.heard(f"CHAT_SEED={SEED} {door} {name!r}")
            assert found is not None
            self.assertEqual(found[1], HELLO)
        talker.client.hang_up()
        return found and found[0]
