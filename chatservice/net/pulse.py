"""Whether silent peers are still there: they are asked, and gone if they do not answer."""

from __future__ import annotations

from math import ceil
from typing import Protocol

from chatservice.app import Clock, Timer
from chatservice.domain.errors import ChatError, NoAnswer
from chatservice.domain.limits import Limits

VISITS = 60
"""Into how many visits everybody is divided, so that no one of them takes long."""


class Patient(Protocol):
    """Who is asked for a sign of life; whatever it says is one, and sets `heard`."""

    heard: bool

    @property
    def held(self) -> bool:
        """Whether it can give none now, and is not to blame for that."""

    @property
    def probe(self) -> bytes:
        """What it is asked with."""

    def send(self, data: bytes, *, asked_for: bool) -> None:
        """Ask it."""

    def dismiss(self, error: ChatError) -> None:
        """Put it out."""


class Rounds:
    """One timer for all connections: each is visited once in `silence_seconds`.

    So who is asked was silent for once to twice as long, and has `answer_seconds` or a little
    longer to answer.
    """

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._pause = limits.silence_seconds / VISITS
        self._patience = ceil(limits.answer_seconds / limits.silence_seconds)
        self._visits: list[dict[Patient, int]] = [{} for _ in range(VISITS)]
        self._next = 0
        self._timer: Timer | None = None

    def add(self, patient: Patient) -> None:
        """Visit a connection from now on."""
        self._visit_of(patient)[patient] = 0
        if self._timer is None:
            self._timer = self._clock.callLater(self._pause, self._visit)

    def remove(self, patient: Patient) -> None:
        """Visit it no more."""
        self._visit_of(patient).pop(patient, None)
        if self._timer is not None and not any(self._visits):
            self._timer.cancel()
            self._timer = None

    def _visit_of(self, patient: Patient) -> dict[Patient, int]:
        """Those who are visited with this one, and how often since they were asked."""
        return self._visits[hash(patient) % VISITS]

    def _visit(self) -> None:
        visited, self._next = self._visits[self._next], (self._next + 1) % VISITS
        self._timer = self._clock.callLater(self._pause, self._visit)
        for patient, asked in tuple(visited.items()):
            if patient.heard or patient.held:
                patient.heard = False
                visited[patient] = 0
            elif not asked:
                visited[patient] = 1
                patient.send(patient.probe, asked_for=True)
            elif asked < self._patience:
                visited[patient] += 1
            else:
                seconds = self._limits.answer_seconds
                patient.dismiss(NoAnswer(f"Ping timeout: {seconds:g} seconds"))
