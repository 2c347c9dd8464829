"""What a person asks to search for: words, words with a `*` at the end, and "phrases"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

# Each costs a search some milliseconds in a large store; the others are not looked for.
MOST = 16

_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
# Letters and digits, but not those that SQLite takes for marks: they would cut a word in two.
_WORD = re.compile(r"[^\W_\u19b0-\u19c9\u1cf2\u1cf3]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; with `prefix`, the last one may go on."""

    words: tuple[str, ...]
    prefix: bool


def phrases(asked: str) -> tuple[Phrase, ...]:
    """All that a message must hold; what is neither letter nor digit is left out."""
    found: list[Phrase] = []
    left = MOST
    for quoted, word in _TERM.findall(asked):
        if words := words_of(quoted or word)[:left]:
            left -= len(words)
            last = words[-1]
            # Words that begin with some Latin letter are too many to be looked for.
            prefix = word.endswith("*") and (len(last) > 1 or not last.isascii())
            found.append(Phrase(tuple(words), prefix))
    return tuple(found)


def fts5(wanted: Sequence[Phrase]) -> str:
    """The same for SQLite's MATCH: strings that hold words and blanks only."""
    return " ".join(f'"{" ".join(phrase.words)}"{"*" * phrase.prefix}' for phrase in wanted)


def holds(text: str, wanted: Sequence[Phrase]) -> bool:
    """Whether a text holds all phrases."""
    words = words_of(text) if wanted else []
    return all(_holds(words, phrase) for phrase in wanted)


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared, near enough to how SQLite's unicode61 does it."""
    folded = text.lower() if text.isascii() else "".join(map(_folded, normalize("NFC", text)))
    return _WORD.findall(folded)


def _folded(char: str) -> str:
    """A letter without its case, and a Latin one without its accents; any other character."""
    base = normalize("NFD", char)[0]
    if not base.isascii():
        base = char
    folded = base.casefold()
    return folded if len(folded) == 1 else base.lower()


def _holds(words: list[str], phrase: Phrase) -> bool:
    *first, last = phrase.words
    size = len(first)
    return any(
        words[start : start + size] == first
        and (word.startswith(last) if phrase.prefix else word == last)
        for start, word in enumerate(words[size:])
    )
