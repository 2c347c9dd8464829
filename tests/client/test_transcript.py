"""Plain lines: what the line mode prints of what is not said to a room."""

from __future__ import annotations

from datetime import UTC

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import Private
from urwidclient.transcript import lines_of


class PrivateTests(SynchronousTestCase):
    def test_every_line_says_who_told_whom(self) -> None:
        private = Private(
            nick="ann", user="100000", to="bob", to_user="100001", at=0, text="a\n12:00 <eve> b"
        )
        self.assertEqual(
            lines_of(private, "lobby", UTC),
            ["00:00 [private ann > bob] a", "00:00 [private ann > bob] 12:00 <eve> b"],
        )
