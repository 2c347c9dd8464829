"""What a person asks to search for: words, words with a `*` at the end, and "phrases"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from unicodedata import normalize

# Each costs a search some milliseconds in a large store; the others are not looked for.
MOST = 16

_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
# Letters and digits, but not those that SQLite takes for marks: they would cut a word in two.
_WORD = re.compile(r"[^\W_\u19b0-\u19c9\u1cf2\u1cf3]+")
# What is written without blanks, or with fewer than there are words: Thai and Lao, Burmese,
# Khmer, Chinese and Japanese, Korean, the other forms of those, and the rarer Han.
_RUN = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)


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
            if len(last) == 1 and _RUN.match(last):
                # The run may go on in a message, so its last letter begins a pair there.
                prefix = words[-2:-1] == [] or words[-2][1:] != last
                words = words if prefix else words[:-1]
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
    return _WORD.findall(apart(folded))


def apart(text: str) -> str:
    """A text with what is written without blanks as pairs of letters, each a word of its own.

    Each letter but the last begins a pair: what is found by the pairs of a part of a run, one
    after the other, is that part. The marks of vowels and tones, which SQLite leaves out, are left
    out before.
    """
    return text if text.isascii() else _RUN.sub(_pairs, text)


def _pairs(run: re.Match[str]) -> str:
    letters = list(filter(str.isalnum, run[0]))
    pairs = map("".join, zip_longest(letters, letters[1:], fillvalue=""))
    return f" {' '.join(pairs)} "


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
