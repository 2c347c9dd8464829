"""CHATHISTORY, and what is shown to who comes into a room."""

from __future__ import annotations

from chatservice.wire.irc.history import REDACTION, milliseconds
from tests.wire.irc.ircase import CAPS, IrcCase, IrcClient
from tests.wire.irc.test_talk import bare, tags_of

EVERY = f"{CAPS} server-time account-tag draft/chathistory"


class HistoryCase(IrcCase):
    """Ann has said `0` to `9`, a second apart."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", EVERY, ["#attic"])
        self.said: list[str] = []
        for number in range(10):
            self.said += self.ann.ask(f"PRIVMSG #attic :{number}")
            self.server.world.clock.advance(1)
        self.ids = [tags_of(line)["msgid"] for line in self.said]
        self.times = [tags_of(line)["time"] for line in self.said]

    def batch(self, client: IrcClient, command: str, kind: str = "chathistory") -> list[str]:
        """What a batch holds that answers a command."""
        client.heard()
        first, *between, last = client.ask(command)
        _, verb, name, what, *_ = bare([first])[0].split(" ")
        self.assertEqual((verb, what), ("BATCH", kind))
        self.assertTrue(last.endswith(f"BATCH {name.replace('+', '-')}"))
        for line in between:
            self.assertEqual(tags_of(line)["batch"], name.removeprefix("+"))
        return between

    def texts(self, command: str) -> str:
        lines = self.batch(self.ann, f"CHATHISTORY {command}")
        return "".join(line.rpartition(" :")[2] for line in lines)

    def fails(self, client: IrcClient, command: str, start: str) -> None:
        """A FAIL comes for a command, to who has not asked for standard replies too."""
        [line] = client.ask(f"CHATHISTORY {command}")
        self.assertTrue(bare([line])[0].startswith(f":chat.test FAIL CHATHISTORY {start} :"), line)


class SubcommandTests(HistoryCase):
    def test_messages_come_as_they_were_sent(self) -> None:
        """Section "Returned message notes": with time and id as they were; ascending."""
        lines = self.batch(self.ann, "CHATHISTORY LATEST #attic * 20")
        for line, was in zip(lines, self.said, strict=True):
            self.assertEqual(bare([line]), bare([was]))
            self.assertEqual(
                {key: value for key, value in tags_of(line).items() if key != "batch"},
                tags_of(was),
            )

    def test_latest(self) -> None:
        """Section "LATEST": the most recent ones, since a message if one is given."""
        for bound, limit, shown in (
            ("*", 3, "789"),
            (f"msgid={self.ids[4]}", 20, "56789"),
            (f"msgid={self.ids[4]}", 2, "89"),
            (f"timestamp={self.times[4]}", 20, "56789"),
            (f"timestamp={self.times[4]}", 2, "89"),
        ):
            self.assertEqual(self.texts(f"LATEST #attic {bound} {limit}"), shown, bound)

    def test_before_and_after(self) -> None:
        """Sections "BEFORE" and "AFTER": excluding what is given."""
        for bound in (f"msgid={self.ids[6]}", f"timestamp={self.times[6]}"):
            self.assertEqual(self.texts(f"BEFORE #attic {bound} 20"), "012345")
            self.assertEqual(self.texts(f"BEFORE #attic {bound} 2"), "45")
            self.assertEqual(self.texts(f"AFTER #attic {bound} 20"), "789")
            self.assertEqual(self.texts(f"after #ATTIC {bound} 2"), "78")

    def test_around(self) -> None:
        """Section "AROUND": not more than the limit."""
        for bound in (f"msgid={self.ids[7]}", f"timestamp={self.times[7]}"):
            self.assertEqual(self.texts(f"AROUND #attic {bound} 1"), "7")
            self.assertEqual(self.texts(f"AROUND #attic {bound} 3"), "678")

    def test_between_counts_from_the_first(self) -> None:
        """Section "BETWEEN": forwards or backwards in time, excluding both."""
        for name in ("msgid", "timestamp"):
            first, last = (
                (self.ids[0], self.ids[9]) if name == "msgid" else (self.times[0], self.times[9])
            )
            start, end = f"{name}={first}", f"{name}={last}"
            for bounds in (f"{start} {end}", f"{end} {start}"):
                self.assertEqual(self.texts(f"BETWEEN #attic {bounds} 20"), "12345678")
            self.assertEqual(self.texts(f"BETWEEN #attic {start} {end} 3"), "123")
            self.assertEqual(self.texts(f"BETWEEN #attic {end} {start} 3"), "678")
        mixed = f"msgid={self.ids[9]} timestamp={self.times[0]}"
        self.assertEqual(self.texts(f"BETWEEN #attic {mixed} 3"), "678")

    def test_a_label_is_on_the_batch(self) -> None:
        first, *rest = self.ann.ask("@label=x CHATHISTORY LATEST #attic * 2")
        self.assertEqual(tags_of(first)["label"], "x")
        self.assertIn(" chathistory #attic", first)
        self.assertEqual(len(rest), 3)

    def test_without_batch_there_are_lines(self) -> None:
        eve = self.enter("eve", "server-time draft/chathistory", ["#attic"])
        lines = eve.ask("CHATHISTORY LATEST #attic * 2")
        self.assertEqual(self.numerics(lines), ["PRIVMSG", "PRIVMSG"])

    def test_nothing_is_an_empty_batch(self) -> None:
        """Section "CHATHISTORY Command": an empty batch, so that nobody waits."""
        self.ann.ask("JOIN #empty")
        self.assertEqual(self.batch(self.ann, "CHATHISTORY LATEST #empty * 5"), [])
        self.enter("eve")
        self.assertEqual(self.batch(self.ann, "CHATHISTORY LATEST eve * 5"), [])

    def test_no_more_than_the_server_says(self) -> None:
        """Section "ISUPPORT tokens": CHATHISTORY is the maximum."""
        self.assertEqual(self.texts("LATEST #attic * 999999"), "0123456789")

    def test_what_it_needs_is_told(self) -> None:
        """Section "ISUPPORT tokens": CHATHISTORY MUST be sent."""
        lines = self.stranger().ask("NICK eve", "USER e 0 * :E")
        words = [word for line in lines if " 005 " in line for word in line.split(" ")]
        self.assertIn("CHATHISTORY=500", words)
        self.assertIn("MSGREFTYPES=msgid,timestamp", words)


class EventTests(HistoryCase):
    def test_reactions_follow_for_who_plays_events_back(self) -> None:
        """Section "draft/chathistory-context tag": after the parent, outside the limit."""
        react = f"@+draft/react=lol;+draft/reply={self.ids[8]} TAGMSG #attic"
        self.ann.ask(react)
        self.assertEqual(len(self.batch(self.ann, "CHATHISTORY LATEST #attic * 2")), 2)
        self.ann.ask("CAP REQ draft/event-playback")
        lines = self.batch(self.ann, "CHATHISTORY LATEST #attic * 2")
        self.assertEqual(self.numerics(lines), ["PRIVMSG", "TAGMSG", "PRIVMSG"])
        tags = tags_of(lines[1])
        self.assertEqual((tags["+draft/react"], tags["+draft/reply"]), ("lol", self.ids[8]))
        self.assertIn("draft/chathistory-context", tags)

    def test_in_place_of_what_was_taken_back_something_says_so(self) -> None:
        """message-redaction, "Chat history": a placeholder, and the REDACT outside the limit."""
        self.ann.ask("PRIVMSG #attic :\x01ACTION waves\x01")
        self.ann.ask(f"REDACT #attic {self.ids[8]}")
        self.assertEqual(self.texts("LATEST #attic * 4"), "7(deleted)9\x01ACTION waves\x01")
        asked = f"CHATHISTORY BEFORE #attic msgid={self.ids[9]} 1"
        self.ann.ask("CAP REQ draft/event-playback")
        for capability, verbs in (("batch", ["PRIVMSG"]), (REDACTION, ["PRIVMSG", "REDACT"])):
            self.ann.ask(f"CAP REQ {capability}")
            lines = self.batch(self.ann, asked)
            self.assertEqual(self.numerics(lines), verbs)
            self.assertEqual(bare(lines)[0], ":ann!u@100000.chat PRIVMSG #attic :(deleted)")
            self.assertEqual(tags_of(lines[0])["msgid"], self.ids[8])
        self.assertEqual(bare(lines)[1], f":chat.test REDACT #attic {self.ids[8]}")
        self.assertIn("draft/chathistory-context", tags_of(lines[1]))

    def test_a_page_is_not_empty_as_long_as_there_is_more(self) -> None:
        """Section "CHATHISTORY Command": an empty batch says that there is nothing."""
        for each in self.ids[1:]:
            self.ann.ask(f"REDACT #attic {each}")
        for command in ("LATEST #attic * 3", f"BEFORE #attic msgid={self.ids[9]} 3"):
            self.assertEqual(self.texts(command), 3 * "(deleted)")
        self.assertEqual(self.texts(f"BEFORE #attic msgid={self.ids[2]} 3"), "0(deleted)")


class PrivateTests(HistoryCase):
    def setUp(self) -> None:
        super().setUp()
        self.bob = self.enter("bob", EVERY)
        for client in (self.ann, self.bob):
            client.ask("REGISTER * * correct-horse")
        self.ann.ask("PRIVMSG bob :one")
        self.server.world.clock.advance(1)
        self.bob.ask("PRIVMSG ann :two")

    def test_what_two_accounts_told_each_other(self) -> None:
        """Section "CHATHISTORY Command": both ways."""
        for client, other in ((self.ann, "bob"), (self.bob, "ann")):
            lines = self.batch(client, f"CHATHISTORY LATEST {other} * 5")
            self.assertEqual(
                bare(lines),
                [
                    ":ann!u@100000.chat PRIVMSG bob :one",
                    ":bob!u@100001.chat PRIVMSG ann :two",
                ],
            )

    def test_a_conversation_is_known_by_the_nicks_of_now(self) -> None:
        """As live messages are, by which clients know it; it is found by the account's, too."""
        self.ann.ask("NICK anna")
        self.bob.ask("NICK robert")
        self.ann.heard(), self.bob.heard()
        now = [":anna!u@100000.chat PRIVMSG robert :one", ":robert!u@100001.chat PRIVMSG anna :two"]
        for name in ("robert", "bob", "ROBERT"):
            lines = self.ann.ask(f"CHATHISTORY LATEST {name} * 5")
            self.assertTrue(lines[0].endswith(f" chathistory {name}"), lines)
            self.assertEqual(bare(lines[1:-1]), now)
        early, late = "timestamp=2020-01-01T00:00:00.000Z", "timestamp=2030-01-01T00:00:00.000Z"
        command, kind = f"CHATHISTORY TARGETS {early} {late} 9", "draft/chathistory-targets"
        [target] = bare(self.batch(self.bob, command, kind))[-1:]
        self.assertTrue(target.startswith(":chat.test CHATHISTORY TARGETS anna "), target)
        self.bob.ask("QUIT")
        lines = self.ann.ask("CHATHISTORY LATEST bob * 5")
        self.assertTrue(lines[0].endswith(" chathistory bob"), lines)
        self.assertTrue(bare(lines)[2].endswith(" PRIVMSG anna :two"), lines)

    def test_what_waits_comes_from_the_nick_of_now(self) -> None:
        self.bob.ask("QUIT")
        self.ann.ask("PRIVMSG bob :three", "NICK anna")
        bob = self.stranger()
        bob.ask("CAP REQ sasl", "AUTHENTICATE PLAIN", "AUTHENTICATE AGJvYgBjb3JyZWN0LWhvcnNl")
        told = bob.ask("NICK bobby", "USER a 0 * :A", "CAP END")
        self.assertIn(":anna!u@100000.chat PRIVMSG bobby :three", told)

    def test_what_guests_say_is_not_kept(self) -> None:
        """Section "CHATHISTORY Command": an empty batch says so; nobody there is another matter."""
        eve = self.enter("eve", EVERY)
        self.enter("fay").ask("PRIVMSG eve :psst")
        eve.heard()
        first, last = eve.ask("CHATHISTORY LATEST fay * 10")
        self.assertIn(" BATCH +", first)
        self.assertIn(" BATCH -", last)
        self.assertIn(" INVALID_TARGET ", eve.ask("CHATHISTORY LATEST nobody * 10")[0])

    def test_targets_in_order_of_time(self) -> None:
        """Section "TARGETS": between two times, the latest message of each."""
        early, late = "timestamp=2020-01-01T00:00:00.000Z", "timestamp=2030-01-01T00:00:00.000Z"
        kind = "draft/chathistory-targets"
        for bounds in (f"{early} {late}", f"{late} {early}"):
            lines = self.batch(self.ann, f"CHATHISTORY TARGETS {bounds} 50", kind)
            self.assertEqual(
                [line.split(" ")[2:5] for line in lines],
                [["CHATHISTORY", "TARGETS", "#attic"], ["CHATHISTORY", "TARGETS", "bob"]],
            )
        self.assertEqual(lines[0].split(" ")[-1], self.times[9])
        for bounds, target in ((f"{early} {late}", "#attic"), (f"{late} {early}", "bob")):
            [line] = self.batch(self.ann, f"CHATHISTORY TARGETS {bounds} 1", kind)
            self.assertEqual(line.split(" ")[4], target)


class FailureTests(HistoryCase):
    """Section "Errors and Warnings"."""

    def test_what_cannot_be_understood(self) -> None:
        for command, start in (
            ("FOO #attic * 5", "INVALID_PARAMS FOO"),
            ("LATEST #attic *", "INVALID_PARAMS LATEST"),
            ("LATEST", "INVALID_PARAMS LATEST"),
            ("LATEST #attic * 5 6", "INVALID_PARAMS LATEST"),
            ("LATEST #attic * 0", "INVALID_PARAMS LATEST"),
            ("LATEST #attic * many", "INVALID_PARAMS LATEST"),
            ("BEFORE #attic * 5", "INVALID_PARAMS BEFORE"),
            ("BEFORE #attic msgid= 5", "INVALID_PARAMS BEFORE"),
            ("BEFORE #attic timestamp=yesterday 5", "INVALID_PARAMS BEFORE"),
            ("BEFORE #attic timestamp=2026-02-30T00:00:00.000Z 5", "INVALID_PARAMS BEFORE"),
            ("BETWEEN #attic msgid=1-1 5", "INVALID_PARAMS BETWEEN"),
            ("TARGETS msgid=1-1 msgid=1-2 5", "INVALID_PARAMS TARGETS"),
        ):
            self.fails(self.ann, command, start)
        self.assertEqual(self.numerics(self.ann.ask("CHATHISTORY")), ["461"])

    def test_where_one_may_not_look(self) -> None:
        """And no word tells whether there is such a room."""
        eve = self.enter("eve", EVERY, ["#lobby"])
        for target in ("#attic", "#nowhere", "zoe"):
            self.fails(eve, f"LATEST {target} * 5", f"INVALID_TARGET LATEST {target}")

    def test_a_message_that_is_none(self) -> None:
        for message_id in ("1-1", "nonsense"):
            command = f"BEFORE #attic msgid={message_id} 5"
            self.fails(self.ann, command, "MESSAGE_ERROR BEFORE #attic")

    def test_a_store_that_cannot_be_read(self) -> None:
        self.server.world.store.broken = "broken"
        self.fails(self.ann, "LATEST #attic * 5", "MESSAGE_ERROR LATEST #attic")


class JoiningTests(HistoryCase):
    def test_who_can_ask_is_shown_nothing_by_itself(self) -> None:
        """Section "Implementation": the server SHOULD NOT play back any history."""
        eve = self.enter("eve", EVERY)
        self.assertNotIn("PRIVMSG", self.numerics(eve.ask("JOIN #attic")))

    def test_all_others_are_shown_the_last_messages(self) -> None:
        for nick, caps, batches in (("eve", "", 0), ("joe", "batch server-time", 2)):
            lines = self.enter(nick, caps).ask("JOIN #attic")
            numerics = self.numerics(lines)
            self.assertEqual(numerics.count("PRIVMSG"), 10)
            self.assertEqual(numerics.count("BATCH"), batches)
            self.assertLess(numerics.index("366"), numerics.index("PRIVMSG"))
        times = [tags_of(line)["time"] for line in lines if " PRIVMSG " in line]
        self.assertEqual(times, self.times)


class TimeTests(IrcCase):
    def test_times(self) -> None:
        for time, at in (
            ("1970-01-01T00:00:00.000Z", 0),
            ("1970-01-01T00:00:01Z", 1000),
            ("2026-01-02T12:34:00.123Z", 1_767_357_240_123),
            ("1969-12-31T23:59:59.000Z", 0),
            ("2026-13-02T12:34:00.123Z", None),
            ("2026-01-02 12:34:00.123Z", None),
            ("2026-01-02T12:34:00.123", None),
            ("٢026-01-02T12:34:00.123Z", None),
            ("", None),
        ):
            self.assertEqual(milliseconds(time), at, time)
