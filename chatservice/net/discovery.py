"""Makes the server known over UDP: announces it, and answers who asks for servers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatservice.domain.limits import Limits
from chatservice.net.interfaces import broadcast_addresses
from chatservice.wire.beacon import (
    LARGEST,
    LEGACY,
    PORT,
    Allowance,
    Beacon,
    Query,
    decode,
    encode_beacon,
)

INTERVAL = 5.0
"""Seconds between two announcements; older clients look for servers that long."""

HEARD_FROM_ONE = 20.0
"""Datagrams a second from one address that are looked at; the rest is dropped unread."""

HEARD_IN_ALL = 500.0
"""Datagrams a second that are looked at: a flood costs no more than these."""

ANSWERS_IN_ALL = 100.0
"""Answers a second to all who ask."""

BYTES_A_TURN = 4096
"""Read from the socket before the rest of the server gets its turn."""

IN_A_ROW, PAUSE = 500, 0.1
"""After so many datagrams nothing is read for so many seconds: a flood ends in the kernel."""

_log = Logger()


class Announcer(DatagramProtocol):
    """Sends beacons to all targets every `INTERVAL`, and answers queries. Never raises."""

    noisy = False
    transport: Any

    def __init__(
        self,
        clock: Any,
        state: Callable[[], Beacon],
        targets: Callable[[], Iterable[str]] = broadcast_addresses,
        *,
        port: int = PORT,
        answers_per_second: float = 1.0,
        reached_by: Callable[[str], bool] = lambda _host: True,
    ) -> None:
        """`reached_by` tells whether who asks from an address can reach the server at all."""
        self._clock = clock
        self._state = state
        self._targets = targets
        self._port = port
        self._heard = Allowance(rate=HEARD_FROM_ONE, total=HEARD_IN_ALL)
        self._reached_by = reached_by
        self._answers = Allowance(rate=answers_per_second, total=ANSWERS_IN_ALL)
        self._failures: Counter[str] = Counter()
        self._loop = LoopingCall(self._announce)
        self._loop.clock = clock
        self._left = IN_A_ROW
        self._pause: Any = None

    def startProtocol(self) -> None:
        """Announce at once, then every `INTERVAL`."""
        self.transport.setBroadcastAllowed(True)
        self._loop.start(INTERVAL)

    def stopProtocol(self) -> None:
        """Fall silent, and say how often what went wrong did."""
        self._loop.stop()
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        for reason, times in self._failures.items():
            if times > 1:
                _log.warn(
                    "Discovery, {times} times: {reason}",
                    event="discovery-more",
                    times=times,
                    reason=reason,
                )
        self._failures.clear()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Answer a query; drop all else."""
        self._left -= 1
        if self._left <= 0 and self._pause is None:
            self.transport.stopReading()
            self._pause = self._clock.callLater(PAUSE, self._listen_again)
        now = self._clock.seconds()
        if not self._heard.take(addr[0], now) or not isinstance(decode(datagram), Query):
            return
        if not self._reached_by(addr[0]):
            return
        try:
            answer = encode_beacon(self._state())
        except Exception as error:
            self._failed(error, "describe the server")
            return
        if len(answer) <= len(datagram) and self._answers.take(addr[0], now):
            self._send(answer, addr)

    def _listen_again(self) -> None:
        self._left, self._pause = IN_A_ROW, None
        self.transport.startReading()

    def _announce(self) -> None:
        try:
            datagrams = (LEGACY, encode_beacon(self._state()))
            targets = tuple(self._targets())
        except Exception as error:
            self._failed(error, "describe the server or find its networks")
            return
        for target in targets:
            for datagram in datagrams:
                self._send(datagram, (target, self._port))

    def _send(self, datagram: bytes, addr: tuple[str, int]) -> None:
        try:
            self.transport.write(datagram, addr)
        except Exception as error:
            self._failed(error, f"send to {addr[0]}")

    def _failed(self, error: Exception, what: str) -> None:
        """Log a reason once; what it is told apart by names no address, so they stay few."""
        reason = getattr(error, "strerror", None) or type(error).__name__
        self._failures[reason] += 1
        if self._failures[reason] == 1:
            _log.warn(
                "Discovery cannot {what}: {error}", event="discovery", what=what, error=str(error)
            )


class DiscoveryService(Service):
    """Runs an announcer; a network that forbids it costs a line in the log and nothing else."""

    def __init__(
        self,
        reactor: Any,
        state: Callable[[], Beacon],
        targets: Callable[[], Iterable[str]] = broadcast_addresses,
        *,
        limits: Limits,
        port: int = PORT,
        reached_by: Callable[[str], bool] = lambda _host: True,
    ) -> None:
        self._reactor = reactor
        self._port = port
        self._announcer = Announcer(
            reactor,
            state,
            targets,
            port=port,
            answers_per_second=limits.udp_answers_per_second,
            reached_by=reached_by,
        )
        self._listening: Any = None

    def startService(self) -> None:
        """Listen for queries and begin to announce; where that is not possible, only announce."""
        super().startService()
        if not self._listen(self._port):
            self._listen(0)

    def stopService(self) -> Deferred[None] | None:
        """Fall silent; fires when the socket is closed."""
        super().stopService()
        listening, self._listening = self._listening, None
        return listening.stopListening() if listening else None

    def _listen(self, port: int) -> bool:
        try:
            self._listening = self._reactor.listenMulticast(
                port, self._announcer, maxPacketSize=LARGEST + 1, listenMultiple=True
            )
        except CannotListenError as error:
            _log.warn(
                "Discovery cannot use UDP port {port}, so queries for servers go unanswered: "
                "{error}",
                event="discovery-port",
                port=port,
                error=str(error),
            )
            return False
        self._listening.maxThroughput = BYTES_A_TURN
        return True
