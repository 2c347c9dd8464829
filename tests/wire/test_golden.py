"""The golden transcripts: every scene is played as it is written."""

from __future__ import annotations

import re
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from tests.wire.house import WIRES
from tests.wire.transcript import GOLDEN, play

SHOWS = {
    "greeting": r"^C1( connects|: \{\"type\":\"hello\")",
    "chat": r"\bhello\b.*\n(S1.*\n)?S2.*\bhello\b",
    "rename": r":ann!\S+ NICK |is now known as|\"renamed\",\"old\":\"\w",
    "taken name": r"already taken",
    "private": r"(?i)private",
    "locked room": r"(?s)open barley.*?(not the password|is incorrect).*?open sesame",
    "leave": r"^C\d+ hangs up|^C\d+: (/quit|/exit|\{\"type\":\"quit\")",
    "server stop": r"(?s)^the server stops\n.*^S1 closes",
    "limits": r"(?s)^limit .*(at most|too long)",
    "full": r"(?s)connections already.*Server is full",
}
"""What each wire has a scene of, and what such a scene cannot be without."""

SCENES = {
    "pipe": "greeting chat rename taken-name private locked-room quit server-stop limits full",
    "json": "hello say rename nick-taken private locked-room quit server-stop limits -",
    "prompt": "history chat names names private locked-room quit server-stop limits full",
    "framed": "greeting chat names names private locked-room quit server-stop limits full",
    "irc": "greeting chat rename taken-name private locked-room quit server-stop limits -",
    "pychat": "greeting chat nick nick private locked-room quit server-stop limits full",
    "channels": "- chat - taken-name private locked-room leave server-stop limits full",
}
"""The file of each of these scenes, without the wire's name; `-` where the wire has no such thing.

On `channels` the client speaks first, and a member keeps the name that it came with. Who is turned
away has not said anything yet that would be `json`.
"""


class GoldenTests(SynchronousTestCase):
    maxDiff = None

    def test_every_wire_has_scenes(self) -> None:
        played = {path.name.partition("-")[0] for path in GOLDEN.glob("*.txt")}
        self.assertEqual(played, WIRES)

    def test_every_wire_has_every_scene(self) -> None:
        self.assertEqual(set(SCENES), WIRES)
        for wire, names in SCENES.items():
            for (scene, shown), name in zip(SHOWS.items(), names.split(), strict=True):
                if name != "-":
                    played = (GOLDEN / f"{wire}-{name}.txt").read_text(encoding="utf-8")
                    self.assertTrue(re.search(shown, played, re.MULTILINE), (wire, scene))

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
