"""The promise of the core, tried at random: each message once, in order, and none that is not kept.

Some people say things, say them again, come, go, lose connections and take them over, while the
store dawdles, fails and recovers. `CHAT_SEED` chooses other plays than the usual ones.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Hello, Join, Leave, Say
from chatservice.domain.events import (
    Ack,
    Closing,
    Entered,
    Event,
    Exited,
    Failed,
    HistoryPage,
    Message,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.chance import first_seed
from tests.world import SECRET, World

SEED = first_seed()
PLAYS = 100
STEPS = 300
ROOMS = (LOBBY, "attic")


@dataclass
class Client:
    """Somebody with a good memory, over all connections."""

    name: str
    session: Session | None = None
    heard: int = 0
    inside: set[str] = field(default_factory=set)
    waiting: dict[str, str] = field(default_factory=dict)
    seen: dict[str, list[int]] = field(default_factory=lambda: {room: [] for room in ROOMS})
    since: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROOMS, 0))
    said: dict[str, tuple[str, str]] = field(default_factory=dict)
    acked: dict[str, tuple[str, int]] = field(default_factory=dict)


class Play:
    """One random play; `problems` says what was promised and not kept."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World(
            recent_messages=self.random.choice([1, 3, 8]),
            replay_messages=2,
            history_messages=self.random.choice([1, 2, 5]),
        )
        self.clients = [Client(name) for name in ("ann", "bob", "eve")]
        self.problems: list[str] = []
        self.ids = 0

    def run(self) -> None:
        """Play, then mend everything and let everybody come back for the rest."""
        acts = (
            *[self.say] * 12,
            *[self.turn] * 8,
            *[self.release] * 8,
            *[self.come] * 6,
            *[self.retry] * 2,
            *[self.mend_store] * 2,
            self.leave,
            self.lose,
            self.take_over,
            self.dawdle,
            self.break_store,
            self.read_slowly,
            self.kill,
        )
        for _ in range(STEPS):
            self.random.choice(acts)(self.random.choice(self.clients))
            self.hear()
        self.mend()
        for client in self.clients:
            self.lose(client)
            for room in ROOMS:
                self.come(client, room)
                self.mend()
        self.check_end()

    # What can happen

    def say(self, client: Client) -> None:
        rooms = sorted(client.inside - client.waiting.keys())
        if client.session is not None and rooms:
            self.ids += 1
            key, room = f"say-{self.ids}", self.random.choice(rooms)
            client.said[key] = (room, f"text of {key}")
            self.send(client, key)

    def retry(self, client: Client) -> None:
        """Be it in a room that the client is not in."""
        if client.session is not None and client.said:
            self.send(client, self.random.choice([*client.said][-5:]))

    def send(self, client: Client, key: str) -> None:
        room, text = client.said[key]
        assert client.session is not None
        self.world.chat.execute(client.session, Say(room=room, text=text, id=key))

    def come(self, client: Client, room: str | None = None) -> None:
        if client.session is None:
            self.connect(client)
        room = room or self.random.choice(ROOMS)
        if room not in client.inside and room not in client.waiting:
            client.waiting[room] = "join"
            assert client.session is not None
            join = Join(room=room, since=client.since[room], id="join " + room)
            self.world.chat.execute(client.session, join)

    def leave(self, client: Client) -> None:
        rooms = sorted(client.inside - client.waiting.keys())
        if client.session is not None and rooms:
            client.waiting[rooms[0]] = "leave"
            self.world.chat.execute(client.session, Leave(room=rooms[0], id="leave " + rooms[0]))

    def lose(self, client: Client) -> None:
        if client.session is not None:
            self.world.chat.disconnect(client.session)
            self.forget(client)

    def take_over(self, client: Client) -> None:
        self.forget(client)
        self.connect(client)

    def forget(self, client: Client) -> None:
        client.session = None
        client.inside.clear()
        client.waiting.clear()

    def connect(self, client: Client) -> None:
        client.session = self.world.connect()
        client.heard = 0
        self.world.chat.execute(
            client.session, Hello(nick=client.name, client=SECRET + client.name)
        )

    def turn(self, _client: Client) -> None:
        self.world.clock.advance(0)

    def dawdle(self, _client: Client) -> None:
        self.world.worker.hold = not self.world.worker.hold

    def release(self, _client: Client) -> None:
        self.world.worker.release()

    def break_store(self, _client: Client) -> None:
        self.world.store.broken = "full"

    def mend_store(self, _client: Client) -> None:
        self.world.store.broken = None

    def kill(self, _client: Client) -> None:
        """The server is killed and started again; what the store had not done is lost."""
        if self.random.random() < 0.2:
            self.world.ears.slow = None
            self.world.restart()
            for client in self.clients:
                self.forget(client)

    def read_slowly(self, _client: Client) -> None:
        calls, self.world.ears.slow = self.world.ears.slow, None
        if calls is None:
            self.world.ears.slow = []
        for call in calls or ():
            call()

    def mend(self) -> None:
        self.world.store.broken = None
        self.world.worker.hold = False
        if self.world.ears.slow is not None:
            self.read_slowly(self.clients[0])
        for _ in range(100):
            self.world.worker.release()
            self.world.clock.advance(0)
        self.hear()

    # What is promised

    def hear(self) -> None:
        for client in self.clients:
            if client.session is not None:
                told = self.world.ears.told.get(client.session, [])
                for event in told[client.heard :]:
                    self.take(client, event)
                client.heard = len(told)

    def take(self, client: Client, event: Event) -> None:
        match event:
            case Message():
                self.see(client, event)
                if event.nick == client.name:
                    self.ack(client, event.re, event.room, event.seq)
            case HistoryPage() | Entered():
                for message in event.messages:
                    self.see(client, message)
                if isinstance(event, Entered):
                    client.since[event.room] = max(client.since[event.room], event.seq)
                    client.inside.add(event.room)
                    client.waiting.pop(event.room, None)
            case Ack():
                self.ack(client, event.re, event.room, event.seq)
            case Exited():
                client.inside.discard(event.room)
                client.waiting.pop(event.room, None)
            case Failed() if event.re in {"join " + room for room in client.waiting}:
                client.waiting.pop(event.re.removeprefix("join "))
            case Failed() if event.code in ("not-in-room", "no-such-room"):
                if event.re in client.acked:
                    self.problems.append(f"{client.name} was refused what is kept: {event}")
            case Failed() if event.code != "not-stored":
                self.problems.append(f"{client.name} was refused: {event}")
            case Closing():
                self.problems.append(f"{client.name} was closed: {event}")

    def see(self, client: Client, message: Message) -> None:
        room = message.room
        kept = {each.seq: each for each in self.kept(room)}
        if message.seq not in kept or kept[message.seq].text != message.text:
            self.problems.append(f"{client.name} saw what is not kept: {message}")
        if message.seq <= client.since[room]:
            self.problems.append(f"{client.name} saw out of order: {message}")
        client.seen[room].append(message.seq)
        client.since[room] = message.seq

    def ack(self, client: Client, key: str | None, room: str, seq: int) -> None:
        if key is None or client.acked.setdefault(key, (room, seq)) != (room, seq):
            self.problems.append(f"{client.name} has another acknowledgement of {key}: {seq}")

    def check_end(self) -> None:
        for room in ROOMS:
            kept = self.kept(room)
            seqs = [each.seq for each in kept]
            texts = [each.text for each in kept]
            if sorted(set(seqs)) != seqs:
                self.problems.append(f"seqs of {room} do not grow: {seqs}")
            if len(set(texts)) != len(texts):
                self.problems.append(f"kept twice in {room}: {texts}")
            for client in self.clients:
                if client.seen[room] != seqs:
                    self.problems.append(
                        f"{client.name} has {client.seen[room]} of {room}, not {seqs}"
                    )
                for key, (where, seq) in client.acked.items():
                    if where == room and (seq, client.said[key][1]) not in zip(
                        seqs, texts, strict=True
                    ):
                        self.problems.append(f"acknowledged and not kept: {key}")

    def kept(self, room: str) -> list[Message]:
        found = next((each for each in self.world.hub._rooms.rooms if each.name == room), None)
        return [] if found is None else self.world.store.kept(found.id)


class ExactlyOnceTests(SynchronousTestCase):
    def test_random_plays(self) -> None:
        kept = 0
        for seed in range(SEED, SEED + PLAYS):
            play = Play(seed)
            play.run()
            self.assertEqual(play.problems, [], f"CHAT_SEED={seed}")
            kept += sum(len(play.kept(room)) for room in ROOMS)
        self.assertGreater(kept, 10 * PLAYS)
