"""Reading what was said before, and telling how far one has come."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import commands, events
from chatservice.domain.authority import Act
from chatservice.domain.chatstate import ChatState, Methods
from chatservice.domain.errors import BadInput, LimitReached, NoSuchPerson, NoSuchRoom, no_longer_in
from chatservice.domain.events import Conversation
from chatservice.domain.letters import Letters
from chatservice.domain.owners import account_key
from chatservice.domain.places import Place
from chatservice.domain.records import MarkKept, Page
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Read, Step
from chatservice.domain.text import clean_nick, neutral

_ONE_OF = (
    ("before", "before_id", "before_at"),
    ("after", "after_id", "after_at"),
    ("around", "around_id", "around_at"),
)
"""The bounds of which a request can have one each."""


class Reading:
    """The commands about what was said in one's rooms, and between oneself and others."""

    def __init__(self, state: ChatState, letters: Letters) -> None:
        self._rooms = state.rooms
        self._limits = state.limits
        self._letters = letters
        self.methods: Methods = {
            commands.History: self._history,
            commands.Conversations: self._conversations,
            commands.MarkRead: self._mark,
            commands.AskRead: self._ask,
        }

    def _history(self, session: Session, command: commands.History, _now: int) -> list[Step]:
        _check_bounds(command)
        most = self._limits.history_messages
        capped: list[Step] = []
        if command.limit > most:
            notice = events.Notice(text=f"At most {most} messages are shown at once.")
            capped = [Deliver.to(session, notice)]
        place = self._place(session, command.room)
        if isinstance(place, str):
            nothing = events.HistoryPage(room=place, messages=(), more=False, re=command.id)
            return [*capped, Deliver.to(session, nothing)]
        room = place.room
        window = self._rooms.window(
            room,
            min(command.limit, most),
            before=place.seq(command.before, command.before_id),
            after=place.seq(command.after, command.after_id),
            around=place.seq(command.around, command.around_id),
            before_at=command.before_at,
            after_at=command.after_at,
            around_at=command.around_at,
            newest=command.newest,
        )

        def reply(page: Page, now: int) -> list[Step]:
            if not place.private:
                if not room.hears(session):
                    raise no_longer_in(room.name)
                room.check(session, Act.READ, now)
            hidden = self._rooms.shown_after(session, room)
            name = place.shown if place.private else room.name
            shown = tuple(
                replace(message, room=name) if message.room != name else message
                for message in room.as_now(page.messages)
                if message.seq > hidden
            )
            more = page.more and len(shown) == len(page.messages)
            told = events.HistoryPage(room=name, messages=shown, more=more, re=command.id)
            return [Deliver.to(session, told)]

        return [*capped, Read(session, window, reply, command.id)]

    def _place(self, session: Session, name: str | None) -> Place | str:
        """Where to read; what is kept of a conversation may be nothing, which has but a name."""
        if name is None or not name.startswith("@"):
            room = self._rooms.heard(session, name)
            return Place(session, room, room.name)
        party = self._letters.party(name.removeprefix("@"))
        account, shown = party.account, f"@{party.nick}"
        if account is None or session.account is None:
            raise NoSuchRoom(f"You have no kept conversation with {neutral(name[1:33])}.")
        between = self._rooms.conversation_between(session.account, account.key)
        return shown if between is None else Place(session, between, shown)

    def _conversations(
        self, session: Session, command: commands.Conversations, _now: int
    ) -> list[Step]:
        after, before, backwards = command.after_at or 0, command.before_at, False
        if before is not None and after > before:
            after, before, backwards = before, after, True
        names = dict.fromkeys(name for each in session.everywhere for name in each.rooms)
        rooms = {self._rooms.existing(name): name for name in names}
        found = [
            Conversation(room=name, at=room.at)
            for room, name in (rooms | self._letters.kept_by(session)).items()
            if after < room.at
            and (before is None or room.at < before)
            and self._rooms.shown_after(session, room) < room.seq
        ]
        found.sort(key=lambda each: each.at)
        most = max(0, min(command.limit, self._limits.history_messages))
        found = found[max(0, len(found) - most) :] if backwards else found[:most]
        told = events.ConversationList(conversations=tuple(found), re=command.id)
        return [Deliver.to(session, told)]

    def _mark(self, session: Session, command: commands.MarkRead, now: int) -> list[Step]:
        shown, place = self._marked(session, command.room)
        at = max(0, min(command.at, now))
        marks = self._rooms.marks.of(session)
        was = marks.get(place)
        if was is not None and at <= was:
            told = events.ReadUpTo(room=shown, at=was, re=command.id)
            return [Deliver.to(session, told)]
        if was is None and len(marks) >= self._limits.read_marks:
            raise LimitReached(f"You have read {self._limits.read_marks} rooms and people already.")
        marks[place] = at
        told = events.ReadUpTo(room=shown, at=at, re=command.id)
        deliver = Deliver(session.everywhere, told, origin=session)
        if session.account is None:
            return [deliver]

        def undo() -> None:
            if was is None:
                marks.pop(place, None)
            else:
                marks[place] = was

        record = MarkKept(account=session.account, place=place, at=at)
        return [replace(deliver, record=record, undo=undo)]

    def _ask(self, session: Session, command: commands.AskRead, _now: int) -> list[Step]:
        shown, place = self._marked(session, command.room)
        at = self._rooms.marks.at(session, place)
        return [Deliver.to(session, events.ReadUpTo(room=shown, at=at, re=command.id))]

    def _marked(self, session: Session, name: str) -> tuple[str, str]:
        """A room, or a person (`@nick`), as an event calls it, and the place it is in marks."""
        if name.startswith("@"):
            nick = name.removeprefix("@")
            try:
                party = self._letters.party(nick)
            except NoSuchPerson:
                nick = clean_nick(nick, self._limits)
                return f"@{nick}", f"@{account_key(nick)}"
            account = party.account
            key = account.key if account is not None else account_key(party.nick)
            asked = account_key(nick) == account_key(party.nick)
            shown = clean_nick(nick, self._limits) if asked else party.nick
            return f"@{shown}", f"@{key}"
        room = self._rooms.heard(session, name, seen=True)
        return room.name, f"#{room.name}"


def _check_bounds(command: commands.History) -> None:
    given = [sum(getattr(command, name) is not None for name in names) for names in _ONE_OF]
    if max(given) > 1 or (given[2] and any(given[:2])):
        raise BadInput(
            'At most one of "before", "before_id" and "before_at" can be given, and one of those '
            'with "after", or one of those with "around" alone.'
        )
    if command.limit < 1:
        raise BadInput("A history request is for 1 message at least.")
