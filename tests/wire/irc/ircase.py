"""People who speak IRC with the whole server in memory."""

from __future__ import annotations

from collections.abc import Iterable

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.session import Session
from tests.wire.house import Client, Server

CAPS = "message-tags batch labeled-response echo-message"
"""What a modern client asks for, as far as most tests care."""


class IrcClient:
    """One connection; lines are without their ends."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, *lines: str) -> list[str]:
        """Send lines, all at once; what the server says thereupon."""
        self.client.send("".join(f"{line}\r\n" for line in lines).encode())
        return self.heard()

    def heard(self) -> list[str]:
        """What was said since the last time."""
        data = self.client.transport.take().decode()
        assert not data or data.endswith("\r\n"), data
        return data.split("\r\n")[:-1]


class IrcCase(SynchronousTestCase):
    """A server, and people who enter it by IRC; the server's name is `chat.test`."""

    def setUp(self) -> None:
        self.server = Server()
        self._clients = 0

    def stranger(self) -> IrcClient:
        """A connection that has said nothing yet."""
        self._clients += 1
        return IrcClient(self.server.connect(self._clients, None))

    def enter(self, nick: str, caps: str = "", rooms: Iterable[str] = ()) -> IrcClient:
        """Somebody with these capabilities, in these rooms, who has heard of all that."""
        client = self.stranger()
        begin = [f"CAP REQ :{caps}"] if caps else []
        lines = client.ask(*begin, f"NICK {nick}", f"USER {nick} 0 * :{nick} R.", "CAP END")
        assert any(" 001 " in line for line in lines), lines
        for room in rooms:
            client.ask(f"JOIN {room}")
        return client

    def session(self, nick: str) -> Session:
        """The connection of somebody."""
        return self.server.world.hub._people.find(nick)

    def make_operator(self, nick: str) -> None:
        """Somebody is an operator of the server from now on."""
        people = self.server.world.hub._people
        people.make_operator(people.find(nick), True)

    def numerics(self, lines: list[str]) -> list[str]:
        """The numerics, or commands, of lines in order."""
        words = [line.split(" ") for line in lines]
        words = [each[1:] if each[0].startswith("@") else each for each in words]
        return [each[1] if each[0].startswith(":") else each[0] for each in words]
