"""The line mode: what is posted, what is shown, and how it ends."""

from __future__ import annotations

from datetime import UTC

from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Command,
    Create,
    History,
    Join,
    Kick,
    Leave,
    Quit,
    Say,
    SetTopic,
)
from chatservice.domain.events import (
    Ack,
    Closing,
    Entered,
    Event,
    Exited,
    Failed,
    HistoryPage,
    Joined,
    Kicked,
    Left,
    Message,
    Notice,
    People,
    Private,
    Renamed,
    RoomInfo,
    Rooms,
    TypingNow,
)
from tests.client.scripted import ALICE, Scene, entered, message, welcome
from urwidclient.console import INPUT_LINE_BYTES, Console
from urwidclient.plain import HOW_TO_COME_IN, OFFLINE_SECONDS, UNACKNOWLEDGED_LINES, PlainChat
from urwidclient.transcript import lines_of


class Lines:
    """A line conversation on a scripted server, with its input and output in memory."""

    def __init__(
        self, *, posting: bool, rooms: tuple[str, ...] = ("lobby",), program: bool = False
    ) -> None:
        self.scene = Scene(rooms=rooms)
        self.left: list[tuple[int, str]] = []
        self.closed = 0
        self.output = StringTransport()
        self.console = Console(self.close)
        self.chat = PlainChat(
            self.scene.clock,
            self.scene.session,
            self.console,
            room=rooms[0],
            posting=posting,
            program=program,
            leave=lambda code, sentence: self.left.append((code, sentence)),
        )
        self.console.makeConnection(self.output)
        self.chat.start()
        self.console.attach(self.chat)
        if program:
            self.console.pauseProducing()

    def close(self) -> None:
        self.closed += 1

    def enter(self) -> None:
        for join in self.scene.welcome(self.scene.meet()):
            assert isinstance(join, Join)
            self.scene.server.tell(entered(join))
        self.output.clear()

    def ask_password(self) -> None:
        """The server has a password of its own."""
        text = "This server has a password: /pass <password>."
        failed = Failed(code="server-password-needed", text=text, re=self.scene.meet().id)
        self.scene.server.tell(failed)
        self.scene.clock.advance(0)

    def type(self, text: bytes) -> list[Command]:
        """What the server gets of what is typed."""
        self.console.dataReceived(text)
        return self.scene.server.commands()

    def acknowledge(self, *commands: Command) -> list[Command]:
        """What the server gets once it has acknowledged some Says."""
        for seq, command in enumerate(commands, 1):
            self.scene.server.tell(Ack(room="lobby", seq=seq, id="x", at=1, re=command.id))
        return self.scene.server.commands()

    def shown(self) -> list[str]:
        """What was shown since the last time, less the time of day."""
        text = self.output.value().decode()
        self.output.clear()
        return [line[6:] if line[2:3] == ":" else line for line in text.splitlines()]


def said(commands: list[Command]) -> list[tuple[str | None, str]]:
    """Room and text of Says."""
    return [(say.room, say.text) for say in commands if isinstance(say, Say)]


class Posting(SynchronousTestCase):
    """`echo done | chatclient`."""

    def test_posts_all_and_leaves_when_all_is_acknowledged(self) -> None:
        lines = Lines(posting=True, rooms=("Ops",))
        lines.console.dataReceived(b"early\n")
        lines.enter()
        early = lines.scene.server.commands()
        sent = [*early, *lines.type(b"/etc/passwd\r\n\n \nlast")]
        lines.console.readConnectionLost()
        sent += lines.scene.server.commands()
        self.assertEqual(said(sent), [("ops", "early"), ("ops", "/etc/passwd"), ("ops", "last")])
        lines.acknowledge(*sent[:2])
        self.assertEqual(lines.left, [])
        lines.acknowledge(sent[2])
        self.assertEqual(lines.left, [(0, "")])
        self.assertEqual(lines.shown(), [])

    def test_reads_on_as_lines_are_acknowledged(self) -> None:
        lines = Lines(posting=True)
        lines.enter()
        first = lines.type(b"".join(b"%d\n" % number for number in range(30)))
        self.assertEqual(len(first), UNACKNOWLEDGED_LINES)
        self.assertEqual(lines.output.producerState, "paused")
        more = lines.acknowledge(*first[:3])
        self.assertEqual([text for _, text in said(more)], ["10", "11", "12"])

    def test_nothing_to_post(self) -> None:
        lines = Lines(posting=True)
        lines.console.readConnectionLost()
        self.assertEqual(lines.left, [])
        lines.enter()
        self.assertEqual(lines.left, [(0, "")])

    def test_shows_nothing(self) -> None:
        lines = Lines(posting=True)
        lines.enter()
        lines.scene.server.tell(message(1), Notice(text="x"))
        self.assertEqual(lines.shown(), [])

    def test_a_refusal_ends_it(self) -> None:
        lines = Lines(posting=True)
        hello = lines.scene.meet()
        refusal = Failed(code="name-taken", text="The nick me is taken.", re=hello.id)
        lines.scene.server.tell(welcome(None, hello.id), refusal)
        self.assertEqual(lines.left, [(1, "The nick me is taken.")])

    def test_a_line_that_the_server_would_close_for_ends_it(self) -> None:
        lines = Lines(posting=True)
        lines.enter()
        self.assertEqual(lines.type(b"x" * 9000 + b"\n"), [])
        lines.scene.clock.advance(0)
        [(code, sentence)] = lines.left
        self.assertEqual(code, 1)
        self.assertIn("bytes too long", sentence)

    def test_a_server_with_a_password(self) -> None:
        """Nobody can type it, so it is said how else to give it."""
        lines = Lines(posting=True)
        lines.ask_password()
        self.assertEqual(lines.left, [(1, HOW_TO_COME_IN)])

    def test_ten_seconds_without_a_connection_end_it(self) -> None:
        lines = Lines(posting=True)
        lines.scene.clock.advance(2)
        for _ in range(50):
            if lines.scene.server.attempts:
                lines.scene.server.refuse()
            self.assertEqual(lines.left, [])
            lines.scene.clock.advance(0.15)
        lines.scene.clock.advance(1)
        [(code, sentence)] = lines.left
        self.assertEqual(code, 1)
        self.assertIn("No server answers", sentence)
        lines.scene.clock.advance(60)
        self.assertEqual(len(lines.left), 1)

    def test_a_short_loss_is_survived(self) -> None:
        lines = Lines(posting=True)
        lines.enter()
        [say] = lines.type(b"one\n")
        lines.console.readConnectionLost()
        lines.scene.server.lose()
        lines.scene.clock.advance(1)
        lines.scene.server.accept()
        [hello] = lines.scene.server.commands()
        lines.scene.server.tell(welcome("me", hello.id))
        [join] = lines.scene.server.commands()
        assert isinstance(join, Join)
        lines.scene.server.tell(entered(join))
        self.assertEqual(lines.scene.server.commands(), [say])
        lines.acknowledge(say)
        lines.scene.clock.advance(60)
        self.assertEqual(lines.left, [(0, "")])

    def test_a_closed_output_does_not_matter(self) -> None:
        lines = Lines(posting=True)
        lines.enter()
        lines.console.writeConnectionLost()
        self.assertEqual(lines.left, [])
        lines.console.close()
        self.assertEqual(lines.closed, 1)

    def test_an_endless_line(self) -> None:
        lines = Lines(posting=True)
        lines.enter()
        lines.type(b"x" * (INPUT_LINE_BYTES + 1))
        [(code, sentence)] = lines.left
        self.assertEqual(code, 1)
        self.assertIn(str(INPUT_LINE_BYTES), sentence)


class ForPrograms(SynchronousTestCase):
    """`chatclient --plain` between two pipes."""

    def test_reads_once_it_has_come_in(self) -> None:
        """Then commands are done; it leaves at the end, when what was said is confirmed."""
        lines = Lines(posting=False, program=True)
        self.assertEqual(lines.output.producerState, "paused")
        lines.console.dataReceived(b"/topic news\nhi\n")
        for join in lines.scene.welcome(lines.scene.meet()):
            assert isinstance(join, Join)
            lines.scene.server.tell(entered(join))
        topic, say = lines.scene.server.commands()
        self.assertIsInstance(topic, SetTopic)
        self.assertEqual(said([say]), [("lobby", "hi")])
        lines.console.readConnectionLost()
        self.assertEqual(lines.left, [])
        lines.output.clear()
        lines.scene.server.tell(message(1))
        self.assertEqual(lines.shown(), ["<alice> text 1"])
        lines.acknowledge(say)
        self.assertEqual(lines.left, [(0, "")])

    def test_says_nothing(self) -> None:
        """It comes in all the same before it leaves."""
        lines = Lines(posting=False, program=True)
        lines.console.readConnectionLost()
        self.assertEqual(lines.left, [])
        lines.enter()
        self.assertEqual(lines.left, [(0, "")])

    def test_is_not_let_in(self) -> None:
        """Nothing it could say then is of use."""
        lines = Lines(posting=False, program=True)
        [join] = lines.scene.welcome(lines.scene.meet())
        lines.scene.server.tell(Failed(code="room-full", text="#lobby is full.", re=join.id))
        self.assertEqual(lines.left, [(1, "#lobby is full.")])

    def test_how_a_room_with_a_password_is_entered(self) -> None:
        """By a command that is none where lines are posted, nor before one has come in."""
        for posting in False, True:
            lines = Lines(posting=posting, program=True)
            [join] = lines.scene.welcome(lines.scene.meet())
            text = "#lobby has a password: /join lobby <password>."
            lines.scene.server.tell(Failed(code="password-needed", text=text, re=join.id))
            sentence = (
                "#lobby has a password: /join lobby <password>, "
                "as the first line with --plain and without --room."
            )
            self.assertEqual(lines.left, [(1, sentence)])

    def test_is_let_into_another_room_first(self) -> None:
        """It waits for the one that its lines go to, in which it may not be let."""
        for posting in False, True:
            lines = Lines(posting=posting, program=True, rooms=("ops", "lobby"))
            lines.console.readConnectionLost()
            ops, lobby = lines.scene.welcome(lines.scene.meet())
            assert isinstance(lobby, Join)
            lines.scene.server.tell(entered(lobby))
            self.assertEqual((lines.output.producerState, lines.left), ("paused", []))
            lines.scene.server.tell(Failed(code="room-full", text="#ops is full.", re=ops.id))
            self.assertEqual(lines.left, [(1, "#ops is full.")])

    def test_what_follows_a_join_is_for_that_room(self) -> None:
        """It is read once that is answered, which may be over another connection."""
        lines = Lines(posting=False, program=True)
        lines.enter()
        say, join = lines.type(b"hi\n/join ops\nthere\n/create dev\nmore\n")
        assert isinstance(join, Join)
        self.assertEqual(lines.acknowledge(say), [])
        lines.scene.server.tell(entered(join))
        say, create = lines.scene.server.commands()
        self.assertEqual(said([say]), [("ops", "there")])
        lines.scene.server.tell(Failed(code="room-exists", text="It is there.", re=create.id))
        self.assertEqual(said(lines.scene.server.commands()), [("ops", "more")])
        lines.type(b"/join den\nhere\n")
        lines.scene.server.lose()
        lines.scene.clock.advance(3)
        for join in lines.scene.welcome(lines.scene.meet()):
            if isinstance(join, Join):
                lines.scene.server.tell(entered(join))
        self.assertIn(("den", "here"), said(lines.scene.server.commands()))

    def test_something_is_refused(self) -> None:
        """It goes on; the exit code says at the end that something was not said."""
        lines = Lines(posting=False, program=True)
        lines.enter()
        one, two = lines.type(b"one\ntwo\n")
        lines.scene.server.tell(Failed(code="not-stored", text="The disk is full.", re=one.id))
        self.assertEqual((lines.left, lines.shown()), ([], ["* The disk is full."]))
        lines.console.readConnectionLost()
        lines.acknowledge(two)
        self.assertEqual(lines.left, [(1, "")])


class Talking(SynchronousTestCase):
    """`chatclient --plain` on a terminal."""

    def setUp(self) -> None:
        self.lines = Lines(posting=False)
        self.lines.enter()

    def test_shows_what_comes(self) -> None:
        self.lines.scene.server.tell(message(1, text="hi\tthere\x1b[2J"), message(2, text="a\nb"))
        self.assertEqual(
            self.lines.shown(),
            ["<alice> hi    there\ufffd[2J", "<alice> a", "<alice> b"],
        )

    def test_sends_what_is_typed(self) -> None:
        sent = self.lines.type(b"hi\n//x\n\n/me waves\n")
        self.assertEqual(said(sent), [("lobby", "hi"), ("lobby", "/x"), ("lobby", "waves")])
        self.assertEqual(self.lines.shown(), [])

    def test_another_room(self) -> None:
        [join] = self.lines.type(b"/join ops\n")
        assert isinstance(join, Join)
        self.assertEqual(said(self.lines.type(b"still here\n")), [("lobby", "still here")])
        self.lines.scene.server.tell(entered(join), message(1))
        self.assertEqual(self.lines.shown(), ["* #ops, 1 person: alice", "#lobby <alice> text 1"])
        self.assertEqual(said(self.lines.type(b"there\n")), [("ops", "there")])
        [history] = self.lines.type(b"/history 5\n")
        assert isinstance(history, History)
        self.assertEqual((history.room, history.limit), ("ops", 5))
        [leave] = self.lines.type(b"/leave\n")
        assert isinstance(leave, Leave)
        self.assertEqual(leave.room, "ops")
        self.lines.scene.server.tell(Exited(room="ops", re=leave.id))
        self.assertEqual(said(self.lines.type(b"back\n")), [("lobby", "back")])

    def test_commands_are_about_the_room_one_talks_in(self) -> None:
        [topic, kick] = self.lines.type(b"/topic hello\n/kick bob\n")
        self.assertEqual(
            (topic, kick),
            (
                SetTopic(id=topic.id, room="lobby", topic="hello"),
                Kick(id=kick.id, room="lobby", nick="bob"),
            ),
        )

    def test_who_is_put_out_talks_elsewhere(self) -> None:
        [create] = self.lines.type(b"/create dev pw\n")
        self.assertIsInstance(create, Create)
        self.lines.scene.server.tell(entered(Join(room="dev", id=create.id)))
        self.assertEqual(said(self.lines.type(b"here\n")), [("dev", "here")])
        for nick in ("bob", "me"):
            self.lines.scene.server.tell(
                Kicked(room="dev", nick=nick, user="1", by="ann", reason="", at=1)
            )
        self.assertEqual(said(self.lines.type(b"there\n")), [("lobby", "there")])

    def test_help_and_mistakes(self) -> None:
        self.assertEqual(self.lines.type(b"/help me\n/nonsense\n/join\n"), [])
        shown = self.lines.shown()
        self.assertTrue(shown[0].startswith("/me <"))
        self.assertIn("/nonsense", shown[1])
        self.assertIn("/join <room>", shown[2])

    def test_commands_of_other_wires_are_none_here(self) -> None:
        self.assertEqual(self.lines.type(b"/raw\n/plain\n"), [])
        self.assertEqual([line[:21] for line in self.lines.shown()], ["* There is no command"] * 2)
        self.lines.type(b"/help\n")
        listed = [line.split()[0] for line in self.lines.shown()]
        self.assertIn("/me", listed)
        self.assertFalse({"/raw", "/plain"} & set(listed))

    def test_a_refused_say_is_shown(self) -> None:
        [say] = self.lines.type(b"hi\n")
        self.lines.scene.server.tell(Failed(code="too-long", text="Too long.", re=say.id))
        self.assertEqual(self.lines.shown(), ["* Too long."])
        self.assertEqual(self.lines.left, [])

    def test_quit_is_heard_while_many_lines_wait(self) -> None:
        self.lines.scene.server.lose()
        self.lines.console.dataReceived(b"x\n" * 50 + b"/quit\n")
        self.lines.scene.clock.pump([0.5] * 22)
        self.assertEqual([code for code, _ in self.lines.left], [1])

    def test_quit_leaves_after_the_acknowledgements(self) -> None:
        [say] = self.lines.type(b"hi\n/quit to lunch\n")
        self.assertEqual(self.lines.left, [])
        self.assertEqual(self.lines.acknowledge(say), [Quit(reason="to lunch")])
        self.assertEqual(self.lines.left, [(0, "")])

    def test_and_after_what_was_told(self) -> None:
        [tell] = self.lines.type(b"/msg alice hi\n/quit\n")
        self.assertEqual(self.lines.left, [])
        told = Private(
            nick="me", user="100009", to="alice", to_user="1", at=1, text="hi", re=tell.id
        )
        self.lines.scene.server.tell(told)
        self.assertEqual(self.lines.left, [(0, "")])

    def test_so_does_the_end_of_the_input(self) -> None:
        self.lines.console.readConnectionLost()
        self.assertEqual(self.lines.left, [(0, "")])

    def test_the_end_of_the_output_leaves_at_once(self) -> None:
        self.lines.type(b"hi\n")
        self.lines.console.writeConnectionLost()
        self.assertEqual(self.lines.left, [(0, "")])

    def test_the_servers_last_word_is_told_once(self) -> None:
        self.lines.scene.server.tell(Closing(code="shutdown", text="It is shutting down."))
        self.lines.scene.server.lose()
        self.assertEqual(
            self.lines.shown(), ["* It is shutting down.", "* not connected. Trying again."]
        )

    def test_a_lost_connection_is_told_once_and_waited_for(self) -> None:
        self.lines.scene.server.lose()
        self.lines.scene.clock.pump([1] * 100)
        [told] = self.lines.shown()
        self.assertTrue(told.startswith("* not connected: "))
        self.assertEqual(self.lines.left, [])

    def test_a_loss_out_of_all_rooms_is_waited_for(self) -> None:
        [leave] = self.lines.type(b"/leave\n")
        self.lines.scene.server.tell(Exited(room="lobby", re=leave.id))
        self.lines.scene.server.lose()
        self.lines.scene.clock.pump([1] * 100)
        self.assertEqual(self.lines.left, [])

    def test_a_server_with_a_password_waits_for_it(self) -> None:
        """As long as it takes somebody to type it, if anybody can."""
        lines = Lines(posting=False)
        lines.ask_password()
        self.assertEqual(lines.shown(), ["* This server has a password: /pass <password>."])
        lines.scene.clock.pump([OFFLINE_SECONDS] * 3)
        self.assertEqual(lines.left, [])
        lines.console.dataReceived(b"/pass secret\n")
        hello = lines.scene.meet()
        self.assertEqual(hello.password, "secret")
        lines.scene.server.tell(Failed(code="wrong-password", text="No.", re=hello.id))
        lines.console.dataReceived(b"hi\n")
        lines.console.readConnectionLost()
        lines.scene.clock.pump([OFFLINE_SECONDS])
        self.assertEqual([code for code, _ in lines.left], [1])

    def test_what_was_never_acknowledged_is_no_success(self) -> None:
        self.lines.type(b"hi\n")
        self.lines.scene.server.lose()
        self.lines.console.readConnectionLost()
        self.lines.scene.clock.pump([0.5] * 22)
        [(code, _)] = self.lines.left
        self.assertEqual(code, 1)


class Transcript(SynchronousTestCase):
    """Events as lines."""

    def test_each_event(self) -> None:
        at = 1_700_000_000_000
        words = Message(
            room="lobby", seq=1, id="1", nick="bob", user="1", at=at, text="waves", kind="action"
        )
        cases: list[tuple[Event, list[str]]] = [
            (words, ["22:13 * bob waves"]),
            (
                HistoryPage(room="lobby", messages=(words,), more=False),
                ["22:13 * bob waves"],
            ),
            (
                Entered(room="lobby", seq=1, people=(ALICE,), messages=(words,)),
                ["22:13 * bob waves", "* #lobby, 1 person: alice"],
            ),
            (Joined(room="ops", person=ALICE, at=at), ["22:13 #ops * alice joined"]),
            (Left(room="lobby", nick="bob", user="1", at=at), ["22:13 * bob left"]),
            (
                Renamed(old="a", new="b", user="1", at=at),
                ["22:13 * a is now known as b"],
            ),
            (Renamed(old="", new="b", user="1", at=at), ["22:13 * your nick is b"]),
            (welcome("me"), ["* connected to Test as me"]),
            (welcome(None), []),
            (Exited(room="ops"), ["* you left #ops"]),
            (People(room="ops", people=(ALICE,), re="1"), ["* #ops, 1 person: alice"]),
            (People(room="ops", people=(ALICE,)), []),
            (
                Rooms(rooms=(RoomInfo(room="ops", people=2, seq=1),)),
                ["* 1 room", "* #ops  2 people"],
            ),
            (Notice(text="a\nb"), ["* a", "* b"]),
            (TypingNow(room="lobby", nick="bob", active=True), []),
        ]
        for event, lines in cases:
            self.assertEqual(lines_of(event, "lobby", UTC), lines)
