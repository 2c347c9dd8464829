"""Those who are not told the same as everybody else: each is sent what makes up its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver
from chatservice.net.encoded import Encoded, bytes_of
from chatservice.net.outlet import Outlet
from chatservice.wire.codec import Encoder


class Apart:
    """What each of some is to be sent: `pieces` of what all who listen are told, and of its own.

    What all are told is one row. Each gets a stretch of it at once, when something of its own
    comes in between, or at the end.
    """

    def __init__(self, outlets: Mapping[Session, Outlet], encoded: Encoded) -> None:
        self._outlets = outlets
        self._encoded = encoded
        self._row: list[Sequence[Deliver]] = []
        self._rows: defaultdict[Encoder, list[bytes]] = defaultdict(list)
        self._missing: dict[Session, int] = {}  # from which place of the row on
        self.pieces: defaultdict[Outlet, list[bytes]] = defaultdict(list)
        self.asked_for: set[Outlet] = set()

    def listen(self, sessions: Iterable[Session]) -> None:
        """These are told what all are told, from now on."""
        self._missing |= dict.fromkeys(sessions, len(self._row))

    def listen_no_more(self) -> None:
        """Nobody is."""
        for session in self._missing:
            self._catch_up(session)
        self._missing.clear()

    def tell(self, run: Sequence[Deliver]) -> None:
        """Tell all who listen, those from whom it comes in their own form."""
        for session in self._missing.keys() & {step.origin for step in run}:
            outlet = self._catch_up(session)
            if outlet is not None:
                own = self._encoded.own(outlet.encoder, run, session, outlet.personal)
                self.pieces[outlet].append(own)
            self._missing[session] = len(self._row) + 1
        self._row.append(run)

    def tell_one(self, run: Sequence[Deliver], session: Session) -> None:
        """Tell one session alone."""
        outlet = self._catch_up(session)
        if outlet is not None:
            personal = outlet.personal
            pieces = [
                bytes_of(
                    personal.encode_own if step.origin is session else personal.encode, step.event
                )
                for step in run
            ]
            self.pieces[outlet] += pieces
            if any(pieces):
                self.asked_for.add(outlet)

    def _catch_up(self, session: Session) -> Outlet | None:
        """The connection of a session, with all that it was told before."""
        outlet, place = self._outlets.get(session), len(self._row)
        if outlet is not None and self._missing.get(session, place) < place:
            row = self._rows[outlet.encoder]
            row += [self._encoded.shared(outlet.encoder, run) for run in self._row[len(row) :]]
            self.pieces[outlet] += row[self._missing[session] :]
            self._missing[session] = place
        return outlet
