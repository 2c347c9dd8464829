"""IRC as people have it: real clients with nothing configured, and a server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.e2e.irc_clients import HOST, PROGRAMS, Lines, start
from tests.e2e.server import Client, Server, serving
from tests.e2e.terminal import client


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests share; each has a room of its own."""
    with serving(tmp_path_factory.mktemp("irc") / "state") as running:
        yield running


def irc(server: Server, nick: str, *rooms: str) -> Client:
    """Somebody who types IRC by hand."""
    client = server.connect()
    client.send(f"NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode())
    client.until(b" 001 ")
    for room in rooms:
        client.send(f"JOIN #{room}\r\n".encode())
        client.until(b" 366 ")
    return client


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_day_in_the_life(program: str, server: Server, tmp_path: Path) -> None:
    """Connect, join, read what was said before, talk, in private too, take another nick, leave."""
    room = f"room-{program}"
    anna, bob = f"anna-{program}", f"bob-{program}"
    with irc(server, bob, room) as friend:
        friend.send(f"PRIVMSG #{room} :früher\r\n".encode())
        with closing(start(program, tmp_path / "home", server.port, anna)) as own:
            own.sees("Welcome to the")
            own.join(room)
            friend.until(f":{anna}!".encode())
            own.sees(bob, "früher")
            own.say("häi ☃")
            assert friend.until(b"PRIVMSG").endswith(f" #{room} :häi ☃\r".encode())
            friend.send(f"PRIVMSG #{room} :grüße, привет\r\n".encode())
            own.sees(bob, "grüße, привет")
            own.rename(f"{anna}-2")
            assert b" NICK " in friend.until(f"{anna}-2".encode())
            own.tell(bob, "ganz leise")
            line = friend.until(b"PRIVMSG")
            assert line.startswith(f":{anna}-2!".encode())
            assert line.endswith(f" {bob} :ganz leise\r".encode())
            friend.send(f"PRIVMSG {anna}-2 :noch leiser\r\n".encode())
            own.look_at(bob)
            own.sees("noch leiser")
            own.quit()
            assert f":{anna}-2!".encode() in friend.until(b" QUIT ")


SAID = re.compile(
    r":(?P<nick>[^!]+)!\S+ PRIVMSG #salon :(?:\x01ACTION (?P<did>.*)\x01|(?P<said>.*))\r?"
)
NETCAT = re.compile(
    r"\d\d:\d\d #salon (?:<(?P<nick>[^>]+)> (?P<said>.*)|\* (?P<who>\S+) (?P<did>.*))"
)
SCREEN = re.compile(r"\d\d:\d\d +(?:(?P<nick>\w+) │ (?P<said>.*)|\* │ (?P<who>\S+) (?P<did>.*))")


def transcript(form: re.Pattern[str], lines: Iterable[str]) -> list[str]:
    """What was said and done in lines of this form, each as `nick: text` or `* nick text`."""
    told = []
    for found in filter(None, map(form.search, lines)):
        parts = found.groupdict()
        nick = parts["nick"] or parts["who"]
        did = parts["did"]
        told.append(f"{nick}: {parts['said']}" if did is None else f"* {nick} {did}")
    return [line.rstrip() for line in told]


def test_a_conversation_reads_the_same_everywhere(server: Server, tmp_path: Path) -> None:
    """One has IRC, one the terminal client, one nothing but netcat."""
    with ExitStack() as stack:
        iris = stack.enter_context(server.connect())
        iris.send(b"CAP REQ echo-message\r\nNICK iris\r\nUSER iris 0 * :Iris\r\nCAP END\r\n")
        iris.send(b"JOIN #salon\r\n")
        iris.until(b" 366 ")
        where = ("--host", HOST, "--port", str(server.port))
        tom = stack.enter_context(
            client(*where, "--nick", "tom", "--room", "salon", home=tmp_path / "tom")
        )
        tom.wait_input("tom>")
        carl = Lines(("nc", HOST, str(server.port)))
        stack.callback(carl.close)
        carl.type("/nick carl", "/plain", "/join salon")
        carl.sees("You are in #salon.")
        iris.until(b":carl!")
        tom.wait_for("carl came in")
        typed: list[str] = []
        for speaker, text in (
            ("iris", "hallo ☃, who is there?"),
            ("tom", "tom, in a terminal"),
            ("carl", "and carl, with netcat: 1 | 2"),
            ("tom", "/me nods"),
            ("iris", "/me waves"),
            ("carl", "/me winks"),
            ("carl", "  indented, <b>bold</b> & done"),
            ("iris", '\'tis \\o/ "fine" : :)'),
            ("tom", "привет, 世界"),
        ):
            did = text.removeprefix("/me ")
            typed.append(f"{speaker}: {text}" if did == text else f"* {speaker} {did}")
            if speaker == "iris":
                said = text if did == text else f"\x01ACTION {did}\x01"
                iris.send(f"PRIVMSG #salon :{said}\r\n".encode())
            elif speaker == "tom":
                tom.type(f"{text}\r")
            else:
                carl.type(text)
            iris.until(did.encode())
            tom.wait_for(did)
            if speaker == "carl":
                carl.text += (
                    f"00:00 #salon {f'<carl> {text}' if did == text else f'* carl {did}'}\n"
                )
            else:
                carl.sees(did)
        assert transcript(SAID, (line.decode() for line in iris.seen)) == typed
        assert transcript(SCREEN, tom.text.splitlines()) == typed
        assert transcript(NETCAT, carl.text.splitlines()) == typed


def test_what_was_said_before_a_restart(tmp_path: Path) -> None:
    """It is there for who joins, with the time at which it was said if that was asked for."""
    with serving(tmp_path / "state") as first, irc(first, "bob", "den") as bob:
        bob.send(b"PRIVMSG #den :one\r\nPRIVMSG #den :\x01ACTION waves\x01\r\nPING x\r\n")
        bob.until(b"PONG")
        assert first.stop() == 0
        assert b"ERROR :" in bob.rest()
    with serving(tmp_path / "state") as second:
        with closing(start("irssi", tmp_path / "home", second.port, "anna")) as own:
            own.sees("Welcome to the")
            own.join("den")
            own.sees("bob> one")
            own.sees("* bob waves")
        with second.connect() as carol:
            carol.send(b"CAP REQ server-time\r\nNICK carol\r\nUSER carol 0 * :x\r\nCAP END\r\n")
            carol.send(b"JOIN #den\r\n")
            line = carol.until(b"#den :one")
            assert re.match(rb"@time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z :bob!", line), line
