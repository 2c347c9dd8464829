"""SASL as IRC speaks it: base64 in chunks, and what it says in each mechanism."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from chatservice.domain.commands import Command, Login, Scram

CHUNK = 400
"""Characters of base64 in one line; one that has so many is not the last (sasl-3.1)."""

MOST = 10 * CHUNK
"""Characters of base64 in one message."""

MECHANISMS = ("PLAIN", "SCRAM-SHA-256")


@dataclass(slots=True)
class Sasl:
    """A login on its way: the mechanism, what came of a message so far, whether all is said."""

    mechanism: str
    data: str = ""
    said: bool = False

    def take(self, chunk: str) -> bool:
        """Take a part of a message; whether that is whole now."""
        if chunk != "+":
            self.data += chunk
        return len(chunk) < CHUNK

    def asked(self) -> Command | None:
        """The command that the message is, None if it is none; the next one begins."""
        data, self.data = self.data, ""
        try:
            text = base64.b64decode(data.encode(), validate=True).decode()
        except ValueError:
            self.said = True
            return None
        self.said = self.mechanism == "PLAIN" or not text
        return Scram(message=text) if self.mechanism != "PLAIN" else _plain(text)


def _plain(text: str) -> Command | None:
    """A name and a password (RFC 4616); nobody logs in on behalf of another."""
    parts = text.split("\0")
    if len(parts) != 3 or not parts[1] or parts[0] not in ("", parts[1]):
        return None
    return Login(nick=parts[1], password=parts[2])
