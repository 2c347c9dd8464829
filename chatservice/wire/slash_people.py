"""The rows of the slash commands about what was said before, and about being there."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.commands import (
    Announce,
    AskCounts,
    Broadcast,
    Confide,
    Delete,
    Edit,
    FindPeople,
    Ignore,
    Kill,
    ListWatched,
    React,
    Search,
    SetAway,
    SetBot,
    SetInvisible,
    SetRealname,
    Unwatch,
    Watch,
    Whowas,
)
from chatservice.wire.slash_forms import Parsed, Slash, nothing, one, rest, word


def _delete(argument: str) -> Parsed | None:
    if not argument:
        return Delete()
    if argument.isascii() and argument.isdecimal() and len(argument) < 16:
        return Delete(seq=int(argument))
    return Delete(nick=argument) if word(argument) else None


def _switch(make: Callable[[bool], Parsed]) -> Callable[[str], Parsed | None]:
    """A form that takes `on` or `off`."""
    ways = {"on": True, "off": False}
    return lambda way: make(ways[way.lower()]) if way.lower() in ways else None


def _kill(argument: str) -> Parsed | None:
    nick, _, reason = argument.partition(" ")
    return Kill(nick=nick, reason=reason.strip()) if nick else None


SAID_TABLE: tuple[Slash, ...] = (
    Slash(
        "search",
        "<words> [from:nick in:room after:day before:day]",
        "find messages in your rooms, newest first, as in: /search lunch* from:ann "
        'after:2026-12-31; lunch* is lunchtime too, "words like these" stand together',
        rest(lambda words: Search(words=words)),
    ),
    Slash(
        "edit",
        "<text>",
        "give what you said last in this room another text",
        rest(lambda text: Edit(text=text)),
    ),
    Slash(
        "delete",
        "[number or nick]",
        "take back what you said last in this room; operators: the message of this number, or "
        "somebody's last one",
        _delete,
    ),
    Slash(
        "confide",
        "<text>",
        "say something to the operators of this room alone",
        rest(lambda text: Confide(text=text)),
    ),
    Slash(
        "react",
        "<reaction>",
        "react to what somebody else said last in this room, as in: /react +1",
        rest(lambda reaction: React(reaction=reaction)),
    ),
    Slash(
        "unreact",
        "<reaction>",
        "take back such a reaction of yours, the last one in this room",
        rest(lambda reaction: React(reaction=reaction, active=False)),
    ),
)

PEOPLE_TABLE: tuple[Slash, ...] = (
    Slash(
        "away",
        "[reason]",
        "say that you are away and why, or without a reason that you are back",
        lambda text: SetAway(text=text or None),
    ),
    Slash(
        "ignore",
        "<nick>",
        "hear nothing more of what somebody says",
        one(lambda nick: Ignore(nick=nick)),
    ),
    Slash("unignore", "<nick>", "hear them again", one(lambda n: Ignore(nick=n, active=False))),
    Slash(
        "realname",
        "[text]",
        "tell something about yourself, or nothing any more",
        lambda text: SetRealname(text=text or None),
        aliases=("setname",),
    ),
    Slash(
        "bot",
        "on|off",
        "say that you are a program, or not",
        _switch(lambda active: SetBot(active=active)),
    ),
    Slash(
        "invisible",
        "on|off",
        "let strangers not find you by a mask, or let them",
        _switch(lambda active: SetInvisible(active=active)),
    ),
    Slash(
        "find",
        "<mask>",
        "show who is here by a nick or a real name with * and ?, as in: /find ann*",
        rest(lambda mask: FindPeople(mask=mask)),
    ),
    Slash("whowas", "<nick>", "show who had a nick before", one(lambda nick: Whowas(nick=nick))),
    Slash("counts", "", "show how many people are here", nothing(AskCounts), aliases=("lusers",)),
    Slash(
        "watch",
        "[nick]",
        "be told when somebody comes or goes, or show whom you watch",
        lambda nick: Watch(nicks=tuple(nick.split())) if nick else ListWatched(),
        aliases=("monitor",),
    ),
    Slash("unwatch", "<nick>", "watch them no more", one(lambda nick: Unwatch(nicks=(nick,)))),
    Slash(
        "kill", "<nick> [reason]", "put somebody out of the chat (operators of the server)", _kill
    ),
    Slash(
        "wallops",
        "<text>",
        "say something to all operators of the server, as one of them",
        rest(lambda text: Announce(text=text)),
        aliases=("wall",),
    ),
    Slash(
        "broadcast",
        "<text>",
        "say something to everybody on the server (operators of it)",
        rest(lambda text: Broadcast(text=text)),
    ),
)
