"""Whatever is in an event, it comes out as the lines that tell of it, and no more."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.limits import Limits
from chatservice.wire.codec import Circumstances
from chatservice.wire.irc.capabilities import CAPABILITIES
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.door import EVERY
from chatservice.wire.irc.form import Forms
from chatservice.wire.irc.line import BODY_BYTES
from chatservice.wire.names import EVENTS
from tests.wire.house import SERVER
from tests.wire.test_injection import BREAKS
from tests.wire.test_schema import SIMPLE, things

PARTS = [*BREAKS, *" :;=@!#,\\\0\x01\x03é", "\r\nQUIT :x", "x" * 30, "a", "1-1"]
HOSTILE = {
    **SIMPLE,
    str: st.lists(st.sampled_from(PARTS), max_size=4).map("".join),
    int: st.integers(0, 2 * 10**12),
}
LINE = re.compile(rb"(@[^ \r\n\0]+ )?(:[^ \r\n\0]+ )?([A-Z]+|\d{3})( [^\r\n\0]*)?\r\n")


def codec(capabilities: list[str]) -> IrcCodec:
    """A connection that has asked for these."""
    forms = Forms(SERVER, lambda: 10**12, EVERY.told)
    made = IrcCodec(Circumstances(address="10.0.0.1:5001", limits=Limits()), forms, EVERY)
    made.enable(capabilities)
    return made


BARE, FULL = codec([]), codec(list(CAPABILITIES))


class InjectionTests(SynchronousTestCase):
    @settings(derandomize=True, deadline=None, max_examples=600)
    @given(st.one_of([things(each, HOSTILE) for each in EVENTS.values()]))
    def test_no_line_in_a_line(self, event: Any) -> None:
        """RFC 2812, section 2.3.1: no CR, LF or NUL in a parameter, no space but in the last."""
        for each in (BARE, FULL):
            encoder = each.encoder
            told = (
                encoder.encode(event),
                each.personal.encode(event),
                each.personal.encode_own(event),
            )
            for data in told:
                lines = data.splitlines(keepends=True)
                self.assertEqual(b"".join(lines), data)
                for line in data.split(b"\r\n")[:-1]:
                    self.assertTrue(LINE.fullmatch(line + b"\r\n"), (event, line))
                    body = line[line.index(b" ") + 1 :] if line.startswith(b"@") else line
                    self.assertLessEqual(len(body), BODY_BYTES, (event, line))
            made = each.personal.form.lines(event)
            self.assertEqual(told[0].count(b"\n"), len(made), event)
            words = [re.findall(r"[A-Z]+|\d{3}", line.verb) for line in made]
            self.assertTrue(all(len(each) == 1 for each in words), event)
