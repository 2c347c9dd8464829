"""Where a server keeps its things."""

from __future__ import annotations

import os
from pathlib import Path

STORE = "chat.sqlite3"
"""All that is kept, in the state directory."""

CONTROL = "control"
"""The socket there, at which the server is told what to do."""

LOCK = "lock"
"""A file there that a server has locked as long as it uses the store."""

BACKUP = "backup.sqlite3"
"""A backup there, until whoever asked for it has taken it away."""


def is_own(name: str) -> bool:
    """Whether a file of this name in the state directory is one that the server itself uses."""
    return name in (STORE, CONTROL, LOCK, BACKUP) or name.startswith(f"{STORE}-")


def state_directory() -> str:
    """Where this user's chat is kept unless `--state` says otherwise; it may begin with `~`."""
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return str(Path(home) / "chatservice")
