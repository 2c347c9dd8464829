"""The log as JSON."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twisted.logger import FileLogObserver, Logger
from twisted.trial.unittest import SynchronousTestCase

from chatservice.operating import logs


class LineTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.file = io.StringIO()
        observer: Any = FileLogObserver(self.file, logs.line)
        self.log = Logger("chat.here", observer=observer)

    def last(self) -> dict[str, Any]:
        """The last line, which is one."""
        text = self.file.getvalue()
        self.assertTrue(text.endswith("\n"))
        found: dict[str, Any] = json.loads(text.splitlines()[-1])
        return found

    def test_fields(self) -> None:
        self.log.warn("Refused {address}", event="refused", address="192.0.2.1:5", count=3)
        line = self.last()
        self.assertRegex(line.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(
            line,
            {
                "level": "warn",
                "namespace": "chat.here",
                "event": "refused",
                "text": "Refused 192.0.2.1:5",
                "address": "192.0.2.1:5",
                "count": 3,
            },
        )

    def test_one_line_of_plain_characters(self) -> None:
        self.log.info("{what}", what="\x1b[2J\n\u202e\u2028ü")
        text = self.file.getvalue()
        self.assertTrue(text.isascii())
        self.assertTrue(text[:-1].isprintable())

    def test_only_text_and_numbers(self) -> None:
        self.log.info("x", thing=object(), many=[1, 2])
        self.assertEqual(self.last().keys(), {"time", "level", "namespace", "event", "text"})

    def test_failures_have_their_traceback(self) -> None:
        try:
            raise ZeroDivisionError("a bug")
        except ZeroDivisionError:
            self.log.failure("It went wrong")
        line = self.last()
        self.assertEqual((line["level"], line["text"]), ("critical", "It went wrong"))
        self.assertIn("ZeroDivisionError: a bug", line["traceback"])


def logged() -> Iterator[tuple[str, set[str]]]:
    """Each event that the code logs, and the names of its fields."""
    for path in (Path(__file__).parents[2] / "chatservice").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                given = {each.arg: each.value for each in node.keywords if each.arg}
                if isinstance(event := given.pop("event", None), ast.Constant):
                    yield str(event.value), {*given}


class EventsTests(SynchronousTestCase):
    def test_the_table_has_what_the_code_logs(self) -> None:
        rows = {
            event: set(re.findall("`([a-z]+)`", told.partition(": ")[2]))
            for event, told in logs.EVENTS.items()
        }
        self.assertEqual({**dict(logged()), "message": set()}, rows)

    def test_each_field_of_the_table_is_in_the_line(self) -> None:
        for event, fields in logged():
            line = json.loads(
                logs.line({"log_time": 0.0, "event": event} | dict.fromkeys(fields, 1))
            )
            self.assertEqual(fields - line.keys(), set(), event)
