"""The options of `twistd chat`: what they are, and what is wrong with them."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import socket
import sys
from pathlib import Path
from typing import Any, get_args

from twisted.python import usage

from chatservice.domain.addresses import host_and_port, is_address
from chatservice.domain.commands import RegistrationRule
from chatservice.domain.errors import ChatError
from chatservice.domain.limits import Limits
from chatservice.domain.rules import Rules
from chatservice.domain.text import clean_nick, neutral, one_line
from chatservice.state import state_directory

LOG_FORMATS = ("text", "json")

SHARED = "shared"
"""The name, beside those of the wires, of a port that finds out what each client speaks."""

MAY_BE_ZERO = {
    "address_connections",
    "address_new_connections",
    "connections",
    "replay_messages",
    "throttle_loopback",
    "udp_answers_per_second",
}
"""The limits for which 0 has a meaning; with any other nothing would work."""


_HASHING = "`python -m chatservice.net.passwords`"


class Options(usage.Options):
    """`twistd chat [options]`."""

    longdesc = "Chat for people who share a network: netcat, scripts and chatclient in one room."
    optFlags = (
        ("ephemeral", "e", "Keep everything in memory only: a restart forgets it."),
        ("no-announce", None, "Do not announce the server on the network."),
        ("always-on", None, "New accounts stay in their rooms when they are not connected."),
        ("classic", "c", "Open the customary ports of older clients, too."),
    )
    optParameters = (
        ("port", "p", "8080", "TCP port to listen on; 0 takes a free one."),
        ("interface", "i", "", "Address to listen on; all IPv4 ones by default, :: for IPv6 too."),
        ("name", "n", None, "Name shown to those who look for servers [default: the host's]."),
        (
            "server-name",
            None,
            None,
            "Name shown to IRC clients, as chat.example.org [default: made of the host's].",
        ),
        ("network", None, "chatservice", "Network name shown to IRC clients, one word."),
        ("password", None, None, "What everybody has to say who comes; @FILE holds it."),
        ("registration", None, "before-connect", "Who may register: before-connect, open, closed."),
        ("motd", None, None, "File with the message of the day, for IRC clients."),
        ("state", "s", None, f"Directory to keep the chat in [default: {state_directory()}]."),
        (
            "metrics",
            None,
            None,
            "Show figures and health by HTTP: PORT (of loopback), ADDRESS:PORT, or an endpoint.",
        ),
        ("log-format", None, "text", "What the log is made of: text, or json for programs."),
        ("ntp", None, None, "Correct the time by this NTP server: HOST or HOST:PORT."),
        ("history", "H", None, "Messages shown to who joins [default: 50]."),
    )

    def __init__(self) -> None:
        super().__init__()
        self["announce-to"] = []
        self["listen"] = []
        self["limit"] = {}
        self["operator"] = []
        self["oper"] = {}

    def parseOptions(self, options: Any = None) -> None:
        """Parse; what is wrong ends the program with one sentence instead of the whole help."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            raise SystemExit(
                f"twistd chat: {error} (twistd chat --help shows all options)"
            ) from None

    def opt_announce_to(self, address: str) -> None:
        """Announce to this IPv4 address instead of every network; may be given several times."""
        try:
            self["announce-to"].append(str(ipaddress.IPv4Address(address)))
        except ValueError:
            raise usage.UsageError(
                f"--announce-to takes an IPv4 address such as 192.168.1.255, not {address!r}."
            ) from None

    def opt_listen(self, value: str) -> None:
        """Listen elsewhere too: WIRE=ENDPOINT, such as json=tcp:9000 or shared=unix:/run/chat."""
        wire, equals, endpoint = value.partition("=")
        if not equals or not endpoint:
            raise usage.UsageError(
                f"--listen takes WIRE=ENDPOINT such as json=tcp:9000, not {value!r}."
            )
        self["listen"].append((wire, endpoint))

    def opt_operator(self, name: str) -> None:
        """Let the owner of this registered nick do anything; may be given several times."""
        try:
            self["operator"].append(clean_nick(name, Limits()))
        except ChatError as error:
            raise usage.UsageError(
                f"--operator takes a nick, not {name!r}: {error.sentence}"
            ) from None

    def opt_oper(self, value: str) -> None:
        """Let who says a password do anything: NAME:HASH; may be given several times."""
        name, _, hashed = value.partition(":")
        if not name or any(map(str.isspace, name)) or not hashed.startswith("$argon2"):
            raise usage.UsageError(
                f"--oper takes NAME:HASH, with a hash that {_HASHING} prints, not {value!r}."
            )
        self["oper"][name] = hashed

    def opt_limit(self, value: str) -> None:
        """Set a limit: NAME=VALUE; `--limit list` shows all of them."""
        if value == "list":
            sys.stdout.write(_limits_table())
            raise SystemExit
        name, _, number = value.partition("=")
        field = {each.name: each for each in dataclasses.fields(Limits)}.get(name)
        if field is None:
            raise usage.UsageError(f"--limit knows no {name!r}; --limit list shows all names.")
        limit = _number(f"--limit {name}", number, field.type == "float")
        if not limit and name not in MAY_BE_ZERO:
            raise usage.UsageError(f"--limit {name} takes a number above 0, not {number!r}.")
        self["limit"][name] = limit

    def postOptions(self) -> None:
        """Check what can be checked before anything is started."""
        if self.parent is not None and self.parent.get("uid") is not None:
            raise usage.UsageError(
                "twistd's --uid comes too late, as what is kept would be root's;"
                " start it as that user, as by User= of systemd."
            )
        self["port"] = _number("--port", self["port"], False)
        if not 0 <= self["port"] <= 65535:
            raise usage.UsageError(f"--port takes a number from 0 to 65535, not {self['port']}.")
        if self["history"] is not None:
            self["limit"]["replay_messages"] = _number("--history", self["history"], False)
        self["limits"] = Limits(**self["limit"])
        if self["no-announce"] and self["announce-to"]:
            raise usage.UsageError("--no-announce and --announce-to contradict each other.")
        name = self["name"] if self["name"] is not None else socket.gethostname()
        self["name"] = one_line(neutral(name))[:64]
        self["server-name"] = _server_name(self["server-name"])
        if not re.fullmatch(r"[!-9;-~]{1,32}", self["network"]):
            raise usage.UsageError(
                f"--network takes one word of up to 32 ASCII characters, not {self['network']!r}."
            )
        if self["registration"] not in get_args(RegistrationRule):
            rules = ", ".join(get_args(RegistrationRule))
            raise usage.UsageError(
                f"--registration takes one of {rules}, not {self['registration']!r}."
            )
        self["rules"] = Rules(
            operators=tuple(self["operator"]),
            opers=self["oper"],
            always_on=bool(self["always-on"]),
            password=_secret("--password", self["password"]),
            registration=self["registration"],
        )
        if self["log-format"] not in LOG_FORMATS:
            raise usage.UsageError(
                f"--log-format takes one of {', '.join(LOG_FORMATS)}, not {self['log-format']!r}."
            )
        if self["metrics"] is not None:
            self["metrics"] = _endpoint("--metrics", self["metrics"])
        if self["ntp"] is not None:
            try:
                host_and_port(self["ntp"])
            except ValueError:
                raise usage.UsageError(
                    f"--ntp takes HOST or HOST:PORT, not {self['ntp']!r}."
                ) from None
        self["motd"] = () if self["motd"] is None else _lines("--motd", self["motd"])
        if self["state"] is None and not self["ephemeral"]:
            self["state"] = state_directory()
        if self["state"] is not None:
            self["state"] = _path("--state", self["state"])
        if self["interface"]:
            try:
                ipaddress.ip_address(self["interface"])
            except ValueError:
                raise usage.UsageError(
                    f"--interface takes an IP address, not {self['interface']!r}."
                ) from None
            self["listen"] = [
                (wire, _on(self["interface"], where)) for wire, where in self["listen"]
            ]


def _server_name(value: str | None) -> str:
    """A name with a dot in it, by which clients tell it from a nick. Raises `UsageError`."""
    if value is None:
        host = re.sub(r"[^A-Za-z0-9.-]+", "-", socket.gethostname()).strip("-.")[:50]
        value = host if "." in host else f"{host or 'chat'}.local"
    if len(value) > 63 or not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):
        raise usage.UsageError(
            f"--server-name takes a name such as chat.example.org, not {value!r}."
        )
    return value


def _endpoint(option: str, value: str) -> str:
    """An endpoint's description, of this machine itself where nothing else is said."""
    host, _, port = value.rpartition(":")
    host = "127.0.0.1" if host in ("", "localhost") else host.strip("[]")
    if port.isdecimal() and is_address(host):
        return _on(host, f"tcp:{port}")
    if ":" not in value:
        raise usage.UsageError(f"{option} takes PORT, ADDRESS:PORT or an endpoint, not {value!r}.")
    return _on("127.0.0.1", value)


def _on(host: str, endpoint: str) -> str:
    """An endpoint's description, on this address if it is of TCP and names none itself."""
    if not endpoint.startswith("tcp:") or ":interface=" in endpoint:
        return endpoint
    return f"{endpoint}:interface=" + host.replace(":", "\\:")


def _secret(option: str, value: str | None) -> str | None:
    """A password, or the first line of the file that it is in. Raises `UsageError`."""
    if value is not None and value.startswith("@"):
        value = _lines(option, value[1:])[0]
    if value == "":
        raise usage.UsageError(f"{option} takes a password, or @FILE.")
    return value


def _lines(option: str, path: str) -> tuple[str, ...]:
    """What is in a file, as harmless lines. Raises `UsageError`."""
    try:
        text = _path(option, path).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise usage.UsageError(f"{option} can't be read: {path}: {reason}.") from None
    return tuple(neutral(line.rstrip()) for line in text.rstrip().split("\n"))


def _path(option: str, path: str) -> Path:
    """A path, that may begin with a home directory. Raises `UsageError`."""
    if not path:
        raise usage.UsageError(f"{option} takes a path, not {path!r}.")
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise usage.UsageError(f"{option}: no home directory is known for {path}.") from None


def _number(option: str, value: str, fraction: bool) -> float:
    """A number that is not negative. Raises `UsageError`."""
    try:
        number = float(value) if fraction else int(value)
    except ValueError:
        number = -1
    if not 0 <= number < 1e12:
        kind = "number" if fraction else "whole number"
        raise usage.UsageError(f"{option} takes a {kind}, 0 or more, not {value!r}.")
    return number


def _limits_table() -> str:
    """All limits, a line each: name, default, unit and reason."""
    return "".join(
        f"{field.name}={field.default:<12} {field.metadata['unit']} {field.metadata['reason']}\n"
        for field in dataclasses.fields(Limits)
    )
