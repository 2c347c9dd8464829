"""What is advised in the commands of other doors, in those of IRC."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import chatservice.domain
from chatservice.domain.events import LoginWanted
from chatservice.wire.irc.advice import in_words_of_irc
from chatservice.wire.sentences import sentence
from tests.wire.irc.ircase import IrcCase

_COMMAND = re.compile(r"(?<![\w/<])/[a-z]+")
_FAIL, _NO_ROOM = ":chat.test FAIL", "There is no room called #b"
_SEARCHING = "Say what to search for, as in: /search lunch from:ann in:lobby"
"""The one that nobody gets who speaks IRC, which does not search."""


def _sentences() -> Iterator[str]:
    """What the domain says to people and advises a slash command in, with `x` for what varies."""
    for path in Path(chatservice.domain.__path__[0]).rglob("*.py"):
        nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
        formed = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        parts = {id(part) for node in formed for part in node.values}
        texts = [_formed(node) for node in nodes if id(node) not in parts]
        yield from filter(_COMMAND.search, texts)


def _formed(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_formed(part) or "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


class AdviceTests(SynchronousTestCase):
    def test_no_advice_of_the_domain_is_left_in_slash_commands(self) -> None:
        found = {*_sentences()} - {_SEARCHING}
        self.assertIn("Log in first: /login <password>.", found)
        self.assertGreater(len(found), 7)
        wanted = sentence(LoginWanted(account="ann", seconds=30)) or ""
        for text in (*found, wanted):
            self.assertIsNone(_COMMAND.search(in_words_of_irc(text)), text)

    def test_all_else_is_as_it_was(self) -> None:
        for text in ("You are not in #a/b; join it first.", "And/or.", "There is no /dev/null."):
            self.assertEqual(in_words_of_irc(text), text)


class ToldTests(IrcCase):
    def test_refusals(self) -> None:
        ann = self.enter("ann", "standard-replies draft/account-registration", ["#a"])
        ann.ask("MODE #a +k secret")
        for line, told in (
            ("JOIN #a", ":chat.test 475 eve #a :#a has a password: JOIN #a <password>."),
            (
                "REDACT #b 1",
                f"{_FAIL} REDACT INVALID_TARGET #b :{_NO_ROOM}; LIST shows all rooms.",
            ),
            ("ALWAYSON ON", f"{_FAIL} ALWAYSON WRONG_STATE :Log in first: SASL (AUTHENTICATE)."),
        ):
            eve = self.enter("eve", "standard-replies")
            self.assertEqual(eve.ask(line), [told])
            eve.ask("QUIT")
        ann.ask("REGISTER * * :correct horse")
        [told] = ann.ask("REGISTER * * :correct horse")
        self.assertTrue(told.endswith(" ann :You are logged in already."), told)

    def test_who_takes_a_registered_nick(self) -> None:
        self.enter("ann").ask("REGISTER * * :correct horse", "QUIT")
        [told] = [line for line in self.enter("eve").ask("NICK ann") if " NOTICE " in line]
        self.assertIn("is registered. Log in with SASL (AUTHENTICATE) within 30 seconds", told)
