"""What the server's operator has decided for all: who may come in, register, and do anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatservice.domain.commands import RegistrationRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a server; `operators` are accounts, `opers` names with hashes of passwords.

    `always_on` accounts stay in their rooms unless they don't want to.
    `password` is asked of everybody who comes. `secret` is known to this server alone, for ever.
    """

    operators: tuple[str, ...] = ()
    opers: Mapping[str, str] = field(default_factory=dict, repr=False)
    password: str | None = field(default=None, repr=False)
    always_on: bool = False
    registration: RegistrationRule = "before-connect"
    secret: bytes = field(default=b"", repr=False)
