"""The client's side of `pipe`: lines to events, commands to lines, greetings merged."""

from __future__ import annotations

from hypothesis import given, seed, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import commands as c
from chatservice.domain import events as e
from chatservice.wire.pipe_client import GREETED_MESSAGES, PipeClient

NOW = 1_700_000_000_000


def heard(client: PipeClient, *lines: str) -> list[e.Event]:
    """The events in some lines."""
    return [event for line in lines for event in client.decode(line.encode(), NOW)]


def asked(client: PipeClient, command: c.Command) -> list[e.Event]:
    """What the wire itself answers to a command."""
    return list(client.encode(command, NOW)[1])


def entered(*greeting: str, client: PipeClient | None = None) -> tuple[PipeClient, e.Entered]:
    """A client that has come into the lobby, and what it saw there."""
    client = client or PipeClient()
    client.encode(c.Hello(id="h", nick="me"), NOW)
    heard(client, *greeting, "ULIST|bob(10.0.0.2:2)", "SRV|me has joined the chat.")
    [event] = asked(client, c.Join(id="j", room="lobby"))
    assert isinstance(event, e.Entered)
    return client, event


def texts(event: e.Entered) -> list[str]:
    """What was said in it."""
    return [message.text for message in event.messages]


class Greeting(SynchronousTestCase):
    """From hello to the lobby."""

    def test_in_the_order_of_the_wire(self) -> None:
        client = PipeClient()
        self.assertEqual(client.encode(c.Hello(id="h", nick="me"), NOW), (b"CMD_USER|me\n", ()))
        greeting = ("SRV|Welcome! Here are the recent messages:", "MSG|bob: a: b", "MSG|eve: |")
        self.assertEqual(heard(client, *greeting), [])
        self.assertEqual(heard(client, "SRV|Try /help."), [e.Notice(text="Try /help.")])
        self.assertEqual(heard(client, "ULIST|bob(10.0.0.2:2),eve(::1:3)"), [])
        [welcome] = heard(client, "SRV|me has joined the chat.")
        assert isinstance(welcome, e.Welcome)
        self.assertEqual(welcome.nick, "me")
        [event] = asked(client, c.Join(id="j", room="lobby"))
        assert isinstance(event, e.Entered)
        self.assertEqual((event.room, event.seq, event.re), ("lobby", 2, "j"))
        self.assertEqual(
            [(m.seq, m.nick, m.text) for m in event.messages],
            [(1, "bob", "a: b"), (2, "eve", "|")],
        )
        self.assertEqual(
            [(p.nick, p.address) for p in event.people], [("bob", "10.0.0.2:2"), ("eve", "::1:3")]
        )

    def test_a_list_with_the_nick_is_a_welcome(self) -> None:
        client = PipeClient()
        client.encode(c.Hello(nick="me"), NOW)
        [welcome] = heard(client, "ULIST|me(10.0.0.1:1)")
        self.assertIsInstance(welcome, e.Welcome)

    def test_so_is_the_second_list_where_the_nick_is_spelled_otherwise(self) -> None:
        client = PipeClient()
        client.encode(c.Hello(nick="m e"), NOW)
        self.assertEqual(heard(client, "ULIST|"), [])
        [welcome] = heard(client, "ULIST|m_e(10.0.0.1:1)")
        self.assertIsInstance(welcome, e.Welcome)

    def test_so_is_a_change_from_a_nick_that_the_server_chose(self) -> None:
        client = PipeClient()
        client.encode(c.Hello(nick="me"), NOW)
        [welcome] = heard(
            client, "ULIST|User_1.2.3.4:5(1.2.3.4:5)", "SRV|User_1 is now known as me."
        )
        self.assertIsInstance(welcome, e.Welcome)

    def test_joining_before_the_list(self) -> None:
        client = PipeClient()
        client.encode(c.Hello(nick="me"), NOW)
        [_welcome] = heard(client, "SRV|me has joined the chat.")
        self.assertEqual(asked(client, c.Join(id="j", room="lobby")), [])
        [event] = heard(client, "ULIST|me(10.0.0.1:1)")
        self.assertIsInstance(event, e.Entered)

    def test_a_taken_nick(self) -> None:
        client = PipeClient()
        client.encode(c.Hello(id="h", nick="me"), NOW)
        [failed, welcome] = heard(
            client, "ULIST|me2(1.1.1.1:1)", "SRV|Nickname 'me' is already taken."
        )
        self.assertEqual(
            failed, e.Failed(code="name-taken", text="Nickname 'me' is already taken.", re="h")
        )
        self.assertIsNone(getattr(welcome, "nick", ""))
        self.assertEqual(client.encode(c.SetNick(id="n", nick="you"), NOW), (b"CMD_USER|you\n", ()))
        self.assertEqual(
            heard(client, "SRV|you has joined the chat."),
            [e.Renamed(old="", new="you", user="", at=NOW, re="n")],
        )


class Reconnecting(SynchronousTestCase):
    """What a second greeting repeats is not shown again."""

    def test_the_overlap_is_dropped(self) -> None:
        client, first = entered("MSG|bob: 1", "MSG|bob: 2")
        self.assertEqual(texts(first), ["1", "2"])
        heard(client, "MSG|bob: 3")
        _, second = entered("MSG|bob: 2", "MSG|bob: 3", "MSG|bob: 3", client=client)
        self.assertEqual(texts(second), ["3"])
        self.assertEqual([m.seq for m in second.messages], [4])

    def test_ones_own_do_not_hinder(self) -> None:
        client, _ = entered("MSG|bob: 1")
        asked(client, c.Say(text="mine"))
        heard(client, "MSG|bob: 2")
        _, second = entered("MSG|bob: 1", "MSG|bob: 2", "MSG|me: mine", "MSG|bob: 3", client=client)
        self.assertEqual(texts(second), ["3"])

    def test_ones_own_words_of_another_day(self) -> None:
        client, _ = entered("MSG|me: hi", "MSG|bob: 1")
        asked(client, c.Say(text="hi"))
        _, second = entered("MSG|me: hi", "MSG|bob: 1", "MSG|me: hi", client=client)
        self.assertEqual(texts(second), [])

    def test_nothing_in_common(self) -> None:
        client, _ = entered("MSG|bob: 1")
        _, second = entered("MSG|bob: 8", "MSG|bob: 9", client=client)
        self.assertEqual(texts(second), ["8", "9"])

    @seed(1)
    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.sampled_from("ab"), max_size=130), st.integers(0, 130), st.data())
    def test_never_one_twice(self, log: list[str], cut: int, data: st.DataObject) -> None:
        """The log is what the server has; the greeting is its end. Nothing new is invented."""
        cut = min(cut, len(log))
        missed = min(len(log) - cut, data.draw(st.integers(0, GREETED_MESSAGES)))
        lines = [f"MSG|bob: {number if text == 'a' else text}" for number, text in enumerate(log)]
        client, first = entered(*lines[:cut][-GREETED_MESSAGES:])
        now = lines[: cut + missed]
        _, second = entered(*now[-GREETED_MESSAGES:], client=client)
        shown = texts(first) + texts(second)
        numbered = [text for text in shown if text != "b"]
        self.assertEqual(len(numbered), len(set(numbered)))


class Live(SynchronousTestCase):
    """What happens in the lobby."""

    def test_messages_and_people(self) -> None:
        client, _ = entered()
        bob = e.Person(nick="bob", user="bob", address="10.0.0.2:2")
        eve = e.Person(nick="eve", user="eve", address="")
        self.assertEqual(
            heard(
                client,
                "MSG|bob: hi",
                "SRV|eve has joined the chat.",
                "ULIST|bob(10.0.0.2:2)",
                "ULIST|",
                "SRV|eve is now known as ann.",
                "SRV|ann has left the chat.",
                "SRV|The server is shutting down.",
                "MSG|[private] bob: psst",
                "MSG|nonsense",
                "OTHER|x",
                "",
            ),
            [
                e.Message(
                    room="lobby", seq=1, id="pipe-1", nick="bob", user="bob", at=NOW, text="hi"
                ),
                e.Joined(room="lobby", person=eve, at=NOW),
                e.People(room="lobby", people=()),
                e.Renamed(old="eve", new="ann", user="eve", at=NOW),
                e.Left(room="lobby", nick="ann", user="ann", at=NOW),
                e.Notice(text="The server is shutting down."),
                e.Notice(text="[private] bob: psst"),
                e.Notice(text="nonsense"),
                e.Notice(text="OTHER|x"),
            ],
        )
        self.assertEqual(
            heard(client, "ULIST|bob(10.0.0.2:2)"), [e.People(room="lobby", people=(bob,))]
        )

    def test_ones_own_nick(self) -> None:
        client, _ = entered()
        client.encode(c.SetNick(id="n", nick="you"), NOW)
        self.assertEqual(
            heard(client, "SRV|me is now known as you."),
            [e.Renamed(old="me", new="you", user="me", at=NOW, re="n")],
        )
        self.assertEqual(client.encode(c.Say(text="x"), NOW)[0], b"MSG|you: x\n")
        client.encode(c.SetNick(id="m", nick="you"), NOW)
        [failed] = heard(client, "SRV|Did you even change your name?")
        self.assertEqual(
            failed, e.Failed(code="same-name", text="Did you even change your name?", re="m")
        )


class Asking(SynchronousTestCase):
    """Commands as lines, and those that older servers do not have."""

    def test_lines(self) -> None:
        client, _ = entered()
        for command, line in (
            (c.Say(text="a\n\nMSG|b\r"), b"MSG|me: a\nMSG|me: MSG|b \n"),
            (c.Say(text="waves\nboth", kind="action"), b"/me waves both\n"),
            (c.Whois(nick="bob"), b"/whois bob\n"),
            (c.Typing(), b""),
            (c.Quit(), b""),
        ):
            self.assertEqual(client.encode(command, NOW)[0], line)

    def test_answers(self) -> None:
        client, _ = entered()
        [ack] = asked(client, c.Say(id="s", text="hi"))
        self.assertEqual(ack, e.Ack(room="lobby", seq=1, id="pipe-1", at=NOW, re="s"))
        self.assertEqual(asked(client, c.Ping(id="p")), [e.Pong(re="p")])
        self.assertEqual(
            asked(client, c.History(id="h")),
            [e.HistoryPage(room="lobby", messages=(), more=False, re="h")],
        )
        [people] = asked(client, c.ListPeople(id="l"))
        self.assertEqual(getattr(people, "re", None), "l")
        [rooms] = asked(client, c.ListRooms(id="r"))
        self.assertEqual(rooms, e.Rooms(rooms=(e.RoomInfo(room="lobby", people=1, seq=1),), re="r"))
        for command in (
            c.Join(id="x", room="ops"),
            c.Say(id="x", room="ops", text="x"),
            c.Leave(id="x"),
        ):
            [failed] = asked(client, command)
            assert isinstance(failed, e.Failed)
            self.assertEqual((failed.code, failed.re), ("unknown-command", "x"))


class Anything(SynchronousTestCase):
    """No line raises."""

    @seed(2)
    @settings(max_examples=500, deadline=None)
    @given(
        st.lists(
            st.builds(
                bytes.__add__, st.sampled_from([b"", b"MSG|", b"SRV|", b"ULIST|"]), st.binary()
            )
        )
    )
    def test_bytes(self, lines: list[bytes]) -> None:
        client = PipeClient()
        for line in lines:
            for event in client.decode(line, NOW):
                self.assertIsInstance(event, e.Event)
