"""The textbook chat: a thread for each client, which relays its lines to all others.

Run as `python -m benchmarks.thread_broadcaster`.
"""

from __future__ import annotations

import socket
from threading import Lock, Thread, stack_size

MEMBERS: set[socket.socket] = set()
LOCK = Lock()


def attend(member: socket.socket) -> None:
    """Relay until the client leaves."""
    with member, member.makefile("rb") as lines:
        member.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with LOCK:
            MEMBERS.add(member)
            member.sendall(b"welcome\n")
        try:
            for line in lines:
                with LOCK:
                    for other in MEMBERS:
                        if other is not member:
                            other.sendall(line)
        except OSError:
            pass
        finally:
            with LOCK:
                MEMBERS.discard(member)


def main() -> None:
    """Listen on a free port of the loopback interface until killed."""
    stack_size(1 << 18)
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        print(f"open on TCP port {listener.getsockname()[1]}", flush=True)
        while True:
            Thread(target=attend, args=(listener.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    main()
