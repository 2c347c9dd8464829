"""The commands of `chatctl`: one table that drives parsing, help, and the page about them."""

from __future__ import annotations

import argparse
import fcntl
import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatservice.chatctl.backup import take
from chatservice.chatctl.connection import Control, Fields, Refused
from chatservice.chatctl.tables import number, span, table
from chatservice.domain.rooms import LOBBY
from chatservice.domain.times import ending, seconds_of
from chatservice.state import LOCK, is_own

Arguments = dict[str, dict[str, Any]]
"""What a command is given, as argparse takes it."""

Run = Callable[[Control, argparse.Namespace], tuple[Fields, str]]
"""Does what a command is for; what a script is shown, and what people are."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do: adds its arguments, does it, and shows what came of it."""

    name: str
    summary: str
    arguments: Arguments
    run: Run

    @property
    def form(self) -> str:
        """How it is written."""
        parts = []
        for name, how in self.arguments.items():
            shown = how.get("metavar", name.lstrip("-").upper())
            part = f"{name} {shown}" if name.startswith("-") else shown
            optional = name.startswith("-") or how.get("nargs") == "?"
            parts.append(f"[{part}]" if optional else part)
        return " ".join([self.name, *parts])


def _who(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    mask = given.mask or (None if given.room else "*")
    found = control.ask("find", mask=mask, room=given.room)
    found["people"] = [
        each for each in found.get("people", []) if each["person"]["user"] != control.user
    ]
    people = [
        [
            person["nick"],
            person["user"],
            person["address"],
            person.get("account", "-"),
            span(each.get("idle", 0)),
            "operator" if person.get("operator") else "-",
            person.get("away", ""),
        ]
        for each in found["people"]
        if (person := each["person"])
    ]
    heading = ["NICK", "ID", "ADDRESS", "ACCOUNT", "IDLE", "SERVER", "AWAY"]
    more = "\nThere are more: narrow it down with a mask or --room." if found.get("more") else ""
    return found, table(heading, people) + more


def _rooms(control: Control, _given: argparse.Namespace) -> tuple[Fields, str]:
    found = control.ask("rooms")
    rows = [
        [
            f"#{room['room']}",
            str(room.get("people", 0)),
            ", ".join(name for name in ("locked", "invite_only", "secret") if room.get(name))
            or "-",
            room.get("topic", ""),
        ]
        for room in found.get("rooms", [])
    ]
    return found, table(["ROOM", "PEOPLE", "CLOSED", "TOPIC"], rows)


def _kick(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    if given.room is None:
        told = control.ask("kill", nick=given.nick, reason=given.reason)
        return told, told["text"]
    told = control.ask("kick", nick=given.nick, room=given.room, reason=given.reason)
    return told, f"{given.nick} is put out of #{given.room}."


def _ban(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    told = control.ask(
        "ban", who=given.who, room=given.room, seconds=given.seconds, reason=given.reason
    )
    return told, f"{given.who} is banned from #{given.room}."


def _unban(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    told = control.ask("unban", who=given.who, room=given.room)
    return told, f"{given.who} is let into #{given.room} again."


def _bans(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    found = control.ask("bans", room=given.room)
    rows = [
        [
            ban["who"],
            ban.get("by", ""),
            ending(ban["until"]) if "until" in ban else "-",
            ban.get("reason", ""),
        ]
        for ban in found.get("bans", [])
    ]
    return found, table(["WHO", "BY", "UNTIL", "REASON"], rows)


def _account(kind: str) -> Run:
    def run(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
        told = control.ask(kind, account=given.nick, password=_password(given.nick))
        return told, told["text"]

    return run


def _password(nick: str) -> str:
    """A new password: asked for twice, unseen, or the first line of what is piped in."""
    try:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        password = getpass.getpass(f"New password of {nick}: ")
        if getpass.getpass("Once more: ") != password:
            raise Refused("These are two different passwords.")
    except EOFError:
        raise Refused("No password was typed.") from None
    except UnicodeError:
        raise Refused("A password is text, in the encoding of this terminal.") from None
    return password


def _broadcast(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    return control.ask("broadcast", text=given.text), "Everybody is told."


def _backup(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    target = Path(given.file).absolute()
    if is_own(target.name) and target.parent.samefile(given.state):
        raise Refused(f"{target} is the server's own file; choose another name for the backup.")
    messages = take(lambda: given.state / Path(control.have("backup")["path"]).name, target)
    size = target.stat().st_size
    done = {"type": "backup", "file": str(target), "bytes": size, "messages": messages}
    return done, f"{target} is a whole backup: {messages:,} messages, {size:,} bytes."


def _stats(control: Control, _given: argparse.Namespace) -> tuple[Fields, str]:
    told = control.have("stats")
    rows = []
    for name, value in told["stats"].items():
        name = name.removeprefix("chatservice_")
        if isinstance(value, dict):
            shown = ", ".join(f"{part} {number(each)}" for part, each in value.items())
            rows.append([name, shown or "none"])
        else:
            rows.append([name, number(value)])
    return told, table(["FIGURE", "VALUE"], rows)


def _drain(control: Control, given: argparse.Namespace) -> tuple[Fields, str]:
    told = control.have("drain", seconds=given.seconds)
    control.wait()
    with (given.state / LOCK).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
    return told, "The server is closed."


def _span(given: str) -> int:
    """A time as `/ban` takes it, or a number of seconds. Raises `ArgumentTypeError`."""
    seconds = seconds_of(given if given[-1:].isalpha() else f"{given}s")
    if seconds is None:
        raise argparse.ArgumentTypeError(f"{given!r} is no time such as 90s, 30m, 2h, 7d or 1w")
    return seconds


def _seconds(given: str) -> float:
    """A number of seconds. Raises `ArgumentTypeError`."""
    try:
        return float(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} is no number of seconds") from None


_ROOM: Arguments = {"--room": {"metavar": "ROOM", "help": "the room, without #"}}
_IN_ROOM: Arguments = {"--room": {**_ROOM["--room"], "default": LOBBY}}
_REASON: Arguments = {"--reason": {"metavar": "TEXT", "default": "", "help": "is told to all"}}
_NICK: Arguments = {"nick": {"metavar": "NICK", "help": "a nick or a 6-digit id"}}
_NAME: Arguments = {"nick": {"metavar": "NAME", "help": "the account's name"}}
_WHO: Arguments = {
    "who": {"metavar": "WHO", "help": "a nick, an IP address, account:NAME, or a mask"}
}

COMMANDS = (
    Command(
        "who",
        "Show who is here, or (MASK) whose nick or real name fits, or who is in a room.",
        {"mask": {"nargs": "?", "metavar": "MASK", "help": "with * and ?, as in 'ann*'"}} | _ROOM,
        _who,
    ),
    Command("rooms", "Show all rooms.", {}, _rooms),
    Command(
        "kick",
        "Put somebody out of the chat, or only out of a room.",
        _NICK | _ROOM | _REASON,
        _kick,
    ),
    Command(
        "ban",
        "Keep somebody out of a room, the lobby by default.",
        _WHO
        | _IN_ROOM
        | {
            "--for": {
                "metavar": "TIME",
                "type": _span,
                "dest": "seconds",
                "help": "then it ends by itself: 90s, 30m, 2h, 7d or 1w",
            }
        }
        | _REASON,
        _ban,
    ),
    Command("unban", "Let somebody in again.", _WHO | _IN_ROOM, _unban),
    Command("bans", "Show who is banned from a room.", _IN_ROOM, _bans),
    Command(
        "account add",
        "Make an account; the password is asked for, or read from a pipe.",
        _NAME,
        _account("make-account"),
    ),
    Command(
        "account reset",
        "Give an account another password, asked for in the same way.",
        _NAME,
        _account("reset-password"),
    ),
    Command("broadcast", "Tell everybody something.", {"text": {"metavar": "TEXT"}}, _broadcast),
    Command(
        "backup",
        "Write all that is kept into a file, whole and checked, while the chat goes on.",
        {"file": {"metavar": "FILE"}},
        _backup,
    ),
    Command("stats", "Show the figures of the server.", {}, _stats),
    Command(
        "drain",
        "Let nobody in any more, tell everybody, and close once all have left, or after a time.",
        {
            "--timeout": {
                "metavar": "SECONDS",
                "type": _seconds,
                "default": 60.0,
                "dest": "seconds",
                "help": "60 by default",
            }
        },
        _drain,
    ),
)
"""Every command."""
