"""The window: its bands, its panels, and where keys and the mouse go."""

from __future__ import annotations

import re
from typing import ClassVar

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import History
from chatservice.domain.events import Failed, HistoryPage
from tests.client.ui import ChatTestCase, entered, people, said, shown, welcome
from urwidclient.room import conversation
from urwidclient.widgets.popups import help_popup
from urwidclient.widgets.window import Window

EVIL = "ev\x1b]0;x\x07il\u202e"


class Bands(ChatTestCase):
    def test_widths(self) -> None:
        """160: all panels; 110: no people; 90: no rooms; 60 and 40: nicks inline."""
        for columns, rooms, persons, nicks in (
            (160, True, True, "bob │ text 60"),
            (110, True, False, "bob │ text 60"),
            (90, False, False, "bob │ text 60"),
            (60, False, False, "<bob> text 60"),
            (40, False, False, "<bob> text 60"),
        ):
            lines = self.draw(columns, 10)
            self.assertEqual(any(line.startswith(">#lobby") for line in lines), rooms, columns)
            self.assertEqual(any(line.endswith("│ alice") for line in lines), persons, columns)
            self.assertTrue(any(nicks in line for line in lines), columns)

    def test_every_size(self) -> None:
        """No size is too small to be drawn, with any panel focused or popup open."""
        for panel in ("input", "messages", "rooms", "people"):
            self.window.focus_on(panel)
            for columns in range(1, 30, 3):
                for rows in range(1, 12):
                    self.draw(columns, rows)
        for action in ("help", "jump"):
            self.chat.act(action, "")
            for columns, rows in ((40, 10), (20, 6), (10, 4)):
                self.draw(columns, rows)

    def test_resizing_keeps_the_draft(self) -> None:
        """The draft and the cursor outlive any change of size."""
        self.type("a draft")
        self.press("left")
        for columns, rows in ((160, 50), (40, 10), (10, 3), (90, 20)):
            self.draw(columns, rows)
        self.type("X")
        self.assertEqual(self.window.composer.edit_text, "a drafXt")

    def test_long_draft(self) -> None:
        """A long draft leaves room for the messages, and the cursor stays in sight."""
        self.type("words " * 100)
        lines = self.draw(40, 10)
        self.assertIn("text 60", "".join(lines))
        self.assertIn("[", lines[-4])
        canvas = self.window.render((40, 10), True)
        self.assertIsNotNone(canvas.cursor)

    def test_status(self) -> None:
        """The status line says where one is, what lies below, and what goes on elsewhere."""
        self.window.keypress(self.size, "page up")
        self.chat.on_event(said(2, "me: look", room="ops"))
        status = self.draw(90, 20)[-2]
        self.assertRegex(status, r"\[\d\d:\d\d #lobby, 3 people\] -MORE\(\d+\)-  #ops @1 1")
        self.assertNotIn("#ops", self.draw(110, 20)[-2])
        self.assertIn("@1 1", "".join(self.draw(110, 20)))

    def test_counts(self) -> None:
        """Counts stop at 99+."""
        for seq in range(2, 150):
            self.chat.on_event(said(seq, room="ops"))
        self.assertIn("#ops 99+", self.draw()[-2])


class Keys(ChatTestCase):
    def test_panels(self) -> None:
        """Tab goes round the panels from an empty input; a letter goes to the input."""
        seen = []
        for _ in range(4):
            self.press("tab")
            seen.append(self.window.focused)
        self.assertEqual(seen, ["messages", "rooms", "people", "input"])
        self.press("shift tab")
        self.assertEqual(self.window.focused, "people")
        self.assertIn("alice", "".join(self.draw()))
        self.type("x")
        self.assertEqual((self.window.focused, self.window.composer.edit_text), ("input", "x"))
        self.press("tab")
        self.assertEqual(self.window.focused, "input")

    def test_rooms_panel(self) -> None:
        """Enter opens the room under the bar."""
        self.press("tab", "tab", "down", "enter")
        self.assertEqual((self.model.current, self.window.focused), ("ops", "input"))

    def test_people_panel(self) -> None:
        """Enter on a person opens the conversation with them."""
        self.press("shift tab", "down", "enter")
        self.assertEqual((self.model.current, self.window.focused), (conversation("bob"), "input"))

    def test_rooms_by_key(self) -> None:
        """Rooms are reached by number, in order, by activity and by name."""
        for key, room in (("meta 2", "ops"), ("ctrl n", "lobby"), ("ctrl p", "ops")):
            self.press(key)
            self.assertEqual(self.model.current, room, key)
        self.press("meta 9")
        self.assertEqual(self.model.current, "ops")
        self.chat.on_event(said(61))
        self.press("meta a")
        self.assertEqual(self.model.current, "lobby")
        self.press("ctrl k", "o", "p", "enter")
        self.assertEqual(self.model.current, "ops")
        self.assertIsNone(self.window.popup)

    def test_scrolling_from_the_input(self) -> None:
        """Pages scroll the messages from the input; so do Home and End when it is empty."""
        self.press("home")
        self.assertIn("text 1", "".join(self.draw()[1:4]))
        self.press("end")
        self.assertTrue(self.window.messages.at_end)
        self.type("draft")
        self.press("home", "x", "page up")
        self.assertEqual(self.window.composer.edit_text, "xdraft")
        self.assertFalse(self.window.messages.at_end)

    def test_help(self) -> None:
        """F1 and /help show the help, Esc closes it; keys for the chat do nothing meanwhile."""
        self.press("f1")
        self.assertIn("Help", "".join(self.draw()))
        self.press("ctrl n", "x", "tab")
        self.assertEqual((self.model.current, self.window.composer.edit_text), ("lobby", ""))
        self.press("esc")
        self.type("/help")
        self.press("enter")
        self.assertIn("Help", "".join(self.draw()))
        self.press("esc", "ctrl k")
        self.assertIn("Jump", "".join(self.draw()))
        self.click(0, 0)
        self.assertIsNone(self.window.popup)

    def test_help_keeps_what_and_why_apart_and_says_that_there_is_more(self) -> None:
        self.press("f1")
        self.assertIn("PgDn: more", "".join(self.draw()))
        told = b"\n".join(help_popup().widget.render((80, 400)).text).decode()
        self.assertIsNone(re.search(r"[\]>][a-z]", told))

    def test_keys_of_the_program(self) -> None:
        """Ctrl-C and Ctrl-L do what they should from everywhere, help included."""
        self.press("f1", "ctrl l", "ctrl c")
        self.assertEqual(self.around.calls[-2:], [("clear_screen",), ("quit",)])


class Mouse(ChatTestCase):
    size: ClassVar[tuple[int, int]] = (130, 20)

    def test_wheel(self) -> None:
        """The wheel scrolls the panel under the pointer, wherever the focus is."""
        self.click(40, 5, button=4)
        self.assertFalse(self.window.messages.at_end)
        self.assertEqual(self.window.focused, "input")

    def test_clicks(self) -> None:
        """A click opens a room, or the conversation with a person."""
        self.click(3, 2)
        self.assertEqual(self.model.current, "ops")
        self.click(115, 1)
        self.assertEqual(self.model.current, conversation("carol"))


class Foreign(ChatTestCase):
    def test_nothing_steers(self) -> None:
        """No control character out of names, rooms, servers and sentences reaches the screen."""
        self.chat.on_event(welcome(server=EVIL))
        self.chat.on_event(entered(said(1, EVIL, room=EVIL), room=EVIL, people=people(EVIL, "me")))
        self.chat.on_event(said(61, EVIL, nick=EVIL))
        self.chat.stage.open(EVIL)
        for panel in ("input", "rooms", "people"):
            self.window.focus_on(panel)
            for columns in (130, 90, 50):
                drawn = "".join(self.draw(columns, 20))
                self.assertEqual(set(drawn) & set("\x1b\x07\u202e"), set())
        self.chat.act("jump", "")
        self.assertEqual(set("".join(self.draw())) & set("\x1b\x07\u202e"), set())


class Loading(ChatTestCase):
    def test_older_history(self) -> None:
        """At the top, older messages are asked for once, and come without moving the view."""
        self.press("home")
        asked = self.session.all(History)
        self.assertEqual([(ask.before, ask.limit) for ask in asked], [(1, 200)])
        before = self.draw()
        older = tuple(said(seq, at=1_000_000_000_000) for seq in range(-200, 1))
        page = HistoryPage(room="lobby", messages=older, more=False, re=asked[0].id)
        self.chat.on_event(page)
        self.assertEqual(self.draw()[3:-2], before[3:-2])
        self.press("home", "home")
        self.assertEqual(len(self.session.all(History)), 1)

    def test_history_that_cannot_be_read(self) -> None:
        """It is asked for again if that may help: of a room, and of what one missed there."""
        self.press("home")
        for code, count in (("not-stored", 2), ("not-in-room", 2)):
            asked = self.session.all(History)[-1]
            self.chat.on_event(Failed(code=code, text="No.", re=asked.id))
            self.draw()
            self.assertEqual(len(self.session.all(History)), count)
        self.chat.on_event(entered(said(61)))
        for count in (3, 4):
            self.draw()
            asked = self.session.all(History)[-1]
            self.assertEqual((len(self.session.all(History)), asked.before), (count, None))
            self.chat.on_event(Failed(code="not-stored", text="No.", re=asked.id))


class Widgets(SynchronousTestCase):
    def test_needs_no_room(self) -> None:
        """An empty window can be drawn, with what goes on."""
        window = Window(4000)
        window.messages.set_placeholder("Connecting.\nreconnecting in 3 s")
        for size in ((160, 40), (40, 10), (5, 3), (1, 1)):
            window.render(size, True)
        self.assertIn("reconnecting in 3 s", "".join(shown(window, 90, 20)))
