"""Rooms forget what they are not to keep: on the disk, in memory, and after a restart."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Configure, Hello, History, Join, Register, Say
from chatservice.domain.events import Configured, Entered, Failed, HistoryPage
from chatservice.domain.looking import DAY
from chatservice.domain.session import Session
from chatservice.retention import HOUR, LOOK_SECONDS, Retention
from tests.world import World


class RetentionTests(SynchronousTestCase):
    """Ann has a room, in which five things are said."""

    def setUp(self) -> None:
        self.world = World()
        self.log: list[str] = []
        self.ahead = 0
        self.begin()
        self.ann = self.world.person("ann")
        self.world.do(self.ann, Join(room="attic"))
        self.say("one", "two", "three", "four", "five")

    def begin(self) -> None:
        world = self.world
        self.retention = Retention(
            world.hub, world.worker, world.clock, self.wall, self.seconds, self.log.append
        )
        self.retention.start()

    def seconds(self) -> float:
        return self.world.clock.seconds()

    def wall(self) -> int:
        return self.world.wall() + self.ahead

    def say(self, *texts: str) -> None:
        for text in texts:
            self.world.do(self.ann, Say(room="attic", text=text))

    def pass_time(self, seconds: float) -> None:
        """Let time pass, in steps in which a pause has its end."""
        for _ in range(10):
            self.world.clock.advance(seconds / 10)

    def texts(self, session: Session) -> list[str]:
        [page] = [
            each
            for each in self.world.do(session, History(room="attic"))
            if isinstance(each, HistoryPage)
        ]
        return [each.text for each in page.messages]

    def joined(self) -> list[str]:
        """What somebody sees who comes."""
        bob = self.world.connect("10.0.0.2:1")
        self.world.do(bob, Hello(nick=f"bob{len(self.world.hub.sessions)}"))
        told = self.world.do(bob, Join(room="attic"))
        [entered] = [each for each in told if isinstance(each, Entered)]
        return [each.text for each in entered.messages]

    def test_by_number_soon_after_the_change(self) -> None:
        told = self.world.do(self.ann, Configure(room="attic", keep_messages=2, id="k"))
        [configured] = [each for each in told if isinstance(each, Configured)]
        self.assertEqual((configured.keep_messages, configured.keep_days), (2, None))
        self.pass_time(2 * LOOK_SECONDS)
        self.assertEqual(self.texts(self.ann), ["four", "five"])
        self.assertEqual(self.joined(), ["four", "five"])
        self.assertEqual(self.joined(), ["four", "five"])

    def test_each_hour_again(self) -> None:
        self.world.do(self.ann, Configure(room="attic", keep_messages=2))
        self.pass_time(2 * LOOK_SECONDS)
        self.say("six")
        self.pass_time(2 * LOOK_SECONDS)
        self.assertEqual(self.texts(self.ann), ["four", "five", "six"])
        self.pass_time(HOUR)
        self.pass_time(2 * LOOK_SECONDS)
        self.assertEqual(self.texts(self.ann), ["five", "six"])

    def test_by_age_after_a_restart(self) -> None:
        self.world.do(self.ann, Configure(room="attic", keep_days=1))
        self.pass_time(2 * LOOK_SECONDS)
        self.assertEqual(len(self.texts(self.ann)), 5)
        self.retention.stop()
        self.world.clock.advance(DAY / 1000)
        self.world.restart()
        self.begin()
        self.pass_time(LOOK_SECONDS)
        self.assertEqual(self.joined(), ["five"])

    def test_a_clock_that_is_set_ahead_and_right_again(self) -> None:
        """What it made look old is still there."""
        self.world.do(self.ann, Configure(room="attic", keep_days=7))
        self.pass_time(LOOK_SECONDS)
        self.ahead = 365 * DAY
        self.pass_time(20 * HOUR)
        [sentence] = self.log
        self.assertIn("clock is 8,760 hours ahead of what was expected", sentence)
        self.ahead = 0
        self.pass_time(20 * HOUR)
        self.ahead = 365 * DAY
        self.pass_time(20 * HOUR)
        self.assertEqual(len(self.texts(self.ann)), 5)
        self.assertEqual(len(self.log), 2)

    def test_a_clock_that_stays_where_it_was_set_is_believed(self) -> None:
        self.world.do(self.ann, Configure(room="attic", keep_days=7))
        self.pass_time(LOOK_SECONDS)
        self.ahead = 365 * DAY
        self.pass_time(32 * HOUR)
        self.assertEqual(self.texts(self.ann), ["five"])

    def test_a_start_with_a_clock_that_is_far_ahead(self) -> None:
        """So does a start after a long summer: what is old is forgotten a day later."""
        self.world.do(self.ann, Configure(room="attic", keep_days=7))
        self.retention.stop()
        self.ahead = 60 * DAY
        self.world.restart()
        self.begin()
        self.pass_time(20 * HOUR)
        self.assertEqual(len(self.joined()), 5)
        self.pass_time(12 * HOUR)
        self.assertEqual(self.joined(), ["five"])

    def test_a_clock_that_is_set_back(self) -> None:
        """It keeps things for longer, and is believed; set right, it is ahead."""
        self.world.do(self.ann, Configure(room="attic", keep_days=1))
        self.ahead = -365 * DAY
        self.pass_time(48 * HOUR)
        self.assertEqual(len(self.texts(self.ann)), 5)
        self.ahead = 0
        self.pass_time(20 * HOUR)
        self.assertEqual(len(self.texts(self.ann)), 5)
        self.pass_time(20 * HOUR)
        self.assertEqual(self.texts(self.ann), ["five"])

    def test_more_than_the_store_forgets_at_once(self) -> None:
        self.say(*map(str, range(1100)))
        self.world.do(self.ann, Configure(room="attic", keep_messages=3))
        self.pass_time(2 * LOOK_SECONDS)
        self.assertEqual(self.texts(self.ann), ["1097", "1098", "1099"])

    def test_a_store_that_fails_is_asked_again(self) -> None:
        self.world.do(self.ann, Configure(room="attic", keep_messages=1))
        self.world.store.broken = "The disk is gone"
        self.pass_time(2 * LOOK_SECONDS)
        self.assertIn("#attic can't be forgotten yet: The disk is gone", self.log[0])
        self.world.store.broken = None
        self.pass_time(2 * LOOK_SECONDS)
        self.assertEqual(self.texts(self.ann), ["five"])

    def test_all_is_kept_again(self) -> None:
        self.world.do(self.ann, Configure(room="attic", keep_messages=4))
        self.world.do(self.ann, Configure(room="attic", keep_messages=0, keep_days=0))
        self.pass_time(2 * LOOK_SECONDS)
        self.assertEqual(len(self.joined()), 5)

    def test_what_cannot_be_a_bound(self) -> None:
        for bound in (-1, 10**7):
            told = self.world.do(self.ann, Configure(room="attic", keep_days=bound))
            self.assertEqual(
                [each.code for each in told if isinstance(each, Failed)], ["bad-input"]
            )

    def test_the_lobby_is_for_server_operators(self) -> None:
        told = self.world.do(self.ann, Configure(room="lobby", keep_days=1))
        self.assertEqual(
            [each.code for each in told if isinstance(each, Failed)], ["operator-needed"]
        )
        root = self.world.connect("127.0.0.1:1")
        self.world.do(
            root, Hello(nick="root"), Join(room="lobby"), Register(password="long enough")
        )
        told = self.world.do(root, Configure(room="lobby", keep_days=1))
        self.assertEqual([each.keep_days for each in told if isinstance(each, Configured)], [1])
