"""Events as bytes, each made once however many are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from twisted.logger import Logger

from chatservice.domain.events import Event
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver
from chatservice.wire.codec import Encoder

_log = Logger()


def bytes_of(encode: Callable[[Event], bytes], event: Event) -> bytes:
    """The bytes of an event; none where its form fails, so that everything else is told."""
    try:
        return encode(event)
    except Exception:
        _log.failure("{kind} can't be told", kind=type(event).__name__)
        return b""


class Encoded:
    """The events of one delivery, each encoded at most once for each form."""

    def __init__(self) -> None:
        self._known: dict[tuple[Encoder, int], bytes] = {}
        self._pieces: dict[tuple[Encoder, int], tuple[Sequence[Deliver], list[bytes]]] = {}
        self._authors: dict[int, dict[Session | None, list[int]]] = {}

    def shared(self, encoder: Encoder, told: Sequence[Deliver]) -> bytes:
        """The bytes of all that is told."""
        return b"".join(self._each(encoder, told))

    def own(
        self, encoder: Encoder, told: Sequence[Deliver], author: Session, personal: Encoder
    ) -> bytes:
        """The same for an author, what comes from there in its own form."""
        if len(told) == 1:
            return bytes_of(personal.encode_own, told[0].event)
        pieces = self._each(encoder, told).copy()
        for place in self._places(told)[author]:
            pieces[place] = bytes_of(personal.encode_own, told[place].event)
        return b"".join(pieces)

    def _each(self, encoder: Encoder, told: Sequence[Deliver]) -> list[bytes]:
        """The bytes of each event; those of one run are asked for by each of its authors."""
        key = encoder, id(told)
        if key not in self._pieces:
            # With what they are of, so that nothing else can have its id as long as they are known.
            self._pieces[key] = told, [self._one(encoder, step) for step in told]
        return self._pieces[key][1]

    def _places(self, told: Sequence[Deliver]) -> Mapping[Session | None, list[int]]:
        """Where the events of each author are, of those that `_each` knows."""
        places = self._authors.get(id(told))
        if places is None:
            places = self._authors[id(told)] = defaultdict(list)
            for place, step in enumerate(told):
                places[step.origin].append(place)
        return places

    def _one(self, encoder: Encoder, step: Deliver) -> bytes:
        key = encoder, id(step.event)
        if key not in self._known:
            self._known[key] = bytes_of(encoder.encode, step.event)
        return self._known[key]
