"""Messages that were found: a list, and the whole text of the chosen one under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import urwid

from chatservice.domain.events import Message
from urwidclient import render
from urwidclient.render import Markup
from urwidclient.widgets.menu import Menu, Size
from urwidclient.widgets.popups import Popup, framed

PREVIEW_ROWS = 4


class Results(urwid.WidgetWrap[Any]):
    """Emits `pick` with the number of a message, or with the number after the last for more."""

    signals: ClassVar[list[str]] = ["pick"]

    def __init__(self, messages: Sequence[Message], first: int, *, more: bool) -> None:
        self._messages = messages
        self._menu = Menu()
        self._menu.always_bar = True
        rows = [(number, _row(message)) for number, message in enumerate(messages)]
        last = [(len(messages), _more_row)] if more else []
        self._menu.set_rows([*rows, *last], chosen=first)
        self._text = urwid.Text("")
        preview = urwid.Filler(self._text, valign="top")
        rule = urwid.AttrMap(urwid.Divider(render.RULE), "rule")
        super().__init__(urwid.Pile([self._menu, ("pack", rule), (PREVIEW_ROWS, preview)]))
        urwid.connect_signal(self._menu, "pick", lambda _, number: self._emit("pick", number))
        self._preview()

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        rest: str | None = super().keypress(size, key)
        self._preview()
        return rest

    def mouse_event(  # type: ignore[override]
        self, size: Size, event: str, button: int, col: int, row: int, focus: bool
    ) -> bool:
        taken = bool(super().mouse_event(size, event, button, col, row, focus))
        self._preview()
        return taken

    def _preview(self) -> None:
        number = self._menu.chosen
        if isinstance(number, int) and number < len(self._messages):
            self._text.set_text(render.found_whole(self._messages[number]))
        else:
            self._text.set_text(("presence", "Enter looks further back."))


def results_popup(
    words: str,
    messages: Sequence[Message],
    first: int,
    pick: Callable[[Message | None], object],
    *,
    more: bool,
) -> Popup:
    """Choose among messages, at first that number; `pick` is called with one, or None for more."""
    results = Results(messages, first, more=more)

    def picked(_: object, number: int) -> None:
        pick(messages[number] if number < len(messages) else None)

    urwid.connect_signal(results, "pick", picked)
    title = render.shortened(render.safe_line(f"Found: {words}"), 40)
    rows = len(messages) + more + PREVIEW_ROWS + 3
    return Popup(framed(f"{title} (Enter goes there)", results), 100, rows)


def _row(message: Message) -> Callable[[int], Markup]:
    return lambda columns: render.found_row(message, columns)


def _more_row(_columns: int) -> Markup:
    return ("notice", " more ...")
