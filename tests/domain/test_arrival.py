"""How a connection becomes a person: by hello, by listening, by taking an older one over."""

from __future__ import annotations

from chatservice.domain.arrivals import FEATURES
from chatservice.domain.commands import (
    Announce,
    Appear,
    Ban,
    Configure,
    Hello,
    Invite,
    Join,
    Kick,
    Leave,
    Listen,
    ListPeople,
    ListRooms,
    Ping,
    Say,
    SetNick,
    SetTopic,
    Typing,
)
from chatservice.domain.errors import (
    BadInput,
    NotInRoom,
    WrongState,
)
from chatservice.domain.events import (
    Closing,
    Entered,
    Exited,
    Failed,
    Gone,
    Greeting,
    Invited,
    Joined,
    Left,
    Message,
    Notice,
    Renamed,
    Topic,
    Welcome,
)
from chatservice.domain.records import KeptRoom, Page
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import State
from chatservice.domain.steps import Deliver, Disconnect, Read, Step
from tests.domain.hubcase import HubCase
from tests.world import SECRET, START


class HelloTests(HubCase):
    def test_is_answered_with_what_a_client_needs(self) -> None:
        session = self.connect()
        self.assertEqual(
            self.do(session, Hello(nick="ann", id="h")),
            [
                Welcome(
                    version=1,
                    features=FEATURES,
                    server="Test",
                    server_id="id",
                    nick="ann",
                    user="100000",
                    text_characters=20,
                    line_bytes=2000,
                    re="h",
                )
            ],
        )
        self.assertIs(session.state, State.PRESENT)
        self.assertEqual(self.hub.present, 1)

    def test_without_a_nick(self) -> None:
        session = self.connect()
        [welcome] = self.do(session, Hello())
        assert isinstance(welcome, Welcome)
        self.assertIsNone(welcome.nick)
        self.assertIs(session.state, State.NAMELESS)
        [renamed] = self.do(session, SetNick(nick="ann", id="n"))
        self.assertEqual(renamed, Renamed(old="", new="ann", user=session.user, at=START, re="n"))
        self.assertIs(session.state, State.PRESENT)

    def test_with_a_nick_that_cannot_be(self) -> None:
        self.person("ann")
        for nick, code in (
            *(("ann", "name-taken"), ("a|b", "bad-name"), ("x" * 33, "too-long")),
            *((f"{char}ann", "bad-name") for char in "+$~&%"),
        ):
            session = self.connect()
            welcome, failed = self.do(session, Hello(nick=nick, id="h"))
            assert isinstance(welcome, Welcome)
            assert isinstance(failed, Failed)
            self.assertEqual((welcome.nick, failed.code, failed.re), (None, code, "h"))
            self.assertIs(session.state, State.NAMELESS)

    def test_a_short_secret_is_refused_and_nothing_is_said_of_it(self) -> None:
        session = self.connect()
        with self.assertRaises(BadInput) as caught:
            self.hub.execute(session, Hello(client="x" * 15), START)
        self.assertNotIn("xx", caught.exception.sentence)
        self.assertIs(session.state, State.VISITOR)


class TakeOverTests(HubCase):
    def setUp(self) -> None:
        super().setUp()
        self.old = self.person("ann", secret=SECRET)
        self.bob = self.person("bob")
        self.user = self.old.user
        self.new = self.connect()

    def hello(self, nick: str | None = "ann") -> list[Step]:
        return self.hub.execute(self.new, Hello(nick=nick, client=SECRET), START)

    def test_the_older_connection_is_told_and_closed(self) -> None:
        told, closed, welcome = self.hello()
        self.assertEqual(
            told,
            Deliver.to(
                self.old, Closing(code="replaced", text="You are connected from elsewhere now.")
            ),
        )
        self.assertEqual(closed, Disconnect(self.old))
        assert isinstance(welcome, Deliver)
        assert isinstance(welcome.event, Welcome)
        self.assertEqual((welcome.event.nick, welcome.event.user), ("ann", self.user))
        self.assertIs(self.old.state, State.GONE)
        self.assertEqual(self.hub.disconnect(self.old, START), [])

    def test_the_others_notice_nothing(self) -> None:
        self.hub.take_roster()
        steps = self.hello()
        steps += self.hub.execute(self.new, Join(room=LOBBY, since=0), START)
        for step in steps:
            if isinstance(step, Deliver):
                self.assertNotIn(self.bob, step.audience)
        self.assertEqual(self.hub._rooms.lobby.audience, (self.bob, self.new))
        self.assertEqual([each.nick for each in self.hub._rooms.lobby.people], ["ann", "bob"])

    def test_lists_show_the_new_address(self) -> None:
        self.hello()
        self.assertEqual(self.hub._rooms.lobby.people[0].address, self.new.address)

    def test_the_nick_it_had_stays_whatever_is_asked_for(self) -> None:
        self.hello("anna")
        self.assertEqual(self.new.nick, "ann")

    def test_who_comes_back_hears_a_room_once_it_has_joined(self) -> None:
        self.hello()
        with self.assertRaises(NotInRoom):
            self.hub.execute(self.new, Say(text="hi"), START)
        [said] = self.hub.execute(self.bob, Say(text="hi"), START)
        assert isinstance(said, Deliver)
        self.assertEqual(said.audience, (self.bob,))
        [entered] = self.do(self.new, Join(room=LOBBY, since=0))
        assert isinstance(entered, Entered)
        self.assertEqual(entered.messages, (said.event,))
        self.assertEqual([each.nick for each in entered.people], ["ann", "bob"])

    def test_a_room_that_is_not_joined_again_can_be_left(self) -> None:
        self.hello()
        exited, left = self.do(self.new, Leave(room=LOBBY))
        self.assertEqual(exited, Exited(room=LOBBY))
        self.assertIsInstance(left, Left)

    def test_who_does_not_join_again_still_leaves_in_the_end(self) -> None:
        self.hello()
        steps = self.hub.disconnect(self.new, START)
        self.assertEqual(
            steps,
            [
                Deliver(
                    (self.bob,), Left(room=LOBBY, nick="ann", user=self.user, at=START, gone=True)
                ),
                Deliver((self.bob,), Gone(nick="ann", user=self.user, at=START)),
            ],
        )


class ListenTests(HubCase):
    """The wires that greet."""

    def test_greets_with_the_lobby_and_is_seen_by_nobody(self) -> None:
        ann = self.person("ann")
        self.do(ann, Say(text="hi"))
        session = self.connect()
        [step] = self.hub.execute(session, Listen(default_nick="User_1"), START)
        assert isinstance(step, Deliver)
        assert isinstance(step.event, Greeting)
        self.assertEqual([each.text for each in step.event.messages], ["hi"])
        self.assertEqual(step.event.people, (ann.person,))
        self.assertEqual(self.hub.present, 1)
        [said] = self.hub.execute(ann, Say(text="you"), START)
        assert isinstance(said, Deliver)
        self.assertEqual(said.audience, (ann, session))

    def test_a_lobby_that_is_not_in_memory_is_read_first(self) -> None:
        self.hub = self.make_hub(KeptRoom(id=3, name=LOBBY, seq=2, at=START))
        session = self.connect()
        [read] = self.hub.execute(session, Listen(default_nick="User_1", id="l"), START)
        assert isinstance(read, Read)
        self.assertEqual((read.session, read.re), (session, "l"))
        self.assertEqual((read.window.room_id, read.window.limit), (3, 50))
        self.assertFalse(self.hub._rooms.lobby.hears(session))
        stored = Message(room=LOBBY, seq=2, id="3-2", nick="old", user="1", at=START, text="before")
        [greeting] = self.tell(read.resume(Page(messages=(stored,), more=False), START))
        assert isinstance(greeting, Greeting)
        self.assertEqual(greeting.messages, (stored,))
        self.assertTrue(self.hub._rooms.lobby.hears(session))

    def test_the_first_text_makes_a_person(self) -> None:
        ann, session = self.person("ann"), self.listener()
        joined, said = self.do(session, Say(text="hi"))
        assert isinstance(joined, Joined)
        assert isinstance(said, Message)
        self.assertEqual(joined.person.nick, f"User_{session.address}")
        self.assertEqual(said.nick, joined.person.nick)
        self.assertIs(session.state, State.PRESENT)
        self.assertEqual(self.hub.present, 2)
        self.assertEqual(self.hub._rooms.lobby.people, (ann.person, session.person))

    def test_who_has_no_nick_does_nothing_that_is_told_with_it(self) -> None:
        self.person("bob")
        session = self.listener()
        self.hub._people.make_operator(session, True)
        told = Kick(nick="bob"), Ban(who="bob"), Configure(moderated=True), Announce(text="hi")
        for command in told:
            self.assertRaises(WrongState, self.hub.execute, session, command, START)
        self.do(session, SetNick(nick="eve"))
        for command in told:
            self.do(session, command)

    def test_so_does_whatever_else_has_an_author(self) -> None:
        ann, bob = self.person("ann"), self.person("bob")
        self.do(bob, Leave(room=LOBBY))
        self.hub._people.make_operator(ann, True)
        self.do(ann, Configure(room=LOBBY, topic_rule="all"))
        for command in (Invite(nick="bob"), SetTopic(topic="ours")):
            session = self.listener()
            joined, told, *_ = self.do(session, command)
            assert isinstance(joined, Joined)
            assert isinstance(told, Invited | Topic)
            by = told.by if isinstance(told, Invited) else told.nick
            self.assertEqual((by, joined.person.nick), (session.nick, session.nick))
            self.assertTrue(by)

    def test_so_does_a_nick(self) -> None:
        session = self.listener()
        [joined] = self.do(session, SetNick(nick="ann"))
        self.assertEqual(joined, Joined(room=LOBBY, person=session.person, at=START))

    def test_where_the_default_nick_is_taken_the_id_is_added(self) -> None:
        for _ in range(2):
            session = self.connect()
            self.hub.execute(session, Listen(default_nick="User_local"), START)
            self.do(session, Appear())
        self.assertEqual(session.nick, f"User_local_{session.user}")

    def test_so_does_joining_or_leaving(self) -> None:
        for command in (Join(room="attic"), Leave()):
            session = self.listener()
            self.assertIsInstance(self.do(session, command)[0], Joined)

    def test_who_is_banned_as_a_person_leaves_all_the_same(self) -> None:
        ann, session = self.person("ann"), self.listener()
        self.hub._people.make_operator(ann, True)
        self.do(ann, Ban(room=LOBBY, who="10.0.0.1"))
        told = self.do(session, Leave(id="l"))
        self.assertEqual([type(event) for event in told], [Renamed, Notice, Exited])
        self.assertEqual((session.rooms, session.current), ({}, None))
        self.assertEqual([person.nick for person in self.hub._rooms.lobby.people], ["ann"])

    def test_so_does_time(self) -> None:
        session = self.listener()
        [joined] = self.do(session, Appear())
        self.assertIsInstance(joined, Joined)
        self.assertEqual(self.do(session, Appear()), [])

    def test_only_questions_leave_it_unseen(self) -> None:
        session = self.listener()
        for command in (ListRooms(), ListPeople(), Ping(), Typing()):
            self.do(session, command)
        self.assertIs(session.state, State.NAMELESS)

    def test_an_unseen_listener_goes_unseen(self) -> None:
        session = self.listener()
        self.assertEqual(self.hub.disconnect(session, START), [])
        self.assertEqual(self.hub._rooms.lobby.audience, ())
