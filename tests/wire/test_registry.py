"""How a shared port tells wires apart."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.codec import Wire
from chatservice.wire.registry import Registry


class RegistryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.registry = Registry(lambda _at: "12:34")

    def told(self, first: bytes, *, final: bool = False) -> str | None:
        wire = self.registry.tell(first, final=final)
        return None if wire is None else wire.name

    def test_first_bytes(self) -> None:
        for first, name in (
            (b'{"type":"hello"}', "json"),
            (b"{", "json"),
            (b"CMD_USER|ann\n", "pipe"),
            (b"hello", "pipe"),
            (b" {", "pipe"),
            (b"\xff", "pipe"),
            (b"\n", "pipe"),
        ):
            self.assertEqual(self.told(first), name, first)

    def test_any_split_of_the_bytes_gives_the_same_wire(self) -> None:
        for data in (b'{"type":"hello"}', b"CMD_USER|ann\n", b"hello {", b"\x16\x03\x01"):
            whole = self.told(data, final=True)
            for end in range(1, len(data) + 1):
                self.assertIn(self.told(data[:end]), (whole, None), data[:end])

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

    def test_rows_are_found_by_name(self) -> None:
        for name, wire in self.registry.wires.items():
            self.assertEqual(wire.name, name)

    def test_one_that_nobody_claims_is_greeted(self) -> None:
        self.registry.wires = {"json": self.registry.wires["json"]}
        self.assertEqual(self.told(b"hello"), "pipe")
