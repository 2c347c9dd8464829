"""For values that are made, or looked up, with every message."""

from __future__ import annotations

import enum
from copy import copy
from dataclasses import fields, make_dataclass
from typing import Any, TypeVar

_T = TypeVar("_T", bound=type[Any])


class QuickEnum(enum.Enum):
    """An enumeration whose members are hashed at once; `Enum` has a hash written in Python."""

    __hash__ = object.__hash__


def quick(cls: _T) -> _T:
    """A frozen dataclass that takes a third of the time to make.

    The type checker sees that it is frozen, and nobody changes one. At run time that is not
    enforced: the check is what takes the time, once for each field of each new instance.
    """
    thawed = make_dataclass(
        cls.__name__, [(each.name, each.type, copy(each)) for each in fields(cls)]
    )
    for name in ("__init__", "__setattr__", "__delattr__"):
        setattr(cls, name, getattr(thawed, name))
    return cls
