"""The rows of the slash commands about how a room is, and who may be in it."""

from __future__ import annotations

import re

from chatservice.domain.commands import (
    Ban,
    Configure,
    Create,
    Invite,
    Kick,
    ListBans,
    RoleName,
    SetRole,
    SetRoomPassword,
    SetTopic,
    Unban,
)
from chatservice.wire.slash_forms import Parsed, Slash, nothing, one, room_name

_SPAN = re.compile(r"(\d{1,6})([smhdw])")
_BOUND = re.compile(r"([1-9][0-9]{0,5}) (message|day)s?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _create(argument: str) -> Parsed | None:
    room, _, password = argument.partition(" ")
    return Create(room=room_name(room), password=password.strip() or None) if room else None


def _kick(argument: str) -> Parsed | None:
    nick, _, reason = argument.partition(" ")
    return Kick(nick=nick, reason=reason.strip()) if nick else None


def _ban(argument: str) -> Parsed | None:
    who, _, rest = argument.partition(" ")
    if not who:
        return None
    first, _, reason = rest.strip().partition(" ")
    span = _SPAN.fullmatch(first)
    if span is None:
        return Ban(who=who, reason=rest.strip())
    return Ban(who=who, seconds=int(span[1]) * _SECONDS[span[2]], reason=reason.strip())


def _switch(argument: str) -> Parsed | None:
    wanted = {"on": True, "off": False}.get(argument.lower())
    return Configure(invite_only=wanted) if wanted is not None else None


def _shown(argument: str) -> Parsed | None:
    if argument.lower() == "all":
        return Configure(history="all")
    return Configure(history="joining") if argument.lower() == "joining" else None


def _keep(argument: str) -> Parsed | None:
    if argument.lower() == "all":
        return Configure(keep_messages=0, keep_days=0)
    found = _BOUND.fullmatch(argument.lower())
    if found is None:
        return None
    count = int(found[1])
    return Configure(keep_days=count) if found[2] == "day" else Configure(keep_messages=count)


def _role(name: str, role: RoleName, summary: str) -> Slash:
    return Slash(name, "<nick>", summary, one(lambda nick: SetRole(nick=nick, role=role)))


ROOM_TABLE: tuple[Slash, ...] = (
    Slash(
        "create",
        "<room> [password]",
        "make a room, with a password if you like, and be its operator",
        _create,
    ),
    Slash(
        "topic",
        "[text]",
        "show what this room is about, or set it",
        lambda text: SetTopic(topic=text or None),
    ),
    Slash(
        "password",
        "[new password]",
        "set the password of this room, or remove it",
        lambda password: SetRoomPassword(password=password or None),
    ),
    Slash("closed", "on|off", "let people into this room by invitation only, or not", _switch),
    Slash(
        "visible",
        "all|joining",
        "show newcomers everything that was said here, or only what is said from then on",
        _shown,
    ),
    Slash(
        "keep",
        "<n messages>|<n days>|all",
        "forget what is older in this room, or keep everything from now on",
        _keep,
    ),
    Slash("invite", "<nick>", "let somebody into this room", one(lambda nick: Invite(nick=nick))),
    Slash("kick", "<nick> [reason]", "put somebody out of this room", _kick),
    Slash(
        "ban",
        "<nick or address> [30m, 2h, 7d ...] [reason]",
        "keep somebody out of this room, for ever or for a while",
        _ban,
    ),
    Slash("unban", "<nick or address>", "let them in again", one(lambda who: Unban(who=who))),
    Slash("bans", "", "show who is kept out of this room", nothing(ListBans)),
    _role("mute", "muted", "let somebody listen only"),
    _role("unmute", "member", "let them talk again"),
    _role("voice", "voice", "let somebody set the topic and invite"),
    _role("op", "operator", "make somebody operator of this room"),
    _role("deop", "member", "make them a plain member"),
)
