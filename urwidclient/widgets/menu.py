"""A list to choose from; only the visible rows are laid out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

import urwid

from urwidclient.keys import action_of
from urwidclient.render import Markup

Size = tuple[int, int]
Row = tuple[Hashable, Callable[[int], Markup]]


class Menu(urwid.Widget):
    """Rows of `(value, markup for a width)`; emits `pick` with the value of the chosen one."""

    _sizing = frozenset([urwid.BOX])
    _selectable = True
    signals: ClassVar[list[str]] = ["pick"]

    def __init__(self, empty: str = "") -> None:
        super().__init__()
        self.empty = empty
        self.always_bar = False
        self._rows: Sequence[Row] = ()
        self._chosen = 0
        self._top = 0

    @property
    def chosen(self) -> Hashable | None:
        """The value under the bar."""
        return self._rows[self._chosen][0] if self._rows else None

    def set_rows(self, rows: Sequence[Row], chosen: Hashable | None = None) -> None:
        """Show other rows; the bar stays on its value, or goes to `chosen`."""
        wanted = self.chosen if chosen is None else chosen
        self._rows = rows
        values = [value for value, _ in rows]
        near = max(0, min(self._chosen, len(rows) - 1))
        self._chosen = values.index(wanted) if wanted in values else near
        self._invalidate()

    def render(self, size: Size, focus: bool = False) -> urwid.CompositeCanvas:  # type: ignore[override]
        columns, rows = size
        focus = focus or self.always_bar
        if not self._rows:
            text = urwid.Text(("presence", self.empty)).render((columns,))
            canvas = urwid.CompositeCanvas(text)
            canvas.pad_trim_top_bottom(0, rows - canvas.rows())
            return canvas
        self._show_chosen(rows, focus)
        shown = self._rows[self._top : self._top + rows]
        canvas = urwid.CanvasCombine(
            [
                (self._row(number, markup(columns), columns, focus), None, False)
                for number, (_, markup) in enumerate(shown, self._top)
            ]
        )
        canvas.pad_trim_top_bottom(0, rows - len(shown))
        return canvas

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        page = size[1]
        moves = {
            "line_up": -1,
            "line_down": 1,
            "page_up": -page,
            "page_down": page,
            "top": -len(self._rows),
            "bottom": len(self._rows),
        }
        action = action_of(key, "panel") or action_of(key, "everywhere")
        if action in moves:
            self._move(moves[action])
        elif action == "pick" and self._rows:
            self._emit("pick", self.chosen)
        else:
            return key
        return None

    def mouse_event(  # type: ignore[override]
        self,
        size: Size,
        event: str,
        button: int,
        _col: int,
        row: int,
        _focus: bool,
    ) -> bool:
        if event != "mouse press":
            return False
        if button in (4, 5):
            most = max(0, len(self._rows) - size[1])
            self._top = max(0, min(most, self._top + (3 if button == 5 else -3)))
            self._chosen = max(self._top, min(self._top + size[1] - 1, self._chosen))
            self._invalidate()
            return True
        if button == 1 and self._top + row < len(self._rows):
            self._chosen = self._top + row
            self._invalidate()
            self._emit("pick", self.chosen)
            return True
        return False

    def _move(self, by: int) -> None:
        self._chosen = max(0, min(len(self._rows) - 1, self._chosen + by))
        self._invalidate()

    def _show_chosen(self, rows: int, focus: bool) -> None:
        if focus:
            self._top = min(self._top, self._chosen)
            self._top = max(self._top, self._chosen - rows + 1)
        self._top = max(0, min(self._top, len(self._rows) - rows))

    def _row(self, number: int, markup: Markup, columns: int, focus: bool) -> urwid.Canvas:
        canvas = urwid.CompositeCanvas(urwid.Text(markup, wrap="clip").render((columns,)))
        if focus and number == self._chosen:
            canvas.fill_attr_apply(dict.fromkeys([None, *_attrs(markup)], "chosen"))
        return canvas


def _attrs(markup: Markup) -> list[str]:
    if isinstance(markup, tuple):
        return [markup[0]]
    return (
        [] if isinstance(markup, str) else [part[0] for part in markup if isinstance(part, tuple)]
    )
