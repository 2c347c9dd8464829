"""Pure: what is said on the shell once the screen is gone."""

from __future__ import annotations

from collections.abc import Iterable

from chatservice.domain.text import counted
from urwidclient.render import safe, safe_line
from urwidclient.room import label


def last_words(failure: str, unsent: Iterable[tuple[str, str]]) -> list[str]:
    """Why the client ended, if it failed; the messages (room, text) that did not get through."""
    lines = [f"chatclient: {failure}"] if failure else []
    texts = [f"  {safe_line(label(room))}: {safe(text)}" for room, text in unsent]
    if texts:
        messages = counted(len(texts), "message")
        lines.append(f"chatclient: {messages} not sent, or not confirmed by the server:")
    return [*lines, *("\n    ".join(text.split("\n")) for text in texts)]
