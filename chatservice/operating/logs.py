"""The log as JSON: an object a line, for programs that read it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from twisted.logger import FileLogObserver, LogEvent, formatEvent
from twisted.python.logfile import LogFile

EVENTS = {
    "open": "the chat is open: `port`",
    "metrics": "figures are shown: `where`",
    "refused": "a connection or its input was refused: `address`, `wire`, `reason`",
    "refused-more": "as often again, for the same reason, within a minute: `count`, `reason`",
    "control": "`chatctl` has told the server to do something: `command`",
    "control-refused": "another user's process wanted to: `user`",
    "damage": "the store was damaged, and what became of it: `damage`",
    "store-bug": "the store failed in a way that it should not: `traceback`",
    "retention": "what a room is not to keep can't be forgotten yet: `reason`",
    "clock": "the time server says that this machine's clock is off: `ms`, `server`",
    "clock-unknown": "the time server does not tell the time: `server`, `reason`",
    "discovery": "an announcement can't be sent: `what`, `error`",
    "discovery-more": "as often again within a while: `times`, `reason`",
    "discovery-port": "queries for servers go unanswered: `port`, `error`",
    "message": "anything else, Twisted's own lines mostly",
}
"""What is logged, by its name in the field `event`."""

_OWN = {"time", "level", "namespace", "event", "text"}
_LEGACY = {"message", "system", "format", "isError", "why", "failure", "printed"}


def line(event: LogEvent) -> str:
    """One event: when, how grave, from where, what, in words, and its fields.

    Only text and numbers become fields; other characters than ASCII's visible ones are escaped.
    """
    failure = event.get("log_failure")
    level = event.get("log_level")
    fields = {
        "time": datetime.fromtimestamp(event["log_time"], UTC).isoformat(timespec="milliseconds"),
        "level": level.name if level is not None else "info",
        "namespace": event.get("log_namespace", "-"),
        "event": event.get("event", "message"),
        "text": formatEvent(event),
    }
    fields["time"] = fields["time"].replace("+00:00", "Z")
    if failure is not None:
        fields["traceback"] = failure.getTraceback()
    for name, value in event.items():
        known = name.startswith("log_") or name in _OWN or name in _LEGACY
        if not known and isinstance(value, (str, int, float)):
            fields[name] = value
    return json.dumps(fields) + "\n"


def observer(twistd: Mapping[str, Any] | None) -> FileLogObserver:
    """What writes such lines where `twistd`, by its options, would write its own."""
    options = twistd or {"nodaemon": True}
    name = options.get("logfile") or ("-" if options.get("nodaemon") else "twistd.log")
    return FileLogObserver(sys.stdout if name == "-" else LogFile.fromFullPath(name), line)
