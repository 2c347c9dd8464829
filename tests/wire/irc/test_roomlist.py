"""LIST and its conditions; Modern IRC, "LIST message" and "ELIST parameter"."""

from __future__ import annotations

from chatservice.domain.events import RoomInfo
from chatservice.wire.irc.roomlist import wanted
from tests.wire.irc.ircase import IrcCase, IrcClient

NOW = 1_767_357_240_000
MINUTE = 60_000


class ListTests(IrcCase):
    def listed(self, client: IrcClient, conditions: str = "") -> list[str]:
        lines = client.ask(f"LIST {conditions}")
        numerics = self.numerics(lines)
        self.assertEqual((numerics[0], numerics[-1]), ("321", "323"))
        self.assertEqual(set(numerics[1:-1]), {"322"} if numerics[1:-1] else set())
        return [line.split(" ")[3] for line in lines[1:-1]]

    def test_rooms_with_people_and_topic(self) -> None:
        ann = self.enter("ann", rooms=("#a", "#b"))
        self.enter("bob", rooms=("#b",))
        ann.ask("TOPIC #b :about b")
        self.assertEqual(
            self.enter("cho").ask("LIST"),
            [
                ":chat.test 321 cho Channel :Users  Name",
                ":chat.test 322 cho #a 1 :",
                ":chat.test 322 cho #b 2 :about b",
                ":chat.test 323 cho :End of /LIST",
            ],
        )

    def test_an_empty_room_is_shown_to_who_names_it(self) -> None:
        ann = self.enter("ann")
        self.assertEqual(self.listed(ann), [])
        self.assertEqual(self.listed(ann, "#lobby"), ["#lobby"])
        self.assertEqual(self.listed(ann, "#lob*"), [])

    def test_there_is_no_error(self) -> None:
        self.assertEqual(self.listed(self.enter("ann"), "#nonexistent"), [])

    def test_masks(self) -> None:
        """M, and N where they do not match."""
        ann = self.enter("ann", rooms=("#chan1", "#chan2"))
        for condition, rooms in (
            ("*an1", ["#chan1"]),
            ("#C*n2", ["#chan2"]),
            ("*an3", []),
            ("#ch*", ["#chan1", "#chan2"]),
            ("#chan1,#chan2", ["#chan1", "#chan2"]),
            ("!*an1", ["#chan2"]),
            ("!*an3", ["#chan1", "#chan2"]),
            ("#ch*,!*2", ["#chan1"]),
        ):
            self.assertEqual(self.listed(ann, condition), rooms, condition)

    def test_people(self) -> None:
        """U: "<val" and ">val" for fewer or more people."""
        ann = self.enter("ann", rooms=("#a", "#b"))
        self.enter("bob", rooms=("#b",))
        ann.heard()
        for condition, rooms in (
            (">0", ["#a", "#b"]),
            ("<1", []),
            (">1", ["#b"]),
            ("<2", ["#a"]),
            ("<100", ["#a", "#b"]),
            (">0,<2", ["#a"]),
        ):
            self.assertEqual(self.listed(ann, condition), rooms, condition)

    def test_times(self) -> None:
        """C and T: "<val" is less than val minutes ago, ">val" more."""
        ann = self.enter("ann", rooms=("#a",))
        ann.ask("TOPIC #a :x")
        self.server.pass_time(150)
        ann.ask("JOIN #b", "TOPIC #b :x", "JOIN #c")
        for what in "CT":
            third = ["#c"] if what == "C" else []
            for condition, rooms in (
                (f"{what}>2", ["#a"]),
                (f"{what}<2", ["#b", *third]),
                (f"{what}<0", []),
                (f"{what}>0", ["#a", "#b", *third]),
                (f"{what}<10", ["#a", "#b", *third]),
            ):
                self.assertEqual(self.listed(ann, condition), rooms, condition)

    def test_so_many_conditions_and_no_more(self) -> None:
        ann = self.enter("ann", rooms=("#a",))
        self.assertEqual(self.listed(ann, ",".join(["#*"] * 10)), ["#a"])
        [line] = ann.ask("LIST " + ",".join(["#*"] * 10 + ["#a", "#b"]))
        self.assertEqual(line, ":chat.test 407 ann #a :Too many targets")

    def test_secret_rooms(self) -> None:
        """RFC 1459, section 4.2.6: not listed at all unless the client is a member."""
        ann = self.enter("ann", rooms=("#a",))
        ann.ask("MODE #a +s")
        bob = self.enter("bob")
        self.assertEqual((self.listed(ann), self.listed(bob)), (["#a"], []))
        bob.ask("JOIN #a")
        self.assertEqual(self.listed(bob), ["#a"])

    def test_a_time_that_is_not_known_is_neither_long_ago_nor_lately(self) -> None:
        room = RoomInfo(room="a", people=1, seq=0)
        for condition in ("C<5", "C>5", "T<5", "T>5"):
            self.assertFalse(wanted([condition])(room, NOW))
        self.assertTrue(wanted([])(room, NOW))
