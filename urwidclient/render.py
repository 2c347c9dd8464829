"""Pure: lines, rooms, people and states to urwid markup; all foreign text is neutralised here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import category, combining
from zlib import crc32

import urwid

from chatservice.domain.events import Message, Person
from chatservice.domain.text import counted, neutral
from chatservice.domain.times import moment
from urwidclient.replies import facts, listed, locks, role_mark
from urwidclient.room import Room, label
from urwidclient.scrollback import Line, Reacted
from urwidclient.themes import NICKS

Markup = str | tuple[str, str] | list[str | tuple[str, str]]

COUNTED = 99
NAMES = 5
ACTIVE = 3
NAME_COLUMNS = 12
NARROW_COLUMNS = 60
RULE = "─"

_JOINS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]")
"""Joiners, selectors, skin tones: with them an emoji is wider in some terminals than in others."""

_LETTERED = re.compile("[\U0001f1e6-\U0001f1ff]")
"""Letters of which two make a flag, in some terminals."""

_VIRAMA = 9
"""The combining class of marks that join letters; unassigned characters may be new ones."""

_SIGNS = {"action": "*", "notice": "--", "error": "!!", "joined": "-->", "left": "<--"}


def safe(text: str) -> str:
    """The text as every terminal shows it, with nothing that could steer one; LF stays."""
    return "\n".join(map(_even, text.replace("\t", "    ").split("\n")))


def safe_line(text: str) -> str:
    """The same on one line."""
    return _even(" ".join(text.split()))


def nick_attr(nick: str) -> str:
    """The colour of a nick: always the same one."""
    return f"nick{crc32(nick.casefold().encode('utf-8', 'replace')) % NICKS}"


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` columns, with `…` where it was cut."""
    columns = urwid.calc_width(text, 0, len(text))
    if columns > width:
        end, columns = urwid.calc_text_pos(text, 0, len(text), width - 1)
        text, columns = text[:end] + "…", columns + 1
    padding = " " * (width - columns)
    return padding + text if right else text + padding


def shortened(text: str, width: int) -> str:
    """The text in at most `width` columns."""
    return fit(text, width).rstrip()


def clock(at: int) -> str:
    """The local time of day of a UTC time in ms."""
    return f"{moment(at, None):%H:%M}"


def day(at: int) -> str:
    """The local day of a UTC time in ms."""
    return _day_of_minute(at // 60_000)


def head(line: Line, nick_columns: int) -> Markup:
    """Time and nick of a line, as the columns left of its text."""
    nick = f"-{safe_line(line.nick)}-" if line.remark else safe_line(line.nick)
    who = _SIGNS.get(line.kind, "--") if line.kind != "text" else nick
    return [
        ("time", f"{clock(line.at)} "),
        (_nick_attr(line), fit(who, nick_columns, right=True)),
    ]


def body(line: Line) -> Markup:
    """The text of a line, without time and nick."""
    text = safe(line.text) if line.amended != "deleted" else "(deleted)"
    match line.kind:
        case "text":
            parts: list[str | tuple[str, str]] = [(_text_attr(line), text)]
        case "action":
            parts = [(_nick_attr(line), safe_line(line.nick)), (_text_attr(line), f" {text}")]
        case "notice" | "error":
            parts = [(line.kind, text)]
        case "renamed":
            old, new = map(safe_line, line.names)
            parts = [("presence", f"{old} is now {new}")]
        case _:
            names = listed(list(map(safe_line, line.names)), NAMES)
            parts = [("presence", f"{names} {'came in' if line.kind == 'joined' else 'left'}")]
    if line.amended == "edited":
        parts.append(("presence", " (edited)"))
    if line.state == "failed":
        parts.append(("error", f" (not sent: {safe_line(line.reason)})"))
    return parts


def quoted(line: Line | None) -> Markup:
    """What a message answers, on one row."""
    if line is None:
        return ("presence", "┌ something said before")
    text = "(deleted)" if line.amended == "deleted" else safe_line(line.text)
    return [("presence", "┌ "), (_nick_attr(line), safe_line(line.nick)), ("presence", f": {text}")]


def reactions(found: Iterable[Reacted]) -> Markup:
    """How many react to a message how, on one row; one's own are marked."""
    counts: dict[str, list[bool]] = {}
    for each in found:
        counts.setdefault(each.reaction, []).append(each.own)
    parts: list[str | tuple[str, str]] = []
    for reaction, own in counts.items():
        shown = f"{shortened(safe_line(reaction), NAME_COLUMNS)} {len(own)}"
        parts += [("me" if any(own) else "presence", shown), "  "]
    return parts


def inline(line: Line) -> Markup:
    """A whole line for a narrow screen: time, `<nick>`, text."""
    if line.kind == "text" and line.remark:
        who: list[str | tuple[str, str]] = [(_nick_attr(line), f"-{safe_line(line.nick)}- ")]
    elif line.kind == "text":
        who = [("time", "<"), (_nick_attr(line), safe_line(line.nick)), ("time", "> ")]
    else:
        who = [("presence", f"{_SIGNS.get(line.kind, '--')} ")]
    return [("time", f"{clock(line.at)} "), *who, *body(line)]


def server_row(name: str, where: str, people: int | None, columns: int) -> Markup:
    """A server in the list of servers."""
    there = "" if people is None else counted(people, "person", "people")
    left = max(8, columns // 2 - 2)
    return [
        ("room", fit(f" {safe_line(name)}", left)),
        ("time", f" {safe_line(where)}  {there}"),
    ]


def room_row(room: Room, current: bool, columns: int) -> Markup:
    """A room in the list of rooms, with its locks and counts."""
    counts = [(attr, badge) for attr, badge in _badges(room) if badge]
    used = sum(len(badge) + 1 for _, badge in counts)
    attr = "room_current" if current else "room_unread" if room.unread else "room"
    name = fit(f"{'>' if current else ' '}{safe_line(label(room.name))}", max(4, columns - used))
    parts: list[str | tuple[str, str]] = [(attr, name)]
    for badge in counts:
        parts += [" ", badge]
    return parts


def person_row(person: Person, me: bool, columns: int) -> Markup:
    """A person in the list of people, with marks of their role and of what they are.

    Who is away is pale.
    """
    shown = f"{'>' if me else ' '}{role_mark(person)}{safe_line(person.nick)}"
    marks = f" {found}" if (found := facts(person)) else ""
    away = person.away is not None
    attr = "presence" if away else "me" if me else nick_attr(person.nick)
    return [(attr, fit(shown, max(4, columns - len(marks)))), ("presence", marks)]


def found_row(message: Message, columns: int) -> Markup:
    """A message in a list of those that were found."""
    return [*_found_head(message), ("text", shortened(safe_line(_as_said(message)), columns))]


def found_whole(message: Message) -> Markup:
    """The same with its whole text."""
    return [*_found_head(message), ("text", safe(_as_said(message)))]


def count(number: int) -> str:
    """A count as it is shown: `99+` from a hundred on, nothing for none."""
    return "" if not number else str(number) if number <= COUNTED else f"{COUNTED}+"


def title(room: Room | None, server: str) -> str:
    """The line at the top."""
    name = [safe_line(label(room.name))] if room is not None else []
    topic = f": {safe_line(room.topic)}" if room is not None and room.topic else ""
    return " on ".join([*name, *filter(None, [safe_line(server)])]) + topic


def typing(nicks: list[str]) -> str:
    """Who is typing, as a sentence; empty for nobody."""
    if not nicks:
        return ""
    return f"{listed(list(map(safe_line, nicks)), 2)} {'is' if len(nicks) == 1 else 'are'} typing"


def activity(rooms: Iterable[Room]) -> list[str | tuple[str, str]]:
    """The rooms with something unread, mentions first, for screens without a list of rooms."""
    waiting = sorted((room for room in rooms if room.unread), key=lambda room: not room.mentions)
    parts: list[str | tuple[str, str]] = []
    for room in waiting[:ACTIVE]:
        badge = " ".join(badge for attr, badge in _badges(room) if badge and attr != "room")
        attr = "more" if room.mentions else "status"
        parts.append((attr, f"  {_short(room, NAME_COLUMNS)} {badge}"))
    return parts


def status(
    room: Room | None, state: str, more: int, now: int, columns: int
) -> list[str | tuple[str, str]]:
    """The status line: time, room, people, connection, what lies below, who is typing."""
    about = [clock(now)]
    if room is not None:
        about[0] += f" {_short(room, max(NAME_COLUMNS, columns // 3))}"
        if columns >= NARROW_COLUMNS and room.person is None:
            about.append(counted(len(room.people), "person", "people"))
    parts: list[str | tuple[str, str]] = [("status", f" [{', '.join(about)}")]
    if state:
        parts += [("status", ", "), ("warning", safe_line(state))]
    parts.append(("status", "]"))
    if more:
        parts += [("status", " "), ("more", f"-MORE({more})-")]
    if room is not None and (who := typing(room.typists(now))):
        parts.append(("status", f"  {who}"))
    return parts


def _even(text: str) -> str:
    """Neutral, and without what joins characters: terminals differ in how wide that makes them."""
    text = neutral(text)
    if text.isascii():
        return text
    text = _LETTERED.sub(_letter, _JOINS.sub("", text))
    if urwid.calc_width(text, 0, len(text)) < sum(urwid.calc_width(char, 0, 1) for char in text):
        text = "".join(
            char for char in text if combining(char) != _VIRAMA and category(char) != "Cn"
        )
    return text


def _letter(flag: re.Match[str]) -> str:
    return chr(ord(flag[0]) - 0x1F1E6 + ord("A"))


@lru_cache(maxsize=4096)
def _day_of_minute(minute: int) -> str:
    date = moment(minute * 60_000, None)
    return f"{date:%A}, {date.day} {date:%B %Y}"


def _found_head(message: Message) -> list[str | tuple[str, str]]:
    at = moment(message.at, None)
    room = message.room if message.room.startswith("@") else label(message.room)
    return [
        ("time", f" {at:%Y-%m-%d %H:%M} "),
        ("room", f"{safe_line(room)} "),
        (nick_attr(message.nick), safe_line(message.nick)),
        ("time", " " if message.kind == "action" else ": "),
    ]


def _as_said(message: Message) -> str:
    return f"{message.text} (edited)" if message.edited_at is not None else message.text


def _badges(room: Room) -> list[tuple[str, str]]:
    mentions = count(room.mentions)
    if room.person is not None:
        return [("room_mention", mentions)]
    return [
        ("room", locks(room.locked, room.invite_only)),
        ("room_mention", f"@{mentions}" if mentions else ""),
        ("room_unread", count(room.unread)),
    ]


def _short(room: Room, columns: int) -> str:
    return shortened(safe_line(label(room.name)), columns + 1)


def _nick_attr(line: Line) -> str:
    if line.kind not in ("text", "action"):
        return "error" if line.kind == "error" else "presence"
    if line.mention:
        return "mention"
    return "me" if line.own else nick_attr(line.nick)


def _text_attr(line: Line) -> str:
    if line.state != "sent":
        return line.state
    if line.amended == "deleted":
        return "presence"
    return "mentioned" if line.mention else "text"
