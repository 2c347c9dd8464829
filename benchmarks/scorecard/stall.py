"""Row 17: how long the reactor of any server under test ever did nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks import heartbeat
from benchmarks.scorecard.frame import Effort, Figure

MOST = 0.050
"""Seconds that one stall may last."""


def row(effort: Effort) -> Iterator[Figure]:
    """The longest stall of all servers so far; its stack goes to the standard output."""
    del effort
    stalls = heartbeat.stalls(Path(os.environ[heartbeat.VARIABLE]))
    over = [stall for stall in stalls if stall.seconds > MOST]
    measured = "none"
    if stalls:
        worst = stalls[0]
        measured = (
            f"{worst.seconds * 1e3:.0f} ms in row {worst.row} "
            f"({worst.cpu * 1e3:.0f} ms of it CPU); {len(over)} over the bar"
        )
    for stall in over[:5]:
        print(f"    {stall.seconds * 1e3:.0f} ms, CPU {stall.cpu * 1e3:.0f} ms, row {stall.row}:")
        print(f"        {stall.stack}")
    yield Figure("longest stall", measured, f"at most {MOST * 1e3:.0f} ms", not over, timed=True)
