"""How a client speaks on each wire: how it comes in, and how it says something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Step(NamedTuple):
    """What a client says, and what it then waits for."""

    say: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class Tongue:
    """A wire as its clients speak it."""

    introduction: Callable[[str], Sequence[Step]]
    """What a client of this nick does to be known."""
    line: Callable[[str, str], bytes]
    """How this nick says a text to the room."""
    entrance: Sequence[Step] = ()
    """What it then does to be in the room, if it is not there yet."""
    listed: bool = False
    """Whether full user lists go round, the last one long after the last newcomer."""


def _frame(text: str) -> bytes:
    """A WebSocket's text message of a client; the mask of zeros leaves it as it is."""
    length = len(text)
    size = bytes([0x80 | length]) if length < 126 else b"\xfe" + length.to_bytes(2)
    return b"\x81" + size + bytes(4) + text.encode()


_UPGRADE = (
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Origin: http://127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: text.ircv3.net",
    "\r\n",
)

RAW = Tongue(
    introduction=lambda _: [Step(b"", b"welcome\n")],
    line=lambda nick, text: f"MSG|{nick}: {text}\n".encode(),
)
PIPE = Tongue(
    introduction=lambda nick: [
        Step(f"CMD_USER|{nick}\n".encode(), f"SRV|{nick} has joined the chat.\n".encode())
    ],
    line=lambda nick, text: f"MSG|{nick}: {text}\n".encode(),
    listed=True,
)
IRC = Tongue(
    introduction=lambda nick: [
        Step(f"NICK {nick}\r\nUSER {nick} 0 * :x\r\n".encode(), b" 001 "),
    ],
    entrance=[Step(b"JOIN #lobby\r\n", b" 366 ")],
    line=lambda _, text: f"PRIVMSG #lobby :{text}\r\n".encode(),
)
IRC_WS = Tongue(
    introduction=lambda nick: [
        Step("\r\n".join(_UPGRADE).encode(), b"\r\n\r\n"),
        Step(_frame(f"NICK {nick}") + _frame(f"USER {nick} 0 * :x"), b" 001 "),
    ],
    entrance=[Step(_frame("JOIN #lobby"), b" 366 ")],
    line=lambda _, text: _frame(f"PRIVMSG #lobby :{text}"),
)
TONGUES = {"raw": RAW, "pipe": PIPE, "irc": IRC, "irc-ws": IRC_WS}
"""By the name of the wire; `raw` is that of the broadcasters."""
