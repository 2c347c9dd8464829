"""What 005 tells: the limits and abilities of this server, made from where they are kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from chatservice.domain.limits import Limits

CLIENT_TAGS = ("+draft/react", "+draft/reply", "+draft/unreact", "+typing")
"""The client-only tags that mean something here; no others are passed on."""

REFERENCES = ("msgid", "timestamp")
"""What a message can be named by in a question for history, the best first."""

_Value = Callable[[Limits, str], str | int]

MODES = 20
"""Changes of modes that one line makes at most."""

TARGETS = {
    "JOIN": None,
    "KICK": 10,
    "LIST": 10,
    "MONITOR": None,
    "NAMES": None,
    "NOTICE": 4,
    "PART": None,
    "PRIVMSG": 4,
    "TAGMSG": 4,
    "WHOIS": 10,
}
"""How many targets a command takes at most; None for any number."""

TOKENS: dict[str, _Value | None] = {
    "ACCOUNTEXTBAN": lambda _limits, _: "a",
    "AWAYLEN": lambda limits, _: limits.reason_characters,
    "BOT": lambda _limits, _: "B",
    "CASEMAPPING": lambda _limits, _: "rfc1459",
    "CHANLIMIT": lambda _limits, _: "#:",
    "CHANMODES": lambda _limits, _: "Ibe,k,l,Cimnst",
    "CHANNELLEN": lambda limits, _: limits.room_characters + 1,
    "CHANTYPES": lambda _limits, _: "#",
    "ELIST": lambda _limits, _: "CMNTU",
    "EXCEPTS": lambda _limits, _: "e",
    "EXTBAN": lambda _limits, _: "~,am",
    "INVEX": lambda _limits, _: "I",
    "KEYLEN": lambda limits, _: limits.password_characters,
    "CHATHISTORY": lambda limits, _: limits.history_messages,
    "CLIENTTAGDENY": lambda _limits, _: ",".join(["*", *(f"-{tag[1:]}" for tag in CLIENT_TAGS)]),
    "KICKLEN": lambda limits, _: limits.reason_characters,
    "MONITOR": lambda limits, _: limits.watched,
    "MSGREFTYPES": lambda _limits, _: ",".join(REFERENCES),
    "NAMELEN": lambda limits, _: limits.realname_characters,
    "MAXLIST": lambda limits, _: f"Ibe:{limits.room_bans}",
    "MODES": lambda _limits, _: MODES,
    "NETWORK": lambda _limits, network: network,
    "NICKLEN": lambda limits, _: limits.nick_characters,
    "PREFIX": lambda _limits, _: "(ov)@+",
    "SAFELIST": None,
    "TARGMAX": lambda _limits, _: ",".join(
        f"{verb}:{most or ''}" for verb, most in TARGETS.items()
    ),
    "STATUSMSG": lambda _limits, _: "@+",
    "TOPICLEN": lambda limits, _: limits.topic_characters,
    "UTF8ONLY": None,
    "WHOX": None,
}
"""By name: what makes its value of the limits and the network's name; None where it has none."""

IN_A_LINE = 13
"""Tokens that one line of 005 holds at most."""


@cache
def tokens(limits: Limits, network: str) -> tuple[str, ...]:
    """Everything that 005 tells, as `NAME` or `NAME=VALUE`."""
    return tuple(
        name
        if value is None
        else f"{name}={str(value(limits, network)).replace(' ', chr(92) + 'x20')}"
        for name, value in sorted(TOKENS.items())
    )
