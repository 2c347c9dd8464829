"""The rows of the slash commands about oneself, about talking and about visiting rooms."""

from __future__ import annotations

from chatservice.domain.commands import (
    AskTime,
    History,
    Join,
    Leave,
    ListPeople,
    ListRooms,
    Quit,
    Say,
    SetNick,
    Tell,
    Whois,
)
from chatservice.wire.slash_accounts import ACCOUNT_TABLE, SERVER_TABLE
from chatservice.wire.slash_forms import (
    Parsed,
    SetView,
    ShowHelp,
    Slash,
    nothing,
    one,
    optional,
    rest,
    room_name,
)
from chatservice.wire.slash_people import PEOPLE_TABLE, SAID_TABLE
from chatservice.wire.slash_rooms import ROOM_TABLE


def _history(argument: str) -> Parsed | None:
    if not argument:
        return History()
    return (
        History(limit=int(argument))
        if argument.isascii() and argument.isdecimal() and 0 < len(argument) < 6 and int(argument)
        else None
    )


def _told(argument: str) -> Parsed | None:
    to, _, text = argument.partition(" ")
    return Tell(to=to, text=text.strip()) if text.strip() else None


def _join(argument: str) -> Parsed | None:
    room, _, password = argument.partition(" ")
    return Join(room=room_name(room), password=password.strip() or None) if room else None


def _leave(argument: str) -> Parsed:
    room, _, reason = argument.partition(" ")
    return Leave(room=room_name(room) if room else None, reason=reason.strip())


TABLE: tuple[Slash, ...] = (
    Slash(
        "help",
        "[command]",
        "show the commands, or how one is used",
        optional(lambda topic: ShowHelp(topic.lstrip("/").lower() if topic else None)),
    ),
    Slash("nick", "<nick>", "take another nick", rest(lambda nick: SetNick(nick=nick))),
    Slash(
        "me",
        "<what you do>",
        "say what you do, as in: /me waves",
        rest(lambda text: Say(text=text, kind="action")),
    ),
    Slash(
        "msg",
        "<nick or id> <text>",
        "say something to one person",
        _told,
        aliases=("whisper", "w", "tell"),
    ),
    Slash("reply", "<text>", "answer who told you something last", rest(lambda t: Tell(text=t))),
    Slash(
        "who",
        "[room]",
        "show who is in this room, or in another",
        optional(lambda room: ListPeople(room=room_name(room) if room else None)),
        aliases=("names", "users"),
    ),
    Slash("whois", "<nick or id>", "show who somebody is", one(lambda nick: Whois(nick=nick))),
    Slash("rooms", "", "show all rooms", nothing(ListRooms), aliases=("list",)),
    Slash(
        "join",
        "<room> [password]",
        "enter a room and talk there; it is made if there is none of that name",
        _join,
    ),
    Slash(
        "leave",
        "[room] [reason]",
        "leave this room, or another",
        _leave,
        aliases=("part",),
    ),
    Slash("history", "[n]", "show the last n messages of this room (50)", _history),
    *SAID_TABLE,
    *PEOPLE_TABLE,
    *ACCOUNT_TABLE,
    *ROOM_TABLE,
    *SERVER_TABLE,
    Slash("time", "", "show the time, and whether the server's clock is right", nothing(AskTime)),
    Slash("plain", "", "show lines in a form for eyes", nothing(lambda: SetView(True))),
    Slash("raw", "", "show lines in the form for programs", nothing(lambda: SetView(False))),
    Slash("quit", "[reason]", "leave the chat", lambda r: Quit(reason=r), aliases=("exit",)),
)
