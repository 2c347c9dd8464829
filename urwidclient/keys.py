"""The keys of the terminal client: one table for dispatch, the help screen and docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["everywhere", "input", "panel"]


@dataclass(frozen=True, slots=True)
class Binding:
    """What some keys (urwid's names) do in a scope; `label` is how a person reads them."""

    keys: tuple[str, ...]
    action: str
    help: str
    scope: Scope = "everywhere"
    range: bool = False

    @property
    def label(self) -> str:
        """The keys as a person reads them, e.g. `Alt-1 to Alt-0`."""
        names = [_name(key) for key in self.keys]
        return f"{names[0]} to {names[-1]}" if self.range else ", ".join(names)


KEYS: tuple[Binding, ...] = (
    Binding(("f1",), "help", "show this help"),
    Binding(("ctrl k",), "jump", "jump to a room by a few letters of its name"),
    Binding(("meta a",), "next_active", "go to the next room with activity, mentions first"),
    Binding(("ctrl n",), "next_room", "go to the next room"),
    Binding(("ctrl p",), "previous_room", "go to the previous room"),
    Binding(
        tuple(f"meta {digit}" for digit in "1234567890"),
        "numbered_room",
        "go to the first, second, ... tenth room",
        range=True,
    ),
    Binding(("meta up",), "choose_back", "choose a message: the last one, then the one before"),
    Binding(("meta down",), "choose_forward", "choose the message after the chosen one"),
    Binding(("meta r",), "reply_to", "answer the chosen message, or what somebody else said last"),
    Binding(("meta e",), "react", "react to that message"),
    Binding(("meta j",), "join", "enter a room that you name, with its password"),
    Binding(("meta c",), "create", "make a room, with a password if you like"),
    Binding(("meta o",), "settings", "show how this room is set, and change it"),
    Binding(("page up",), "page_up", "scroll the messages, or the focused panel, a page up"),
    Binding(("page down",), "page_down", "the same, a page down"),
    Binding(("esc",), "escape", "close what is open; go back to the input"),
    Binding(("ctrl l",), "redraw", "draw the screen anew"),
    Binding(("ctrl z",), "suspend", "go to the shell; its `fg` leads back"),
    Binding(("ctrl c",), "quit", "leave the chat"),
    Binding(("enter",), "send", "send the message, or run the command", "input"),
    Binding(("meta enter",), "newline", "begin a new line in the message", "input"),
    Binding(
        ("tab",),
        "complete",
        "complete a nick, room, command or :emoji:; go on to the next",
        "input",
    ),
    Binding(("shift tab",), "complete_back", "go back to the previous completion", "input"),
    Binding(("up",), "history_back", "bring back what you sent before", "input"),
    Binding(("down",), "history_forward", "go forward in what you sent before", "input"),
    Binding(("ctrl a", "home"), "line_start", "go to the start of the line", "input"),
    Binding(("ctrl e", "end"), "line_end", "go to the end of the line", "input"),
    Binding(("ctrl b", "left"), "char_left", "go back a character", "input"),
    Binding(("ctrl f", "right"), "char_right", "go forward a character", "input"),
    Binding(("meta b", "ctrl left"), "word_left", "go back a word", "input"),
    Binding(("meta f", "ctrl right"), "word_right", "go forward a word", "input"),
    Binding(("ctrl w", "meta backspace"), "delete_word_left", "delete the word before", "input"),
    Binding(("meta d",), "delete_word_right", "delete the word after", "input"),
    Binding(("ctrl u",), "delete_to_start", "delete to the start of the line", "input"),
    Binding(("ctrl d", "delete"), "delete_char", "delete the character after", "input"),
    Binding(("tab",), "next_panel", "go to the next panel (from an empty input too)", "panel"),
    Binding(("shift tab",), "previous_panel", "go to the previous panel", "panel"),
    Binding(("up",), "line_up", "scroll a line up, or choose the one above", "panel"),
    Binding(("down",), "line_down", "scroll a line down, or choose the one below", "panel"),
    Binding(("home",), "top", "go to the top (from an empty input too)", "panel"),
    Binding(("end",), "bottom", "go to the bottom (from an empty input too)", "panel"),
    Binding(("enter",), "pick", "open the room; write to the person", "panel"),
    Binding(("meta m",), "person", "what you can do about the chosen person", "panel"),
)

_ACTIONS = {(binding.scope, key): binding.action for binding in KEYS for key in binding.keys}

_NAMES = {
    "page up": "PgUp",
    "page down": "PgDn",
    "meta": "Alt",
    "ctrl": "Ctrl",
    "shift": "Shift",
    "esc": "Esc",
}


def action_of(key: str, scope: Scope) -> str | None:
    """What this key does in this scope."""
    return _ACTIONS.get((scope, key))


def _name(key: str) -> str:
    if key in _NAMES:
        return _NAMES[key]
    *modifiers, last = key.split(" ")
    if len(last) == 1:
        last = last.upper() if "ctrl" in modifiers else last
    else:
        last = _NAMES.get(last, last.capitalize())
    return "-".join([*(_NAMES[modifier] for modifier in modifiers), last])
