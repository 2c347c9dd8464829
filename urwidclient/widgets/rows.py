"""Lines laid out as screen rows: flat lists that are cut and joined far faster than canvases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import urwid

from urwidclient import render
from urwidclient.scrollback import Line

Row = tuple[bytes, list[Any], list[Any]]
"""Encoded text, run-length encoded attributes and character sets, as a `TextCanvas` has them."""

BETWEEN = " │ "


def laid_out(
    line: Line, columns: int, nick_columns: int, new_day: bool, new: bool, marked: bool
) -> tuple[Row, ...]:
    """The rows of a line, with the day and the `new` line above it where they belong.

    Nicks are right-aligned in `nick_columns`, or inline (0). A `marked` line stands out.
    """
    canvases = [_rule(render.day(line.at), "day", columns)] if new_day else []
    if new:
        canvases.append(_rule("new", "new", columns))
    shown = _columns(line, columns, nick_columns) if nick_columns else _one(line, columns)
    canvases.append(_chosen(shown) if marked else shown)
    return tuple(_row(runs) for canvas in canvases for runs in canvas.content())


def canvas_of(rows: Sequence[Row], columns: int, height: int) -> urwid.TextCanvas:
    """The rows as a canvas, blank at the top where there are too few."""
    blank: list[Row] = [(b" " * columns, [(None, columns)], [(None, columns)])]
    rows = blank * (height - len(rows)) + list(rows)
    return urwid.TextCanvas(
        [text for text, _, _ in rows],
        [attrs for _, attrs, _ in rows],
        [charsets for _, _, charsets in rows],
        maxcol=columns,
        check_width=False,
    )


def _one(line: Line, columns: int) -> urwid.Canvas:
    return urwid.Text(render.inline(line)).render((columns,))


def _columns(line: Line, columns: int, nick_columns: int) -> urwid.Canvas:
    left = nick_columns + len("00:00 ") + len(BETWEEN)
    text = urwid.Text(render.body(line)).render((columns - left,))
    below = "\n" + " " * (left - len(BETWEEN)) + BETWEEN
    parts = [*render.head(line, nick_columns), ("rule", BETWEEN + below * (text.rows() - 1))]
    head = urwid.Text(parts, wrap="clip").render((left,))
    return urwid.CanvasJoin([(head, None, False, left), (text, None, False, columns - left)])


def _chosen(canvas: urwid.Canvas) -> urwid.Canvas:
    shown = urwid.CompositeCanvas(canvas)
    attrs = {attr for row in canvas.content() for attr, _, _ in row}
    shown.fill_attr_apply(dict.fromkeys([None, *attrs], "chosen"))
    return shown


def _rule(text: str, attr: str, columns: int) -> urwid.Canvas:
    side = render.RULE * max(1, (columns - len(text) - 2) // 2)
    return urwid.Text((attr, f"{side} {text} {side}{render.RULE}"), wrap="clip").render((columns,))


def _row(runs: Sequence[tuple[Any, Any, bytes]]) -> Row:
    return (
        b"".join(text for _, _, text in runs),
        [(attr, len(text)) for attr, _, text in runs],
        [(charset, len(text)) for _, charset, text in runs],
    )
