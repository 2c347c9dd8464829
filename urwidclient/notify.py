"""Pure: what makes a terminal ring and show a desktop notification."""

from __future__ import annotations

from collections.abc import Mapping

from chatservice.domain.events import (
    Announcement,
    Event,
    Invited,
    Message,
    Online,
    Private,
)
from chatservice.wire.sentences import sentence
from urwidclient.render import safe_line
from urwidclient.room import Changed

TITLE = "chatservice"
CHARACTERS = 200


def notification(text: str, environ: Mapping[str, str]) -> str:
    """The bell, and the notification sequence that this terminal understands (OSC 777 or 9)."""
    shown = safe_line(text)[:CHARACTERS].replace(";", ",")
    if _speaks_777(environ):
        return f"\a\x1b]777;notify;{TITLE};{shown}\x1b\\"
    return f"\a\x1b]9;{TITLE}: {shown}\x1b\\"


def _speaks_777(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM", "").startswith(("rxvt", "foot")) or "VTE_VERSION" in environ


def calling(event: Event, changed: Changed) -> str | None:
    """What calls somebody who does not look for what is meant for them, None if nothing does."""
    match event:
        case Message() if Changed.MENTION in changed:
            return f"{event.nick} in #{event.room}: {event.text}"
        case Private() if Changed.MENTION in changed:
            return f"{event.nick}: {event.text}"
        case Invited() | Online() | Announcement():
            return sentence(event)
    return None
