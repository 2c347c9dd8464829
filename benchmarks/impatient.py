"""`twistd` with a chat that looks after silent peers sooner: for tests that can't wait so long.

Run as `python -m benchmarks.impatient ARGUMENTS OF TWISTD`. The environment says when: seconds of
silence before the first probe, between two probes, and how many probes (`4,1,4`).
"""

from __future__ import annotations

import os

from benchmarks import heartbeat

VARIABLE = "CHAT_KEEPALIVE"
"""The environment's variable with the three numbers."""


def main() -> None:
    """Run `twistd` in this process, with a heartbeat if that is wanted too."""
    from chatservice.net import transport

    idle, interval, probes = map(int, os.environ[VARIABLE].split(","))
    transport.KEEPALIVE_SECONDS = idle, interval, probes
    heartbeat.main()


if __name__ == "__main__":
    main()
