"""The documents say what the code does."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from tests import documents


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

    def test_links_lead_somewhere(self) -> None:
        """Every relative link names a file of the project."""
        for path in documents.documents():
            for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
                self.assertTrue((path.parent / target).exists(), f"{path.name}: {target}")
