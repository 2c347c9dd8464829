"""The modes of rooms: asked for, changed, and told however they were changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from chatservice.domain import commands, events
from chatservice.domain.addresses import is_address
from chatservice.domain.commands import RoleName, RuleKind
from chatservice.wire.irc import oneself
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM, Form, notice, source_of
from chatservice.wire.irc.isupport import MODES
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.moderation import about
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.rooms import LETTERS
from chatservice.wire.irc.verbs import Subject, Verb

SWITCHES: dict[str, tuple[str, Any, Any]] = {
    "C": ("no_ctcp", True, False),
    "i": ("invite_only", True, False),
    "m": ("moderated", True, False),
    "n": ("external", False, True),
    "s": ("secret", True, False),
    "t": ("topic_rule", "operators", "all"),
}
"""Modes without a parameter: which setting each is, and what that is with and without it."""

LISTS: dict[str, tuple[tuple[RuleKind, ...], str, str]] = {
    "I": (("invitation",), "RPL_INVEXLIST", "RPL_ENDOFINVEXLIST"),
    "b": (("ban", "mute"), "RPL_BANLIST", "RPL_ENDOFBANLIST"),
    "e": (("exception",), "RPL_EXCEPTLIST", "RPL_ENDOFEXCEPTLIST"),
}
"""Modes that are lists: which rules each has, and the numerics that show it."""

ROLES: dict[str, RoleName] = {letter: role for role, letter in LETTERS.items()}
"""Modes of somebody in a room."""

_MUTE, _ACCOUNT = "~m:", "~a:"
"""How masks begin that mute, and that are about an account (EXTBAN, ACCOUNTEXTBAN)."""


_ANY = "!*@*"
"""What follows the nick in a mask of nothing else."""


def _mode(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    """Ask for a room's modes or for a list, or change some; or those of a person."""
    room = line.params[0]
    if not room.startswith(ROOM):
        yield from oneself.mode(codec, line)
        return
    if len(line.params) == 1:
        yield Ask(commands.AskSettings(room=room), room)
        return
    settings: dict[str, Any] = {}
    others: list[Ask | Line] = []
    for sign, mode, value in list(_split(line.params[1], line.params[2:]))[:MODES]:
        if mode in SWITCHES:
            name, with_it, without = SWITCHES[mode]
            settings[name] = with_it if sign == "+" else without
        elif mode == "l" and sign == "-":
            settings["people_most"] = 0
        elif mode == "l" and value is not None and _is_number(value):
            settings["people_most"] = int(value)
        else:
            others += _CHANGES.get(mode, _unknown)(codec, room, sign, mode, value)
    if settings:
        yield Ask(commands.Configure(room=room, **settings), room)
    yield from others


def _split(modes: str, params: Iterable[str]) -> Iterator[tuple[str, str, str | None]]:
    """Each change: the sign, the mode, and the parameter of those that take one."""
    left, sign = iter(params), "+"
    for mode in modes:
        if mode in "+-":
            sign = mode
        elif mode in _WITH_VALUE or (mode == "l" and sign == "+"):
            yield sign, mode, next(left, None)
        else:
            yield sign, mode, None


_WITH_VALUE = {*LISTS, *ROLES, "k"}


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 7 and int(value) > 0


def _key(
    codec: IrcCodec, room: str, sign: str, mode: str, value: str | None
) -> Iterable[Ask | Line]:
    if sign == "-":
        yield Ask(commands.SetRoomPassword(room=room), room)
    elif not value or not set(" ,").isdisjoint(value) or value.startswith(":"):
        yield codec.numeric("ERR_INVALIDMODEPARAM", room, mode, "*", "A key is one word, no comma")
    else:
        set_key = commands.SetRoomPassword(room=room, password=value)
        yield Ask(set_key, room, partial(_refused, mode, "*"))


def _limit(
    codec: IrcCodec, room: str, _sign: str, mode: str, value: str | None
) -> Iterable[Ask | Line]:
    text = "A limit is a number from 1 to 999999"
    yield codec.numeric("ERR_INVALIDMODEPARAM", room, mode, value or "*", text)


def _role(
    codec: IrcCodec, room: str, sign: str, mode: str, value: str | None
) -> Iterable[Ask | Line]:
    if not value:
        yield codec.numeric("ERR_NEEDMOREPARAMS", "MODE")
        return
    role = ROLES[mode]
    if sign == "-":
        asked = commands.SetRole(room=room, nick=value, role="member", was=role)
    elif role == "voice":
        # An operator has more than a voice, and keeps it.
        asked = commands.SetRole(room=room, nick=value, role=role, was="member")
    else:
        asked = commands.SetRole(room=room, nick=value, role=role)
    yield Ask(asked, room, about(value))
    if asked.was == "member":
        yield _unmute(room, value, role)


def _unmute(room: str, nick: str, role: RoleName) -> Ask:
    """Let somebody be more than muted; it is asked beside what tells all refusals."""
    asked = commands.SetRole(room=room, nick=nick, role=role, was="muted")
    return Ask(asked, room, lambda _personal, _request, event: _unless_failed(event))


def _unless_failed(event: object) -> tuple[()] | None:
    return () if isinstance(event, events.Failed) else None


def _rule(
    _codec: IrcCodec, room: str, sign: str, mode: str, value: str | None
) -> Iterable[Ask | Line]:
    if not value:
        yield from _show_list(room, mode)
        return
    kinds, _, _ = LISTS[mode]
    kind, who = kinds[0], value
    if who.startswith(_MUTE):
        kind, who = kinds[-1], who.removeprefix(_MUTE)
    if who.startswith(_ACCOUNT):
        who = f"account:{who.removeprefix(_ACCOUNT)}"
    elif set("!@").isdisjoint(who):
        who += _ANY
    if sign == "+":
        ban = commands.Ban(room=room, who=who, kind=kind)
        yield Ask(ban, room, partial(_refused, mode, value))
    else:
        unban = commands.Unban(room=room, who=who, kind=kind)
        yield Ask(unban, room, partial(_refused, mode, value))
        nick = who.removesuffix(_ANY)
        if kind == "mute" and nick != who and set("*?").isdisjoint(nick):
            yield _unmute(room, nick, "member")


def _refused(
    mode: str, value: str, personal: Personal, request: Request, event: object
) -> Iterable[Line] | None:
    """What is wrong with the parameter of a mode; to take back what is not there is nothing."""
    if not isinstance(event, events.Failed):
        return None
    if event.code == "no-such-person":
        return []
    if event.code == "limit-reached":
        return [personal.numeric("ERR_BANLISTFULL", request.target, value, event.text)]
    if event.code in ("bad-input", "bad-name", "too-long"):
        params = (request.target, mode, value, event.text)
        return [personal.numeric("ERR_INVALIDMODEPARAM", *params)]
    return None


def _show_list(room: str, mode: str) -> Iterator[Ask]:
    kinds, entry, end = LISTS[mode]
    for kind in kinds:
        shown = partial(_listed, entry, end if kind == kinds[-1] else None, kind == kinds[0])
        yield Ask(commands.ListBans(room=room, kind=kind), room, shown)


def _listed(
    entry: str,
    end: str | None,
    first: bool,
    personal: Personal,
    _request: Request,
    event: object,
) -> Iterable[Line] | None:
    if isinstance(event, events.Failed):
        return None if first else []
    if not isinstance(event, events.Bans):
        return None
    name = ROOM + event.room
    lines = [
        personal.numeric(entry, name, mask_of(ban.who, event.kind), ban.by, str(ban.at // 1000))
        for ban in event.bans
    ]
    return [*lines, personal.numeric(end, name)] if end else lines


def _unknown(
    codec: IrcCodec, _room: str, _sign: str, mode: str, _value: str | None
) -> Iterable[Ask | Line]:
    yield codec.numeric("ERR_UNKNOWNMODE", mode)


_Change = Callable[[IrcCodec, str, str, str, "str | None"], Iterable["Ask | Line"]]
_CHANGES: dict[str, _Change] = {
    "k": _key,
    "l": _limit,
    **dict.fromkeys(ROLES, _role),
    **dict.fromkeys(LISTS, _rule),
}


def mask_of(who: str, kind: RuleKind) -> str:
    """How a rule's subject is written in a list of modes."""
    if who.startswith("account:"):
        mask = _ACCOUNT + who.removeprefix("account:")
    elif is_address(who):
        mask = f"*!*@{who}"
    else:
        mask = who if "!" in who else f"{who}!*@*"
    return _MUTE + mask if kind == "mute" else mask


def _told(room: str, by: tuple[str, str], modes: str, *params: str) -> Iterable[Line]:
    """A line that tells a change; `by` are nick and id of who made it."""
    yield Line(verb="MODE", params=(ROOM + room, modes, *params), source=source_of(*by))


def settings_of(event: events.Configured) -> tuple[str, tuple[str, ...]]:
    """The modes that a room has, and their parameters."""
    modes = [mode for mode in SWITCHES if _has(event, mode)]
    params: list[str] = []
    if event.locked:
        modes.append("k")
        params.append("*")
    if event.people_most:
        modes.append("l")
        params.append(str(event.people_most))
    return "+" + "".join(modes), tuple(params)


def _has(event: events.Configured, mode: str) -> bool:
    name, _, without = SWITCHES[mode]
    return bool(getattr(event, name) != without)


def _configured(form: Form, event: events.Configured) -> Iterable[Line]:
    changed = [mode for mode, (name, _, _) in SWITCHES.items() if name in event.changed]
    added = "".join(mode for mode in changed if _has(event, mode))
    removed = "".join(mode for mode in changed if mode not in added)
    params: list[str] = []
    for mode, name, value in (
        ("l", "people_most", event.people_most and str(event.people_most)),
        ("k", "locked", "*" if event.locked else None),
    ):
        if name in event.changed and value:
            added += mode
            params.append(value)
        elif name in event.changed:
            removed += mode
    if "k" in removed:
        params.append("*")
    modes = ("+" + added if added else "") + ("-" + removed if removed else "")
    if modes:
        yield from _told(event.room, (event.nick, event.user), modes, *params)
    if set(event.changed) - _MODES:
        yield from notice(form, event)


_MODES = {"locked", "people_most", *(name for name, _, _ in SWITCHES.values())}
"""Settings that are modes here; others are told in words."""


def _settings(
    personal: Personal, _request: Request | None, event: events.Configured
) -> Iterable[Line] | None:
    if event.changed:
        return None
    if event.nick:
        return ()
    name, (modes, params) = ROOM + event.room, settings_of(event)
    lines = [personal.numeric("RPL_CHANNELMODEIS", name, modes, *params)]
    if event.made_at:
        created = str(event.made_at // 1000)
        lines.append(personal.numeric("RPL_CREATIONTIME", name, created))
    return lines


def _role_given(form: Form, event: events.RoleGiven) -> Iterable[Line]:
    was, now = LETTERS.get(event.was or "member"), LETTERS.get(event.role)
    modes = (f"-{was}" if was and was != now else "") + (f"+{now}" if now and now != was else "")
    if modes:
        nicks = [event.nick] * sum(map(str.isalpha, modes))
        source = source_of(event.by, event.by_user) if event.by else form.server.name
        yield Line(verb="MODE", params=(ROOM + event.room, modes, *nicks), source=source)
    if event.role != event.was and "muted" in (event.role, event.was):
        yield from notice(form, event)


_LETTERS: dict[RuleKind, str] = {
    kind: mode for mode, (kinds, _, _) in LISTS.items() for kind in kinds
}


def _banned(_form: Form, event: events.Banned) -> Iterable[Line]:
    by = event.by, event.by_user
    return _told(event.room, by, f"+{_LETTERS[event.kind]}", mask_of(event.who, event.kind))


def _unbanned(_form: Form, event: events.Unbanned) -> Iterable[Line]:
    by = event.by, event.by_user
    return _told(event.room, by, f"-{_LETTERS[event.kind]}", mask_of(event.who, event.kind))


SUBJECT = Subject(
    verbs={"MODE": Verb(_mode, needs=1)},
    told={
        events.Configured: _configured,
        events.RoleGiven: _role_given,
        events.Banned: _banned,
        events.Unbanned: _unbanned,
    },
    answers={events.Configured: _settings},
    failures={
        ("forbidden", "MODE"): "ERR_NOTONCHANNEL",
        ("bad-name", "MODE"): "ERR_NOSUCHCHANNEL",
    },
)
