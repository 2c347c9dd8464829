"""What a client that knows only the lines it got takes the chat for, tried at random.

Some people, of whom some know all capabilities and some none, do what comes to mind, while the
store dawdles and fails. `CHAT_SEED` chooses other plays than the usual ones.
"""

from __future__ import annotations

import base64
import json
import random
import re

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.irc.capabilities import CAPABILITIES
from chatservice.wire.irc.line import BODY_BYTES
from tests.chance import first_seed
from tests.wire.house import Client, Server

SEED = first_seed()
PLAYS, STEPS = 6, 120
NICKS, ROOMS, ACCOUNTS = ("ann", "bob", "cho", "dan"), ("#lobby", "#attic", "#den"), ("ann", "bob")
ALL = sorted({*CAPABILITIES} - {"no-implicit-names", "draft/no-implicit-names", "draft/metadata-3"})
MODERN = {"ACCOUNT", "ACK", "AWAY", "BATCH", "CHGHOST", "MARKREAD", "RENAME", "SETNAME", "TAGMSG"}
"""Commands that only those know who have asked for them."""

LINE = re.compile("(?:@([^ ]+) )?(?::([^ ]+) )?([^ ]+)(?: (.*))?")
SOURCE = re.compile(r"([^!@ ]+)!u@\d{6}\.chat")


class View:
    """A client, and what it takes the chat for; `problems` says what it can make no sense of."""

    def __init__(self, play: Play, client: Client, capabilities: list[str]) -> None:
        self.play, self.client, self.capabilities = play, client, capabilities
        self.nick = "*"
        self.rooms: dict[str, dict[str, str]] = {}
        self.topics: dict[str, str] = {}
        self.named: dict[str, str] = {}
        self.labels: set[str] = set()
        self.batches: dict[str, str | None] = {}
        self.problems: list[str] = []

    def send(self, line: str) -> None:
        if self.capabilities and self.nick != "*" and self.play.random.random() < 0.5:
            label = f"{len(self.play.said)}"
            self.labels.add(label)
            line = f"@label={label} {line}"
        self.play.said.append(line)
        self.client.transport.protocol.dataReceived(f"{line}\r\n".encode())

    def hear(self) -> None:
        for line in self.client.transport.take().decode().split("\r\n")[:-1]:
            self.line = line
            self.take(line)

    def check(self, fine: bool, why: str) -> None:
        if not fine:
            self.problems.append(f"{why}, {self.nick} is told {self.line}")

    def take(self, line: str) -> None:
        found = LINE.fullmatch(line)
        assert found, line
        given, source, verb, rest = found.groups(default="")
        tags = dict(tag.partition("=")[::2] for tag in given.split(";") if tag)
        middle, colon, last = f" {rest}".partition(" :")
        params = [*middle.split(), *([last] if colon else [])]
        by = SOURCE.fullmatch(source)
        self.check(len(line.partition(" ")[2] if given else line) <= BODY_BYTES, "too long")
        self.check(not (source and by is None) or source == "chat.test", "an odd source")
        self.check(bool(self.capabilities) or not (tags or verb in MODERN), "not asked for")
        if "label" in tags:
            self.check(tags["label"] in self.labels, "answered twice")
            self.labels.discard(tags["label"])
        self.check(tags.get("batch") in (None, *self.batches), "in no batch")
        if verb.isdigit():
            self.nick = params[0] if verb == "001" else self.nick
            self.check(params[0] in (self.nick, "*"), "to somebody else")
        tell = getattr(self, f"on_{verb.lower()}", None)
        if tell is not None:
            tell(by[1].lower() if by else "", params, tags)

    def people(self, room: str) -> dict[str, str]:
        self.check(room in self.rooms, "not there")
        return self.rooms.get(room, {})

    def on_batch(self, _by: str, params: list[str], tags: dict[str, str]) -> None:
        name = params[0][1:]
        if params[0][0] == "+":
            self.check(name not in self.batches, "begun twice")
            self.batches[name] = tags.get("batch")
        else:
            self.check(name not in self.batches.values(), "ends before what is in it")
            self.check(self.batches.pop(name, "") != "", "ends twice")

    def on_join(self, by: str, params: list[str], _tags: dict[str, str]) -> None:
        if by == self.nick.lower():  # who has become another person comes in as that one
            self.rooms[params[0]], self.topics[params[0]] = {by: ""}, ""
        else:
            self.check(by not in self.people(params[0]), "already there")
            self.people(params[0])[by] = ""

    def on_part(self, by: str, params: list[str], _tags: dict[str, str]) -> None:
        self.check(by in self.people(params[0]), "was not there")
        self.people(params[0]).pop(by, None)
        if by == self.nick.lower():
            self.rooms.pop(params[0], None)

    def on_kick(self, _by: str, params: list[str], tags: dict[str, str]) -> None:
        self.on_part(params[1].lower(), params, tags)

    def on_quit(self, by: str, _params: list[str], _tags: dict[str, str]) -> None:
        found = [room for room in self.rooms.values() if room.pop(by, None) is not None]
        self.check(bool(found), "never seen")

    def on_nick(self, by: str, params: list[str], _tags: dict[str, str]) -> None:
        own, new = by == self.nick.lower(), params[0].lower()
        found = [room for room in self.rooms.values() if by in room]
        self.check(own or bool(found), "never seen")
        taken = not own and by != new and any(new in room for room in found)
        self.check(not taken, "somebody's nick")
        for room in found:
            room[new] = room.pop(by)
        self.nick = params[0] if own else self.nick

    def on_mode(self, _by: str, params: list[str], _tags: dict[str, str]) -> None:
        sign, values = "+", iter(params[2:])
        for mode in params[1] if params[0][0] == "#" else "":
            if mode in "+-":
                sign = mode
            elif mode in "ov":
                prefix, nick, people = {"o": "@", "v": "+"}[mode], next(values).lower(), params[0]
                was = self.people(people).get(nick)
                self.check(was == ("" if sign == "+" else prefix), f"was {was}")
                self.people(people)[nick] = prefix if sign == "+" else ""

    def on_topic(self, _by: str, params: list[str], _tags: dict[str, str]) -> None:
        self.people(params[0])
        self.topics[params[0]] = params[1]

    def on_332(self, _by: str, params: list[str], _tags: dict[str, str]) -> None:
        self.topics[params[1]] = params[2]

    def on_rename(self, _by: str, params: list[str], _tags: dict[str, str]) -> None:
        self.people(params[0])
        self.rooms[params[1]] = self.rooms.pop(params[0], {})
        self.topics[params[1]] = self.topics.pop(params[0], "")

    def on_353(self, _by: str, params: list[str], _tags: dict[str, str]) -> None:
        for each in params[3].split():
            nick = each.lstrip("@+").partition("!")[0].lower()
            self.named[nick] = each[0] if each[0] in "@+" else ""

    def on_366(self, _by: str, params: list[str], _tags: dict[str, str]) -> None:
        self.rooms.get(params[1], {}).update(self.named)
        self.named = {}

    def compare(self) -> None:
        """Ask for all that it believes to know; nothing happens meanwhile."""
        self.play.settle()
        self.line = "nothing more"
        self.check(not self.labels and not self.batches, f"unanswered: {self.labels}")
        for room, people in [*self.rooms.items()]:
            believed, topic = dict(people), self.topics[room]
            people.clear()
            self.topics[room] = ""
            for line in (f"NAMES {room}", f"TOPIC {room}"):
                self.send(line)
                self.play.settle()
            if people:  # else it is banned where it is, and may not look
                self.check((people, self.topics[room]) == (believed, topic), f"{believed} {topic}")
            self.rooms[room], self.topics[room] = believed, topic


class Play:
    """One random play."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.server = Server(rename_seconds=0, message_burst=10**9, address_accounts=100)
        self.said: list[str] = []
        self.views: list[View] = []
        self.json = self.server.connect(1)
        self.json.send(b'{"type":"hello","nick":"eve"}\n')

    def run(self) -> list[str]:
        world, dice = self.server.world, self.random
        for step in range(STEPS):
            while len(self.views) < 5:
                self.enter()
            for _ in range(dice.choice((1, 1, 2, 3))):
                self.act(dice.choice(self.views or [self.enter()]))
            world.store.broken = dice.choice((world.store.broken, world.store.broken, None, "full"))
            world.worker.hold = dice.random() < 0.1
            self.settle(dice.choice((1, 20)))
            self.views = [view for view in self.views if not view.client.closed]
            if step % 20 == 19:
                world.store.broken, world.worker.hold = None, False
                while world.worker.release():
                    self.settle()
                world.clock.advance(31)
                for view in self.views:
                    view.compare()
            if problems := [each for view in self.views for each in view.problems]:
                return problems
        return []

    def enter(self) -> View:
        number = len(self.said) + 10
        client = self.server.connect(number, host=number % 250)
        view = View(self, client, ALL if self.random.random() < 0.5 else [])
        self.views.append(view)
        asked = view.capabilities[:15], view.capabilities[15:]
        lines = [f"CAP REQ :{' '.join(each)}" for each in asked if each]
        for line in (*lines, f"NICK guest{number}", "USER x 0 * :x", "CAP END"):
            view.send(line)
        self.settle()
        return view

    def act(self, view: View) -> None:
        dice = self.random
        nick, room, to = dice.choice(NICKS), dice.choice(ROOMS), dice.choice(ROOMS)
        who = dice.choice((*(each.nick for each in self.views), "eve"))
        account = dice.choice(ACCOUNTS)
        plain = base64.b64encode(f"\0{account}\0secret-{account}".encode()).decode()
        lines = (
            *(f"JOIN {room}", f"JOIN {room}", f"JOIN {room},{to}", f"NAMES {room}", f"WHO {room}"),
            *(f"PART {room}", f"KICK {room} {who}", f"RENAME {room} {to}", f"TOPIC {room} :{nick}"),
            *(f"MODE {room} +o {who}", f"MODE {room} -o+v {who} {who}", f"MODE {room} -v {who}"),
            *(f"PRIVMSG {room},{who} :hi", f"NICK {nick}", f"NICK {nick}", "AWAY :x", "SETNAME x"),
            *(f"REGISTER {account} * secret-{account}", f"MODE {room} +b {who}", "QUIT"),
            *(f"AUTHENTICATE PLAIN\nAUTHENTICATE {plain}" if view.capabilities else "AWAY", "JSON"),
        )
        line = dice.choice(lines)
        if line == "JSON":
            role = dice.choice(("operator", "voice", "member", "muted"))
            for said in ({"type": "join"}, {"type": "role", "nick": who, "role": role}):
                self.json.transport.protocol.dataReceived(
                    json.dumps(said | {"room": room[1:]}).encode() + b"\n"
                )
        else:
            for each in line.split("\n"):
                view.send(each)
            if line == "QUIT":
                self.views.remove(view)

    def settle(self, turns: int = 20) -> None:
        for _ in range(turns):
            self.server.world.clock.advance(0)
        for view in self.views:
            view.hear()


class ViewTests(SynchronousTestCase):
    def test_random_plays(self) -> None:
        for seed in range(SEED, SEED + PLAYS):
            play = Play(seed)
            problems = play.run()
            self.assertEqual(problems, [], f"CHAT_SEED={seed}: {play.said[-5:]}")
            self.assertGreater(len(play.said), STEPS)
