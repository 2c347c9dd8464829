"""How `chatctl` shows things to people."""

from __future__ import annotations

from chatservice.domain.text import neutral


def table(heading: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as they have to be; nothing in them can steer a terminal."""
    cells = [heading, *([neutral(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def span(seconds: int) -> str:
    """Hours, minutes and seconds."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def number(number: float) -> str:
    """A number as people read it."""
    if number is None or number == float("inf"):
        return "more"
    if isinstance(number, int) or number >= 10_000:
        return f"{number:,.0f}"
    return f"{number:.4g}"
