"""Logins that are kept on this machine: asked about once, used at the next start, forgotten."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import ChangePassword, Command, Hello, Login, Register
from chatservice.domain.events import Failed, LoggedIn, LoggedOut, LoginWanted, Notice
from tests.client.scripted import Scene, ScriptedServer, welcome
from tests.client.ui import ChatTestCase
from urwidclient.__main__ import connecting, main
from urwidclient.logins import FILE, Logins
from urwidclient.settings import ClientOptions
from urwidclient.timing import GREETING_SECONDS


class LoginsCase(SynchronousTestCase):
    """With a state directory of its own."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.state = Path(directory.name) / "state"
        self.logins = Logins(self.state, "chat.example", 8080)


class Connecting(LoginsCase):
    def test_to_several_servers(self) -> None:
        """None of them gets what another one knows this client by, or the password of another."""
        clock, servers = Clock(), [ScriptedServer() for _ in range(3)]
        left = iter(servers)
        options = ClientOptions(
            host="a",
            port=1,
            nick=None,
            rooms=(),
            theme="dark",
            notify=False,
            plain=False,
            emoji=False,
            state_dir=self.state,
            themes={},
            password="pw",
            server_password="spw",
        )
        connect = connecting(options, clock, lambda *_: next(left))
        keys, logins, admitted = [], [], []
        for (host, port), server in zip([("a", 1), ("b", 1), ("a", 1)], servers, strict=True):
            connect(host, port, "zoe", ()).start()
            server.accept()
            clock.advance(GREETING_SECONDS)
            [hello] = server.commands()
            assert isinstance(hello, Hello)
            server.tell(welcome("zoe", hello.id))
            keys.append(hello.client)
            admitted.append(hello.password)
            logins.append([each for each in server.commands() if isinstance(each, Login)])
        self.assertEqual(len({keys[0], keys[1]}), 2)
        self.assertEqual(keys[0], keys[2])
        self.assertEqual(list(map(bool, logins)), [True, False, True])
        self.assertEqual(admitted, ["spw", None, "spw"])


class Stored(LoginsCase):
    def test_kept_apart(self) -> None:
        """By server and account; it is only for the address that it was kept for."""
        self.logins.keep("s1", "Zoe", "pw1")
        self.logins.keep("s2", "Zoe", "pw2")
        self.logins.keep("s1", "bob", "pw3")
        again = Logins(self.state, "chat.example", 8080)
        self.assertEqual(again.find("s1", "zoe"), "pw1")
        self.assertEqual(again.find("s2", "Zoe"), "pw2")
        self.assertEqual(again.find("s1", "bob"), "pw3")
        self.assertIsNone(again.find("s2", "bob"))
        self.assertIsNone(Logins(self.state, "chat.example", 8081).find("s1", "zoe"))
        self.assertIsNone(Logins(self.state, "elsewhere.example", 8080).find("s1", "zoe"))
        again.forget("s1", "ZOE")
        self.assertIsNone(self.logins.find("s1", "zoe"))
        self.assertEqual(self.logins.find("s1", "bob"), "pw3")

    def test_for_the_owner_alone(self) -> None:
        """Nobody else can read the file, whatever was there before."""
        self.state.mkdir()
        (self.state / FILE).write_text("{}")
        (self.state / FILE).chmod(0o644)
        self.logins.keep("s1", "zoe", "pw")
        self.assertEqual(stat.S_IMODE((self.state / FILE).stat().st_mode), 0o600)
        self.assertEqual([each.name for each in self.state.iterdir()], [FILE])

    def test_broken_file(self) -> None:
        """A file that is none of ours counts as nothing."""
        self.state.mkdir()
        for text in ("", "[]", '{"s1": 3}', '{"s1": {"zoe": 1}}', "[" * 100_000, "\udcff"):
            (self.state / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
            self.assertIsNone(self.logins.find("s1", "zoe"))
        self.logins.keep("s1", "zoe", "pw")
        self.assertEqual(self.logins.find("s1", "zoe"), "pw")

    def test_forget_all(self) -> None:
        """The program forgets all, and does no more."""
        self.logins.keep("s1", "zoe", "pw")
        for _ in range(2):
            self.assertEqual(main(["--state", str(self.state), "--forget"]), 0)
            self.assertEqual(list(self.state.iterdir()), [])


class Sessions(LoginsCase):
    def scene(self) -> Scene:
        """A session under the nick `me` that has just been welcomed."""
        scene = Scene(logins=self.logins)
        scene.session.start()
        self.first = self.passwords(scene.welcome(scene.meet()))
        return scene

    def passwords(self, commands: list[Command]) -> list[tuple[str | None, str]]:
        """Nicks and passwords of those that log in."""
        self.keys = [each.id for each in commands if isinstance(each, Login)]
        return [(each.nick, each.password) for each in commands if isinstance(each, Login)]

    def log_in(self, scene: Scene, password: str) -> None:
        """Type the password, and be let in."""
        scene.session.send(Login(id="a", nick="me", password=password))
        scene.server.tell(LoggedIn(account="Me", nick="me", user="1", re="a"))

    def test_next_time(self) -> None:
        """What was kept logs in at the next start; it is offered once a server."""
        scene = self.scene()
        scene.session.send(Register(id="r", password="pw"))
        scene.server.tell(LoggedIn(account="Me", nick="me", user="1", re="r"))
        self.assertTrue(scene.session.offer_to_keep())
        self.log_in(scene, "pw")
        self.assertFalse(scene.session.offer_to_keep())
        scene.session.keep_login()
        self.assertFalse(scene.session.offer_to_keep())
        scene = self.scene()
        self.assertEqual(self.first, [("me", "pw")])
        scene.server.tell(LoggedIn(account="Me", nick="me", user="1", re=self.keys[0]))
        self.assertFalse(scene.session.offer_to_keep())

    def test_no(self) -> None:
        """Who does not want it is not asked again, and nothing is kept."""
        scene = self.scene()
        self.log_in(scene, "pw")
        self.assertTrue(scene.session.offer_to_keep())
        scene = self.scene()
        self.assertEqual(self.first, [])
        self.log_in(scene, "pw")
        self.assertFalse(scene.session.offer_to_keep())
        self.assertNotIn("pw", (self.state / FILE).read_text())

    def test_wrong(self) -> None:
        """A wrong one is forgotten, with a sentence; the right one is asked about again."""
        self.logins.keep("s1", "me", "old")
        scene = self.scene()
        self.assertEqual(self.first, [("me", "old")])
        scene.server.tell(Failed(code="wrong-password", text="No.", re=self.keys[0]))
        scene.clock.advance(0)
        [notice] = [event for event in scene.events if isinstance(event, Notice)]
        self.assertIn("is forgotten", notice.text)
        self.assertIsNone(self.logins.find("s1", "me"))
        self.assertEqual(self.passwords(scene.reconnect()), [])
        self.log_in(scene, "new")
        self.assertTrue(scene.session.offer_to_keep())

    def test_wanted(self) -> None:
        """Nobody is asked for a password that is known already, unless it turns out wrong."""
        wanted = LoginWanted(account="Me", seconds=30)
        self.logins.keep("s1", "me", "pw")
        for right in (True, False):
            scene = self.scene()
            scene.server.tell(wanted)
            self.assertNotIn(wanted, scene.events)
            [key] = self.keys
            if right:
                scene.server.tell(LoggedIn(account="Me", nick="me", user="1", re=key))
            else:
                scene.server.tell(Failed(code="wrong-password", text="No.", re=key))
            scene.clock.advance(0)
            self.assertEqual(wanted in scene.events, not right)
        scene = self.scene()
        scene.server.tell(wanted)
        self.assertIn(wanted, scene.events)

    def test_changed(self) -> None:
        """A changed password is kept in place of the old one; who logs out stays out."""
        self.logins.keep("s1", "Me", "old")
        scene = self.scene()
        scene.server.tell(LoggedIn(account="Me", nick="me", user="1", re=self.keys[0]))
        scene.session.send(ChangePassword(id="c", old="old", new="new"))
        scene.server.tell(Notice(text="Done.", re="c"))
        self.assertEqual(self.logins.find("s1", "me"), "new")
        scene.server.tell(LoggedOut(nick="me", user="2"))
        self.assertEqual(self.passwords(scene.reconnect()), [])

    def test_not_possible(self) -> None:
        """What can't be written is said; the session goes on."""
        self.state.write_text("in the way")
        scene = self.scene()
        self.log_in(scene, "pw")
        self.assertFalse(scene.session.offer_to_keep())
        scene.clock.advance(0)
        [notice] = [event for event in scene.events if isinstance(event, Notice)]
        self.assertIn("can't be kept", notice.text)


class Asking(ChatTestCase):
    def test_yes_and_no(self) -> None:
        """Enter keeps it, Esc does not."""
        login = LoggedIn(account="me", nick="me", user="1", re="a")
        self.chat.on_event(login)
        self.assertIsNone(self.window.popup)
        self.session.offers = True
        self.chat.on_event(login)
        self.assertIn("Keep this login on this machine", "\n".join(self.draw()))
        self.press("n", "esc")
        self.assertEqual((self.window.popup, self.session.kept), (None, 0))
        self.chat.on_event(login)
        self.press("enter")
        self.assertEqual((self.window.popup, self.session.kept), (None, 1))
