"""The rows of the slash commands about what was said before, and about being there."""

from __future__ import annotations

from chatservice.domain.commands import Delete, Edit, Ignore, Search, SetAway
from chatservice.wire.slash_forms import Parsed, Slash, one, rest, word


def _delete(argument: str) -> Parsed | None:
    if not argument:
        return Delete()
    if argument.isascii() and argument.isdecimal() and len(argument) < 16:
        return Delete(seq=int(argument))
    return Delete(nick=argument) if word(argument) else None


SAID_TABLE: tuple[Slash, ...] = (
    Slash(
        "search",
        "<words> [from:nick in:room after:2026-12-31]",
        'find messages in your rooms, newest first; "words like these" stand together',
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
)
