"""What a slash command is, and how its argument is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatservice.domain.commands import Command


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """Show all slash commands, or one (`topic`)."""

    topic: str | None


@dataclass(frozen=True, slots=True)
class SetView:
    """Show lines in a form for eyes (`plain`), or in the wire's own."""

    plain: bool


Parsed = Command | ShowHelp | SetView


@dataclass(frozen=True, slots=True)
class Slash:
    """One slash command; `usage` is its arguments as a person reads them."""

    name: str
    usage: str
    summary: str
    parse: Callable[[str], Parsed | None]
    aliases: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """The command as a person types it, e.g. `/join <room>`."""
        return f"/{self.name} {self.usage}".rstrip()


def word(argument: str) -> str | None:
    """The argument, if it is one word."""
    return argument if argument and not any(map(str.isspace, argument)) else None


def rest(make: Callable[[str], Parsed]) -> Callable[[str], Parsed | None]:
    """A form that takes all that follows."""
    return lambda argument: make(argument) if argument else None


def one(make: Callable[[str], Parsed]) -> Callable[[str], Parsed | None]:
    """A form that takes one word."""
    return lambda argument: make(argument) if word(argument) else None


def optional(make: Callable[[str | None], Parsed]) -> Callable[[str], Parsed | None]:
    """A form that takes one word or nothing."""
    return lambda argument: make(word(argument)) if not argument or word(argument) else None


def nothing(make: Callable[[], Parsed]) -> Callable[[str], Parsed | None]:
    """A form that takes nothing."""
    return lambda argument: None if argument else make()


def two_words(argument: str) -> tuple[str, str] | None:
    """The argument's words, if they are two."""
    words = argument.split()
    return (words[0], words[1]) if len(words) == 2 else None


def room_name(name: str) -> str:
    """The name of a room, which people type with or without its mark."""
    return name.removeprefix("#")
