"""A real server: chat through real sockets, ends, wrong starts, other ways in."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import SECONDS, TWISTD, Client, Server, environment, serving, until


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `twistd` to its end."""
    return subprocess.run(
        [*TWISTD, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def refused(folder: Path, *options: str) -> str:
    """Start a server that can't; gives the one sentence that it says."""
    state = () if "--state" in options else ("--state", str(folder / "state"))
    done = run(folder, "-n", "--pidfile=", "chat", "--no-announce", *state, *options)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    *log, last = (done.stdout + done.stderr).strip().splitlines()
    assert "twistd chat: " not in "".join(log)
    assert "twistd chat: " in last
    return last.partition("twistd chat: ")[2]


def test_strangers_talk(tmp_path: Path) -> None:
    """Netcat and the native wire are in one room; the server runs in another folder."""
    with serving(tmp_path / "state") as server:
        with server.enter("native") as native, server.connect() as netcat:
            greeting = netcat.until(b"ULIST|")
            assert netcat.seen[0] == b"SRV|Welcome! Here are the recent messages:"
            assert greeting.startswith(b"ULIST|native(127.0.0.1:")
            netcat.send(b"hello there\n")
            heard = native.event("message")
            port = netcat.socket.getsockname()[1]
            assert (heard["nick"], heard["text"]) == (f"User_127.0.0.1:{port}", "hello there")
            native.say(type="say", text="hello yourself", id="1")
            assert native.event("ack")["re"] == "1"
            assert netcat.until(b"MSG|") == b"MSG|native: hello yourself"
        mode = server.state.stat().st_mode
        assert mode & 0o777 == 0o700


def closed(server: Server) -> bool:
    """Whether its store was closed in an orderly way: no log of changes is left."""
    return sorted(path.name for path in server.state.iterdir()) == ["chat.sqlite3", "lock"]


def hang_up_ends() -> None:
    """As in a terminal, whatever these tests run in."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_clean_stop(tmp_path: Path, number: int) -> None:
    """Everybody is told, the exit code is 0, and what was acknowledged is there afterwards."""
    with serving(tmp_path / "state", preexec=hang_up_ends) as server:
        with server.enter("alice") as alice, server.connect() as bob:
            bob.until(b"ULIST|")
            for n in range(20):
                alice.say(type="say", text=f"message {n}", id=str(n))
            seqs = [alice.event("ack")["seq"] for _ in range(20)]
            start = time.monotonic()
            assert server.stop(number) == 0
            assert time.monotonic() - start < 5
            assert bob.rest().endswith(b"SRV|The server is shutting down.")
            assert alice.event("closing")["code"] == "shutdown"
            assert alice.line() == b""
        assert b"Traceback" not in server.log.read_bytes()
    assert closed(server)
    with serving(tmp_path / "state", port=server.port) as again, again.connect() as alice:
        alice.say(type="hello", nick="alice")
        alice.say(type="join", room="lobby")
        entered = alice.event("entered")
        assert [message["seq"] for message in entered["messages"]] == seqs
        alice.say(type="say", text="more", id="more")
        assert alice.event("ack")["seq"] > seqs[-1]


def test_a_stop_does_not_wait_for_who_does_not_read(tmp_path: Path) -> None:
    """It is given its time and no more, and a second ctrl+C meanwhile does no harm."""
    options = ("--limit", "slow_drop_bytes=100000000", "--limit", "shutdown_seconds=2")
    with serving(tmp_path / "state", *options) as server:
        with deaf(server, "deaf"), server.enter("alice") as alice:
            for _ in range(10):
                for _ in range(100):
                    alice.say(type="say", text="€" * 2600)
                for _ in range(100):
                    alice.event("ack")
            start = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert server.stop(signal.SIGINT) == 0
            assert 1.5 < time.monotonic() - start < 5
        assert b"Traceback" not in server.log.read_bytes()
    assert closed(server)


def test_by_nohup_it_outlives_its_terminal(tmp_path: Path) -> None:
    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with serving(tmp_path / "state", preexec=nohup) as server, server.enter("alice") as alice:
        server.process.send_signal(signal.SIGHUP)
        for _ in range(3):
            alice.say(type="ping")
            alice.event("pong")
        assert server.stop() == 0


@pytest.mark.parametrize("reactor", ["poll", "select"])
def test_other_reactors(tmp_path: Path, reactor: str) -> None:
    """Not all systems have what is used by default."""
    command = (*TWISTD, f"--reactor={reactor}")
    with serving(tmp_path / "state", command=command) as server:
        with server.enter("alice") as alice, server.enter("bob") as bob:
            alice.say(type="say", text="hello")
            assert bob.event("message")["text"] == "hello"
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text()


def test_as_many_files_as_it_may_open(tmp_path: Path) -> None:
    """Also where the number of connections is set: those are to fit in."""

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1000))

    with serving(tmp_path / "state", "--limit", "connections=900", preexec=few) as server:
        assert resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE) == (1000, 1000)


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = refused(tmp_path, "--port", str(port))
        assert sentence == (
            f"TCP port {port} can't be listened on (Address already in use);"
            " choose another one with --port."
        )
        sentence = refused(tmp_path, "--port", "0", "--listen", f"json=tcp:{port}")
        assert f"--listen json=tcp:{port} is not possible (Address already in use)" in sentence


def test_other_wrong_starts(tmp_path: Path) -> None:
    """Each is one sentence and a non-zero exit."""
    (tmp_path / "file").touch()
    for options, part in (
        (("--port", "x"), "--port takes a whole number"),
        (("--colour", "red"), "colour"),
        (("--state", str(tmp_path / "file" / "x")), "Not a directory"),
        (("--listen", "morse=tcp:0"), "knows no wire 'morse'; there are: shared, channels, json"),
        (("--listen", "json=tcp:x"), "--listen json=tcp:x"),
        (("--listen", "json=carrier-pigeon:1"), "--listen json=carrier-pigeon:1"),
        (("--interface", "203.0.113.7"), "Cannot assign requested address"),
    ):
        port = () if "--port" in options else ("--port", "0")
        assert part in refused(tmp_path, *port, *options)


def test_a_state_in_use(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as server:
        assert "is used by another chatservice" in refused(tmp_path, "--port", "0")
        with server.enter("alice") as alice:
            alice.say(type="ping")
            alice.event("pong")


def test_help(tmp_path: Path) -> None:
    done = run(tmp_path, "chat", "--help")
    assert done.returncode == 0
    for option in (
        *("port", "interface", "name", "state", "ephemeral", "announce-to", "no-announce"),
        *("history", "listen", "limit"),
    ):
        assert f"--{option}" in done.stdout


def test_daemon(tmp_path: Path) -> None:
    """It starts in the background and stops by its pid file; a wrong start is no silent one."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        arguments = ("chat", "--port", str(port), "--no-announce", "--state", "state")
        failed = run(tmp_path, *arguments)
        assert failed.returncode != 0
        assert f"TCP port {port} can't be listened on" in failed.stderr
        log, pid_file = tmp_path / "twistd.log", tmp_path / "twistd.pid"
        # Their process tells its parent first, and may outlive it a little.
        until(lambda: f"TCP port {port} can't be listened on" in log.read_text(), "the log line")
        until(lambda: not pid_file.exists(), "the end of the daemon that failed")
    started = run(tmp_path, *arguments)
    assert started.returncode == 0, started.stderr
    pid = int(pid_file.read_text())
    try:
        with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
            client.sendall(b"/quit\n")
            assert client.recv(5) == b"SRV|W"
    finally:
        os.kill(pid, signal.SIGTERM)
    until(lambda: not pid_file.exists(), "the end of the daemon")


def test_other_ways_in(tmp_path: Path) -> None:
    """Ports of one wire, and local sockets; people there are in the same room."""
    path = tmp_path / "chat.socket"
    options = ("--listen", "json=tcp:0:interface=127.0.0.1", "--listen", f"shared=unix:{path}")
    with serving(tmp_path / "state", *options) as server:
        with socket.socket(socket.AF_UNIX) as local, server.enter("alice") as alice:
            local.settimeout(SECONDS)
            local.connect(str(path))
            local.sendall(b"CMD_USER|bob\n/quit\n")
            joined = alice.event("joined")
            assert joined["person"]["nick"] == "bob"
            assert joined["person"]["address"] == "local"
            with local.makefile("rb") as lines:
                assert lines.readlines()[-1] == b"SRV|Goodbye.\n"
        assert server.stop() == 0
        assert b"Traceback" not in server.log.read_bytes()


def test_only_in_memory(tmp_path: Path) -> None:
    with serving(tmp_path / "state", "--ephemeral") as server:
        with server.enter("alice") as alice:
            alice.say(type="say", text="soon forgotten", id="1")
            alice.event("ack")
        assert not server.state.exists()
        assert server.stop() == 0


def test_too_long_is_told_to_who_still_sends(tmp_path: Path) -> None:
    """The error reaches a client although the server has not read all that it sent."""
    with serving(tmp_path / "state") as server, server.connect() as client:
        with suppress(ConnectionResetError, BrokenPipeError):
            client.send(b"x" * 3_000_000)
        assert b"SRV|A line can have 1024 bytes at most. Goodbye." in client.rest()


def test_half_close(tmp_path: Path) -> None:
    """`echo hello | nc`: the message counts, and the answer comes before the end."""
    with serving(tmp_path / "state") as server, server.enter("alice") as alice:
        with server.connect() as client:
            client.send(b"hello")
            client.socket.shutdown(socket.SHUT_WR)
            assert client.rest().endswith(b"SRV|Goodbye.")
        assert alice.event("message")["text"] == "hello"


def test_readers_that_stop_slow_nobody(tmp_path: Path) -> None:
    """A hundred of them; each is dropped at its bound, the others hear everything at once."""
    options = ("--limit", "slow_drop_bytes=65536", "--limit", "slow_pause_bytes=16384")
    with serving(tmp_path / "state", *options) as server, ExitStack() as hundred:
        for n in range(100):
            hundred.enter_context(deaf(server, f"deaf{n}"))
        with server.enter("alice") as alice, server.enter("bob") as bob:
            until(lambda: people(alice) == 102, "a hundred arrivals")
            slowest = 0.0
            sent = 0
            end = time.monotonic() + SECONDS
            while people(alice) > 2:
                assert time.monotonic() < end, "they were not dropped in time"
                for _ in range(20):
                    start = time.monotonic()
                    alice.say(type="say", text="x" * 3900, id=str(sent))
                    alice.event("ack")
                    bob.event("message")
                    slowest = max(slowest, time.monotonic() - start)
                    sent += 1
            assert slowest < 1
            assert server.log.read_bytes().count(b": slow-reader") == 1


def test_a_slow_reader_gets_everything_in_order(tmp_path: Path) -> None:
    """What the socket takes in part at a time arrives whole, and nothing overtakes it."""
    options = ("--limit", "slow_drop_bytes=100000000")
    with (
        serving(tmp_path / "state", *options) as server,
        server.enter("alice") as alice,
        deaf(server, "slow") as slow,
        slow.makefile("rb") as lines,
    ):
        until(lambda: people(alice) == 2, "the arrival")
        for block in range(12):
            for n in range(100):
                alice.say(type="say", text=f"{100 * block + n:04}" + "€" * 2600)
            for _ in range(100):
                alice.event("ack")
        said = (line for line in lines if line.startswith(b"MSG|"))
        for n in range(1200):
            assert next(said) == f"MSG|alice: {n:04}{'€' * 2600}\n".encode()


def deaf(server: Server, nick: str) -> socket.socket:
    """Somebody who never reads."""
    client = socket.socket()
    client.settimeout(SECONDS)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    client.sendall(f"CMD_USER|{nick}\n".encode())
    return client


def people(client: Client) -> int:
    """How many are in the lobby."""
    client.say(type="who")
    return len(client.event("people")["people"])


def test_a_full_disk(tmp_path: Path) -> None:
    """What can't be kept is refused, nobody is told it, and it goes on once there is room."""

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))

    # The log is made by a parent: its size counts too, but it stays small.
    with serving(tmp_path / "state", preexec=small_files) as server, ExitStack() as both:
        alice, bob = (both.enter_context(server.enter(nick)) for nick in ("alice", "bob"))
        kept = []
        refusal = None
        for n in range(200):
            alice.say(type="say", text="x" * 3900, id=str(n))
            answer = next_answer(alice)
            if answer["type"] == "error":
                refusal = answer
                break
            kept.append(answer["seq"])
        assert refusal is not None
        assert refusal["code"] == "not-stored"
        assert "nobody got it" in refusal["text"]
        assert [bob.event("message")["seq"] for _ in kept] == kept
        resource.prlimit(
            server.process.pid,
            resource.RLIMIT_FSIZE,
            (resource.RLIM_INFINITY, resource.RLIM_INFINITY),
        )
        alice.say(type="say", text="there is room again", id=refusal["re"])
        assert alice.event("ack")["re"] == refusal["re"]
        assert bob.event("message")["text"] == "there is room again"
        assert server.stop() == 0


def next_answer(client: Client) -> dict[str, Any]:
    """The next acknowledgement or error."""
    while line := client.line():
        found: dict[str, Any] = json.loads(line)
        if found["type"] in ("ack", "error"):
            return found
    raise AssertionError("the connection ended")


def test_announced(tmp_path: Path) -> None:
    """Both datagrams, with the name and the port, to the address that was given."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hearing:
        hearing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hearing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        hearing.bind(("127.255.255.255", 8081))
        hearing.settimeout(SECONDS)
        options = ("--announce-to", "127.255.255.255", "--name", f"den {os.getpid()}")
        with serving(tmp_path / "state", *options) as server:
            seen: set[bytes] = set()
            while not any(b"den %d" % os.getpid() in datagram for datagram in seen):
                seen.add(hearing.recv(2048))
            assert b"PYTHON_CHAT_SERVER_DISCOVERY_V1" in seen
            assert any(b"%d" % server.port in datagram for datagram in seen)
