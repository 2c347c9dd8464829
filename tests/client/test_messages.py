"""The message view: what is seen of a room, and that it holds still."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Say
from chatservice.domain.events import Joined
from tests.client.ui import NOON, attributes, entered, people, said, shown, welcome
from urwidclient.model import ClientModel
from urwidclient.widgets.messages import MessageView

SIZE = (70, 10)


class ViewTestCase(SynchronousTestCase):
    """A view of the lobby, with one-row messages 1 to 50, the first of them of another day."""

    def setUp(self) -> None:
        self.model = ClientModel()
        self.model.apply(welcome(), NOON)
        self.model.apply(entered(*map(said, range(1, 51))), NOON)
        self.room = self.model.rooms["lobby"]
        self.view = MessageView()
        self.view.show(self.room)

    def texts(self, size: tuple[int, int] = SIZE) -> list[str]:
        """What is seen, without times."""
        self.view.refresh()
        return [line[6:] for line in shown(self.view, *size)]

    def hear(self, *seqs: int, **fields: Any) -> None:
        """Messages come."""
        for seq in seqs:
            self.model.apply(said(seq, **fields), NOON)


class Scrolling(ViewTestCase):
    def test_follows_the_end(self) -> None:
        """At the end, new lines come in from below."""
        self.hear(51)
        self.assertEqual(self.texts()[-1], "<bob> text 51")
        self.assertTrue(self.view.at_end)

    def test_holds_still(self) -> None:
        """Scrolled up, nothing that comes above or below moves the view."""
        self.texts()
        self.view.keypress(SIZE, "page up")
        before = self.texts()
        self.assertEqual(before[-1], "<bob> text 41")
        self.hear(51, 52)
        self.model.apply(Joined(room="lobby", person=people("dora")[0], at=NOON), NOON)
        self.model.apply(Joined(room="lobby", person=people("emil")[0], at=NOON), NOON)
        self.room.asked = ("q", "older")
        self.room.back.merge([], "older")
        self.assertEqual(self.texts(), before)
        self.assertEqual(self.view.more, 12)
        self.assertFalse(self.view.at_end)

    def test_holds_still_at_any_width(self) -> None:
        """Coming back to a width shows what was seen before."""
        self.hear(51, text="many words " * 40)
        self.hear(*range(52, 60))
        self.texts()
        self.view.keypress(SIZE, "page up")
        before = self.texts()
        for columns in (40, 160, 20, 110):
            self.texts((columns, 10))
        self.assertEqual(self.texts(), before)

    def test_to_the_top_and_back(self) -> None:
        """Home, End and the pages go as far as the lines do, and no further."""
        self.texts()
        self.view.keypress(SIZE, "home")
        self.assertEqual(self.texts()[1], "<bob> text 1")
        self.assertTrue(self.view.at_top)
        top = self.texts()
        for key in ("up", "page up"):
            self.view.keypress(SIZE, key)
            self.assertEqual(self.texts(), top)
        for _ in range(10):
            self.view.keypress(SIZE, "page down")
        self.assertEqual(self.texts()[-1], "<bob> text 50")
        self.assertTrue(self.view.at_end)
        self.assertEqual(self.view.more, 0)
        self.view.keypress(SIZE, "up")
        self.assertEqual(self.texts()[-1], "<bob> text 49")
        self.view.keypress(SIZE, "end")
        self.assertEqual(self.texts()[-1], "<bob> text 50")

    def test_rows_of_a_long_line(self) -> None:
        """A line that is higher than the screen is scrolled through row by row."""
        self.hear(51, text=" ".join(f"word{number:04}" for number in range(300)))
        self.texts()
        seen = [self.texts()[-1]]
        for _ in range(60):
            self.view.keypress(SIZE, "up")
            seen.append(self.texts()[-1])
        self.assertEqual(len(set(seen)), len(seen))

    def test_wheel(self) -> None:
        """The wheel scrolls by three rows."""
        self.texts()
        self.assertTrue(self.view.mouse_event(SIZE, "mouse press", 4, 0, 0, True))
        self.assertEqual(self.texts()[-1], "<bob> text 47")
        self.view.mouse_event(SIZE, "mouse press", 5, 0, 0, True)
        self.assertTrue(self.view.at_end)
        self.assertFalse(self.view.mouse_event(SIZE, "mouse press", 1, 0, 0, True))

    def test_few_lines(self) -> None:
        """Fewer lines than rows: they stand at the bottom, and scrolling does nothing."""
        self.model.apply(entered(said(1, room="ops"), room="ops"), NOON)
        self.view.show(self.model.rooms["ops"])
        for key in ("page up", "home", "page down", "up", "end"):
            self.view.keypress(SIZE, key)
            self.assertEqual(self.texts()[-1], "<bob> text 1")
        self.assertTrue(self.view.at_end and self.view.at_top)


class Drawn(ViewTestCase):
    def test_opens_at_the_oldest_unread(self) -> None:
        """A room with more unread than fits opens at the `new` line."""
        self.model.place("ops")
        self.model.open("ops")
        self.hear(*range(51, 90))
        self.model.open("lobby")
        self.view.show(self.room)
        lines = self.texts()
        self.assertIn(" new ", lines[0])
        self.assertEqual(lines[1], "<bob> text 51")
        self.assertFalse(self.view.at_end)
        self.assertEqual(self.view.more, 30)

    def test_little_unread(self) -> None:
        """A room whose unread messages all fit opens at its end, with the `new` line."""
        self.model.place("ops")
        self.model.open("ops")
        self.hear(51, 52)
        self.model.open("lobby")
        self.view.show(self.room)
        self.assertEqual([" new " in line for line in self.texts()].index(True), 7)
        self.assertTrue(self.view.at_end)

    def test_days(self) -> None:
        """Each day begins with a line that says which."""
        self.hear(51, at=NOON + 86_400_000)
        self.assertIn("day, ", self.texts()[-3])

    def test_attributes(self) -> None:
        """Own messages are dim until they are sent; those that name one stand out."""
        self.hear(51, text="ahoy me")
        self.model.hearing.say(self.model.rooms["lobby"], Say(id="a", text="mine"), NOON)
        canvas = self.view.render(SIZE)
        self.assertEqual(attributes(canvas, "mine"), {"pending"})
        self.assertEqual(attributes(canvas, "ahoy"), {"mentioned"})

    def test_columns(self) -> None:
        """On wide screens nicks have a column, and text wraps under itself."""
        self.view.set_nick_columns(12)
        self.hear(51, text="many words " * 9, nick="李雷")
        rows = shown(self.view, 90, 10)
        self.assertRegex(rows[-2], r"^\d\d:\d\d         李雷 │ many words")
        self.assertRegex(rows[-1], r"^                   │ \S")

    def test_nothing_foreign_steers(self) -> None:
        """No control character that a person sent is drawn."""
        evil = "\x1b[31mred\x07\u202e\x9b\x00"
        self.hear(51, text=f"{evil}\nmore\t{evil}", nick=evil)
        self.hear(52, text=evil, kind="action", nick=evil)
        self.model.apply(Joined(room="lobby", person=people(evil)[0], at=NOON), NOON)
        for columns in (0, 12):
            self.view.set_nick_columns(columns)
            drawn = "".join(shown(self.view, *SIZE))
            self.assertEqual(set(drawn) & set("\x1b\x07\u202e\x9b\x00\t"), set())
            self.assertIn("red", drawn)
