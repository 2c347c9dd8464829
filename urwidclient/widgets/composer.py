"""The input: one message being written, with history, completion and readline keys."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import ClassVar

import urwid

from chatservice.domain.text import neutral
from urwidclient.commands import secret_from
from urwidclient.completion import Words, complete
from urwidclient.keys import action_of
from urwidclient.widgets.field import Field

HISTORY = 200


class Composer(Field):
    """Emits `send` with the text; keeps what was sent for Up and Down, less what holds passwords.

    At most `most_rows` rows are shown, those around the cursor.
    """

    signals: ClassVar[list[str]] = ["change", "postchange", "submit", "send"]
    most_rows = 5

    def __init__(self, limit: int) -> None:
        super().__init__(multiline=True, max_length=limit)
        self.words = Words()
        self._sent: list[str] = []
        self._back = 0
        self._draft = ""
        self._refused = ""
        self._cycle: tuple[int, tuple[str, ...], int] = (0, (), 0)
        self._completed: tuple[str, int] | None = None

    def has_room_for(self, text: str) -> bool:
        """Whether so much more can be taken."""
        return self.max_length is None or len(self.edit_text) + len(text) <= self.max_length

    def take(self, text: str) -> None:
        """Put text in at the cursor, if there is room for it."""
        if self.has_room_for(text):
            self.insert_text(text)

    def begin(self, text: str) -> None:
        """Let this be what is written, whatever was before."""
        self._back = 0
        self.set_edit_text(text, edit_pos=len(text))

    def remember(self, text: str) -> None:
        """Let Up bring this back."""
        if secret_from(text) == len(text) and (not self._sent or self._sent[-1] != text):
            self._sent = [*self._sent, text][-HISTORY:]

    def give_back(self, text: str) -> None:
        """Put a refused line in again, to be mended; a command goes at Esc, or for the next `/`."""
        self.begin(text)
        self._refused = text if text.startswith("/") else ""

    def set_prompt(self, text: str) -> None:
        """Show this before what is typed."""
        if text != self.caption:
            self.set_caption(("me", text))

    def get_text(self) -> tuple[str, list[tuple[Hashable, int]]]:
        """What is shown: passwords are not."""
        text, attributes = super().get_text()
        secret = len(self.edit_text) - secret_from(self.edit_text)
        return f"{str(text)[: len(text) - secret]}{'*' * secret}", attributes

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return min(super().rows(size, focus), self.most_rows)

    def render(  # type: ignore[override]
        self, size: tuple[int], focus: bool = False
    ) -> urwid.TextCanvas | urwid.CompositeCanvas:
        whole = super().render(size, focus)
        if whole.rows() <= self.most_rows:
            return whole
        canvas = urwid.CompositeCanvas(whole)
        canvas.trim(self._top(size), self.most_rows)
        return canvas

    def mouse_event(  # type: ignore[override]
        self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool
    ) -> bool | None:
        return super().mouse_event(size, event, button, col, row + self._top(size), focus)

    def keypress(self, size: tuple[int], key: str) -> str | None:  # type: ignore[override]
        action = action_of(key, "input")
        if action in ("complete", "complete_back"):
            return self._complete(1 if action == "complete" else -1, key)
        refused, self._refused = self._refused, ""
        if refused == self.edit_text and (key == "/" or action_of(key, "everywhere") == "escape"):
            self.set_edit_text("", edit_pos=0)
        match action:
            case "send":
                self._send()
            case "newline":
                self.take("\n")
            case "history_back" | "history_forward":
                if super().keypress(size, key):
                    self._recall(1 if action == "history_back" else -1)
            case "line_start" | "line_end" if not self.edit_text:
                return key
            case "delete_char":
                super().keypress(size, "delete")
            case _:
                rest = super().keypress(size, key)
                return None if action or len(key) == 1 else rest
        return None

    def _top(self, size: tuple[int]) -> int:
        """How many rows are hidden above those that are shown."""
        cursor = super().get_cursor_coords(size)
        return max(0, cursor[1] - self.most_rows + 1) if cursor else 0

    def _send(self) -> None:
        text = self.edit_text
        if not text.strip():
            return
        self.remember(text)
        self.begin("")
        self._emit("send", text)

    def _recall(self, step: int) -> None:
        back = self._back + step
        if not 0 <= back <= len(self._sent):
            return
        if not self._back:
            self._draft = self.edit_text
        self._back = back
        text = self._sent[-back] if back else self._draft
        text = text[: self.max_length]
        self.set_edit_text(text, edit_pos=len(text))

    def _complete(self, step: int, key: str) -> str | None:
        """Make the next completion of the word; the key is not ours if there is no text."""
        if not self.edit_text:
            return key
        if self._completed != (self.edit_text, self.edit_pos):
            found = complete(self.edit_text, self.edit_pos, self.words)
            if not found.candidates:
                return None
            self._cycle = (found.start, found.candidates, -1 if step > 0 else 0)
        start, candidates, index = self._cycle
        index = (index + step) % len(candidates)
        text = self.edit_text[:start] + candidates[index]
        whole = text + self.edit_text[self.edit_pos :]
        if self.max_length is None or len(whole) <= self.max_length:
            self.set_edit_text(whole, edit_pos=len(text))
            self._cycle = (start, candidates, index)
            self._completed = whole, len(text)
        return None


def pasted(text: str) -> str:
    """Pasted text as it may go into the input."""
    lines = re.split("\r\n|\r|\n", text.replace("\t", "    "))
    return "\n".join(map(neutral, lines)).strip("\n")
