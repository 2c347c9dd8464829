"""One room as the terminal client knows it: its lines, counts and people; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Flag, auto
from typing import Literal

from chatservice.domain.events import (
    Configured,
    Event,
    Kicked,
    Message,
    Person,
    RoleGiven,
    Topic,
)
from urwidclient.scrollback import Line, LineKind, Scrollback, kept_seq

Asked = Literal["older", "newer", "latest", "around", "missed"]


class Changed(Flag):
    """The parts that an event changed; MENTION says that a live message named this person."""

    NOTHING = 0
    MESSAGES = auto()
    ROOMS = auto()
    PEOPLE = auto()
    STATUS = auto()
    MENTION = auto()


def conversation(nick: str) -> str:
    """The name of the conversation with a person, which no room can have."""
    return f" {nick}"


def label(name: str) -> str:
    """What a room, or a conversation, is called: `#room`, `@nick`."""
    return f"@{name[1:]}" if name.startswith(" ") else f"#{name}"


class Room:
    """One room, or the conversation with one `person`.

    `marker` is the seq after which the `new` line is drawn, None for nowhere.

    It is `attended` while it is being read, and was `asked` for older, newer, the latest
    or certain messages by the command of that id. `speakers` ends with who spoke last.
    `chosen` is the seq of a message that one wants to do something about, `read_at` up to when
    the server knows that it was read.
    What the server keeps is to be loaded while it is `stale`: of a conversation all, of a room what
    may have become of its last messages meanwhile. Of a conversation, lines here are `unkept` that
    are messages, and have a seq, for this client alone.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.back = Scrollback()
        self.pending: dict[str, Line] = {}
        self.people: dict[str, Person] = {}
        self.speakers: dict[str, None] = {}
        self.typing: dict[str, int] = {}
        self.entered = False
        self.attended = False
        self.seq = 0
        self.unread = 0
        self.mentions = 0
        self.topic = ""
        self.locked = False
        self.invite_only = False
        self.marker: int | None = None
        self.asked: tuple[str, Asked] | None = None
        self.chosen: int | None = None
        self.read_at = 0
        self.stale = False
        self.unkept = False

    @property
    def wire_name(self) -> str:
        """What the server calls it: a conversation is `@nick`."""
        return self.name if self.person is None else f"@{self.person}"

    @property
    def person(self) -> str | None:
        """The nick of the other one, if this is a conversation."""
        return self.name[1:] if self.name.startswith(" ") else None

    @property
    def lines(self) -> list[Line]:
        """All lines as shown: what is here, then what waits to be acknowledged."""
        return [*self.back.lines, *self.pending.values()] if self.pending else self.back.lines

    @property
    def beyond(self) -> int:
        """How many messages there are after those that are here."""
        return 0 if self.back.attached else max(0, self.seq - self.back.newest)

    def typists(self, now: int) -> list[str]:
        """Who is typing at this time (UTC ms)."""
        return [nick for nick, until in self.typing.items() if until > now]

    def take(self, line: Line) -> Changed:
        """Take in a live message, unless it was seen."""
        if line.seq <= self.seq and not self.back.lacks(line.seq):
            return Changed.NOTHING
        self.back.add(line)
        return self._count([line])

    def take_missed(self, lines: list[Line]) -> Changed:
        """Take in what was said while away: like live messages, once each, but it is no news."""
        for line in lines:
            if line.seq > self.seq:
                self.back.add(line)
        if self.back.attached:
            self.back.merge([line for line in lines if line.seq <= self.seq], "newer")
        return self._count(lines) & ~Changed.MENTION

    def take_page(self, lines: list[Line], more: bool) -> None:
        """Take in the history that was asked for."""
        _, asked = self.asked or ("", "older")
        self.asked = None
        back = self.back
        if asked == "missed":
            self._catch_up(lines, more)
            return
        if asked == "latest" or (asked == "around" and lines):
            back.clear()
        if asked == "around" and not lines:
            return
        if asked == "older":
            back.merge(lines, "older")
        else:
            back.merge(lines, "newer")
            back.attached = (back.newest >= self.seq and not self.stale) or not lines
        if asked != "newer":
            back.more_above = more

    def give_up_page(self, *, for_now: bool) -> None:
        """The history that was asked for does not come, `for_now` or at all."""
        missed = self.asked is not None and self.asked[1] == "missed"
        self.asked = None
        if for_now:
            self.stale = self.stale or missed
        else:
            self.back.more_above = False

    def read_up_to(self, at: int) -> None:
        """One has read so far (UTC ms), maybe in another client."""
        self.read_at = max(self.read_at, at)
        if self.attended:
            return
        heard = [line for line in self.back.lines if line.stored]
        news = [line for line in heard if line.at > self.read_at and not line.own]
        self.unread = len(news)
        self.mentions = sum(line.mention or self.person is not None for line in news)
        read = [line.seq for line in heard if line.at <= self.read_at]
        self.marker = None if not news else read[-1] if read else news[0].seq - 1

    def settle(self) -> None:
        """What the server does not keep has no seq of its own from now on: kept messages follow."""
        seq, settled = 0, []
        for line in self.back.lines:
            if line.stored and kept_seq(line.id) is None:
                line = replace(line, seq=seq, stored=False)
            elif line.stored:
                seq = line.seq
            else:
                line = replace(line, seq=seq)
            settled.append(line)
        self.back.lines = settled
        self.seq = seq
        self.marker = self.marker and min(self.marker, seq)
        self.unkept = False

    def enter(self, lines: list[Line], seq: int, people: Iterable[Person]) -> Changed:
        """The room was entered, for the first time or again; `lines` were said meanwhile."""
        self.stale = self.back.attached and self.back.oldest is not None
        changed = self.take_missed(lines)
        if not self.entered:
            # What was said before one came is nothing that one missed.
            self.unread = self.mentions = 0
            self.marker = None
            self.entered = True
            self.back.more_above = self.back.oldest is not None
        self.seq = max(self.seq, seq)
        self.set_people(people)
        self.typing.clear()
        return changed

    def start_over(self) -> None:
        """The server's history began anew: no seq known here means anything."""
        self.back.clear()
        self.seq = self.unread = self.mentions = 0
        self.marker = None
        self.entered = False

    def shut_out(self) -> None:
        """One was not let in again: what is said there from now on is missed."""
        self.entered = False
        self.back.attached = False
        self.people.clear()
        self.typing.clear()

    def drop_pending(self, messages: Iterable[Message]) -> None:
        """These messages are stored: none of them waits any more."""
        for message in messages:
            if message.re is not None:
                self.pending.pop(message.re, None)

    def set_people(self, people: Iterable[Person]) -> None:
        """These are here."""
        self.people = {person.nick: person for person in people}

    def come(self, person: Person, at: int) -> None:
        """Somebody came in."""
        self.people[person.nick] = person
        self._presence("joined", person.nick, at)

    def go(self, nick: str, at: int) -> None:
        """Somebody left."""
        self._drop(nick)
        self._presence("left", nick, at)

    def learn(self, event: Event) -> None:
        """Take over what an event says about the room and its people."""
        match event:
            case Topic():
                self.topic = event.topic
            case Configured():
                self.locked, self.invite_only = event.locked, event.invite_only
            case RoleGiven() if event.nick in self.people:
                self.people[event.nick] = replace(self.people[event.nick], role=event.role)
            case Kicked():
                self._drop(event.nick)

    def note(self, text: str, at: int, kind: LineKind = "notice") -> None:
        """Show a sentence at the end."""
        self.back.note(Line(seq=self.back.newest, at=at, kind=kind, text=text))

    def rename(self, old: str, new: str, at: int) -> None:
        """Somebody, who may be here, has another nick."""
        self.typing.pop(old, None)
        if old in self.speakers:
            self.speakers = {new if nick == old else nick: None for nick in self.speakers}
        if (person := self.people.pop(old, None)) is not None:
            self.people[new] = replace(person, nick=new)
            self._local("renamed", (old, new), at)

    def _count(self, lines: Iterable[Line]) -> Changed:
        """Take note of new messages: who spoke, and what is unread."""
        changed = Changed.MESSAGES
        for line in lines:
            self.speakers.pop(line.nick, None)
            self.speakers[line.nick] = None
            self.typing.pop(line.nick, None)
            if line.seq <= self.seq:
                continue
            if not line.own and not self.attended:
                if not self.unread:
                    self.marker = self.seq
                self.unread += 1
                self.mentions += line.mention or self.person is not None
                changed |= Changed.ROOMS
            if line.mention or (self.person is not None and not line.own):
                changed |= Changed.MENTION
            self.seq = line.seq
        return changed

    def _catch_up(self, lines: list[Line], more: bool) -> None:
        """Take in the last of what is kept of a conversation."""
        back = self.back
        if self.unkept:
            self.settle()
        if not lines:
            return
        first, newest = lines[0].seq, self.seq
        self.seq = max(newest, lines[-1].seq)
        if not back.attached:
            return
        if more and newest < first:
            back.clear()
        if back.oldest is None or back.oldest >= first:
            back.more_above = more
        back.merge(lines, "newer")
        if self.seq > newest:
            self.read_up_to(self.read_at)

    def _drop(self, nick: str) -> None:
        self.people.pop(nick, None)
        self.speakers.pop(nick, None)
        self.typing.pop(nick, None)

    def _presence(self, kind: LineKind, nick: str, at: int) -> None:
        """One line for all who come, or go, with nothing said in between."""
        last = self.back.lines[-1] if self.back.lines else None
        if last is not None and last.kind == kind and self.back.attached:
            self.back.replace_last(replace(last, names=(*last.names, nick)))
        else:
            self._local(kind, (nick,), at)

    def _local(self, kind: LineKind, names: tuple[str, ...], at: int) -> None:
        """Note who came, went or was renamed; not when the lines around it are not here."""
        if self.back.attached:
            self.back.add(Line(seq=self.back.newest, at=at, kind=kind, names=names))
