"""What is told of the machine that is measured on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from benchmarks import machine


class StoresTests(SynchronousTestCase):
    """Where the stores of a benchmark are."""

    def test_the_file_system_that_a_folder_is_on(self) -> None:
        """The nearest one above it, and of two at one place the later one."""
        mounts = Path(self.mktemp())
        self.patch(machine, "MOUNTS", mounts)
        self.assertEqual(machine.stores(Path("/var/tmp/x")), [])
        mounts.write_text(
            "/dev/vda / ext4 rw 0 0\ntmpfs /var/tmp tmpfs rw 0 0\nx /var/tmp xfs rw 0 0\n"
        )
        for folder, kind in (("/var/tmp/x", "xfs"), ("/var/tmpx", "ext4"), ("/", "ext4")):
            self.assertEqual(machine.stores(Path(folder)), [f"stores on {kind}"])

    def test_it_is_told(self) -> None:
        [told] = machine.stores(Path(tempfile.gettempdir()))
        self.assertIn(f", {told}", machine.described())


class WatchTests(SynchronousTestCase):
    """The host takes some of the processors' time."""

    def setUp(self) -> None:
        """A `/proc/stat` of its own."""
        self.stat = Path(self.mktemp())
        self.patch(machine, "STAT", self.stat)

    def test_the_share_that_was_taken_since(self) -> None:
        self.stat.write_text("cpu  100 0 50 800 10 0 5 35 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n")
        watch = machine.Watch()
        self.assertEqual(watch.stolen, 0)
        self.stat.write_text("cpu  130 0 60 850 10 0 5 45 7 0\n")
        self.assertEqual(watch.stolen, 0.1)
        self.assertTrue(
            machine.described(watch).endswith(", 10.0% of the processors' time taken away")
        )

    def test_where_it_can_t_be_told(self) -> None:
        """Nothing is said: that would not be nothing taken."""
        watch = machine.Watch()
        self.assertEqual(machine.described(watch), machine.described())
        self.stat.write_text("cpu  130 0 60 850\n")
        self.assertIsNone(machine.Watch().stolen)
