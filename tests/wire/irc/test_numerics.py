"""Numerics that many get."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.irc.numerics import Numerics, numeric

TOLD = (
    ("RPL_MYINFO", "chat.test", "x", "xx"),
    ("RPL_ISUPPORT", "A=1", "B"),
    ("RPL_NAMREPLY", "=", "#lobby", "ann bob é" * 60),
    ("ERR_NOMOTD",),
    ("RPL_ENDOFNAMES", "#lobby"),
)
NICKS = ("x", "xx", "Ann", "Zoë", "日本語", "a b", ":x", "", "n" * 32, "é" * 32)


class NumericsTests(SynchronousTestCase):
    def test_each_nick_gets_what_it_would_get_one_by_one(self) -> None:
        """Also those of the same length, one after the other, and lines that have to be cut."""
        for source in ("chat.test", "x"):
            for nick in NICKS * 2:
                alike = Numerics(params=(nick,), source=source, told=TOLD)
                single = [numeric(source, nick, *each).plain() for each in TOLD]
                self.assertEqual(alike.plain(), b"".join(single))
