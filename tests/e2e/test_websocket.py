"""IRC in WebSocket messages, on a real server, by a client that knows nothing of it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Message,
    Ping,
    Pong,
    Request,
    TextMessage,
)

from tests.e2e.server import SECONDS, Server, serving
from tests.e2e.test_doors import free_ports
from tests.e2e.test_irc_clients import irc

TEXT, BINARY = "text.ircv3.net", "binary.ircv3.net"


class WebSocket:
    """A client's end."""

    def __init__(self, port: int, *subprotocols: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.protocol = WSConnection(ConnectionType.CLIENT)
        self.binary = False
        self.seen: list[str] = []
        self._events: list[Event] = []
        self.send(Request(host="127.0.0.1", target="/", subprotocols=list(subprotocols)))
        accepted = self.event()
        assert isinstance(accepted, AcceptConnection), accepted
        self.subprotocol = accepted.subprotocol

    def send(self, *events: Event) -> None:
        """Send all in one piece."""
        self.socket.sendall(b"".join(map(self.protocol.send, events)))

    def say(self, *lines: str) -> None:
        """Send lines of IRC, as messages of the kind that was agreed on."""
        for line in lines:
            self.send(BytesMessage(data=line.encode()) if self.binary else TextMessage(data=line))

    def event(self) -> Event:
        """The next one."""
        while not self._events:
            self.protocol.receive_data(self.socket.recv(65536))
            self._events = list(self.protocol.events())
        return self._events.pop(0)

    def line(self) -> str:
        """The next message, which has to be one line of the kind that was agreed on."""
        parts: list[str] = []
        while True:
            event = self.event()
            assert isinstance(event, BytesMessage if self.binary else TextMessage), event
            parts.append(event.data.decode() if isinstance(event, BytesMessage) else event.data)
            if event.message_finished:
                line = "".join(parts)
                assert not {"\r", "\n"} & set(line), line
                self.seen.append(line)
                return line

    def until(self, part: str) -> str:
        """The next message that has this in it."""
        while part not in (line := self.line()):
            pass
        return line

    def register(self, nick: str, room: str) -> None:
        """Be somebody, in a room."""
        self.say(f"NICK {nick}", f"USER {nick} 0 * :{nick}", f"JOIN #{room}")
        self.until(" 366 ")

    def close(self) -> None:
        """Cut the connection."""
        self.socket.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, int]]:
    """A server, and its port for WebSockets."""
    [port] = free_ports(1)
    with serving(tmp_path / "state", "--listen", f"irc-ws=tcp:{port}") as server:
        yield server, port


def test_text_and_binary(served: tuple[Server, int]) -> None:
    """websocket, "WebSocket features and encoding": a line to a message, of the kind agreed on."""
    server, port = served
    with ExitStack() as stack, irc(server, "carol", "den") as carol:
        sockets = {}
        for nick, offered, chosen in (
            ("text", (TEXT,), TEXT),
            ("binary", (BINARY, TEXT), BINARY),
            ("both", ("x.example", TEXT, BINARY), TEXT),
            ("other", ("x.example",), None),
            ("none", (), None),
        ):
            opened = sockets[nick] = WebSocket(port, *offered)
            stack.callback(opened.close)
            assert opened.subprotocol == chosen
            opened.binary = chosen != TEXT
            opened.register(nick, "den")
            assert " 001 " in opened.seen[0]
        for nick, opened in sockets.items():
            opened.say(f"PRIVMSG #den :hallo von {nick} ☃")
            for other, hearer in (*sockets.items(), ("carol", None)):
                if hearer is None:
                    heard = carol.until(b"PRIVMSG").decode()
                    assert heard.endswith(f" #den :hallo von {nick} ☃\r")
                elif other != nick:
                    heard = hearer.until("PRIVMSG")
                    assert heard.startswith(f":{nick}!")
                    assert heard.endswith(f" #den :hallo von {nick} ☃")
        carol.send(b"PRIVMSG #den :bad \xff byte\r\n")
        for opened in sockets.values():
            assert opened.until("PRIVMSG").endswith(":bad \ufffd byte")


def test_pieces_pings_and_closes(served: tuple[Server, int]) -> None:
    server, port = served
    opened = WebSocket(port, TEXT)
    with irc(server, "carol", "den") as carol:
        opened.register("ann", "den")
        opened.send(TextMessage(data="PRIVMSG #d", message_finished=False), Ping(payload=b"1"))
        assert opened.event() == Pong(payload=b"1")
        opened.send(TextMessage(data="en :in two pieces\r\n"))
        assert carol.until(b"PRIVMSG").endswith(b" #den :in two pieces\r")
        opened.send(CloseConnection(code=1000))
        while isinstance(event := opened.event(), Message):
            pass
        assert event == CloseConnection(code=1000, reason="")
        assert opened.socket.recv(1) == b""
        assert carol.until(b" QUIT ").startswith(b":ann!")
        opened.close()
        late = WebSocket(port, TEXT)
        late.register("late", "den")
        assert server.stop() == 0
        while isinstance(event := late.event(), Message):
            pass
        assert isinstance(event, CloseConnection)
        assert event.code == 1001
        assert late.protocol.state is ConnectionState.REMOTE_CLOSING
        late.close()


def test_a_web_page_is_told_what_this_is(served: tuple[Server, int]) -> None:
    _server, port = served
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    asking.request("GET", "/")
    answer = asking.getresponse()
    assert (answer.status, answer.headers["Upgrade"]) == (426, "websocket")
    assert answer.read() == b"This port speaks WebSocket only.\n"
    asking.close()
