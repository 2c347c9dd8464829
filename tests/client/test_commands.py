"""The tables of commands and keys, and the page about them."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput
from urwidclient import themes
from urwidclient.commands import COMMANDS, LINES, Connect, SetTheme, about, address, secret_from
from urwidclient.helptext import help_sections
from urwidclient.keys import KEYS, action_of
from urwidclient.room import Room, conversation

PAGE = Path(__file__).parents[2] / "docs" / "terminal-client.md"


class Addresses(SynchronousTestCase):
    def test_forms(self) -> None:
        """All ways to write where a server is; None for what is none."""
        for text, expected in (
            ("host", ("host", 8080)),
            (" host:9 ", ("host", 9)),
            ("192.0.2.1:65535", ("192.0.2.1", 65535)),
            ("::1", ("::1", 8080)),
            ("[::1]", ("::1", 8080)),
            ("[2001:db8::1]:99", ("2001:db8::1", 99)),
            ("", None),
            (":99", None),
            ("host:", None),
            ("host:0", None),
            ("host:65536", None),
            ("host:١", None),
            ("a b", None),
            ("g::b:c", None),
            ("[::1", None),
            ("[::1]x", None),
            ("[host]:9", ("host", 9)),
        ):
            self.assertEqual(address(text), expected, text)


class Commands(SynchronousTestCase):
    def test_own(self) -> None:
        """The commands that only the terminal client has."""
        self.assertEqual(COMMANDS.parse("/connect h:9"), Connect(host="h", port=9))
        self.assertEqual(COMMANDS.parse("/connect"), Connect(host=None))
        self.assertEqual(COMMANDS.parse("/theme light"), SetTheme(name="light"))

    def test_wrong(self) -> None:
        """A wrong argument is answered with the right form."""
        for line, form in (
            ("/connect a b", "/connect [host[:port]]"),
            ("/theme", "/theme <theme>"),
            ("/theme a b", "/theme <theme>"),
            ("/close now", "/close"),
        ):
            error = self.assertRaises(BadInput, COMMANDS.parse, line)
            self.assertTrue(error.sentence.endswith(form), line)

    def test_what_is_about_all_rooms(self) -> None:
        """The room on the screen, or the conversation, is not what is looked through."""
        for line in "/find ann*", "/search cake":
            command = COMMANDS.parse(line)
            assert isinstance(command, Command)
            for room in Room("lobby"), Room(conversation("bob")):
                self.assertEqual(about(command, room), command)

    def test_not_here(self) -> None:
        """What only bare clients need is not offered."""
        self.assertIsNone(COMMANDS.find("raw"))


class Secrets(SynchronousTestCase):
    def test_what_is_hidden(self) -> None:
        """Passwords are hidden from their first character on, and nothing else is."""
        for line, shown in (
            ("/join dev secret", "/join dev "),
            ("/JOIN  dev  se cret", "/JOIN  dev  "),
            ("/create dev x", "/create dev "),
            ("/register x", "/register "),
            ("/login bob x", "/login "),
            ("/passwd old new", "/passwd "),
            ("/password  x", "/password  "),
            ("/join dev", "/join dev"),
            ("/join dev ", "/join dev "),
            ("/login", "/login"),
            ("/msg bob x", "/msg bob x"),
            ("//login x", "//login x"),
            ("login x", "login x"),
            (" /login x", " /login x"),
            ("", ""),
        ):
            self.assertEqual(line[: secret_from(line)], shown)

    def test_every_command_with_a_password(self) -> None:
        """No command that takes a password shows it."""
        for slash in COMMANDS.commands:
            if "password" in slash.usage or slash.name == "passwd":
                line = f"/{slash.name} first second"
                self.assertLess(secret_from(line), len(line), line)


class Keys(SynchronousTestCase):
    def test_unambiguous(self) -> None:
        """A key has one meaning in a scope, and none that hides one that is everywhere."""
        seen = [(binding.scope, key) for binding in KEYS for key in binding.keys]
        self.assertEqual(len(seen), len(set(seen)))
        everywhere = {key for scope, key in seen if scope == "everywhere"}
        self.assertFalse(everywhere & {key for scope, key in seen if scope != "everywhere"})

    def test_labels(self) -> None:
        """Keys are named as people name them."""
        labels = {binding.action: binding.label for binding in KEYS}
        self.assertEqual(labels["numbered_room"], "Alt-1 to Alt-0")
        self.assertEqual(labels["delete_word_left"], "Ctrl-W, Alt-Backspace")
        self.assertEqual(labels["page_up"], "PgUp")
        self.assertEqual(labels["previous_panel"], "Shift-Tab")
        self.assertEqual(action_of("tab", "panel"), "next_panel")
        self.assertIsNone(action_of("tab", "everywhere"))


class Page(SynchronousTestCase):
    def test_colours(self) -> None:
        """The page names all that can be coloured."""
        page = PAGE.read_text(encoding="utf-8")
        for role in themes.DARK:
            if not role.startswith("nick"):
                self.assertIn(f"`{role}`", page)

    def test_commands_of_lines(self) -> None:
        """They are those before `/close`, as the page says."""
        own = [slash.name for slash in COMMANDS.commands[len(LINES.commands) :]]
        self.assertEqual(COMMANDS.commands[: len(LINES.commands)], LINES.commands)
        self.assertEqual(own[0], "close")

    def test_help_screen(self) -> None:
        """The help screen names every key and every command."""
        rows = [row for _, rows in help_sections() for row in rows]
        for binding in KEYS:
            self.assertIn((binding.label, binding.help), rows)
        for slash in COMMANDS.commands:
            self.assertIn((slash.form, slash.summary), rows)
