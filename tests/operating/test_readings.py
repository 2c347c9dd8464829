"""The figures, and what they are read from."""

from __future__ import annotations

import re

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.histogram import Histogram
from chatservice.operating.control import ControlFactory
from chatservice.operating.readings import METRICS, Lateness, Reading, Sources, Value, summary
from chatservice.storage.commits import Commits
from chatservice.storage.interface import StoreError
from tests.net.network import Net, limits


class ReadingsCase(SynchronousTestCase):
    """The figures of a chat in memory."""

    def setUp(self) -> None:
        self.net = Net(limits(slow_pause_bytes=1000, slow_drop_bytes=3000))
        self.clock = Clock()
        self.sources = Sources(
            hub=self.net.chat.hub,
            fanout=self.net.fanout,
            refusals=self.net.house.refusals,
            commits=Commits(),
            lateness=Lateness(self.clock),
            ended=self.net.listening.ended,
            started_at=12.5,
        )

    def read(self, name: str) -> Value:
        [metric] = [each for each in METRICS if each.name == name]
        return metric.read(Reading(self.sources))


class ReadingsTests(ReadingsCase):
    def test_connections_and_people(self) -> None:
        self.net.json("ann")
        self.net.json("bob")
        pipe = self.net.pipe("cid")
        self.net.connect_to(ControlFactory(self.net.house, {}))
        wires = {"json": 2, "pipe": 1, "control": 1}
        self.assertEqual(self.read("chatservice_connections"), wires)
        self.assertEqual(self.read("chatservice_people"), 3)
        pipe.end()
        self.assertEqual(self.read("chatservice_connections"), {"json": 2, "control": 1})
        self.assertEqual(self.read("chatservice_people"), 2)

    def test_deliveries(self) -> None:
        ann, _ = self.net.json("ann"), self.net.json("bob")
        before = self.read("chatservice_deliveries_total")
        assert isinstance(before, int)
        ann.send(b'{"type":"say","text":"hi"}\n')
        self.assertEqual(self.read("chatservice_deliveries_total"), before + 2)

    def test_traffic_goes_on_counting_when_a_connection_ends(self) -> None:
        ann = self.net.json("ann")
        self.net.pipe("bob")
        ann.send(b'{"type":"say","text":"hi"}\n')
        before = self.read("chatservice_traffic_bytes_total")
        assert isinstance(before, dict)
        self.assertGreater(before["received"], 100)
        self.assertGreater(before["sent"], 300)
        ann.socket.reset = True
        ann.end()
        after = self.read("chatservice_traffic_bytes_total")
        assert isinstance(after, dict)
        self.assertGreaterEqual(after["received"], before["received"])
        self.assertGreaterEqual(after["sent"], before["sent"])

    def test_readers_that_stall_and_are_dropped(self) -> None:
        ann, bob = self.net.json("ann"), self.net.json("bob")
        bob.socket.space = 0
        ann.send(b'{"type":"say","text":"%s"}\n' % (b"x" * 1500))
        self.assertEqual(self.read("chatservice_stalled_readers"), 1)
        self.assertEqual(self.read("chatservice_dropped_readers_total"), 0)
        for _ in range(3):
            ann.send(b'{"type":"say","text":"%s"}\n' % (b"x" * 1500))
        self.assertEqual(self.read("chatservice_stalled_readers"), 0)
        self.assertEqual(self.read("chatservice_dropped_readers_total"), 1)
        self.assertEqual(self.read("chatservice_refusals_total"), {"slow-reader": 1})

    def test_refusals_are_counted_though_they_are_not_all_logged(self) -> None:
        for n in range(100):
            self.net.house.refusals.note("bad-input", f"192.0.2.1:{n}")
        self.assertEqual(self.read("chatservice_refusals_total"), {"bad-input": 100})

    def test_commits(self) -> None:
        self.sources.commits.note([], [], 0, 0.002)
        self.sources.commits.note([], StoreError("full"), 1, 2)
        seconds = self.read("chatservice_commit_seconds")
        assert isinstance(seconds, Histogram)
        self.assertEqual((seconds.count, seconds.total), (1, 0.002))
        self.assertEqual(self.read("chatservice_failed_commits_total"), 1)

    def test_the_process(self) -> None:
        for name in ("process_resident_memory_bytes", "process_cpu_seconds_total"):
            value = self.read(name)
            assert isinstance(value, int | float)
            self.assertGreater(value, 0)
        self.assertEqual(self.read("process_start_time_seconds"), 12.5)

    def test_names_are_as_prometheus_wants_them(self) -> None:
        for metric in METRICS:
            self.assertRegex(metric.name, r"^(chatservice|process)_[a-z_]+$")
            self.assertEqual(metric.name.endswith("_total"), metric.kind == "counter")
            self.assertTrue(re.fullmatch(r"[A-Z].*\.", metric.what))
        self.assertEqual(len({metric.name for metric in METRICS}), len(METRICS))

    def test_the_summary_has_them_all(self) -> None:
        self.assertEqual(list(summary(self.sources)), [metric.name for metric in METRICS])


class LatenessTests(ReadingsCase):
    def test_is_noted_each_second(self) -> None:
        lateness = self.sources.lateness
        lateness.start()
        self.clock.pump([1, 1, 1.3, 1])
        self.assertEqual(lateness.seconds.count, 4)
        self.assertAlmostEqual(lateness.seconds.total, 0.3)
        lateness.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
