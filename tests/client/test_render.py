"""Rendering, themes, notifications and the pace of drawing: the small pure parts."""

from __future__ import annotations

import urwid
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import BadInput
from chatservice.domain.events import People, RoomInfo, Rooms, WhoisReply
from tests.client.ui import NOON, FakeScreen, people
from urwidclient import render, replies, themes
from urwidclient.notify import notification
from urwidclient.redraw import Redraw

Own = dict[str, themes.Theme]


class Texts(SynchronousTestCase):
    def test_fit(self) -> None:
        """Exactly so many columns, wide characters included."""
        for text, width, expected in (
            ("bob", 5, "bob  "),
            ("robert", 4, "rob…"),
            ("李雷雷", 4, "李… "),
            ("李雷", 4, "李雷"),
            ("", 2, "  "),
        ):
            fitted = render.fit(text, width)
            self.assertEqual(fitted, expected)
            self.assertEqual(urwid.calc_width(fitted, 0, len(fitted)), width)
        self.assertEqual(render.fit("bob", 5, right=True), "  bob")

    def test_as_wide_everywhere(self) -> None:
        """What joins characters goes, so that a line is as wide in each terminal as it is here."""
        for text, expected in (
            ("👨\u200d👩\u200d👧", "👨👩👧"),
            ("👍🏽 ❤\ufe0f 1\ufe0f\u20e3", "👍 ❤ 1\u20e3"),
            ("🇩🇪", "DE"),
            ("a\u200db" * 3, "ababab"),
            ("あ\u0acdあ\u0acdあ", "あああ"),
            ("क्षि e\u0301 한", "क्षि e\u0301 한"),
            ("a\u202eb\x1b[2J", "a\ufffdb\ufffd[2J"),
        ):
            self.assertEqual(render.safe_line(text), expected)
            columns = sum(urwid.calc_width(char, 0, 1) for char in expected)
            self.assertEqual(urwid.calc_width(expected, 0, len(expected)), columns)

    def test_count(self) -> None:
        """Counts stop at 99+; there is none of zero."""
        self.assertEqual(
            [render.count(number) for number in (0, 1, 99, 100, 5000)],
            ["", "1", "99", "99+", "99+"],
        )

    def test_typing(self) -> None:
        """A sentence for one, two and many."""
        self.assertEqual(render.typing([]), "")
        self.assertEqual(render.typing(["bob"]), "bob is typing")
        self.assertEqual(render.typing(["a", "b", "c", "d"]), "a, b and 2 others are typing")

    def test_answers(self) -> None:
        """What the server answers, for people; long lists end in a number."""
        self.assertEqual(
            replies.people_line(People(room="ops", people=people("bob", "Al"))),
            "#ops, 2 people: Al, bob",
        )
        many = tuple(RoomInfo(room=f"r{number}", people=1, seq=0) for number in range(150))
        lines = replies.rooms_line(Rooms(rooms=many)).split("\n")
        self.assertEqual((lines[0], lines[-1], len(lines)), ("150 rooms", "and 50 others", 102))
        who = WhoisReply(person=people("bob")[0], rooms=("ops",), since=NOON, spoke=0)
        self.assertRegex(
            replies.whois_line(who),
            r"^bob: id bob, from 192.0.2.1:5, in #ops, here since .*, has not spoken$",
        )


class Themes(SynchronousTestCase):
    def test_every_palette(self) -> None:
        """Every theme has every role, in colours that urwid takes."""
        for name in themes.BUILT_IN:
            screen = FakeScreen()
            screen.register_palette(themes.palette(name, {}))
            self.assertEqual({entry[0] for entry in themes.palette(name, {})}, set(themes.DARK))

    def test_mono(self) -> None:
        """Without colours, what must stand out does, on terminals with and without any."""
        for role in ("title", "status", "mention", "room_mention", "chosen"):
            entry = next(row for row in themes.palette("mono", {}) if row[0] == role)
            for foreground in (entry[1], entry[3], entry[4]):
                self.assertIn("standout", foreground)

    def test_own(self) -> None:
        """The user's own theme stands on `dark`, and may replace it."""
        own: Own = {"mine": {"title": ("black", "light cyan")}, "dark": {"me": ("yellow",)}}
        entries = {entry[0]: entry for entry in themes.palette("mine", own)}
        self.assertEqual(entries["title"][1:3], ("black", "light cyan"))
        self.assertEqual(entries["text"], ("text", *["default"] * 5))
        self.assertEqual(themes.palette("mine", {"mine": {}}), themes.palette("dark", {}))
        mine = {entry[0]: entry for entry in themes.palette("dark", own)}
        self.assertEqual(mine["me"][1:3], ("yellow", "default"))
        self.assertEqual(themes.names(own), ("dark", "light", "mono", "mine"))

    def test_wrong(self) -> None:
        """What is wrong with a theme is said in a sentence."""
        cases: tuple[tuple[str, Own, str], ...] = (
            ("nope", {}, "dark, light, mono"),
            ("mine", {"mine": {"titel": ("black",)}}, "titel"),
            ("mine", {"mine": {"title": ("no such colour",)}}, "title"),
            ("mine", {"mine": {"title": ()}}, "title"),
            ("mine", {"mine": {"title": ("black",) * 6}}, "title"),
            ("mine", {"mine": {"title": ("black", "white", "loud")}}, "title"),
        )
        for name, own, said in cases:
            error = self.assertRaises(BadInput, themes.palette, name, own)
            self.assertIn(said, error.sentence)

    def test_nicks_can_be_read(self) -> None:
        """Every nick colour has contrast with black and with white."""
        for number in range(themes.NICKS):
            entry = next(row for row in themes.palette("dark", {}) if row[0] == f"nick{number}")
            red, green, blue = urwid.AttrSpec(entry[4], "default", 256).get_rgb_values()[:3]
            light = sum(
                weight * _linear(part or 0)
                for weight, part in zip((0.2126, 0.7152, 0.0722), (red, green, blue), strict=True)
            )
            self.assertGreater((light + 0.05) / 0.05, 3.8, entry)
            self.assertGreater(1.05 / (light + 0.05), 3.8, entry)

    def test_nicks_keep_their_colour(self) -> None:
        """A nick has one colour for ever, in any case; many nicks have many."""
        self.assertEqual(render.nick_attr("Alice"), render.nick_attr("alice"))
        self.assertEqual(render.nick_attr("alice"), "nick5")
        found = {render.nick_attr(f"nick{number}") for number in range(500)}
        self.assertEqual(len(found), themes.NICKS)


class Notifications(SynchronousTestCase):
    def test_harmless(self) -> None:
        """The bell, and one sequence that nobody can end, or add to."""
        evil = "alice: \x1b\\\x07\x9c;4;1;50\nbye"
        for environ, start in (
            ({"TERM": "xterm-256color"}, "\a\x1b]9;chatservice: "),
            ({"TERM": "foot"}, "\a\x1b]777;notify;chatservice;"),
            ({"TERM": "xterm-256color", "VTE_VERSION": "7000"}, "\a\x1b]777;notify;chatservice;"),
        ):
            text = notification(evil, environ)
            self.assertTrue(text.startswith(start) and text.endswith("\x1b\\"))
            inside = text[len(start) : -2]
            self.assertTrue(inside.isprintable())
            self.assertNotIn(";", inside)
        self.assertLess(len(notification("x" * 5000, {})), 300)


class Drawing(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.drawn: list[float] = []
        self.redraw = Redraw(self.clock, lambda: self.drawn.append(self.clock.seconds()))
        self.clock.advance(100)

    def test_at_once_when_idle(self) -> None:
        """The first change is drawn in the next turn, those that came with it in the same draw."""
        for _ in range(10):
            self.redraw.request()
        self.clock.advance(0)
        self.assertEqual(self.drawn, [100])
        self.clock.advance(1)
        self.assertEqual(self.drawn, [100])

    def test_flood(self) -> None:
        """A flood of changes and keys gives at most 30 draws a second; a key is drawn soon."""
        waits = []
        for step in range(2000):
            self.redraw.request()
            if step % 37 == 0:
                pressed = self.clock.seconds()
                self.redraw.request(key=True)
                self.clock.advance(0)
                waits.append(self.drawn[-1] - pressed)
            self.clock.advance(0.002)
        self.assertLessEqual(len(self.drawn), 30 * 4 + 1)
        self.assertGreaterEqual(len(self.drawn), 15 * 4)
        self.assertLess(max(map(abs, waits)), 0.034)

    def test_many_keys(self) -> None:
        """A key that repeats fast is drawn 30 times a second."""
        for _ in range(1000):
            self.redraw.request(key=True)
            self.clock.advance(0.001)
        self.assertLessEqual(len(self.drawn), 31)
        self.assertGreaterEqual(len(self.drawn), 28)

    def test_clock_set_back(self) -> None:
        """A clock that was set back delays nothing for long."""
        self.redraw.request()
        self.clock.advance(0)
        self.clock.rightNow -= 50
        self.redraw.request()
        self.clock.advance(0.1)
        self.assertEqual(len(self.drawn), 2)

    def test_cancel(self) -> None:
        """Then nothing is drawn any more."""
        self.redraw.request()
        self.redraw.cancel()
        self.redraw.cancel()
        self.clock.advance(1)
        self.assertEqual(self.drawn, [])


def _linear(part: int) -> float:
    share = part / 255
    return float(share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4)
