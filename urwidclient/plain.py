"""The line mode: posts what is piped in, or shows and sends lines, to a person or a program."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol, TypeGuard

from twisted.internet.error import ReactorNotRunning
from twisted.internet.stdio import StandardIO

from chatservice.domain.commands import Command, Create, Join, Quit, Say, Tell
from chatservice.domain.errors import ChatError
from chatservice.domain.events import (
    Ack,
    Closing,
    Entered,
    Event,
    Exited,
    Failed,
    Kicked,
    Private,
    RoomRenamed,
)
from chatservice.domain.text import neutral
from chatservice.wire.slash import ShowHelp, text_of
from urwidclient.commands import LINES, here
from urwidclient.console import Console
from urwidclient.discovery import Discovery
from urwidclient.phases import ConnectionState
from urwidclient.resume import new_id, room_name
from urwidclient.session import ChatSession
from urwidclient.settings import ClientOptions, last_nick
from urwidclient.transcript import lines_of

OFFLINE_SECONDS = 10.0
"""Without a connection, then the attempt to post or to begin is given up."""

DISCOVERY_SECONDS = 3.0
"""For servers to show themselves."""

UNACKNOWLEDGED_LINES = 10
"""Posted lines in flight; the rest stays unread, so that an endless input costs nothing."""

INTERRUPTED = 130
"""The exit code when posting is interrupted, as shells have it."""

HOW_TO_COME_IN = "This server has a password: name a file with it by --server-password-file."
"""What is said of that where nobody can type."""

HOW_TO_ENTER = ", as the first line with --plain and without --room."
"""What follows the command with which a room that has a password is entered, in the same place."""

Connect = Callable[[str, int, str, tuple[str, ...]], ChatSession]


class Terminal(Protocol):
    """Where lines come from and go to."""

    def show(self, line: str) -> None:
        """Show a line."""

    def pauseProducing(self) -> None:
        """Hold back what is read."""

    def resumeProducing(self) -> None:
        """Go on reading."""


class PlainChat:
    """One conversation in lines; `leave(code, sentence)` is called once, when it is over.

    A `program` writes the lines, unless a person does: it has come into the room that they go to
    before they are read, the first ones and those after a `/join`.
    """

    def __init__(
        self,
        clock: Any,
        session: ChatSession,
        terminal: Terminal,
        *,
        room: str,
        posting: bool,
        program: bool = False,
        leave: Callable[[int, str], object],
    ) -> None:
        self._clock = clock
        self._session = session
        self._terminal = terminal
        self._room = room_name(room)
        self._rooms: list[str] = []
        self._joining: Join | Create | None = None
        self._posting = posting
        self._program = program or posting
        self._code = 0
        self._leave = leave
        self._unacknowledged: set[str] = set()
        self._begun = False
        self._ended = False
        self._over = False
        self._complained = False
        self._last_word = ""
        self._reason = ""
        self._state: ConnectionState | None = None
        self._deadline: Any = None
        session.on_event = self._see
        session.on_state = self._follow

    def start(self) -> None:
        """Connect."""
        self._session.start()

    def line_read(self, text: str) -> None:
        """Post a line; on a terminal it may be a slash command."""
        if self._posting:
            if text.strip():
                self._send(Say(room=self._room, text=text))
            return
        try:
            parsed = LINES.parse(text)
            if isinstance(parsed, ShowHelp):
                self._show(LINES.help(parsed.topic))
            elif isinstance(parsed, Command):
                self._send(parsed)
            elif parsed is None and text.strip():
                self._send(Say(text=text_of(text)))
        except ChatError as error:
            self._show([f"* {error.sentence}"])

    def input_ended(self) -> None:
        """Nothing more is read: leave once all is acknowledged."""
        self._ended = True
        self._watch()
        self._leave_if_done()

    def finish(self, code: int, sentence: str) -> None:
        """Leave now."""
        if not self._over:
            self._over = True
            self._watch()
            self._session.stop(self._reason)
            self._leave(code, sentence)

    def output_lost(self) -> None:
        """Nobody reads any more: that ends a conversation, but no posting."""
        if not self._posting:
            self.finish(0, "")

    def _send(self, command: Command) -> None:
        if isinstance(command, Quit):
            self._reason = command.reason
            self.input_ended()
            return
        command = here(replace(command, id=new_id()), self._room)
        if isinstance(command, Say | Tell):
            self._unacknowledged.add(command.id or "")
            if self._posting and len(self._unacknowledged) >= UNACKNOWLEDGED_LINES:
                self._terminal.pauseProducing()
        elif isinstance(command, Join | Create):
            self._joining = command
            if self._program:
                self._terminal.pauseProducing()
        self._session.send(command)

    def _see(self, event: Event) -> None:
        outside = self._program and not self._begun
        if isinstance(event, Failed) and (self._posting or outside):
            self.finish(1, _way_in(event))
            return
        if isinstance(event, Entered):
            self._come_into(event)
        elif isinstance(event, Failed):
            self._end_join(event)
        elif isinstance(event, RoomRenamed):
            self._rooms = [event.new if each == event.old else each for each in self._rooms]
            self._room = event.new if self._room == event.old else self._room
        elif isinstance(event, Exited) or self._is_kicked(event):
            self._go_out_of(event.room)
        elif isinstance(event, Closing):
            self._last_word = event.text
        if isinstance(event, Ack | Private | Failed) and event.re in self._unacknowledged:
            self._unacknowledged.discard(event.re or "")
            self._code = int(self._program and isinstance(event, Failed)) or self._code
            self._read_on()
        if not self._posting:
            self._show(lines_of(event, self._room))
        self._leave_if_done()

    def _is_kicked(self, event: Event) -> TypeGuard[Kicked]:
        return isinstance(event, Kicked) and event.nick == self._session.nick

    def _come_into(self, event: Entered) -> None:
        if event.room not in self._rooms:
            self._rooms.append(event.room)
        self._end_join(event)
        if not self._begun and (event.room == self._room or not self._program):
            self._begun = True
            self._read_on()

    def _end_join(self, event: Entered | Failed) -> None:
        """Talk in the room that one has joined, over another connection maybe; read on."""
        join = self._joining
        if join is None or (event.re != join.id and event.room != room_name(join.room)):
            return
        self._joining = None
        if isinstance(event, Entered):
            self._room = event.room
        self._read_on()

    def _read_on(self) -> None:
        if self._joining is None or not self._program:
            self._terminal.resumeProducing()

    def _go_out_of(self, room: str) -> None:
        self._rooms = [each for each in self._rooms if each != room]
        if room == self._room and self._rooms:
            self._room = self._rooms[-1]

    def _follow(self, state: ConnectionState) -> None:
        self._state = state
        self._watch()
        if state.phase == "online":
            if self._complained:
                self._show(["* connected again"])
            self._complained = False
        elif state.phase == "waiting" and not (self._complained or self._posting):
            self._complained = True
            why = "." if state.detail == self._last_word else f": {state.detail}"
            self._show([f"* not connected{why} Trying again."])

    def _watch(self) -> None:
        """Give up after a while offline, where waiting is of no use."""
        phase = self._state.phase if self._state is not None else "connecting"
        hurried = self._posting or self._ended
        # It is stopped while the server waits for its password, which a person may have to look up.
        asked = phase == "stopped" and not hurried
        patient = phase == "online" or asked or self._over
        if self._deadline is not None and patient:
            self._deadline.cancel()
            self._deadline = None
        if self._deadline is None and not patient and (hurried or not self._begun):
            self._deadline = self._clock.callLater(OFFLINE_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._deadline = None
        detail = self._state.detail if self._state is not None else ""
        self.finish(1, f"There is no connection to the server. {detail}".rstrip())

    def _leave_if_done(self) -> None:
        known = self._begun or not self._program
        if self._ended and known and not self._unacknowledged:
            self.finish(self._code, "")

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._terminal.show(line)


def run(options: ClientOptions, *, reactor: Any, connect: Connect, discovery: Discovery) -> int:
    """Chat in lines until all is said; the exit code."""
    program = not os.isatty(0)
    posting = program and not options.plain
    outcome: list[tuple[int, str]] = []

    def stop() -> None:
        with suppress(ReactorNotRunning):
            reactor.stop()

    def leave(code: int, sentence: str) -> None:
        outcome.append((code, sentence))
        console.close()

    def begin(host: str, port: int) -> None:
        nick = options.nick or last_nick(options.state_dir) or _login_name()
        session = connect(host, port, nick, options.rooms)
        room = options.rooms[0]
        chat = PlainChat(
            reactor,
            session,
            console,
            room=room,
            posting=posting,
            program=program,
            leave=leave,
        )
        interrupted = INTERRUPTED if posting else 0
        reactor.addSystemEventTrigger("before", "shutdown", chat.finish, interrupted, "")
        chat.start()
        console.attach(chat)
        if program and not posting:
            console.pauseProducing()

    def choose() -> None:
        discovery.stop()
        if len(discovery.servers) == 1:
            begin(discovery.servers[0].host, discovery.servers[0].port)
        else:
            leave(1, _choice(discovery))

    console = Console(stop)
    reactor.callWhenRunning(StandardIO, console, reactor=reactor)
    if options.host is not None:
        reactor.callWhenRunning(begin, options.host, options.port)
    else:
        reactor.callWhenRunning(discovery.start)
        reactor.callLater(DISCOVERY_SECONDS, choose)
    reactor.run()
    code, sentence = outcome[0] if outcome else (INTERRUPTED, "")
    if sentence:
        print(f"chatclient: {neutral(sentence)}", file=sys.stderr)
    return code


def _way_in(failed: Failed) -> str:
    match failed.code:
        case "server-password-needed":
            return HOW_TO_COME_IN
        case "password-needed":
            return failed.text.removesuffix(".") + HOW_TO_ENTER
        case _:
            return failed.text


def _choice(discovery: Discovery) -> str:
    if not discovery.servers:
        return "No server shows itself on this network; name one with --host."
    found = ", ".join(f"{each.name} at {each.host}:{each.port}" for each in discovery.servers)
    return f"There are several servers; name one with --host: {found}."


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "guest"
