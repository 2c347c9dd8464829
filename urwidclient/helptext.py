"""Pure: the help screen, made from keys and commands."""

from __future__ import annotations

from urwidclient.commands import COMMANDS
from urwidclient.keys import KEYS, Scope

_TITLES: dict[Scope, str] = {
    "everywhere": "Keys everywhere",
    "input": "Keys in the input",
    "panel": "Keys in the other panels",
}
MOUSE = (
    ("Wheel", "scroll the panel under the pointer"),
    ("Click", "open the room, or the conversation with the person"),
    ("Shift and drag", "select text, as the terminal does"),
)


def help_sections() -> list[tuple[str, list[tuple[str, str]]]]:
    """The help screen: titles, each with rows of what to type and what it does."""
    sections = [
        (title, [(row.label, row.help) for row in KEYS if row.scope == scope])
        for scope, title in _TITLES.items()
    ]
    sections.append(("Commands", [(slash.form, slash.summary) for slash in COMMANDS.commands]))
    sections.append(("Mouse", list(MOUSE)))
    return sections
