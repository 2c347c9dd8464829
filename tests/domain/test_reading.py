"""Reading what was said before, and telling how far one has come."""

from __future__ import annotations

from typing import Any

from chatservice.domain.commands import (
    AskRead,
    Configure,
    Conversations,
    Hello,
    History,
    Join,
    Login,
    Logout,
    MarkRead,
    Quit,
    Register,
    RenameRoom,
    Say,
    SetNick,
    Tell,
)
from chatservice.domain.events import (
    Conversation,
    ConversationList,
    Entered,
    Event,
    HistoryPage,
    ReadUpTo,
)
from chatservice.domain.records import MarkKept
from chatservice.domain.session import Session
from tests.chatcase import ChatCase, codes
from tests.world import SECRET, START

PASSWORD = "correct horse"


class ReadingCase(ChatCase):
    def one(self, told: list[Event], kind: type) -> Event:
        [found] = [event for event in told if isinstance(event, kind)]
        return found

    def another(self, nick: str) -> Session:
        """One more connection of an account's owner."""
        session = self.world.connect("10.0.0.9:9")
        self.world.do(session, Hello(nick="guest"), Login(nick=nick, password=PASSWORD))
        self.ears.told.clear()
        return session


class HistoryTests(ReadingCase):
    def setUp(self) -> None:
        super().setUp()
        self.times: list[int] = []
        for text in "12345":
            self.world.clock.advance(1)
            self.times.append(self.world.wall())
            self.world.do(self.ann, Say(text=text))
        self.ears.told.clear()

    def read(self, command: History) -> str:
        page = self.one(self.world.do(self.bob, command), HistoryPage)
        assert isinstance(page, HistoryPage)
        return "".join(message.text for message in page.messages) + ("+" if page.more else "")

    def test_between_two_bounds_from_either_end(self) -> None:
        for command, shown in (
            (History(after=1, before=5), "234"),
            (History(after=1, before=5, limit=2), "23+"),
            (History(after=1, before=5, limit=2, newest=True), "34+"),
            (History(after_id="1-1", before_id="1-5"), "234"),
            (History(after_at=self.times[0], before_at=self.times[4]), "234"),
            (History(after_id="1-1", before_at=self.times[4], limit=1), "2+"),
            (History(after=5, before=1, limit=2), "34+"),
            (History(after_at=self.times[4], before_id="1-1", limit=2), "34+"),
            (History(after=3, before=3), ""),
            (History(after=3, before=4), ""),
        ):
            self.assertEqual(self.read(command), shown, command)

    def test_the_newest_after_something(self) -> None:
        for command, shown in (
            (History(after=2, limit=2), "34+"),
            (History(after=2, limit=2, newest=True), "45+"),
            (History(after_at=self.times[2], newest=True), "45"),
        ):
            self.assertEqual(self.read(command), shown, command)

    def test_around_a_message_or_a_time(self) -> None:
        for command in (
            History(around_id="1-3", limit=3),
            History(around_at=self.times[2], limit=3),
            History(around_at=self.times[2] - 1, limit=3),
        ):
            self.assertEqual(self.read(command), "234+", command)

    def test_an_id_of_another_room_is_none_of_this_one(self) -> None:
        for message_id in ("2-1", "1", "1-x", "x", ""):
            told = self.world.do(self.bob, History(before_id=message_id))
            self.assertEqual(codes(told), ["no-such-message"], message_id)


class ConversationTests(ReadingCase):
    def listed(self, session: Session, **bounds: Any) -> list[Conversation]:
        told = self.one(self.world.do(session, Conversations(**bounds)), ConversationList)
        assert isinstance(told, ConversationList)
        return list(told.conversations)

    def setUp(self) -> None:
        super().setUp()
        for session in (self.ann, self.bob):
            self.world.do(session, Register(password=PASSWORD))
        self.world.do(self.ann, Join(room="attic"), Say(text="hi"))
        self.world.clock.advance(1)
        self.world.do(self.ann, Tell(to="bob", text="hi"))
        self.world.clock.advance(1)
        self.world.do(self.ann, Say(text="hi", room="lobby"))
        self.ears.told.clear()

    def test_rooms_one_is_in_and_kept_conversations_in_order_of_time(self) -> None:
        listed = self.listed(self.ann)
        self.assertEqual([each.room for each in listed], ["attic", "@bob", "lobby"])
        self.assertEqual([listed[n + 1].at - listed[n].at for n in (0, 1)], [1000, 1000])
        self.assertEqual([each.room for each in self.listed(self.bob)], ["@ann", "lobby"])

    def test_who_has_the_nick_of_somebody_else_hides_no_conversation(self) -> None:
        eve = self.world.person("eve")
        self.world.do(eve, Register(password=PASSWORD), Tell(to="ann", text="hi"), Quit())
        self.world.do(self.bob, SetNick(nick="eve"))
        listed = [each.room for each in self.listed(self.ann)]
        self.assertEqual(sorted(listed), ["@eve", "@eve", "attic", "lobby"])

    def test_between_two_times_and_up_to_a_number(self) -> None:
        first, second, third = (each.at for each in self.listed(self.ann))
        for bounds, rooms in (
            ({"after_at": first}, ["@bob", "lobby"]),
            ({"before_at": third}, ["attic", "@bob"]),
            ({"after_at": first, "before_at": third}, ["@bob"]),
            ({"limit": 1}, ["attic"]),
            ({"after_at": third, "before_at": first}, ["@bob"]),
            ({"after_at": third, "before_at": 1, "limit": 1}, ["@bob"]),
            ({"after_at": second, "before_at": second}, []),
        ):
            self.assertEqual([each.room for each in self.listed(self.ann, **bounds)], rooms)

    def test_where_nothing_was_said_or_all_is_hidden_there_is_nothing(self) -> None:
        self.world.do(self.ann, Configure(room="attic", history="joining"), Join(room="empty"))
        eve = self.world.person("eve", "attic", "empty")
        self.assertEqual(self.listed(eve), [])


class MarkTests(ReadingCase):
    def test_goes_forward_only_and_all_ones_connections_are_told(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        other = self.another("ann")
        told = self.world.do(self.ann, MarkRead(room="lobby", at=START, id="m"))
        self.assertEqual(told, [ReadUpTo(room="lobby", at=START, re="m")])
        self.assertEqual(self.ears.take(other), told)
        told = self.world.do(self.ann, MarkRead(room="lobby", at=START - 1, id="n"))
        self.assertEqual(told, [ReadUpTo(room="lobby", at=START, re="n")])
        self.assertEqual(self.ears.take(other), [])
        self.assertEqual(self.ears.take(self.bob), [])

    def test_a_person_is_one_place_by_whatever_nick(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD), SetNick(nick="anna"))
        self.world.do(self.bob, MarkRead(room="@anna", at=7))
        for name, shown in (("@anna", "@anna"), ("@ann", "@anna"), ("@Anna", "@Anna")):
            told = self.one(self.world.do(self.bob, AskRead(room=name)), ReadUpTo)
            self.assertEqual(told, ReadUpTo(room=shown, at=7))

    def test_is_told_to_who_asks_and_who_joins(self) -> None:
        for command in (AskRead(room="attic", id="a"), AskRead(room="@Bob", id="a")):
            self.world.do(self.ann, Join(room="attic"))
            [told] = self.world.do(self.ann, command)
            self.assertEqual(told, ReadUpTo(room=command.room, at=None, re="a"))
        self.world.do(self.ann, MarkRead(room="attic", at=7), MarkRead(room="@Bob", at=8))
        for room, at in (("attic", 7), ("@bob", 8)):
            [told] = self.world.do(self.ann, AskRead(room=room))
            self.assertEqual(told, ReadUpTo(room=room, at=at))
        entered = self.one(self.world.do(self.ann, Join(room="attic")), Entered)
        assert isinstance(entered, Entered)
        self.assertEqual(entered.read_at, 7)

    def test_a_client_that_comes_back_has_read_what_it_had(self) -> None:
        self.world.do(self.ann, MarkRead(room="lobby", at=7))
        again = self.world.connect()
        told = self.world.do(again, Hello(client=SECRET + "ann"), Join(room="lobby"))
        entered = self.one(told, Entered)
        assert isinstance(entered, Entered)
        self.assertEqual(entered.read_at, 7)

    def test_who_logs_in_or_out_is_told_what_it_has_read_as_who_it_is_now(self) -> None:
        self.world.do(self.ann, MarkRead(room="lobby", at=7))
        told = self.world.do(self.ann, Register(password=PASSWORD))
        self.assertEqual(self.one(told, ReadUpTo), ReadUpTo(room="lobby"))
        self.world.do(self.ann, MarkRead(room="lobby", at=9))
        told = self.world.do(self.ann, Logout())
        self.assertEqual(self.one(told, ReadUpTo), ReadUpTo(room="lobby", at=7))
        self.world.do(self.ann, MarkRead(room="lobby", at=9))
        told = self.world.do(self.ann, Login(nick="ann", password=PASSWORD))
        self.assertFalse([event for event in told if isinstance(event, ReadUpTo)])

    def test_a_person_by_its_id(self) -> None:
        told = self.world.do(self.ann, MarkRead(room=f"@{self.bob.user}", at=7))
        self.assertEqual(told, [ReadUpTo(room="@bob", at=7)])
        self.assertEqual(self.world.do(self.ann, AskRead(room="@bob")), told)

    def test_is_kept_for_accounts(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        self.world.do(self.ann, MarkRead(room="lobby", at=7), MarkRead(room="@bob", at=8))
        self.world.do(self.bob, MarkRead(room="lobby", at=9))
        self.world.restart()
        self.ears = self.world.ears
        ann = self.another("ann")
        self.world.do(ann, Join(room="lobby"))
        for room, at in (("lobby", 7), ("@bob", 8)):
            self.assertEqual(self.world.do(ann, AskRead(room=room)), [ReadUpTo(room=room, at=at)])
        bob = self.world.person("bob")
        self.assertEqual(self.world.do(bob, AskRead(room="lobby")), [ReadUpTo(room="lobby")])

    def test_what_cannot_be_kept_is_undone(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD), MarkRead(room="lobby", at=7))
        self.world.store.broken = "full"
        for command in (MarkRead(room="lobby", at=8), MarkRead(room="@bob", at=8)):
            self.assertIn("not-stored", codes(self.world.do(self.ann, command)))
        self.world.store.broken = None
        for room, at in (("lobby", 7), ("@bob", None)):
            told = self.world.do(self.ann, AskRead(room=room))
            self.assertEqual(told, [ReadUpTo(room=room, at=at)])

    def test_follows_a_room_to_its_new_name(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD), Join(room="attic"))
        self.world.do(self.bob, Join(room="attic"), MarkRead(room="attic", at=6))
        self.world.do(self.ann, MarkRead(room="attic", at=7))
        self.world.do(self.ann, RenameRoom(room="attic", new="loft"))
        self.ears.told.clear()
        for session, at in ((self.ann, 7), (self.bob, 6)):
            told = self.world.do(session, AskRead(room="loft"))
            self.assertEqual(told, [ReadUpTo(room="loft", at=at)])

    def test_nobody_has_read_what_is_still_to_be_said(self) -> None:
        told = self.world.do(self.ann, MarkRead(room="lobby", at=self.world.wall() + 1))
        self.assertEqual(told, [ReadUpTo(room="lobby", at=self.world.wall())])

    def test_nobody_has_read_what_was_said_before_there_were_times(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        told = self.world.do(self.ann, MarkRead(room="lobby", at=-(2**53)))
        self.assertEqual(told, [ReadUpTo(room="lobby", at=0)])
        self.world.store.append([MarkKept(account="ann", place="@bob", at=-(2**53))])
        self.world.restart()
        told = self.world.do(self.another("ann"), AskRead(room="@bob"))
        self.assertEqual(told, [ReadUpTo(room="@bob", at=0)])

    def test_refusals(self) -> None:
        for command, code in (
            (MarkRead(room="attic", at=1), "no-such-room"),
            (AskRead(room="attic"), "no-such-room"),
            (MarkRead(room="@1", at=1), "bad-name"),
        ):
            self.assertEqual(codes(self.world.do(self.ann, command)), [code])
        self.world.do(self.bob, Join(room="attic"))
        told = self.world.do(self.ann, MarkRead(room="attic", at=1))
        self.assertEqual(codes(told), ["not-in-room"])

    def test_there_are_only_so_many(self) -> None:
        most = self.world.limits.read_marks
        for number in range(most):
            self.ann.read[f"@{number}"] = 1
        told = self.world.do(self.ann, MarkRead(room="lobby", at=1))
        self.assertEqual(codes(told), ["limit-reached"])
        self.ann.read["#lobby"] = self.ann.read.pop("@0")
        self.assertEqual(codes(self.world.do(self.ann, MarkRead(room="lobby", at=2))), [])
