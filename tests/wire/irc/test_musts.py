"""The table of what a server MUST do: each row is seen by a test that exists, or says why not."""

from __future__ import annotations

from importlib import import_module

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.irc.capabilities import CAPABILITIES
from tests.wire.irc.musts import MUSTS


class MustTests(SynchronousTestCase):
    def test_every_test_exists(self) -> None:
        for name, rows in MUSTS.items():
            for row in rows:
                for place in row.tests:
                    module, case, method = place.rsplit(".", 2)
                    found = getattr(import_module(module), case)
                    self.assertTrue(callable(getattr(found, method, None)), f"{name}: {place}")
                    self.assertTrue(issubclass(found, SynchronousTestCase), place)

    def test_every_row_says_something(self) -> None:
        for name, rows in MUSTS.items():
            self.assertEqual(len({(row.section, row.says) for row in rows}), len(rows), name)
            for row in rows:
                self.assertTrue(row.section and row.says and (row.tests or row.why_not), row)

    def test_every_capability_has_its_specification(self) -> None:
        """Under its own name, or one of these."""
        others = {
            "cap-notify": "capability-negotiation",
            "event-playback": "chathistory",
            "metadata-2": "metadata",
            "metadata-3": "metadata",
            "sasl": "sasl-3.2",
        }
        for capability in CAPABILITIES:
            name = capability.removeprefix("draft/")
            self.assertIn(others.get(name, name), MUSTS)
