"""The message view: the lines of one room, scrolled; only what is visible is laid out."""

from __future__ import annotations

from collections.abc import Callable

import urwid

from urwidclient import render
from urwidclient.keys import action_of
from urwidclient.room import Room
from urwidclient.scrollback import Line
from urwidclient.widgets.rows import Above, Row, canvas_of, laid_out

CACHED = 1000
WHEEL_ROWS = 3

Size = tuple[int, int]


class MessageView(urwid.Widget):
    """Shows a room from its end, or held where it was scrolled to.

    The view hangs on a line's `key`: the rows of that line but the last `hidden` end it. So
    nothing that comes, before or after, moves it.
    """

    _sizing = frozenset([urwid.BOX])
    _selectable = True

    def __init__(self) -> None:
        super().__init__()
        self.more = 0
        self.at_top = False
        self._room: Room | None = None
        self._anchor: tuple[int, int] | None = None
        self._unread_after: int | None = None
        self._placeholder = ""
        self._nick_columns = 0
        self._visible = range(0)
        self._blocks: dict[tuple[Line, int, int, Line | None, Above], tuple[Row, ...]] = {}

    @property
    def at_end(self) -> bool:
        """Whether the last line there is can be seen."""
        room = self._room
        return room is not None and self._anchor is None and room.back.attached

    @property
    def at_bottom(self) -> bool:
        """Whether one has scrolled down to the last line that is here."""
        if self._room is None or self._anchor is None:
            return False
        lines = self._room.lines
        return bool(lines) and self._anchor == (lines[-1].key, 0)

    @property
    def following(self) -> bool:
        """Whether the view goes along with the end."""
        return self._anchor is None

    def set_nick_columns(self, columns: int) -> None:
        """Show nicks in a column of this width, or inline (0)."""
        if columns != self._nick_columns:
            self._nick_columns = columns
            self._invalidate()

    def set_placeholder(self, text: str) -> None:
        """What to show while there is no room."""
        self._placeholder = text
        self._invalidate()

    def show(self, room: Room | None) -> None:
        """Show a room: from its oldest unread message, or at its end."""
        self._room = room
        self._hold(None)
        self.at_top = False
        self._unread_after = room.marker if room is not None and room.unread else None
        self._invalidate()

    def show_after(self, seq: int) -> None:
        """Scroll so that the first message with a greater seq comes at the top."""
        self._unread_after = seq
        self._invalidate()

    def mark(self, seq: int) -> None:
        """Scroll to the message of this seq, with what was said before it, and mark it."""
        if self._room is not None:
            self._room.chosen = seq
        self.show_after(seq - 1)

    def unchoose(self) -> None:
        """No message is chosen any more."""
        if self._room is not None:
            self._room.chosen = None
        self._invalidate()

    def choose(self, step: int) -> None:
        """Choose the message that is so many messages on from the chosen one, or the last one."""
        room = self._room
        if room is None:
            return
        seqs = [line.seq for line in room.back.lines if line.stored and line.amended != "deleted"]
        if not seqs:
            return
        visible = room.lines[slice_of(self._visible)]
        if room.chosen in seqs:
            seq = seqs[max(0, min(seqs.index(room.chosen) + step, len(seqs) - 1))]
        else:
            end = visible[-1].seq if visible else seqs[-1]
            seq = next((each for each in reversed(seqs) if each <= end), seqs[-1])
        room.chosen = seq
        if not any(line.stored and line.seq == seq for line in visible):
            self.show_after(seq - 1)
        self._invalidate()

    def refresh(self) -> None:
        """The room changed."""
        self._invalidate()

    def to_end(self) -> None:
        """Follow the end; nothing is chosen any more."""
        if self._room is not None:
            self._room.chosen = None
        self._hold(None)

    def render(self, size: Size, focus: bool = False) -> urwid.Canvas:  # type: ignore[override]  # noqa: ARG002
        columns, rows = size
        room = self._room
        if room is None:
            text = urwid.Text(("notice", self._placeholder), align="center")
            return urwid.Filler(text).render(size)
        lines = room.lines
        self._settle(lines, size)
        index, hidden = self._bottom(lines)
        blocks: list[tuple[Row, ...]] = []
        height = -hidden
        first = index
        while first >= 0 and height < rows:
            blocks.append(self._block(lines, first, columns))
            height += len(blocks[-1])
            first -= 1
        self._visible = range(first + 1, index + 1)
        self.at_top = first < 0
        self.more = max(0, len(lines) - 1 - index) + room.beyond
        shown = [row for block in reversed(blocks) for row in block]
        end = len(shown) - hidden
        return canvas_of(shown[max(0, end - rows) : end], columns, rows)

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        steps: dict[str, Callable[[], None]] = {
            "line_up": lambda: self._scroll(size, 1),
            "line_down": lambda: self._scroll(size, -1),
            "page_up": lambda: self._scroll(size, size[1] - 1),
            "page_down": lambda: self._scroll(size, 1 - size[1]),
            "top": lambda: self._to_top(size),
            "bottom": self.to_end,
        }
        step = steps.get(action_of(key, "panel") or action_of(key, "everywhere") or "")
        if step is None:
            return key
        step()
        return None

    def mouse_event(  # type: ignore[override]
        self,
        size: Size,
        event: str,
        button: int,
        _col: int,
        _row: int,
        _focus: bool,
    ) -> bool:
        if event != "mouse press" or button not in (4, 5):
            return False
        self._scroll(size, WHEEL_ROWS if button == 4 else -WHEEL_ROWS)
        return True

    def _scroll(self, size: Size, rows: int) -> None:
        """Move by rows, up if positive, as far as the lines go."""
        if self._room is None or not (lines := self._room.lines):
            return
        index, hidden = self._bottom(lines)
        hidden += rows
        while hidden >= (height := len(self._block(lines, index, size[0]))) and index > 0:
            hidden -= height
            index -= 1
        while hidden < 0 and index < len(lines) - 1:
            index += 1
            hidden += len(self._block(lines, index, size[0]))
        if hidden <= 0 and index == len(lines) - 1:
            self._hold(None if self._room.back.attached else (lines[-1].key, 0))
        else:
            self._hold((lines[index].key, max(0, hidden)))
            if rows > 0 and self._rows_above(lines, size) < size[1]:
                self._to_top(size)

    def _rows_above(self, lines: list[Line], size: Size) -> int:
        """How many rows there are down to the end of the view, counted to a page at most."""
        index, hidden = self._bottom(lines)
        height = -hidden
        while index >= 0 and height < size[1]:
            height += len(self._block(lines, index, size[0]))
            index -= 1
        return height

    def _to_top(self, size: Size) -> None:
        if self._room is not None:
            self._to_line(self._room.lines, 0, size)

    def _to_line(self, lines: list[Line], index: int, size: Size) -> None:
        """Scroll so that this line comes at the top, or follow the end if it is that near."""
        height = 0
        while index < len(lines):
            height += len(self._block(lines, index, size[0]))
            if height >= size[1] and (height > size[1] or index < len(lines) - 1):
                self._hold((lines[index].key, height - size[1]))
                return
            index += 1
        attached = self._room is None or self._room.back.attached or not lines
        self._hold(None if attached else (lines[-1].key, 0))

    def _settle(self, lines: list[Line], size: Size) -> None:
        if self._unread_after is not None and self._room is not None:
            index = self._room.back.after(self._unread_after)
            above = size[1] // 3 if self._unread_after + 1 == self._room.chosen else 0
            while index > 0 and (above := above - len(self._block(lines, index - 1, size[0]))) >= 0:
                index -= 1
            self._to_line(lines, index, size)
            self._unread_after = None

    def _hold(self, anchor: tuple[int, int] | None) -> None:
        self._anchor = anchor
        if self._room is not None:
            self._room.back.held = anchor is not None
        self._invalidate()

    def _bottom(self, lines: list[Line]) -> tuple[int, int]:
        """The index of the last line to be seen, and how many of its rows are not."""
        if self._anchor is None:
            return len(lines) - 1, 0
        key, hidden = self._anchor
        return self._index(lines, key), hidden

    def _index(self, lines: list[Line], key: int) -> int:
        # A reader is mostly near the end.
        for index in range(len(lines) - 1, -1, -1):
            if lines[index].key == key:
                return index
        return len(lines) - 1

    def _block(self, lines: list[Line], index: int, columns: int) -> tuple[Row, ...]:
        """A line with what is drawn above it: the day, the `new` line."""
        line = lines[index]
        before = lines[index - 1] if index else None
        new_day = before is None or render.day(before.at) != render.day(line.at)
        marker = self._room.marker if self._room is not None else None
        new = marker is not None and line.seq > marker and (before is None or before.seq <= marker)
        chosen = self._room is not None and line.stored and line.seq == self._room.chosen
        quoted = None
        if line.reply_to is not None and self._room is not None:
            quoted = self._room.back.find(line.reply_to)
        key = (line, columns, self._nick_columns, quoted, Above(new_day, new, chosen))
        if key not in self._blocks:
            if len(self._blocks) >= CACHED:
                self._blocks.clear()
            self._blocks[key] = laid_out(*key)
        return self._blocks[key]


def slice_of(numbers: range) -> slice:
    """What a slice takes to be these."""
    return slice(numbers.start, numbers.stop)
