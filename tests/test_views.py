"""What a client can know by what it was told is what is so: tried at random, over the json wire.

Guests and owners of accounts, some on several connections, one of them always on and one an
operator, come, go and do whatever they like. Each has a view made of nothing but the events that
its client got; whenever all is quiet, that is compared with the rooms. `CHAT_SEED` chooses other
plays than the usual ones.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import Person
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from chatservice.wire.json import ENCODER
from chatservice.wire.schema import load_command
from tests.chance import first_seed
from tests.world import SECRET, Ears, World

SEED = first_seed(20260103)
PLAYS = 12
STEPS = 150
PASSWORD = "correct horse"
CLIENTS = ("gus", "", "ann", "ann", "bob", "bob", "root", "cat")
"""The nicks that they begin with; the second one is `zed`, whose client has no secret."""

ROOMS = ("lobby", "r1", "r2", "r3")
NICKS = ("gus", "zed", "ann", "bob", "root", "cat", "dan")
COMMANDS: tuple[tuple[int, str, dict[str, Sequence[Any]]], ...] = (
    (14, "join", {"room": ROOMS, "password": (None, "pw"), "since": (None, 0)}),
    (3, "create", {"room": ROOMS, "invite_only": (None, True), "password": (None, "pw")}),
    (3, "leave", {"room": ROOMS, "every": (None, None, True)}),
    (4, "say", {"room": ROOMS, "text": ("hi",)}),
    (3, "topic", {"room": ROOMS, "topic": ("", "one", "two")}),
    (1, "room-password", {"room": ROOMS, "password": (None, "pw")}),
    (2, "configure", {"room": ROOMS, "secret": (None, True, False), "history": (None, "joining")}),
    (2, "configure", {"room": ROOMS, "moderated": (True, False), "people_most": (None, 0, 3)}),
    (2, "rename", {"room": ROOMS, "new": ROOMS}),
    (6, "role", {"room": ROOMS, "nick": NICKS, "role": ("operator", "voice", "member", "muted")}),
    (2, "invite", {"room": ROOMS, "nick": NICKS}),
    (2, "kick", {"room": ROOMS, "nick": NICKS}),
    (3, "ban", {"room": ROOMS, "who": (*NICKS, "account:ann", "g*"), "seconds": (None, 5)}),
    (2, "unban", {"room": ROOMS, "who": (*NICKS, "account:ann", "g*")}),
    (3, "nick", {"nick": NICKS}),
    (6, "login", {"nick": ("ann", "bob", "root"), "password": (PASSWORD,)}),
    (3, "logout", {}),
    (1, "always-on", {"active": (True, False)}),
    (3, "away", {"text": (None, "lunch")}),
    (1, "realname", {"text": (None, "R. N.")}),
    (1, "bot", {"active": (True, False)}),
    (3, "mark-read", {"room": ROOMS, "at": (1, 2, 3)}),
    (1, "quit", {}),
)
WEIGHTS = [weight for weight, _, _ in COMMANDS]


def known(room: Room, read_at: int | None) -> dict[str, Any]:
    """What somebody in a room knows of it."""
    policy = room.policy
    rules = {name: getattr(policy, name) for name in ("invite_only", "secret")}
    return {
        "people": {each.user: described(each) for each in room.people},
        "topic": (policy.topic, policy.topic_by, policy.topic_at),
        "rules": {"locked": policy.password is not None, **rules},
        "read_at": read_at,
    }


def described(person: Person) -> dict[str, Any]:
    """What of a person is told whenever it changes."""
    names = ("nick", "role", "away", "account", "realname", "bot")
    return {name: getattr(person, name) for name in names}


@dataclass
class View:
    """What one client knows by what it was told."""

    user: str = ""
    rooms: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def take(self, told: dict[str, Any]) -> None:
        """Take in one event."""
        room, people = self.rooms.get(told.get("room", "")), {}
        if room is not None:
            people = room["people"]
        match told["type"], told:
            case ("welcome" | "logged-in" | "logged-out") as kind, {"user": user}:
                if kind != "welcome" and user == self.user:
                    self.describe(user, account=told.get("account"))
                self.user = user
            case (("joined" | "left" | "role" | "message" | "configured"), _) if room is None:
                if "re" not in told and told.get("user") != self.user:
                    self.problems.append(f"told of a room that it is not in: {told}")
            case "joined", {"person": person}:
                people[person["user"]] = described(Person(**person))
            case "left", {"user": user}:
                del people[user]
            case "kicked", {"user": user} if user != self.user:
                people.pop(user, None)
            case (("kicked" | "exited"), _):
                self.rooms.pop(told["room"], None)
            case "role", {"user": user, "role": role}:
                people[user]["role"] = None if role == "member" else role
            case "topic", {"topic": topic} if room is not None:
                room["topic"] = topic, told.get("set_by", ""), told.get("set_at", 0)
            case "configured", _ if room is not None:
                room["rules"] = {name: told.get(name, False) for name in room["rules"]}
            case "read", _ if room is not None:
                room["read_at"] = told.get("at")
            case "room-renamed", {"old": old, "new": new}:
                self.rooms[new] = self.rooms.pop(old)
            case "renamed", {"user": user, "new": new}:
                self.describe(user, nick=new)
            case ("account" | "away" | "realname" | "bot") as kind, {"user": user}:
                value = told.get({"account": "account", "bot": "active"}.get(kind, "text"))
                self.describe(user, **{kind: bool(value) if kind == "bot" else value})
            case "entered", _:
                self.rooms[told["room"]] = {
                    "people": {each["user"]: described(Person(**each)) for each in told["people"]},
                    "topic": tuple(told.get(f"topic{n}", d) for n, d in _TOPIC.items()),
                    "rules": {n: told.get(n, False) for n in ("locked", "invite_only", "secret")},
                    "read_at": told.get("read_at"),
                }

    def describe(self, user: str, **facts: Any) -> None:
        """Something else is true of somebody, in all rooms."""
        for room in self.rooms.values():
            if user in room["people"]:
                room["people"][user].update(facts)


_TOPIC = {"": "", "_by": "", "_at": 0}


class Eyes(Ears):
    """Ears that tell each session what its client reads."""

    def __init__(self) -> None:
        super().__init__()
        self.views: dict[Session, View] = {}

    def deliver(self, steps: Sequence[Deliver | Disconnect]) -> None:
        """Tell in the form of the json wire, and disconnect."""
        for step in steps:
            if isinstance(step, Disconnect):
                self.views.pop(step.session, None)
                continue
            for session in set(step.audience) & self.views.keys():
                encode = ENCODER.encode_own if session is step.origin else ENCODER.encode
                for line in encode(step.event).splitlines():
                    self.views[session].take(json.loads(line))


class ViewTests(SynchronousTestCase):
    def test_random_plays(self) -> None:
        compared = sum(self.play(seed) for seed in range(SEED, SEED + PLAYS))
        self.assertGreater(compared, 10 * PLAYS)

    def play(self, seed: int) -> int:
        """One play; give how many views of rooms were compared."""
        chance, eyes = random.Random(seed), Eyes()
        world = World(address_accounts=99, password_tries=9999, rename_seconds=1)
        world.ears = eyes
        world.restart()
        sessions: dict[int, Session] = {}

        def do(number: int, kind: str, **values: Any) -> None:
            given = {name: value for name, value in values.items() if value is not None}
            unit = json.dumps({"type": kind, "id": "id", **given}).encode()
            world.chat.execute(sessions[number], load_command(unit))

        def connect(number: int, nick: str) -> None:
            secret = SECRET + str(number) if CLIENTS[number] else None
            session = sessions[number] = world.connect(f"127.0.0.1:{5000 + number}")
            eyes.views[session] = View()
            do(number, "hello", nick=nick, client=secret)

        for number in (2, 4, 6):
            connect(number, CLIENTS[number])
            do(number, "register", password=PASSWORD)
            world.settle()
        do(4, "always-on", active=True)
        compared = 0
        for step in range(STEPS):
            number = chance.randrange(len(CLIENTS))
            if number not in sessions or sessions[number] not in eyes.views:
                connect(number, CLIENTS[number] or "zed")
            elif not chance.randrange(20):
                world.chat.disconnect(sessions[number])
                del eyes.views[sessions.pop(number)]
            else:
                [(_, kind, fields)] = chance.choices(COMMANDS, WEIGHTS)
                do(number, kind, **{name: chance.choice(each) for name, each in fields.items()})
            world.clock.advance(chance.choice([0, 0, 0, 1]))
            if step % 10 == 9:
                world.settle()
                compared += self.compare(world, eyes, f"CHAT_SEED={seed}, step {step}")
        return compared

    def compare(self, world: World, eyes: Eyes, where: str) -> int:
        """All views with what is so; give how many there are."""
        rooms, marks = world.hub.rooms, world.hub._rooms.marks
        for session, view in eyes.views.items():
            heard = [room for room in rooms if room.hears(session)]
            is_so = {room.name: known(room, marks.at(session, f"#{room.name}")) for room in heard}
            self.assertEqual(
                (view.problems, view.user, view.rooms), ([], session.user, is_so), where
            )
        return sum(len(view.rooms) for view in eyes.views.values())
