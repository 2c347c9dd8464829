"""The passwords of the server itself."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Admit,
    AskTime,
    Command,
    Enter,
    Hello,
    Join,
    Kick,
    Listen,
    Login,
    Oper,
    Ping,
    Register,
    SetTopic,
    Unoper,
)
from chatservice.domain.events import (
    Event,
    Failed,
    Greeting,
    Kicked,
    LoggedIn,
    OperatorChanged,
    Pong,
    Topic,
    Welcome,
)
from chatservice.domain.rules import Rules
from chatservice.domain.session import Session, State
from tests.world import World

PASSWORD = "open sesame"


def codes(told: Sequence[Event]) -> list[str]:
    """The codes of the refusals among what was told."""
    return [each.code for each in told if isinstance(each, Failed)]


class GateCase(SynchronousTestCase):
    """A test case with a server whose operator has given out passwords."""

    rules = Rules(opers={"eve": PASSWORD[::-1]})

    def setUp(self) -> None:
        self.world = World()
        self.world.rules = self.rules
        self.world.restart()

    def do(self, session: Session, *commands: Command) -> list[Event]:
        return self.world.do(session, *commands)


class AdmitTests(GateCase):
    rules = Rules(password=PASSWORD)

    def setUp(self) -> None:
        super().setUp()
        self.session = self.world.connect()

    def test_nothing_is_done_before(self) -> None:
        for command in (
            Hello(nick="ann"),
            Listen(default_nick="ann"),
            Enter(nick="ann"),
            Join(room="attic"),
            Register(account="ann", password=PASSWORD),
            Login(nick="ann", password=PASSWORD),
            AskTime(),
        ):
            self.assertEqual(
                codes(self.do(self.session, command)), ["server-password-needed"], command
            )
        self.assertEqual(self.do(self.session, Ping(id="p")), [Pong(re="p")])
        self.assertIs(self.session.state, State.OUTSIDE)
        self.assertEqual(self.world.hub.rooms[0].people, ())

    def test_then_what_was_meant_at_first(self) -> None:
        for command, kind in (
            (Listen(default_nick="a"), Greeting),
            (Enter(nick="b"), Welcome),
        ):
            session = self.world.connect()
            self.do(session, command)
            told = self.do(session, Admit(password=PASSWORD))
            self.assertIsInstance(told[0], kind)

    def test_or_anything(self) -> None:
        self.assertEqual(self.do(self.session, Admit(password=PASSWORD)), [])
        self.assertIsInstance(self.do(self.session, Hello(nick="ann"))[0], Welcome)

    def test_a_hello_may_bring_it(self) -> None:
        wrong = self.do(self.session, Hello(nick="ann", password="sesame"))
        self.assertEqual(codes(wrong), ["wrong-password"])
        [welcome] = self.do(self.session, Hello(nick="ann", password=PASSWORD))
        self.assertIsInstance(welcome, Welcome)

    def test_a_wrong_one_is_refused_and_soon_unchecked(self) -> None:
        told = [codes(self.do(self.session, Admit(password=f"{n}")))[0] for n in range(6)]
        self.assertEqual(told, ["wrong-password"] * 5 + ["limit-reached"])
        right = self.do(self.session, Admit(password=PASSWORD))
        self.assertEqual(codes(right), ["limit-reached"])
        elsewhere = self.world.connect("10.0.0.2:1")
        self.assertEqual(self.do(elsewhere, Admit(password=PASSWORD)), [])

    def test_right_ones_are_never_too_many(self) -> None:
        for _ in range(10):
            self.assertEqual(self.do(self.world.connect(), Admit(password=PASSWORD)), [])

    def test_is_not_shown(self) -> None:
        self.assertNotIn(PASSWORD, repr((self.rules, Admit(password=PASSWORD))))
        self.assertNotIn(PASSWORD, repr(Hello(password=PASSWORD)))


class NoPasswordTests(GateCase):
    def test_one_that_nobody_asked_for_changes_nothing(self) -> None:
        session = self.world.connect()
        self.assertEqual(self.do(session, Admit(password="x")), [])
        self.assertIs(session.state, State.VISITOR)


class OperTests(GateCase):
    def setUp(self) -> None:
        super().setUp()
        self.ann = self.world.person("ann")
        self.bob = self.world.person("bob")

    def test_who_knows_the_password_may_do_anything_from_then_on(self) -> None:
        self.assertEqual(codes(self.do(self.ann, SetTopic(topic="x"))), ["operator-needed"])
        told = self.do(self.ann, Oper(name="eve", password=PASSWORD, id="o"))
        changed = OperatorChanged(nick="ann", user=self.ann.user, operator=True, re="o")
        self.assertEqual(told, [changed])
        self.assertIsInstance(self.do(self.ann, SetTopic(topic="x"))[0], Topic)
        [person, _] = self.world.hub.rooms[0].people
        self.assertTrue(person.operator)
        self.assertIn(Kicked, map(type, self.do(self.ann, Kick(nick="bob"))))

    def test_until_it_has_enough(self) -> None:
        self.assertEqual(codes(self.do(self.ann, Unoper())), ["wrong-state"])
        [told] = self.do(self.ann, Oper(name="eve", password=PASSWORD), Unoper())[1:]
        assert isinstance(told, OperatorChanged)
        self.assertFalse(told.operator)
        self.assertEqual(codes(self.do(self.ann, SetTopic(topic="x"))), ["operator-needed"])

    def test_a_wrong_name_is_a_wrong_password_and_takes_as_long(self) -> None:
        told = [
            self.do(self.ann, Oper(name=name, password=password))
            for name, password in (("eve", "wrong"), ("joe", PASSWORD))
        ]
        self.assertEqual(told[0], told[1])
        self.assertEqual(codes(told[0]), ["wrong-password"])
        self.assertEqual(self.world.hasher.asked[-1], (PASSWORD, None))

    def test_guesses_are_limited(self) -> None:
        told = [codes(self.do(self.ann, Oper(name="eve", password="x")))[0] for _ in range(6)]
        self.assertEqual(told, ["wrong-password"] * 5 + ["limit-reached"])

    def test_of_all_connections_of_a_person(self) -> None:
        self.do(self.ann, Register(password=PASSWORD))
        second = self.world.person("joe")
        self.do(second, Login(nick="ann", password=PASSWORD))
        self.do(self.ann, Oper(name="eve", password=PASSWORD))
        self.assertTrue(second.operator)
        self.assertIn(OperatorChanged, map(type, self.world.ears.take(second)))

    def test_a_login_takes_nothing_away(self) -> None:
        told = self.do(self.ann, Oper(name="eve", password=PASSWORD), Register(password=PASSWORD))
        self.assertIn(LoggedIn, map(type, told))
        self.assertTrue(self.ann.operator)

    def test_where_nobody_has_one_it_is_refused(self) -> None:
        self.world.rules = Rules()
        self.world.restart()
        told = self.do(self.world.person("ann"), Oper(name="eve", password=PASSWORD))
        self.assertEqual(codes(told), ["forbidden"])
