"""The rules of the house: who may import whom, and what every module is like."""

from __future__ import annotations

import ast
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parents[1]
PACKAGES = ("chatservice", "urwidclient")
LONGEST = 300
"""Lines of code of a module, docstrings and comments not counted: a longer one is two."""

DATA = {"chatservice.domain.confusables", "urwidclient.shortcodes"}
"""Modules that are tables, as long as they have to be."""

EXTRAS = {"prometheus_client"}
"""Libraries without which all works but one thing."""

IMPURE = {"logging", "os", "random", "secrets", "socket", "sqlite3", "threading", "time"}

SERVER = {
    "chatservice.domain": {"chatservice.domain", "pure"},
    "chatservice.wire": {"chatservice.domain", "chatservice.wire", "pure"},
    "chatservice.histogram": {"pure"},
    "chatservice.storage": {
        "chatservice.domain",
        "chatservice.histogram",
        "chatservice.storage",
        "pure",
        "impure",
    },
    "chatservice.turn": {"chatservice.domain", "chatservice.storage.interface", "pure"},
    "chatservice.app": {
        "chatservice.domain",
        "chatservice.storage.interface",
        "chatservice.turn",
        "pure",
    },
    "chatservice.retention": {
        "chatservice.app",
        "chatservice.domain",
        "chatservice.storage.interface",
        "pure",
    },
    "chatservice.net": {
        "argon2",
        "ntplib",
        "chatservice.app",
        "chatservice.domain",
        "chatservice.net",
        "chatservice.wire",
        "impure",
        "netifaces",
        "pure",
        "twisted",
        "wsproto",
        "zope",
    },
    "chatservice.operating": {
        "chatservice.app",
        "chatservice.domain",
        "chatservice.histogram",
        "chatservice.net",
        "chatservice.operating",
        "chatservice.storage.commits",
        "chatservice.storage.interface",
        "chatservice.wire",
        "impure",
        "prometheus_client",
        "pure",
        "twisted",
    },
    "chatservice.chatctl": {
        "chatservice.chatctl",
        "chatservice.domain",
        "chatservice.state",
        "chatservice.wire",
        "impure",
        "pure",
    },
    "chatservice.state": {"impure", "pure"},
    "chatservice.tap": {"chatservice", "impure", "pure", "twisted"},
    "chatservice.options": {"chatservice.domain", "chatservice.state", "impure", "pure", "twisted"},
    "chatservice": {"pure"},
}
"""Who may import whom; what is in no room of its own belongs to the one around it."""

CLIENT: dict[str, set[str]] = {
    "urwidclient.commands": set(),
    "urwidclient.discovery": {"twisted"},
    "urwidclient.keys": set(),
    "urwidclient.model": set(),
    "urwidclient.redraw": {"twisted"},
    "urwidclient.render": {"urwid"},
    "urwidclient.session": {"twisted", "zope"},
    "urwidclient.widgets": {"emoji", "urwid"},
}
"""The libraries that a part of the client may come to need, by itself or by what it imports."""

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


@dataclass(frozen=True)
class Module:
    """A module of the project."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return parse(self.path)

    @property
    def lines(self) -> int:
        """How many lines of it are code."""
        docstrings = {
            line
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
            for line in range(node.lineno, (node.end_lineno or 0) + 1)
        }
        with self.path.open("rb") as file:
            tokens = list(tokenize.tokenize(file.readline))
        code = {
            line
            for token in tokens
            if token.type not in _NO_CODE
            for line in range(token.start[0], token.end[0] + 1)
        }
        return len(code - docstrings)

    @property
    def imports(self) -> set[str]:
        """Everything that it imports, at the top or later, by full name."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{self.name} imports relatively"
                base = node.module or ""
                found |= {
                    f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base
                    for alias in node.names
                }
        return found - {"__future__"}


@cache
def parse(path: Path) -> ast.Module:
    """The syntax of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def _modules() -> Iterator[Module]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield Module(name, path)


MODULES = {module.name: module for module in _modules()}


def within(name: str, room: str) -> bool:
    """Whether a module is a room or in it."""
    return name == room or name.startswith(room + ".")


def kind(name: str) -> str:
    """What sort of thing an import is: one of ours, a library, or a part of the standard one."""
    if name in MODULES:
        return name
    top = name.partition(".")[0]
    if top in IMPURE:
        return "impure"
    return "pure" if top in sys.stdlib_module_names else top


def room_of(name: str, rooms: dict[str, set[str]]) -> str | None:
    """The closest room around a module."""
    around = [room for room in rooms if within(name, room)]
    return max(around, key=len, default=None)


def forbidden(rooms: dict[str, set[str]]) -> list[str]:
    """Imports that the table of rooms does not allow."""
    return [
        f"{module.name} imports {name}"
        for module in MODULES.values()
        if (room := room_of(module.name, rooms)) is not None
        for name in sorted(module.imports)
        if not any(within(kind(name), allowed) for allowed in rooms[room])
    ]


def reached(start: str) -> set[str]:
    """All kinds of things that a module imports, and those that it imports of ours import."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        for name in MODULES[todo.pop()].imports:
            if kind(name) not in seen:
                seen.add(kind(name))
                if name in MODULES:
                    todo.append(name)
    return seen


class ImportTests(SynchronousTestCase):
    """Who may import whom."""

    def test_the_table_of_the_server(self) -> None:
        self.assertEqual(forbidden(SERVER), [])
        every = [name for name in MODULES if within(name, "chatservice")]
        self.assertGreater(len(every), 30)

    def test_the_table_of_the_client(self) -> None:
        for name in MODULES:
            room = room_of(name, CLIENT)
            if room is not None:
                tops = {each.partition(".")[0] for each in reached(name)}
                libraries = tops - {*PACKAGES, "impure", "pure"}
                self.assertLessEqual(libraries, CLIENT[room], name)
        self.assertEqual([room for room in CLIENT if room not in MODULES], [])

    def test_the_client_does_not_know_the_server(self) -> None:
        """Only what is pure, and what both have to agree on."""
        shared = ("chatservice.domain", "chatservice.wire")
        found = [
            f"{module.name} imports {name}"
            for module in MODULES.values()
            if within(module.name, "urwidclient")
            for name in module.imports
            if within(name, "chatservice")
            and name != "chatservice"
            and not any(within(name, room) for room in shared)
        ]
        self.assertEqual(found, [])

    def test_the_server_does_not_know_the_client(self) -> None:
        found = [
            name
            for name, module in MODULES.items()
            if within(name, "chatservice")
            and any(within(each, "urwidclient") for each in module.imports)
        ]
        self.assertEqual(found, [])

    def test_nothing_imports_the_composition_root(self) -> None:
        """The options belong to it."""
        for root in ("chatservice.tap", "urwidclient.app", "urwidclient.__main__"):
            found = {name for name, module in MODULES.items() if root in module.imports}
            self.assertLessEqual(found, {"urwidclient.__main__"} - {root}, root)
        users = {name for name, it in MODULES.items() if "chatservice.options" in it.imports}
        self.assertEqual(users, {"chatservice.tap"})

    def test_the_plugin_is_lazy(self) -> None:
        tree = parse(ROOT / "twisted" / "plugins" / "chat_plugin.py")
        imports = [
            ast.unparse(node)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        self.assertEqual(imports, ["from twisted.application.service import ServiceMaker"])

    def test_no_circles(self) -> None:
        order: dict[str, None] = {}

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                self.fail(f"A circle: {' -> '.join([*path, name])}")
            if name not in order:
                for each in sorted(MODULES[name].imports & MODULES.keys()):
                    visit(each, (*path, name))
                order[name] = None

        for name in MODULES:
            visit(name, ())
        self.assertEqual(len(order), len(MODULES))

    def test_no_way_round(self) -> None:
        for name, module in MODULES.items():
            self.assertNotIn("TYPE_CHECKING", module.path.read_text(encoding="utf-8"), name)

    def test_nobody_who_connects_is_looked_up(self) -> None:
        """Neither the name of a host nor, by ident, that of a user: both would let people wait."""
        asking = [
            "getaddrinfo",
            "gethostbyaddr",
            "gethostbyname",
            "getfqdn",
            "getnameinfo",
            "lookupPointer",
        ]
        for name, module in MODULES.items():
            if within(name, "chatservice"):
                self.assertFalse([each for each in module.imports if within(each, "twisted.names")])
                for node in ast.walk(module.tree):
                    used = getattr(node, "attr", None) or getattr(node, "id", None)
                    self.assertNotIn(used, asking, name)

    def test_the_reactor_is_an_argument(self) -> None:
        """Whoever imports it at the top has chosen it for everybody."""
        for name, module in MODULES.items():
            for node in module.tree.body:
                text = ast.unparse(node) if isinstance(node, (ast.Import, ast.ImportFrom)) else ""
                self.assertNotIn("import reactor", text, name)
                self.assertNotIn("twisted.internet.reactor", text, name)

    def test_all_can_be_imported_and_none_installs_a_reactor(self) -> None:
        """Without circles (see above), what can be imported together can be imported alone.

        What needs something that an extra brings is left out where that is not there.
        """
        missing = {name for name in EXTRAS if find_spec(name) is None}
        modules = [name for name, it in MODULES.items() if not it.imports & missing]
        result = subprocess.run(
            [sys.executable, "-c", _IMPORT_ALL, *modules],
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.assertEqual((result.stdout, result.returncode), (b"", 0), result.stderr.decode())


_IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules, f"{name} installs a reactor"
"""


class FormTests(SynchronousTestCase):
    """What every module is like."""

    def test_length(self) -> None:
        longest = {name: it.lines for name, it in MODULES.items() if name not in DATA}
        self.assertEqual({name: n for name, n in longest.items() if n > LONGEST}, {})

    def test_what_it_is_responsible_for(self) -> None:
        """One line, alone or followed by a blank one."""
        for name, module in MODULES.items():
            first, *more = (ast.get_docstring(module.tree) or "").splitlines() or [""]
            self.assertTrue(first.endswith((".", ":")), f"{name}: {first!r}")
            self.assertTrue(not more or more[0] == "", f"{name}: more than one line at the start")

    def test_trial_finds_nothing_in_the_end_to_end_tests(self) -> None:
        """They are functions for pytest: a `TestCase` there would run in both, and fail in one."""
        for path in (ROOT / "tests" / "e2e").glob("*.py"):
            for node in ast.walk(parse(path)):
                if isinstance(node, ast.ClassDef):
                    bases = [ast.unparse(base) for base in node.bases]
                    self.assertFalse([base for base in bases if base.endswith("TestCase")], path)

    def test_all_other_tests_are_for_both(self) -> None:
        """Outside of it, no test is a function, which trial would leave out unseen.

        None waits for the reactor, which pytest-twisted may have started in the same process.
        """
        for path in sorted((ROOT / "tests").rglob("test_*.py")):
            if path.parent.name == "e2e":
                continue
            waiting = [
                node.name
                for node in ast.walk(parse(path))
                if isinstance(node, ast.ClassDef) and "TestCase" in map(ast.unparse, node.bases)
            ]
            self.assertEqual(waiting, [], path.name)
            loose = [
                node.name
                for node in parse(path).body
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test")
            ]
            self.assertEqual(loose, [], path.name)
