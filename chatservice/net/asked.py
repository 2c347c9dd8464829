"""What one peer has asked for: done in order, and no faster than it reads the answers."""

from __future__ import annotations

from typing import Protocol

from chatservice.domain.commands import (
    Command,
    Enter,
    Hello,
    Ping,
    Quit,
    Say,
    Signal,
    Tell,
    Typing,
)
from chatservice.domain.session import Session
from chatservice.net.fanout import Told
from chatservice.net.house import House, Nobody
from chatservice.wire.codec import Reply

UNREAD = "unread"

BRIEF = (Say, Tell, Signal, Typing, Ping, Hello, Enter, Quit)
"""Commands whose answer is about as long as they are, or comes once."""

FREE = 2
"""Long answers that nobody looks after: the greeting and the first room of thousands who come."""

_NOBODY = Nobody()


class Reader(Protocol):
    """Whose input can be left waiting."""

    @property
    def held(self) -> bool:
        """Whether it can say nothing now."""

    def hold(self, reason: str) -> None:
        """Take no more of it until `release` for the same reason."""

    def release(self, reason: str) -> None:
        """Take it again."""


class Asked:
    """Does what one peer asks for; of long answers, two at most are on their way to it."""

    __slots__ = ("_house", "_reader", "_session", "_unread", "_waiting")

    def __init__(self, house: House, session: Session, reader: Reader) -> None:
        self._house = house
        self._session = session
        self._reader: Reader = reader
        self._waiting: tuple[Command | Reply, ...] = ()
        self._unread = -FREE

    def add(self, asked: Command | Reply | tuple[Command | Reply, ...]) -> None:
        """Do this after what was asked for before."""
        self._waiting += asked if isinstance(asked, tuple) else (asked,)
        self.go_on()

    def go_on(self) -> None:
        """Do what is asked for, until the peer is to wait."""
        while self._waiting and not self._reader.held:
            each, self._waiting = self._waiting[0], self._waiting[1:]
            if isinstance(each, Reply):
                for event in each.events:
                    self._house.chat.tell(self._session, event)
            else:
                self._house.chat.execute(self._session, each)
            if not isinstance(each, BRIEF):
                self._end()
                self.let_read()

    def _end(self) -> None:
        """Do what tells the end of an answer together with that, so that nothing comes between."""
        if self._waiting and isinstance(self._waiting[0], Ping):
            end, self._waiting = self._waiting[0], self._waiting[1:]
            self._house.chat.execute(self._session, end)

    def let_read(self) -> None:
        """Something was answered: do one thing more at most before that is read."""
        self._unread += 1
        if self._unread <= 0:
            return
        if self._unread > 1:
            self._reader.hold(UNREAD)
        self._house.chat.tell(self._session, Told(call=self._has_read))

    def stop(self) -> None:
        """Nobody asks or reads any more."""
        self._waiting, self._reader = (), _NOBODY

    def _has_read(self) -> None:
        self._unread -= 1
        if not self._unread:
            self._reader.release(UNREAD)
