"""Coming into the lobby at once, as the wires do that know nobody without a name."""

from __future__ import annotations

from chatservice.domain.commands import Ban, Enter, Say, Whois
from chatservice.domain.errors import BadName, BannedHere, NameTaken, NoSuchPerson
from chatservice.domain.events import Entered, Joined, Welcome
from chatservice.domain.records import KeptRoom, Page
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session, State
from chatservice.domain.steps import Deliver, Read
from tests.domain.hubcase import HubCase
from tests.world import START


class EnterTests(HubCase):
    def entered(self, command: Enter) -> Session:
        session = self.connect()
        welcome, entered, joined = self.do(session, command)
        assert isinstance(welcome, Welcome)
        assert isinstance(entered, Entered)
        self.assertEqual((welcome.nick, welcome.user), (session.nick, session.user))
        self.assertEqual((welcome.re, entered.re), (command.id, command.id))
        self.assertEqual(joined, Joined(room=LOBBY, person=session.person, at=START))
        self.assertIs(session.state, State.PRESENT)
        return session

    def test_under_a_nick(self) -> None:
        ann = self.person("ann")
        self.do(ann, Say(text="hi"))
        bob = self.entered(Enter(nick=" bob ", id="e"))
        self.assertEqual(bob.nick, "bob")
        self.assertEqual(self.hub._rooms.lobby.people, (ann.person, bob.person))
        [said] = self.hub.execute(bob, Say(text="hi"), START)
        assert isinstance(said, Deliver)
        self.assertEqual(said.audience, (ann, bob))

    def test_under_one_that_cannot_be(self) -> None:
        self.person("ann")
        session = self.connect()
        for nick, error in (("ann", NameTaken), ("a|b", BadName), ("", BadName)):
            with self.assertRaises(error):
                self.hub.execute(session, Enter(nick=nick), START)
            self.assertIs(session.state, State.VISITOR)
        self.assertEqual(self.hub.present, 1)

    def test_a_refusal_by_the_lobby_leaves_everything_as_it_was(self) -> None:
        session, root = self.connect(), self.person("root")
        root.operator = True
        self.do(root, Ban(who="bob", room=LOBBY))
        with self.assertRaises(BannedHere):
            self.hub.execute(session, Enter(nick="bob", realname="Bob"), START)
        self.assertIs(session.state, State.VISITOR)
        self.assertEqual((session.nick, session.realname, self.hub.present), (None, None, 1))
        with self.assertRaises(NoSuchPerson):
            self.do(root, Whois(nick="bob"))
        self.do(session, Enter(nick="rob"))
        self.assertEqual(session.nick, "rob")

    def test_a_refusal_does_not_take_the_name_of_who_is_here_already(self) -> None:
        ann, root = self.person("ann"), self.person("root")
        root.operator = True
        session = self.connect()
        self.hub._people.join(session, ann)
        self.do(root, Ban(who="ann!*@*", room=LOBBY))
        with self.assertRaises(BannedHere):
            self.hub.execute(session, Enter(), START)
        self.assertIs(session.state, State.VISITOR)
        self.assertEqual((ann.nick, self.hub.present), ("ann", 2))

    def test_as_the_owner_of_an_account_or_not_at_all(self) -> None:
        session = self.connect()
        self.assertEqual(self.hub.execute(session, Enter(nick="ann", owner=True), START), [])
        self.assertIs(session.state, State.VISITOR)

    def test_under_the_default_one(self) -> None:
        first = self.entered(Enter(default_nick="User-1"))
        second = self.entered(Enter(default_nick="User-1"))
        self.assertEqual((first.nick, second.nick), ("User-1", f"User-1_{second.user}"))

    def test_under_the_id(self) -> None:
        session = self.entered(Enter())
        self.assertEqual(session.nick, session.user)

    def test_a_lobby_that_is_not_in_memory_is_read_first(self) -> None:
        self.hub = self.make_hub(KeptRoom(id=3, name=LOBBY, seq=2, at=START))
        session = self.connect()
        welcome, read = self.hub.execute(session, Enter(nick="ann", id="e"), START)
        assert isinstance(welcome, Deliver)
        assert isinstance(read, Read)
        self.assertEqual(self.hub._rooms.lobby.people, ())
        entered, joined = self.tell(read.resume(Page(messages=(), more=False), START))
        self.assertIsInstance(entered, Entered)
        self.assertIsInstance(joined, Joined)
