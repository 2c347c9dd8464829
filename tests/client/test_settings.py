"""Settings: the command line beats the file, and what is wrong is one sentence."""

from __future__ import annotations

import contextlib
import io
import re
import resource
import stat
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from urwidclient.settings import (
    _SETTINGS,
    ClientOptions,
    last_nick,
    make_state_dir,
    parse,
    remember,
    write_private,
)
from urwidclient.themes import palette


class Settings(SynchronousTestCase):
    """With a home directory of its own."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.home = Path(directory.name)
        (self.home / "config/chatservice").mkdir(parents=True)
        self.file = self.home / "config/chatservice/client.toml"
        self.environ = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
        }

    def parse(self, *argv: str) -> ClientOptions:
        return parse(argv, self.environ)

    def refused(self, *argv: str) -> str:
        """The one sentence that a wrong setting gives."""
        told = io.StringIO()
        with contextlib.redirect_stderr(told), self.assertRaises(SystemExit) as caught:
            self.parse(*argv)
        self.assertEqual(caught.exception.code, 2)
        self.assertEqual(told.getvalue().count("\n"), 1)
        self.assertNotIn(".;", told.getvalue())
        return told.getvalue()

    def test_defaults(self) -> None:
        self.assertEqual(
            self.parse(),
            ClientOptions(
                host=None,
                port=8080,
                nick=None,
                rooms=("lobby",),
                theme="dark",
                notify=True,
                plain=False,
                emoji=True,
                state_dir=self.home / "state/chatservice",
                themes={},
            ),
        )

    def test_without_xdg_directories(self) -> None:
        options = parse([], {"HOME": str(self.home), "XDG_STATE_HOME": "relative"})
        self.assertEqual(options.state_dir, self.home / ".local/state/chatservice")

    def test_the_command_line(self) -> None:
        options = self.parse(
            *("--host", "h", "--port", "99", "--nick", "me", "--room", "#a", "--room", "b"),
            *("--theme", "light", "--no-notify", "--no-emoji", "--plain", "--state", "/s"),
        )
        self.assertEqual(
            options,
            ClientOptions(
                host="h",
                port=99,
                nick="me",
                rooms=("a", "b"),
                theme="light",
                notify=False,
                plain=True,
                emoji=False,
                state_dir=Path("/s"),
                themes={},
            ),
        )

    def test_servers(self) -> None:
        for text, host, port in (
            ("h", "h", 8080),
            ("h:99", "h", 99),
            ("::1", "::1", 8080),
            ("[::1]", "::1", 8080),
            ("[::1]:99", "::1", 99),
        ):
            for options in (self.parse(text), self.parse("--host", text)):
                self.assertEqual((options.host, options.port), (host, port))

    def test_wrong_arguments(self) -> None:
        for argv, words in (
            (["h:0"], "1 to 65535"),
            (["h:x"], "1 to 65535"),
            (["[::1"], "[ADDRESS]:PORT"),
            ([":80"], "name or address"),
            (["h", "--host", "i"], "Name one server"),
            (["h:1", "--port", "2"], "Name one port"),
            (["--host", "h:1", "--port", "2"], "Name one port"),
            (["--host", "a b"], "name or address"),
            (["h", "--password-file", "~no-such-user/x"], "no such user"),
            (["--port", "65536"], "--port"),
            (["--nick", " "], "--nick"),
            (["--room", "#"], "--room"),
            (["--colour"], "--colour"),
            (["--config", "/nowhere/x.toml"], "/nowhere/x.toml"),
        ):
            self.assertIn(words, self.refused(*argv))

    def test_the_file(self) -> None:
        self.file.write_text(
            'host = "h"\nport = 99\nnick = "me"\nrooms = ["#a", "b"]\ntheme = "mine"\n'
            "notify = false\nemoji = false\nplain = true\n"
            '[themes.mine]\nnick = ["yellow", "default"]\ntext = "white"\n'
        )
        options = self.parse()
        self.assertEqual((options.host, options.port, options.nick), ("h", 99, "me"))
        self.assertEqual((options.rooms, options.theme), (("a", "b"), "mine"))
        self.assertEqual((options.notify, options.emoji, options.plain), (False, False, True))
        self.assertEqual(
            options.themes, {"mine": {"nick": ("yellow", "default"), "text": ("white",)}}
        )

    def test_the_documented_file(self) -> None:
        """It has all settings but themes, of which there are examples elsewhere on the page."""
        page = (Path(__file__).parents[2] / "docs/terminal-client.md").read_text("utf-8")
        settings, themes = re.findall("```toml\n(.*?)```", page, re.DOTALL)
        self.assertEqual({*tomllib.loads(settings), "themes"}, {*_SETTINGS})
        for name in ("password", "server-password"):
            (self.home / name).write_text("secret\n")
        self.file.write_text(f"{settings}{themes}".replace("~/.chat", str(self.home)))
        options = self.parse()
        self.assertEqual(
            (options.host, options.nick, options.rooms[0]), ("chat.example", "ann", "lobby")
        )
        self.assertEqual((options.password, options.server_password), ("secret", "secret"))
        self.assertTrue(palette("mine", options.themes))

    def test_the_command_line_beats_the_file(self) -> None:
        self.file.write_text('host = "h"\nport = 99\nrooms = ["a"]\n')
        options = self.parse("other", "--room", "b")
        self.assertEqual((options.host, options.port, options.rooms), ("other", 99, ("b",)))

    def test_another_file(self) -> None:
        other = self.home / "other.toml"
        other.write_text('nick = "else"\n')
        self.assertEqual(self.parse("--config", str(other)).nick, "else")

    def test_wrong_files(self) -> None:
        for text, key in (
            ("port = 0", "port"),
            ('port = "x"', "port"),
            ("port = true", "port"),
            ("host = 5", "host"),
            ('host = "h:99"', "its port is a setting of its own"),
            ("rooms = []", "rooms"),
            ('rooms = "a"', "rooms"),
            ("notify = 1", "notify"),
            ("themes = 1", "themes"),
            ("[themes]\nx = 1", "themes"),
            ("[themes.x]\ny = 1", "themes"),
            ("[themes.x]\ny = [1]", "themes"),
            ("unheard = 1", "unheard"),
            ("= 1", "TOML"),
        ):
            self.file.write_text(text)
            told = self.refused()
            self.assertIn(str(self.file), told)
            self.assertIn(key, told)

    def test_a_file_that_cannot_be_read(self) -> None:
        self.assertIn("can't be read", self.refused("--config", str(self.home)))

    def test_the_password(self) -> None:
        secret = self.home / "secret"
        secret.write_text("päss word\r\nmore\n")
        options = self.parse("h", "--password-file", str(secret))
        self.assertEqual(options.password, "päss word")
        self.assertNotIn("word", repr(options))
        self.file.write_text(f'host = "h"\npassword_file = "{secret}"\n')
        self.assertEqual(self.parse().password, "päss word")

    def test_the_passwords_of_the_file_are_for_its_server(self) -> None:
        """Another one that is named gets none of them."""
        secret = self.home / "secret"
        secret.write_text("word\n")
        both = f'password_file = "{secret}"\nserver_password_file = "{secret}"\n'
        self.file.write_text(f'host = "home"\nport = 99\n{both}')
        for argv, password in (
            ((), "word"),
            (("home",), "word"),
            (("home:99",), "word"),
            (("home:98",), None),
            (("--port", "98"), None),
            (("other",), None),
        ):
            options = self.parse(*argv)
            self.assertEqual((options.password, options.server_password), (password, password))
        options = self.parse("other", "--server-password-file", str(secret))
        self.assertEqual((options.password, options.server_password), (None, "word"))
        self.file.write_text(both)
        self.assertEqual(self.parse("other").password, "word")

    def test_no_password(self) -> None:
        secret = self.home / "secret"
        self.assertIn("can't be read", self.refused("h", "--password-file", str(secret)))
        for data, words in ((b"\nx", "no password"), (b"\xff\xff", "UTF-8")):
            secret.write_bytes(data)
            self.assertIn(words, self.refused("h", "--password-file", str(secret)))
        self.assertIn("Name the server", self.refused("--password-file", str(secret)))

    def test_the_last_nick(self) -> None:
        options = replace(self.parse(), state_dir=self.home / "new/state")
        self.assertIsNone(last_nick(options.state_dir))
        remember(options, "zoé")
        self.assertEqual(last_nick(options.state_dir), "zoé")
        self.assertEqual(stat.S_IMODE(options.state_dir.stat().st_mode), 0o700)

    def test_a_file_that_is_not_written_to_its_end(self) -> None:
        """As on a full disk: what was there stays, and nothing lies beside it."""
        path = self.home / "state/nick"
        write_private(path, "before")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3, hard))
        try:
            self.assertRaises(OSError, write_private, path, "after that")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        self.assertEqual((list(path.parent.iterdir()), path.read_text()), ([path], "before"))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_a_last_nick_that_is_none(self) -> None:
        state = self.home / "state"
        make_state_dir(state)
        for data in (b"", b"\n", b"\x1b]0;x\x07\n"):
            (state / "nick").write_bytes(data)
            self.assertIsNone(last_nick(state))

    def test_a_directory_that_cannot_be_written(self) -> None:
        self.file.write_text("")
        remember(replace(self.parse(), state_dir=self.file), "me")
        self.assertIsNone(last_nick(self.file))
