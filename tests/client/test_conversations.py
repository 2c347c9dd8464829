"""Conversations: what is told to one person and by one, from the model to the screen."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Delete,
    Edit,
    History,
    Leave,
    Say,
    Search,
    Tell,
    Typing,
)
from chatservice.domain.events import (
    Ack,
    Failed,
    Found,
    HistoryPage,
    LoggedIn,
    LoggedOut,
    Private,
    Renamed,
)
from tests.client.ui import NOON, ONLINE, WAITING, ChatTestCase, entered, people, said, welcome
from urwidclient.model import ClientModel
from urwidclient.room import Changed, conversation

BOB = conversation("bob")


def told(
    text: str, nick: str = "bob", to: str = "me", re: str | None = None, id_: str = ""
) -> Private:
    """Something told by bob to oneself, unless said otherwise."""
    return Private(nick=nick, user=nick, to=to, to_user=to, at=NOON, text=text, re=re, id=id_)


class Model(SynchronousTestCase):
    def setUp(self) -> None:
        self.model = ClientModel()
        self.model.apply(welcome(), NOON)
        self.model.apply(entered(said(1)), NOON)

    def states(self, name: str) -> list[tuple[str, str, str]]:
        """Nick, text and state of the lines of a conversation."""
        return [(line.nick, line.text, line.state) for line in self.model.rooms[name].lines]

    def test_incoming(self) -> None:
        """What is told to one begins a conversation of its own, which calls like a mention."""
        changed = self.model.apply(told("a\nb"), NOON)
        room = self.model.rooms[BOB]
        self.assertIn(Changed.MENTION, changed)
        self.assertEqual((room.person, room.unread, room.mentions), ("bob", 1, 1))
        self.assertEqual((self.model.current, self.model.next_active()), ("lobby", BOB))
        self.model.attend(BOB)
        self.assertEqual((room.unread, room.mentions), (0, 0))

    def test_a_mention_comes_before_a_conversation(self) -> None:
        """Activity goes by mention, conversation, then any room."""
        self.model.apply(entered(room="ops"), NOON)
        self.model.apply(said(1, room="ops"), NOON)
        self.model.apply(told("hi"), NOON)
        self.assertEqual(self.model.next_active(), BOB)
        self.model.apply(said(2, "me!"), NOON)
        self.assertEqual(self.model.next_active(), "lobby")

    def test_own_lines(self) -> None:
        """An own line waits for its echo; a refused one says why."""
        name = self.model.converse("bob").name
        for id_ in "ab":
            self.model.hearing.say(self.model.rooms[name], Say(id=id_, text=id_), NOON)
        self.model.apply(told("a", nick="me", to="bob", re="a"), NOON)
        self.model.apply(Failed(code="no-such-person", text="Gone.", re="b"), NOON)
        self.assertEqual(self.states(BOB), [("me", "a", "sent"), ("me", "b", "failed")])
        self.assertEqual(self.model.rooms[BOB].unread, 0)

    def test_own_line_from_elsewhere(self) -> None:
        """What another client of one's own account told is in the same conversation."""
        self.model.apply(told("hi"), NOON)
        self.model.apply(told("hello", nick="me", to="bob"), NOON)
        self.assertEqual([nick for nick, _, _ in self.states(BOB)], ["bob", "me"])
        self.assertEqual(self.model.rooms[BOB].unread, 1)

    def test_renamed(self) -> None:
        """A conversation goes on under the new name, in its place, and on the screen."""
        self.model.apply(told("hi"), NOON)
        self.model.place("ops")
        self.model.open(BOB)
        self.model.apply(Renamed(old="bob", new="rob", user="bob", at=NOON), NOON)
        self.assertEqual(list(self.model.rooms), ["lobby", conversation("rob"), "ops"])
        self.assertEqual(self.model.current, conversation("rob"))
        self.assertEqual(self.model.conversations.latest, "rob")

    def test_renamed_into_another(self) -> None:
        """Two conversations under one name become one, in the order of time."""
        self.model.apply(replace(told("old", nick="rob"), at=NOON - 9), NOON)
        self.model.open(conversation("rob"))
        self.model.apply(told("new"), NOON)
        self.model.apply(Renamed(old="bob", new="rob", user="bob", at=NOON), NOON)
        self.model.apply(told("newest", nick="rob"), NOON)
        room = self.model.room
        assert room is not None
        self.assertEqual([line.text for line in room.lines], ["old", "new", "newest"])
        self.assertEqual([line.seq for line in room.lines], [1, 2, 3])

    def test_by_id_and_case(self) -> None:
        """Whatever way a person was named, there is one conversation with them."""
        self.model.rooms["lobby"].set_people([replace(people("bob")[0], user="123456")])
        self.assertEqual(self.model.converse("123456").name, BOB)
        self.assertEqual(self.model.converse("BOB").name, BOB)
        far = self.model.converse("654321")
        self.model.hearing.say(far, Say(id="a", text="hi"), NOON)
        self.model.apply(told("hi", nick="me", to="zoe", re="a"), NOON)
        self.assertNotIn(conversation("654321"), self.model.rooms)
        self.assertEqual(self.states(conversation("zoe")), [("me", "hi", "sent")])

    def test_what_had_arrived_before(self) -> None:
        """A confirmation is as good as an echo, also for who was named by an id."""
        for name, id_, seq in (("bob", "0-7", 1), ("654321", "5-9", 9)):
            room = self.model.converse(name)
            self.model.hearing.say(room, Say(id=id_, text="hi"), NOON)
            self.model.apply(Ack(room="@bob", seq=seq, id=id_, at=NOON, re="another"), NOON)
            self.assertEqual([line.state for line in room.lines][-1:], ["pending"])
            self.model.apply(Ack(room="@bob", seq=seq, id=id_, at=NOON, re=id_), NOON)
            [*_, line] = self.model.rooms[BOB].lines
            self.assertEqual((line.id, line.seq, line.state, line.stored), (id_, seq, "sent", True))
        self.assertNotIn(conversation("654321"), self.model.rooms)

    def test_outlives_a_new_history(self) -> None:
        """A server that forgot its rooms takes no conversation away."""
        self.model.apply(told("hi"), NOON)
        self.model.apply(welcome(server_id="s2"), NOON)
        self.assertEqual(len(self.states(BOB)), 1)


class OnScreen(ChatTestCase):
    def enter(self, line: str) -> None:
        """Type a line and send it."""
        self.type(line)
        self.press("enter")

    def screen(self, columns: int = 0) -> str:
        """All that is seen."""
        return "\n".join(self.draw(columns))

    def test_msg_opens_it(self) -> None:
        """`/msg` opens the conversation; all that is typed there goes to that person."""
        self.enter("/msg bob hi :smile:")
        self.assertEqual(self.model.current, BOB)
        self.enter("/me waves")
        self.enter("more")
        self.assertEqual(
            [(tell.to, tell.text, tell.kind) for tell in self.session.all(Tell)],
            [("bob", "hi 😄", "text"), ("bob", "waves", "action"), ("bob", "more", "text")],
        )
        self.assertEqual((self.session.all(Say), self.session.all(Typing)), ([], []))
        self.assertIn("@bob on office", self.draw()[0])

    def test_reply(self) -> None:
        """`/reply` goes to who told one something last; nobody yet is said to be so."""
        self.enter("/reply hello")
        self.assertIn("Nobody has told you anything yet", self.screen())
        self.press("ctrl u")
        self.chat.on_event(told("hi"))
        self.enter("/reply hello")
        self.assertEqual([tell.to for tell in self.session.all(Tell)], ["bob"])

    def test_panel(self) -> None:
        """A conversation stands in the list of rooms with one count, and in the status line."""
        self.chat.on_event(told("one"))
        self.chat.on_event(told("two"))
        self.assertIn("  @bob 2", self.draw()[-2])
        self.assertRegex(self.screen(110), r"(?m)^ @bob +2 ?│")
        self.press("meta 3")
        self.assertIn("bob │ two", self.screen())
        self.assertNotIn("people]", self.draw()[-2])

    def test_rings(self) -> None:
        """What is told to one rings when the window is not in front; what one tells does not."""
        self.chat.on_event(told("seen"))
        self.chat.looked_at = False
        self.chat.on_event(told("hi"))
        self.chat.on_event(told("hello", nick="me", to="bob"))
        self.assertEqual(self.around.rung, ["bob: hi"])

    def test_close(self) -> None:
        """A conversation is closed with nothing told to the server; so by `/leave`."""
        for command in ("/close", "/leave"):
            self.chat.on_event(told("hi"))
            self.chat.stage.open(BOB)
            self.enter(command)
            self.assertNotIn(BOB, self.model.rooms)
        self.assertEqual(self.session.all(Leave), [])

    def test_close_while_something_waits(self) -> None:
        """Else it would be sent later, or never, and nobody would be told."""
        self.chat.on_state(WAITING)
        self.enter("/msg bob hi")
        self.enter("/close")
        self.assertIn("waits for a connection", self.screen())
        self.assertEqual(self.model.unsent, [(BOB, "hi")])
        [tell] = self.session.all(Tell)
        self.chat.on_state(ONLINE)
        self.chat.on_event(told("hi", nick="me", to="bob", re=tell.id))
        self.press("ctrl u")
        self.enter("/close")
        self.assertNotIn(BOB, self.model.rooms)

    def test_no_room(self) -> None:
        """What is about a room is not asked for a conversation."""
        self.chat.stage.converse("bob")
        sent = len(self.session.sent)
        for line in ("/topic x", "/who", "/kick bob"):
            self.enter(line)
            self.assertIn("This is no room but a conversation", self.screen())
            self.press("ctrl u")
        self.assertEqual(len(self.session.sent), sent)

    def test_draft_outlives_a_rename(self) -> None:
        """A half-written line stays where it is when the other one takes another nick."""
        self.chat.on_event(told("hi"))
        self.chat.stage.open(BOB)
        self.type("a draft")
        self.chat.on_event(Renamed(old="bob", new="rob", user="bob", at=NOON))
        self.assertEqual(self.window.composer.edit_text, "a draft")
        self.press("meta 1", "meta 3")
        self.assertEqual(self.window.composer.edit_text, "a draft")

    def test_jump(self) -> None:
        """The quick jump knows people."""
        self.chat.on_event(told("hi"))
        self.press("ctrl k", *"bob", "enter")
        self.assertEqual(self.model.current, BOB)


class Kept(ChatTestCase):
    """What two accounts tell each other is kept by the server."""

    def setUp(self) -> None:
        super().setUp()
        self.chat.on_event(LoggedIn(account="me", nick="me", user="1"))

    def texts(self) -> list[str]:
        """The texts of the conversation with bob."""
        return [line.text for line in self.model.rooms[BOB].lines]

    def asked(self) -> History:
        """The last question for history."""
        return self.session.all(History)[-1]

    def answer(self, *seqs: int, more: bool = False) -> None:
        """What is kept under these seqs, by bob."""
        messages = tuple(said(seq, id=f"7-{seq}", room="@bob") for seq in seqs)
        page = HistoryPage(room="@bob", messages=messages, more=more, re=self.asked().id)
        self.chat.on_event(page)
        self.draw()

    def test_is_loaded_when_it_is_opened(self) -> None:
        """The last of it, once; what was told meanwhile stands there once."""
        self.chat.on_event(told("text 9", id_="7-9"))
        self.draw()
        self.assertEqual(self.session.all(History), [])
        self.chat.stage.open(BOB)
        self.draw()
        asked = self.asked()
        self.assertEqual((asked.room, asked.before, asked.after), ("@bob", None, None))
        self.answer(7, 8, 9)
        self.chat.on_event(told("text 10", id_="7-10"))
        self.draw()
        self.assertEqual(self.texts(), ["text 7", "text 8", "text 9", "text 10"])
        self.assertEqual(self.model.rooms[BOB].unread, 0)
        self.assertEqual(len(self.session.all(History)), 1)

    def test_closed_before_it_is_loaded(self) -> None:
        """What comes late opens nothing."""
        self.chat.stage.converse("bob")
        self.draw()
        self.chat.enter("/close")
        self.answer(7)
        self.assertEqual(list(self.model.rooms), ["lobby", "ops"])

    def test_older_ones_are_loaded_at_the_top(self) -> None:
        """By the seq of the first that is here, until there are no more."""
        self.chat.stage.converse("bob")
        self.draw()
        self.answer(*range(101, 201), more=True)
        self.press("home")
        self.assertEqual((self.asked().room, self.asked().before), ("@bob", 101))
        self.answer(*range(1, 101))
        self.press("home", "home")
        self.assertEqual(len(self.session.all(History)), 2)
        self.assertEqual(self.texts(), [f"text {seq}" for seq in range(1, 201)])

    def test_what_is_kept_by_nobody(self) -> None:
        """With a guest there is only what came, for guests nothing is asked at all."""
        self.chat.stage.converse("bob")
        self.draw()
        refused = Failed(code="no-such-room", text="No.", re=self.asked().id)
        self.chat.on_event(refused)
        self.chat.on_event(told("hi"))
        self.press("home")
        self.assertEqual((self.texts(), len(self.session.all(History))), (["hi"], 1))
        self.chat.on_event(LoggedOut(nick="guest", user="2"))
        self.chat.stage.converse("carol")
        self.draw()
        self.assertEqual(len(self.session.all(History)), 1)

    def test_kept_after_what_was_not(self) -> None:
        """Nothing is lost, and nothing stands twice, when one becomes the owner of an account."""
        for text in ("one", "two"):
            self.chat.on_event(told(text, id_=f"0-{text}"))
        self.chat.on_event(told("text 1", id_="7-1"))
        self.chat.on_event(told("text 2", id_="7-2"))
        self.chat.stage.open(BOB)
        self.draw()
        self.answer(1, 2)
        self.assertEqual(self.texts(), ["one", "two", "text 1", "text 2"])
        self.chat.on_event(told("three", id_="0-3"))
        self.chat.on_event(told("text 3", id_="7-3"))
        self.assertEqual(self.texts()[-2:], ["three", "text 3"])

    def test_a_gap_is_not_hidden(self) -> None:
        """When more was told elsewhere than a page holds, that page stands alone."""
        self.chat.on_event(told("text 1", id_="7-1"))
        self.chat.stage.open(BOB)
        self.draw()
        self.answer(*range(301, 401), more=True)
        self.assertEqual(self.texts()[0], "text 301")
        self.press("home")
        self.assertEqual(self.asked().before, 301)

    def test_one_s_own_under_another_nick(self) -> None:
        """What one's account has said is one's own."""
        mine = said(1, "mine", nick="older", account="me", id="7-1")
        self.chat.stage.converse("bob")
        self.draw()
        page = HistoryPage(room="@bob", messages=(mine,), more=False, re=self.asked().id)
        self.chat.on_event(page)
        self.assertTrue(self.model.rooms[BOB].lines[0].own)

    def test_found_there(self) -> None:
        """A message that was found is gone to, with what is around it; then comes what is new."""
        self.chat.enter("/search cake")
        asked = self.session.all(Search)[-1]
        cake = said(50, "the cake", room="@bob", id="7-50")
        self.chat.on_event(Found(messages=(cake,), re=asked.id))
        self.press("enter")
        self.assertEqual((self.model.current, self.asked().around), (BOB, 50))
        self.answer(*range(40, 61))
        self.draw()
        self.assertIn("text 50", "\n".join(self.draw()))
        self.assertEqual((self.asked().around, self.asked().room), (None, "@bob"))
        self.answer(*range(101, 201), more=True)
        self.assertEqual(self.texts()[-1], "text 60")
        self.press("end")
        self.answer(*range(101, 201), more=True)
        self.assertEqual(self.texts()[-1], "text 200")

    def test_by_command(self) -> None:
        """`/history`, `/edit` and `/delete` are about the conversation on the screen."""
        self.chat.stage.converse("bob")
        for line, expected in (
            ("/history 5", History(room="@bob", limit=5)),
            ("/edit x", Edit(room="@bob", text="x")),
            ("/delete", Delete(room="@bob")),
        ):
            self.chat.enter(line)
            self.assertEqual(replace(self.session.sent[-1], id=None), expected)
