"""Every wire at once on a real server: all clients in one room, each hears all the others."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chatservice.wire.codec import ServerInfo
from chatservice.wire.framed import frame
from chatservice.wire.registry import Registry
from tests.e2e.server import SECONDS, Client, Server, serving
from tests.e2e.test_server import refused

_WIRES = Registry(lambda _at: "12:34", ServerInfo(), lambda: 0).wires
DOORS = [wire for wire in _WIRES.values() if wire.port is not None]
GAP = ("--limit", "segment_seconds=0.05")
"""So long that a busy machine still receives one segment at a time."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def dial(port: int) -> socket.socket:
    """A connection."""
    return socket.create_connection(("127.0.0.1", port), SECONDS)


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[tuple[Server, dict[str, int]]]:
    """A server with a port for each wire that has its own."""
    ports = dict(zip([wire.name for wire in DOORS], free_ports(len(DOORS)), strict=True))
    listen = [f"--listen={name}=tcp:{port}" for name, port in ports.items()]
    with serving(tmp_path / "state", *listen, *GAP) as server:
        yield server, ports


def test_everybody_hears_everybody(doors: tuple[Server, dict[str, int]]) -> None:
    server, ports = doors
    with ExitStack() as stack:
        pipe, native = stack.enter_context(server.connect()), server.enter("native")
        stack.enter_context(native)
        pipe.send(b"CMD_USER|pipe\n")
        irc = stack.enter_context(server.connect())
        irc.send(b"NICK irc\r\nUSER irc 0 * :irc\r\nJOIN #lobby\r\n")
        irc.until(b" 366 ")
        clients = {"pipe": pipe, "native": native, "irc": irc}
        for name, port in ports.items():
            clients[name] = stack.enter_context(Client(dial(port)))
        clients["prompt"].send(b"prompt\n")
        clients["framed"].send(frame("framed"))
        identity = clients["pychat"].until(b"ID:").removeprefix(b"ID:").decode()
        clients["pychat"].send(b"/nick pychat\n")
        channels = clients["channels"]
        secret = {"channelName": "den", "channelPassword": "secret", "memberName": "channels"}
        channels.send(action("createChannel", **secret))
        assert next_object(channels)["message"] == "channel created successfully"
        channels.send(action("joinChannel", **secret))
        member = next_object(channels)["memberName"]
        assert re.fullmatch(r"channels_[A-Za-z0-9_-]{11}", member)
        for client, mark in (
            (pipe, b"is now known as pychat"),
            (native, b'"renamed"'),
            (irc, b" NICK pychat"),
            (clients["prompt"], b"is now known as pychat"),
            (clients["pychat"], b"is now known as pychat"),
        ):
            client.until(mark)
        for name in ("pipe", "prompt", "pychat", "framed"):
            line = b"/join den secret"
            clients[name].send(frame(line.decode()) if name == "framed" else line + b"\n")
        native.say(type="join", room="den", password="secret")
        native.until(b'"entered"')
        irc.send(b"JOIN #den secret\r\n")
        irc.until(b" 366 ")
        framed_until(clients["framed"], b"You are in #den.")
        for name in ("pipe", "prompt", "pychat"):
            clients[name].until(b"You are in #den.")
        comers = {"pipe", "native", "irc", "prompt", "pychat", "framed"}
        heard_of = channels.socket.recv(65536)
        while not all(f"{name} has joined #den.".encode() in heard_of for name in comers):
            heard_of += channels.socket.recv(65536)
        told: dict[str, bytes] = {}
        for name, client in clients.items():
            text = f"this is {name}"
            if name == "native":
                client.say(type="say", text=text, room="den")
            elif name == "irc":
                client.send(f"PRIVMSG #den :{text}\r\n".encode())
            elif name == "channels":
                client.send(action("message", message=text, timestamp="00:00:00"))
            else:
                client.send(frame(text) if name == "framed" else f"{text}\n".encode())
            told[name] = text.encode()
            for other, hearer in clients.items():
                # What one says oneself comes back on two wires only.
                if other == name and name not in ("pychat", "channels"):
                    continue
                if other == "channels":
                    said = next_object(hearer)
                    assert said["message"] == text
                    assert re.fullmatch(rf"{name}_[A-Za-z0-9_-]{{11}}", said["memberName"])
                    assert name != "channels" or said["memberName"] == member
                    continue
                if other == "framed":
                    heard = framed_until(hearer, told[name])
                else:
                    heard = hearer.until(told[name])
                author = identity.encode() if other == "pychat" and name == "pychat" else None
                expected = {
                    "pipe": f"MSG|#den {name}: {text}",
                    "prompt": f"] #den {name}: {text}",
                    "framed": f"#den {name}: {text}",
                    "pychat": f": {text}",
                    "native": f'"nick":"{name}"',
                    "irc": f".chat PRIVMSG #den :{text}\r",
                }[other]
                assert expected.encode() in heard, (name, other, heard)
                if author is not None:
                    assert heard == b"#den " + author + b": " + told[name]


def action(name: str, **more: str) -> bytes:
    """An object as older clients write it."""
    return json.dumps({"action": name, **more}).encode()


def next_object(client: Client) -> dict[str, Any]:
    """What one receive gives, which is one whole object."""
    found: dict[str, Any] = json.loads(client.socket.recv(1024))
    return found


def framed_until(client: Client, part: bytes) -> bytes:
    """Read frames until one has this in it, and give that."""
    while True:
        size = int.from_bytes(exactly(client.socket, 4), "big")
        found = exactly(client.socket, size)
        if part in found:
            return found


def exactly(sock: socket.socket, size: int) -> bytes:
    """So many bytes."""
    data = b""
    while len(data) < size:
        chunk = sock.recv(size - len(data))
        assert chunk, "the connection ended"
        data += chunk
    return data


def test_segments_as_a_client_receives_them(doors: tuple[Server, dict[str, int]]) -> None:
    """Each receive gives what old clients look for, and nothing with it."""
    _server, ports = doors
    with dial(ports["prompt"]) as ann, dial(ports["prompt"]) as bob:
        assert ann.recv(1024) == b"Please enter your username: "
        ann.sendall(b"ann")
        assert ann.recv(1024) == b"Welcome ann! You are now connected to the chat server.\n"
        ann.sendall(b"one\ntwo\n")
        assert bob.recv(1024) == b"Please enter your username: "
        bob.sendall(b"ann\n")
        assert bob.recv(1024) == b"SERVER: Nickname 'ann' is already taken.\n"
        assert bob.recv(1024) == b"Please enter your username: "
        bob.sendall(b"bob\n")
        assert bob.recv(1024).startswith(b"Welcome bob!")
        assert [bob.recv(1024)[8:] for _ in range(2)] == [b"ann: one\n", b"ann: two\n"]
        assert ann.recv(1024) == b"SERVER: bob has joined the chat.\n"
        with dial(ports["pychat"]) as first:
            assert first.recv(1024) == b"Welcome to PyChat Server!\n"
            identity = first.recv(1024)
            assert identity.startswith(b"ID:")
            assert first.recv(1024).endswith(b"," + identity[3:])
            assert ann.recv(1024) == b"SERVER: %s has joined the chat.\n" % identity[3:-1]
            first.sendall(b"hello")
            assert first.recv(1024) == identity[3:-1] + b": hello\n"
            assert ann.recv(1024)[8:] == identity[3:-1] + b": hello\n"
        assert ann.recv(1024) == b"SERVER: %s has left the chat.\n" % identity[3:-1]


def test_a_stop_is_told_in_each_wire_s_own_form(doors: tuple[Server, dict[str, int]]) -> None:
    server, ports = doors
    with ExitStack() as stack:
        clients = {name: stack.enter_context(Client(dial(port))) for name, port in ports.items()}
        clients["framed"].send(frame("ann"))
        clients["channels"].send(action("createChannel", channelName="x", memberName="eve"))
        assert next_object(clients["channels"])["success"]
        assert next_object(clients["channels"])["action"] == "joinChannel"
        clients["pychat"].until(b"USERS:")
        assert server.stop() == 0
        assert clients["prompt"].rest().endswith(b"SERVER: Server is shutting down. Goodbye!")
        assert clients["pychat"].rest().endswith(b"[System] The server is shutting down.")
        framed_until(clients["framed"], b"* The server is shutting down.")
        assert clients["framed"].line() == b""
        assert clients["channels"].rest() == b""


def taken() -> list[int]:
    """The customary ports that somebody listens on."""
    found = []
    for wire in DOORS:
        try:
            socket.create_server(("", wire.port or 0)).close()
        except OSError:
            found.append(wire.port or 0)
    return found


@pytest.mark.skipif(bool(taken()), reason="a customary port is taken on this machine")
def test_classic(tmp_path: Path) -> None:
    """The customary ports are open beside the shared one; a taken one is one sentence."""
    with serving(tmp_path / "state", "--classic") as server:
        for wire in DOORS:
            with dial(wire.port or 0) as client:
                if wire.framing == "frames":
                    client.sendall(frame("ann"))
                if wire.framing == "objects":
                    client.sendall(action("joinChannel", channelName="x", memberName="ann"))
                assert client.recv(1024)
        sentence = refused(tmp_path, "--state", str(tmp_path / "other"), "--port", "0", "--classic")
        assert server.process.poll() is None
    first = DOORS[0]
    assert sentence == (
        f"TCP port {first.port} can't be listened on (Address already in use);"
        f" leave --classic out, or try --listen {first.name}=tcp:PORT."
    )


def test_turned_away(tmp_path: Path) -> None:
    """Full: in the words that older clients know."""
    [port] = free_ports(1)
    options = ("--listen", f"prompt=tcp:{port}", "--limit", "connections=1")
    with serving(tmp_path / "state", *options) as server, server.connect(), Client(dial(port)) as c:
        assert c.rest() == b"Server is full. Try again later."
