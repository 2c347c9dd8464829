"""The native wire's objects: domain commands and events as JSON, field for field.

An object is `{"type": NAME, FIELD: VALUE, ...}`; a field that is null or has its default may be
left out, an unknown field is ignored. The dataclasses are the schema; `names` names them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from chatservice.domain.commands import Command
from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.events import Event, Person
from chatservice.wire.names import COMMANDS, EVENTS

VERSION = 1
"""The version of this wire that `hello` and `welcome` carry."""

DEEPEST = 16
"""Levels of nesting an object may have; ours have three."""

LARGEST_INTEGER = 2**53
"""Above it, numbers lose digits in JavaScript."""

_NAMES: dict[type, str] = {cls: name for table in (COMMANDS, EVENTS) for name, cls in table.items()}
_encode = json.JSONEncoder(ensure_ascii=False).encode
_Reader = Callable[[str, Any], Any]
_T = TypeVar("_T")


def dump(thing: Command | Event, *, without: str = "") -> bytes:
    """One JSON object without a line end; None is left out, and a default of false, 0, "" or [].

    `without` names a field that is left out as well.
    """
    members = _members(thing, without)
    text = f'{{"type":"{_NAMES[type(thing)]}"{members and ","}{members}}}'
    return text.encode("utf-8", "replace")


def load_command(unit: bytes) -> Command:
    """The command that a unit holds. Raises `BadInput` or `UnknownCommand`."""
    found = load_object(unit)
    name = found.get("type")
    cls = COMMANDS.get(name) if isinstance(name, str) else None
    if cls is None:
        known = ", ".join(COMMANDS)
        raise UnknownCommand(f'"type" has to be one of: {known}.')
    return _build(cls, found)


def load_event(unit: bytes) -> Event | None:
    """The event that a unit holds, None if its type is not known. Raises `BadInput`."""
    found = load_object(unit)
    name = found.get("type")
    cls = EVENTS.get(name) if isinstance(name, str) else None
    return None if cls is None else _build(cls, found)


def command_id(unit: bytes) -> str | None:
    """The `id` of a unit that was refused, as far as it can be told, so that the error names it."""
    try:
        found = load_object(unit).get("id")
    except BadInput:
        return None
    return found if isinstance(found, str) and len(found) <= LONGEST_ID else None


LONGEST_ID = 64
"""Characters that a client-chosen id or secret may have."""


def _members(thing: Any, without: str = "") -> str:
    return ",".join(
        [
            f'"{name}":{encode_basestring(value) if type(value) is str else _text(value)}'
            for name, omitted in _omitted(type(thing)).items()
            if (value := getattr(thing, name)) is not None and value != omitted and name != without
        ]
    )


def _text(value: Any) -> str:
    if type(value) is int:
        return str(value)
    if isinstance(value, tuple):
        return f"[{','.join([_text(item) for item in value])}]"
    if isinstance(value, Person):
        return _person(value)
    return f"{{{_members(value)}}}" if is_dataclass(value) else _encode(value)


@lru_cache(maxsize=8192)
def _person(person: Person) -> str:
    """Everybody in a room is in the list that each newcomer gets: worked out once."""
    return f"{{{_members(person)}}}"


def load_object(unit: bytes) -> dict[str, Any]:
    """The object that a unit holds, within all bounds. Raises `BadInput`."""
    text = unit.decode("utf-8", "replace")
    if _depth(text) > DEEPEST:
        raise BadInput(f"The object is nested more than {DEEPEST} levels deep.")
    try:
        found = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer
        )
    except ValueError as error:
        raise BadInput(f"This is not a JSON object: {str(error)[:80]}.") from None
    if not isinstance(found, dict):
        raise BadInput('A line has to be a JSON object, as in: {"type": "ping"}.')
    return found


def _depth(text: str) -> int:
    """An upper bound: brackets in strings count too, when there are suspiciously many."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return 0
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif in_string:
            escaped = character == "\\"
            in_string = character != '"'
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        raise ValueError("a number is larger than 2 to the power of 53")
    return int(digits)


def _build(cls: type[_T], found: dict[str, Any]) -> _T:
    values = {}
    for name, reader in _readers(cls).items():
        if found.get(name) is not None:
            values[name] = reader(name, found[name])
        elif name in _required(cls):
            raise BadInput(
                f'"{name}" is missing in an object of type {_NAMES.get(cls, cls.__name__)}.'
            )
    return cls(**values)


_READERS: dict[type, dict[str, _Reader]] = {}
_REQUIRED: dict[type, frozenset[str]] = {}
_OMITTED: dict[type, dict[str, Any]] = {}


def _readers(cls: type) -> dict[str, _Reader]:
    found = _READERS.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = _READERS[cls] = {name: _reader(hint) for name, hint in hints.items()}
    return found


def _required(cls: Any) -> frozenset[str]:
    found = _REQUIRED.get(cls)
    if found is None:
        found = _REQUIRED[cls] = frozenset(
            field.name for field in fields(cls) if field.default is MISSING
        )
    return found


def _omitted(cls: Any) -> dict[str, Any]:
    """The fields, each with what it is not shown for, beside None: a default that is nothing."""
    found = _OMITTED.get(cls)
    if found is None:
        found = _OMITTED[cls] = {
            field.name: field.default if field.default in ("", 0, ()) else None
            for field in fields(cls)
        }
    return found


def _reader(hint: Any) -> _Reader:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        [inner] = [each for each in get_args(hint) if each is not NoneType]
        return _reader(inner)
    if origin is Literal:
        return _one_of(get_args(hint))
    if origin is tuple:
        return _list_of(_reader(get_args(hint)[0]))
    if isinstance(hint, type) and is_dataclass(hint):
        return _nested(hint)
    return {str: _string, int: _whole, bool: _truth}[hint]


def _string(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(f'"{name}" has to be a string.')
    if not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value):
        raise BadInput(f'"{name}" holds half of a surrogate pair.')
    if name in ("id", "re", "client") and len(value) > LONGEST_ID:
        raise BadInput(f'"{name}" has more than {LONGEST_ID} characters.')
    return value


def _whole(name: str, value: Any) -> int:
    if type(value) is not int:
        raise BadInput(f'"{name}" has to be a whole number.')
    return value


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInput(f'"{name}" has to be true or false.')
    return value


def _one_of(choices: tuple[Any, ...]) -> _Reader:
    def read(name: str, value: Any) -> Any:
        if not isinstance(value, str) or value not in choices:
            raise BadInput(f'"{name}" has to be one of: {", ".join(choices)}.')
        return value

    return read


def _list_of(reader: _Reader) -> _Reader:
    def read(name: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise BadInput(f'"{name}" has to be a list.')
        return tuple(reader(name, item) for item in value)

    return read


def _nested(cls: type) -> _Reader:
    def read(name: str, value: Any) -> Any:
        if not isinstance(value, dict):
            raise BadInput(f'"{name}" has to be an object.')
        return _build(cls, value)

    return read
