"""The command line of `chatctl`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

from chatservice.chatctl.commands import COMMANDS
from chatservice.chatctl.connection import Control, Refused
from chatservice.domain.text import neutral
from chatservice.state import state_directory


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """End with one sentence."""
        self.exit(1, f"chatctl: {message}; `chatctl --help` shows all commands.\n")


def parser() -> argparse.ArgumentParser:
    """What understands the command line."""
    made = _Parser(prog="chatctl", description="Tells a running chat server what to do.")
    made.add_argument(
        "--state",
        metavar="DIR",
        type=_directory,
        default=state_directory(),
        help="where the server keeps its chat, as it was told by its own --state",
    )
    made.add_argument("--json", action="store_true", help="show a JSON object, for scripts")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    groups: dict[str, Any] = {}
    for command in COMMANDS:
        group, _, name = command.name.rpartition(" ")
        if group and group not in groups:
            within = commands.add_parser(group, help=f"{group} add, {group} reset")
            groups[group] = within.add_subparsers(metavar="COMMAND", required=True)
        place = groups[group] if group else commands
        one = place.add_parser(name, help=command.summary, description=command.summary)
        for argument, how in command.arguments.items():
            one.add_argument(argument, **how)
        one.set_defaults(run=command.run)
    return made


def _directory(given: str) -> Path:
    """A directory, of a home perhaps. Raises `ArgumentTypeError`."""
    try:
        return Path(given).expanduser()
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"no home directory is known for {given}") from None


def main(arguments: Iterable[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    given = parser().parse_args(None if arguments is None else list(arguments))
    try:
        with closing(Control(given.state)) as control:
            told, shown = given.run(control, given)
        print(json.dumps(told or {"type": "done"}) if given.json else shown, flush=True)
    except Refused as refused:
        return _refuse(str(refused))
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else the end would write it once more
        if isinstance(error, BrokenPipeError):  # who is shown it has seen enough
            return 0
        return _refuse(f"{error.filename or 'The standard output'}: {error.strerror}.")
    except KeyboardInterrupt:
        return 130
    return 0


def _refuse(sentence: str) -> int:
    print(f"chatctl: {neutral(sentence)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
