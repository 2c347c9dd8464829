"""What tests try at random: the same each time, unless `CHAT_SEED` chooses otherwise."""

from __future__ import annotations

import os


def first_seed(usual: int = 20260102) -> int:
    """With what a test's first play begins; further ones take the numbers after it."""
    return int(os.environ.get("CHAT_SEED", usual))
