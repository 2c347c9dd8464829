"""Those who are told the same: all of the same form are sent the same bytes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver
from chatservice.net.encoded import Encoded
from chatservice.net.multicast import AT_ONCE, Multicasting
from chatservice.net.outlet import Outlet
from chatservice.wire.codec import Encoder


class Audience:
    """The connections of an audience, by their forms."""

    def __init__(
        self,
        audience: tuple[Session, ...],
        outlets: Mapping[Session, Outlet],
        multicasting: Multicasting,
        changes: Callable[[], int],
    ) -> None:
        self.audience = audience  # kept, so that nothing else can have its id
        self.sessions = frozenset(audience)
        forms: dict[Encoder, list[Outlet]] = {}
        for outlet in filter(None, map(outlets.get, audience)):
            forms.setdefault(outlet.encoder, []).append(outlet)
        self._parts = {
            encoder: [_Part(part, multicasting, changes) for part in _parts(alike)]
            for encoder, alike in forms.items()
        }

    def tell(
        self, told: Sequence[Deliver], encoded: Encoded, apart: AbstractSet[Any]
    ) -> Iterator[None]:
        """Send the same bytes to all of the same form, but to those who are told apart."""
        for encoder, parts in self._parts.items():
            data = encoded.shared(encoder, told)
            for part in parts if data else ():
                part.send(data, apart)
                yield


class _Part:
    """Connections that are told the same bytes, at once."""

    def __init__(
        self,
        outlets: Sequence[Outlet],
        multicasting: Multicasting,
        changes: Callable[[], int],
    ) -> None:
        self._outlets = outlets
        self._changes = changes
        self._known = -1
        self._late: list[int] = []
        self._places = {outlet: place for place, outlet in enumerate(outlets)}
        self._multicast = multicasting([outlet.descriptor for outlet in outlets])

    def send(self, data: bytes, apart: AbstractSet[Any]) -> None:
        """Send to all but those who are told apart.

        This is where the time of a fan-out goes: nothing is done for each that could be done once.
        """
        outlets = self._outlets
        others = {self._places[outlet] for outlet in apart if outlet in self._places}
        changes = self._changes()
        if self._known != changes:  # else all are as they were
            self._known = changes
            self._late = [place for place, outlet in enumerate(outlets) if not outlet.ready]
        late = self._late
        short = self._multicast.send(data, others.union(late))
        for place, sent in [*short, *((place, 0) for place in late)]:
            if place not in others:
                outlets[place].send(data[sent:], asked_for=False)


def _parts(outlets: Sequence[Outlet]) -> Iterator[Sequence[Outlet]]:
    """Connections in as few parts as there may be, all of about the same size."""
    parts = -(-len(outlets) // AT_ONCE)
    for part in range(parts):
        yield outlets[part::parts]
