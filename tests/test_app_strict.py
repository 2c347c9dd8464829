"""Coming straight to a room, and what becomes of a session that is ended by its first refusal."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Command, Create, Enter, Join, Ping, Say
from chatservice.domain.errors import BadInput
from chatservice.domain.events import Created, Entered, Event, Failed, Joined, Message, Welcome
from chatservice.domain.session import Session, State
from tests.world import World

ENTER = Enter(default_nick="eve", aside=True)


class StraightTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.ann = self.world.person("ann")
        self.eve = self.world.chat.connect("10.0.0.2:5002", strict=True)

    def told(self, *commands: Command, session: Session | None = None) -> list[type[Event]]:
        return [type(event) for event in self.world.do(session or self.eve, *commands)]

    def failed(self, *commands: Command) -> list[str]:
        told = self.world.do(self.eve, *commands)
        return [event.code for event in told if isinstance(event, Failed)]

    def test_aside_is_in_no_room_and_seen_by_nobody(self) -> None:
        self.assertEqual(self.told(ENTER), [Welcome])
        self.assertIs(self.eve.state, State.PRESENT)
        self.assertEqual((self.eve.nick, self.eve.rooms), ("eve", {}))
        self.world.do(self.ann, Say(text="hi"))
        self.assertEqual(self.world.ears.take(self.eve), [])
        self.assertEqual(len(self.world.hub._rooms.lobby.people), 1)

    def test_a_room_made_for_later_is_entered_by_itself(self) -> None:
        self.assertEqual(self.told(ENTER, Create(room="den", later=True)), [Welcome, Created])
        self.assertEqual(self.eve.rooms, {})
        self.world.clock.advance(self.world.limits.create_seconds)
        self.assertEqual(self.told(), [Entered, Joined])
        self.assertEqual(self.world.hub._rooms.existing("den").people[0].role, "operator")

    def test_or_by_a_join_and_then_once(self) -> None:
        create = Create(room="den", password="secret", later=True)
        self.assertEqual(self.told(ENTER, create), [Welcome, Created])
        self.assertEqual(self.told(Join(room="den", existing=True)), [Entered, Joined])
        self.world.clock.advance(self.world.limits.create_seconds)
        self.assertNotIn(Joined, self.told())

    def test_a_room_made_for_later_is_kept_and_takes_others(self) -> None:
        self.told(ENTER, Create(room="den", password="secret", later=True))
        join = Join(room="den", password="secret", existing=True)
        self.assertIn(Joined, self.told(join, session=self.ann))
        self.world.restart()
        self.assertEqual(self.world.hub._rooms.existing("den").name, "den")

    def test_only_an_existing_room(self) -> None:
        session = self.world.person("bob")
        [failed] = self.world.do(session, Join(room="den", existing=True, id="j"))
        self.assertIsInstance(failed, Failed)
        self.assertEqual((failed.code, failed.re), ("no-such-room", "j"))  # type: ignore[attr-defined]
        self.assertEqual(len(self.world.hub._rooms.rooms), 1)
        self.assertIs(session.state, State.PRESENT)

    def test_a_refusal_in_no_room_ends_it_and_what_follows_is_not_done(self) -> None:
        codes = self.failed(ENTER, Join(room="den", existing=True), Say(text="x"), Ping())
        self.assertEqual(codes, ["no-such-room"])
        self.assertIs(self.eve.state, State.GONE)
        self.assertEqual(self.world.ears.closed, [self.eve])

    def test_so_does_one_that_takes_a_while(self) -> None:
        self.world.do(self.ann, Create(room="den", password="secret"))
        join = Join(room="den", password="wrong", existing=True)
        self.assertEqual(self.failed(ENTER, join, Say(text="x"), Ping()), ["password-needed"])
        self.assertEqual(self.world.ears.closed, [self.eve])

    def test_in_a_room_only_what_is_expelled_for_is_the_end(self) -> None:
        self.world.do(self.eve, ENTER, Join(room="den"))
        self.assertEqual(self.failed(Say(text=" ")), ["empty-text"])
        self.assertIs(self.eve.state, State.PRESENT)
        self.assertEqual(self.told(Say(text="x")), [Message])
        self.world.chat.expel(self.eve, BadInput("No."), "x")
        self.world.chat.expel(self.eve, BadInput("No."), "x")
        self.assertEqual(self.failed()[:1], ["bad-input"])
        self.assertEqual(self.world.ears.closed, [self.eve])

    def test_others_go_on_after_a_refusal(self) -> None:
        visitor = self.world.connect()
        self.world.do(visitor, Say(text="x"))
        self.assertEqual(self.world.ears.closed, [])
