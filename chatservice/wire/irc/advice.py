"""Advice in the words of IRC, where other doors have slash commands."""

from __future__ import annotations

import re

_INSTEAD = (
    (r"; /logout comes first", ""),
    (r"/login <password>", "SASL (AUTHENTICATE)"),
    (r"/login <nick> <password>", "SASL (AUTHENTICATE)"),
    (r"/deop ", "MODE -o "),
    (r"/join (?=\S)", "JOIN #"),
    (r"/msg (<nick>) (<text>)", r"PRIVMSG \1 :\2"),
    (r"/pass ", "PASS "),
    (r"/rooms ", "LIST "),
)
"""What a refusal advises, and what it advises here."""


def in_words_of_irc(text: str) -> str:
    """The sentence of a refusal, its advice in commands of this door."""
    for advice, instead in _INSTEAD if "/" in text else ():
        text = re.sub(advice, instead, text)
    return text
