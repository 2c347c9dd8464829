"""Network addresses: whose connections count as one address's, and which are this machine's."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from chatservice.domain.limits import Limits

_HOST_AND_PORT = re.compile(r"(?:\[([^][\s]+)\]|([^][:\s]+))(?::([0-9]{1,5}))?")


def host_of(address: str) -> str:
    """The host of an address as sessions have it: `ip:port`, `[ip]:port` or `local`."""
    return address.rpartition(":")[0].strip("[]") or address


def as_seen(host: str) -> str:
    """An IP address, written in any way, as the host of a session that comes from there."""
    address = ipaddress.ip_address(host.strip("[]"))
    return str(getattr(address, "ipv4_mapped", None) or address)


def block_of(host: str) -> str:
    """What counts as one address: an IPv4 address, or an IPv6 /64."""
    if ":" not in host:
        return host
    return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))


def block_as_seen(written: str) -> str | None:
    """The same for an IP address, or an IPv6 /64, written in any way; None for anything else."""
    host = written.removesuffix("/64") if ":" in written else written
    return block_of(as_seen(host)) if is_address(host) else None


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether this is the machine that the server runs on."""
    return host == "local" or ipaddress.ip_address(host.partition("%")[0]).is_loopback


def is_trusted(host: str, limits: Limits) -> bool:
    """Whether who comes from there is taken for the server's operator: from this machine.

    Unless that is where a tunnel or a proxy ends, out of which anybody may come.
    """
    return is_loopback(host) and not limits.throttle_loopback


def is_throttled(host: str, limits: Limits) -> bool:
    """Whether the limits of rate and number are for this address."""
    return not is_trusted(host, limits)


def is_address(host: str) -> bool:
    """Whether this is an IP address, an IPv6 one with or without brackets."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return not {*"[] "} & {*host.strip("[]")}  # an IPv6 scope may be anything to `ipaddress`


def host_and_port(server: str) -> tuple[str, int | None]:
    """The parts of `host` or `host:port`; an IPv6 address with a port is in brackets.

    Raises `ValueError` for anything else.
    """
    if ":" in server and not {*"[]"} & {*server} and is_address(server):
        return server, None
    found = _HOST_AND_PORT.fullmatch(server)
    if found is None or not 0 < int(found[3] or 1) < 65536:
        raise ValueError(server)
    return found[1] or found[2], int(found[3]) if found[3] else None
