"""The terminal client as a person has it: a real process, on a real pty, with a real server."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from chatservice.wire.beacon import PORT as BEACON_PORT
from chatservice.wire.beacon import Beacon, encode_beacon
from tests.e2e.hostile import SEED, Liar, foreign, scripted
from tests.e2e.server import SECONDS, TWISTD, Server, environment, serving, until
from tests.e2e.terminal import CLIENT, Terminal, client

PRIVATE_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
CURSOR_SHOWN = b"25"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests which do not hurt it share; each has rooms of its own."""
    with serving(tmp_path_factory.mktemp("shared") / "state", "--name", "attic") as running:
        yield running


@pytest.fixture
def room(request: pytest.FixtureRequest) -> str:
    """A room of this test's own."""
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")
    return str(name)


def to(server: Server, *arguments: str) -> tuple[str, ...]:
    """The arguments that lead to a server."""
    return ("--host", "127.0.0.1", "--port", str(server.port), *arguments)


def assert_own_output(terminal: Terminal) -> None:
    """Nothing but text and the client's own sequences; no text goes past the terminal's edge."""
    assert next(foreign(terminal.output.decode(), terminal.columns), None) is None


def assert_restored(terminal: Terminal) -> None:
    """The terminal is as it was before the client."""
    modes = dict(PRIVATE_MODES.findall(terminal.output))
    assert modes.pop(CURSOR_SHOWN) == b"h"
    assert {b"1049", b"1000", b"1006", b"2004", b"1004"} <= modes.keys()
    assert set(modes.values()) == {b"l"}, modes
    assert terminal.attributes() == terminal.attributes_before
    assert terminal.output.rindex(b"\x1b[?1049l") > terminal.output.rindex(b"\x1b[?1049h")


# The way in


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Server, tuple[str, ...]]]:
    """A server that announces itself on a network of its own, and what runs a program there."""
    inside = ("unshare", "-n") if os.geteuid() == 0 else ("unshare", "-rn")
    probe = shutil.which("unshare") and subprocess.run(
        [*inside, "ip", "link", "set", "lo", "up"], capture_output=True, check=False
    )
    if not probe or probe.returncode:
        pytest.skip("this machine gives no network of one's own (unshare)")
    up = (*inside, "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    options = ("--announce-to", "127.255.255.255", "--name", "attic")
    with serving(tmp_path / "state", *options, command=(*up, *TWISTD)) as running:
        user = () if os.geteuid() == 0 else ("--preserve-credentials", "-U")
        yield running, ("nsenter", *user, "-n", "-t", str(running.process.pid))


@contextmanager
def announced(inside: tuple[str, ...], datagrams: list[bytes]) -> Iterator[None]:
    """Somebody else announces these on that network meanwhile."""
    program = (
        "import socket, sys, time\n"
        "ours = socket.socket(type=socket.SOCK_DGRAM)\n"
        "ours.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
        f"for _ in range(100):\n    for each in {datagrams!r}:\n"
        f"        ours.sendto(each, ('127.255.255.255', {BEACON_PORT}))\n    time.sleep(0.3)\n"
    )
    other = subprocess.Popen([*inside, sys.executable, "-c", program])
    try:
        yield
    finally:
        other.kill()
        other.wait()


def test_finds_the_server(alone: tuple[Server, tuple[str, ...]], tmp_path: Path) -> None:
    """Without arguments: Enter takes the server that shows itself, a nick, and one is in."""
    server, inside = alone
    with client(home=tmp_path / "anna", command=(*inside, *CLIENT)) as anna:
        anna.wait_for(f"127.0.0.1:{server.port}")
        assert " attic " in anna.text
        anna.type("\r")
        anna.wait_for("Your nick:")
        anna.type("anna\r")
        anna.wait_for("#lobby on attic")
        anna.type("/quit\r")
        assert anna.wait() == 0
    with client(home=tmp_path / "anna", command=(*inside, *CLIENT)) as again:
        again.wait_for("attic")
        again.type("\r")
        again.wait_input("Your nick: anna")


def test_hostile_server_names(alone: tuple[Server, tuple[str, ...]], tmp_path: Path) -> None:
    """What a server calls itself cannot steer the terminal, and cannot hide another server."""
    server, inside = alone
    names = ["\x1b]0;title\x07\x1b[2J", "\u202eliam", "a\u200db" * 30, "x" * 60, "\n\n\n"]
    datagrams = [
        encode_beacon(Beacon(str(at), name, 9000 + at, 1)) for at, name in enumerate(names)
    ]
    with (
        announced(inside, datagrams),
        client(home=tmp_path / "anna", command=(*inside, *CLIENT)) as anna,
    ):
        for port in (server.port, *range(9000, 9000 + len(names))):
            anna.wait_for(f"127.0.0.1:{port}")
        assert " attic " in anna.text
        assert_own_output(anna)


def test_no_server(tmp_path: Path) -> None:
    """Where no server answers that is told in place, and the nick stays."""
    with client("--host", "127.0.0.1", "--port", "1", home=tmp_path / "anna") as anna:
        anna.wait_for("Your nick:")
        anna.type("anna\r")
        anna.wait_for("No server answers at this address.")
        assert "Your nick: anna" in anna.text
        anna.type("\x03")
        assert anna.wait() == 0
        assert_restored(anna)


def test_taken_nick(server: Server, tmp_path: Path) -> None:
    """A nick that is taken is refused in place, and what was typed stays."""
    with (
        server.enter("bert", "elsewhere"),
        client(*to(server), home=tmp_path / "anna") as anna,
    ):
        anna.wait_for("Your nick:")
        anna.type("bert\r")
        anna.wait_for("taken")
        assert "Your nick: bert" in anna.text
        anna.type("\x1b[A")
        anna.wait_input("Your nick: bert")
        anna.type("ha\r")
        anna.wait_for("#lobby on attic")
        anna.wait_input("bertha>")


# In the chat


def test_two_people_talk(server: Server, room: str, tmp_path: Path) -> None:
    """Each sees what the other says, once, and who is there."""
    with ExitStack() as stack:
        nora = stack.enter_context(
            client(*to(server, "--nick", "nora", "--room", room), home=tmp_path / "a")
        )
        nora.wait_for("1 person")
        otto = stack.enter_context(
            client(*to(server, "--nick", "otto", "--room", room), home=tmp_path / "b")
        )
        nora.wait_for("otto came in")
        otto.wait_input("otto>")
        nora.type("hello otto :tada:\r")
        otto.wait_for("nora │ hello otto 🎉")
        otto.type("hello nora\r")
        nora.wait_for("otto │ hello nora")
        for each in (nora, otto):
            assert each.text.count("hello otto") == each.text.count("hello nora") == 1


def test_killed_server(tmp_path: Path) -> None:
    """kill -9 and a restart: a countdown meanwhile, and nothing is lost or shown twice."""
    state = tmp_path / "state"
    with client_of_killed_server(state, tmp_path) as (anna, port):
        anna.wait_for("reconnecting in")
        shown: set[str] = set()

        def counted() -> bool:
            shown.update(re.findall(r"reconnecting in (\d+) s", anna.text))
            return len(shown) > 2

        until(counted, "a countdown")
        anna.type("three, meanwhile\r")
        anna.wait_for("three, meanwhile")
        with serving(state, port=port) as again, again.enter("bob") as bob:
            bob.say(type="say", room="lobby", text="four")
            anna.wait_for("bob │ four")
            anna.wait_gone("reconnecting in")
            anna.type("five\r")
            until(lambda: "five" in stored(again), "a message after it all")
            texts = ["one", "two", "three, meanwhile", "four", "five"]
            assert sorted(stored(again)) == sorted(texts)
            for text in texts:
                assert anna.text.count(f"│ {text}") == 1, anna.text


@contextmanager
def client_of_killed_server(state: Path, home: Path) -> Iterator[tuple[Terminal, int]]:
    """A client that has seen its server say two things and die; the server's port."""
    with (
        serving(state) as first,
        client(*to(first, "--nick", "anna"), home=home / "anna") as anna,
    ):
        with first.enter("bob") as bob:
            bob.say(type="say", room="lobby", text="one")
            anna.wait_for("│ one")
            anna.type("two\r")
            assert bob.event("message")["text"] == "two"
            first.process.kill()
        yield anna, first.port


def stored(server: Server, room: str = "lobby") -> list[str]:
    """What the server has of a room."""
    with server.connect() as reader:
        reader.say(type="hello", nick="reader")
        reader.say(type="join", room=room)
        return [message["text"] for message in reader.event("entered")["messages"]]


def test_resizing(server: Server, room: str, tmp_path: Path) -> None:
    """From 160 to 60 columns, to 40 by 10, and back: the draft stays, panels come and go."""
    arguments = to(server, "--nick", "paul", "--room", room)
    with client(*arguments, home=tmp_path / "paul", columns=160) as paul:
        paul.wait_for(">@paul")
        paul.type("a draft")
        for columns, rows, prompt in ((60, 24, " paul> "), (40, 10, "> "), (160, 24, " paul> ")):
            paul.resize(columns, rows)
            until(lambda full=f"{prompt}a draft": paul.text.endswith(full), "the draft")  # type: ignore[misc]
            until(lambda wide=columns == 160: (">@paul" in paul.text) == wide, "the panel")  # type: ignore[misc]
        paul.type("!\r")
        paul.wait_for("paul │ a draft!")
        assert stored(server, room) == ["a draft!"]


def test_help(server: Server, room: str, tmp_path: Path) -> None:
    """F1 opens the keys and commands; Esc closes them."""
    with client(*to(server, "--nick", "rita", "--room", room), home=tmp_path / "rita") as rita:
        rita.wait_input("rita>")
        rita.type("\x1bOP")
        rita.wait_for("Ctrl-K")
        rita.type("\x1b")
        rita.wait_gone("Ctrl-K")


def test_paste(server: Server, room: str, tmp_path: Path) -> None:
    """Several lines are asked about once, and go as one message."""
    with (
        server.enter("sven", room) as sven,
        client(*to(server, "--nick", "tina", "--room", room), home=tmp_path / "tina") as tina,
    ):
        tina.wait_input("tina>")
        tina.paste("one\rtwo\rthree")
        tina.wait_for("Put these 3 lines into the input?")
        assert sven.event("joined")
        tina.type("\r")
        tina.wait_gone("Put these")
        tina.wait_input("three")
        tina.type("\r")
        assert sven.event("message")["text"] == "one\ntwo\nthree"


def test_mouse(server: Server, room: str, tmp_path: Path) -> None:
    """The wheel scrolls what is under it; a click opens a room, or a conversation."""
    other = f"{room}-2"
    people = [server.enter(f"guest-{letter}", room) for letter in "abcdefghijklmnopqrstuvwxyz"]
    for number in range(10):
        people[0].say(type="say", room=room, text=f"a line {number}\n\n")
        people[1].say(type="say", room=room, text=f"and\nanother {number}")
    arguments = to(server, "--nick", "ulla", "--room", room, "--room", other)
    with client(*arguments, home=tmp_path / "ulla", columns=130, rows=20) as ulla:
        ulla.wait_for("another 9")
        ulla.wait_for("guest-a")
        assert "guest-z" not in ulla.text
        ulla.wheel(up=False, column=125, row=5, turns=5)
        ulla.wait_for("guest-z")
        assert "another 9" in ulla.text
        ulla.wheel(up=True, column=60, row=5, turns=2)
        ulla.wait_for("-MORE(")
        ulla.wheel(up=False, column=60, row=5, turns=2)
        ulla.wait_gone("-MORE(")
        [row] = [at for at, line in enumerate(ulla.text.split("\n"), 1) if f" #{other} " in line]
        ulla.click(4, row)
        ulla.wait_for(f">#{other}")
        ulla.click(4, row - 1)
        ulla.wait_for(f">#{room} ")
        ulla.click(125, 5)
        until(lambda: re.match(r" @guest-\w on attic", ulla.text), "a conversation")
    for each in people:
        each.close()


def test_password_room_and_conversation(server: Server, room: str, tmp_path: Path) -> None:
    """A room made with a password in one client is entered from another, through the question for
    it; then the two talk alone; neither password is ever on a screen."""
    with (
        client(*to(server, "--nick", "hana"), home=tmp_path / "hana", columns=130) as hana,
        client(*to(server, "--nick", "ivo"), home=tmp_path / "ivo", columns=130) as ivo,
    ):
        for each in (hana, ivo):
            each.wait_for(" #lobby on attic")
        hana.type(f"/create {room} open-sesame")
        hana.wait_input(f"/create {room} {'*' * 11}")
        hana.type("\r")
        hana.wait_for(">@hana")
        hana.type("/topic treasure\r")
        hana.wait_for(f" #{room} on attic: treasure")
        ivo.type(f"/join {room}\r")
        ivo.wait_for(f"#{room} has a password")
        ivo.type("sesame\r")
        ivo.wait_for("This is not the password")
        ivo.type("open-sesame\r")
        ivo.wait_for(f" #{room} on attic: treasure")
        ivo.wait_for(" @hana")
        assert re.search(rf"(?m)^>#{room[:9]}.*\*", ivo.text), ivo.text
        hana.wait_for(" ivo")
        hana.type("/msg ivo just us\r")
        hana.wait_for(" @ivo on attic")
        until(lambda: re.search(r"(?m)^ @hana +1│", ivo.text), "a count of what was told")
        ivo.type("\x1ba")
        ivo.wait_for("│ just us")
        ivo.type("yes\r")
        hana.wait_for("│ yes")
        for each in (hana, ivo):
            assert b"sesame" not in each.output
            assert_own_output(each)


def test_search_preview_jump(server: Server, room: str, tmp_path: Path) -> None:
    """An old message is found, read in whole, gone to; End leads back to what is said now."""
    tale = "a tale of cake " * 8 + "that ends well"
    with server.enter("olga", room) as olga:
        texts = [f"word {number}" for number in range(20)]
        for text in [*texts, tale, *(f"later {number}" for number in range(300))]:
            olga.say(type="say", room=room, text=text)
            assert olga.event("ack")
        arguments = to(server, "--nick", "paul", "--room", room)
        with client(*arguments, home=tmp_path / "paul") as paul:
            paul.wait_for("later 299")
            paul.type("/search cake\r")
            paul.wait_for("Found: cake")
            paul.wait_for(f"#{room} olga: a tale of cake")
            paul.wait_for("that ends well")
            paul.type("\r")
            paul.wait_gone("Found: cake")
            for text in ("word 19", "that ends well", "later 0"):
                paul.wait_for(text)
            paul.wait_gone("later 299")
            paul.type("\x1b[F")
            paul.wait_for("later 299")
            paul.wait_gone("that ends well")


def test_answers_reactions_and_what_is_read(tmp_path: Path) -> None:
    """Two clients of one account: what one reads is read, what one does stands in both."""
    with ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path / "state"))

        def open_as(nick: str) -> Terminal:
            arguments = to(server, "--nick", nick, "--room", "den")
            return stack.enter_context(client(*arguments, home=tmp_path / nick, columns=130))

        one, two = open_as("sara"), open_as("sam")
        one.wait_input("sara>")
        two.wait_input("sam>")
        one.type("/register correct-horse\r")
        one.wait_for("Keep this login")
        one.type("\x1b")
        two.type("/login sara correct-horse\r")
        two.wait_for("Keep this login")
        two.type("\x1b")
        for each in (one, two):
            each.wait_input("sara>")
            each.type("/join attic\r")
            each.wait_for(" #attic on")
        with server.enter("tom", "den") as tom:
            tom.say(type="say", room="den", text="who comes along?")
            until(lambda: re.search(r"(?m)^ #den +1│", one.text), "a count")
            until(lambda: re.search(r"(?m)^ #den +1│", two.text), "the same count")
            one.type("\x1ba")
            one.wait_for("who comes along?")
            until(lambda: re.search(r"(?m)^ #den +│", two.text), "that it is read")
            one.type("\x1br")
            one.wait_input("/reply-to")
            one.type("me\r")
            one.wait_for("┌ tom: who comes along?")
            one.type("\x1be\r")
            one.wait_for("👍 1")
            assert tom.event("message")["reply_to"] == tom.event("reacted")["id"]
            two.type("\x1b1")
            for text in ("┌ tom: who comes along?", "👍 1"):
                two.wait_for(text)


def test_login_is_asked_for(tmp_path: Path) -> None:
    """A registered nick asks for its password at the start, and again when it was wrong."""
    with serving(tmp_path / "state") as server:
        arguments = to(server, "--nick", "rita")
        with client(*arguments, home=tmp_path / "rita") as rita:
            rita.wait_input("rita>")
            rita.type("/register correct-horse\r")
            rita.wait_for("Keep this login on this machine")
            rita.type("\x1b")
            rita.wait_gone("Keep this login")
            rita.type("/quit\r")
            assert rita.wait() == 0
        with client(*arguments, home=tmp_path / "rita") as again:
            again.wait_for("The nick rita is registered. If it is yours")
            again.type("wrong-horse\r")
            again.wait_for("The nick or the password is wrong.")
            again.type("correct-horse\r")
            again.wait_for("You are logged in as rita.")
            assert b"horse" not in again.output


def test_put_out(server: Server, room: str, tmp_path: Path) -> None:
    """An operator puts somebody out by the panel of people; the room closes for them."""
    with (
        client(
            *to(server, "--nick", "jana", "--room", room), home=tmp_path / "j", columns=130
        ) as j,
        client(*to(server, "--nick", "kurt"), home=tmp_path / "kurt", columns=130) as kurt,
    ):
        j.wait_for(">@jana")
        kurt.wait_for(" #lobby on attic")
        kurt.type(f"/join {room}\r")
        kurt.wait_for(f">#{room}")
        j.wait_for(" kurt")
        j.type("\x1b[Z\x1b[B\x1bm")
        j.wait_for("Put them out, and keep them out")
        j.type("\x1b[B" * 6 + "\r")
        kurt.wait_for(f"jana has put kurt out of #{room}.")
        kurt.wait_for(" #lobby on attic")
        kurt.type(f"/join {room}\r")
        kurt.wait_for(f"You are banned from #{room}.")


def test_password_file(tmp_path: Path) -> None:
    """A nick registered by one client is had by the next with its password in a file."""
    secret = tmp_path / "secret"
    secret.write_text("correct-horse\n")
    with serving(tmp_path / "state") as server:
        arguments = to(server, "--nick", "lena")
        with client(*arguments, home=tmp_path / "lena") as lena:
            lena.wait_input("lena>")
            lena.type("/register correct-horse\r")
            lena.wait_for("Keep this login on this machine")
            lena.type("\x1b")
            lena.wait_gone("Keep this login")
            lena.type("/quit\r")
            assert lena.wait() == 0
        arguments = (*arguments, "--password-file", str(secret))
        with client(*arguments, home=tmp_path / "lena") as again:
            again.wait_for("You are logged in as lena.")
            assert b"correct-horse" not in again.output


def test_suspended(server: Server, room: str, tmp_path: Path) -> None:
    """After Ctrl-Z and its end no key can end the client with the terminal as it is."""
    with client(*to(server, "--nick", "olga", "--room", room), home=tmp_path / "olga") as olga:
        olga.wait_input("olga>")
        for turn in (1, 2):
            assert olga.attributes()[6][termios.VQUIT] == b"\0"
            olga.type("\x1a")
            until(lambda n=turn: olga.output.count(b"\x1b[?1049l") == n, "the screen left")  # type: ignore[misc]
            until(lambda n=turn: olga.output.count(b"\x1b[?1049h") == n + 1, "it again")  # type: ignore[misc]
            olga.type("\x1c")
            olga.type(f"still here {turn}\r")
            olga.wait_for(f"olga │ still here {turn}")


TALKATIVE = """
import logging, sys, warnings
from urwidclient.__main__ import main
from urwidclient.chat import Chat

def act(*_):
    logging.getLogger("a.library").error("a library's word")
    warnings.warn("a library's warning")

Chat.act = act
sys.exit(main())
"""


def test_what_libraries_say(server: Server, room: str, tmp_path: Path) -> None:
    """What libraries log and warn of goes to the log file, not over the screen."""
    command = (sys.executable, "-c", TALKATIVE)
    arguments = to(server, "--nick", "pia", "--room", room)
    with client(*arguments, home=tmp_path / "pia", command=command) as pia:
        pia.wait_input("pia>")
        pia.type("\x1bOP")
        log = tmp_path / "pia" / ".local" / "state" / "chatservice" / "client.log"
        until(lambda: "a library's warning" in log.read_text(), "the warning in the log")
        assert "a library's word" in log.read_text()
        assert b"a library" not in pia.output


# The ways out

LEAVING: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "ctrl-c": (lambda it: it.type("\x03"), 0),
    "quit": (lambda it: it.type("/quit\r"), 0),
    "sigterm": (lambda it: it.process.send_signal(signal.SIGTERM), 0),
    "sighup": (lambda it: it.process.send_signal(signal.SIGHUP), 0),
    "sigint": (lambda it: it.process.send_signal(signal.SIGINT), 0),
}


@pytest.mark.parametrize("way", LEAVING)
def test_leaving(server: Server, room: str, way: str, tmp_path: Path) -> None:
    """The terminal is as before, nothing is said, and the others see one go at once."""
    leave, code = LEAVING[way]
    with (
        server.enter("vera", room) as vera,
        client(*to(server, "--nick", "wim", "--room", room), home=tmp_path / "wim") as wim,
    ):
        wim.wait_input("wim>")
        assert vera.event("joined")["person"]["nick"] == "wim"
        leave(wim)
        assert wim.wait() == code
        assert_restored(wim)
        assert not wim.output.rpartition(b"\x1b[?25h")[2].strip()
        assert vera.event("left")["nick"] == "wim"


def test_leaving_with_something_unsent(tmp_path: Path) -> None:
    """What could not be sent is on the shell when the screen is gone."""
    with client_of_killed_server(tmp_path / "state", tmp_path) as (anna, _):
        anna.wait_for("reconnecting in")
        anna.type("three, meanwhile\r")
        anna.wait_for("│ three, meanwhile")
        anna.type("\x03")
        assert anna.wait() == 1
        assert_restored(anna)
        rest = anna.output.rpartition(b"\x1b[?25h")[2]
        assert b"not sent, or not confirmed by the server:" in rest
        assert b"#lobby: three, meanwhile" in rest


def test_closed_terminal(server: Server, room: str, tmp_path: Path) -> None:
    """The terminal's window is closed: the client ends too, and the others see it."""
    with (
        server.enter("xaver", room) as xaver,
        client(*to(server, "--nick", "yuri", "--room", room), home=tmp_path / "yuri") as yuri,
    ):
        yuri.wait_input("yuri>")
        yuri.hang_up()
        assert yuri.process.wait(SECONDS) == 0
        assert xaver.event("left")["nick"] == "yuri"
    log = tmp_path / "yuri" / ".local" / "state" / "chatservice" / "client.log"
    assert "Traceback" not in log.read_text()


FAULTY = """
import sys
from urwidclient.__main__ import main
from urwidclient.chat import Chat

def fail(*_):
    raise ValueError("as an example")

setattr(Chat, sys.argv.pop(1), fail)
sys.exit(main())
"""


@pytest.mark.parametrize("part", ["act", "refresh", "on_event", "enter", "on_state"])
def test_failing_client(server: Server, room: str, part: str, tmp_path: Path) -> None:
    """A fault anywhere in the client ends it with the terminal restored and one sentence."""
    command = (sys.executable, "-c", FAULTY, part)
    arguments = to(server, "--nick", "zoe", "--room", room)
    with client(*arguments, home=tmp_path / "zoe", command=command) as zoe:
        if part in ("act", "enter"):
            zoe.wait_input("zoe>")
            zoe.type("\x1bOP" if part == "act" else "hello\r")
        assert zoe.wait() == 1
        assert_restored(zoe)
        rest = zoe.output.rpartition(b"\x1b[?25h")[2].strip()
        assert rest.startswith(b"chatclient: it failed (ValueError: as an example)"), rest
        assert b"\n" not in rest
    log = tmp_path / "zoe" / ".local" / "state" / "chatservice" / "client.log"
    assert "as an example" in log.read_text()


# Other servers


def test_older_server(tmp_path: Path) -> None:
    """A server that only knows `pipe`: found by its greeting, and talked to."""
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(
            b"SRV|Welcome! Here are the recent messages:\nMSG|bob: from before\n"
            b"SRV|Say something.\nULIST|bob(127.0.0.1:5000)\n"
        )
        lines = connection.makefile("rb")
        for line in lines:
            heard.append(line.strip())
            verb, _, payload = line.strip().partition(b"|")
            if verb == b"CMD_USER":
                connection.sendall(
                    b"SRV|%s has joined the chat.\nULIST|bob(127.0.0.1:5000),%s(127.0.0.1:5001)\n"
                    % (payload, payload)
                )
            elif verb == b"MSG":
                connection.sendall(b"MSG|bob: I heard you\n")

    with (
        scripted(talk) as port,
        client("--host", "127.0.0.1", "--port", str(port), home=tmp_path / "anna") as anna,
    ):
        anna.wait_for("Your nick:")
        anna.type("anna\r")
        anna.wait_for("bob │ from before")
        anna.type("hello\r")
        anna.wait_for("bob │ I heard you")
        assert anna.text.count("anna │ hello") == 1
        assert heard[:2] == [b"CMD_USER|anna", b"MSG|anna: hello"]


def test_hostile_server(tmp_path: Path) -> None:
    """What should not reach a terminal does not, in 2,000 messages and in the names of people."""
    liar = Liar(messages=2000, pause=0.15)
    with scripted(liar.talk) as port:
        arguments = ("--host", "127.0.0.1", "--port", str(port), "--nick", "me")
        with client(*arguments, home=tmp_path / "me", columns=125, rows=160) as me:
            me.wait_input("me>")
            me.type("\x1b[O")  # the window is not in front: mentions are told to the desktop
            liar.go_on.set()
            until(liar.done.is_set, f"the end of it (seed {SEED})")
            me.wait_for("That was all.")
            assert b"\x1b]9;chatservice: " in me.output
            assert_own_output(me)
            me.resize(45, 30)
            me.wait_input(">")
            me.type("\x03")
            assert me.wait() == 0
            assert_restored(me)


# Without a full screen


def piped(home: Path) -> dict[str, str]:
    """The environment of a client without a terminal, run by somebody whose login name is `uma`."""
    none = {"XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""}
    return {**environment(), **none, "HOME": str(home), "LOGNAME": "uma"}


def run(
    *arguments: str, said: bytes, home: Path, command: tuple[str, ...] = CLIENT
) -> subprocess.CompletedProcess[bytes]:
    """Run the client with its input in a pipe."""
    return subprocess.run(
        [*command, *arguments],
        input=said,
        capture_output=True,
        timeout=SECONDS,
        env=piped(home),
        check=False,
    )


def test_piped(server: Server, room: str, tmp_path: Path) -> None:
    """`echo done | chatclient ...` leaves with 0 once the message is stored, and says nothing."""
    done = run(*to(server, "--room", room, "--nick", "ci"), said=b"done\n", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert stored(server, room) == ["done"]


def test_piped_to_whom(alone: tuple[Server, tuple[str, ...]], tmp_path: Path) -> None:
    """Where no server is named, it is the one that shows itself; one of several has to be named."""
    _, inside = alone
    command = (*inside, *CLIENT)
    done = run("--nick", "ci", said=b"done\n", home=tmp_path, command=command)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    beacon = encode_beacon(Beacon("other", "other", 9, 1))
    with announced(inside, [beacon]):
        done = run("--nick", "ci", said=b"done\n", home=tmp_path, command=command)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"There are several servers; name one with --host: attic at 127.0.0.1:" in done.stderr
    outside = ("unshare", *([] if os.geteuid() == 0 else ["-r"]), "-n", *CLIENT)
    done = run("--nick", "ci", said=b"done\n", home=tmp_path, command=outside)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"No server shows itself on this network; name one with --host." in done.stderr


def test_interrupted_post(server: Server, room: str, tmp_path: Path) -> None:
    """Ctrl-C while there is more to post: the exit code says so, as shells have it."""
    # A shell that starts something in the background has it ignore Ctrl-C.
    command = ["env", "--default-signal=INT", *CLIENT]
    command += to(server, "--room", room, "--nick", "ci")
    posting = subprocess.Popen(command, stdin=subprocess.PIPE, env=piped(tmp_path))
    assert posting.stdin is not None
    with posting, posting.stdin:
        posting.stdin.write(b"first\n")
        posting.stdin.flush()
        until(lambda: stored(server, room) == ["first"])
        posting.send_signal(signal.SIGINT)
        assert posting.wait(SECONDS) == 130


def test_plain_in_pipes(server: Server, room: str, tmp_path: Path) -> None:
    """`--plain` between pipes: a program's lines are said, or commands; it reads what happens."""
    arguments = to(server, "--plain", "--room", room, "--nick", "botty")
    done = run(*arguments, said=b"/topic news\nhello\n", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"connected to attic as botty" in done.stdout
    assert b"\x1b" not in done.stdout
    assert stored(server, room) == ["hello"]


def test_piped_as_whom(server: Server, room: str, tmp_path: Path) -> None:
    """Where no nick is given: by the login name, or the nick that one had last."""
    arguments = to(server, "--plain", "--room", room)
    done = run(*arguments, said=b"hello\n", home=tmp_path)
    assert b"connected to attic as uma" in done.stdout
    (tmp_path / ".local/state/chatservice/nick").write_text("kim\n")
    done = run(*arguments, said=b"hello\n", home=tmp_path)
    assert b"connected to attic as kim" in done.stdout


def test_piped_to_nobody(tmp_path: Path) -> None:
    """No server there: not 0, and one sentence."""
    done = run("--host", "127.0.0.1", "--port", "1", "--nick", "ci", said=b"done\n", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert re.fullmatch(rb"chatclient: There is no connection to the server\. .+\n", done.stderr)


@pytest.mark.parametrize("way", ["--plain", "dumb"])
def test_lines_on_a_terminal(server: Server, room: str, way: str, tmp_path: Path) -> None:
    """`--plain`: lines as they come, what is typed is sent, and the end of the input leaves.

    So it is on a terminal on which nobody can draw.
    """
    plain, env = ([], {"TERM": way}) if way == "dumb" else ([way], {})
    arguments = to(server, *plain, "--nick", "kim", "--room", room)
    with (
        server.enter("lars", room) as lars,
        client(*arguments, home=tmp_path / "kim", env=env) as kim,
    ):
        kim.wait_for("connected to attic as kim")
        assert lars.event("joined")
        lars.say(type="say", room=room, text="hello kim")
        kim.wait_for("<lars> hello kim")
        kim.type("hello lars\r")
        assert lars.event("message")["text"] == "hello lars"
        kim.type("\x04")
        assert kim.wait() == 0
        assert kim.attributes() == kim.attributes_before
        assert b"\x1b" not in kim.output
