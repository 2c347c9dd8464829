"""A connection to a server that comes back by itself, on the wire that the server knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import connectProtocol
from twisted.internet.interfaces import IStreamClientEndpoint, ITCPTransport
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatservice.domain.commands import Command, Hello, Ping, Quit
from chatservice.domain.errors import ChatError
from chatservice.domain.events import Closing, Event, Pong, Welcome
from chatservice.wire.pipe import HINT
from chatservice.wire.pipe_client import PipeClient
from urwidclient.phases import SHOWN, ConnectionState, Input, Phase
from urwidclient.timing import (
    CONNECT_SECONDS,
    FIRST_ANSWER_SECONDS,
    GREETING_SECONDS,
    LATE_HELLOS,
    SILENCE_DROP_SECONDS,
    SILENCE_PING_SECONDS,
    STABLE_SECONDS,
    backoff,
)
from urwidclient.wires import ClientWire, JsonWire, ServerLines, WireName, sentence

_NEWER, _GREETED = f"SRV|{HINT}".encode(), b"ULIST|"
"""A line of the greeting that no older server says, and how the last one of any begins."""

_log = Logger()


class Connection:
    """Carries commands and events; says `hello()` on each connection, online from `Welcome` on."""

    def __init__(
        self,
        reactor: Any,
        endpoint: IStreamClientEndpoint,
        *,
        hello: Callable[[], Hello],
        on_event: Callable[[Event], object],
        on_state: Callable[[ConnectionState], object],
        jitter: Callable[[], float],
        wall: Callable[[], int],
    ) -> None:
        self._clock = reactor
        self._wall = wall
        self._endpoint = endpoint
        self._hello = hello
        self._on_event = on_event
        self._on_state = on_state
        self._jitter = jitter
        self._json = JsonWire()
        self._pipe = PipeClient()
        self._wire: ClientWire = self._json
        self._proven: set[WireName] = set()
        self._guessed = False
        self._late = 0
        self._phase = Phase.STOPPED
        self._timers: dict[str, Any] = {}
        self._line: ServerLines | None = None
        self._attempt: Deferred[ServerLines] | None = None
        self._introduced = False
        self._closing = ""
        self._detail = ""
        self._reason = ""
        self._failures = 0
        self._retry_at = 0.0
        self._online_at: float | None = None
        self._heard_at = 0.0

    @property
    def online(self) -> bool:
        """Whether commands can be sent."""
        return self._phase is Phase.ONLINE

    @property
    def guessed(self) -> bool:
        """Whether the server is taken for an older one for its silence alone."""
        return self._guessed

    def start(self) -> None:
        """Connect, and stay connected."""
        self._feed(Input.START)

    def stop(self, reason: str = "") -> None:
        """Leave for a `reason`, and stay away."""
        self._detail = ""
        self._reason = reason
        self._feed(Input.STOP)

    def reconnect_now(self) -> None:
        """Connect anew without any wait."""
        self._doubt()
        self._feed(Input.RETRY)

    def transmit(self, command: Command, tell: Callable[[Event], object] | None = None) -> None:
        """Send a command; `tell` hears what the wire itself answers (else it is as if received)."""
        data, events = self._wire.encode(command, self._wall())
        if data and self._line is not None and self._line.transport is not None:
            self._line.transport.write(data)
        for event in events:
            (tell or self._receive)(event)

    # What each transition of the table does

    def _feed(self, happened: Input) -> None:
        found = self._TABLE.get((self._phase, happened))
        if found is not None:
            self._phase, act = found
            act(self)

    def _connect(self) -> None:
        self._hang_up()
        self._introduced = False
        self._closing = ""
        line = self._line = ServerLines(self._line_received, self._line_lost)
        self._report()
        if line is not self._line:
            return
        self._after("deadline", CONNECT_SECONDS, self._lose, "The server cannot be reached.")
        attempt = self._attempt = connectProtocol(self._endpoint, line)
        attempt.addCallbacks(self._connected, lambda why: self._line_lost(line, why))
        attempt.addErrback(lambda why: _log.failure("While connecting", why))

    def _open(self) -> None:
        if self._line and ITCPTransport.providedBy(self._line.transport):
            self._line.transport.setTcpKeepAlive(True)
        if self._wire is self._json and "json" not in self._proven:
            self._after("deadline", GREETING_SECONDS, self._introduce)
        else:
            self._introduce()

    def _go_online(self) -> None:
        self._cancel("deadline")
        if not self._guessed:
            self._proven.add(self._wire.name)
            self._late = 0
        self._online_at = self._clock.seconds()
        self._detail = ""
        if self._wire is self._json:
            self._after("life", SILENCE_PING_SECONDS, self._look_for_life)
        self._report()

    def _wait(self) -> None:
        self._hang_up()
        now = self._clock.seconds()
        if self._online_at is not None and now - self._online_at >= STABLE_SECONDS:
            self._failures = 0
        self._online_at = None
        self._doubt()
        self._retry_at = now + backoff(self._failures, self._jitter())
        self._failures += 1
        self._count_down()

    def _leave(self) -> None:
        line = self._line
        if line is not None and line.transport is not None:
            if self._online_at is not None:
                self.transmit(Quit(reason=self._reason))
            self._line = None
            line.transport.loseConnection()
        self._hang_up()
        self._online_at = None
        self._report()

    # The line

    def _connected(self, line: ServerLines) -> None:
        if line is self._line:
            self._heard_at = self._clock.seconds()
            self._feed(Input.CONNECTED)
        else:
            line.abort()

    def _introduce(self) -> None:
        first = self._wire is self._json and "json" not in self._proven
        self._after(
            "deadline", FIRST_ANSWER_SECONDS if first else CONNECT_SECONDS, self._go_unanswered
        )
        self._introduced = True
        self.transmit(self._hello())

    def _go_unanswered(self) -> None:
        if self._wire is self._json and "json" not in self._proven:
            self._wire, self._guessed = self._pipe, True
            self._feed(Input.RETRY)
        else:
            self._lose("The server does not answer.")

    def _doubt(self) -> None:
        """A wire that has not proven right is given up: the server may have been busy only."""
        if self._wire.name not in self._proven:
            self._wire, self._guessed = self._json, False

    def _line_received(self, line: ServerLines, data: bytes) -> None:
        if line is not self._line:
            return
        self._heard_at = self._clock.seconds()
        if self._guessed and data == _NEWER and self._late < LATE_HELLOS:
            self._ask_again()
            return
        first = data.lstrip()[:1] if self._phase is Phase.OPENING else b""
        if self._wire is self._json and first not in (b"", b"{"):
            self._meet_older(line, data)
            return
        try:
            events = self._wire.decode(data, self._wall())
        except ChatError as error:
            _log.warn("A line of the server is not understood: {code}", code=error.code)
            return
        for event in events:
            if line is self._line:
                self._receive(event)

    def _line_lost(self, line: ServerLines, why: Failure) -> None:
        if line is self._line:
            self._lose(self._closing or sentence(why))

    def _lose(self, detail: str) -> None:
        self._detail = detail
        self._feed(Input.LOST)

    def _meet_older(self, line: ServerLines, data: bytes) -> None:
        """The greeting of a server that only knows `pipe`, or that had no hello in time."""
        if not self._introduced:
            self._wire = self._pipe
            self._introduce()
            self._line_received(line, data)
        elif data == _NEWER:
            self._ask_again()
        elif data.startswith(_GREETED):
            self._wire = self._pipe
            self._feed(Input.RETRY)

    def _ask_again(self) -> None:
        """It is a newer server, that was busy: hello goes out at once, which may be in time."""
        self._proven.add("json")
        self._late += 1
        self._guessed = self._late >= LATE_HELLOS
        self._wire = self._pipe if self._guessed else self._json
        self._feed(Input.RETRY)

    def _look_for_life(self) -> None:
        silence = self._clock.seconds() - self._heard_at
        if silence >= SILENCE_DROP_SECONDS:
            self._lose(f"Nothing has come from the server for {silence:.0f} s.")
        elif silence >= SILENCE_PING_SECONDS:
            self.transmit(Ping())
            self._after("life", max(0.1, SILENCE_DROP_SECONDS - silence), self._look_for_life)
        else:
            self._after("life", max(0.1, SILENCE_PING_SECONDS - silence), self._look_for_life)

    def _hang_up(self) -> None:
        for name in tuple(self._timers):
            self._cancel(name)
        line, self._line = self._line, None
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.cancel()
        if line is not None:
            line.abort()

    def _receive(self, event: Event) -> None:
        if isinstance(event, Welcome):
            self._feed(Input.WELCOMED)
        elif isinstance(event, Closing):
            self._closing = event.text
        elif isinstance(event, Pong) and event.re is None:
            return
        self._on_event(event)

    # Timers, and what is told of the state

    def _after(self, name: str, seconds: float, call: Callable[..., object], *args: object) -> None:
        self._cancel(name)
        self._timers[name] = self._clock.callLater(seconds, call, *args)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None and timer.active():
            timer.cancel()

    def _count_down(self) -> None:
        left = self._retry_at - self._clock.seconds()
        if left < 0.001:
            self._feed(Input.RETRY)
        else:
            self._after("retry", min(1.0, left), self._count_down)
            self._report(left)

    def _report(self, retry_in: float | None = None) -> None:
        shown = SHOWN[self._phase]
        self._on_state(ConnectionState(shown, retry_in, self._detail, self._wire.name))

    _TABLE: ClassVar[dict[tuple[Phase, Input], tuple[Phase, Callable[[Connection], None]]]] = {
        (Phase.STOPPED, Input.START): (Phase.CONNECTING, _connect),
        (Phase.STOPPED, Input.RETRY): (Phase.CONNECTING, _connect),
        (Phase.WAITING, Input.RETRY): (Phase.CONNECTING, _connect),
        (Phase.WAITING, Input.STOP): (Phase.STOPPED, _leave),
        (Phase.CONNECTING, Input.CONNECTED): (Phase.OPENING, _open),
        (Phase.CONNECTING, Input.RETRY): (Phase.CONNECTING, _connect),
        (Phase.CONNECTING, Input.LOST): (Phase.WAITING, _wait),
        (Phase.CONNECTING, Input.STOP): (Phase.STOPPED, _leave),
        (Phase.OPENING, Input.WELCOMED): (Phase.ONLINE, _go_online),
        (Phase.OPENING, Input.RETRY): (Phase.CONNECTING, _connect),
        (Phase.OPENING, Input.LOST): (Phase.WAITING, _wait),
        (Phase.OPENING, Input.STOP): (Phase.STOPPED, _leave),
        (Phase.ONLINE, Input.RETRY): (Phase.CONNECTING, _connect),
        (Phase.ONLINE, Input.LOST): (Phase.WAITING, _wait),
        (Phase.ONLINE, Input.STOP): (Phase.STOPPED, _leave),
    }
    """(phase, input) -> (next phase, what is done then)."""
