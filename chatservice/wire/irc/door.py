"""IRC as a wire: all of its subjects together."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.events import Person
from chatservice.wire.codec import ServerInfo, Wire
from chatservice.wire.irc import (
    accounts,
    afterwards,
    history,
    metadata,
    moderation,
    modes,
    monitor,
    multiline,
    oneself,
    people,
    registration,
    roomlist,
    rooms,
    server,
    talk,
)
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import Forms
from chatservice.wire.irc.verbs import together

EVERY = together(
    (
        registration.SUBJECT,
        accounts.SUBJECT,
        metadata.SUBJECT,
        rooms.SUBJECT,
        roomlist.SUBJECT,
        moderation.SUBJECT,
        modes.SUBJECT,
        talk.SUBJECT,
        multiline.SUBJECT,
        history.SUBJECT,
        afterwards.SUBJECT,
        people.SUBJECT,
        oneself.SUBJECT,
        monitor.SUBJECT,
        server.SUBJECT,
    )
)
"""All that this door knows."""

_FIRST = (b"CAP ", b"NICK ", b"USER ", b"PASS ")
"""How clients begin."""


def wire(
    info: ServerInfo,
    now: Callable[[], int],
    person_of: Callable[[str], Person | None] = lambda _user: None,
) -> Wire:
    """The wire; `now` gives the time, UTC in ms, `person_of` who has an id."""
    forms = Forms(info, now, EVERY.told, person_of)
    return Wire(
        name="irc",
        make=lambda circumstances: IrcCodec(circumstances, forms, EVERY),
        starts=_starts,
    )


def _starts(first: bytes) -> bool | None:
    begun = first.upper()
    if begun.startswith(_FIRST):
        return True
    return None if any(word.startswith(begun) for word in _FIRST) else False
