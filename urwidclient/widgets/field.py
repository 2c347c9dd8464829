"""A line to type into, with the editing keys of the key table."""

from __future__ import annotations

import urwid
from urwid.command_map import Command

from urwidclient.keys import KEYS

_EDITING = {
    "line_start": Command.MAX_LEFT,
    "line_end": Command.MAX_RIGHT,
    "char_left": Command.LEFT,
    "char_right": Command.RIGHT,
    "word_left": Command.WORD_LEFT,
    "word_right": Command.WORD_RIGHT,
    "delete_word_left": Command.DELETE_WORD_LEFT,
    "delete_word_right": Command.DELETE_WORD_RIGHT,
    "delete_to_start": Command.DELETE_TO_LINE_START,
}


def _command_map() -> urwid.CommandMap:
    commands = urwid.CommandMap()
    for binding in KEYS:
        if binding.scope == "input" and binding.action in _EDITING:
            for key in binding.keys:
                commands[key] = _EDITING[binding.action]
    return commands


class Field(urwid.Edit):
    """urwid's own, with readline keys."""

    _command_map = _command_map()
