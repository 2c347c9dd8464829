"""The capabilities: what clients can ask for by CAP, each with its value under CAP 302."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.limits import Limits
from chatservice.wire.codec import ServerInfo
from chatservice.wire.irc.sasl import MECHANISMS


def _registration(_limits: Limits, server: ServerInfo) -> str | None:
    if server.registration == "closed":
        return None
    early = "before-connect," if server.registration == "before-connect" else ""
    return f"{early}custom-account-name"


MOST_LINES = 100
"""Of one message; each costs all who hear it some bytes more than it holds."""


def multiline(limits: Limits) -> str:
    """How long a message of several lines can be (multiline, "Capabilities")."""
    return f"max-bytes={limits.text_characters},max-lines={MOST_LINES}"


def _metadata(limits: Limits, _server: ServerInfo) -> str:
    subs, keys, value = limits.fact_subscriptions, limits.facts, limits.fact_bytes
    return f"before-connect,max-subs={subs},max-keys={keys},max-value-bytes={value}"


CAPABILITIES: dict[str, Callable[[Limits, ServerInfo], str | None] | None] = {
    "account-notify": None,
    "account-tag": None,
    "away-notify": None,
    "batch": None,
    "cap-notify": None,
    "chghost": None,
    "draft/account-registration": _registration,
    "draft/chathistory": None,
    "draft/event-playback": None,
    "draft/message-redaction": None,
    "draft/multiline": lambda limits, _server: multiline(limits),
    "draft/read-marker": None,
    "echo-message": None,
    "draft/extended-isupport": None,
    "extended-join": None,
    "extended-monitor": None,
    "invite-notify": None,
    "labeled-response": None,
    "message-tags": None,
    "multi-prefix": None,
    "draft/channel-rename": None,
    "draft/metadata-2": _metadata,
    "draft/metadata-3": _metadata,
    "draft/no-implicit-names": None,
    "draft/pre-away": None,
    "no-implicit-names": None,
    "sasl": lambda _limits, _server: ",".join(MECHANISMS),
    "server-time": None,
    "setname": None,
    "standard-replies": None,
    "userhost-in-names": None,
}
"""By name: what makes its value; None where there is none. One without value is not offered."""

TAG_NEEDS = {
    "account": "account-tag",
    "batch": "batch",
    "label": "labeled-response",
    "msgid": "message-tags",
    "time": "server-time",
}
"""The tags of the server, and the capability that asks for each; all others need message-tags."""


def offered(limits: Limits, server: ServerInfo) -> dict[str, str]:
    """The capabilities that can be asked for, and the value of each, empty if it has none."""
    values = {
        name: value(limits, server) if value is not None else ""
        for name, value in sorted(CAPABILITIES.items())
    }
    return {name: value for name, value in values.items() if value is not None}
