"""`chatctl` and a real server: each command, as an operator gives it, and what goes wrong."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tests.e2e.server import SECONDS, Client, environment, serving, until

PASSWORD = "correct horse battery"
END = "\x04"
"""Ctrl+D."""


def run(
    state: Path,
    *arguments: str,
    given: str = "",
    shown: int = subprocess.PIPE,
    preexec: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `chatctl` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "chatservice.chatctl", "--state", str(state), *arguments],
        env=environment() | {"PYTHONIOENCODING": "utf-8:strict"},  # as where people have a language
        input=given,
        stdout=shown,
        stderr=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
        timeout=SECONDS,
        check=False,
        preexec_fn=preexec,
    )


def chatctl(state: Path, *arguments: str, given: str = "") -> str:
    """What it shows when all goes well."""
    done = run(state, *arguments, given=given)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def refused(state: Path, *arguments: str, given: str = "") -> str:
    """The one sentence of what can't be done."""
    done = run(state, *arguments, given=given)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr.startswith("chatctl: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("chatctl: ").rstrip()


def scripted(state: Path, *arguments: str) -> dict[str, Any]:
    """What a script is shown."""
    found: dict[str, Any] = json.loads(chatctl(state, "--json", *arguments))
    return found


def test_people_and_rooms(tmp_path: Path) -> None:
    """Who is here, and where; nobody sees the operator come and go."""
    with (
        serving(tmp_path / "state") as server,
        server.enter("ann", "den") as ann,
        server.enter("bob") as bob,
    ):
        ann.say(type="topic", room="den", topic="tea \u202eeat")
        ann.event("topic")
        lines = chatctl(server.state, "who").splitlines()
        assert lines[0].split() == ["NICK", "ID", "ADDRESS", "ACCOUNT", "IDLE", "SERVER", "AWAY"]
        assert [line.split()[0] for line in lines[1:]] == ["ann", "bob"]
        assert chatctl(server.state, "who", "a*").count("\n") == 2
        assert "bob" not in chatctl(server.state, "who", "--room", "den")
        assert "One of" in refused(server.state, "who", "a*", "--room", "den")
        people = scripted(server.state, "who", "--room", "den")["people"]
        assert [each["person"]["nick"] for each in people] == ["ann"]
        rooms = chatctl(server.state, "rooms")
        assert "#den" in rooms
        assert "\u202e" not in rooms
        ann.say(type="ping")
        bob.say(type="ping")
        for client in (ann, bob):
            client.event("pong")
            assert b"chatctl" not in b"".join(client.seen)


def test_moderation(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as server, server.enter("ann", "den") as ann:
        bob = server.enter("bob", "den")
        out = chatctl(server.state, "kick", "bob", "--room", "den", "--reason", "too loud")
        assert out == "bob is put out of #den.\n"
        kicked = bob.event("kicked")
        assert (kicked["by"], kicked["reason"]) == ("chatctl", "too loud")
        chatctl(server.state, "ban", "bob", "--room", "den", "--for", "1h")
        bob.say(type="join", room="den")
        assert bob.event("error")["code"] == "banned"
        chatctl(server.state, "ban", "zoe", "--room", "den", "--for", "3600")
        chatctl(server.state, "unban", "zoe", "--room", "den")
        [ban] = scripted(server.state, "bans", "--room", "den")["bans"]
        assert ban["until"] - ban["at"] == 3_600_000
        until = r"bob +chatctl +\d{4}-\d\d-\d\d \d\d:\d\d UTC$"
        assert re.search(until, chatctl(server.state, "bans", "--room", "den"), re.MULTILINE)
        chatctl(server.state, "unban", "bob", "--room", "den")
        bob.say(type="join", room="den")
        bob.event("entered")
        chatctl(server.state, "broadcast", "tea is ready")
        for client in (ann, bob):
            text = client.event("notice")["text"]
            assert text == "From the operators of this server: tea is ready"
        assert chatctl(server.state, "kick", "bob") == "bob is put out of the chat.\n"
        assert bob.event("closing")["code"] == "killed"
        assert bob.line() == b""


def test_accounts(tmp_path: Path) -> None:
    """Passwords come by a pipe, never by the command line."""
    with serving(tmp_path / "state", "--registration", "closed") as server:
        out = chatctl(server.state, "account", "add", "ann", given=f"{PASSWORD}\n")
        assert out == "ann is registered.\n"
        assert "registered already" in refused(
            server.state, "account", "add", "ANN", given=f"{PASSWORD}\n"
        )
        assert "8 to 300" in refused(server.state, "account", "reset", "ann", given="short\n")
        assert "is text" in refused(server.state, "account", "reset", "ann", given="\udcff" * 9)
        chatctl(server.state, "account", "reset", "ann", given=f"{PASSWORD}2\n")
        for number, password in enumerate((PASSWORD, f"{PASSWORD}2")):
            with server.enter(f"guest{number}") as client:
                client.say(type="login", nick="ann", password=password)
                answer = client.event("logged-in" if number else "error")
                assert number or answer["code"] == "wrong-password"


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    """On a terminal they are asked for twice, unseen."""
    with serving(tmp_path / "state") as server:
        for again, code in ((f"{PASSWORD}x", 1), (END, 1), (PASSWORD, 0)):
            shown, ended = typed(server.state, PASSWORD, again)
            assert b"New password of ann: " in shown
            assert (b"chatctl: No password was typed." in shown) == (again == END)
            assert b"Traceback" not in shown
            assert PASSWORD.encode() not in shown
            assert ended == code
        assert "registered already" in refused(
            server.state, "account", "add", "ann", given=f"{PASSWORD}\n"
        )


def typed(state: Path, *lines: str) -> tuple[bytes, int]:
    """What a terminal shows of `account add ann` to which these lines are typed; the exit code."""
    command = ["-m", "chatservice.chatctl", "--state", str(state), "account", "add", "ann"]
    main, side = os.openpty()
    with os.fdopen(main, "r+b", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment(),
            stdin=side,
            stdout=side,
            stderr=side,
            start_new_session=True,
        )
        os.close(side)
        shown = b""
        for line, prompt in zip(lines, (b"ann: ", b"more: "), strict=True):
            while prompt not in shown:
                shown += terminal.read(1024)
            terminal.write(f"{line}\n".encode())
        with suppress(OSError):  # the other side is closed
            while chunk := terminal.read(1024):
                shown += chunk
        return shown, process.wait(SECONDS)


def test_a_server_with_a_password_asks_its_operator_for_none(tmp_path: Path) -> None:
    with serving(tmp_path / "state", "--password", "open sesame") as server:
        assert chatctl(server.state, "who").count("\n") == 1


def test_stats(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as server, server.enter("ann") as ann:
        ann.say(type="say", text="hi", id="1")
        ann.event("ack")
        stats = scripted(server.state, "stats")["stats"]
        assert stats["chatservice_connections"] == {"json": 1, "control": 1}
        assert stats["chatservice_people"] == 1
        assert stats["chatservice_messages_total"] == 1
        assert stats["chatservice_traffic_bytes_total"]["received"] > 50
        assert stats["chatservice_commit_seconds"]["count"] >= 1
        shown = chatctl(server.state, "stats")
        assert any(line.split() == ["people", "1"] for line in shown.splitlines())


def test_what_cannot_be_done(tmp_path: Path) -> None:
    """One sentence each, and exit code 1."""
    nobody = tmp_path / "nobody"
    assert f"No server can be told anything in {nobody}" in refused(nobody, "who")
    assert f"anything in {Path.home()}/none (" in refused(Path("~/none"), "who")
    assert "no home directory is known" in refused(Path("~no-such-user/x"), "who")
    with serving(tmp_path / "state") as server:
        assert "nobody called bob" in refused(server.state, "kick", "bob")
        assert "no room" in refused(server.state, "bans", "--room", "den").lower()
        assert "no account bob" in refused(
            server.state, "account", "reset", "bob", given=f"{PASSWORD}\n"
        )
        assert "required" in refused(server.state, "kick")
        assert "invalid choice" in refused(server.state, "frobnicate")
        target = tmp_path / "missing" / "backup"
        assert "No such file or directory" in refused(server.state, "backup", str(target))
        (tmp_path / "loop").symlink_to("loop")
        for place, why in (
            (tmp_path, "is a directory; name a file in it."),
            ("/", "/ is a directory; name a file in it."),
            (server.log / "backup", "Not a directory."),
            (tmp_path / ("x" * 252), "File name too long."),
            (tmp_path / ("x" * 256), "File name too long."),
            (tmp_path / "loop" / "lock", "Too many levels of symbolic links."),
        ):
            assert refused(server.state, "backup", str(place)).endswith(why)
        assert "backup" not in server.log.read_text()
        for number in ("x", "1.5", "30 m", "-5m", "1e3", "\u0663"):
            sentence = refused(server.state, "ban", "bob", f"--for={number}")
            assert f"--for: {number!r} is no time such as 90s, 30m, 2h, 7d or 1w;" in sentence
        assert "--timeout: 'x' is no number of seconds;" in refused(
            server.state, "drain", "--timeout", "x"
        )
        assert "0 to 86400" in refused(server.state, "drain", "--timeout", "-1")
        assert "Infinity" in refused(server.state, "drain", "--timeout", "inf")


def test_what_cannot_be_shown(tmp_path: Path) -> None:
    """Who reads no more, as `head`, has seen enough; a full disk is told of."""
    with serving(tmp_path / "state") as server:
        read, written = os.pipe()
        os.close(read)
        with os.fdopen(written, "wb") as unread, Path("/dev/full").open("wb") as full:
            done = run(server.state, "who", shown=unread.fileno())
            assert (done.returncode, done.stderr) == (0, "")
            done = run(server.state, "who", shown=full.fileno())
            sentence = "chatctl: The standard output: No space left on device.\n"
            assert (done.returncode, done.stderr) == (1, sentence)


def test_a_backup_takes_the_place_of_nothing_that_the_server_uses(tmp_path: Path) -> None:
    """Else the server would go on writing to a file that is in no directory any more."""
    with serving(tmp_path / "state") as server, server.enter("ann") as ann:
        (tmp_path / "link").symlink_to(server.state)
        before = {path.name: path.stat().st_ino for path in server.state.iterdir()}
        for folder in (server.state, tmp_path / "link", tmp_path / "link" / ".." / "state"):
            for name in (*before, "backup.sqlite3"):
                sentence = refused(server.state, "backup", str(folder / name))
                assert "the server's own file" in sentence
        assert {path.name: path.stat().st_ino for path in server.state.iterdir()} == before
        chatctl(server.state, "backup", str(server.state / "monday.sqlite3"))
        chatctl(server.state, "backup", str(tmp_path / "chat.sqlite3"))
        ann.say(type="say", text="still kept", id="1")
        ann.event("ack")
    with closing(sqlite3.connect(server.state / "chat.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM message").fetchone() == (1,)


def test_a_backup_for_which_there_is_no_room(tmp_path: Path) -> None:
    """The one that was there before stays, until there is another that is whole."""
    full = tmp_path / "full"
    full.write_text("the one from monday")

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    with serving(tmp_path / "state") as server:
        done = run(server.state, "backup", str(full), preexec=no_room)
        assert done.returncode == 1
        assert done.stderr == f"chatctl: {full}.new: File too large.\n"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "state", "state.log"]
        assert full.read_text() == "the one from monday"
        chatctl(server.state, "backup", str(full))
        assert full.read_bytes().startswith(b"SQLite format 3")


def test_the_socket_is_private_and_a_stale_one_is_replaced(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as server:
        path = server.state / "control"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(server.state.stat().st_mode) == 0o700
        server.stop(signal.SIGKILL)
        assert path.is_socket()
        assert "Connection refused" in refused(server.state, "who")
        (server.state / "backup.sqlite3").write_text("begun when it was killed")
    with serving(tmp_path / "state") as server:
        assert not (server.state / "backup.sqlite3").exists()
        chatctl(server.state, "who")
        assert server.stop() == 0
        assert not path.exists()


def test_drain(tmp_path: Path) -> None:
    """Nobody new, people are told, and the end with 0 once all have gone."""
    with serving(tmp_path / "state") as server, server.enter("ann") as ann:
        arguments = ["-m", "chatservice.chatctl", "--state", str(server.state), "drain"]
        waiting = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment(),
            stdout=subprocess.PIPE,
        )
        try:
            assert "closed in 60 seconds" in ann.event("notice")["text"]
            with socket.socket() as newcomer:
                assert newcomer.connect_ex(("127.0.0.1", server.port)) != 0
            ann.say(type="say", text="bye", id="1")
            ann.event("ack")
            assert waiting.poll() is None
            ann.say(type="quit")
            out, _ = waiting.communicate(timeout=SECONDS)
        finally:
            waiting.kill()
        assert (out, waiting.returncode) == (b"The server is closed.\n", 0)
        assert server.process.wait(SECONDS) == 0
        with serving(tmp_path / "state"):
            pass  # its state is free as soon as chatctl is done


def test_drain_after_a_time(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as server, server.enter("ann") as ann:
        assert chatctl(server.state, "drain", "--timeout", "0.3") == "The server is closed.\n"
        assert ann.event("closing")["code"] == "shutdown"
        assert server.process.wait(SECONDS) == 0


def test_backup_and_restore(tmp_path: Path) -> None:
    """As the operator's page says: a backup under load, all lost, the backup put in its place."""
    backup = tmp_path / "chat-backup.sqlite3"
    acknowledged: list[int] = []
    over = threading.Event()

    def talk(client: Client) -> None:
        number = 0
        while not over.is_set():
            number += 1
            client.say(type="say", text=f"{number} " + "x" * 2000, id=str(number))
            client.event("ack")
            acknowledged.append(number)

    with serving(tmp_path / "state") as server, server.enter("ann") as ann:
        talking = threading.Thread(target=talk, args=(ann,))
        talking.start()
        try:
            until(lambda: len(acknowledged) > 300, "some messages")
            before = len(acknowledged)
            shown = chatctl(server.state, "backup", str(backup))
            after = len(acknowledged)
        finally:
            over.set()
            talking.join()
        assert f"{backup} is a whole backup" in shown
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "chat-backup.sqlite3",
            "state",
            "state.log",
        ]
        assert not (server.state / "backup.sqlite3").exists()
        assert server.stop() == 0
    assert after >= before
    with closing(sqlite3.connect(f"file:{backup}?mode=ro&immutable=1", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    # The steps of "Restore" on the page.
    store = tmp_path / "state" / "chat.sqlite3"
    store.write_bytes(b"damaged beyond hope")
    store.write_bytes(backup.read_bytes())
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)

    with serving(tmp_path / "state") as server, server.enter("bob") as bob:
        kept: list[int] = []
        seq = 0
        while True:
            bob.say(type="history", room="lobby", after=seq, limit=500)
            page = bob.event("history")
            kept += [int(message["text"].split()[0]) for message in page["messages"]]
            if not page["messages"]:
                break
            seq = page["messages"][-1]["seq"]
        assert kept == list(range(1, len(kept) + 1))
        assert len(kept) >= before


def test_only_in_memory_there_is_nothing_to_talk_to(tmp_path: Path) -> None:
    with serving(tmp_path / "state", "--ephemeral") as server:
        assert "No server can be told anything" in refused(server.state, "who")
