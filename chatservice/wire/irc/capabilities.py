"""The capabilities: what clients can ask for by CAP, each with its value under CAP 302."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.limits import Limits

CAPABILITIES: dict[str, Callable[[Limits], str] | None] = {
    "account-tag": None,
    "batch": None,
    "cap-notify": None,
    "echo-message": None,
    "extended-join": None,
    "labeled-response": None,
    "message-tags": None,
    "multi-prefix": None,
    "draft/no-implicit-names": None,
    "no-implicit-names": None,
    "server-time": None,
    "standard-replies": None,
    "userhost-in-names": None,
}
"""By name: what makes its value; None where there is none."""

TAG_NEEDS = {
    "account": "account-tag",
    "batch": "batch",
    "label": "labeled-response",
    "msgid": "message-tags",
    "time": "server-time",
}
"""The tags of the server, and the capability that asks for each; all others need message-tags."""
