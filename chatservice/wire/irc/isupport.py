"""What 005 tells: the limits and abilities of this server, made from where they are kept."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.limits import Limits

_Value = Callable[[Limits, str], str | int]

TOKENS: dict[str, _Value | None] = {
    "AWAYLEN": lambda limits, _: limits.reason_characters,
    "BOT": lambda _limits, _: "B",
    "CASEMAPPING": lambda _limits, _: "rfc1459",
    "CHANNELLEN": lambda limits, _: limits.room_characters + 1,
    "CHANTYPES": lambda _limits, _: "#",
    "KICKLEN": lambda limits, _: limits.reason_characters,
    "MONITOR": lambda limits, _: limits.watched,
    "NAMELEN": lambda limits, _: limits.realname_characters,
    "NETWORK": lambda _limits, network: network,
    "NICKLEN": lambda limits, _: limits.nick_characters,
    "PREFIX": lambda _limits, _: "(ov)@+",
    "TOPICLEN": lambda limits, _: limits.topic_characters,
    "UTF8ONLY": None,
    "WHOX": None,
}
"""By name: what makes its value of the limits and the network's name; None where it has none."""

IN_A_LINE = 13
"""Tokens that one line of 005 holds at most."""


def tokens(limits: Limits, network: str) -> list[str]:
    """Everything that 005 tells, as `NAME` or `NAME=VALUE`."""
    return [
        name
        if value is None
        else f"{name}={str(value(limits, network)).replace(' ', chr(92) + 'x20')}"
        for name, value in sorted(TOKENS.items())
    ]
