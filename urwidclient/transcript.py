"""Pure: events as lines of plain text, for the line mode."""

from __future__ import annotations

from datetime import tzinfo

from chatservice.domain.commands import MessageKind
from chatservice.domain.events import (
    Entered,
    Event,
    Exited,
    HistoryPage,
    Joined,
    Left,
    Message,
    People,
    Private,
    Renamed,
    Rooms,
    Welcome,
    WhoisReply,
)
from chatservice.domain.times import moment
from chatservice.wire.sentences import as_it_is, sentence
from urwidclient.replies import people_line, private_line, rooms_line, whois_line

MARKS: dict[MessageKind, str] = {"text": "<{}>", "action": "* {}", "notice": "-{}-"}
"""How a line begins that somebody says, does, or tells without need of an answer."""


def lines_of(event: Event, here: str, zone: tzinfo | None = None) -> list[str]:
    """What to show of an event to who is in the room `here`; times are local, or of `zone`."""

    def told(at: int, sentence: str, room: str = here) -> list[str]:
        where = "" if room == here else f"#{room} "
        return [f"{moment(at, zone):%H:%M} {where}{sentence}"]

    def said(message: Message) -> list[str]:
        mark = MARKS[message.kind].format(message.nick)
        return [
            line
            for text in as_it_is(message, message.text).split("\n")
            for line in told(message.at, f"{mark} {text}", message.room)
        ]

    match event:
        case Message():
            return said(event)
        case HistoryPage():
            return [line for message in event.messages for line in said(message)]
        case Entered():
            people = People(room=event.room, people=event.people)
            return [
                *(line for message in event.messages for line in said(message)),
                *(_noted(f"topic of #{event.room}: {event.topic}") if event.topic else ()),
                *_noted(people_line(people)),
            ]
        case Private():
            lines = private_line(event).split("\n")
            return [shown for line in lines for shown in told(event.at, line)]
        case Joined():
            return told(event.at, f"* {event.person.nick} joined", event.room)
        case Left():
            return told(event.at, f"* {event.nick} left", event.room)
        case Renamed(old=""):
            return told(event.at, f"* your nick is {event.new}")
        case Renamed():
            return told(event.at, f"* {event.old} is now known as {event.new}")
        case Welcome(nick=str()):
            return _noted(f"connected to {event.server or 'an older server'} as {event.nick}")
        case Exited():
            return _noted(f"you left #{event.room}")
        case People():
            return _noted(people_line(event)) if event.re is not None else []
        case Rooms():
            return _noted(rooms_line(event))
        case WhoisReply():
            return _noted(whois_line(event))
        case _:
            return _noted(text) if (text := sentence(event)) else []


def _noted(text: str) -> list[str]:
    return [f"* {line}" for line in text.split("\n")]
