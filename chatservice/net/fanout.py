"""Turns deliveries into writes: encoded once for each form, written once for each connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from chatservice.wire.codec import Encoder


class Outlet(Protocol):
    """One connection, as the fan-out sees it."""

    @property
    def encoder(self) -> Encoder:
        """The form in which it is told events; the same object for all of the same form."""

    def send(self, data: bytes, *, asked_for: bool) -> None:
        """Write; `asked_for` says that it is an answer, whose size is not held against a reader."""

    def finish(self) -> None:
        """Close once everything written is sent."""

    def hold(self) -> None:
        """Take no more input until `release`."""

    def release(self) -> None:
        """Take input again."""

    def when_drained(self, call: Callable[[], None]) -> None:
        """Call once nothing written is waiting for the peer to read it."""


class FanOut:
    """The open connections by session."""

    def __init__(self) -> None:
        self._outlets: dict[Session, Outlet] = {}

    def __len__(self) -> int:
        return len(self._outlets)

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """All open connections."""
        return tuple(self._outlets.values())

    def add(self, session: Session, outlet: Outlet) -> None:
        """A session's connection, to which its events go from now on."""
        self._outlets[session] = outlet

    def remove(self, session: Session) -> None:
        """A session's connection is gone."""
        self._outlets.pop(session, None)

    def hold(self, session: Session) -> None:
        """Take no more input from a session until `release`."""
        if session in self._outlets:
            self._outlets[session].hold()

    def release(self, session: Session) -> None:
        """Take input again."""
        if session in self._outlets:
            self._outlets[session].release()

    def when_drained(self, session: Session, call: Callable[[], None]) -> None:
        """Call once what was told to a session is no longer waiting for it to read."""
        if session in self._outlets:
            self._outlets[session].when_drained(call)

    def deliver(self, steps: Sequence[Deliver | Disconnect]) -> None:
        """Tell and disconnect, in order."""
        told = [step for step in steps if isinstance(step, Deliver)]
        runs = list(_runs(told))
        if len(runs) == 1:
            [run] = runs
            for outlet, data in self._encoded(run):
                outlet.send(data, asked_for=len(run[0].audience) == 1)
        else:
            self._deliver_mixed(runs)
        for step in steps:
            if isinstance(step, Disconnect) and step.session in self._outlets:
                self._outlets[step.session].finish()

    def _deliver_mixed(self, runs: Sequence[Sequence[Deliver]]) -> None:
        pieces: dict[Outlet, list[bytes]] = {}
        asked_for: set[Outlet] = set()
        for run in runs:
            single = len(run[0].audience) == 1
            for outlet, data in self._encoded(run):
                pieces.setdefault(outlet, []).append(data)
                if single:
                    asked_for.add(outlet)
        for outlet, parts in pieces.items():
            outlet.send(b"".join(parts), asked_for=outlet in asked_for)

    def _encoded(self, run: Sequence[Deliver]) -> Iterator[tuple[Outlet, bytes]]:
        """What each outlet of a run's common audience is to be sent, empty ones left out."""
        get = self._outlets.get
        origins = {step.origin for step in run}
        pieces: dict[Encoder, list[bytes]] = {}
        shared: dict[Encoder, bytes] = {}

        def encoded(encoder: Encoder) -> list[bytes]:
            if encoder not in pieces:
                pieces[encoder] = [encoder.encode(step.event) for step in run]
            return pieces[encoder]

        for session in run[0].audience:
            outlet = get(session)
            if outlet is None:
                continue
            encoder = outlet.encoder
            if session in origins:
                data = b"".join(
                    encoder.encode_own(step.event)
                    if step.origin is session
                    else encoded(encoder)[index]
                    for index, step in enumerate(run)
                )
            elif encoder in shared:
                data = shared[encoder]
            else:
                data = shared[encoder] = b"".join(encoded(encoder))
            if data:
                yield outlet, data


def _runs(steps: Sequence[Deliver]) -> Iterator[list[Deliver]]:
    """The longest stretches of steps that have the same audience, in order."""
    run: list[Deliver] = []
    for step in steps:
        if run and step.audience is not run[0].audience:
            yield run
            run = []
        run.append(step)
    if run:
        yield run
