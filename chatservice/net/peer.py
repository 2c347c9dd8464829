"""One connection: its codec and session, what waits for it, and how fast it may go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chatservice.app import Timer
from chatservice.domain.commands import Appear, Quit
from chatservice.domain.errors import BadInput, ChatError, TooLong
from chatservice.domain.session import State
from chatservice.net.asked import Asked
from chatservice.net.house import Connection, Input, Nobody
from chatservice.net.paced import PacedTransport
from chatservice.net.throttle import Throttle
from chatservice.net.timers import cancel
from chatservice.net.transport import descriptor, direct, pending, prefer, prepare, traffic
from chatservice.wire.codec import Circumstances, Codec, Encoder, Wire

_NOBODY = Nobody()

SLOW, READING = "slow", "reading"
"""The reasons for which a peer's input can be on hold, beside those of `Asked` and `Throttle`."""


@implementer(IPushProducer)
class Peer:
    """A connection between a transport and the chat."""

    __slots__ = (
        "_allowance",
        "_asked",
        "_close",
        "_codec",
        "_drained",
        "_gone",
        "_holds",
        "_house",
        "_input",
        "_preferred",
        "_progress",
        "_ready",
        "_slow_timer",
        "_state_timer",
        "_throttle",
        "_transport",
        "_unit_bytes",
        "_written",
        "address",
        "closing",
        "descriptor",
        "encoder",
        "heard",
        "personal",
        "session",
        "wire",
    )

    def __init__(
        self,
        connection: Connection,
        wire: Wire,
        transport: Any,
        units: Input,
        close: Callable[[], None] | None = None,
    ) -> None:
        """`close` ends the connection if there is more to that than to lose it."""
        house = connection.house
        limits = house.limits
        session = house.chat.connect(connection.address, strict=wire.strict)
        self._house = house
        self._gone = connection.gone
        self._codec: Codec = wire.make(
            Circumstances(address=connection.address, limits=limits, nick=session.get_nick)
        )
        self._transport = transport
        self._input = units
        self._holds: tuple[str, ...] = ()
        self._asked = Asked(house, session, self)
        self._throttle = (
            Throttle(house.clock, house.moments, limits, self) if connection.throttled else None
        )
        self._state_timer: Timer | None = None
        self._slow_timer: Timer | None = None
        self._drained: tuple[Callable[[], None], ...] = ()
        self._allowance = 0
        self._unit_bytes = limits.message_bytes if wire.framing == "messages" else limits.unit_bytes
        self._written = 0
        self._progress = 0
        self._preferred = False
        self.address = connection.address
        self.closing = False
        self.heard = True
        self._ready = False
        self.encoder: Encoder = self._codec.encoder
        self.personal: Encoder = self._codec.personal
        prepare(transport, limits.slow_pause_bytes)
        if wire.segments is not None:
            self._transport = PacedTransport(
                transport,
                wire.segments,
                house.clock,
                limits.segment_seconds,
                limits.slow_pause_bytes,
            )
        self.descriptor = descriptor(self._transport)
        """Its socket, if it may be written to at times."""
        self._close: Callable[[], None] = close or self._transport.loseConnection
        self.session = session
        self.wire = wire.name
        house.fanout.add(session, self)
        transport.registerProducer(self, True)
        if self._codec.probe:
            house.rounds.add(self)
        greeting = self._codec.greet()
        if greeting is not None:
            self._asked.add(greeting)
            self._state_timer = house.clock.callLater(limits.appear_seconds, self._appear)
        else:
            self._state_timer = house.clock.callLater(limits.introduction_seconds, self._too_late)

    @property
    def fragments(self) -> bool:
        """Whether an unfinished line followed by silence counts as a unit."""
        return self._codec.fragments

    @property
    def stalled(self) -> bool:
        """Whether too much waits for this reader."""
        return SLOW in self._holds

    @property
    def ready(self) -> bool:
        """Whether its socket may be written to (`transport.direct`)."""
        return self._ready

    @ready.setter
    def ready(self, ready: bool) -> None:
        if ready is not self._ready:
            self._ready = ready
            self._house.fanout.changes += 1

    @property
    def traffic(self) -> tuple[int, int]:
        """How many bytes came in, and how many went out and arrived."""
        return traffic(self._transport)

    @property
    def unit_bytes(self) -> int:
        """The longest unit that is accepted now."""
        stranger = self.session.state is not State.PRESENT
        return self._house.limits.stranger_unit_bytes if stranger else self._unit_bytes

    @property
    def held(self) -> bool:
        """Whether it can say nothing now."""
        return bool(self._holds) or self.closing

    @property
    def probe(self) -> bytes:
        """What asks it for a sign of life."""
        return self._codec.probe

    @property
    def _over(self) -> bool:
        """Whether nothing that comes in counts any more."""
        return self.closing or self.session.state is State.GONE

    # What comes in

    def unit(self, data: bytes) -> None:
        """Take one unit."""
        if self._over:
            return
        self.heard = True
        if len(data) > self.unit_bytes:
            self.too_long()
            return
        self._execute(data)
        self.count()

    def chunk_done(self) -> None:
        """All complete units of what arrived at once are taken: the burst is over."""
        if not self._preferred and self.session.state is State.PRESENT:
            self._preferred = True
            prefer(self._transport)
        if self._throttle is not None:
            self._throttle.pause()

    def count(self) -> None:
        """It has said one thing more."""
        if self._throttle is not None:
            self._throttle.count()

    def too_long(self, what: str = "line") -> None:
        """A unit exceeds the limit: one error, then a close."""
        error = TooLong(f"A {what} can have {self.unit_bytes} bytes at most. Goodbye.")
        self.dismiss(error)

    def end(self) -> None:
        """The peer will say no more: do what it asked for, answer, and close."""
        if not self._over:
            self._asked.add(Quit())

    def lost(self) -> None:
        """The connection is gone."""
        self._shut()
        self.descriptor = -1
        if self._throttle is not None:
            self._throttle.stop()
        # What is kept by what it keeps waits for the collector, which seldom looks at what is old.
        self._asked.stop()
        self._throttle, self._input, self._close = None, _NOBODY, _NOBODY.pauseProducing
        self._house.rounds.remove(self)
        self._drained = ()
        if isinstance(self._transport, PacedTransport):
            self._transport.stop()
        self._house.fanout.remove(self.session)
        self._house.chat.disconnect(self.session)
        self._gone()

    def _execute(self, data: bytes) -> None:
        try:
            asked = self._codec.decode(data)
        except ChatError as error:
            self._house.refusals.note(error.code, self.address, self.wire)
            refuse = self._house.chat.expel if self.session.strict else self._house.chat.refuse
            refuse(self.session, error, self._codec.blame(data))
            self._asked.let_read()
            return
        self.personal = self._codec.personal
        if self._codec.encoder is not self.encoder:
            self.encoder = self._codec.encoder
            self._house.fanout.forget(self.session)
        if asked is not None:
            self._asked.add(asked)

    # What goes out (`fanout.Outlet`)

    def send(self, data: bytes, *, asked_for: bool) -> None:
        """Write, unless too much already waits for this reader: then drop it."""
        if self.closing:
            return
        if not (self._holds or asked_for):
            self._transport.write(data)
            self.ready = direct(self._transport)
            return
        self.ready = False
        if asked_for:
            self._allowance += len(data)
        if SLOW in self._holds:
            waiting = pending(self._transport) + len(data)
            if waiting > self._house.limits.slow_drop_bytes + self._allowance:
                self._drop()
                return
            self._written += len(data)
        self._transport.write(data)
        if SLOW not in self._holds:
            self._allowance = 0

    def finish(self) -> None:
        """Close once everything written is sent, or once the peer has had time enough."""
        if self.closing:
            return
        self._shut()
        self._transport.unregisterProducer()
        self._close()
        self._state_timer = self._house.clock.callLater(
            self._house.limits.shutdown_seconds, self._give_up
        )

    def dismiss(self, error: ChatError) -> None:
        """Say why, then close."""
        if self._over:
            return
        self._house.refusals.note(error.code, self.address, self.wire)
        self._house.chat.dismiss(self.session, error.code, error.sentence)
        self.hold(SLOW)

    def hold(self, reason: str = READING) -> None:
        """Take no more input until `release` for the same reason."""
        self.ready = False
        if not self._holds:
            self._input.pauseProducing()
        if reason not in self._holds:
            self._holds = (*self._holds, reason)

    def release(self, reason: str = READING) -> None:
        """Take input again, if no other reason is left."""
        if reason in self._holds:
            self._holds = tuple(each for each in self._holds if each != reason)
            self._asked.go_on()
            if not self.held:
                self._input.resumeProducing()

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call once nothing written is waiting for the peer to read it."""
        if SLOW in self._holds:
            self._drained = (*self._drained, call)
        else:
            call()

    # IPushProducer: the transport says when the peer reads too slowly, and when it has caught up

    def pauseProducing(self) -> None:
        """Too much waits for this reader: take no input, and see whether it gets on."""
        if SLOW not in self._holds and not self.closing:
            self.hold(SLOW)
            self._written = pending(self._transport)
            # What one write left, such as a list of thousands, is no sign of a slow reader.
            left = self._written - self._house.limits.slow_pause_bytes
            self._allowance = max(self._allowance, left)
            self._progress = 0
            self._watch()

    def resumeProducing(self) -> None:
        """Nothing waits any more."""
        cancel(self._slow_timer)
        self._slow_timer = None
        self._allowance = 0
        self.release(SLOW)
        calls, self._drained = self._drained, ()
        for call in calls:
            call()

    def stopProducing(self) -> None:
        """The transport is going to close its socket; `lost` follows."""
        self.ready = False

    # Timers

    def _watch(self) -> None:
        self._slow_timer = self._house.clock.callLater(
            self._house.limits.slow_seconds, self._check_progress
        )

    def _check_progress(self) -> None:
        self._slow_timer = None
        progress = self._written - pending(self._transport)
        if progress == self._progress:
            self._drop()
        else:
            self._progress = progress
            self._watch()

    def _drop(self) -> None:
        """Cut a reader off that does not read; it can't be told, but the others are."""
        self._house.refusals.note("slow-reader", self.address, self.wire)
        self._house.chat.dismiss(self.session, "slow-reader", "Too slow to read what it is told.")
        self._shut()
        self._transport.unregisterProducer()
        self._transport.abortConnection()

    def _shut(self) -> None:
        """Nothing counts that comes in or is told any more."""
        self.closing = True
        self.ready = False
        cancel(self._state_timer)
        cancel(self._slow_timer)
        self._state_timer = self._slow_timer = None

    def _give_up(self) -> None:
        self._state_timer = None
        self._transport.abortConnection()

    def _appear(self) -> None:
        self._state_timer = None
        if self.session.state is State.NAMELESS:
            self._house.chat.execute(self.session, Appear())
        elif self.session.state is State.OUTSIDE:
            self._let_go(self._house.limits.appear_seconds)

    def _too_late(self) -> None:
        self._state_timer = None
        if self.session.state in (State.OUTSIDE, State.VISITOR):
            self._let_go(self._house.limits.introduction_seconds)

    def _let_go(self, seconds: float) -> None:
        self.dismiss(BadInput(f"Nothing usable was said within {seconds:g} seconds. Goodbye."))
