"""Prints the scorecard: `python -m benchmarks.scorecard [--quick] [--write PAGE] [ROW ...]`.

The exit code is 1 if a figure is not held, unless it is one of time: the machine may be busy.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import heartbeat, machine, servers
from benchmarks.scorecard import (
    beacons,
    clock,
    damage,
    diskfull,
    floods,
    fsync,
    fuzz,
    guesses,
    halfopen,
    kill,
    leaks,
    names,
    soak,
    stall,
    stalled,
    stampede,
    terminal,
)
from benchmarks.scorecard.frame import Effort, Figure, NotPossible, Row

ROWS: dict[int, tuple[str, Row]] = {
    1: ("soak", soak.row),
    2: ("kill -9 under load", kill.row),
    3: ("fsync before acknowledgement", fsync.row),
    4: ("damaged store", damage.row),
    5: ("full disk, locked store", diskfull.row),
    6: ("wall clock set back and forth", clock.row),
    7: ("cable pulled out", halfopen.row),
    8: ("restart with all clients reconnecting at once", stampede.row),
    9: ("readers that stop reading", stalled.row),
    10: ("floods", floods.row),
    11: ("leaks, and the file limit", leaks.row),
    12: ("whatever comes in", fuzz.row),
    13: ("terminal", terminal.row),
    14: ("forged announcements", beacons.row),
    15: ("names that look alike", names.row),
    16: ("passwords guessed, and many at once", guesses.row),
    17: ("reactor stall over all rows", stall.row),
}
"""Every row by its number; the last one looks back at the others."""

_MARKED = re.compile(r"(<!-- measured: scorecard -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Run rows, print each figure as it comes, and how many are held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="*", metavar="ROW", choices=[[], *ROWS])
    parser.add_argument("--quick", action="store_true", help="the short form, for every change")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="a page to put the table into")
    options = parser.parse_args()
    effort = Effort.QUICK if options.quick else Effort.LONG
    servers.end_in_order()
    servers.raise_file_limit(1024)
    print(f"{effort.value} form; {machine.described()}", flush=True)
    whole = machine.Watch()
    found: list[tuple[int, Figure]] = []
    with TemporaryDirectory(prefix="chat-scorecard-") as folder:
        os.environ[heartbeat.VARIABLE] = str(Path(folder, "stalls"))
        for number in options.rows or ROWS:
            start, watch = time.monotonic(), machine.Watch()
            for figure in tried(number, effort):
                found.append((number, figure))
                print(_line(number, figure), flush=True)
            about = [f"{time.monotonic() - start:.0f} s", *watch.told]
            print(f"    ({', '.join(about)})", flush=True)
    held = sum(figure.held for _, figure in found)
    print(f"{held} of {len(found)} figures are held.")
    if options.write is not None:
        text = options.write.read_text("utf-8")
        table = _table(effort, found, whole)
        options.write.write_text(_MARKED.sub(rf"\g<1>{table}\g<2>", text), "utf-8")
    sys.exit(any(not (figure.held or figure.timed) for _, figure in found))


def tried(number: int, effort: Effort) -> Iterator[Figure]:
    """The figures of a row; one that can't be tried, or breaks down, is not held."""
    title, row = ROWS[number]
    os.environ[heartbeat.ROW] = str(number)
    try:
        yield from row(effort)
    except NotPossible as reason:
        yield Figure(title, f"not possible here: {reason}", "", held=False)
    except servers.Terminated:
        raise
    except (Exception, SystemExit) as error:  # a server that does not start says why
        traceback.print_exc()
        yield Figure(title, f"broke down: {error}".splitlines()[0], "", held=False)


def _verdict(figure: Figure) -> str:
    return "held" if figure.held else "NOT HELD"


def _line(number: int, figure: Figure) -> str:
    return f"{number:2}  {figure.name}, {figure.measured}, {figure.bar}, {_verdict(figure)}"


def _table(effort: Effort, found: list[tuple[int, Figure]], watch: machine.Watch) -> str:
    """The table of a page, and what it was measured on."""
    lines = [["row", "figure", "measured", "bar", ""], ["---"] * 5]
    lines += [
        [f"{number} {ROWS[number][0]}", figure.name, figure.measured, figure.bar, _verdict(figure)]
        for number, figure in found
    ]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"The {effort.value} form; {machine.described(watch)}.\n\n{table}"


if __name__ == "__main__":
    main()
