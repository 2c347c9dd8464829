"""The program: its start screens, its keys and pastes, and its orderly end."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Login, Say, SetNick
from chatservice.domain.errors import BadInput
from chatservice.domain.events import Ack, Failed, LoggedIn, LoggedOut, Renamed
from tests.client.ui import NOON, ONLINE, WAITING, FakeScreen, FakeSession, entered, said, welcome
from urwidclient.app import FAREWELL_SECONDS, App
from urwidclient.discovery import FoundServer
from urwidclient.settings import ClientOptions, last_nick

OFFICE = FoundServer("office", "192.0.2.7", 8080, 12, "s1")
ATTIC = FoundServer("attic\x1b[31m", "192.0.2.9", 9000, None, None)


class FakeDiscovery:
    """Finds what a test puts into it."""

    def __init__(self) -> None:
        self.servers: tuple[FoundServer, ...] = ()
        self.on_change: Callable[[], None] = lambda: None
        self.running = False

    def start(self) -> None:
        """Look."""
        self.running = True

    def stop(self) -> None:
        """Look no more."""
        self.running = False

    def find(self, *servers: FoundServer) -> None:
        """These are there."""
        self.servers = servers
        self.on_change()


class Connections:
    """Records where the program connected to."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int, str, tuple[str, ...]]] = []
        self.sessions: list[FakeSession] = []

    def connect(self, host: str, port: int, nick: str, rooms: tuple[str, ...]) -> FakeSession:
        """A new session."""
        self.made.append((host, port, nick, rooms))
        self.sessions.append(FakeSession())
        return self.sessions[-1]


def ack_of(session: FakeSession, seq: int) -> Ack:
    """The acknowledgement of what was said last."""
    return Ack(room="lobby", seq=seq, id=f"1-{seq}", at=NOON, re=session.all(Say)[-1].id)


class AppTestCase(SynchronousTestCase):
    """The program on a reactor and a screen in memory."""

    def setUp(self) -> None:
        self.state_dir = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.state_dir)
        self.reactor = MemoryReactorClock()
        self.screen = FakeScreen()
        self.discovery = FakeDiscovery()
        self.connections = Connections()

    def make(self, **options: Any) -> App:
        """The program, with these options."""
        given: dict[str, Any] = {
            "host": None,
            "port": 8080,
            "nick": None,
            "rooms": ("lobby",),
            "theme": "dark",
            "notify": True,
            "plain": False,
            "emoji": True,
            "state_dir": self.state_dir,
            "themes": {},
        }
        return App(
            ClientOptions(**{**given, **options}),
            reactor=self.reactor,
            connect=self.connections.connect,
            discovery=self.discovery,
            screen=self.screen,
        )

    def start(self, **options: Any) -> None:
        """Start the program with these options."""
        self.app = self.make(**options)
        self.addCleanup(self.app.finish)
        self.app.start()
        self.reactor.advance(0.1)

    @property
    def session(self) -> FakeSession:
        """The latest session."""
        return self.connections.sessions[-1]

    def press(self, *keys: Any) -> str:
        """Press keys; what is on the screen then."""
        self.screen.press(*keys)
        self.reactor.advance(0.1)
        return self.seen()

    def seen(self) -> str:
        """What is on the screen."""
        return "\n".join(self.screen.lines)

    def come_in(self) -> None:
        """Be connected and in the lobby."""
        self.start(host="h", nick="me")
        self.session.on_state(ONLINE)
        self.session.on_event(welcome())
        self.session.on_event(entered(*map(said, range(1, 9))))
        self.reactor.advance(0.1)


class Entrance(AppTestCase):
    def test_click_then_type(self) -> None:
        """A click into the list, beside a server, leaves what is typed to the field."""
        self.start()
        self.discovery.find(OFFICE, ATTIC)
        self.reactor.advance(0.1)
        self.press(("mouse press", 1, 5, 12))
        self.assertIn("Server (host:port): host:99", self.press(*"host:99"))

    def test_finds_servers(self) -> None:
        """The list fills while one looks, and can be chosen from at any moment."""
        self.start()
        self.assertIn("Looking for servers", self.seen())
        self.discovery.find(OFFICE, ATTIC)
        self.reactor.advance(0.1)
        self.assertIn("office", self.seen())
        self.assertIn("192.0.2.7:8080  12 people", self.seen())
        self.assertNotIn("\x1b", self.seen())
        self.assertIn("192.0.2.9:9000: who are you?", self.press("down", "enter"))
        self.assertEqual(self.connections.made, [])
        self.press(*"me", "enter")
        self.assertEqual(self.connections.made, [("192.0.2.9", 9000, "me", ("lobby",))])
        self.assertTrue(self.session.started)
        self.assertFalse(self.discovery.running)

    def test_finds_none(self) -> None:
        """After a while it says so."""
        self.start()
        self.reactor.pump([0.5] * 7)
        self.assertIn("No server has been found yet", self.seen())
        self.discovery.find(OFFICE)
        self.reactor.advance(0.1)
        self.assertIn("office", self.seen())

    def test_wrong_address(self) -> None:
        """A wrong address stays, and what is wrong is said in place."""
        self.start()
        self.discovery.find(OFFICE)
        seen = self.press(*"no:port", "enter")
        self.assertIn("no:port", seen)
        self.assertIn("the right form is host or host:port", seen)
        seen = self.press("backspace", "backspace", "backspace", "backspace", *"99", "enter")
        self.assertIn("no:99: who are you?", seen)
        self.assertIn("Server (host:port): no:99", self.press("esc"))

    def test_port_of_an_address(self) -> None:
        """Where none is typed it is that of `--port`."""
        self.start(port=99)
        self.assertIn("host:99: who are you?", self.press(*"host", "enter"))

    def test_editing_keys(self) -> None:
        """The fields know the editing keys that the input of the chat knows."""
        self.start()
        seen = self.press(*"wrong host", "ctrl u", *"host", "ctrl a", "x", "enter")
        self.assertIn("xhost:8080: who are you?", seen)
        self.press(*"me too", "ctrl w", *"you", "enter")
        self.assertEqual(self.connections.made[0][2], "me you")

    def test_offers_the_last_nick(self) -> None:
        """The nick that a server took is kept, and offered the next time."""
        self.come_in()
        self.assertEqual(last_nick(self.state_dir), "me")
        self.assertEqual((self.state_dir / "nick").stat().st_mode & 0o777, 0o600)
        self.start(host="h")
        self.assertIn("Your nick: me", self.seen())

    def test_keeps_the_nick_that_was_chosen(self) -> None:
        """Not one that was had instead of it, after a reconnect or a while without a login."""
        self.come_in()
        self.session.on_event(welcome(None))
        for old, new, re in (("", "me_", "automatic"), ("me_", "guest5", None)):
            self.session.on_event(Renamed(old=old, new=new, user="1", at=NOON, re=re))
            self.assertEqual(last_nick(self.state_dir), "me")
        self.press(*"/nick zoe", "enter")
        [asked] = self.session.all(SetNick)
        self.session.on_event(Renamed(old="guest5", new="zoe", user="1", at=NOON, re=asked.id))
        self.assertEqual(last_nick(self.state_dir), "zoe")
        self.session.on_event(LoggedOut(nick="guest5", user="1"))
        self.assertEqual(last_nick(self.state_dir), "zoe")
        self.session.on_event(LoggedIn(account="ann", nick="ann", user="1"))
        self.assertEqual(last_nick(self.state_dir), "ann")

    def test_nick_refused(self) -> None:
        """A refused nick stays to be mended, on the same connection."""
        self.start(host="h")
        self.assertIn("A nick needs", self.press("enter"))
        self.assertIn("Connecting", self.press(*"bob", "enter") + "Connecting")
        self.session.on_state(ONLINE)
        self.session.on_event(Failed(code="name-taken", text="Somebody is bob already."))
        self.session.on_event(welcome(None))
        self.reactor.advance(0.1)
        self.assertIn("Your nick: bob\nSomebody is bob already.", self.seen())
        self.press("up", "2", "enter")
        self.assertEqual([ask.nick for ask in self.session.all(SetNick)], ["bob2"])
        self.session.on_event(Renamed(old="", new="bob2", user="1", at=NOON))
        self.session.on_event(entered(said(1)))
        self.reactor.advance(0.1)
        self.assertIn("#lobby on office", self.seen())
        self.assertEqual(len(self.connections.made), 1)

    def test_own_nick_taken(self) -> None:
        """For a taken nick its password can be given, unseen, on the same connection."""
        self.start(host="h", nick="bob")
        self.session.on_state(ONLINE)
        self.session.on_event(Failed(code="name-taken", text="Somebody is bob already."))
        self.session.on_event(welcome(None))
        seen = self.press(*"secret")
        self.assertIn("Its password, if you have registered it: ******\n", seen)
        self.assertIn("Your nick: bob\n", seen)
        self.assertIn("Up goes to the nick.", seen)
        self.press("enter")
        [login] = self.session.all(Login)
        self.assertEqual((login.nick, login.password), ("bob", "secret"))
        self.session.on_event(Failed(code="wrong-password", text="It is wrong.", re=login.id))
        self.reactor.advance(0.1)
        self.assertIn("It is wrong.", self.seen())
        self.press(*"another", "enter")
        login = self.session.all(Login)[-1]
        self.assertEqual((login.nick, login.password), ("bob", "another"))
        self.session.on_event(LoggedIn(account="bob", nick="bob", user="1", re=login.id))
        self.session.on_event(entered(said(1)))
        self.reactor.advance(0.1)
        self.assertIn("#lobby on office", self.seen())

    def test_another_password(self) -> None:
        """What was typed as the password of the server is not offered as that of a nick."""
        self.start(host="h", nick="bob")
        self.session.on_event(Failed(code="server-password-needed", text="It has a password."))
        self.reactor.advance(0.1)
        self.assertIn("The server's password: ******\n", self.press(*"secret"))
        self.press("enter")
        self.session.on_state(ONLINE)
        self.session.on_event(Failed(code="name-taken", text="Somebody is bob already."))
        self.session.on_event(welcome(None))
        self.press("enter")
        self.assertEqual(self.session.all(Login), [])

    def test_unreachable(self) -> None:
        """A server that cannot be reached is said to be so, in place; Esc chooses another."""
        self.start()
        self.press(*"nowhere", "enter")
        self.press(*"me", "enter")
        self.session.on_state(WAITING)
        self.reactor.advance(0.1)
        self.assertIn("The connection was lost.", self.seen())
        self.press("esc")
        self.assertTrue(self.session.stopped)
        self.assertTrue(self.discovery.running)

    def test_straight_in(self) -> None:
        """With host and nick given there are no questions; what goes on is shown."""
        self.start(host="h", port=99, nick="me", rooms=("ops", "dev"))
        self.assertEqual(self.connections.made, [("h", 99, "me", ("ops", "dev"))])
        self.session.on_state(WAITING)
        self.reactor.advance(0.1)
        self.assertIn("reconnecting in 4 s", self.seen())

    def test_refused_when_straight_in(self) -> None:
        """A refused nick is asked for again also then."""
        self.start(host="h", nick="bob")
        self.session.on_event(Failed(code="name-taken", text="Somebody is bob already."))
        self.reactor.advance(0.1)
        self.assertIn("Your nick: bob\nSomebody is bob already.", self.seen())

    def test_command_before_there_is_a_connection(self) -> None:
        """It is not the nick that is wrong then: the window stays."""
        self.start(host="h", nick="bob")
        text = "There is no connection to the server at the moment."
        self.session.on_event(Failed(code="not-connected", text=text))
        self.reactor.advance(0.1)
        self.assertIn(text, self.seen())
        self.assertNotIn("who are you", self.seen())


class Screen(AppTestCase):
    def test_paste(self) -> None:
        """A paste goes into the input as a whole; keys around it keep their order."""
        self.come_in()
        seen = self.press("a", "begin paste", *"b", "tab", *"c", "end paste", "d")
        self.assertIn("ab    cd", seen)
        seen = self.press("begin paste", "x", "enter", "y", "enter", "end paste")
        self.assertIn("Put these 2 lines", seen)

    def test_paste_at_the_entrance(self) -> None:
        """An address can be pasted; what follows its line does nothing."""
        self.start()
        seen = self.press("begin paste", *"host:99", "enter", *"rm", "end paste")
        self.assertIn("Server (host:port): host:99\n", seen)

    def test_suspend(self) -> None:
        """Ctrl-Z goes to the shell, at once; within a paste it is nothing."""
        self.start(host="h", nick="me")
        self.screen.press("begin paste", "a", "ctrl z", "b", "end paste")
        self.assertEqual(self.screen.suspended, 0)
        self.screen.press("ctrl z")
        self.assertEqual(self.screen.suspended, 1)

    def test_focus_and_ring(self) -> None:
        """A mention rings while the window is not in front."""
        self.come_in()
        self.session.on_event(said(9, "me!"))
        self.assertEqual(self.screen.written, "")
        self.press("focus out")
        self.session.on_event(said(10, "me \x1b]0;x\x07!"))
        self.assertTrue(self.screen.written.startswith("\a\x1b]"))
        self.assertEqual(self.screen.written.count("\a"), 1)
        self.press("focus in")
        self.session.on_event(said(11, "me!"))
        self.assertEqual(self.screen.written.count("\a"), 1)

    def test_resize(self) -> None:
        """A new size is drawn at, and the draft is kept; no size at all is survived."""
        self.come_in()
        self.press(*"draft")
        for size in ((160, 50), (0, 0), (40, 10)):
            self.screen.size = size
            self.screen.press("window resize")
            self.reactor.advance(0.1)
        self.assertEqual(len(self.screen.lines), 10)
        self.assertIn("> draft", self.seen())

    def test_draws_by_itself_once_a_second(self) -> None:
        """Nothing that happens means next to no draws."""
        self.come_in()
        self.reactor.advance(1)
        before = self.screen.draws
        self.reactor.pump([0.1] * 100)
        self.assertLess(self.screen.draws - before, 12)

    def test_flood(self) -> None:
        """Messages by the hundred do not mean draws by the hundred."""
        self.come_in()
        before = self.screen.draws
        for seq in range(9, 509):
            self.session.on_event(said(seq))
            self.reactor.advance(0.002)
        self.assertLessEqual(self.screen.draws - before, 31)
        self.reactor.advance(0.1)
        self.assertIn("text 508", self.seen())

    def test_themes(self) -> None:
        """A theme is chosen at any time; one that does not exist is not."""
        self.come_in()
        self.press(*"/theme light", "enter")
        self.assertEqual(self.screen.cleared, 1)
        self.assertIn("There is no theme nope", self.press(*"/theme nope", "enter"))
        self.assertRaises(BadInput, self.start, theme="nope")

    def test_no_color(self) -> None:
        """NO_COLOR means no colours at the start."""
        self.patch(os, "environ", {"NO_COLOR": "1"})
        self.come_in()
        for basic, *_ in self.screen._palette.values():
            self.assertIn(
                basic.foreground.split(",")[0], ("default", "bold", "underline", "standout")
            )

    def test_servers_and_back(self) -> None:
        """/servers shows the list; Esc comes back, another choice hangs up first."""
        self.come_in()
        self.assertIn("choose a server", self.press(*"/servers", "enter"))
        self.assertIn("#lobby", self.press("esc"))
        self.press(*"/servers", "enter")
        first = self.session
        self.press(*"other", "enter")
        self.assertTrue(first.stopped)
        self.press("enter")
        self.assertEqual(self.connections.made[-1][0], "other")

    def test_what_comes_while_one_looks_for_servers(self) -> None:
        """It is unread, and stands under `new`."""
        self.come_in()
        self.press(*"/servers", "enter")
        self.session.on_event(said(9, "meanwhile"))
        before, _, after = self.press("esc").partition("meanwhile")
        self.assertIn("new", before)
        self.assertNotIn("new", after)

    def test_connect(self) -> None:
        """/connect goes to another server under the same nick, with nothing of this one left."""
        self.come_in()
        first = self.session
        seen = self.press(*"/connect other:99", "enter")
        self.assertEqual(self.connections.made[-1], ("other", 99, "me", ("lobby",)))
        self.assertTrue(first.stopped)
        self.assertNotIn("text 8", seen)


class End(AppTestCase):
    def test_quit(self) -> None:
        """Ctrl-C and /quit leave; Ctrl-C from the entrance too."""
        for start in (self.start, self.come_in):
            self.setUp()
            start()
            self.press("ctrl c")
            self.reactor.advance(1)
            self.assertTrue(self.reactor.hasStopped)
        self.setUp()
        self.come_in()
        self.press(*"/quit to lunch", "enter")
        self.reactor.advance(1)
        self.assertTrue(self.reactor.hasStopped)
        [(farewell, args, _)] = self.reactor.triggers["before"]["shutdown"]
        farewell(*args)
        self.assertEqual(self.session.reason, "to lunch")

    def test_farewell(self) -> None:
        """Whatever stops the reactor, it hangs up first and lets that out."""
        self.come_in()
        [(farewell, args, _)] = self.reactor.triggers["before"]["shutdown"]
        done = farewell(*args)
        self.assertTrue(self.session.stopped)
        self.assertNoResult(done)
        self.reactor.advance(1)
        self.successResultOf(done)

    def test_run(self) -> None:
        """A bad theme is one sentence and code 1; an orderly end is code 0 and silence."""
        self.addCleanup(signal.signal, signal.SIGHUP, signal.getsignal(signal.SIGHUP))
        for theme, code, sentence in (("nope", 1, "There is no theme nope"), ("light", 0, "")):
            self.patch(sys, "stderr", errors := StringIO())
            self.setUp()
            self.assertEqual(self.make(theme=theme).run(), code)
            self.assertIn(sentence, errors.getvalue())
            self.assertEqual(errors.getvalue().count("\n"), code)
            self.assertFalse(self.screen.started)

    def test_unsent(self) -> None:
        """What was not confirmed is told on the shell, from whatever server; the code is 1 then."""
        self.patch(sys, "stderr", errors := StringIO())
        self.come_in()
        self.press(*"first", "enter")
        self.session.on_event(ack_of(self.session, 9))
        self.session.on_state(WAITING)
        self.press(*"a", "meta enter", *"b", "enter")
        self.press(*"/connect other", "enter")
        self.session.on_state(WAITING)
        self.press("ctrl c", "ctrl c")
        [(farewell, args, _)] = self.reactor.triggers["before"]["shutdown"]
        farewell(*args)
        self.assertEqual(self.app.end(), 1)
        self.assertEqual(
            errors.getvalue(),
            "chatclient: 1 message not sent, or not confirmed by the server:\n  #lobby: a\n    b\n",
        )

    def test_last_message(self) -> None:
        """One may leave at once after Enter: the answer is waited for, for a moment."""
        self.come_in()
        self.press(*"bye", "enter")
        self.screen.press("ctrl c")
        self.reactor.advance(0)
        self.assertFalse(self.reactor.hasStopped)
        self.session.on_event(ack_of(self.session, 9))
        self.reactor.advance(FAREWELL_SECONDS)
        self.assertTrue(self.reactor.hasStopped)
        self.assertEqual(self.app.end(), 0)

    def test_closed_terminal(self) -> None:
        """A terminal that is gone is read no more: the client leaves, and that is no failure."""
        self.come_in()
        self.screen.closed = True
        for _ in range(3):
            self.screen.press("a")
        self.reactor.advance(1)
        self.assertTrue(self.reactor.hasStopped)
        self.assertEqual(self.screen.reads, 1)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_closed_while_drawing(self) -> None:
        """The same when that is found while something is drawn."""
        self.come_in()
        self.screen.closed = True
        self.session.on_event(said(9))
        self.reactor.advance(1)
        self.assertTrue(self.reactor.hasStopped)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_failure_anywhere(self) -> None:
        """An exception ends the client: terminal restored, one sentence, code 1, all in the log."""
        for fail in (
            lambda: self.session.on_event(entered(said(1), people=(None,))),
            lambda: self.session.on_state(None),  # type: ignore[arg-type]
            lambda: self.screen.press(("mouse press", "not a button")),
        ):
            self.setUp()
            self.come_in()
            fail()
            self.assertEqual(len(self.flushLoggedErrors()), 1)
            self.reactor.advance(1)
            self.assertTrue(self.reactor.hasStopped)
            self.app.finish()
            self.assertTrue(self.screen.ended)
