"""What somebody asked for is done when the answer is there: as things are then, or not at all."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain.commands import (
    AskSettings,
    Ban,
    Command,
    Configure,
    Create,
    Delete,
    Edit,
    FindPeople,
    Hello,
    History,
    Join,
    Kick,
    Leave,
    Listen,
    ListPeople,
    ListRooms,
    Login,
    React,
    Register,
    RenameRoom,
    Say,
    SetAlwaysOn,
    SetRole,
    SetRoomPassword,
    SetTopic,
    Tell,
    Whois,
)
from chatservice.domain.events import (
    AccountChanged,
    Configured,
    Entered,
    Greeting,
    HistoryPage,
    Joined,
    People,
    PeopleFound,
    RoleGiven,
    Rooms,
    Topic,
    WhoisReply,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import Session
from tests.chatcase import ChatCase, codes, texts
from tests.world import SECRET

PASSWORD = "long enough"


class WaitingTests(ChatCase):
    """Somebody does not read its answers, and so decides when what it asked for goes on."""

    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Join(room="attic"))
        for text in "123456":
            self.world.do(self.ann, Say(text=text))

    def begin(self, *asked: Join | History | SetRoomPassword | Edit) -> None:
        self.ears.slow = []
        self.world.do(self.bob, *asked)

    def read(self) -> list[str]:
        """Let bob read, and all go on; give what is refused then."""
        while self.ears.slow:
            self.ears.slow.pop()()
            self.world.settle()
        self.ears.slow = None
        told = self.ears.take(self.bob)
        self.assertEqual([each for each in told if isinstance(each, Entered | HistoryPage)], [])
        return codes(told)

    def assert_hears_nothing(self) -> None:
        self.world.do(self.ann, Say(text="secret"))
        self.assertEqual(texts(self.ears.take(self.bob)), [])

    def test_who_is_banned_meanwhile_does_not_come_in(self) -> None:
        self.begin(Join(room="attic", since=0))
        self.world.do(self.ann, Ban(who="bob"))
        self.assertEqual(self.read(), ["banned"])
        self.assert_hears_nothing()

    def test_nor_does_anybody_once_the_room_is_closed(self) -> None:
        self.begin(Join(room="attic", since=0))
        self.world.do(self.ann, Configure(invite_only=True))
        self.assertEqual(self.read(), ["invitation-needed"])
        self.world.do(self.ann, Configure(invite_only=False))
        self.begin(Join(room="attic", since=0))
        self.ears.slow, slow = None, self.ears.slow
        self.world.do(self.ann, SetRoomPassword(password="open sesame"))
        self.ears.slow = slow
        self.assertEqual(self.read(), ["password-needed"])
        self.assert_hears_nothing()

    def test_nor_with_a_password_that_was_right(self) -> None:
        self.world.do(self.ann, SetRoomPassword(password="open sesame"))
        self.begin(Join(room="attic", password="open sesame", since=0))
        self.ears.slow, slow = None, self.ears.slow
        self.world.do(self.ann, SetRoomPassword(password="another"))
        self.ears.slow = slow
        self.assertEqual(self.read(), ["password-needed"])
        self.assert_hears_nothing()

    def test_who_is_kicked_while_it_resumes_stays_out(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, Configure(invite_only=True))
        self.ears.told.clear()
        self.begin(Join(room="attic", since=0))
        self.world.do(self.ann, Kick(nick="bob"))
        self.assertEqual(self.read(), ["not-in-room"])
        self.assert_hears_nothing()

    def test_history_is_not_for_who_was_put_out_before_it_was_read(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.ears.told.clear()
        self.begin(History(room="attic"))
        self.world.do(self.ann, Kick(nick="bob"), Say(text="bob is gone"))
        self.assertEqual(self.read(), ["not-in-room"])

    def test_a_password_is_not_set_by_who_is_no_operator_any_more(self) -> None:
        self.world.do(self.bob, Join(room="attic"))
        self.world.do(self.ann, SetRole(nick="bob", role="operator"))
        self.ears.told.clear()
        self.begin(SetRoomPassword(room="attic", password="of bob"))
        self.world.do(self.ann, SetRole(nick="bob", role="member"))
        self.assertEqual(self.read(), ["operator-needed"])
        [room] = [room for room in self.world.hub.rooms if room.name == "attic"]
        self.assertIsNone(room.policy.password)

    def test_nothing_is_edited_by_who_was_put_out(self) -> None:
        self.world.do(self.bob, Join(room="attic"), Say(text="nice"))
        for text in "789":
            self.world.do(self.ann, Say(text=text))
        self.ears.told.clear()
        self.begin(Edit(room="attic", seq=7, text="spam"))
        self.world.do(self.ann, Ban(who="bob"))
        self.assertEqual(self.read(), ["not-in-room"])
        room = next(room for room in self.world.hub.rooms if room.name == "attic")
        self.assertIn("nice", [each.text for each in self.world.store.kept(room.id)])


class KeptFirstTests(ChatCase):
    """What cannot be undone is done once it is kept."""

    def refuse(self, session: Session, *asked: Register | RenameRoom | SetAlwaysOn) -> None:
        """Ask, with a store that will refuse it when it is released."""
        self.hold()
        self.world.do(session, *asked)
        self.world.store.broken = "full"

    def go_on(self) -> None:
        while self.world.worker.release():
            self.world.settle()
        self.world.worker.hold, self.world.store.broken = False, None

    def test_an_account_that_is_not_kept_is_nobodys(self) -> None:
        self.world.do(self.ann, Join(room="attic"), Say(text="hi"))
        self.world.do(self.bob, Join(room="attic"))
        self.ears.told.clear()
        self.refuse(self.ann, Register(password=PASSWORD))
        self.go_on()
        self.assertEqual(codes(self.ears.take(self.ann)), ["not-stored"])
        told = self.ears.take(self.bob)
        self.assertEqual([each for each in told if isinstance(each, AccountChanged)], [])
        self.assertEqual(codes(self.world.do(self.ann, Configure(secret=True))), [])
        mallory = self.world.connect("10.0.0.9:1")
        register = Register(account="ann2", password=PASSWORD)
        self.world.do(mallory, Hello(nick="mallory"), register, Join(room="attic"))
        refused = codes(self.world.do(mallory, Configure(room="attic", secret=False)))
        self.assertEqual(refused, ["operator-needed"])
        self.assertEqual(codes(self.world.do(self.ann, Register(password=PASSWORD))), [])

    def test_nobody_else_gets_its_name_meanwhile_or_logs_in_to_it(self) -> None:
        self.hold()
        register = Register(account="carol", password=PASSWORD)
        self.world.do(self.ann, register)
        self.assertEqual(codes(self.world.do(self.bob, register)), ["name-taken"])
        login = Login(nick="carol", password=PASSWORD)
        self.assertEqual(codes(self.world.do(self.bob, login)), ["wrong-password"])
        self.go_on()
        self.assertEqual((self.ann.account, self.bob.account), ("carol", None))

    def test_an_account_is_kept_whose_maker_leaves_meanwhile(self) -> None:
        self.hold()
        self.world.do(self.ann, Register(password=PASSWORD))
        self.chat.disconnect(self.ann)
        self.go_on()
        self.world.settle()
        self.assertEqual(self.world.hub.accounts, 1)
        self.assertEqual(codes(self.world.do(self.bob, Login(nick="ann", password=PASSWORD))), [])

    def test_nobody_stays_whose_wish_is_not_kept(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        for active in (True, False):
            self.refuse(self.ann, SetAlwaysOn(active=active))
            self.go_on()
            self.assertEqual(self.ann.stand_in is not None, not active)
            self.world.do(self.ann, SetAlwaysOn(active=True))

    def test_a_room_keeps_its_name_until_the_other_one_is_kept(self) -> None:
        self.world.do(self.ann, Join(room="attic"), Say(text="hi"))
        self.refuse(self.ann, RenameRoom(room="attic", new="loft"))
        self.world.do(self.bob, Join(room="attic"))
        self.assertEqual(codes(self.world.do(self.bob, Join(room="loft"))), ["room-exists"])
        self.go_on()
        self.assertEqual(codes(self.ears.take(self.ann)), ["not-stored"])
        self.assertEqual([room.name for room in self.world.hub.rooms], ["lobby", "attic"])
        self.assertEqual(texts(self.world.do(self.bob, Say(room="attic", text="on"))), ["on"])
        self.assertEqual(codes(self.world.do(self.bob, Join(room="loft"))), [])

    def test_a_room_that_could_not_be_kept_keeps_its_name_too(self) -> None:
        self.world.do(self.ann, Join(room="attic"))
        self.ears.slow, self.world.store.broken = [], "full"
        self.world.do(self.ann, RenameRoom(room="attic", new="loft"))
        (drained,), self.ears.slow, self.world.store.broken = self.ears.slow, None, None
        drained()
        self.world.settle()
        self.assertEqual(codes(self.ears.take(self.ann)), ["not-stored"])
        self.world.do(self.ann, Say(room="attic", text="hi"))
        self.assertEqual(codes(self.world.do(self.ann, RenameRoom(room="attic", new="loft"))), [])
        self.world.restart()
        self.assertEqual({room.name for room in self.world.hub.rooms}, {"lobby", "loft"})

    def test_what_was_refused_before_stands_in_the_way_of_nothing(self) -> None:
        """Neither of what is said at the same time, nor of what is said afterwards."""
        self.refuse(self.ann, Register(password=PASSWORD))
        self.world.do(self.bob, Say(text="meanwhile"))
        self.go_on()
        self.assertEqual(codes(self.ears.take(self.bob)), ["not-stored"])
        self.assertEqual(texts(self.world.do(self.bob, Say(text="now"))), ["now"])

    def test_what_is_asked_next_is_done_on_top_of_nothing_that_is_refused(self) -> None:
        self.hold()
        self.world.do(self.ann, Create(room="cellar", invite_only=True))
        self.world.store.broken = "full"
        self.world.worker.release()
        told = self.world.do(self.ann, SetRoomPassword(room="cellar", password="open"))
        self.go_on()
        told += self.ears.take(self.ann)
        self.assertEqual([each.locked for each in told if isinstance(each, Entered)], [False])
        self.assertEqual(codes(told), ["not-stored", "not-stored"])

    def test_nor_is_what_was_kept_before_taken_back_if_it_is_not_told_yet(self) -> None:
        self.hold()
        self.world.do(self.bob, Say(text="kept"))
        self.world.do(self.ann, Register(password=PASSWORD))
        self.world.worker.release(1)
        self.world.store.broken = "full"
        self.go_on()
        self.assertEqual(codes(self.ears.take(self.bob)), [])
        self.assertEqual(texts(self.ears.take(self.ann)), ["kept"])


class MembershipTests(ChatCase):
    """Who may come back, and that the store says the same."""

    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Join(room="attic"), Say(text="hi"))
        self.world.do(self.bob, Join(room="attic"))
        [_, self.room] = self.world.hub.rooms
        self.ears.told.clear()

    def test_a_room_that_was_not_closed_has_let_nobody_in(self) -> None:
        self.world.store.broken = "full"
        refused = codes(self.world.do(self.ann, Configure(invite_only=True)))
        self.assertEqual(set(refused), {"not-stored"})
        self.assertEqual(list(self.room.policy.roles), [self.ann.identity])

    def test_a_room_that_is_not_kept_and_that_all_have_left_is_gone(self) -> None:
        self.world.store.broken = "full"
        for come in (Create(room="cellar", invite_only=True), Join(room="cellar")):
            for command in (come, SetTopic(room="cellar", topic="dark"), Leave(room="cellar")):
                self.chat.execute(self.ann, command)
            self.world.settle()
            self.assertEqual([each.name for each in self.world.hub.rooms], [LOBBY, "attic"])

    def test_who_puts_somebody_out_is_told_if_that_is_not_kept(self) -> None:
        self.world.do(self.ann, Configure(invite_only=True))
        self.world.store.broken = "full"
        self.assertEqual(codes(self.world.do(self.ann, Kick(nick="bob"))), ["not-stored"])
        self.assertEqual(codes(self.ears.take(self.bob)), [])
        self.world.store.broken = None
        self.assertEqual(codes(self.world.do(self.bob, Join(room="attic"))), [])


class FirstLetterTests(ChatCase):
    def test_what_takes_several_records_is_refused_once(self) -> None:
        for session in (self.ann, self.bob):
            self.world.do(session, Register(password=PASSWORD))
        self.chat.disconnect(self.bob)
        self.world.settle()
        self.world.store.broken = "full"
        self.assertEqual(codes(self.world.do(self.ann, Tell(to="bob", text="hi"))), ["not-stored"])
        self.world.do(self.ann, Join(room="attic"))
        self.assertEqual(codes(self.world.do(self.ann, Say(text="hi"))), ["not-stored"])


class ComingInTests(ChatCase):
    """Who comes in while changes wait is shown none that are refused."""

    def setUp(self) -> None:
        super().setUp()
        self.world.do(self.ann, Join(room="attic"), SetTopic(topic="old"))
        self.world.do(self.ann, Say(text="said"), Say(text="wrong"))
        self.ears.told.clear()

    def come(self, *changes: Command, broken: str | None = "full") -> tuple[Entered, Topic]:
        self.hold()
        self.world.do(self.ann, *(replace(change, id="c") for change in changes))
        self.world.do(self.bob, Join(room="attic", since=0), SetTopic(id="t"))
        self.world.store.broken = broken
        self.release()
        told = self.ears.take(self.bob)
        [entered] = [each for each in told if isinstance(each, Entered)]
        [answer] = [each for each in told if isinstance(each, Topic)]
        return entered, answer

    def test_a_change_that_is_refused(self) -> None:
        entered, answer = self.come(
            SetTopic(topic="new"),
            Edit(seq=1, text="edited"),
            Delete(seq=2),
            React(seq=1, reaction="+"),
        )
        shown = [(each.text, each.deleted, each.reactions) for each in entered.messages]
        self.assertEqual(shown, [("said", False, ()), ("wrong", False, ())])
        self.assertEqual((entered.topic, entered.topic_by), ("old", "ann"))
        self.assertEqual((answer.topic, answer.set_by, answer.re), ("old", "ann", "t"))
        self.assertEqual(set(codes(self.ears.take(self.ann))), {"not-stored"})

    def test_how_a_room_is(self) -> None:
        self.world.do(self.ann, Configure(secret=True))
        entered, _ = self.come(Configure(secret=False))
        self.assertTrue(entered.secret)

    def test_who_is_what_in_it(self) -> None:
        eve = self.world.person("eve", "attic")
        entered, _ = self.come(SetRole(nick="eve", role="operator"))
        roles = {person.nick: person.role for person in entered.people}
        self.assertEqual(roles, {"ann": "operator", "eve": None, "bob": None})
        self.assertEqual(codes(self.ears.take(eve)), [])

    def test_who_asks_is_told_that_too(self) -> None:
        eve = self.world.person("eve", "attic")
        self.world.do(self.ann, Configure(secret=True))
        self.hold()
        self.world.do(self.ann, SetRole(nick="eve", role="voice"), SetTopic(topic="new"))
        self.world.do(eve, ListPeople(room="attic"), ListRooms())
        self.world.do(self.ann, Configure(secret=False))
        self.world.do(self.bob, ListRooms())
        self.world.store.broken = "full"
        self.release()
        told = self.ears.take(eve)
        [people] = [each for each in told if isinstance(each, People)]
        self.assertEqual([each.role for each in people.people], ["operator", None])
        [rooms] = [each for each in told if isinstance(each, Rooms)]
        self.assertEqual([each.topic for each in rooms.rooms], [None, "old"])
        [rooms] = [each for each in self.ears.take(self.bob) if isinstance(each, Rooms)]
        self.assertEqual([each.room for each in rooms.rooms], [LOBBY])

    def test_who_asks_how_a_room_is_or_about_somebody_is_told_that_too(self) -> None:
        eve = self.world.person("eve", "attic")
        self.hold()
        self.world.do(self.ann, SetRole(nick="eve", role="voice"), Configure(moderated=True))
        self.world.do(eve, AskSettings(room="attic"), FindPeople(room="attic"), Whois(nick="eve"))
        self.world.do(self.ann, Configure(external=False))
        self.world.store.broken = "full"
        self.release()
        configured, found, whois = self.ears.take(eve)
        assert isinstance(configured, Configured) and isinstance(found, PeopleFound)
        assert isinstance(whois, WhoisReply)
        self.assertFalse(configured.moderated)
        self.assertEqual([each.person.role for each in found.people], ["operator", None])
        self.assertEqual((whois.rooms, whois.voice_in), (("attic",), ()))
        *_, configured = self.ears.take(self.ann)
        assert isinstance(configured, Configured)
        self.assertFalse(configured.moderated)

    def test_who_is_to_be_something_where_nothing_is_kept_so_far(self) -> None:
        self.world.do(self.ann, Join(room="den"))
        self.world.do(self.bob, Join(room="den"))
        self.ears.told.clear()
        self.world.store.broken = "full"
        voice = SetRole(room="den", nick="bob", role="voice")
        told = self.world.do(self.ann, voice, voice)
        self.assertEqual(codes(told), ["not-stored"])
        roles = [(each.was, each.role) for each in told if isinstance(each, RoleGiven)]
        self.assertEqual(roles, [("member", "member")])
        self.assertEqual(self.ears.take(self.bob), [])

    def test_what_a_guest_was_and_its_account_is_not(self) -> None:
        """Neither as the first connection of the account nor as one more."""
        self.world.do(self.bob, Register(password=PASSWORD))
        for others in (True, False):
            guest = self.world.person("guest", "attic")
            self.world.do(self.ann, SetRole(room="attic", nick="guest", role="voice"))
            if not others:
                self.chat.disconnect(self.bob)
                self.world.settle()
            self.ears.told.clear()
            self.world.store.broken = "full"
            self.world.do(guest, Login(nick="bob", password=PASSWORD))
            self.world.store.broken = None
            told = self.ears.take(self.ann)
            self.assertEqual([each for each in told if isinstance(each, RoleGiven)], [])
            joined = [each.person.role for each in told if isinstance(each, Joined)]
            self.assertEqual(joined, [None] if others else [])
            [room] = [each for each in self.world.hub.rooms if each.name == "attic"]
            self.assertEqual([each.role for each in room.people], ["operator", None])
            self.chat.disconnect(guest)

    def test_a_role_that_is_the_first_thing_to_be_kept_of_a_room(self) -> None:
        self.world.do(self.ann, Join(room="cellar"))
        self.world.do(self.bob, Join(room="cellar"))
        self.world.store.broken = "full"
        role = SetRole(room="cellar", nick="bob", role="operator", id="r")
        self.assertEqual(codes(self.world.do(self.ann, role)), ["not-stored"])
        told = [type(each) for each in self.ears.take(self.bob)]
        self.assertNotIn(RoleGiven, told)
        [room] = [each for each in self.world.hub.rooms if each.name == "cellar"]
        self.assertEqual([each.role for each in room.people], ["operator", None])

    def test_who_is_there_by_another_connection_by_then(self) -> None:
        self.world.person("eve", "attic")
        self.hold()
        self.world.do(self.ann, SetRole(nick="eve", role="voice"))
        self.world.do(self.world.connect(), Hello(client=SECRET + "eve"))
        self.world.store.broken = "full"
        self.release()
        [room] = [each for each in self.world.hub.rooms if each.name == "attic"]
        self.assertEqual([each.role for each in room.people], ["operator", None])

    def test_what_is_kept_is_shown(self) -> None:
        entered, answer = self.come(SetTopic(topic="new"), Delete(seq=2), broken=None)
        self.assertEqual([each.text for each in entered.messages], ["said", ""])
        self.assertEqual((entered.topic, answer.topic), ("new", "new"))

    def test_who_listens_to_the_lobby(self) -> None:
        self.world.do(self.ann, Say(room=LOBBY, text="said"))
        listener = self.world.connect()
        self.hold()
        self.world.do(self.ann, Edit(room=LOBBY, seq=1, text="edited"))
        self.world.do(listener, Listen(default_nick="User_1"))
        self.world.store.broken = "full"
        self.release()
        [greeting] = [e for e in self.ears.take(listener) if isinstance(e, Greeting)]
        self.assertEqual([each.text for each in greeting.messages], ["said"])

    def test_nobody_learns_what_ids_its_author_gave_a_message(self) -> None:
        self.world.do(self.ann, Say(text="said", id="m"))
        entered, _ = self.come(Edit(seq=3, text="edited"))
        self.assertEqual([(each.text, each.re) for each in entered.messages][-1], ("said", None))


class ComingBackTests(ChatCase):
    def test_who_logs_in_first_and_was_a_guest_before_is_the_owner(self) -> None:
        """And nobody is left behind who has no connection."""
        owner = self.world.person("owner")
        self.world.do(owner, Register(password=PASSWORD), SetAlwaysOn(active=True))
        again = self.world.connect("10.0.0.7:1")
        self.world.do(again, Login(nick="owner", password=PASSWORD))
        self.world.do(again, Hello(nick="bob", client=SECRET + "bob"), Join(room="lobby"))
        self.assertEqual((again.account, again.nick), ("owner", "owner"))
        for session in (again, owner):
            self.chat.disconnect(session)
        self.world.settle()
        stand_ins = [each for each in self.world.hub.sessions if each.stands_in]
        self.assertEqual([each.account for each in stand_ins], ["owner"])
        new = self.world.connect("10.0.0.8:1")
        self.assertEqual(codes(self.world.do(new, Hello(nick="bob"))), [])

    def test_and_so_it_is_if_the_owner_was_not_there(self) -> None:
        self.world.do(self.ann, Register(account="owner", password=PASSWORD))
        self.chat.disconnect(self.ann)
        again = self.world.connect("10.0.0.7:1")
        self.world.do(again, Login(nick="owner", password=PASSWORD))
        self.world.do(again, Hello(client=SECRET + "bob"))
        self.assertEqual((again.account, again.nick), ("owner", "owner"))
        people = [each.nick for each in self.world.hub.rooms[0].people]
        self.assertEqual(people, ["owner"])
