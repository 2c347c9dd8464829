"""Pure: who one is at the moment, and what is one's own or names one."""

from __future__ import annotations

import re
from typing import Literal

from chatservice.domain.events import Message, Private, Reacted, Reaction

Wanted = Literal["login", "admit"]
"""Which password is wanted at the start: that of one's nick, or that of the server."""

_NEVER = re.compile(r"(?!)")


class Me:
    """One's nick, and the name of the account that one is logged in to."""

    def __init__(self) -> None:
        self.account: str | None = None
        self._nick: str | None = None
        self._mention = _NEVER

    @property
    def nick(self) -> str | None:
        """One's nick, once there is one."""
        return self._nick

    @nick.setter
    def nick(self, nick: str) -> None:
        self._nick = nick
        self._mention = re.compile(rf"(?<!\w){re.escape(nick)}(?!\w)", re.IGNORECASE)

    def named_in(self, text: str) -> bool:
        """Whether a text names one."""
        return self._mention.search(text) is not None

    def said(self, message: Message | Private | Reaction | Reacted) -> bool:
        """Whether one has said this oneself, under another nick maybe."""
        account = message.account
        return message.nick == self._nick or (account is not None and account == self.account)
