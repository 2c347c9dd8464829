"""The slash commands: one table for every line wire and for the terminal client."""

from __future__ import annotations

from collections.abc import Iterable

from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.text import neutral, visible
from chatservice.wire.slash_forms import Parsed, SetView, ShowHelp, Slash
from chatservice.wire.slash_table import TABLE

__all__ = ["SLASH", "TABLE", "Parsed", "SetView", "ShowHelp", "Slash", "SlashTable", "text_of"]

FORM = 22
"""Columns of most commands in a list; the few longer ones would push all summaries off a line."""


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
        line = visible(line)
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
            return tuple(f"{slash.form:<{FORM}}  {slash.summary}" for slash in self.commands)
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
    line = visible(line)
    return line[1:] if line.startswith("//") else line
