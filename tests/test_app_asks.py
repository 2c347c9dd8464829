"""The application and what takes a while: answers, in any order, one by one for each session."""

from __future__ import annotations

from chatservice.domain.commands import (
    ChangePassword,
    Hello,
    History,
    Login,
    Ping,
    Quit,
    Register,
    Say,
    SetNick,
)
from chatservice.domain.errors import LimitReached, NoSuchRoom
from chatservice.domain.events import (
    AccountChanged,
    Closing,
    Failed,
    HistoryPage,
    LoggedIn,
    Message,
    Notice,
    Pong,
    Roster,
)
from chatservice.domain.records import AccountKept, Page, Said, Window
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Hash, Later, Read, Step, Verify
from tests.chatcase import ChatCase, codes
from tests.world import SECRET

PASSWORD = "correct horse"
ANOTHER = "battery staple"


class HashingTests(ChatCase):
    def setUp(self) -> None:
        super().setUp()
        self.hasher = self.world.hasher
        self.hasher.hold = True

    def answer(self) -> int:
        """Let the hasher answer what it was asked for."""
        count = self.hasher.release()
        self.world.settle()
        return count

    def test_commands_wait_for_the_hash_in_their_order(self) -> None:
        told = self.world.do(self.ann, Register(password=PASSWORD), Say(text="hi"), Ping())
        self.assertEqual(told, [])
        self.assertIn(self.ann, self.ears.held)
        self.answer()
        told = self.ears.take(self.ann)
        self.assertEqual([type(each) for each in told], [LoggedIn, AccountChanged, Message, Pong])
        self.assertNotIn(self.ann, self.ears.held)

    def test_others_do_not_wait(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        self.world.do(self.bob, Say(text="hi"))
        self.assertEqual([type(each) for each in self.ears.take(self.ann)], [Message])

    def test_answers_come_in_any_order(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        self.world.do(self.bob, Register(password=ANOTHER))
        self.assertEqual(self.answer(), 2)
        self.assertEqual((self.ann.account, self.bob.account), ("ann", "bob"))
        kept = {each.nick: each.password for each in self.world.store.open().accounts}
        self.assertEqual(kept, {"ann": PASSWORD[::-1], "bob": ANOTHER[::-1]})

    def test_one_question_after_the_other(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        self.answer()
        self.ears.told.clear()
        self.world.do(self.ann, ChangePassword(old=PASSWORD, new=ANOTHER), Ping())
        self.assertEqual(self.hasher.asked[1:], [(PASSWORD, PASSWORD[::-1])])
        self.answer()
        self.assertEqual(self.hasher.asked[2:], [(ANOTHER, None)])
        self.assertIn(self.ann, self.ears.held)
        self.answer()
        self.assertEqual([type(each) for each in self.ears.take(self.ann)], [Notice, Pong])

    def test_who_goes_meanwhile_is_not_bothered(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD), Ping())
        self.chat.disconnect(self.ann)
        self.world.settle()
        self.answer()
        self.assertEqual(self.ears.take(self.ann), [])
        self.assertEqual(self.world.store.open().accounts, ())

    def test_who_is_put_out_meanwhile_changes_nothing(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD))
        self.chat.dismiss(self.ann, "too-long", "Too long.")
        self.world.settle()
        self.answer()
        self.assertEqual([type(each) for each in self.ears.take(self.ann)], [Closing])
        self.assertEqual(self.world.store.open().accounts, ())

    def test_who_left_in_between_does_nothing_more(self) -> None:
        self.world.do(self.ann, Register(password=PASSWORD), Quit(), Ping())
        self.answer()
        told = self.ears.take(self.ann)
        self.assertEqual(told[2:], [Closing(code="quit", text="Goodbye.")])

    def test_a_hasher_that_refuses_is_quoted_and_the_session_goes_on(self) -> None:
        self.hasher.refusal = LimitReached("Too busy.")
        for command in (Register(password=PASSWORD, id="r"), Login(password=PASSWORD, id="r")):
            self.world.do(self.ann, command, Ping())
            self.answer()
            told = self.ears.take(self.ann)
            self.assertEqual(told[0], Failed(code="limit-reached", text="Too busy.", re="r"))
            self.assertEqual(told[1:], [Pong()])

    def test_a_slow_reader_is_answered_when_it_has_read(self) -> None:
        self.ears.slow = []
        self.world.do(self.ann, Register(password=PASSWORD))
        self.assertEqual(self.hasher.asked, [])
        for _ in ("the hash", "the verifier"):
            self.ears.slow.pop()()
            self.answer()
        self.ears.slow.pop()()
        self.assertEqual(self.ann.account, "ann")

    def test_no_password_is_told_or_shown(self) -> None:
        for command in (
            Register(password=PASSWORD),
            Login(password=PASSWORD),
            ChangePassword(old=PASSWORD, new=PASSWORD),
        ):
            self.assertNotIn(PASSWORD, repr(command))
            self.world.do(self.ann, command)
            self.answer()
        self.assertNotIn(PASSWORD, repr(self.ears.told))
        asks = (
            Hash(self.ann, PASSWORD, _none, None),
            Verify(self.ann, PASSWORD, None, _none, None),
        )
        self.assertNotIn(PASSWORD, repr(asks))


def _none(_answer: object, _now: int) -> list[Step]:
    return []


class SeveralAsksTests(ChatCase):
    """A command that has more than one question."""

    def test_are_asked_in_order_whatever_they_are(self) -> None:
        self.world.hasher.hold = True
        order: list[str] = []

        def resume(name: str, answer: object) -> list[Step]:
            order.append(name)
            return [Deliver.to(self.ann, Notice(text=f"{name}: {type(answer).__name__}"))]

        self.chat._take(
            [
                Verify(self.ann, "x", None, lambda right, _: resume("verify", right), None),
                Read(self.ann, Window(room_id=1, limit=1), lambda p, _: resume("read", p), None),
                Hash(self.ann, "x", lambda hashed, _: resume("hash", hashed), None),
            ]
        )
        self.assertEqual(self.world.do(self.ann, Ping()), [])
        self.assertEqual((self.world.hasher.release(), order), (1, ["verify"]))
        self.world.settle()
        self.assertEqual((self.world.hasher.release(), order), (1, ["verify", "read", "hash"]))
        self.world.settle()
        *told, pong = self.ears.take(self.ann)
        self.assertEqual(
            [each.text for each in told if isinstance(each, Notice)],
            ["verify: bool", "read: Page", "hash: str"],
        )
        self.assertEqual(pong, Pong())

    def test_what_a_resumption_refuses_is_told_with_its_id(self) -> None:
        def resume(_page: Page, _now: int) -> list[Step]:
            raise NoSuchRoom("It is gone.")

        self.chat._take([Read(self.ann, Window(room_id=1, limit=1), resume, "r")])
        told = self.world.do(self.ann, History(limit=1))
        self.assertEqual(told[0], Failed(code="no-such-room", text="It is gone.", re="r"))
        self.assertIsInstance(told[1], HistoryPage)


class LaterTests(ChatCase):
    def later(self, session: Session, nick: str) -> None:
        self.chat._take([Later(session, 30, SetNick(nick=nick))])

    def test_is_done_in_time(self) -> None:
        self.later(self.ann, "anna")
        self.world.clock.advance(29.9)
        self.assertEqual(self.ann.nick, "ann")
        self.world.clock.advance(0.1)
        self.assertEqual(self.ann.nick, "anna")

    def test_waits_its_turn(self) -> None:
        self.later(self.ann, "anna")
        self.hold()
        self.world.do(self.ann, History())
        self.world.clock.advance(30)
        self.assertEqual(self.ann.nick, "ann")
        self.release()
        self.assertEqual(self.ann.nick, "anna")

    def test_not_for_who_has_gone_or_was_replaced(self) -> None:
        self.later(self.ann, "anna")
        self.later(self.bob, "bobby")
        self.chat.disconnect(self.ann)
        again = self.world.connect()
        self.world.do(again, Hello(client=SECRET + "bob"))
        self.ears.told.clear()
        self.world.clock.advance(30)
        self.world.settle()
        self.assertEqual(again.nick, "bob")
        self.assertEqual(
            [each for each in self.ears.take(again) if not isinstance(each, Roster)], []
        )


class OtherRecordsTests(ChatCase):
    """Records that are no messages."""

    def setUp(self) -> None:
        super().setUp()
        self.undone: list[str] = []

    def keep(self, name: str) -> Deliver:
        account = AccountKept(key=name, nick=name, password="x", made_at=1)
        return Deliver(
            (self.ann, self.bob),
            Notice(text=name, re="k"),
            origin=self.ann,
            record=account,
            undo=lambda: self.undone.append(name),
        )

    def test_are_kept_with_the_messages_in_order_then_told(self) -> None:
        batches: list[list[str]] = []
        append = self.world.store.append

        def noting(records):  # type: ignore[no-untyped-def]
            batches.append([type(each).__name__ for each in records])
            return append(records)

        self.world.store.append = noting  # type: ignore[method-assign]
        self.chat.execute(self.ann, Say(text="1"))
        self.chat._take([self.keep("zoe")])
        self.chat.execute(self.ann, Say(text="2"))
        self.world.settle()
        self.assertEqual(batches, [[Said.__name__, AccountKept.__name__, Said.__name__]])
        told = [type(each) for each in self.ears.take(self.bob)]
        self.assertEqual((told, self.undone), ([Message, Notice, Message], []))

    def test_what_is_refused_is_undone_before_the_origin_alone_is_told(self) -> None:
        self.world.store.broken = "full"
        self.chat._take([self.keep("zoe")])
        self.world.settle()
        sentence = "This could not be kept, so it is not done: full"
        self.assertEqual(
            self.ears.take(self.ann), [Failed(code="not-stored", text=sentence, re="k")]
        )
        self.assertEqual((self.ears.take(self.bob), self.undone), ([], ["zoe"]))

    def test_count_among_what_waits_for_the_disk(self) -> None:
        self.hold()
        self.chat._take([self.keep(name) for name in ("x", "y", "z")])
        self.world.do(self.bob, Say(text="hi"))
        self.release()
        self.assertEqual(codes(self.ears.take(self.bob)), ["limit-reached"])
        self.assertEqual(codes(self.world.do(self.bob, Say(text="hi"))), [])
