"""A chat: what is typed goes to the session, what comes is shown, read, rung for."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.commands import (
    Admit,
    History,
    Join,
    Leave,
    ListPeople,
    ListRooms,
    Say,
    SetNick,
    Typing,
    Whois,
)
from chatservice.domain.events import (
    Ack,
    Closing,
    Exited,
    Failed,
    HistoryPage,
    Kicked,
    Time,
    TypingNow,
)
from tests.client.ui import NOON, ONLINE, WAITING, ChatTestCase, entered, said, welcome
from urwidclient.chat import Chat
from urwidclient.phases import ConnectionState

STOPPED = ConnectionState("stopped", None, "You hung up.", "json")


class ChatCase(ChatTestCase):
    def enter(self, line: str) -> None:
        """Type a line and send it."""
        self.type(line)
        self.press("enter")

    def screen(self) -> str:
        """All that is seen."""
        return "\n".join(self.draw())


class Saying(ChatCase):
    def test_say(self) -> None:
        """What is said goes out with an id of its own, and is shown until acknowledged as such."""
        self.enter("hello :smile: //x")
        self.enter("//x")
        self.enter("/me waves")
        says = self.session.all(Say)
        self.assertEqual(
            [(say.room, say.text, say.kind) for say in says],
            [
                ("lobby", "hello 😄 //x", "text"),
                ("lobby", "/x", "text"),
                ("lobby", "waves", "action"),
            ],
        )
        self.assertEqual(len({say.id for say in says}), 3)
        room = self.model.rooms["lobby"]
        self.assertEqual(len(room.pending), 3)
        for seq, say in enumerate(says, 61):
            self.chat.on_event(Ack(room="lobby", seq=seq, id=f"m{seq}", at=NOON, re=say.id))
        self.assertEqual(len(room.pending), 0)
        self.assertIn("* │ me waves", self.screen())

    def test_refused(self) -> None:
        """A refusal is shown beside what it refuses."""
        self.enter("hello")
        [say] = self.session.all(Say)
        self.chat.on_event(Failed(code="not-stored", text="The disk is full.", re=say.id))
        self.assertIn("hello (not sent: The disk is full.)", self.screen())

    def test_goes_to_the_end(self) -> None:
        """Who says something sees it, also from far up."""
        self.press("home")
        self.enter("hello")
        self.assertIn("hello", self.screen())
        self.assertTrue(self.window.messages.at_end)

    def test_times_that_no_clock_can_show(self) -> None:
        """They are shown as the nearest that it can."""
        for seq, at in enumerate((2**53, -(2**53), 0), 61):
            self.chat.on_event(said(seq, f"said {seq}", at=at))
        self.chat.on_event(Time(at=2**53))
        screen = self.screen()
        self.assertIn("said 61", screen)
        self.assertIn("It is 9999-12-30", screen)
        self.assertIn("1970", screen)

    def test_longer_than_a_line(self) -> None:
        """What no line to the server can hold stays in the input, and is shown nowhere else."""
        self.session.most = 200
        self.enter("中" * 60)
        self.assertEqual(self.session.all(Say), [])
        self.assertEqual(self.window.composer.edit_text, "中" * 60)
        self.assertFalse(self.model.rooms["lobby"].pending)
        self.assertIn("That is too long.", self.screen())

    def test_in_no_room(self) -> None:
        """What cannot be said anywhere stays in the input, and why is on the screen."""
        for room in ("lobby", "ops"):
            self.chat.on_event(Exited(room=room))
        self.enter("hello")
        self.assertEqual(self.session.all(Say), [])
        self.assertEqual(self.window.composer.edit_text, "hello")
        self.assertIn("You are in no room", self.screen())
        self.chat.on_event(Failed(code="bad-name", text="\x1bA room name is too long."))
        self.assertIn("\ufffdA room name is too long.", self.screen())

    def test_typing(self) -> None:
        """The room hears that one types: now and then, not for commands, and when one stops."""
        self.type("hell")
        self.around.clock.advance(3)
        self.type("o")
        self.press("ctrl u")
        self.type("/who")
        self.assertEqual(
            [(typing.room, typing.active) for typing in self.session.all(Typing)],
            [("lobby", True), ("lobby", True), ("lobby", False)],
        )

    def test_drafts(self) -> None:
        """Each room has a draft of its own."""
        self.type("for the lobby")
        self.press("meta 2")
        self.assertEqual(self.window.composer.edit_text, "")
        self.type("for ops")
        self.press("meta 1")
        self.assertEqual(self.window.composer.edit_text, "for the lobby")
        self.press("meta 2")
        self.assertEqual(self.window.composer.edit_text, "for ops")

    def test_history_leaves_drafts_alone(self) -> None:
        """Up in one room is nothing that Down goes on with in another one."""
        self.enter("sent")
        self.type("for the lobby")
        self.press("meta 2")
        self.type("for ops")
        self.press("meta 1", "up", "meta 2", "down")
        self.assertEqual(self.window.composer.edit_text, "for ops")

    def test_draft_of_a_room_that_goes(self) -> None:
        """Up brings back what was being written; it is not taken for the next room's."""
        self.type("for the lobby")
        self.chat.on_event(Kicked(room="lobby", nick="me", user="1", by="bob", reason="", at=NOON))
        self.assertEqual((self.model.current, self.window.composer.edit_text), ("ops", ""))
        self.press("up")
        self.assertEqual(self.window.composer.edit_text, "for the lobby")

    def test_draft_of_a_room_in_the_background_that_goes(self) -> None:
        self.type("for the lobby")
        self.press("meta 2")
        self.chat.on_event(Kicked(room="lobby", nick="me", user="1", by="bob", reason="", at=NOON))
        self.assertEqual(self.window.composer.edit_text, "")
        self.press("up")
        self.assertEqual(self.window.composer.edit_text, "for the lobby")

    def test_what_became_of_messages_meanwhile(self) -> None:
        """After a reconnect the last messages are asked for: they were changed, or taken back."""
        self.chat.on_event(welcome())
        self.chat.on_event(entered(said(61)))
        self.draw()
        [ask] = self.session.all(History)
        self.assertEqual((ask.room, ask.before, ask.after), ("lobby", None, None))
        page = (said(59, "new", edited_at=NOON), said(60, "-", deleted=True), said(61))
        self.chat.on_event(HistoryPage(room="lobby", messages=page, more=True, re=ask.id))
        shown = self.screen()
        for text, count in (("new (edited)", 1), ("(deleted)", 1), ("text 60", 0), ("text 61", 1)):
            self.assertEqual(shown.count(text), count, text)
        self.assertEqual(len(self.session.all(History)), 1)


class Commanding(ChatCase):
    def test_to_the_server(self) -> None:
        """Commands name the current room where they name none, and have an id."""
        for line, expected in (
            ("/nick you", SetNick(nick="you")),
            ("/join dev", Join(room="dev")),
            ("/leave", Leave(room="lobby")),
            ("/leave ops", Leave(room="ops")),
            ("/who", ListPeople(room="lobby")),
            ("/who ops", ListPeople(room="ops")),
            ("/whois bob", Whois(nick="bob")),
            ("/rooms", ListRooms()),
            ("/history 9", History(room="lobby", limit=9)),
        ):
            self.enter(line)
            sent = self.session.sent[-1]
            self.assertIsNotNone(sent.id, line)
            self.assertEqual(replace(sent, id=None), expected, line)

    def test_to_the_program(self) -> None:
        """Commands of this client ask the program."""
        for line in ("/connect h:9", "/servers", "/theme light", "/quit", "/exit"):
            self.enter(line)
        self.assertEqual(
            [call for call in self.around.calls if call[0] != "nick_taken"],
            [("connect_to", "h", "9"), ("show_servers",), ("set_theme", "light")] + [("quit",)] * 2,
        )
        self.enter("/connect")
        self.enter("/disconnect")
        self.assertEqual((self.session.reconnects, self.session.stopped), (1, True))

    def test_wrong(self) -> None:
        """A wrong command goes back into the input; the right form is shown."""
        for line, said_ in (("/join", "/join <room>"), ("/nix", "/help"), ("/theme x", "theme x")):
            self.enter(line)
            self.assertEqual(self.window.composer.edit_text, line)
            self.assertIn(said_, self.screen())
            self.press("ctrl u")

    def test_help_on_one(self) -> None:
        """Help on one command is a line in the room."""
        self.enter("/help join")
        self.assertIn("/join <room> [password]  enter a room", self.screen())

    def test_joined_room_opens(self) -> None:
        """The room that one asked for comes on the screen; one that one is in opens at once."""
        self.enter("/join dev")
        [join] = self.session.all(Join)
        self.chat.on_event(entered(said(1, room="dev"), room="dev", re=join.id))
        self.assertEqual(self.model.current, "dev")
        self.enter("/join #ops")
        self.assertEqual((self.model.current, len(self.session.all(Join))), ("ops", 1))

    def test_close(self) -> None:
        """A closed room goes at once, and is left, with a connection or without."""
        self.enter("/close")
        self.assertEqual(self.model.current, "ops")
        self.chat.on_event(said(61))
        self.assertEqual(list(self.model.rooms), ["ops"])
        self.chat.on_state(WAITING)
        self.enter("/close")
        self.assertIsNone(self.model.current)
        self.assertEqual([leave.room for leave in self.session.all(Leave)], ["lobby", "ops"])

    def test_shut_out(self) -> None:
        """A room that does not let one in again is asked once more, and its last lines loaded."""
        self.chat.on_event(Failed(code="room-full", text="#lobby is full.", room="lobby", re="j"))
        self.assertIn("#lobby is full.", self.screen())
        self.assertEqual(self.model.rooms["lobby"].people, {})
        self.assertEqual(self.session.all(History), [])
        self.enter("/join lobby")
        [join] = self.session.all(Join)
        self.chat.on_event(entered(said(90), re=join.id))
        self.draw()
        self.assertIsNone(self.session.all(History)[-1].before)
        self.enter("/join lobby")
        self.assertEqual(len(self.session.all(Join)), 1)

    def test_close_shut_out(self) -> None:
        """Nobody is told that one can't leave where one is not."""
        self.chat.on_event(Failed(code="room-full", text="#lobby is full.", room="lobby", re="j"))
        self.enter("/close")
        [leave] = self.session.all(Leave)
        self.chat.on_event(Failed(code="not-in-room", text="You are elsewhere.", re=leave.id))
        self.assertNotIn("elsewhere", self.screen())

    def test_history(self) -> None:
        """What was asked for is shown from its first message."""
        self.enter("/history 30")
        [ask] = self.session.all(History)
        page = tuple(map(said, range(31, 61)))
        self.chat.on_event(HistoryPage(room="lobby", messages=page, more=True, re=ask.id))
        self.assertIn("text 31", self.draw()[1])

    def test_invisible_characters(self) -> None:
        """One sees what all others will see of what one says; nothing else is sent."""
        self.chat.enter("a\u202eb\u200b\u00adc\ufeff d\n\n")
        [say] = self.session.all(Say)
        self.assertEqual(say.text, "abc d")
        self.assertEqual(
            [line.text for line in self.model.rooms["lobby"].pending.values()], ["abc d"]
        )
        self.chat.enter("\u200b")
        self.assertIn("A message needs some text.", self.screen())

    def test_refused_command(self) -> None:
        """After a wrong one, another one can be typed at once."""
        self.press(*"/nick", "enter", *"/nick ann", "enter")
        self.assertEqual([each.nick for each in self.session.all(SetNick)], ["ann"])
        self.press(*"/nick", "enter", "esc", *"hello", "enter")
        self.assertEqual([each.text for each in self.session.all(Say)], ["hello"])


class Pasting(ChatCase):
    def test_one_line(self) -> None:
        """One line goes straight in."""
        self.chat.paste("hello\n")
        self.assertEqual(self.window.composer.edit_text, "hello")

    def test_several_lines(self) -> None:
        """Several are asked about once: Enter takes them, Esc does not, other keys do nothing."""
        self.chat.paste("one\ntwo\x07\nthree")
        self.assertIn("Put these 3 lines into the input?", self.screen())
        self.press("x", "esc")
        self.assertEqual(self.window.composer.edit_text, "")
        self.chat.paste("one\ntwo\x07\nthree")
        self.press("enter")
        self.assertEqual(self.window.composer.edit_text, "one\ntwo\ufffd\nthree")
        self.assertEqual(self.session.all(Say), [])

    def test_too_long(self) -> None:
        """What does not fit is not taken in part."""
        self.chat.on_event(welcome(text_characters=100))
        self.draw()
        self.chat.paste("x" * 101)
        self.assertEqual(self.window.composer.edit_text, "")
        self.assertIn("at most 100 characters", self.screen())
        self.chat.paste("x\n" * 60)
        self.assertIsNone(self.window.popup)


class Reading(ChatCase):
    def test_read_at_the_end(self) -> None:
        """A room is read when it is looked at, at its end, in a window that is in front."""
        room = self.model.rooms["lobby"]
        self.chat.on_event(said(61))
        self.draw()
        self.assertEqual(room.unread, 0)
        self.press("page up")
        self.chat.on_event(said(62))
        self.draw()
        self.assertEqual(room.unread, 1)
        self.press("end")
        self.assertEqual(room.unread, 0)
        self.chat.looked_at = False
        self.draw()
        self.chat.on_event(said(63))
        self.draw()
        self.assertEqual(room.unread, 1)
        self.assertIn(" new ", self.screen())
        self.chat.looked_at = True
        self.draw()
        self.assertEqual(room.unread, 0)

    def test_rings(self) -> None:
        """A mention rings when the window is not in front; nothing that is replayed does."""
        self.chat.on_event(said(61, "me!"))
        self.chat.looked_at = False
        self.chat.on_event(said(62, "not for you"))
        self.chat.on_event(said(63, "Me!"))
        self.chat.on_event(entered(said(64, "me!!")))
        self.assertEqual(self.around.rung, ["bob in #lobby: Me!"])

    def test_typing(self) -> None:
        """Who is typing is in the status line, for a while."""
        self.chat.on_event(TypingNow(room="lobby", nick="bob", active=True))
        self.assertIn("bob is typing", self.screen())
        self.around.clock.advance(6)
        self.assertNotIn("typing", self.screen())

    def test_back_from_far_up(self) -> None:
        """When newer lines were dropped, End asks for the latest ones."""
        back = self.model.rooms["lobby"].back
        self.press("home")
        back.attached = False
        self.session.sent.clear()
        self.press("end")
        [ask] = self.session.all(History)
        self.assertEqual((ask.before, ask.after), (None, None))


class Connection(ChatCase):
    def test_lost(self) -> None:
        """The countdown is in the status line, why it was lost in the room."""
        self.chat.on_state(WAITING)
        self.assertIn("reconnecting in 4 s", self.draw()[-2])
        self.assertIn("The connection was lost.", self.screen())
        self.assertNotIn("Connected again.", self.screen())
        self.chat.on_state(ONLINE)
        self.chat.on_state(ONLINE)
        self.assertEqual(self.screen().count("Connected again."), 1)
        self.chat.on_state(STOPPED)
        self.assertIn("not connected", self.draw()[-2])

    def test_asks_nothing_while_away(self) -> None:
        """Without a connection no history and no typing is asked for or told."""
        self.chat.on_state(WAITING)
        self.session.sent.clear()
        self.press("home", "x")
        self.assertEqual(self.session.sent, [])

    def test_nick_refused(self) -> None:
        """Before one has a nick, a refusal is about it."""
        chat = Chat(self.session, self.around, emoji=True)
        chat.on_event(Failed(code="name-taken", text="It is taken."))
        self.assertEqual(self.around.calls[-1], ("nick_refused", "It is taken.", "login"))
        text = "The nick a: /b is reserved; see /help nick."
        chat.on_event(Failed(code="name-taken", text=text))
        self.assertEqual(self.around.calls[-1], ("nick_refused", text, "login"))

    def test_password_of_the_server(self) -> None:
        """It is asked for before one has a nick, and when it is another one later."""
        chat = Chat(self.session, self.around, emoji=True)
        text = "This server has a password: /pass <password>."
        failed = Failed(code="server-password-needed", text=text)
        chat.on_event(failed)
        refused = ("nick_refused", "This server has a password.", "admit")
        self.assertEqual(self.around.calls[-1], refused)
        chat.admit("zoe", "pw")
        self.assertEqual([each.password for each in self.session.all(Admit)], ["pw"])
        self.chat.on_state(WAITING)
        self.chat.on_event(failed)
        self.assertIn("This server has a password. ", self.screen())
        self.press(*"new", "enter")
        self.assertEqual([each.password for each in self.session.all(Admit)], ["pw", "new"])

    def test_closing(self) -> None:
        """What the server says at its end is shown."""
        self.chat.on_event(Closing(code="stopping", text="The server is shutting down."))
        self.assertIn("The server is shutting down.", self.screen())

    def test_why_the_connection_ended(self) -> None:
        """That is told once: by the server, or else by the client."""
        why = "The server is shutting down."
        for event in (Closing(code="stopping", text=why), None):
            for room in (True, False):
                self.setUp()
                if not room:
                    self.model.rooms.clear()
                if event is not None:
                    self.chat.on_event(event)
                self.chat.on_state(replace(WAITING, detail=why))
                self.assertEqual(self.screen().count(why), 1, (event, room))
