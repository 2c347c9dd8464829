"""The shortest Twisted program that relays lines to everybody.

Run as `python -m benchmarks.plain_broadcaster`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet import reactor
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure


class Member(LineReceiver):
    """Relays each line to all others."""

    delimiter = b"\n"
    members: ClassVar[set[Member]] = set()
    transport: Any

    def connectionMade(self) -> None:
        """Come in."""
        self.transport.setTcpNoDelay(True)
        self.members.add(self)
        self.sendLine(b"welcome")

    def lineReceived(self, line: bytes) -> None:
        """Relay."""
        line += b"\n"
        for member in self.members:
            if member is not self:
                member.transport.write(line)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave."""
        del reason
        self.members.discard(self)


def main() -> None:
    """Listen on a free port of the loopback interface until killed."""
    loop: Any = reactor
    factory = Factory.forProtocol(Member)
    port = loop.listenTCP(0, factory, backlog=4096, interface="127.0.0.1")
    print(f"open on TCP port {port.getHost().port}", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
