"""The draft/extended-isupport extension."""

from __future__ import annotations

from tests.wire.irc.ircase import IrcCase

BOTH = "batch draft/extended-isupport"


class IsupportTests(IrcCase):
    def batch(self, lines: list[str]) -> list[str]:
        """The one batch of these lines, which holds all that is 005."""
        start = next(line for line in lines if line.endswith(" draft/isupport"))
        name = start.split(" ")[2][1:]
        inside = [line for line in lines if line.startswith(f"@batch={name} ")]
        self.assertEqual([line for line in lines if " 005 " in line], inside)
        self.assertEqual(set(self.numerics(inside)), {"005"})
        self.assertIn(f":chat.test BATCH -{name}", lines)
        return inside

    def test_before_registration(self) -> None:
        """ "`draft/extended-isupport` capability": the server MUST accept it."""
        client = self.stranger()
        client.ask(f"CAP REQ :{BOTH}")
        inside = self.batch(client.ask("ISUPPORT"))
        self.assertIn(" 005 * ", inside[0])
        self.assertIn(" NETWORK=TestNet ", " ".join(inside))

    def test_all_of_it_is_in_batches(self) -> None:
        """ "`draft/isupport` batch": never an unbatched one; the order of asking is no matter."""
        for caps in (BOTH, "draft/extended-isupport batch"):
            client = self.stranger()
            nick = f"nick{self._clients}"
            client.ask(f"CAP REQ :{caps}", f"NICK {nick}", "USER a 0 * :A")
            self.batch(client.ask("CAP END"))
            self.batch(client.ask("ISUPPORT"))
            self.batch(client.ask("VERSION"))

    def test_the_command_needs_no_capability(self) -> None:
        """ "`ISUPPORT` command": one or more 005."""
        for caps in ("", "batch", "draft/extended-isupport"):
            client = self.enter(f"nick{self._clients}", caps)
            self.assertEqual(set(self.numerics(client.ask("ISUPPORT"))), {"005"})
