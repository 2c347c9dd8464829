"""The list of rooms, and which of them are asked for (ELIST)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from chatservice.domain import commands, events
from chatservice.domain.events import RoomInfo
from chatservice.domain.masks import glob
from chatservice.domain.text import folded
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.lists import too_many
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.verbs import Subject, Verb

Test = Callable[[RoomInfo, int], bool]
"""Whether a room is asked for: (room, now)."""

_NUMBER = re.compile(r"([CT]?)([<>])([0-9]{1,15})", re.IGNORECASE)
_MINUTE = 60_000


def _list(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    asked = [each for each in line.params[0].split(",") if each] if line.params else []
    if refusal := too_many(codec, line.verb, asked):
        yield from refusal
        return
    shown = partial(_shown, wanted(asked), frozenset(map(folded, asked)))
    yield Ask(commands.ListRooms(), answer=shown)


def wanted(asked: Iterable[str]) -> Test:
    """What a list of conditions asks for: all numbers hold, and one of the masks if there are any.

    `M` is a mask, `N` one that does not match, `U` a number of people, `C` and `T` minutes since
    the room was made and its topic was set (Modern IRC, "ELIST parameter").
    """
    numbers: list[Test] = []
    masks: list[re.Pattern[str]] = []
    without: list[re.Pattern[str]] = []
    for each in asked:
        found = _NUMBER.fullmatch(each)
        if found:
            numbers.append(partial(_compare, found[1].upper(), found[2], int(found[3])))
        elif each.startswith("!"):
            without.append(glob(folded(each[1:])))
        else:
            masks.append(glob(folded(each)))

    def test(room: RoomInfo, now: int) -> bool:
        name = folded(ROOM + room.room)
        return (
            all(number(room, now) for number in numbers)
            and (not masks or any(mask.fullmatch(name) for mask in masks))
            and not any(mask.fullmatch(name) for mask in without)
        )

    return test


def _compare(what: str, way: str, bound: int, room: RoomInfo, now: int) -> bool:
    if not what:
        return room.people < bound if way == "<" else room.people > bound
    at = room.made_at if what == "C" else room.topic_at
    age, bound = now - at, bound * _MINUTE
    return at > 0 and (age < bound if way == "<" else age >= bound)


def _shown(
    test: Test, exactly: frozenset[str], personal: Personal, _request: Request, event: object
) -> Iterator[Line] | None:
    return _lines(test, exactly, personal, event) if isinstance(event, events.Rooms) else None


def _lines(
    test: Test, exactly: frozenset[str], personal: Personal, event: events.Rooms
) -> Iterator[Line]:
    """Rooms that nobody is in are there for other wires, but here for those who name them."""
    yield personal.numeric("RPL_LISTSTART", "Channel")
    for room in event.rooms:
        name = ROOM + room.room
        if (room.people or folded(name) in exactly) and test(room, event.at):
            yield personal.numeric("RPL_LIST", name, str(room.people), room.topic or "")
    yield personal.numeric("RPL_LISTEND")


SUBJECT = Subject(verbs={"LIST": Verb(_list)})
