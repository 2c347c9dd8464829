"""Pure: what is said in rooms and conversations, and what becomes of it, as lines of theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatservice.domain.commands import MessageKind
from chatservice.domain.events import (
    Ack,
    Deleted,
    Edited,
    Failed,
    HistoryPage,
    Message,
    Private,
)
from urwidclient.conversations import Conversations
from urwidclient.me import Me
from urwidclient.room import Changed, Room
from urwidclient.scrollback import Line


class Hearing:
    """Puts it into `rooms`; `place` makes one that is not known yet."""

    def __init__(
        self,
        me: Me,
        rooms: dict[str, Room],
        conversations: Conversations,
        place: Callable[[str], Room],
    ) -> None:
        self._me = me
        self._rooms = rooms
        self._conversations = conversations
        self._place = place

    def line(self, message: Message) -> Line:
        """The line of a message."""
        own = self._me.said(message)
        return Line(
            seq=message.seq,
            id=message.id,
            at=message.at,
            kind=message.kind,
            nick=message.nick,
            text=message.text,
            own=own,
            mention=not own and self._me.named_in(message.text),
            stored=True,
            amended="deleted" if message.deleted else "edited" if message.edited_at else "",
        )

    def message(self, message: Message) -> Changed:
        """Something is said in a room."""
        room = self._place(message.room)
        room.drop_pending((message,))
        return room.take(self.line(message))

    def private(self, private: Private) -> Changed:
        """Something is told to one person."""
        return self._conversations.take(private, own=self._me.said(private))

    def say(self, room: str, text: str, kind: MessageKind, id_: str, at: int) -> Changed:
        """Show an own message, in a room or a conversation, that is not acknowledged yet."""
        place = self._rooms[room]
        place.pending[id_] = Line(
            seq=place.seq,
            at=at,
            kind=kind,
            nick=self._me.nick or "",
            text=text,
            state="pending",
            own=True,
        )
        if not place.unread:
            place.marker = None
        return Changed.MESSAGES

    def ack(self, ack: Ack) -> Changed:
        """An own message is stored."""
        room = self._rooms.get(ack.room)
        line = room.pending.pop(ack.re, None) if room and ack.re is not None else None
        if room is None or line is None:
            return Changed.NOTHING
        if not room.back.has(ack.seq):
            sent = replace(line, seq=ack.seq, id=ack.id, at=ack.at, state="sent", stored=True)
            room.back.add(sent)
        room.seq = max(room.seq, ack.seq)
        return Changed.MESSAGES

    def failed(self, failed: Failed) -> Changed | None:
        """What was refused, if that is about what was said or is to be loaded; else None."""
        if failed.re is None:
            return None
        for room in self._rooms.values():
            if room.asked and failed.re == room.asked[0]:
                room.asked = None
                room.back.more_above = False
                return Changed.NOTHING
            if line := room.pending.pop(failed.re, None):
                failure = replace(line, seq=room.back.newest, state="failed", reason=failed.text)
                room.back.note(failure)
                return Changed.MESSAGES
        return None

    def page(self, page: HistoryPage) -> Changed:
        """History that was asked for, or what was said while one was away."""
        asking = (room for room in self._rooms.values() if room.asked and room.asked[0] == page.re)
        room = next(asking, None)
        lines = [self.line(message) for message in page.messages]
        if room is not None:
            room.drop_pending(page.messages)
            room.take_page(lines, page.more)
            return Changed.MESSAGES | Changed.STATUS
        room = self.find(page.room) or self._place(page.room)
        room.drop_pending(page.messages)
        return room.take_missed(lines)

    def amended(self, event: Edited | Deleted) -> Changed:
        """A message has another text, or none any more."""
        if (room := self.find(event.room)) is None:
            return Changed.NOTHING
        if isinstance(event, Edited):
            room.back.change(event.seq, text=event.text, amended="edited")
        else:
            room.back.change(event.seq, text="", amended="deleted")
        return Changed.MESSAGES

    def find(self, wire_name: str) -> Room | None:
        """The room, or the conversation (`@nick`), that the server calls this, if it is known."""
        if wire_name.startswith("@"):
            return self._conversations.find(wire_name[1:])
        return self._rooms.get(wire_name)
