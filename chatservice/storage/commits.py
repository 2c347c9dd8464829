"""How committing goes: what was committed, how long it took, how often it failed."""

from __future__ import annotations

from collections.abc import Sequence

from chatservice.domain.records import Kept, Record, Said
from chatservice.histogram import Histogram
from chatservice.storage.interface import StoreError


class Commits:
    """What was committed, and how long each commit took; may be read from any thread."""

    def __init__(self) -> None:
        self.seconds = Histogram((0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5))
        self.records = Histogram((1, 2, 5, 10, 25, 50, 100, 250, 1000))
        self.messages = 0
        self.failed = 0
        self.error: StoreError | None = None
        self.ended_at = 0.0

    def note(
        self,
        records: Sequence[Record],
        results: Sequence[object] | StoreError,
        start: float,
        end: float,
    ) -> None:
        """One commit more, between two times of a steady clock; `error` is why it failed."""
        self.ended_at = end
        self.error = results if isinstance(results, StoreError) else None
        if isinstance(results, StoreError):
            self.failed += 1
            return
        self.seconds.note(end - start)
        self.records.note(len(records))
        self.messages += sum(
            type(record) is Said and type(result) is Kept
            for record, result in zip(records, results, strict=True)
        )
