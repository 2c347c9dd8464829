"""The table of wires, and how a shared port tells them apart by their first bytes."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.events import Person
from chatservice.wire import channels, framed, json, pipe, prompt, pychat
from chatservice.wire.codec import ServerInfo, Wire
from chatservice.wire.irc import door
from chatservice.wire.messages import BINARY, TEXT, carried


class Registry:
    """Every wire, in the order in which a shared port tries them; `greeting` takes all.

    `local_time` gives the `HH:MM` of a time in UTC milliseconds, for wires that show a clock;
    `server` is for those that show what the server is, `now` (UTC in ms) for those that tell when,
    `person_of` (by an id) for those that tell more of who did something.
    """

    def __init__(
        self,
        local_time: Callable[[int], str],
        server: ServerInfo,
        now: Callable[[], int],
        person_of: Callable[[str], Person | None] = lambda _user: None,
    ) -> None:
        self.server = server
        irc = door.wire(server, now, person_of)
        rows = (
            channels.wire(local_time),
            json.WIRE,
            irc,
            carried("irc-ws", irc, BINARY, {"text.ircv3.net": TEXT, "binary.ircv3.net": BINARY}),
            pipe.wire(local_time),
            prompt.wire(local_time),
            framed.WIRE,
            pychat.WIRE,
        )
        self.wires: dict[str, Wire] = {wire.name: wire for wire in rows}
        self.greeting = self.wires["pipe"]

    def tell(self, first: bytes, *, final: bool = False) -> Wire | None:
        """The wire of a connection that begins with these bytes; None while that can't be told.

        `final` says that a choice has to be made without further bytes: silence means a client
        that waits for the server to speak first.
        """
        if not first:
            return self.greeting if final else None
        for wire in self.wires.values():
            verdict = wire.starts(first)
            if verdict:
                return wire
            if verdict is None and not final:
                return None
        return self.greeting
