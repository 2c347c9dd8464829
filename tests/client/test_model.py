"""The model: what events make of rooms, lines, counts and people."""

from __future__ import annotations

import random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import Say
from chatservice.domain.events import (
    Ack,
    AwayChanged,
    Deleted,
    Edited,
    Exited,
    Failed,
    HistoryPage,
    Joined,
    Left,
    LoggedIn,
    LoggedOut,
    Message,
    Notice,
    Renamed,
    TypingNow,
)
from tests.client.ui import NOON, entered, people, said, welcome
from urwidclient.model import ClientModel
from urwidclient.room import Changed, Room


def model_in_lobby(*messages: Message) -> tuple[ClientModel, Room]:
    """A model that has just entered the lobby."""
    model = ClientModel()
    model.apply(welcome(), NOON)
    model.apply(entered(*messages), NOON)
    return model, model.rooms["lobby"]


def seqs(room: Room) -> list[int]:
    """The seqs of the stored messages as shown."""
    return [line.seq for line in room.lines if line.stored]


def page(*messages: Message, more: bool = False, re: str | None = None) -> HistoryPage:
    """A page of the lobby's history."""
    return HistoryPage(room="lobby", messages=messages, more=more, re=re)


class Messages(SynchronousTestCase):
    def test_once(self) -> None:
        """A message whose seq was seen is not shown again, wherever it comes from."""
        model, room = model_in_lobby(said(1), said(2))
        model.apply(said(3), NOON)
        for again in (said(3), page(said(2), said(3)), entered(said(1), said(3))):
            model.apply(again, NOON)
        self.assertEqual(seqs(room), [1, 2, 3])
        self.assertEqual(room.unread, 1)

    def test_late_one_in_order(self) -> None:
        """A message that an acknowledgement overtook comes to its place."""
        model, room = model_in_lobby(said(1))
        model.hearing.say(model.rooms["lobby"], Say(id="a", text="mine"), NOON)
        model.apply(Ack(room="lobby", seq=3, id="x", at=NOON, re="a"), NOON)
        model.apply(said(2), NOON)
        self.assertEqual(seqs(room), [1, 2, 3])

    def test_any_order_of_pages(self) -> None:
        """However overlapping pages and live messages come in, each is shown once, in order."""
        for seed in range(200):
            chance = random.Random(seed)
            model, room = model_in_lobby(said(50))
            live = 51
            for _ in range(20):
                if chance.random() < 0.5:
                    model.apply(said(live), NOON)
                    live += 1
                else:
                    first = chance.randrange(1, live)
                    wanted = range(first, min(live, first + chance.randrange(1, 30)))
                    model.apply(page(*map(said, wanted)), NOON)
            found = seqs(room)
            self.assertEqual(found, sorted(set(found)), f"seed {seed}")
            self.assertTrue(set(range(50, live)) <= set(found), f"seed {seed}")

    def test_gap_after_a_reconnect(self) -> None:
        """What was said while away is shown in order and counts as unread."""
        model, room = model_in_lobby(said(1))
        model.apply(welcome(), NOON)
        model.apply(page(said(2), said(3), more=True), NOON)
        model.apply(entered(said(4, "hey me")), NOON)
        self.assertEqual(seqs(room), [1, 2, 3, 4])
        self.assertEqual((room.unread, room.mentions, room.marker), (3, 1, 1))

    def test_history_that_began_anew(self) -> None:
        """Another server, or one that forgot everything, makes no message look seen."""
        for anew in (welcome(server_id="s2"), entered(said(1, "new world"))):
            model, room = model_in_lobby(said(8), said(9))
            model.apply(anew, NOON)
            model.apply(entered(said(1, "new world")), NOON)
            self.assertEqual([line.text for line in room.lines], ["new world"])


class OwnMessages(SynchronousTestCase):
    def test_pending_then_sent(self) -> None:
        """An own message is last while it waits, then stands where its seq says."""
        model, room = model_in_lobby(said(1))
        model.hearing.say(model.rooms["lobby"], Say(id="a", text="mine"), NOON)
        model.apply(said(2), NOON)
        self.assertEqual([line.state for line in room.lines], ["sent", "sent", "pending"])
        model.apply(Renamed(old="me", new="moi", user="123456", at=NOON), NOON)
        model.apply(Ack(room="lobby", seq=3, id="x", at=NOON + 9, re="a"), NOON)
        model.apply(said(4), NOON)
        self.assertEqual(seqs(room), [1, 2, 3, 4])
        mine = room.lines[-2]
        self.assertEqual((mine.text, mine.state, mine.at), ("mine", "sent", NOON + 9))
        self.assertEqual(mine.nick, "moi")
        self.assertEqual(room.unread, 2)

    def test_failed(self) -> None:
        """A refused message says why, and stays where it was."""
        model, room = model_in_lobby(said(1))
        model.hearing.say(model.rooms["lobby"], Say(id="a", text="mine"), NOON)
        model.apply(Failed(code="not-stored", text="The disk is full.", re="a"), NOON)
        model.apply(said(2), NOON)
        self.assertEqual([line.state for line in room.lines], ["sent", "failed", "sent"])
        self.assertEqual(room.lines[1].reason, "The disk is full.")

    def test_acknowledged_by_replay(self) -> None:
        """A message that was stored, but whose acknowledgement got lost, is shown once."""
        for re in ("a", None):
            model, room = model_in_lobby(said(1))
            model.hearing.say(model.rooms["lobby"], Say(id="a", text="mine"), NOON)
            model.apply(entered(said(2, "mine", nick="me", re=re)), NOON)
            model.apply(Ack(room="lobby", seq=2, id="x", at=NOON, re="a"), NOON)
            self.assertEqual([line.text for line in room.lines], ["text 1", "mine"])
            self.assertEqual((room.pending, room.unread), ({}, 0))


class Reading(SynchronousTestCase):
    def test_counts(self) -> None:
        """Messages count until they are read; those that name one count twice."""
        model, room = model_in_lobby(said(1))
        model.apply(said(2), NOON)
        changed = model.apply(said(3, "Me: look"), NOON)
        model.apply(said(4, "awesome mess"), NOON)
        self.assertIn(Changed.MENTION, changed)
        self.assertEqual((room.unread, room.mentions), (3, 1))
        model.attend("lobby")
        self.assertEqual((room.unread, room.mentions), (0, 0))
        model.apply(said(5), NOON)
        self.assertEqual(room.unread, 0)
        model.open(model.place("ops").name)
        model.apply(said(6, "me!"), NOON)
        self.assertEqual((room.unread, room.mentions), (1, 1))

    def test_marker(self) -> None:
        """The `new` line stays while one reads, and goes with what one says or where one goes."""
        model, room = model_in_lobby(said(1))
        model.place("ops")
        model.apply(said(2), NOON)
        model.apply(said(3), NOON)
        self.assertEqual(room.marker, 1)
        model.attend("lobby")
        self.assertEqual(room.marker, 1)
        model.open("ops")
        self.assertIsNone(room.marker)
        model.attend(None)
        model.apply(said(4), NOON)
        model.attend("lobby")
        model.hearing.say(model.rooms["lobby"], Say(id="a", text="mine"), NOON)
        self.assertIsNone(room.marker)

    def test_nothing_is_new_at_first(self) -> None:
        """What was said before one came is not unread."""
        _, room = model_in_lobby(said(1), said(2, "me!"))
        self.assertEqual((room.unread, room.mentions, room.marker), (0, 0, None))

    def test_next_active(self) -> None:
        """A room with a mention comes before one with more."""
        model, _ = model_in_lobby()
        for name in ("ops", "dev"):
            model.apply(entered(room=name), NOON)
        model.apply(said(1, room="ops"), NOON)
        model.apply(said(1, "me?", room="dev"), NOON)
        self.assertEqual(model.next_active(), "dev")
        model.attend("dev")
        self.assertEqual(model.next_active(), "ops")


class Amending(SynchronousTestCase):
    def test_edited_and_deleted(self) -> None:
        """A message gets its new text in its place, or stands there without one."""
        model, room = model_in_lobby(said(1), said(2), said(3, "", edited_at=NOON))
        at: dict[str, Any] = {"room": "lobby", "nick": "bob", "at": NOON}
        model.apply(Notice(text="between"), NOON)
        model.apply(Edited(seq=1, id="1", text="better", **at), NOON)
        model.apply(Deleted(seq=2, id="2", by="bob", **at), NOON)
        model.apply(Edited(seq=9, id="9", text="not here", **at), NOON)
        self.assertEqual(
            [(line.text, line.amended) for line in room.lines],
            [("better", "edited"), ("", "deleted"), ("text 3", "edited"), ("between", "")],
        )

    def test_away(self) -> None:
        """Who is away is known in every room, until it is back."""
        model, room = model_in_lobby(said(1))
        for text in ("lunch", None):
            model.apply(AwayChanged(nick="bob", user="bob", text=text), NOON)
            self.assertEqual(room.people["bob"].away, text)


class PeopleOfRooms(SynchronousTestCase):
    def test_come_and_go(self) -> None:
        """People follow the events; those who come with nothing said between share a line."""
        model, room = model_in_lobby(said(1))
        for nick in ("dora", "emil"):
            model.apply(Joined(room="lobby", person=people(nick)[0], at=NOON), NOON)
        model.apply(Left(room="lobby", nick="bob", user="bob", at=NOON), NOON)
        self.assertEqual(set(room.people), {"alice", "me", "dora", "emil"})
        self.assertEqual(list(room.speakers), [])
        self.assertEqual(
            [(line.kind, line.names) for line in room.lines[1:]],
            [("joined", ("dora", "emil")), ("left", ("bob",))],
        )

    def test_renamed(self) -> None:
        """A new name is taken over everywhere; one's own too."""
        model, room = model_in_lobby(said(1))
        model.apply(Renamed(old="bob", new="rob", user="bob", at=NOON), NOON)
        model.apply(Renamed(old="me", new="moi", user="me", at=NOON), NOON)
        self.assertEqual(set(room.people), {"alice", "rob", "moi"})
        self.assertEqual(list(room.speakers), ["rob"])
        self.assertEqual(model.nick, "moi")
        model.apply(said(2, "moi?"), NOON)
        self.assertEqual(room.mentions, 1)

    def test_logged_out(self) -> None:
        """A guest is nobody's owner, under the nick that it is told of next either."""
        model, room = model_in_lobby()
        model.apply(LoggedIn(account="me", nick="me", user="me"), NOON)
        self.assertEqual(room.people["me"].account, "me")
        model.apply(LoggedOut(nick="guest", user="me"), NOON)
        model.apply(Renamed(old="me", new="guest", user="me", at=NOON), NOON)
        self.assertIsNone(room.people["guest"].account)

    def test_first_nick(self) -> None:
        """A nick that is set after the welcome is one's own."""
        model = ClientModel()
        model.apply(welcome(None), NOON)
        model.apply(Renamed(old="", new="me", user="me", at=NOON), NOON)
        self.assertEqual(model.nick, "me")

    def test_another_nick_after_a_reconnect(self) -> None:
        """Who has one's nick by then is a stranger, and what names the new one names oneself."""
        model, room = model_in_lobby(said(1))
        model.apply(welcome(None), NOON)
        model.apply(Renamed(old="", new="me_", user="me", at=NOON), NOON)
        self.assertEqual(model.nick, "me_")
        model.apply(said(2, "me_?", nick="me"), NOON)
        self.assertEqual((room.lines[-1].own, room.unread, room.mentions), (False, 1, 1))

    def test_typing_ends(self) -> None:
        """Typing is shown until it stops, a message comes, or time goes by."""
        model, room = model_in_lobby()
        for end in (TypingNow(room="lobby", nick="bob", active=False), said(1)):
            model.apply(TypingNow(room="lobby", nick="bob", active=True), NOON)
            self.assertEqual(room.typists(NOON + 5999), ["bob"])
            self.assertEqual(room.typists(NOON + 6000), [])
            model.apply(end, NOON)
            self.assertEqual(room.typists(NOON), [])

    def test_leaving(self) -> None:
        """The room is gone, and the one before it is on the screen."""
        model, _ = model_in_lobby()
        model.apply(entered(room="ops"), NOON)
        model.open("ops")
        model.apply(Exited(room="ops"), NOON)
        self.assertEqual((list(model.rooms), model.current), (["lobby"], "lobby"))


class Windows(SynchronousTestCase):
    """A scrollback that holds less than the history."""

    def setUp(self) -> None:
        self.model, self.room = model_in_lobby(*map(said, range(5001, 5051)))

    def load(self, direction: str, *messages: Message, more: bool = True) -> None:
        self.room.asked = ("q", direction)  # type: ignore[assignment]
        self.model.apply(page(*messages, more=more, re="q"), NOON)

    def test_older_pages(self) -> None:
        """Older messages come at the top; the window stays bounded and counts what it dropped."""
        self.room.back.held = True
        for first in range(4801, 0, -200):
            self.load("older", *map(said, range(first, first + 200)))
        self.assertEqual(seqs(self.room), list(range(1, 5001)))
        self.assertFalse(self.room.back.attached)
        self.assertEqual(self.room.beyond, 50)
        self.model.apply(said(5051), NOON)
        self.model.apply(said(5051), NOON)
        self.assertEqual((self.room.beyond, self.room.unread), (51, 1))
        self.load("newer", *map(said, range(5001, 5052)), more=False)
        self.assertTrue(self.room.back.attached)
        self.assertEqual(seqs(self.room)[-2:], [5050, 5051])

    def test_latest(self) -> None:
        """The way back to the end in one step; what came meanwhile is not lost."""
        self.room.back.held = True
        for first in range(4801, 0, -200):
            self.load("older", *map(said, range(first, first + 200)))
        self.model.apply(said(5051), NOON)
        self.load("latest", *map(said, range(4851, 5051)))
        self.assertFalse(self.room.back.attached)
        self.load("newer", said(5051), more=False)
        self.assertTrue(self.room.back.attached)
        self.assertEqual(seqs(self.room), list(range(4851, 5052)))

    def test_around_an_old_message(self) -> None:
        """Who jumps far back is told of all that was said since, loaded by now or not."""
        self.load("around", *map(said, range(101, 302)))
        self.assertEqual((self.room.back.attached, self.room.beyond), (False, 5050 - 301))
        self.load("newer", *map(said, range(302, 502)))
        self.assertEqual(self.room.beyond, 5050 - 501)
        self.load("latest", *map(said, range(4851, 5051)))
        self.assertEqual(self.room.beyond, 0)

    def test_bounded(self) -> None:
        """New lines push out old ones, but not while somebody reads those."""
        self.room.back.held = True
        for seq in range(5051, 12000):
            self.model.apply(said(seq), NOON)
        self.assertEqual(seqs(self.room), list(range(5001, 10001)))
        self.room.back.held = False
        self.load("latest", *map(said, range(11800, 12000)))
        for seq in range(12000, 20000):
            self.model.apply(said(seq), NOON)
        self.assertLessEqual(len(self.room.lines), 5500)
        self.assertEqual(seqs(self.room)[-1], 19999)
        self.assertTrue(self.room.back.more_above)

    def test_refused_page(self) -> None:
        """A server that has no older messages to give is not asked for ever."""
        self.room.asked = ("q", "older")
        self.model.apply(Failed(code="unknown-command", text="No.", re="q"), NOON)
        self.assertIsNone(self.room.asked)
        self.assertFalse(self.room.back.more_above)
        self.assertEqual(len(self.room.lines), 50)


class Sentences(SynchronousTestCase):
    def test_in_the_current_room(self) -> None:
        """What the server says to people is a line of the room on the screen."""
        model, room = model_in_lobby(said(1))
        model.apply(Notice(text="one\ntwo"), NOON)
        model.apply(Failed(code="bad-name", text="A nick cannot be empty."), NOON)
        self.assertEqual(
            [(line.kind, line.text) for line in room.lines[1:]],
            [("notice", "one\ntwo"), ("error", "A nick cannot be empty.")],
        )

    def test_before_the_first_room(self) -> None:
        """What the server says before one is in a room is said there; old errors are not."""
        model = ClientModel()
        model.apply(welcome(), NOON)
        model.apply(Failed(code="bad-name", text="Wrong."), NOON)
        model.apply(Notice(text="The nick is registered."), NOON)
        model.apply(entered(said(1)), NOON)
        texts = [line.text for line in model.rooms["lobby"].lines]
        self.assertEqual(texts, ["text 1", "The nick is registered."])
