"""Lines laid out as screen rows: flat lists that are cut and joined far faster than canvases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import urwid

from urwidclient import render
from urwidclient.scrollback import Line

Row = tuple[bytes, list[Any], list[Any]]
"""Encoded text, run-length encoded attributes and character sets, as a `TextCanvas` has them."""

BETWEEN = " │ "


class Above(NamedTuple):
    """What there is about a line that is not in it: a new day, the `new` line; it is `chosen`."""

    new_day: bool
    new: bool
    chosen: bool


def laid_out(
    line: Line, columns: int, nick_columns: int, quoted: Line | None, above: Above
) -> tuple[Row, ...]:
    """The rows of a line, with the day and the `new` line above it where they belong.

    Nicks are right-aligned in `nick_columns`, or inline (0). A line that answers another one has
    that above it, as far as that is known (`quoted`); a chosen one stands out.
    """
    canvases = [_rule(render.day(line.at), "day", columns)] if above.new_day else []
    if above.new:
        canvases.append(_rule("new", "new", columns))
    shown = [_columns(line, columns, nick_columns) if nick_columns else _one(line, columns)]
    left = nick_columns + len("00:00 ") if nick_columns else 0
    if line.reply_to is not None:
        shown.insert(0, _beside(render.quoted(quoted), left, columns))
    if line.reactions:
        shown.append(_beside(render.reactions(line.reactions), left, columns))
    canvases += map(_chosen, shown) if above.chosen else shown
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


def _beside(markup: render.Markup, left: int, columns: int) -> urwid.Canvas:
    """One row that belongs to a line, beside its text."""
    rule = ("rule", BETWEEN if left else "  ")
    parts: list[Any] = [" " * left, rule, markup]
    return urwid.Text(parts, wrap="ellipsis").render((columns,))


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
