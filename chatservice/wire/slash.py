"""The slash commands: one table for every line wire and for the terminal client."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chatservice.domain.commands import (
    Command,
    History,
    Join,
    Leave,
    ListPeople,
    ListRooms,
    Quit,
    Say,
    SetNick,
    Tell,
    Whois,
)
from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.text import neutral


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


def _word(argument: str) -> str | None:
    return argument if argument and not any(map(str.isspace, argument)) else None


def _rest(make: Callable[[str], Parsed]) -> Callable[[str], Parsed | None]:
    return lambda argument: make(argument) if argument else None


def _one(make: Callable[[str], Parsed]) -> Callable[[str], Parsed | None]:
    return lambda argument: make(argument) if _word(argument) else None


def _optional(make: Callable[[str | None], Parsed]) -> Callable[[str], Parsed | None]:
    return lambda argument: make(_word(argument)) if not argument or _word(argument) else None


def _none(make: Callable[[], Parsed]) -> Callable[[str], Parsed | None]:
    return lambda argument: None if argument else make()


def _history(argument: str) -> Parsed | None:
    if not argument:
        return History()
    return (
        History(limit=int(argument))
        if argument.isascii() and argument.isdecimal() and 0 < len(argument) < 6 and int(argument)
        else None
    )


def _told(argument: str) -> Parsed | None:
    to, _, text = argument.partition(" ")
    return Tell(to=to, text=text.strip()) if text.strip() else None


def _room(name: str) -> str:
    return name.removeprefix("#")


TABLE: tuple[Slash, ...] = (
    Slash(
        "help",
        "[command]",
        "show the commands, or how one is used",
        _optional(lambda topic: ShowHelp(topic.lstrip("/").lower() if topic else None)),
    ),
    Slash("nick", "<nick>", "take another nick", _rest(lambda nick: SetNick(nick=nick))),
    Slash(
        "me",
        "<what you do>",
        "say what you do, as in: /me waves",
        _rest(lambda text: Say(text=text, kind="action")),
    ),
    Slash(
        "msg",
        "<nick or id> <text>",
        "say something to one person",
        _told,
        aliases=("whisper", "w", "tell"),
    ),
    Slash("reply", "<text>", "answer who told you something last", _rest(lambda t: Tell(text=t))),
    Slash(
        "who",
        "[room]",
        "show who is in this room, or in another",
        _optional(lambda room: ListPeople(room=_room(room) if room else None)),
        aliases=("names", "users"),
    ),
    Slash("whois", "<nick or id>", "show who somebody is", _one(lambda nick: Whois(nick=nick))),
    Slash("rooms", "", "show all rooms", _none(ListRooms), aliases=("list",)),
    Slash(
        "join",
        "<room>",
        "enter a room and talk there; it is made if there is none of that name",
        _one(lambda room: Join(room=_room(room))),
    ),
    Slash(
        "leave",
        "[room]",
        "leave this room, or another",
        _optional(lambda room: Leave(room=_room(room) if room else None)),
        aliases=("part",),
    ),
    Slash("history", "[n]", "show the last n messages of this room (50)", _history),
    Slash("plain", "", "show lines in a form for eyes", _none(lambda: SetView(True))),
    Slash("raw", "", "show lines in the form for programs", _none(lambda: SetView(False))),
    Slash("quit", "", "leave the chat", _none(Quit), aliases=("exit",)),
)


class SlashTable:
    """A table of slash commands that can be asked: parses lines, and explains itself."""

    def __init__(self, commands: Iterable[Slash]) -> None:
        self.commands = tuple(commands)
        self._by_name = {
            name: slash for slash in self.commands for name in (slash.name, *slash.aliases)
        }

    def find(self, name: str) -> Slash | None:
        """The command of this name or alias, in any case; None if there is none."""
        return self._by_name.get(name.lower())

    def parse(self, line: str) -> Parsed | None:
        """What a typed line means; None if it is not a slash command but text (see `text_of`).

        Raises `UnknownCommand` or `BadInput` with a sentence that shows the right form.
        """
        if not line.startswith("/") or line.startswith("//"):
            return None
        name, _, argument = line[1:].partition(" ")
        slash = self.find(name)
        if slash is None:
            raise UnknownCommand(
                f"There is no command /{neutral(name[:32])}; /help shows all commands."
            )
        parsed = slash.parse(argument.strip())
        if parsed is None:
            raise BadInput(f"The right form is: {slash.form}")
        return parsed

    def help(self, topic: str | None = None) -> tuple[str, ...]:
        """The lines that explain all commands, or one. Raises `UnknownCommand`."""
        if topic is None:
            width = max(len(slash.form) for slash in self.commands)
            return tuple(f"{slash.form:<{width}}  {slash.summary}" for slash in self.commands)
        slash = self.find(topic)
        if slash is None:
            raise UnknownCommand(
                f"There is no command /{neutral(topic[:32])}; /help shows all commands."
            )
        also = (
            f" (also {', '.join('/' + alias for alias in slash.aliases)})" if slash.aliases else ""
        )
        return (f"{slash.form}  {slash.summary}{also}",)


SLASH = SlashTable(TABLE)


def text_of(line: str) -> str:
    """The text that a line which is not a slash command says: `//x` says `/x`."""
    return line[1:] if line.startswith("//") else line
