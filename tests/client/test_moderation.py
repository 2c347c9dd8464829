"""Rooms with topics, locks, roles and bans, and the dialogs for them, on the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from chatservice.domain.commands import (
    Ban,
    Command,
    Create,
    Join,
    Kick,
    Kill,
    Login,
    Register,
    Say,
    SetRole,
    SetTopic,
    Tell,
    Unban,
    Whois,
)
from chatservice.domain.events import (
    AccountChanged,
    AwayChanged,
    Banned,
    BotChanged,
    Configured,
    Deleted,
    Edited,
    Failed,
    Invited,
    Kicked,
    LoggedIn,
    LoggedOut,
    LoginWanted,
    Online,
    OperatorChanged,
    RoleGiven,
    RoomInfo,
    RoomRenamed,
    Rooms,
    Topic,
)
from tests.client.ui import NOON, ChatTestCase, attributes, entered, people, said


def kicked(nick: str, room: str = "lobby", reason: str = "noise") -> Kicked:
    """Somebody is put out."""
    return Kicked(room=room, nick=nick, user=nick, by="alice", reason=reason, at=NOON)


def role(nick: str, role: str, room: str = "lobby") -> RoleGiven:
    """Somebody is something else."""
    return RoleGiven(room=room, nick=nick, user=nick, role=role, by="alice")  # type: ignore[arg-type]


class ModerationCase(ChatTestCase):
    size: ClassVar[tuple[int, int]] = (130, 20)

    def enter(self, line: str) -> None:
        """Type a line and send it."""
        self.type(line)
        self.press("enter")

    def screen(self) -> str:
        """All that is seen."""
        return "\n".join(self.draw())

    def last(self) -> Command:
        """The last command that was sent, without its id."""
        return replace(self.session.sent[-1], id=None)


class Told(ModerationCase):
    def test_topic(self) -> None:
        """The topic stands in the first line, when one comes in and when it changes."""
        self.chat.on_event(entered(room="dev", topic="first"))
        self.chat.stage.open("dev")
        self.assertEqual(self.draw()[0], " #dev on office: first")
        self.chat.on_event(Topic(room="dev", topic="second\x1b", nick="bob"))
        self.assertEqual(self.draw()[0], " #dev on office: second\ufffd")
        self.assertIn("bob has set the topic of #dev", self.screen())

    def test_locks(self) -> None:
        """A room's locks stand in the list of rooms, and follow what is changed."""
        self.chat.on_event(entered(room="dev", locked=True))
        self.assertRegex(self.screen(), r"(?m)^ #dev +\*│")
        changed = Configured(
            room="dev", nick="bob", locked=False, invite_only=True, history="joining"
        )
        self.chat.on_event(changed)
        self.assertRegex(self.screen(), r"(?m)^ #dev +!│")

    def test_all_rooms(self) -> None:
        """The list of all rooms shows locks and topics."""
        self.chat.on_event(
            Rooms(rooms=(RoomInfo(room="x", people=2, seq=1, locked=True, topic="about"),))
        )
        self.assertIn("#x *  2 people  about", self.screen())

    def test_roles(self) -> None:
        """Roles are marked, operators come first; one's own is marked too."""
        for event in (role("bob", "operator"), role("me", "voice"), role("alice", "muted")):
            self.chat.on_event(event)
        rows = [line.rpartition("│")[2] for line in self.draw()[1:4]]
        self.assertEqual(rows, [" @bob", ">+me", " -alice"])
        self.chat.on_event(role("bob", "member"))
        self.assertIn("bob is a plain member of #lobby now (alice).", self.screen())
        self.assertNotIn("@bob", self.screen())

    def test_somebody_is_kicked(self) -> None:
        """Somebody who is put out is gone from the panel; one line says so."""
        self.chat.on_event(Banned(room="lobby", who="bob", by="alice"))
        self.chat.on_event(kicked("bob"))
        self.assertNotIn("bob", self.model.rooms["lobby"].people)
        self.assertIn("alice has put bob out of #lobby: noise", self.screen())
        self.assertIn("alice has banned bob from #lobby.", self.screen())

    def test_oneself_is_kicked(self) -> None:
        """A room that one is put out of closes; why is said where one is then."""
        self.chat.on_event(kicked("me"))
        self.assertEqual(list(self.model.rooms), ["ops"])
        self.assertIn("alice has put me out of #lobby: noise", self.screen())
        self.chat.on_event(kicked("me", room="ops", reason=""))
        self.assertIn("alice has put me out of #ops.", self.screen())

    def test_invited(self) -> None:
        """An invitation says how to follow it, and rings."""
        self.chat.looked_at = False
        self.chat.on_event(Invited(room="dev", by="bob"))
        self.assertIn("bob invites you to #dev: /join dev", self.screen())
        self.assertEqual(self.around.rung, ["bob invites you to #dev: /join dev"])

    def test_amended(self) -> None:
        """What was edited or deleted is shown as such, where it stands."""
        at: dict[str, Any] = {"room": "lobby", "nick": "bob", "at": NOON}
        self.chat.on_event(Edited(seq=60, id="x", text="better", **at))
        self.chat.on_event(Deleted(seq=59, id="y", by="bob", **at))
        self.assertIn("bob │ better (edited)", self.screen())
        self.assertIn("bob │ (deleted)", self.screen())
        self.assertNotIn("text 60", self.screen())
        self.assertNotIn("text 59", self.screen())

    def test_renamed_room(self) -> None:
        """A room goes on under its new name: its lines, its draft, what is unread."""
        self.type("a draft")
        self.chat.stage.open("ops")
        self.draw()
        self.chat.on_event(said(61))
        self.chat.on_event(RoomRenamed(old="lobby", new="hall", by="bob", by_user="1", at=NOON))
        self.assertEqual(list(self.model.rooms), ["hall", "ops"])
        self.assertEqual(self.model.rooms["hall"].unread, 1)
        self.chat.stage.open("hall")
        self.assertEqual(self.window.composer.edit_text, "a draft")
        self.assertIn("bob calls #lobby #hall from now on", self.screen())
        self.assertIn(" #hall on office", self.draw()[0])
        self.press("enter")
        self.assertEqual(self.last(), Say(room="hall", text="a draft"))

    def test_what_people_are(self) -> None:
        """Who is logged in, an operator of the server or a bot is marked, wherever that changes."""
        self.chat.on_event(AccountChanged(nick="bob", user="1", account="Bob"))
        self.chat.on_event(BotChanged(nick="bob", user="1", active=True))
        self.chat.on_event(OperatorChanged(nick="me", user="1", operator=True))
        rows = [line.rpartition("│")[2] for line in self.draw()[1:4]]
        marks = [row.split()[1:] for row in rows]
        self.assertEqual(marks, [[], ["✓", "bot"], ["op"]])
        self.assertIn("You are an operator of this server now.", self.screen())
        self.assertNotIn("bob is a bot", self.screen())
        self.chat.on_event(AccountChanged(nick="bob", user="1"))
        self.assertNotIn("✓", self.screen())

    def test_who_is_watched_calls(self) -> None:
        """Who comes that one waits for is told, and rings."""
        self.chat.looked_at = False
        self.chat.on_event(Online(people=people("zoe")))
        self.assertIn("zoe is here now.", self.screen())
        self.assertEqual(self.around.rung, ["zoe is here now."])

    def test_away(self) -> None:
        """Who is away is pale in the list of people."""
        self.chat.on_event(AwayChanged(nick="bob", user="bob", text="lunch"))
        self.draw()
        canvas = self.window.render(self.size, True)
        self.assertEqual(attributes(canvas, "│ bob "), {"rule", "presence"})

    def test_accounts(self) -> None:
        """Logging in and out may change one's nick."""
        self.chat.on_event(LoggedIn(account="zoe", nick="zoe", user="1"))
        self.assertEqual(self.model.nick, "zoe")
        self.assertIn("You are logged in as zoe.", self.screen())
        self.chat.on_event(LoggedOut(nick="guest", user="2"))
        self.assertEqual(self.model.nick, "guest")


class Commanding(ModerationCase):
    def test_room_on_the_screen(self) -> None:
        """Commands about a room go to the one on the screen."""
        for line, expected in (
            ("/topic hello all", SetTopic(room="lobby", topic="hello all")),
            ("/kick bob noise", Kick(room="lobby", nick="bob", reason="noise")),
            ("/unban bob", Unban(room="lobby", who="bob")),
            ("/mute bob", SetRole(room="lobby", nick="bob", role="muted")),
            ("/create dev pw", Create(room="dev", password="pw")),
            ("/register 12345678", Register(password="12345678")),
        ):
            self.enter(line)
            self.assertEqual(self.last(), expected)

    def test_passwords_are_not_kept(self) -> None:
        """A line with a password is drawn without it, and does not come back by Up."""
        self.enter("hello")
        self.type("/join dev secret")
        self.assertIn("/join dev ******", self.draw()[-1])
        self.assertNotIn("secret", self.screen())
        self.press("enter", "up")
        self.assertEqual(self.window.composer.edit_text, "hello")


class Dialogs(ModerationCase):
    def test_password_is_asked_for(self) -> None:
        """A room with a password asks for it, unseen, until it is right or one gives up."""
        self.enter("/join dev")
        for why in ("#dev has a password: /join dev <password>.", "This is not the password."):
            ask = self.session.all(Join)[-1]
            self.chat.on_event(Failed(code="password-needed", text=why, room="dev", re=ask.id))
            self.assertIn(f"{why.partition(': /')[0].rstrip('.')}. ", self.screen())
            self.type("secret")
            self.assertNotIn("secret", self.screen())
            self.assertIn("Password: ******", self.screen())
            self.press("enter")
            self.assertEqual(self.last(), Join(room="dev", password="secret"))
            self.assertIsNone(self.window.popup)
        ask = self.session.all(Join)[-1]
        self.chat.on_event(entered(room="dev", re=ask.id))
        self.assertEqual(self.model.current, "dev")

    def test_giving_up(self) -> None:
        """Esc closes the question; nothing is sent."""
        self.enter("/join dev")
        [ask] = self.session.all(Join)
        failed = Failed(code="password-needed", text="It has one.", room="dev", re=ask.id)
        self.chat.on_event(failed)
        self.press("enter", "esc")
        self.assertEqual((self.window.popup, len(self.session.all(Join))), (None, 1))

    def test_rooms_of_the_start(self) -> None:
        """Rooms that one has not asked for by hand ask for their passwords, one after the other."""
        for room in ("dev", "attic"):
            why = f"#{room} has a password."
            self.chat.on_event(Failed(code="password-needed", text=why, room=room, re="a"))
        self.assertEqual(self.screen().count("Password: "), 1)
        self.assertIn("dev has a password", self.screen())
        self.press("esc", *"pw", "enter")
        self.assertEqual(self.last(), Join(room="attic", password="pw"))
        self.assertEqual((self.window.popup, len(self.session.all(Join))), (None, 1))

    def test_login_is_asked_for(self) -> None:
        """A registered nick asks for its password, until it is right or one gives up."""
        self.chat.on_event(LoginWanted(account="Me", seconds=30))
        self.assertIn("The nick Me is registered. If it is yours, log in", self.screen())
        self.press(*"secret", "enter")
        self.assertEqual(self.last(), Login(nick="Me", password="secret"))
        self.assertIsNone(self.window.popup)
        ask = self.session.all(Login)[-1]
        wrong = Failed(code="wrong-password", text="The nick or the password is wrong.", re=ask.id)
        self.chat.on_event(wrong)
        self.press(*"right", "enter")
        self.assertEqual(self.last(), Login(nick="Me", password="right"))
        self.session.offers = True
        self.chat.on_event(LoggedIn(account="Me", nick="Me", user="1"))
        self.assertIn("Keep this login", self.screen())

    def test_join_and_create(self) -> None:
        """A key opens each dialog; the room is entered, or made, with the password or none."""
        self.press("meta j", *"#dev", "tab", *"pw", "enter")
        self.assertEqual(self.last(), Join(room="dev", password="pw"))
        self.press("meta c", *"new", "enter")
        self.assertEqual(self.last(), Create(room="new"))
        self.press("meta c", "enter")
        self.assertIsNotNone(self.window.popup)

    def test_about_a_person(self) -> None:
        """Everybody can write and ask; the rest is for operators alone."""
        self.press("shift tab", "down", "meta m")
        self.assertIn("Who is it?", self.screen())
        self.assertNotIn("Put them out", self.screen())
        self.press("down", "enter")
        self.assertEqual(self.last(), Whois(nick="bob"))

    def test_as_operator(self) -> None:
        """Each row of an operator's menu sends its command for this room."""
        self.chat.on_event(role("me", "operator"))
        self.chat.on_event(role("bob", "muted"))
        expected: tuple[Command, ...] = (
            SetRole(room="lobby", nick="bob", role="member"),
            SetRole(room="lobby", nick="bob", role="voice"),
            SetRole(room="lobby", nick="bob", role="operator"),
            Kick(room="lobby", nick="bob"),
            Ban(room="lobby", who="bob"),
        )
        for row, command in enumerate(expected, 2):
            self.window.focus_on("people")
            self.press("home", "down", "down", "meta m", *["down"] * row, "enter")
            self.assertEqual(self.last(), command)
            self.assertIsNone(self.window.popup)

    def test_as_operator_of_the_server(self) -> None:
        """Who may do anything is shown everything, in every room."""
        self.chat.on_event(OperatorChanged(nick="me", user="1", operator=True))
        self.window.focus_on("people")
        self.press("home", "down", "meta m")
        self.assertIn("Put them out, and keep them out", self.screen())
        self.press("end", "enter")
        self.assertEqual(self.last(), Kill(nick="bob"))

    def test_not_here(self) -> None:
        """The key does nothing outside the panel of people."""
        self.press("meta m")
        self.assertIsNone(self.window.popup)

    def test_writing(self) -> None:
        """The first row opens the conversation."""
        self.chat.on_event(entered(people=people("me", "zoe")))
        self.press("shift tab", "down", "meta m", "enter")
        self.enter("hi")
        self.assertEqual(self.last(), Tell(to="zoe", text="hi"))
