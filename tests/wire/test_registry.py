"""How a shared port tells wires apart."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.codec import ServerInfo, Wire
from chatservice.wire.registry import Registry


class RegistryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.registry = Registry(lambda _at: "12:34", ServerInfo(), lambda: 0)

    def told(self, first: bytes, *, final: bool = False) -> str | None:
        wire = self.registry.tell(first, final=final)
        return None if wire is None else wire.name

    def test_first_bytes(self) -> None:
        for first, name in (
            (b'{"type":"hello"}', "json"),
            (b'{"action": "joinChannel"', "channels"),
            (b'{"memberName": "}{\\"", "a": [{"type": 1}], "action":', "channels"),
            (b'{"a": "action", "type" : 1', "json"),
            (b'{"a": {"action": 1}, "type":', "json"),
            (b"{}", "json"),
            (b'{"a":1}{"action":', "json"),
            (b"CMD_USER|ann\n", "pipe"),
            (b"hello", "pipe"),
            (b" {", "pipe"),
            (b"\xff", "pipe"),
            (b"\n", "pipe"),
        ):
            self.assertEqual(self.told(first), name, first)

    def test_an_object_is_json_unless_it_asks_for_an_action_in_time(self) -> None:
        for first in (b"{", b'{"act', b'{"action"', b'{"action', b'{"a": "}', b'{"a": {"action":'):
            self.assertIsNone(self.told(first), first)
            self.assertEqual(self.told(first, final=True), "json", first)

    def test_any_split_of_the_bytes_gives_the_same_wire(self) -> None:
        channels = b'{ "x": "\\"}", "action" : "joinChannel"}'
        for data in (channels, b'{"type":"hello"}', b"CMD_USER|ann\n", b"hello {", b"\x16\x03\x01"):
            whole = self.told(data, final=True)
            for end in range(1, len(data) + 1):
                self.assertIn(self.told(data[:end]), (whole, None), data[:end])
            self.assertIsNotNone(self.told(data))

    def test_silence_is_a_client_that_waits_to_be_greeted(self) -> None:
        self.assertIsNone(self.told(b""))
        self.assertEqual(self.told(b"", final=True), self.registry.greeting.name)

    def test_a_wire_that_needs_more_bytes_is_waited_for_until_there_are_no_more(self) -> None:
        row = Wire(
            name="nick",
            make=self.registry.greeting.make,
            starts=lambda first: first == b"NICK " if len(first) >= 5 else None,
        )
        self.registry.wires = {"nick": row, **self.registry.wires}
        self.assertIsNone(self.told(b"NI"))
        self.assertEqual(self.told(b"NICK "), "nick")
        self.assertEqual(self.told(b"NACK "), "pipe")
        self.assertEqual(self.told(b"NI", final=True), "pipe")

    def test_wires_of_their_own_ports_are_not_told_by_first_bytes(self) -> None:
        own = [wire for wire in self.registry.wires.values() if wire.port is not None]
        self.assertEqual(
            {wire.name: wire.port for wire in own},
            {"prompt": 8888, "framed": 9999, "pychat": 65432, "channels": 12345},
        )
        own = [wire for wire in own if wire.name != "channels"]
        for first in (b"\0\0\0\3ann", b"ann\n", b"/msg 100001 hi", b"{", b""):
            self.assertEqual([wire.name for wire in own if wire.starts(first)], [])

    def test_rows_are_found_by_name(self) -> None:
        for name, wire in self.registry.wires.items():
            self.assertEqual(wire.name, name)

    def test_one_that_nobody_claims_is_greeted(self) -> None:
        self.registry.wires = {"json": self.registry.wires["json"]}
        self.assertEqual(self.told(b"hello"), "pipe")
