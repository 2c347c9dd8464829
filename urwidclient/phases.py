"""The phases of a connection: what it is in, what moves it, and how that is shown."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from urwidclient.wires import WireName

ShownPhase = Literal["connecting", "online", "waiting", "stopped"]


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """How the connection is; `retry_in` counts down while waiting, `detail` is for people."""

    phase: ShownPhase
    retry_in: float | None
    detail: str
    wire: WireName


class Phase(enum.Enum):
    """Where a connection is; `OPENING` is connected, but not yet welcomed."""

    STOPPED = enum.auto()
    WAITING = enum.auto()
    CONNECTING = enum.auto()
    OPENING = enum.auto()
    ONLINE = enum.auto()


class Input(enum.Enum):
    """What moves a connection from phase to phase; what a phase does not list is ignored there."""

    START = enum.auto()
    STOP = enum.auto()
    RETRY = enum.auto()
    CONNECTED = enum.auto()
    WELCOMED = enum.auto()
    LOST = enum.auto()


SHOWN: dict[Phase, ShownPhase] = {
    Phase.STOPPED: "stopped",
    Phase.WAITING: "waiting",
    Phase.CONNECTING: "connecting",
    Phase.OPENING: "connecting",
    Phase.ONLINE: "online",
}
