"""The rules of names and text."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.confusables import TABLE
from chatservice.domain.errors import BadName, ChatError, EmptyText, TooLong
from chatservice.domain.limits import Limits
from chatservice.domain.text import (
    clean_nick,
    clean_room,
    clean_text,
    name_keys,
    neutral,
    new_nick,
    one_line,
    skeleton,
    visible,
)
from tests.domain import make_confusables

LIMITS = Limits()
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
HEART = "\u2764\ufe0f\u200d\U0001f525"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HIDDEN = "\u00ad\u034f\u115f\u1160\u180e\u200b\u2060\u2064\u206f\u3164\ufeff\uffa0\ufff9\ufffb"
TAGS = "\U000e0001\U000e0041\U000e007f"
JOINERS = "\u200c\u200d\ufe0e\ufe0f\U000e0100"
NEVER_IN_NAMES = "|,()#:@!*?"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("aZ09mI _-/\n\t\r\x00\x1b\x9b\u0301\u0327\u2028\u2800\u1100\u1161\ud800"),
        st.sampled_from(BIDI + HIDDEN + TAGS + JOINERS + NEVER_IN_NAMES + "\uff5c\uff03\u00a8"),
    ),
    max_size=40,
)
FIXED = settings(derandomize=True, max_examples=1000, deadline=None, database=None)
NAMES = re.findall(
    r"\w+",
    """
    Bill Alice Bob Carol Dave Erin Frank Grace Heidi Ivan Judy Mallory Niaj Olivia Peggy Quentin
    Rupert Sybil Trent Ursula Victor Walter Xavier Yvonne Zoe admin administrator root operator
    moderator system server lobby support security staff owner helper bot chanserv nickserv
    sysop master webmaster hostmaster postmaster guest anonymous nobody official helpdesk
    """,
)


def said(raw: str) -> str:
    return clean_text(raw, LIMITS)


def nick(raw: str) -> str:
    return clean_nick(raw, LIMITS)


def room(raw: str) -> str:
    return clean_room(raw, LIMITS)


def alike(one: str, other: str) -> bool:
    return bool(name_keys(one) & name_keys(other))


class CleanTextTests(SynchronousTestCase):
    def test_ordinary_text_stays(self) -> None:
        for text in (
            "hello",
            "  indented",
            "a\tb\n\nc",
            "Grüße",
            FAMILY,
            HEART,
            PERSIAN,
            "\u2800x",
        ):
            self.assertEqual(said(text), text)

    def test_normal_form(self) -> None:
        self.assertEqual(said("e\u0301"), "é")
        self.assertEqual(said("e\u200b\u0301"), "é")

    def test_controls_go(self) -> None:
        self.assertEqual(said("a\x00b\x1b[31mc\x7fd\x85e\x9bf"), "ab[31mcdef")
        self.assertEqual(said("one\r\ntwo\rthree\x0bfour\x0cfive"), "one\ntwothreefourfive")

    def test_surrogates_are_replaced(self) -> None:
        self.assertEqual(said("a\ud83d\ude00b"), "a\ufffd\ufffdb")

    def test_hidden_characters_go(self) -> None:
        for char in BIDI + HIDDEN + TAGS:
            self.assertEqual(said(f"a{char}b"), "ab", ascii(char))

    def test_line_separators_become_lf(self) -> None:
        self.assertEqual(said("a\u2028b\u2029c"), "a\nb\nc")

    def test_joiners_stay_only_after_something_visible(self) -> None:
        for char in JOINERS:
            self.assertEqual(said(f"{char}{char}a{char} {char}b\n{char}c"), f"a{char} b\nc")
        self.assertEqual(said("a\u200d\u200c\ufe0f\u200db"), "a\u200db")
        self.assertEqual(said("a\ufe0f\ufe0e\u200db"), "a\ufe0f\u200db")

    def test_ends_are_stripped(self) -> None:
        self.assertEqual(said("\n\n  a b \t\n\n"), "  a b")
        self.assertEqual(said("a \u00a0\u2800\u3000"), "a")
        self.assertEqual(said("a  "), "a")

    def test_nothing_left_is_refused(self) -> None:
        for raw in ("", "   ", "\r\n", "\x00", "\u200b\u3164", "\u2800\u200d", "\u200e \u2028"):
            self.assertRaises(EmptyText, said, raw)

    def test_too_long_is_refused_with_the_limit(self) -> None:
        for char in "aé":
            self.assertEqual(len(said(char * 4000)), 4000)
            error = self.assertRaises(TooLong, said, char * 4001)
            self.assertIn("4000", error.sentence)
        self.assertEqual(said("a\x00" * 4000), "a" * 4000)

    def test_every_character_is_settled_at_once(self) -> None:
        for start in range(0, 0x110000, 256):
            block = map(chr, range(start, start + 256))
            self.assert_settled("".join(f"a{char}\u0301\u200db" for char in block))

    @FIXED
    @given(NASTY)
    def test_cleaning_is_idempotent_and_leaves_no_control(self, raw: str) -> None:
        self.assert_settled(raw)

    def assert_settled(self, raw: str) -> None:
        try:
            text = said(raw)
        except EmptyText:
            return
        assert said(text) == text, ascii(raw)
        assert not CONTROLS.search(text), ascii(raw)
        assert not set(text) & set(BIDI + HIDDEN + TAGS), ascii(raw)
        text.encode()


class ShownTextTests(SynchronousTestCase):
    def test_a_line_is_visible_from_where_its_text_begins(self) -> None:
        """Whatever is taken away before a command, it is one."""
        for code in chain(range(0x10000), range(0x1B000, 0x1E000), range(0xE0000, 0xE1001)):
            begun = f"{chr(code)}/x"
            gone = clean_text(begun, LIMITS) == "/x"
            self.assertEqual(visible(begun), "/x" if gone else begun, hex(code))
        self.assertEqual(visible("\ufeff\x0c\u200d\n/x\ufeff"), "/x\ufeff")
        self.assertEqual(visible(""), "")

    def test_one_line(self) -> None:
        self.assertEqual(one_line("a\nb\t\nc d"), "a b  c d")

    def test_neutral_leaves_nothing_that_steers_a_terminal(self) -> None:
        self.assertEqual(neutral("Grüße, \U0001f600"), "Grüße, \U0001f600")
        self.assertEqual(
            neutral("\x1b]0;x\x07\x9b2J\n\t\x7f"), "\ufffd]0;x\ufffd\ufffd2J" + "\ufffd" * 3
        )
        for point in (*range(0x20), *range(0x7F, 0xA0), *map(ord, BIDI + TAGS), 0xD800, 0x2028):
            self.assertEqual(neutral(f"a{chr(point)}b"), "a\ufffdb", hex(point))

    def test_neutral_keeps_emoji_whole(self) -> None:
        self.assertEqual(neutral(FAMILY + HEART), FAMILY + HEART)


class CleanNickTests(SynchronousTestCase):
    def test_good_nicks_stay(self) -> None:
        for name in (
            "alice",
            "Ünal",
            "鈴木",
            "a1",
            "_x_",
            "Jo'",
            "[bot]",
            "\U0001f600",
            "नेहा",
            "Ivan^",
        ):
            self.assertEqual(nick(name), name)

    def test_what_can_be_made_safe_is(self) -> None:
        self.assertEqual(nick("  Jane \t\u3000Doe\n"), "Jane_Doe")
        self.assertEqual(nick("Jose\u0301"), "José")

    def test_refused(self) -> None:
        for name in (
            "", " ", "\n", "1abc", "\u0661x", "\u00bdx", "\u2460x", "/quit", "\uff0fquit",
            "a\uff5cb", "a\uff1ab", "a\u203cb", "\u2474x", "a\u2025\u2048", "x\u00a8y",
            "\u0301a", "\u20e3", "a\u0301\u0302\u0303\u0304\u0305", "___", "...", "-",
            "a\x00b", "a\x1bb", "a\x7fb", "a\x9bb", "a\ud800b", "a\ue000b", "a\u0378b", "a\uffffb",
            "a\u2800b", "a\ufffcb",
        ):  # fmt: skip
            self.assertRaises(BadName, nick, name)
        for char in NEVER_IN_NAMES + BIDI + HIDDEN + TAGS + JOINERS:
            self.assertRaises(BadName, nick, f"a{char}b")

    def test_reserved_by_look(self) -> None:
        for name in (
            *("server", "SERVER", "System", "SYSTEM", "systern", "[System]", "_server_"),
            *("\u0455erver", "sy\u0455tem", "s\u00e9rver", "s\u212erver", "\uff33erver"),
            *("NickServ", "nickserv", "ChanServ", "N\u0456ckServ", "MemoServ", "Services"),
        ):
            self.assertRaises(BadName, nick, name)
        for name in ("servers", "systemd", "observer"):
            self.assertEqual(nick(name), name)

    def test_no_nick_looks_like_an_id(self) -> None:
        for name in ("l23456", "O12345", "IOIOIO", "\u043123456", "\u0417OOOOO"):
            self.assertRaises(BadName, nick, name)
        for name in ("l2345", "O123456", "lollol", "\u0417\u043e\u044f"):
            self.assertEqual(nick(name), name)

    def test_no_new_nick_begins_with_what_irc_has_for_roles_and_masks(self) -> None:
        """Modern IRC, "Clients": nicks MUST NOT start with `$`, nor with a membership prefix."""
        for char in "+$~&%\uff0b\uff04":
            error = self.assertRaises(BadName, new_nick, f"{char}ann", LIMITS)
            self.assertIn("begin with + $ ~ & %", error.sentence)
            self.assertEqual(nick(f"{char}ann"), f"{char}ann")  # an account's from before
            self.assertEqual(new_nick(f"a{char}nn", LIMITS), f"a{char}nn")
        for name in ("_ann", "[ann]", "^ann", "=ann", "-ann", "{ann}", "`ann", "'ann"):
            self.assertEqual(new_nick(name, LIMITS), name)

    def test_the_documented_characters(self) -> None:
        """The page of rooms has all that is visible ASCII and in no name, or in no nick's place."""
        page = (Path(__file__).parents[2] / "docs" / "rooms.md").read_text("utf-8")
        [nowhere] = re.findall("holds any of `([^`]+)`", page)
        [not_first] = re.findall(r"begin with a digit or one of `([^`]+)`", page)

        def refused(clean: Callable[[str, Limits], str], form: str) -> set[str]:
            found = set()
            for char in string.punctuation:
                try:
                    clean(form.format(char), LIMITS)
                except BadName:
                    found.add(char)
            return found

        self.assertEqual(refused(new_nick, "a{}b"), set(nowhere.split()))
        self.assertEqual(refused(clean_room, "a{}b"), set(nowhere.split()))
        self.assertEqual(refused(new_nick, "{}ab"), {*nowhere.split(), *not_first.split(), "/"})

    def test_too_long_is_refused_with_the_limit(self) -> None:
        self.assertEqual(nick("x" * 32), "x" * 32)
        self.assertIn("32", self.assertRaises(TooLong, nick, "x" * 33).sentence)

    def test_refusals_are_safe_to_show(self) -> None:
        for name in ("a\x1b[2J", "a\u202eb", "a|b"):
            sentence = self.assertRaises(BadName, nick, name).sentence
            self.assertTrue(sentence.isascii() and sentence.isprintable())

    @FIXED
    @given(NASTY)
    def test_no_nick_holds_what_is_forbidden_even_after_nfkc(self, raw: str) -> None:
        try:
            name = nick(raw)
        except ChatError:
            return
        assert nick(name) == name
        assert len(name) <= LIMITS.nick_characters
        for form in (name, unicodedata.normalize("NFKC", name)):
            assert form.isprintable(), ascii(raw)
            assert not set(form) & set(NEVER_IN_NAMES + " " + BIDI + HIDDEN + TAGS + JOINERS)
            assert not form[0].isdigit()
            assert not form.startswith("/")


class CleanRoomTests(SynchronousTestCase):
    def test_one_name_for_a_room(self) -> None:
        for raw in ("ops", "#ops", " #OPS ", "\uff03ops", "# Ops", "\uff2f\uff30\uff33"):
            self.assertEqual(room(raw), "ops")
        self.assertEqual(room("Stra\u00dfe 7"), "strasse-7")
        self.assertEqual(room("2024"), "2024")

    def test_refused(self) -> None:
        for name in (
            "",
            "#",
            " # ",
            "##a",
            "a,b",
            "a:b",
            "/x",
            "a\uff5cb",
            "a\u200bb",
            "a\x07b",
            "---",
        ):
            self.assertRaises(BadName, room, name)

    def test_too_long_is_refused_with_the_limit(self) -> None:
        self.assertEqual(room("#" + "x" * 64), "x" * 64)
        self.assertIn("64", self.assertRaises(TooLong, room, "x" * 65).sentence)
        self.assertRaises(TooLong, room, "\ufdfa" * 32)

    @FIXED
    @given(NASTY)
    def test_a_rooms_name_names_it(self, raw: str) -> None:
        try:
            name = room(raw)
        except ChatError:
            return
        assert room(name) == room(f"#{name}") == name


class LookTests(SynchronousTestCase):
    def test_known_skeletons(self) -> None:
        for text, look in (("m", "rn"), ("0", "O"), ("1", "l"), ("I", "l"), ("|", "l"), ("а", "a")):
            self.assertEqual(skeleton(text), look)

    def test_alike(self) -> None:
        for name in (
            "Bill",
            "BILL",
            "bill",
            "BiII",
            "\u0412ill",
            "Bi11",
            "\uff22ill",
            "\U0001d401ill",
        ):
            self.assertTrue(alike(name, "Bill"), name)
        for one, other in (
            ("Tom", "Torn"),
            ("tom", "\u0422\u041e\u041c"),
            ("b0b", "BOB"),
            ("Zoe\u0308", "zo\u00eb"),
            ("\u0391\u0392\u0395", "abe"),
        ):
            self.assertTrue(alike(one, other), (one, other))

    def test_not_alike(self) -> None:
        for one, other in (("Bill", "Will"), ("bob", "rob"), ("a_b", "a-b"), ("anna", "änna")):
            self.assertFalse(alike(one, other), (one, other))

    def test_skeletons_are_settled(self) -> None:
        for point in TABLE:
            look = skeleton(chr(point))
            self.assertNotEqual(look, chr(point))
            self.assertEqual(skeleton(look), look, hex(point))

    @FIXED
    @given(NASTY)
    def test_skeleton_is_idempotent(self, text: str) -> None:
        self.assertEqual(skeleton(skeleton(text)), skeleton(text))

    @FIXED
    @given(NASTY)
    def test_case_and_compatible_forms_never_tell_names_apart(self, text: str) -> None:
        self.assertTrue(alike(text, text.casefold()))
        self.assertTrue(alike(text, unicodedata.normalize("NFKC", text)))
        self.assertTrue(alike(text, skeleton(unicodedata.normalize("NFKC", text))))

    def test_no_name_can_be_counterfeited_by_a_confusable(self) -> None:
        sources = defaultdict(list)
        for point in TABLE:
            sources[skeleton(chr(point))].append(chr(point))
        counterfeits = 0
        for name in {form for word in NAMES for form in (word, word.upper(), word.title())}:
            for part in {*name, *map("".join, pairwise(name))}:
                for source in sources[skeleton(part)]:
                    counterfeit = name.replace(part, source, 1)
                    counterfeits += 1
                    try:
                        shown = nick(counterfeit)
                    except BadName:
                        continue
                    self.assertTrue(alike(shown, name), ascii((name, counterfeit)))
        self.assertGreater(counterfeits, 5_000)


class MakeConfusablesTests(SynchronousTestCase):
    def test_directions_come_from_the_shape(self) -> None:
        pairs = {
            "m": "rn",
            "\u217f": "rn",
            "\u0430": "a",
            "\u0251": "a",
            "\u200e\u05d5\u200e": "l",
            "1": "l",
            "x": "y",
            "z": "ym",
        }
        data = defaultdict(list)
        for source, target in pairs.items():
            data[source].append({"c": target, "n": "ITS NAME"})
            data[target].append({"c": source, "n": "ITS NAME"})
        prototypes = make_confusables.directions(make_confusables.graph_of(data))
        pairs["\u05d5"] = pairs.pop("\u200e\u05d5\u200e")
        self.assertEqual(prototypes, pairs)
        del pairs["\u217f"]
        self.assertEqual(make_confusables.resolved(prototypes), pairs | {"z": "yrn"})

    def test_the_module_is_what_its_maker_makes(self) -> None:
        table = {chr(point): look for point, look in TABLE.items()}
        made = make_confusables.module(make_confusables.resolved(table))
        self.assertEqual(made, make_confusables.MODULE.read_text(encoding="utf-8"))
