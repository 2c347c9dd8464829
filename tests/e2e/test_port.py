"""A listening port takes all who wait."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from twisted.internet.protocol import Factory, Protocol, connectionDone

from chatservice.net.port import ACCEPT_SECONDS, ACCEPTS, SPARE_FILES, TAKEN, EagerPort, Queue
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
        stack.callback(port.connectionLost, connectionDone)
        for _ in range(WAITING):
            stack.enter_context(socket.create_connection(("127.0.0.1", port.getHost().port)))
        port.doRead()
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


@contextmanager
def waiting(number: int) -> Iterator[tuple[socket.socket, list[socket.socket]]]:
    """A listening socket at which so many connections wait, and these."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=number))
        listener.setblocking(False)
        address = listener.getsockname()
        yield (
            listener,
            [stack.enter_context(socket.create_connection(address)) for _ in range(number)],
        )


def hang_up(listener: socket.socket | Queue) -> list[object]:
    """Where those who wait are from; each is accepted and closed."""
    addresses = []
    with pytest.raises(BlockingIOError):
        while True:
            connection, address = listener.accept()
            connection.close()
            addresses.append(address)
    return addresses


def test_those_who_are_taken_need_no_place_and_come_first() -> None:
    with waiting(TAKEN + 3) as (listener, clients):
        queue = Queue(listener)
        queue.take()
        late, first = clients[-3:], clients[:-3]
        assert hang_up(listener) == [client.getsockname() for client in late]
        assert hang_up(queue) == [client.getsockname() for client in first]


def test_no_file_is_taken_that_others_may_need() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with waiting(5) as (listener, clients):
        queue = Queue(listener)
        last = max(client.fileno() for client in clients)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (last + 2 + SPARE_FILES, limits[1]))
            queue.take()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert len(hang_up(listener)) == 3
        assert len(hang_up(queue)) == 2


def test_who_was_not_served_is_hung_up_on_at_the_end() -> None:
    with waiting(3) as (listener, clients):
        queue = Queue(listener)
        queue.take()
        queue.close()
        assert [client.recv(1) for client in clients] == [b""] * 3
