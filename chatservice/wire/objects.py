"""Where JSON objects end that stand behind each other with nothing between them."""

from __future__ import annotations

import re

from chatservice.domain.errors import BadInput

_BLANK = re.compile(rb"[ \t\r\n]*")
_MARK = re.compile(rb'["{}]')
_MARK_IN_STRING = re.compile(rb'["\\]')


class ObjectSplitter:
    """Takes bytes, split anyhow, and gives the objects in them; each byte is looked at once."""

    __slots__ = ("_at", "_buffer", "_depth", "_in_string")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0
        self._depth = 0
        self._in_string = False

    def __len__(self) -> int:
        """Bytes that are no complete object yet, as far as `next` has been asked for them."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take some bytes."""
        self._buffer += data

    def next(self) -> bytes | None:
        """The next complete object; None while there is none.

        Raises `BadInput` at what cannot begin an object. What is inside is not checked.
        """
        buffer = self._buffer
        if not self._depth:
            blank = _BLANK.match(buffer)
            del buffer[: blank.end() if blank else 0]
            if buffer and buffer[0] != ord("{"):
                raise BadInput('A JSON object has to begin with "{".')
        while found := (_MARK_IN_STRING if self._in_string else _MARK).search(buffer, self._at):
            self._at = found.end()
            mark = found[0]
            if mark == b"\\":
                self._at += 1
            elif mark == b'"':
                self._in_string = not self._in_string
            else:
                self._depth += 1 if mark == b"{" else -1
            if not self._depth:
                unit = bytes(buffer[: self._at])
                del buffer[: self._at]
                self._at = 0
                return unit
        self._at = max(self._at, len(buffer))
        return None


def each_object(data: bytes) -> list[bytes]:
    """The objects that the bytes consist of."""
    splitter = ObjectSplitter()
    splitter.feed(data)
    return list(iter(splitter.next, None))
