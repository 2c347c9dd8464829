"""The input: readline keys, history, completion, limits."""

from __future__ import annotations

import urwid
from twisted.trial.unittest import SynchronousTestCase

from urwidclient.completion import Words
from urwidclient.keys import KEYS
from urwidclient.widgets.composer import Composer, pasted

SIZE = (40,)


class ComposerTestCase(SynchronousTestCase):
    """An input that holds 100 characters."""

    def setUp(self) -> None:
        self.composer = Composer(100)
        self.sent: list[str] = []
        urwid.connect_signal(self.composer, "send", lambda _, text: self.sent.append(text))

    def press(self, *keys: str) -> None:
        """Press keys; what has no use for the input fails."""
        for key in keys:
            self.assertIsNone(self.composer.keypress(SIZE, key), key)

    def written(self) -> tuple[str, int]:
        """Text and cursor."""
        return self.composer.edit_text, self.composer.edit_pos


class Editing(ComposerTestCase):
    def test_every_key_of_the_table(self) -> None:
        """Each key that the table promises for the input does something in it."""
        for binding in KEYS:
            if binding.scope != "input" or binding.action in ("complete", "complete_back"):
                continue
            for key in binding.keys:
                changed = False
                for text in ("", "one two", "one two\nthree"):
                    for place in range(len(text) + 1):
                        composer = Composer(100)
                        composer.keypress(SIZE, "s")
                        composer.keypress(SIZE, "enter")
                        composer.set_edit_text(text, edit_pos=place)
                        if binding.action == "history_forward":
                            composer.keypress(SIZE, "up")
                        before = composer.edit_text, composer.edit_pos
                        composer.keypress(SIZE, key)
                        changed |= before != (composer.edit_text, composer.edit_pos)
                self.assertTrue(changed, key)

    def test_readline(self) -> None:
        """Words are deleted, and the line's start is."""
        self.press(*"one two three", "ctrl w")
        self.assertEqual(self.written(), ("one two ", 8))
        self.press("meta b", "meta d")
        self.assertEqual(self.written(), ("one  ", 4))
        self.press(*"x", "ctrl a", "ctrl f", "ctrl d")
        self.assertEqual(self.written(), ("oe x ", 1))
        self.press("ctrl e", "ctrl u")
        self.assertEqual(self.written(), ("", 0))

    def test_lines(self) -> None:
        """Alt-Enter begins a line; Enter sends them all."""
        self.press(*"one", "meta enter", *"two", "enter")
        self.assertEqual(self.sent, ["one\ntwo"])

    def test_click_where_rows_are_hidden(self) -> None:
        """The cursor goes to what is shown there."""
        self.composer.give_back("\n".join(f"line{number}" for number in range(9)))
        shown = self.composer.render(SIZE, True).text
        self.assertEqual(shown[1].strip(), b"line5")
        self.composer.mouse_event(SIZE, "mouse press", 1, 2, 1, True)
        self.assertEqual(self.written()[1], len("line0\n") * 5 + 2)

    def test_blank_is_not_sent(self) -> None:
        """There must be something to say."""
        self.press("enter", " ", "enter")
        self.assertEqual(self.sent, [])

    def test_limit(self) -> None:
        """Past the limit nothing goes in, and nothing is lost."""
        self.press(*("x" * 100))
        self.composer.keypress(SIZE, "y")
        self.composer.keypress(SIZE, "meta enter")
        self.assertFalse(self.composer.has_room_for("z"))
        self.composer.take("z")
        self.assertEqual(self.composer.edit_text, "x" * 100)

    def test_refused_command(self) -> None:
        """It stays to be mended; Esc clears it, and so does the `/` of another command."""
        for keys, left in (
            (("/",), "/"),
            ((" ", "/"), "/nick /"),
            (("backspace", "k"), "/nick"),
            (("esc",), ""),
            (("a", "esc"), "/nicka"),
        ):
            self.composer.give_back("/nick")
            for key in keys:
                self.composer.keypress(SIZE, key)
            self.assertEqual(self.composer.edit_text, left)
        self.composer.give_back("what http:")
        self.press("/")
        self.assertEqual(self.composer.edit_text, "what http:/")

    def test_rows_shown(self) -> None:
        """Not more than so many rows are shown, the cursor's among them."""
        self.press(*"\n".join("abcdefgh").replace("\n", "~"))
        self.composer.set_edit_text("\n".join("abcdefgh"))
        for place in range(15):
            self.composer.set_edit_pos(place)
            canvas = self.composer.render(SIZE, True)
            self.assertEqual(canvas.rows(), 5)
            self.assertIsNotNone(canvas.cursor)
            row = canvas.text[(canvas.cursor or (0, 0))[1]]
            self.assertEqual(row.strip(), self.composer.edit_text[place - place % 2].encode())


class History(ComposerTestCase):
    def test_back_and_forward(self) -> None:
        """Up and Down go through what was sent; the draft is at the end of it."""
        for text in ("one", "two", "two"):
            self.press(*text, "enter")
        self.press(*"draft")
        seen = []
        for key in ("up", "up", "up", "down", "down", "down"):
            self.press(key)
            seen.append(self.composer.edit_text)
        self.assertEqual(seen, ["two", "one", "one", "two", "draft", "draft"])

    def test_within_lines(self) -> None:
        """In a text of several lines Up first moves up in it."""
        self.press(*"sent", "enter", *"a", "meta enter", *"b", "up")
        self.assertEqual(self.written(), ("a\nb", 1))
        self.press("up")
        self.assertEqual(self.composer.edit_text, "sent")


class Completing(ComposerTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.composer.words = Words(nicks=("alice", "albert"))

    def test_cycle(self) -> None:
        """Tab goes through what fits, Shift-Tab back, any other key ends it."""
        self.press(*"al")
        seen = []
        for key in ("tab", "tab", "tab", "shift tab"):
            self.press(key)
            seen.append(self.composer.edit_text)
        self.assertEqual(seen, ["alice: ", "albert: ", "alice: ", "albert: "])
        self.press(*"hi al", "tab")
        self.assertEqual(self.composer.edit_text, "albert: hi alice ")

    def test_other_text(self) -> None:
        """What was written or pointed at since, without a key, is completed as it is."""
        self.press(*"al", "tab")
        self.composer.take("and al")
        self.press("tab")
        self.assertEqual(self.composer.edit_text, "alice: and alice ")
        self.composer.mouse_event(SIZE, "mouse press", 1, 2, 0, True)
        self.press("tab")
        self.assertEqual(self.written(), ("alice: ice: and alice ", 7))

    def test_within(self) -> None:
        """What stands after the cursor stays."""
        self.press(*"al there", *["left"] * 6, "tab")
        self.assertEqual(self.written(), ("alice:  there", 7))

    def test_nothing_fits(self) -> None:
        """Then nothing changes; on an empty input the key is not for us."""
        self.press(*"zz", "tab")
        self.assertEqual(self.composer.edit_text, "zz")
        self.press("ctrl u")
        self.assertEqual(self.composer.keypress(SIZE, "tab"), "tab")


class Pasting(SynchronousTestCase):
    def test_cleaned(self) -> None:
        """Line ends are one, controls are harmless, outer blank lines go."""
        self.assertEqual(pasted("\r\na\tb\r\nc\rd\x1b[0m\n\n"), "a    b\nc\nd\ufffd[0m")
