"""Makes chatservice/domain/confusables.py: `python -m tests.domain.make_confusables DATA.json`.

DATA.json is Unicode's confusables.txt as the package confusable_homoglyphs renders it: for each
character or string, in both directions, the ones that it is confusable with.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from unicodedata import is_normalized, normalize

Graph = Mapping[str, set[str]]

MODULE = Path(__file__).parents[2] / "chatservice" / "domain" / "confusables.py"
DIRECTION_MARKS = "\u200e\u200f"
HEAD = '''"""Which characters look alike: the data of Unicode's UTS #39. Made, not written by hand.

The maker is tests/domain/make_confusables.py. Left out is what no NFKC form can hold.
"""

# The data is derived from confusables.txt, which is:
#
# Copyright © 1991-2024 Unicode, Inc. Distributed under the UNICODE LICENSE V3.
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of data files and
# any associated documentation (the "Data Files") or software and any associated documentation
# (the "Software") to deal in the Data Files or Software without restriction, including without
# limitation the rights to use, copy, modify, merge, publish, distribute, and/or sell copies of
# the Data Files or Software, and to permit persons to whom the Data Files or Software are
# furnished to do so, provided that either (a) this copyright and permission notice appear with
# all copies of the Data Files or Software, or (b) this copyright and permission notice appear in
# associated Documentation.
#
# THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
# IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A
# PARTICULAR PURPOSE AND NONINFRINGEMENT OF THIRD PARTY RIGHTS. IN NO EVENT SHALL THE COPYRIGHT
# HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY SPECIAL INDIRECT OR
# CONSEQUENTIAL DAMAGES, OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS,
# WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
# CONNECTION WITH THE USE OR PERFORMANCE OF THE DATA FILES OR SOFTWARE.
#
# Except as contained in this notice, the name of a copyright holder shall not be used in
# advertising or otherwise to promote the sale, use or other dealings in these Data Files or
# Software without prior written authorization of the copyright holder.

# What is looked like (code points joined by "+"), "=", then the characters that look like it.
_CLASSES = """
'''
TAIL = '''
"""


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for group in _CLASSES.split():
        target, _, sources = group.partition("=")
        text = "".join(chr(int(point, 16)) for point in target.split("+"))
        table.update((int(source, 16), text) for source in sources.split(","))
    return table


TABLE: dict[int, str] = _table()
'''


def graph_of(data: Mapping[str, list[dict[str, str]]]) -> Graph:
    """Who is confusable with whom, symmetrically, without the marks that only serve display."""
    graph = defaultdict(set)
    for left, entries in data.items():
        for entry in entries:
            one, other = left.strip(DIRECTION_MARKS), entry["c"].strip(DIRECTION_MARKS)
            graph[one].add(other)
            graph[other].add(one)
    return graph


def directions(graph: Graph) -> dict[str, str]:
    """Each source character's prototype, told by the shape of the graph.

    A source is one character with one neighbour; a prototype may be longer and have many.
    """
    parts = {char for text in graph if len(text) > 1 for char in text}

    def rank(text: str) -> tuple[bool, int, bool, int]:
        return (len(text) > 1, len(graph[text]), text in parts, -ord(text[0]))

    return {
        source: target
        for source, targets in graph.items()
        for target in targets
        if rank(source) < rank(target)
    }


def resolved(prototypes: Mapping[str, str]) -> dict[str, str]:
    """The same for the characters that NFKC and NFD leave, with targets that nothing changes."""
    kept = {
        source: target
        for source, target in prototypes.items()
        if is_normalized("NFKC", source) and is_normalized("NFD", source)
    }
    table = str.maketrans(kept)

    def settled(text: str) -> str:
        step = normalize("NFD", normalize("NFKD", text).translate(table))
        return text if step == text else settled(step)

    return {source: settled(target) for source, target in kept.items() if settled(target) != source}


def module(table: Mapping[str, str]) -> str:
    """The text of the module."""
    classes = defaultdict(list)
    for source, target in sorted(table.items()):
        classes["+".join(f"{ord(char):x}" for char in target)].append(f"{ord(source):x}")
    groups = [
        f"{target}={','.join(sources[start : start + 12])}"
        for target, sources in classes.items()
        for start in range(0, len(sources), 12)
    ]
    return HEAD + textwrap.fill(" ".join(groups), 100) + TAIL


if __name__ == "__main__":
    data = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    MODULE.write_text(module(resolved(directions(graph_of(data)))), encoding="utf-8")
