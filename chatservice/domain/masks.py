"""Masks: who is meant by a nick, an address, an account, or `nick!user@host` with wildcards."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from chatservice.domain.addresses import block_as_seen, block_of, host_of
from chatservice.domain.errors import BadInput
from chatservice.domain.limits import Limits
from chatservice.domain.owners import account_key
from chatservice.domain.session import Session
from chatservice.domain.text import clean_nick, folded, name_keys

USER = "u"
"""The user part of everybody's mask."""

DOMAIN = ".chat"
"""What follows the id in the host part."""

_ACCOUNT = "account:"
_ADDRESS = "address:"
_GLOB = "mask:"


def source(nick: str, user: str) -> str:
    """How somebody is written where masks are compared: `nick!u@123456.chat`."""
    return f"{nick}!{USER}@{user}{DOMAIN}"


@lru_cache(maxsize=4096)
def glob(pattern: str) -> re.Pattern[str]:
    """What a folded pattern with `*` and `?` matches, in time that does not grow with its stars."""
    first, *rest = (
        "".join("." if char == "?" else re.escape(char) for char in part)
        for part in re.sub(r"\*+", "*", pattern).split("*")
    )
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    # The first place where a part fits is as good as any, so no other one is ever tried.
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}", re.DOTALL)


def keys_of_mask(who: str, limits: Limits) -> tuple[str, list[str]] | None:
    """How an account, an address or a mask is shown and kept; None for what is a bare nick.

    Raises `BadInput`, `BadName`, `TooLong`.
    """
    if who.startswith(_ACCOUNT):
        nick = clean_nick(who.removeprefix(_ACCOUNT), limits)
        return f"{_ACCOUNT}{nick}", [f"{_ACCOUNT}{account_key(nick)}"]
    block = block_as_seen(who)
    if block is not None:
        return block, [_ADDRESS + block]
    if not set("!@*?") & set(who):
        return None
    nick, user, host = _parts(who)
    shown = f"{nick}!{user}@{host}"
    if not shown.isprintable() or " " in shown or len(shown) > limits.mask_characters:
        raise BadInput(
            f"A mask is like nick!u@123456{DOMAIN}, with * and ?, in"
            f" {limits.mask_characters} characters at most."
        )
    if host == "*" and user in ("*", USER) and not set("*?") & set(nick):
        return shown, sorted(f"nick:{key}" for key in name_keys(nick))
    block = block_as_seen(host)
    if nick == "*" and user in ("*", USER) and block is not None:
        return shown, [_ADDRESS + block]
    return shown, [_GLOB + folded(shown)]


def id_in_mask(who: str) -> str | None:
    """The id by which a mask means somebody, by whatever nick; None for any other mask."""
    nick, user, host = _parts(folded(who))
    found = host.removesuffix(DOMAIN)
    by_id = nick == "*" and found != host and glob(user).fullmatch(USER) is not None
    return found if by_id else None


def keys_of(nick: str | None, identity: str | None, host: str | None) -> Iterable[str]:
    """What a ban can name somebody by, masks apart."""
    if nick is not None:
        yield from (f"nick:{key}" for key in sorted(name_keys(nick)))
    if identity is not None:
        yield identity
    if host is not None:
        yield _ADDRESS + block_of(host)


def fits(key: str, text: str) -> bool:
    """Whether a key is a mask that matches a folded `source`."""
    return key.startswith(_GLOB) and glob(key.removeprefix(_GLOB)).fullmatch(text) is not None


def matching(keys: Iterable[str], session: Session) -> list[str]:
    """Those keys that name somebody."""
    host = host_of(session.address)
    # What was banned before a /64 counted as one address is a single one.
    named = {*keys_of(session.nick, session.identity, host), _ADDRESS + host}
    text = folded(source(session.nick or "", session.user))
    return [key for key in keys if key in named or fits(key, text)]


def _parts(mask: str) -> tuple[str, str, str]:
    """The nick, user and host of a mask of which parts may be missing."""
    nick, bang, rest = mask.partition("!")
    if not bang:
        # Without a nick, what stands before the host is the user.
        nick, rest = ("*", mask) if "@" in mask else (mask, "")
    user, _, host = rest.rpartition("@") if "@" in rest else (rest, "", "")
    return nick or "*", user or "*", host or "*"
