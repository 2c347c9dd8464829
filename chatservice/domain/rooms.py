"""A room: who hears it, who is seen in it, and its last messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from chatservice.domain.authority import Act, Kind, Standing, may
from chatservice.domain.commands import RoleName
from chatservice.domain.errors import BannedHere, Forbidden, Moderated, Muted, OperatorNeeded
from chatservice.domain.events import Message, Person, RoomInfo
from chatservice.domain.policy import Policy
from chatservice.domain.records import BanKept
from chatservice.domain.session import Session
from chatservice.domain.times import until

LOBBY = "lobby"
"""The room that is always there."""

MOST_PENDING_VOIDS = 20_000
"""Void seqs worth knowing: more than this many messages never wait for the store at once."""

_TOPIC = {"all": Act.TOPIC_OPEN, "voices": Act.TOPIC, "operators": Act.TOPIC_LOCKED}
_TALK = (Act.SAY, Act.SAY_MODERATED, Act.SAY_OUTSIDE)


class Room:
    """The state of one room.

    `recent` holds every message with a seq above `floor`, those not yet committed too. A message
    that came to nothing (refused by the store, or a retry) is void: its seq stays unused. `authors`
    are the identities of who said them, by seq, as far as they are known.
    """

    def __init__(self, *, id: int, name: str, seq: int, at: int, keep: int) -> None:  # noqa: A002
        self.id = id
        self.name = name
        self.seq = seq
        self.at = at
        self.floor = seq
        self.renamed_at = 0
        self.recent: deque[Message] = deque()
        self.authors: dict[int, str] = {}
        self.voids: set[int] = set()
        self._without_ids = 0
        self._amended: dict[int, Message] = {}
        self.policy = Policy(lobby=name == LOBBY, kept=bool(seq))
        self._keep = keep
        self._people: dict[str, Person] = {}
        self._hearing: dict[Session, None] = {}
        self._audience: tuple[Session, ...] | None = None
        self._people_list: tuple[Person, ...] | None = None

    @property
    def audience(self) -> tuple[Session, ...]:
        """The sessions that hear the room; the same object for as long as nobody comes or goes."""
        if self._audience is None:
            self._audience = tuple(self._hearing)
        return self._audience

    def audience_with(self, session: Session) -> tuple[Session, ...]:
        """Who is told what a session does here: itself, too, where it does not hear that."""
        return self.audience if self.hears(session) else (*self.audience, session)

    @property
    def people(self) -> tuple[Person, ...]:
        """The people seen in the room, in order of joining; the same object until that changes."""
        if self._people_list is None:
            self._people_list = tuple(self._people.values())
        return self._people_list

    @property
    def info(self) -> RoomInfo:
        """The room as a list of rooms shows it."""
        policy = self.policy
        shown = policy.topic if policy.kind in (Kind.LOBBY, Kind.OPEN) else ""
        return RoomInfo(
            room=self.name,
            people=len(self._people),
            seq=self.last_kept(self.seq),
            topic=shown or None,
            locked=policy.password is not None,
            invite_only=policy.invite_only,
            secret=policy.secret,
            topic_at=policy.topic_at if shown else 0,
            made_at=policy.made_at,
        )

    @property
    def idle(self) -> bool:
        """Whether the room would be missed by nobody: no one in it, nothing ever said or set."""
        policy = self.policy
        return not (self._hearing or self._people or self.seq or policy.kept or policy.lobby)

    def standing(self, session: Session, now: int) -> Standing:
        """What a session is with regard to this room."""
        inside = session in self._hearing or self.shows(session)
        return self.policy.standing(session, now, inside=inside)

    def allows(self, session: Session, act: Act, now: int) -> bool:
        """Whether a session may do this here."""
        return may(self.standing(session, now), self._ruled(act), self.policy.kind)

    def check(self, session: Session, act: Act, now: int) -> None:
        """Raise `Forbidden` if a session may not do this here."""
        act, standing = self._ruled(act), self.standing(session, now)
        if may(standing, act, self.policy.kind):
            return
        if standing is Standing.BANNED:
            raise self.banned(session, now)
        if act in _TALK and standing is Standing.MUTED:
            raise self._muted(session, now)
        if act is Act.SAY_MODERATED:
            raise Moderated(f"Only voices and operators talk in #{self.name}.")
        refusal = Forbidden if standing in (Standing.OUTSIDER, Standing.INVITED) else OperatorNeeded
        raise refusal(f"You may not do this in #{self.name}: {act.value}.")

    def banned(self, session: Session, now: int) -> BannedHere:
        """What tells somebody who is banned up to when, and why."""
        ban = self.policy.longest("ban", session, now)
        return BannedHere(f"You are banned from #{self.name}{_ending(ban)}.")

    def _muted(self, session: Session, now: int) -> Muted:
        mute = self.policy.longest("mute", session, now)
        return Muted(f"You are muted in #{self.name}{_ending(mute)}.")

    def check_talk(self, session: Session, now: int) -> None:
        """Raise `Forbidden` if a session that has found its way here may say nothing."""
        if not self.policy.external or self.hears(session):
            self.check(session, Act.SAY, now)
            return
        if self.policy.mute(session, now):
            raise self._muted(session, now)
        self.check(session, Act.SAY if self.policy.moderated else Act.SAY_OUTSIDE, now)

    def known_to(self, session: Session, now: int) -> bool:
        """Whether somebody may know that there is this room."""
        return not self.policy.secret or self.allows(session, Act.SEE_SECRET, now)

    def _ruled(self, act: Act) -> Act:
        """What an act comes to under the rules that the room has."""
        policy = self.policy
        if act is Act.SAY and policy.moderated:
            return Act.SAY_MODERATED
        if act is Act.SEE and policy.secret:
            return Act.SEE_SECRET
        if act is Act.TOPIC:
            return _TOPIC[policy.topic_rule]
        return act

    def hear(self, session: Session) -> None:
        """Let a session hear the room."""
        self._hearing[session] = None
        self._audience = None

    def deafen(self, session: Session) -> None:
        """Let a session hear the room no more, which it may stay visible in."""
        if session in self._hearing:
            del self._hearing[session]
            self._audience = None

    def hears(self, session: Session) -> bool:
        """Whether the session hears the room."""
        return session in self._hearing

    def show(self, session: Session) -> None:
        """Let everyone see a session's person in the room, under the nick of now."""
        if session.others:  # its address is that of a connection that is here
            session = next(filter(self.shows, session.connections), session)
        person = session.person_as(self._shown_role(session))
        if self._people.get(session.user) != person:
            self._people[session.user] = person
            self._people_list = None

    def show_role(self, session: Session) -> None:
        """Let everyone see what a session's person, which is seen in the room, is there now."""
        person, role = self._people[session.user], self._shown_role(session)
        if person.role != role:
            self._people[session.user] = replace(person, role=role)
            self._people_list = None

    def _shown_role(self, session: Session) -> RoleName | None:
        role = self.policy.roles.get(session.identity)
        return role.value if role is not None and role is not Standing.MEMBER else None

    def hide(self, session: Session) -> None:
        """Take a session's person out of what everyone sees."""
        del self._people[session.user]
        self._people_list = None

    def person(self, session: Session) -> Person:
        """How a session that is seen in the room is seen there."""
        return self._people[session.user]

    def shows(self, session: Session) -> bool:
        """Whether the session is seen in the room."""
        return self.name in session.rooms

    def has(self, session: Session) -> bool:
        """Whether the session is in the room: hears it, and is seen in it."""
        return self.hears(session) and self.shows(session)

    def shows_person(self, session: Session) -> bool:
        """Whether a session's person is seen in the room, by whichever of its connections."""
        return any(map(self.shows, session.everywhere))

    def remember(self, message: Message, author: str = "") -> None:
        """Take in a new message."""
        self.seq, self.at = message.seq, message.at
        self.authors[message.seq] = author
        self.recent.append(message)
        if len(self.recent) > self._keep:
            self._drop_oldest()

    def warm(
        self,
        messages: tuple[Message, ...],
        authors: tuple[str | None, ...] = (),
        *,
        floor: int,
        complete: bool,
    ) -> None:
        """Take in stored messages, and whose they are, that end where `recent` began, at `floor`.

        `complete` says that there are no older ones. If the room has moved on since the store was
        asked, there would be a hole, so nothing is taken in.
        """
        if floor != self.floor:
            return
        older = [
            self._amended.get(each.seq, each) for each in self.named(messages) if each.seq <= floor
        ]
        self.recent.extendleft(reversed(older))
        for message, author in zip(messages, authors, strict=False):
            if author is not None and message.seq <= floor:
                self.authors[message.seq] = author
        if older or complete:
            self.floor = 0 if complete else older[0].seq - 1

    def rename(self, name: str) -> None:
        """Let the room, and all messages in memory, go by another name."""
        self.name = name
        self.recent = deque(self.named(self.recent))
        self._amended = {each.seq: each for each in self.named(self._amended.values())}

    def named(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Messages of this room, which may have been read before it was renamed."""
        return tuple(
            each if each.room == self.name else replace(each, room=self.name) for each in messages
        )

    def forget(self, *, keep_messages: int | None, before_at: int | None) -> None:
        """Forget old messages as the store does, which never forgets the latest one."""
        while len(self.recent) > 1 and (
            (keep_messages is not None and len(self.recent) > keep_messages)
            or (before_at is not None and self.recent[0].at < before_at)
        ):
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self.floor = self.recent.popleft().seq
        self._amended.clear()
        self.authors.pop(self.floor, None)

    def find(self, seq: int) -> Message | None:
        """The message with this seq, if it is in memory."""
        return next((message for message in self.recent if message.seq == seq), None)

    def amend(self, message: Message) -> None:
        """Put a message in the place of what it was, here or where that is still to be read."""
        if message.seq <= self._without_ids and message.re is not None:
            message = replace(message, re=None)
        if message.seq <= self.floor:
            self._amended[message.seq] = message
        self.recent = deque(message if each.seq == message.seq else each for each in self.recent)

    def as_now(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Messages as they are, which may have been shown or read in another way."""
        self._forget_ids()
        now = self._amended | {message.seq: message for message in self.recent}
        return tuple(now.get(message.seq, message) for message in messages)

    def void(self, message: Message) -> None:
        """Forget a message that came to nothing."""
        self.voids.add(message.seq)
        if len(self.voids) > 2 * MOST_PENDING_VOIDS:
            self.voids = {seq for seq in self.voids if seq > self.seq - MOST_PENDING_VOIDS}
        self.recent = deque(each for each in self.recent if each.seq != message.seq)
        self.authors.pop(message.seq, None)

    def latest(self, count: int) -> tuple[Message, ...] | None:
        """The last `count` messages; None if they are not all in memory."""
        if len(self.recent) < count and self.floor:
            return None
        return self.known(count)

    def known(self, count: int) -> tuple[Message, ...]:
        """The last `count` messages, or as many of them as are in memory."""
        self._forget_ids()
        return tuple(self.recent)[-count:] if count else ()

    def after(self, seq: int) -> tuple[Message, ...] | None:
        """The messages with a greater seq; None if they are not all in memory."""
        if seq < self.floor:
            return None
        self._forget_ids()
        return tuple(message for message in self.recent if message.seq > seq)

    def _forget_ids(self) -> None:
        """The authors' own ids of messages are not for those who come later."""
        news = []
        while self.recent and self.recent[-1].seq > self._without_ids:
            news.append(self.recent.pop())
        self._without_ids = self.seq
        self.recent.extend(m if m.re is None else replace(m, re=None) for m in reversed(news))

    def skip(self, seq: int) -> None:
        """Give out no seq up to this one, which is told of somebody and came to nothing."""
        self.voids.update(range(max(self.seq, seq - MOST_PENDING_VOIDS) + 1, seq + 1))
        self.seq = self.floor = max(self.seq, seq)

    def last_kept(self, seq: int) -> int:
        """The seq, or the last one before it that is not void.

        A void seq is given out again after a restart, so nobody may go on from one.
        """
        while seq in self.voids:
            seq -= 1
        return seq

    def without_voids(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """The messages less those that came to nothing in the meantime."""
        return tuple(message for message in messages if message.seq not in self.voids)


def _ending(rule: BanKept | None) -> str:
    """Up to when a ban or mute is, and why, for the end of a sentence."""
    if rule is None:
        return ""
    return until(rule.until) + (f": {rule.reason}" if rule.reason else "")
