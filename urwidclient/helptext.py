"""Pure: the help screen, and the same tables as the page in docs/, made from keys and commands."""

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


def markdown() -> str:
    """The tables of keys and commands as docs/terminal-client.md shows them."""
    parts = []
    for scope, title in _TITLES.items():
        rows = [
            f"| {binding.label} | {binding.help} |" for binding in KEYS if binding.scope == scope
        ]
        parts.append("\n".join([f"### {title}", "", "| key | does |", "|---|---|", *rows]))
    commands = [
        f"| `{slash.form}` | {_also(slash.aliases)} | {slash.summary} |"
        for slash in COMMANDS.commands
    ]
    parts.append(
        "\n".join(["### Commands", "", "| command | also | does |", "|---|---|---|", *commands])
    )
    mouse = [f"| {what} | {does} |" for what, does in MOUSE]
    parts.append("\n".join(["### Mouse", "", "| mouse | does |", "|---|---|", *mouse]))
    return "\n\n".join(parts) + "\n"


def _also(aliases: tuple[str, ...]) -> str:
    return ", ".join(f"`/{alias}`" for alias in aliases)
