"""Completion: what the word before the cursor can become."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from urwidclient.completion import Words, complete
from urwidclient.shortcodes import emojized

WORDS = Words(nicks=("Bob", "alice", "anna"), rooms=("lobby", "ops"), themes=("dark", "light"))


class Completions(SynchronousTestCase):
    def test_table(self) -> None:
        """Each kind of word, at the start and within a line."""
        for text, candidates in (
            ("a", ("alice: ", "anna: ")),
            ("A", ("alice: ", "anna: ")),
            ("hi b", ("Bob ",)),
            ("one\nb", ("Bob ",)),
            ("@al", ("@alice ",)),
            ("see #o", ("#ops ",)),
            ("/jo", ("/join ",)),
            ("/na", ("/names ",)),
            ("/join o", ("ops ",)),
            ("/join #l", ("#lobby ",)),
            ("/theme l", ("light",)),
            ("/help the", ("theme",)),
            ("/whois b", ("Bob ",)),
            ("/me b", ("Bob ",)),
            ("/unknown b", ()),
            ("//x b", ("Bob ",)),
            (":hourglass_n", (":hourglass_not_done: ",)),
            ("", ()),
            ("hi ", ()),
            ("zz", ()),
        ):
            self.assertEqual(complete(text, len(text), WORDS).candidates, candidates, text)

    def test_place(self) -> None:
        """Only what stands before the cursor counts."""
        found = complete("hello al there", 8, WORDS)
        self.assertEqual((found.start, found.candidates), (6, ("alice ",)))

    def test_no_emoji(self) -> None:
        """Somebody who wants no emoji is offered none."""
        self.assertEqual(complete(":smi", 4, Words(emoji=False)).candidates, ())


class Shortcodes(SynchronousTestCase):
    def test_emojized(self) -> None:
        """Shortcodes become emoji; other colons stay."""
        for text, expected in (
            ("hi :smile: :+1:", "hi 😄 👍"),
            ("10:30:45 :no_such_thing:", "10:30:45 :no_such_thing:"),
            ("a:b", "a:b"),
            ("(:smile:), :smile::+1:! 好:smile:", "(😄), 😄👍! 好😄"),
            ("52:54:00:ab:cd:ef 2001:db8:a:b:1 ::a:", "52:54:00:ab:cd:ef 2001:db8:a:b:1 ::a:"),
            ("user:x:1000: x[1:m:2] :m:2 1:100:1", "user:x:1000: x[1:m:2] :m:2 1:100:1"),
            ("a[:on:] [:on:]", "a[:on:] [🔛]"),
            ("http://x/:id:/y?:on: :id:", "http://x/:id:/y?:on: 🆔"),
        ):
            self.assertEqual(emojized(text), expected)
