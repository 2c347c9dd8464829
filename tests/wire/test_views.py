"""What clients of the wires of lines and frames make of all they get is what is so, at any time.

They know no more than the pages of their wires tell. `CHAT_SEED` chooses other plays.
"""

from __future__ import annotations

import random
import re

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import Message
from chatservice.domain.rooms import LOBBY, Room
from chatservice.domain.session import Session
from chatservice.wire.framed import frame
from chatservice.wire.pipe import GREETING, HINT
from chatservice.wire.prompt import PROMPT
from tests.wire.house import Server
from tests.wire.test_fuzz import pieces
from tests.wire.test_injection import NBSP, SEED, hostile

PLAYS, ACTS, MOST = 12, 150, 7
NICKS = ("ann", "bob", "to", "You", "[x]", "private]", "Ж", "李")
ROOMS = (LOBBY, "attic")

COMMANDS = (
    "/join {room},/join {room},/leave {room} {text},/nick {text},/nick {nick},/kick {who} {text},"
    "/away {text},/topic {text},/realname {text},/msg {who} {text},/edit {text},/edit {text},"
    "/react {text},/mute {who},/unmute {who},/broadcast {text},/broadcast {text},/confide {text},"
    "/{text},/ban {who} 5s {text},/history 3,/bans"
)
STARTS = ("", "SRV|", "SERVER: ", "* ", "[System] ", "MSG|", "[12:34] ", "#attic ")
FORGED = ("{} has joined the chat.", "{} has left the chat.", "{}: hi", "In #lobby: {}", "USERS:{}")
CONTROLS = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]")

SERVER = {"pipe": "SRV|", "prompt": "SERVER: ", "framed": "* ", "pychat": "[System] "}
SAID = {
    "pipe": re.compile(r"MSG\|(\[private\] (?:to )?|#\S+ |)(\S+?): (.*)"),
    "prompt": re.compile(r"\[\d\d:\d\d\] (\[private\] (?:to )?|#\S+ |)(\S+?): (.*)\n"),
    "framed": re.compile(r"(\[private\] (?:to )?|#\S+ |)(\S+?): (.*)", re.DOTALL),
    "pychat": re.compile(r"(\[Private\] (?:To )?|#\S+ |)(\d{6}): (.*)\n"),
}
LIST = re.compile(r"(?:ULIST\|(?:[^(),]+\([^(),]+:\d+\),?)*|USERS:[\d,]*\n)")
ITEM = re.compile(r"[|,]([^(),]+)\(|(\d{6})")
BESIDES = re.compile(rf"SRV\|({GREETING}|{re.escape(HINT)})|{PROMPT}|(\* )?Welcome.*\n?|ID:\d+\n")

_WHO = r"(\S+)(?: \(\S+\))?"
CAME = re.compile(rf"{_WHO} has joined (?:the chat|#(\S+))\.")
WENT = re.compile(rf"{_WHO} has left (?:the chat\.|#(\S+?)(?:\.|: .*))")
PUT_OUT = re.compile(rf"{_WHO} has put {_WHO} out of #(\S+?)(?:\.|: .*)")
RENAMED = re.compile(r"(\S+) is now known as (\S+)\.")
ENTERED = re.compile(r"You are in #(\S+?)(?: \(.*\))?\.(?: Here are the recent messages:)?")
EXITED = re.compile(r"You have left #(\S+)\.")
WHO = re.compile(r"In #(\S+): (.*)")


class Player:
    """Somebody with a client: `rooms` are who is where, None before that was asked."""

    def __init__(self, server: Server, wire: str, number: int) -> None:
        self.wire = wire
        self.client = server.connect(number, wire)
        self.session: Session = self.client.transport.protocol.peer.session  # type: ignore
        self.rooms: dict[str, list[str] | None] = {LOBBY: None}
        self.list: list[str] | None = None
        self.heard: list[tuple[str, str, str]] = []

    @property
    def name(self) -> str:
        """What its wire calls it."""
        return self.session.user if self.wire == "pychat" else self.session.nick or ""

    def read(self) -> None:
        """Take what came; all of it has to be something that the client knows."""
        if self.wire == "framed":
            units = self.client.frames()
        elif self.wire == "pipe":
            *units, rest = self.client.transport.take().decode().split("\n")
            assert not rest, "a line has no end"
        else:
            units = self.client.segments()
        start = SERVER[self.wire]
        for unit in units:
            assert not CONTROLS.search(unit), unit
            if said := SAID[self.wire].fullmatch(unit):
                self.heard.append((said[1], said[2], said[3].replace(NBSP, " ")))
            elif LIST.fullmatch(unit):
                self.list = [found[1] or found[2] for found in ITEM.finditer(unit)]
            elif not BESIDES.fullmatch(unit):
                assert unit.startswith(start), unit
                self.told(unit.removeprefix(start).removesuffix("\n"))

    def wanted(self, room: Room, message: Message) -> list[tuple[str, str, str]]:
        """What it has to hear of a message."""
        text = f"*{message.text}*" if message.kind == "action" else message.text
        where = f"#{room.name} " if room.name != LOBBY else ""
        who = message.user if self.wire == "pychat" else message.nick
        lines = [text] if self.wire == "framed" else text.split("\n")
        return [(where, who, line.replace(NBSP, " ")) for line in lines]

    def told(self, sentence: str) -> None:
        """Take what the server says about who is where."""
        if found := ENTERED.fullmatch(sentence):
            self.rooms[found[1]] = None
        elif found := EXITED.fullmatch(sentence):
            del self.rooms[found[1]]
        elif found := WHO.fullmatch(sentence):
            self.rooms[found[1]] = [each.partition(" ")[0] for each in found[2].split(", ")]
        elif (found := RENAMED.fullmatch(sentence)) and self.wire != "pychat":
            for people in filter(None, self.rooms.values()):
                people[:] = [found[2] if each == found[1] else each for each in people]
        elif found := CAME.fullmatch(sentence):
            self.see(found[1], found[2] or LOBBY, here=True)
        elif found := WENT.fullmatch(sentence):
            self.see(found[1], found[2] or LOBBY, here=False)
        elif (found := PUT_OUT.fullmatch(sentence)) and found[2] == self.name:
            del self.rooms[found[3]]
        elif found and (self.wire, found[3]) != ("prompt", LOBBY):  # which is told to have left
            self.see(found[2], found[3], here=False)

    def see(self, who: str, room: str, *, here: bool) -> None:
        """Somebody came into a room, or went, who was not there, or was."""
        people = self.rooms.get(room)
        if people is not None:
            assert (who in people) is not here, (who, room, people)
            people[:] = [*people, who] if here else [each for each in people if each != who]


class Play:
    """One random play."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.server = Server(address_connections=0, address_new_connections=0)
        self.players: list[Player] = []
        self.number = 0

    def run(self) -> int:
        """Act, and look whether everybody's view is right after each act; give what was heard."""
        heard = 0
        for _ in range(ACTS):
            acts = [*[self.say] * 2, *[self.command] * 6, *[self.come] * 2, self.go]
            heard += self.dice.choice(acts)() or 0
            self.settle()
            self.check()
        return heard

    def type(self, player: Player, line: str) -> None:
        """Send a line as the player's wire has it, in any pieces."""
        end = self.dice.choice((b"\n", b"\r\n", b"\r\0\n"))
        one_line = line.replace("\n", " ").encode() + end
        data = frame(line) if player.wire == "framed" else one_line
        for piece in pieces(data, self.dice):
            player.client.send(piece)
        self.server.world.settle(40)

    def come(self) -> None:
        if len(self.players) == MOST:
            return
        self.number += 1
        wire = self.dice.choice([*SAID, "framed"])
        player = Player(self.server, wire, self.number)
        nick = f"{self.dice.choice(NICKS)}{self.number}"
        self.type(player, f"CMD_USER|{nick}" if wire == "pipe" else nick)
        self.players.append(player)
        if self.dice.random() < 0.4:
            self.server.world.hub._people.make_operator(player.session, True)

    def go(self) -> None:
        if len(self.players) > 3:
            player = self.players.pop(self.dice.randrange(len(self.players)))
            if self.dice.random() < 0.5:
                self.type(player, f"/quit {self.text()}")
            player.client.hang_up()

    def say(self) -> int:
        """Say something in a room, or do; all who hear the room get that, and nothing else."""
        if not self.players:
            return 0
        author, line, before = self.dice.choice(self.players), self.text(), self.kept()
        self.type(author, f"/me {line}" if line[:1] == "/" else line)
        told = [(room, each) for room, each in self.kept() if (room, each) not in before]
        for player in self.players:
            player.read()
            own = player is author and player.wire != "pychat"
            wanted = [
                said
                for room, each in told
                if room.hears(player.session) and not own
                for said in player.wanted(room, each)
            ]
            assert player.heard == wanted, (player.wire, player.heard, wanted)
        return len(told) * len(self.players)

    def command(self) -> None:
        if not self.players:
            return
        dice = self.dice
        if dice.random() < 0.1:
            self.server.world.store.broken = dice.choice((None, "The disk is full"))
        if dice.random() < 0.1:
            self.server.pass_time(6)
        who, room = dice.choice(self.players).session.nick, dice.choice(ROOMS)
        form = dice.choice(COMMANDS.split(","))
        line = form.format(who=who, room=room, nick=dice.choice(NICKS), text=self.text())
        self.type(dice.choice(self.players), line)

    def text(self) -> str:
        """What looks as if the server said it of who is here, or of who is not."""
        here = [each.name for each in self.players] or ["eve"]
        who = self.dice.choice([*here, *here, "mallory"])
        start = self.dice.choice([*STARTS, "x\n", "x\n", "x\n", "x\u2028", "x\r"])
        forged = start + self.dice.choice(FORGED).format(who)
        stays = hostile(self.dice).replace("/quit", "/who")
        return self.dice.choice((forged, forged, stays, "é中😀" * 9))

    def kept(self) -> list[tuple[Room, Message]]:
        """All messages of all rooms."""
        store = self.server.world.store
        return [
            (room, each) for room in self.server.world.hub.rooms for each in store.kept(room.id)
        ]

    def settle(self) -> None:
        """Let everything be told, and those who have come into a room ask who is there."""
        for player in self.players:
            player.read()
            for room, people in [*player.rooms.items()]:
                if people is None and (player.wire, room) != ("pychat", LOBBY):
                    self.type(player, f"/who {room}")
            player.read()
        for player in self.players:
            player.read()
            player.heard.clear()

    def check(self) -> None:
        """Look whether each one's view is what is so."""
        for player in self.players:
            assert not player.client.closed
            for room in self.server.world.hub.rooms:
                now = [each.user if player.wire == "pychat" else each.nick for each in room.people]
                hears = room.hears(player.session)
                assert hears == (room.name in player.rooms), (player.wire, room.name, hears)
                view = player.rooms.get(room.name)
                assert view is None or sorted(view) == sorted(now), (player.wire, view, now)
                if hears and room.name == LOBBY:
                    assert player.list in (None, now), (player.wire, player.list, now)


class ViewTests(SynchronousTestCase):
    def test_everybody_sees_what_is_so(self) -> None:
        heard = 0
        for seed in range(SEED, SEED + PLAYS):
            try:
                heard += Play(seed).run()
            except AssertionError as error:
                self.fail(f"CHAT_SEED={seed}: {error!r}")
        self.assertGreater(heard, 10 * PLAYS)
