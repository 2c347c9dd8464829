"""Where something was said: a room, or what is kept of what two people told each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatservice.domain.chatstate import ChatState
from chatservice.domain.errors import NoSuchMessage, NoSuchRoom, no_longer_in
from chatservice.domain.events import Message
from chatservice.domain.letters import Letters
from chatservice.domain.records import Page
from chatservice.domain.rooms import Room
from chatservice.domain.session import Session
from chatservice.domain.steps import Read, Step
from chatservice.domain.text import neutral

GoOn = Callable[[Message, str | None, int], list[Step]]
"""What happens with a message once it is at hand: (message, identity of its author, now)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A room as an event calls it (`@nick`, if it is two people's), for a session.

    Of two people's, the `others` hear what is there, too.
    """

    session: Session
    room: Room
    shown: str
    others: tuple[Session, ...] = ()

    @property
    def private(self) -> bool:
        """Whether it is two people's."""
        return self.shown.startswith("@")

    @property
    def audience(self) -> tuple[Session, ...]:
        """Who hears now what is there."""
        if self.private:
            return (*self.session.everywhere, *self.others)
        return self.room.audience_with(self.session)

    def check_talk(self, now: int) -> None:
        """Raise `Forbidden` if the session may say nothing there."""
        if not self.private:
            self.room.check_talk(self.session, now)

    def check(self) -> None:
        """Raise `NotInRoom` if the session hears the room no more, and is no operator either."""
        if not (self.private or self.session.operator or self.room.hears(self.session)):
            raise no_longer_in(self.room.name)

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return self.shown if self.private else f"#{self.shown}"

    def seq(self, seq: int | None, message_id: str | None) -> int | None:
        """The seq that is given, by itself or by the id of a message. Raises `NoSuchMessage`."""
        if message_id is None:
            return seq
        room_id, _, number = message_id.partition("-")
        if room_id != str(self.room.id) or not (number.isascii() and number.isdecimal()):
            raise NoSuchMessage(f"There is no message {neutral(message_id[:64])} in {self.title}.")
        return int(number[:16])


class Places:
    """Finds places, and messages there."""

    def __init__(self, state: ChatState, letters: Letters) -> None:
        self._rooms = state.rooms
        self._letters = letters

    def find(self, session: Session, name: str | None, *, outside: bool = False) -> Place:
        """The place of a name; with `outside` it can be a room that the session is not in.

        Raises `NotInRoom`, `NoSuchRoom`, `NoSuchPerson`.
        """
        if outside and name is not None and not name.startswith("@"):
            room = self._rooms.existing(name)
            return Place(session, room, room.name)
        if name is None or not name.startswith("@"):
            room = self._rooms.heard(session, name)
            return Place(session, room, room.name)
        party = self._letters.party(name.removeprefix("@"))
        between = self._letters.between(session, party)
        if between is None:
            raise NoSuchRoom(f"You have no kept conversation with {neutral(party.nick)}.")
        others = party.session.everywhere if party.session is not None else ()
        return Place(session, between, f"@{party.nick}", others)

    def audience(self, place: Place, seq: int) -> tuple[Session, ...]:
        """Who hears what becomes of a message: nobody from whom the room hides it."""
        room, audience = place.room, place.audience
        if room.policy.history == "all":
            return audience
        return tuple(each for each in audience if self._rooms.shown_after(each, room) < seq)

    def message(
        self, session: Session, place: Place, seq: int, go_on: GoOn, re: str | None, now: int
    ) -> list[Step]:
        """Go on with a message that is not deleted. Raises `NoSuchMessage`."""
        room = place.room
        if seq <= self._rooms.shown_after(session, room):
            raise _missing(place, seq)
        known = room.find(seq)
        if known is not None or not 0 < seq <= room.floor:
            return go_on(_there(place, seq, known), room.authors.get(seq), now)

        def resume(page: Page, now: int) -> list[Step]:
            place.check()
            if seq <= self._rooms.shown_after(session, room):
                raise _missing(place, seq)
            stored = {
                message.seq: (message, author)
                for message, author in zip(room.named(page.messages), page.authors, strict=True)
            }
            message, author = stored.get(seq, (None, None))
            return go_on(_there(place, seq, room.find(seq) or message), author, now)

        return [Read(session, self._rooms.window(room, 1, around=seq), resume, re)]


def _there(place: Place, seq: int, message: Message | None) -> Message:
    if message is None or message.deleted:
        raise _missing(place, seq)
    return message


def _missing(place: Place, seq: int) -> NoSuchMessage:
    return NoSuchMessage(f"There is no message {seq} in {place.title}.")
