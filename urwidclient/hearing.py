"""Pure: what is said in rooms and conversations, and what becomes of it, as lines of theirs."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import events
from chatservice.domain.commands import Say
from chatservice.domain.errors import NotStored
from chatservice.domain.events import (
    Ack,
    Deleted,
    Edited,
    Failed,
    HistoryPage,
    Message,
    Private,
    Reaction,
    ReadUpTo,
)
from urwidclient.conversations import Conversations
from urwidclient.me import Me
from urwidclient.room import Changed, Room
from urwidclient.scrollback import Line, Reacted


class Hearing:
    """Puts it into `rooms`; what comes late for one that was closed is dropped."""

    def __init__(self, me: Me, rooms: dict[str, Room], conversations: Conversations) -> None:
        self._me = me
        self._rooms = rooms
        self._conversations = conversations

    def line(self, message: Message) -> Line:
        """The line of a message."""
        line = self._said(message)
        return replace(
            line,
            seq=message.seq,
            mention=not line.own and self._me.named_in(message.text),
            amended="deleted" if message.deleted else "edited" if message.edited_at else "",
            reactions=tuple(map(self._reacted, message.reactions)),
        )

    def message(self, message: Message) -> Changed:
        """Something is said in a room."""
        if (room := self._rooms.get(message.room)) is None:
            return Changed.NOTHING
        room.drop_pending((message,))
        return room.take(self.line(message))

    def private(self, private: Private) -> Changed:
        """Something is told to one person."""
        return self._conversations.take(private, self._said(private))

    def say(self, room: Room, say: Say, at: int) -> Changed:
        """Show an own message, in a room or a conversation, that is not acknowledged yet."""
        room.pending[say.id or ""] = Line(
            seq=room.seq,
            at=at,
            kind="action" if say.kind == "action" else "text",
            nick=self._me.nick or "",
            text=say.text,
            state="pending",
            own=True,
            reply_to=say.reply_to,
        )
        if not room.unread:
            room.marker = None
        return Changed.MESSAGES

    def ack(self, ack: Ack) -> Changed:
        """An own message is stored."""
        if ack.room.startswith("@"):
            return self._conversations.ack(ack)
        room = self._rooms.get(ack.room)
        line = room.pending.pop(ack.re, None) if room and ack.re is not None else None
        if room is None or line is None:
            return Changed.NOTHING
        if not room.back.has(ack.seq):
            # The nick is the one by now: /nick may have been on its way when this was said.
            room.back.add(replace(line.acknowledged(ack), nick=self._me.nick or ""))
        room.seq = max(room.seq, ack.seq)
        return Changed.MESSAGES

    def failed(self, failed: Failed) -> Changed | None:
        """What was refused, if that is about what was said or is to be loaded; else None."""
        if failed.re is None:
            return None
        for room in self._rooms.values():
            if room.asked and failed.re == room.asked[0]:
                room.give_up_page(for_now=failed.code == NotStored.code)
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
            return Changed.MESSAGES | Changed.STATUS | Changed.ROOMS
        if (room := self.find(page.room)) is None:
            return Changed.NOTHING
        room.drop_pending(page.messages)
        return room.take_missed(lines)

    def amended(self, event: Edited | Deleted) -> Changed:
        """A message has another text, or none any more."""
        by = event.nick if isinstance(event, Edited) else event.by
        if (room := self.find(event.room, by)) is None:
            return Changed.NOTHING
        if isinstance(event, Edited):
            room.back.change(event.seq, text=event.text, amended="edited")
        else:
            room.back.change(event.seq, text="", amended="deleted", reactions=())
        return Changed.MESSAGES

    def reacted(self, event: events.Reacted) -> Changed:
        """Somebody reacts to a message, or does so no more."""
        room = self.find(event.room, event.nick)
        line = None if room is None else room.back.find(event.id)
        if room is None or line is None:
            return Changed.NOTHING
        new = self._reacted(event)
        others = tuple(each for each in line.reactions if each[:2] != new[:2])
        room.back.change(line.seq, reactions=(*others, new) if event.active else others)
        return Changed.MESSAGES

    def read(self, event: ReadUpTo) -> Changed:
        """Some client of one's own account has read so far."""
        room = self.find(event.room)
        if room is None or event.at is None:
            return Changed.NOTHING
        room.read_up_to(event.at)
        return Changed.ROOMS | Changed.MESSAGES

    def find(self, wire_name: str, by: str | None = None) -> Room | None:
        """The room that the server calls this, if it is known.

        A conversation is `@` and the nick of whom somebody (`by`) tells something.
        """
        if not wire_name.startswith("@"):
            return self._rooms.get(wire_name)
        other = wire_name.removeprefix("@") if by in (None, self._me.nick) else by
        return self._conversations.find(other or "")

    def _said(self, event: Message | Private) -> Line:
        """What a message in a room and one to a person have in common."""
        return Line(
            seq=0,
            id=event.id,
            at=event.at,
            kind="action" if event.kind == "action" else "text",
            nick=event.nick,
            text=event.text,
            own=self._me.said(event),
            stored=True,
            remark=event.kind == "notice",
            reply_to=event.reply_to,
        )

    def _reacted(self, event: Reaction | events.Reacted) -> Reacted:
        return Reacted(event.reaction, event.account or event.user, self._me.said(event))
