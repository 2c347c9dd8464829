"""The tables in README and docs/ that are made from the code.

`python -m tests.documents` brings them up to date; `tests/test_documents.py` sees that they are.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import get_type_hints

from chatservice.chatctl.commands import COMMANDS as CHATCTL
from chatservice.domain import errors, events
from chatservice.domain.authority import Act, Kind, Standing, may
from chatservice.domain.limits import Limits
from chatservice.operating.logs import EVENTS as LOGGED
from chatservice.operating.readings import METRICS
from chatservice.options import Options
from chatservice.state import state_directory
from chatservice.wire.codec import ServerInfo
from chatservice.wire.irc.capabilities import CAPABILITIES
from chatservice.wire.irc.door import EVERY
from chatservice.wire.irc.isupport import tokens
from chatservice.wire.irc.numerics import NUMERICS
from chatservice.wire.irc.usage import USAGE
from chatservice.wire.names import COMMANDS as JSON_COMMANDS
from chatservice.wire.names import EVENTS
from chatservice.wire.slash import SLASH, SlashTable
from tests.wire.irc.musts import MUSTS
from tests.wire.transcript import play
from urwidclient.commands import COMMANDS
from urwidclient.helptext import help_sections

ROOT = Path(__file__).parent.parent
_TRANSCRIPT = re.compile(r"(?<=```transcript\n)(.*?)(?=```)", re.DOTALL)
_MARKED = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heading = list(heading)
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def limits() -> str:
    """The limits, with units and reasons."""
    rows = (
        [f"`{field.name}`", f"{field.default:,}", field.metadata["unit"], field.metadata["reason"]]
        for field in dataclasses.fields(Limits)
    )
    return _table(["limit", "default", "unit", "what for"], rows)


def _fields(cls: type) -> str:
    shown = []
    hints = get_type_hints(cls)
    for field in dataclasses.fields(cls):
        kind = re.sub(r"chatservice\.domain\.events\.\w+\.", "", str(hints[field.name]))
        kind = re.sub(r"<class '(?:[\w.]*\.)?(\w+)'>", r"\1", kind).replace("typing.Literal", "")
        kind = re.sub(r"tuple\[(\w+), \.\.\.\]", r"list of \1", kind).replace(
            " | None", ", optional"
        )
        kind = kind.replace("|", "or").replace("str", "string").replace("int", "integer")
        kind = re.sub(r"\[('.*')\]", lambda found: found[1].replace(", ", " or "), kind)
        kind = re.sub(r"typing\.Optional\[(.*)\]", r"\1, optional", kind)
        default = field.default
        if default not in (dataclasses.MISSING, None):
            kind += f", `{json.dumps(default)}` unless given"
        shown.append(f"`{field.name}` ({kind})")
    return "; ".join(shown)


def _doc(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())


def json_commands() -> str:
    """The commands of the json wire."""
    rows = ([f"`{n}`", _doc(c), _fields(c)] for n, c in JSON_COMMANDS.items())
    return _table(["type", "what it does", "fields"], rows)


def json_events() -> str:
    """The events of the json wire, and what they hold."""
    rows = [[f"`{n}`", _doc(c), _fields(c)] for n, c in EVENTS.items()]
    others = (c for c in vars(events).values() if dataclasses.is_dataclass(c))
    parts = [
        [c.__name__, _doc(c), _fields(c)]
        for c in others
        if isinstance(c, type) and not issubclass(c, events.Event)
    ]
    return _table(["type", "what it tells", "fields"], [*rows, *parts])


def error_codes() -> str:
    """The stable codes of refusals."""
    found = [cls for cls in vars(errors).values() if isinstance(cls, type)]
    rows = ([f"`{c.code}`", _doc(c)] for c in found if issubclass(c, errors.ChatError))
    return _table(["code", "meaning"], [row for row in rows if row[0] != "`error`"])


def _slashes(table: SlashTable) -> str:
    rows = (
        [
            _cell(f"`{slash.form}`"),
            slash.summary.replace("*", "\\*"),
            ", ".join(f"`/{alias}`" for alias in slash.aliases),
        ]
        for slash in table.commands
    )
    return _table(["command", "what it does", "also"], rows)


def slash_commands() -> str:
    """The slash commands."""
    return _slashes(SLASH)


def keys_and_commands() -> str:
    """What the help screen of the terminal client shows."""
    parts = []
    for title, rows in help_sections():
        kind = title.split()[0].lower()
        shown = _slashes(COMMANDS) if kind == "commands" else _table([kind, "what they do"], rows)
        parts.append(f"### {title}\n\n{shown}")
    return "\n".join(parts)


def options() -> str:
    """The options of `twistd chat`."""
    made = Options()
    rows = [
        [f"`--{name}`" + (f", `-{short}`" if short else ""), text]
        for name, short, text in made.optFlags
    ]
    rows += [
        [
            f"`--{name} VALUE`" + (f", `-{short}`" if short else ""),
            f"{text} [default: {default}]" if default else text,
        ]
        for name, short, default, text in made.optParameters
    ]
    for name in ("announce_to", "listen", "operator", "oper", "limit"):
        text = " ".join((getattr(made, f"opt_{name}").__doc__ or "").split())
        rows.append([f"`--{name.replace('_', '-')} VALUE`", text])
    table = _table(["option", "what it does"], rows)
    return table.replace(state_directory(), "~/.local/share/chatservice")


def chatctl() -> str:
    """The commands of `chatctl`."""
    rows = ([_cell(f"`{each.form}`"), each.summary] for each in CHATCTL)
    return _table(["command", "what it does"], rows)


def metrics() -> str:
    """The figures that a server shows."""
    rows = (
        [f"`{each.name}`", each.kind, f"`{each.label}`" if each.label else "", each.what]
        for each in METRICS
    )
    return _table(["name", "type", "label", "what it tells"], rows)


def log_events() -> str:
    """What is logged."""
    return _table(["event", "what happened"], ([f"`{n}`", what] for n, what in LOGGED.items()))


def authority() -> str:
    """Who may do what in which kind of room."""
    everybody = [each for each in Standing if each is not Standing.BANNED]

    def who(act: Act, kind: Kind) -> str:
        allowed = [each.value for each in everybody if may(each, act, kind)]
        if len(allowed) == len(everybody):
            return "everybody"
        return ", ".join(allowed) or "nobody"

    rows = ([act.value, *(who(act, kind) for kind in Kind)] for act in Act)
    return _table(["to ...", *(kind.value for kind in Kind)], rows)


def irc_commands() -> str:
    """The commands of IRC."""
    rows = ((f"`{verb} {USAGE[verb][0]}", USAGE[verb][1]) for verb in sorted(EVERY.verbs))
    return _table(["command", "what it does"], ([_cell(f"{a.rstrip()}`"), b] for a, b in rows))


def irc_capabilities() -> str:
    """The capabilities of IRC, with their values."""
    made = {
        name: value(Limits(), ServerInfo()) if value is not None else ""
        for name, value in sorted(CAPABILITIES.items())
    }
    rows = ([f"`{name}`", f"`{value}`" if value else ""] for name, value in made.items())
    return _table(["capability", "value"], rows)


def irc_tokens() -> str:
    """What 005 tells."""
    made = (token.partition("=") for token in tokens(Limits(), "NETWORK"))
    rows = ([f"`{name}`", _cell(f"`{value}`") if value else ""] for name, _, value in made)
    return _table(["token", "value"], rows)


def irc_numerics() -> str:
    """The numerics of IRC."""
    rows = sorted([number, f"`{name}`"] for name, (number, _) in NUMERICS.items())
    return _table(["number", "name"], rows)


def irc_musts() -> str:
    """What the specifications ask of a server: how much of it is tested, and why not all."""
    counts = (
        [f"`{name}`", str(len(rows)), str(sum(not row.tests for row in rows) or "")]
        for name, rows in MUSTS.items()
    )
    why = "".join(
        f"- `{name}`, {row.section}: {row.says}. {row.why_not[0].upper()}{row.why_not[1:]}.\n"
        for name, rows in MUSTS.items()
        for row in rows
        if row.why_not is not None
    )
    return f"{_table(['specification', 'sentences', 'without a test'], counts)}\n{why}"


def _cell(text: str) -> str:
    """A text that does not end its cell."""
    return text.replace("|", "\\|")


MADE: dict[str, Callable[[], str]] = {
    "limits": limits,
    "authority": authority,
    "json-commands": json_commands,
    "json-events": json_events,
    "error-codes": error_codes,
    "slash-commands": slash_commands,
    "keys-and-commands": keys_and_commands,
    "options": options,
    "chatctl": chatctl,
    "metrics": metrics,
    "log-events": log_events,
    "irc-commands": irc_commands,
    "irc-capabilities": irc_capabilities,
    "irc-tokens": irc_tokens,
    "irc-numerics": irc_numerics,
    "irc-musts": irc_musts,
}
"""Every made part by the name in its marker."""


def up_to_date(text: str) -> str:
    """A document with its made parts as the code has them now, and its conversations played."""
    text = _MARKED.sub(lambda found: f"{found[1]}{MADE[found[2]]()}{found[3]}", text)
    return _TRANSCRIPT.sub(lambda found: _played(found[1]), text)


def _played(conversation: str) -> str:
    """A conversation of one client, `C`, as the server leads it now."""
    scene = re.sub(r"^([CS])(?=[: ~])", r"\g<1>1", conversation, flags=re.MULTILINE)
    return re.sub(r"^([CS])1", r"\1", play(scene), flags=re.MULTILINE)


def documents() -> list[Path]:
    """README and all pages of docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


if __name__ == "__main__":
    for path in documents():
        path.write_text(up_to_date(path.read_text("utf-8")), "utf-8")
