"""What opens over the window: help, the quick jump, questions, forms, menus, narrow panels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import urwid

from urwidclient.helptext import help_sections
from urwidclient.render import Markup, safe, safe_line
from urwidclient.room import label
from urwidclient.widgets.field import Field
from urwidclient.widgets.menu import Menu, Size

HELP_COLUMNS = 23


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
            urwid.Columns([(HELP_COLUMNS, urwid.Text(("notice", what))), urwid.Text(does)], 1)
            for what, does in rows
        ]
        lines.append(urwid.Divider())
    box = urwid.ListBox(urwid.SimpleListWalker(lines))
    return Popup(framed("Help (PgDn: more, Esc: close)", box), 100, 60)


def panel_popup(title: str, menu: Menu, align: Literal["left", "right"]) -> Popup:
    """A panel that has no place of its own."""
    return Popup(framed(title, menu), 30, 1000, align)


class Question(urwid.Widget):
    """Something that Enter affirms (emits `yes`) and Esc denies."""

    _sizing = frozenset([urwid.BOX])
    _selectable = True
    signals: ClassVar[list[str]] = ["yes"]

    def __init__(self, widget: urwid.Widget, valign: Literal["top", "middle"] = "middle") -> None:
        super().__init__()
        self._filler = urwid.Filler(widget, valign)

    def render(self, size: Size, focus: bool = False) -> urwid.Canvas:  # type: ignore[override]
        return self._filler.render(size, focus)

    def keypress(self, _size: Size, key: str) -> str | None:  # type: ignore[override]
        if key == "enter":
            self._emit("yes")
            return None
        return key if len(key) > 1 else None


def question_popup(text: str, yes: Callable[[], object]) -> Popup:
    """Ask; `yes` is called when the answer is yes."""
    question = Question(urwid.Text(f"{text}\n\nEnter: yes     Esc: no", align="center"))
    urwid.connect_signal(question, "yes", lambda _: yes())
    return Popup(framed("", question), 60, 8)


def card_popup(
    title: str, rows: Sequence[tuple[str, str]], hint: str, yes: Callable[[], object]
) -> Popup:
    """Show facts with their captions; `yes` is called when Enter is pressed."""
    lines = [
        urwid.Columns([(12, urwid.Text(("presence", caption))), urwid.Text(safe_line(text))])
        for caption, text in rows
    ]
    pile = urwid.Pile([*lines, urwid.Divider(), urwid.Text(("presence", hint))])
    card = Question(pile, "top")
    urwid.connect_signal(card, "yes", lambda _: yes())
    columns = 60
    return Popup(framed(safe_line(title), card), columns, 2 + pile.rows((columns - 2,)))


class Form(urwid.WidgetWrap[Any]):
    """Fields to fill in, those in `hidden` unseen; emits `done` with what is in them."""

    signals: ClassVar[list[str]] = ["done"]

    def __init__(self, text: str, captions: Sequence[str], hidden: Sequence[str]) -> None:
        self._fields = [
            Field(f"{caption}: ", wrap="clip", mask="*" if caption in hidden else None)
            for caption in captions
        ]
        hint = urwid.Text(("presence", "Enter goes on. Esc closes."))
        self._pile = urwid.Pile([urwid.Text(safe(text)), *self._fields, urwid.Divider(), hint])
        self._pile.focus_position = 1
        super().__init__(urwid.Filler(self._pile, valign="top"))

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        steps = {"tab": 1, "down": 1, "shift tab": -1, "up": -1}
        if key == "enter":
            self._emit("done", *(field.edit_text.strip() for field in self._fields))
        elif key in steps:
            at = self._pile.focus_position - 1 + steps[key]
            self._pile.focus_position = 1 + at % len(self._fields)
        else:
            return super().keypress(size, key)
        return None


def form_popup(
    title: str,
    text: str,
    captions: Sequence[str],
    done: Callable[..., object],
    *,
    hidden: Sequence[str] = (),
) -> Popup:
    """Ask for some words; `done` is called with what was typed."""
    form = Form(text, captions, hidden)
    urwid.connect_signal(form, "done", lambda _, *words: done(*words))
    return Popup(framed(title, form), 60, 6 + len(captions))


def menu_popup(
    title: str,
    rows: Sequence[tuple[str, Hashable]],
    pick: Callable[[Any], object],
    *,
    chosen: Hashable | None = None,
    columns: int = 40,
) -> Popup:
    """Choose among these, at first the `chosen` one; `pick` is called with the value of the one."""
    menu = Menu()
    menu.always_bar = True
    menu.set_rows([(value, _menu_row(text)) for text, value in rows], chosen=chosen)
    urwid.connect_signal(menu, "pick", lambda _, value: pick(value))
    return Popup(framed(safe_line(title), menu), columns, 2 + len(rows))


def _menu_row(text: str) -> Callable[[int], Markup]:
    return lambda _columns: f" {safe_line(text)}"


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
        found = [room for room in self._rooms if _holds(label(room).casefold(), letters)]
        found.sort(key=lambda room: not label(room)[1:].casefold().startswith(letters))
        self._menu.set_rows([(room, _jump_row(room)) for room in found])


def jump_popup(rooms: list[str], pick: Callable[[str], None]) -> Popup:
    """Choose among rooms; `pick` is called with the one."""
    jump = QuickJump(rooms)
    urwid.connect_signal(jump, "pick", lambda _, room: pick(room))
    return Popup(framed("Jump to a room", jump), 50, 12)


def _jump_row(room: str) -> Callable[[int], Markup]:
    return lambda _columns: ("room", f" {safe_line(label(room))}")


def _holds(name: str, letters: str) -> bool:
    """Whether the letters come in the name in this order."""
    rest = iter(name)
    return all(letter in rest for letter in letters)
