"""A state that can't be used: one sentence instead of a start."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from twisted.application.service import IServiceMaker
from twisted.internet.testing import MemoryReactorClock
from twisted.plugin import getPlugins
from twisted.trial.unittest import SynchronousTestCase

from chatservice.options import Options
from chatservice.storage.sqlite import SqliteStore
from chatservice.tap import ChatService


class Reactor(MemoryReactorClock):
    """A reactor in memory; a thread's answers wait for ever."""

    def callFromThread(self, *_: object) -> None:
        """Nothing of a start depends on it."""


class PluginTests(SynchronousTestCase):
    """What twistd sees."""

    def test_found_by_twistd(self) -> None:
        plugins: list[Any] = list(getPlugins(IServiceMaker))
        [plugin] = [each for each in plugins if each.tapname == "chat"]
        self.assertEqual(plugin.module, "chatservice.tap")
        self.assertIs(plugin.options, Options)


class StateTests(SynchronousTestCase):
    """Each thing that can be wrong with the state directory."""

    def setUp(self) -> None:
        """A directory for all that a test makes."""
        self.place = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.place)

    def sentence(self, state: Path, *others: str) -> str:
        """Why there is no start; the exit code of a text is 1."""
        options = Options()
        options.parseOptions(["--state", str(state), "--port", "0", "--no-announce", *others])
        service = ChatService(options, Reactor())
        ended = self.assertRaises(SystemExit, service.privilegedStartService)
        text = str(ended.code)
        self.assertTrue(text.startswith("twistd chat: "), text)
        self.assertNotIn("\n", text)
        return text

    def store(self) -> Path:
        """A directory with the state of a server that has stopped."""
        state = self.place / "state"
        self.opened(state).close()
        return state

    def opened(self, state: Path) -> SqliteStore:
        """The store of a server that runs."""
        store = SqliteStore(
            state / "chat.sqlite3", retry_seconds=1, wall=lambda: 0, new_id=lambda: "x"
        )
        store.open()
        return store

    def test_no_directory_can_be_there(self) -> None:
        file = self.place / "state"
        file.write_text("not a directory")
        text = self.sentence(file / "state")
        self.assertIn(str(file), text)
        self.assertIn("--state DIR", text)

    def test_no_port_with_something_in_between(self) -> None:
        for where, told in (
            ("haproxy:tcp:0", "is not possible: nothing is encrypted or wrapped here yet"),
            ("ssl:0:privateKey=nowhere", "No such file or directory"),
        ):
            text = self.sentence(self.place / where[:3], "--listen", f"shared={where}")
            self.assertIn(f"--listen shared={where}", text)
            self.assertIn(told, text)

    def test_a_directory_where_a_file_is_to_be(self) -> None:
        for name in ("backup.sqlite3", "control"):
            (self.place / name / name).mkdir(parents=True)
            text = self.sentence(self.place / name)
            self.assertIn(str(self.place / name / name), text)

    def test_in_use(self) -> None:
        state = self.store()
        store = self.opened(state)
        self.addCleanup(store.close)
        self.assertIn("is used by another chatservice", self.sentence(state))

    def test_of_a_newer_version(self) -> None:
        state = self.store()
        with closing(sqlite3.connect(state / "chat.sqlite3")) as db:
            db.execute("PRAGMA user_version = 99")
        self.assertIn("was written by a newer chatservice", self.sentence(state))

    def test_of_another_program(self) -> None:
        state = self.place / "state"
        state.mkdir()
        with closing(sqlite3.connect(state / "chat.sqlite3")) as db:
            db.execute("CREATE TABLE theirs (x)")
        self.assertIn("is not a file of chatservice", self.sentence(state))
