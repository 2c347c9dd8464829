"""`:smile:` shortcodes."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from itertools import takewhile

import emoji

_CODES = re.compile(r"://\S*|(?<![\w:])(?<!\w\[)((?::[^\s:]+:)+)(?![\w:])", re.ASCII)
"""Shortcodes, but no part of an address, a time or code: `2001:db8:a:b:1`, `x[1:m:2]`, `a[:on:]`.

What is found of a URL has no group."""

_VOTES = {"+1": ":+1:", "-1": ":-1:"}


def emojized(text: str) -> str:
    """The text with emoji in place of the shortcodes there are."""
    if text.count(":") < 2:
        return text
    return _CODES.sub(
        lambda found: str(emoji.emojize(found[1], language="alias")) if found[1] else found[0],
        text,
    )


def reaction(text: str) -> str:
    """The same for a reaction, of which the thumbs may have no colons."""
    return emojized(_VOTES.get(text, text))


def starting(prefix: str) -> list[str]:
    """The shortcodes that begin so, without colons."""
    if not prefix:
        return []
    names = _names()
    first = bisect_left(names, prefix)
    return list(takewhile(lambda name: name.startswith(prefix), names[first:]))


@cache
def _names() -> list[str]:
    return sorted(
        name.strip(":")
        for data in emoji.EMOJI_DATA.values()
        for name in [data["en"], *data.get("alias", ())]
        if data["status"] == emoji.STATUS["fully_qualified"]
    )
