"""Encoded once for each form, written once for each connection, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.events import Event, Notice
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Disconnect
from chatservice.net import audience, fanout
from chatservice.net.fanout import MOMENT, PART, ROOMS, FanOut
from chatservice.net.multicast import Loop, Shortfall
from tests.net.network import Net


class CountingEncoder:
    """Encodes notices as their text; counts how often."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.count = 0

    def encode(self, event: Event) -> bytes:
        """Its text for others."""
        self.count += 1
        assert isinstance(event, Notice)
        return (self.name + event.text).encode() if event.text else b""

    def encode_own(self, event: Event) -> bytes:
        """Its text for the one who caused it."""
        assert isinstance(event, Notice)
        return f"own {event.text}".encode()


class FailingEncoder(CountingEncoder):
    """Encodes what is not bad."""

    def encode(self, event: Event) -> bytes:
        """Its text for others."""
        if event == Notice(text="bad"):
            raise ValueError
        return super().encode(event)

    def encode_own(self, event: Event) -> bytes:
        """Its text for the one who caused it."""
        return self.encode(event)


class Notebook:
    """A connection that keeps a note of everything."""

    wire = "notes"
    stalled = False
    traffic = (0, 0)
    ready = False
    descriptor = -1

    def __init__(self, encoder: CountingEncoder) -> None:
        self.encoder = self.personal = encoder
        self.notes: list[object] = []

    def send(self, data: bytes, *, asked_for: bool) -> None:
        """Note it."""
        self.notes.append((data, asked_for))

    def finish(self) -> None:
        """Note it."""
        self.notes.append("finish")

    def hold(self) -> None:
        """Note it."""
        self.notes.append("hold")

    def release(self) -> None:
        """Note it."""
        self.notes.append("release")

    def when_drained(self, call: Callable[[], None]) -> None:
        """It is, always."""
        call()


def session(number: int) -> Session:
    """Somebody."""
    return Session(user=str(number), address="", client=b"", now=0)


class FanOutTests(SynchronousTestCase):
    """Four sessions, two of each form."""

    def setUp(self) -> None:
        """All are there."""
        self.clock = Clock()
        self.fanout = FanOut(Loop, self.clock)
        self.encoders = CountingEncoder("a:"), CountingEncoder("b:")
        self.sessions = tuple(session(n) for n in range(4))
        self.notebooks = [Notebook(self.encoders[n % 2]) for n in range(4)]
        for each, notebook in zip(self.sessions, self.notebooks, strict=True):
            self.fanout.add(each, notebook)

    def counted(self) -> tuple[FanOut, list[Sequence[int]]]:
        """A fan-out to the same, and each audience whose connections it has looked up."""
        made: list[Sequence[int]] = []

        def multicasting(descriptors: Sequence[int]) -> Loop:
            made.append(descriptors)
            return Loop(descriptors)

        fanout = FanOut(multicasting, self.clock)
        for each, notebook in zip(self.sessions, self.notebooks, strict=True):
            fanout.add(each, notebook)
        return fanout, made

    def to(self, audience: tuple[Session, ...], text: str, origin: int | None = None) -> Deliver:
        """A step."""
        return Deliver(
            audience, Notice(text=text), origin=None if origin is None else self.sessions[origin]
        )

    def notes(self) -> list[list[object]]:
        """What each got."""
        return [notebook.notes for notebook in self.notebooks]

    def test_once_for_each_form_and_connection(self) -> None:
        everybody = self.sessions
        self.fanout.deliver([self.to(everybody, text) for text in "xyz"])
        self.assertEqual([encoder.count for encoder in self.encoders], [3, 3])
        a, b = (b"a:xa:ya:z", False), (b"b:xb:yb:z", False)
        self.assertEqual(self.notes(), [[a], [b], [a], [b]])

    def test_a_connection_that_is_another_one_now_is_told_and_the_old_one_is_not(self) -> None:
        """Other rooms need not be looked at again."""
        fanout, made = self.counted()
        here, there = self.sessions[:2], self.sessions[2:]
        for _ in range(2):
            fanout.deliver([self.to(here, "x")])
            fanout.deliver([self.to(there, "x")])
        self.assertEqual(len(made), 4)
        new = Notebook(self.encoders[0])
        fanout.remove(self.sessions[0])
        fanout.add(self.sessions[0], new)
        fanout.deliver([self.to(here, "y")])
        fanout.deliver([self.to(there, "y")])
        self.assertEqual(len(made), 6)
        self.assertEqual(new.notes, [(b"a:y", False)])
        self.assertEqual([len(notes) for notes in self.notes()], [2, 3, 3, 3])

    def test_rooms_that_are_told_often_are_known_longest(self) -> None:
        fanout, made = self.counted()
        often = (self.sessions[0], self.sessions[2])
        for _ in range(2 * ROOMS):
            fanout.deliver([self.to(often, "x")])
            fanout.deliver([self.to((self.sessions[1], self.sessions[3]), "y")])
        self.assertEqual(len(made), 1 + 2 * ROOMS)

    def test_the_same_bytes_object_for_all(self) -> None:
        """So that a thousand members cost the memory of one."""
        self.fanout.deliver([self.to(self.sessions, "x"), self.to(self.sessions, "y")])
        first, third = (self.notes()[n][0] for n in (0, 2))
        assert isinstance(first, tuple)
        assert isinstance(third, tuple)
        self.assertIs(first[0], third[0])

    def test_own_form(self) -> None:
        everybody = self.sessions
        self.fanout.deliver(
            [self.to(everybody, "x", 0), self.to(everybody, "y", 1), self.to(everybody, "z")]
        )
        self.assertEqual(
            self.notes(),
            [
                [(b"own xa:ya:z", False)],
                [(b"b:xown yb:z", False)],
                [(b"a:xa:ya:z", False)],
                [(b"b:xb:yb:z", False)],
            ],
        )
        self.assertEqual([encoder.count for encoder in self.encoders], [3, 3])

    def test_mixed_audiences_keep_their_order(self) -> None:
        everybody, some = self.sessions, self.sessions[:2]
        self.fanout.deliver(
            [
                self.to(everybody, "1"),
                self.to(some, "2"),
                self.to((self.sessions[0],), "3"),
                self.to(everybody, "4"),
            ]
        )
        self.assertEqual(
            self.notes(),
            [
                [(b"a:1a:2a:3a:4", True)],
                [(b"b:1b:2b:4", False)],
                [(b"a:1a:4", False)],
                [(b"b:1b:4", False)],
            ],
        )

    def test_a_burst_of_arrivals(self) -> None:
        """Each is told to those who came before."""
        arrivals = [self.to(self.sessions[: n + 1], f"{n}", origin=n) for n in (2, 3)]
        self.fanout.deliver(arrivals)
        told = [b"a:2a:3", b"b:2b:3", b"own 2a:3", b"own 3"]
        self.assertEqual(self.notes(), [[(data, False)] for data in told])

    def test_who_is_not_ready_is_looked_for_when_somebody_has_changed(self) -> None:
        left_out: list[set[int]] = []

        class Noted(Loop):
            def send(self, data: bytes, but: Collection[int] = ()) -> list[Shortfall]:
                del data
                left_out.append(set(but))
                return []

        fanout = FanOut(Noted, self.clock)
        room = self.sessions[::2]
        for each, notebook in zip(room, self.notebooks[::2], strict=True):
            notebook.ready = True
            fanout.add(each, notebook)
        for ready, changes in ((True, 0), (False, 1), (False, 1), (True, 2)):
            self.notebooks[2].ready = ready
            fanout.changes = changes
            fanout.deliver([self.to(room, "x")])
        self.assertEqual(left_out, [set(), {1}, {1}, set()])
        self.assertEqual(self.notebooks[0].notes, [])
        self.assertEqual(self.notebooks[2].notes, [(b"a:x", False)] * 2)

    def test_whoever_is_told_what(self) -> None:
        """Each gets what it is told and no more, in order, as if nothing was put together."""
        who = st.sets(st.integers(0, 3))

        @settings(max_examples=200, deadline=None)
        @given(st.lists(st.tuples(who, st.none() | st.integers(0, 3))))
        def tell(told: list[tuple[set[int], int | None]]) -> None:
            self.setUp()
            known = {frozenset(each): tuple(self.sessions[n] for n in each) for each, _ in told}
            self.fanout.deliver(
                [
                    self.to(known[frozenset(each)], f"{place} ", origin)
                    for place, (each, origin) in enumerate(told)
                ]
            )
            for number, notebook in enumerate(self.notebooks):
                name = notebook.encoder.name
                expected = "".join(
                    f"own {place} " if number == origin else f"{name}{place} "
                    for place, (each, origin) in enumerate(told)
                    if number in each
                )
                answered = any(each == {number} for each, _ in told)
                notes = [(expected.encode(), answered)] if expected else []
                self.assertEqual(notebook.notes, notes)

        tell()

    def test_what_says_nothing_to_one_is_no_answer(self) -> None:
        self.fanout.deliver(
            [self.to((self.sessions[0],), ""), self.to(self.sessions[:2], "x"), self.to((), "y")]
        )
        self.assertEqual(self.notes()[0], [(b"a:x", False)])

    def test_what_a_wire_can_not_say_is_not_written(self) -> None:
        self.fanout.deliver([self.to(self.sessions, "")])
        self.assertEqual(self.notes(), [[], [], [], []])

    def test_what_one_form_fails_to_say_is_told_in_the_others(self) -> None:
        """And so is all else, by which somebody knows what became of what it said."""
        self.notebooks[0].encoder = self.notebooks[0].personal = FailingEncoder("a:")
        for step in (self.to(self.sessions, "bad", 0), self.to(self.sessions[:1], "bad", 0)):
            self.fanout.deliver([self.to(self.sessions, "hi", 0), step])
            self.fanout.deliver([step])
        self.assertEqual(
            self.notes()[:2],
            [
                [(b"a:hi", False), (b"a:hi", False)],
                [(b"b:hib:bad", False), (b"b:bad", False), (b"b:hi", False)],
            ],
        )
        self.assertTrue(self.flushLoggedErrors(ValueError))

    def test_answers_are_asked_for(self) -> None:
        self.fanout.deliver([self.to((self.sessions[2],), "x")])
        self.assertEqual(self.notes()[2], [(b"a:x", True)])

    def test_disconnected_after_the_last_words(self) -> None:
        self.fanout.deliver(
            [
                self.to((self.sessions[0],), "bye"),
                Disconnect(self.sessions[0]),
                self.to(self.sessions[1:], "left"),
            ]
        )
        self.assertEqual(self.notes()[0], [(b"a:bye", True), "finish"])
        self.assertEqual(self.notes()[1], [(b"b:left", False)])

    def test_who_is_gone(self) -> None:
        gone = self.sessions[0]
        self.fanout.remove(gone)
        self.fanout.remove(gone)
        self.fanout.deliver([self.to(self.sessions, "x"), Disconnect(gone)])
        self.fanout.hold(gone)
        self.fanout.release(gone)
        self.fanout.when_drained(gone, lambda: self.fail("nobody is there to be drained"))
        self.assertEqual(self.notes()[0], [])
        self.assertEqual(len(self.fanout), 3)

    def test_hold_and_release(self) -> None:
        self.fanout.hold(self.sessions[1])
        self.fanout.release(self.sessions[1])
        self.assertEqual(self.notes()[1], ["hold", "release"])


class AtOnceTests(FanOutTests):
    """The same, where even one is enough to be told at once."""

    def setUp(self) -> None:
        """As if they were many."""
        self.patch(fanout, "PART", 1)
        super().setUp()

    def test_a_burst_of_joins_pushes_no_room_out(self) -> None:
        """Each newcomer is told to an audience of its own, and never again."""
        fanout, made = self.counted()
        fanout.deliver([self.to(self.sessions, "x")])
        for _ in range(2 * ROOMS):
            growing = [self.sessions[:size] for size in (2, 3)]
            fanout.deliver([self.to(each, "joined") for each in growing])
        made.clear()
        fanout.deliver([self.to(self.sessions, "y")])
        self.assertEqual(made, [])


class SizesTests(SynchronousTestCase):
    """How those who are told the same are divided."""

    def test_as_few_parts_as_there_may_be(self) -> None:
        """None of them is a rest that is too small for a ring."""
        for number, sizes in (
            (0, []),
            (1010, [1010]),
            (1025, [513, 512]),
            (2500, [834, 833, 833]),
        ):
            parts: list[int] = []

            def made(descriptors: Sequence[int], parts: list[int] = parts) -> Loop:
                parts.append(len(descriptors))
                return Loop(descriptors)

            everybody = tuple(session(n) for n in range(number))
            outlets = dict.fromkeys(everybody, Notebook(CountingEncoder()))
            audience.Audience(everybody, outlets, made, lambda: 0)
            self.assertEqual(parts, sizes)


class PartsTests(SynchronousTestCase):
    """Hundreds, each of whom takes a moment to tell."""

    def setUp(self) -> None:
        """All are there."""
        self.patch(audience, "AT_ONCE", PART)
        self.clock = clock = Clock()

        class Slow(Notebook):
            """A connection that takes a millisecond for everything."""

            def send(self, data: bytes, *, asked_for: bool) -> None:
                """Note it."""
                super().send(data, asked_for=asked_for)
                clock.rightNow += 0.001

        self.fanout = FanOut(Loop, clock)
        self.sessions = tuple(session(n) for n in range(3 * PART))
        encoder = CountingEncoder()
        self.notebooks = [Slow(encoder) for _ in self.sessions]
        for each, notebook in zip(self.sessions, self.notebooks, strict=True):
            self.fanout.add(each, notebook)

    def say(self, *texts: str, number: int | None = None) -> list[Deliver | Disconnect]:
        """To all, or to the first ones."""
        return [Deliver(self.sessions[:number], Notice(text=text)) for text in texts]

    def told(self) -> list[bytes]:
        """What each was told, whatever it came in."""
        return [
            b"".join(note[0] for note in each.notes if isinstance(note, tuple))
            for each in self.notebooks
        ]

    def test_the_event_loop_turns_in_between(self) -> None:
        """And what is said meanwhile comes next, all of it together, to each in order."""
        for size in (len(self.sessions), 2 * PART):
            with self.subTest(size=size):
                for each in self.notebooks:
                    each.notes.clear()
                start = self.clock.seconds()
                self.fanout.deliver([*self.say("1", "2"), *self.say("3", number=size)])
                longest = self.clock.seconds() - start
                self.assertIn(b"", self.told())
                self.fanout.deliver(self.say("4"))
                self.fanout.deliver(self.say("5"))
                turns = 0
                while self.clock.calls:
                    turns += 1
                    start = self.clock.seconds()
                    self.clock.calls.pop().func()
                    longest = max(longest, self.clock.seconds() - start)
                self.assertGreater(turns, 3)
                self.assertLess(longest, 0.001 * (PART + 1) + MOMENT)
                for number, told in enumerate(self.told()):
                    self.assertEqual(told, b"12345" if number < size else b"1245")
                    self.assertEqual(len(self.notebooks[number].notes), 2)

    def test_what_comes_after_waits(self) -> None:
        """Closing a connection, and what is to be done once all is told."""
        called: list[int] = []
        first, last = self.sessions[0], self.sessions[-1]
        self.fanout.deliver([*self.say("bye"), Disconnect(first), Disconnect(last)])
        self.fanout.when_drained(last, lambda: called.append(len(self.told()[-1])))
        self.fanout.when_drained(first, lambda: called.append(0))
        self.assertEqual(self.notebooks[0].notes, [(b"bye", False)])
        self.fanout.remove(first)
        self.clock.pump([0] * 20)
        self.assertEqual(self.notebooks[-1].notes, [(b"bye", False), "finish"])
        self.assertEqual(self.notebooks[0].notes, [(b"bye", False)])
        self.assertEqual(called, [3])

    def test_who_is_gone_meanwhile_is_told_nothing(self) -> None:
        self.fanout.deliver([*self.say("a"), *self.say("b", number=2 * PART)])
        self.fanout.remove(self.sessions[-1])
        self.clock.pump([0] * 20)
        self.assertEqual(self.told()[-2:], [b"a", b""])

    def test_a_failure_is_not_for_ever(self) -> None:
        """What can't be sent raises, and the next thing is told all the same."""

        class Broken(Notebook):
            """A connection that can't be sent anything."""

            def send(self, data: bytes, *, asked_for: bool) -> None:
                """Fail."""
                raise OSError(data, asked_for)

        self.fanout.add(self.sessions[0], Broken(CountingEncoder()))
        self.assertRaises(OSError, self.fanout.deliver, self.say("b", number=1))
        self.fanout.add(self.sessions[0], self.notebooks[0])
        self.fanout.deliver(self.say("c", number=3))
        self.clock.pump([0] * 20)
        self.assertEqual(self.told()[:4], [b"c", b"c", b"c", b""])


class TurnTests(SynchronousTestCase):
    """The same through real connections."""

    def test_one_write_a_turn_for_each_member(self) -> None:
        """Whatever is said in one turn of the event loop, by however many."""
        net = Net()
        members = [net.pipe(f"member{n}", "127.0.0.1") for n in range(5)]
        natives = [net.json(f"native{n}", "127.0.0.1") for n in range(5)]
        for each in members + natives:
            each.heard()
        for number, each in enumerate(members):
            each.socket.incoming += b"%d a\n%d b\n" % (number, number)
        net.loop.settle()
        writes = Counter(len(each.writes()) for each in members + natives)
        self.assertEqual(writes, {1: 10})

    def test_what_is_told_at_once_never_overtakes_what_waits(self) -> None:
        """Whether the peer takes all of it, a part or nothing, and has asked for more or not."""
        net = Net()
        ann, bob = net.pipe("ann", "127.0.0.1"), net.pipe("bob", "127.0.0.1")
        net.loop.wait(1)
        bob.heard()
        told = b""
        for number in range(200):
            bob.socket.space = number * 37 % 61
            ann.send(b"said %d\n" % number)
            told += b"MSG|ann: said %d\n" % number
            if number % 20 == 0:
                bob.send(b"/help\n")
            if number % 7 == 0:
                net.loop.settle()
        bob.socket.space = 10**6
        lines = bob.heard().splitlines(keepends=True)
        said = [line for line in lines if line.startswith(b"MSG|ann: ")]
        self.assertEqual(b"".join(said), told)
        self.assertEqual(bob.pending, 0)
        self.assertTrue(all(line.startswith((b"MSG|", b"SRV|")) for line in lines), lines)

    def test_a_burst_of_arrivals_is_one_user_list(self) -> None:
        net = Net()
        bob = net.pipe("bob")
        net.loop.wait(1)
        bob.heard()
        arrivals = [net.connect("127.0.0.1", wire="pipe") for _ in range(50)]
        for number, each in enumerate(arrivals):
            each.socket.incoming += b"CMD_USER|p%d\n" % number
        heard = bob.heard()
        self.assertEqual(heard.count(b" has joined the chat."), 50)
        self.assertEqual(heard.count(b"ULIST|"), 1)
