"""Whose account and which bot does something: the tags of lines that others see."""

from __future__ import annotations

from tests.wire.irc.ircase import IrcClient
from tests.wire.irc.test_accounts import PASSWORD, AccountCase

CAPS = (
    "account-tag message-tags extended-join away-notify setname invite-notify draft/channel-rename"
)


class SignTests(AccountCase):
    """account-tag, "Description"; bot-mode, "The `bot` tag"."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.enter("ann", f"{CAPS} sasl", ["#a"])
        self.ann.ask(f"REGISTER * * :{PASSWORD}")
        self.bob = self.enter("bob", CAPS, ["#a"])
        self.plain = self.enter("cho", rooms=["#a"])
        self.enter("dee")
        for each in (self.ann, self.bob, self.plain):
            each.heard()

    def tags(self, line: str, client: IrcClient | None = None) -> list[str]:
        """The tags of what is heard of ann when she says this, msgids left out."""
        self.ann.ask(line)
        heard = [
            each
            for each in (client or self.bob).heard()
            if not each.startswith(":chat.test MODE ")  # by which the server tells what she is
        ]
        found = [each.partition(" ")[0] if each.startswith("@") else "" for each in heard]
        return [
            ";".join(tag for tag in each[1:].split(";") if not tag.startswith("msgid="))
            for each in found
        ]

    EVERY = (
        "TOPIC #a :x",
        "MODE #a +m",
        "MODE #a +v bob",
        "MODE #a +b x!*@*",
        "AWAY :out",
        "SETNAME :Ann",
        "INVITE dee #a",
        "PRIVMSG #a :hi",
        "PRIVMSG bob :hi",
        "NOTICE #a :hi",
        "@+typing=active TAGMSG #a",
        "KICK #a cho",
        "RENAME #a #b",
        "NICK anna",
        "PART #b :x",
        "JOIN #b",
        "QUIT :bye",
    )

    def test_the_account_is_on_all_that_somebody_does(self) -> None:
        """account-tag: the tag is on all commands that a user sends."""
        for line in self.EVERY:
            self.bob.ask("JOIN #b") if line.startswith("QUIT") else None
            self.bob.heard()
            found = {tags.partition(";")[0] for tags in self.tags(line)}
            self.assertEqual(found, {"account=ann"}, line)

    def test_and_so_is_that_it_is_a_bot(self) -> None:
        """bot-mode: on all commands of a bot, and without a value."""
        self.ann.ask("MODE ann +B")
        self.bob.heard()
        for line in self.EVERY:
            self.bob.ask("JOIN #b") if line.startswith("QUIT") else None
            self.bob.heard()
            for tags in self.tags(line) if "TAGMSG" not in line else ():
                self.assertEqual(set(tags.split(";")), {"account=ann", "bot"}, line)

    def test_not_of_who_is_not_logged_in(self) -> None:
        """account-tag: it is not sent of a user without an account."""
        for line in ("NICK bobby", "AWAY :x", "PART #a"):
            self.bob.ask(line)
            self.assertNotIn("account", "".join(self.ann.heard()), line)

    def test_who_has_not_asked_for_it_gets_none(self) -> None:
        for line in ("TOPIC #a :x", "NICK anna", "PRIVMSG #a :hi", "PART #a"):
            self.assertEqual(self.tags(line, self.plain), [""], line)

    def test_ones_own_lines_have_it(self) -> None:
        for line in ("TOPIC #a :x", "NICK anna", "PART #a", "JOIN #a"):
            self.assertTrue(self.ann.ask(line)[0].startswith("@account=ann "), line)
