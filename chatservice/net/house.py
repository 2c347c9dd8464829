"""What every connection is given: the service that it is a part of, and what is known of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chatservice.app import Chat, Clock
from chatservice.domain.limits import Limits
from chatservice.net.fanout import FanOut
from chatservice.net.moments import Moments
from chatservice.net.pulse import Rounds
from chatservice.net.refusals import RefusalLog


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every connection needs of the service."""

    chat: Chat
    fanout: FanOut
    clock: Clock
    limits: Limits
    refusals: RefusalLog
    rounds: Rounds
    moments: Moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What is known of a connection before its wire is: `gone` is to be called at its end."""

    house: House
    address: str
    throttled: bool
    gone: Callable[[], None]


class Input(Protocol):
    """Where units come from; can be told to wait."""

    def pauseProducing(self) -> None:
        """Hand up no more units."""

    def resumeProducing(self) -> None:
        """Go on, with what was received meanwhile first."""


class Nobody:
    """Where no unit comes from any more, and nobody asks for anything."""

    held = True

    def pauseProducing(self) -> None:
        """Nothing to pause."""

    def resumeProducing(self) -> None:
        """Nothing comes."""

    def hold(self, reason: str) -> None:
        """Nothing to hold."""

    def release(self, reason: str) -> None:
        """Nothing comes."""
