"""A listening port takes all who wait."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import Any

from twisted.internet.protocol import Factory, Protocol, connectionDone

from chatservice.net.turns import ACCEPT_SECONDS, ACCEPTS, EagerPort
from tests.net.network import Loop

WAITING = 3 * ACCEPTS + 1


class Counting(Factory):
    """Counts the connections that were taken; each takes `pause` seconds."""

    def __init__(self, loop: Loop, pause: float) -> None:
        self.taken = 0
        self._loop = loop
        self._pause = pause

    def buildProtocol(self, addr: object) -> Protocol:
        """One more."""
        del addr
        self.taken += 1
        self._loop.rightNow += self._pause
        return Protocol()


def taken_in_one_turn(pause: float) -> tuple[int, int]:
    """How many of those who wait are taken at once, and how many by turns without a poll."""
    loop: Any = Loop()
    factory = Counting(loop, pause)
    with ExitStack() as stack:
        port = EagerPort(0, factory, 200, "127.0.0.1", loop)
        port.startListening()
        stack.callback(port.connectionLost, None)
        for _ in range(WAITING):
            stack.enter_context(socket.create_connection(("127.0.0.1", port.getHost().port)))
        port.doRead()
        at_once = factory.taken
        for _ in range(9):
            loop.advance(0)
        for transport in list(loop.readers):
            if transport is not port:
                transport.connectionLost(connectionDone)
        return at_once, factory.taken


def test_all_at_once() -> None:
    assert taken_in_one_turn(pause=0) == (WAITING, WAITING)


def test_the_rest_in_the_next_turn_if_it_takes_long() -> None:
    assert taken_in_one_turn(pause=ACCEPT_SECONDS) == (ACCEPTS, WAITING)
