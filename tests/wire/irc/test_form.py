"""One form for all who have asked for the same."""

from __future__ import annotations

import gc
from itertools import combinations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.wire.codec import ServerInfo
from chatservice.wire.irc.capabilities import CAPABILITIES
from chatservice.wire.irc.form import Forms


class FormsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.forms = Forms(ServerInfo(), lambda: 0, {})

    def test_it_is_shared(self) -> None:
        some = frozenset({"batch", "server-time"})
        form = self.forms.of(some)
        self.assertIs(self.forms.of(frozenset(sorted(some))), form)
        self.assertIsNot(self.forms.of(frozenset()), form)

    def test_it_is_gone_with_the_last_who_has_it(self) -> None:
        """So that nobody can fill the memory by asking for one set after the other."""
        kept = self.forms.of(frozenset({"batch"}))
        for some in combinations(CAPABILITIES, 2):
            self.forms.of(frozenset(some))
        gc.collect()
        self.assertEqual(list(self.forms._known.values()), [kept])
