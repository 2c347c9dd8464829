"""What the tests of the screen share: events, a session and a program around it, in memory."""

from __future__ import annotations

import errno
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar, TypeVar

import urwid
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput, TooLong
from chatservice.domain.events import Entered, Event, Message, Person, Welcome
from chatservice.wire.schema import dump
from urwidclient.chat import Chat
from urwidclient.me import Wanted
from urwidclient.phases import ConnectionState

NOON = 1_700_000_000_000
ONLINE = ConnectionState("online", None, "", "json")
WAITING = ConnectionState("waiting", 4.0, "The connection was lost.", "json")

_ids = count(1)
_C = TypeVar("_C", bound=Command)


def said(seq: int, text: str = "", **fields: Any) -> Message:
    """A message of the lobby, by bob unless told otherwise."""
    given: dict[str, Any] = {
        "room": "lobby",
        "id": f"m{next(_ids)}",
        "nick": "bob",
        "user": "100001",
        "at": NOON + seq * 1000,
    }
    return Message(seq=seq, text=text or f"text {seq}", **{**given, **fields})


def people(*nicks: str) -> tuple[Person, ...]:
    """Persons of these nicks."""
    return tuple(Person(nick=nick, user=nick, address="192.0.2.1:5") for nick in nicks)


def entered(*messages: Message, room: str = "lobby", **fields: Any) -> Entered:
    """The room was entered; its last messages are these."""
    seq = fields.pop("seq", messages[-1].seq if messages else 0)
    given: dict[str, Any] = {"people": people("alice", "bob", "me")}
    return Entered(room=room, seq=seq, messages=messages, **{**given, **fields})


def welcome(nick: str | None = "me", **fields: Any) -> Welcome:
    """The server knows us."""
    given: dict[str, Any] = {
        "version": 1,
        "features": (),
        "server": "office",
        "server_id": "s1",
        "user": "123456",
        "text_characters": 4000,
    }
    return Welcome(nick=nick, **{**given, **fields})


class FakeSession:
    """Records what is sent; a test tells events by `on_event`."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.started = False
        self.stopped = False
        self.reason = ""
        self.reconnects = 0
        self.most: int | None = None
        self.offers = False
        self.kept = 0
        self.on_event: Callable[[Event], object] = lambda _: None
        self.on_state: Callable[[ConnectionState], object] = lambda _: None

    def start(self) -> None:
        """Connect."""
        self.started = True

    def stop(self, reason: str = "") -> None:
        """Leave."""
        self.stopped = True
        self.reason = reason

    def send(self, command: Command) -> None:
        """Ask the server."""
        self.sent.append(command)

    def check(self, command: Command) -> None:
        """Whether it is too long."""
        if self.most is not None and len(dump(command)) > self.most:
            raise TooLong("That is too long.")

    def reconnect_now(self) -> None:
        """Connect anew."""
        self.reconnects += 1

    def offer_to_keep(self) -> bool:
        """Whether to ask."""
        return self.offers

    def keep_login(self) -> None:
        """Keep the login."""
        self.kept += 1

    def all(self, kind: type[_C]) -> list[_C]:
        """The commands of a kind that were sent."""
        return [command for command in self.sent if isinstance(command, kind)]


class FakeSurroundings:
    """Records what a chat asks of the program."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.calls: list[tuple[str, ...]] = []
        self.rung: list[str] = []

    def redraw(self) -> None:
        """Something changed."""

    def now(self) -> int:
        """The time, UTC in ms."""
        return NOON + int(self.clock.seconds() * 1000)

    def ring(self, text: str) -> None:
        """Tell somebody who does not look."""
        self.rung.append(text)

    def set_theme(self, name: str) -> None:
        """Use other colours."""
        if name not in self.theme_names():
            raise BadInput(f"There is no theme {name}.")
        self.calls.append(("set_theme", name))

    def theme_names(self) -> tuple[str, ...]:
        """The themes there are."""
        return ("dark", "light", "mono")

    def connect_to(self, host: str, port: int) -> None:
        """Go to another server."""
        self.calls.append(("connect_to", host, str(port)))

    def quit(self, reason: str = "") -> None:
        """Leave the program."""
        self.calls.append(("quit", reason) if reason else ("quit",))

    def clear_screen(self) -> None:
        """Draw everything anew."""
        self.calls.append(("clear_screen",))

    def show_servers(self) -> None:
        """Let the person choose a server."""
        self.calls.append(("show_servers",))

    def nick_refused(self, sentence: str, wanted: Wanted | None) -> None:
        """The nick is not taken."""
        self.calls.append(("nick_refused", sentence, wanted or ""))

    def nick_taken(self, nick: str, *, chosen: bool) -> None:  # noqa: ARG002
        """The nick is taken."""
        self.calls.append(("nick_taken", nick))


class FakeScreen(urwid.BaseScreen):
    """A screen in memory: `press` keys on it, read `lines` from it."""

    def __init__(self, size: tuple[int, int] = (90, 24)) -> None:
        super().__init__()
        self.size = size
        self.written = ""
        self.lines: list[str] = []
        self.draws = 0
        self.cleared = 0
        self.suspended = 0
        self.ended = False
        self.closed = False
        self.reads = 0
        self._callback: Callable[[list[Any], list[int]], object] | None = None

    def press(self, *keys: Any) -> None:
        """Type these keys, in one go."""
        if self._callback is not None:
            self._callback(list(keys), [])

    def get_cols_rows(self) -> tuple[int, int]:
        """Its size."""
        return self.size

    def draw_screen(self, size: tuple[int, int], canvas: urwid.Canvas) -> None:
        """Keep what is drawn."""
        assert (canvas.cols(), canvas.rows()) == size == self.size
        self._look()
        self.lines = text_of(canvas)
        self.draws += 1

    def hook_event_loop(self, event_loop: Any, callback: Any) -> None:
        """Be told where keys go; wrapped as the event loop wraps what it calls."""

        def read(keys: list[Any], raw: list[int]) -> None:
            self.reads += self.closed
            self._look()
            callback(keys, raw)

        self._callback = event_loop.handle_exit(read)

    def unhook_event_loop(self, event_loop: Any) -> None:  # noqa: ARG002
        """Be left alone."""
        self._callback = None

    def suspend(self) -> None:
        """Note that the shell was asked for."""
        self.suspended += 1

    def write(self, text: str) -> None:
        """Keep what is sent to the terminal."""
        self.written += text

    def flush(self) -> None:
        """Nothing waits."""

    def clear(self) -> None:
        """Draw all next time."""
        self.cleared += 1

    def _stop(self) -> None:
        self.ended = True
        super()._stop()

    def _look(self) -> None:
        """Fail as a terminal does whose window was closed."""
        if self.closed:
            raise OSError(errno.EIO, "Input/output error")


def text_of(canvas: urwid.Canvas) -> list[str]:
    """The rows of a canvas as text, without trailing blanks."""
    return [line.decode().rstrip() for line in canvas.text]


def shown(widget: urwid.Widget, columns: int, rows: int, focus: bool = True) -> list[str]:
    """A box widget's rows as text."""
    canvas = widget.render((columns, rows), focus)
    assert (canvas.cols(), canvas.rows()) == (columns, rows)
    return text_of(canvas)


def attributes(canvas: urwid.Canvas, text: str) -> set[Any]:
    """The attributes in which this text is drawn."""
    found = set()
    for row in canvas.content():
        line = b"".join(run[2] for run in row).decode()
        at = 0
        for attr, _, run in row:
            part = run.decode()
            if text in line and line.index(text) <= at < line.index(text) + len(text):
                found.add(attr)
            at += len(part)
    return found


class ChatTestCase(SynchronousTestCase):
    """A chat in #lobby and #ops, drawn as the program draws it."""

    size: ClassVar[tuple[int, int]] = (90, 20)

    def setUp(self) -> None:
        self.session = FakeSession()
        self.around = FakeSurroundings()
        self.chat = Chat(self.session, self.around, emoji=True)
        self.window = self.chat.window
        self.model = self.chat.model
        self.chat.on_state(ONLINE)
        self.chat.on_event(welcome())
        self.chat.on_event(entered(*map(said, range(1, 61))))
        self.chat.on_event(entered(said(1, room="ops"), room="ops", people=people("me", "carol")))
        self.draw()

    def draw(self, columns: int = 0, rows: int = 0) -> list[str]:
        """Draw; the rows as text."""
        size = (columns or self.size[0], rows or self.size[1])
        self.chat.refresh(size[0])
        lines = shown(self.window, *size)
        self.chat.drawn()
        return lines

    def press(self, *keys: str) -> None:
        """Press these keys, drawing after each."""
        for key in keys:
            self.assertIsNone(self.window.keypress(self.size, key))
            self.draw()

    def type(self, text: str) -> None:
        """Type this text."""
        self.press(*text)

    def click(self, column: int, row: int, button: int = 1) -> None:
        """Press a button of the mouse."""
        self.window.mouse_event(self.size, "mouse press", button, column, row, True)
        self.draw()
