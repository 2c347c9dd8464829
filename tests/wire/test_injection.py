"""Whatever a person says, it comes out on every wire as that text of that person, no more.

`CHAT_SEED` chooses other texts than the usual ones.
"""

from __future__ import annotations

import json
import random
import re

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import ChatError
from chatservice.domain.limits import Limits
from chatservice.domain.text import clean_text, neutral
from chatservice.wire.prompt import PROMPT
from tests.chance import first_seed
from tests.wire.house import Client, Server
from tests.wire.test_prompt import NAMES

SEED = first_seed()

BREAKS = [*"\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00", "\r\n"]
VERBS = ["MSG|", "SRV|", "ULIST|", "CMD_USER|", "MSG|ann: ", "/quit", "/me ", "//", *"｜/:*"]
FORMS = ["USERS:", "ID:1", "[Private] ", "[System] ", "Welcome ", "SERVER: ", "[12:34] ", "eve: "]
CLAIMS = ["eve has joined the chat", "eve has left the chat", "\0\0\0\2hi", "* ", PROMPT]
SYNTAX = [*'{}"\\,()#@!?<>', r"\n", r"\u000a", '"type":"closing"', "bob(10.0.0.9:9),eve(1:1)"]
ODD = ["\x1b[2J", "\x9b", "\u202e", "\u200b", "\ufeff", "\U000e0041", "é", "e\u0301", "Α", "x", " "]


NBSP = "\N{NO-BREAK SPACE}"
OLDER = ("prompt", "pychat", "framed")
USERS = {
    "liner": "100003",
    "speaker": "100004",
    "prompt-talker": "100008",
    "pychat-talker": "100009",
    "framed-talker": "100010",
}


def hostile(dice: random.Random, most: int = 8) -> str:
    """A text made to look like something else."""
    return "".join(
        dice.choice(dice.choice((BREAKS, VERBS, FORMS, CLAIMS, SYNTAX, ODD)))
        for _ in range(dice.randint(1, most))
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
        self.prompt, self.pychat, self.framed = (
            self.server.connect(number, wire) for number, wire in enumerate(OLDER, 6)
        )
        self.older = {
            f"{wire}-talker": self.server.connect(number, wire)
            for number, wire in enumerate(OLDER, 9)
        }
        self.prompt.say("prompt")
        self.framed.say("framed")
        for nick, client in self.older.items():
            client.say(f"/nick {nick}" if nick == "pychat-talker" else nick)
        self.hear()

    def join(self, client: Client, nick: str) -> None:
        client.say(f'{{"type":"hello","nick":"{nick}"}}', '{"type":"join","room":"lobby"}')

    def hear(self) -> tuple[list[str], list[str], list[str]]:
        """The lines that the bystanders got, of all that anybody could take for lines."""
        for client in (
            *(self.liner, self.speaker, self.prompt, self.pychat, self.framed),
            *self.older.values(),
        ):
            client.transport.take()
        pipe, plain, objects = (
            client.transport.take().decode() for client in (self.pipe, self.plain, self.json)
        )
        for text in (pipe, plain, objects):
            self.assertEqual(text.splitlines(), text.split("\n")[:-1], f"CHAT_SEED={SEED}")
        return pipe.splitlines(), plain.splitlines(), objects.splitlines()

    def check_older(self, nick: str, user: str, text: str | None, context: str) -> None:
        """Check that older clients got this text of this person, in segments, and nothing else."""
        lines = text.split("\n") if text is not None else []
        told = self.prompt.segments()
        self.assertEqual(
            [each.replace(NBSP, " ") for each in told],
            [f"[12:34] {nick}: {line}\n".replace(NBSP, " ") for line in lines],
            context,
        )
        for segment in told:
            names = [found[1] for name in NAMES for found in name.finditer(segment)]
            self.assertEqual([name for name in names if name != nick], [], context)
        self.assertEqual(self.pychat.segments(), [f"{user}: {line}\n" for line in lines], context)
        self.assertEqual(
            self.framed.frames(), [f"{nick}: {text}"] if text is not None else [], context
        )

    def check_said(self, nick: str, raw: str) -> None:
        """Check that all heard this text of this person and nothing else."""
        context = f"CHAT_SEED={SEED} {raw!r}"
        user = USERS[nick]
        try:
            text = clean_text(raw, Limits())
        except ChatError:
            self.assertEqual(self.hear(), ([], [], []), context)
            self.check_older(nick, user, None, context)
            return
        self.check_older(nick, user, text, context)
        pipe, plain, objects = self.hear()
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

    def test_texts_from_older_clients(self) -> None:
        for _ in range(150):
            for nick, client in self.older.items():
                text = "x" + hostile(self.dice)
                if not client.framed:
                    text = text.replace("\n", " ")
                client.say(text)
                self.check_said(nick, text)

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
            prompt, pychat = self.prompt.segments(), self.pychat.segments()
            framed = self.framed.frames()
            pipe, plain, objects = self.hear()
            if not objects:
                self.assertEqual((pipe, plain), ([], []), nick)
                self.assertEqual((prompt, pychat, framed), ([], [], []), nick)
                continue
            taken += 1
            [found] = map(json.loads, objects)
            old, new = nicks[who], found["new"]
            self.assertEqual((found["type"], found["old"]), ("renamed", old))
            told, ulist = pipe
            self.assertEqual(told, f"SRV|{old} is now known as {new}.")
            self.assertEqual(plain, [f"* {old} is now known as {new}."])
            self.assertEqual(prompt, [f"SERVER: {old} is now known as {new}.\n"])
            self.assertEqual(framed, [f"* {old} is now known as {new}."])
            renamed, users = pychat
            self.assertEqual(renamed, f"[System] {USERS[who]} is now known as {new}.\n")
            self.assertRegex(users, r"^USERS:\d{6}(,\d{6}){10}\n$")
            self.assertTrue(new.isprintable())
            nicks[who] = new
            people = re.findall(r"([^(),]+)\((10\.0\.0\.\d+:\d+)\)(?:,|$)", ulist.split("|")[1])
            self.assertEqual(len(people), 11)
            self.assertEqual(
                {nicks["liner"], nicks["speaker"]} - {name for name, _ in people}, set()
            )
            self.assertEqual(len(ulist.split(",")), 11)
        self.assertGreater(taken, 20)

    def test_texts_between_a_channel_and_other_wires(self) -> None:
        secret = {"channelName": "team", "channelPassword": "secret", "memberName": "eve"}
        self.json.say('{"type":"create","room":"team","password":"secret"}')
        self.liner.say("/join team secret")
        member, ear = (self.server.connect(number, "channels") for number in (12, 13))
        for client in (member, ear):
            client.say(json.dumps({"action": "joinChannel", **secret}))
        for client in (member, ear, self.json, self.liner):
            client.transport.take()
        for _ in range(400):
            raw = hostile(self.dice)
            context = f"CHAT_SEED={SEED} {raw!r}"
            if self.dice.random() < 0.5:
                nick = "json"
                self.json.say(json.dumps({"type": "say", "room": "team", "text": raw}))
            else:
                nick = "eve"
                member.say(json.dumps({"action": "message", "message": raw, "memberName": "ann"}))
            try:
                lines = clean_text(raw, Limits()).split("\n")
            except ChatError:
                lines = []
            told = list(map(json.loads, ear.objects()))
            self.assertEqual([each["message"].split("\n") for each in told], [lines] * bool(lines))
            for each in told:
                self.assertRegex(each["memberName"], rf"\A{nick}_[A-Za-z0-9_-]{{11}}\Z", context)
            found = [f"MSG|#team {nick}: {line}" for line in lines]
            self.assertEqual(self.liner.transport.take().decode().split("\n")[:-1], found, context)
            self.json.transport.take()
            member.transport.take()
            self.assertFalse(member.closed or ear.closed, context)

    def test_names_of_members_and_channels(self) -> None:
        """Refused with one object, or taken and shown as one object."""
        taken = 0
        for number in range(400):
            client = self.server.connect(12, "channels")
            names = {
                "channelName": f"x{number}{hostile(self.dice, 1)}",
                "memberName": f"x{number}{hostile(self.dice, 1)}",
            }
            client.send(json.dumps({"action": "createChannel", **names}).encode())
            [told] = map(json.loads, client.objects())
            self.assertEqual(neutral(told["message"]), told["message"], (names, number))
            self.assertEqual(client.closed, not told["success"], names)
            taken += told["success"]
            client.hang_up()
            self.server.pass_time(0.5)
        self.assertGreater(taken, 50)

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
