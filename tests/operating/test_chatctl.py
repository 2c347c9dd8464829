"""The command line of `chatctl`, without a server."""

from __future__ import annotations

import os
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatservice.chatctl.__main__ import parser


class StateTests(SynchronousTestCase):
    """Where the server keeps its chat."""

    def test_by_default(self) -> None:
        self.patch(os, "environ", {"HOME": "/home/x"})
        state = parser().parse_args(["who"]).state
        self.assertEqual(state, Path("/home/x/.local/share/chatservice"))

    def test_no_home_is_needed_where_it_is_said(self) -> None:
        self.patch(os, "environ", {"XDG_DATA_HOME": "~no-such-user/x"})
        self.assertEqual(parser().parse_args(["--state", "/x", "who"]).state, Path("/x"))

    def test_the_home_of_nobody(self) -> None:
        self.patch(os, "environ", {"XDG_DATA_HOME": "~no-such-user/x"})
        with redirect_stderr(StringIO()) as said:
            ended = self.assertRaises(SystemExit, parser().parse_args, ["who"])
        self.assertEqual(ended.code, 1)
        sentence = "no home directory is known for ~no-such-user/x/chatservice"
        self.assertIn(sentence, said.getvalue())
        self.assertEqual(said.getvalue().count("\n"), 1)
