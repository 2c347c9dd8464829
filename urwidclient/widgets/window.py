"""The chat window: title, panels, status line, input, and what opens over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, NamedTuple

import urwid

from urwidclient.keys import action_of
from urwidclient.render import Markup
from urwidclient.widgets.composer import Composer
from urwidclient.widgets.menu import Menu, Size
from urwidclient.widgets.messages import MessageView
from urwidclient.widgets.popups import Popup, panel_popup

Panel = Literal["input", "messages", "rooms", "people"]
PANELS: tuple[Panel, ...] = ("input", "messages", "rooms", "people")

PANEL_COLUMNS = 20
PEOPLE_FROM, ROOMS_FROM, COLUMNS_FROM = 120, 100, 80


class Placed(NamedTuple):
    """Where a part is on the screen."""

    part: Panel | None
    widget: urwid.Widget
    left: int
    top: int
    columns: int
    rows: int


class Window(urwid.Widget):
    """Emits `action` with an action of keys.py and the key, for all it does not do itself."""

    _sizing = frozenset([urwid.BOX])
    _selectable = True
    signals: ClassVar[list[str]] = ["action"]

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.rooms = Menu("No room yet.")
        self.people = Menu("Nobody.")
        self.messages = MessageView()
        self.composer = Composer(limit)
        self.focused: Panel = "input"
        self._title = urwid.AttrMap(urwid.Text("", wrap="ellipsis"), "title")
        self._status = urwid.AttrMap(urwid.Text("", wrap="clip"), "status")
        self._make_status: Callable[[int], Markup] = lambda _columns: ""
        self._popup: Popup | None = None

    @property
    def popup(self) -> Popup | None:
        """What is open over the window."""
        return self._popup

    def open(self, popup: Popup | None) -> None:
        """Open something over the window, or close it."""
        self._popup = popup
        self._invalidate()

    def focus_on(self, panel: Panel) -> None:
        """Give a panel the keys."""
        self.focused = panel
        self._invalidate()

    def set_title(self, text: str) -> None:
        """Change the line at the top."""
        self._title.original_widget.set_text(f" {text}")

    def set_status(self, status: Callable[[int], Markup]) -> None:
        """Change what makes the status line for a width, after the messages are drawn."""
        self._make_status = status
        self._invalidate()

    def render(self, size: Size, focus: bool = False) -> urwid.Canvas:  # type: ignore[override]
        base = self._base(size, focus)
        popup = self._shown_popup(size)
        if popup is None:
            return base
        left, top, columns, rows = popup.place(self._popup_area(size, popup))
        over = popup.widget.render((columns, rows), focus)
        base = urwid.CompositeCanvas(base)
        base.cursor = None
        return urwid.CanvasOverlay(over, base, left, top + self._popup_top(size, popup))

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        popup = self._shown_popup(size)
        if popup is not None:
            _, _, columns, rows = popup.place(self._popup_area(size, popup))
            rest = popup.widget.keypress((columns, rows), key)
        else:
            placed = self._placed(size, self.focused)
            rest = placed.widget.keypress(_size_of(placed), key) if placed else key
        if rest is not None and not (self._popup and self._popup_key(rest)):
            self._unused(size, rest)
        return None

    def mouse_event(  # type: ignore[override]
        self,
        size: Size,
        event: str,
        button: int,
        col: int,
        row: int,
        focus: bool,
    ) -> bool:
        popup = self._shown_popup(size)
        if popup is not None:
            left, top, columns, rows = popup.place(self._popup_area(size, popup))
            col, row = col - left, row - top - self._popup_top(size, popup)
            if 0 <= col < columns and 0 <= row < rows:
                popup.widget.mouse_event((columns, rows), event, button, col, row, focus)
            elif event == "mouse press" and button == 1:
                self._emit("action", "escape", "esc")
            return True
        for placed in self._layout(size):
            x, y = col - placed.left, row - placed.top
            if placed.part and 0 <= x < placed.columns and 0 <= y < placed.rows:
                if button == 1 and event == "mouse press" and placed.part in ("input", "messages"):
                    self.focus_on(placed.part)
                return bool(placed.widget.mouse_event(_size_of(placed), event, button, x, y, focus))
        return False

    def _popup_key(self, key: str) -> bool:
        """Whether a key that the popup left is to be dropped."""
        return action_of(key, "everywhere") not in ("escape", "quit", "redraw")

    def _unused(self, size: Size, key: str) -> None:
        """A key that the focused panel had no use for."""
        messages = self._placed(size, "messages")
        if action := action_of(key, "everywhere"):
            if action in ("page_up", "page_down"):
                if messages:
                    self.messages.keypress(_size_of(messages), key)
            else:
                self._emit("action", action, key)
        elif (action := action_of(key, "panel")) in ("next_panel", "previous_panel"):
            self._emit("action", action, key)
        elif action == "person":
            if self.focused == "people":
                self._emit("action", action, key)
        elif self.focused == "input":
            if action in ("top", "bottom") and messages:
                self.messages.keypress(_size_of(messages), key)
        elif len(key) == 1:
            self.focus_on("input")
            self.keypress(size, key)

    def _shown_popup(self, size: Size) -> Popup | None:
        if self._popup is not None:
            return self._popup
        if self.focused == "rooms" and size[0] < ROOMS_FROM:
            return panel_popup("Rooms", self.rooms, "left")
        if self.focused == "people" and size[0] < PEOPLE_FROM:
            return panel_popup("People", self.people, "right")
        return None

    def _popup_area(self, size: Size, popup: Popup) -> Size:
        """A panel leaves the input and the lines around it to be seen."""
        body = self._placed(size, "messages")
        return size if popup is self._popup or body is None else (size[0], body.rows)

    def _popup_top(self, size: Size, popup: Popup) -> int:
        body = self._placed(size, "messages")
        return 0 if popup is self._popup or body is None else body.top

    def _base(self, size: Size, focus: bool) -> urwid.Canvas:
        focus = focus and self._popup is None
        strips: dict[int, list[Placed]] = {}
        for placed in self._layout(size):
            strips.setdefault(placed.top, []).append(placed)
        return urwid.CanvasCombine(
            [(self._strip(strip, focus), None, False) for _, strip in sorted(strips.items())]
        )

    def _strip(self, strip: list[Placed], focus: bool) -> urwid.Canvas:
        parts = []
        for placed in strip:
            focused = focus and placed.part == self.focused
            if placed.widget is self._status:
                self._status.original_widget.set_text(self._make_status(placed.columns))
            canvas = placed.widget.render(_size_of(placed), focused)
            parts.append((canvas, None, focused, placed.columns))
        return urwid.CanvasJoin(parts)

    def _placed(self, size: Size, part: Panel) -> Placed | None:
        return next((placed for placed in self._layout(size) if placed.part == part), None)

    def _layout(self, size: Size) -> list[Placed]:
        """Every part's place, by the width band; the least needed parts go first when it is low."""
        columns, rows = size
        self.messages.set_nick_columns(
            16 if columns >= PEOPLE_FROM else 12 if columns >= COLUMNS_FROM else 0
        )
        self.composer.most_rows = max(1, min(5, rows // 3))
        input_rows = self.composer.rows((columns,), self.focused == "input")
        title_rows, status_rows = int(rows >= 5), int(rows >= 3)
        body_rows = rows - input_rows - title_rows - status_rows
        placed = []
        if title_rows:
            placed.append(Placed(None, self._title, 0, 0, columns, 0))
        if body_rows > 0:
            placed += self._body(columns, title_rows, body_rows)
        if status_rows:
            placed.append(Placed(None, self._status, 0, title_rows + body_rows, columns, 0))
        placed.append(Placed("input", self.composer, 0, rows - input_rows, columns, input_rows))
        return placed

    def _body(self, columns: int, top: int, rows: int) -> list[Placed]:
        placed, left, right = [], 0, columns
        if columns >= ROOMS_FROM:
            placed.append(Placed("rooms", self.rooms, 0, top, PANEL_COLUMNS, rows))
            placed.append(Placed(None, _DIVIDER, PANEL_COLUMNS, top, 1, rows))
            left = PANEL_COLUMNS + 1
        if columns >= PEOPLE_FROM:
            right = columns - PANEL_COLUMNS - 1
        placed.append(Placed("messages", self.messages, left, top, right - left, rows))
        if columns >= PEOPLE_FROM:
            placed.append(Placed(None, _DIVIDER, right, top, 1, rows))
            placed.append(Placed("people", self.people, right + 1, top, PANEL_COLUMNS, rows))
        return placed


_DIVIDER = urwid.AttrMap(urwid.SolidFill("│"), "rule")


def _size_of(placed: Placed) -> Any:
    """The size to give to the widget: boxes have rows, flows (title, status, input) have none."""
    flows = urwid.FLOW in placed.widget.sizing()
    return (placed.columns,) if flows else (placed.columns, placed.rows)
