"""MONITOR: being told who comes and goes."""

from __future__ import annotations

from tests.wire.irc.ircase import IrcCase, IrcClient


class MonitorCase(IrcCase):
    """Ann watches; bob is here."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann")
        self.bob = self.enter("bob")

    def source(self, nick: str) -> str:
        found = self.server.world.hub._people.find(nick)
        return f"{found.nick}!u@{found.user}.chat"


class MonitorTests(MonitorCase):
    """IRCv3, Monitor."""

    def test_the_most_there_can_be_is_announced(self) -> None:
        """Section "`MONITOR` Command": the MONITOR token."""
        self.assertTrue(any(" MONITOR=100 " in line for line in self.ann.ask("VERSION")))

    def test_who_is_here_and_who_is_not(self) -> None:
        """Section "MONITOR + target": RPL_MONONLINE and RPL_MONOFFLINE for those added."""
        self.assertEqual(
            self.ann.ask("MONITOR + BOB,cho,dee"),
            [
                f":chat.test 730 ann {self.source('bob')}",
                ":chat.test 731 ann cho,dee",
            ],
        )

    def test_a_nick_in_several_cases_is_one(self) -> None:
        [line] = self.ann.ask("MONITOR + BOB,Bob,bob")
        self.assertEqual(line, f":chat.test 730 ann {self.source('bob')}")
        self.assertEqual(self.ann.ask("MONITOR + Cho,CHO"), [":chat.test 731 ann Cho"])

    def test_who_comes_and_goes(self) -> None:
        self.ann.ask("MONITOR + cho")
        cho = self.enter("Cho")
        self.assertEqual(self.ann.heard(), [f":chat.test 730 * {self.source('cho')}"])
        cho.ask("NICK CHO")
        self.assertEqual(self.ann.heard(), [])
        cho.ask("NICK dee")
        self.assertEqual(self.ann.heard(), [":chat.test 731 * CHO"])
        cho.ask("NICK cho")
        self.assertEqual(len(self.ann.heard()), 1)
        cho.ask("QUIT")
        self.assertEqual(self.ann.heard(), [":chat.test 731 * cho"])

    def test_not_any_more(self) -> None:
        """Sections "MONITOR - target" and "MONITOR C": no output for either."""
        for stop in ("MONITOR - BOB", "MONITOR C", "monitor c"):
            self.ann.ask("MONITOR + bob")
            self.assertEqual(self.ann.ask(stop), [])
            self.bob.ask("NICK bobby", "NICK bob")
            self.assertEqual(self.ann.heard(), [])

    def test_the_list(self) -> None:
        """Section "MONITOR L": RPL_MONLIST, then RPL_ENDOFMONLIST."""
        end = ":chat.test 733 ann :End of MONITOR list"
        self.assertEqual(self.ann.ask("MONITOR L"), [end])
        self.ann.ask("MONITOR + bob,cho", "MONITOR + cho,bob")
        self.assertEqual(self.ann.ask("MONITOR L"), [":chat.test 732 ann bob,cho", end])

    def test_the_state_of_all(self) -> None:
        """Section "MONITOR S"."""
        self.assertEqual(self.ann.ask("MONITOR S"), [])
        self.ann.ask("MONITOR + cho", "MONITOR + bob")
        self.assertEqual(
            self.ann.ask("MONITOR S"),
            [f":chat.test 730 ann {self.source('bob')}", ":chat.test 731 ann cho"],
        )

    def test_long_lists_in_lines_that_fit(self) -> None:
        """Section "`MONITOR` Command": limited only by the size of a line."""
        nicks = [f"{'n' * 28}{number}x" for number in range(40)]
        for first in range(0, 40, 10):
            self.ann.ask(f"MONITOR + {','.join(nicks[first : first + 10])}")
        for command, number in (("L", "732"), ("S", "731")):
            lists = [line for line in self.ann.ask(f"MONITOR {command}") if f" {number} " in line]
            self.assertGreater(len(lists), 1)
            self.assertLessEqual(max(map(len, lists)), 510)
            self.assertEqual(",".join(line.split(" ")[-1] for line in lists).split(","), nicks)

    def test_a_full_list(self) -> None:
        """Section "734 - ERR_MONLISTFULL": with the limit, and the targets as they were sent."""
        for first in range(0, 100, 20):
            names = ",".join(f"n{number}x" for number in range(first, first + 20))
            self.ann.ask(f"MONITOR + {names}")
        self.assertEqual(
            self.ann.ask("MONITOR + bob,cho"),
            [":chat.test 734 ann 100 bob,cho :Monitor list is full."],
        )
        self.assertEqual(self.numerics(self.ann.ask("MONITOR + n1x")), ["731"])

    def test_no_masks(self) -> None:
        """Section "`WATCH` vs. `MONITOR`": hostmasks are not subscribed to."""
        self.assertEqual(self.ann.ask("MONITOR + *!*@*"), [":chat.test 731 ann *!*@*"])
        self.assertEqual(self.numerics(self.ann.ask("MONITOR L")), ["733"])
        self.enter("cho")
        self.assertEqual(self.ann.heard(), [])

    def test_what_is_none_of_these(self) -> None:
        self.assertEqual(self.numerics(self.ann.ask("MONITOR")), ["461"])
        self.assertEqual(self.numerics(self.ann.ask("MONITOR X bob")), ["421"])

    def test_a_person_who_comes_by_another_door(self) -> None:
        self.ann.ask("MONITOR + cho")
        other = self.server.connect(9)
        other.say('{"type":"hello","nick":"cho"}')
        self.assertEqual(self.numerics(self.ann.heard()), ["730"])


class ExtendedMonitorTests(MonitorCase):
    """IRCv3, extended-monitor."""

    def watcher(self, caps: str) -> IrcClient:
        client = self.enter(f"w{self._clients}", caps)
        client.ask("MONITOR + bob")
        return client

    def test_what_else_is_told_and_to_whom(self) -> None:
        """Section "Description": AWAY with away-notify, SETNAME with setname, for the watched."""
        bob = self.source("bob")
        for caps, lines in (
            ("extended-monitor away-notify", [f":{bob} AWAY tea"]),
            ("extended-monitor setname", [f":{bob} SETNAME Bobby"]),
            ("extended-monitor", []),
            ("away-notify setname", []),
        ):
            watcher = self.watcher(caps)
            self.bob.ask("AWAY tea", "SETNAME Bobby")
            self.assertEqual(watcher.heard(), lines, caps)
            self.bob.ask("AWAY")

    def test_once_to_who_shares_a_channel_too(self) -> None:
        watcher = self.watcher("extended-monitor away-notify")
        self.bob.ask("JOIN #lobby")
        watcher.ask("JOIN #lobby")
        self.bob.ask("AWAY tea")
        self.assertEqual(len(watcher.heard()), 1)

    def test_the_capability_can_be_asked_for_later_and_given_back(self) -> None:
        watcher = self.watcher("away-notify")
        self.assertEqual(self.numerics(watcher.ask("CAP REQ extended-monitor")), ["CAP"])
        self.bob.ask("AWAY tea")
        self.assertEqual(len(watcher.heard()), 1)
        self.assertEqual(self.numerics(watcher.ask("CAP REQ -extended-monitor")), ["CAP"])
        self.bob.ask("AWAY")
        self.assertEqual(watcher.heard(), [])
