"""Whether a silent peer is still there: it is asked, and gone if it does not answer."""

from __future__ import annotations

from typing import Protocol

from chatservice.app import Clock, Timer
from chatservice.domain.errors import ChatError, NoAnswer
from chatservice.domain.limits import Limits
from chatservice.wire.codec import Codec


class Patient(Protocol):
    """Who is asked for a sign of life."""

    @property
    def held(self) -> bool:
        """Whether it can give none now, and is not to blame for that."""

    def send(self, data: bytes, *, asked_for: bool) -> None:
        """Ask it."""

    def dismiss(self, error: ChatError) -> None:
        """Put it out."""


class Pulse:
    """Who is silent is asked for a sign of life, if its wire knows how, and dropped without one.

    Whatever it says is one: then `heard` is set.
    """

    __slots__ = ("_clock", "_codec", "_limits", "_patient", "_timer", "heard")

    def __init__(self, clock: Clock, limits: Limits, patient: Patient, codec: Codec) -> None:
        self._clock = clock
        self._limits = limits
        self._patient = patient
        self._codec = codec
        self._timer: Timer | None = None
        self.heard = True
        if codec.probe:
            self._wait()

    def stop(self) -> None:
        """Ask nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self.heard = False
        self._timer = self._clock.callLater(self._limits.silence_seconds, self._wonder)

    def _wonder(self) -> None:
        self._timer = None
        if self.heard or self._patient.held:
            self._wait()
        else:
            self._timer = self._clock.callLater(self._limits.answer_seconds, self._judge)
            self._patient.send(self._codec.probe, asked_for=True)

    def _judge(self) -> None:
        self._timer = None
        if self.heard or self._patient.held:
            self._wait()
        else:
            self._patient.dismiss(
                NoAnswer(f"Ping timeout: {self._limits.answer_seconds:g} seconds")
            )
