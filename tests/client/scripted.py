"""A server for tests of the client: takes its connections, and says what a test tells it to."""

from __future__ import annotations

from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from chatservice.domain.commands import Command, Hello, Join
from chatservice.domain.events import Entered, Event, Message, Person, Welcome
from chatservice.wire.schema import dump, load_command
from urwidclient.logins import Logins
from urwidclient.phases import ConnectionState
from urwidclient.session import ChatSession
from urwidclient.timing import GREETING_SECONDS

ALICE = Person(nick="alice", user="100001", address="127.0.0.1:1")


@implementer(IStreamClientEndpoint)
class ScriptedServer:
    """The endpoint that a session connects to, and what stands behind it."""

    def __init__(self) -> None:
        self.attempts: list[tuple[Any, Deferred[Any]]] = []
        self.cancelled = 0
        self.protocol: Any = None
        self.transport: Any = None

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        """An attempt, which waits for `accept` or `refuse`."""

        def cancel(_: object) -> None:
            self.cancelled += 1

        attempt: Deferred[Any] = Deferred(cancel)
        self.attempts.append((protocolFactory, attempt))
        return attempt

    def accept(self) -> None:
        """Take the last attempt."""
        factory, attempt = self.attempts.pop()
        self.protocol = factory.buildProtocol(None)
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)
        attempt.callback(self.protocol)

    def refuse(self) -> None:
        """Fail the last attempt."""
        _, attempt = self.attempts.pop()
        attempt.errback(error.ConnectionRefusedError())

    def sent(self) -> bytes:
        """What has come since the last time."""
        data: bytes = self.transport.value()
        self.transport.clear()
        return data

    def commands(self) -> list[Command]:
        """The same as commands of the json wire."""
        return [load_command(line) for line in self.sent().splitlines()]

    def say(self, *lines: bytes) -> None:
        """Send lines."""
        self.protocol.dataReceived(b"".join(line + b"\n" for line in lines))

    def tell(self, *events: Event) -> None:
        """Send events of the json wire."""
        self.say(*map(dump, events))

    def lose(self) -> None:
        """End the connection."""
        protocol: Protocol = self.protocol
        protocol.connectionLost(Failure(error.ConnectionDone()))


class Scene:
    """A session, its server, and all that it tells. A jitter of 1 makes the waits full ones."""

    def __init__(
        self,
        nick: str = "me",
        rooms: tuple[str, ...] = ("lobby",),
        password: str | None = None,
        logins: Logins | None = None,
    ) -> None:
        self.clock = Clock()
        self.server = ScriptedServer()
        self.events: list[Event] = []
        self.states: list[ConnectionState] = []
        self.session = ChatSession(
            self.clock,
            self.server,
            nick=nick,
            rooms=rooms,
            client_key="k" * 32,
            password=password,
            logins=logins,
            on_event=self.events.append,
            on_state=self.states.append,
            jitter=lambda: 1.0,
            wall=lambda: int(self.clock.seconds() * 1000),
        )

    @property
    def phases(self) -> list[str]:
        """The phases told so far, each once."""
        phases = [state.phase for state in self.states]
        return [
            phase for before, phase in zip([None, *phases], phases, strict=False) if phase != before
        ]

    def meet(self) -> Hello:
        """Accept the connection; the hello that comes."""
        self.server.accept()
        self.clock.advance(GREETING_SECONDS)
        [hello] = self.server.commands()
        assert isinstance(hello, Hello)
        return hello

    def welcome(self, hello: Hello, server_id: str = "s1") -> list[Command]:
        """Welcome it; what comes then."""
        self.server.tell(welcome(hello.nick, hello.id, server_id))
        return self.server.commands()

    def enter(self) -> None:
        """Start, and go all the way into the (empty) rooms."""
        self.session.start()
        for join in self.welcome(self.meet()):
            assert isinstance(join, Join)
            self.server.tell(entered(join))
        self.events.clear()

    def reconnect(self, server_id: str = "s1") -> list[Command]:
        """Lose the connection, come back, be welcomed; what comes then."""
        self.server.lose()
        self.clock.advance(30)
        self.server.accept()
        [hello] = self.server.commands()
        assert isinstance(hello, Hello)
        return self.welcome(hello, server_id)


def welcome(nick: str | None, re: str | None = None, server_id: str = "s1") -> Welcome:
    """The answer to a hello."""
    return Welcome(
        version=1,
        features=(),
        server="Test",
        server_id=server_id,
        nick=nick,
        user="100009",
        text_characters=4000,
        re=re,
    )


def entered(join: Join, *messages: Message, seq: int | None = None) -> Entered:
    """The answer to a join."""
    last = max((message.seq for message in messages), default=join.since or 0)
    return Entered(
        room=join.room,
        seq=last if seq is None else seq,
        people=(ALICE,),
        messages=messages,
        re=join.id,
    )


def message(seq: int, nick: str = "alice", text: str = "", re: str | None = None) -> Message:
    """A message in the lobby."""
    return Message(
        room="lobby",
        seq=seq,
        id=f"1-{seq}",
        nick=nick,
        user="100001",
        at=1_700_000_000_000 + seq,
        text=text or f"text {seq}",
        re=re,
    )
