"""The log as JSON: an object a line, for programs that read it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from twisted.logger import FileLogObserver, LogEvent, formatEvent
from twisted.python.logfile import LogFile

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
