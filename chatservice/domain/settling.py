"""What is told later than it was put together, as things turned out in the meantime."""

from __future__ import annotations

from dataclasses import replace

from chatservice.domain import events
from chatservice.domain.directory import Directory
from chatservice.domain.events import Event, Message
from chatservice.domain.rooms import Room


class Settling(Directory):
    """All rooms, and what became of that which waited for the store."""

    def void(self, room_id: int, message: Message) -> None:
        """A message came to nothing."""
        self._by_id[room_id].void(message)

    def is_void(self, room_id: int, seq: int) -> bool:
        """Whether a message came to nothing."""
        return seq in self._by_id[room_id].voids

    def settle(self, event: Event) -> Event:
        """An event as it may be told now: without messages that came to nothing meanwhile."""
        if isinstance(event, events.Greeting) and self.lobby.voids:
            return replace(event, messages=self.lobby.without_voids(event.messages))
        if isinstance(event, events.Entered):
            room = self._rooms.get(event.room)
            if room is not None and room.voids:
                kept = room.without_voids(event.messages)
                return replace(event, seq=room.last_kept(event.seq), messages=kept)
        return event

    def put_right(self, event: Event) -> Event:
        """An event that is still to be told, after what it may show was taken back.

        Then nothing waits for the store any more, and whatever is now is kept.
        """
        if isinstance(event, events.Greeting):
            return replace(event, messages=self.lobby.as_now(event.messages))
        if isinstance(event, events.Rooms):
            rooms = {each.room: self._rooms.get(each.room) for each in event.rooms}
            infos = ((each, room.info) for each in event.rooms if (room := rooms[each.room]))
            shown = tuple(now for was, now in infos if was.secret or not now.secret)
            return replace(event, rooms=shown)
        if isinstance(event, events.WhoisReply):
            return self._whois_right(event)
        if not isinstance(event, _OfRoom):
            return event
        room = self._rooms.get(event.room or "")
        return event if room is None else _put_right(event, room)

    def _whois_right(self, event: events.WhoisReply) -> Event:
        """The same for what somebody is in rooms."""
        rooms = ((name, self._rooms.get(name)) for name in event.rooms)
        people = [(name, each) for name, room in rooms if room is not None for each in room.people]
        roles = {name: each.role for name, each in people if each.user == event.person.user}
        return replace(
            event,
            operator_in=tuple(name for name, role in roles.items() if role == "operator"),
            voice_in=tuple(name for name, role in roles.items() if role == "voice"),
        )


_OfRoom = (
    events.Entered
    | events.HistoryPage
    | events.Topic
    | events.Configured
    | events.People
    | events.PeopleFound
    | events.Joined
    | events.RoleGiven
)
"""What shows a topic, a rule, a role or a text of one room."""


def _put_right(event: _OfRoom, room: Room) -> Event:
    """The same for what is told of one room."""
    policy = room.policy
    if isinstance(event, events.HistoryPage):
        return replace(event, messages=room.as_now(event.messages))
    if isinstance(event, events.Topic):
        return replace(event, topic=policy.topic, set_by=policy.topic_by, set_at=policy.topic_at)
    if isinstance(event, events.Configured):
        return replace(event, **policy.configuration)
    roles = {person.user: person.role for person in room.people}
    if isinstance(event, events.RoleGiven):
        role = roles.get(event.user, event.role) or "member"
        if event.role == event.was:  # that nothing has changed
            return replace(event, role=role, was=role)
        # What somebody was made is not kept of who does not last, and so is not taken back.
        return event if event.by else replace(event, role=role)

    def as_now(person: events.Person) -> events.Person:
        return replace(person, role=roles.get(person.user, person.role))

    if isinstance(event, events.Joined):
        return replace(event, person=as_now(event.person))
    if isinstance(event, events.PeopleFound):
        found = tuple(replace(each, person=as_now(each.person)) for each in event.people)
        return replace(event, people=found)
    people = tuple(map(as_now, event.people))
    if isinstance(event, events.People):
        return replace(event, people=people)
    return replace(event, **policy.appearance, messages=room.as_now(event.messages), people=people)
