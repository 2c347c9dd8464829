"""The addresses that reach every machine on the networks this one is in, by netifaces."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

import netifaces

LOOPBACK_BROADCAST = "127.255.255.255"
"""Reaches the programs on this machine; the loopback interface names no broadcast address."""


def broadcast_addresses(listening: str = "") -> tuple[str, ...]:
    """The broadcast addresses through which a listener on `listening` ("" for all) is found.

    Looked up anew with each call, since interfaces come and go; the loopback's comes last.
    """
    if listening and not ip_address(listening).is_unspecified:
        if ip_address(listening).is_loopback:
            return (LOOPBACK_BROADCAST,) if ip_address(listening).version == 4 else ()
        return tuple(there for here, there in _interfaces() if here == listening)
    return (*dict.fromkeys(there for _, there in _interfaces()), LOOPBACK_BROADCAST)


def reached_by(listening: str, host: str) -> bool:
    """Whether somebody at an IPv4 address may be able to reach a listener on `listening`."""
    if not listening or ip_address(listening).is_unspecified:
        return True
    here = ip_address(listening)
    return here.version == 4 and here.is_loopback == ip_address(host).is_loopback


def _interfaces() -> Iterator[tuple[str, str]]:
    """Each IPv4 address of this machine that has a broadcast address, and that one."""
    for name in netifaces.interfaces():
        try:
            entries = netifaces.ifaddresses(name).get(netifaces.AF_INET, ())
        except ValueError:  # it went away since it was listed
            continue
        for entry in entries:
            if entry.get("broadcast") and not entry["addr"].startswith("127."):
                yield entry["addr"], entry["broadcast"]
