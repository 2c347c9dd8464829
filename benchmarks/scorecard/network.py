"""Two machines and a cable: network namespaces, a server in one, clients in the other."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Self

from benchmarks.scorecard.frame import NotPossible, needs

HERE, THERE = "10.77.0.1", "10.77.0.2"
"""The addresses of the two machines."""

CLONE_NEWNET = 0x40000000


class Network:
    """The server's machine is `HERE`; `there` opens sockets on the other one."""

    def __init__(self) -> None:
        needs("unshare", "nsenter", "ip", "sleep")
        if os.geteuid() != 0:
            raise NotPossible("not root, for network namespaces")
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._here, self._there = (self._machine(stack) for _ in range(2))
            pair = ["link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns"]
            self._ip(self._here, *pair, str(self._there))
            for machine, address in ((self._here, HERE), (self._there, THERE)):
                self._ip(machine, "addr", "add", f"{address}/24", "dev", "cable")
                self._ip(machine, "link", "set", "cable", "up")
                self._ip(machine, "link", "set", "lo", "up")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def under(self) -> list[str]:
        """What runs a program on the server's machine."""
        return ["nsenter", "-n", "-t", str(self._here)]

    def here(self) -> AbstractContextManager[None]:
        """Within this, sockets are opened on the server's machine."""
        return _within(self._here)

    def there(self) -> AbstractContextManager[None]:
        """Within this, sockets are opened on the other machine."""
        return _within(self._there)

    def cut(self) -> None:
        """Pull the cable out, at the clients' end: nobody is told."""
        self._ip(self._there, "link", "set", "cable", "down")

    def mend(self) -> None:
        """Put it back."""
        self._ip(self._there, "link", "set", "cable", "up")

    def _machine(self, stack: ExitStack) -> int:
        """A process in a network of its own; it has nothing to do but to be there."""
        process = stack.enter_context(
            subprocess.Popen(["unshare", "-n", "sleep", "infinity"], stderr=subprocess.DEVNULL)
        )
        stack.callback(process.kill)
        ours = Path("/proc/self/ns/net").readlink()
        end = time.monotonic() + 10
        while Path(f"/proc/{process.pid}/ns/net").readlink() == ours:
            if process.poll() is not None or time.monotonic() > end:
                raise NotPossible("no right to make network namespaces (unshare -n)")
            time.sleep(0.01)
        return process.pid

    def _ip(self, machine: int, *arguments: str) -> None:
        command = ["nsenter", "-n", "-t", str(machine), "ip", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotPossible(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


@contextmanager
def _within(process: int) -> Iterator[None]:
    """Let this thread be in the network of a process for a while; its sockets stay there."""
    with (
        open("/proc/thread-self/ns/net") as own,  # noqa: PTH123
        open(f"/proc/{process}/ns/net") as other,  # noqa: PTH123
    ):
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


def _enter(network: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
