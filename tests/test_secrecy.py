"""What the core promises about what nobody is told and nothing changes, tried at random.

People talk, moderate, close rooms, log in and out, while the store fails now and then. Each text is
a token that tells where it came from. `CHAT_SEED` chooses other plays than the usual ones.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import commands, events
from chatservice.domain.authority import Act
from chatservice.domain.commands import Command
from chatservice.domain.errors import ChatError
from chatservice.domain.events import Event
from chatservice.domain.hub import Hub
from chatservice.domain.rooms import LOBBY, Room
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Step
from chatservice.domain.text import name_keys
from tests.chance import first_seed
from tests.world import SECRET, Draw, World

SEED = first_seed()
PLAYS = 10
STEPS = 100
ROOMS = (LOBBY, "attic", "cellar")
NAMES = ("ann", "bob", "eve", "joe", "zoe")
PASSWORD = "a password"

_TOKEN = re.compile(r"<\d+>")
_HIDDEN = re.compile("|".join(map(re.escape, (PASSWORD, PASSWORD[::-1], SECRET))))
_SETTINGS: tuple[dict[str, Any], ...] = (
    {"history": "joining"},
    {"history": "all"},
    {"secret": True},
    {"secret": False},
    {"external": True},
    {"invite_only": True},
    {"invite_only": False},
)
_CACHES = ("_audience", "_people_list", "policy")


@dataclass
class Token:
    """Who said a text, in which room or to whom."""

    author: Session
    to: str | None
    room: Room | None


class Play:
    """One random play; `problems` says what was promised and not kept."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        choose = self.random.choice
        self.world = World(recent_messages=choose([2, 9]), password_tries=9999, rename_seconds=0)
        self.tokens: dict[str, Token] = {}
        self.problems: list[str] = []
        self.told = self.refused = 0
        self.execute = self.world.hub.execute
        self.world.hub.execute = self.checked  # type: ignore[method-assign]
        self.people = [self.world.person(name, *ROOMS) for name in NAMES]
        for room in ROOMS[1:]:
            for nick in NAMES[1:3]:
                share = commands.SetRole(room=room, nick=nick, role="operator")
                self.world.do(self.people[0], share)
        self.world.ears.told.clear()

    def run(self) -> None:
        """Play, and let everybody read now and then; look after each step whether all is kept."""
        for step in range(STEPS):
            place = self.random.randrange(len(self.people))
            session = self.people[place]
            self.world.store.broken = self.random.choice([None, None, None, "full"])
            self.do(session, self.command(session))
            self.world.store.broken = None
            if self.kept(self.world.hub) != self.kept(self.restarted()):
                self.problems.append(f"the store has something else at {step}")
            nicks = {each.user: each.nick or "" for each in self.world.hub.sessions}
            keys = [name_keys(nick) for nick in nicks.values()]
            if sum(map(len, keys)) != len(frozenset().union(*keys)):
                self.problems.append(f"names look alike at {step}: {nicks}")
            if session.state is State.GONE:
                self.people[place] = self.world.person(NAMES[place])
            if step % 8 == 0:
                for each in self.people:
                    for room in each.rooms:
                        self.do(each, commands.History(room=room))
                    self.do(each, commands.Search(words="before:2099-01-01"))
                    self.do(each, commands.ListRooms())

    def do(self, session: Session, command: Command) -> None:
        """Do it, and look at what everybody is told."""
        self.world.chat.execute(session, command)
        self.world.settle(3)
        for other, told in list(self.world.ears.told.items()):
            for event in told:
                self.look(other, event, f"{session.nick}: {command}")
        self.world.ears.told.clear()

    # What people do

    def command(self, session: Session) -> Command:
        choose = self.random.choice
        room = choose([*session.rooms, *ROOMS[1:]])
        nick = choose([each.nick or "" for each in self.people])
        new = f"<{len(self.tokens)}>"
        say: Callable[..., Command] = choose([commands.Say, commands.Edit])
        made: list[Command] = [
            say(room=room, text=new),
            *[commands.Say(room=room, text=new)] * 3,
            *[commands.Tell(to=nick, text=new)] * 2,
            commands.Delete(room=room),
            commands.React(room=room, reaction="+"),
            commands.History(room=f"@{nick}"),
            *[commands.Join(room=room, password=PASSWORD)] * 2,
            commands.Join(room=room, since=0, password=PASSWORD),
            commands.Leave(room=room),
            commands.SetTopic(room=room, topic=choose([new, None])),
            commands.SetRoomPassword(room=room, password=choose([None, PASSWORD])),
            *[commands.Configure(room=room, **choose(_SETTINGS))] * 3,
            commands.SetRole(room=room, nick=nick, role=choose(["operator", "muted"])),
            commands.Invite(room=room, nick=nick),
            commands.Kick(room=room, nick=nick),
            commands.Ban(room=room, who=nick, kind=choose(["ban", "mute"])),
            commands.Unban(room=room, who=nick, kind=choose(["ban", "mute"])),
            commands.Whois(nick=nick),
            commands.SetNick(nick=choose([*NAMES, "\u0430nn", "B0b"])),
            commands.Register(password=PASSWORD),
            commands.Login(nick=nick, password=PASSWORD),
            commands.Logout(),
            commands.SetAlwaysOn(active=choose([True, False])),
            commands.Quit(),
        ]
        command = choose(made)
        text, topic = getattr(command, "text", ""), getattr(command, "topic", "")
        if new in (text, topic):
            to = getattr(command, "to", None)
            self.tokens[new] = Token(session, to, None if to else self.room(room))
        return command

    # What is promised

    def checked(self, session: Session, command: Command, now: int) -> list[Step]:
        """Who is refused something has changed nothing by asking for it."""
        before = self.state()
        try:
            return self.execute(session, command, now)
        except ChatError as error:
            self.refused += 1
            if self.state() != before:
                self.problems.append(f"{command} was refused, and changed something: {error}")
            raise

    def state(self) -> list[str]:
        hub = self.world.hub
        rooms = [
            {name: value for name, value in vars(room).items() if name not in _CACHES}
            | {"policy": replace(room.policy, _found={})}
            for room in hub.rooms
        ]
        sessions = [[getattr(each, name) for name in Session.__slots__] for each in hub.sessions]
        return [repr(each) for each in (*rooms, *sessions)]

    def look(self, session: Session, event: Event, why: str) -> None:
        """What somebody is told holds nothing that is not for them."""
        shown = repr(event)
        wrong = _HIDDEN.findall(shown)
        for text in _TOKEN.findall(shown):
            self.told += 1
            if not self.may_see(session, event, text):
                wrong.append(text)
        if isinstance(event, events.Rooms):
            wrong += [each.room for each in event.rooms if not self.may_know(session, each.room)]
        if isinstance(event, events.WhoisReply):
            wrong += [each for each in event.rooms if not self.may_know(session, each)]
        if wrong:
            self.problems.append(f"{session.nick} was told {wrong} in {event}, after {why}")

    def may_see(self, session: Session, event: Event, text: str) -> bool:
        token, hub = self.tokens[text], self.world.hub
        if isinstance(event, events.Private):
            return session.user in (event.user, event.to_user)
        if token.to is not None:
            letters = hub._rooms.conversations_of(session.account or "")
            return any(
                each.text == text for room in letters for each in self.world.store.kept(room.id)
            )
        room = token.room
        if room is None:
            return False
        hears = room.hears(session) or session is token.author
        message = next((each for each in self.world.store.kept(room.id) if each.text == text), None)
        if message is None:
            now = self.world.wall()
            return text == room.policy.topic and (hears or room.allows(session, Act.SEE, now))
        if isinstance(event, events.Message | events.Edited):
            return hears
        inside = room.shows_person(session) or room.allows(session, Act.READ, self.world.wall())
        return inside and message.seq > hub._rooms.shown_after(session, room)

    def may_know(self, session: Session, name: str) -> bool:
        room = self.room(name)
        assert room is not None
        known = room.shows_person(session) or session.identity in room.policy.roles
        return known or session.operator or not room.policy.secret

    def kept(self, hub: Hub) -> list[Any]:
        """What outlives a server, as it has it."""
        rooms = {
            room.name: (policy.settings(0, ""), policy.roles, policy.since, policy.rules)
            for room in hub.rooms
            if (policy := room.policy).kept or policy.lobby
        }
        accounts = [replace(each, seen_at=0) for each in hub._people.owners.all]
        return [rooms, accounts]

    def restarted(self) -> Hub:
        """A server that has been started with what is in the store."""
        opened, limits = self.world.store.open(), self.world.limits
        kept: dict[str, Any] = {
            "rooms": opened.rooms,
            "accounts": opened.accounts,
            "stays": opened.stays,
        }
        return Hub(name="", server_id="", limits=limits, draw=Draw(), **kept)

    def room(self, name: str) -> Room | None:
        return next((room for room in self.world.hub.rooms if room.name == name), None)


class SecrecyTests(SynchronousTestCase):
    def test_random_plays(self) -> None:
        told = refused = 0
        for seed in range(SEED, SEED + PLAYS):
            play = Play(seed)
            play.run()
            self.assertEqual(play.problems, [], f"CHAT_SEED={seed}")
            told, refused = told + play.told, refused + play.refused
        self.assertGreater(told, 50 * PLAYS)
        self.assertGreater(refused, 20 * PLAYS)
