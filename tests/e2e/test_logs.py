"""What a real server logs: reasons and addresses, never what somebody said or a password."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chatservice.net.passwords import argon2id
from tests.e2e.server import Server, serving
from tests.e2e.test_chatctl import chatctl
from tests.e2e.test_server import run

SECRET = "sEcReT"
"""Is in all that nobody but its recipients is to read."""


def provoke(server: Server) -> None:
    """Say secrets in every way, well and badly, on several wires."""
    with server.connect() as ann:
        ann.say(type="hello", nick="ann", password=f"{SECRET}-wrong")
        ann.say(type="hello", nick="ann", password=f"{SECRET}-server")
        ann.say(type="join", room="lobby", password=SECRET)
        ann.event("entered")
        ann.say(type="register", password=f"{SECRET}-password")
        ann.event("logged-in")
        ann.say(type="login", nick="ann", password=f"{SECRET}-guess")
        ann.say(type="oper", name="root", password=f"{SECRET}-guess")
        ann.say(type="oper", name="root", password=f"{SECRET}-oper")
        ann.say(type="say", text=SECRET)
        ann.say(type="tell", nick="ann", text=SECRET)
        ann.say(type=f"{SECRET}\x1b[2J")
        ann.say(type="kill", nick="nobody", reason=SECRET)
        ann.send(f"{{{SECRET}\x1b]0;\x07\n".encode())
        ann.send(b"\xff\xfe" + SECRET.encode() + b"\x00\r\n")
        ann.say(type="ping")
        ann.event("pong")
        ann.send((SECRET * 5000).encode())
        ann.rest()
    for first in (
        f"PASS {SECRET}\r\nNICK {SECRET}\x07\r\nUSER {SECRET}\r\nPRIVMSG\x02 {SECRET}\r\n",
        f"GET /{SECRET} HTTP/1.1\r\nHost: {SECRET}\x1b\r\n\r\n",
        f"CMD_USER|{SECRET}\x1b[0m\n{SECRET}\n/pass {SECRET}\n/quit {SECRET}\n",
        f'{{"action": "joinChannel", "channelName": "{SECRET}", "memberName": "\x1b"}}',
    ):
        with server.connect() as client:
            client.send(first.encode())
            client.socket.shutdown(1)
            client.rest()
    chatctl(server.state, "account", "add", "zoe", given=f"{SECRET}-zoe\n")
    chatctl(server.state, "broadcast", SECRET)


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_content_no_secrets_no_control_characters(tmp_path: Path, form: str) -> None:
    options = (
        *("--log-format", form, "--password", f"{SECRET}-server"),
        *("--oper", f"root:{argon2id().hash(f'{SECRET}-oper')}"),
    )
    with serving(tmp_path / "state", *options) as server:
        provoke(server)
        assert server.stop() == 0
        log = server.log.read_text()
    assert "bad-input" in log
    assert "too-long" in log
    assert "make-account" in log
    assert SECRET not in log
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", log)
    assert "Traceback" not in log
    if form == "json":
        check([json.loads(line) for line in log.splitlines()])


def check(lines: list[dict[str, Any]]) -> None:
    """Each line has what every line has, and some have more."""
    for line in lines:
        assert {"time", "level", "namespace", "event", "text"} <= line.keys()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    refused = [line for line in lines if line["event"] == "refused"]
    assert {"bad-input", "too-long"} <= {line["reason"] for line in refused}
    assert {"json"} <= {line["wire"] for line in refused}
    assert all(re.fullmatch(r"127\.0\.0\.1(:\d+)?", line["address"]) for line in refused)
    assert [line["command"] for line in lines if line["event"] == "control"] == [
        "make-account",
        "broadcast",
    ]


def test_a_file_of_json(tmp_path: Path) -> None:
    """It is where twistd's own options say, also of a start that comes to nothing."""
    log = tmp_path / "chat.log"
    options = ("--port", "0", "--no-announce", "--state", "state", "--listen", "morse=tcp:0")
    done = run(tmp_path, "-n", f"--logfile={log}", "chat", "--log-format", "json", *options)
    assert done.returncode != 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert lines[0]["level"] == "info"
