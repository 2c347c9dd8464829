"""Who reacts to a message how: once each."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.events import Message, Reaction


def reacted(message: Message, reaction: Reaction, *, active: bool) -> Message:
    """The message with a reaction, or without it; the same one where nothing changes."""
    wanted = _key(reaction)
    others = tuple(each for each in message.reactions if _key(each) != wanted)
    there = len(others) < len(message.reactions)
    if there == active:
        return message
    return replace(message, reactions=(*others, reaction) if active else others)


def _key(reaction: Reaction) -> tuple[str, str]:
    """A reaction is its account's, or a guest's, who is told by its id; no name is like one."""
    return reaction.account or reaction.user, reaction.reaction
