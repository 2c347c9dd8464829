"""Lists that are as long as they are, in lines that are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chatservice.domain.text import folded
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.isupport import TARGETS
from chatservice.wire.irc.line import BODY_BYTES, Line
from chatservice.wire.irc.personal import Personal
from chatservice.wire.irc.rows import rows


def distinct(names: str) -> list[str]:
    """The names of a list, each once in whatever case."""
    found: dict[str, str] = {}
    for name in filter(None, names.split(",")):
        found.setdefault(folded(name), name)
    return [*found.values()]


def too_many(codec: IrcCodec, verb: str, targets: Sequence[str]) -> list[Line]:
    """The refusal of more targets than a command takes (TARGMAX); nothing if it takes them."""
    most = TARGETS[verb]
    if most is None or len(targets) <= most:
        return []
    return [codec.numeric("ERR_TOOMANYTARGETS", targets[most])]


def listed(
    personal: Personal, name: str, *params: str, words: Iterable[str], between: str = " "
) -> Iterator[Line]:
    """A numeric whose last parameter is a list, in as many lines as it takes; none for no words."""
    most = BODY_BYTES - len(personal.numeric(name, *params, "").body())
    for row in rows(words, most, between):
        yield personal.numeric(name, *params, row)
