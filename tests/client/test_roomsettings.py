"""The dialog of a room's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatservice.domain.commands import AskSettings, Command, Configure, SetRoomPassword
from chatservice.domain.events import Configured, Failed
from tests.client.ui import ChatTestCase


def configured(**fields: Any) -> Configured:
    """How #lobby is set; the answer to a question unless a nick says who changed it."""
    given: dict[str, Any] = {"nick": "", "locked": False, "invite_only": False, "history": "all"}
    return Configured(room="lobby", **{**given, **fields})


class SettingsTests(ChatTestCase):
    def screen(self) -> str:
        """What is on the screen."""
        return "\n".join(self.draw())

    def last(self) -> Command:
        """The last command that was sent, without its id."""
        return replace(self.session.sent[-1], id=None)

    def test_shows_and_changes(self) -> None:
        """Each row says how it is, and changes that; the dialog follows, with its bar in place."""
        self.press("meta o")
        self.assertEqual(self.last(), AskSettings(room="lobby"))
        self.chat.on_event(configured(re=self.session.sent[-1].id))
        for row in ("Password: none", "Who talks: everybody", "People at most: any number"):
            self.assertIn(row, self.screen())
        expected = (
            Configure(room="lobby", invite_only=True),
            Configure(room="lobby", moderated=True),
            Configure(room="lobby", topic_rule="operators"),
            Configure(room="lobby", secret=True),
            Configure(room="lobby", external=True),
            Configure(room="lobby", no_ctcp=True),
            Configure(room="lobby", history="joining"),
        )
        for number, command in zip((1, 3, 4, 5, 6, 7, 8), expected, strict=True):
            self.press("home", *["down"] * number, "enter")
            self.assertEqual(self.last(), command)
        self.chat.on_event(configured(nick="bob", history="joining", moderated=True))
        self.assertIn("Newcomers see: only what is said from then on", self.screen())
        self.assertIn("Who talks: voices and operators", self.screen())
        self.press("enter")
        self.assertEqual(self.last(), Configure(room="lobby", history="all"))

    def test_what_is_typed(self) -> None:
        """Numbers, and a password that is not shown."""
        for row, keys, command in (
            (0, "secret", SetRoomPassword(room="lobby", password="secret")),
            (0, "", SetRoomPassword(room="lobby")),
            (2, "12", Configure(room="lobby", people_most=12)),
            (9, "500", Configure(room="lobby", keep_messages=500)),
            (10, "0", Configure(room="lobby", keep_days=0)),
        ):
            self.chat.on_event(configured())
            self.press("home", *["down"] * row, "enter", *keys)
            self.assertNotIn("secret", self.screen())
            self.press("enter")
            self.assertEqual(self.last(), command)
            self.press("esc")
        self.chat.on_event(configured())
        sent = len(self.session.sent)
        self.press("end", "enter", *"many", "enter")
        self.assertEqual(len(self.session.sent), sent)

    def test_refused(self) -> None:
        """A refusal can be seen: the dialog is out of its way."""
        self.chat.on_event(configured())
        self.press("down", "enter")
        asked = self.session.sent[-1].id
        self.chat.on_event(Failed(code="operator-needed", text="Operators only.", re="else"))
        self.assertIsNotNone(self.window.popup)
        self.chat.on_event(Failed(code="operator-needed", text="Operators only.", re=asked))
        self.assertIsNone(self.window.popup)
        self.assertIn("Operators only.", self.screen())

    def test_does_not_open_by_itself(self) -> None:
        """What others change is told in the room; a conversation has no settings."""
        self.chat.on_event(configured(nick="bob", locked=True))
        self.assertIsNone(self.window.popup)
        self.assertIn("#lobby needs a password", self.screen())
        self.chat.stage.converse("bob")
        sent = len(self.session.sent)
        self.press("meta o")
        self.assertEqual(len(self.session.sent), sent)

    def test_every_size(self) -> None:
        """It fits on every screen."""
        self.chat.on_event(configured())
        for size in ((60, 20), (40, 10), (20, 5), (200, 60)):
            self.draw(*size)
