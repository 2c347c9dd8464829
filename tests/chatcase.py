"""A test case with two people in a chat."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import (
    Event,
    Failed,
    Message,
)
from tests.world import World


def texts(told: list[Event]) -> list[str]:
    """What was said."""
    return [event.text for event in told if isinstance(event, Message)]


def codes(told: list[Event]) -> list[str]:
    """What was refused."""
    return [event.code for event in told if isinstance(event, Failed)]


class ChatCase(SynchronousTestCase):
    """A test case with two people in the lobby."""

    def setUp(self) -> None:
        self.world = World(
            pending_messages=3, recent_messages=3, replay_messages=2, roster_bytes_per_second=3200
        )
        self.chat, self.ears = self.world.chat, self.world.ears
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")
        self.world.clock.pump([30, 30])
        self.ears.told.clear()
        self.ears.own.clear()
        self.ears.calls = 0

    def hold(self) -> None:
        """From now on, the store answers only when it is released."""
        self.world.worker.hold = True

    def release(self) -> None:
        """Let the store do what it was asked for until now."""
        self.world.worker.release()
        self.world.settle()
