"""What the hub does with the commands of people, step by step."""

from __future__ import annotations

from chatservice.domain.commands import (
    Join,
    Leave,
    Ping,
    Quit,
    Say,
    SetNick,
    Typing,
    Whois,
)
from chatservice.domain.errors import (
    BadName,
    EmptyText,
    NameTaken,
    SameName,
    TooLong,
)
from chatservice.domain.events import (
    Closing,
    Gone,
    Left,
    Message,
    Pong,
    Renamed,
    Roster,
    TypingNow,
    WhoisReply,
)
from chatservice.domain.people import fingerprint
from chatservice.domain.records import Said
from chatservice.domain.rooms import LOBBY
from chatservice.domain.session import State
from chatservice.domain.steps import Deliver, Disconnect
from tests.domain.hubcase import HubCase
from tests.world import SECRET, START


class SayTests(HubCase):
    def test_is_a_message_to_all_members_and_to_the_store(self) -> None:
        ann, bob = self.person("ann", secret=SECRET), self.person("bob")
        [step] = self.hub.execute(ann, Say(text=" hi ", kind="action", id="s"), START)
        message = Message(
            room=LOBBY,
            seq=1,
            id="1-1",
            nick="ann",
            user=ann.user,
            at=START,
            text=" hi",
            kind="action",
            re="s",
        )
        assert isinstance(step, Deliver)
        assert isinstance(step.record, Said)
        self.assertEqual((step.event, step.audience, step.origin), (message, (ann, bob), ann))
        self.assertEqual((step.record.message, step.record.room_id), (message, 1))
        self.assertEqual(step.record.client, fingerprint(SECRET))

    def test_without_an_id_there_is_no_retry_to_tell(self) -> None:
        [step] = self.hub.execute(self.person("ann"), Say(text="hi"), START)
        assert isinstance(step, Deliver)
        assert isinstance(step.record, Said)
        self.assertIsNone(step.record.client)

    def test_seqs_grow_and_times_never_go_back(self) -> None:
        ann = self.person("ann")
        said = [
            event
            for now in (START + 5, START + 3, START + 9)
            for event in self.tell(self.hub.execute(ann, Say(text="hi"), now))
            if isinstance(event, Message)
        ]
        self.assertEqual([each.seq for each in said], [1, 2, 3])
        self.assertEqual([each.at - START for each in said], [5, 5, 9])
        self.assertEqual(ann.spoke_at, START + 9)

    def test_text_is_cleaned_and_limited(self) -> None:
        ann = self.person("ann")
        [said] = self.do(ann, Say(text="\n a\x00b\r\nc\u202e \n"))
        assert isinstance(said, Message)
        self.assertEqual(said.text, " ab\nc")
        with self.assertRaises(EmptyText):
            self.hub.execute(ann, Say(text="\u200b \n"), START)
        with self.assertRaises(TooLong) as caught:
            self.hub.execute(ann, Say(text="x" * 21), START)
        self.assertIn("20", caught.exception.sentence)

    def test_goes_to_the_current_room_or_the_named_one(self) -> None:
        ann = self.person("ann")
        self.do(ann, Join(room="attic"))
        rooms = [
            event.room
            for room in (None, LOBBY, "#ATTIC")
            for event in self.do(ann, Say(text="hi", room=room))
            if isinstance(event, Message)
        ]
        self.assertEqual(rooms, ["attic", LOBBY, "attic"])


class NickTests(HubCase):
    def test_another_nick_is_told_to_all_members(self) -> None:
        ann, bob = self.person("ann"), self.person("bob")
        [step] = self.hub.execute(ann, SetNick(nick="anna b", id="n"), START)
        renamed = Renamed(old="ann", new="anna_b", user=ann.user, at=START, re="n")
        self.assertEqual(step, Deliver((ann, bob), renamed, origin=ann))
        assert isinstance(step, Deliver)
        self.assertIs(step.audience, self.hub._rooms.lobby.audience)

    def test_refusals(self) -> None:
        ann, _ = self.person("ann"), self.person("bob")
        for nick, error in (
            ("ann", SameName),
            ("BOB", NameTaken),
            ("b,c", BadName),
            ("", BadName),
            ("x" * 33, TooLong),
        ):
            with self.assertRaises(error):
                self.hub.execute(ann, SetNick(nick=nick), START)
        self.assertEqual(ann.nick, "ann")

    def test_before_hello(self) -> None:
        session = self.connect()
        [renamed] = self.do(session, SetNick(nick="ann"))
        self.assertIsInstance(renamed, Renamed)
        self.assertIs(session.state, State.PRESENT)


class AskingTests(HubCase):
    def test_ping(self) -> None:
        self.assertEqual(self.do(self.connect(), Ping(id="p")), [Pong(re="p")])

    def test_whois(self) -> None:
        ann, bob = self.person("ann"), self.person("bob")
        self.hub.execute(bob, Say(text="hi"), START + 7)
        reply = WhoisReply(person=bob.person, rooms=(LOBBY,), since=START, spoke=START + 7, re="w")
        for name in ("bob", "BOB", bob.user):
            self.assertEqual(self.do(ann, Whois(nick=name, id="w")), [reply])

    def test_typing_is_told_to_the_room(self) -> None:
        ann, bob = self.person("ann"), self.person("bob")
        [step] = self.hub.execute(ann, Typing(active=False), START)
        self.assertEqual(
            step,
            Deliver(
                (ann, bob),
                TypingNow(room=LOBBY, nick="ann", user=ann.user, active=False),
                origin=ann,
            ),
        )

    def test_quit(self) -> None:
        ann, bob = self.person("ann"), self.person("bob")
        left, gone, goodbye, closed = self.hub.execute(ann, Quit(), START)
        self.assertEqual(
            left, Deliver((bob,), Left(room=LOBBY, nick="ann", user=ann.user, at=START, gone=True))
        )
        self.assertEqual(gone, Deliver((bob,), Gone(nick="ann", user=ann.user, at=START)))
        self.assertEqual(goodbye, Deliver.to(ann, Closing(code="quit", text="Goodbye.")))
        self.assertEqual(closed, Disconnect(ann))
        self.assertEqual(self.hub.sessions, (bob,))


class RosterTests(HubCase):
    def test_is_there_once_after_each_change(self) -> None:
        self.assertIsNone(self.hub.take_roster())
        ann, listener = self.person("ann"), self.listener()
        self.assertEqual(
            self.hub.take_roster(), Deliver((ann, listener), Roster(people=(ann.person,)))
        )
        self.assertIsNone(self.hub.take_roster())
        for command in (SetNick(nick="anna"), Join(room="attic"), Leave(room=LOBBY)):
            self.do(ann, command)
            changed = not isinstance(command, Join)
            self.assertEqual(self.hub.take_roster() is not None, changed, command)

    def test_is_in_order_of_joining(self) -> None:
        people = [self.person(nick) for nick in ("zoe", "ann", "bob")]
        self.do(people[1], SetNick(nick="aaa"))
        roster = self.hub.take_roster()
        assert roster is not None
        self.assertEqual(roster.event, Roster(people=tuple(each.person for each in people)))
