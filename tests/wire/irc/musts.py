"""What each specification says that a server MUST do, as musts.txt beside this lists it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

_WHY = "not: "


@dataclass(frozen=True)
class Must:
    """A sentence of a section, in our own words: the tests of it, or why there is none."""

    section: str
    says: str
    tests: list[str] = field(default_factory=list)
    why_not: str | None = None


def read(text: str) -> dict[str, list[Must]]:
    """The sentences by specification."""
    _, *parts = text.split("\n== ")
    found = (part.splitlines() for part in parts)
    return {name: list(_musts(lines)) for name, *lines in found}


def _musts(lines: list[str]) -> Iterator[Must]:
    heads = [number for number, line in enumerate(lines) if line and not line.startswith(" ")]
    for start, end in pairwise([*heads, len(lines)]):
        section, _, says = lines[start].partition(" | ")
        proofs = [line.strip() for line in lines[start + 1 : end] if line.strip()]
        if proofs and proofs[0].startswith(_WHY):
            [why] = proofs
            yield Must(section, says, why_not=why.removeprefix(_WHY))
        else:
            yield Must(section, says, [*map(_place, proofs)])


def _place(test: str) -> str:
    """Where a test is found."""
    if test.startswith("tests."):
        return test
    subject, case, name = test.split(".")
    return f"tests.wire.irc.test_{subject}.{case}.test_{name}"


MUSTS = read(Path(__file__).with_suffix(".txt").read_text("utf-8"))
"""By specification; none where it asks nothing of a server."""
