"""The operator's own socket."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.operating.control import ControlFactory, Visit
from chatservice.operating.upkeep import Backups, Drain
from chatservice.storage.interface import StoreError
from tests.net.network import Net, Remote


class ControlCase(SynchronousTestCase):
    """A chat with bob in it, and a way in for the operator."""

    def setUp(self) -> None:
        self.net = Net()
        self.bob = self.net.json("bob")
        self.asked: list[Mapping[str, Any]] = []
        self.factory = ControlFactory(self.net.house, {"stats": self.stats})

    def stats(self, visit: Visit, asked: Mapping[str, Any]) -> None:
        """Something of the server's own."""
        self.asked.append(asked)
        visit.answer("stats", asked, people=1)

    def visit(self, user: int = 0) -> Remote:
        return self.net.connect_to(self.factory, "127.0.0.1", user=user)

    def told(self, remote: Remote) -> list[dict[str, Any]]:
        return [json.loads(line) for line in remote.heard().splitlines()]

    def say(self, remote: Remote, **asked: Any) -> list[dict[str, Any]]:
        remote.send(json.dumps(asked).encode() + b"\n")
        return self.told(remote)


class VisitTests(ControlCase):
    def test_the_operator_may_do_anything(self) -> None:
        visit = self.visit()
        [welcome] = self.told(visit)
        self.assertEqual((welcome["type"], welcome["nick"]), ("welcome", "chatctl"))
        [done] = self.say(visit, type="kill", nick="bob", reason="spam", id="1")
        self.assertEqual((done["type"], done["re"]), ("notice", "1"))
        self.assertEqual(self.told(self.bob)[-1]["text"], "You were put out by chatctl: spam.")

    def test_what_the_server_does_itself(self) -> None:
        visit = self.visit()
        self.told(visit)
        answer = {"type": "stats", "re": "1", "people": 1}
        self.assertEqual(self.say(visit, type="stats", id="1"), [answer])
        self.assertEqual(self.asked, [{"type": "stats", "id": "1"}])

    def test_two_visits_at_once(self) -> None:
        nicks = [self.told(self.visit())[0]["nick"] for _ in range(2)]
        self.assertEqual(nicks[0], "chatctl")
        self.assertTrue(nicks[1].startswith("chatctl_"))

    def test_nobody_notices(self) -> None:
        self.told(self.bob)
        visit = self.visit()
        self.assertEqual(self.told(self.bob), [])
        visit.end()
        self.assertEqual(self.told(self.bob), [])
        self.assertEqual(self.net.chat.hub.present, 1)

    def test_nonsense_is_refused_as_everywhere(self) -> None:
        visit = self.visit()
        self.told(visit)
        visit.send(b"\xff{]\n")
        self.assertEqual(self.told(visit)[0]["code"], "bad-input")
        for odd in ({"type": 5}, {"type": ["stats"]}, {}):
            self.assertEqual(self.say(visit, **odd)[0]["code"], "unknown-command")
        self.assertEqual(self.asked, [])

    def test_other_users_are_not_let_in(self) -> None:
        visit = self.visit(user=os.geteuid() + 4711)
        self.assertTrue(visit.socket.reset)
        self.assertEqual(visit.heard(), b"")
        self.assertEqual(self.net.chat.hub.present, 1)
        self.assertTrue(self.told(self.visit(user=os.geteuid())))

    def test_elsewhere_these_are_no_commands(self) -> None:
        [refused] = self.say(self.bob, type="stats")
        self.assertEqual(refused["code"], "unknown-command")


class DrainTests(ControlCase):
    """An end that waits for people."""

    def setUp(self) -> None:
        super().setUp()
        self.done: list[str] = []
        drain = Drain(
            self.net.loop,
            self.net.fanout,
            lambda: self.done.append("close"),
            lambda: self.done.append("end"),
        )
        self.factory = ControlFactory(self.net.house, {"drain": drain.begin})
        self.operator = self.visit()
        self.told(self.operator)
        self.told(self.bob)

    def test_ends_when_all_have_left(self) -> None:
        told = self.say(self.operator, type="drain", seconds=60, id="d")
        self.assertIn({"type": "draining", "re": "d", "connections": 1, "seconds": 60}, told)
        self.assertIn("will be closed in 60 seconds", self.told(self.bob)[0]["text"])
        self.net.loop.wait(5)
        self.assertEqual(self.done, ["close"])
        self.bob.end()
        self.net.loop.wait(1)
        self.assertEqual(self.done, ["close", "end"])

    def test_ends_after_its_time(self) -> None:
        self.say(self.operator, type="drain", seconds=2)
        self.net.loop.wait(1.9)
        self.assertEqual(self.done, ["close"])
        self.net.loop.wait(0.2)
        self.assertEqual(self.done, ["close", "end"])
        self.net.loop.wait(100)
        self.assertEqual(self.done, ["close", "end"])

    def test_another_one_sets_another_time(self) -> None:
        self.say(self.operator, type="drain", seconds=1000)
        self.say(self.operator, type="drain", seconds=0)
        self.net.loop.wait(0.1)
        self.assertEqual(self.done, ["close", "close", "end"])

    def test_nonsense(self) -> None:
        for seconds in (-1, 1e9, "x", None, [1]):
            [refused] = self.say(self.operator, type="drain", seconds=seconds)
            self.assertEqual(refused["type"], "error")
        self.net.loop.wait(100)
        self.assertEqual(self.done, [])


class Copying:
    """A worker that makes backups when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Path, Any]] = []

    def backup(self, path: Path, done: Any) -> None:
        self.waiting.append((path, done))

    def make(self, error: StoreError | None = None) -> None:
        path, done = self.waiting.pop(0)
        if error is None:
            path.write_text("all")
        done(error)


class BackupTests(ControlCase):
    """A backup is there as long as the connection that asked for it."""

    def setUp(self) -> None:
        super().setUp()
        self.path = Path(self.mktemp())
        self.worker = Copying()
        worker: Any = self.worker
        self.factory = ControlFactory(self.net.house, {"backup": Backups(worker, self.path).make})
        self.operator = self.visit()
        self.told(self.operator)

    def test_is_gone_with_the_connection(self) -> None:
        self.assertEqual(self.say(self.operator, type="backup", id="b"), [])
        self.worker.make()
        answer = {"type": "backup", "re": "b", "path": str(self.path)}
        self.assertEqual(self.told(self.operator), [answer])
        self.assertTrue(self.path.exists())
        self.operator.end()
        self.assertFalse(self.path.exists())

    def test_nobody_waits_for_it(self) -> None:
        self.say(self.operator, type="backup", id="b")
        self.operator.end()
        self.worker.make()
        self.assertFalse(self.path.exists())
        self.say(self.visit(), type="backup", id="c")
        self.assertEqual(len(self.worker.waiting), 1)

    def test_one_at_a_time(self) -> None:
        other = self.visit()
        self.told(other)
        self.say(self.operator, type="backup")
        [refused] = self.say(other, type="backup", id="b")
        self.assertEqual((refused["type"], refused["re"]), ("error", "b"))
        self.worker.make()
        self.assertEqual(self.say(other, type="backup")[0]["type"], "error")
        self.operator.end()
        self.say(other, type="backup")
        self.worker.make()
        self.assertEqual(self.told(other)[0]["type"], "backup")

    def test_that_fails(self) -> None:
        self.say(self.operator, type="backup", id="b")
        self.worker.make(StoreError("The disk is full"))
        [refused] = self.told(self.operator)
        self.assertEqual((refused["text"], refused["re"]), ("The disk is full.", "b"))
        self.say(self.operator, type="backup", id="c")
        self.worker.make()
        self.assertEqual(self.told(self.operator)[0]["re"], "c")
