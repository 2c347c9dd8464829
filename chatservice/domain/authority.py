"""Who may do what in which kind of room: one table that decides everything."""

from __future__ import annotations

from chatservice.domain.quick import QuickEnum


class Standing(QuickEnum):
    """What somebody is with regard to a room."""

    SERVER = "server operator"
    OPERATOR = "operator"
    VOICE = "voice"
    MEMBER = "member"
    MUTED = "muted"
    INVITED = "invited"
    OUTSIDER = "outsider"
    BANNED = "banned"


class Kind(QuickEnum):
    """How a room is closed: not at all, by a password, or by invitation."""

    LOBBY = "lobby"
    OPEN = "open"
    LOCKED = "with password"
    INVITATION = "by invitation"


class Act(QuickEnum):
    """What can be done in a room, or to it."""

    JOIN = "join"
    JOIN_WITH_PASSWORD = "join with the password"  # noqa: S105
    SEE = "see people and topic"
    SEE_SECRET = "see a room that is secret"  # noqa: S105
    READ = "read and search"
    SAY = "say something"
    SAY_MODERATED = "say something where it is moderated"
    SAY_OUTSIDE = "say something from outside, where that is allowed"
    TOPIC = "set the topic"
    TOPIC_OPEN = "set the topic where that is for all"
    TOPIC_LOCKED = "set the topic where that is for operators"
    INVITE = "invite"
    CLOSE = "set password, invitation only, history, secret, how many come in"
    RULES = "set moderated, who sets the topic, talk from outside, no CTCP"
    RENAME = "rename"
    KEEP = "set how much is kept"
    ROLE = "give roles, mute"
    KICK = "kick"
    BAN = "ban, unban"
    DELETE = "delete what others said"


_S = Standing
_INSIDE = {_S.SERVER, _S.OPERATOR, _S.VOICE, _S.MEMBER, _S.MUTED}
_SPEAKING = _INSIDE - {_S.MUTED}
_ALL = _INSIDE | {_S.INVITED, _S.OUTSIDER}
_TALKING = _ALL - {_S.MUTED}
_OPERATORS = {_S.SERVER, _S.OPERATOR}
_VOICES = _OPERATORS | {_S.VOICE}
_SERVER = {_S.SERVER}
_NOBODY: set[Standing] = set()

_ROWS: dict[Act, tuple[set[Standing], set[Standing], set[Standing], set[Standing]]] = {
    # act: lobby, open, with password, by invitation
    Act.JOIN: (_ALL, _ALL, _INSIDE | {_S.INVITED}, _INSIDE | {_S.INVITED}),
    Act.JOIN_WITH_PASSWORD: (_ALL, _ALL, _ALL, _INSIDE | {_S.INVITED}),
    Act.SEE: (_ALL, _ALL, _INSIDE, _INSIDE),
    Act.SEE_SECRET: (_INSIDE, _INSIDE, _INSIDE, _INSIDE),
    Act.READ: (_INSIDE, _INSIDE, _INSIDE, _INSIDE),
    Act.SAY: (_SPEAKING, _SPEAKING, _SPEAKING, _SPEAKING),
    Act.SAY_MODERATED: (_VOICES, _VOICES, _VOICES, _VOICES),
    Act.SAY_OUTSIDE: (_TALKING, _TALKING, _TALKING, _TALKING),
    Act.TOPIC: (_SERVER, _VOICES, _VOICES, _VOICES),
    Act.TOPIC_OPEN: (_SPEAKING, _SPEAKING, _SPEAKING, _SPEAKING),
    Act.TOPIC_LOCKED: (_SERVER, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.INVITE: (_SPEAKING, _SPEAKING, _VOICES, _VOICES),
    Act.CLOSE: (_NOBODY, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.RULES: (_SERVER, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.RENAME: (_NOBODY, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.KEEP: (_SERVER, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.ROLE: (_SERVER, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.KICK: (_SERVER, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.BAN: (_SERVER, _OPERATORS, _OPERATORS, _OPERATORS),
    Act.DELETE: (_SERVER, _OPERATORS, _OPERATORS, _OPERATORS),
}

TABLE: dict[tuple[Act, Kind], frozenset[Standing]] = {
    (act, kind): frozenset(standings)
    for act, row in _ROWS.items()
    for kind, standings in zip(Kind, row, strict=True)
}
"""Who may do an act in a kind of room. What is not here is allowed to nobody."""


def may(standing: Standing, act: Act, kind: Kind) -> bool:
    """Whether somebody of this standing may do it."""
    return standing in TABLE[act, kind]
