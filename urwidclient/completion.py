"""Pure: what Tab can make of the word before the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from urwidclient import shortcodes
from urwidclient.commands import COMMANDS

MOST = 100


@dataclass(frozen=True, slots=True)
class Words:
    """What there is to complete; `nicks` with who spoke last first."""

    nicks: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    emoji: bool = True


@dataclass(frozen=True, slots=True)
class Completion:
    """The text from `start` to the cursor can become any of `candidates`."""

    start: int
    candidates: tuple[str, ...]


def complete(text: str, position: int, words: Words) -> Completion:
    """The completions of the word that ends at the cursor, the likeliest first."""
    start = max(text.rfind(" ", 0, position), text.rfind("\n", 0, position)) + 1
    word = text[start:position]
    found = _candidates(text[:start], word, words)
    return Completion(start, tuple(dict.fromkeys(found))[:MOST])


def _candidates(before: str, word: str, words: Words) -> Iterable[str]:
    if not before and word.startswith("/"):
        return [f"/{name} " for name in _starting(word[1:], _command_names())]
    if before.startswith("/") and not before.startswith("//") and " " in before:
        return _argument(before, word, words)
    return _in_text(word, ": " if not before else " ", words)


def _argument(before: str, word: str, words: Words) -> Iterable[str]:
    slash = COMMANDS.find(before[1:].split(" ", 1)[0])
    if slash is None:
        return []
    first = before.count(" ") == 1
    if "room" in slash.usage and first:
        sign = "#" if word.startswith("#") else ""
        return [f"{sign}{room} " for room in _starting(word.removeprefix("#"), words.rooms)]
    if "theme" in slash.usage and first:
        return _starting(word, words.themes)
    if "command" in slash.usage and first:
        return _starting(word.removeprefix("/"), _command_names())
    return _in_text(word, " ", words)


def _in_text(word: str, after_nick: str, words: Words) -> Iterable[str]:
    if not word:
        return []
    if word.startswith("#"):
        return [f"#{room} " for room in _starting(word[1:], words.rooms)]
    if word.startswith(":"):
        return [f":{name}: " for name in shortcodes.starting(word[1:])] if words.emoji else []
    if word.startswith("@"):
        return [f"@{nick} " for nick in _starting(word[1:], words.nicks)]
    return [f"{nick}{after_nick}" for nick in _starting(word, words.nicks)]


def _starting(prefix: str, names: Iterable[str]) -> list[str]:
    folded = prefix.casefold()
    return [name for name in names if name.casefold().startswith(folded)]


def _command_names() -> list[str]:
    return [name for slash in COMMANDS.commands for name in (slash.name, *slash.aliases)]
