"""The session: connects, comes back, resumes, keeps its nick, falls back to older servers."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TypeVar

from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Admit,
    ChangePassword,
    Command,
    Create,
    Hello,
    History,
    Join,
    Leave,
    Login,
    Ping,
    Quit,
    Register,
    Say,
    SetNick,
    SetRoomPassword,
    SetTopic,
    Tell,
)
from chatservice.domain.events import (
    Ack,
    Closing,
    Entered,
    Exited,
    Failed,
    HistoryPage,
    Kicked,
    Left,
    LoggedIn,
    LoggedOut,
    Message,
    Notice,
    Pong,
    Private,
    Renamed,
    RoomRenamed,
    Welcome,
)
from chatservice.wire.pipe import HINT
from chatservice.wire.schema import dump
from tests.client.scripted import Scene, entered, message, welcome
from urwidclient.phases import ConnectionState
from urwidclient.resume import CLOSINGS, WAITING_SAYS
from urwidclient.timing import FIRST_ANSWER_SECONDS, LATE_HELLOS

T = TypeVar("T")


def only(kind: type[T], things: list[Command]) -> T:
    """The one thing there is, which is of that kind."""
    [thing] = things
    assert isinstance(thing, kind), thing
    return thing


class Connecting(SynchronousTestCase):
    """From nothing to online, and back."""

    def test_hello_then_joins(self) -> None:
        scene = Scene(rooms=("lobby", "Ops"))
        scene.session.start()
        hello = scene.meet()
        self.assertEqual((hello.version, hello.nick, hello.client), (1, "me", "k" * 32))
        joins = scene.welcome(hello)
        self.assertEqual(
            [(join.room, join.since) for join in joins if isinstance(join, Join)],
            [("lobby", None), ("ops", None)],
        )
        self.assertEqual(scene.phases, ["connecting", "online"])
        self.assertIsInstance(scene.events[0], Welcome)

    def test_waits_longer_each_time(self) -> None:
        scene = Scene()
        scene.session.start()
        waits = []
        for _ in range(8):
            scene.server.refuse()
            retry_in = scene.states[-1].retry_in
            assert retry_in is not None
            waits.append(retry_in)
            scene.clock.advance(retry_in)
            self.assertEqual(scene.states[-1].phase, "connecting")
        self.assertEqual(waits, [0.5, 1, 2, 4, 8, 16, 30, 30])

    def test_a_name_that_no_host_can_have(self) -> None:
        """It is known at once, before there is any attempt."""
        scene = Scene()
        scene.session._connection._endpoint = HostnameEndpoint(MemoryReactorClock(), "a..b", 8080)
        scene.session.start()
        self.assertEqual(scene.phases, ["connecting", "waiting"])
        self.assertEqual(scene.states[-1].detail, "There is no host of this name.")

    def test_counts_down_each_second(self) -> None:
        scene = Scene()
        scene.session.start()
        for _ in range(4):
            scene.server.refuse()
            scene.clock.pump([0.5] * 8 if len(scene.states) > 5 else [4])
        waiting = [state.retry_in for state in scene.states if state.phase == "waiting"]
        self.assertEqual(waiting[-4:], [4, 3, 2, 1])
        self.assertEqual(scene.states[-2].detail, "No server answers at this address.")

    def test_a_stable_connection_resets_the_wait(self) -> None:
        for online, wait in ((2.9, 4.0), (3.0, 0.5)):
            scene = Scene()
            scene.session.start()
            for _ in range(3):
                scene.server.refuse()
                scene.clock.advance(4)
            scene.welcome(scene.meet())
            scene.clock.advance(online)
            scene.server.lose()
            self.assertEqual(scene.states[-1].retry_in, wait)

    def test_reconnect_now_does_not_wait(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.server.refuse()
        scene.session.reconnect_now()
        self.assertEqual(len(scene.server.attempts), 1)
        scene.meet()
        scene.clock.advance(0.5)
        self.assertEqual(scene.server.attempts, [])

    def test_gives_up_an_attempt_after_ten_seconds(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.clock.advance(9.9)
        self.assertEqual(scene.server.cancelled, 0)
        scene.clock.advance(0.2)
        self.assertEqual(scene.server.cancelled, 1)
        self.assertEqual(scene.phases, ["connecting", "waiting"])

    def test_stop_says_goodbye_and_stays_away(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.stop("to lunch")
        self.assertEqual(only(Quit, scene.server.commands()).reason, "to lunch")
        self.assertTrue(scene.server.transport.disconnecting)
        scene.server.lose()
        scene.clock.advance(100)
        self.assertEqual(scene.states[-1], ConnectionState("stopped", None, "", "json"))
        self.assertEqual(scene.server.attempts, [])
        self.assertEqual(scene.clock.getDelayedCalls(), [])

    def test_stop_while_connecting_and_while_waiting(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.session.stop()
        self.assertEqual(scene.server.cancelled, 1)
        scene.session.start()
        scene.server.refuse()
        scene.session.stop()
        scene.clock.advance(100)
        self.assertEqual(scene.states[-1].phase, "stopped")

    def test_stop_from_within_a_notice_of_the_state(self) -> None:
        scene = Scene()
        scene.session.on_state = lambda _: scene.session.stop()
        scene.session.start()
        self.assertEqual(scene.server.attempts, [])
        self.assertEqual(scene.clock.getDelayedCalls(), [])

    def test_the_servers_last_word_is_shown(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.tell(Closing(code="shutdown", text="The server is shutting down."))
        scene.server.lose()
        self.assertEqual(scene.states[-1].detail, "The server is shutting down.")

    def test_asks_for_a_sign_of_life_then_drops(self) -> None:
        scene = Scene()
        scene.enter()
        scene.clock.pump([0.5] * 61)
        only(Ping, scene.server.commands())
        scene.server.tell(Pong())
        scene.clock.pump([0.5] * 119)
        only(Ping, scene.server.commands())
        self.assertEqual((scene.phases[-1], scene.events), ("online", []))
        scene.clock.advance(1)
        self.assertEqual(scene.phases[-1], "waiting")
        self.assertTrue(scene.server.transport.disconnected)

    def test_a_bad_line_costs_nothing(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.say(b"{", b"", b'{"type":"nonsense"}', b'{"type":"message"}', b"\xff")
        scene.server.tell(message(1))
        self.assertEqual(scene.events, [message(1)])

    def test_a_line_of_two_mebibytes(self) -> None:
        scene = Scene()
        scene.enter()
        page = HistoryPage(
            room="lobby", messages=(message(1, text="x" * 2**21),), more=False, re="h"
        )
        scene.server.tell(page)
        self.assertEqual(scene.events, [page])


class Resuming(SynchronousTestCase):
    """After a reconnect: everything once."""

    def test_rejoins_from_the_last_message_seen(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.tell(message(1), message(4))
        join = only(Join, scene.reconnect())
        self.assertEqual((join.room, join.since), ("lobby", 4))

    def test_an_acknowledgement_counts_as_seen(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(Say(text="hi", id="a"))
        scene.server.tell(Ack(room="lobby", seq=7, id="1-7", at=1, re="a"))
        self.assertEqual(only(Join, scene.reconnect()).since, 7)

    def test_the_seq_of_an_entered_room_counts_as_seen(self) -> None:
        scene = Scene()
        scene.session.start()
        join = only(Join, scene.welcome(scene.meet()))
        scene.server.tell(entered(join, seq=9))
        self.assertEqual(only(Join, scene.reconnect()).since, 9)

    def test_what_was_seen_is_dropped(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.tell(message(1), message(2))
        scene.events.clear()
        join = only(Join, scene.reconnect())
        scene.events.clear()
        scene.server.tell(
            HistoryPage(room="lobby", messages=(message(2), message(3)), more=True, re=join.id),
            HistoryPage(room="lobby", messages=(message(3),), more=True, re=join.id),
            entered(join, message(3), message(4)),
            message(4),
            message(5),
        )
        shown = [
            each.seq
            for event in scene.events
            for each in (event.messages if isinstance(event, HistoryPage | Entered) else (event,))
            if isinstance(each, Message)
        ]
        self.assertEqual(shown, [3, 4, 5])

    def test_asked_pages_pass_untouched(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.tell(message(5))
        scene.session.send(History(room="lobby", before=5, id="h"))
        page = HistoryPage(room="lobby", messages=(message(3), message(4)), more=False, re="h")
        scene.server.tell(page)
        self.assertEqual(scene.events[-1], page)

    def test_unacknowledged_says_go_again_in_order(self) -> None:
        scene = Scene()
        scene.enter()
        for name in "abc":
            scene.session.send(Say(text=name, room="lobby", id=name))
        scene.server.tell(Ack(room="lobby", seq=1, id="1-1", at=1, re="a"))
        join = only(Join, scene.reconnect())
        scene.server.tell(entered(join))
        self.assertEqual(
            scene.server.commands(),
            [Say(text=name, room="lobby", id=name) for name in "bc"],
        )

    def test_a_say_that_was_stored_after_all_is_acknowledged_by_the_replay(self) -> None:
        """By its id, or, from a server that does not tell it, by the text as servers keep it."""
        for re in ("a", None):
            scene = Scene()
            scene.enter()
            scene.session.send(Say(text="hi \r\nyou  ", room="lobby", id="a"))
            scene.session.send(Say(text="other", room="lobby", id="b"))
            join = only(Join, scene.reconnect())
            scene.events.clear()
            scene.server.commands()
            scene.server.tell(entered(join, message(1, nick="me", text="hi \nyou", re=re)))
            [room, ack] = scene.events
            assert isinstance(room, Entered)
            self.assertEqual(room.messages, ())
            self.assertEqual(ack, Ack(room="lobby", seq=1, id="1-1", at=message(1).at, re="a"))
            self.assertEqual(only(Say, scene.server.commands()).id, "b")

    def test_the_same_words_of_somebody_else_acknowledge_nothing(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(Say(text="hi", room="lobby", id="a"))
        join = only(Join, scene.reconnect())
        scene.server.commands()
        scene.server.tell(entered(join, message(1, nick="alice", text="hi", re="a")))
        self.assertEqual(only(Say, scene.server.commands()).id, "a")

    def test_says_wait_for_a_connection_and_for_their_room(self) -> None:
        scene = Scene()
        scene.session.send(Say(text="early"))
        scene.session.start()
        join = only(Join, scene.welcome(scene.meet()))
        scene.server.tell(entered(join))
        say = only(Say, scene.server.commands())
        self.assertEqual((say.text, say.room), ("early", "lobby"))
        self.assertTrue(say.id)

    def test_a_refused_say_is_told_and_not_sent_again(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(Say(text="hi", id="a"))
        failed = Failed(code="not-stored", text="The disk is full.", re="a")
        scene.server.tell(failed)
        self.assertEqual(scene.events, [failed])
        scene.server.tell(entered(only(Join, scene.reconnect())))
        self.assertEqual(scene.server.commands(), [])

    def test_the_queue_is_bounded(self) -> None:
        scene = Scene()
        for number in range(WAITING_SAYS):
            scene.session.send(Say(text="x", id=str(number)))
        scene.session.send(Say(text="x", id="last"))
        self.assertEqual(scene.events, [])
        scene.clock.advance(0)
        [failed] = scene.events
        assert isinstance(failed, Failed)
        self.assertEqual((failed.code, failed.re), ("limit-reached", "last"))

    def test_what_no_line_can_hold_is_refused_at_once(self) -> None:
        scene = Scene()
        scene.session.start()
        hello = scene.meet()
        scene.server.tell(replace(welcome("me", hello.id), line_bytes=300))
        scene.server.tell(entered(only(Join, scene.server.commands())))
        scene.events.clear()
        fits = Say(text="x" * (300 - len(dump(Say(room="lobby", text="", id="a")))), id="a")
        longer = replace(fits, text=fits.text + "x", id="b")
        topic = SetTopic(topic="中" * 100, room="lobby", id="c")
        for command in fits, longer, topic:
            scene.session.send(command)
        scene.clock.advance(0)
        self.assertEqual(scene.server.commands(), [replace(fits, room="lobby")])
        failures = [event for event in scene.events if isinstance(event, Failed)]
        self.assertEqual([each.re for each in failures], ["b", "c"])
        self.assertIn("1 bytes too long", failures[0].text)

    def test_what_the_server_closes_for_is_not_sent_for_ever(self) -> None:
        """The first one that is not confirmed is given up then; what was said after it goes on."""
        scene = Scene()
        scene.enter()
        for key in "a", "b":
            scene.session.send(Say(text=key, id=key))
        for _ in range(CLOSINGS):
            self.assertEqual([say.id for say in scene.server.commands()], ["a", "b"])
            self.assertFalse([event for event in scene.events if isinstance(event, Failed)])
            scene.server.tell(Closing(code="too-long", text="A line can have 99 bytes."))
            scene.server.tell(entered(only(Join, scene.reconnect())))
        [failed] = [event for event in scene.events if isinstance(event, Failed)]
        self.assertEqual((failed.code, failed.re), ("too-long", "a"))
        self.assertIn("99 bytes", failed.text)
        self.assertEqual([say.id for say in scene.server.commands()], ["b"])

    def test_a_server_that_ends_closes_for_nothing_that_was_said(self) -> None:
        """However often it is restarted before it confirms."""
        scene = Scene()
        scene.enter()
        scene.session.send(Say(text="a", id="a"))
        for _ in range(CLOSINGS):
            self.assertEqual([say.id for say in scene.server.commands()], ["a"])
            scene.server.tell(Closing(code="shutdown", text="The server is shutting down."))
            scene.server.tell(entered(only(Join, scene.reconnect())))
        self.assertEqual([say.id for say in scene.server.commands()], ["a"])
        self.assertFalse([event for event in scene.events if isinstance(event, Failed)])

    def test_a_server_does_not_close_for_what_was_not_sent_on_the_connection(self) -> None:
        """As when the hello is what is too long."""
        scene = Scene()
        scene.enter()
        scene.session.send(Say(text="a", id="a"))
        for _ in range(CLOSINGS):
            scene.server.lose()
            scene.clock.advance(30)
            scene.server.accept()
            scene.server.tell(Closing(code="too-long", text="A line can have 9 bytes."))
        scene.server.tell(entered(only(Join, scene.reconnect())))
        self.assertEqual([say.id for say in scene.server.commands()], ["a"])

    def test_other_commands_fail_offline(self) -> None:
        scene = Scene()
        scene.session.send(Join(room="ops", id="j"))
        scene.clock.advance(0)
        [failed] = scene.events
        assert isinstance(failed, Failed)
        self.assertEqual((failed.code, failed.re), ("not-connected", "j"))

    def test_rooms_joined_and_left_later(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(Join(room="#Ops"))
        scene.server.tell(entered(only(Join, scene.server.commands())))
        scene.session.send(Leave(room="lobby", id="l"))
        scene.server.tell(Exited(room="lobby", re="l"))
        scene.server.commands()
        self.assertEqual(only(Join, scene.reconnect()).room, "ops")

    def test_a_room_left_without_a_connection(self) -> None:
        """It is gone at once; the server, which may have kept one in it, is told when it can be."""
        scene = Scene(rooms=("ops", "lobby"))
        scene.enter()
        scene.server.lose()
        scene.session.send(Leave(room="ops", id="l"))
        scene.clock.advance(0)
        self.assertEqual(scene.events, [Exited(room="ops", re="l")])
        leave, join = self.come_back(scene)
        assert isinstance(leave, Leave)
        self.assertEqual((leave.room, only(Join, [join]).room), ("ops", "lobby"))
        scene.server.lose()
        self.assertEqual(self.come_back(scene)[0], leave)
        scene.events.clear()
        scene.server.tell(Failed(code="not-in-room", text="You are not in #ops.", re=leave.id))
        self.assertEqual(scene.events, [])
        self.assertEqual(only(Join, scene.reconnect()).room, "lobby")

    def test_a_room_that_is_left_as_the_connection_goes(self) -> None:
        """It is left all the same; one that was joined again meanwhile is not."""
        scene = Scene(rooms=("ops", "attic", "lobby"))
        scene.enter()
        scene.session.send(Leave(room="ops", id="l"))
        scene.session.send(Leave(room="attic", id="m"))
        scene.session.send(Join(room="attic"))
        scene.server.lose()
        [leave, other, *joins] = self.come_back(scene)
        self.assertEqual((leave, other.id), (Leave(room="ops", id="l"), "m"))
        rooms = [join.room for join in joins if isinstance(join, Join)]
        self.assertEqual(rooms, ["lobby", "attic"])
        self.assertIn(Exited(room="ops", re="l"), scene.events)
        scene.events.clear()
        scene.server.tell(Failed(code="not-in-room", text="You are not in #ops.", re="l"))
        self.assertEqual(scene.events, [])

    def test_a_room_that_one_may_not_leave_so(self) -> None:
        """As for too long a reason: one is still in it, and comes back to it."""
        for code, rooms in (("bad-input", ["lobby", "ops"]), ("not-in-room", ["lobby"])):
            scene = Scene(rooms=("ops", "lobby"))
            scene.enter()
            scene.server.tell(replace(message(3), room="ops"))
            scene.session.send(Leave(room="ops", id="l"))
            scene.server.tell(Failed(code=code, text="No.", re="l"))
            scene.server.lose()
            joins = [each for each in self.come_back(scene) if isinstance(each, Join)]
            self.assertEqual([join.room for join in joins], rooms)
            self.assertEqual([join.since for join in joins][1:], [3] * len(rooms[1:]))

    def test_a_room_left_without_a_connection_is_no_other_servers(self) -> None:
        scene = Scene(rooms=("ops", "lobby"))
        scene.enter()
        scene.server.lose()
        scene.session.send(Leave(room="ops", id="l"))
        self.assertEqual(only(Join, scene.reconnect("s2")).room, "lobby")

    def test_a_room_left_without_a_connection_where_one_still_was(self) -> None:
        """What is heard of it before it is left does not bring it back."""
        scene = Scene(rooms=("ops",))
        scene.enter()
        scene.server.lose()
        scene.session.send(Leave(room="ops"))
        leave = only(Leave, self.come_back(scene))
        heard, gone = replace(message(3), room="ops"), Exited(room="ops", re=leave.id)
        scene.server.tell(heard, gone)
        self.assertEqual(scene.events[-2:], [heard, gone])
        scene.server.lose()
        self.assertEqual(self.come_back(scene), [])

    def come_back(self, scene: Scene) -> list[Command]:
        """What is sent once the connection, which is lost, is back."""
        scene.clock.advance(30)
        scene.server.accept()
        return scene.welcome(only(Hello, scene.server.commands()))

    def test_but_not_one_where_something_waits(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.lose()
        scene.session.send(Say(text="hi", id="a"))
        scene.session.send(Leave(room="lobby", id="l"))
        scene.clock.advance(0)
        [failed] = scene.events
        assert isinstance(failed, Failed)
        self.assertEqual((failed.code, failed.re), ("not-connected", "l"))

    def test_a_room_that_shuts_one_out_is_named(self) -> None:
        scene = Scene()
        scene.enter()
        join = only(Join, scene.reconnect())
        scene.server.tell(Failed(code="room-full", text="Full.", re=join.id))
        self.assertEqual(
            scene.events[-1], Failed(code="room-full", text="Full.", room="lobby", re=join.id)
        )

    def test_a_room_that_shuts_one_out_takes_its_says_along(self) -> None:
        scene = Scene(rooms=("secret",))
        scene.session.send(Say(text="hi", id="a"))
        scene.session.start()
        join = only(Join, scene.welcome(scene.meet()))
        scene.events.clear()
        scene.server.tell(Failed(code="bad-name", text="No.", re=join.id))
        self.assertEqual(
            [event.re for event in scene.events if isinstance(event, Failed)], [join.id, "a"]
        )
        self.assertEqual(scene.reconnect(), [])

    def test_but_not_those_that_may_have_been_said(self) -> None:
        """The server acknowledges what is kept, and refuses the rest, whoever may talk there."""
        scene = Scene(rooms=("secret",))
        scene.enter()
        scene.session.send(Say(text="hi", id="a"))
        scene.server.lose()
        scene.session.send(Say(text="ho", id="b"))
        join = only(Join, scene.reconnect())
        scene.events.clear()
        scene.server.tell(Failed(code="banned", text="No.", re=join.id))
        self.assertEqual(
            [event.re for event in scene.events if isinstance(event, Failed)], [join.id, "b"]
        )
        self.assertEqual(only(Say, scene.server.commands()).id, "a")
        scene.server.tell(Ack(room="secret", seq=1, id="1-1", at=1, re="a"))
        self.assertEqual(scene.reconnect(), [])

    def test_another_server_at_that_address_counts_anew(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.tell(message(50))
        join = only(Join, scene.reconnect(server_id="s2"))
        self.assertIsNone(join.since)
        scene.events.clear()
        scene.server.tell(entered(join, message(1)), message(2))
        self.assertEqual(scene.events[-1], message(2))

    def test_a_server_that_lost_its_last_messages_is_heard_again(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.tell(message(50))
        join = only(Join, scene.reconnect())
        scene.server.tell(entered(join, message(40), message(41)), message(42))
        self.assertEqual(scene.events[-1], message(42))


class Nick(SynchronousTestCase):
    """One nick over all connections."""

    def test_a_refused_nick_is_told_and_another_one_taken(self) -> None:
        scene = Scene()
        scene.session.start()
        hello = scene.meet()
        failed = Failed(code="name-taken", text="Taken.", re=hello.id)
        scene.server.tell(welcome(None, hello.id), failed)
        self.assertEqual(scene.events, [welcome(None, hello.id), failed])
        self.assertEqual(scene.server.commands(), [])
        scene.session.send(SetNick(nick="you", id="n"))
        only(SetNick, scene.server.commands())
        scene.server.tell(Renamed(old="", new="you", user="100009", at=1, re="n"))
        self.assertEqual(only(Join, scene.server.commands()).room, "lobby")
        self.assertEqual(scene.session.nick, "you")

    def test_another_one_before_there_is_a_connection(self) -> None:
        """It is the one that is said, with a new attempt at once."""
        scene = Scene()
        scene.session.start()
        scene.server.refuse()
        scene.session.send(SetNick(nick="you"))
        self.assertEqual(scene.meet().nick, "you")
        scene.session.send(SetNick(nick="zoe"))
        scene.welcome(scene.meet())
        self.assertEqual((scene.session.nick, scene.events[1:]), ("zoe", []))
        scene.server.lose()
        scene.session.send(SetNick(nick="ann", id="n"))
        scene.clock.advance(0)
        self.assertIsInstance(scene.events[-1], Failed)

    def test_a_changed_nick_is_used_at_a_reconnect(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(SetNick(nick="you"))
        command = only(SetNick, scene.server.commands())
        scene.server.tell(Renamed(old="me", new="you", user="100009", at=1, re=command.id))
        scene.server.lose()
        scene.clock.advance(30)
        scene.server.accept()
        self.assertEqual(only(Hello, scene.server.commands()).nick, "you")

    def test_a_nick_taken_meanwhile(self) -> None:
        """Asked for three times more, then one like it, and back when it is free."""
        scene = Scene()
        scene.enter()
        scene.server.lose()
        scene.clock.advance(30)
        scene.server.accept()
        hello = only(Hello, scene.server.commands())
        taken = Failed(code="name-taken", text="Taken.", re=hello.id)
        scene.server.tell(welcome(None, hello.id), taken)
        self.assertEqual(scene.server.commands(), [])
        for _ in range(3):
            scene.clock.advance(1)
            command = only(SetNick, scene.server.commands())
            self.assertEqual(command.nick, "me")
            scene.server.tell(Failed(code="name-taken", text="Taken.", re=command.id))
        command = only(SetNick, scene.server.commands())
        self.assertEqual(command.nick, "me_")
        scene.server.tell(Renamed(old="", new="me_", user="100009", at=1, re=command.id))
        self.assertEqual(scene.session.nick, "me_")
        scene.server.tell(entered(only(Join, scene.server.commands())))
        self.assertFalse([event for event in scene.events if isinstance(event, Failed)])

        gone = Left(room="lobby", nick="Me", user="100002", at=1)
        scene.server.tell(gone, gone)
        command = only(SetNick, scene.server.commands())
        self.assertEqual(command.nick, "me")
        scene.server.tell(Renamed(old="me_", new="me", user="100009", at=1, re=command.id))
        self.assertEqual(scene.session.nick, "me")
        scene.server.tell(gone)
        self.assertEqual(scene.server.commands(), [])

    def test_gives_up_when_no_nick_is_to_be_had(self) -> None:
        scene = Scene(nick="m" * 32)
        scene.enter()
        scene.server.lose()
        scene.clock.advance(30)
        scene.server.accept()
        scene.server.tell(welcome(None, only(Hello, scene.server.commands()).id))
        scene.events.clear()
        asked = []
        for _ in range(20):
            scene.clock.advance(1)
            for command in scene.server.commands():
                assert isinstance(command, SetNick)
                asked.append(command.nick)
                scene.server.tell(Failed(code="name-taken", text="Taken.", re=command.id))
        self.assertEqual(len(asked), 8)
        self.assertTrue(all(len(nick) == 32 for nick in asked))
        [failed] = scene.events
        assert isinstance(failed, Failed)
        self.assertEqual(failed.code, "name-taken")


class Telling(SynchronousTestCase):
    """What is told to one person waits like what is said in a room; the server tells it once."""

    def tells(self, sent: list[Command]) -> list[tuple[str | None, str]]:
        return [(each.id, each.text) for each in sent if isinstance(each, Tell)]

    def test_told_again_until_it_is_confirmed(self) -> None:
        """Under the same id, whether the answer is what was told or that it was told before."""
        scene = Scene()
        scene.enter()
        for key in "abc":
            scene.session.send(Tell(id=key, to="bob", text=key))
        scene.server.tell(
            Private(nick="me", user="1", to="bob", to_user="2", at=1, text="a", re="a")
        )
        scene.events.clear()
        self.assertEqual(self.tells(scene.reconnect()), [("b", "b"), ("c", "c")])
        scene.server.tell(Ack(room="@bob", seq=0, id="0-1", at=1, re="b"))
        self.assertEqual(self.tells(scene.reconnect()), [("c", "c")])
        self.assertFalse([each for each in scene.events if isinstance(each, Failed)])

    def test_waits_for_a_connection_and_for_no_room(self) -> None:
        scene = Scene()
        scene.session.send(Tell(id="a", to="bob", text="a"))
        scene.session.start()
        self.assertEqual(self.tells(scene.welcome(scene.meet())), [("a", "a")])

    def test_another_server_has_other_people(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(Tell(id="a", to="bob", text="a"))
        scene.server.lose()
        scene.session.send(Tell(id="b", to="bob", text="b"))
        self.assertEqual(self.tells(scene.reconnect("s2")), [])
        failed = [each for each in scene.events if isinstance(each, Failed)]
        self.assertEqual(
            [(each.re, each.text) for each in failed],
            [
                ("a", "This is another server than before; nobody knows whether this arrived."),
                ("b", "This is another server than before; nobody was told this."),
            ],
        )
        self.assertEqual(self.tells(scene.reconnect("s2")), [])

    def test_refused_then_lost(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(Tell(id="a", to="bob", text="a"))
        scene.server.tell(Failed(code="no-such-person", text="Gone.", re="a"))
        scene.reconnect()
        self.assertEqual(len([each for each in scene.events if isinstance(each, Failed)]), 1)


class ClosedRooms(SynchronousTestCase):
    """Rooms with passwords, over reconnects; rooms that one is put out of."""

    def rejoins(self, scene: Scene) -> list[tuple[str, str | None]]:
        """Rooms and passwords of a new connection."""
        return [(each.room, each.password) for each in scene.reconnect() if isinstance(each, Join)]

    def test_passwords_go_along(self) -> None:
        scene = Scene(rooms=())
        scene.enter()
        scene.session.send(Join(room="Ops", password="pw"))
        scene.session.send(Create(room="dev", password="old"))
        for command in scene.server.commands():
            assert isinstance(command, Join | Create)
            scene.server.tell(entered(Join(room=command.room, id=command.id)))
        scene.session.send(SetRoomPassword(room="dev", password="new"))
        self.assertEqual(self.rejoins(scene), [("ops", "pw"), ("dev", "new")])
        scene.session.send(SetRoomPassword(room="dev"))
        self.assertEqual(self.rejoins(scene), [("ops", "pw"), ("dev", None)])

    def test_one_of_a_room_that_is_left_and_joined_again_at_once(self) -> None:
        """That it was left is heard when the password is given again already."""
        scene = Scene(rooms=())
        scene.enter()
        scene.session.send(Join(room="ops", password="pw"))
        scene.server.tell(entered(only(Join, scene.server.commands())))
        scene.session.send(Leave(room="ops", id="l"))
        scene.session.send(Join(room="ops", password="pw"))
        _, join = scene.server.commands()
        assert isinstance(join, Join)
        scene.server.tell(Exited(room="ops", re="l"), entered(join))
        self.assertEqual(self.rejoins(scene), [("ops", "pw")])
        scene.session.send(Leave(room="ops", id="m"))
        scene.server.tell(Exited(room="ops", re="m"))
        self.assertEqual(self.rejoins(scene), [])

    def test_a_refused_one_is_forgotten(self) -> None:
        scene = Scene()
        scene.enter()
        scene.session.send(Join(room="ops", password="wrong"))
        scene.session.send(Create(room="dev", password="pw"))
        for command in scene.server.commands():
            scene.server.tell(Failed(code="password-needed", text="No.", re=command.id))
        self.assertEqual(self.rejoins(scene), [("lobby", None)])

    def test_renamed(self) -> None:
        """A room is come back to under its new name, with what waits for it, and its password."""
        scene = Scene()
        scene.enter()
        scene.session.send(Join(room="ops", password="pw"))
        [join] = scene.server.commands()
        assert isinstance(join, Join)
        scene.server.tell(entered(join, seq=7))
        scene.session.send(Say(id="s", room="ops", text="hi"))
        scene.server.tell(RoomRenamed(old="ops", new="dev", by="bob", by_user="1"))
        commands = scene.reconnect()
        joins = [each for each in commands if isinstance(each, Join)]
        self.assertEqual([each.room for each in joins], ["lobby", "dev"])
        self.assertEqual((joins[1].since, joins[1].password), (7, "pw"))
        scene.server.tell(*map(entered, joins))
        [say] = scene.server.commands()
        self.assertEqual(say, Say(id="s", room="dev", text="hi"))

    def test_renamed_meanwhile(self) -> None:
        """The server says so when one comes back by the old name, let in or not."""
        for let_in in (True, False):
            scene = Scene(rooms=("ops",))
            scene.enter()
            scene.session.send(Say(id="s", text="hi"))
            scene.server.commands()
            [join] = [each for each in scene.reconnect() if isinstance(each, Join)]
            scene.server.tell(RoomRenamed(old="ops", new="dev", by="", by_user=""))
            if let_in:
                scene.server.tell(entered(replace(join, room="dev"), seq=9))
                self.assertEqual(scene.server.commands(), [Say(id="s", room="dev", text="hi")])
                self.assertEqual(self.rejoins(scene), [("dev", None)])
            else:
                scene.server.tell(Failed(code="password-needed", text="No.", re=join.id))
                self.assertEqual(self.rejoins(scene), [])

    def test_put_out(self) -> None:
        scene = Scene(rooms=("lobby", "ops"))
        scene.enter()
        for nick, room in (("me", "ops"), ("alice", "lobby")):
            scene.server.tell(Kicked(room=room, nick=nick, user="1", by="bob", reason="", at=1))
        self.assertEqual(self.rejoins(scene), [("lobby", None)])


class ServerPassword(SynchronousTestCase):
    """A server that has a password lets nobody in who does not know it."""

    def refuse(self, scene: Scene, hello: Hello, code: str) -> None:
        """Turn a client away."""
        scene.server.tell(Failed(code=code, text="No.", re=hello.id))
        scene.clock.advance(60)

    def test_is_asked_for(self) -> None:
        """Until it is right; the server is left alone meanwhile, and knows it from then on."""
        scene = Scene()
        scene.session.start()
        self.refuse(scene, scene.meet(), "server-password-needed")
        self.assertIsInstance(scene.events.pop(), Failed)
        self.assertEqual((scene.phases[-1], scene.server.attempts), ("stopped", []))
        scene.session.send(SetNick(nick="zoe"))
        scene.session.send(Admit(password="wrong"))
        hello = scene.meet()
        self.assertEqual((hello.nick, hello.password), ("zoe", "wrong"))
        self.refuse(scene, hello, "wrong-password")
        scene.session.send(Admit(password="right"))
        scene.welcome(scene.meet())
        self.assertEqual(scene.phases[-1], "online")
        scene.server.lose()
        scene.clock.advance(30)
        scene.server.accept()
        self.assertEqual(only(Hello, scene.server.commands()).password, "right")

    def test_is_not_needed(self) -> None:
        """Who is in already stays in, and is told so."""
        scene = Scene()
        scene.enter()
        scene.session.send(Admit(id="a", password="pw"))
        scene.clock.advance(1)
        self.assertEqual([type(event) for event in scene.events], [Notice])
        self.assertEqual((scene.phases[-1], scene.server.attempts), ("online", []))
        self.assertEqual([each for each in scene.server.commands() if isinstance(each, Admit)], [])

    def test_is_another_one(self) -> None:
        """It is asked for again when it was changed meanwhile."""
        scene = Scene()
        scene.enter()
        scene.server.lose()
        scene.clock.advance(30)
        scene.server.accept()
        self.refuse(scene, only(Hello, scene.server.commands()), "server-password-needed")
        self.assertIsInstance(scene.events[-1], Failed)
        self.assertEqual(scene.phases[-1], "stopped")


class LoggingIn(SynchronousTestCase):
    """The account is one's own again on each connection."""

    def logins(self, commands: list[Command]) -> list[tuple[str | None, str]]:
        """Nicks and passwords."""
        return [(each.nick, each.password) for each in commands if isinstance(each, Login)]

    def test_by_itself(self) -> None:
        scene = Scene(password="pw")
        scene.session.start()
        login, join = scene.welcome(scene.meet())
        self.assertEqual(self.logins([login]), [("me", "pw")])
        self.assertIsInstance(join, Join)
        scene.server.tell(LoggedIn(account="Zoe", nick="zoe", user="1", re=login.id))
        self.assertEqual(scene.session.nick, "zoe")
        self.assertEqual(self.logins(scene.reconnect()), [("Zoe", "pw")])

    def test_kept_by_the_server(self) -> None:
        scene = Scene(password="pw")
        scene.session.start()
        login, _ = scene.welcome(scene.meet())
        scene.events.clear()
        scene.server.tell(Failed(code="wrong-state", text="You are.", re=login.id))
        self.assertEqual(scene.events, [])
        self.assertEqual(self.logins(scene.reconnect()), [("me", "pw")])

    def test_wrong_once(self) -> None:
        scene = Scene(password="pw")
        scene.session.start()
        login, _ = scene.welcome(scene.meet())
        scene.server.tell(Failed(code="wrong-password", text="No.", re=login.id))
        self.assertIn(Failed(code="wrong-password", text="No.", re=login.id), scene.events)
        self.assertEqual(self.logins(scene.reconnect()), [])

    def test_what_was_typed(self) -> None:
        """The last right password is the one, until one logs out."""
        scene = Scene()
        scene.enter()
        scene.session.send(Login(id="a", nick="zoe", password="wrong"))
        scene.server.tell(Failed(code="wrong-password", text="No.", re="a"))
        self.assertEqual(self.logins(scene.reconnect()), [])
        scene.session.send(Register(id="b", password="first"))
        scene.server.tell(LoggedIn(account="me", nick="me", user="1", re="b"))
        self.assertEqual(self.logins(scene.reconnect()), [("me", "first")])
        scene.session.send(ChangePassword(id="c", old="first", new="second"))
        scene.server.tell(Notice(text="Done.", re="c"))
        self.assertEqual(self.logins(scene.reconnect()), [("me", "second")])
        scene.server.tell(LoggedOut(nick="me", user="2", re="d"))
        self.assertEqual(self.logins(scene.reconnect()), [])

    def test_instead_of_a_taken_nick(self) -> None:
        """A nick that is refused at first is had by logging in; the rooms follow."""
        scene = Scene()
        scene.session.start()
        hello = scene.meet()
        scene.server.tell(
            welcome(None, hello.id), Failed(code="name-taken", text="Taken.", re=hello.id)
        )
        scene.session.send(Login(id="a", nick="me", password="pw"))
        scene.server.commands()
        scene.server.tell(LoggedIn(account="me", nick="me", user="1", re="a"))
        self.assertEqual(only(Join, scene.server.commands()).room, "lobby")


class OlderServers(SynchronousTestCase):
    """Servers that only know `pipe`."""

    def test_a_greeting_before_hello_spares_everybody_the_hello(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.server.accept()
        scene.server.say(b"SRV|Welcome! Here are the recent messages:", b"MSG|alice: hi")
        scene.server.say(b"ULIST|alice(1.2.3.4:5)")
        self.assertEqual(scene.server.sent(), b"CMD_USER|me\n")
        scene.server.say(b"SRV|me has joined the chat.")
        self.assertEqual(scene.states[-1], ConnectionState("online", None, "", "pipe"))
        [greeted, room] = scene.events
        assert isinstance(greeted, Welcome)
        assert isinstance(room, Entered)
        self.assertEqual([each.text for each in room.messages], ["hi"])

    def test_a_greeting_after_hello(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.meet()
        scene.server.say(b"SRV|Welcome! Here are the recent messages:", b"ULIST|")
        self.assertEqual(len(scene.server.attempts), 1)
        scene.server.accept()
        self.assertEqual(scene.server.sent(), b"CMD_USER|me\n")

    def test_a_hello_that_comes_too_late(self) -> None:
        """A newer server that greets for want of it is asked again what it knows, at once.

        If that is of no use, `pipe` has to do for this connection.
        """
        greeting = [
            b"SRV|Welcome! Here are the recent messages:",
            b"MSG|alice: hi",
            f"SRV|{HINT}".encode(),
            b"ULIST|alice(1.2.3.4:5)",
        ]
        for known in (False, True):
            scene = Scene(rooms=("lobby", "ops"))
            if known:
                scene.enter()
                scene.server.lose()
                scene.clock.advance(1)
                scene.server.accept()
            else:
                scene.session.start()
                scene.meet()
            scene.session.send(Say(room="ops", text="hi", id="a"))
            for _ in range(1 if known else LATE_HELLOS - 1):
                scene.server.say(*greeting)
                scene.server.accept()
                hello = only(Hello, scene.server.commands()[-1:])
            if not known:
                scene.server.say(*greeting)
                scene.server.accept()
                self.assertEqual(scene.server.sent(), b"CMD_USER|me\n")
                scene.server.say(*greeting, b"SRV|me has joined the chat.")
                self.assertEqual(scene.states[-1].wire, "pipe")
                scene.server.lose()
                scene.clock.advance(1)
                hello = scene.meet()
            joins = [each for each in scene.welcome(hello) if isinstance(each, Join)]
            self.assertEqual([join.room for join in joins], ["lobby", "ops"])
            self.assertEqual(scene.states[-1].wire, "json")
            scene.server.tell(*map(entered, joins))
            self.assertEqual(only(Say, scene.server.commands()).id, "a")

    def test_silence_after_the_first_hello(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.meet()
        scene.clock.advance(2.9)
        self.assertEqual(scene.server.attempts, [])
        scene.clock.advance(0.2)
        scene.server.accept()
        self.assertEqual(scene.server.sent(), b"CMD_USER|me\n")

    def test_silence_of_a_newer_one(self) -> None:
        """What it greets with then tells that it was only busy."""
        scene = Scene()
        scene.session.start()
        scene.meet()
        scene.clock.advance(FIRST_ANSWER_SECONDS)
        scene.server.accept()
        self.assertEqual(scene.server.sent(), b"CMD_USER|me\n")
        scene.server.say(b"SRV|Welcome! Here are the recent messages:", f"SRV|{HINT}".encode())
        scene.server.accept()
        scene.welcome(only(Hello, scene.server.commands()))
        self.assertEqual((scene.states[-1].phase, scene.states[-1].wire), ("online", "json"))
        self.assertEqual([type(event) for event in scene.events], [Welcome])

    def test_a_server_that_was_only_busy(self) -> None:
        """What was guessed from its silence is doubted at the next connection.

        The rooms that an older one has not wait for that, and so does what is said there.
        """
        for again in ("lost", "asked for"):
            scene = Scene(rooms=("lobby", "ops"))
            scene.session.send(Say(room="ops", text="hi", id="a"))
            scene.session.start()
            scene.meet()
            scene.clock.advance(FIRST_ANSWER_SECONDS)
            scene.server.accept()
            scene.server.say(b"SRV|me has joined the chat.")
            self.assertEqual((scene.states[-1].phase, scene.states[-1].wire), ("online", "pipe"))
            if again == "lost":
                scene.server.lose()
                scene.clock.advance(1)
            else:
                scene.session.reconnect_now()
            joins = [each for each in scene.welcome(scene.meet()) if isinstance(each, Join)]
            self.assertEqual((scene.states[-1].phase, scene.states[-1].wire), ("online", "json"))
            self.assertEqual([join.room for join in joins], ["lobby", "ops"])
            scene.server.tell(*map(entered, joins))
            self.assertEqual(only(Say, scene.server.commands()).id, "a")
            [failed] = [event for event in scene.events if isinstance(event, Failed)]
            self.assertEqual((failed.code, failed.room), ("unknown-command", "ops"))

    def test_an_older_server_has_no_other_room(self) -> None:
        """What it says itself leaves no doubt."""
        scene = Scene(rooms=("lobby", "ops"))
        scene.session.send(Say(room="ops", text="hi", id="a"))
        scene.session.start()
        scene.server.accept()
        scene.server.say(b"SRV|Hi", b"ULIST|", b"SRV|me has joined the chat.")
        failures = [event for event in scene.events if isinstance(event, Failed)]
        self.assertEqual([(each.room, each.re) for each in failures[1:]], [(None, "a")])
        self.assertEqual(failures[0].room, "ops")

    def test_a_server_once_known_to_be_newer_gets_more_patience(self) -> None:
        scene = Scene()
        scene.enter()
        scene.server.lose()
        scene.clock.advance(30)
        scene.server.accept()
        scene.clock.advance(9.9)
        self.assertEqual(scene.phases[-1], "connecting")
        scene.clock.advance(0.2)
        self.assertEqual(scene.states[-1].wire, "json")
        self.assertEqual(scene.states[-1].detail, "The server does not answer.")

    def test_a_refusal_in_other_words_does_not_make_a_server_old(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.server.accept()
        scene.server.say(b"Too many connections from your address.")
        scene.server.lose()
        scene.clock.advance(1)
        self.assertIsInstance(scene.meet(), Hello)

    def test_the_wire_is_remembered_and_nothing_shown_twice(self) -> None:
        scene = Scene()
        scene.session.start()
        scene.server.accept()
        scene.server.say(b"SRV|Hi", b"ULIST|alice(1.2.3.4:5)", b"SRV|me has joined the chat.")
        scene.server.say(b"MSG|alice: one")
        scene.session.send(Say(text="mine", id="a"))
        self.assertEqual(scene.server.sent(), b"CMD_USER|me\nMSG|me: mine\n")
        scene.clock.advance(0)
        self.assertEqual(getattr(scene.events[-1], "re", None), "a")
        scene.server.lose()
        scene.events.clear()
        scene.clock.advance(1)
        scene.server.accept()
        self.assertEqual(scene.server.sent(), b"CMD_USER|me\n")
        scene.server.say(b"MSG|alice: one", b"MSG|me: mine", b"MSG|alice: two", b"ULIST|")
        scene.server.say(b"SRV|me has joined the chat.")
        [_, room] = scene.events
        assert isinstance(room, Entered)
        self.assertEqual([each.text for each in room.messages], ["two"])
        self.assertEqual(scene.server.sent(), b"")


class ToyServer:
    """A lobby that stores, replays and knows retries, as the real one promises to."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.log: list[Message] = []
        self.by_id: dict[str, Message] = {}

    def append(self, nick: str, text: str, re: str | None) -> Message:
        stored = message(len(self.log) + 1, nick=nick, text=text)
        self.log.append(stored)
        if re is not None:
            self.by_id[re] = stored
        return stored

    def answer(self, command: Command) -> None:
        tell = self.scene.server.tell
        if isinstance(command, Hello):
            tell(welcome(command.nick, command.id))
        elif isinstance(command, Join):
            gap = self.log[command.since or 0 :]
            cut = len(gap) // 2
            page = HistoryPage(room="lobby", messages=tuple(gap[:cut]), more=True, re=command.id)
            tell(page, entered(command, *gap[cut:], seq=len(self.log)))
        elif isinstance(command, Say) and command.id is not None:
            stored = self.by_id.get(command.id) or self.append("me", command.text, command.id)
            tell(Ack(room="lobby", seq=stored.seq, id=stored.id, at=stored.at, re=command.id))


class RandomLosses(SynchronousTestCase):
    """Whatever is lost on the way, everything is stored once and shown once."""

    def test_exactly_once(self) -> None:
        for seed in range(40):
            self._play(random.Random(seed), f"seed {seed}")

    def _play(self, dice: random.Random, note: str) -> None:
        scene = Scene()
        toy = ToyServer(scene)
        scene.session.start()
        said = 0
        for step in range(300):
            calm = step > 250
            if scene.server.attempts:
                scene.server.accept()
            deaf = not calm and dice.random() < 0.1
            if scene.server.transport is not None and not scene.server.transport.disconnecting:
                for command in scene.server.commands():
                    if dice.random() < 0.1 and not calm:
                        if isinstance(command, Say) and command.id not in toy.by_id:
                            toy.append("me", command.text, command.id)  # stored, not acknowledged
                        deaf = True
                        break
                    toy.answer(command)
            if dice.random() < 0.3 and not calm:
                scene.session.send(Say(text=f"mine {dice.randrange(3)}", id=f"s{said}"))
                said += 1
            if dice.random() < 0.3:
                other = toy.append("alice", f"other {dice.randrange(3)}", None)
                if scene.states[-1].phase == "online" and not deaf:
                    self._hear(scene, other)
            if (
                deaf
                and scene.states[-1].phase in ("online", "connecting")
                and scene.server.protocol
            ):
                scene.server.lose()
            scene.clock.pump([0.1] * dice.randrange(1, 20))
        acked = [event.re for event in scene.events if isinstance(event, Ack)]
        self.assertEqual(sorted(set(acked)), sorted(f"s{n}" for n in range(said)), note)
        self.assertEqual(len(toy.by_id), said, note)
        shown = [event.seq for event in scene.events if isinstance(event, Ack)]
        for event in scene.events:
            if isinstance(event, HistoryPage | Entered):
                shown += [each.seq for each in event.messages]
            elif isinstance(event, Message):
                shown.append(event.seq)
        self.assertEqual(sorted(shown), list(range(1, len(toy.log) + 1)), note)

    def _hear(self, scene: Scene, other: Message) -> None:
        """The server tells live messages to who is in the room."""
        entered_now = [event for event in scene.events if isinstance(event, Welcome | Entered)]
        if entered_now and isinstance(entered_now[-1], Entered):
            scene.server.tell(other)
