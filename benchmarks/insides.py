"""`twistd` that tells on SIGUSR2 what it holds: JSON, into the file that the environment names.

Run as `python -m benchmarks.insides ARGUMENTS OF TWISTD`. The file is written whole or not at all.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from benchmarks import heartbeat

VARIABLE = "CHAT_INSIDES"
"""The environment's variable with the file's name."""


def main() -> None:
    """Run `twistd` in this process, with a heartbeat if that is wanted too."""
    from twisted.internet import reactor as running

    reactor: Any = running
    path = Path(os.environ[VARIABLE])

    def tell() -> None:
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"timers": len(reactor.getDelayedCalls())}))
        new.rename(path)

    def listen() -> None:
        signal.signal(signal.SIGUSR2, lambda *_: reactor.callFromThread(tell))

    reactor.callWhenRunning(listen)
    heartbeat.main()


if __name__ == "__main__":
    main()
