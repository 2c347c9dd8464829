"""The `VERB|payload` wire: what its lines mean, and how events look on it."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import events
from chatservice.domain.commands import Join, Listen, MessageKind, Quit, Say, SetNick
from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.events import Event, Message, Person
from chatservice.domain.limits import Limits
from chatservice.wire.codec import Circumstances, Reply
from chatservice.wire.names import EVENTS
from chatservice.wire.pipe import ENCODER, GREETING, HINT, PipeCodec, PlainEncoder, wire

ANN = Person(nick="ann", user="100000", address="10.0.0.1:5001")
BOB = Person(nick="bob", user="100001", address="10.0.0.2:5002")


def message(text: str, room: str = "lobby", kind: MessageKind = "text") -> Message:
    """Something that ann says."""
    return Message(
        room=room,
        seq=1,
        id="1-1",
        nick="ann",
        user="100000",
        at=0,
        text=text,
        kind=kind,
    )


class DecodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.wire = wire(lambda _at: "12:34")
        self.codec = self.wire.make(Circumstances(address="10.0.0.1:5001", limits=Limits()))

    def test_asks_for_the_greeting(self) -> None:
        self.assertEqual(self.codec.greet(), Listen(default_nick="User_10.0.0.1:5001"))
        self.assertTrue(self.codec.fragments)
        self.assertIsNone(self.codec.blame(b"x"))
        self.assertTrue(self.wire.starts(b"anything"))

    def test_lines(self) -> None:
        for line, asked in (
            ("CMD_USER|ann", SetNick(nick="ann")),
            ("CMD_USER|", SetNick(nick="")),
            ("CMD_USER|a|b", SetNick(nick="a|b")),
            ("MSG|ann: hi", Say(text="hi")),
            ("MSG|ann: a: b|c", Say(text="a: b|c")),
            ("MSG|hi", Say(text="hi")),
            ("MSG|ann:hi", Say(text="ann:hi")),
            ("MSG|ann: /quit", Quit()),
            ("MSG|ann: //quit", Say(text="/quit")),
            ("hi", Say(text="hi")),
            ("hi\r", Say(text="hi")),
            ("MSG|ann: /quit\r\0", Quit()),
            ("a|b", Say(text="a|b")),
            ("Msg|ann: hi", Say(text="Msg|ann: hi")),
            (" MSG|x", Say(text=" MSG|x")),
            ("|", Say(text="|")),
            ("/join attic", Join(room="attic")),
            ("//join", Say(text="/join")),
            ("", None),
            ("\r", None),
            (" \t", None),
            ("MSG|ann: ", None),
            ("MSG|", None),
        ):
            self.assertEqual(self.codec.decode(line.encode()), asked, line)

    def test_bytes_that_are_not_utf8_are_replaced(self) -> None:
        self.assertEqual(self.codec.decode(b"a\xffb"), Say(text="a\ufffdb"))

    def test_what_cannot_be_seen_hides_no_command(self) -> None:
        for unseen in ("\ufeff", "\x0c", "\u200b", "\x1b\u2028\ufe0f"):
            for line, asked in (
                ("CMD_USER|ann", SetNick(nick="ann")),
                ("/quit", Quit()),
                (f"MSG|ann: {unseen}/quit", Quit()),
                (f"MSG|ann: {unseen}//quit", Say(text="/quit")),
                ("hi", Say(text="hi")),
            ):
                self.assertEqual(self.codec.decode((unseen + line).encode()), asked)

    def test_what_telnet_says_by_itself_is_left_out(self) -> None:
        for unit, asked in (
            (bytes.fromhex("fffb1ffffb20fffb18fffb27fffd01fffb03fffd03"), None),
            (b"\xff\xf4\xff\xfd\x06", None),
            (b"\xff\xfd\x06/quit", Quit()),
            (b"hi\xff\xfb\x1f\r", Say(text="hi")),
            (b"\xff", Say(text="\ufffd")),
            (b"\xff\xf0\x9f\x91\xa9", Say(text="\ufffd\U0001f469")),
        ):
            self.assertEqual(self.codec.decode(unit), asked)

    def test_other_wires_that_come_too_late_are_not_said(self) -> None:
        for lines, other in (
            (
                ['\ufeff{"type":"login","password":"x"}', '{"action":"joinChannel"}'],
                "a JSON object",
            ),
            (["CAP LS 302", "pass ann:x", "NICK :ann", "USER ann 0 * :Ann"], "IRC"),
            (["PASS :x y", "JOIN #den key", "PRIVMSG bob :x"], "IRC"),
        ):
            for line in lines:
                with self.assertRaisesRegex(
                    BadInput, f"^This looks like {other}[.] Say it at once"
                ):
                    self.codec.decode(line.encode())
        for line in ("nick and ann are here", "Join us", "user error", "NICK ann", "JOIN #den"):
            self.assertEqual(self.codec.decode(line.encode()), Say(text=line))

    def test_unknown_verbs(self) -> None:
        for line, shown in (
            (b"DANCE|x", "DANCE"),
            (b"SRV|x", "SRV"),
            (b"ULIST|", "ULIST"),
            (b"X" * 99 + b"|", "X" * 32),
        ):
            with self.assertRaises(UnknownCommand) as caught:
                self.codec.decode(line)
            self.assertEqual(
                caught.exception.sentence,
                f"There is no verb {shown}; use MSG|, CMD_USER| or plain text.",
            )

    def test_wrong_slash_commands(self) -> None:
        with self.assertRaises(BadInput):
            self.codec.decode(b"/join")
        with self.assertRaises(UnknownCommand):
            self.codec.decode(b"/help dance")

    def test_help_is_answered_here(self) -> None:
        reply = self.codec.decode(b"/help join")
        assert isinstance(reply, Reply)
        [notice] = reply.events
        assert isinstance(notice, events.Notice)
        self.assertTrue(notice.text.startswith("/join <room> [password]  "))

    def test_views_are_changed_here_and_the_answer_is_in_the_new_one(self) -> None:
        for line, encoder, shown in (
            (b"/plain", PlainEncoder, b"* Lines are for eyes; /raw changes back.\n"),
            (b"/raw", type(ENCODER), b"SRV|Lines are for programs.\n"),
        ):
            reply = self.codec.decode(line)
            assert isinstance(reply, Reply)
            self.assertIsInstance(self.codec.encoder, encoder)
            [notice] = reply.events
            self.assertEqual(self.codec.encoder.encode(notice), shown)

    def test_connections_of_the_same_view_share_one_encoder(self) -> None:
        other = self.wire.make(Circumstances(address="10.0.0.2:5002", limits=Limits()))
        for line in (b"/raw", b"/plain"):
            self.codec.decode(line)
            other.decode(line)
            self.assertIs(self.codec.encoder, other.encoder)
        self.assertIsInstance(other, PipeCodec)


PRIVATE = events.Private(nick="ann", user="100000", to="bob", to_user="100001", at=0, text="a\nb")


CONFIDED = events.Confided(
    room="lobby", role="operator", id="0-1", nick="ann", user="1", at=0, text="look\nSRV|at"
)
REACTED = events.Reacted(
    room="lobby",
    seq=1,
    id="1-1",
    author="ann",
    nick="bob",
    user="100001",
    at=0,
    reaction="+1",
    active=True,
)


def both(*lines: str) -> tuple[str, str]:
    """Sentences as both forms have them."""
    return "".join(f"SRV|{line}\n" for line in lines), "".join(f"* {line}\n" for line in lines)


UNNAMED = (events.Roster, events.Greeting, events.Gone)
"""What the native wire does not say."""

SHOWN: dict[Event, tuple[str, str]] = {
    message("hi"): ("MSG|ann: hi\n", "12:34 <ann> hi\n"),
    message("hi", "attic"): ("MSG|#attic ann: hi\n", "12:34 #attic <ann> hi\n"),
    message("waves", kind="action"): ("MSG|ann: *waves*\n", "12:34 * ann waves\n"),
    message("a\nSRV|b"): (
        "MSG|ann: a\nMSG|ann: SRV|b\n",
        "12:34 <ann> a\n12:34 <ann> SRV|b\n",
    ),
    PRIVATE: (
        "MSG|[private] ann: a\nMSG|[private] ann: b\n",
        "12:34 [private ann] a\n12:34 [private ann] b\n",
    ),
    replace(PRIVATE, text="waves", kind="action"): (
        "MSG|[private] ann: *waves*\n",
        "12:34 [private ann] *waves*\n",
    ),
    events.Greeting(messages=(message("hi"),), people=(ANN, BOB)): (
        f"SRV|{GREETING}\nMSG|ann: hi\nSRV|{HINT}\nULIST|ann(10.0.0.1:5001),bob(10.0.0.2:5002)\n",
        f"* {GREETING}\n12:34 <ann> hi\n",
    ),
    events.Roster(people=(ANN,)): ("ULIST|ann(10.0.0.1:5001)\n", ""),
    events.Roster(people=()): ("ULIST|\n", ""),
    events.Joined(room="lobby", person=ANN, at=0): (
        "SRV|ann has joined the chat.\n",
        "* ann has joined the chat.\n",
    ),
    events.Joined(room="attic", person=ANN, at=0): (
        "SRV|ann has joined #attic.\n",
        "* ann has joined #attic.\n",
    ),
    events.Left(room="lobby", nick="ann", user="1", at=0): (
        "SRV|ann has left the chat.\n",
        "* ann has left the chat.\n",
    ),
    events.Renamed(old="ann", new="anna", user="1", at=0): (
        "SRV|ann is now known as anna.\n",
        "* ann is now known as anna.\n",
    ),
    events.Renamed(old="", new="ann", user="1", at=0): (
        "SRV|You are ann now.\n",
        "* You are ann now.\n",
    ),
    events.Entered(room="attic", seq=1, people=(ANN,), messages=(message("hi", "attic"),)): (
        "SRV|You are in #attic. Here are the recent messages:\nMSG|#attic ann: hi\n",
        "* You are in #attic. Here are the recent messages:\n12:34 #attic <ann> hi\n",
    ),
    events.Created(room="attic"): ("SRV|#attic is made.\n", "* #attic is made.\n"),
    events.Exited(room="attic"): ("SRV|You have left #attic.\n", "* You have left #attic.\n"),
    events.HistoryPage(room="lobby", messages=(message("hi"),), more=False): (
        "SRV|Messages of #lobby:\nMSG|ann: hi\n",
        "* Messages of #lobby:\n12:34 <ann> hi\n",
    ),
    events.HistoryPage(room="lobby", messages=(), more=False): (
        "SRV|No messages in #lobby.\n",
        "* No messages in #lobby.\n",
    ),
    events.Topic(room="attic", topic="old things", nick="ann"): both(
        "ann has set the topic of #attic: old things"
    ),
    events.Topic(room="attic", topic="", nick="ann"): both("ann has removed the topic of #attic."),
    events.Topic(room="attic", topic="old things"): both("Topic of #attic: old things"),
    events.Topic(room="attic", topic=""): both("#attic has no topic."),
    events.Configured(
        room="attic",
        nick="ann",
        locked=True,
        invite_only=False,
        history="all",
        changed=("locked",),
    ): both(
        "#attic needs a password, is open to all, and shows newcomers what was said before (ann)."
    ),
    events.Configured(
        room="attic", nick="ann", locked=False, invite_only=True, history="joining"
    ): both(
        "#attic needs no password, is by invitation only, and shows newcomers only what is said "
        "from then on; it keeps everything (ann)."
    ),
    events.Configured(
        room="attic",
        nick="ann",
        locked=False,
        invite_only=False,
        history="all",
        keep_messages=500,
        keep_days=1,
    ): both(
        "#attic needs no password, is open to all, and shows newcomers what was said before; "
        "it keeps the last 500 messages of the last 1 day (ann)."
    ),
    events.Absent(nick="ann", seen=1_767_357_240_000): both(
        "ann is not here, and was last here 2026-01-02 12:34 UTC."
    ),
    events.RoleGiven(room="attic", nick="bob", user="2", role="muted", by="ann"): both(
        "bob is muted in #attic now (ann)."
    ),
    events.Kicked(room="attic", nick="bob", user="2", by="ann", reason="", at=0): both(
        "ann has put bob out of #attic."
    ),
    events.Kicked(room="attic", nick="bob", user="2", by="ann", reason="too loud", at=0): both(
        "ann has put bob out of #attic: too loud"
    ),
    events.Banned(room="attic", who="bob", by="ann"): both("ann has banned bob from #attic."),
    events.Banned(room="attic", who="bob", by="ann", until=9, reason="too loud"): both(
        "ann has banned bob from #attic until 1970-01-01 00:01 UTC: too loud"
    ),
    events.Unbanned(room="attic", who="bob", by="ann"): both("ann lets bob into #attic again."),
    events.Bans(room="attic", bans=()): both("Nobody is banned from #attic."),
    events.Bans(room="attic", bans=(events.Ban(who="bob", by="ann", reason="loud"),)): both(
        "Banned from #attic:", "bob, by ann: loud"
    ),
    events.Bans(room="attic", bans=(events.Ban(who="bob", by="ann", until=9),)): both(
        "Banned from #attic:", "bob, by ann, until 1970-01-01 00:01 UTC."
    ),
    events.Time(at=0): both("It is 1970-01-01 00:00:00 UTC, by this machine's clock."),
    events.Time(at=0, offset=-1000): both(
        "It is 1970-01-01 00:00:00 UTC; this machine's clock is right."
    ),
    events.Time(at=0, offset=1500): both(
        "It is 1970-01-01 00:00:00 UTC; this machine's clock is 1.5 s behind."
    ),
    events.Time(at=0, offset=-3600000): both(
        "It is 1970-01-01 00:00:00 UTC; this machine's clock is 3600.0 s ahead."
    ),
    events.Left(room="attic", nick="ann", user="1", at=0, reason="lunch"): (
        "SRV|ann has left #attic: lunch\n",
        "* ann has left #attic: lunch\n",
    ),
    events.RealnameChanged(nick="ann", user="1", text="Ann"): both("ann says of itself: Ann"),
    events.RealnameChanged(nick="ann", user="1"): both("ann says nothing of itself any more."),
    events.BotChanged(nick="ann", user="1", active=True): both("ann is a bot."),
    events.BotChanged(nick="ann", user="1", active=False): both("ann is no bot any more."),
    events.InvisibleChanged(active=True): both("Strangers do not find you by a mask."),
    events.InvisibleChanged(active=False): both("Everybody finds you by a mask again."),
    events.PeopleFound(people=()): both("Nobody was found."),
    events.PeopleFound(
        people=(
            events.FoundPerson(person=ANN, since=0, idle=0),
            events.FoundPerson(person=replace(BOB, realname="Bob B."), since=0, idle=0),
        ),
        more=True,
    ): both("Found: ann, bob (Bob B.).", "There are more."),
    events.Past(nick="\x1b[2J", people=()): both("There was nobody called \ufffd[2J lately."),
    events.Past(
        nick="ann",
        people=(
            events.PastPerson(nick="ann", user="1", at=1_767_357_240_000),
            events.PastPerson(nick="Ann", user="2", at=0, realname="A. O."),
        ),
    ): both(
        "ann was 1 until 2026-01-02 12:34 UTC.",
        "Ann was 2 (A. O.) until 1970-01-01 00:00 UTC.",
    ),
    events.Counts(
        people=1,
        most_people=5,
        invisible=0,
        operators=0,
        connections=2,
        strangers=1,
        rooms=1,
    ): both("1 person here (5 at most), 0 operators, 2 connections, 1 room."),
    events.Online(people=(ANN,)): both("ann is here now."),
    events.Offline(nicks=("ann",)): both("ann is not here any more."),
    events.Watched(online=(ANN, BOB), offline=("c\x1b",)): both(
        "Here: ann, bob. Not here: c\ufffd."
    ),
    events.Watched(online=(), offline=()): both("You watch nobody."),
    events.Announcement(nick="ann", user="1", at=0, text="hi"): both(
        "ann to all operators of the server: hi"
    ),
    events.Gone(nick="ann", user="1", at=0): ("", ""),
    events.RoomRenamed(old="attic", new="loft", by="ann", by_user="1"): both(
        "ann calls #attic #loft from now on."
    ),
    events.RoomRenamed(old="loft", new="loft", by="ann", by_user="1"): both(
        "#loft is called that already."
    ),
    events.RoomRenamed(old="attic", new="loft", by="", by_user=""): both(
        "#attic is called #loft by now."
    ),
    events.InvitedOther(room="attic", nick="bob", user="2", by="ann"): both(
        "ann has invited bob to #attic."
    ),
    events.Invitations(rooms=("attic", "loft")): both("You are invited to #attic, #loft."),
    events.Invitations(rooms=()): both("You are invited to no room."),
    events.RoleGiven(room="attic", nick="bob", user="2", role="voice", by="ann", was="voice"): both(
        "bob is a voice in #attic."
    ),
    events.Banned(room="attic", who="*!*@1.chat", by="ann", kind="mute"): both(
        "ann has muted *!*@1.chat in #attic."
    ),
    events.Unbanned(room="attic", who="*!*@1.chat", by="ann", kind="exception"): both(
        "ann makes no exception of *!*@1.chat in #attic."
    ),
    events.Bans(room="attic", bans=(), kind="invitation"): both("Always let in #attic: nobody."),
    events.Configured(
        room="attic",
        nick="",
        locked=False,
        invite_only=False,
        history="all",
        moderated=True,
        topic_rule="all",
        secret=True,
        external=True,
        no_ctcp=True,
        people_most=7,
        changed=("people_most",),
    ): both(
        "#attic needs no password, is open to all, and shows newcomers what was said before; only"
        " voices and operators talk; it is shown to nobody outside; those outside may talk; clients"
        " ask each other nothing; it lets 7 people in; all set its topic."
    ),
    events.Configured(
        room="attic", nick="", locked=True, invite_only=False, history="all", people_most=1
    ): both(
        "#attic needs a password, is open to all, and shows newcomers what was said before; "
        "it keeps everything; it lets 1 person in."
    ),
    events.Configured(
        room="attic",
        nick="ann",
        locked=False,
        invite_only=False,
        history="all",
        changed=("moderated", "secret", "external", "no_ctcp", "people_most", "topic_rule"),
    ): both(
        "#attic needs no password, is open to all, and shows newcomers what was said before; "
        "everybody talks; it is shown to all; those outside may not talk; clients may ask each "
        "other things; it lets any number of people in; voices and operators set its topic (ann)."
    ),
    events.Invited(room="attic", by="ann"): both("ann invites you to #attic: /join attic"),
    events.Rooms(
        rooms=(
            events.RoomInfo(
                room="attic", people=1, seq=0, topic="old things", locked=True, invite_only=True
            ),
        )
    ): both("#attic (1 here, password, by invitation) old things"),
    events.Rooms(
        rooms=(
            events.RoomInfo(room="lobby", people=2, seq=1),
            events.RoomInfo(room="attic", people=0, seq=1),
        )
    ): (
        "SRV|#lobby (2 here)\nSRV|#attic (0 here)\n",
        "* #lobby (2 here)\n* #attic (0 here)\n",
    ),
    events.People(room="lobby", people=(ANN, BOB)): (
        "SRV|In #lobby: ann, bob\n",
        "* In #lobby: ann, bob\n",
    ),
    events.People(room="attic", people=()): (
        "SRV|In #attic: nobody\n",
        "* In #attic: nobody\n",
    ),
    events.WhoisReply(person=ANN, rooms=("lobby", "attic"), since=0, spoke=0): (
        "SRV|ann is 100000 from 10.0.0.1:5001, in #lobby, #attic.\n",
        "* ann is 100000 from 10.0.0.1:5001, in #lobby, #attic.\n",
    ),
    events.WhoisReply(person=ANN, rooms=(), since=0, spoke=0): (
        "SRV|ann is 100000 from 10.0.0.1:5001, in no room.\n",
        "* ann is 100000 from 10.0.0.1:5001, in no room.\n",
    ),
    events.WhoisReply(
        person=replace(ANN, away="lunch"), rooms=(), since=0, spoke=0, idle=7260, account="anna"
    ): both(
        "ann is 100000 from 10.0.0.1:5001, in no room, logged in as anna, idle for 2 hours, "
        "away: lunch"
    ),
    events.WhoisReply(person=ANN, rooms=(), since=0, spoke=0, idle=119): both(
        "ann is 100000 from 10.0.0.1:5001, in no room, idle for 1 minute."
    ),
    replace(message("hi", "attic"), edited_at=1): (
        "MSG|#attic ann: hi (edited)\n",
        "12:34 #attic <ann> hi (edited)\n",
    ),
    replace(message("waves", kind="action"), edited_at=1): (
        "MSG|ann: *waves* (edited)\n",
        "12:34 * ann waves (edited)\n",
    ),
    replace(message(""), edited_at=1, deleted=True): (
        "MSG|ann: (deleted)\n",
        "12:34 <ann> (deleted)\n",
    ),
    events.Found(messages=()): both("Nothing was found."),
    events.Found(messages=(), next=5): both(
        "Nothing was found so far. There may be more; narrow it down with from:, in:, before: or "
        "after:."
    ),
    events.Found(messages=(message("a\nSRV|b", "attic"), message("waves", kind="action"))): both(
        "Found, newest first:", "1970-01-01 #attic ann: a SRV|b", "1970-01-01 #lobby ann: *waves*"
    ),
    events.Found(messages=(message("hi", "@bob"),)): both(
        "Found, newest first:", "1970-01-01 @bob ann: hi"
    ),
    events.Found(messages=(message("hi"),), next=5): both(
        "Found, newest first:",
        "1970-01-01 #lobby ann: hi",
        "There may be more; narrow it down with from:, in:, before: or after:.",
    ),
    events.Edited(room="attic", seq=1, id="2-1", nick="ann", at=0, text="a\nSRV|b"): both(
        "ann has edited a message in #attic: a SRV|b"
    ),
    events.Deleted(room="lobby", seq=1, id="1-1", nick="ann", by="ann", at=0): both(
        "ann has deleted a message in the chat."
    ),
    events.Deleted(room="attic", seq=1, id="2-1", nick="ann", by="bob", at=0): both(
        "bob has deleted a message of ann in #attic."
    ),
    events.Deleted(room="@bob", seq=1, id="2-1", nick="ann", by="ann", at=0, reason="a typo"): both(
        "ann has deleted a message to bob: a typo"
    ),
    REACTED: both("bob reacts to a message of ann in the chat: +1"),
    replace(REACTED, room="attic", active=False): both(
        "bob takes back a reaction to a message of ann in #attic: +1"
    ),
    replace(REACTED, room="@ann", author=""): both("bob reacts to a message to ann: +1"),
    events.IsAway(nick="ann", user="1", text="lunch"): both("ann is away: lunch"),
    CONFIDED: both("ann to the operators of #lobby: look SRV|at"),
    replace(CONFIDED, role="voice", kind="action"): both(
        "ann to the operators and voices of #lobby: *look SRV|at*"
    ),
    events.ReadUpTo(room="lobby", at=1): ("", ""),
    events.ConversationList(conversations=()): ("", ""),
    message("please restart", kind="notice"): (
        "MSG|ann: please restart\n",
        "12:34 <ann> please restart\n",
    ),
    events.HistoryPage(room="@bob", messages=(message("hi", "@bob"),), more=False): (
        "SRV|Messages of @bob:\nMSG|@bob ann: hi\n",
        "* Messages of @bob:\n12:34 @bob <ann> hi\n",
    ),
    events.AwayChanged(nick="ann", user="1", text="lunch"): both("ann is away: lunch"),
    events.AwayChanged(nick="ann", user="1"): both("ann is back."),
    events.LoggedIn(account="ann", nick="ann", user="1"): both("You are logged in as ann."),
    events.LoggedIn(account="ann", nick="", user="1"): both("You are logged in as ann."),
    events.LoggedIn(account="ann", nick="anna", user="1"): both(
        "You are logged in as ann; you are anna now."
    ),
    events.LoginWanted(account="ann", seconds=30): both(
        "The nick ann is registered. Log in with /login <password> within 30 seconds, or you get "
        "another nick."
    ),
    events.LoggedOut(nick="Guest_1", user="1"): (
        "SRV|You are logged out; you are Guest_1 now.\n",
        "* You are logged out; you are Guest_1 now.\n",
    ),
    events.Notice(text="a\nb"): ("SRV|a\nSRV|b\n", "* a\n* b\n"),
    events.Failed(code="bad-input", text="No."): ("SRV|No.\n", "* No.\n"),
    events.Closing(code="quit", text="Goodbye."): ("SRV|Goodbye.\n", "* Goodbye.\n"),
    events.Ack(room="lobby", seq=1, id="1-1", at=0): ("", ""),
    events.TypingNow(room="lobby", nick="ann", active=True): ("", ""),
    events.Pong(): ("", ""),
    events.OperatorChanged(nick="ann", user="1", operator=True): both(
        "You are an operator of this server now."
    ),
    events.OperatorChanged(nick="ann", user="1", operator=False): both(
        "You are no operator of this server any more."
    ),
    events.AlwaysOn(active=True): both("You stay in your rooms when you are not connected."),
    events.AlwaysOn(active=False): both("You leave your rooms when your last connection ends."),
    events.AccountChanged(nick="ann", user="1", account="ann"): ("", ""),
    events.ScramChallenge(message="r=x"): ("", ""),
    events.FactChanged(target="ann", key="url", nick="ann", user="1"): ("", ""),
    events.FactsCleared(target="ann", keys=("url",)): ("", ""),
    events.Facts(target="ann", facts=()): ("", ""),
    events.FactsSynced(about=()): ("", ""),
    events.Subscribed(keys=("url",)): ("", ""),
    events.Welcome(
        version=1, features=(), server="s", server_id="i", user="1", text_characters=9
    ): ("", ""),
}


class EncodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.plain = PlainEncoder(lambda _at: "12:34")

    def test_every_event_for_programs_and_for_eyes(self) -> None:
        self.assertEqual({type(event) for event in SHOWN}, {*EVENTS.values(), *UNNAMED})
        for event, (line, plain) in SHOWN.items():
            self.assertEqual(ENCODER.encode(event).decode(), line)
            self.assertEqual(self.plain.encode(event).decode(), plain)

    def test_ones_own_private_message_names_who_was_told(self) -> None:
        private = replace(PRIVATE, text="hi")
        self.assertEqual(ENCODER.encode_own(private), b"MSG|[private] to bob: hi\n")
        self.assertEqual(self.plain.encode_own(private), b"12:34 [private to bob] hi\n")

    def test_ones_own_message_is_not_told_and_all_else_is(self) -> None:
        for encoder in (ENCODER, self.plain):
            for event in SHOWN:
                if isinstance(event, events.Private):
                    continue
                expected = b"" if isinstance(event, Message) else encoder.encode(event)
                self.assertEqual(encoder.encode_own(event), expected, event)

    def test_half_a_surrogate_pair_goes_out_as_a_question_mark(self) -> None:
        for encoder, expected in ((ENCODER, b"SRV|?\n"), (self.plain, b"* ?\n")):
            self.assertEqual(encoder.encode(events.Notice(text="\ud800")), expected)

    def test_the_time_is_that_of_the_message(self) -> None:
        plain = PlainEncoder(lambda at: f"at {at}")
        self.assertEqual(plain.encode(message("hi")), b"at 0 <ann> hi\n")
