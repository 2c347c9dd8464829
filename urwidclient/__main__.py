"""`chatclient`: puts the parts of the terminal client together."""

from __future__ import annotations

import gc
import logging
import os
import random
import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint
from twisted.logger import globalLogBeginner, textFileLogObserver
from twisted.python.logfile import LogFile

from urwidclient import plain
from urwidclient.discovery import Discovery
from urwidclient.logins import Logins, forget_all
from urwidclient.session import ChatSession
from urwidclient.settings import ClientOptions, make_state_dir, parse

LOG_BYTES = 1_000_000
"""Of one log file; there are two at most."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the client; the exit code."""
    options = parse(sys.argv[1:] if argv is None else argv)
    try:
        make_state_dir(options.state_dir)
        if options.forget:
            forget_all(options.state_dir)
            return 0
        _log_to(options.state_dir)
    except OSError as error:
        sys.stderr.write(f"chatclient: {options.state_dir} can't be used: {error.strerror}.\n")
        return 2

    from twisted.internet import reactor

    # Twisted's timers follow the wall clock, which may be set back; ours must not stand still then.
    vars(reactor)["seconds"] = time.monotonic
    connect = connecting(options, reactor)
    discovery = Discovery(reactor)
    if options.plain or not _full_screen():
        return plain.run(options, reactor=reactor, connect=connect, discovery=discovery)

    from urwidclient.app import App

    # What is there now stays: no pause of the collector has to look at it again.
    gc.freeze()
    code: int = App(options, reactor=reactor, connect=connect, discovery=discovery).run()
    return code


def connecting(
    options: ClientOptions,
    reactor: Any,
    endpoint: Callable[[Any, str, int], Any] = HostnameEndpoint,
) -> Callable[[str, int, str, tuple[str, ...]], ChatSession]:
    """What begins a session at a server; none gets a key or password that another one knows."""
    keys: defaultdict[tuple[str, int], str] = defaultdict(lambda: secrets.token_hex(16))

    def connect(host: str, port: int, nick: str, rooms: tuple[str, ...]) -> ChatSession:
        named = (host, port) == (options.host, options.port)
        return ChatSession(
            reactor,
            endpoint(reactor, host, port),
            nick=nick,
            rooms=rooms,
            client_key=keys[host, port],
            password=options.password if named else None,
            server_password=options.server_password if named else None,
            logins=Logins(options.state_dir, host, port),
            jitter=random.random,
            wall=lambda: time.time_ns() // 1_000_000,
        )

    return connect


def _full_screen() -> bool:
    """Whether there is a terminal on which one can draw."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _log_to(directory: Path) -> None:
    """Log to a file of bounded size, never to the screen."""
    log_file: Any = LogFile(
        "client.log",
        str(directory),
        rotateLength=LOG_BYTES,
        maxRotatedFiles=1,
        defaultMode=0o600,
    )
    globalLogBeginner.beginLoggingTo([textFileLogObserver(log_file)], redirectStandardIO=False)
    # What libraries log goes there too; even when that fails, nothing is written on the screen.
    logging.basicConfig(stream=log_file, format="%(asctime)s [%(name)s] %(message)s")
    logging.captureWarnings(True)
    logging.raiseExceptions = False


if __name__ == "__main__":
    sys.exit(main())
