"""The rows of the slash commands about how a room is, and who may be in it."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatservice.domain.commands import (
    AskSettings,
    Ban,
    Command,
    Configure,
    Create,
    Invite,
    Kick,
    ListBans,
    ListInvitations,
    RenameRoom,
    RoleName,
    RuleKind,
    SetRole,
    SetRoomPassword,
    SetTopic,
    TopicRule,
    Unban,
)
from chatservice.domain.times import seconds_of
from chatservice.wire.slash_forms import Parsed, Slash, nothing, one, room_name

_BOUND = re.compile(r"([1-9][0-9]{0,5}) (message|day)s?")


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
    seconds = seconds_of(first)
    if seconds is None:
        return Ban(who=who, reason=rest.strip())
    return Ban(who=who, seconds=seconds, reason=reason.strip())


def _rename(argument: str) -> Parsed | None:
    new, _, reason = argument.partition(" ")
    return RenameRoom(new=room_name(new), reason=reason.strip()) if new else None


def _most(argument: str) -> Parsed | None:
    if argument.lower() == "off":
        return Configure(people_most=0)
    number = argument.isascii() and argument.isdecimal() and len(argument) < 8
    return Configure(people_most=int(argument)) if number and int(argument) else None


def _topics(argument: str) -> Parsed | None:
    rules: dict[str, TopicRule] = {"all": "all", "voices": "voices", "operators": "operators"}
    rule = rules.get(argument.lower())
    return Configure(topic_rule=rule) if rule else None


def _switch(name: str, set_to: Callable[[bool], Command], summary: str) -> Slash:
    def parse(argument: str) -> Parsed | None:
        wanted = {"on": True, "off": False}.get(argument.lower())
        return set_to(wanted) if wanted is not None else None

    return Slash(name, "on|off", summary, parse)


def _rule(name: str, kind: RuleKind, summary: str, again: str) -> tuple[Slash, Slash]:
    return (
        Slash(name, _WHO, summary, one(lambda who: Ban(who=who, kind=kind))),
        Slash(f"un{name}", _WHO, again, one(lambda who: Unban(who=who, kind=kind))),
    )


_WHO = "<nick or mask>"


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


def _role(name: str, role: RoleName, summary: str, was: RoleName | None = None) -> Slash:
    return Slash(name, "<nick>", summary, one(lambda nick: SetRole(nick=nick, role=role, was=was)))


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
    _switch(
        "closed",
        lambda on: Configure(invite_only=on),
        "let people into this room by invitation only, or not",
    ),
    _switch(
        "moderated",
        lambda on: Configure(moderated=on),
        "let only voices and operators talk in this room, or all",
    ),
    _switch(
        "outside",
        lambda on: Configure(external=on),
        "let people talk in this room who are not in it, or not",
    ),
    Slash("topics", "all|voices|operators", "let all set the topic, or only those", _topics),
    _switch(
        "secret",
        lambda on: Configure(secret=on),
        "show this room to nobody who is not in it, or to all",
    ),
    Slash("most", "<n>|off", "let so many people into this room, or any number", _most),
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
    Slash("settings", "", "show how this room is set", nothing(AskSettings)),
    Slash("rename", "<room> [reason]", "give this room another name", _rename),
    Slash("invitations", "", "show which rooms you are invited to", nothing(ListInvitations)),
    Slash("invite", "<nick>", "let somebody into this room", one(lambda nick: Invite(nick=nick))),
    Slash("kick", "<nick> [reason]", "put somebody out of this room", _kick),
    Slash(
        "ban",
        "<nick, address or mask> [30m, 2h, 7d ...] [reason]",
        "keep somebody out of this room, for ever or for a while",
        _ban,
    ),
    Slash("unban", "<nick, address or mask>", "let them in again", one(lambda w: Unban(who=w))),
    Slash("bans", "", "show who is kept out of this room", nothing(ListBans)),
    *_rule(
        "quiet",
        "mute",
        "let those whom a mask such as *!*@123456.chat means listen only",
        "let them talk again",
    ),
    *_rule(
        "exempt",
        "exception",
        "let no ban, and no mute of a mask, be about somebody",
        "let them be again",
    ),
    _role("mute", "muted", "let somebody listen only"),
    _role("unmute", "member", "let them talk again", was="muted"),
    _role("voice", "voice", "let somebody set the topic and invite"),
    _role("op", "operator", "make somebody operator of this room"),
    _role("deop", "member", "make them a plain member"),
)
