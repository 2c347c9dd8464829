"""Row 3 of the scorecard: an acknowledgement leaves after the commit it tells of."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.scorecard import fsync
from benchmarks.scorecard.fsync import Order
from tests.load.rows import check

WRITE = r'11 pwrite64(9</s/chat.sqlite3-wal>, "\0\0fsync-000001\1", 4096, 32) = 4096'
SYNC = "11 fdatasync(9</s/chat.sqlite3-wal>) = 0"
BEGUN = "11 fdatasync(9</s/chat.sqlite3-wal> <unfinished ...>"
DONE = "11 <... fdatasync resumed>)          = 0"
FAILED = "11 <... fdatasync resumed>)          = -1 EIO (Input/output error)"
ACK = r'10 sendto(12<socket:[5]>, "{\"type\":\"ack\",\"re\":\"fsync-000001\"}\n", 40, 0) = 40'


class OrderTests(SynchronousTestCase):
    """What a trace proves."""

    def early(self, *lines: str) -> bool:
        order = Order()
        order.take(lines)
        return "fsync-000001" in order.early

    def test_after_the_sync(self) -> None:
        self.assertFalse(self.early(WRITE, SYNC, ACK))
        self.assertFalse(self.early(WRITE, BEGUN, DONE, ACK))

    def test_before_the_sync(self) -> None:
        self.assertTrue(self.early(WRITE, ACK, SYNC))
        self.assertTrue(self.early(ACK, WRITE, SYNC))
        self.assertTrue(self.early(SYNC, WRITE, ACK))

    def test_while_the_sync_lasts(self) -> None:
        self.assertTrue(self.early(WRITE, BEGUN, ACK, DONE))

    def test_after_a_sync_that_failed(self) -> None:
        self.assertTrue(self.early(WRITE, BEGUN, FAILED, ACK))

    def test_after_another_files_sync(self) -> None:
        self.assertTrue(self.early(WRITE, SYNC.replace("-wal", ""), ACK))


class RowTests(SynchronousTestCase):
    """A real server, traced."""

    def test_row(self) -> None:
        check(self, fsync.row)
