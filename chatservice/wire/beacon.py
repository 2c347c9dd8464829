"""The discovery datagrams: what a server says of itself over UDP, and how it is asked."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, TypeGuard

from chatservice.domain.errors import EmptyText
from chatservice.domain.limits import Limits
from chatservice.domain.text import clean_text, one_line

LEGACY = b"PYTHON_CHAT_SERVER_DISCOVERY_V1"
"""What older servers send and older clients match byte for byte."""

PORT = 8081
"""The UDP port where beacons and queries are heard."""

LARGEST = 512
"""Bytes of the largest datagram; it passes every network in one piece."""

VERSION = 1
"""The version of these datagrams; a later one adds fields and changes none."""

LONGEST_NAME = 64
"""Characters of a server's name; more are cut."""

MOST_PEOPLE = 1_000_000
"""The largest number of people that a beacon can say."""

_LIMITS = Limits()
_TOKEN = re.compile("[!-~]+")


@dataclass(frozen=True, slots=True)
class Beacon:
    """A server as it describes itself; `tls` is the fingerprint of its certificate."""

    server_id: str
    name: str
    port: int
    people: int
    tls: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Somebody asks which servers there are."""


@dataclass(frozen=True, slots=True)
class Legacy:
    """A server is there that says nothing else of itself."""


def encode_beacon(beacon: Beacon) -> bytes:
    """The datagram of a server, at most `LARGEST` bytes: what is too long of the name is cut."""
    name = _shown(beacon.name)
    while len(datagram := _beacon(beacon, name)) > LARGEST and name:
        name = name[:-1]
    return datagram


def encode_query(size: int = LARGEST) -> bytes:
    """The question for servers, padded to `size` bytes so that the answer is never larger."""
    return _dump({"chatservice": VERSION, "type": "query"}).ljust(size)


def decode(datagram: bytes) -> Beacon | Query | Legacy | None:
    """What a datagram says; None for anything that is not one of ours. Never raises."""
    if datagram == LEGACY:
        return Legacy()
    if not datagram.startswith(b"{") or len(datagram) > LARGEST:
        return None
    try:
        found = json.loads(datagram.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    version = found.get("chatservice")
    if type(version) is not int or version < 1:
        return None
    if found.get("type") == "query":
        return Query()
    return _read_beacon(found) if found.get("type") == "beacon" else None


def _read_beacon(found: dict[str, Any]) -> Beacon | None:
    server_id, name, port = found.get("id"), found.get("name"), found.get("port")
    people, tls = found.get("people"), found.get("tls")
    if (
        _is_token(server_id, 64)
        and isinstance(name, str)
        and _is_whole(port, 1, 65535)
        and _is_whole(people, 0, MOST_PEOPLE)
        and (tls is None or _is_token(tls, 128))
    ):
        return Beacon(server_id, _shown(name), port, people, tls)
    return None


def _shown(name: str) -> str:
    """The name in one line without anything hidden, cut to `LONGEST_NAME`; "" if none is left."""
    try:
        return one_line(clean_text(name[:LARGEST], _LIMITS))[:LONGEST_NAME].strip()
    except EmptyText:
        return ""


def _is_whole(value: Any, least: int, most: int) -> TypeGuard[int]:
    return type(value) is int and least <= value <= most


def _is_token(value: Any, longest: int) -> TypeGuard[str]:
    """Whether it is visible ASCII without blanks."""
    return isinstance(value, str) and len(value) <= longest and bool(_TOKEN.fullmatch(value))


def _beacon(beacon: Beacon, name: str) -> bytes:
    found = {
        "chatservice": VERSION,
        "type": "beacon",
        "id": beacon.server_id,
        "name": name,
        "port": beacon.port,
        "people": min(beacon.people, MOST_PEOPLE),
    }
    return _dump(found if beacon.tls is None else {**found, "tls": beacon.tls})


def _dump(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Allowance:
    """At most `rate` datagrams a second for one address, and `total` a second for all.

    A second's worth may come at once. Past `addresses` of them, the one that was allowed
    something longest ago is forgotten. Times are seconds of any steady clock, given by the caller.
    """

    def __init__(self, *, rate: float, total: float, addresses: int = 1024) -> None:
        self._rate = rate
        self._total = total
        self._addresses = addresses
        self._used_until: OrderedDict[str, float] = OrderedDict()
        self._all_used_until = 0.0

    def take(self, address: str, now: float) -> bool:
        """Whether one more for this address is within both rates; if so it is counted."""
        until = _use(self._used_until.get(address, 0.0), now, self._rate)
        if until is None:
            return False
        all_until = _use(self._all_used_until, now, self._total)
        if all_until is None:
            return False
        self._all_used_until = all_until
        self._used_until[address] = until
        self._used_until.move_to_end(address)
        if len(self._used_until) > self._addresses:
            self._used_until.popitem(last=False)
        return True


def _use(until: float, now: float, rate: float) -> float | None:
    """Until when the rate is used up with one more, which takes 1/rate seconds; None if too far."""
    if rate <= 0:
        return None
    until = max(until, now) + 1 / rate
    return until if until - now <= max(1.0, 1 / rate) + ROUNDING else None


ROUNDING = 1e-6
"""Seconds that sums of times may be off."""
