"""The documents say what the code does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import Closing
from tests import documents
from tests.wire.house import Server


class DocumentsTests(SynchronousTestCase):
    """README and docs/."""

    def test_made_parts_are_up_to_date(self) -> None:
        """`python -m tests.documents` would change nothing."""
        for path in documents.documents():
            text = path.read_text("utf-8")
            self.assertEqual(text, documents.up_to_date(text), path.name)

    def test_every_made_part_is_shown_somewhere(self) -> None:
        """No table is made for nobody."""
        everything = "".join(path.read_text("utf-8") for path in documents.documents())
        shown = set(re.findall(r"<!-- made: ([a-z-]+) -->", everything))
        self.assertEqual(shown, set(documents.MADE))

    def test_every_reason_to_close_is_told(self) -> None:
        """`closing` has the code of an error, or one that the page about the json wire names."""
        sources = documents.ROOT.glob("chatservice/**/*.py")
        codes = {
            code
            for source in sources
            for code in re.findall(r'Closing\(code="([a-z-]+)"', source.read_text("utf-8"))
        }
        self.assertTrue(codes)
        for code in codes:
            self.assertIn(f"`{code}`", Closing.__doc__ or "")

    def test_what_a_shell_says_is_understood(self) -> None:
        """The `printf` of a page, as it stands there, to a server where nobody has been before."""
        said = []
        for path in documents.documents():
            text = path.read_text("utf-8").replace(r"\|", "|")
            for command, port in _PRINTF.findall(text):
                said.append(port)
                shell = subprocess.run(["sh", "-c", command], capture_output=True, check=True)
                server = Server()
                ports = {wire.port: name for name, wire in server.registry.wires.items()}
                client = server.connect(1, ports.get(int(port)))
                client.send(shell.stdout)
                told = client.transport.take()
                self.assertRegex(told, _WELCOME, f"{path.name}: {command}")
                self.assertNotRegex(told, _REFUSED, f"{path.name}: {command}")
        self.assertEqual({*said}, {"8080", "9999", "12345"})

    def test_every_wire_and_its_port_is_told(self) -> None:
        """On the wire's page, on the operator's, in README and in the news."""
        wires = Server().registry.wires.values()
        for wire in wires:
            self.assertIn(
                f"`{wire.name}`", (documents.ROOT / "docs/operating.md").read_text("utf-8")
            )
        for name, port in ((wire.name, wire.port) for wire in wires if wire.port is not None):
            page = (documents.ROOT / "docs" / f"protocol-{name}.md").read_text("utf-8")
            self.assertIn(f"`--classic` opens TCP {port}", page)
            for other in ("README.md", "NEWS.md", "docs/operating.md"):
                self.assertIn(f"{port}", (documents.ROOT / other).read_text("utf-8"), other)

    def test_links_lead_somewhere(self) -> None:
        """Every relative link names a file of the project, and a heading if it names one there."""
        for path in _pages():
            for target, heading in _LINK.findall(path.read_text("utf-8")):
                page = path.parent / target if target else path
                self.assertTrue(page.exists(), f"{path.name}: {target}")
                if heading:
                    self.assertIn(heading, _headings(page), f"{path.name}: {target}")

    def test_rows_have_the_cells_of_their_tables(self) -> None:
        """No `|` in a text ends a cell, as it does in code too."""
        for path in _pages():
            text = _FENCED.sub("", path.read_text("utf-8"))
            for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
                heading, *rows = map(_cells, table.splitlines())
                for row in rows:
                    self.assertEqual(row, heading, f"{path.name}: {table}")


_PRINTF = re.compile(r"^(?:.*`)?(printf [^|`]+) \| nc (?:-N )?\S+ (\d+)", re.MULTILINE)
_WELCOME = rb"Welcome, ann!|joined successfully|\"type\":\"ack\""
_REFUSED = rb"\"success\": false|\"type\":\"error\""
_LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]+))?\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _pages() -> list[Path]:
    """All pages, those without made parts too."""
    return [*documents.documents(), *documents.ROOT.glob("[CN]*.md")]


def _headings(page: Path) -> set[str]:
    """A page's headings as links name them."""
    text = _FENCED.sub("", page.read_text("utf-8"))
    titles = re.findall(r"^#+ (.*)", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def _cells(line: str) -> int:
    """How many cells a row has."""
    return len(re.findall(r"(?<!\\)\|", line)) - 1
