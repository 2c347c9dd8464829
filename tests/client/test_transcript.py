"""Plain lines: what the line mode prints of what is not said to a room."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import (
    Entered,
    Invited,
    Kicked,
    Message,
    Pong,
    Private,
    RoleGiven,
)
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


class RoomTests(SynchronousTestCase):
    def test_what_happens_in_a_room_is_told_in_words(self) -> None:
        for event, lines in (
            (
                Kicked(room="ops", nick="bob", user="1", by="ann", reason="noise", at=0),
                ["* ann has put bob out of #ops: noise"],
            ),
            (
                RoleGiven(room="ops", nick="bob", user="1", role="muted", by="ann"),
                ["* bob is muted in #ops now (ann)."],
            ),
            (Invited(room="ops", by="ann"), ["* ann invites you to #ops: /join ops"]),
            (Pong(), []),
        ):
            self.assertEqual(lines_of(event, "lobby", UTC), lines)

    def test_the_topic_is_shown_to_who_comes_in(self) -> None:
        entered = Entered(room="ops", seq=0, people=(), messages=(), topic="about")
        self.assertEqual(
            lines_of(entered, "ops", UTC), ["* topic of #ops: about", "* #ops, 0 people: "]
        )

    def test_what_became_of_a_message_is_said(self) -> None:
        for fields, line in (
            ({"text": "", "deleted": True}, "00:00 <ann> (deleted)"),
            ({"text": "new", "edited_at": 1}, "00:00 <ann> new (edited)"),
            ({"text": "built", "kind": "notice"}, "00:00 -ann- built"),
        ):
            given: dict[str, Any] = {"room": "ops", "seq": 1, "id": "2-1", "nick": "ann", "at": 0}
            message = Message(user="1", **given, **fields)
            self.assertEqual(lines_of(message, "ops", UTC), [line])
