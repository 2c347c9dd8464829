"""Choosing a message, answering it and reacting to it; how answers and reactions are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatservice.domain.commands import Command, Delete, Edit, React, Say, Tell
from chatservice.domain.events import (
    Deleted,
    Edited,
    LoggedIn,
    Message,
    Private,
    Reacted,
    Reaction,
    TypingNow,
)
from tests.client.ui import NOON, ChatTestCase, attributes, entered, people, said


class AnsweringCase(ChatTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.chat.on_event(entered(room="dev"))
        self.chat.stage.open("dev")
        for seq, nick in enumerate(("alice", "bob", "me"), 1):
            self.hear(seq, nick=nick)
        self.draw()

    def hear(self, seq: int, **fields: Any) -> Message:
        """A message in #dev, whose id is made of its seq."""
        message = said(seq, id=f"5-{seq}", room="dev", **fields)
        self.chat.on_event(message)
        return message

    def screen(self) -> str:
        """What is on the screen."""
        return "\n".join(self.draw())

    def last(self) -> Command:
        """The last command that was sent, without its id."""
        return replace(self.session.sent[-1], id=None)

    def chosen(self) -> int | None:
        """The seq of the chosen message."""
        room = self.model.room
        return None if room is None else room.chosen


class Choosing(AnsweringCase):
    def test_up_and_down(self) -> None:
        """The last one first, then one by one, as far as there are any; Esc lets go."""
        self.press("meta up")
        self.assertEqual(self.chosen(), 3)
        rows = list(self.window.render(self.size, True).content())
        chosen = [run.decode() for row in rows for attr, _, run in row if attr == "chosen"]
        self.assertIn("text 3", "".join(chosen))
        self.press("meta up", "meta up", "meta up", "meta down")
        self.assertEqual(self.chosen(), 2)
        self.press("esc")
        self.assertIsNone(self.chosen())

    def test_while_something_waits(self) -> None:
        """What is not confirmed yet can't be chosen: the message before it is."""
        self.press(*"mine", "enter", "meta up")
        self.assertEqual(self.chosen(), 3)
        self.press("esc")
        for number in range(30):
            self.press(*str(number), "enter")
        self.press("meta up")
        self.assertEqual(self.chosen(), 3)
        self.assertIn("text 3", self.screen())

    def test_scrolls_along(self) -> None:
        """The chosen one is always to be seen; what one types is left alone."""
        for seq in range(4, 60):
            self.hear(seq)
        self.type("hello")
        self.press(*["meta up"] * 40)
        self.assertEqual(self.chosen(), 20)
        self.assertIn("text 20", self.screen())
        self.press(*["meta down"] * 30)
        self.assertEqual(self.chosen(), 50)
        self.assertIn("text 50", self.screen())
        self.assertEqual(self.window.composer.edit_text, "hello")

    def test_what_commands_are_about(self) -> None:
        """`/edit` and `/delete` are about the chosen message, else about one's last one."""
        self.chat.enter("/delete")
        self.assertEqual(self.last(), Delete(room="dev"))
        self.press("meta up", "meta up")
        for line, expected in (
            ("/delete", Delete(room="dev", seq=2)),
            ("/delete 1", Delete(room="dev", seq=1)),
            ("/delete bob", Delete(room="dev", nick="bob")),
            ("/edit x", Edit(room="dev", seq=2, text="x")),
        ):
            self.chat.enter(line)
            self.assertEqual(self.last(), expected)

    def test_nothing_there(self) -> None:
        """Nothing happens where nothing is said."""
        self.chat.on_event(entered(room="empty"))
        self.chat.stage.open("empty")
        self.press("meta up", "meta r", "meta e", "enter")
        self.assertIn("Nobody else has said anything here", self.screen())
        self.assertEqual(self.session.all(Say), [])


class Mending(AnsweringCase):
    def test_emoji(self) -> None:
        """Shortcodes become emoji in a text that is given anew, too."""
        self.chat.enter("/edit well :smile:")
        self.assertEqual(self.last(), Edit(room="dev", text="well 😄"))


class Answering(AnsweringCase):
    def test_the_last_one_of_somebody_else(self) -> None:
        """The key chooses it, and begins the answer, which takes up what was typed already."""
        self.type("well")
        self.press("meta r")
        self.assertEqual(self.chosen(), 2)
        self.assertEqual(self.window.composer.edit_text, "/reply-to well")
        self.press("enter")
        self.assertEqual(self.last(), Say(room="dev", text="well", reply_to="5-2"))
        self.assertIsNone(self.chosen())
        self.assertIn("┌ bob: text 2", self.screen())

    def test_the_chosen_one(self) -> None:
        """Even if something else is said meanwhile, and one looks elsewhere."""
        self.press("meta up", "meta up", "meta up", "meta r")
        self.hear(4)
        self.chat.stage.open("lobby")
        self.draw()
        self.chat.stage.open("dev")
        self.draw()
        self.press("meta r")
        self.type("yes")
        self.press("enter")
        self.assertEqual(self.last(), Say(room="dev", text="yes", reply_to="5-1"))

    def test_in_a_conversation(self) -> None:
        """What is told to one person can be answered too."""
        told = Private(
            nick="bob", user="1", to="me", to_user="2", at=NOON, text="hi", id="0-17", account=None
        )
        self.chat.on_event(told)
        self.chat.stage.converse("bob")
        self.chat.enter("/reply-to hello")
        self.assertEqual(self.last(), Tell(to="bob", text="hello", reply_to="0-17"))
        self.assertIn("┌ bob: hi", self.screen())

    def test_shown(self) -> None:
        """What is answered stands above, on one row, neutral; as it is by now, or as unknown."""
        self.hear(4, text="a\x1b[31m\nb " * 50, nick="carol")
        self.hear(5, reply_to="5-4")
        rows = [line for line in self.draw() if "┌" in line]
        self.assertEqual(len(rows), 1)
        self.assertIn("┌ carol: a\ufffd[31m b", rows[0])
        self.chat.on_event(Deleted(room="dev", seq=4, id="5-4", nick="carol", by="carol", at=NOON))
        self.assertIn("┌ carol: (deleted)", self.screen())
        self.hear(6, reply_to="5-999")
        self.assertIn("┌ something said before", self.screen())
        for size in ((60, 20), (40, 10), (20, 5), (200, 60)):
            self.draw(*size)


class Reactions(AnsweringCase):
    def react(self, reaction: str, nick: str = "bob", *, active: bool = True, seq: int = 2) -> None:
        """Somebody reacts to a message."""
        reacted = Reacted(
            room="dev",
            seq=seq,
            id=f"5-{seq}",
            author="bob",
            nick=nick,
            user=nick,
            at=NOON,
            reaction=reaction,
            active=active,
        )
        self.chat.on_event(reacted)

    def test_counts(self) -> None:
        """Each person counts once; one's own reactions stand out."""
        for nick in ("alice", "bob", "bob", "me"):
            self.react("+1", nick)
        self.react("x" * 30)
        self.assertRegex(self.screen(), r"│ \+1 3  x+… 1")
        self.assertIn("me", attributes(self.window.render(self.size, True), "+1 3"))
        self.react("+1", "alice", active=False)
        self.assertIn("+1 2", self.screen())
        for nick in ("bob", "me"):
            self.react("+1", nick, active=False)
        self.assertNotIn("+1", self.screen())
        self.react("\x1b[31m")
        self.assertNotIn("\x1b", self.screen())
        for size in ((60, 20), (40, 10), (20, 5)):
            self.draw(*size)

    def test_in_history(self) -> None:
        """Reactions come with the messages that one missed."""
        mine = Reaction(reaction="+1", nick="older", user="7", account="me")
        self.chat.on_event(LoggedIn(account="me", nick="me", user="1"))
        self.hear(4, reactions=(mine, Reaction(reaction="+1", nick="bob", user="8")))
        self.assertIn("+1 2", self.screen())
        self.assertIn("me", attributes(self.window.render(self.size, True), "+1 2"))

    def test_deleted(self) -> None:
        """Under what is deleted there are none any more."""
        self.hear(4, reactions=(Reaction(reaction="+1", nick="bob", user="8"),))
        self.assertIn("+1 1", self.screen())
        self.chat.on_event(Deleted(room="dev", seq=4, id="5-4", nick="carol", by="carol", at=NOON))
        self.assertNotIn("+1 1", self.screen())

    def test_by_key(self) -> None:
        """The usual ones in a menu, and any other one; to the chosen message or the last one."""
        self.press("meta e", "down", "enter")
        self.assertEqual(self.last(), React(room="dev", message_id="5-2", reaction="👎"))
        self.press("meta up", "meta up", "meta up", "meta e", "up", "end", "enter")
        self.press(*":tada:", "enter")
        self.assertEqual(self.last(), React(room="dev", message_id="5-1", reaction="🎉"))
        self.assertIsNone(self.window.popup)

    def test_what_is_said_meanwhile(self) -> None:
        """The reaction is to the message that was the last one when the key was pressed."""
        self.press("meta e")
        self.hear(4, nick="bob")
        self.press("enter")
        self.assertEqual(self.last(), React(room="dev", message_id="5-2", reaction="👍"))
        self.assertIsNone(self.chosen())

    def test_by_command(self) -> None:
        """`/react` and `/unreact`, in conversations too."""
        self.chat.enter("/unreact +1")
        self.assertEqual(self.last(), React(room="dev", reaction="👍", active=False))
        self.press("meta up", "meta up")
        self.chat.enter("/unreact +1")
        expected = React(room="dev", message_id="5-2", reaction="👍", active=False)
        self.assertEqual(self.last(), expected)
        self.chat.enter("/react -1")
        self.assertEqual(self.last(), React(room="dev", message_id="5-2", reaction="👎"))
        self.chat.enter("/react +10")
        self.assertEqual(self.last(), React(room="dev", message_id="5-2", reaction="+10"))
        self.chat.on_event(
            Private(nick="bob", user="1", to="me", to_user="2", at=NOON, text="hi", id="9-1")
        )
        self.chat.stage.converse("bob")
        self.chat.enter("/react :smile:")
        self.assertEqual(self.last(), React(room="@bob", message_id="9-1", reaction="😄"))


class Private_(AnsweringCase):
    """What becomes of what was told in private."""

    def setUp(self) -> None:
        super().setUp()
        self.told("hi", "bob", "me", "9-1")
        self.told("hello", "me", "bob", "9-2")
        self.chat.stage.converse("bob")

    def told(self, text: str, nick: str, to: str, id_: str, **fields: Any) -> None:
        """Something is told."""
        given: dict[str, Any] = {"user": nick, "to_user": to, "at": NOON}
        self.chat.on_event(Private(nick=nick, to=to, text=text, id=id_, **given, **fields))

    def test_edited_and_deleted(self) -> None:
        """By either one: the event names whom the author told it."""
        at: dict[str, Any] = {"at": NOON}
        self.chat.on_event(Edited(room="@me", seq=1, id="9-1", nick="bob", text="high", **at))
        self.chat.on_event(Deleted(room="@bob", seq=2, id="9-2", nick="me", by="me", **at))
        self.assertIn("high (edited)", self.screen())
        self.assertIn("(deleted)", self.screen())

    def test_reactions(self) -> None:
        """By either one."""
        at: dict[str, Any] = {"at": NOON, "active": True, "author": ""}
        self.chat.on_event(
            Reacted(room="@me", seq=2, id="9-2", nick="bob", user="bob", reaction="+1", **at)
        )
        self.chat.on_event(
            Reacted(room="@bob", seq=1, id="9-1", nick="me", user="me", reaction="-1", **at)
        )
        self.assertIn("+1 1", self.screen())
        self.assertIn("-1 1", self.screen())

    def test_typing(self) -> None:
        """Who types to one is named in the conversation."""
        self.chat.on_event(TypingNow(room="@me", nick="bob", active=True))
        self.assertIn("bob is typing", self.screen())
        self.chat.on_event(TypingNow(room="@me", nick="bob", active=True, paused=True))
        self.assertNotIn("typing", self.screen())

    def test_remarks(self) -> None:
        """What no program answers by itself is shown as such, in rooms too."""
        self.told("done", "bob", "me", "9-3", kind="notice")
        self.assertIn("-bob- │ done", self.screen())
        self.chat.stage.open("dev")
        self.hear(9, text="built", kind="notice")
        self.assertIn("-bob- │ built", self.screen())
        self.assertIn("-bob- built", "\n".join(self.draw(60, 20)))
        self.chat.on_event(entered(room="dev", people=people("me", "bob")))
