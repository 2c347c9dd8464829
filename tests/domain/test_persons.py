"""Several connections of one account are one person."""

from __future__ import annotations

from chatservice.domain.commands import (
    Configure,
    Create,
    Hello,
    Invite,
    Join,
    Kick,
    Leave,
    ListPeople,
    Login,
    Logout,
    Quit,
    Say,
    SetBot,
    SetNick,
    SetTopic,
    Tell,
    Typing,
    Whois,
)
from chatservice.domain.events import (
    Entered,
    Event,
    Exited,
    Gone,
    Joined,
    Left,
    LoggedIn,
    LoggedOut,
    Message,
    People,
    Private,
    Renamed,
    Roster,
    TypingNow,
    WhoisReply,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.chatcase import codes, texts
from tests.domain.test_accounts import PASSWORD, AccountCase
from tests.world import SECRET


class PersonTests(AccountCase):
    """ann is here twice; bob looks on."""

    def setUp(self) -> None:
        super().setUp()
        self.again = self.another()
        self.world.ears.told.clear()
        self.world.ears.own.clear()

    def another(self, *rooms: str, nick: str | None = None) -> Session:
        """One more connection of ann's."""
        session = self.world.connect("10.0.0.7:5007")
        self.world.do(session, Hello(nick=nick, client=SECRET + f"{len(self.world.hub.sessions)}"))
        joins = [Join(room=room) for room in rooms or (LOBBY,)]
        self.world.do(session, Login(nick="ann", password=PASSWORD), *joins)
        return session

    def heard(self, session: Session) -> list[type[Event]]:
        return [type(each) for each in self.do(session)]

    def lobby(self) -> list[str]:
        return [each.nick for each in self.world.hub._rooms.lobby.people]

    def test_has_one_id_and_nick_and_is_counted_and_shown_once(self) -> None:
        self.assertEqual((self.again.user, self.again.nick), (self.ann.user, "ann"))
        self.assertEqual(self.lobby(), ["ann", "bob"])
        self.assertEqual(self.world.hub.present, 2)
        self.assertEqual(len(self.world.hub.sessions), 3)
        [people] = self.do(self.bob, ListPeople())
        assert isinstance(people, People)
        self.assertEqual(people.people, (self.ann.person, self.bob.person))

    def test_comes_once_and_leaves_once(self) -> None:
        third = self.another()
        self.assertEqual(self.heard(self.bob), [])
        for session in (self.ann, third):
            self.do(session, Quit())
            self.assertEqual(self.heard(self.bob), [])
        self.do(self.again, Quit())
        self.assertEqual(self.heard(self.bob), [Left, Gone])
        self.assertEqual((self.lobby(), self.world.hub.present), (["bob"], 1))

    def test_leaves_a_room_with_its_last_connection(self) -> None:
        self.assertEqual([type(each) for each in self.do(self.ann, Leave())], [Exited])
        self.assertEqual((self.heard(self.bob), self.lobby()), ([], ["ann", "bob"]))
        self.do(self.ann, Join(room=LOBBY))
        self.assertEqual(self.heard(self.bob), [])
        self.do(self.ann, Leave())
        self.do(self.again, Leave())
        self.assertEqual(self.heard(self.bob), [Left])
        self.do(self.again, Join(room=LOBBY))
        self.assertEqual(self.heard(self.bob), [Joined])

    def test_a_connection_that_comes_back_is_shown_who_has_come_meanwhile(self) -> None:
        self.world.do(self.ann, Leave())
        self.world.person("cat")
        self.world.clock.pump([1, 1])
        self.world.ears.told.clear()
        people = self.world.hub._rooms.lobby.people
        for shown in ([Roster(people=people)], []):
            entered, *told = self.world.do(self.ann, Join(room=LOBBY))
            self.assertIsInstance(entered, Entered)
            self.assertEqual((told, self.world.ears.take(self.bob)), (shown, []))
            self.world.clock.advance(1)

    def test_is_a_member_until_its_last_connection_leaves(self) -> None:
        self.world.do(self.bob, Join(room="attic"), Say(text="hi", room="attic"))
        self.world.do(self.bob, Configure(room="attic", invite_only=True))
        self.world.do(self.bob, Invite(room="attic", nick="ann"))
        for each in (self.ann, self.again):
            self.world.do(each, Join(room="attic"))
        self.world.do(self.again, Leave(room="attic"))
        self.world.do(self.bob, Say(text="still here?", room="attic"))
        self.assertEqual(texts(self.world.ears.take(self.ann)), ["still here?"])
        self.world.do(self.ann, Quit())
        self.assertEqual(codes(self.world.do(self.again, Join(room="attic"))), [])
        self.world.do(self.again, Leave(room="attic"))
        told = self.world.do(self.again, Join(room="attic"))
        self.assertEqual(codes(told), ["invitation-needed"])

    def test_that_is_put_out_is_no_member_on_any_connection(self) -> None:
        self.world.do(self.bob, Create(room="attic", invite_only=True))
        self.world.do(self.bob, Invite(room="attic", nick="ann"))
        for each in (self.ann, self.again):
            self.world.do(each, Join(room="attic"))
        self.world.do(self.bob, Kick(room="attic", nick="ann"))
        for each in (self.ann, self.again):
            self.assertEqual(codes(self.world.do(each, Join(room="attic"))), ["invitation-needed"])

    def test_is_shown_where_any_of_its_connections_is(self) -> None:
        self.do(self.again, Join(room="attic"))
        [reply] = self.do(self.bob, Whois(nick="ann"))
        assert isinstance(reply, WhoisReply)
        self.assertEqual(set(reply.rooms), {LOBBY, "attic"})
        self.do(self.again, Quit())
        [reply] = self.do(self.bob, Whois(nick=self.ann.user))
        assert isinstance(reply, WhoisReply)
        self.assertEqual((reply.rooms, reply.person), ((LOBBY,), self.ann.person))

    def test_is_shown_with_the_address_of_a_connection_that_is_there(self) -> None:
        self.do(self.ann, Join(room="attic"))
        self.do(self.again, SetBot())
        self.do(self.again, Logout())
        *_, reply = self.do(self.bob, ListPeople(room="attic"))
        assert isinstance(reply, People)
        self.assertEqual([each.address for each in reply.people], [self.ann.address])

    def test_nor_with_that_of_one_whose_role_was_given_to_it_elsewhere(self) -> None:
        guest = self.world.connect("10.0.0.9:9")
        self.do(guest, Hello(nick="eve"), Join(room="attic"), SetTopic(topic="old"), Leave())
        self.do(self.ann, Join(room="attic"))
        self.do(guest, Login(nick="ann", password=PASSWORD))
        *_, reply = self.do(self.bob, ListPeople(room="attic"))
        assert isinstance(reply, People)
        self.assertEqual([each.address for each in reply.people], [self.ann.address])

    def test_is_found_after_the_first_connection_has_gone(self) -> None:
        self.do(self.ann, Quit())
        self.do(self.bob, Tell(to="ann", text="by nick"), Tell(to=self.again.user, text="by id"))
        self.assertEqual(self.heard(self.again), [Private, Private])

    def test_hears_what_it_says_itself_elsewhere(self) -> None:
        self.do(self.ann, Say(text="hi", id="s"))
        [message] = self.do(self.again)
        assert isinstance(message, Message)
        self.assertEqual((message.nick, message.user), ("ann", self.ann.user))
        self.assertNotIn(self.again, self.world.ears.own)

    def test_a_private_message_reaches_all_connections_of_both(self) -> None:
        self.do(self.bob, Tell(to="ann", text="hi"))
        self.assertEqual(self.heard(self.ann), [Private])
        self.assertEqual(self.heard(self.again), [Private])
        self.assertNotIn(self.again, self.world.ears.own)
        [own] = self.do(self.again, Tell(text="hi back", id="t"))
        assert isinstance(own, Private)
        self.assertEqual((own.to, own.re), ("bob", "t"))
        [copy] = self.do(self.ann)
        assert isinstance(copy, Private)
        self.assertEqual((copy.to, copy.re), ("bob", None))
        self.assertEqual(self.world.ears.own[self.ann][-1], copy)

    def test_what_one_tells_oneself_comes_once_to_each_connection(self) -> None:
        self.assertEqual(len(self.do(self.ann, Tell(to="ann", text="a note"))), 1)
        self.assertEqual(self.heard(self.again), [Private])

    def test_typing_is_for_the_others(self) -> None:
        self.do(self.ann, Typing())
        self.assertEqual(self.heard(self.again), [])
        self.assertEqual(self.heard(self.bob), [TypingNow])

    def test_takes_another_nick_with_all_connections(self) -> None:
        self.do(self.again, Join(room="attic"), SetNick(nick="anna"))
        self.assertEqual((self.ann.nick, self.again.nick), ("anna", "anna"))
        self.assertEqual(self.heard(self.ann), [Renamed])
        self.assertEqual(self.heard(self.bob), [Renamed])
        self.assertEqual(self.lobby(), ["anna", "bob"])
        third = self.another()
        self.assertEqual(third.nick, "anna")
        self.leave(self.ann, self.again, third)
        self.do(self.bob, SetNick(nick="anna"))
        self.assertEqual(self.bob.nick, "anna")

    def test_a_guest_that_turns_out_to_be_the_same_leaves_as_a_guest(self) -> None:
        self.do(self.again, Quit())
        guest = self.world.person("eve", LOBBY, "attic")
        told = self.do(guest, Login(nick="ann", password=PASSWORD))
        self.assertEqual(
            [type(each) for each in told], [LoggedIn, Left, Left, Joined, Entered, Entered]
        )
        rooms = {each.room: each for each in told if isinstance(each, Entered)}
        self.assertEqual([*rooms], ["lobby", "attic"])
        self.assertTrue(all(each.again and not each.messages for each in rooms.values()))
        self.assertEqual([each.nick for each in rooms["lobby"].people], ["ann", "bob"])
        self.assertEqual(self.heard(self.bob), [Left])
        self.assertEqual(self.lobby(), ["ann", "bob"])
        self.assertEqual(guest.user, self.ann.user)
        self.do(self.bob, SetNick(nick="eve"))
        self.assertEqual(self.bob.nick, "eve")

    def test_one_that_logs_out_is_a_guest_beside_the_others(self) -> None:
        told = self.do(self.again, Logout())
        self.assertEqual([type(each) for each in told], [LoggedOut, Joined, Entered])
        self.assertEqual(self.heard(self.bob), [Joined])
        self.assertNotEqual(self.again.user, self.ann.user)
        self.assertEqual(self.lobby(), ["ann", "bob", f"Guest_{self.again.user}"])
        self.assertEqual((self.ann.others, self.again.others), ((), ()))
        self.assertEqual((self.ann.account, self.again.account), ("ann", None))

    def test_a_client_that_comes_back_takes_its_own_connections_place(self) -> None:
        new = self.world.connect()
        told = self.world.do(new, Hello(client=SECRET + "ann"), Join(room=LOBBY, since=0))
        self.assertTrue(any(isinstance(each, Entered) for each in told))
        self.assertEqual(self.world.ears.closed, [self.ann])
        self.assertEqual((new.account, new.user), ("ann", self.again.user))
        self.assertEqual((new.others, self.again.others), ((self.again,), (new,)))
        self.assertNotIn(Joined, self.heard(self.bob))
        self.assertEqual(self.lobby(), ["ann", "bob"])
        self.leave(new, self.again)
        self.assertEqual(self.lobby(), ["bob"])
