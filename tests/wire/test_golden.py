"""The golden transcripts: every scene is played as it is written."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.registry import Registry
from tests.wire.house import local_time
from tests.wire.transcript import GOLDEN, play


class GoldenTests(SynchronousTestCase):
    maxDiff = None

    def test_every_wire_has_scenes(self) -> None:
        played = {path.name.partition("-")[0] for path in GOLDEN.glob("*.txt")}
        self.assertEqual(played, set(Registry(local_time).wires))

    def test_what_cannot_happen_is_not_passed_over(self) -> None:
        with self.assertRaises(ValueError):
            play("C1 dances")

    def test_a_scene_that_is_written_otherwise_is_noticed(self) -> None:
        scene = "C1 connects\n... 0.3 seconds pass\nS1: SRV|Hello\n"
        self.assertNotEqual(play(scene), scene)


def _test_of(name: str) -> Callable[[SynchronousTestCase], None]:
    def test(self: SynchronousTestCase) -> None:
        scene = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
        self.assertEqual(play(scene).splitlines(), scene.splitlines())

    return test


for _path in sorted(GOLDEN.glob("*.txt")):
    setattr(GoldenTests, f"test_{_path.stem.replace('-', '_')}", _test_of(_path.stem))
