"""What opens over the window: help, the quick jump, a question, a panel on a narrow screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import urwid

from urwidclient.helptext import help_sections
from urwidclient.render import Markup, safe_line
from urwidclient.widgets.field import Field
from urwidclient.widgets.menu import Menu, Size

HELP_COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Popup:
    """A framed widget, the size it would like to have, and where."""

    widget: urwid.Widget
    columns: int
    rows: int
    align: Literal["left", "center", "right"] = "center"

    def place(self, size: Size) -> tuple[int, int, int, int]:
        """Left, top, columns and rows on a screen of this size."""
        columns, rows = min(self.columns, size[0]), min(self.rows, size[1])
        spare = size[0] - columns
        left = {"left": 0, "center": spare // 2, "right": spare}[self.align]
        return left, (size[1] - rows) // 2, columns, rows


def framed(title: str, widget: urwid.Widget) -> urwid.LineBox[urwid.Widget]:
    """The widget in a frame with a title."""
    return urwid.LineBox(widget, title, title_attr="heading")


def help_popup() -> Popup:
    """All keys and commands."""
    lines: list[Any] = []
    for title, rows in help_sections():
        lines.append(urwid.Text(("heading", title)))
        lines += [
            urwid.Columns([(HELP_COLUMNS, urwid.Text(("notice", what))), urwid.Text(does)])
            for what, does in rows
        ]
        lines.append(urwid.Divider())
    box = urwid.ListBox(urwid.SimpleListWalker(lines))
    return Popup(framed("Help (Esc closes)", box), 100, 60)


def panel_popup(title: str, menu: Menu, align: Literal["left", "right"]) -> Popup:
    """A panel that has no place of its own."""
    return Popup(framed(title, menu), 30, 1000, align)


class Question(urwid.Widget):
    """A question that Enter affirms (emits `yes`) and Esc denies."""

    _sizing = frozenset([urwid.BOX])
    _selectable = True
    signals: ClassVar[list[str]] = ["yes"]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = urwid.Filler(urwid.Text(text, align="center"))

    def render(self, size: Size, focus: bool = False) -> urwid.Canvas:  # type: ignore[override]
        return self._text.render(size, focus)

    def keypress(self, _size: Size, key: str) -> str | None:  # type: ignore[override]
        if key == "enter":
            self._emit("yes")
            return None
        return key if len(key) > 1 else None


def question_popup(text: str, yes: Callable[[], object]) -> Popup:
    """Ask; `yes` is called when the answer is yes."""
    question = Question(f"{text}\n\nEnter: yes     Esc: no")
    urwid.connect_signal(question, "yes", lambda _: yes())
    return Popup(framed("", question), 60, 8)


class QuickJump(urwid.Frame[Any, Any, Any]):
    """Rooms by a few letters of their name; emits `pick` with the name."""

    signals: ClassVar[list[str]] = ["pick"]

    def __init__(self, rooms: list[str]) -> None:
        self._rooms = rooms
        self._menu = Menu("No room of that name.")
        self._edit = Field("Room: #")
        super().__init__(self._menu, header=self._edit, focus_part="header")
        urwid.connect_signal(self._edit, "postchange", lambda *_: self._filter())
        urwid.connect_signal(self._menu, "pick", lambda _, room: self._emit("pick", room))
        self._filter()

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        if key in ("up", "down", "page up", "page down", "enter"):
            return self._menu.keypress((size[0], max(1, size[1] - 1)), key)
        return self._edit.keypress((size[0],), key)

    def _filter(self) -> None:
        letters = self._edit.edit_text.casefold().removeprefix("#")
        found = [room for room in self._rooms if _holds(room.casefold(), letters)]
        found.sort(key=lambda room: not room.casefold().startswith(letters))
        self._menu.set_rows([(room, _jump_row(room)) for room in found])


def jump_popup(rooms: list[str], pick: Callable[[str], None]) -> Popup:
    """Choose among rooms; `pick` is called with the one."""
    jump = QuickJump(rooms)
    urwid.connect_signal(jump, "pick", lambda _, room: pick(room))
    return Popup(framed("Jump to a room", jump), 50, 12)


def _jump_row(room: str) -> Callable[[int], Markup]:
    return lambda _columns: ("room", f" #{safe_line(room)}")


def _holds(name: str, letters: str) -> bool:
    """Whether the letters come in the name in this order."""
    rest = iter(name)
    return all(letter in rest for letter in letters)
