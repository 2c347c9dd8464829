"""Whatever a person says, it comes out on every wire as that text of that person, no more.

`CHAT_SEED` chooses other texts than the usual ones.
"""

from __future__ import annotations

import json
import os
import random
import re

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import ChatError
from chatservice.domain.limits import Limits
from chatservice.domain.text import clean_text, neutral
from tests.wire.house import Client, Server

SEED = int(os.environ.get("CHAT_SEED", "20260102"))

BREAKS = [*"\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00", "\r\n"]
VERBS = ["MSG|", "SRV|", "ULIST|", "CMD_USER|", "MSG|ann: ", "/quit", "/me ", "//", *"｜/:*"]
SYNTAX = [*'{}"\\,()#@!?<>', r"\n", r"\u000a", '"type":"closing"', "bob(10.0.0.9:9),eve(1:1)"]
ODD = ["\x1b[2J", "\x9b", "\u202e", "\u200b", "\ufeff", "\U000e0041", "é", "e\u0301", "Α", "x", " "]


def hostile(dice: random.Random, most: int = 8) -> str:
    """A text made to look like something else."""
    return "".join(
        dice.choice(dice.choice((BREAKS, VERBS, SYNTAX, ODD))) for _ in range(dice.randint(1, most))
    )


class InjectionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.dice = random.Random(SEED)
        self.server = Server()
        self.pipe, self.plain, self.json = (self.server.connect(n) for n in (1, 2, 3))
        self.liner, self.speaker = self.server.connect(4), self.server.connect(5)
        self.pipe.say("CMD_USER|pipe")
        self.plain.say("CMD_USER|plain", "/plain")
        self.join(self.json, "json")
        self.liner.say("CMD_USER|liner")
        self.join(self.speaker, "speaker")
        self.hear()

    def join(self, client: Client, nick: str) -> None:
        client.say(f'{{"type":"hello","nick":"{nick}"}}', '{"type":"join","room":"lobby"}')

    def hear(self) -> tuple[list[str], list[str], list[str]]:
        """The lines that the bystanders got, of all that anybody could take for lines."""
        self.liner.transport.take()
        self.speaker.transport.take()
        pipe, plain, objects = (
            client.transport.take().decode() for client in (self.pipe, self.plain, self.json)
        )
        for text in (pipe, plain, objects):
            self.assertEqual(text.splitlines(), text.split("\n")[:-1], f"CHAT_SEED={SEED}")
        return pipe.splitlines(), plain.splitlines(), objects.splitlines()

    def check_said(self, nick: str, raw: str) -> None:
        """Check that all heard this text of this person and nothing else."""
        context = f"CHAT_SEED={SEED} {raw!r}"
        pipe, plain, objects = self.hear()
        try:
            text = clean_text(raw, Limits())
        except ChatError:
            self.assertEqual((pipe, plain, objects), ([], [], []), context)
            return
        lines = text.split("\n")
        self.assertEqual(pipe, [f"MSG|{nick}: {line}" for line in lines], context)
        self.assertEqual(plain, [f"12:34 <{nick}> {line}" for line in lines], context)
        self.assertEqual(len(objects), 1, context)
        found = json.loads(objects[0])
        self.assertEqual(
            (found["type"], found["nick"], found["text"]), ("message", nick, text), context
        )

    def test_texts_from_a_json_client(self) -> None:
        for _ in range(400):
            text = hostile(self.dice)
            self.speaker.say(json.dumps({"type": "say", "text": text}))
            self.check_said("speaker", text)

    def test_texts_from_a_pipe_client(self) -> None:
        for _ in range(400):
            text = "x" + hostile(self.dice).replace("\n", " ")
            self.liner.say(f"MSG|plain: {text}" if self.dice.random() < 0.5 else text)
            self.check_said("liner", text)

    def test_actions(self) -> None:
        for _ in range(200):
            text = hostile(self.dice)
            self.speaker.say(json.dumps({"type": "say", "text": text, "kind": "action"}))
            pipe, plain, objects = self.hear()
            self.assertLessEqual(len(objects), 1)
            self.assertEqual([line for line in pipe if not line.startswith("MSG|speaker: ")], [])
            self.assertEqual(
                [line for line in plain if not line.startswith("12:34 * speaker ")], []
            )

    def test_nicks(self) -> None:
        taken = 0
        nicks = {"liner": "liner", "speaker": "speaker"}
        for _ in range(400):
            nick = hostile(self.dice, 3)
            if self.dice.random() < 0.5:
                who, client = "liner", self.liner
                client.send(f"CMD_USER|{nick}".replace("\n", " ").encode() + b"\n")
            else:
                who, client = "speaker", self.speaker
                client.send(json.dumps({"type": "nick", "nick": nick}).encode() + b"\n")
            pipe, plain, objects = self.hear()
            if not objects:
                self.assertEqual((pipe, plain), ([], []), nick)
                continue
            taken += 1
            [found] = map(json.loads, objects)
            old, new = nicks[who], found["new"]
            self.assertEqual((found["type"], found["old"]), ("renamed", old))
            told, ulist = pipe
            self.assertEqual(told, f"SRV|{old} is now known as {new}.")
            self.assertEqual(plain, [f"* {old} is now known as {new}."])
            self.assertTrue(new.isprintable())
            nicks[who] = new
            people = re.findall(r"([^(),]+)\((10\.0\.0\.\d:\d+)\)(?:,|$)", ulist.split("|")[1])
            self.assertEqual(len(people), 5)
            self.assertEqual(
                {nicks["liner"], nicks["speaker"]} - {name for name, _ in people}, set()
            )
            self.assertEqual(len(ulist.split(",")), 5)
        self.assertGreater(taken, 20)

    def test_refusals_repeat_nothing_that_steers_a_terminal(self) -> None:
        for _ in range(400):
            text = hostile(self.dice)
            kind = self.dice.choice(['"type":"whois","nick"', '"type":"who","room"'])
            for client, line in (
                (self.liner, f"/{self.dice.choice(['', 'whois ', 'help ', 'who '])}{text}"),
                (self.speaker, f"{{{kind}:{json.dumps(text)}}}"),
            ):
                client.send(line.replace("\n", " ").replace("/quit", "").encode() + b"\n")
                for told in client.transport.take().decode().split("\n")[:-1]:
                    found = json.loads(told) if told.startswith("{") else {"text": told}
                    if found.get("type") != "message":
                        self.assertEqual(neutral(found["text"]), found["text"], (line, told))
            self.assertFalse(self.liner.closed)
