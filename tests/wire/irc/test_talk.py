"""PRIVMSG, NOTICE and TAGMSG: to rooms, to people, with tags and labels."""

from __future__ import annotations

from tests.wire.irc.ircase import CAPS, IrcCase, IrcClient

TAGGED = f"{CAPS} account-tag"


def tags_of(line: str) -> dict[str, str]:
    """The tags of a line as they are written."""
    if not line.startswith("@"):
        return {}
    tags = line[1:].split(" ")[0].split(";")
    return {key: value for key, _, value in (tag.partition("=") for tag in tags)}


def bare(lines: list[str]) -> list[str]:
    """Lines without their tags."""
    return [line.split(" ", 1)[1] if line.startswith("@") else line for line in lines]


class TalkCase(IrcCase):
    """Ann and bob are in a room of ann's."""

    caps = TAGGED

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", self.caps, ["#attic"])
        self.bob = self.enter("bob", self.caps, ["#attic"])
        self.ann.heard()

    def own(self, client: IrcClient, *lines: str) -> tuple[list[str], list[str]]:
        """What an author is told, and what bob is."""
        return client.ask(*lines), self.bob.heard()


class PrivmsgTests(TalkCase):
    """RFC 2812, section 3.3.1, and Modern IRC, "PRIVMSG message"."""

    caps = ""

    def test_to_a_room_and_to_a_person(self) -> None:
        for target in ("#attic", "bob"):
            told, heard = self.own(self.ann, f"PRIVMSG {target} :hello  there")
            self.assertEqual(told, [])
            self.assertEqual(heard, [f":ann!u@100000.chat PRIVMSG {target} :hello  there"])

    def test_to_some_at_once_and_to_each_once(self) -> None:
        """Modern IRC, "TARGMAX": past it 407."""
        _, heard = self.own(self.ann, "PRIVMSG #attic,bob,bob :hi")
        self.assertEqual([line.split(" ")[2] for line in heard], ["#attic", "bob"])
        _, heard = self.own(self.ann, "PRIVMSG bob,#Attic,Bob,#aTTic :hi")
        self.assertEqual([line.split(" ")[2] for line in heard], ["bob", "#attic"])
        [line] = self.ann.ask("PRIVMSG a,b,c,d,e :hi")
        self.assertEqual(line, ":chat.test 407 ann e :Too many targets")
        self.assertEqual(self.ann.ask("NOTICE a,b,c,d,e :hi"), [])
        [line] = self.ann.ask("TAGMSG a,b,c,d,e")
        self.assertEqual(line, ":chat.test 407 ann e :Too many targets")

    def test_refusals(self) -> None:
        self.enter("eve", rooms=["#cellar"])
        for command, numeric in (
            ("PRIVMSG", "411 ann :No recipient given (PRIVMSG)"),
            ("PRIVMSG bob", "412 ann :No text to send"),
            ("PRIVMSG #attic :", "412 ann :No text to send"),
            ("PRIVMSG zoe :hi", "401 ann zoe :No such nick/channel"),
            ("PRIVMSG #nowhere :hi", "403 ann #nowhere :No such channel"),
            ("PRIVMSG #cellar :hi", "404 ann #cellar :You are not in #cellar; join it first."),
        ):
            self.assertEqual(self.ann.ask(command), [f":chat.test {numeric}"], command)

    def test_who_is_muted_cannot_send(self) -> None:
        self.ann.ask("MODE #attic +m")
        self.bob.heard()
        self.assertEqual(self.numerics(self.bob.ask("PRIVMSG #attic :hi")), ["404"])
        self.assertEqual(self.bob.ask("NOTICE #attic :hi"), [])

    def test_a_notice_is_one_and_nothing_answers_it(self) -> None:
        """RFC 2812, section 3.3.2: automatic replies MUST NEVER be sent to a NOTICE."""
        told, heard = self.own(self.ann, "NOTICE bob :hi")
        self.assertEqual((told, heard), ([], [":ann!u@100000.chat NOTICE bob :hi"]))
        self.bob.ask("AWAY :lunch")
        for command in ("NOTICE", "NOTICE bob", "NOTICE #nowhere :hi", "NOTICE zoe :hi"):
            self.assertEqual(self.ann.ask(command), [], command)
        self.bob.heard()
        self.assertEqual(self.own(self.ann, "NOTICE bob :hi")[0], [])

    def test_nothing_answers_a_notice_that_waits_or_is_mended(self) -> None:
        for nick in ("zoe", "eve"):
            self.enter(nick).ask("REGISTER * * :correct horse", "QUIT")
        eve = self.enter("joe", "sasl")
        eve.ask("AUTHENTICATE PLAIN", "AUTHENTICATE AGV2ZQBjb3JyZWN0IGhvcnNl")
        self.assertEqual(eve.ask("NOTICE zoe :hi"), [])
        self.assertEqual(self.numerics(eve.ask("PRIVMSG zoe :hi")), ["NOTICE"])
        eve.client.send(b"NOTICE bob :caf\xe9\r\n")
        self.assertEqual(eve.heard(), [])

    def test_who_is_away_says_so(self) -> None:
        """RFC 2812, section 3.3.1: 301 in reply to a PRIVMSG."""
        self.bob.ask("AWAY :lunch")
        self.assertEqual(self.ann.ask("PRIVMSG bob :hi"), [":chat.test 301 ann bob :lunch"])

    def test_a_long_line_arrives_whole_and_every_line_fits(self) -> None:
        text = "ü" * 240
        _, heard = self.own(self.ann, f"PRIVMSG #attic :{text}")
        self.assertGreater(len(heard), 1)
        self.assertEqual("".join(line.partition(" :")[2] for line in heard), text)
        self.assertLessEqual(max(len(line.encode()) for line in heard), 510)

    def test_bold_and_colours_are_for_no_other_door(self) -> None:
        text = "\x02bold\x02 \x0304,12red\x03 \x03" + "5five\x0f \x04ff0000hex \x1dslanted\x1d"
        _, heard = self.own(self.ann, f"PRIVMSG #attic :{text}")
        self.assertEqual(heard, [":ann!u@100000.chat PRIVMSG #attic :bold red five hex slanted"])


class CtcpTests(TalkCase):
    caps = ""

    def test_an_action_is_what_other_doors_call_so(self) -> None:
        heard = self.own(self.ann, "PRIVMSG #attic :\x01ACTION waves\x01")[1]
        self.assertEqual(heard, [":ann!u@100000.chat PRIVMSG #attic :\x01ACTION waves\x01"])
        other = self.server.connect(7, None)
        other.say("CMD_USER|eve", "/join attic")
        self.ann.ask("PRIVMSG #attic :\x01ACTION waves")
        self.assertIn(b"MSG|#attic ann: *waves*\n", other.transport.take())

    def test_other_questions_go_through_and_are_not_kept(self) -> None:
        for target in ("bob", "#attic"):
            heard = self.own(self.ann, f"PRIVMSG {target} :\x01PING 1 2\x01")[1]
            self.assertEqual(heard, [f":ann!u@100000.chat PRIVMSG {target} :\x01PING 1 2\x01"])
        self.assertEqual(
            self.own(self.ann, "NOTICE bob :\x01PING 1 2\x01")[1],
            [":ann!u@100000.chat NOTICE bob :\x01PING 1 2\x01"],
        )
        room = self.server.world.hub._rooms.existing("attic")
        self.assertEqual(room.seq, 0)

    def test_not_where_no_ctcp_is_wanted(self) -> None:
        self.ann.ask("MODE #attic +C")
        self.bob.heard()
        told, heard = self.own(self.ann, "PRIVMSG #attic :\x01VERSION\x01")
        self.assertEqual((self.numerics(told), heard), (["404"], []))


class StatusTests(TalkCase):
    """Modern IRC, "STATUSMSG parameter"."""

    caps = "echo-message"

    def test_to_operators_alone_or_to_voices_too(self) -> None:
        eve = self.enter("eve", rooms=["#attic"])
        self.ann.heard(), self.bob.heard()
        told = eve.ask("PRIVMSG @#attic :help")
        self.assertEqual((told, self.bob.heard()), ([], []))
        self.assertEqual(self.ann.heard(), [":eve!u@100002.chat PRIVMSG @#attic :help"])
        self.ann.ask("MODE #attic +v bob")
        self.bob.heard()
        eve.ask("NOTICE +#attic :help")
        line = ":eve!u@100002.chat NOTICE +#attic :help"
        self.assertEqual((self.ann.heard()[-1:], self.bob.heard()), ([line], [line]))


class EchoTests(TalkCase):
    """IRCv3 echo-message, and message-ids."""

    def test_the_author_hears_what_the_others_do(self) -> None:
        """Section "Description": servers MUST send the final version back."""
        for command in ("PRIVMSG #attic :hi  ", "NOTICE #attic :hi", "PRIVMSG bob :hi"):
            told, heard = self.own(self.ann, command)
            self.assertEqual(told, heard)
            self.assertEqual(len(told), 1)
            self.assertIn("msgid", tags_of(told[0]))

    def test_every_message_has_an_id_of_its_own(self) -> None:
        """message-ids, "Tag value": it MUST be unique."""
        commands = ["PRIVMSG #attic :hi", "PRIVMSG bob :hi", "NOTICE bob :hi"] * 3
        ids = [tags_of(line)["msgid"] for line in self.ann.ask(*commands)]
        self.assertEqual(len(set(ids)), len(commands))

    def test_an_echo_comes_once_it_is_kept(self) -> None:
        """It acknowledges that the message has been delivered to the server."""
        self.own(self.ann, "PRIVMSG #attic :hi")
        self.server.world.store.broken = "full"
        told, heard = self.own(self.ann, "PRIVMSG #attic :hi")
        self.assertEqual(heard, [])
        self.assertIn("not kept", told[0])
        self.assertNotIn("PRIVMSG #attic", told[0])

    def test_what_one_tells_oneself_arrives_and_is_echoed(self) -> None:
        """labeled-response, "Tag value": one of the two has the label."""
        for command in ("PRIVMSG ann :hi", "NOTICE ann :hi"):
            told = self.ann.ask(f"@label=x {command}")
            self.assertEqual(len(set(bare(told))), 1)
            self.assertEqual(sorted(tags_of(line).get("label", "") for line in told), ["", "x"])
        eve = self.enter("eve")
        self.assertEqual(eve.ask("PRIVMSG eve :hi"), [":eve!u@100002.chat PRIVMSG eve :hi"])

    def test_the_label_is_the_authors_alone(self) -> None:
        """labeled-response, "Tag value": MUST be attached to the response, and to it alone."""
        told, heard = self.own(self.ann, "@label=x PRIVMSG bob :hi")
        self.assertEqual(tags_of(told[0])["label"], "x")
        self.assertNotIn("label", tags_of(heard[0]))
        told = self.ann.ask("@label=y PRIVMSG #attic,bob :hi")
        self.assertEqual(self.numerics(told), ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"])
        self.assertEqual(tags_of(told[0])["label"], "y")

    def test_without_echo_a_label_is_acknowledged(self) -> None:
        """labeled-response, "Server implementation": a server MUST respond with ACK."""
        eve = self.enter("eve", "batch labeled-response")
        self.assertEqual(eve.ask("@label=x PRIVMSG bob :hi"), ["@label=x :chat.test ACK"])
        self.assertEqual(eve.ask("@label=x NOTICE zoe :hi"), ["@label=x :chat.test ACK"])

    def test_a_goodbye_has_the_label_too(self) -> None:
        self.assertEqual(self.ann.ask("@label=x QUIT"), ["@label=x ERROR :Goodbye."])

    def test_who_is_away_says_so_under_the_label(self) -> None:
        self.bob.ask("AWAY :lunch")
        told = self.ann.ask("@label=x PRIVMSG bob :hi")
        self.assertEqual(self.numerics(told), ["BATCH", "PRIVMSG", "301", "BATCH"])


class TagTests(TalkCase):
    """IRCv3 message-tags, "Client-only tags" and "The TAGMSG tag-only message"."""

    def test_an_answer_names_what_it_answers(self) -> None:
        [line] = self.own(self.ann, "PRIVMSG #attic :hi")[1]
        message_id = tags_of(line)["msgid"]
        told = self.bob.ask(f"@+draft/reply={message_id} PRIVMSG #attic :hello")
        self.assertEqual(tags_of(told[0])["+draft/reply"], message_id)
        self.assertEqual(tags_of(self.ann.heard()[0])["+draft/reply"], message_id)

    def test_tags_that_are_not_client_only_or_denied_are_not_passed_on(self) -> None:
        """Section "Security considerations": they MUST be removed; CLIENTTAGDENY names the rest."""
        _, heard = self.own(self.ann, "@fizz=buzz;+foo=bar;msgid=7 PRIVMSG #attic :hi")
        self.assertEqual(set(tags_of(heard[0])), {"msgid"})
        self.assertNotEqual(tags_of(heard[0])["msgid"], "7")

    def test_typing(self) -> None:
        """typing, "Format": active, paused and done."""
        for target in ("#attic", "bob"):
            for state in ("active", "paused", "done"):
                told, heard = self.own(self.ann, f"@+typing={state} TAGMSG {target}")
                self.assertEqual(told, heard)
                self.assertEqual(tags_of(heard[0])["+typing"], state)
                self.assertEqual(bare(heard), [f":ann!u@100000.chat TAGMSG {target}"])
        self.assertEqual(self.own(self.ann, "@+typing=later TAGMSG bob"), ([], []))

    def test_typing_of_others_doors_is_told_too(self) -> None:
        other = self.server.connect(7, "json")
        other.say(
            '{"type":"hello","nick":"eve"}',
            '{"type":"join","room":"attic"}',
            '{"type":"typing","room":"attic"}',
        )
        line = self.ann.heard()[-1]
        self.assertEqual(tags_of(line)["+typing"], "active")

    def test_a_reaction_is_told_kept_and_taken_back(self) -> None:
        """react, "Format": in conjunction with +draft/reply."""
        [line] = self.own(self.ann, "PRIVMSG #attic :hi")[1]
        message_id = tags_of(line)["msgid"]
        for tag, left in (("+draft/react", ["lol"]), ("+draft/unreact", [])):
            told = self.bob.ask(f"@label=r;{tag}=lol;+draft/reply={message_id} TAGMSG #attic")
            self.assertEqual(tags_of(told[0])["label"], "r")
            [heard] = self.ann.heard()
            self.assertEqual(tags_of(heard), {tag: "lol", "+draft/reply": message_id})
            self.assertEqual(bare([heard]), [":bob!u@100001.chat TAGMSG #attic"])
            room = self.server.world.hub._rooms.existing("attic")
            self.assertEqual([each.reaction for each in room.recent[-1].reactions], left)
        self.assertEqual(self.own(self.ann, "@+draft/react=lol TAGMSG #attic"), ([], []))

    def test_a_reaction_to_a_private_message(self) -> None:
        [line] = self.own(self.ann, "PRIVMSG bob :hi")[1]
        message_id = tags_of(line)["msgid"]
        self.bob.ask(f"@+draft/react=lol;+draft/reply={message_id} TAGMSG ann")
        [heard] = self.ann.heard()
        self.assertEqual(bare([heard]), [":bob!u@100001.chat TAGMSG ann"])
        self.assertEqual(tags_of(heard)["+draft/react"], "lol")

    def test_who_has_not_asked_for_tags_gets_no_tagmsg(self) -> None:
        """Section "TAGMSG": servers MUST NOT deliver it to them."""
        eve = self.enter("eve", "server-time", ["#attic"])
        self.own(self.ann, "PRIVMSG #attic :hi")
        eve.heard()
        self.ann.ask("@+typing=active TAGMSG #attic", "@+typing=active TAGMSG eve")
        self.assertEqual(eve.heard(), [])
        self.assertEqual(self.bob.heard() and eve.ask("@+typing=active TAGMSG #attic"), [])
        self.assertEqual(self.bob.heard(), [])

    def test_refusals_are_those_of_a_message(self) -> None:
        self.assertEqual(self.numerics(self.ann.ask("TAGMSG")), ["461"])
        for target, numeric in (("zoe", "401"), ("#nowhere", "403")):
            told = self.ann.ask(f"@+typing=active TAGMSG {target}")
            self.assertEqual(self.numerics(told), [numeric])

    def test_tags_up_to_their_limit(self) -> None:
        """Section "Size limit": past it 417, and nothing is passed on."""
        told, heard = self.own(self.ann, f"@+foo={'a' * 4089} PRIVMSG #attic :hi")
        self.assertEqual((len(told), len(heard)), (1, 1))
        told, heard = self.own(self.ann, f"@+foo={'a' * 4090} PRIVMSG #attic :hi")
        self.assertEqual((self.numerics(told), heard), (["417"], []))

    def test_who_said_it_with_which_account(self) -> None:
        """account-tag: attached to all messages of somebody who is logged in."""
        self.ann.ask("REGISTER * * correct-horse")
        self.bob.heard()
        _, heard = self.own(
            self.ann, "PRIVMSG #attic :hi", "NOTICE bob :hi", "@+typing=active TAGMSG bob"
        )
        self.assertEqual([tags_of(line).get("account") for line in heard], ["ann"] * 3)
