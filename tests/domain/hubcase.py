"""A test case with a hub."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Command,
    Hello,
    Join,
    Listen,
)
from chatservice.domain.events import (
    Event,
)
from chatservice.domain.hub import Hub
from chatservice.domain.limits import Limits
from chatservice.domain.records import KeptRoom
from chatservice.domain.rooms import LOBBY
from chatservice.domain.rules import Rules
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from tests.world import START, Draw

_NO_RULES = Rules()


class HubCase(SynchronousTestCase):
    """A test case with a hub, and sessions that come into it."""

    def setUp(self) -> None:
        self.hub = self.make_hub()

    def make_hub(self, *rooms: KeptRoom, rules: Rules = _NO_RULES) -> Hub:
        limits = Limits(text_characters=20, unit_bytes=2000)
        return Hub(
            name="Test", server_id="id", limits=limits, draw=Draw(), rooms=rooms, rules=rules
        )

    def connect(self) -> Session:
        return self.hub.connect(f"10.0.0.1:{5001 + len(self.hub.sessions)}", START)

    def person(self, nick: str, *, secret: str | None = None) -> Session:
        session = self.connect()
        self.hub.execute(session, Hello(nick=nick, client=secret), START)
        self.hub.execute(session, Join(room=LOBBY), START)
        return session

    def listener(self) -> Session:
        session = self.connect()
        default_nick = f"User_{session.address}"
        self.hub.execute(session, Listen(default_nick=default_nick), START)
        return session

    def tell(self, steps: list[Step]) -> list[Event]:
        """The events of steps that are all deliveries."""
        return [step.event for step in steps if isinstance(step, Deliver)]

    def do(self, session: Session, command: Command) -> list[Event]:
        return self.tell(self.hub.execute(session, command, START))
